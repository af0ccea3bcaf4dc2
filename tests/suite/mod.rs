//! What holds on every cloud: the sandbox and a real Heat run the same cases.

pub(crate) mod auth;
pub(crate) mod environments;
pub(crate) mod heat;
pub(crate) mod nesting;

use heatclient::auth::identity::{Password, UserRef};
use heatclient::auth::{DomainRef, ProjectRef, Scope};
use heatclient::{Client, Session};

/// A cloud to run a case on.
pub(crate) struct Cloud {
    pub(crate) heat: Client,
    pub(crate) facts: Facts,
}

/// Who and what there is on a cloud.
pub(crate) struct Facts {
    /// Identity, with its version.
    pub(crate) auth_url: String,
    /// Of the user demo.
    pub(crate) user_id: String,
    /// Of the project demo.
    pub(crate) project_id: String,
    /// A project in which demo has no role.
    pub(crate) foreign_project_id: String,
    /// Of demo's application credential.
    pub(crate) credential_id: String,
    pub(crate) credential_secret: String,
}

impl Cloud {
    /// The cloud of this Keystone, as the user demo sees it.
    pub(crate) fn new(facts: Facts) -> Self {
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

    /// A stack name that no other case and no other run uses.
    pub(crate) fn name(&self, case: &str) -> String {
        format!("suite-{case}-{:08x}", fastrand::u32(..))
    }
}
