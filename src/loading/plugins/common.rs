//! Shared by several families: the loader type, and options for URLs, users and scopes.

use crate::auth::identity::UserRef;
use crate::auth::{Credentials, DomainRef, Scope};
use crate::error::{Error, ErrorKind, Result};
use crate::loading::{Loader, Opt, OptionValues};

/// A loader whose options do not depend on values.
#[derive(Debug)]
pub(super) struct Plugin {
    pub(super) name: &'static str,
    pub(super) aliases: &'static [&'static str],
    pub(super) options: Vec<Opt>,
    pub(super) missing: fn(&OptionValues) -> Vec<Group>,
    pub(super) make: fn(&OptionValues) -> Result<Credentials>,
}

impl Loader for Plugin {
    fn name(&self) -> &str {
        self.name
    }

    fn aliases(&self) -> &[&str] {
        self.aliases
    }

    fn options(&self) -> &[Opt] {
        &self.options
    }

    fn missing(&self, values: &OptionValues) -> Vec<Group> {
        (self.missing)(values)
    }

    fn load(&self, values: &OptionValues) -> Result<Credentials> {
        (self.make)(values)
    }
}

pub(super) const AUTH_URL: Opt = Opt::new("auth_url", "URL of the identity service").required();
pub(super) const ENDPOINT: Opt = Opt::new("endpoint", "URL of the service").aliases(&["url"]);
pub(super) const TOKEN: Opt = Opt::new("token", "Token to log in with")
    .secret()
    .required();

const SYSTEM_SCOPE: Opt = Opt::new("system_scope", "Scope of the whole deployment: all");
const DOMAIN_ID: Opt = Opt::new("domain_id", "ID of the domain of the scope");
const DOMAIN_NAME: Opt = Opt::new("domain_name", "Name of the domain of the scope");
const PROJECT_ID: Opt = Opt::new("project_id", "ID of the project");
const PROJECT_NAME: Opt = Opt::new("project_name", "Name of the project");
const PROJECT_DOMAIN_ID: Opt = Opt::new("project_domain_id", "ID of the project's domain");
const PROJECT_DOMAIN_NAME: Opt = Opt::new("project_domain_name", "Name of the project's domain");
const TRUST_ID: Opt = Opt::new("trust_id", "ID of the trust");

/// Scope options of the versioned plugins.
pub(super) const SCOPE: &[Opt] = &[
    SYSTEM_SCOPE,
    DOMAIN_ID,
    DOMAIN_NAME,
    PROJECT_ID,
    PROJECT_NAME,
    PROJECT_DOMAIN_ID,
    PROJECT_DOMAIN_NAME,
    TRUST_ID,
];

/// Scope options of access without a token.
pub(super) const TOKENLESS_SCOPE: &[Opt] = &[
    DOMAIN_ID,
    DOMAIN_NAME,
    PROJECT_ID,
    PROJECT_NAME,
    PROJECT_DOMAIN_ID,
    PROJECT_DOMAIN_NAME,
];

/// Scope options of the generic plugins, with aliases of API version 2 and default domains.
pub(super) const GENERIC_SCOPE: &[Opt] = &[
    SYSTEM_SCOPE,
    DOMAIN_ID,
    DOMAIN_NAME,
    PROJECT_ID.aliases(&["tenant_id"]),
    PROJECT_NAME.aliases(&["tenant_name"]),
    PROJECT_DOMAIN_ID,
    PROJECT_DOMAIN_NAME,
    TRUST_ID,
    Opt::new(
        "default_domain_id",
        "ID of the default domain of user and project",
    ),
    Opt::new(
        "default_domain_name",
        "Name of the default domain of user and project",
    ),
];

pub(super) const USER_ID: Opt = Opt::new("user_id", "ID of the user");
pub(super) const USERNAME: Opt = Opt::new("username", "Name of the user").aliases(&["user_name"]);
/// Required by most plugins; an empty one is a value.
pub(super) const PASSWORD: Opt = Opt::new("password", "The user's password")
    .secret()
    .prompt("Password: ");

pub(super) const USER: &[Opt] = &[
    USER_ID,
    USERNAME,
    Opt::new("user_domain_id", "ID of the user's domain"),
    Opt::new("user_domain_name", "Name of the user's domain"),
];

/// Alternatives: one of these options is required.
pub(super) type Group = &'static [&'static str];

pub(super) const USER_DOMAIN: Group = &["user_domain_name", "user_domain_id"];
pub(super) const GENERIC_USER_DOMAIN: Group =
    &["user_domain_name", "user_domain_id", "default_domain_id"];
pub(super) const PROJECT_DOMAIN: Group = &["project_domain_name", "project_domain_id"];
pub(super) const GENERIC_PROJECT_DOMAIN: Group = &[
    "project_domain_name",
    "project_domain_id",
    "default_domain_id",
];

pub(super) fn missing_of_user(values: &OptionValues, domain: Group) -> Option<Group> {
    match (values.get("user_id"), values.get("username")) {
        (Some(_), _) => None,
        (None, Some(_)) => domain_of("user", values).is_err().then_some(domain),
        (None, None) => Some(&["username", "user_id"]),
    }
}

pub(super) fn missing_of_project(values: &OptionValues, domain: Group) -> Option<Group> {
    let by_name = values.get("project_id").is_none() && values.get("project_name").is_some();
    (by_name && domain_of("project", values).is_err()).then_some(domain)
}

