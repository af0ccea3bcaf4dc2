//! Masks a session's secrets in texts from servers.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use arc_swap::ArcSwap;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use http::{HeaderName, HeaderValue};
use memchr::memmem;

use super::encoded::Reading;
use super::{REDACTED, Secret};
use crate::error::Error;

/// Secrets of fewer bytes are not masked, since many words contain them.
const SHORTEST: usize = 4;
/// Secrets of fewer bytes are masked only if no letter or digit is next to them.
const SHORT: usize = 8;
/// Secrets of at least this length are recognised by their beginning, since servers cut long quotes.
const LONG: usize = 24;
/// The length of that beginning.
const BEGINNING: usize = 16;
/// The number of the newest secrets of each kind that are remembered.
const MOST: usize = 8;

/// Authentication headers that hold names and ids, not secrets.
const PUBLIC: [&str; 7] = [
    "x-auth-user",
    "x-domain-id",
    "x-domain-name",
    "x-project-domain-id",
    "x-project-domain-name",
    "x-project-id",
    "x-project-name",
];

/// The secrets of a session, which servers may quote: the credentials and the tokens in use.
///
/// Errors, and log events that quote a server, contain masked texts. A secret is recognised in plain
/// form, encoded for JSON, Python, HTML or URLs (also twice), and in base64.
#[derive(Default)]
pub(crate) struct Mask(ArcSwap<Known>);

#[derive(Clone, Default)]
struct Known {
    credentials: VecDeque<Arc<Needle>>,
    tokens: VecDeque<Arc<Needle>>,
}

/// A secret, and the parts of its base64 encoding that do not depend on the text around it.
struct Needle {
    plain: Secret,
    base64: Vec<Secret>,
}

impl Mask {
    /// Adds secrets of the credentials.
    pub(crate) fn add(&self, secrets: impl IntoIterator<Item = Secret>) {
        for secret in secrets {
            self.remember(&secret, |known| &mut known.credentials);
        }
    }

    /// Adds the secrets in authentication headers. Earlier tokens are kept for a while, since calls
    /// with them may be in progress.
    pub(crate) fn add_headers(&self, headers: &[(HeaderName, HeaderValue)]) {
        let is_public = |name: &HeaderName| PUBLIC.contains(&name.as_str());
        let credentials = headers.iter().filter(|(name, _)| !is_public(name));
        for (_, value) in credentials {
            let Ok(text) = std::str::from_utf8(value.as_bytes()) else {
                continue;
            };
            // `Basic …`, `Bearer …`
            let secret = text.rsplit(' ').next().unwrap_or(text);
            self.remember(&Secret::from(secret), |known| &mut known.tokens);
        }
    }

    fn remember(&self, secret: &Secret, kind: fn(&mut Known) -> &mut VecDeque<Arc<Needle>>) {
        if secret.expose().len() < SHORTEST {
            return;
        }
        let needle = Arc::new(Needle::new(secret));
        self.0.rcu(|known| {
            let mut known = Known::clone(known);
            let list = kind(&mut known);
            list.retain(|other| other.plain.expose() != secret.expose());
            list.push_back(Arc::clone(&needle));
            if list.len() > MOST {
                list.pop_front();
            }
            known
        });
    }

    /// Returns the text with the secrets masked.
    pub(crate) fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let known = self.0.load();
        let mut found = Vec::new();
        if !known.credentials.is_empty() || !known.tokens.is_empty() {
            Reading::each(text, &mut |reading| {
                for needle in known.credentials.iter().chain(&known.tokens) {
                    needle.find(reading, &mut found);
                }
            });
        }
        if found.is_empty() {
            return Cow::Borrowed(text);
        }
        Cow::Owned(without(text, found))
    }

    /// Returns the error with the secrets masked in texts from a server.
    pub(crate) fn error(&self, error: Error) -> Error {
        error.map_texts(&|text| match self.text(text) {
            Cow::Borrowed(_) => None,
            Cow::Owned(masked) => Some(masked),
        })
    }
}

impl Needle {
    fn new(secret: &Secret) -> Self {
        let mut base64 = Vec::new();
        for before in 0..3 {
            let mut bytes = vec![0; before];
            bytes.extend_from_slice(secret.expose().as_bytes());
            // The characters at both ends also encode bits of the text around the secret.
            let inner = (before * 8).div_ceil(6)..bytes.len() * 8 / 6;
            let standard = STANDARD_NO_PAD.encode(&bytes);
            let for_urls = URL_SAFE_NO_PAD.encode(&bytes);
            base64.extend(standard.get(inner.clone()).map(Secret::from));
            if for_urls != standard {
                base64.extend(for_urls.get(inner).map(Secret::from));
            }
        }
        Self {
            plain: secret.clone(),
            base64,
        }
    }

