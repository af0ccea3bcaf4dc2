//! Sections of ini files in the form of oslo.config, as OpenStack services use them.
//!
//! One section has the options of the auth plugin, the session and the adapter. `auth_section` names
//! another section for the options of the plugin.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use indexmap::IndexMap;
use zeroize::Zeroizing;

use crate::config::entry::Entry;
use crate::config::keys::{is_option, is_secret};
use crate::config::tree::{Item, Map, Place, Value};
use crate::error::{Error, ErrorKind, Result};
use crate::secret::Secret;
use crate::suggest::listed;

/// The options of sessions and adapters, and their names in clouds.yaml.
const NAMES: &[(&str, &str)] = &[
    ("cafile", "cacert"),
    ("certfile", "cert"),
    ("keyfile", "key"),
    ("insecure", "insecure"),
    ("timeout", "api_timeout"),
    ("tls_min_version", "tls_min_version"),
    ("tls_ciphers", "tls_ciphers"),
    ("service_type", "orchestration_service_type"),
    ("service_name", "orchestration_service_name"),
    ("valid_interfaces", "orchestration_interface"),
    ("interface", "orchestration_interface"),
    ("region_name", "region_name"),
    ("endpoint_override", "orchestration_endpoint_override"),
    ("version", "orchestration_api_version"),
    ("min_version", "orchestration_min_version"),
    ("max_version", "orchestration_max_version"),
    ("connect_retries", "orchestration_connect_retries"),
    ("connect_retry_delay", "orchestration_connect_retry_delay"),
    ("status_code_retries", "orchestration_status_code_retries"),
    (
        "status_code_retry_delay",
        "orchestration_status_code_retry_delay",
    ),
    (
        "retriable_status_codes",
        "orchestration_retriable_status_codes",
    ),
];

/// The most references within references.
const MAX_DEPTH: usize = 8;

/// A file: the options of each section.
#[derive(Debug)]
struct Ini {
    file: Arc<Path>,
    sections: IndexMap<String, Section>,
}

#[derive(Debug)]
struct Section {
    line: u32,
    options: IndexMap<String, (Secret, u32)>,
}

/// Reads a section of a file.
///
/// # Errors
/// The file cannot be read, is no ini file, or has no such section, or the section has no `auth_type`.
pub(super) fn read(path: &Path, section: &str) -> Result<Entry> {
    let shown = path.display();
    let bytes = std::fs::read(path).map(Zeroizing::new).map_err(|error| {
        Error::new(ErrorKind::Config, format!("cannot read {shown}: {error}")).with_source(error)
    })?;
    let text = std::str::from_utf8(&bytes).map_err(|error| {
        Error::new(ErrorKind::Config, format!("{shown} is not UTF-8 text")).with_source(error)
    })?;
    entry(text, path, section)
}

