//! The order of a list of stacks, as Heat's database sorts and pages.

use std::cmp::Ordering;
use std::sync::Arc;

use jiff::Timestamp;

use super::error::{Refusal, Result};
use super::request::Query;
use super::stack::Stack;

/// An order other than newest first.
pub(super) struct Order {
    keys: Vec<Key>,
    descending: bool,
}

#[derive(Clone, Copy)]
enum Key {
    Name,
    Status,
    Created,
    Updated,
    Id,
}

/// A value of the database. `None` is SQL's `NULL`, which sorts before all others.
type Column = Option<Cell>;

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Cell {
    Text(String),
    Time(Timestamp),
}

impl Order {
    /// The requested order; `None` for newest first.
    pub(super) fn read(query: &Query) -> Result<Option<Self>> {
        let direction = match query.get("sort_dir") {
            None => None,
            Some("desc") => Some(true),
            Some("asc") => Some(false),
            Some(_) => return Err(Refusal::hidden("ValueError")),
        };
        // Heat ignores unknown keys.
        let mut keys: Vec<_> = query
            .all("sort_keys")
            .filter_map(|key| match key {
                "stack_name" => Some(Key::Name),
                "stack_status" => Some(Key::Status),
                "creation_time" => Some(Key::Created),
                "updated_time" => Some(Key::Updated),
                _ => None,
            })
            .collect();
        let descending = direction.unwrap_or(keys.is_empty());
        if keys.is_empty() {
            if descending {
                return Ok(None);
            }
            keys.push(Key::Created);
        }
        keys.push(Key::Id);
        Ok(Some(Self { keys, descending }))
    }

    /// The first `most` stacks after the marker.
    pub(super) fn page(
        &self,
        stacks: Vec<Arc<Stack>>,
        marker: Option<&Stack>,
        most: usize,
    ) -> Vec<Arc<Stack>> {
        let marker = marker.map(|marker| self.row(marker));
        let rows = stacks.into_iter().map(|stack| (self.row(&stack), stack));
        let mut rows: Vec<_> = match &marker {
            Some(marker) => rows.filter(|(row, _)| self.is_after(row, marker)).collect(),
            None => rows.collect(),
        };
        rows.sort_by(|(one, _), (other, _)| self.directed(one.cmp(other)));
        rows.into_iter()
            .take(most)
            .map(|(_, stack)| stack)
            .collect()
    }

    fn directed(&self, order: Ordering) -> Ordering {
        match self.descending {
            true => order.reverse(),
            false => order,
        }
    }

    fn row(&self, stack: &Stack) -> Vec<Column> {
        let text = |text: &str| Some(Cell::Text(text.to_owned()));
        let columns = self.keys.iter().map(|key| match key {
            Key::Name => text(&stack.name),
            Key::Status => text(stack.lock().status.name()),
            Key::Created => Some(Cell::Time(stack.created)),
            Key::Updated => stack.lock().updated.map(Cell::Time),
            Key::Id => text(&stack.id),
        });
        columns.collect()
    }

    /// Whether a row is after the marker by the criteria of oslo.db: it ignores columns that are `NULL` in
    /// the marker, and a comparison with `NULL` is never true. So rows are lost at such a marker.
    fn is_after(&self, row: &[Column], marker: &[Column]) -> bool {
        let mut equal = true;
        for (own, wanted) in row.iter().zip(marker) {
            if wanted.is_none() {
                continue;
            }
            let after = own.is_some() && self.directed(own.cmp(wanted)) == Ordering::Greater;
            if equal && after {
                return true;
            }
            equal &= own == wanted;
        }
        false
    }
}
