//! Proxies: the variables are used as given, or nothing is sent.

use std::process::Output;

use heatclient_test_support::scripted::{Scripted, answer, json};
use tokio::process::Command;

const CLOUD: &str = "http://heat.invalid:8004/v1/p";

/// `heat stack list` with a token for a Heat at this URL.
async fn list(heat: &str, variables: &[(&str, &str)]) -> (bool, String) {
    let output: Output = Command::new(env!("CARGO_BIN_EXE_heat"))
        .env_clear()
        .env("HEAT_URL", heat)
        .env("OS_AUTH_TOKEN", "token-SECRET")
        .envs(variables.iter().copied())
        .args(["stack", "list", "-f", "json"])
        .output()
        .await
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(
        !text.contains("hunter2") && !text.contains("SECRET"),
        "{text}"
    );
    (output.status.success(), text)
}

#[tokio::test]
async fn a_proxy_is_asked_for_the_whole_url() {
    let proxy = Scripted::start(|_| json("200 OK", r#"{"stacks": []}"#)).await;
    for variable in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        let (ok, text) = list(
            CLOUD,
            &[(variable, &proxy.url), ("NO_PROXY", "localhost, .example")],
        )
        .await;
        assert!(ok, "{variable}: {text}");
        let seen = proxy.seen();
        assert_eq!(
            seen.last().unwrap().path.split('?').next(),
            Some("http://heat.invalid:8004/v1/p/stacks")
        );
    }
}

/// The password goes to the proxy with each request, and to nobody else.
#[tokio::test]
async fn a_proxy_with_a_password_gets_it_with_plain_http_requests() {
    let proxy = Scripted::start(|seen| match seen.header("proxy-authorization") {
        Some("Basic bWU6aHVudGVyMg==") => json("200 OK", r#"{"stacks": []}"#),
        _ => answer("407 Proxy Authentication Required", "", ""),
    });
    let proxy = proxy.await;
    let address = proxy.url.strip_prefix("http://").unwrap();
    let with = |login: &str| format!("http://{login}@{address}");
    let (ok, text) = list(CLOUD, &[("http_proxy", &with("me:hunter2"))]).await;
    assert!(ok, "{text}");
    for login in ["me:hunter2x", "me"] {
        let (ok, text) = list(CLOUD, &[("http_proxy", &with(login))]).await;
        let expected = format!(
            "the proxy {address} (http_proxy) refused the request: 407 Proxy Authentication Required; check user name and \
             password in the variable"
        );
        assert!(!ok && text.contains(&expected), "{text}");
    }
    // As tinyproxy answers a wrong password, and as a server behind a proxy answers.
    for (headers, is_of_proxy) in [
        (
            "server: tinyproxy/1.11.1\r\nwww-authenticate: Basic realm=\"Tinyproxy\"\r\n",
            true,
        ),
        ("www-authenticate: Basic realm=\"Heat\"\r\n", false),
        ("", false),
    ] {
        let proxy = Scripted::start(move |_| answer("401 Unauthorized", headers, "")).await;
        let url = proxy.url.replace("http://", "http://me:hunter2@");
        let (ok, text) = list(CLOUD, &[("http_proxy", &url)]).await;
        let named = text.contains("refused the request: 401 Unauthorized; check user name");
        assert!(!ok && named == is_of_proxy, "{text}");
    }
    let heat = Scripted::start(|_| json("200 OK", r#"{"stacks": []}"#)).await;
    let bypassed = [
        ("http_proxy", &*with("me:hunter2")),
        ("no_proxy", "127.0.0.1"),
    ];
    let (ok, text) = list(&heat.url, &bypassed).await;
    assert!(ok, "{text}");
    assert!(
        heat.seen()
            .iter()
            .all(|seen| seen.header("proxy-authorization").is_none())
    );
}

#[tokio::test]
async fn no_proxy_and_cgi_connect_directly() {
    let heat = Scripted::start(|_| json("200 OK", r#"{"stacks": []}"#)).await;
    let dead = ("http_proxy", "http://127.0.0.1:1");
    let port = heat.url.rsplit_once(':').unwrap().1;
    for no_proxy in [
        "*",
        "127.0.0.1",
        "127.0.0.0/8",
        &format!("127.0.0.1:{port}"),
        "example.com, 127.0.0.1",
    ] {
        let (ok, text) = list(&heat.url, &[dead, ("no_proxy", no_proxy)]).await;
        assert!(ok, "{no_proxy}: {text}");
    }
    let cgi = [
        ("HTTP_PROXY", "http://127.0.0.1:1"),
        ("REQUEST_METHOD", "GET"),
    ];
    assert!(list(&heat.url, &cgi).await.0);
}

#[tokio::test]
async fn an_unusable_proxy_is_an_error_that_names_it_and_nothing_is_sent() {
    let heat = Scripted::start(|_| json("200 OK", r#"{"stacks": []}"#)).await;
    for (variable, value, part) in [
        (
            "http_proxy",
            "ht!tp://127.0.0.1:1",
            "the variable http_proxy is not a valid proxy URL",
        ),
        (
            "HTTP_PROXY",
            "http://[bad",
            "the variable HTTP_PROXY is not a valid proxy URL",
        ),
        (
            "ALL_PROXY",
            "socks4://me:hunter2@127.0.0.1:1",
            "SOCKS 4 is not supported",
        ),
        (
            "http_proxy",
            "http://me:hunter2@127.0.0.1:1",
            "cannot connect to the proxy 127.0.0.1:1 (http_proxy)",
        ),
        (
            "http_proxy",
            "http://127.0.0.1:1 ",
            "the proxy 127.0.0.1:1 (http_proxy)",
        ),
        (
            "http_proxy",
            "https://127.0.0.1:1",
            "the proxy 127.0.0.1:1 (http_proxy)",
        ),
        (
            "all_proxy",
            "socks5://127.0.0.1:1",
            "the proxy 127.0.0.1:1 (all_proxy)",
        ),
    ] {
        let (ok, text) = list(&heat.url, &[(variable, value)]).await;
        assert!(!ok && text.contains(part), "{value}: {text}");
    }
    let bad = [
        ("http_proxy", "http://127.0.0.1:1"),
        ("NO_PROXY", "10.0.0.0/99"),
    ];
    let (ok, text) = list(&heat.url, &bad).await;
    assert!(
        !ok && text.contains("the variable NO_PROXY has an entry that is no host"),
        "{text}"
    );
    assert!(heat.seen().is_empty());
}

#[tokio::test]
async fn a_proxy_that_refuses_is_named() {
    let proxy = Scripted::start(|_| answer("407 Proxy Authentication Required", "", "")).await;
    let address = proxy.url.strip_prefix("http://").unwrap();
    let (ok, text) = list(
        "https://heat.invalid:8004/v1/p",
        &[("https_proxy", &proxy.url)],
    )
    .await;
    let expected = format!(
        "the proxy {address} (https_proxy) refused to connect to heat.invalid:8004: 407 Proxy Authentication Required"
    );
    assert!(!ok && text.contains(&expected), "{text}");
    assert!(proxy.seen().iter().all(|seen| seen.method == "CONNECT"));
}

/// Plain http uses no tunnel: the proxy's response is taken as the server's response.
#[tokio::test]
async fn a_proxy_that_refuses_or_breaks_off_plain_http_is_named() {
    for (reply, expected) in [
        (
            answer("407 Proxy Authentication Required", "", ""),
            "the proxy ADDRESS (http_proxy) refused the request: 407 Proxy Authentication Required; add user name and \
             password to the variable: http://USER:PASSWORD@HOST:PORT",
        ),
        (
            Vec::new(),
            "the connection to the proxy ADDRESS (http_proxy) broke before a response arrived",
        ),
        (
            b"\x15\x03\x01\0\x02\x02\x28".to_vec(),
            "the response on the connection to the proxy ADDRESS (http_proxy) is not HTTP: ",
        ),
    ] {
        let proxy = Scripted::start(move |_| reply.clone()).await;
        let address = proxy.url.strip_prefix("http://").unwrap();
        let (ok, text) = list(CLOUD, &[("http_proxy", &proxy.url)]).await;
        let expected = expected.replace("ADDRESS", address);
        assert!(!ok && text.contains(&expected), "{text}");
        assert!(!text.contains("may expect https"), "{text}");
    }
    // Without a proxy, the error must not name one.
    let heat = Scripted::start(|_| answer("407 Proxy Authentication Required", "", "")).await;
    let (ok, text) = list(&heat.url, &[]).await;
    assert!(
        !ok && text.contains("407 Proxy Authentication Required"),
        "{text}"
    );
    assert!(!text.contains("http_proxy"), "{text}");
}
