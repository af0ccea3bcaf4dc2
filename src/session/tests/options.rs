//! Options of sessions, adapters and requests, which have the meaning of keystoneauth's.

use std::time::Duration;

use http::header::{FORWARDED, USER_AGENT};
use http::{HeaderName, HeaderValue, Method};
use serde_json::{Value, json};

use crate::auth::NoAuth;
use crate::clock;
use crate::error::ErrorKind;
use crate::session::{Adapter, AdapterBuilder, Session, SessionBuilder};
use crate::testing::{self, RecordedRequest, ScriptedTransport, Token};
use crate::transport::layers::{RateLimit, RetryPolicy};

const HEAT: &str = "http://heat.example/v1/p";
const OWN: &str = concat!("heatclient/", env!("CARGO_PKG_VERSION"));

fn token() -> Token {
    testing::token()
        .project("p")
        .endpoint("orchestration", HEAT)
        .endpoint("object-store", "http://swift.example/v1/p")
}

/// A server that always responds with this status.
fn server(status: u16) -> ScriptedTransport {
    ScriptedTransport::new(move |_| testing::json(status, json!({"stacks": []})))
}

/// The request that an adapter sends with these settings.
async fn sent(
    session: impl FnOnce(SessionBuilder) -> SessionBuilder,
    adapter: impl FnOnce(AdapterBuilder) -> AdapterBuilder,
    request: impl FnOnce(&Adapter) -> crate::session::RequestBuilder,
) -> RecordedRequest {
    let server = server(200);
    let session = session(Session::builder(token()).transport(server.clone())).build();
    let adapter = adapter(session.adapter("orchestration")).build();
    request(&adapter).finish().await.unwrap();
    server.requests().pop().unwrap()
}

fn name(text: &'static str) -> HeaderName {
    HeaderName::from_static(text)
}

fn value(text: &'static str) -> HeaderValue {
    HeaderValue::from_static(text)
}

#[tokio::test]
async fn user_agents_are_composed_at_all_levels() {
    type Set<T> = fn(T) -> T;
    fn same<T>(it: T) -> T {
        it
    }
    let app: Set<SessionBuilder> = |s| {
        let s = s.app_name("app").unwrap().app_version("1").unwrap();
        s.additional_user_agent("x", "3").unwrap()
    };
    let client: Set<AdapterBuilder> = |a| {
        a.client_name("client")
            .unwrap()
            .client_version("2")
            .unwrap()
    };
    type Row = (
        Set<SessionBuilder>,
        Set<AdapterBuilder>,
        Set<crate::session::RequestBuilder>,
        String,
    );
    let table: [Row; 11] = [
        (same, same, same, OWN.to_owned()),
        (app, same, same, format!("app/1 x/3 {OWN}")),
        (app, client, same, format!("app/1 client/2 x/3 {OWN}")),
        (same, client, same, format!("client/2 {OWN}")),
        (
            app,
            client,
            |r| r.client_name("mine").unwrap(),
            format!("app/1 mine/2 x/3 {OWN}"),
        ),
        (
            |s| s.user_agent("scaler/1.4").unwrap(),
            client,
            |r| r.client_name("mine").unwrap(),
            format!("scaler/1.4 {OWN}"),
        ),
        (app, |a| a.user_agent("a").unwrap(), same, "a".to_owned()),
        (app, client, |r| r.user_agent("r").unwrap(), "r".to_owned()),
        (
            app,
            |a| a.user_agent("a").unwrap(),
            |r| r.header(USER_AGENT, value("r")),
            "r".to_owned(),
        ),
        // The argument is stronger than a header.
        (
            same,
            same,
            |r| r.header(USER_AGENT, value("h")).user_agent("r").unwrap(),
            "r".to_owned(),
        ),
        (
            |s| s.header(USER_AGENT, value("exactly")),
            same,
            same,
            "exactly".to_owned(),
        ),
    ];
    for (session, adapter, request, expected) in table {
        let seen = sent(session, adapter, |a| request(a.get("/stacks"))).await;
        assert_eq!(seen.header("user-agent"), Some(&*expected));
    }
}

