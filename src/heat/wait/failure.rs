//! What to say of an action that came to nothing: the resources that are to blame.

use std::collections::{HashMap, HashSet};

use tokio::time::sleep;

use super::outcome::{Outcome, ResourceFailure};
use super::{Watch, beginning};
use crate::error::{Error, ErrorKind, Result};
use crate::heat::model::{Event, Resource, Stack, Status};
use crate::heat::{Events, Resources};
use crate::service::{ErrorTolerance, Pace};

/// Heat nests no deeper by default (`max_nested_stack_depth`).
const DEEPEST: u32 = 5;

/// Of so many failed resources the type is looked up, when only their events are left.
const NAMED: usize = 10;

impl Watch {
    /// The error of an action that failed and is not undone.
    pub(super) async fn failed(&self, stack: &Stack) -> Error {
        let (_, failures) = self.blame(false).await;
        let reason = summary(&failures).unwrap_or_else(|| stack.status_reason.clone());
        self.error(&format!("{}: {reason}", stack.status), stack, failures)
    }

    /// The error of an action that was undone.
    pub(super) async fn rolled_back(&self, stack: &Stack) -> Error {
        let (cause, failures) = self.blame(true).await;
        let what = match summary(&failures).or(cause) {
            Some(reason) => format!("{}_FAILED, then {}: {reason}", self.action, stack.status),
            None => format!("{} was cancelled, then {}", self.action, stack.status),
        };
        let message = match stack.status.status {
            Status::Failed => format!("{what}; the rollback failed: {}", stack.status_reason),
            _ => what,
        };
        self.error(&message, stack, failures)
    }

    /// The error of an action in whose place there is another one.
    pub(super) fn overtaken(&self, stack: &Stack) -> Error {
        let (action, status) = (&self.action, &stack.status);
        let message = if self.begun {
            format!("{action} was overtaken by another action: the stack is {status}")
        } else {
            format!("no {action} is under way: the stack is {status}")
        };
        self.error(&message, stack, Vec::new())
    }

    fn error(&self, message: &str, stack: &Stack, mut failures: Vec<ResourceFailure>) -> Error {
        // Reasons are texts of Heat and of other services.
        let mask = self.adapter.session().mask();
        for failure in &mut failures {
            failure.reason = mask.text(&failure.reason).into_owned();
        }
        let outcome = Outcome {
            status: Some(stack.status.clone()),
            failures,
        };
        Error::new(ErrorKind::StackFailed, mask.text(message))
            .with_source(outcome)
            .doing(format!("stack \"{}\"", self.stack))
    }

    /// The stack's own reason, if that is not in its status any more, and the resources that failed.
    ///
    /// Nothing when Heat cannot tell: the failure itself is known.
    async fn blame(&self, rolled_back: bool) -> (Option<String>, Vec<ResourceFailure>) {
        let (mut tolerance, mut pace) = (ErrorTolerance::default(), Pace::growing());
        loop {
            // After a rollback the resources are gone or as they were: events alone tell.
            let blame = if rolled_back {
                self.failed_events().await
            } else {
                self.failed_resources()
                    .await
                    .map(|failures| (None, failures))
            };
            match blame {
                Ok(blame) => return blame,
                Err(error) => match tolerance.tolerate(error) {
                    Ok(()) => sleep(pace.step()).await,
                    Err(_) => return (None, Vec::new()),
                },
            }
        }
    }

    async fn failed_resources(&self) -> Result<Vec<ResourceFailure>> {
        let resources = Resources::new(self.adapter.clone())
            .list(&self.stack)
            .nested_depth(DEEPEST)
            .filter("status", Status::Failed.as_str())
            .await?;
        Ok(leaves(&resources))
    }

