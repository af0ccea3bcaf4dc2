//! The scope of a token, and references to projects and domains.

use serde::ser::{Serialize, SerializeMap, Serializer};

/// The scope of a token. Conflicting scopes cannot be expressed.
///
/// ```
/// use heatclient::auth::{DomainRef, Scope};
///
/// let scope = Scope::project_name("demo", DomainRef::name("Default"));
/// assert_eq!(
///     serde_json::to_string(&scope)?,
///     r#"{"project":{"name":"demo","domain":{"name":"Default"}}}"#
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Scope {
    /// Keystone's default: the user's default project, if any.
    #[default]
    Default,
    /// No scope, even if the user has a default project.
    Unscoped,
    /// A project.
    Project(ProjectRef),
    /// A domain.
    Domain(DomainRef),
    /// The whole deployment.
    System,
    /// The trust with this id.
    Trust(String),
}

/// A project, by id or by its name within a domain.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ProjectRef {
    /// The project with this id.
    Id(String),
    /// The project with this name.
    #[serde(untagged)]
    Name {
        /// The project's name.
        name: String,
        /// The project's domain.
        domain: DomainRef,
    },
}

/// A domain, by id or by name.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum DomainRef {
    /// The domain with this id.
    Id(String),
    /// The domain with this name.
    Name(String),
}

impl Scope {
    /// The project with this id.
    pub fn project_id(id: impl Into<String>) -> Self {
        Self::Project(ProjectRef::Id(id.into()))
    }

    /// The project with this name in a domain.
    pub fn project_name(name: impl Into<String>, domain: DomainRef) -> Self {
        Self::Project(ProjectRef::Name {
            name: name.into(),
            domain,
        })
    }

    /// The trust with this id.
    pub fn trust(id: impl Into<String>) -> Self {
        Self::Trust(id.into())
    }

    pub(crate) fn is_default(&self) -> bool {
        matches!(self, Self::Default)
    }
}

impl DomainRef {
    /// The domain with this id.
    pub fn id(id: impl Into<String>) -> Self {
        Self::Id(id.into())
    }

    /// The domain with this name.
    pub fn name(name: impl Into<String>) -> Self {
        Self::Name(name.into())
    }
}

/// Serializes as `auth.scope`; [`Scope::Default`] as `null`, which requests leave out.
impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        struct All {
            all: bool,
        }
        #[derive(serde::Serialize)]
        struct Trust<'a> {
            id: &'a str,
        }
        fn single<S: Serializer>(
            serializer: S,
            key: &str,
            value: &impl Serialize,
        ) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(Some(1))?;
            map.serialize_entry(key, value)?;
            map.end()
        }
        match self {
            Self::Default => serializer.serialize_none(),
            Self::Unscoped => serializer.serialize_str("unscoped"),
            Self::Project(project) => single(serializer, "project", project),
            Self::Domain(domain) => single(serializer, "domain", domain),
            Self::System => single(serializer, "system", &All { all: true }),
            Self::Trust(id) => single(serializer, "OS-TRUST:trust", &Trust { id }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_scope_has_its_shape() {
        for (scope, expected) in [
            (Scope::Default, json!(null)),
            (Scope::Unscoped, json!("unscoped")),
            (Scope::project_id("p1"), json!({"project": {"id": "p1"}})),
            (
                Scope::project_name("demo", DomainRef::id("default")),
                json!({"project": {"name": "demo", "domain": {"id": "default"}}}),
            ),
            (
                Scope::project_name("demo", DomainRef::name("Default")),
                json!({"project": {"name": "demo", "domain": {"name": "Default"}}}),
            ),
            (
                Scope::Domain(DomainRef::id("d1")),
                json!({"domain": {"id": "d1"}}),
            ),
            (
                Scope::Domain(DomainRef::name("acme")),
                json!({"domain": {"name": "acme"}}),
            ),
            (Scope::System, json!({"system": {"all": true}})),
            (Scope::trust("t1"), json!({"OS-TRUST:trust": {"id": "t1"}})),
        ] {
            assert_eq!(serde_json::to_value(&scope).unwrap(), expected, "{scope:?}");
        }
    }
}
