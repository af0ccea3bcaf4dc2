//! The error bodies of OpenStack services.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, header};
use serde_json::Value;

use crate::json;

/// An error as the server described it in the body of its response.
///
/// The formats of Heat and its CloudFormation API, Keystone, Nova, Neutron, Ironic, the API-SIG (`errors`
/// list), OAuth 2.0 (RFC 6749, 5.2) and problem details (RFC 9457) are supported.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// The name of the error: `StackExists`, `itemNotFound`, `invalid_grant`.
    pub error_type: Option<String>,
    /// A short title: `Conflict`.
    pub title: Option<String>,
    /// The message for people; never empty.
    pub message: String,
    /// The general explanation that Heat sends in addition to the message.
    pub explanation: Option<String>,
    /// The server's traceback, if it is configured to send one.
    pub traceback: Option<String>,
    shape: Shape,
}

/// The format of an error body, which tells who sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Text, HTML, or JSON of any server.
    Any,
    /// JSON in a format of OpenStack services.
    Service,
    /// The same with an error type, as Heat sends it.
    Typed,
}

impl Fault {
    /// Parses an error body; `None` if it contains no message.
    pub(crate) fn parse(headers: &HeaderMap, body: &Bytes) -> Option<Self> {
        let content_type = headers
            .get(header::CONTENT_TYPE)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default();
        if content_type.contains("html") {
            return html(&String::from_utf8_lossy(body));
        }
        if content_type.contains("xml") {
            let text = String::from_utf8_lossy(body);
            return from_xml(&text).or_else(|| plain(&text));
        }
        match json::from_slice::<Value>(body) {
            Ok(value) => from_json(&value),
            Err(_) if content_type.contains("json") => None,
            Err(_) => plain(&String::from_utf8_lossy(body)),
        }
    }

    fn new(message: impl Into<String>) -> Self {
        Self {
            error_type: None,
            title: None,
            message: message.into(),
            explanation: None,
            traceback: None,
            shape: Shape::Any,
        }
    }

    /// Whether the body has a format of OpenStack services.
    pub(crate) fn is_of_service(&self) -> bool {
        self.shape != Shape::Any
    }

    /// Whether the body has the format of Heat.
    pub(crate) fn is_typed(&self) -> bool {
        self.shape == Shape::Typed
    }
}

/// Leaves out the traceback, which may quote the request.
impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fault")
            .field("error_type", &self.error_type)
            .field("title", &self.title)
            .field("message", &self.message)
            .field("explanation", &self.explanation)
            .finish_non_exhaustive()
    }
}

fn from_json(body: &Value) -> Option<Fault> {
    let object = body.as_object()?;
    let text = |key: &str| text_of(object.get(key));
    match object.get("error") {
        // Heat, Keystone and newer Glance.
        Some(Value::Object(error)) => {
            let inner = |key: &str| text_of(error.get(key));
            let message = inner("message")
                .or_else(|| text("explanation"))
                .or_else(|| inner("title"))
                .or_else(|| text("title"))?;
            let error_type = inner("type");
            return Some(Fault {
                shape: match error_type {
                    Some(_) => Shape::Typed,
                    None => Shape::Service,
                },
                error_type,
                title: text("title").or_else(|| inner("title")),
                explanation: text("explanation"),
                traceback: inner("traceback"),
                message,
            });
        }
        // OAuth 2.0, or only a text.
        Some(Value::String(error)) if !error.is_empty() => {
            return Some(match text("error_description") {
                Some(message) => Fault {
                    error_type: Some(error.clone()),
                    ..Fault::new(message)
                },
                None => Fault::new(error.clone()),
            });
        }
        _ => {}
    }
    if let Some(Value::Array(errors)) = object.get("errors") {
        return api_sig(errors);
    }
    if let Some(message) = text("detail").or_else(|| text("title")) {
        return Some(Fault {
            error_type: text("type"),
            title: text("title"),
            ..Fault::new(message)
        });
    }
    // Ironic; the text may itself be JSON.
    if let Some(error) = object.get("error_message") {
        return match error {
            Value::String(text) => json::from_slice::<Value>(text.as_bytes())
                .ok()
                .and_then(|inner| text_of(inner.get("faultstring")))
                .or_else(|| Some(text.clone()))
                .map(Fault::new),
            other => text_of(other.get("faultstring")).map(Fault::new),
        };
    }
    if let Some(message) = text("message") {
        return Some(Fault {
            title: text("title"),
            ..Fault::new(message)
        });
    }
    // Nova and Neutron: one key that names the error.
    let (name, inner) = object.iter().next()?;
    if object.len() > 1 {
        return None;
    }
    let message = text_of(inner.get("message")).or_else(|| text_of(Some(inner)))?;
    let error_type = text_of(inner.get("type")).unwrap_or_else(|| name.clone());
    Some(Fault {
        error_type: Some(error_type),
        shape: Shape::Service,
        ..Fault::new(message)
    })
}

/// The API-SIG's list: the first entry, and the number of the others.
fn api_sig(errors: &[Value]) -> Option<Fault> {
    let first = errors.first()?;
    if let Some(text) = text_of(Some(first)) {
        return Some(Fault::new(text));
    }
    let title = text_of(first.get("title"));
    let mut message = text_of(first.get("detail")).or_else(|| title.clone())?;
    if errors.len() > 1 {
        message.push_str(&format!(" (and {} more)", errors.len() - 1));
    }
    Some(Fault {
        error_type: text_of(first.get("code")),
        title,
        shape: Shape::Service,
        ..Fault::new(message)
    })
}

