//! Finds pending hooks in events.

use std::collections::HashMap;

use indexmap::IndexMap;

use crate::heat::Hook;
use crate::heat::model::{Event, Resource};

/// The pending hooks of a list of events.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// The id of the outermost stack.
    pub(super) root: Option<String>,
    /// The id of the resource's stack, the hook and its event, oldest first.
    pub(super) hooks: Vec<(String, Hook, Event)>,
}

/// What an event says about hooks.
enum Report {
    Reached(Hook),
    Cleared(Hook),
    /// Heat stopped to wait.
    Failed,
}

impl Report {
    /// Reads the reason of an event, which `heat/engine/resource.py` writes.
    fn read(reason: &str) -> Option<Self> {
        if reason == "Failure occurred while waiting." {
            return Some(Self::Failed);
        }
        let reason = reason.strip_suffix(" is cleared")?;
        if let Some(name) = reason.strip_prefix("Hook ") {
            return Some(Self::Cleared(name.into()));
        }
        // `CREATE paused until Hook pre-create is cleared`
        let (_, name) = reason.split_once(" paused until Hook ")?;
        Some(Self::Reached(name.into()))
    }
}

/// The hooks that these events, oldest first, leave pending.
pub(super) fn pending(events: Vec<Event>) -> Pending {
    type OfStack = HashMap<String, IndexMap<Hook, (usize, Event)>>;
    let mut stacks: HashMap<String, OfStack> = HashMap::new();
    let mut root = None;
    for (position, event) in events.into_iter().enumerate() {
        let Some((_, stack)) = event.stack() else {
            continue;
        };
        if root.is_none() {
            root = Some(event.root_stack().unwrap_or_else(|| stack.clone()));
        }
        if event.is_of_stack() {
            // An action began or ended. Nothing waits at that time.
            stacks.remove(&stack);
            continue;
        }
        let Some(report) = Report::read(&event.status_reason) else {
            continue;
        };
        let resources = stacks.entry(stack).or_default();
        match report {
            Report::Reached(hook) => {
                let hooks = resources.entry(event.resource_name.clone()).or_default();
                hooks.insert(hook, (position, event));
            }
            Report::Cleared(hook) => {
                if let Some(hooks) = resources.get_mut(&event.resource_name) {
                    hooks.shift_remove(&hook);
                }
            }
            Report::Failed => {
                resources.remove(&event.resource_name);
            }
        }
    }
    let mut hooks = Vec::new();
    for (stack, resources) in stacks {
        for (hook, (position, event)) in resources.into_values().flatten() {
            hooks.push((position, (stack.clone(), hook, event)));
        }
    }
    hooks.sort_by_key(|(position, _)| *position);
    Pending {
        root,
        hooks: hooks.into_iter().map(|(_, hook)| hook).collect(),
    }
}

/// The resources that contain nested stacks.
#[derive(Debug)]
pub(super) struct Paths<'a> {
    /// By the id of the nested stack: the id of the stack around it, and the resource there.
    above: HashMap<String, (Option<String>, &'a str)>,
}

impl<'a> Paths<'a> {
    /// Reads a list of the resources of a stack and of its nested stacks.
    pub(super) fn new(resources: &'a [Resource]) -> Self {
        let above = resources.iter().filter_map(|resource| {
            let (_, nested) = resource.nested_stack()?;
            let around = resource.stack().map(|(_, id)| id);
            Some((nested, (around, &*resource.name)))
        });
        Self {
            above: above.collect(),
        }
    }

