//! Tests of retries: which requests, how often and when.

use futures::StreamExt as _;
use http::Method;

use super::*;
use crate::clock::Instant;
use crate::transport::CallOptions;
use crate::transport::testing::{
    Wire, answer, answer_with, heat_at, interrupted, refused, request, request_with, stream,
};

const URL: &str = "http://heat/stacks?secret=1";

fn sent_timeout() -> Error {
    Error::new(ErrorKind::Timeout, "no answer").after_sending()
}

fn unsent_timeout() -> Error {
    Error::new(ErrorKind::Timeout, "no connection")
}

fn tls() -> Error {
    Error::new(ErrorKind::Tls, "not to be trusted")
}

/// The number of attempts with a server that always returns this result.
async fn sent(
    request: Request<Body>,
    script: fn() -> Result<Response<Body>>,
) -> (usize, Result<Response<Body>>) {
    let (wire, log) = Wire::new(Duration::ZERO, move |_, _| script());
    let stack = RetryLayer::new(RetryPolicy::default()).layer(wire);
    let result = stack.oneshot(request).await;
    (log.count(), result)
}

#[tokio::test(start_paused = true)]
async fn what_is_repeated() {
    type Script = fn() -> Result<Response<Body>>;
    // name, script, attempts of a GET, attempts of a POST
    let table: [(&str, Script, usize, usize); 16] = [
        ("no connection", || Err(refused()), 4, 4),
        ("no connection in time", || Err(unsent_timeout()), 4, 4),
        ("tls", || Err(tls()), 1, 1),
        ("broken connection", || Err(interrupted()), 4, 1),
        ("no answer in time", || Err(sent_timeout()), 2, 1),
        ("429", || answer(429), 4, 1),
        ("502", || answer(502), 4, 1),
        ("503", || answer(503), 4, 1),
        ("504", || answer(504), 4, 1),
        (
            "429 told",
            || answer_with(429, &[("retry-after", "1")]),
            4,
            4,
        ),
        (
            "503 told",
            || answer_with(503, &[("retry-after", "1")]),
            4,
            4,
        ),
        (
            "502 told",
            || answer_with(502, &[("retry-after", "1")]),
            4,
            1,
        ),
        (
            "503 with garbage",
            || answer_with(503, &[("retry-after", "soon")]),
            4,
            1,
        ),
        ("500", || answer(500), 1, 1),
        ("404", || answer(404), 1, 1),
        (
            "409 told",
            || answer_with(409, &[("retry-after", "1")]),
            1,
            1,
        ),
    ];
    for (name, script, get, post) in table {
        for (method, tries) in [
            ("GET", get),
            ("HEAD", get),
            ("PUT", get),
            ("DELETE", get),
            ("POST", post),
            ("PATCH", post),
        ] {
            let method: Method = method.parse().unwrap();
            let (count, result) = sent(request(method.clone(), URL, "body"), script).await;
            assert_eq!(count, tries, "{method} after {name}");
            if let Err(error) = result {
                assert_eq!(error.method(), Some(&method));
                assert_eq!(error.uri().unwrap(), "http://heat/stacks");
            }
        }
        for (method, idempotent, tries) in [("POST", true, get), ("GET", false, post)] {
            let options = CallOptions {
                idempotent: Some(idempotent),
                ..CallOptions::default()
            };
            let request = request_with(method.parse().unwrap(), URL, "", options);
            let (count, _) = sent(request, script).await;
            assert_eq!(
                count, tries,
                "{method} said to be {idempotent} after {name}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_try_that_succeeds_ends_it_and_each_sends_the_same() {
    let (wire, log) = Wire::new(Duration::ZERO, |n, _| match n {
        0 => Err(refused()),
        1 => answer(503),
        _ => answer(200),
    });
    let stack = RetryLayer::new(RetryPolicy::default()).layer(wire);
    let response = stack.oneshot(request(Method::PUT, URL, "body")).await;
    assert_eq!(response.unwrap().status(), 200);
    let seen = log.seen();
    assert_eq!(seen.len(), 3);
    assert!(
        seen.iter()
            .all(|s| s.body == "body" && s.uri == URL && s.method == "PUT")
    );
}

#[tokio::test(start_paused = true)]
async fn a_spent_body_is_never_sent_empty() {
    let (count, result) = sent(request(Method::PUT, URL, stream("once")), || {
        Err(interrupted())
    })
    .await;
    assert_eq!(count, 1);
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Interrupted);
}

#[tokio::test(start_paused = true)]
async fn a_call_may_bring_its_own_policy() {
    for (policy, tries) in [
        (RetryPolicy::none(), 1),
        (RetryPolicy::new(0), 1),
        (RetryPolicy::new(7), 7),
    ] {
        let options = CallOptions {
            retry: Some(policy),
            ..CallOptions::default()
        };
        let request = request_with(Method::GET, URL, "", options);
        assert_eq!(sent(request, || answer(503)).await.0, tries);
    }
}

#[test]
fn backoff_is_full_jitter_below_a_doubling_bound() {
    let policy = RetryPolicy::new(50);
    for (next, bound) in [
        (2, 250),
        (3, 500),
        (4, 1000),
        (5, 2000),
        (7, 8000),
        (8, 8000),
        (40, 8000),
        (u32::MAX, 8000),
    ] {
        let bound = Duration::from_millis(bound);
        let delays: Vec<_> = (0..500)
            .map(|_| policy.delay(Reason::Status, next, None))
            .collect();
        assert!(delays.iter().all(|delay| *delay <= bound));
        assert!(delays.iter().any(|delay| *delay < bound / 4), "of {next}");
        assert!(
            delays.iter().any(|delay| *delay > bound * 3 / 4),
            "of {next}"
        );
    }
    let endless = RetryPolicy::new(2).retry_after_cap(Duration::MAX);
    assert_eq!(
        endless.delay(Reason::Status, 2, Some(Duration::MAX)),
        Duration::MAX
    );
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_waited_for_and_clamped() {
    for (asked, least, most) in [
        ("3", 3.0, 3.25),
        ("0", 0.0, 0.25),
        ("86400", 30.0, 30.25),
        ("18446744073709551615", 30.0, 30.25),
    ] {
        let (wire, log) = Wire::new(Duration::ZERO, move |n, _| match n {
            0 => answer_with(503, &[("retry-after", asked)]),
            _ => answer(200),
        });
        let stack = RetryLayer::new(RetryPolicy::default()).layer(wire);
        stack.oneshot(request(Method::POST, URL, "")).await.unwrap();
        let at: Vec<Instant> = log.seen().iter().map(|seen| seen.at).collect();
        let waited = (at[1] - at[0]).as_secs_f64();
        assert!(
            (least..=most + 0.01).contains(&waited),
            "{waited} for {asked}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_seconds_or_a_date() {
    let parse = |text: &str| {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, text.parse().unwrap());
        retry_after(&headers)
    };
    for (text, seconds) in [
        ("0", 0),
        ("7", 7),
        (" 120 ", 120),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0),
    ] {
        assert_eq!(parse(text), Some(Duration::from_secs(seconds)), "{text}");
    }
    for text in [
        "",
        "-5",
        "1.5",
        "soon",
        "1e3",
        "99999999999999999999",
        "1994-11-06",
    ] {
        assert_eq!(parse(text), None, "{text}");
    }
    let later = clock::wall() + Duration::from_secs(90);
    let date = jiff::fmt::rfc2822::DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&later)
        .unwrap();
    let asked = parse(&date).unwrap().as_secs_f64();
    assert!((88.9..=90.0).contains(&asked), "{asked}");
}

#[tokio::test(start_paused = true)]
async fn the_budget_keeps_a_service_from_being_kept_down() {
    let (wire, log) = Wire::new(Duration::ZERO, |n, _| match n {
        0..200 => answer(503),
        _ => answer(200),
    });
    let stack = RetryLayer::new(RetryPolicy::default()).layer(wire);
    let mut calls = 0;
    while log.count() < 200 {
        calls += 1;
        let _ = stack.clone().oneshot(request(Method::GET, URL, "")).await;
    }
    // The budget was 100 retries.
    assert_eq!(calls, 100);
    for _ in 0..5 {
        stack
            .clone()
            .oneshot(request(Method::GET, URL, ""))
            .await
            .unwrap();
    }
    assert!(
        stack.shared.budget.withdraw(),
        "five successes pay for a retry"
    );
    assert!(!stack.shared.budget.withdraw());
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_passed_over_is_read_to_its_end() {
    let read_to_end = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let flag = Arc::clone(&read_to_end);
    let (wire, _) = Wire::new(Duration::ZERO, move |n, _| {
        if n > 0 {
            return answer(200);
        }
        let flag = Arc::clone(&flag);
        let frames = futures::stream::iter(["a", "b"])
            .map(|text| Ok::<_, Error>(http_body::Frame::data(bytes::Bytes::from(text))))
            .chain(futures::stream::poll_fn(move |_| {
                flag.store(true, Ordering::SeqCst);
                Poll::Ready(None)
            }));
        let mut response = Response::new(Body::stream(http_body_util::StreamBody::new(frames)));
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        Ok(response)
    });
    let stack = RetryLayer::new(RetryPolicy::default()).layer(wire);
    stack.oneshot(request(Method::GET, URL, "")).await.unwrap();
    assert!(read_to_end.load(Ordering::SeqCst));
}

/// A call to a Heat endpoint.
fn to_heat(method: Method) -> Request<Body> {
    let request = request(method, "http://heat/v1/p/stacks/web", "");
    let call = request.extensions().get::<Call>().unwrap();
    heat_at(call, "http://heat/v1/p");
    request
}

#[tokio::test(start_paused = true)]
async fn a_404_is_repeated_if_it_is_not_from_the_service() {
    const HEAT: &str = r#"{"code": 404, "error": {"type": "EntityNotFound", "message": "The Stack (web) could not be found."}}"#;
    // body, request id, attempts of a GET to the endpoint, whether it is Heat's response
    let table = [
        (HEAT, Some("req-1"), 1, true),
        (HEAT, None, 1, true),
        ("<html>", Some("req-1"), 1, false),
        ("<html>", None, 4, false),
        ("", None, 4, false),
    ];
    for (body, id, tries, is_not_found) in table {
        for (method, tries) in [("GET", tries), ("DELETE", tries), ("POST", 1)] {
            let (wire, log) = Wire::new(Duration::ZERO, move |_, _| {
                let mut response = Response::new(Body::from(body));
                *response.status_mut() = StatusCode::NOT_FOUND;
                if let Some(id) = id {
                    let id = id.parse().unwrap();
                    response.headers_mut().insert("x-openstack-request-id", id);
                }
                Ok(response)
            });
            let stack = RetryLayer::new(RetryPolicy::default()).layer(wire);
            let request = to_heat(method.parse().unwrap());
            let call = request.extensions().get::<Call>().unwrap().clone();
            let response = stack.clone().oneshot(request).await.unwrap();
            let error = read::check(response, &call).await.unwrap_err();
            assert_eq!(log.count(), tries, "{method} {id:?} {body}");
            assert_eq!(error.is_not_found(), is_not_found, "{error}");
            let told = error.to_string().contains("did not answer like");
            assert_eq!(told, id.is_none() && !is_not_found, "{error}");
            // A request to another URL is not retried.
            let elsewhere = self::request(Method::GET, "http://web/x", "");
            stack.oneshot(elsewhere).await.unwrap();
            assert_eq!(log.count(), tries + 1);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_404_by_an_intermediary_passes() {
    let (wire, log) = Wire::new(Duration::ZERO, |n, _| match n {
        0 | 1 => answer(404),
        _ => answer(200),
    });
    let stack = RetryLayer::new(RetryPolicy::default()).layer(wire);
    let response = stack.oneshot(to_heat(Method::GET)).await.unwrap();
    assert_eq!((response.status().as_u16(), log.count()), (200, 3));
}
