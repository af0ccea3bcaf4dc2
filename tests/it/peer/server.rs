//! A server that answers like Heat, and records requests. The same rules are in `tests/peer/record`.

use std::fmt;
use std::sync::{Arc, Mutex};

use heatclient_test_support::scripted::{Scripted, Seen, answer, json};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// The id of all stacks but those of the list.
pub(super) const ID: &str = "5ea5de34-0000-4000-8000-00000000000a";
const BASE: &str = "/v1/p";
const PAGE: usize = 3;

/// A request that was sent, and what is known of its answer.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct Sent {
    pub(super) method: String,
    /// Below the project, percent-encoded.
    pub(super) path: String,
    /// Decoded and sorted.
    pub(super) query: Vec<(String, String)>,
    #[serde(default, deserialize_with = "present")]
    pub(super) body: Option<Value>,
    pub(super) status: u16,
    /// Whether the answer is a further page without items.
    #[serde(default)]
    pub(super) empty: bool,
}

/// Reads null as a body, not as no body.
fn present<'de, D: Deserializer<'de>>(body: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(body).map(Some)
}

/// `PUT /stacks/web?a=b {"c": "d"}`
impl fmt::Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)?;
        for (n, (key, value)) in self.query.iter().enumerate() {
            write!(f, "{}{key}={value}", if n == 0 { '?' } else { '&' })?;
        }
        match &self.body {
            Some(body) => write!(f, " {body}"),
            None => Ok(()),
        }
    }
}

/// An answer: method, pattern of the path, status, body. `*` in a pattern is one segment; `?key` after it is a flag
/// that must be set in the query.
#[derive(Deserialize)]
struct Answer(String, String, u16, Value);

pub(super) struct Server {
    pub(super) url: String,
    sent: Arc<Mutex<Vec<Sent>>>,
    _scripted: Scripted,
}

impl Server {
    pub(super) async fn start() -> Self {
        let answers: Vec<Answer> =
            serde_json::from_str(include_str!("../../peer/answers.json")).unwrap();
        let sent: Arc<Mutex<Vec<Sent>>> = Arc::default();
        let log = Arc::clone(&sent);
        let scripted = Scripted::start(move |seen| {
            let (sent, answer) = respond(&answers, seen);
            log.lock().unwrap().push(sent);
            answer
        })
        .await;
        Self {
            url: format!("{}{BASE}", scripted.url),
            sent,
            _scripted: scripted,
        }
    }

    /// The requests since the last call.
    pub(super) fn take(&self) -> Vec<Sent> {
        std::mem::take(&mut self.sent.lock().unwrap())
    }
}

fn respond(answers: &[Answer], seen: &Seen) -> (Sent, Vec<u8>) {
    let (path, query) = seen.path.split_once('?').unwrap_or((&seen.path, ""));
    let path = path.strip_prefix(BASE).unwrap();
    let mut pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    pairs.sort();
    let mut sent = Sent {
        method: seen.method.clone(),
        path: path.to_owned(),
        query: pairs,
        body: (!seen.body.is_empty()).then(|| serde_json::from_slice(&seen.body).unwrap()),
        status: 302,
        empty: false,
    };
    if let Some(location) = redirect(&seen.method, path) {
        let query = if query.is_empty() {
            String::new()
        } else {
            format!("?{query}")
        };
        let host = seen.header("host").unwrap();
        let headers = format!("location: http://{host}{BASE}{location}{query}\r\n");
        return (sent, answer("302 Found", &headers, "<html></html>"));
    }
    let (status, body) = found(answers, &sent);
    sent.status = status;
    sent.empty = value(&sent.query, "marker").is_some()
        && body
            .as_object()
            .is_some_and(|body| body.values().any(|v| *v == Value::Array(vec![])));
    let headers = "x-openstack-request-id: req-1\r\n";
    let answer = match status {
        204 => answer("204 No Content", headers, ""),
        202 => answer(
            "202 Accepted",
            &format!("{headers}content-type: text/html\r\n"),
            "<html></html>",
        ),
        404 => answer(
            "404 Not Found",
            &format!("{headers}content-type: application/json\r\n"),
            &body.to_string(),
        ),
        201 => json("201 Created", &body.to_string()),
        _ => json("200 OK", &body.to_string()),
    };
    (sent, answer)
}

/// The full path of a stack, for a path with its name or its id alone.
fn redirect(method: &str, path: &str) -> Option<String> {
    let full = |stack: &str| match stack {
        ID => format!("/stacks/web/{ID}"),
        _ => format!("/stacks/{stack}/{ID}"),
    };
    let segments: Vec<_> = path.split('/').skip(1).collect();
    match (&*segments, method) {
        (["stacks", arn, name, id], "GET") if arn.starts_with("arn:") => {
            Some(format!("/stacks/{name}/{id}"))
        }
        (["stacks", stack], _) if !["preview", "detail"].contains(stack) => Some(full(stack)),
        (
            [
                "stacks",
                stack,
                part @ ("resources" | "events" | "template" | "actions"),
            ],
            "GET" | "POST",
        )
        | (["stacks", stack, part @ ("environment" | "files")], "GET") => {
            Some(format!("{}/{part}", full(stack)))
        }
        _ => None,
    }
}

/// The status and the body of the first answer that fits.
fn found(answers: &[Answer], sent: &Sent) -> (u16, Value) {
    let steps: Vec<_> = sent.path.split('/').collect();
    for Answer(method, pattern, status, body) in answers {
        let (pattern, flag) = pattern.split_once('?').unwrap_or((pattern, ""));
        let is_set =
            |flag| value(&sent.query, flag).is_some_and(|v| v.eq_ignore_ascii_case("true"));
        let wanted: Vec<_> = pattern.split('/').collect();
        let fits = wanted.len() == steps.len()
            && wanted
                .iter()
                .zip(&steps)
                .all(|(wanted, step)| *wanted == "*" || wanted == step);
        if *method == sent.method && fits && (flag.is_empty() || is_set(flag)) {
            return (*status, page(body, &sent.query));
        }
    }
    let message = "The resource could not be found.";
    (
        404,
        serde_json::json!({"code": "404 Not Found", "title": "Not Found", "message": message}),
    )
}

/// The page of a list that the query asks for. A page has at most three items and a link to the next one.
fn page(body: &Value, query: &[(String, String)]) -> Value {
    let (limit, marker) = (value(query, "limit"), value(query, "marker"));
    let mut paged = body.clone();
    if limit.is_none() && marker.is_none() {
        return paged;
    }
    for (key, items) in body.as_object().unwrap() {
        let Some(items) = items.as_array() else {
            continue;
        };
        let first = items
            .iter()
            .position(|item| item["id"].as_str() == marker && marker.is_some());
        let rest = &items[first.map_or(0, |n| n + 1)..];
        let most = limit.map_or(PAGE, |limit| limit.parse::<usize>().unwrap().min(PAGE));
        paged[key] = rest[..most.min(rest.len())].into();
        if rest.len() > most {
            paged["links"] = serde_json::json!([{"rel": "next", "href": "next"}]);
        }
    }
    paged
}

fn value<'a>(query: &'a [(String, String)], key: &str) -> Option<&'a str> {
    let found = query.iter().find(|(name, _)| name == key);
    found.map(|(_, value)| value.as_str())
}
