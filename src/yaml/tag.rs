//! Applies the tags of nodes.

use std::borrow::Cow;

use granit_parser::{ScalarStyle, Tag as WrittenTag};

use super::collection::{Kind, Part};
use super::construct::construct;
use super::node::{Content, Mark, Node};
use super::resolve::{Tag, implicit};

/// The tag written before a node: none, the bare `!`, or one of YAML's own names.
#[derive(Debug)]
enum Written {
    Nothing,
    Bang,
    Name(String),
}

fn written(tag: Option<&WrittenTag>) -> Result<Written, String> {
    let Some(tag) = tag else {
        return Ok(Written::Nothing);
    };
    let full = tag.to_string();
    match full.strip_prefix("tag:yaml.org,2002:") {
        Some(name) => Ok(Written::Name(name.to_owned())),
        None if full == "!" => Ok(Written::Bang),
        None => Err(format!("unknown tag `{}`", tag.original())),
    }
}

/// The message for a tag that does not fit a node.
fn misplaced(name: &str, node: &str) -> String {
    const NAMES: [&str; 14] = [
        "binary",
        "bool",
        "float",
        "int",
        "map",
        "merge",
        "null",
        "omap",
        "pairs",
        "seq",
        "set",
        "str",
        "timestamp",
        "value",
    ];
    if NAMES.contains(&name) {
        format!("the tag `!!{name}` cannot be used for a {node}")
    } else {
        format!("unknown tag `!!{name}`")
    }
}

/// The scalar with this text, style and tag, at the place from `start` to `end`.
pub(super) fn scalar(
    text: Cow<'_, str>,
    style: ScalarStyle,
    tag: Option<&WrittenTag>,
    (start, end): (Mark, u32),
) -> Result<Part, String> {
    let tag = match written(tag)? {
        Written::Nothing if style != ScalarStyle::Plain => Tag::Str,
        // Like PyYAML: after the bare `!`, an empty scalar is text, and quoted text is resolved.
        Written::Bang if style == ScalarStyle::Plain && text.is_empty() => Tag::Str,
        Written::Nothing | Written::Bang => implicit(&text),
        Written::Name(name) => match name.as_str() {
            "binary" => Tag::Binary,
            "bool" => Tag::Bool,
            "float" => Tag::Float,
            "int" => Tag::Int,
            "merge" => Tag::Merge,
            "null" => Tag::Null,
            "str" => Tag::Str,
            "timestamp" => Tag::Timestamp,
            "value" => Tag::Value,
            name => return Err(misplaced(name, "scalar")),
        },
    };
    let node = |content| Node {
        content,
        start,
        end,
    };
    Ok(match tag {
        Tag::Merge => Part::Merge(node(Content::Text(text.into_owned()))),
        Tag::Value => Part::Equals(node(Content::Text(text.into_owned()))),
        tag => Part::Node(node(construct(tag, text)?)),
    })
}

pub(super) fn sequence(tag: Option<&WrittenTag>) -> Result<Kind, String> {
    match written(tag)? {
        Written::Name(name) if matches!(name.as_str(), "omap" | "pairs") => {
            Ok(Kind::Pairs(Vec::new()))
        }
        Written::Name(name) if name != "seq" => Err(misplaced(&name, "sequence")),
        _ => Ok(Kind::Sequence(Vec::new())),
    }
}

pub(super) fn mapping(tag: Option<&WrittenTag>) -> Result<Kind, String> {
    match written(tag)? {
        Written::Name(name) if name == "set" => Ok(Kind::set()),
        Written::Name(name) if name != "map" => Err(misplaced(&name, "mapping")),
        _ => Ok(Kind::mapping()),
    }
}
