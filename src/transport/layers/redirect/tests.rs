//! Tests of redirects: destinations, methods, bodies and credentials.

use std::time::Duration;

use super::*;
use crate::transport::CallOptions;
use crate::transport::testing::{
    Wire, answer, answer_with, heat_at, request, request_with, stream,
};

const ENDPOINT: &str = "https://heat:8004/v1/p1";
const URL: &str = "https://heat:8004/v1/p1/stacks/web?a=b";

/// Responds to the first request with a redirect, to the next ones with 200.
fn once(status: u16, location: &'static str) -> (impl HttpService, Wire) {
    let (wire, log) = Wire::new(Duration::ZERO, move |n, _| match n {
        0 => answer_with(status, &[("location", location)]),
        _ => answer(200),
    });
    (RedirectLayer::default().layer(wire), log)
}

fn call(method: Method, body: impl Into<Body>) -> Request<Body> {
    let request = request(method, URL, body);
    let call = request.extensions().get::<Call>().unwrap();
    heat_at(call, ENDPOINT);
    request
}

async fn led_to(location: &'static str) -> Result<String> {
    let (stack, log) = once(302, location);
    stack.oneshot(call(Method::GET, "")).await?;
    Ok(log.seen()[1].uri.clone())
}

#[tokio::test]
async fn method_body_and_headers_are_kept() {
    for status in [301, 302, 303, 307, 308] {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            if status == 303 && matches!(method, "POST" | "PATCH") {
                continue;
            }
            let (stack, log) = once(status, "/v1/p1/stacks/web/id?c=d");
            let mut request = call(method.parse().unwrap(), "body");
            request
                .headers_mut()
                .insert("x-mine", HeaderValue::from_static("kept"));
            let response = stack.oneshot(request).await.unwrap();
            assert_eq!(response.status(), 200);
            let seen = &log.seen()[1];
            assert_eq!(seen.method, method);
            assert_eq!(seen.uri, "https://heat:8004/v1/p1/stacks/web/id?c=d");
            assert_eq!(seen.body, "body");
            assert_eq!(seen.header("x-mine"), Some("kept"));
        }
    }
}

#[tokio::test]
async fn other_statuses_are_answers() {
    for status in [200, 300, 304, 305, 404] {
        let (stack, log) = once(status, "/elsewhere");
        let response = stack.oneshot(call(Method::GET, "")).await.unwrap();
        assert_eq!(response.status().as_u16(), status);
        assert_eq!(log.count(), 1);
    }
}

#[tokio::test]
async fn locations_are_read_as_rfc_9110_says() {
    for (location, next) in [
        ("/v1/p1/stacks/x", "https://heat:8004/v1/p1/stacks/x"),
        ("id", "https://heat:8004/v1/p1/stacks/id"),
        ("?c=d", "https://heat:8004/v1/p1/stacks/web?c=d"),
        ("//heat:8004/x", "https://heat:8004/x"),
        ("../x#fragment", "https://heat:8004/v1/p1/x"),
        (
            "/v1/p1/stacks/b%C3%A4r",
            "https://heat:8004/v1/p1/stacks/b%C3%A4r",
        ),
        (
            "/v1/p1/stacks/b\u{e4}r",
            "https://heat:8004/v1/p1/stacks/b%C3%A4r",
        ),
        // A service that does not know its public name.
        (
            "http://10.0.0.1:8004/v1/p1/stacks/x?c=d",
            "https://heat:8004/v1/p1/stacks/x?c=d",
        ),
        (
            "http://heat:8004/v1/p1/stacks/x",
            "https://heat:8004/v1/p1/stacks/x",
        ),
        ("http://10.0.0.1/v1/p1", "https://heat:8004/v1/p1"),
        // An administrator requests a stack of another project.
        (
            "http://10.0.0.1:8004/v1/p2/stacks/x",
            "https://heat:8004/v1/p2/stacks/x",
        ),
        // Another server.
        ("https://swift/v1.0/x", "https://swift/v1.0/x"),
        (
            "https://heat.example/v2/p1/stacks/x",
            "https://heat.example/v2/p1/stacks/x",
        ),
    ] {
        assert_eq!(led_to(location).await.unwrap(), next, "{location}");
    }
}

