//! Finds the values of an auth plugin's options, by the rules of openstacksdk and `openstack`.

use crate::config::keys::{AUTH_TOKEN, DEFAULT_DOMAIN, ENDPOINT, IDENTITY_API_VERSION};
use crate::config::source::{Found, Key, Names, Origin, Source, Sources};
use crate::loading::{Opt, PluginLoader};

/// An option by its name only, for values that do not depend on the plugin.
pub(super) const fn option(name: &'static str) -> Opt {
    Opt::new(name, "")
}

/// Names for the same value. A value of the earlier name wins, except if a source with higher
/// precedence has the later one.
const PAIRS: &[(&str, &str)] = &[
    ("project_id", "project_name"),
    ("user_id", "username"),
    ("user_domain_id", "user_domain_name"),
    ("project_domain_id", "project_domain_name"),
    ("domain_id", "domain_name"),
    ("default_domain_id", "default_domain_name"),
    ("application_credential_id", "application_credential_name"),
];

/// The name of the other API version.
const VERSIONS: &[(&str, &str)] = &[
    ("project_id", "tenant_id"),
    ("project_name", "tenant_name"),
    ("tenant_id", "project_id"),
    ("tenant_name", "project_name"),
];

/// The plugins whose domains `openstack` fills in with version 3 of the identity API.
const WITH_DEFAULT_DOMAIN: &[&str] = &["password", "v3password", "v3totp"];

/// Finds the values of a plugin's options.
pub(super) struct Finder<'a> {
    sources: &'a Sources<'a>,
    is_project_scoped: bool,
    fills_domains: bool,
    pub(super) default_domain: Option<Found>,
}

impl<'a> Finder<'a> {
    pub(super) fn new(sources: &'a Sources<'a>, loader: &PluginLoader) -> Self {
        let version = sources.find(&IDENTITY_API_VERSION);
        let is_three = version.is_some_and(|version| version.text() == "3");
        let names = ["project_id", "project_name"];
        Self {
            sources,
            is_project_scoped: names
                .iter()
                .any(|name| sources.option(&option(name)).is_some()),
            fills_domains: is_three && WITH_DEFAULT_DOMAIN.contains(&loader.name()),
            default_domain: default_domain(sources),
        }
    }

    /// The value of an option.
    pub(super) fn find(&self, opt: &Opt) -> Option<Found> {
        // With a project, a domain without a prefix is that of user and project.
        if self.is_project_scoped && matches!(opt.name, "domain_id" | "domain_name") {
            return None;
        }
        if let Some(found) = self.own(opt) {
            return Some(found);
        }
        match opt.name {
            "user_domain_id" | "user_domain_name" => self.domain(opt, "user"),
            "project_domain_id" | "project_domain_name" => self.domain(opt, "project"),
            "default_domain_id" => self.default_domain.clone(),
            _ => None,
        }
    }

    /// The value that a source has for the option itself.
    fn own(&self, opt: &Opt) -> Option<Found> {
        let found = self.sources.option(opt)?;
        let partner = PAIRS.iter().find(|(id, _)| *id == opt.name);
        let partner = partner.and_then(|(_, name)| self.sources.option(&option(name)));
        let is_overridden =
            partner.is_some_and(|partner| partner.source.rank() < found.source.rank());
        (!is_overridden).then_some(found)
    }

    /// The domain of the user or the project, if it has none of its own. As in openstacksdk, an ID and a name do not
    /// exclude each other; the ID wins.
    fn domain(&self, opt: &Opt, owner: &str) -> Option<Found> {
        let own = |kind: &str| match (owner, kind) {
            ("user", "id") => self.own(&option("user_domain_id")),
            ("user", _) => self.own(&option("user_domain_name")),
            (_, "id") => self.own(&option("project_domain_id")),
            _ => self.own(&option("project_domain_name")),
        };
        let (id, name) = (own("id"), own("name"));
        let is_id = opt.name.ends_with("_id");
        if self.is_project_scoped {
            let common = match is_id {
                true => self.own(&option("domain_id")),
                false => self.own(&option("domain_name")),
            };
            let other = if is_id { &name } else { &id };
            let is_overridden = |common: &Found| {
                let other = other.as_ref();
                other.is_some_and(|other| other.source.rank() < common.source.rank())
            };
            if let Some(common) = common.filter(|common| !is_overridden(common)) {
                return Some(common);
            }
        }
        let fills = self.fills_domains && is_id && id.is_none() && name.is_none();
        fills.then(|| self.default_domain.clone())?
    }

