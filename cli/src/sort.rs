//! Sorts the rows of lists.

use std::cmp::Ordering;

use heatclient::heat::SortDir;
use serde_json::{Map, Value};

use crate::exit::Failure;

/// Where rows without a value go in ascending order. Descending order reverses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nulls {
    First,
    Last,
}

/// Parses `key[:direction]`. The key may be the title of the column.
pub(crate) fn sort_keys(specs: &[String]) -> Result<Vec<(String, SortDir)>, Failure> {
    let key = |spec: &String| {
        let (key, direction) = spec.split_once(':').unwrap_or((spec, "asc"));
        let direction = match direction.to_ascii_lowercase().as_str() {
            "asc" => SortDir::Asc,
            "desc" => SortDir::Desc,
            _ => {
                return Err(Failure::Message(format!(
                    "'{direction}' is not a valid sort direction for sort key {key}, use 'asc' or 'desc' instead"
                )));
            }
        };
        Ok((key.trim().to_lowercase().replace(' ', "_"), direction))
    };
    let given = specs.iter().filter(|spec| !spec.trim().is_empty());
    given.map(key).collect()
}

/// Returns an error for a key that no object has. Without objects every key is accepted, as in the Python tools.
pub(crate) fn check_keys<'a>(
    objects: impl Iterator<Item = &'a Map<String, Value>> + Clone,
    keys: &[(String, SortDir)],
) -> Result<(), Failure> {
    let Some(first) = objects.clone().next() else {
        return Ok(());
    };
    let is_unknown = |key: &str| !objects.clone().any(|object| object.contains_key(key));
    match keys.iter().find(|(key, _)| is_unknown(key)) {
        None => Ok(()),
        Some((key, _)) => {
            let known: Vec<&str> = first.keys().map(String::as_str).collect();
            Err(Failure::Message(format!(
                "Resource doesn't have field {key}; it has {}",
                known.join(", ")
            )))
        }
    }
}

/// Sorts by the keys, the most significant first. The sort is stable.
pub(crate) fn sort_rows<R, K>(
    rows: &mut [R],
    keys: &[(K, SortDir)],
    nulls: Nulls,
    value: impl for<'r> Fn(&'r R, &K) -> Option<&'r Value>,
) {
    if keys.is_empty() {
        return;
    }
    rows.sort_by(|a, b| {
        let by = |(key, direction): &(K, SortDir)| {
            let order = compare(value(a, key), value(b, key), nulls);
            match direction {
                SortDir::Asc => order,
                SortDir::Desc => order.reverse(),
            }
        };
        keys.iter()
            .map(by)
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    });
}

/// Compares values of one type by value, and different types by rank.
fn compare(a: Option<&Value>, b: Option<&Value>, nulls: Nulls) -> Ordering {
    let given = |value: Option<&'_ Value>| value.is_some_and(|value| !value.is_null());
    match (a, b) {
        (Some(a), Some(b)) if given(Some(a)) && given(Some(b)) => compare_given(a, b),
        _ => {
            let order = given(a).cmp(&given(b));
            match nulls {
                Nulls::First => order,
                Nulls::Last => order.reverse(),
            }
        }
    }
}

fn compare_given(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) => a
            .as_f64()
            .unwrap_or_default()
            .total_cmp(&b.as_f64().unwrap_or_default()),
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Array(a), Value::Array(b)) => {
            let mut orders = a.iter().zip(b).map(|(a, b)| compare_given(a, b));
            orders
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The names of rows `[name, value]` in their order by value, then by name as `keys` says.
    fn sorted(rows: &[Value], keys: &[(usize, SortDir)], nulls: Nulls) -> String {
        let mut rows = rows.to_vec();
        sort_rows(&mut rows, keys, nulls, |row, place| row.get(*place));
        let names = rows.iter().filter_map(|row| row.get(0)?.as_str());
        names.collect()
    }

    #[test]
    fn rows_are_sorted_by_all_keys_and_nulls_go_where_they_should() {
        use Nulls::{First, Last};
        use SortDir::{Asc, Desc};
        // The last row has no value at all.
        let rows = [
            json!(["b", "2026-01-02"]),
            json!(["a", null]),
            json!(["c", "2026-01-01"]),
            json!(["d"]),
        ];
        for (keys, nulls, expected) in [
            (&[(1, Asc)][..], First, "adcb"),
            (&[(1, Asc)], Last, "cbad"),
            (&[(1, Desc)], First, "bcad"),
            (&[(1, Desc)], Last, "adbc"),
            (&[(1, Desc), (0, Desc)], First, "bcda"),
            (&[(0, Asc)], First, "abcd"),
            (&[(7, Asc)], First, "bacd"),
            (&[], Last, "bacd"),
        ] {
            assert_eq!(sorted(&rows, keys, nulls), expected, "{keys:?} {nulls:?}");
        }
    }

    #[test]
    fn keys_are_read_as_columns_are_named() {
        use SortDir::{Asc, Desc};
        for (spec, key) in [
            ("stack_name", Some(("stack_name", Asc))),
            ("Updated Time:desc", Some(("updated_time", Desc))),
            ("id:DESC", Some(("id", Desc))),
            ("a:up", None),
        ] {
            let read = sort_keys(&[spec.to_owned()]);
            match key {
                Some((key, direction)) => assert_eq!(read.unwrap(), [(key.to_owned(), direction)]),
                None => assert_eq!(
                    read.unwrap_err().to_string(),
                    "'up' is not a valid sort direction for sort key a, use 'asc' or 'desc' instead"
                ),
            }
        }
    }

    #[test]
    fn a_key_that_no_object_has_is_an_error() {
        let object = |value: Value| value.as_object().cloned().unwrap();
        let objects = [object(json!({"a": 1})), object(json!({"a": 2, "b": null}))];
        let check = |objects: &[_], keys: &str| {
            let keys: Vec<_> = keys.split(' ').map(str::to_owned).collect();
            check_keys(objects.iter(), &sort_keys(&keys).unwrap())
                .map_err(|error| error.to_string())
        };
        assert_eq!(check(&objects, "a b:desc"), Ok(()));
        let error = "Resource doesn't have field c; it has a";
        assert_eq!(check(&objects, "a c:desc"), Err(error.to_owned()));
        assert_eq!(check(&[], "c"), Ok(()));
        assert_eq!(sort_keys(&[String::new()]).unwrap(), []);
    }

    #[test]
    fn kinds_do_not_mix() {
        let rows = [
            json!(["f", {"a": 1}]),
            json!(["e", [2, 1]]),
            json!(["d", [2]]),
            json!(["c", "a b"]),
            json!(["b", "a"]),
            json!(["9", 10]),
            json!(["8", 9.5]),
            json!(["1", true]),
            json!(["0", false]),
        ];
        let keys = [(1, SortDir::Asc)];
        assert_eq!(sorted(&rows, &keys, Nulls::First), "0189bcdef");
    }
}