#[tokio::test]
async fn what_cannot_or_may_not_be_followed_is_refused() {
    for (location, message) in [
        ("http://[", "invalid redirect Location: not a URL"),
        (
            "ftp://heat/x",
            "invalid redirect Location: the scheme ftp is neither http nor https",
        ),
        (
            "file:///etc/passwd",
            "invalid redirect Location: the scheme file is neither http nor https",
        ),
        (
            "https://user:hunter2@heat:8004/x",
            "invalid redirect Location: it contains a user name or password",
        ),
        (
            "https://user@evil/x",
            "invalid redirect Location: it contains a user name or password",
        ),
        (
            "http://heat:8004/other?sig=hunter2",
            "refused to follow a redirect from https to http://heat:8004",
        ),
        (
            "http://evil/x",
            "refused to follow a redirect from https to http://evil",
        ),
    ] {
        let error = led_to(location).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Redirect);
        let line = error.to_string();
        assert_eq!(line.trim_end_matches(" (server heat:8004)"), message);
        assert_eq!(error.status().unwrap(), 302);
        assert_eq!(error.uri().unwrap(), "https://heat:8004/v1/p1/stacks/web");
    }
    let (wire, _) = Wire::new(Duration::ZERO, |_, _| answer(302));
    let stack = RedirectLayer::default().layer(wire);
    let error = stack.oneshot(call(Method::GET, "")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the redirect has no Location (server heat:8004)"
    );
}

#[tokio::test]
async fn writes_stay_at_home() {
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        let (stack, log) = once(307, "https://evil:1/x?sig=hunter2");
        let error = stack
            .oneshot(call(method.parse().unwrap(), "secret"))
            .await
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "refused to redirect a {method} to another server, https://evil:1 (server heat:8004)"
            )
        );
        assert_eq!(log.count(), 1);
    }
}

#[tokio::test]
async fn credentials_stay_at_home() {
    let (wire, log) = Wire::new(Duration::ZERO, |n, _| match n {
        0 => answer_with(302, &[("location", "https://cdn/x")]),
        1 => answer_with(302, &[("location", "https://cdn/y")]),
        _ => answer(200),
    });
    let mut request = call(Method::GET, "");
    let mut secret = HeaderValue::from_static("secret");
    for name in [
        "authorization",
        "cookie",
        "x-auth-token",
        "x-auth-receipt",
        "x-service-token",
        "x-subject-token",
    ] {
        request.headers_mut().insert(name, secret.clone());
    }
    secret.set_sensitive(true);
    request.headers_mut().insert("x-key", secret);
    request
        .headers_mut()
        .insert("x-mine", HeaderValue::from_static("kept"));
    RedirectLayer::default()
        .layer(wire)
        .oneshot(request)
        .await
        .unwrap();
    let seen = log.seen();
    assert_eq!(seen[0].headers.len(), 8);
    for hop in &seen[1..] {
        assert_eq!(hop.headers.len(), 1, "{:?}", hop.headers);
        assert_eq!(hop.header("x-mine"), Some("kept"));
    }
}

/// Only a `Location` from the service itself is rebased to the endpoint.
#[tokio::test]
async fn another_server_cannot_lead_back_by_a_likely_path() {
    let (wire, log) = Wire::new(Duration::ZERO, |n, _| match n {
        0 => answer_with(302, &[("location", "https://cdn/x")]),
        1 => answer_with(302, &[("location", "https://cdn2/v1/p1/stacks/x")]),
        _ => answer(200),
    });
    let stack = RedirectLayer::default().layer(wire);
    stack.oneshot(call(Method::GET, "")).await.unwrap();
    assert_eq!(log.seen()[2].uri, "https://cdn2/v1/p1/stacks/x");
}

