//! Checks whether a value has a parameter's type, as Heat does.

use serde::de::IgnoredAny;

use super::language::Kind;
use crate::yaml::{Content, Node};

/// The expected type, for a message; `None` if the value has it.
pub(super) fn misfit(kind: Kind, node: &Node) -> Option<&'static str> {
    let fits = match kind {
        Kind::String => true,
        Kind::Number => number(node).is_some(),
        Kind::Boolean => boolean(node).is_some(),
        Kind::List => matches!(node.content, Content::Text(_) | Content::Sequence(_)),
        Kind::Json => node.as_text().is_none_or(is_json),
    };
    let needed = match kind {
        Kind::String => "a string",
        Kind::Number => "a number",
        Kind::Boolean => "a boolean",
        Kind::List => "a list or a comma-separated string",
        Kind::Json => "a mapping, a list or a JSON string",
    };
    (!fits).then_some(needed)
}

/// The number to which Python converts it.
pub(super) fn number(node: &Node) -> Option<f64> {
    match &node.content {
        Content::Number(number) => number.parse().ok(),
        Content::Bool(value) => Some(f64::from(u8::from(*value))),
        Content::Text(text) => {
            let text = text.trim();
            // Underscores are allowed between digits.
            let mut before = ' ';
            let mut after = text.chars().skip(1).chain([' ']);
            for c in text.chars() {
                let next = after.next().unwrap_or(' ');
                if c == '_' && !(before.is_ascii_digit() && next.is_ascii_digit()) {
                    return None;
                }
                before = c;
            }
            text.replace('_', "").parse().ok()
        }
        _ => None,
    }
}

/// The boolean to which Heat converts it.
pub(super) fn boolean(node: &Node) -> Option<bool> {
    let text = match &node.content {
        Content::Bool(value) => return Some(*value),
        Content::Number(number) => number.to_string(),
        Content::Text(text) => text.trim().to_lowercase(),
        _ => return None,
    };
    match text.as_str() {
        "1" | "t" | "true" | "on" | "y" | "yes" => Some(true),
        "0" | "f" | "false" | "off" | "n" | "no" => Some(false),
        _ => None,
    }
}

/// The string to which Python converts it, unless it is a collection.
pub(super) fn text(node: &Node) -> Option<String> {
    Some(match &node.content {
        Content::Null => "None".to_owned(),
        Content::Bool(true) => "True".to_owned(),
        Content::Bool(false) => "False".to_owned(),
        Content::Number(number) => number.to_string(),
        Content::Text(text) => text.clone(),
        Content::Sequence(_) | Content::Mapping(_) => return None,
    })
}

/// Heat accepts an empty string, and Python accepts numbers that JSON does not have.
fn is_json(text: &str) -> bool {
    text.is_empty()
        || text.contains("NaN")
        || text.contains("Infinity")
        || serde_json::from_str::<IgnoredAny>(text).is_ok()
}
