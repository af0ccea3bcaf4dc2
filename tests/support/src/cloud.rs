//! The cloud that a case runs on: the sandbox, or a real Keystone and a real Heat.
//!
//! `HEAT_LIVE_STATE` names the state directory of a cloud that `tests/cloud/up` started.

use std::path::PathBuf;
use std::time::Duration;

use heatclient::auth::identity::{Password, UserRef};
use heatclient::auth::{DomainRef, ProjectRef, Scope};
use heatclient::heat::{Action, Stack, StackRef};
use heatclient::{Client, Error, Session};
use serde_json::Value;

const MINUTE: Duration = Duration::from_secs(60);

/// A cloud to run a case on.
pub struct Cloud {
    pub heat: Client,
    pub facts: Facts,
}

/// The users and projects of a cloud.
pub struct Facts {
    /// URL of the identity service, with its version.
    pub auth_url: String,
    /// ID of the user demo.
    pub user_id: String,
    /// ID of the project demo.
    pub project_id: String,
    /// ID of a project in which demo has no role.
    pub foreign_project_id: String,
    /// ID of demo's application credential.
    pub credential_id: String,
    pub credential_secret: String,
}

impl Cloud {
    /// The cloud of this Keystone, as the user demo sees it.
    pub fn new(facts: Facts) -> Self {
        let domain = || DomainRef::Id("default".to_owned());
        let project = ProjectRef::Name {
            name: "demo".to_owned(),
            domain: domain(),
        };
        let auth = Password::new(&facts.auth_url, UserRef::name("demo", domain()), "demo").unwrap();
        Self {
            heat: Client::new(Session::new(auth.scope(Scope::Project(project)))),
            facts,
        }
    }

    /// A unique stack name.
    pub fn name(&self, case: &str) -> String {
        format!("suite-{case}-{:08x}", fastrand::u32(..))
    }

    /// Deletes a stack, and again if it takes long: Heat sometimes loses a delete soon after an update of nested stacks
    /// or a cleared hook.
    pub async fn try_delete(&self, stack: &StackRef) -> Result<Stack, Error> {
        const TRIES: usize = 8;
        let stacks = self.heat.stacks();
        for _ in 1..TRIES {
            stacks.delete(stack).await?;
            match stacks.wait(stack, Action::Delete).timeout(MINUTE / 2).await {
                Err(error) if error.is_timeout() => {}
                gone => return gone,
            }
        }
        stacks.delete(stack).await?;
        stacks.wait(stack, Action::Delete).timeout(MINUTE).await
    }
}

/// The facts file of the real cloud, or `None` without a real cloud.
pub fn facts() -> Option<Value> {
    let state = PathBuf::from(std::env::var_os("HEAT_LIVE_STATE")?);
    let facts = std::fs::read(state.join("facts.json")).expect("the cloud is up");
    Some(serde_json::from_slice(&facts).unwrap())
}

/// The real cloud, or `None` without one.
pub fn cloud() -> Option<Cloud> {
    let facts = facts()?;
    let fact = |pointer: &str| facts.pointer(pointer).unwrap().as_str().unwrap().to_owned();
    Some(Cloud::new(Facts {
        auth_url: fact("/identity_url"),
        user_id: fact("/users/demo"),
        project_id: fact("/projects/demo"),
        foreign_project_id: fact("/projects/rocket"),
        credential_id: fact("/application_credentials/demo-ac/id"),
        credential_secret: fact("/application_credentials/demo-ac/secret"),
    }))
}
