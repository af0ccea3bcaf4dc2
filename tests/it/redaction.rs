//! Secrets of requests and responses are in no log, at any level, and in no encoding.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use heatclient::auth::AdminToken;
use heatclient::session::RequestBuilder;
use heatclient::transport::layers::RetryPolicy;
use heatclient::{Error, Session};
use heatclient_test_support::log::Log;
use heatclient_test_support::scripted::{Scripted, answer};
use http::{HeaderName, HeaderValue, Method};
use tracing::Level;

const TOKEN: &str = "gAAAAABm0-t0ken/0f+this==sessi0n";

/// Secrets of requests: the name of a header or of a query's key, and the value.
const HEADERS: [(&str, &str); 8] = [
    ("x-auth-key", "key/0f+the==user-1"),
    ("cookie", "sessionid=c00kie/0f+the==browser-2"),
    ("authorization", "Bearer be4rer/0f+the==client-3"),
    ("x-subject-token", "subj3ct/0f+the==token-4"),
    ("x-service-token", "serv1ce/0f+the==token-5"),
    ("openstack-auth-receipt", "rec3ipt/0f+the==login-6"),
    (
        "x-container-meta-temp-url-key",
        "temp-k3y/0f+the==container-7",
    ),
    ("proxy-authorization", "Basic pr0xy/0f+the==user-8"),
];
const QUERY: [(&str, &str); 6] = [
    ("temp_url_sig", "s1gnature/0f+swift==1"),
    ("Signature", "s1gnature/0f+heat==2"),
    ("X-Amz-Signature", "s1gnature/0f+amazon==3"),
    ("X-Amz-Security-Token", "t0ken/0f+amazon==4"),
    ("access_token", "t0ken/0f+oauth==5"),
    ("code", "c0de/0f+oauth==6"),
];
const BODY: &str = "adm1n-p4ss/0f+the==server";
/// Secrets of responses.
const ANSWER: [&str; 4] = [
    "c00kie/set+by==server-1",
    "t0ken/in+location==2",
    "t0ken/of+oauth==3",
    "subj3ct/of+response==4",
];

/// The last word: `Bearer x` and `name=x` are `x`.
fn bare(value: &str) -> &str {
    let value = value.rsplit(' ').next().unwrap();
    value.strip_prefix("sessionid=").unwrap_or(value)
}

fn secrets() -> impl Iterator<Item = &'static str> {
    let sent = HEADERS.iter().chain(&QUERY).map(|(_, value)| bare(value));
    sent.chain(ANSWER).chain([TOKEN, BODY])
}

/// Whether the text has the secret: raw, in base64 or percent-encoded.
fn has(text: &str, secret: &str) -> bool {
    let quoted = percent(secret);
    let plain = [secret, &quoted, &quoted.to_ascii_lowercase()];
    let encoded = (0..3).flat_map(|before| {
        let bytes = [&vec![b' '; before], secret.as_bytes()].concat();
        // The characters at both ends depend on the text around the secret.
        let inner = |text: String| text[4..text.len() - 4].to_owned();
        [
            inner(STANDARD.encode(&bytes)),
            inner(URL_SAFE.encode(&bytes)),
        ]
    });
    plain.into_iter().any(|form| text.contains(form))
        || encoded.into_iter().any(|form| text.contains(&form))
}

fn percent(text: &str) -> String {
    let encoded = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    text.bytes().map(encoded).collect()
}

#[test]
fn the_search_finds_every_encoding() {
    for secret in secrets() {
        for text in [
            secret.to_owned(),
            percent(secret),
            STANDARD.encode(format!("user:{secret}:x")),
            URL_SAFE.encode(format!("{secret}.")),
            STANDARD.encode(format!("ab{secret}")),
        ] {
            assert!(has(&format!("x{text}y"), secret), "{secret} in {text}");
        }
        assert!(!has("something else", secret));
    }
}