#[tokio::test]
async fn logins_have_the_sessions_user_agent_and_original_ip() {
    let server = ScriptedTransport::new(|request| match &request.method {
        &Method::POST => token().answer(),
        _ => testing::json(200, json!({})),
    });
    let auth = crate::auth::identity::Token::new("http://keystone.example/v3", "gAAAA").unwrap();
    let session = Session::builder(auth)
        .transport(server.clone())
        .app_name("app")
        .unwrap()
        .original_ip("2001:db8::7".parse().unwrap())
        .build();
    session
        .adapter("orchestration")
        .build()
        .get("/")
        .finish()
        .await
        .unwrap();
    let agent = format!("app {OWN}");
    let forwarded = format!("for=\"[2001:db8::7]\";by=\"{agent}\"");
    let seen = server.requests();
    assert_eq!(seen.len(), 2);
    for request in seen {
        assert_eq!(request.header("user-agent"), Some(&*agent));
        assert_eq!(request.header("forwarded"), Some(&*forwarded));
    }
    let own = sent(
        |s| s.original_ip("192.0.2.1".parse().unwrap()),
        |a| a,
        |a| a.get("/").header(FORWARDED, value("for=unknown")),
    );
    assert_eq!(own.await.header("forwarded"), Some("for=unknown"));
}

/// KSA: plugin, then request, then adapter, then session.
#[tokio::test]
async fn the_strongest_source_of_a_header_wins() {
    let all = |set: fn(AdapterBuilder) -> AdapterBuilder| {
        sent(
            |s| {
                s.header(name("x-a"), value("session"))
                    .header(name("accept"), value("text/plain"))
            },
            set,
            |a| a.get("/").header(name("x-auth-token"), value("forged")),
        )
    };
    let seen = all(|a| a).await;
    assert_eq!(seen.header("x-a"), Some("session"));
    assert_eq!(seen.header("accept"), Some("text/plain"));
    assert_eq!(seen.header("x-auth-token"), Some("test-token"));
    let seen = all(|a| a.header(name("x-a"), value("adapter"))).await;
    assert_eq!(seen.header("x-a"), Some("adapter"));
    let tokens = seen.headers.get_all("x-auth-token").iter().count();
    assert_eq!(tokens, 1);
    // Without authentication the caller's own token remains.
    let seen = sent(
        |s| s,
        |a| a,
        |a| {
            let request = a.get("/").header(name("x-auth-token"), value("own"));
            request.authenticated(false)
        },
    );
    assert_eq!(seen.await.header("x-auth-token"), Some("own"));
}

#[tokio::test]
async fn global_request_ids_are_of_the_adapter_or_of_the_request() {
    const HEADER: &str = "x-openstack-request-id";
    let of_adapter = |a: AdapterBuilder| a.global_request_id("req-adapter").unwrap();
    let seen = sent(|s| s, of_adapter, |a| a.get("/")).await;
    assert_eq!(seen.header(HEADER), Some("req-adapter"));
    let seen = sent(
        |s| s,
        of_adapter,
        |a| {
            let request = a.get("/").header(name(HEADER), value("req-header"));
            request.global_request_id("req-request").unwrap()
        },
    );
    let seen = seen.await;
    assert_eq!(seen.header(HEADER), Some("req-request"));
    assert_eq!(seen.headers.get_all(HEADER).iter().count(), 1);
    let session = Session::new(NoAuth::new());
    let refused = session.adapter("x").global_request_id("a\nb").unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Config);
}

#[tokio::test(start_paused = true)]
async fn the_nearest_retry_policy_counts() {
    let policy = |retries| RetryPolicy::none().status_code_retries(retries);
    for (of_adapter, of_request, attempts) in [
        (None, None, 2),
        (Some(3), None, 4),
        (Some(3), Some(0), 1),
        (None, Some(5), 6),
    ] {
        let server = server(503);
        let session = Session::builder(token())
            .transport(server.clone())
            .retry(policy(1))
            .build();
        let mut adapter = session.adapter("orchestration");
        if let Some(retries) = of_adapter {
            adapter = adapter.retry(policy(retries));
        }
        let mut request = adapter.build().get("/stacks");
        if let Some(retries) = of_request {
            request = request.retry(policy(retries));
        }
        request.finish().await.unwrap_err();
        assert_eq!(
            server.requests().len(),
            attempts,
            "{of_adapter:?} {of_request:?}"
        );
    }
}

#[tokio::test]
async fn a_status_need_not_be_an_error() {
    let server = server(404);
    let session = Session::builder(token()).transport(server.clone()).build();
    let adapter = session.adapter("orchestration");
    let strict = adapter.clone().build();
    assert!(strict.get("/x").send().await.is_err());
    let lenient = adapter.error_for_status(false).build();
    assert!(
        lenient
            .get("/x")
            .error_for_status(true)
            .bytes()
            .await
            .is_err()
    );
    let of_request = || strict.get("/x").error_for_status(false);
    let of_adapter = || lenient.get("/x");
    let either: [&dyn Fn() -> crate::session::RequestBuilder; 2] = [&of_request, &of_adapter];
    for request in either {
        let status = |response: http::Response<_>| response.status().as_u16();
        assert_eq!(request().send().await.unwrap().status(), 404);
        assert_eq!(status(request().bytes().await.unwrap()), 404);
        let error = request().fetch::<Value>().await.unwrap_err();
        assert_eq!(error.status().map(|status| status.as_u16()), Some(404));
        request().finish().await.unwrap();
    }
    // Clients of services do not take an error for data.
    let heat = crate::Client::from(lenient.to_builder());
    assert!(heat.stacks().list().await.is_err());
}

