//! One cloud of the files: its profile, its own values and those of its region, merged.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::config::auth::{is_no, is_yes};
use crate::config::keys::{Kind, is_timeout, kind_of};
use crate::config::regions::{known_regions, pick};
use crate::config::search::Files;
use crate::config::source::Found;
use crate::config::template::expand;
use crate::config::tree::{Item, Map, Value, normalized, overlay};
use crate::config::vendors::vendor;
use crate::error::{Error, ErrorKind, Result};
use crate::secret::Secret;
use crate::suggest::{listed, nearest};

/// The values of one cloud.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// The settings and the options beside `auth`, by name.
    settings: IndexMap<String, Found>,
    /// The options in `auth`.
    auth: IndexMap<String, Found>,
    /// Keys that are neither settings nor options of a registered plugin.
    others: Vec<(String, Item)>,
    /// Their values, for options that depend on values.
    loose: IndexMap<String, Found>,
    /// The members of [`LIMITS`], as `rate_limit.orchestration`.
    limits: IndexMap<String, Found>,
    pub(super) warnings: Vec<String>,
}

impl Entry {
    /// The cloud with this name.
    ///
    /// `region` is the region that takes precedence over the file's. `own` is the name of the cloud
    /// that variables describe, which is not a profile.
    ///
    /// # Errors
    /// The cloud, its profile or its region does not exist, or a value has the wrong type.
    pub(super) fn of_cloud(
        files: &Files,
        name: &Found,
        region: Option<&Found>,
        own: &str,
    ) -> Result<Self> {
        let Some(item) = files.clouds.get(name.text()) else {
            return Err(missing(files, name.text()));
        };
        let what = format!("cloud {:?}", name.text());
        let cloud = normalized(item.mapping(&what)?);
        let mut warnings = Vec::new();
        let mut merged = profile(files, &cloud, &what, own, &mut warnings)?;
        let regions = known_regions(&cloud, &merged)?;
        overlay(&mut merged, cloud);
        if let Some(picked) = pick(regions, region, &what)? {
            let mut values = normalized(picked.values);
            values.retain(|_, item| !matches!(item.value, Value::Null));
            overlay(&mut merged, values);
            merged.insert("region_name".to_owned(), picked.name);
        }
        for key in ["regions", "cloud"] {
            merged.shift_remove(key);
        }
        for (key, older) in [
            ("force_ipv4", "broken_ipv6"),
            ("prefer_ipv6", "prefer_ipv6"),
        ] {
            let general = files.client.get(key).or_else(|| files.client.get(older));
            if let (Some(item), false) = (general, merged.contains_key(key)) {
                merged.insert(key.to_owned(), item.clone());
            }
        }
        let mut entry = Self::new(merged, warnings)?;
        let mut found = Found::new(name.text(), name.source.clone());
        found.name = None;
        entry.settings.insert("cloud".to_owned(), found);
        entry.expand_settings(region)?;
        Ok(entry)
    }

    /// The values of a mapping.
    ///
    /// # Errors
    /// A value has the wrong type.
    pub(super) fn new(mut members: Map, warnings: Vec<String>) -> Result<Self> {
        let mut entry = Self {
            settings: IndexMap::new(),
            auth: IndexMap::new(),
            others: Vec::new(),
            loose: IndexMap::new(),
            limits: IndexMap::new(),
            warnings,
        };
        if let Some(auth) = members.shift_remove("auth") {
            for (key, item) in auth.mapping("`auth`")? {
                if let Some(found) = found(&format!("auth.{key}"), item, Kind::Text)? {
                    entry.auth.insert(key, found);
                }
            }
        }
        let mut timeout = None;
        for (key, item) in members {
            match kind_of(&key) {
                Some(kind) => {
                    if let Some(found) = found(&key, item, kind)? {
                        entry.settings.insert(key, found);
                    }
                }
                // As in openstacksdk, the time limit of any service is that of all.
                None if is_timeout(&key) => timeout = Some((key, item)),
                None => {
                    if LIMITS.contains(&key.as_str()) {
                        entry.add_limits(&key, &item)?;
                    }
                    if let Ok(Some(found)) = found(&key, item.clone(), Kind::Option) {
                        entry.loose.insert(key.clone(), found);
                    }
                    entry.others.push((key, item));
                }
            }
        }
        if let Some((key, item)) = timeout
            && let Some(mut found) = found("api_timeout", item, Kind::Text)?
        {
            found.key = Some(key.into());
            entry.settings.insert("api_timeout".to_owned(), found);
        }
        Ok(entry)
    }