fn text_of(value: Option<&Value>) -> Option<String> {
    value?
        .as_str()
        .filter(|text| !text.trim().is_empty())
        .map(str::to_owned)
}

/// The error of Heat's CloudFormation API:
/// `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>…</Message></Error></ErrorResponse>`.
fn from_xml(body: &str) -> Option<Fault> {
    let (_, error) = body.split_once("<ErrorResponse>")?;
    let element = |name: &str| {
        let (_, rest) = error.split_once(&format!("<{name}>"))?;
        let (text, _) = rest.split_once(&format!("</{name}>"))?;
        let text = text
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&amp;", "&");
        text_of(Some(&text.into()))
    };
    let message = element("Message")?;
    // A traceback may follow.
    let (message, traceback) = match message.split_once("\nTraceback ") {
        Some((message, rest)) => (message.to_owned(), Some(format!("Traceback {rest}"))),
        None => (message, None),
    };
    Some(Fault {
        error_type: element("Code"),
        traceback,
        shape: Shape::Service,
        ..Fault::new(message)
    })
}

/// The title of an HTML page, such as a proxy's error page.
fn html(page: &str) -> Option<Fault> {
    let lower = page.to_ascii_lowercase();
    let start = lower.find("<title>")? + "<title>".len();
    let length = lower.get(start..)?.find("</title>")?;
    plain(page.get(start..start + length)?)
}

/// The whole text, since part of a secret would not be masked. `Display` shortens it later.
fn plain(text: &str) -> Option<Fault> {
    let text = text.trim();
    (!text.is_empty()).then(|| Fault::new(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(content_type: &str, body: &str) -> Option<(Option<String>, String)> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
        Fault::parse(&headers, &Bytes::copy_from_slice(body.as_bytes()))
            .map(|fault| (fault.error_type, fault.message))
    }

    #[test]
    fn every_service_is_understood() {
        let cases = [
            (
                r#"{"code":409,"title":"Conflict","explanation":"There was a conflict.","error":{"type":"StackExists","traceback":null,"message":"The Stack (web) already exists."}}"#,
                Some("StackExists"),
                "The Stack (web) already exists.",
            ),
            (
                r#"{"code":500,"title":"Internal Server Error","explanation":"The server failed.","error":{"type":"RemoteError","traceback":null}}"#,
                Some("RemoteError"),
                "The server failed.",
            ),
            (
                r#"{"error":{"code":401,"title":"Unauthorized","message":"The request you have made requires authentication."}}"#,
                None,
                "The request you have made requires authentication.",
            ),
            (
                r#"{"itemNotFound":{"message":"no such server","code":404}}"#,
                Some("itemNotFound"),
                "no such server",
            ),
            (
                r#"{"NeutronError":{"type":"PortNotFound","message":"Port x","detail":""}}"#,
                Some("PortNotFound"),
                "Port x",
            ),
            (
                r#"{"error_message":"{\"faultstring\": \"node locked\"}"}"#,
                None,
                "node locked",
            ),
            (
                r#"{"error_message":{"faultstring":"node locked"}}"#,
                None,
                "node locked",
            ),
            (
                r#"{"error":"invalid_grant","error_description":"code is spent"}"#,
                Some("invalid_grant"),
                "code is spent",
            ),
            (r#"{"error":"text"}"#, None, "text"),
            (
                r#"{"errors":[{"code":"placement.x","title":"Bad","detail":"no inventory"},{"title":"two"}]}"#,
                Some("placement.x"),
                "no inventory (and 1 more)",
            ),
            (r#"{"errors":["text"]}"#, None, "text"),
            (
                r#"{"type":"about:blank","title":"Teapot","status":418,"detail":"short and stout"}"#,
                Some("about:blank"),
                "short and stout",
            ),
        ];
        for (body, error_type, message) in cases {
            assert_eq!(
                fault("application/json", body),
                Some((error_type.map(str::to_owned), message.to_owned())),
                "{body}"
            );
        }
    }

    #[test]
    fn the_xml_of_the_cloudformation_api_is_read() {
        let fault = |body| fault("application/xml; charset=UTF-8", body);
        let body = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User is not \
                    authorized</Message></Error></ErrorResponse>";
        let found = fault(body).unwrap();
        assert_eq!(found.0.as_deref(), Some("AccessDenied"));
        assert_eq!(found.1, "User is not authorized");
        let body = "<ErrorResponse><Error><Code>C</Code><Message>a &lt;b&gt; &amp;lt; \"c\"\nTraceback (most recent\n\
                    call last)</Message></Error></ErrorResponse>";
        assert_eq!(
            fault(body),
            Some((Some("C".into()), "a <b> &lt; \"c\"".into()))
        );
        assert_eq!(fault("<a>text</a>"), Some((None, "<a>text</a>".into())));
    }

    #[test]
    fn what_says_nothing_is_no_fault() {
        for body in [
            "",
            "[]",
            "17",
            "null",
            r#"{"errors":[]}"#,
            r#"{"error":{}}"#,
            r#"{"a":{},"b":{}}"#,
            "{",
        ] {
            assert_eq!(fault("application/json", body), None, "{body}");
        }
        assert_eq!(
            fault("text/html", "<html><body>no title</body></html>"),
            None
        );
        assert_eq!(fault("text/plain", "  \n"), None);
    }

    #[test]
    fn pages_come_down_to_their_titles() {
        assert_eq!(
            fault(
                "text/html; charset=utf-8",
                "<html><head><TITLE>502 Bad Gateway</TITLE></head></html>"
            ),
            Some((None, "502 Bad Gateway".to_owned()))
        );
    }
}
