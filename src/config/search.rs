//! Where configuration files are searched, and what is read from them.

use std::ffi::OsString;
use std::io::{ErrorKind as IoErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::config::source::Lookup;
use crate::config::tree::{Item, Map, Place, merge, normalized};
use crate::error::{Error, ErrorKind, Result};
use crate::secret::Secret;
use crate::yaml::Document;

/// The maximum size of a file, in bytes.
const MAX_SIZE: u64 = 16 << 20;

/// The endings of configuration files, in order of preference.
const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];

/// Where to search configuration files.
#[derive(Debug, Clone)]
pub(super) enum Search {
    /// The directories of openstacksdk.
    Standard,
    /// These directories only.
    Directories(Vec<PathBuf>),
    /// Texts in place of files, by the names of the files.
    Documents(Vec<(PathBuf, Secret)>),
}

/// What the files say about clouds.
#[derive(Debug, Clone, Default)]
pub(super) struct Files {
    /// The clouds of all files, merged.
    pub(super) clouds: Map,
    /// The profiles of clouds-public.yaml.
    pub(super) profiles: Map,
    /// The section `client`.
    pub(super) client: Map,
    /// The files that were read. For messages.
    pub(super) read: Vec<Arc<Path>>,
    /// The directories that were searched. For messages.
    pub(super) searched: Vec<PathBuf>,
    /// Sections beside the clouds, which this crate does not use.
    pub(super) sections: Vec<(String, Place)>,
    pub(super) warnings: Vec<String>,
}

impl Search {
    /// Reads all files.
    ///
    /// # Errors
    /// A file cannot be read, is no YAML, or has no mapping where one is expected.
    pub(super) fn read(&self, lookup: Option<&Lookup>) -> Result<Files> {
        let variable = |name: &str| lookup?(name).filter(|value| !value.is_empty());
        let directories = match self {
            Self::Standard => standard(&variable),
            Self::Directories(directories) => directories.clone(),
            Self::Documents(documents) => return of_documents(documents),
        };
        let mut files = Files {
            searched: directories.clone(),
            ..Files::default()
        };
        let mut all = Map::new();
        let path = variable("OS_CLIENT_CONFIG_PATH").unwrap_or_default();
        for item in std::env::split_paths(&path) {
            let item = from_home(&item, &variable);
            for path in files.listed(&item, "OS_CLIENT_CONFIG_PATH") {
                if let Some(members) = files.parse(&path)? {
                    merge(&mut all, members);
                }
            }
        }
        for (name, first) in [
            ("clouds", Some("OS_CLIENT_CONFIG_FILE")),
            ("secure", Some("OS_CLIENT_SECURE_FILE")),
        ] {
            let first = first.and_then(|name| Some((name, PathBuf::from(variable(name)?))));
            if let Some(members) = files.first(first, &directories, name)? {
                merge(&mut all, members);
            }
        }
        let profiles = files.first(None, &directories, "clouds-public")?;
        files.with(all, profiles)
    }
}

/// What texts in place of files say.
fn of_documents(documents: &[(PathBuf, Secret)]) -> Result<Files> {
    let mut files = Files::default();
    let (mut all, mut public) = (Map::new(), None);
    for kind in ["clouds", "secure", "clouds-public"] {
        let is_kind = |path: &Path| path.file_stem().is_some_and(|stem| stem == kind);
        for (path, text) in documents.iter().filter(|(path, _)| is_kind(path)) {
            let file = Arc::from(path.as_path());
            let members = members(text.expose(), &file, &mut files.warnings)?;
            files.read.push(file);
            match kind {
                "clouds-public" => public = Some(members),
                _ => merge(&mut all, members),
            }
        }
    }
    files.with(all, public)
}

/// The directories that openstacksdk searches, in its order.
fn standard(variable: &dyn Fn(&str) -> Option<String>) -> Vec<PathBuf> {
    let home = variable("HOME").map(PathBuf::from);
    let mut found = vec![PathBuf::from(".")];
    let own = match (cfg!(target_os = "macos"), variable("XDG_CONFIG_HOME")) {
        (_, Some(path)) => Some(PathBuf::from(path)),
        (true, None) => home
            .as_ref()
            .map(|home| home.join("Library/Application Support")),
        (false, None) => home.as_ref().map(|home| home.join(".config")),
    };
    // A snap has a home of its own.
    let real_home = variable("SNAP_REAL_HOME").map(PathBuf::from).or(home);
    found.extend(own.map(|path| path.join("openstack")));
    found.extend(real_home.map(|home| home.join(".config/openstack")));
    let sites = variable("XDG_CONFIG_DIRS").unwrap_or_else(|| "/etc/xdg".to_owned());
    found.extend(std::env::split_paths(&sites).map(|site| site.join("openstack")));
    found.push(PathBuf::from("/etc/openstack"));
    let mut seen = Vec::new();
    found.retain(|path| !seen.contains(path) && (seen.push(path.clone()), true).1);
    found
}

