//! Defects of keystoneauth that are not copied: one test each for the better behaviour.
//!
//! The numbers are those of the project's list of defects. Here are those that belong to a session as a whole;
//! [`ELSEWHERE`] names the tests of the others, which are beside the tests of the feature.

use std::time::Duration;

use bytes::Bytes;
use heatclient::auth::AdminToken;
use heatclient::catalog::{ApiVersion, EndpointQuery, VersionRange};
use heatclient::heat::NewStack;
use heatclient::sandbox::{Fault, Sandbox};
use heatclient::testing::{self, ScriptedTransport};
use heatclient::transport::Body;
use heatclient::transport::layers::{RateLimit, RetryPolicy};
use heatclient::{Client, ErrorKind, Session};
use heatclient_test_support::directory::Directory;
use heatclient_test_support::log::Log;
use heatclient_test_support::scripted::{Scripted, answer, json as json_answer};
use heatclient_test_support::time::{Clock, HANG};
use heatclient_test_support::{builder, client, demo};
use http::Method;
use http_body_util::StreamBody;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::elsewhere::{Elsewhere, elsewhere, missing};

fn template() -> Value {
    json!({"heat_template_version": "2018-08-31", "resources": {"none": {"type": "OS::Heat::None"}}})
}

async fn revoked_in_flight(stagger: Duration) -> (usize, usize) {
    let sandbox = Sandbox::start().await.unwrap();
    let heat = client(&sandbox);
    heat.stacks().list().await.unwrap();
    sandbox.clear_requests();
    sandbox.revoke_all_tokens();
    let mut calls = JoinSet::new();
    for n in 0..64u32 {
        let heat = heat.clone();
        calls.spawn(async move {
            tokio::time::sleep(stagger * n).await;
            heat.stacks().list().await.map(drop)
        });
    }
    let failed = calls
        .join_all()
        .await
        .into_iter()
        .filter(Result::is_err)
        .count();
    (failed, sandbox.logins())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn defect_01_all_calls_in_flight_survive_a_revoked_token() {
    assert_eq!(revoked_in_flight(Duration::ZERO).await, (0, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn defect_02_late_401s_do_not_touch_the_new_token() {
    let sandbox = Sandbox::start().await.unwrap();
    let heat = client(&sandbox);
    heat.stacks().list().await.unwrap();
    sandbox.clear_requests();
    sandbox.revoke_all_tokens();
    // Every second refusal arrives only after the others have logged in again.
    sandbox.fault(
        Fault::on(Method::GET, "/stacks")
            .times(32)
            .after_handling()
            .delay(Duration::from_millis(400)),
    );
    let mut calls = JoinSet::new();
    for _ in 0..64 {
        let heat = heat.clone();
        calls.spawn(async move { heat.stacks().list().await.map(drop) });
    }
    assert!(
        calls
            .join_all()
            .await
            .into_iter()
            .all(|result| result.is_ok())
    );
    assert_eq!(sandbox.logins(), 1);
    assert_eq!(revoked_in_flight(Duration::from_millis(5)).await, (0, 1));
}

#[tokio::test]
async fn defect_03_a_streamed_body_is_never_sent_empty() {
    let sandbox = Sandbox::start().await.unwrap();
    let session = builder(&sandbox).build();
    let adapter = session.adapter("orchestration").build();
    adapter.get("/stacks").finish().await.unwrap();
    sandbox.revoke_all_tokens();
    sandbox.clear_requests();
    let frames = [Ok::<_, std::io::Error>(http_body::Frame::data(
        Bytes::from(vec![b' '; 1000]),
    ))];
    let body = Body::stream(StreamBody::new(futures::stream::iter(frames)));
    let error = adapter
        .request(Method::PUT, "/stacks/x")
        .body(body)
        .finish()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth);
    assert!(
        error.to_string().contains("cannot be sent again"),
        "{error}"
    );
    let puts: Vec<_> = sandbox
        .requests()
        .into_iter()
        .filter(|r| r.method == Method::PUT)
        .map(|r| r.body_length)
        .collect();
    assert_eq!(puts, [1000]);
    // The refused token is dropped. A replayable request is sent again with a new one.
    adapter.get("/stacks").finish().await.unwrap();
    assert_eq!(sandbox.logins(), 1);
}

#[tokio::test]
async fn defect_04_no_token_leaves_for_another_host() {
    let foreign = Scripted::start(|_| json_answer("200 OK", r#"{"stacks": []}"#)).await;
    let sandbox = Sandbox::start().await.unwrap();
    let heat = client(&sandbox);
    heat.stacks().list().await.unwrap();
    let elsewhere = format!("{}/elsewhere", foreign.url);
    let _redirect = sandbox.fault(Fault::on_any("/stacks").redirect(302, &elsewhere));
    heat.stacks().list().await.unwrap();
    let seen = foreign.seen();
    assert_eq!(seen.len(), 1);
    for header in ["x-auth-token", "authorization", "cookie"] {
        assert_eq!(seen[0].header(header), None);
    }
    // A body would reveal the parameters to the other host.
    let error = heat
        .stacks()
        .create(NewStack::new("web", template()))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Redirect, "{error}");
    assert_eq!(foreign.seen().len(), 1);
}

#[tokio::test]
async fn defect_05_a_relative_location_is_followed() {
    let server = Scripted::start(|request| match request.path.as_str() {
        "/v1/p/stacks" => answer("302 Found", "location: ../../v1/p/moved?x=1\r\n", ""),
        "/v1/p/moved?x=1" => json_answer("200 OK", r#"{"stacks": []}"#),
        other => panic!("{other}"),
    })
    .await;
    let heat = Client::with_token(&format!("{}/v1/p", server.url), "token").unwrap();
    heat.stacks().list().await.unwrap();
    assert_eq!(server.seen()[1].header("x-auth-token"), Some("token"));
}

#[tokio::test]
async fn defect_06_a_401_from_discovery_is_no_deadlock() {
    let keystone = Scripted::start(|_| {
        json_answer(
            "401 Unauthorized",
            r#"{"error": {"message": "who are you"}}"#,
        )
    })
    .await;
    let auth = demo(&keystone.url, "demo").discover(true);
    let listing = Client::new(Session::new(auth));
    let error = tokio::time::timeout(HANG, async { listing.stacks().list().await })
        .await
        .expect("no deadlock")
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Discovery, "{error}");
    assert!(
        keystone
            .seen()
            .iter()
            .all(|r| r.method == "GET" && r.header("x-auth-token").is_none())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn defect_07_discovery_is_one_request_and_failures_are_remembered() {
    let sandbox = Sandbox::start().await.unwrap();
    let session = builder(&sandbox).build();
    let url: http::Uri = sandbox.identity_root_url().parse().unwrap();
    let ask = |url: http::Uri| {
        let mut calls = JoinSet::new();
        for _ in 0..32 {
            let (cx, url) = (session.auth_context().clone(), url.clone());
            calls.spawn(async move { cx.versions(&url).await.is_ok() });
        }
        calls.join_all()
    };
    assert!(ask(url.clone()).await.into_iter().all(|ok| ok));
    assert!(ask(url).await.into_iter().all(|ok| ok));
    assert_eq!(sandbox.count(Method::GET, ""), 1);

    sandbox.clear_requests();
    let nothing: http::Uri = format!("{}/nothing", sandbox.identity_root_url())
        .parse()
        .unwrap();
    assert!(ask(nothing.clone()).await.into_iter().all(|ok| !ok));
    assert!(ask(nothing).await.into_iter().all(|ok| !ok));
    assert_eq!(sandbox.count(Method::GET, ""), 1);
}

#[tokio::test]
async fn defect_08_a_probe_never_logs_in_again() {
    let sandbox = Sandbox::start().await.unwrap();
    let session = builder(&sandbox).build();
    session.access().await.unwrap();
    let unversioned = format!("{}/nowhere", sandbox.orchestration_root_url());
    sandbox.fault(Fault::on_any("/nowhere").status(401, &[], ""));
    for _ in 0..5 {
        let probe = session
            .auth_context()
            .versions(&unversioned.parse().unwrap())
            .await;
        assert_eq!(probe.unwrap_err().kind(), ErrorKind::Discovery);
    }
    assert_eq!(sandbox.logins(), 1);
}

#[tokio::test]
async fn defect_09_a_valid_token_serves_while_keystone_is_slow_or_down() {
    let clock = Clock::stop();
    let sandbox = Sandbox::builder()
        .token_lifetime(Duration::from_secs(60))
        .start()
        .await
        .unwrap();
    let heat = client(&sandbox);
    clock.still(heat.stacks().list()).await.unwrap();
    sandbox.fault(
        Fault::on(Method::POST, "/auth/tokens")
            .delay(Duration::from_secs(1))
            .status(503, &[], ""),
    );
    // Renewal starts a quarter of the lifetime before its end, or half of that.
    clock.pass(Duration::from_secs(54)).await;
    let mut calls = JoinSet::new();
    for _ in 0..5 {
        let heat = heat.clone();
        calls.spawn(async move { heat.stacks().list().await.map(drop) });
    }
    // The login takes a second, but no time passes.
    for result in clock.still(calls.join_all()).await {
        result.unwrap();
    }
    clock.until(|| sandbox.logins() == 2).await;
}

#[tokio::test]
async fn defect_10_a_short_lifetime_is_not_a_login_per_request() {
    let clock = Clock::stop();
    let sandbox = Sandbox::builder()
        .token_lifetime(Duration::from_secs(20))
        .start()
        .await
        .unwrap();
    let heat = client(&sandbox);
    for _ in 0..5 {
        clock.still(heat.stacks().list()).await.unwrap();
    }
    assert_eq!(sandbox.logins(), 1);
}

#[tokio::test]
async fn defect_11_logins_are_retried() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.fault(
        Fault::on(Method::POST, "/auth/tokens")
            .times(1)
            .status(503, &[], ""),
    );
    sandbox.fault(Fault::on(Method::POST, "/auth/tokens").times(1).reset());
    client(&sandbox).stacks().list().await.unwrap();
    assert_eq!(sandbox.logins(), 3);
}

#[tokio::test]
async fn defect_12_a_create_that_timed_out_is_not_repeated() {
    let sandbox = Sandbox::start().await.unwrap();
    let heat = client(&sandbox);
    let (clock, step) = (Clock::stop(), Duration::from_millis(500));
    clock.still(heat.stacks().list()).await.unwrap();
    for (name, fault) in [
        (
            "silent",
            Fault::on(Method::POST, "/stacks")
                .times(1)
                .after_handling()
                .no_answer(),
        ),
        (
            "reset",
            Fault::on(Method::POST, "/stacks")
                .times(1)
                .after_handling()
                .reset(),
        ),
        (
            "cut",
            Fault::on(Method::POST, "/stacks")
                .times(1)
                .after_handling()
                .truncate_body(5),
        ),
    ] {
        sandbox.clear_requests();
        sandbox.fault(fault);
        let stacks = heat.stacks();
        let create = stacks.create(NewStack::new(name, template()));
        let error = clock.moving(step, create).await.unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Interrupted),
            "{name}: {error}"
        );
        assert!(error.may_have_been_sent(), "{name}");
        assert_eq!(
            sandbox.count_where(|r| r.method == Method::POST),
            1,
            "{name}"
        );
        // It was created once. The caller can check.
        assert!(clock.still(heat.stacks().get(name)).await.is_ok());
    }
}

#[tokio::test]
async fn defect_13_retry_after_is_understood_and_bounded() {
    let sandbox = Sandbox::start().await.unwrap();
    let policy = RetryPolicy::new(2)
        .backoff(Duration::from_millis(1), Duration::from_millis(1))
        .retry_after_cap(Duration::from_millis(200));
    let heat = Client::new(builder(&sandbox).retry(policy).build());
    heat.stacks().list().await.unwrap();
    for value in [
        "3600",
        "-5",
        "1.5",
        "Wed, 21 Oct 2099 07:28:00 GMT",
        "Wed, 21 Oct 2015 07:28:00 GMT",
        "soon",
    ] {
        sandbox.fault(Fault::on(Method::GET, "/stacks").times(1).status(
            503,
            &[("Retry-After", value)],
            "",
        ));
        // Not after an hour, and not after decades.
        let list = tokio::time::timeout(HANG, heat.stacks().list().into_future());
        list.await.expect(value).unwrap();
    }
    // A POST is repeated if the server says that it did not process it.
    sandbox.fault(Fault::on(Method::POST, "/stacks").times(1).status(
        429,
        &[("Retry-After", "0")],
        "",
    ));
    heat.stacks()
        .create(NewStack::new("web", template()))
        .await
        .unwrap();
    sandbox.fault(
        Fault::on(Method::POST, "/stacks")
            .times(1)
            .status(503, &[], ""),
    );
    let error = heat
        .stacks()
        .create(NewStack::new("other", template()))
        .await
        .unwrap_err();
    assert_eq!(error.status().map(|s| s.as_u16()), Some(503));
}

#[tokio::test(start_paused = true)]
async fn defect_14_a_server_that_never_answers_is_given_up() {
    // Accepts without a response. The clock advances when all tasks wait.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1/p", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            held.push(stream);
        }
    });
    let session = Session::builder(AdminToken::new(&url, "token").unwrap()).build();
    let start = heatclient::clock::now();
    let error = Client::new(session).stacks().list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert!(heatclient::clock::now() - start < Duration::from_secs(300));
}

