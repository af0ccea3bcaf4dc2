//! Builds the error for a failed action, with the failed resources.

use std::collections::{HashMap, HashSet};

use tokio::time::sleep;

use super::outcome::{Outcome, ResourceFailure};
use super::{Watch, beginning};
use crate::error::{Error, ErrorKind, Result};
use crate::heat::model::{Event, Resource, Stack, Status};
use crate::heat::{Events, Resources};
use crate::service::{ErrorTolerance, Pace};

/// Heat's default for the maximum depth of nested stacks (`max_nested_stack_depth`).
const MAX_DEPTH: u32 = 5;

/// The maximum number of failed events whose resource types are requested.
const MAX_TYPES: usize = 10;

impl Watch {
    /// The error for an action that failed without a rollback.
    pub(super) async fn failed(&self, stack: &Stack) -> Error {
        let (_, failures) = self.failure_reasons(false).await;
        let reason = summary(&failures).unwrap_or_else(|| stack.status_reason.clone());
        self.error(&format!("{}: {reason}", stack.status), stack, failures)
    }

    /// The error for an action that was rolled back.
    pub(super) async fn rolled_back(&self, stack: &Stack) -> Error {
        let (cause, failures) = self.failure_reasons(true).await;
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

    /// The error for an action that another action superseded.
    pub(super) fn superseded(&self, stack: &Stack) -> Error {
        let (action, status) = (&self.action, &stack.status);
        let message = if self.begun {
            format!("{action} was superseded by another action: the stack is {status}")
        } else {
            format!("no {action} is in progress: the stack is {status}")
        };
        self.error(&message, stack, Vec::new())
    }

    fn error(&self, message: &str, stack: &Stack, mut failures: Vec<ResourceFailure>) -> Error {
        // Heat's reasons may contain text of other services.
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

    /// The stack's own reason, if its status does not contain it any more, and the failed
    /// resources.
    ///
    /// Empty if Heat does not answer: the failure itself is known.
    async fn failure_reasons(&self, rolled_back: bool) -> (Option<String>, Vec<ResourceFailure>) {
        let (mut tolerance, mut pace) = (ErrorTolerance::default(), Pace::growing());
        loop {
            // A rollback deletes or restores the resources, so only events show the failure.
            let reasons = if rolled_back {
                self.failed_events().await
            } else {
                self.failed_resources()
                    .await
                    .map(|failures| (None, failures))
            };
            match reasons {
                Ok(reasons) => return reasons,
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
            .nested_depth(MAX_DEPTH)
            .filter("status", Status::Failed.as_str())
            .await?;
        Ok(leaves(&resources))
    }

    /// The stack's own reason and the failed resources of the action's last run.
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
                // Later failures belong to the rollback.
                break;
            }
            let resource_type = if failures.len() < MAX_TYPES {
                events
                    .get(&self.stack, &event.resource_name, &event.id)
                    .await?
                    .resource_type
            } else {
                None
            };
            failures.push(failure_of_event(event, resource_type.unwrap_or_default()));
        }
        Ok((cause, failures))
    }
}

fn failure_of_event(event: Event, resource_type: String) -> ResourceFailure {
    ResourceFailure {
        path: event.resource_name,
        resource_type,
        physical_resource_id: event.physical_resource_id,
        status: event.status,
        reason: event.status_reason,
    }
}

/// The resources that failed by themselves, without those whose nested stack contains a failure.
fn leaves(failed: &[Resource]) -> Vec<ResourceFailure> {
    let nested: HashMap<String, &Resource> = failed
        .iter()
        .filter_map(|resource| Some((resource.nested_stack()?.1, resource)))
        .collect();
    let stacks_with_failures: HashSet<String> = failed
        .iter()
        .filter_map(|resource| Some(resource.stack()?.1))
        .collect();
    let is_leaf = |resource: &&Resource| {
        resource
            .nested_stack()
            .is_none_or(|(_, id)| !stacks_with_failures.contains(&id))
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

/// The names of the resources from the outermost stack to this one.
fn path(resource: &Resource, nested: &HashMap<String, &Resource>) -> String {
    let mut names = vec![resource.name.as_str()];
    let mut inner = resource;
    // Links from a server may be circular.
    while let Some(outer) = inner.stack().and_then(|(_, id)| nested.get(&id)) {
        if names.len() > MAX_DEPTH as usize {
            break;
        }
        names.push(&outer.name);
        inner = outer;
    }
    names.reverse();
    names.join(".")
}

/// The first failure and the number of others.
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
            // Failed by itself: its nested stack has no failure.
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
