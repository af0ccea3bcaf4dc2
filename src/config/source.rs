//! Sources of values, in order of precedence.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::loading::Opt;
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
    /// The default: no source has a value.
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Explicit => "explicit",
            Self::Variable(name) => name,
            Self::Default => "default",
        })
    }
}

/// The names of a setting in each kind of source. Earlier names take precedence.
#[derive(Debug)]
pub(super) struct Key {
    /// Names of explicit values.
    pub(super) names: &'static [&'static str],
    pub(super) variables: &'static [&'static str],
}

impl Key {
    pub(super) const fn new(
        names: &'static [&'static str],
        variables: &'static [&'static str],
    ) -> Self {
        Self { names, variables }
    }
}

/// A value and its source.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) value: Secret,
    pub(super) source: Source,
}

impl Found {
    pub(super) fn text(&self) -> &str {
        self.value.expose()
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
    Named(&'a Named, &'a Source),
    Variables(&'a Lookup),
}

impl Origin<'_> {
    /// The value of the first name that has one.
    pub(super) fn find(&self, key: &Key) -> Option<Found> {
        self.find_by(key.names, key.variables, false)
    }

    fn find_by<V: AsRef<str>>(
        &self,
        names: &[&str],
        variables: &[V],
        may_be_empty: bool,
    ) -> Option<Found> {
        match self {
            Self::Named(values, source) => {
                let found = names.iter().find_map(|name| {
                    values
                        .get(name)
                        .filter(|value| may_be_empty || !value.expose().is_empty())
                });
                found.map(|value| Found {
                    value: value.clone(),
                    source: (*source).clone(),
                })
            }
            Self::Variables(lookup) => variables.iter().find_map(|name| {
                let name = name.as_ref();
                let value = lookup(name).filter(|value| !value.is_empty())?;
                Some(Found {
                    value: Secret::from(value),
                    source: Source::Variable(name.to_owned()),
                })
            }),
        }
    }

    fn path(&self, key: &Key) -> Option<(PathBuf, Source)> {
        match self {
            Self::Named(values, source) => {
                let path = key.names.iter().find_map(|name| values.path(name))?;
                Some((path.to_owned(), (*source).clone()))
            }
            Self::Variables(_) => {
                let found = self.find(key)?;
                Some((PathBuf::from(found.text()), found.source))
            }
        }
    }
}

/// All sources, in order of precedence.
#[derive(Clone)]
pub(super) struct Sources<'a>(pub(super) Vec<Origin<'a>>);

impl Sources<'_> {
    /// The value of a setting, from the first source that has one. Empty values are ignored.
    pub(super) fn find(&self, key: &Key) -> Option<Found> {
        self.first(|origin| origin.find(key))
    }

    /// The value of an auth plugin's option. An explicit empty value is used if the option allows
    /// it.
    pub(super) fn option(&self, opt: &Opt) -> Option<Found> {
        let names = [&[opt.name], opt.aliases].concat();
        let variables = opt.env_names();
        self.first(|origin| origin.find_by(&names, &variables, opt.may_be_empty))
    }

    /// The path of a setting. `~` is replaced by the home directory, because shells do not replace
    /// it in `--os-cacert=~/ca.pem` and in quotes.
    pub(super) fn path(&self, key: &Key) -> Option<(PathBuf, Source)> {
        const HOME: Key = Key::new(&[], &["HOME"]);
        let (path, source) = self.first(|origin| origin.path(key))?;
        let path = match (path.strip_prefix("~"), self.find(&HOME)) {
            (Ok(below), Some(home)) => Path::new(home.text()).join(below),
            _ => path,
        };
        Some((path, source))
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
            Origin::Named(&values, &Source::Explicit),
            Origin::Variables(&lookup),
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