    /// The plugin that the values imply. Its source is that of the value that implied it.
    pub(super) fn implied_plugin(sources: &Sources<'_>) -> Found {
        let of = |names: &[&'static str]| {
            let found = names
                .iter()
                .filter_map(|name| sources.option(&option(name)));
            found.min_by_key(|found| found.source.rank())
        };
        // As in `openstack`.
        let own = sources.without_files();
        let (endpoint, token) = (
            own.first(|origin| origin.find(&OWN_ENDPOINT)),
            own.first(|origin| origin.find(&OWN_TOKEN)),
        );
        if let (Some(_), Some(token)) = (endpoint, token) {
            return Found::new("admin_token", token.source);
        }
        let credential = of(&["application_credential_id", "application_credential_secret"]);
        let candidates = [
            ("token", of(&["token"])),
            ("v3applicationcredential", credential),
            ("password", of(&["username", "user_id", "password"])),
        ];
        let candidates = candidates
            .into_iter()
            .filter_map(|(plugin, found)| Some((plugin, found?.source)));
        match candidates.min_by_key(|(_, source)| source.rank()) {
            Some(("password", _)) | None => Found::new("password", Source::Default),
            Some((plugin, source)) => Found::new(plugin, source),
        }
    }
}

const OWN_ENDPOINT: Key = Key::new(&["endpoint"], &["OS_ENDPOINT"]);
const OWN_TOKEN: Key = Key::new(&["token"], &["OS_TOKEN"]);

impl Sources<'_> {
    /// The value of an auth plugin's option. An explicit empty value is used if the option allows
    /// it.
    pub(super) fn option(&self, opt: &Opt) -> Option<Found> {
        let alone = self.is_alone();
        let mut names = [&[opt.name], opt.aliases].concat();
        let mut variables = opt.env_names();
        for (_, other) in VERSIONS.iter().filter(|(name, _)| *name == opt.name) {
            if !names.contains(other) {
                names.push(other);
                variables.push(option(other).env_name());
            }
        }
        let also = match opt.name {
            "token" => Some(AUTH_TOKEN),
            "endpoint" => Some(ENDPOINT),
            _ => None,
        };
        if let Some(key) = also {
            names.extend(key.explicit());
            variables.extend(key.variables(alone));
        }
        let names = Names {
            explicit: &names,
            variables: &variables,
            last: &[],
            may_be_empty: opt.may_be_empty,
            is_option: true,
        };
        self.first(|origin| origin.find_by(&names))
    }

    /// The value of the setting with this name.
    pub(super) fn setting(&self, name: &str) -> Option<Found> {
        let variables = [option_variable(name)];
        let names = Names {
            explicit: &[name],
            variables: &variables,
            last: &[],
            may_be_empty: false,
            is_option: false,
        };
        self.first(|origin| origin.find_by(&names))
    }

    /// Explicit values and variables.
    pub(super) fn without_files(&self) -> Self {
        let is_own =
            |origin: &&Origin<'_>| matches!(origin, Origin::Named(_) | Origin::Variables(..));
        Self(self.0.iter().filter(is_own).copied().collect())
    }
}

fn option_variable(name: &str) -> String {
    format!("OS_{}", name.to_ascii_uppercase())
}

/// As in the `openstack` tool, users and projects without a domain are in the domain `default`.
fn default_domain(sources: &Sources<'_>) -> Option<Found> {
    if sources.option(&option("default_domain_name")).is_some() {
        return None;
    }
    let domain = sources.find(&DEFAULT_DOMAIN);
    Some(domain.unwrap_or_else(|| Found::new("default", Source::Default)))
}
