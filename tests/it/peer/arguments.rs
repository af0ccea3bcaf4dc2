//! The arguments of a recorded call.

use std::cell::RefCell;
use std::time::Duration;

use serde_json::{Map, Value};

/// The arguments of a recorded call. Those that are not read are [`unused`](Self::unused).
pub(super) struct Arguments(RefCell<Map<String, Value>>);

impl Arguments {
    pub(super) fn new(args: &Map<String, Value>) -> Self {
        Self(RefCell::new(args.clone()))
    }

    /// The names of the arguments that were not read.
    pub(super) fn unused(self) -> Vec<String> {
        self.0
            .into_inner()
            .into_iter()
            .map(|(name, _)| name)
            .collect()
    }

    pub(super) fn take(&self, name: &str) -> Option<Value> {
        self.0.borrow_mut().shift_remove(name)
    }

    /// A text that the call cannot do without.
    pub(super) fn text(&self, name: &str) -> String {
        self.text_opt(name).unwrap()
    }

    pub(super) fn text_opt(&self, name: &str) -> Option<String> {
        self.take(name)
            .map(|value| value.as_str().unwrap().to_owned())
    }

    pub(super) fn stack(&self) -> String {
        self.text("stack_id")
    }

    /// A flag, which is off if it is not there.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.flag_opt(name).unwrap_or(false)
    }

    pub(super) fn flag_opt(&self, name: &str) -> Option<bool> {
        self.take(name).map(|value| value.as_bool().unwrap())
    }

    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.take(name).map(|value| value.as_u64().unwrap())
    }

    pub(super) fn count(&self, name: &str) -> Option<usize> {
        self.number(name).map(|number| number.try_into().unwrap())
    }

    pub(super) fn minutes(&self, name: &str) -> Option<Duration> {
        self.number(name)
            .map(|minutes| Duration::from_secs(60 * minutes))
    }

    /// The texts of a list.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        self.take(name).map(texts).unwrap_or_default()
    }

    /// The parts of a text with commas; none of an empty text.
    pub(super) fn joined(&self, name: &str) -> Option<Vec<String>> {
        let parts = |text: String| {
            text.split(',')
                .filter(|part| !part.is_empty())
                .map(Into::into)
                .collect()
        };
        self.text_opt(name).map(parts)
    }

    pub(super) fn map(&self, name: &str) -> Option<Map<String, Value>> {
        match self.take(name)? {
            Value::Object(map) => Some(map),
            other => panic!("{name} is {other}"),
        }
    }

    /// The filters: each key with its values.
    pub(super) fn filters(&self) -> Vec<(String, String)> {
        let pairs = |(key, values): (String, Value)| {
            texts(values)
                .into_iter()
                .map(move |value| (key.clone(), value))
        };
        self.map("filters")
            .unwrap_or_default()
            .into_iter()
            .flat_map(pairs)
            .collect()
    }
}

/// A text, or the texts of a list.
fn texts(value: Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(values) => values.into_iter().flat_map(texts).collect(),
        other => panic!("{other} is no text"),
    }
}
