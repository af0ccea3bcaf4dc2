//! Values as the Python clients show them in tables.

use serde_json::{Map, Value};

use crate::output::{Cell, Record, json_cell};

/// The value of a key as it is; an empty text when there is no such key.
pub(super) fn plain(raw: &Map<String, Value>, key: &str) -> Cell {
    Cell::from(raw.get(key).cloned().unwrap_or_else(|| "".into()))
}

/// JSON over several lines.
pub(super) fn json(value: Value) -> Cell {
    let text = json_cell(&value);
    Cell::with_human(value, text)
}

/// YAML, its keys in order.
pub(super) fn yaml(value: Value) -> Cell {
    let text = heatclient::yaml::to_string(&sorted(&value));
    Cell::with_human(value, text)
}

/// One line a link: its URL and what it leads to.
pub(super) fn links(value: Value) -> Cell {
    let text = |link: &Value| {
        let part = |key| link.get(key).and_then(Value::as_str).unwrap_or_default();
        match part("rel") {
            "" => part("href").to_owned(),
            rel => format!("{} ({rel})", part("href")),
        }
    };
    let lines: Vec<String> = value.as_array().into_iter().flatten().map(text).collect();
    Cell::with_human(value, lines.join("\n"))
}

/// One line an item.
pub(super) fn lines(value: Value) -> Cell {
    let items = value.as_array().into_iter().flatten();
    let lines: Vec<&str> = items.filter_map(Value::as_str).collect();
    let text = lines.join("\n");
    Cell::with_human(value, text)
}

/// Prose, in lines of at most 55 characters.
pub(super) fn wrapped(value: Value) -> Cell {
    let text = wrap(value.as_str().unwrap_or_default(), 55);
    Cell::with_human(value, text)
}

/// The keys of an object in the server's order, each as `cell` shows it.
pub(super) fn record(raw: Map<String, Value>, cell: impl Fn(&str, Value) -> Cell) -> Record {
    let fields = raw.into_iter().map(|(key, value)| {
        let cell = cell(&key, value);
        (key, cell)
    });
    Record(fields.collect())
}

/// The same value with all keys in order.
pub(super) fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            let entries = entries
                .into_iter()
                .map(|(key, value)| (key.clone(), sorted(value)));
            Value::Object(entries.collect())
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

fn wrap(text: &str, width: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        let mut rest: Vec<char> = word.chars().collect();
        if length > 0 && length + 1 + rest.len() <= width {
            line.push(' ');
            line.extend(&rest);
            length += 1 + rest.len();
            continue;
        }
        if length > 0 {
            lines.push(std::mem::take(&mut line));
        }
        while rest.len() > width {
            let tail = rest.split_off(width);
            lines.push(rest.iter().collect());
            rest = tail;
        }
        line.extend(&rest);
        length = rest.len();
    }
    if length > 0 {
        lines.push(line);
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn prose_is_wrapped_between_words() {
        for (text, expected) in [
            ("", ""),
            ("one two", "one two"),
            ("one  two three", "one two\nthree"),
            ("a b c d e", "a b c d\ne"),
            ("abcdefghijklmnopq", "abcdefg\nhijklmn\nopq"),
            ("x abcdefghi y", "x\nabcdefg\nhi y"),
        ] {
            assert_eq!(wrap(text, 7), expected, "{text}");
        }
    }

    #[test]
    fn values_have_two_sides() {
        let cell = links(json!([{"rel": "self", "href": "http://h/a"}, {"href": "http://h/b"}]));
        assert_eq!(cell.human.unwrap(), "http://h/a (self)\nhttp://h/b");
        assert_eq!(cell.machine[1]["href"], "http://h/b");
        assert_eq!(
            json(json!({"a": ["é", 1]})).human.unwrap(),
            "{\n  \"a\": [\n    \"é\", \n    1\n  ]\n}"
        );
        assert_eq!(yaml(json!({"b": 1, "a": 2})).human.unwrap(), "a: 2\nb: 1\n");
        assert_eq!(lines(json!(["a", "b"])).human.unwrap(), "a\nb");
        assert_eq!(lines(json!(null)).human.unwrap(), "");
    }
}
