//! The failed resources of a stack, with the logs of failed software deployments.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::future::IntoFuture;
use std::time::Duration;

use tokio::time::timeout;

use crate::error::Result;
use crate::heat::model::{Action, Event, Resource, SoftwareDeployment, StackStatus, Status};
use crate::heat::poller::{MAX_DEPTH, Poller};
use crate::heat::{SoftwareDeployments, StackRef};
use crate::secret::Mask;
use crate::service::{Pace, ResponseFuture, Rounds};
use crate::session::Adapter;

/// The maximum number of failed events whose resource types are requested.
const MAX_TYPES: usize = 10;
/// The maximum number of deployments whose logs are requested.
const MAX_DEPLOYMENTS: usize = 10;
/// How long reasons for a known failure are requested, and then logs of deployments.
const MAX_TIME: Duration = Duration::from_secs(60);

/// A failed resource and the reason.
///
/// Displayed as `resource servers.0 (OS::Nova::Server): no valid host was found`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResourceFailure {
    /// The names of the resources from the stack down to this one: `servers.0`.
    pub path: String,
    /// The resource's type, such as `OS::Nova::Server`; empty if unknown.
    pub resource_type: String,
    /// The physical id, if the resource was created.
    pub physical_resource_id: Option<String>,
    /// Action and status: `CREATE_FAILED`.
    pub status: StackStatus,
    /// The resource's own reason.
    pub reason: String,
    /// The output of the software deployment, if the resource is one that ran.
    pub deployment: Option<DeploymentLog>,
}

/// What a failed software deployment wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeploymentLog {
    /// The id of the deployment.
    pub id: String,
    /// Its status.
    pub status: Status,
    /// The reason for the status.
    pub status_reason: String,
    /// Its standard output (`deploy_stdout`).
    pub stdout: Option<String>,
    /// Its standard error (`deploy_stderr`).
    pub stderr: Option<String>,
    /// Its exit status (`deploy_status_code`); 0 is success.
    pub status_code: Option<i64>,
}

