//! Answers in the style of the old `heat` tool: tables of text, sorted.

use std::io::{self, IsTerminal as _};

use heatclient::heat::SortDir;
use serde_json::Value;

use super::answer::{Document, Groups, Language, List, Record};
use super::formats::{self, Cell, ListTable, OutputOptions, ascii_json, json_text};
use super::openstack::table;
use crate::sort::{Nulls, sort_rows};

pub(super) fn options() -> OutputOptions {
    OutputOptions {
        labels: ["Property", "Value"],
        print_empty: true,
        terminal: io::stdout().is_terminal(),
        colour: super::is_coloured(),
        ..OutputOptions::default()
    }
}

/// Sorted by one column, then by all of them.
pub(super) fn list(list: List) -> ListTable {
    let mut table = texts(table(&list.old_columns, list.rows, &list.layouts));
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
        Language::AsciiJson => ascii_json(&content),
        Language::Yaml => heatclient::yaml::dump(&content),
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

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::super::{Layout, answer::Field};
    use super::*;

    fn object(value: &Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    fn rows(table: &ListTable) -> Vec<String> {
        let row = |row: &Vec<Cell>| {
            let texts: Vec<_> = row.iter().map(Cell::human_text).collect();
            texts.join(" ")
        };
        table.rows.iter().map(row).collect()
    }

    #[test]
    fn lists_are_sorted_by_a_column_and_then_by_all() {
        let objects = [
            json!({"id": 10, "name": "b", "time": "1"}),
            json!({"id": 9, "name": "b", "time": "1"}),
            json!({"id": 8, "time": "1"}),
            json!({"id": 7, "name": "a", "time": null}),
        ];
        for (order, expected) in [
            (None, ["10 b 1", "9 b 1", "8  1", "7 a None"]),
            (Some("name"), ["8  1", "7 a None", "10 b 1", "9 b 1"]),
            (Some("time"), ["10 b 1", "8  1", "9 b 1", "7 a None"]),
        ] {
            let table = list(List {
                columns: vec!["ID"],
                old_columns: vec!["id", "name", "time"],
                old_order: order,
                rows: objects.iter().map(object).collect(),
                layouts: Vec::new(),
            });
            assert_eq!(table.columns, ["id", "name", "time"]);
            assert_eq!(rows(&table), expected, "{order:?}");
        }
    }

    #[test]
    fn records_are_sorted_by_name_and_hold_what_is_for_this_style() {
        let mut record = Record::default();
        record.push("b", json!([1]), Layout::Plain);
        record.push("a", true, Layout::Plain);
        record.0.push(Field {
            name: "new".to_owned(),
            value: Value::Null,
            layout: Some(Layout::Plain),
            old_layout: None,
        });
        let expected = [("a", "True"), ("b", "[1]")];
        let expected = expected.map(|(name, text)| (name.to_owned(), Cell::from(text)));
        assert_eq!(super::record(record).0, expected);
    }

    #[test]
    fn groups_are_one_table() {
        let groups = Groups {
            title: "state",
            old_columns: &[("name", Layout::Plain), ("id", Layout::Json)],
            groups: vec![
                ("added", vec![json!({"name": "x", "id": {"a": 1}})]),
                ("deleted", vec![json!({"name": "y"}), json!("odd")]),
            ],
        };
        let table = super::groups(groups);
        assert_eq!(table.columns, ["state", "name", "id"]);
        let expected = [
            "added x {\n  \"a\": 1\n}",
            "deleted y null",
            "deleted None null",
        ];
        assert_eq!(rows(&table), expected);
    }

    #[test]
    fn documents_are_written_in_their_language() {
        for (old_language, text) in [
            (Language::Json, "{\n  \"b\": \"é\",\n  \"a\": 2\n}"),
            (
                Language::AsciiJson,
                "{\n  \"b\": \"\\u00e9\",\n  \"a\": 2\n}",
            ),
            (Language::Yaml, "a: 2\nb: é\n"),
        ] {
            let document = Document {
                content: object(&json!({"b": "é", "a": 2})),
                old_language,
            };
            assert_eq!(super::document(document), text);
        }
    }
}
