//! A client of Keystone's projects: a table of operations, a type for the answers, and methods.

use std::time::Duration;

use heatclient::service::{Item, List, Operation, Poll, ResponseFuture};
use heatclient::session::Adapter;
use heatclient::{Result, Session};
use serde::{Deserialize, Serialize};

static LIST: Operation = Operation::get("/projects", "list projects").envelope("projects");
static SHOW: Operation =
    Operation::get("/projects/{project}", "show project {project}").envelope("project");
// Setting the same value twice does no harm: the request may be repeated.
static UPDATE: Operation = Operation::patch("/projects/{project}", "update project {project}")
    .envelope("project")
    .idempotent(true);

/// A project.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Project {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) enabled: bool,
}

/// Lists of projects are sorted by id and continue after one.
impl Item for Project {
    fn marker(&self) -> &str {
        &self.id
    }
}

/// The body of a change.
#[derive(Debug, Serialize)]
struct Update {
    project: Change,
}

#[derive(Debug, Serialize)]
struct Change {
    enabled: bool,
}

/// The projects of a cloud. Cloning is cheap.
#[derive(Debug, Clone)]
pub(crate) struct Projects(Adapter);

impl Projects {
    /// A client for the identity service in the session's catalog. No I/O happens.
    pub(crate) fn new(session: &Session) -> Self {
        Self::with(session.adapter("identity").version(3).build())
    }

    /// A client that sends its requests through this adapter.
    pub(crate) fn with(adapter: Adapter) -> Self {
        Self(adapter)
    }

    /// All projects: awaited at once, or as a stream, page by page.
    pub(crate) fn list(&self) -> List<Project> {
        List::new(LIST.request(&self.0))
    }

    /// One project.
    pub(crate) fn get(&self, id: &str) -> ResponseFuture<Project> {
        SHOW.request(&self.0).path("project", id).fetch()
    }

    /// Enables or disables a project.
    pub(crate) fn set_enabled(&self, id: &str, enabled: bool) -> ResponseFuture<Project> {
        let update = Update {
            project: Change { enabled },
        };
        let request = UPDATE.request(&self.0).path("project", id);
        request.json(&update).fetch()
    }

    /// Polls a project until it is enabled or disabled, for a minute at most.
    pub(crate) async fn wait(&self, id: &str, enabled: bool) -> Result<Project> {
        Poll::new(|| self.get(id))
            .timeout(Duration::from_secs(60))
            .until(|project| Ok(project.enabled == enabled))
            .await
    }
}