#[tokio::test]
async fn a_call_may_forgo_the_new_token() {
    let server = server(401);
    let session = Session::builder(token()).transport(server.clone()).build();
    let adapter = session.adapter("orchestration").build();
    let error = adapter
        .get("/x")
        .allow_reauth(false)
        .finish()
        .await
        .unwrap_err();
    assert!(error.is_unauthorized());
    assert_eq!(server.requests().len(), 1);
    assert!(session.invalidate(), "the token is still there");
    adapter.get("/x").finish().await.unwrap_err();
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn a_derived_adapter_keeps_what_it_does_not_change() {
    let server = server(200);
    let session = Session::builder(token()).transport(server.clone()).build();
    let base = session
        .adapter("orchestration")
        .header(name("x-a"), value("base"))
        .header(name("x-b"), value("base"))
        .client_name("client")
        .unwrap()
        .client_version("2")
        .unwrap()
        .build();
    let derived = base
        .to_builder()
        .header(name("x-b"), value("derived"))
        .client_name("mine");
    let derived = derived.unwrap().build();
    for adapter in [&derived, &base, &derived.to_builder().build()] {
        adapter.get("/x").finish().await.unwrap();
    }
    let seen = server.requests();
    let header = |n: usize, name: &str| seen[n].header(name).unwrap().to_owned();
    let both = |name: &str| [header(0, name), header(1, name), header(2, name)];
    assert_eq!(both("x-a"), ["base", "base", "base"]);
    assert_eq!(both("x-b"), ["derived", "base", "derived"]);
    let agents = ["mine/2", "client/2", "mine/2"].map(|client| format!("{client} {OWN}"));
    assert_eq!(both("user-agent"), agents);

    let templated = base
        .to_builder()
        .endpoint_override("http://other.example/%(project_id)s".parse().unwrap())
        .build();
    let again = templated.to_builder().build();
    assert_eq!(again.endpoint().await.unwrap(), "http://other.example/p");
    let fixed = base
        .to_builder()
        .endpoint_override("http://f.example/".parse().unwrap())
        .build();
    let again = fixed.to_builder().build();
    assert_eq!(again.endpoint().await.unwrap(), "http://f.example/");
}

#[tokio::test(start_paused = true)]
async fn adapters_and_sessions_have_limits_of_their_own() {
    // Each response takes a second.
    let server = server(200).delay(Duration::from_secs(1));
    let session = Session::builder(token())
        .transport(server.clone())
        .concurrency(3)
        .build();
    let heat = session.adapter("orchestration").concurrency(2).build();
    let derived = heat.to_builder().build();
    let swift = session.adapter("object-store").build();
    let start = clock::now();
    let calls = [&heat, &derived, &heat, &derived, &swift, &swift];
    let calls = calls.map(|adapter| async {
        adapter.get("/").finish().await.unwrap();
        (clock::now() - start).as_secs()
    });
    let done = futures::future::join_all(calls).await;
    // Requests to Heat that wait for their turn leave the third permit of the session to Swift.
    assert_eq!(done, [1, 1, 2, 2, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn rates_of_sessions_and_adapters_add_up() {
    let server = server(200);
    let session = Session::builder(token())
        .transport(server.clone())
        .rate_limit(RateLimit::new(10, Duration::from_secs(1)))
        .build();
    let heat = session
        .adapter("orchestration")
        .rate_limit(RateLimit::new(1, Duration::from_secs(1)))
        .build();
    let swift = session.adapter("object-store").build();
    session.token().await.unwrap();
    let start = clock::now();
    let to_heat = (0..3)
        .map(|_| heat.to_builder().build())
        .map(|adapter| async move {
            adapter.get("/").finish().await.unwrap();
            (clock::now() - start).as_millis()
        });
    let to_swift = (0..3).map(|_| swift.clone()).map(|adapter| async move {
        adapter.get("/").finish().await.unwrap();
        (clock::now() - start).as_millis()
    });
    let (heat, swift) = tokio::join!(
        futures::future::join_all(to_heat),
        futures::future::join_all(to_swift)
    );
    assert_eq!(heat, [0, 1000, 2000]);
    assert_eq!(swift, [100, 200, 300]);
}