#[tokio::test]
async fn hops_are_counted() {
    for (most, own, sent) in [(30, None, 31), (2, None, 3), (30, Some(5), 6)] {
        let (wire, log) = Wire::new(Duration::ZERO, |n, _| {
            answer_with(302, &[("location", ["/this", "/that"][n % 2])])
        });
        let options = CallOptions {
            redirects: own,
            ..CallOptions::default()
        };
        let error = RedirectLayer::new(most)
            .layer(wire)
            .oneshot(request_with(Method::GET, URL, "", options))
            .await
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("gave up after {} redirects (server heat:8004)", sent - 1)
        );
        assert_eq!(log.count(), sent);
    }
    let (wire, log) = Wire::new(Duration::ZERO, |n, _| match n {
        0..30 => answer_with(302, &[("location", ["/this", "/that"][n % 2])]),
        _ => answer(200),
    });
    let stack = RedirectLayer::default().layer(wire);
    let response = stack.oneshot(call(Method::GET, "")).await.unwrap();
    assert_eq!((response.status().as_u16(), log.count()), (200, 31));
}

#[tokio::test]
async fn without_hops_the_redirect_is_the_answer() {
    let (stack, log) = once(302, "/x");
    let options = CallOptions {
        redirects: Some(0),
        ..CallOptions::default()
    };
    let response = stack
        .oneshot(request_with(Method::POST, URL, stream("once"), options))
        .await
        .unwrap();
    assert_eq!((response.status().as_u16(), log.count()), (302, 1));
}

#[tokio::test]
async fn a_spent_body_is_an_error_and_never_sent_empty() {
    let (stack, log) = once(302, "/x");
    let error = stack
        .oneshot(call(Method::POST, stream("once")))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Redirect);
    assert_eq!(error.status().unwrap(), 302);
    assert_eq!(
        error.to_string(),
        "the streamed body cannot be sent again to the redirect's Location (server heat:8004)"
    );
    assert_eq!(log.count(), 1);
}

/// A call to a plain endpoint, with a token.
fn plain(method: Method) -> Request<Body> {
    let mut request = request(method, "http://heat:8004/v1/p1/stacks/web?a=b", "body");
    let call = request.extensions().get::<Call>().unwrap();
    heat_at(call, "http://heat:8004/v1/p1");
    let mut token = HeaderValue::from_static("token");
    token.set_sensitive(true);
    request.headers_mut().insert("x-auth-token", token);
    request
}

#[tokio::test]
async fn the_same_url_at_https_gets_all_but_posts() {
    const SECURE: &str = "https://HEAT:8443/v1/p1/stacks/web?a=b";
    for method in ["GET", "HEAD", "PUT", "PATCH", "DELETE"] {
        let (stack, log) = once(301, SECURE);
        let request = plain(method.parse().unwrap());
        let call = request.extensions().get::<Call>().unwrap().clone();
        stack.oneshot(request).await.unwrap();
        let seen = &log.seen()[1];
        assert_eq!(
            (&*seen.uri, &seen.method.to_string()),
            ("https://heat:8443/v1/p1/stacks/web?a=b", &method.to_owned())
        );
        assert_eq!(seen.header("x-auth-token"), Some("token"), "{method}");
        assert_eq!((call.attempts(), call.cross_origin()), (1, false));
        let (from, to) = call.https_redirect().unwrap();
        assert_eq!(from.authority().unwrap(), "heat:8004");
        assert_eq!(to.authority().unwrap(), "heat:8443");
    }
    let (stack, log) = once(301, SECURE);
    let error = stack.oneshot(plain(Method::POST)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "http://heat:8004 redirects to https, and a POST is not repeated there; configure \
         https://heat:8443/v1/p1 instead of http://heat:8004/v1/p1"
    );
    assert_eq!(log.count(), 1);
}

#[tokio::test]
async fn another_host_or_path_at_https_is_another_server() {
    for location in [
        "https://heat:8004/login",
        "https://heat.evil/v2/p1/stacks/web",
    ] {
        let (stack, log) = once(302, location);
        stack.oneshot(plain(Method::GET)).await.unwrap();
        let seen = &log.seen()[1];
        assert_eq!(seen.header("x-auth-token"), None, "{location}");
        let (stack, log) = once(302, location);
        let error = stack.oneshot(plain(Method::DELETE)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Redirect);
        assert_eq!(log.count(), 1);
    }
}

