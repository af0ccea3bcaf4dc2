//! An error is one line that says what failed, where and why, without secrets.
//!
//! Each row has a bad input, the kind of the error, and its full text. `SERVER` and `DIR` replace the
//! ports and directories of the run. A text that ends in `…` continues with a message of the
//! system.

mod answers;
mod logins;
mod options;

use std::io::Write as _;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use heatclient::auth::AdminToken;
use heatclient::session::SessionBuilder;
use heatclient::transport::layers::RetryPolicy;
use heatclient::{Client, Error, ErrorKind, Session};
use heatclient_test_support::scripted::{Scripted, answer};
use heatclient_test_support::time::HANG;
use serde_json::{Value, json};

const PASSWORD: &str = "swordfish-5ecret";
const TOKEN: &str = "gAAAA-5ecret";
const LONGEST: usize = 480;
/// The step of the clock.
const STEP: Duration = Duration::from_millis(200);

/// The rows with a wrong error.
#[derive(Default)]
struct Report {
    rows: usize,
    wrong: Vec<String>,
}

impl Report {
    fn row(
        &mut self,
        what: &str,
        error: &Error,
        hide: &[(&str, &str)],
        kind: ErrorKind,
        text: &str,
    ) {
        self.rows += 1;
        let line = error.to_string();
        let shown = hide
            .iter()
            .fold(line.clone(), |text, (from, to)| text.replace(from, to));
        let fits = match text.strip_suffix('…') {
            Some(start) => shown.starts_with(start),
            None => shown == text,
        };
        if !fits || error.kind() != kind {
            self.wrong
                .push(format!("{what}: {:?}\n    {shown}", error.kind()));
        }
        let debug = format!("{error:?}");
        let mut causes = String::new();
        let mut cause = std::error::Error::source(error);
        while let Some(next) = cause {
            causes.push_str(&next.to_string());
            cause = next.source();
        }
        for (name, text) in [("Display", &line), ("Debug", &debug), ("a cause", &causes)] {
            if text.contains("5ecret") {
                self.wrong
                    .push(format!("{what}: {name} tells a secret: {text}"));
            }
        }
        if line.chars().any(char::is_control) || line.trim() != line || line.contains("  ") {
            self.wrong
                .push(format!("{what}: not one clean line: {line:?}"));
        }
        if line.chars().count() > LONGEST {
            self.wrong
                .push(format!("{what}: {} characters", line.chars().count()));
        }
    }

    fn finish(self, rows: usize) {
        assert!(self.wrong.is_empty(), "\n{}", self.wrong.join("\n"));
        assert_eq!(self.rows, rows);
    }
}

/// A session without retries. Its limits apply to the stopped clock only.
fn hasty(builder: SessionBuilder) -> Session {
    builder
        .retry(RetryPolicy::none())
        .connect_timeout(HANG)
        .read_timeout(Duration::from_secs(60))
        .timeout(2 * HANG)
        .build()
}

/// A client without a Keystone.
fn with_token(url: &str) -> Client {
    let plugin = AdminToken::new(&format!("{url}/v1/p"), TOKEN).unwrap();
    Client::new(hasty(Session::builder(plugin)))
}

/// A server that answers everything with the same bytes.
async fn always(bytes: Vec<u8>) -> Scripted {
    Scripted::start(move |_| bytes.clone()).await
}

fn authority(server: &Scripted) -> &str {
    server.url.strip_prefix("http://").unwrap()
}

fn template() -> Value {
    json!({"heat_template_version": "2018-08-31"})
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn raw(head: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes =
        format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

fn html(status: &str, page: &str) -> Vec<u8> {
    answer(status, "content-type: text/html\r\n", page)
}

fn token(catalog: &Value) -> String {
    json!({"token": {
        "methods": ["password"],
        "user": {"id": "u", "name": "demo"},
        "project": {"id": "p", "name": "demo"},
        "issued_at": "2026-01-01T00:00:00.000000Z",
        "expires_at": "2026-01-01T01:00:00.000000Z",
        "catalog": catalog,
    }})
    .to_string()
}

fn issued(body: &str) -> Vec<u8> {
    let headers = "content-type: application/json\r\nx-subject-token: gAAAA-5ecret\r\n";
    answer("201 Created", headers, body)
}
