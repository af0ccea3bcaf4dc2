//! What functions make of values that are written out. Heat notices when it resolves the function.

use super::functions::FUNCTIONS;
use super::shape;
use crate::yaml::{Content, Mark, Node};

/// What is wrong with the arguments of a function, and where, although their form is right.
pub(super) fn fault(name: &str, value: &Node) -> Option<(Mark, String)> {
    let argument = format!("the argument of `{name}`");
    match name {
        "get_file" => text(&argument, value),
        "get_resource" => match value.content {
            Content::Text(_) | Content::Mapping(_) => None,
            _ => wrong(&argument, value, "the name of a resource"),
        },
        "list_join" | "Fn::Join" => join(name, value.as_sequence()?),
        "str_replace" | "str_replace_strict" | "str_replace_vstrict" => {
            let params = value.get("params")?;
            let template = value.get("template")?;
            let what = format!("`params` of `{name}`");
            mapping(&what, params).or_else(|| text(&format!("`template` of `{name}`"), template))
        }
        "repeat" => {
            let each = value.get("for_each")?;
            let is_call = |name: &str| FUNCTIONS.iter().any(|known| known.name == name);
            let is_call = shape::single(each).is_some_and(|(name, ..)| is_call(name));
            let lists = each.as_mapping().filter(|_| !is_call);
            let mut lists = lists.into_iter().flat_map(|lists| lists.values());
            let item = format!("an item of `for_each` of `{name}`");
            mapping(&format!("`for_each` of `{name}`"), each)
                .or_else(|| lists.find_map(|member| list(&item, &member.value)))
        }
        "map_merge" | "list_concat" | "list_concat_unique" => list(&argument, value),
        "str_split" => match value.content {
            Content::Text(_) => wrong(&argument, value, "a list of a delimiter and a text"),
            _ => None,
        },
        _ => None,
    }
}

fn join(name: &str, arguments: &[Node]) -> Option<(Mark, String)> {
    let (delimiter, lists) = arguments.split_first()?;
    let of = format!("the delimiter of `{name}`");
    text(&of, delimiter).or_else(|| {
        lists.iter().find_map(|node| {
            let of = format!("what `{name}` joins");
            let items = node.as_sequence().unwrap_or_default();
            let scalar =
                |item: &&Node| matches!(item.content, Content::Number(_) | Content::Bool(_));
            list(&of, node).or_else(|| {
                let item = items.iter().find(scalar)?;
                wrong(&format!("an item of `{name}`"), item, "a text in quotes")
            })
        })
    })
}

/// A text, or a function that may give one.
fn text(what: &str, node: &Node) -> Option<(Mark, String)> {
    match node.content {
        Content::Text(_) => None,
        Content::Mapping(_) if shape::single(node).is_some() => None,
        _ => wrong(what, node, "a text"),
    }
}

/// A list, a mapping, or nothing at all; a function may give one.
fn list(what: &str, node: &Node) -> Option<(Mark, String)> {
    match &node.content {
        Content::Text(text) if text.is_empty() => None,
        Content::Text(_) | Content::Number(_) | Content::Bool(_) => wrong(what, node, "a list"),
        _ => None,
    }
}

fn mapping(what: &str, node: &Node) -> Option<(Mark, String)> {
    match node.content {
        Content::Mapping(_) => None,
        _ => wrong(what, node, "a mapping"),
    }
}

fn wrong(what: &str, node: &Node, needed: &str) -> Option<(Mark, String)> {
    let kind = node.kind();
    Some((node.start, format!("{what} is {kind}; {needed} is needed")))
}