#[tokio::test]
async fn defect_16_no_secret_is_logged() {
    let (log, guard) = Log::start(tracing::Level::TRACE);
    let sandbox = Sandbox::start().await.unwrap();
    let session = Session::new(demo(&sandbox.auth_url(), "demo"));
    let token = session.access().await.unwrap().unwrap().token().clone();
    let heat = Client::new(session.clone());
    let new = NewStack::new("web", template()).parameter("db_password", "hunter2hunter2");
    let refused = heat.stacks().create(new).await.unwrap_err();
    let signed = format!("{}/v1?signature=topsecret", sandbox.orchestration_url());
    let missing = session
        .request(Method::GET, signed)
        .send()
        .await
        .unwrap_err();
    let wrong = Session::new(demo(&sandbox.auth_url(), "wrong-password-9"));
    let denied = wrong.access().await.unwrap_err();
    drop(guard);

    let mut all = log.text();
    assert!(all.contains("auth/tokens"), "something was logged");
    all.push_str(&format!(
        "{session:?} {refused:?} {missing:?} {denied:?} {refused} {missing} {denied}"
    ));
    for secret in [
        token.expose(),
        "hunter2hunter2",
        "topsecret",
        "wrong-password-9",
    ] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
}

#[tokio::test]
async fn defect_18_the_limit_is_the_limit() {
    let clock = Clock::stop();
    let sandbox = Sandbox::start().await.unwrap();
    let heat = Client::new(builder(&sandbox).concurrency(4).build());
    clock.still(heat.stacks().list()).await.unwrap();
    sandbox.clear_requests();
    let delay = Duration::from_secs(1);
    sandbox.fault(Fault::on(Method::GET, "/stacks").delay(delay));
    let mut calls = JoinSet::new();
    for _ in 0..32 {
        let heat = heat.clone();
        calls.spawn(async move { heat.stacks().list().await.map(drop) });
    }
    // While the clock is stopped, no request is answered.
    let seen = |answered: bool| sandbox.count_where(|r| r.status.is_some() == answered);
    for round in 0..8 {
        clock.until(|| seen(false) == 4).await;
        clock.pass(Duration::ZERO).await;
        assert_eq!((seen(true), seen(false)), (4 * round, 4));
        clock.pass(2 * delay).await;
    }
    let results = clock.still(calls.join_all()).await;
    assert!(results.into_iter().all(|result| result.is_ok()));
    assert_eq!(sandbox.requests().len(), 32);
}

