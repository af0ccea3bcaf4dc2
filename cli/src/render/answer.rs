//! The answers of commands, as data that is not laid out yet.

use serde_json::{Map, Value};

use super::Layout;

/// The answer of a command.
#[derive(Debug)]
pub(crate) enum Answer {
    /// Nothing to print.
    Nothing,
    List(List),
    Record(Record),
    Document(Document),
    Groups(Groups),
    /// A single value, for scripts.
    Value(Value),
    /// A single value, as JSON.
    Json(Value),
    /// A text, to which a line feed is added.
    Text(String),
    /// Log lines of events. Their states are in colour on a terminal.
    Log(String),
    /// Exactly these bytes, such as a script.
    Raw(Vec<u8>),
    /// The findings of a check.
    Findings(Findings),
}

/// A list of objects, and the columns to show.
#[derive(Debug)]
pub(crate) struct List {
    /// The names of the columns. A column shows the value whose key is its name in lower case, with `_` for spaces.
    pub(crate) columns: Vec<&'static str>,
    /// The columns of the old style.
    pub(crate) old_columns: Vec<&'static str>,
    /// The column that the old style sorts by first, if it sorts.
    pub(crate) old_order: Option<&'static str>,
    pub(crate) rows: Vec<Map<String, Value>>,
    /// Columns whose values are not shown as they are in tables.
    pub(crate) layouts: Vec<(&'static str, Layout)>,
}

impl List {
    /// A list with the same columns in both styles.
    pub(crate) fn new(columns: &[&'static str], rows: Vec<Map<String, Value>>) -> Self {
        Self {
            columns: columns.to_vec(),
            old_columns: columns.to_vec(),
            old_order: None,
            rows,
            layouts: Vec::new(),
        }
    }

    pub(crate) fn layout(mut self, column: &'static str, layout: Layout) -> Self {
        self.layouts.push((column, layout));
        self
    }

    pub(crate) fn old_order(self, column: &'static str) -> Self {
        Self {
            old_order: Some(column),
            ..self
        }
    }
}

/// One object.
#[derive(Debug, Default)]
pub(crate) struct Record(pub(crate) Vec<Field>);

/// A field of a record, and its table layout in each style. A style without a layout omits the field.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) value: Value,
    pub(crate) layout: Option<Layout>,
    pub(crate) old_layout: Option<Layout>,
}

impl Record {
    /// The fields of an object in its order. `layouts` returns the layouts of a key in the new and the old style.
    pub(crate) fn of(object: Map<String, Value>, layouts: fn(&str) -> [Layout; 2]) -> Self {
        let field = |(name, value): (String, Value)| {
            let [layout, old_layout] = layouts(&name).map(Some);
            Field {
                name,
                value,
                layout,
                old_layout,
            }
        };
        Self(object.into_iter().map(field).collect())
    }

    /// Adds a field with the same layout in both styles.
    pub(crate) fn push(
        &mut self,
        name: impl Into<String>,
        value: impl Into<Value>,
        layout: Layout,
    ) {
        self.0.push(Field {
            name: name.into(),
            value: value.into(),
            layout: Some(layout),
            old_layout: Some(layout),
        });
    }
}

/// A document, such as a template. The old style prints the document, the new style a record of its keys.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) content: Map<String, Value>,
    pub(crate) old_language: Language,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    /// JSON with non-ASCII characters as they are.
    Json,
    /// JSON with non-ASCII characters escaped.
    AsciiJson,
    Yaml,
}

/// Groups of objects. The old style prints one table of all objects, the new style a record of the groups.
#[derive(Debug)]
pub(crate) struct Groups {
    /// The title of the column with the names of the groups.
    pub(crate) title: &'static str,
    /// The fields of an object that the old style shows.
    pub(crate) old_columns: &'static [(&'static str, Layout)],
    pub(crate) groups: Vec<(&'static str, Vec<Value>)>,
}

/// The findings of a check.
#[derive(Debug)]
pub(crate) struct Findings {
    pub(crate) report: Box<Answer>,
    /// A message for stderr after the report.
    pub(crate) remark: Option<String>,
    /// Whether the tool exits as after a failure.
    pub(crate) failed: bool,
}
