//! Options that several commands share.

mod format;
pub(crate) mod number;

pub(crate) use format::{EventFormat, ListFormat, RecordFormat};

/// Reads `key=value`.
pub(crate) fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("expected key=value".to_owned()),
    }
}
