//! Sources of values, in order of precedence.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::entry::Entry;
use crate::config::search::from_home;
use crate::error::Error;
use crate::secret::Secret;

/// The source of a value.
///
/// ```
/// use heatclient::config::Source;
///
/// assert_eq!(Source::Variable("OS_AUTH_URL".to_owned()).to_string(), "OS_AUTH_URL");
/// assert_eq!(Source::Default.to_string(), "default");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Source {
    /// The program or its command line.
    Explicit,
    /// An environment variable, by its name.
    Variable(String),
    /// A line of a file: clouds.yaml, secure.yaml, clouds-public.yaml, or an ini file.
    #[non_exhaustive]
    File {
        /// The path of the file.
        path: PathBuf,
        /// The line, from 1.
        line: u32,
    },
    /// The default: no source has a value.
    Default,
}

impl Source {
    /// The rank of the source. Lower ranks take precedence.
    pub(super) const fn rank(&self) -> u8 {
        match self {
            Self::Explicit => 0,
            Self::Variable(_) => 1,
            Self::File { .. } => 2,
            Self::Default => 3,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Explicit => f.write_str("explicit"),
            Self::Variable(name) => f.write_str(name),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// The names of a setting in each kind of source. Earlier names take precedence.
#[derive(Debug)]
pub(super) struct Key {
    /// Names of explicit values, beside those in files.
    pub(super) names: &'static [&'static str],
    /// Names in files. Without a cloud of a file, they are also variables: `OS_` and the name.
    pub(super) files: &'static [&'static str],
    pub(super) variables: &'static [&'static str],
    /// Variables that are ignored beside a cloud of a file, as in `openstack`.
    pub(super) alone: &'static [&'static str],
    /// Variables that come after files.
    pub(super) last: &'static [&'static str],
}

impl Key {
    /// A setting with these explicit names and variables.
    pub(super) const fn new(
        names: &'static [&'static str],
        variables: &'static [&'static str],
    ) -> Self {
        Self {
            names,
            files: &[],
            variables,
            alone: &[],
            last: &[],
        }
    }

    pub(super) const fn files(mut self, files: &'static [&'static str]) -> Self {
        self.files = files;
        self
    }

    pub(super) const fn alone(mut self, variables: &'static [&'static str]) -> Self {
        self.alone = variables;
        self
    }

    pub(super) const fn last(mut self, variables: &'static [&'static str]) -> Self {
        self.last = variables;
        self
    }

    /// All names of explicit values.
    pub(super) fn explicit(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.names.iter().chain(self.files).copied()
    }

    /// The variables, without those that come after files.
    pub(super) fn variables(&self, alone: bool) -> Vec<String> {
        let mut names = Vec::new();
        if alone {
            names.extend(self.files.iter().map(|name| variable(name)));
        }
        names.extend(self.variables.iter().map(|name| (*name).to_owned()));
        if alone {
            names.extend(self.alone.iter().map(|name| (*name).to_owned()));
        }
        names
    }
}

/// The variable of a name in files.
fn variable(name: &str) -> String {
    format!("OS_{}", name.to_ascii_uppercase())
}

/// A value and its source.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) value: Secret,
    pub(super) source: Source,
    /// The name of the setting in a file, if a file has it.
    pub(super) name: Option<Arc<str>>,
    /// The key in the file, if it differs from the name.
    pub(super) key: Option<Arc<str>>,
    /// The value as JSON, if it is not a string. It is no secret.
    pub(super) json: Option<Arc<str>>,
}

impl Found {
    pub(super) fn new(value: impl Into<Secret>, source: Source) -> Self {
        Self {
            value: value.into(),
            source,
            name: None,
            key: None,
            json: None,
        }
    }

    pub(super) fn text(&self) -> &str {
        self.value.expose()
    }

    /// The same value at another place.
    pub(super) fn with_text(mut self, text: impl Into<Secret>) -> Self {
        self.value = text.into();
        self
    }

    /// The error with the place of the value, if it is from a file.
    pub(super) fn located(&self, error: Error) -> Error {
        match &self.source {
            Source::File { .. } => {
                let message = format!("{}: {error}", self.source);
                error.with_message(message)
            }
            _ => error,
        }
    }
}