/// After the redirect to https, Heat redirects from the name to the id at its internal URL.
#[tokio::test]
async fn a_redirect_by_heat_is_put_back_onto_https() {
    let (wire, log) = Wire::new(Duration::ZERO, |n, seen| match n {
        0 => answer_with(301, &[("location", "https://heat/v1/p1/stacks/web?a=b")]),
        1 => {
            assert_eq!(seen.uri, "https://heat/v1/p1/stacks/web?a=b");
            answer_with(
                302,
                &[("location", "http://heat:8004/v1/p1/stacks/web/1-2")],
            )
        }
        _ => answer(200),
    });
    let stack = RedirectLayer::default().layer(wire);
    stack.oneshot(plain(Method::DELETE)).await.unwrap();
    let last = log.seen().pop().unwrap();
    assert_eq!(last.uri, "https://heat/v1/p1/stacks/web/1-2");
    assert_eq!(last.header("x-auth-token"), Some("token"));
}

/// A proxy at `/heat` removes that prefix, and Heat does not know it.
#[tokio::test]
async fn a_lost_prefix_is_restored() {
    for (location, next) in [
        (
            "/v1/p1/stacks/web/1-2?c=d",
            "https://cloud/heat/v1/p1/stacks/web/1-2?c=d",
        ),
        (
            "https://cloud/v1/p1/stacks/web/1-2",
            "https://cloud/heat/v1/p1/stacks/web/1-2",
        ),
        (
            "http://10.0.0.1:8004/v1/p1/stacks/web/1-2",
            "https://cloud/heat/v1/p1/stacks/web/1-2",
        ),
        (
            "http://10.0.0.1:8004/v1/p2/stacks/web/1-2",
            "https://cloud/heat/v1/p2/stacks/web/1-2",
        ),
        (
            "http://10.0.0.1:8004/heat/v1/p1/stacks/web/1-2",
            "https://cloud/heat/v1/p1/stacks/web/1-2",
        ),
        ("https://cloud/other", "https://cloud/other"),
    ] {
        let (stack, log) = once(302, location);
        let request = request(Method::GET, "https://cloud/heat/v1/p1/stacks/web", "");
        let call = request.extensions().get::<Call>().unwrap();
        heat_at(call, "https://cloud/heat/v1/p1");
        stack.oneshot(request).await.unwrap();
        assert_eq!(log.seen()[1].uri, next, "{location}");
    }
}

#[tokio::test]
async fn a_redirect_that_only_renames_the_server_is_told_at_once() {
    let (wire, log) = Wire::new(Duration::ZERO, |_, _| {
        answer_with(
            301,
            &[("location", "https://public.example/v1/p1/stacks/web?a=b")],
        )
    });
    let stack = RedirectLayer::default().layer(wire);
    let error = stack.oneshot(plain(Method::GET)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "http://heat:8004 redirects to https://public.example; configure that as the endpoint"
    );
    assert_eq!(log.count(), 1);
}

/// Such a server may process the request each time.
#[tokio::test]
async fn a_redirect_to_itself_is_not_followed() {
    for location in [
        "",
        "#f",
        "https://heat:8004/v1/p1/stacks/web?a=b",
        "web?a=b",
    ] {
        for method in [Method::GET, Method::POST] {
            let (wire, log) = Wire::new(Duration::ZERO, move |_, _| {
                answer_with(302, &[("location", location)])
            });
            let stack = RedirectLayer::default().layer(wire);
            let error = stack.oneshot(call(method, "")).await.unwrap_err();
            assert!(
                error
                    .to_string()
                    .starts_with("the server redirects to the same URL")
            );
            assert_eq!(log.count(), 1, "{location}");
        }
    }
}

#[tokio::test]
async fn a_303_is_no_reason_to_repeat_a_post() {
    for method in [Method::POST, Method::PATCH] {
        let (stack, log) = once(303, "/v1/p1/stacks/web/1-2");
        let error = stack
            .oneshot(call(method.clone(), "body"))
            .await
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("refused to repeat a {method} after 303 See Other (server heat:8004)")
        );
        assert_eq!(log.count(), 1);
    }
}
