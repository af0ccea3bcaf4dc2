//! Tower's and tower-http's layers around and inside a session, and a session inside a stack of one's own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::future::join_all;
use heatclient::testing::{self, ScriptedTransport};
use heatclient::transport::Body;
use heatclient::transport::layers::AnyHttpService;
use heatclient::{Client, ErrorKind, Session};
use heatclient_test_support::log::Log;
use http::{Request, Response};
use serde_json::json;
use tower::limit::ConcurrencyLimitLayer;
use tower::timeout::TimeoutLayer;
use tower::{BoxError, Layer, ServiceBuilder, ServiceExt as _};
use tower_http::trace::TraceLayer;
use tracing::Level;

const SECOND: Duration = Duration::from_secs(1);

/// A Heat behind a Keystone that needs no login.
fn token() -> testing::Token {
    testing::token()
        .project("p")
        .endpoint("orchestration", "http://heat/v1/p")
}

/// A Heat without stacks that takes a second for each answer.
fn heat() -> ScriptedTransport {
    ScriptedTransport::new(|_| testing::json(200, json!({"stacks": []}))).delay(SECOND)
}

/// tower-http's trace layer, whose services answer with bodies of their own type.
fn trace<S>() -> impl Layer<S, Service: AnyHttpService>
where
    S: AnyHttpService + 'static,
    S::Error: std::fmt::Display,
{
    ServiceBuilder::new()
        .map_response(|response: Response<_>| response.map(Body::stream))
        .layer(TraceLayer::new_for_http())
}

#[tokio::test(start_paused = true)]
async fn a_timeout_outside_is_that_of_the_call() {
    let cloud = heat();
    let late = Session::builder(token()).transport(cloud.clone());
    let late = Client::new(late.layer(TimeoutLayer::new(SECOND / 2)).build());
    let error = late.stacks().list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(cloud.requests().len(), 1);

    let session = Session::builder(token()).transport(heat());
    let in_time = Client::new(session.layer(TimeoutLayer::new(2 * SECOND)).build());
    in_time.stacks().list().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_timeout_inside_is_that_of_each_attempt() {
    let cloud = heat();
    let session = Session::builder(token()).transport(cloud.clone());
    let session = session.attempt_layer(TimeoutLayer::new(SECOND / 2)).build();
    let error = Client::new(session).stacks().list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    // A server that does not answer is tried once more.
    assert_eq!((cloud.requests().len(), error.attempts()), (2, 2));
}

/// The highest number of requests under way at a time, of 20 calls at once.
async fn most_at_once(
    session: impl FnOnce(heatclient::session::SessionBuilder) -> heatclient::session::SessionBuilder,
) -> usize {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (inside, highest) = (Arc::clone(&now), Arc::clone(&most));
    let counting = tower::service_fn(move |_: Request<Body>| {
        let (inside, highest) = (Arc::clone(&inside), Arc::clone(&highest));
        async move {
            let here = inside.fetch_add(1, Ordering::Relaxed) + 1;
            highest.fetch_max(here, Ordering::Relaxed);
            tokio::time::sleep(SECOND).await;
            inside.fetch_sub(1, Ordering::Relaxed);
            testing::json(200, json!({"stacks": []}))
        }
    });
    let session = session(Session::builder(token()).transport(counting)).build();
    let heat = Client::new(session);
    for result in join_all((0..20).map(|_| heat.stacks().list().into_future())).await {
        result.unwrap();
    }
    assert_eq!(now.load(Ordering::Relaxed), 0);
    most.load(Ordering::Relaxed)
}

#[tokio::test(start_paused = true)]
async fn a_concurrency_limit_holds_outside_and_inside() {
    assert_eq!(most_at_once(|session| session).await, 20);
    let outside = most_at_once(|session| session.layer(ConcurrencyLimitLayer::new(3))).await;
    let inside = most_at_once(|session| session.attempt_layer(ConcurrencyLimitLayer::new(3))).await;
    assert_eq!((outside, inside), (3, 3));
}

#[tokio::test(start_paused = true)]
async fn a_trace_outside_is_of_calls_and_inside_of_attempts() {
    for (is_outside, times) in [(true, 1), (false, 2)] {
        let (log, _guard) = Log::start(Level::DEBUG);
        let stacks = json!({"stacks": [{"id": "1", "stack_name": "web", "stack_status": "CREATE_COMPLETE"}]});
        let cloud = ScriptedTransport::answers([testing::empty(503), testing::json(200, stacks)]);
        let session = Session::builder(token()).transport(cloud);
        let session = match is_outside {
            true => session.layer(trace()),
            false => session.attempt_layer(trace()),
        };
        let heat = Client::new(session.build());
        let stacks = heat.stacks().list().await.unwrap();
        assert_eq!(stacks.len(), 1, "the body passes through");
        let text = log.text();
        let ends = text.matches("finished processing request").count();
        assert_eq!(ends, times, "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn all_of_them_at_once() {
    let session = Session::builder(token())
        .transport(heat())
        .layer(TimeoutLayer::new(30 * SECOND))
        .layer(ConcurrencyLimitLayer::new(2))
        .layer(trace())
        .attempt_layer(TimeoutLayer::new(2 * SECOND))
        .attempt_layer(ConcurrencyLimitLayer::new(2))
        .attempt_layer(trace())
        .build();
    let heat = Client::new(session);
    for result in join_all((0..10).map(|_| heat.stacks().list().into_future())).await {
        result.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_is_a_service_of_a_users_stack() {
    let cloud = heat();
    let session = Session::builder(token()).transport(cloud.clone()).build();
    let service = ServiceBuilder::new()
        .map_request(|path: &str| {
            let url = format!("http://heat/v1/p{path}");
            Request::get(url).body(Body::empty()).unwrap()
        })
        .timeout(5 * SECOND)
        .concurrency_limit(1)
        .layer(TraceLayer::new_for_http())
        .service(session);
    let call = |path: &'static str| {
        let service = service.clone();
        async move {
            let answer = service.oneshot(path).await?;
            Ok::<_, BoxError>(answer.status())
        }
    };
    // One after the other, a second each.
    let began = heatclient::clock::now();
    for status in join_all([call("/a"), call("/b"), call("/c")]).await {
        assert_eq!(status.unwrap(), 200);
    }
    assert_eq!(heatclient::clock::now() - began, 3 * SECOND);
    let seen = cloud.requests();
    assert!(
        seen.iter()
            .all(|r| r.header("x-auth-token") == Some("test-token"))
    );
    assert_eq!(seen.len(), 3);
}