#[tokio::test(start_paused = true)]
async fn defect_19_the_choice_of_a_version_is_total() {
    let entry = |id: &str, status: &str| json!({"id": id, "status": status, "links": [{"rel": "self", "href": format!("{id}/")}]});
    let (one, two) = (entry("v1", "CURRENT"), entry("v2", "SUPPORTED"));
    let experiment = entry("v3", "EXPERIMENTAL");
    // Documents, accepted versions, and the path of the endpoint.
    for (entries, versions, expected) in [
        (
            vec![one.clone(), two.clone()],
            VersionRange::at_most(1),
            Some("/s/v1/"),
        ),
        (
            vec![one.clone(), two.clone()],
            VersionRange::at_most(ApiVersion::latest_of(2)),
            Some("/s/v2/"),
        ),
        (vec![experiment], VersionRange::LATEST, None),
        (
            vec![json!(17), json!({"id": "next"}), two],
            VersionRange::LATEST,
            Some("/s/v2/"),
        ),
    ] {
        let document = json!({"versions": entries});
        let wire = ScriptedTransport::new(move |_| testing::json(300, &document));
        let token = testing::token()
            .project("p")
            .endpoint("service", "http://cloud/s");
        let session = Session::builder(token).transport(wire).build();
        let adapter = session.adapter("service").versions(versions).build();
        let found = adapter.endpoint().await;
        match expected {
            Some(path) => assert_eq!(found.unwrap().path(), path, "{versions}"),
            None => assert_eq!(
                found.unwrap_err().to_string(),
                "no usable API version at http://cloud/s (found v3.0 experimental)"
            ),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn defect_18_a_pause_gives_no_credit() {
    let server = ScriptedTransport::new(|_| testing::json(200, json!({"stacks": []})));
    let token = testing::token()
        .project("p")
        .endpoint("orchestration", "http://heat.example/v1/p");
    let session = Session::builder(token)
        .transport(server.clone())
        .rate_limit(RateLimit::new(20, Duration::from_secs(1)))
        .build();
    let heat = Client::new(session);
    heat.stacks().list().await.unwrap();
    tokio::time::sleep(Duration::from_secs(60)).await;
    let start = heatclient::clock::now();
    let calls = (0..21).map(|_| heat.stacks().list().into_future());
    futures::future::try_join_all(calls).await.unwrap();
    assert_eq!(heatclient::clock::now() - start, Duration::from_secs(1));
    assert_eq!(server.requests().len(), 22);
}

#[tokio::test]
async fn defect_20_errors_of_all_services_can_be_read() {
    let cases = [
        (
            "404 Not Found",
            r#"{"itemNotFound": {"message": "no such server", "code": 404}}"#,
            "404 Not Found: no such server",
        ),
        (
            "409 Conflict",
            r#"{"NeutronError": {"type": "InUse", "message": "port in use", "detail": ""}}"#,
            "409 Conflict: port in use",
        ),
        (
            "400 Bad Request",
            r#"{"error": "invalid_grant", "error_description": "code is spent"}"#,
            "400 Bad Request: code is spent",
        ),
        (
            "400 Bad Request",
            r#"{"type": "about:blank", "title": "Bad", "detail": "short and stout"}"#,
            "400 Bad Request: short and stout",
        ),
        (
            "409 Conflict",
            r#"{"title": "Conflict", "explanation": "There was a conflict.", "code": 409, "error": {"type": "StackExists", "traceback": null, "message": "The Stack (web) already exists."}}"#,
            "409 Conflict: The Stack (web) already exists.",
        ),
        (
            "413 Payload Too Large",
            r#"{"overLimit": {"message": "too much"}}"#,
            "413 Payload Too Large: too much",
        ),
    ];
    for (status, body, expected) in cases {
        let server = Scripted::start(move |_| {
            answer(status, "content-type: application/json\r\nretry-after: 7\r\nx-compute-request-id: req-7\r\n", body)
        })
        .await;
        let session = Session::new(AdminToken::new(&server.url, "token").unwrap());
        let error = session
            .adapter("compute")
            .build()
            .get("/x")
            .send()
            .await
            .unwrap_err();
        assert_eq!(error.to_string(), format!("{expected} (request req-7)"));
        assert_eq!(error.request_id(), Some("req-7"));
        assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
        assert!(error.fault().is_some());
    }
}

#[tokio::test]
async fn defect_24_a_large_catalog_costs_a_call_nothing() {
    let endpoints: Vec<Value> = (0..900)
        .map(|n| json!({"id": format!("e{n}"), "interface": "public", "region": format!("r{n}"), "region_id": format!("r{n}"), "url": format!("http://h{n}/")}))
        .collect();
    let body = json!({"token": {"methods": ["password"], "expires_at": "2099-01-01T00:00:00.000000Z",
        "issued_at": "2026-01-01T00:00:00.000000Z", "user": {"id": "u", "name": "demo", "domain": {"id": "default", "name": "Default"}},
        "catalog": [{"type": "orchestration", "name": "heat", "id": "s", "endpoints": endpoints}]}});
    let mut headers = http::HeaderMap::new();
    headers.insert("x-subject-token", http::HeaderValue::from_static("token"));
    let access =
        heatclient::catalog::AccessInfo::from_response(&headers, &Bytes::from(body.to_string()))
            .unwrap();
    for n in 0..900 {
        let query = EndpointQuery::new("orchestration").region(format!("r{n}"));
        let endpoint = access.catalog().endpoint(&query).unwrap();
        assert_eq!(endpoint.url().host(), Some(format!("h{n}").as_str()));
        // A reference into the catalog. keystoneauth copies the catalog for each lookup.
        let again = access.catalog().endpoint(&query).unwrap();
        assert!(std::ptr::eq(endpoint.url(), again.url()));
    }
}

#[tokio::test]
async fn defect_25_no_credentials_come_from_netrc() {
    let home = Directory::new("netrc");
    let server = Scripted::start(|_| json_answer("200 OK", "{}")).await;
    let netrc = home.write("netrc", "default login intruder password intruder");
    home.write(".netrc", "default login intruder password intruder");
    let mut call = tokio::process::Command::new(std::env::current_exe().unwrap());
    call.args([
        "--ignored",
        "--exact",
        "keystoneauth_defects::one_call_with_a_token",
    ])
    .env("SERVER", &server.url)
    .env("NETRC", netrc)
    .env("HOME", &home.0);
    let done = call.output().await.unwrap();
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stdout)
    );
    let seen = server.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].header("x-auth-token"), Some("gAAAA"));
    assert_eq!(seen[0].header("authorization"), None);
}

