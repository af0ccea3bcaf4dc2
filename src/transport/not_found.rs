//! Classifies the sender of a 404 or a 410: the service, its router or an intermediary.

use http::{HeaderMap, StatusCode, Uri};

use crate::error::{Fault, Sender};
use crate::transport::read;

impl Sender {
    /// Classifies a response; `None` for other statuses.
    pub(crate) fn of(
        status: StatusCode,
        headers: &HeaderMap,
        fault: Option<&Fault>,
        uri: &Uri,
    ) -> Option<Self> {
        if !is_not_found(status) {
            return None;
        }
        // Proxies may remove the request id. Without it the fault must have Heat's format.
        let has_id = read::request_id(headers).is_some();
        let fault = fault.filter(|fault| fault.is_typed() || has_id && fault.is_of_service());
        Some(match fault {
            Some(fault) if names(fault, uri) => Self::Service,
            Some(_) => Self::ServiceOfOther,
            None if has_id => Self::Router,
            None => Self::Intermediary,
        })
    }
}

/// Whether a status means that something does not exist.
pub(crate) fn is_not_found(status: StatusCode) -> bool {
    matches!(status, StatusCode::NOT_FOUND | StatusCode::GONE)
}

/// Whether the fault is about the requested resource.
///
/// Heat puts the name in parentheses (`The Stack (web) could not be found.`), or, with the type
/// `NotFound`, uses the last path segment as a word (`Snapshot with id 1-2 not found`). While a stack
/// changes, Heat 27 answers some requests with a 404 about a row of its database
/// (`ResourcePropertiesData with id 1 not found`). Heat may also pass on faults of other services.
fn names(fault: &Fault, uri: &Uri) -> bool {
    let segments = || {
        let decoded = |text| percent_encoding::percent_decode_str(text).decode_utf8_lossy();
        uri.path()
            .rsplit('/')
            .map(decoded)
            .filter(|s| !s.is_empty())
    };
    // The faults of Keystone and others do not contain the name from the path.
    if !fault.is_typed() {
        return true;
    }
    match in_parentheses(&fault.message) {
        // A name may contain parentheses, or the stack's name follows in its own ones.
        Some((longest, first)) => {
            segments().any(|name| is_name(longest, &name) || is_name(first, &name))
        }
        None => segments()
            .take(2)
            .any(|name| has_word(&fault.message, &name)),
    }
}

/// Whether a text of Heat is this name. Heat takes the bytes of a path for Latin-1: `ü` becomes `Ã¼`.
fn is_name(text: &str, name: &str) -> bool {
    text == name || !name.is_ascii() && text.chars().eq(name.bytes().map(char::from))
}

/// The text from the first parenthesis to the last closing one, and to the first closing one.
fn in_parentheses(message: &str) -> Option<(&str, &str)> {
    let (start, end) = (message.find('(')? + 1, message.rfind(')')?);
    let longest = message.get(start..end)?;
    Some((longest, longest.split(')').next().unwrap_or_default()))
}

