//! Errors of a transport of another crate: what it says of them decides on retries and reaches the caller.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use heatclient::auth::NoAuth;
use heatclient::transport::Body;
use heatclient::{Error, ErrorKind, Session};
use http::{Method, Request, Response, StatusCode};

/// Sends a POST through a transport that always fails with `error`; returns what the caller gets, and how often
/// the transport was called.
async fn failing_with(error: Error) -> (Error, u32) {
    let calls = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&calls);
    let transport = tower::service_fn(move |_: Request<Body>| {
        counted.fetch_add(1, Ordering::Relaxed);
        let error = error.clone();
        async move { Err::<Response<Body>, _>(error) }
    });
    let session = Session::builder(NoAuth::new()).transport(transport).build();
    let request = session.request(Method::POST, "https://heat.example/v1/stacks");
    let error = request.body("{}").send().await.unwrap_err();
    (error, calls.load(Ordering::Relaxed))
}

#[tokio::test(start_paused = true)]
async fn what_was_not_sent_is_repeated() {
    let broken = || Error::new(ErrorKind::Interrupted, "the tunnel broke");
    let (error, calls) = failing_with(broken().after_sending().before_sending()).await;
    assert!(!error.may_have_been_sent() && error.is_transient());
    assert!(calls > 1, "{calls}");
    assert_eq!(error.attempts(), calls);

    let (error, calls) = failing_with(broken().after_sending()).await;
    assert!(error.may_have_been_sent() && error.is_transient());
    assert_eq!(calls, 1);
}

#[tokio::test(start_paused = true)]
async fn what_a_layer_says_reaches_the_caller() {
    let delay = Duration::from_secs(7);
    let refused = Error::new(ErrorKind::Other, "the gateway is busy")
        .with_status(StatusCode::TOO_MANY_REQUESTS)
        .with_retry_after(Some(delay))
        .with_request_id(Some("req-7"))
        .with_source(std::io::Error::other("full"))
        .after_sending();
    let (error, calls) = failing_with(refused).await;
    assert_eq!(error.kind(), ErrorKind::Other);
    assert_eq!(error.status(), Some(StatusCode::TOO_MANY_REQUESTS));
    assert_eq!(error.retry_after(), Some(delay));
    assert_eq!(error.request_id(), Some("req-7"));
    assert!(error.is_transient() && error.may_have_been_sent());
    assert!(std::error::Error::source(&error).is_some_and(|source| source.to_string() == "full"));
    assert_eq!((error.method(), calls), (Some(&Method::POST), 1));
}