/// A request with all secrets.
fn loaded(session: &Session, method: Method, url: &str) -> RequestBuilder {
    let mut request = session.request(method, url).json(&serde_json::json!({
        "server": {"adminPass": BODY, "user_data": {"password": BODY}},
        "client_secret": BODY,
    }));
    for (name, value) in HEADERS {
        // Not marked sensitive.
        request = request.header(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    QUERY
        .iter()
        .fold(request, |request, (key, value)| request.query(key, value))
}

fn told(error: &Error) -> String {
    let mut text = format!("{error} {error:?} {:?} {:?}", error.uri(), error.fault());
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(&format!(" {cause} {cause:?}"));
        source = cause.source();
    }
    text
}

#[tokio::test]
async fn no_log_and_no_error_has_secrets_of_requests_and_responses() {
    let (log, guard) = Log::start(Level::TRACE);
    let [cookie, location, oauth, subject] = ANSWER;
    let headers = format!(
        "set-cookie: sessionid={cookie}; Path=/\r\nx-subject-token: {subject}\r\n\
         x-openstack-request-id: req-1\r\ncontent-type: application/json\r\n"
    );
    let body = format!("{{\"access_token\": \"{oauth}\", \"refresh_token\": \"{oauth}\"}}");
    let server = Scripted::start(move |seen| {
        let query = seen.path.split_once('?').map_or("", |(_, query)| query);
        let status = seen.path.split(['/', '?']).nth(1).unwrap_or_default();
        match status {
            "302" if !query.contains("moved") => {
                let to = format!("location: /200?moved=1&token={}\r\n", percent(location));
                answer("302 Found", &(headers.clone() + &to), &body)
            }
            // Neither Location may be followed.
            "307" => {
                let to = format!(
                    "location: http://elsewhere.invalid/?token={}\r\n",
                    percent(location)
                );
                answer("307 Temporary Redirect", &(headers.clone() + &to), &body)
            }
            "308" => {
                let to = format!(
                    "location: ftp://elsewhere.invalid/?token={}\r\n",
                    percent(location)
                );
                answer("308 Permanent Redirect", &(headers.clone() + &to), &body)
            }
            "cut" => {
                // The connection closes in the middle of the body.
                let head = format!(
                    "HTTP/1.1 200 OK\r\n{headers}content-length: 9999\r\nconnection: close\r\n\r\n"
                );
                (head + &body).into_bytes()
            }
            "none" => Vec::new(),
            status => answer(&format!("{status} Status"), &headers, &body),
        }
    })
    .await;
    let policy = RetryPolicy::new(2).backoff(Default::default(), Default::default());
    let auth = AdminToken::new(&server.url, TOKEN).unwrap();
    let session = Session::builder(auth).retry(policy).build();
    let mut texts = Vec::new();
    for path in [
        "200", "201", "302", "307", "308", "400", "401", "403", "404", "500", "503", "cut", "none",
    ] {
        for method in [Method::GET, Method::PUT, Method::POST] {
            let url = format!("{}/{path}", server.url);
            let request = loaded(&session, method.clone(), &url);
            texts.push(format!("{request:?}"));
            if let Err(error) = request.fetch::<serde_json::Value>().await {
                texts.push(told(&error));
            }
            let call = loaded(&session, method, &url).error_for_status(false);
            if let Err(error) = call.finish().await {
                texts.push(told(&error));
            }
        }
    }
    drop(guard);
    assert!(
        server.seen().len() > 60 && texts.len() > 60,
        "{}",
        texts.len()
    );
    let sent = server.seen();
    let sent = sent.iter().find(|seen| seen.method == "PUT").unwrap();
    for (name, value) in HEADERS {
        // The test sends what it looks for, but the session's token replaces nothing.
        assert_eq!(sent.header(name), Some(value));
    }
    let log = log.text();
    assert!(log.contains("heatclient::attempt") && log.contains("heatclient::retry"));
    texts.push(log);
    for text in texts {
        for secret in secrets() {
            assert!(!has(&text, secret), "{secret} in {text}");
        }
    }
}

#[tokio::test]
async fn a_token_in_a_path_is_masked() {
    const PLAIN: &str = "gAAAAABm0-a-token-without-slashes";
    let (log, guard) = Log::start(Level::TRACE);
    let server = Scripted::start(|_| answer("404 Not Found", "", "")).await;
    let auth = AdminToken::new(&server.url, PLAIN).unwrap();
    let session = Session::new(auth);
    let url = format!("{}/v2.0/tokens/{PLAIN}", server.url);
    let error = session
        .request(Method::GET, url)
        .finish()
        .await
        .unwrap_err();
    drop(guard);
    assert!(
        log.text().contains("/v2.0/tokens/[redacted]"),
        "{}",
        log.text()
    );
    assert!(!has(&(log.text() + &told(&error)), PLAIN));
}

#[tokio::test]
async fn a_call_may_leave_no_trace_in_the_log() {
    let (log, guard) = Log::start(Level::TRACE);
    let server = Scripted::start(|_| answer("503 Service Unavailable", "", "")).await;
    let policy = RetryPolicy::new(2).backoff(Default::default(), Default::default());
    let auth = AdminToken::new(&server.url, TOKEN).unwrap();
    let session = Session::builder(auth).retry(policy).build();
    let adapter = session.adapter("orchestration").build();
    adapter.get("/quiet").log(false).finish().await.unwrap_err();
    adapter.get("/loud").finish().await.unwrap_err();
    drop(guard);
    assert_eq!(server.seen().len(), 4);
    let log = log.text();
    assert!(!log.contains("/quiet"), "{log}");
    for target in [
        "heatclient::attempt",
        "heatclient::retry",
        "call{method=GET",
    ] {
        assert!(log.contains(target), "{target} in {log}");
    }
}