/// The values of a section.
fn entry(text: &str, path: &Path, name: &str) -> Result<Entry> {
    let ini = Ini::parse(text, path)?;
    let section = ini.section(name)?;
    let (auth_name, auth) = match section.options.get("auth_section") {
        Some((_, line)) => {
            let named = ini
                .value(name, "auth_section", &[])?
                .unwrap_or_else(|| Secret::from(""));
            let named = named.expose().to_owned();
            let auth = ini.section(&named).map_err(|error| {
                error.with_message(format!(
                    "{}: auth_section {named:?} does not exist",
                    ini.place(*line)
                ))
            })?;
            (named, auth)
        }
        None => (name.to_owned(), section),
    };
    let has_type = ["auth_type", "auth_plugin"]
        .iter()
        .any(|key| auth.options.contains_key(*key));
    if !has_type {
        return Err(ini
            .place(auth.line)
            .error(format_args!("section [{auth_name}] has no auth_type")));
    }
    let mut members = Map::new();
    for (option, (_, line)) in &section.options {
        let Some((_, known)) = NAMES.iter().find(|(ini, _)| ini == option) else {
            continue;
        };
        if option == "interface" && section.options.contains_key("valid_interfaces") {
            let message = "interface and valid_interfaces exclude each other; use valid_interfaces";
            return Err(ini.place(*line).error(message));
        }
        let item = ini.item(name, option, *line)?;
        members.insert((*known).to_owned(), item);
    }
    let mut options = Map::new();
    for (option, (_, line)) in &auth.options {
        let is_other =
            NAMES.iter().any(|(ini, _)| ini == option) || ADAPTER_ONLY.contains(&option.as_str());
        if matches!(option.as_str(), "auth_type" | "auth_plugin") {
            let item = ini.item(&auth_name, option, *line)?;
            // The older name comes second.
            let is_older = option == "auth_plugin";
            if !(is_older && auth.options.contains_key("auth_type")) {
                members.insert("auth_type".to_owned(), item);
            }
        } else if !is_other && option != "auth_section" {
            match ini.item(&auth_name, option, *line) {
                Ok(item) => {
                    options.insert(option.clone(), item);
                }
                Err(error) if is_option(option) => return Err(error),
                // An option of the service.
                Err(_) => {}
            }
        }
    }
    let auth = Item {
        value: Value::Map(options),
        at: ini.place(auth.line),
    };
    members.insert("auth".to_owned(), auth);
    Entry::new(members, Vec::new())
}

/// Options of sessions and adapters that have no effect here.
const ADAPTER_ONLY: &[&str] = &["collect_timing", "split_loggers"];

impl Ini {
    fn parse(text: &str, path: &Path) -> Result<Self> {
        let mut ini = Self {
            file: Arc::from(path),
            sections: IndexMap::new(),
        };
        let mut section: Option<String> = None;
        let mut key: Option<String> = None;
        let mut number = 0;
        for line in text.lines() {
            number += 1;
            let line = line.trim_end();
            let place = ini.place(number);
            let wrong = |message: &str| place.error(message);
            if line.is_empty() {
                key = None;
            } else if line.starts_with([' ', '\t']) {
                let target = section.as_ref().zip(key.as_ref());
                let target = target
                    .and_then(|(section, key)| ini.sections.get_mut(section)?.options.get_mut(key));
                let Some((value, _)) = target else {
                    return Err(wrong("unexpected indented line"));
                };
                let joined = format!("{}\n{}", value.expose(), line.trim_start());
                *value = Secret::from(joined);
            } else if let Some(header) = line.strip_prefix('[') {
                let Some(name) = header.strip_suffix(']').filter(|name| !name.is_empty()) else {
                    return Err(wrong("invalid section header; expected [NAME]"));
                };
                let line = number;
                ini.sections
                    .entry(name.to_owned())
                    .or_insert_with(|| Section {
                        line,
                        options: IndexMap::new(),
                    });
                section = Some(name.to_owned());
                key = None;
            } else if !line.starts_with(['#', ';']) {
                let Some((name, value)) = line.split_once(['=', ':']) else {
                    return Err(wrong("expected NAME = VALUE"));
                };
                // Dashes in names equal underscores, as in clouds.yaml.
                let name = name.trim().replace('-', "_");
                let Some(section) = section.as_ref().and_then(|name| ini.sections.get_mut(name))
                else {
                    return Err(wrong("an option before the first section"));
                };
                if name.is_empty() {
                    return Err(wrong("an option without a name"));
                }
                let value = Secret::from(unquoted(value.trim()));
                section.options.insert(name.clone(), (value, number));
                key = Some(name);
            } else {
                key = None;
            }
        }
        Ok(ini)
    }

    fn place(&self, line: u32) -> Place {
        let file = Arc::clone(&self.file);
        Place { file, line }
    }

    fn section(&self, name: &str) -> Result<&Section> {
        self.sections.get(name).ok_or_else(|| {
            let file = self.file.display();
            let names = listed(self.sections.keys());
            let message = format!("{file} has no section [{name}]; it has {names}");
            Error::new(ErrorKind::Config, message)
        })
    }

