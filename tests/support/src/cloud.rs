//! The cloud that a case runs on: the sandbox, or a real Keystone and a real Heat.
//!
//! `HEAT_LIVE_STATE` names the state directory of a cloud that `tests/cloud/up` started.

use std::path::PathBuf;
use std::time::Duration;

use heatclient::auth::identity::{Password, UserRef};
use heatclient::auth::{DomainRef, ProjectRef, Scope};
use heatclient::heat::{Action, StackRef};
use heatclient::{Client, Error, Session};
use serde_json::Value;

const MINUTE: Duration = Duration::from_secs(60);

/// A cloud to run a case on.
pub struct Cloud {
    pub heat: Client,
    pub facts: Facts,
    /// A real Heat, which sometimes loses an action.
    is_real: bool,
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
    /// TOTP secret of the users totp and mfa.
    pub totp_secret: String,
    /// ID of the trust by which alice acts for demo.
    pub trust_id: String,
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
            is_real: false,
        }
    }

    /// A unique stack name.
    pub fn name(&self, case: &str) -> String {
        format!("suite-{case}-{:08x}", fastrand::u32(..))
    }

    /// Deletes a stack, and again if it takes long: a real Heat sometimes loses a delete soon after an update of nested
    /// stacks or a cleared hook, and also the next ones. Such a stack is left behind.
    pub async fn try_delete(&self, stack: &StackRef) -> Result<(), Error> {
        const TRIES: usize = 3;
        let stacks = self.heat.stacks();
        for _ in 0..TRIES {
            stacks.delete(stack).await?;
            match stacks.wait(stack, Action::Delete).timeout(MINUTE / 2).await {
                Ok(gone) => {
                    assert_eq!(gone.status.to_string(), "DELETE_COMPLETE");
                    return Ok(());
                }
                Err(error) if self.is_lost(&error) => eprintln!("deleted once more: {error}"),
                Err(error) => return Err(error),
            }
        }
        eprintln!("{stack} is left behind");
        Ok(())
    }

    /// Whether Heat has lost an action: it takes too long, or a row of Heat's database is missing, so that each request
    /// for the stack is answered with a 404 about that row.
    pub fn is_lost(&self, error: &Error) -> bool {
        let is_404 = error.status().is_some_and(|status| status.as_u16() == 404);
        self.is_real && (error.is_timeout() || is_404 && !error.is_not_found())
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
    let facts = Facts {
        auth_url: fact("/identity_url"),
        user_id: fact("/users/demo"),
        project_id: fact("/projects/demo"),
        foreign_project_id: fact("/projects/rocket"),
        credential_id: fact("/application_credentials/demo-ac/id"),
        credential_secret: fact("/application_credentials/demo-ac/secret"),
        totp_secret: fact("/totp_secret"),
        trust_id: fact("/trust_id"),
    };
    Some(Cloud {
        is_real: true,
        ..Cloud::new(facts)
    })
}
