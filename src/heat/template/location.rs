//! Where documents are, and where their references lead.

use std::fmt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use url::Url;

use super::shown::{visible, without_secrets};

/// All but what may stand in a path as it is (RFC 3986, 3.3).
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');

/// Where a document is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Location {
    /// A file of this machine, by an absolute path without `.` and `..`.
    Local(Arc<Path>),
    /// A document on a server.
    Remote(Arc<Url>),
}

impl Location {
    /// A file that a person named: symbolic links are followed, so that what it refers to is looked
    /// for beside the file itself.
    pub(super) fn of_file(path: &Path) -> Self {
        let path = path.canonicalize().or_else(|_| std::path::absolute(path));
        Self::local(&path.unwrap_or_default())
    }

    /// A directory or a URL that a person named.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        match absolute(text) {
            Some(location) => location,
            None => Ok(Self::of_file(Path::new(text))),
        }
    }

    fn local(path: &Path) -> Self {
        let mut plain = PathBuf::new();
        for component in path.components() {
            match component {
                Component::CurDir => {}
                Component::ParentDir => {
                    plain.pop();
                }
                other => plain.push(other),
            }
        }
        Self::Local(plain.into())
    }

    fn remote(url: Url) -> Self {
        Self::Remote(url.into())
    }

    /// The document's URL, as Heat gets it. Equal for all ways to write the same place.
    pub(super) fn url(&self) -> String {
        match self {
            Self::Local(path) => {
                let path = percent_encode(path.as_os_str().as_encoded_bytes(), PATH);
                format!("file://{path}")
            }
            Self::Remote(url) => url.to_string(),
        }
    }

    /// Whether a text is a URL rather than a path.
    pub(super) fn is_url(text: &str) -> bool {
        scheme(text).is_some()
    }

    /// Something in this directory.
    pub(super) fn entry(&self, name: &str) -> Self {
        match self {
            Self::Local(directory) => Self::local(&directory.join(name)),
            Self::Remote(_) => self.clone(),
        }
    }

    /// As a directory: a URL needs its last slash.
    pub(super) fn directory(self) -> Self {
        match self {
            Self::Remote(url) if !url.path().ends_with('/') => {
                let mut url = (*url).clone();
                url.set_path(&format!("{}/", url.path()));
                Self::Remote(url.into())
            }
            other => other,
        }
    }
}

/// What references are relative to.
#[derive(Debug, Clone)]
pub(super) enum Base {
    /// The document in which they stand.
    Document(Location),
    /// A directory.
    Directory(Location),
}

impl Base {
    /// Where a reference leads (RFC 3986, 5.2).
    ///
    /// # Errors
    /// What is wrong with the reference.
    pub(super) fn join(&self, reference: &str) -> Result<Location, String> {
        if reference.trim().is_empty() {
            return Err("there is nothing in it".to_owned());
        }
        if let Some(location) = absolute(reference) {
            return location;
        }
        let (Self::Document(location) | Self::Directory(location)) = self;
        match location {
            Location::Local(path) if matches!(self, Self::Document(_)) => {
                Ok(in_directory(path.parent().unwrap_or(path), reference))
            }
            Location::Local(directory) => Ok(in_directory(directory, reference)),
            Location::Remote(base) => web(base.join(reference)).map(Location::remote),
        }
    }
}

/// As short as people write it: a path from where they are.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local(path) => {
                let here = std::env::current_dir().and_then(|here| here.canonicalize());
                let relative = here
                    .ok()
                    .and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned));
                let shown = match &relative {
                    Some(here) if here.as_os_str().is_empty() => Path::new("."),
                    Some(relative) => relative,
                    None => path,
                };
                f.write_str(&visible(&shown.display().to_string()))
            }
            Self::Remote(url) => f.write_str(&without_secrets(url.as_str())),
        }
    }
}

/// What stands before `://`, if that is the name of a scheme. `file:/path` is a URL, too (RFC 8089).
fn scheme(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once(':')?;
    let is_path = rest.starts_with('/') && scheme.eq_ignore_ascii_case("file");
    if !is_path && !rest.starts_with("//") {
        return None;
    }
    let is_name = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c));
    is_name.then_some(scheme)
}

/// The place of a reference that stands for itself, `None` for a relative one.
fn absolute(reference: &str) -> Option<Result<Location, String>> {
    let scheme = scheme(reference)?;
    Some(match scheme.to_ascii_lowercase().as_str() {
        "file" => {
            let rest = reference.get("file:".len()..).unwrap_or_default();
            let path = match rest.strip_prefix("//") {
                Some(path) => path.strip_prefix("localhost").unwrap_or(path),
                None => rest,
            };
            if path.starts_with('/') {
                Ok(in_directory(Path::new("/"), path))
            } else {
                Err("it is a file of another host; expected file:///path".to_owned())
            }
        }
        _ => web(Url::parse(reference)).map(Location::remote),
    })
}

/// The URL of a document on a server. A fragment is a place in the document, and goes.
///
/// # Errors
/// Why it is none.
pub(super) fn web(url: Result<Url, url::ParseError>) -> Result<Url, String> {
    let mut url = url.map_err(|error| format!("it is no URL: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        let scheme = url.scheme();
        return Err(format!(
            "it has the scheme {scheme}; expected a path, http or https"
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(
            "it has a user name or a password in it, which are not sent; take them out".to_owned(),
        );
    }
    url.set_fragment(None);
    Ok(url)
}

/// The file that a reference in a local document means.
///
/// It is part of a URL to OpenStack's clients, which decode `%20` and stop at `?` and `#`, and a file's
/// name to people. What exists tells which is meant, where there is a difference.
fn in_directory(directory: &Path, reference: &str) -> Location {
    let literal = directory.join(reference);
    let decoded = percent_decode_str(reference).decode_utf8();
    let decoded = decoded.map(|name| directory.join(&*name)).ok();
    let cut = reference.split(['?', '#']).next().unwrap_or_default();
    let cut = percent_decode_str(cut).decode_utf8();
    let cut = cut.map(|name| directory.join(&*name)).ok();
    let candidates = [decoded, cut].into_iter().flatten();
    let mut others = candidates.filter(|path| *path != literal).peekable();
    let found = match others.peek() {
        None => None,
        Some(_) if reference.contains('%') => others.find(|path| path.exists()),
        Some(_) if literal.exists() => None,
        Some(_) => others.find(|path| path.exists()),
    };
    Location::local(&found.unwrap_or(literal))
}
