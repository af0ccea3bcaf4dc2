//! The source of a document: a path, a URL, a text or a value.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use super::location::{Base, Location};
use super::policy::Policy;
use super::read::Reader;
use super::shown::{visible, without_secrets};
use crate::error::{Error, ErrorKind, Result};
use crate::session::Session;

/// Where a template or an environment comes from.
///
/// ```
/// use heatclient::template::Source;
///
/// let file = Source::from("stacks/web.yaml");
/// let object = Source::from("https://swift.example.org/v1/AUTH_p/templates/web.yaml");
/// let text = Source::text("heat_template_version: 2021-04-16").beside("stacks");
/// let value = Source::from(serde_json::json!({"heat_template_version": "2021-04-16"}));
/// ```
#[derive(Debug, Clone)]
pub struct Source {
    name: Arc<str>,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Path(PathBuf),
    Url(String),
    Text { text: Arc<str>, base: String },
}

impl Source {
    /// A file.
    pub fn path(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let name = if path.as_os_str().is_empty() {
            "the empty path".to_owned()
        } else {
            visible(&path.display().to_string())
        };
        Self {
            name: name.into(),
            kind: Kind::Path(path),
        }
    }

    /// A document on a server, or a Swift object by its URL.
    pub fn url(url: impl AsRef<str>) -> Self {
        Self {
            name: visible(&without_secrets(url.as_ref())).into(),
            kind: Kind::Url(url.as_ref().to_owned()),
        }
    }

    /// A text. Its references are relative to the working directory, or to the directory of
    /// [`beside`](Self::beside).
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Self {
            name: "the text".into(),
            kind: Kind::Text {
                text: text.into(),
                base: ".".to_owned(),
            },
        }
    }

    /// Sets its name in errors.
    pub fn named(mut self, name: impl AsRef<str>) -> Self {
        self.name = name.as_ref().into();
        self
    }

    /// Sets the directory, or its URL, to which the references of a text are relative.
    pub fn beside(mut self, directory: impl Into<String>) -> Self {
        if let Kind::Text { base, .. } = &mut self.kind {
            *base = directory.into();
        }
        self
    }

    pub(super) fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Reads the content without credentials.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if it cannot be read or the policy does not allow it;
    /// [`ErrorKind::Cancelled`] if the runtime shuts down.
    pub async fn read(&self, policy: &Policy) -> Result<Vec<u8>> {
        self.read_by(&Reader::new(policy.clone(), None)).await
    }

    /// Like [`read`](Self::read), with the connections, certificates and timeouts of a session, but
    /// without its token.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if it cannot be read or the policy does not allow it;
    /// [`ErrorKind::Cancelled`] if the runtime shuts down.
    pub async fn read_through(&self, policy: &Policy, session: &Session) -> Result<Vec<u8>> {
        self.read_by(&Reader::anonymous(policy.clone(), session.clone()))
            .await
    }

    async fn read_by(&self, reader: &Reader) -> Result<Vec<u8>> {
        let read = self.read_beside(None, reader).await?;
        read.map_err(|why| self.unreadable(&why))
    }

    /// Reads the content. A file that is not in the working directory is looked up beside `document`. The
    /// inner error is the reason why it cannot be read.
    ///
    /// # Errors
    /// The URL is invalid, or the runtime shuts down.
    pub(super) async fn read_beside(
        &self,
        document: Option<&Location>,
        reader: &Reader,
    ) -> Result<Result<Vec<u8>, String>> {
        let beside = document.and_then(|document| self.beside_document(document));
        let (location, given) = match beside {
            Some(location) => (location, None),
            None => self.locate()?,
        };
        if let Some(text) = given {
            return Ok(Ok(text.as_bytes().to_vec()));
        }
        if let Err(why) = reader.policy().check_requested(&location) {
            return Ok(Err(why));
        }
        Ok(match location {
            Location::Remote(url) => reader.url(&url, false).await.map(|(bytes, _)| bytes),
            Location::Local { path, .. } => {
                let reader = reader.clone();
                let read = move || reader.file(&path, true);
                tokio::task::spawn_blocking(read).await.map_err(|error| {
                    Error::new(ErrorKind::Cancelled, "the runtime shut down").with_source(error)
                })?
            }
        })
    }

    /// The location beside a document, for a relative path that does not exist in the working directory.
    fn beside_document(&self, document: &Location) -> Option<Location> {
        let Kind::Path(path) = &self.kind else {
            return None;
        };
        let path = path
            .to_str()
            .filter(|_| path.is_relative() && !path.exists())?;
        let location = Base::Document(document.clone()).join(path).ok()?;
        match &location {
            Location::Local { path, .. } => path.exists().then_some(location),
            Location::Remote(_) => Some(location),
        }
    }

    fn unreadable(&self, why: &str) -> Error {
        let message = format!("{} cannot be read: {why}", self.name);
        Error::new(ErrorKind::Config, message)
    }

    /// Its path in a files container, as given; `None` for a text.
    pub(super) fn in_container(&self) -> Option<String> {
        match &self.kind {
            Kind::Path(path) => Some(path.display().to_string()),
            Kind::Url(url) => Some(url.clone()),
            Kind::Text { .. } => None,
        }
    }

    /// Its location, and its content if it is a text.
    ///
    /// # Errors
    /// The URL or the directory is invalid.
    pub(super) fn locate(&self) -> Result<(Location, Option<Arc<str>>)> {
        let wrong = |why: String| self.unreadable(&why);
        match &self.kind {
            Kind::Path(path) => Ok((Location::of_file(path), None)),
            Kind::Url(url) => Ok((Location::parse(url).map_err(wrong)?, None)),
            Kind::Text { text, base } => {
                let directory = Location::parse(base).map_err(wrong)?.directory();
                Ok((directory.entry("text"), Some(Arc::clone(text))))
            }
        }
    }
}

/// A URL if it begins with a scheme and `://`, else a path.
impl From<&str> for Source {
    fn from(text: &str) -> Self {
        if Location::is_url(text) {
            Self::url(text)
        } else {
            Self::path(text)
        }
    }
}

impl From<String> for Source {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<&Path> for Source {
    fn from(path: &Path) -> Self {
        Self::path(path)
    }
}

impl From<PathBuf> for Source {
    fn from(path: PathBuf) -> Self {
        Self::path(path)
    }
}

impl From<Value> for Source {
    fn from(value: Value) -> Self {
        Self::text(value.to_string()).named("the value")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_no_secrets_and_change_no_place() {
        for (source, name, in_container) in [
            (Source::from("a/b.yaml"), "a/b.yaml", Some("a/b.yaml")),
            (Source::path("a\nb"), "a b", Some("a\nb")),
            (Source::path(""), "the empty path", Some("")),
            (
                Source::from("https://u:p@h/x?y"),
                "https://…@h/x?…",
                Some("https://u:p@h/x?y"),
            ),
            (Source::from(Value::Null), "the value", None),
            (Source::text("x").beside("d"), "the text", None),
        ] {
            assert_eq!(source.name().as_ref(), name);
            assert_eq!(source.in_container().as_deref(), in_container);
            let named = source.clone().named("another");
            assert_eq!(named.name().as_ref(), "another");
            assert_eq!(named.in_container(), source.in_container());
            let place = |source: &Source| source.locate().map(|(location, _)| location).ok();
            assert_eq!(place(&named), place(&source));
        }
    }
}
