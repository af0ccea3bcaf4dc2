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
pub(crate) use format::{EventFormat, ListFormat, RecordFormat, ResourceFormat, width};
pub(crate) use global::GlobalArgs;
pub(crate) use inputs::{InputArgs, ReadingArgs, Source};
pub(crate) use old::{OldChangeArgs, OldInputArgs, OldMakeArgs, OldTemplateArgs};

use crate::exit::Failure;

/// Parses `key=value`.
pub(crate) fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("expected key=value".to_owned()),
    }
}

/// Returns the template, or a usage error. Clap cannot require it: the old spellings have several options for it.
pub(crate) fn required(template: Option<&Source>) -> Result<&Source, Failure> {
    template.ok_or_else(|| {
        let why = "no template given; use --template-file, --template-url or --template-object";
        Failure::Usage(why.to_owned())
    })
}
