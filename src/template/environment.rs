//! Environments: their sections, and the files that their registries refer to.

use super::draft::Draft;
use super::location::Base;
use super::role::{Need, REGISTRY, Role, SECTIONS};
use super::rules::{INVALID_REGISTRY, NOT_AN_ENVIRONMENT, UNKNOWN_SECTION, WRONG_SHAPE};
use crate::yaml::{Content, Mapping, Node};

/// Entries of a registry that are not types.
const NO_TYPES: [&str; 3] = ["hooks", "restricted_actions", "base_url"];

/// Checks the sections and resolves the references of the registry. Removes null sections.
pub(super) fn check(draft: &mut Draft<'_>, root: &mut Node) {
    if root.is_null() {
        root.content = Content::Mapping(Mapping::new());
    }
    let (kind, start) = (root.kind(), root.start);
    let Content::Mapping(sections) = &mut root.content else {
        let message = format!("the environment is {kind}; expected a mapping");
        return draft.add(&NOT_AN_ENVIRONMENT, start, message);
    };
    // A section with comments only is null. Heat would reject it.
    sections.retain(|name, section| !section.value.is_null() || !SECTIONS.contains(&name.as_str()));
    for (name, section) in sections.iter_mut() {
        let value = &mut section.value;
        let is_list = matches!(name.as_str(), "encrypted_param_names" | "event_sinks");
        let shape = match &value.content {
            Content::Mapping(_) => !is_list,
            Content::Sequence(_) => is_list,
            _ => false,
        };
        if !SECTIONS.contains(&name.as_str()) {
            let expected = SECTIONS.join(", ");
            let message = format!("wrong section {name:?}; expected one of {expected}");
            draft.add(&UNKNOWN_SECTION, section.key, message);
        } else if !shape {
            let expected = if is_list { "a list" } else { "a mapping" };
            let message = format!("`{name}` is {}; expected {expected}", value.kind());
            draft.add(&WRONG_SHAPE, value.start, message);
        } else if name == REGISTRY {
            registry(draft, value, &draft.base(), true);
        }
    }
}

/// Resolves the files that types are mapped to. A target with `::` is another type. Below `resources`, there are
/// mappings for single resources and for those in nested stacks, at any depth.
fn registry(draft: &mut Draft<'_>, node: &mut Node, base: &Base, is_top: bool) {
    let Content::Mapping(entries) = &mut node.content else {
        return;
    };
    let given = entries.get("base_url").map(|member| member.value.clone());
    let own = given.and_then(|given| base_url(draft, base, &given));
    let base = own.as_ref().unwrap_or(base);
    if is_top {
        entries.retain(|name, entry| name != "resources" || !entry.value.is_null());
    }
    for (name, member) in entries.iter_mut() {
        let value = &mut member.value;
        match &value.content {
            _ if NO_TYPES.contains(&name.as_str()) => {}
            Content::Mapping(_) if is_top && name != "resources" => {}
            other if is_top && name == "resources" && !matches!(other, Content::Mapping(_)) => {
                let message = format!("`resources` is {}; expected a mapping", value.kind());
                draft.add(&INVALID_REGISTRY, value.start, message);
            }
            Content::Mapping(_) => registry(draft, value, base, false),
            // Null removes a mapping.
            Content::Null => {}
            Content::Text(target) if is_type(target) => {}
            Content::Text(target) => {
                let to = base.join(target);
                let target = target.clone();
                if let Some(url) =
                    draft.refer(to, &target, value.start, Role::Nested, Need::Document)
                {
                    value.content = Content::Text(url);
                }
            }
            _ => {
                let message = format!("`{name}` is {}; expected a type or a file", value.kind());
                draft.add(&INVALID_REGISTRY, value.start, message);
            }
        }
    }
}

fn is_type(target: &str) -> bool {
    target.contains("::") && !target.contains("://")
}

fn base_url(draft: &mut Draft<'_>, base: &Base, given: &Node) -> Option<Base> {
    let Some(text) = given.as_text() else {
        let message = format!(
            "`base_url` is {}; expected a URL or a directory",
            given.kind()
        );
        draft.add(&INVALID_REGISTRY, given.start, message);
        return None;
    };
    let joined = base.join(text);
    match joined {
        Ok(directory) => Some(Base::Directory(directory.directory())),
        Err(why) => {
            draft.add(
                &INVALID_REGISTRY,
                given.start,
                format!("`base_url` cannot be used: {why}"),
            );
            None
        }
    }
}
