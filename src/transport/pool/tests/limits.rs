//! Tests of the connection limit, and of connections that are not reused.

use http::StatusCode;
use http_body_util::BodyExt as _;
use tokio::sync::Notify;
use tower::ServiceBuilder;

use super::*;
use crate::transport::layers::AttemptLayer;
use crate::transport::{BoxService, HttpClient};

fn at_most(limit: usize) -> Pool {
    Pool::new(PoolConfig {
        max_connections_per_host: Some(limit),
        ..config()
    })
}

/// A server that counts connections and holds requests until it is opened.
struct Gate {
    url: String,
    requests: Arc<AtomicUsize>,
    connections: Arc<AtomicUsize>,
    open: Arc<Notify>,
}

impl Gate {
    async fn new() -> Self {
        let (requests, connections, open) = (
            Arc::<AtomicUsize>::default(),
            Arc::<AtomicUsize>::default(),
            Arc::<Notify>::default(),
        );
        let shared = (
            Arc::clone(&requests),
            Arc::clone(&connections),
            Arc::clone(&open),
        );
        let server = listen(move |_, mut stream| {
            let (requests, connections, open) = shared.clone();
            connections.fetch_add(1, Ordering::SeqCst);
            async move {
                while read_request(&mut stream).await.is_some() {
                    requests.fetch_add(1, Ordering::SeqCst);
                    open.notified().await;
                    stream.write_all(OK.as_bytes()).await.unwrap();
                }
            }
        });
        Self {
            url: format!("http://{}/", server.await),
            requests,
            connections,
            open,
        }
    }