/// An id takes precedence over a name, as in all OpenStack tools.
pub(super) fn user(values: &OptionValues) -> Result<UserRef> {
    if let Some(id) = values.get("user_id") {
        return Ok(UserRef::id(id));
    }
    let domain = domain_of("user", values)?;
    Ok(UserRef::name(values.require("username")?, domain))
}

/// The scope. A project's domain alone is not a scope.
pub(super) fn scope(values: &OptionValues) -> Result<Scope> {
    let mut given = Vec::new();
    if let Some(id) = values.get("project_id") {
        given.push(("project_id", Scope::project_id(id)));
    } else if let Some(name) = values.get("project_name") {
        given.push((
            "project_name",
            Scope::project_name(name, domain_of("project", values)?),
        ));
    }
    if let Some(id) = values.get("domain_id") {
        given.push(("domain_id", Scope::Domain(DomainRef::id(id))));
    } else if let Some(name) = values.get("domain_name") {
        given.push(("domain_name", Scope::Domain(DomainRef::name(name))));
    }
    if let Some(extent) = values.get("system_scope") {
        if !extent.eq_ignore_ascii_case("all") {
            let message = format!("unknown system scope {extent:?}; use \"all\"");
            return Err(Error::new(ErrorKind::Config, message));
        }
        given.push(("system_scope", Scope::System));
    }
    if let Some(id) = values.get("trust_id") {
        given.push(("trust_id", Scope::trust(id)));
    }
    if given.len() > 1 {
        let options: Vec<_> = given.iter().map(|(option, _)| *option).collect();
        return Err(Error::new(
            ErrorKind::Config,
            format!(
                "conflicting scopes: {}; set only one of them",
                options.join(" and ")
            ),
        ));
    }
    Ok(given.pop().map(|(_, scope)| scope).unwrap_or_default())
}

/// The domain of a `user` or a `project`. It takes precedence over the default domain.
fn domain_of(owner: &str, values: &OptionValues) -> Result<DomainRef> {
    let found = [owner, "default"].iter().find_map(|prefix| {
        let id = values
            .get(&format!("{prefix}_domain_id"))
            .map(DomainRef::id);
        id.or_else(|| {
            values
                .get(&format!("{prefix}_domain_name"))
                .map(DomainRef::name)
        })
    });
    match found {
        Some(domain) => Ok(domain),
        None => values
            .require(&format!("{owner}_domain_name"))
            .map(DomainRef::name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loading::plugins::testing::loader;

    #[test]
    fn users_are_read_from_options() {
        for (options, expected) in [
            (
                &[("user_id", "u1"), ("username", "demo")][..],
                UserRef::id("u1"),
            ),
            (
                &[
                    ("username", "demo"),
                    ("user_domain_id", "d1"),
                    ("user_domain_name", "acme"),
                ],
                UserRef::name("demo", DomainRef::id("d1")),
            ),
            (
                &[
                    ("user-name", "demo"),
                    ("default_domain_id", "d"),
                    ("user_domain_name", "acme"),
                ],
                UserRef::name("demo", DomainRef::name("acme")),
            ),
            (
                &[
                    ("username", "demo"),
                    ("user_name", "old"),
                    ("default_domain_name", "Default"),
                ],
                UserRef::name("demo", DomainRef::name("Default")),
            ),
        ] {
            assert_eq!(
                user(&loader("password").values(options.iter().copied()).unwrap()).unwrap(),
                expected
            );
        }
    }

    #[test]
    fn scopes_are_read_from_options() {
        let project = |domain| Scope::project_name("web", domain);
        for (options, expected) in [
            (&[][..], Scope::Default),
            (&[("project_domain_name", "acme")], Scope::Default),
            (&[("project_id", "p1")], Scope::project_id("p1")),
            (&[("tenant_id", "p1")], Scope::project_id("p1")),
            (
                &[("project_id", "p1"), ("project_name", "web")],
                Scope::project_id("p1"),
            ),
            (
                &[
                    ("project_name", "web"),
                    ("project_domain_id", "d1"),
                    ("project_domain_name", "acme"),
                ],
                project(DomainRef::id("d1")),
            ),
            (
                &[("tenant-name", "web"), ("project-domain-name", "acme")],
                project(DomainRef::name("acme")),
            ),
            (
                &[("project_name", "web"), ("default_domain_id", "d")],
                project(DomainRef::id("d")),
            ),
            (
                &[
                    ("project_name", "web"),
                    ("default_domain_id", "d"),
                    ("project_domain_name", "acme"),
                ],
                project(DomainRef::name("acme")),
            ),
            (
                &[("domain_id", "d1"), ("domain_name", "acme")],
                Scope::Domain(DomainRef::id("d1")),
            ),
            (
                &[("domain_name", "acme")],
                Scope::Domain(DomainRef::name("acme")),
            ),
            (&[("system_scope", "all")], Scope::System),
            (
                &[("trust_id", "t1"), ("project_id", "")],
                Scope::trust("t1"),
            ),
        ] {
            assert_eq!(
                scope(&loader("password").values(options.iter().copied()).unwrap()).unwrap(),
                expected,
                "{options:?}"
            );
        }
    }
}
