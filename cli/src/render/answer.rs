//! What a command found, as data: nothing here is laid out yet.

use serde_json::{Map, Value};

use super::Layout;

/// What a command found.
#[derive(Debug)]
pub(crate) enum Answer {
    /// The work is done, and there is nothing to show.
    Nothing,
    List(List),
    Record(Record),
    Document(Document),
    Groups(Groups),
    /// A value alone, which a script may want.
    Value(Value),
    /// The same as JSON.
    Json(Value),
    /// A text; a line feed is added.
    Text(String),
    /// Exactly these bytes, such as a script.
    Raw(Vec<u8>),
    /// What a check has found.
    Findings(Findings),
}

/// Many objects, and which of their values are shown.
#[derive(Debug)]
pub(crate) struct List {
    /// The names of the columns. A column shows the value whose key is its name in lower case, with `_` for spaces.
    pub(crate) columns: Vec<&'static str>,
    /// Those of the old style.
    pub(crate) old_columns: Vec<&'static str>,
    /// The column that the old style sorts by, if it does; the others count after it.
    pub(crate) old_order: Option<&'static str>,
    pub(crate) rows: Vec<Map<String, Value>>,
}

impl List {
    /// A list with the same columns in both styles.
    pub(crate) fn new(columns: &[&'static str], rows: Vec<Map<String, Value>>) -> Self {
        Self {
            columns: columns.to_vec(),
            old_columns: columns.to_vec(),
            old_order: None,
            rows,
        }
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

/// A value of an object, and how a table shows it in either style; a style without a layout leaves it out.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) value: Value,
    pub(crate) layout: Option<Layout>,
    pub(crate) old_layout: Option<Layout>,
}

impl Record {
    /// The values of an object in its order. `layouts` says of each key how the new and the old style show it.
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

    /// Adds a value that both styles show alike.
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

/// A document, such as a template. The old style prints it as such, the other as a record of its keys.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) content: Map<String, Value>,
    pub(crate) old_language: Language,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    Json,
    Yaml,
}

/// Objects in groups. The old style prints one table of all, the other a record of the groups.
#[derive(Debug)]
pub(crate) struct Groups {
    /// What the name of a group says of the objects.
    pub(crate) title: &'static str,
    /// What is shown of an object in the old style.
    pub(crate) old_columns: &'static [(&'static str, Layout)],
    pub(crate) groups: Vec<(&'static str, Vec<Value>)>,
}

/// What a check has found.
#[derive(Debug)]
pub(crate) struct Findings {
    pub(crate) report: Box<Answer>,
    /// What is said on stderr after the report.
    pub(crate) remark: Option<String>,
    /// Whether the tool is to end as after a failure.
    pub(crate) failed: bool,
}