    /// The stack's own reason and the resources that failed, of the action's last run.
    async fn failed_events(&self) -> Result<(Option<String>, Vec<ResourceFailure>)> {
        let events = Events::new(self.adapter.clone());
        let mut list = events
            .list(&self.stack)
            .filter("resource_status", Status::Failed.as_str());
        if let Some(start) = beginning(&self.adapter, &self.stack, &self.action).await? {
            list = list.marker(&start.id);
        }
        let (mut cause, mut failures) = (None, Vec::new());
        for event in list.await? {
            if event.is_of_stack() {
                if event.status.action == self.action {
                    cause = Some(event.status_reason);
                }
                // What fails from here on fails in the rollback.
                break;
            }
            let resource_type = if failures.len() < NAMED {
                events
                    .get(&self.stack, &event.resource_name, &event.id)
                    .await?
                    .resource_type
            } else {
                None
            };
            failures.push(of_event(event, resource_type.unwrap_or_default()));
        }
        Ok((cause, failures))
    }
}

fn of_event(event: Event, resource_type: String) -> ResourceFailure {
    ResourceFailure {
        path: event.resource_name,
        resource_type,
        physical_resource_id: event.physical_resource_id,
        status: event.status,
        reason: event.status_reason,
    }
}

/// The resources that failed by themselves, not for a resource in the stack that they stand for.
fn leaves(failed: &[Resource]) -> Vec<ResourceFailure> {
    let nested: HashMap<String, &Resource> = failed
        .iter()
        .filter_map(|resource| Some((resource.nested_stack()?.1, resource)))
        .collect();
    let to_blame: HashSet<String> = failed
        .iter()
        .filter_map(|resource| Some(resource.stack()?.1))
        .collect();
    let is_leaf = |resource: &&Resource| {
        resource
            .nested_stack()
            .is_none_or(|(_, id)| !to_blame.contains(&id))
    };
    failed
        .iter()
        .filter(is_leaf)
        .map(|resource| ResourceFailure {
            path: path(resource, &nested),
            resource_type: resource.resource_type.clone(),
            physical_resource_id: resource.physical_resource_id.clone(),
            status: resource.status.clone(),
            reason: resource.status_reason.clone(),
        })
        .collect()
}

/// The names on the way from the outermost stack to the resource.
fn path(resource: &Resource, nested: &HashMap<String, &Resource>) -> String {
    let mut names = vec![resource.name.as_str()];
    let mut inner = resource;
    // Foreign links could go round for ever.
    while let Some(outer) = inner.stack().and_then(|(_, id)| nested.get(&id)) {
        if names.len() > DEEPEST as usize {
            break;
        }
        names.push(&outer.name);
        inner = outer;
    }
    names.reverse();
    names.join(".")
}

/// The first failure, and how many more there are.
fn summary(failures: &[ResourceFailure]) -> Option<String> {
    let first = failures.first()?;
    Some(match failures.len() - 1 {
        0 => first.to_string(),
        more => format!("{first} (and {more} more)"),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn resource(name: &str, stack: &str, nested: Option<&str>) -> Resource {
        let href = |id: &str| format!("http://h/v1/p/stacks/s-{id}/{id}");
        let mut links = vec![json!({"rel": "stack", "href": href(stack)})];
        links.extend(nested.map(|id| json!({"rel": "nested", "href": href(id)})));
        serde_json::from_value(json!({
            "resource_name": name, "resource_type": "T", "resource_status": "CREATE_FAILED",
            "resource_status_reason": format!("{name} broke"), "links": links,
        }))
        .unwrap()
    }

    #[test]
    fn only_leaves_are_to_blame() {
        let failed = [
            resource("broken", "1", None),
            resource("group", "1", Some("2")),
            resource("0", "2", Some("3")),
            resource("disk", "3", None),
            // Failed by itself: nothing in its own stack did.
            resource("quota", "1", Some("9")),
        ];
        let failures = leaves(&failed);
        let paths: Vec<_> = failures
            .iter()
            .map(|failure| failure.path.as_str())
            .collect();
        assert_eq!(paths, ["broken", "group.0.disk", "quota"]);
        assert_eq!(
            summary(&failures).unwrap(),
            "resource broken (T): broken broke (and 2 more)"
        );
        assert_eq!(
            summary(&failures[..1]).unwrap(),
            "resource broken (T): broken broke"
        );
        assert_eq!(summary(&[]), None);
    }

    #[test]
    fn links_that_go_round_come_to_an_end() {
        let failed = [
            resource("a", "1", Some("2")),
            resource("b", "2", Some("1")),
            resource("c", "1", None),
        ];
        assert!(leaves(&failed)[0].path.ends_with('c'));
    }
}