    fn item(&self, section: &str, option: &str, line: u32) -> Result<Item> {
        let value = self.value(section, option, &[])?;
        let value = value.unwrap_or_else(|| Secret::from(""));
        // Lists are separated by commas.
        let value = match option {
            "valid_interfaces" => {
                let parts = value.expose().split(',');
                let parts: Vec<_> = parts.map(str::trim).collect();
                Secret::from(parts.join(","))
            }
            _ => value,
        };
        Ok(Item {
            value: Value::Text(value),
            at: self.place(line),
        })
    }

    /// The value of an option, with its references replaced. `trail` has the sections and options
    /// that refer to it.
    fn value(&self, section: &str, option: &str, trail: &[(&str, &str)]) -> Result<Option<Secret>> {
        let found = self.sections.get(section);
        let Some((value, line)) = found.and_then(|section| section.options.get(option)) else {
            return Ok(None);
        };
        let refused = |message: fmt::Arguments<'_>| {
            let place = self.place(*line);
            place.error(format_args!(
                "{option} {message}; write $$ for a dollar sign"
            ))
        };
        if trail.contains(&(section, option)) {
            return Err(refused(format_args!("refers to itself")));
        }
        if !value.expose().contains('$') {
            return Ok(Some(value.clone()));
        }
        if trail.len() >= MAX_DEPTH {
            return Err(refused(format_args!(
                "is part of too many references within references"
            )));
        }
        let mut own = trail.to_vec();
        own.push((section, option));
        // What follows the dollar sign may be a part of a secret.
        let hides = own.iter().any(|(_, option)| is_secret(option));
        let unknown = |name: &str| match hides {
            true => refused(format_args!("has a $ that refers to no option")),
            false => refused(format_args!(
                "refers to ${name}, which is no option of [{section}] or [DEFAULT]"
            )),
        };
        // Both spellings of a dollar sign.
        let text = Zeroizing::new(value.expose().replace("\\$", "$$"));
        let mut out = Zeroizing::new(String::new());
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once('$') {
            out.push_str(before);
            if let Some(after) = after.strip_prefix('$') {
                out.push('$');
                rest = after;
                continue;
            }
            let braced = after
                .strip_prefix('{')
                .and_then(|inner| inner.split_once('}'));
            let (name, after) = match braced {
                Some((name, after)) if is_name(name) => (name, after),
                _ => {
                    let end = after
                        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.')))
                        .unwrap_or(after.len());
                    after.split_at_checked(end).unwrap_or((after, ""))
                }
            };
            if !is_name(name) {
                out.push('$');
                out.push_str(name);
                rest = after;
                continue;
            }
            let value = self.referred(section, name, &own)?;
            out.push_str(value.ok_or_else(|| unknown(name))?.expose());
            rest = after;
        }
        out.push_str(rest);
        Ok(Some(Secret::from(out.as_str())))
    }

    /// The option that `$NAME` or `$SECTION.NAME` refers to.
    fn referred(
        &self,
        section: &str,
        name: &str,
        trail: &[(&str, &str)],
    ) -> Result<Option<Secret>> {
        if let Some((other, option)) = name.split_once('.') {
            return self.value(other, option, trail);
        }
        match self.value(section, name, trail)? {
            Some(value) => Ok(Some(value)),
            None => self.value("DEFAULT", name, trail),
        }
    }
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))
}

