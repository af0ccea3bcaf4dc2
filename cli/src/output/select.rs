//! Which columns are shown, and in what order the rows come.

use std::cmp::Ordering;

use serde_json::Value;

use super::{Cell, OutputError};

/// Case does not count, and `_` stands for a space.
fn normalized(name: &str) -> String {
    name.trim().to_lowercase().replace(' ', "_")
}

/// For each name whether it was asked for. Names that do not exist are passed over, unless none exists.
pub(super) fn chosen(names: &[&str], asked: &[String]) -> Result<Vec<bool>, OutputError> {
    if asked.is_empty() {
        return Ok(vec![true; names.len()]);
    }
    let wanted: Vec<String> = asked.iter().map(|name| normalized(name)).collect();
    let keep: Vec<bool> = names
        .iter()
        .map(|name| wanted.contains(&normalized(name)))
        .collect();
    if keep.contains(&true) {
        Ok(keep)
    } else {
        Err(OutputError::UnknownColumns {
            asked: asked.join(", "),
            known: names.join(", "),
        })
    }
}

pub(super) fn kept<'a, T>(items: &'a [T], keep: &'a [bool]) -> impl Iterator<Item = &'a T> {
    items
        .iter()
        .zip(keep)
        .filter_map(|(item, keep)| keep.then_some(item))
}

/// The rows in the order of the columns given, the first of which has priority; the sort is stable.
pub(super) fn sorted<'a>(
    names: &[&str],
    rows: &'a [Vec<Cell>],
    columns: &[String],
    descending: bool,
) -> Vec<&'a Vec<Cell>> {
    let mut rows: Vec<&Vec<Cell>> = rows.iter().collect();
    let places = columns.iter().filter_map(|column| {
        let exact = names.iter().position(|name| name == column);
        exact.or_else(|| {
            names
                .iter()
                .position(|name| normalized(name) == normalized(column))
        })
    });
    let places: Vec<usize> = places.collect();
    if places.is_empty() {
        return rows;
    }
    rows.sort_by(|a, b| {
        let (a, b) = if descending { (b, a) } else { (a, b) };
        let by = |place: &usize| match (a.get(*place), b.get(*place)) {
            (Some(a), Some(b)) => compare(&a.machine, &b.machine),
            _ => Ordering::Equal,
        };
        places
            .iter()
            .map(by)
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    });
    rows
}

/// Values of one kind by their worth, kinds among each other by rank, null last.
fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) => a
            .as_f64()
            .unwrap_or_default()
            .total_cmp(&b.as_f64().unwrap_or_default()),
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Array(a), Value::Array(b)) => {
            let orders = a.iter().zip(b).map(|(a, b)| compare(a, b));
            orders
                .into_iter()
                .find(|order| order.is_ne())
                .unwrap_or_else(|| a.len().cmp(&b.len()))
        }
        _ => rank(a).cmp(&rank(b)),
    }
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Bool(_) => 0,
        Value::Number(_) => 1,
        Value::String(_) => 2,
        Value::Array(_) => 3,
        Value::Object(_) => 4,
        Value::Null => 5,
    }
}
