//! Events as lines of a log, each with the way to its resource.

use std::collections::HashMap;

use heatclient::heat::Event;

use crate::render::visible_line;

/// How deep stacks can be nested in an answer that makes sense.
const DEEPEST: usize = 64;

/// Events as lines of a log: `<time> <id> [<path>]: <status>  <reason>`.
///
/// The path grows as events tell which resource made which nested stack.
#[derive(Debug, Default)]
pub(crate) struct EventLog {
    /// By a stack's id, or by the physical id of a resource (for a nested stack, its ARN or its
    /// name): the id of the stack around and the name of the resource there.
    parents: HashMap<String, (String, String)>,
}

impl EventLog {
    /// The line for an event, whatever line feeds the event holds. Events are to come in their order.
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
        let around = (stack.clone(), name.clone());
        if of_stack {
            // What is known of the resource that made the stack says more.
            self.parents.entry(stack.clone()).or_insert(around);
        } else if let Some(id) = &event.physical_resource_id
            && event.status.to_string() == "CREATE_IN_PROGRESS"
        {
            self.parents.insert(id.clone(), around);
        }
        let mut path = Vec::new();
        if !of_stack {
            path.push(name.as_str());
        }
        let mut inner = stack.as_str();
        while let Some((outer, name)) = self.parents.get(inner)
            && path.len() < DEEPEST
        {
            // A name made up for a nested stack leads to the resource that the stack is for.
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
            // Newer Heat tells the nested stack's id, older its name.
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
    fn links_that_go_round_come_to_an_end() {
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
