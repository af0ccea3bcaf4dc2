//! The locations of documents and of the targets of references.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use url::Url;

use super::shown::{visible, without_secrets};
use super::urls::{escaped, join, scheme, web};

/// The characters that Python's `quote` encodes, so that files have the same URLs as with OpenStack's clients.
const QUOTED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The location of a document. Two locations are equal if they are the same place, however their URLs are written.
#[derive(Debug, Clone)]
pub(super) enum Location {
    /// A local file.
    Local {
        /// Absolute, without `.` and `..`.
        path: Arc<Path>,
        /// The URL in the request: the base's URL joined with the reference as written.
        url: Arc<str>,
    },
    /// A document on a server.
    Remote(Arc<Url>),
}

impl PartialEq for Location {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Local { path: one, .. }, Self::Local { path: other, .. }) => one == other,
            (Self::Remote(one), Self::Remote(other)) => one == other,
            _ => false,
        }
    }
}

impl Eq for Location {}

impl Hash for Location {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Local { path, .. } => path.hash(state),
            Self::Remote(url) => url.hash(state),
        }
    }
}

impl Location {
    /// A file that the caller named. Symbolic links are resolved, so that its references are relative to
    /// the file itself.
    pub(super) fn of_file(path: &Path) -> Self {
        let path = path.canonicalize().or_else(|_| std::path::absolute(path));
        let path = path.unwrap_or_default();
        let quoted = percent_encode(path.as_os_str().as_encoded_bytes(), QUOTED);
        Self::local(&path, &format!("file://{quoted}"))
    }

    /// A directory or a URL that the caller named.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        match absolute(text) {
            Some(location) => location,
            None => Ok(Self::of_file(Path::new(text))),
        }
    }

    fn local(path: &Path, url: &str) -> Self {
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
        Self::Local {
            path: plain.into(),
            url: url.into(),
        }
    }

    fn remote(url: Url) -> Self {
        Self::Remote(url.into())
    }

    /// The document's URL in the request.
    pub(super) fn url(&self) -> &str {
        match self {
            Self::Local { url, .. } => url,
            Self::Remote(url) => url.as_str(),
        }
    }

    /// Whether a text is a URL rather than a path.
    pub(super) fn is_url(text: &str) -> bool {
        scheme(text).is_some()
    }

    /// Whether another document is in the same Swift container (`/v1/ACCOUNT/CONTAINER/OBJECT`). For other
    /// URLs, whether it is below the directory of this document.
    pub(super) fn contains(&self, other: &Self) -> bool {
        let (Self::Remote(this), Self::Remote(other)) = (self, other) else {
            return false;
        };
        let path = this.path();
        let objects = path.find("/v1/AUTH_").and_then(|at| {
            let slashes = path.get(at..)?.match_indices('/');
            slashes.map(|(slash, _)| at + slash).nth(3)
        });
        let end = objects.or_else(|| path.rfind('/')).unwrap_or_default();
        let container = path.get(..=end).unwrap_or_default();
        this.origin() == other.origin() && other.path().starts_with(container)
    }

    /// An entry of this directory.
    pub(super) fn entry(&self, name: &str) -> Self {
        match self {
            Self::Local { path, url } => {
                Self::local(&path.join(name), &join(&format!("{url}/"), name))
            }
            Self::Remote(_) => self.clone(),
        }
    }

    /// The location as a directory: a URL gets a slash at its end.
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

/// The base of references.
#[derive(Debug, Clone)]
pub(super) enum Base {
    /// The document that contains them.
    Document(Location),
    /// A directory.
    Directory(Location),
}

impl Base {
    /// The target of a reference (RFC 3986, 5.2).
    ///
    /// # Errors
    /// The reason why the reference is invalid.
    pub(super) fn join(&self, reference: &str) -> Result<Location, String> {
        if reference.trim().is_empty() {
            return Err("it is empty".to_owned());
        }
        if let Some(location) = absolute(reference) {
            return location;
        }
        let (Self::Document(location) | Self::Directory(location)) = self;
        match location {
            Location::Local { path, url } if matches!(self, Self::Document(_)) => {
                Ok(in_directory(path.parent().unwrap_or(path), url, reference))
            }
            Location::Local { path, url } => {
                let url = format!("{}/", url.trim_end_matches('/'));
                Ok(in_directory(path, &url, reference))
            }
            Location::Remote(base) => web(base.join(reference)).map(Location::remote),
        }
    }
}

