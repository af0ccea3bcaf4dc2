//! What holds on every cloud: the sandbox and a real Heat run the same cases.

pub(crate) mod heat;

use heatclient::auth::identity::{Password, UserRef};
use heatclient::auth::{DomainRef, ProjectRef, Scope};
use heatclient::{Client, Session};

/// A cloud to run a case on.
pub(crate) struct Cloud {
    pub(crate) heat: Client,
}

impl Cloud {
    /// The cloud of this Keystone, as the user demo sees it.
    pub(crate) fn new(auth_url: &str) -> Self {
        let domain = || DomainRef::Id("default".to_owned());
        let project = ProjectRef::Name {
            name: "demo".to_owned(),
            domain: domain(),
        };
        let auth = Password::new(auth_url, UserRef::name("demo", domain()), "demo").unwrap();
        Self {
            heat: Client::new(Session::new(auth.scope(Scope::Project(project)))),
        }
    }

    /// A stack name that no other case and no other run uses.
    pub(crate) fn name(&self, case: &str) -> String {
        format!("suite-{case}-{:08x}", fastrand::u32(..))
    }
}