/// Whether a message contains `name` as a word.
fn has_word(message: &str, name: &str) -> bool {
    let marks = |c: char| "()'\".,:".contains(c);
    let has_name = |word: &str| is_name(word, name) || is_name(word.trim_matches(marks), name);
    message.split_whitespace().any(has_name)
        || name.contains(char::is_whitespace) && message.contains(name)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::HeaderValue;

    use super::*;

    const STACK: &str = "http://heat/v1/p/stacks/web/1-2";

    fn sender(content_type: &'static str, id: bool, body: &str, uri: &str) -> Option<Sender> {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static(content_type));
        if id {
            headers.insert("x-openstack-request-id", HeaderValue::from_static("req-1"));
        }
        let fault = Fault::parse(&headers, &Bytes::copy_from_slice(body.as_bytes()));
        Sender::of(
            StatusCode::NOT_FOUND,
            &headers,
            fault.as_ref(),
            &uri.parse().unwrap(),
        )
    }

    fn heat(kind: &str, message: &str) -> String {
        serde_json::json!({"code": 404, "title": "Not Found", "explanation": "The resource could not be found.",
            "error": {"type": kind, "traceback": null, "message": message}})
        .to_string()
    }

    /// Bodies as Heat 27, Keystone 30 and common proxies send them.
    #[test]
    fn every_sender_is_told_apart() {
        use Sender::{Intermediary, Router, Service, ServiceOfOther};
        let json = "application/json";
        let stack = heat("EntityNotFound", "The Stack (web) could not be found.");
        let output = heat("NotFound", "Specified output key a.b-c not found.");
        // Heat takes the bytes of a path for Latin-1.
        let mangled = heat(
            "EntityNotFound",
            "The Stack (\u{c3}\u{bc}) could not be found.",
        );
        let row = heat("NotFound", "ResourcePropertiesData with id 1 not found");
        let router = r#"{"message": "The resource could not be found.<br /><br />\n\n\n", "code": "404 Not Found", "title": "Not Found"}"#;
        let keystone =
            r#"{"error":{"code":404,"message":"Could not find project: x.","title":"Not Found"}}"#;
        for (content_type, id, body, uri, expected) in [
            (json, true, &*stack, STACK, Service),
            (json, false, &stack, STACK, Service),
            (
                json,
                true,
                &mangled,
                "http://heat/v1/p/stacks/%C3%BC",
                Service,
            ),
            (
                json,
                true,
                &mangled,
                "http://heat/v1/p/stacks/%C3%B6",
                ServiceOfOther,
            ),
            (
                json,
                true,
                &output,
                "http://heat/v1/p/stacks/web/1-2/outputs/a.b-c",
                Service,
            ),
            (
                json,
                true,
                &output,
                "http://heat/v1/p/stacks/web/1-2/outputs/a%2Eb-c",
                Service,
            ),
            (
                json,
                true,
                &output,
                "http://heat/v1/p/stacks/web/1-2/outputs/b",
                ServiceOfOther,
            ),
            (json, true, &row, STACK, ServiceOfOther),
            (json, false, &row, STACK, ServiceOfOther),
            (
                json,
                true,
                &stack,
                "http://heat/v1/p/stacks/web/1-2/resources/r",
                Service,
            ),
            (
                json,
                true,
                &heat("EntityNotFound", "The Tenant (f) could not be found."),
                STACK,
                ServiceOfOther,
            ),
            (
                json,
                true,
                &heat("EntityNotFound", "The Stack (other) could not be found."),
                STACK,
                ServiceOfOther,
            ),
            (
                json,
                true,
                &heat(
                    "ResourceNotFound",
                    "The Resource (r) could not be found in Stack web.",
                ),
                STACK,
                ServiceOfOther,
            ),
            (
                json,
                true,
                &heat("NotFound", "Snapshot with id s-1 not found"),
                "http://heat/v1/p/stacks/web/1-2/snapshots/s-1/restore",
                Service,
            ),
            // The snapshot of another stack.
            (
                json,
                true,
                &heat(
                    "SnapshotNotFound",
                    "The Snapshot (s-1) for Stack (web) could not be found.",
                ),
                "http://heat/v1/p/stacks/web/1-2/snapshots/s-1",
                Service,
            ),
            (
                json,
                true,
                &heat("HTTPNotFound", "No event e1 found"),
                "http://heat/v1/p/stacks/web/1-2/resources/r/events/e1",
                Service,
            ),
            (json, true, keystone, STACK, Service),
            (json, false, keystone, STACK, Intermediary),
            (json, true, router, STACK, Router),
            (json, false, router, STACK, Intermediary),
            (
                "text/html",
                true,
                "<html><title>404 Not Found</title></html>",
                STACK,
                Router,
            ),
            (
                "text/html",
                false,
                "<html><title>404 Not Found</title></html>",
                STACK,
                Intermediary,
            ),
            (
                "text/plain",
                false,
                "default backend - 404",
                STACK,
                Intermediary,
            ),
            (
                json,
                false,
                r#"{"message":"no Route matched with those values"}"#,
                STACK,
                Intermediary,
            ),
            (
                json,
                false,
                r#"{"error": "Not Found", "status": 404}"#,
                STACK,
                Intermediary,
            ),
            (
                json,
                false,
                r#"{"fault": {"code": 404, "message": "no resource"}}"#,
                STACK,
                Intermediary,
            ),
            (json, false, "", STACK, Intermediary),
            (json, true, "", STACK, Router),
        ] {
            assert_eq!(
                sender(content_type, id, body, uri),
                Some(expected),
                "{content_type} {id} {body} {uri}"
            );
        }
        let fault = Fault::parse(&HeaderMap::new(), &Bytes::from(stack));
        for (status, is_some) in [(404, true), (410, true), (403, false), (400, false)] {
            let status = StatusCode::from_u16(status).unwrap();
            let sender = Sender::of(status, &HeaderMap::new(), fault.as_ref(), &Uri::default());
            assert_eq!(sender.is_some(), is_some, "{status}");
        }
    }
}
