//! Table layouts of values, as in the Python clients.

use serde_json::Value;

use super::formats::{Cell, Measure, expand_tabs, json_cell, wrap};

/// The layout of a value in a table. Other formats print the value itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Unchanged; nested data as JSON on one line.
    Plain,
    /// JSON over several lines.
    Json,
    /// YAML as PyYAML writes it, with sorted keys.
    Yaml,
    /// One line a link: its URL and its relation.
    Links,
    /// One line an item.
    Lines,
    /// Two lines an endpoint of the service catalog: its region; its interface and URL.
    Endpoints,
    /// The items on one line, separated by commas.
    Commas,
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
            Self::Endpoints => endpoints(value),
            Self::Lines => joined(value, "\n"),
            Self::Commas => joined(value, ","),
            Self::Wrapped => wrapped(value),
        }
    }
}

fn json(value: Value) -> Cell {
    let text = json_cell(&value);
    Cell::with_human(value, text)
}

fn yaml(value: Value) -> Cell {
    let text = heatclient::yaml::dump(&value);
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

fn joined(value: Value, separator: &str) -> Cell {
    let items = value.as_array().into_iter().flatten();
    let items: Vec<&str> = items.filter_map(Value::as_str).collect();
    let text = items.join(separator);
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
    let text = value.as_str().unwrap_or_default();
    let text = expand_tabs(text).replace(['\n', '\r', '\u{b}', '\u{c}'], " ");
    let lines = wrap(&text, 55, Measure::Characters);
    Cell::with_human(value, lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

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
        let human = |layout: Layout, value| layout.cell(value).human.unwrap();
        assert_eq!(human(Layout::Lines, json!(["a", "b"])), "a\nb");
        assert_eq!(human(Layout::Lines, json!(null)), "");
        assert_eq!(human(Layout::Commas, json!(["a", "b"])), "a,b");
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