/// The form for messages: a path is relative to the working directory if possible.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local { path, .. } => {
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

/// The target of an absolute reference; `None` for a relative one.
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
                Ok(in_directory(Path::new("/"), "file:///", path))
            } else {
                Err("the file is on another host; expected file:///path".to_owned())
            }
        }
        _ => web(Url::parse(reference)).map(Location::remote),
    })
}

/// The file that a reference in a local document means.
///
/// OpenStack's clients read it as a part of a URL: they decode `%20`, end the path at `#`, and drop line breaks and
/// leading blanks. Users may mean a file name. Where the readings differ, the first one whose file exists is used.
fn in_directory(directory: &Path, base: &str, reference: &str) -> Location {
    let text = reference.trim_start_matches(|c| c <= ' ');
    let text = text.replace(['\t', '\n', '\r'], "");
    let path = text.split('#').next().unwrap_or_default();
    let decoded = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let name = (reference.to_owned(), escaped(reference, &['%', '#']));
    if name.0 == text && name.1 == text {
        return Location::local(&directory.join(reference), &join(base, reference));
    }
    let encoded = (decoded(&text), escaped(&text, &['#']));
    let url = (decoded(path), text.clone());
    let readings = if reference.contains('%') {
        [encoded, url, name.clone()]
    } else {
        [name.clone(), encoded, url]
    };
    let mut readings = readings.into_iter();
    let found = readings.find(|(path, _)| directory.join(path).exists());
    let (path, text) = found.unwrap_or(name);
    Location::local(&directory.join(path), &join(base, &text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(path: &str) -> Location {
        in_directory(Path::new("/"), "file:///", path)
    }

    fn joined(base: &str, reference: &str) -> String {
        let base = Base::Document(absolute(base).unwrap().unwrap());
        match base.join(reference) {
            Ok(location) => location.url().to_owned(),
            Err(why) => why,
        }
    }

    #[test]
    fn references_lead_where_rfc_3986_says() {
        let (file, web) = ("file:///d/b/t.yaml", "https://h/d/b/t.yaml?q=1");
        for (base, reference, url) in [
            (file, "x", "file:///d/b/x"),
            (file, "./x", "file:///d/b/x"),
            (file, "../x", "file:///d/x"),
            (file, "../../../x", "file:///x"),
            (file, "/x", "file:///x"),
            (file, "x/", "file:///d/b/x/"),
            (file, "a b", "file:///d/b/a b"),
            (file, "ü", "file:///d/b/ü"),
            (file, "a+b@c,d", "file:///d/b/a+b@c,d"),
            (file, "c/./e/../x", "file:///d/b/c/x"),
            (file, "c//x", "file:///d/b/c/x"),
            (file, "file:///c//./x", "file:///c//x"),
            (file, "c#d?e%f", "file:///d/b/c%23d?e%25f"),
            (file, "a:b", "file:///d/b/a:b"),
            (file, "file:///x", "file:///x"),
            (file, "File:/x", "file:///x"),
            (
                file,
                "file://LOCALHOST/x",
                "the file is on another host; expected file:///path",
            ),
            (file, "file://localhost/x", "file:///x"),
            (
                file,
                "file://x",
                "the file is on another host; expected file:///path",
            ),
            (file, "https://H:443/x", "https://h/x"),
            (web, "x", "https://h/d/b/x"),
            (web, "../../../x", "https://h/x"),
            (web, "/x?y#z", "https://h/x?y"),
            (web, "#z", "https://h/d/b/t.yaml?q=1"),
            (web, "a b", "https://h/d/b/a%20b"),
            (web, "a%20b", "https://h/d/b/a%20b"),
            (web, "//i/x", "https://i/x"),
            (web, "http:x", "http://x/"),
            (web, "file:///x", "file:///x"),
            (
                web,
                "mailto:x@h",
                "the scheme mailto is not supported; expected a path, http or https",
            ),
            (
                web,
                "http://bücher.example/",
                "http://xn--bcher-kva.example/",
            ),
            (web, "", "it is empty"),
            (web, " ", "it is empty"),
        ] {
            assert_eq!(joined(base, reference), url, "{reference:?} in {base}");
        }
    }

    #[test]
    fn a_directory_keeps_its_last_part() {
        for (base, url) in [
            ("file:///d/b", "file:///d/b/x"),
            ("file:///d/b/", "file:///d/b/x"),
            ("https://h", "https://h/x"),
            ("https://h/d", "https://h/d/x"),
            ("https://h/d/?q", "https://h/d/x"),
        ] {
            let directory = absolute(base).unwrap().unwrap().directory();
            let location = Base::Directory(directory).join("x").unwrap();
            assert_eq!(location.url(), url, "{base}");
        }
    }

    #[test]
    fn places_are_equal_however_they_are_written() {
        for (one, other) in [
            ("file:///a/../b/./c", "file:///b//c"),
            ("file:///tmp#x", "file:///tmp#y"),
            ("HTTPS://H:443/%7Ea", "https://h/%7Ea"),
            ("http://h", "http://h/#x"),
            ("http://[0:0::1]/", "http://[::1]/"),
        ] {
            let location = |text| absolute(text).unwrap().unwrap();
            assert_eq!(location(one), location(other));
        }
    }

    #[test]
    fn containers_hold_their_objects() {
        let object = "https://h/swift/v1/AUTH_p/c/a/t.yaml";
        for (this, other, is_inside) in [
            (object, "https://h/swift/v1/AUTH_p/c/x", true),
            (object, "https://h/swift/v1/AUTH_p/c/a/b/x", true),
            (object, "https://h/swift/v1/AUTH_p/c2/x", false),
            (object, "https://h/swift/v1/AUTH_p/c", false),
            (object, "https://h/swift/v1/AUTH_p/d/x", false),
            (object, "https://h/swift/v1/AUTH_q/c/x", false),
            (object, "https://h/v3/credentials", false),
            (object, "https://i/swift/v1/AUTH_p/c/x", false),
            (object, "https://h:8/swift/v1/AUTH_p/c/x", false),
            (object, "file:///swift/v1/AUTH_p/c/x", false),
            ("https://h/t/web.yaml", "https://h/t/x/y", true),
            ("https://h/t/web.yaml", "https://h/x", false),
            ("https://h/v1/AUTH_p/c", "https://h/v1/AUTH_p/x", true),
            ("https://h/v1/AUTH_p/c", "https://h/v1/x", false),
        ] {
            let location = |text| absolute(text).unwrap().unwrap();
            let contains = location(this).contains(&location(other));
            assert_eq!(contains, is_inside, "{other} in {this}");
        }
    }

    #[test]
    fn urls_of_files_hold_any_name() {
        use std::os::unix::ffi::OsStrExt as _;
        for (name, url) in [
            (&b"/a b#c?d%e"[..], "file:///a%20b%23c%3Fd%25e"),
            (
                b"/\xff\n\"<>[]^`{|}\\",
                "file:///%FF%0A%22%3C%3E%5B%5D%5E%60%7B%7C%7D%5C",
            ),
            (b"/-._~!$&'()*", "file:///-._~%21%24%26%27%28%29%2A"),
            (b"/+,;=:@", "file:///%2B%2C%3B%3D%3A%40"),
            (b"/", "file:///"),
        ] {
            let path = Path::new(std::ffi::OsStr::from_bytes(name));
            assert_eq!(Location::of_file(path).url(), url);
        }
    }

    #[test]
    fn places_are_shown_short_and_without_secrets() {
        let here = std::env::current_dir().unwrap().canonicalize().unwrap();
        assert_eq!(Location::of_file(&here).to_string(), ".");
        assert_eq!(Location::of_file(&here.join("a/b\n")).to_string(), "a/b ");
        assert_eq!(local("/x/../y").to_string(), "/y");
        let object = absolute("https://h/x?sig=1").unwrap().unwrap();
        assert_eq!(object.to_string(), "https://h/x?…");
        assert_eq!(object.url(), "https://h/x?sig=1");
    }

    #[test]
    fn urls_are_told_from_paths() {
        for (text, is_url) in [
            ("http://h", true),
            ("x+y.z-1://h", true),
            ("file:/x", true),
            ("http:x", false),
            ("a/b://c", false),
            ("1://c", false),
            ("://c", false),
            ("C:\\x", false),
            ("web.yaml", false),
        ] {
            assert_eq!(Location::is_url(text), is_url, "{text}");
        }
    }
}