/// Named values from a program or a file.
#[derive(Debug, Clone, Default)]
pub(super) struct Named {
    values: Vec<(String, Secret)>,
    /// Separate, because a path may be any OS string.
    paths: Vec<(String, PathBuf)>,
}

impl Named {
    /// Sets a value. The last value of a name wins. Dashes in names equal underscores.
    pub(super) fn set(&mut self, name: &str, value: Secret) {
        let name = plain(name);
        self.values.retain(|(known, _)| *known != name);
        self.values.push((name, value));
    }

    pub(super) fn set_path(&mut self, name: &str, path: PathBuf) {
        let name = plain(name);
        self.paths.retain(|(known, _)| *known != name);
        self.paths.push((name, path));
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let paths = self.paths.iter().map(|(name, _)| name.as_str());
        self.values
            .iter()
            .map(|(name, _)| name.as_str())
            .chain(paths)
    }

    fn get(&self, name: &str) -> Option<&Secret> {
        let found = self.values.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value)
    }

    fn path(&self, name: &str) -> Option<&Path> {
        let found = self.paths.iter().find(|(known, _)| known == name);
        found
            .map(|(_, path)| path.as_path())
            .or_else(|| self.get(name).map(|value| Path::new(value.expose())))
            .filter(|path| !path.as_os_str().is_empty())
    }
}

fn plain(name: &str) -> String {
    name.replace('-', "_")
}

/// Reads an environment variable.
pub(super) type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

/// One source.
#[derive(Clone, Copy)]
pub(super) enum Origin<'a> {
    Named(&'a Named),
    /// The flag is whether no cloud of a file is used.
    Variables(&'a Lookup, bool),
    File(&'a Entry),
    /// Variables that come after files.
    Last(&'a Lookup),
}

/// The names of a value in each kind of source.
pub(super) struct Names<'a> {
    pub(super) explicit: &'a [&'a str],
    pub(super) variables: &'a [String],
    pub(super) last: &'a [&'a str],
    pub(super) may_be_empty: bool,
    /// Whether it is an option of an auth plugin, which files may have in `auth`.
    pub(super) is_option: bool,
}

impl Origin<'_> {
    /// The value of the first name that has one.
    pub(super) fn find(&self, key: &Key) -> Option<Found> {
        let variables = match self {
            Self::Variables(_, alone) => key.variables(*alone),
            _ => Vec::new(),
        };
        let explicit: Vec<_> = match self {
            Self::Named(_) => key.explicit().collect(),
            _ => key.files.to_vec(),
        };
        self.find_by(&Names {
            explicit: &explicit,
            variables: &variables,
            last: key.last,
            may_be_empty: false,
            is_option: false,
        })
    }

    pub(super) fn find_by(&self, names: &Names<'_>) -> Option<Found> {
        match self {
            Self::Named(values) => {
                let found = names.explicit.iter().find_map(|name| {
                    values
                        .get(name)
                        .filter(|value| names.may_be_empty || !value.expose().is_empty())
                });
                found.map(|value| Found::new(value.clone(), Source::Explicit))
            }
            Self::Variables(lookup, _) => {
                let mut variables = names.variables.iter();
                variables.find_map(|name| of_variable(*lookup, name))
            }
            Self::File(entry) => {
                let mut known = names.explicit.iter();
                match names.is_option {
                    true => known.find_map(|name| entry.option(name)).cloned(),
                    false => known.find_map(|name| entry.setting(name)).cloned(),
                }
            }
            Self::Last(lookup) => {
                let mut last = names.last.iter();
                last.find_map(|name| of_variable(*lookup, name))
            }
        }
    }

    fn path(&self, key: &Key) -> Option<(PathBuf, Found)> {
        if let Self::Named(values) = self {
            let path = key.explicit().find_map(|name| values.path(name))?;
            let text = path.to_string_lossy().into_owned();
            return Some((path.to_owned(), Found::new(text, Source::Explicit)));
        }
        let found = self.find(key)?;
        Some((PathBuf::from(found.text()), found))
    }
}

