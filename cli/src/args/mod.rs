//! The options that every command takes.

mod auth;
mod global;

pub(crate) use auth::AuthArgs;
pub(crate) use global::GlobalArgs;

use std::ffi::OsString;

use crate::options::number;

/// The word in a spelling that the definition knows. The old tool has one option of two letters after a single dash.
pub(crate) fn modern(word: OsString) -> OsString {
    match word.to_str().and_then(|word| word.strip_prefix("-Pf")) {
        Some("") => "--parameter-file".into(),
        Some(value) if value.starts_with('=') => format!("--parameter-file{value}").into(),
        _ => global::known(word),
    }
}
