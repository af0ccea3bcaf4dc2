//! The ways in which a wait ends. Each row of a table and each test is one of them.
//!
//! By the status of the stack (`statuses.rs`, scripted answers of the sandbox, and `engine.rs`, its engine):
//!
//! - success and failure of CREATE, ADOPT, UPDATE, DELETE, SUSPEND, RESUME, CHECK, ROLLBACK, SNAPSHOT, RESTORE;
//!   failed, then rolled back (CREATE, UPDATE, RESTORE); failed, and the rollback failed, too; failed, but not rolled
//!   back although it should be; cancelled with and without a rollback
//! - no such action in progress; superseded before it began, after it began, by a delete, by an unknown action;
//!   a create superseded by an update
//! - deleted by id, deleted and purged (404), never existed, deleted or purged while another action was waited for,
//!   the name reused by a new stack (while waiting for a create and for a delete), `DELETE_COMPLETE` without a
//!   deletion time
//! - stale reads before the action, after it began, and of an older end; an unknown status
//! - no action in progress: complete, failed, another action follows, deleted, never existed
//!
//! By the answers to requests (`errors.rs`):
//!
//! - transient errors that pass: 500, 503, 429, 408, reset, closed, truncated, no answer, a 404 of a proxy, a 404 about
//!   a row of the database, a 404 for a new stack; those that last too long, also with other limits
//! - 400, 403, 404 of the router, 501, a malformed answer, a page of HTML
//! - a revoked token, tokens that expire, a token that is refused again and again, a refused login, Keystone down for a
//!   while, Keystone unreachable for too long
//! - the deadline: before the first answer, in the action, in a request that hangs, while Heat does not answer, while
//!   the reasons of a known failure are requested
//! - the caller drops the wait; its callback panics
//!
//! Snapshots and deployments (`objects.rs`): complete, failed, deleted, deadline, errors, never existed.

mod engine;
mod errors;
mod objects;
mod progress;
mod statuses;

use std::time::Duration;

use heatclient::heat::{Action, NewStack, Stack, StackRef, Wait};
use heatclient::sandbox::{Fault, Sandbox};
use heatclient::{Client, Error};
use heatclient_test_support::client;
use heatclient_test_support::time::Clock;
use http::Method;
use serde_json::{Value, json};

const SECOND: Duration = Duration::from_secs(1);
const JSON: [(&str, &str); 2] = [
    ("content-type", "application/json"),
    ("x-openstack-request-id", "req-1"),
];

/// A sandbox with the stack `web`, on a clock that only the test advances.
struct Stage {
    sandbox: Sandbox,
    heat: Client,
    clock: Clock,
    web: StackRef,
    id: String,
}

impl Stage {
    async fn with_stopped_clock() -> Self {
        let clock = Clock::stop();
        let sandbox = clock.still(Sandbox::start()).await.unwrap();
        let heat = client(&sandbox);
        let mut stage = Self {
            sandbox,
            heat,
            clock,
            web: StackRef::from("web"),
            id: String::new(),
        };
        stage.create("web", json!({})).await;
        stage.end(stage.wait(Action::Create)).await.unwrap();
        let shown = stage.heat.stacks().get("web");
        let shown = stage.clock.still(shown).await.unwrap();
        stage.id = shown.id.clone();
        stage.web = StackRef::from(&shown);
        stage
    }

    /// Creates a stack of one `OS::Heat::TestResource`.
    async fn create(&self, name: &str, properties: Value) -> StackRef {
        let new = NewStack::new(name, test_resource(&properties));
        let created = self.heat.stacks().create(new);
        StackRef::from(&self.clock.still(created).await.unwrap())
    }

    fn wait(&self, action: Action) -> Wait {
        self.heat.stacks().wait(&self.web, action).interval(SECOND)
    }

    /// Awaits while the clock advances.
    async fn end<F: IntoFuture>(&self, future: F) -> F::Output {
        self.clock.moving(SECOND / 4, future).await
    }

    /// The path of `web`.
    fn path(&self) -> String {
        format!("/stacks/web/{}", self.id)
    }

    /// A fault of requests for the stack.
    fn show(&self) -> Fault {
        Fault::on(Method::GET, &self.path())
    }

    /// The number of requests for the stack.
    fn polls(&self) -> usize {
        let path = self.path();
        self.sandbox.count_where(|r| r.path.ends_with(&path))
    }

    /// Lets Heat answer with these statuses, the last one repeatedly. See [`answer`].
    fn script(&self, statuses: &[&str], rolls_back: bool) {
        let last = statuses.len() - 1;
        for (n, status) in statuses.iter().enumerate() {
            let (code, body) = answer(&self.id, status, rolls_back);
            let fault = self.show().status(code, &JSON, body);
            self.sandbox.fault(match n == last {
                true => fault,
                false => fault.times(1),
            });
        }
    }
}

/// The answer for a status. `404`: there is no such stack. `STATUS@7`: the action began in second 7.
/// `STATUS-`: without a deletion time.
fn answer(id: &str, status: &str, rolls_back: bool) -> (u16, String) {
    if status == "404" {
        return (404, gone("web"));
    }
    let (status, second) = status.split_once('@').unwrap_or((status, ""));
    let updated = (!second.is_empty()).then(|| format!("2026-01-01T00:00:0{second}Z"));
    let deleted = (status == "DELETE_COMPLETE").then_some("2026-01-01T00:00:00Z");
    let stack = json!({"stack": {
        "id": id, "stack_name": "web", "stack_status": status.trim_end_matches('-'),
        "stack_status_reason": "because", "disable_rollback": !rolls_back,
        "updated_time": updated, "deletion_time": deleted,
    }});
    (200, stack.to_string())
}

fn gone(stack: &str) -> String {
    json!({"code": 404, "title": "Not Found", "explanation": "The resource could not be found.",
        "error": {"type": "EntityNotFound", "traceback": null,
            "message": format!("The Stack ({stack}) could not be found.")}})
    .to_string()
}

fn test_resource(properties: &Value) -> Value {
    json!({
        "heat_template_version": "2021-04-16",
        "resources": {"one": {"type": "OS::Heat::TestResource", "properties": properties}},
    })
}

/// How a wait ended: `ok: STATUS`, or the error.
fn told(result: &Result<Stack, Error>) -> String {
    match result {
        Ok(stack) => format!("ok: {}", stack.status),
        Err(error) => error.to_string(),
    }
}
