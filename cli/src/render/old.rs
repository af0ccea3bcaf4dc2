//! Answers as the old `heat` tool shows them: tables of texts, in an order of its own.

use std::io::{self, IsTerminal as _};

use heatclient::heat::SortDir;
use serde_json::Value;

use super::answer::{Document, Groups, Language, List, Record};
use super::formats::{self, Cell, ListTable, OutputOptions, json_text};
use super::layout::sorted;
use super::openstack::table;
use crate::sort::{Nulls, sort_rows};

pub(super) fn options() -> OutputOptions {
    OutputOptions {
        labels: ["Property", "Value"],
        print_empty: true,
        terminal: io::stdout().is_terminal(),
        ..OutputOptions::default()
    }
}

/// Sorted by one column, then by all of them.
pub(super) fn list(list: List) -> ListTable {
    let mut table = texts(table(&list.old_columns, list.rows));
    let order = list.old_order;
    let order = order.and_then(|name| table.columns.iter().position(|column| column == name));
    if let Some(place) = order {
        let keys = std::iter::once(place).chain(0..table.columns.len());
        let keys: Vec<_> = keys.map(|place| (place, SortDir::Asc)).collect();
        sort_rows(&mut table.rows, &keys, Nulls::First, |row, place| {
            row.get(*place).map(|cell| &cell.machine)
        });
    }
    table
}

/// Sorted by name.
pub(super) fn record(record: Record) -> formats::Record {
    let fields = record.0.into_iter();
    let fields =
        fields.filter_map(|field| Some((field.name, text(&field.old_layout?.cell(field.value)))));
    let mut fields: Vec<_> = fields.collect();
    fields.sort_by(|(a, _), (b, _)| a.cmp(b));
    formats::Record(fields)
}

pub(super) fn document(document: Document) -> String {
    let content = Value::from(document.content);
    match document.old_language {
        Language::Json => json_text(&content),
        Language::Yaml => heatclient::yaml::to_string(&sorted(&content)),
    }
}

pub(super) fn groups(groups: Groups) -> ListTable {
    let mut rows = Vec::new();
    for (name, objects) in groups.groups {
        for mut object in objects {
            let values = groups.old_columns.iter().map(|(key, layout)| {
                let value = object.get_mut(key).map(Value::take);
                layout.cell(value.unwrap_or_default())
            });
            rows.push(std::iter::once(Cell::from(name)).chain(values).collect());
        }
    }
    let columns = groups.old_columns.iter().map(|(key, _)| (*key).into());
    texts(ListTable {
        columns: std::iter::once(groups.title.into())
            .chain(columns)
            .collect(),
        rows,
    })
}

fn texts(mut table: ListTable) -> ListTable {
    for cell in table.rows.iter_mut().flatten() {
        *cell = text(cell);
    }
    table
}

fn text(cell: &Cell) -> Cell {
    Cell::from(cell.human_text().into_owned())
}
