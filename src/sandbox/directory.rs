//! The sandbox's domains, projects, users, roles and application credential.

use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use super::{hex_id, lock};

/// A user of the sandbox and a project. The password equals the user name.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct Credentials {
    /// The user's name.
    pub username: String,
    /// The user's id.
    pub user_id: String,
    /// The user's password.
    pub password: String,
    /// The name of the user's domain.
    pub user_domain_name: String,
    /// The id of the user's domain.
    pub user_domain_id: String,
    /// The name of the project; empty for a user without a project.
    pub project_name: String,
    /// The id of the project; empty for a user without a project.
    pub project_id: String,
    /// The name of the project's domain.
    pub project_domain_name: String,
    /// The id of the project's domain.
    pub project_domain_id: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Credentials")
            .field("username", &self.username)
            .field("project_name", &self.project_name)
            .field("password", &"[redacted]")
            .finish_non_exhaustive()
    }
}

/// An application credential of user `demo`.
#[derive(Clone)]
#[non_exhaustive]
pub struct ApplicationCredential {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its secret.
    pub secret: String,
}

impl fmt::Debug for ApplicationCredential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ApplicationCredential")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("secret", &"[redacted]")
            .finish()
    }
}

#[derive(Debug)]
pub(super) struct Domain {
    pub(super) id: String,
    pub(super) name: String,
}

impl Domain {
    pub(super) fn to_json(&self) -> Value {
        json!({"id": self.id, "name": self.name})
    }
}

#[derive(Debug)]
pub(super) struct Project {
    pub(super) id: String,
    pub(super) name: String,
    /// The index of its domain in the directory.
    domain: usize,
    enabled: AtomicBool,
    description: Mutex<String>,
}

impl Project {
    pub(super) fn is_enabled(&self) -> bool {
        self.enabled.load(Ordering::Relaxed)
    }

    pub(super) fn set_enabled(&self, enabled: bool) {
        self.enabled.store(enabled, Ordering::Relaxed);
    }

    pub(super) fn description(&self) -> String {
        lock(&self.description).clone()
    }

    pub(super) fn set_description(&self, description: &str) {
        description.clone_into(&mut lock(&self.description));
    }
}

#[derive(Debug)]
pub(super) struct User {
    pub(super) id: String,
    pub(super) name: String,
    domain: usize,
    pub(super) enabled: bool,
    /// The names of the projects in which the user has roles; the first one is the default project.
    projects: &'static [&'static str],
    pub(super) roles: &'static [&'static str],
    /// Whether the user has a TOTP secret. Such a user has no default project.
    pub(super) has_totp: bool,
    /// The methods that a login needs.
    pub(super) required: &'static [&'static str],
}

impl User {
    pub(super) fn has_role_in(&self, project: &Project) -> bool {
        self.projects.contains(&project.name.as_str())
    }

    pub(super) fn password(&self) -> &str {
        &self.name
    }

    /// Whether the user is a service, whose tokens may accompany those of users.
    pub(super) fn is_service(&self) -> bool {
        self.roles.contains(&"service")
    }

    /// Whether the user has a role on the system.
    pub(super) fn is_admin(&self) -> bool {
        self.roles.contains(&"admin")
    }
}

/// A trust: one user acts for another in a project.
#[derive(Debug)]
pub(super) struct Trust {
    pub(super) id: String,
    pub(super) trustor_id: String,
    pub(super) trustee_id: String,
    pub(super) project_id: String,
}

