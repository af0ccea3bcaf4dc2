//! Events as log lines, each with the path of its resource.

use std::collections::HashMap;

use heatclient::heat::Event;

use crate::render::visible_line;

/// The maximum length of a path.
const MAX_DEPTH: usize = 64;

/// Formats events as log lines: `<time> <id> [<path>]: <status>  <reason>`.
///
/// Events show which resource created which nested stack. Paths use what earlier events have shown.
#[derive(Debug, Default)]
pub(crate) struct EventLog {
    /// By a stack's ID, or by the physical ID of a resource (for a nested stack, its ARN or its
    /// name): the ID of the outer stack, and the name of the resource in it.
    parents: HashMap<String, (String, String)>,
}

impl EventLog {
    /// The line for an event. It never contains a line feed. Pass the events in order.
    pub(crate) fn line(&mut self, event: &Event) -> String {
        let time = event.event_time.as_ref().map(ToString::to_string);
        let line = format!(
            "{} {} [{}]: {}  {}",
            time.unwrap_or_default().replace('T', " "),
            event.id,
            self.path(event),
            event.status,
            event.status_reason
        );
        visible_line(&line).into_owned()
    }

    fn path(&mut self, event: &Event) -> String {
        let name = &event.resource_name;
        let Some((_, stack)) = event.stack() else {
            return name.clone();
        };
        let of_stack = event.is_of_stack();
        let outer = (stack.clone(), name.clone());
        if of_stack {
            // An entry for the resource that created the stack is more precise. Keep it.
            self.parents.entry(stack.clone()).or_insert(outer);
        } else if let Some(id) = &event.physical_resource_id
            && event.status.to_string() == "CREATE_IN_PROGRESS"
        {
            self.parents.insert(id.clone(), outer);
        }
        let mut path = Vec::new();
        if !of_stack {
            path.push(name.as_str());
        }
        let mut inner = stack.as_str();
        while let Some((outer, name)) = self.parents.get(inner)
            && path.len() < MAX_DEPTH
        {
            // If this is the generated name of a nested stack, use the resource that created the stack.
            let (outer, name) = match self.parents.get(name) {
                Some((outer, name)) => (outer, name),
                None => (outer, name),
            };
            path.push(name);
            if outer == inner {
                break;
            }
            inner = outer;
        }
        path.reverse();
        path.join(".")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(name: &str, stack: &str, physical: &str, status: &str) -> Event {
        serde_json::from_value(json!({
            "id": "e1", "event_time": "2026-01-02T03:04:05Z", "resource_name": name,
            "resource_status": status, "resource_status_reason": "state changed",
            "physical_resource_id": physical,
            "links": [{"rel": "stack", "href": format!("http://h/v1/p/stacks/{stack}/{stack}-id")}],
        }))
        .unwrap()
    }

    #[test]
    fn paths_grow_with_what_events_tell() {
        let mut log = EventLog::default();
        let progress = "CREATE_IN_PROGRESS";
        for (name, stack, physical, path) in [
            ("early", "web", "", "early"),
            ("web", "web", "web-id", "web"),
            ("disk", "web", "d", "web.disk"),
            // Newer versions of Heat send the nested stack's ID, older ones its name.
            ("group", "web", "inner-id", "web.group"),
            ("inner", "inner", "inner-id", "web.group"),
            ("0", "inner", "deep", "web.group.0"),
            ("deep", "deep", "deep-id", "web.group.0"),
            ("leaf", "deep", "x", "web.group.0.leaf"),
            ("lost", "unknown", "y", "lost"),
        ] {
            assert_eq!(
                log.path(&event(name, stack, physical, progress)),
                path,
                "{name}"
            );
        }
    }

    #[test]
    fn cycles_of_links_end() {
        let mut log = EventLog::default();
        log.line(&event("a", "x", "y-id", "CREATE_IN_PROGRESS"));
        log.line(&event("b", "y", "x-id", "CREATE_IN_PROGRESS"));
        assert!(
            log.line(&event("c", "x", "z", "CREATE_COMPLETE"))
                .contains(".c]")
        );
    }

    #[test]
    fn an_event_is_one_line() {
        let mut event = event("a\nb", "web", "", "CREATE_FAILED");
        event.status_reason = "x\r\n2026-01-01 e2 [forged]: y\u{2028}\u{1b}[2J".to_owned();
        let line = EventLog::default().line(&event);
        assert_eq!(
            line,
            "2026-01-02 03:04:05Z e1 [a b]: CREATE_FAILED  \
             x\\u000d 2026-01-01 e2 [forged]: y\\u2028\\u001b[2J"
        );
    }

    #[test]
    fn lines_are_the_older_clients() {
        let line = EventLog::default().line(&event("web", "web", "web-id", "CREATE_COMPLETE"));
        assert_eq!(
            line,
            "2026-01-02 03:04:05Z e1 [web]: CREATE_COMPLETE  state changed"
        );
    }
}