    /// Adds the ranges of the original text that contain the secret.
    fn find(&self, reading: &Reading, found: &mut Vec<Range<usize>>) {
        let (text, secret) = (reading.bytes(), self.plain.expose().as_bytes());
        let beginning = match secret.get(..BEGINNING) {
            Some(beginning) if secret.len() >= LONG => beginning,
            _ => secret,
        };
        for start in memmem::find_iter(text, beginning) {
            let here = text.get(start..).unwrap_or_default();
            let length = secret.iter().zip(here).take_while(|(a, b)| a == b).count();
            let range = start..start + length;
            if secret.len() >= SHORT || stands_alone(text, &range) {
                found.push(reading.original(range));
            }
        }
        for encoded in &self.base64 {
            for start in memmem::find_iter(text, encoded.expose().as_bytes()) {
                found.push(reading.original(whole_base64(text, start)));
            }
        }
    }
}

fn stands_alone(text: &[u8], range: &Range<usize>) -> bool {
    let is_word = |at: Option<usize>| {
        at.and_then(|at| text.get(at))
            .is_some_and(u8::is_ascii_alphanumeric)
    };
    !is_word(range.start.checked_sub(1)) && !is_word(Some(range.end))
}

/// Extends a position in a base64 text to the range of the whole text.
fn whole_base64(text: &[u8], at: usize) -> Range<usize> {
    let is_base64 = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+/-_=".contains(byte);
    let (before, after) = text.split_at_checked(at).unwrap_or((text, &[]));
    let start = at - before.iter().rev().take_while(is_base64).count();
    start..at + after.iter().take_while(is_base64).count()
}

fn without(text: &str, mut found: Vec<Range<usize>>) -> String {
    found.sort_unstable_by_key(|range| range.start);
    let mut masked = String::with_capacity(text.len());
    let mut end = 0;
    for mut range in found {
        while !text.is_char_boundary(range.start) {
            range.start -= 1;
        }
        while !text.is_char_boundary(range.end) {
            range.end += 1;
        }
        // Adjacent ranges are masked as one.
        if range.end <= end {
            continue;
        }
        if range.start > end || end == 0 {
            masked.push_str(text.get(end..range.start).unwrap_or_default());
            masked.push_str(REDACTED);
        }
        end = range.end;
    }
    masked.push_str(text.get(end..).unwrap_or_default());
    masked
}

