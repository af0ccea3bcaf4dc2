//! URLs of documents: which are allowed, and how references are joined to them.

use url::Url;

/// The text before `://`, if it is a valid scheme. `file:/path` is also a URL (RFC 8089).
pub(super) fn scheme(text: &str) -> Option<&str> {
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

/// References are appended to the URL of their document, so a long URL makes all of them long. Servers are expected to
/// support 8,000 bytes (RFC 9110, 4.1).
const LONGEST_URL: usize = 8192;

/// The URL of a document on a server, without its fragment.
///
/// # Errors
/// The reason why the URL is invalid.
pub(super) fn web(url: Result<Url, url::ParseError>) -> Result<Url, String> {
    let mut url = url.map_err(|error| format!("invalid URL: {error}"))?;
    if url.as_str().len() > LONGEST_URL {
        return Err(format!("its URL is longer than {LONGEST_URL} bytes"));
    }
    if !matches!(url.scheme(), "http" | "https") {
        let scheme = url.scheme();
        return Err(format!(
            "the scheme {scheme} is not supported; expected a path, http or https"
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(
            "the URL has a user name or a password, which are not sent; remove them".to_owned(),
        );
    }
    url.set_fragment(None);
    Ok(url)
}

/// A text with these characters percent-encoded.
pub(super) fn escaped(text: &str, what: &[char]) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        if what.contains(&c) {
            escaped.push_str(&format!("%{:02X}", u32::from(c)));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// Joins a reference to the URL of its document or directory (RFC 3986, 5.2.3 and 5.2.4). Like Python's
/// `urljoin`, it does not encode or decode anything.
pub(super) fn join(base: &str, reference: &str) -> String {
    let (path, rest) = match reference.find('#') {
        Some(end) => reference.split_at(end),
        None => (reference, ""),
    };
    let mut joined = Vec::new();
    if !path.starts_with('/') {
        let base = base.strip_prefix("file://").unwrap_or(base);
        let base = base.split('#').next().unwrap_or_default();
        let directory = base.rsplit_once('/').map_or("", |(directory, _)| directory);
        joined.extend(directory.split('/').filter(|part| !part.is_empty()));
    }
    let mut parts = path
        .split('/')
        .skip(usize::from(path.starts_with('/')))
        .peekable();
    while let Some(part) = parts.next() {
        let is_last = parts.peek().is_none();
        match part {
            ".." => {
                joined.pop();
            }
            "." => {}
            "" if !is_last && !path.starts_with('/') => {}
            part => joined.push(part),
        }
        if is_last && matches!(part, "." | "..") {
            joined.push("");
        }
    }
    format!("file:///{}{rest}", joined.join("/"))
}
