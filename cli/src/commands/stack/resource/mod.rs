//! Resources of stacks.

mod dot;
pub(crate) mod list;
pub(crate) mod mark;
pub(crate) mod metadata;
pub(crate) mod show;
pub(crate) mod signal;

use clap::builder::NonEmptyStringValueParser;

/// Selects a resource.
#[derive(Clone, Debug, clap::Args)]
struct Selected {
    /// Stack name or ID
    stack: String,
    /// Resource name
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    resource: String,
}

/// The message of the Python tools if the stack or the resource does not exist. They differ.
fn not_found_text(selected: &Selected, is_old: bool) -> String {
    let Selected { stack, resource } = selected;
    match is_old {
        true => format!("Stack or resource not found: {stack} {resource}"),
        false => format!("Stack {stack} or resource {resource} not found."),
    }
}