    fn add_limits(&mut self, key: &str, item: &Item) -> Result<()> {
        for (service, item) in item.mapping(key)? {
            let name = format!("{key}.{service}");
            // Those of other services are not checked.
            let is_used = matches!(&*service, "orchestration" | "identity");
            match found(&name, item, Kind::Text) {
                Ok(Some(found)) => drop(self.limits.insert(name, found)),
                Err(error) if is_used => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// The limit of a service.
    pub(super) fn limit(&self, key: &str, service: &str) -> Option<&Found> {
        let found = self.limits.get(&format!("{key}.{service}"));
        found.filter(|found| !is_empty(found))
    }

    /// The value of a setting.
    pub(super) fn setting(&self, name: &str) -> Option<&Found> {
        self.settings.get(name).filter(|found| !is_empty(found))
    }

    /// The value of an option of an auth plugin. As in `openstack`, one beside `auth` wins.
    pub(super) fn option(&self, name: &str) -> Option<&Found> {
        let inner = || self.auth.get(name).or_else(|| self.loose.get(name));
        self.setting(name)
            .or_else(|| inner().filter(|found| !is_empty(found)))
    }

    /// The keys that are neither settings nor options.
    pub(super) fn others(&self) -> impl Iterator<Item = (&str, &Item)> {
        self.others.iter().map(|(name, item)| (name.as_str(), item))
    }

    /// All settings and options beside `auth`.
    pub(super) fn settings(&self) -> impl Iterator<Item = (&str, &Found)> {
        self.settings
            .iter()
            .map(|(name, found)| (name.as_str(), found))
    }

    /// The names in `auth`, and their places.
    pub(super) fn auth(&self) -> impl Iterator<Item = (&str, &Found)> {
        self.auth.iter().map(|(name, found)| (name.as_str(), found))
    }

    /// Replaces `{region_name}` and other names of settings.
    fn expand_settings(&mut self, region: Option<&Found>) -> Result<()> {
        let known = self.settings.clone();
        let value = |name: &str| match (name, region) {
            ("region_name", Some(region)) => Some(region.text().to_owned()),
            _ => known.get(name).map(|found| found.text().to_owned()),
        };
        let is_url = |name: &str| name == "auth_url";
        let settings = self.settings.iter_mut();
        let settings = settings.filter(|(name, _)| {
            is_url(name) || !matches!(kind_of(name), Some(Kind::Option) | None)
        });
        let auth = self.auth.iter_mut().filter(|(name, _)| is_url(name));
        for (name, found) in settings.chain(auth) {
            if let Some(expanded) =
                expand(found.text(), &value).map_err(|error| found.located(error.of(name)))?
            {
                *found = found.clone().with_text(expanded);
            }
        }
        for (_, item) in &mut self.others {
            if let Value::Text(text) = &item.value
                && let Ok(Some(expanded)) = expand(text.expose(), &value)
            {
                item.value = Value::Text(Secret::from(expanded));
            }
        }
        Ok(())
    }
}

/// Whether a text stands for a boolean, or for no value.
fn is_flag(text: &str) -> bool {
    text.is_empty() || is_yes(text) || is_no(text)
}

fn is_empty(found: &Found) -> bool {
    found.text().is_empty()
}

/// Keys that have a number for each service type.
pub(super) const LIMITS: [&str; 2] = ["rate_limit", "concurrency"];
/// The methods of a multi-factor login.
const METHODS: &str = "auth_methods";

/// The texts that may be lists, which are joined with commas.
const LISTS: [&str; 3] = [METHODS, "region_name", "orchestration_region_name"];

/// The option that takes a program and its arguments as a JSON list.
const COMMAND: &str = "exec_command";

/// The value of an item; none for null.
fn found(key: &str, item: Item, kind: Kind) -> Result<Option<Found>> {
    let name = key.replace("endpoint_type", "interface");
    let bare = key.strip_prefix("auth.").unwrap_or(key);
    let is_list = kind == Kind::List || LISTS.contains(&bare);
    let json = |item: &Item| Some(Arc::from(item.value.to_json(true).to_string()));
    let wrong = |item: &Item| {
        let expected = match kind {
            Kind::Flag if bare == "verify" => "true, false or the path of a CA file",
            Kind::Flag => "true or false",
            _ if is_list || bare == COMMAND => "a string or a list of strings",
            _ => "a string",
        };
        let value = match (&item.value, kind) {
            (Value::Text(text), Kind::Flag) => format!("{:?}", text.expose()),
            (Value::Number(number), Kind::Flag) => number.to_string(),
            (other, _) => other.kind().to_owned(),
        };
        let advice = match item.value {
            Value::Bool(_) => "; quote it",
            _ => "",
        };
        item.at.error(format_args!(
            "{key} must be {expected}, not {value}{advice}"
        ))
    };
    let named = |mut found: Found| {
        found.name = Some(name.as_str().into());
        found
    };
    let (text, json): (Secret, _) = match (&item.value, kind) {
        (Value::Null, _) => return Ok(None),
        // Another text of `verify` is the path of a CA file.
        (Value::Text(text), Kind::Flag) if bare != "verify" && !is_flag(text.expose()) => {
            return Err(wrong(&item));
        }
        (Value::Number(number), Kind::Flag) if !is_flag(number) => return Err(wrong(&item)),
        (Value::Text(text), _) => (text.clone(), None),
        (Value::Number(number), _) => {
            // As in openstacksdk, all other numbers are texts.
            let is_number = name == "api_timeout" && number.parse::<i64>().is_ok();
            let json = is_number.then(|| json(&item)).flatten();
            (Secret::from(&**number), json)
        }
        (Value::Bool(value), Kind::Flag) => (
            Secret::from(if *value { "true" } else { "false" }),
            json(&item),
        ),
        (Value::List(items), _) if is_list || bare == COMMAND => {
            let texts: Option<Vec<_>> = items.iter().map(Item::scalar).collect();
            let texts = texts.ok_or_else(|| wrong(&item))?;
            if bare == COMMAND {
                let list = serde_json::Value::from(texts).to_string();
                return Ok(Some(named(Found::new(list, item.at.source()))));
            }
            let json = (kind == Kind::List || bare == METHODS)
                .then(|| json(&item))
                .flatten();
            (Secret::from(texts.join(",")), json)
        }
        _ => return Err(wrong(&item)),
    };
    let mut found = named(Found::new(text, item.at.source()));
    found.json = json;
    Ok(Some(found))
}

/// The values of the cloud's profile, if it has one.
fn profile(
    files: &Files,
    cloud: &Map,
    what: &str,
    own: &str,
    warnings: &mut Vec<String>,
) -> Result<Map> {
    // `cloud` is the older name.
    let item = cloud.get("profile").or_else(|| cloud.get("cloud"));
    let Some(item) = item.filter(|item| !matches!(item.value, Value::Null)) else {
        return Ok(Map::new());
    };
    let Some(name) = item.scalar() else {
        let kind = item.value.kind();
        return Err(item
            .at
            .error(format_args!("profile must be a string, not {kind}")));
    };
    if name.is_empty() || name == own {
        return Ok(Map::new());
    }
    if let Some(profile) = files.profiles.get(name) {
        return Ok(normalized(
            profile.mapping(format_args!("profile {name:?}"))?,
        ));
    }
    let fetched = |url: &str| {
        let url = url.trim_end_matches('/');
        item.at.error(format_args!(
            "profile {name:?} of {what} is at a URL, from which profiles are not requested; copy `profile` of \
             {url}/.well-known/openstack/api to clouds-public.yaml, under `public-clouds`, and name it here"
        ))
    };
    if name.contains("://") {
        return Err(fetched(name));
    }
    if let Some(vendor) = vendor(name)? {
        return match (vendor.url, vendor.status.as_deref()) {
            (Some(url), _) => Err(fetched(&url)),
            (None, Some("shutdown")) => Err(item.at.error(format_args!(
                "profile {name:?} of {what} is that of a cloud that no longer exists: {}",
                vendor.message
            ))),
            (None, Some(status)) => {
                let message = vendor.message;
                warnings.push(format!(
                    "{}: profile {name:?} is {status}: {message}",
                    item.at
                ));
                Ok(vendor.values)
            }
            (None, None) => Ok(vendor.values),
        };
    }
    let advice = match listed(files.profiles.keys()) {
        names if names.is_empty() => "there is none".to_owned(),
        names => format!("there are {names}"),
    };
    let message = format!(
        "profile {name:?} of {what} is neither in clouds-public.yaml ({advice}) nor one of openstacksdk"
    );
    let has_url = |members: &Map| members.contains_key("auth_url");
    let auth = cloud.get("auth").and_then(Item::as_map);
    match has_url(cloud) || auth.is_some_and(has_url) {
        true => {
            warnings.push(format!("{}: {message}", item.at));
            Ok(Map::new())
        }
        // Nothing says where the cloud is.
        false => Err(item.at.error(message)),
    }
}

/// The error for a cloud that is not in the files.
fn missing(files: &Files, name: &str) -> Error {
    let near = nearest(name, files.clouds.keys().map(String::as_str));
    let message = if files.read.is_empty() {
        let notes = match files.warnings.is_empty() {
            true => String::new(),
            false => format!(" ({})", files.warnings.join("; ")),
        };
        let searched = files.searched.iter().map(|path| match path.as_os_str() {
            here if here == "." => "the current directory".to_owned(),
            _ => path.display().to_string(),
        });
        let place = match listed(searched) {
            none if none.is_empty() => none,
            searched => format!(" in {searched}"),
        };
        format!("cloud {name:?} was not found: there is no clouds.yaml{place}{notes}")
    } else {
        let read = listed(files.read.iter().map(|path| path.display().to_string()));
        let names = match (near.is_empty(), listed(files.clouds.keys())) {
            (false, _) => format!("did you mean {}?", near.join(" or ")),
            (true, names) if names.is_empty() => "there is no cloud".to_owned(),
            (true, names) => format!("there are {names}"),
        };
        format!("cloud {name:?} was not found in {read} ({names})")
    };
    Error::new(ErrorKind::Config, message)
}