/// The value without the quotes around it.
fn unquoted(value: &str) -> &str {
    let inner = |quote| value.strip_prefix(quote)?.strip_suffix(quote);
    inner('"').or_else(|| inner('\'')).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str, section: &str) -> Result<String, String> {
        let entry = entry(text, Path::new("f.conf"), section).map_err(|error| error.to_string())?;
        let shown = |(name, found): (&str, &crate::config::source::Found)| {
            format!("{name}={} {}", found.text(), found.source)
        };
        let all = entry.settings().chain(entry.auth()).map(shown);
        Ok(all.collect::<Vec<_>>().join(";"))
    }

    #[test]
    fn a_section_has_options_of_plugin_session_and_adapter() {
        let text = "\
[DEFAULT]
host = h1
[heat]
auth-type = password
auth_url: http://$host:5000/v3  
# a comment
username = \"demo\"
password = p$$w\\$x=$
project_name = ${host}-$other.x
cafile = /ca.pem
valid_interfaces = internal, public
timeout = 5
connect_retries=2
unknown = x
[other]
x = y
";
        assert_eq!(
            values(text, "heat").unwrap(),
            "cacert=/ca.pem f.conf:10;orchestration_interface=internal,public f.conf:11;api_timeout=5 f.conf:12;\
             orchestration_connect_retries=2 f.conf:13;auth_type=password f.conf:4;auth_url=http://h1:5000/v3 f.conf:5;\
             username=demo f.conf:7;password=p$w$x=$ f.conf:8;project_name=h1-y f.conf:9;\
             unknown=x f.conf:14"
        );
    }

    #[test]
    fn another_section_may_have_the_options_of_the_plugin() {
        let text = "\
[heat]
auth_section = keystone_authtoken
region_name = R1
username = unused
[keystone_authtoken]
auth_plugin = v3password
username = demo
region_name = unused
";
        assert_eq!(
            values(text, "heat").unwrap(),
            "region_name=R1 f.conf:3;auth_type=v3password f.conf:6;username=demo f.conf:7"
        );
    }

    #[test]
    fn a_bad_file_is_told_by_its_line_and_without_its_text() {
        for (text, message) in [
            ("[a\n", "f.conf:1: invalid section header; expected [NAME]"),
            ("x = y\n", "f.conf:1: an option before the first section"),
            ("[a]\nswordfish\n", "f.conf:2: expected NAME = VALUE"),
            ("[a]\n  swordfish\n", "f.conf:2: unexpected indented line"),
            ("[a]\n= swordfish\n", "f.conf:2: an option without a name"),
            ("[b]\n", "f.conf has no section [a]; it has b"),
            ("\n[a]\n", "f.conf:2: section [a] has no auth_type"),
            (
                "[a]\nauth_section = b\n",
                "f.conf:2: auth_section \"b\" does not exist",
            ),
            (
                "[a]\nauth_type = password\nusername = x$y\n",
                "f.conf:3: username refers to $y, which is no option of [a] or [DEFAULT]; write $$ for a dollar sign",
            ),
            (
                "[a]\nauth_type = password\npassword = sword$fish\n",
                "f.conf:3: password has a $ that refers to no option; write $$ for a dollar sign",
            ),
            (
                "[a]\nauth_type = password\nx = sword$fish\npassword = $x\n",
                "f.conf:3: x has a $ that refers to no option; write $$ for a dollar sign",
            ),
            (
                "[a]\nauth_type = password\npassword = $password\n",
                "f.conf:3: password refers to itself; write $$ for a dollar sign",
            ),
            (
                "[a]\nauth_type = password\npassword = $x\nx = ${DEFAULT.y}\n[DEFAULT]\ny = $a.password\n",
                "f.conf:3: password refers to itself; write $$ for a dollar sign",
            ),
            (
                "[a]\nauth_type = $auth_type\n",
                "f.conf:2: auth_type refers to itself; write $$ for a dollar sign",
            ),
            (
                "[a]\nauth_type = none\ninsecure = maybe\n",
                "f.conf:3: insecure must be true or false, not \"maybe\"",
            ),
            (
                "[a]\nauth_type = none\ninterface = public\nvalid_interfaces = public\n",
                "f.conf:3: interface and valid_interfaces exclude each other; use valid_interfaces",
            ),
        ] {
            assert_eq!(values(text, "a").unwrap_err(), message);
        }
    }
}