impl fmt::Display for ResourceFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "resource {}", self.path)?;
        if !self.resource_type.is_empty() {
            write!(f, " ({})", self.resource_type)?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// The failed resources of a stack. Made by [`Stacks::failures`](super::Stacks::failures).
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct StackFailures {
    adapter: Adapter,
    stack: StackRef,
    deployment_logs: bool,
}

impl StackFailures {
    pub(super) fn new(adapter: Adapter, stack: StackRef) -> Self {
        Self {
            adapter,
            stack,
            deployment_logs: true,
        }
    }

    /// Whether to request the logs of failed software deployments, at most 10, with one request each;
    /// default: true. Logs that cannot be read are left out.
    pub fn deployment_logs(mut self, logs: bool) -> Self {
        self.deployment_logs = logs;
        self
    }

    async fn read(self) -> Result<Vec<ResourceFailure>> {
        let rounds = Rounds::new(Pace::growing());
        let poller = Poller::new(self.adapter, self.stack, rounds);
        if !poller.show(false).await?.status.is_failed() {
            return Ok(Vec::new());
        }
        let mut failures = failed_resources(&poller).await?;
        if self.deployment_logs {
            add_logs(&poller, &mut failures, false).await;
        }
        Ok(failures)
    }
}

impl IntoFuture for StackFailures {
    type Output = Result<Vec<ResourceFailure>>;
    type IntoFuture = ResponseFuture<Vec<ResourceFailure>>;

    fn into_future(self) -> Self::IntoFuture {
        ResponseFuture::new(async move {
            let doing = format!("list failures of stack \"{}\"", self.stack);
            let failures = self.read().await;
            failures.map_err(|error| error.doing_instead(doing))
        })
    }
}

/// The failed resources as they are now.
pub(super) async fn now(poller: &Poller) -> Result<Vec<ResourceFailure>> {
    let mut failures = failed_resources(poller).await?;
    add_logs(poller, &mut failures, false).await;
    Ok(failures)
}

/// The failed resources of a stack that failed. Empty if Heat does not answer: the failure itself is
/// known.
pub(super) async fn of_resources(poller: &Poller) -> Vec<ResourceFailure> {
    let mut failures = patiently(|| failed_resources(poller))
        .await
        .unwrap_or_default();
    add_logs(poller, &mut failures, false).await;
    failures
}

/// The stack's own reason and the failed resources of an action that was rolled back: a rollback deletes
/// or restores the resources, so only events show the failure. `None` if Heat does not answer.
pub(super) async fn of_events(
    poller: &Poller,
    action: &Action,
) -> Option<(Option<String>, Vec<ResourceFailure>)> {
    let (cause, mut failures) = patiently(|| failed_events(poller, action)).await?;
    // Another run of the deployment may have replaced the one that failed.
    add_logs(poller, &mut failures, true).await;
    Some((cause, failures))
}

/// Repeats a request after transient errors, for a limited time.
async fn patiently<T, F>(request: impl Fn() -> F) -> Option<T>
where
    F: Future<Output = Result<T>>,
{
    let mut rounds = Rounds::new(Pace::growing());
    rounds.tolerate_errors_for(MAX_TIME);
    let found = async {
        loop {
            rounds.pause().await;
            match rounds.heard(request().await) {
                Ok(None) => {}
                Ok(found) => return found,
                Err(error) => {
                    tracing::debug!(target: "heatclient::wait", %error, "cannot read the reasons of a failure");
                    return None;
                }
            }
        }
    };
    timeout(MAX_TIME, found).await.ok().flatten()
}

async fn failed_resources(poller: &Poller) -> Result<Vec<ResourceFailure>> {
    let mut failures = leaves(&poller.failed_resources().await?);
    let mask = poller.mask();
    for failure in &mut failures {
        failure.reason = mask.text(&failure.reason).into_owned();
    }
    Ok(failures)
}

async fn failed_events(
    poller: &Poller,
    action: &Action,
) -> Result<(Option<String>, Vec<ResourceFailure>)> {
    let start = poller.beginning(action).await?;
    let after = start.as_ref().map(|event| event.id.as_str());
    let mask = poller.mask();
    let (mut cause, mut failures) = (None, Vec::new());
    for mut event in poller.failed_events(after).await? {
        event.status_reason = mask.text(&event.status_reason).into_owned();
        if event.is_of_stack() {
            if event.status.action == *action {
                cause = Some(event.status_reason);
            }
            // Later failures belong to the rollback.
            break;
        }
        if let Some(path) = nested_path(&event) {
            failures.push(ResourceFailure {
                path,
                physical_resource_id: None,
                ..of_event(event, String::new())
            });
            continue;
        }
        let resource_type = match failures.len() < MAX_TYPES {
            true => poller.event(&event).await?.resource_type,
            false => None,
        };
        failures.push(of_event(event, resource_type.unwrap_or_default()));
    }
    Ok((cause, failures))
}

fn of_event(event: Event, resource_type: String) -> ResourceFailure {
    ResourceFailure {
        path: event.resource_name,
        resource_type,
        physical_resource_id: event.physical_resource_id,
        status: event.status,
        reason: event.status_reason,
        deployment: None,
    }
}

/// The path of the nested resource that made the event's resource fail, as Heat writes it into the
/// reason: `ValueError: resources.group.resources[0]: no host` is `group.0`.
fn nested_path(event: &Event) -> Option<String> {
    let name = &*event.resource_name;
    let number = name.bytes().all(|byte| byte.is_ascii_digit());
    let own = match number {
        true => format!("resources[{name}]"),
        false => format!("resources.{name}"),
    };
    let (_, rest) = event.status_reason.split_once(&own)?;
    let (rest, _) = rest.split_once(": ")?;
    if !rest.starts_with('.') || rest.contains(char::is_whitespace) {
        return None;
    }
    let mut path = vec![name];
    for part in rest.split(".resources").skip(1) {
        let part = part
            .split_once(".properties")
            .map_or(part, |(part, _)| part);
        path.push(part.trim_matches(['.', '[', ']']));
    }
    (path.len() > 1).then(|| path.join("."))
}

/// The resources that failed by themselves, without those whose nested stack contains a failure. Those of a nested stack
/// take the place of the resource that made it.
fn leaves(failed: &[Resource]) -> Vec<ResourceFailure> {
    let nested = nested(failed);
    let stacks_with_failures: HashSet<String> = failed
        .iter()
        .filter_map(|resource| Some(resource.stack()?.1))
        .collect();
    let is_leaf = |(_, resource): &(usize, &Resource)| {
        resource
            .nested_stack()
            .is_none_or(|(_, id)| !stacks_with_failures.contains(&id))
    };
    let leaves = failed.iter().enumerate().filter(is_leaf);
    let mut leaves: Vec<_> = leaves.map(|leaf| (chain(leaf, &nested), leaf.1)).collect();
    leaves.sort_by_cached_key(|(chain, _)| -> Vec<_> {
        chain.iter().map(|placed| placed.0).collect()
    });
    let leaves = leaves.into_iter().map(|(chain, resource)| ResourceFailure {
        path: path_of(&chain),
        resource_type: resource.resource_type.clone(),
        physical_resource_id: resource.physical_resource_id.clone(),
        status: resource.status.clone(),
        reason: resource.status_reason.clone(),
        deployment: None,
    });
    leaves.collect()
}

/// By the id of a nested stack: the resource that made it, with its place in the list.
type Nested<'a> = HashMap<String, (usize, &'a Resource)>;