    /// The names of the resources around a nested stack, outermost first.
    pub(super) fn of(&self, stack: &str) -> Vec<String> {
        let mut path = Vec::new();
        let mut stack = stack;
        while let Some((around, name)) = self.above.get(stack) {
            path.push((*name).to_owned());
            // A list that contains itself must not hold us.
            let Some(around) = around.as_deref().filter(|_| path.len() <= self.above.len()) else {
                break;
            };
            stack = around;
        }
        path.reverse();
        path
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(stack: &str, resource: &str, physical: &str, reason: &str) -> Event {
        let link = |id: &str| format!("http://h/v1/p/stacks/name-{id}/{id}");
        serde_json::from_value(json!({
            "id": "e", "resource_name": resource, "resource_status": "INIT_COMPLETE",
            "physical_resource_id": physical, "resource_status_reason": reason,
            "links": [{"rel": "stack", "href": link(stack)}, {"rel": "root_stack", "href": link("1")}],
        }))
        .unwrap()
    }

    fn reached(stack: &str, resource: &str, hook: &str) -> Event {
        let reason = format!("CREATE paused until Hook {hook} is cleared");
        event(stack, resource, "", &reason)
    }

    fn cleared(stack: &str, resource: &str, hook: &str) -> Event {
        event(stack, resource, "", &format!("Hook {hook} is cleared"))
    }

    fn started(stack: &str) -> Event {
        let name = format!("name-{stack}");
        event(stack, &name, stack, "Stack UPDATE started")
    }

    fn found(events: Vec<Event>) -> Vec<String> {
        let hooks = pending(events).hooks.into_iter();
        hooks
            .map(|(stack, hook, event)| format!("{stack} {} {hook}", event.resource_name))
            .collect()
    }

    #[test]
    fn hooks_are_pending_until_they_are_cleared() {
        let events = vec![
            started("1"),
            reached("1", "b", "pre-create"),
            reached("1", "a", "pre-create"),
            event("1", "a", "", "state changed"),
            cleared("1", "b", "pre-create"),
            reached("1", "b", "post-create"),
            reached("1", "c", "post-new"),
            cleared("1", "c", "pre-create"),
        ];
        assert_eq!(
            found(events),
            ["1 a pre-create", "1 b post-create", "1 c post-new"]
        );
    }

    #[test]
    fn nothing_is_pending_before_and_after_an_action() {
        assert!(found(Vec::new()).is_empty());
        assert!(found(vec![started("1")]).is_empty());
        let old = || vec![started("1"), reached("1", "a", "pre-create")];
        assert_eq!(found(old()), ["1 a pre-create"]);
        let mut events = old();
        events.push(started("1"));
        assert!(found(events).is_empty());
        let mut events = old();
        events.push(event("1", "a", "", "Failure occurred while waiting."));
        assert!(found(events).is_empty());
        let mut events = old();
        let reason = "Resource CREATE failed: ValueError: resources.b: no";
        events.push(event("1", "name-1", "1", reason));
        assert!(found(events).is_empty());
    }

    #[test]
    fn each_stack_has_its_own_actions() {
        let events = vec![
            started("1"),
            started("2"),
            reached("2", "a", "pre-create"),
            reached("1", "a", "pre-create"),
            started("2"),
            reached("2", "b", "pre-create"),
        ];
        let pending = pending(events);
        assert_eq!(pending.root.as_deref(), Some("1"));
        assert_eq!(pending.hooks.len(), 2);
        assert_eq!(pending.hooks[0].0, "1");
        assert_eq!(pending.hooks[1].2.resource_name, "b");
    }

    #[test]
    fn paths_lead_from_the_outermost_stack() {
        let resource = |name: &str, stack: &str, nested: &str| -> Resource {
            serde_json::from_value(json!({
                "resource_name": name, "resource_status": "CREATE_COMPLETE",
                "links": [
                    {"rel": "stack", "href": format!("http://h/v1/p/stacks/n/{stack}")},
                    {"rel": "nested", "href": format!("http://h/v1/p/stacks/n/{nested}")},
                ],
            }))
            .unwrap()
        };
        let resources = [
            resource("0", "2", "3"),
            resource("group", "1", "2"),
            resource("x", "8", "9"),
            resource("y", "9", "8"),
        ];
        let paths = Paths::new(&resources);
        assert_eq!(paths.of("3"), ["group", "0"]);
        assert_eq!(paths.of("2"), ["group"]);
        assert!(paths.of("1").is_empty());
        assert!(paths.of("9").len() > 2);
    }
}