/// A process of its own: `HOME` and `NETRC` are those of the test that starts it.
#[tokio::test]
#[ignore = "started by defect_25_no_credentials_come_from_netrc"]
async fn one_call_with_a_token() {
    let url = std::env::var("SERVER").unwrap();
    let session = Session::new(AdminToken::new(&url, "gAAAA").unwrap());
    let request = session.adapter("orchestration").build().get("/x");
    request.send().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn defect_27_templates_of_endpoints_are_expanded_everywhere() {
    let wire = ScriptedTransport::new(|_| testing::json(200, json!({})));
    let session = Session::builder(testing::token().project("p1"))
        .transport(wire.clone())
        .build();
    let adapter = |url: &str| {
        session
            .adapter("service")
            .endpoint_override(url.parse().unwrap())
            .build()
    };
    let template = adapter("http://cloud/%7E/100%25/%(project_id)s");
    let expanded = "http://cloud/%7E/100%25/p1";
    assert_eq!(template.endpoint().await.unwrap(), expanded);
    assert_eq!(template.endpoint_data().await.unwrap().url, expanded);
    template.get("/things").finish().await.unwrap();
    let sent = wire.requests().pop().unwrap();
    assert_eq!(sent.uri.to_string(), format!("{expanded}/things"));
    let error = adapter("http://cloud/%(region)s")
        .endpoint()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}

#[tokio::test]
async fn defect_29_failed_attempts_are_timed_too() {
    let (log, guard) = Log::start(tracing::Level::DEBUG);
    let server = Scripted::start(|_| answer("400 Bad Request", "", "")).await;
    let session = Session::new(AdminToken::new(&server.url, "gAAAA").unwrap());
    let request = session.adapter("orchestration").build().get("/x");
    let error = request.send().await.unwrap_err();
    drop(guard);
    assert!(error.elapsed().is_some());
    assert_eq!(error.attempts(), 1);
    // A metric or a trace is made from these events and the spans around them.
    let lines = log.lines();
    assert!(
        lines
            .iter()
            .any(|line| line.contains("attempt") && line.contains("400")),
        "{lines:#?}"
    );
}

/// Defects of the federated logins (21 in part, 28, 30) are tested with those logins.
static ELSEWHERE: &[Elsewhere] = &[
    elsewhere(
        "15",
        "tests/it/auth_plugins.rs",
        "each_plugin_logs_in_once_for_many_calls",
    ),
    elsewhere(
        "16",
        "tests/it/auth_plugins.rs",
        "a_debug_log_of_a_full_run_of_each_plugin_tells_no_secret",
    ),
    elsewhere(
        "17",
        "src/auth/cache_key.rs",
        "each_input_of_each_plugin_changes_the_key",
    ),
    elsewhere(
        "21",
        "src/loading/plugins/multi_factor.rs",
        "factors_are_those_of_the_methods",
    ),
    elsewhere(
        "22",
        "src/loading/plugins/password.rs",
        "unknown_options_are_reported_with_suggestions",
    ),
    elsewhere(
        "23",
        "src/auth/identity/url.rs",
        "without_a_document_the_path_may_tell",
    ),
    elsewhere(
        "26",
        "src/config/file_tests.rs",
        "explicit_values_win_over_variables_and_these_over_files",
    ),
];

#[test]
fn each_defect_has_a_test() {
    let wanted = (1..=30).filter(|number| ![28, 30].contains(number));
    let here = include_str!("keystoneauth_defects.rs");
    let missing = missing(here, "defect_", wanted, "", ELSEWHERE);
    assert!(missing.is_empty(), "no test for {missing:?}");
}