/// The resources that made nested stacks.
pub(super) fn nested(resources: &[Resource]) -> Nested<'_> {
    resources
        .iter()
        .enumerate()
        .filter_map(|placed| Some((placed.1.nested_stack()?.1, placed)))
        .collect()
}

/// The names of the resources from the outermost stack to the last one of a chain.
fn path_of(chain: &[(usize, &Resource)]) -> String {
    let names: Vec<_> = chain.iter().map(|(_, resource)| &*resource.name).collect();
    names.join(".")
}

/// The names of the resources from the outermost stack to this one.
pub(super) fn path(resource: &Resource, nested: &Nested<'_>) -> String {
    path_of(&chain((0, resource), nested))
}

/// The resources from the outermost stack to this one.
fn chain<'a>(leaf: (usize, &'a Resource), nested: &Nested<'a>) -> Vec<(usize, &'a Resource)> {
    let mut chain = vec![leaf];
    let mut inner = leaf.1;
    // Links from a server may be circular.
    while let Some(outer) = inner.stack().and_then(|(_, id)| nested.get(&id)) {
        if chain.len() > MAX_DEPTH as usize {
            break;
        }
        chain.push(*outer);
        inner = outer.1;
    }
    chain.reverse();
    chain
}

/// The first failure and the number of others.
pub(super) fn summary(failures: &[ResourceFailure]) -> Option<String> {
    let first = failures.first()?;
    Some(match failures.len() - 1 {
        0 => first.to_string(),
        more => format!("{first} (and {more} more)"),
    })
}

/// Adds the logs of failed deployments, as far as Heat answers. `only_failed`: only of those that are
/// still in the status `FAILED`.
async fn add_logs(poller: &Poller, failures: &mut [ResourceFailure], only_failed: bool) {
    let deployments = failures.iter_mut().filter_map(|failure| {
        let is_deployment = matches!(
            &*failure.resource_type,
            "OS::Heat::SoftwareDeployment" | "OS::Heat::StructuredDeployment"
        );
        let id = failure.physical_resource_id.clone();
        Some((id.filter(|_| is_deployment)?, &mut failure.deployment))
    });
    let read_all = async {
        for (id, log) in deployments.take(MAX_DEPLOYMENTS) {
            match deployment_log(poller, &id).await {
                Ok(found) if only_failed && found.status != Status::Failed => {}
                Ok(found) => *log = Some(found),
                Err(error) if error.is_not_found() => {}
                Err(error) => {
                    tracing::debug!(target: "heatclient::wait", %error, "cannot read the logs of a deployment");
                    break;
                }
            }
        }
    };
    // Those that were read are kept.
    let _ = timeout(MAX_TIME, read_all).await;
}