/// `~` at the start of a path is the home directory.
pub(super) fn from_home(path: &Path, variable: &dyn Fn(&str) -> Option<String>) -> PathBuf {
    match (path.strip_prefix("~"), variable("HOME")) {
        (Ok(below), Some(home)) => Path::new(&home).join(below),
        _ => path.to_owned(),
    }
}

impl Files {
    /// Adds the clouds and the profiles of merged files.
    fn with(mut self, mut all: Map, profiles: Option<Map>) -> Result<Self> {
        if let Some(clouds) = all.shift_remove("clouds") {
            self.clouds = clouds.mapping("`clouds`")?;
        }
        if let Some(client) = all.shift_remove("client") {
            self.client = normalized(client.mapping("`client`")?);
        }
        self.sections = all.into_iter().map(|(key, item)| (key, item.at)).collect();
        let mut profiles = profiles.unwrap_or_default();
        if let Some(profiles) = profiles.shift_remove("public-clouds") {
            self.profiles = profiles.mapping("`public-clouds`")?;
        }
        Ok(self)
    }

    /// The members of the first file that exists: the one that a variable names, or else NAME.yaml in
    /// a directory.
    fn first(
        &mut self,
        named: Option<(&str, PathBuf)>,
        directories: &[PathBuf],
        name: &str,
    ) -> Result<Option<Map>> {
        if let Some((variable, path)) = named {
            let is_missing = path.try_exists().is_ok_and(|exists| !exists);
            if !is_missing {
                let members = self.parse(&path)?;
                // The user wants this file and no other.
                return match members {
                    None => Err(unreadable(variable, &path)),
                    members => Ok(members),
                };
            }
            let path = path.display();
            self.warnings.push(format!(
                "{variable}: {path} does not exist; the usual directories are searched"
            ));
        }
        for directory in directories {
            for path in in_directory(directory, name) {
                if let Some(members) = self.parse(&path)? {
                    return Ok(Some(members));
                }
            }
        }
        Ok(None)
    }

    /// The files of an item of a search path.
    fn listed(&mut self, item: &Path, variable: &str) -> Vec<PathBuf> {
        if item.as_os_str().is_empty() {
            return Vec::new();
        }
        if item.is_dir() {
            let names = ["clouds", "secure"];
            return names
                .iter()
                .filter_map(|name| in_directory(item, name).into_iter().next())
                .collect();
        }
        if item.exists() {
            return vec![item.to_owned()];
        }
        let item = item.display();
        self.warnings
            .push(format!("{variable}: {item} does not exist"));
        Vec::new()
    }

    /// The members of a file; `None` if the user may not read it.
    fn parse(&mut self, path: &Path) -> Result<Option<Map>> {
        let file: Arc<Path> = Arc::from(path.strip_prefix(".").unwrap_or(path));
        let shown = file.display();
        let text = match read(path) {
            Ok(bytes) if bytes.len() as u64 > MAX_SIZE => {
                let message = format!("{shown} is longer than {} MiB", MAX_SIZE >> 20);
                return Err(Error::new(ErrorKind::Config, message));
            }
            Ok(bytes) => bytes,
            Err(error) if error.kind() == IoErrorKind::PermissionDenied => {
                self.warnings
                    .push(format!("{shown} is ignored: permission denied"));
                return Ok(None);
            }
            Err(error) => {
                return Err(
                    Error::new(ErrorKind::Config, format!("cannot read {shown}: {error}"))
                        .with_source(error),
                );
            }
        };
        let text = std::str::from_utf8(&text).map_err(|error| {
            let message = format!("{shown} is not UTF-8 text");
            Error::new(ErrorKind::Config, message).with_source(error)
        })?;
        let members = members(text, &file, &mut self.warnings)?;
        self.read.push(file);
        Ok(Some(members))
    }
}

