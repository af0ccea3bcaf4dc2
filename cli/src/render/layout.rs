//! Table layouts of values, as in the Python clients.

use serde_json::Value;

use super::formats::{Cell, json_cell};

/// The layout of a value in a table. Other formats print the value itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Unchanged; nested data as JSON on one line.
    Plain,
    /// JSON over several lines.
    Json,
    /// YAML with sorted keys.
    Yaml,
    /// One line a link: its URL and its relation.
    Links,
    /// One line an item.
    Lines,
    /// Two lines an endpoint of the service catalog: its region; its interface and URL.
    Endpoints,
    /// Prose, in lines of at most 55 characters.
    Wrapped,
}

impl Layout {
    pub(super) fn cell(self, value: Value) -> Cell {
        match self {
            Self::Plain => Cell::from(value),
            Self::Json => json(value),
            Self::Yaml => yaml(value),
            Self::Links => links(value),
            Self::Lines => lines(value),
            Self::Endpoints => endpoints(value),
            Self::Wrapped => wrapped(value),
        }
    }
}

fn json(value: Value) -> Cell {
    let text = json_cell(&value);
    Cell::with_human(value, text)
}

fn yaml(value: Value) -> Cell {
    let text = heatclient::yaml::to_string(&sorted(&value));
    Cell::with_human(value, text)
}

fn links(value: Value) -> Cell {
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

fn lines(value: Value) -> Cell {
    let items = value.as_array().into_iter().flatten();
    let lines: Vec<&str> = items.filter_map(Value::as_str).collect();
    let text = lines.join("\n");
    Cell::with_human(value, text)
}

fn endpoints(value: Value) -> Cell {
    let text = |endpoint: &Value| {
        let part = |key| {
            endpoint
                .get(key)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let region = ["region_id", "region"].map(part);
        let region = region.into_iter().find(|region| !region.is_empty());
        let region = region.unwrap_or("<none>");
        format!("{region}\n  {}: {}\n", part("interface"), part("url"))
    };
    let text: String = value.as_array().into_iter().flatten().map(text).collect();
    Cell::with_human(value, text)
}

fn wrapped(value: Value) -> Cell {
    let text = wrap(value.as_str().unwrap_or_default(), 55);
    Cell::with_human(value, text)
}

/// Sorts all keys of a value.
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
        let cell = endpoints(json!([
            {"region": "R", "region_id": null, "interface": "public", "url": "http://h/a"},
            {"interface": "admin", "url": "http://h/b"},
        ]));
        assert_eq!(
            cell.human.unwrap(),
            "R\n  public: http://h/a\n<none>\n  admin: http://h/b\n"
        );
        assert_eq!(endpoints(json!([])).human.unwrap(), "");
    }
}
