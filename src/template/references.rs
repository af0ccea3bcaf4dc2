//! The references in a template: `get_file`, and types that are files.

use super::draft::Draft;
use super::role::{Need, Role};
use crate::yaml::{Content, Mapping, Node};

/// Finds the references and replaces them by absolute URLs.
pub(super) fn resolve(draft: &mut Draft<'_>, root: &mut Node) {
    walk(draft, root, Within::Top);
}

/// The position of a mapping, which decides what its `type` means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    /// The template itself.
    Top,
    /// Its section `resources`.
    Resources,
    /// The declaration of a resource, in the section or in a group of resources.
    Resource,
    Elsewhere,
}

fn walk(draft: &mut Draft<'_>, node: &mut Node, within: Within) {
    match &mut node.content {
        Content::Mapping(members) => {
            for (key, member) in members.iter_mut() {
                let within = match (within, key.as_str()) {
                    (Within::Top, "resources") => Within::Resources,
                    (Within::Resources, _) => Within::Resource,
                    (_, "resource_def" | "resource") => Within::Resource,
                    _ => Within::Elsewhere,
                };
                walk(draft, &mut member.value, within);
            }
            refer(draft, members, within);
        }
        Content::Sequence(items) => {
            for item in items {
                walk(draft, item, Within::Elsewhere);
            }
        }
        _ => {}
    }
}

fn refer(draft: &mut Draft<'_>, members: &mut Mapping, within: Within) {
    let is_resource = within == Within::Resource;
    for (key, role) in [("get_file", Role::File), ("type", Role::Nested)] {
        let Some(node) = members.get_mut(key).map(|member| &mut member.value) else {
            continue;
        };
        let Content::Text(reference) = &node.content else {
            continue;
        };
        if role == Role::Nested && !is_file_type(reference, is_resource) {
            continue;
        }
        let need = if role == Role::Nested && is_resource {
            Need::Template
        } else {
            Need::Nothing
        };
        let reference = reference.clone();
        let to = draft.base().join(&reference);
        if let Some(url) = draft.refer(to, &reference, node.start, role, need) {
            node.content = Content::Text(url);
        }
    }
}

/// Whether a `type` is a file. Heat does not support `.yml`, so only the type of a resource may end in it.
fn is_file_type(name: &str, is_resource: bool) -> bool {
    name.ends_with(".yaml")
        || name.ends_with(".template")
        || (is_resource && name.ends_with(".yml"))
}