#[derive(Debug)]
pub(super) struct Directory {
    domains: Vec<Domain>,
    projects: Vec<Project>,
    users: Vec<User>,
    roles: Vec<(&'static str, String)>,
    pub(super) application_credential: ApplicationCredential,
    /// The trust by which alice acts for demo.
    pub(super) trust: Trust,
}

/// The methods that the user `mfa` needs, in the order of Keystone.
const MFA: &[&str] = &["totp", "password"];

const MEMBER: &[&str] = &["member", "reader", "heat_stack_owner"];

impl Directory {
    pub(super) fn new() -> Self {
        let domain = |id: &str, name: &str| Domain {
            id: id.to_owned(),
            name: name.to_owned(),
        };
        let project = |name: &str, domain| Project {
            id: hex_id(),
            name: name.to_owned(),
            domain,
            enabled: AtomicBool::new(true),
            description: Mutex::default(),
        };
        let user = |name: &str, domain, projects, roles| User {
            id: hex_id(),
            name: name.to_owned(),
            domain,
            enabled: name != "disabled",
            projects,
            roles,
            has_totp: matches!(name, "totp" | "mfa"),
            required: if name == "mfa" { MFA } else { &[] },
        };
        let mut directory = Self {
            domains: vec![domain("default", "Default"), domain(&hex_id(), "acme")],
            projects: vec![
                project("demo", 0),
                project("demo2", 0),
                project("admin", 0),
                project("rocket", 1),
                project("service", 0),
            ],
            users: vec![
                user("demo", 0, &["demo", "demo2"], MEMBER),
                user("reader", 0, &["demo"], &["reader"]),
                user(
                    "admin",
                    0,
                    &["admin"],
                    &["admin", "manager", "member", "reader"],
                ),
                user("noproject", 0, &[], &[]),
                user("disabled", 0, &["demo"], MEMBER),
                user("alice", 1, &["rocket"], MEMBER),
                user("heat", 0, &["service"], &["admin", "service"]),
                user("totp", 0, &["demo"], MEMBER),
                user("mfa", 0, &["demo"], MEMBER),
            ],
            roles: [
                "admin",
                "manager",
                "member",
                "reader",
                "heat_stack_owner",
                "service",
            ]
            .map(|role| (role, hex_id()))
            .to_vec(),
            application_credential: ApplicationCredential {
                id: hex_id(),
                name: "demo-ac".to_owned(),
                secret: "appcred-secret".to_owned(),
            },
            trust: Trust {
                id: hex_id(),
                trustor_id: String::new(),
                trustee_id: String::new(),
                project_id: String::new(),
            },
        };
        let [demo, alice] =
            ["demo", "alice"].map(|name| directory.credentials_of(name).unwrap_or_default());
        directory.trust.trustor_id = demo.user_id;
        directory.trust.trustee_id = alice.user_id;
        directory.trust.project_id = demo.project_id;
        directory
    }

    pub(super) fn domain(&self, id: Option<&str>, name: Option<&str>) -> Option<&Domain> {
        match (id, name) {
            (Some(id), _) => self.domains.iter().find(|domain| domain.id == id),
            (None, Some(name)) => self.domains.iter().find(|domain| domain.name == name),
            (None, None) => None,
        }
    }

    pub(super) fn domain_of(&self, project: &Project) -> Option<&Domain> {
        self.domains.get(project.domain)
    }

    pub(super) fn domain_of_user(&self, user: &User) -> Option<&Domain> {
        self.domains.get(user.domain)
    }

    pub(super) fn projects(&self) -> &[Project] {
        &self.projects
    }

    pub(super) fn project(&self, id: &str) -> Option<&Project> {
        self.projects.iter().find(|project| project.id == id)
    }

    pub(super) fn project_named(&self, name: &str) -> Option<&Project> {
        self.projects.iter().find(|project| project.name == name)
    }

    pub(super) fn project_in(&self, domain: &Domain, name: &str) -> Option<&Project> {
        self.projects.iter().find(|project| {
            project.name == name
                && self
                    .domain_of(project)
                    .is_some_and(|found| found.id == domain.id)
        })
    }

    pub(super) fn projects_of<'a>(&'a self, user: &'a User) -> impl Iterator<Item = &'a Project> {
        user.projects
            .iter()
            .filter_map(|name| self.project_named(name))
    }

    pub(super) fn user(&self, id: &str) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    pub(super) fn user_in(&self, domain: &Domain, name: &str) -> Option<&User> {
        self.users.iter().find(|user| {
            user.name == name
                && self
                    .domain_of_user(user)
                    .is_some_and(|found| found.id == domain.id)
        })
    }

    pub(super) fn credentials_of(&self, name: &str) -> Option<Credentials> {
        let user = self.users.iter().find(|user| user.name == name)?;
        let domain = self.domain_of_user(user)?;
        let project = self.projects_of(user).next();
        Some(Credentials {
            username: user.name.clone(),
            user_id: user.id.clone(),
            password: user.password().to_owned(),
            user_domain_name: domain.name.clone(),
            user_domain_id: domain.id.clone(),
            project_name: project
                .map(|project| project.name.clone())
                .unwrap_or_default(),
            project_id: project
                .map(|project| project.id.clone())
                .unwrap_or_default(),
            project_domain_name: domain.name.clone(),
            project_domain_id: domain.id.clone(),
        })
    }

    pub(super) fn roles_json(&self, user: &User) -> Value {
        let id = |name: &str| self.roles.iter().find(|(role, _)| *role == name);
        user.roles
            .iter()
            .filter_map(|name| id(name))
            .map(|(name, id)| json!({"id": id, "name": name}))
            .collect()
    }
}
