//! Hooks: resources that wait until a signal clears them.

use std::sync::MutexGuard;
use std::time::Duration;

use serde_json::{Map, Value};

use super::engine::add_event;
use super::error::{Refusal, Result};
use super::python;
use super::stack::{Action, State};
use crate::glob;

const TYPES: [&str; 6] = [
    "pre-create",
    "pre-update",
    "pre-delete",
    "post-create",
    "post-update",
    "post-delete",
];

pub(super) fn is_known(hook: &str) -> bool {
    TYPES.contains(&hook)
}

/// Merges the section `resources` of a registry into that of another one.
pub(super) fn register(known: &mut Map<String, Value>, added: &Map<String, Value>) -> Result<()> {
    for (name, added) in added {
        if name == "hooks" {
            check(added)?;
            known.insert(name.clone(), added.clone());
            continue;
        }
        match added {
            Value::Null => {
                known.remove(name);
            }
            Value::Object(added) => {
                let below = known
                    .entry(name.clone())
                    .or_insert_with(|| Map::new().into());
                if let Value::Object(below) = below {
                    register(below, added)?;
                }
            }
            _ => {
                return Err(Refusal::invalid(format!(
                    "The sandbox does not support the resource_registry entry \"resources\" with \"{name}\""
                )));
            }
        }
    }
    Ok(())
}

fn check(hooks: &Value) -> Result<()> {
    let is_valid = |hook: &Value| hook.as_str().is_some_and(is_known);
    let all_valid = match hooks {
        Value::Array(hooks) => hooks.iter().all(is_valid),
        other => is_valid(other),
    };
    if all_valid {
        return Ok(());
    }
    let shown = match hooks {
        Value::String(text) => text.clone(),
        other => repr(other),
    };
    let types = TYPES.map(|hook| format!("'{hook}'")).join(", ");
    let message = format!(
        "Invalid hook type \"{shown}\" for resource breakpoint, acceptable hook types are: ({types})"
    );
    Err(Refusal::bad("InvalidBreakPointHook", message))
}

/// `repr(value)`, also of lists and maps.
pub(super) fn repr(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(repr).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(map) => {
            let items = map
                .iter()
                .map(|(key, value)| format!("'{key}': {}", repr(value)));
            format!("{{{}}}", items.collect::<Vec<_>>().join(", "))
        }
        scalar => python::repr(scalar),
    }
}

/// The section `resources` for the nested stack of a resource.
pub(super) fn below(resources: &Map<String, Value>, resource: &str) -> Map<String, Value> {
    let matching = resources
        .iter()
        .filter(|(pattern, _)| glob::matches(pattern, resource));
    let exact = resources.get_key_value(resource);
    matching
        .chain(exact)
        .filter_map(|(_, entry)| entry.as_object())
        .flatten()
        .filter(|(name, _)| *name != "hooks")
        .map(|(name, entry)| (name.clone(), entry.clone()))
        .collect()
}

/// Whether the section `resources` sets a hook on a resource.
fn sets(resources: &Map<String, Value>, resource: &str, hook: &str) -> bool {
    resources
        .iter()
        .filter(|(pattern, _)| glob::matches(pattern, resource))
        .filter_map(|(_, entry)| entry.get("hooks"))
        .any(|hooks| match hooks {
            Value::Array(hooks) => hooks.iter().any(|one| one == hook),
            one => one == hook,
        })
}

/// Waits until a hook on a resource is cleared, if it has one. Also ends when another action takes over: then
/// `lock` returns `None`.
pub(super) async fn pause<'a>(
    lock: impl Fn() -> Option<MutexGuard<'a, State>>,
    position: usize,
    action: Action,
    hook: &'static str,
) {
    const PACE: Duration = Duration::from_millis(5);
    {
        let Some(mut state) = lock() else { return };
        let settings = std::sync::Arc::clone(&state.settings);
        let Some(resource) = state.resources.get_mut(position) else {
            return;
        };
        let hooks = settings.environment.hooks();
        if !hooks.is_some_and(|hooks| sets(hooks, &resource.name, hook)) {
            return;
        }
        resource.hooks.push(hook);
        let (own, status) = (resource.action, resource.status);
        let reason = format!("{} paused until Hook {hook} is cleared", action.name());
        add_event(&mut state, position, own, status, &reason);
    }
    let is_pending = || {
        lock().is_some_and(|state| {
            let resource = state.resources.get(position);
            resource.is_some_and(|resource| resource.hooks.contains(&hook))
        })
    };
    while is_pending() {
        tokio::time::sleep(PACE).await;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn registry(entries: &[Value]) -> Result<Map<String, Value>> {
        let mut known = Map::new();
        for entry in entries {
            register(&mut known, entry.as_object().unwrap())?;
        }
        Ok(known)
    }

    #[test]
    fn hooks_are_set_by_pattern_and_level() {
        let known = registry(&[
            json!({"a": {"hooks": "pre-create"}, "g*": {"1": {"hooks": ["post-create"]}}}),
            json!({"a": {"hooks": ["pre-update"]}, "group": {"*": {"hooks": "pre-delete"}}}),
        ])
        .unwrap();
        assert!(sets(&known, "a", "pre-update") && !sets(&known, "a", "pre-create"));
        let below = below(&known, "group");
        assert!(sets(&below, "1", "post-create") && sets(&below, "1", "pre-delete"));
        assert!(sets(&below, "2", "pre-delete") && !sets(&below, "2", "post-create"));
        assert!(super::below(&known, "a").is_empty());
    }

    #[test]
    fn unknown_hooks_are_refused_as_in_heat() {
        for (hooks, shown) in [
            (json!("nix"), "nix"),
            (json!(["pre-create", "nix"]), "['pre-create', 'nix']"),
            (json!({"a": 1}), "{'a': 1}"),
            (json!(5), "5"),
        ] {
            let error = registry(&[json!({"a": {"hooks": hooks}})]).unwrap_err();
            let message = error.into_message();
            assert!(
                message.starts_with(&format!(
                    "Invalid hook type \"{shown}\" for resource breakpoint"
                )),
                "{message}"
            );
        }
    }
}