    async fn has_seen(&self, requests: usize) {
        while self.requests.load(Ordering::SeqCst) < requests {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn calls_beyond_the_limit_wait_in_order() {
    let gate = Gate::new().await;
    let pool = at_most(3);
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (pool, url) = (pool.clone(), gate.url.clone());
        calls.spawn(async move { get(&pool, &url).await.unwrap() });
    }
    gate.has_seen(3).await;
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
    assert_eq!(gate.requests.load(Ordering::SeqCst), 3);
    // Logins do not wait for them.
    let login = tokio::spawn({
        let (pool, url) = (pool.for_logins(), gate.url.clone());
        async move { get(&pool, &url).await.unwrap() }
    });
    gate.has_seen(4).await;
    while !calls.is_empty() || !login.is_finished() {
        gate.open.notify_waiters();
        gate.open.notify_one();
        while calls.try_join_next().is_some() {}
        tokio::task::yield_now().await;
    }
    assert_eq!(gate.requests.load(Ordering::SeqCst), 21);
    // At most twice the limit: a new one may be starting when an old one becomes free.
    assert!(gate.connections.load(Ordering::SeqCst) <= 8);
}

#[tokio::test]
async fn a_connection_is_held_until_the_body_is_read_or_dropped() {
    let server = listen(|_, stream| converse(stream, |_| OK.to_owned()));
    let url = format!("http://{}/", server.await);
    let pool = at_most(1);
    for is_read in [true, false] {
        let call = pool.clone().oneshot(request(Method::GET, &url, ""));
        let response = call.await.unwrap();
        let mut next = Box::pin(get(&pool, &url));
        for _ in 0..100 {
            assert!(futures::poll!(&mut next).is_pending());
            tokio::task::yield_now().await;
        }
        let body = response.into_body();
        if is_read {
            // The body is kept, but read to its end.
            let mut body = body;
            while let Some(frame) = body.frame().await {
                frame.unwrap();
            }
            assert_eq!(next.await.unwrap(), "ok");
        } else {
            drop(body);
            assert_eq!(next.await.unwrap(), "ok");
        }
    }
}

/// Calls that wait for a connection do not time out as if the server did not respond.
#[tokio::test(start_paused = true)]
async fn the_queue_does_not_count_as_waiting_for_an_answer() {
    let hold = Duration::from_secs(50);
    let inner = tower::service_fn(move |request: Request<Body>| async move {
        let call = request.extensions().get::<Call>().unwrap().clone();
        let place = call.queue();
        tokio::time::sleep(hold * 3).await;
        drop(place);
        tokio::time::sleep(hold).await;
        Ok::<_, Error>(Response::new(Body::empty()))
    });
    let stack = ServiceBuilder::new()
        .layer(AttemptLayer::default())
        .service(inner);
    let response = stack.oneshot(request(Method::GET, "http://h/", "")).await;
    assert_eq!(response.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn a_connection_with_a_broken_server_is_not_used_again() {
    for (status, uses) in [(502, 1), (503, 1), (504, 1), (404, 1), (500, 3), (200, 3)] {
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        let server = listen(move |_, stream| {
            count.fetch_add(1, Ordering::SeqCst);
            converse(stream, move |_| {
                format!("HTTP/1.1 {status} X\r\ncontent-length: 2\r\n\r\nno")
            })
        });
        let url = format!("http://{}/", server.await);
        let pool = Pool::new(config());
        for _ in 0..3 {
            get(&pool, &url).await.unwrap();
        }
        let connections = connections.load(Ordering::SeqCst);
        assert_eq!(connections, 3 / uses, "{status}");
    }
}

/// Connection 0 leads to a broken worker, all others to working ones.
#[tokio::test]
async fn one_broken_worker_costs_one_try() {
    let server = listen(|n, stream| {
        converse(stream, move |_| match n {
            0 => "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n".to_owned(),
            _ => OK.to_owned(),
        })
    });
    let url = format!("http://{}/", server.await);
    let policy = RetryPolicy::new(2).backoff(Duration::ZERO, Duration::ZERO);
    let stack = RetryLayer::new(policy).layer(Pool::new(config()));
    for _ in 0..5 {
        let response = stack.clone().oneshot(request(Method::GET, &url, "")).await;
        assert_eq!(response.unwrap().status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_in_its_body_is_asked_for_again() {
    const CUT: &str = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this";
    const CUT_ERROR: &str = "HTTP/1.1 409 Conflict\r\ncontent-length: 100\r\n\r\nonly this";
    for (answer, method, cuts, requests, status) in [
        (CUT, "GET", 2, 3, Some(200)),
        (CUT, "PUT", 2, 3, Some(200)),
        (CUT, "GET", 9, 4, None),
        (CUT, "POST", 1, 1, None),
        (CUT_ERROR, "GET", 1, 2, Some(200)),
        (CUT_ERROR, "POST", 1, 1, Some(409)),
    ] {
        let seen = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&seen);
        let server = listen(move |_, mut stream| {
            let count = Arc::clone(&count);
            async move {
                while read_request(&mut stream).await.is_some() {
                    if count.fetch_add(1, Ordering::SeqCst) < cuts {
                        stream.write_all(answer.as_bytes()).await.unwrap();
                        return;
                    }
                    stream.write_all(OK.as_bytes()).await.unwrap();
                }
            }
        });
        let url = format!("http://{}/", server.await);
        let policy = RetryPolicy::default().backoff(Duration::ZERO, Duration::ZERO);
        let retry = RetryLayer::new(policy);
        let stack = ServiceBuilder::new()
            .layer(retry.clone())
            .layer(AttemptLayer::default())
            .service(Pool::new(config()));
        let client = HttpClient::new(BoxService::new(stack), retry);
        let outgoing = client.start(request(method.parse().unwrap(), &url, ""));
        let call = outgoing.call().clone();
        let result = outgoing.whole(1000).await;
        let case = format!("{method}, {cuts} times {answer}");
        assert_eq!(seen.load(Ordering::SeqCst), requests, "{case}");
        assert_eq!(call.attempts() as usize, requests, "{case}");
        match (result, status) {
            (Ok(answer), Some(200)) => assert_eq!(answer.response().body(), "ok"),
            (Err(error), Some(status)) => assert_eq!(error.status().unwrap(), status),
            (Err(error), None) => assert_eq!(error.kind(), ErrorKind::Interrupted),
            other => panic!("{case}: {other:?}"),
        }
    }
}