fn of_variable(lookup: &Lookup, name: &str) -> Option<Found> {
    let value = lookup(name).filter(|value| !value.is_empty())?;
    let mut found = Found::new(value, Source::Variable(name.to_owned()));
    let name = name.strip_prefix("OS_");
    let name = name.map(str::to_ascii_lowercase);
    found.name = name.map(|name| name.replace("endpoint_type", "interface").into());
    Some(found)
}

/// All sources, in order of precedence.
#[derive(Clone)]
pub(super) struct Sources<'a>(pub(super) Vec<Origin<'a>>);

impl Sources<'_> {
    /// The limit of a service, which only files have.
    pub(super) fn limit(&self, key: &str, service: &str) -> Option<Found> {
        self.first(|origin| match origin {
            Origin::File(entry) => entry.limit(key, service).cloned(),
            _ => None,
        })
    }

    /// The value of a setting, from the first source that has one. Empty values are ignored.
    pub(super) fn find(&self, key: &Key) -> Option<Found> {
        self.first(|origin| origin.find(key))
    }

    /// The path of a setting. `~` is replaced by the home directory, because shells do not replace
    /// it in `--os-cacert=~/ca.pem` and in quotes. The value that was found is unchanged.
    pub(super) fn path(&self, key: &Key) -> Option<(PathBuf, Found)> {
        let (path, found) = self.first(|origin| origin.path(key))?;
        Some((self.without_tilde(&path), found))
    }

    pub(super) fn without_tilde(&self, path: &Path) -> PathBuf {
        const HOME: Key = Key::new(&[], &["HOME"]);
        let home = self.find(&HOME);
        from_home(path, &|_| home.as_ref().map(|home| home.text().to_owned()))
    }

    /// All but the variables that come after files.
    pub(super) fn without_last(&self) -> Self {
        let is_last = |origin: &&Origin<'_>| matches!(origin, Origin::Last(_));
        Self(
            self.0
                .iter()
                .filter(|origin| !is_last(origin))
                .copied()
                .collect(),
        )
    }

    /// Whether no cloud of a file is used.
    pub(super) fn is_alone(&self) -> bool {
        let mut origins = self.0.iter();
        !origins.any(|origin| matches!(origin, Origin::Variables(_, false)))
    }

    pub(super) fn first<T>(&self, find: impl Fn(&Origin<'_>) -> Option<T>) -> Option<T> {
        self.0.iter().find_map(find)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: Key = Key::new(&["new", "old"], &["OS_NEW", "OS_OLD"]);

    fn find(
        named: &[(&str, &str)],
        variables: &'static [(&str, &str)],
    ) -> Option<(String, Source)> {
        let mut values = Named::default();
        for (name, value) in named {
            values.set(name, Secret::from(*value));
        }
        let lookup = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let sources = Sources(vec![
            Origin::Named(&values),
            Origin::Variables(&lookup, false),
        ]);
        let found = sources.find(&KEY)?;
        Some((found.text().to_owned(), found.source))
    }

    #[test]
    fn the_first_name_of_the_first_source_with_a_value_counts() {
        let variable = |name: &str| Source::Variable(name.to_owned());
        for (named, variables, expected) in [
            (&[][..], &[][..], None),
            (
                &[("old", "1"), ("new", "2")],
                &[("OS_NEW", "3")],
                Some(("2", Source::Explicit)),
            ),
            (
                &[("old", "1"), ("new", "")],
                &[("OS_NEW", "3")],
                Some(("1", Source::Explicit)),
            ),
            (
                &[("new", "1"), ("new", "")],
                &[("OS_OLD", "4"), ("OS_NEW", "3")],
                Some(("3", variable("OS_NEW"))),
            ),
            (
                &[],
                &[("OS_OLD", "4"), ("OS_NEW", "")],
                Some(("4", variable("OS_OLD"))),
            ),
            (&[("other", "1")], &[("NEW", "3")], None),
        ] {
            let expected = expected.map(|(value, source)| (value.to_owned(), source));
            assert_eq!(find(named, variables), expected, "{named:?} {variables:?}");
        }
    }
}
