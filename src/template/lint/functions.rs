//! The functions of the template formats: their versions and their arguments.

use std::fmt;
use std::ops::Range;

use super::versions::VERSIONS;
use crate::yaml::{Content, Node};

/// A function, or the form that it has in some versions.
#[derive(Debug)]
pub(super) struct Function {
    pub(super) name: &'static str,
    pub(super) arguments: Arguments,
    /// The versions of HOT that have it, as indexes.
    pub(super) hot: Range<usize>,
    /// Whether `AWSTemplateFormatVersion` has it, and `HeatTemplateFormatVersion`.
    pub(super) aws: bool,
    pub(super) heat: bool,
}

/// The form of a function's arguments. Heat rejects any other form before it checks values.
#[derive(Debug)]
pub(super) enum Arguments {
    Any,
    /// Any value but null.
    Something,
    /// Neither a list nor a mapping.
    Scalar,
    /// A list with this minimum and maximum of items.
    List(usize, usize),
    /// A mapping with all of the first keys. If there are second keys, only these are allowed in addition.
    Mapping(&'static [&'static str], Option<&'static [&'static str]>),
    /// One of these strings.
    OneOf(&'static [&'static str]),
}

use Arguments::{Any, List, Mapping, OneOf, Scalar, Something};

/// The index after the newest version.
const NOW: usize = VERSIONS.len();
const MANY: usize = usize::MAX;
const REPLACEMENT: Arguments = Mapping(&["template", "params"], None);
const FACADE: &[&str] = &["metadata", "deletion_policy", "update_policy"];
pub(super) const URL: &[&str] = &[
    "scheme", "username", "password", "host", "port", "path", "query", "fragment",
];

const fn hot(name: &'static str, hot: Range<usize>, arguments: Arguments) -> Function {
    let (aws, heat) = (false, false);
    Function {
        name,
        arguments,
        hot,
        aws,
        heat,
    }
}

/// A function of CFN. The first versions of HOT have some of them as well.
const fn cfn(name: &'static str, hot: Range<usize>, arguments: Arguments) -> Function {
    let (aws, heat) = (true, true);
    Function {
        name,
        arguments,
        hot,
        aws,
        heat,
    }
}

const fn aws(name: &'static str, arguments: Arguments) -> Function {
    let (hot, aws, heat) = (0..0, true, false);
    Function {
        name,
        arguments,
        hot,
        aws,
        heat,
    }
}

/// Functions that return values.
pub(super) const FUNCTIONS: &[Function] = &[
    hot("get_param", 0..NOW, Any),
    hot("get_resource", 0..NOW, Any),
    hot("get_attr", 0..3, List(2, MANY)),
    hot("get_attr", 3..NOW, List(1, MANY)),
    hot("get_file", 0..NOW, Any),
    hot("list_join", 0..3, List(2, 2)),
    hot("list_join", 3..NOW, List(2, MANY)),
    hot("str_replace", 0..NOW, REPLACEMENT),
    hot("resource_facade", 0..NOW, OneOf(FACADE)),
    hot("digest", 2..NOW, Any),
    hot("repeat", 2..NOW, Mapping(&["template", "for_each"], None)),
    hot("str_split", 3..NOW, Any),
    hot("map_merge", 4..NOW, Any),
    hot("map_replace", 5..NOW, Any),
    hot("yaql", 5..NOW, Mapping(&["expression"], Some(&["data"]))),
    hot("if", 5..10, List(3, 3)),
    hot("if", 10..NOW, List(2, 3)),
    hot("filter", 6..NOW, List(2, 2)),
    hot("str_replace_strict", 6..NOW, REPLACEMENT),
    hot("str_replace_vstrict", 7..NOW, REPLACEMENT),
    hot("make_url", 7..NOW, Mapping(&[], Some(URL))),
    hot("list_concat", 7..NOW, Any),
    hot("list_concat_unique", 7..NOW, Any),
    hot("contains", 7..NOW, List(2, 2)),
    cfn("Ref", 0..1, Scalar),
    cfn("Fn::Base64", 0..1, Any),
    cfn("Fn::FindInMap", 0..0, List(3, 3)),
    cfn("Fn::GetAZs", 0..1, Any),
    cfn("Fn::GetAtt", 0..0, List(2, 2)),
    cfn("Fn::Join", 0..1, List(2, 2)),
    cfn("Fn::MemberListToMap", 0..1, List(3, 3)),
    cfn("Fn::Replace", 0..1, List(2, 2)),
    cfn(
        "Fn::ResourceFacade",
        0..1,
        OneOf(&["Metadata", "DeletionPolicy", "UpdatePolicy"]),
    ),
    cfn("Fn::Select", 0..3, List(2, 2)),
    cfn("Fn::Split", 0..1, List(2, 2)),
    aws("Fn::If", List(3, 3)),
];

/// Functions of conditions.
pub(super) const CONDITIONS: &[Function] = &[
    hot("get_param", 5..NOW, Any),
    hot("equals", 5..NOW, List(2, 2)),
    hot("not", 5..NOW, Something),
    hot("and", 5..NOW, List(2, MANY)),
    hot("or", 5..NOW, List(2, MANY)),
    hot("yaql", 7..NOW, Mapping(&["expression"], Some(&["data"]))),
    hot("contains", 7..NOW, List(2, 2)),
    aws("Ref", Any),
    aws("Fn::Equals", List(2, 2)),
    aws("Fn::FindInMap", List(3, 3)),
    aws("Fn::Not", List(1, 1)),
    aws("Fn::And", List(2, MANY)),
    aws("Fn::Or", List(2, MANY)),
];

impl Arguments {
    pub(super) fn fit(&self, node: &Node) -> bool {
        match self {
            Any => true,
            Something => !node.is_null(),
            Scalar => !matches!(node.content, Content::Sequence(_) | Content::Mapping(_)),
            List(least, most) => node
                .as_sequence()
                .is_some_and(|items| (*least..=*most).contains(&items.len())),
            Mapping(needed, others) => node.as_mapping().is_some_and(|members| {
                let known = |key: &str| {
                    needed.contains(&key) || others.is_none_or(|others| others.contains(&key))
                };
                needed.iter().all(|key| members.contains_key(*key))
                    && members.keys().all(|key| known(key))
            }),
            OneOf(texts) => match &node.content {
                Content::Text(text) => texts.contains(&text.as_str()),
                _ => false,
            },
        }
    }
}

/// The expected form, for messages.
impl fmt::Display for Arguments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Any | Something => f.write_str("a value"),
            Scalar => f.write_str("a name"),
            List(least, most) if least == most => write!(f, "a list of {least} items"),
            List(least, MANY) => write!(f, "a list of {least} or more items"),
            List(least, most) => write!(f, "a list of {least} to {most} items"),
            Mapping([], others) => {
                let others = others.unwrap_or_default().join(", ");
                write!(f, "a mapping with only the keys {others}")
            }
            Mapping(needed, None) => write!(f, "a mapping with {}", needed.join(" and ")),
            Mapping(needed, Some(others)) => {
                let (needed, others) = (needed.join(" and "), others.join(", "));
                write!(f, "a mapping with {needed}, and optionally {others}")
            }
            OneOf(texts) => write!(f, "one of {}", texts.join(", ")),
        }
    }
}