/// The bytes of a file, or a few more than are allowed.
fn read(path: &Path) -> std::io::Result<Zeroizing<Vec<u8>>> {
    let file = std::fs::File::open(path)?;
    // Allocated at once: a growing vector leaves copies in memory.
    let length = file.metadata()?.len().min(MAX_SIZE);
    let mut bytes = Zeroizing::new(Vec::with_capacity(length as usize + 1));
    file.take(MAX_SIZE + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The error for a file that a variable names and that the user may not read.
fn unreadable(variable: &str, path: &Path) -> Error {
    let message = format!(
        "{variable}: cannot read {}: permission denied",
        path.display()
    );
    Error::new(ErrorKind::Config, message)
}

/// The members of a document.
///
/// # Errors
/// It is not YAML, or not a mapping. Messages have no text of the document.
pub(super) fn members(text: &str, file: &Arc<Path>, warnings: &mut Vec<String>) -> Result<Map> {
    let is_json = file.extension() == Some(&OsString::from("json"));
    let document = match is_json {
        true => Document::parse_json(text),
        false => Document::parse(text),
    };
    let at = |line| Place {
        file: Arc::clone(file),
        line,
    };
    let document = document.map_err(|errors| match errors.first() {
        Some(error) => {
            let mark = error.mark();
            let format = if is_json { "JSON" } else { "YAML" };
            at(mark.line).error(format_args!(
                "invalid {format} in column {}: {}",
                mark.column,
                without_quotes(error.message())
            ))
        }
        None => at(1).error("the file cannot be read"),
    })?;
    warnings.extend(document.duplicates.iter().map(|duplicate| {
        let (key, first) = (&duplicate.key, duplicate.first.line);
        let at = at(duplicate.second.line);
        format!("{at}: duplicate key {key:?}; it replaces the value of line {first}")
    }));
    let root = Item::new(&document.root, 1, file);
    match root.as_map() {
        Some(members) => Ok(members.clone()),
        None => Err(at(1).error("the file is empty or not a mapping")),
    }
}

/// The message without quoted text, which may be a part of a secret.
fn without_quotes(message: &str) -> String {
    let mut parts = message.split('`');
    let mut kept = parts.next().unwrap_or_default().to_owned();
    while let (Some(_), Some(after)) = (parts.next(), parts.next()) {
        kept.push('…');
        kept.push_str(after);
    }
    kept
}

/// The files NAME.yaml, NAME.yml and NAME.json that exist in a directory.
fn in_directory(directory: &Path, name: &str) -> Vec<PathBuf> {
    let paths = ENDINGS.map(|ending| directory.join(format!("{name}.{ending}")));
    paths.into_iter().filter(|path| path.exists()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_directories_are_those_of_openstacksdk() {
        let found = |variables: &[(&str, &str)]| {
            let variables: Vec<_> = variables
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect();
            let lookup = move |name: &str| {
                let found = variables.iter().find(|(known, _)| known == name);
                found.map(|(_, value)| value.clone())
            };
            let paths = standard(&lookup);
            paths
                .iter()
                .map(|path| path.display().to_string())
                .collect::<Vec<_>>()
        };
        if cfg!(target_os = "linux") {
            assert_eq!(
                found(&[("HOME", "/h")]),
                [
                    ".",
                    "/h/.config/openstack",
                    "/etc/xdg/openstack",
                    "/etc/openstack"
                ]
            );
        }
        assert_eq!(
            found(&[
                ("HOME", "/h"),
                ("XDG_CONFIG_HOME", "/x"),
                ("XDG_CONFIG_DIRS", "/a:/b"),
                ("SNAP_REAL_HOME", "/real")
            ]),
            [
                ".",
                "/x/openstack",
                "/real/.config/openstack",
                "/a/openstack",
                "/b/openstack",
                "/etc/openstack"
            ]
        );
    }

    #[test]
    fn bad_documents_are_told_without_their_text() {
        for (name, text, message) in [
            (
                "c.yaml",
                "a: [swordfish\n",
                "c.yaml:1: invalid YAML in column 4: unclosed bracket '['",
            ),
            (
                "c.yaml",
                "a: !Swordfish x\n",
                "c.yaml:1: invalid YAML in column 4: unknown tag …",
            ),
            (
                "c.json",
                "{\"a\": 1,\n swordfish}",
                "c.json:2: invalid JSON in column 2: ",
            ),
            ("c.yaml", "", "c.yaml:1: the file is empty or not a mapping"),
            (
                "c.yaml",
                "- swordfish\n",
                "c.yaml:1: the file is empty or not a mapping",
            ),
        ] {
            let error = members(text, &Arc::from(Path::new(name)), &mut Vec::new()).unwrap_err();
            let shown = error.to_string();
            assert!(shown.starts_with(message), "{shown}");
            assert!(!shown.to_lowercase().contains("swordfish"), "{shown}");
        }
    }
}
