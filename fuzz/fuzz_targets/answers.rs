//! Answers of a server to the calls of a session, parted by lines of `%%`: a status, header lines, an empty line and a
//! body. Whatever `Location`, `Retry-After`, status and body they have, each call ends, its error is one line without the
//! token, the token goes to the cloud only, and a create is not repeated after it was accepted.

#![no_main]

use std::sync::LazyLock;
use std::time::Duration;

use heatclient::heat::NewStack;
use heatclient::testing::{self, ScriptedTransport};
use heatclient::transport::Body;
use heatclient::{Client, Error, Session};
use http::{HeaderName, HeaderValue, Method, Response};
use libfuzzer_sys::fuzz_target;
use serde_json::json;
use tokio::runtime::{Builder, Runtime};

const TOKEN: &str = "gAAAA-swordfish-of-the-fuzzer";

/// Retries, redirects and waits for connections need time, which is not real.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut builder = Builder::new_current_thread();
    builder.enable_all().start_paused(true).build().expect("a runtime")
});

fuzz_target!(|text: &str| {
    let answers: Vec<String> = text.split("\n%%\n").take(16).map(str::to_owned).collect();
    RUNTIME.block_on(async {
        let cloud = ScriptedTransport::new(move |request| {
            let text = answers.get(request.number % answers.len().max(1));
            Ok(answer(text.map_or("", String::as_str)))
        });
        let token = testing::token().id(TOKEN).project("p");
        let token = token.endpoint("orchestration", "http://heat.example:8004/v1/p");
        let session = Session::builder(token).transport(cloud.clone());
        let heat = Client::new(session.timeout(Duration::from_secs(3600)).build());
        let stacks = heat.stacks();
        check(stacks.get("web").await.map(drop));
        check(stacks.list().limit(3).await.map(drop));
        check(stacks.delete("web").await);
        let before = cloud.requests().len();
        let created = stacks.create(NewStack::new("web", json!({"heat_template_version": "2018-08-31"}))).await;
        check(created.map(drop));
        let requests = cloud.requests();
        assert!(requests.len() < 2000, "{} requests", requests.len());
        for request in &requests {
            let origin = (request.uri.scheme_str(), request.uri.authority().map(|a| a.as_str()));
            let is_cloud = matches!(
                origin,
                (Some("http"), Some("heat.example:8004")) | (Some("https"), Some("heat.example:8004" | "heat.example" | "heat.example:443"))
            );
            // An upgrade to https may lead to any port of the host.
            let is_upgrade = request.uri.scheme_str() == Some("https") && request.uri.host() == Some("heat.example");
            let has_token = request.headers.contains_key("x-auth-token");
            assert!(!has_token || is_cloud || is_upgrade, "{} {}", request.method, request.uri);
        }
        let posts = requests.iter().skip(before).filter(|request| request.method == Method::POST);
        for request in posts {
            assert!(!request.body.is_empty(), "a create without its body");
        }
    });
});

fn check(result: Result<(), Error>) {
    if let Err(error) = result {
        let shown = error.to_string();
        assert!(!shown.is_empty() && !shown.contains('\n'), "{shown:?}");
        assert!(!format!("{shown} {error:?}").contains(TOKEN), "{shown}");
        let _ = (error.kind(), error.fault(), error.retry_after(), error.request_id(), error.is_not_found());
    }
}

fn answer(text: &str) -> Response<Body> {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.trim().parse::<u16>().ok());
    let status = status.filter(|status| (200..600).contains(status)).unwrap_or(200);
    // A server may quote what it is sent.
    let body = body.replace("TOKEN", TOKEN);
    let mut response = Response::builder().status(status).body(Body::from(body)).expect("a response");
    for line in lines.take(100) {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        if let (Ok(name), Ok(value)) = (name.trim().parse::<HeaderName>(), HeaderValue::from_str(value.trim())) {
            response.headers_mut().append(name, value);
        }
    }
    response
}
