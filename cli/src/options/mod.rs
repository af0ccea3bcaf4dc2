//! Options shared by all or several commands.

mod auth;
mod change;
mod format;
pub(crate) mod global;
mod inputs;
pub(crate) mod number;
mod old;

pub(crate) use auth::AuthArgs;
pub(crate) use change::{ChangeArgs, apply};
pub(crate) use format::{
    EventFormat, JsonFormat, ListFormat, NoFormat, OutputFormat, RecordFormat, ResourceFormat,
    YamlFormat, width,
};
pub(crate) use global::GlobalArgs;
pub(crate) use inputs::{InputArgs, ReadingArgs, Source};
pub(crate) use old::{OldChangeArgs, OldInputArgs, OldMakeArgs, OldTemplateArgs};

use crate::exit::Failure;

/// Parses `key=value`.
pub(crate) fn key_value(text: &str) -> Result<(String, String), Malformed> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err(Malformed(text.to_owned())),
    }
}

/// The error of the Python tools for what is not `key=value`. It is no usage error: its exit code is 1.
#[derive(Debug, thiserror::Error)]
#[error("Malformed parameter({0}). Use the key=value format.")]
pub(crate) struct Malformed(String);

/// Returns the template, or a usage error with the message of the old tool. Clap cannot require it: the old spellings have
/// several options for it.
pub(crate) fn required(template: Option<&Source>) -> Result<&Source, Failure> {
    template.ok_or_else(|| {
        let why =
            "Need to specify exactly one of [--template-file, --template-url or --template-object]";
        Failure::Usage(why.to_owned())
    })
}