impl fmt::Debug for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mask").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;

    use super::*;
    use crate::error::ErrorKind;

    fn mask(secrets: &[&str]) -> Mask {
        let mask = Mask::default();
        mask.add(secrets.iter().map(|secret| Secret::from(*secret)));
        mask
    }

    fn masked(secrets: &[&str], text: &str) -> String {
        mask(secrets).text(text).into_owned()
    }

    #[test]
    fn texts_without_secrets_are_not_copied() {
        for text in ["", "The Stack (web) could not be found.", "100% \\ & +"] {
            assert!(matches!(mask(&["swordfish"]).text(text), Cow::Borrowed(t) if t == text));
            assert!(matches!(mask(&[]).text(text), Cow::Borrowed(t) if t == text));
        }
    }

    #[test]
    fn secrets_are_masked_wherever_they_stand() {
        for (text, expected) in [
            ("swordfish", "[redacted]"),
            ("no swordfish, swordfish!", "no [redacted], [redacted]!"),
            ("swordfishswordfish.", "[redacted]."),
            ("aswordfishb", "a[redacted]b"),
            ("swordfis", "swordfis"),
            ("é swordfish é", "é [redacted] é"),
        ] {
            assert_eq!(masked(&["swordfish"], text), expected);
        }
        assert_eq!(
            masked(&["first-one", "one-second"], "first-one-second"),
            "[redacted]"
        );
        assert_eq!(
            masked(&["swordfish", "sword"], "a swordfish"),
            "a [redacted]"
        );
    }

    #[test]
    fn short_secrets_are_masked_as_words_and_shorter_ones_not_at_all() {
        assert_eq!(
            masked(&["demo"], "demo demos \"demo\" ademo x_demo=demo"),
            "[redacted] demos \"[redacted]\" ademo x_[redacted]=[redacted]"
        );
        assert_eq!(masked(&["abc"], "abc"), "abc");
        assert_eq!(masked(&[""], "abc"), "abc");
    }

    #[test]
    fn encoded_secrets_are_masked() {
        const SECRET: &str = "p\"ä&\\ /\u{1f511}'<%41+w";
        let json = serde_json::to_string(SECRET).unwrap();
        let python = r#"p"\xe4&\\ /\U0001f511\'<%41+w"#;
        let ascii = r#"p\"\u00e4&\\ \/\ud83d\udd11'<%41+w"#;
        let html = "p&quot;ä&amp;\\ /\u{1f511}&#x27;&lt;%41+w";
        let numbers = "p&#34;ä&#38;\\ /&#128273;&#39;&lt;%41+w";
        let url = "p%22%C3%A4%26%5c%20%2F%F0%9f%94%91%27%3C%2541%2Bw";
        let form = "p%22%C3%A4%26%5c+%2F%F0%9f%94%91%27%3C%2541%2Bw";
        let json_in_json = serde_json::to_string(&json).unwrap();
        let json_in_html = json.replace('&', "&amp;").replace('"', "&quot;");
        for text in [
            SECRET,
            &json,
            python,
            ascii,
            html,
            numbers,
            url,
            form,
            &json_in_json,
            &json_in_html,
        ] {
            let shown = masked(&[SECRET], &format!("a {text}. é"));
            assert!(shown.starts_with("a ") && shown.ends_with(". é"), "{shown}");
            let rest = shown.replace("[redacted]", "");
            let rest = rest.trim_matches(|c| "a .é\"\\&quot;".contains(c));
            assert_eq!(rest, "", "{text}: {shown}");
        }
    }

    #[test]
    fn base64_is_masked_as_a_whole() {
        for secret in [
            "demo",
            "swordfish",
            "gAAAAABm-_x?>~é",
            "a longer secret of many words",
        ] {
            for user in ["", "a:", "me:", "you:"] {
                for after in ["", "x", "xy"] {
                    let encoded = STANDARD.encode(format!("{user}{secret}{after}"));
                    let for_urls = URL_SAFE_NO_PAD.encode(format!("{user}{secret}{after}"));
                    for encoded in [encoded, for_urls] {
                        assert_eq!(
                            masked(&[secret], &format!("Basic {encoded}, no")),
                            "Basic [redacted], no",
                            "{secret} {user} {after}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn long_secrets_are_masked_when_they_are_cut() {
        let token = format!("gAAAAABm{}", "0123456789-_".repeat(15));
        let mask = mask(&[&token]);
        for length in [16, 17, 100, token.len()] {
            let text = format!("bad token {}… é", token.get(..length).unwrap());
            assert_eq!(mask.text(&text), "bad token [redacted]… é");
        }
        assert_eq!(mask.text("gAAAAABm"), "gAAAAABm", "all tokens begin so");
    }

    #[test]
    fn tokens_are_remembered_for_a_while() {
        let mask = Mask::default();
        let header = |name: &'static str, value: String| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_str(&value).unwrap(),
            )
        };
        mask.add([Secret::from("swordfish")]);
        for n in 0..20 {
            mask.add_headers(&[
                header("x-auth-token", format!("token-{n:02}")),
                header("x-auth-user", "somebody".to_owned()),
            ]);
        }
        mask.add_headers(&[header("authorization", "Bearer opaque-thing".to_owned())]);
        assert_eq!(
            mask.text("token-01 token-18 token-19 swordfish somebody Bearer opaque-thing"),
            "token-01 [redacted] [redacted] [redacted] somebody Bearer [redacted]"
        );
        assert!(!format!("{mask:?}").contains("swordfish"));
    }

    #[test]
    fn errors_lose_secrets_in_all_their_parts() {
        let mask = mask(&["swordfish"]);
        let uri = "http://h/swordfish/x".parse().unwrap();
        let fault = crate::error::Fault::parse(
            &http::HeaderMap::new(),
            &bytes::Bytes::from_static(
                br#"{"title": "swordfish", "explanation": "swordfish", "error": {"type": "swordfish",
                    "message": "swordfish", "traceback": "swordfish"}}"#,
            ),
        );
        let cause = Error::new(ErrorKind::Io, "it is a swordfish")
            .with_source(std::io::Error::other("swordfish"));
        let error = Error::new(ErrorKind::Status, "no swordfish")
            .with_fault(fault.unwrap())
            .with_request_id(Some("req-swordfish"))
            .with_request(&http::Method::GET, &uri)
            .with_source(cause)
            .doing("create stack \"swordfish\"");
        let error = mask.error(error);
        assert_eq!(
            error.to_string(),
            "create stack \"swordfish\": no [redacted] (request req-[redacted])",
            "what is being done is the caller's own text"
        );
        let fault = error.fault().unwrap();
        for text in [
            &fault.error_type,
            &fault.title,
            &fault.explanation,
            &fault.traceback,
        ] {
            assert_eq!(text.as_deref(), Some("[redacted]"));
        }
        assert_eq!(fault.message, "[redacted]");
        assert!(!format!("{:?}", error.uri()).contains("swordfish"));
        let cause = std::error::Error::source(&error).unwrap();
        assert_eq!(cause.to_string(), "it is a [redacted]");
        assert_eq!(cause.source().unwrap().to_string(), "[redacted]");
        assert!(cause.source().unwrap().source().is_none());
    }

    #[test]
    fn causes_without_secrets_stay_what_they_are() {
        let error = Error::new(ErrorKind::Io, "no").with_source(std::io::Error::other("why"));
        let error = mask(&["swordfish"]).error(error);
        let cause = std::error::Error::source(&error).unwrap();
        assert!(cause.is::<std::io::Error>());
    }
}
