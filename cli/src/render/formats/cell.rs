//! One value with its two renderings: for programs, and for people.

use std::borrow::Cow;

use serde_json::Value;

use super::json;

/// A value. JSON, YAML, CSV, plain values and shell variables show the machine's side, tables the human's.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Cell {
    pub(crate) machine: Value,
    /// What a table shows; without it, the machine's side as text.
    pub(crate) human: Option<String>,
}

impl Cell {
    pub(crate) fn with_human(machine: impl Into<Value>, human: impl Into<String>) -> Self {
        Self {
            machine: machine.into(),
            human: Some(human.into()),
        }
    }

    /// The text of a table's cell.
    pub(crate) fn human_text(&self) -> Cow<'_, str> {
        match &self.human {
            Some(text) => Cow::Borrowed(text),
            None => self.machine_text(),
        }
    }

    /// Text as it is, the others as the Python clients print them, and nested data as JSON on one line.
    pub(super) fn machine_text(&self) -> Cow<'_, str> {
        match &self.machine {
            Value::Null => "None".into(),
            Value::Bool(true) => "True".into(),
            Value::Bool(false) => "False".into(),
            Value::Number(number) => number.to_string().into(),
            Value::String(text) => text.into(),
            nested => json::line(nested).into(),
        }
    }

    /// Whether a table puts it to the right.
    pub(super) fn is_number(&self) -> bool {
        self.human.is_none() && self.machine.is_number()
    }
}

impl<T: Into<Value>> From<T> for Cell {
    fn from(machine: T) -> Self {
        Self {
            machine: machine.into(),
            human: None,
        }
    }
}
