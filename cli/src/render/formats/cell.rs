//! A value with two forms: one for programs, one for people.

use std::borrow::Cow;

use serde_json::Value;

use super::json;

/// A value. Tables print the human form, all other formats the machine form.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Cell {
    pub(crate) machine: Value,
    /// The text in tables. Without it, tables print the machine form.
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

    /// Text unchanged, other scalars as the Python clients print them, nested data as JSON on one line.
    pub(super) fn machine_text(&self) -> Cow<'_, str> {
        match &self.machine {
            Value::Null => "None".into(),
            Value::Bool(true) => "True".into(),
            Value::Bool(false) => "False".into(),
            Value::Number(number) => json::number(number).into(),
            Value::String(text) => text.into(),
            nested => json::line(nested).into(),
        }
    }

    /// Whether tables align it to the right.
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