async fn deployment_log(poller: &Poller, id: &str) -> Result<DeploymentLog> {
    let shown = SoftwareDeployments::new(poller.adapter().clone())
        .get(id)
        .await?;
    Ok(log_of(&shown, poller.mask()))
}

/// The log of a deployment, without secrets of the session.
pub(super) fn log_of(deployment: &SoftwareDeployment, mask: &Mask) -> DeploymentLog {
    let masked = |text: &str| mask.text(text).into_owned();
    let unknown = || Status::Other(String::new());
    DeploymentLog {
        id: deployment.id.clone(),
        status: deployment.status.clone().unwrap_or_else(unknown),
        status_reason: masked(&deployment.status_reason),
        stdout: deployment.stdout().map(masked),
        stderr: deployment.stderr().map(masked),
        status_code: deployment.status_code(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::heat::testing::{answer, fake};

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
            // Failed by itself: its nested stack has no failure.
            resource("quota", "1", Some("9")),
            resource("0", "2", Some("3")),
            resource("disk", "3", None),
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
    fn cycles_of_links_end() {
        let failed = [
            resource("a", "1", Some("2")),
            resource("b", "2", Some("1")),
            resource("c", "1", None),
        ];
        assert!(leaves(&failed)[0].path.ends_with('c'));
    }

    fn event(name: &str, reason: &str) -> Event {
        serde_json::from_value(json!({"id": "1", "resource_name": name,
            "resource_status": "CREATE_FAILED", "resource_status_reason": reason}))
        .unwrap()
    }

    #[test]
    fn the_reason_names_the_nested_resource() {
        for (name, reason, path) in [
            (
                "group",
                "ValueError: resources.group.resources[0]: no host",
                Some("group.0"),
            ),
            (
                "group",
                "E: resources.group.resources.a.resources[10]: x: y",
                Some("group.a.10"),
            ),
            (
                "3",
                "E: resources[3].resources.web.properties.image: none",
                Some("3.web"),
            ),
            ("web", "E: resources.web: no host", None),
            ("web", "E: resources.web.properties.image: none", None),
            ("web", "no host", None),
            ("", "", None),
        ] {
            let found = nested_path(&event(name, reason));
            assert_eq!(found.as_deref(), path, "{reason}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_logs_of_some_deployments_are_read() {
        let requests = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let heat = {
            let requests = std::sync::Arc::clone(&requests);
            fake(move |request| {
                let path = request.uri().path();
                if let Some((_, id)) = path.split_once("/software_deployments/") {
                    requests.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    return answer(
                        200,
                        &json!({"software_deployment": {
                            "id": id, "status": "FAILED", "status_reason": null,
                            "output_values": {"deploy_stdout": "out", "deploy_status_code": "1"},
                        }}),
                    );
                }
                if path.ends_with("/resources") {
                    let failed: Vec<_> = (0..15).map(|n| json!({
                        "resource_name": format!("r{n}"), "resource_status": "CREATE_FAILED",
                        "resource_type": "OS::Heat::StructuredDeployment",
                        "physical_resource_id": format!("d{n}"),
                    })).collect();
                    return answer(200, &json!({"resources": failed}));
                }
                answer(
                    200,
                    &json!({"stack": {"id": "1", "stack_name": "web", "stack_status": "CREATE_FAILED"}}),
                )
            })
        };
        let stacks = heat.stacks();
        let failures = stacks.failures("web/1").await.unwrap();
        assert_eq!(failures.len(), 15);
        let logs: Vec<_> = failures
            .iter()
            .filter_map(|f| f.deployment.as_ref())
            .collect();
        assert_eq!(logs.len(), MAX_DEPLOYMENTS);
        assert_eq!((logs[9].id.as_str(), logs[9].status_code), ("d9", Some(1)));
        assert_eq!(logs[9].stdout.as_deref(), Some("out"));
        let without = stacks
            .failures("web/1")
            .deployment_logs(false)
            .await
            .unwrap();
        assert!(without.iter().all(|failure| failure.deployment.is_none()));
        assert_eq!(
            requests.load(std::sync::atomic::Ordering::Relaxed),
            MAX_DEPLOYMENTS
        );
    }
}
