//! Which documents are requested with a token.

use heatclient::Session;
use heatclient::template::Packer;
use heatclient::template::{Policy, Source};
use heatclient_test_support::cases::told;
use heatclient_test_support::demo;
use heatclient_test_support::scripted::{Scripted, answer, json as json_answer};
use serde_json::json;

use super::{VERSION, ok, redirect, refused, serve, with_file};

/// A Keystone whose catalog has one object store.
async fn keystone(swift: &str) -> Scripted {
    let token = json!({"token": {
        "expires_at": "2999-01-01T00:00:00.000000Z",
        "issued_at": "2026-01-01T00:00:00.000000Z",
        "methods": ["password"],
        "user": {"id": "u", "name": "demo", "domain": {"id": "default", "name": "Default"}},
        "project": {"id": "p", "name": "demo", "domain": {"id": "default", "name": "Default"}},
        "catalog": [{"type": "object-store", "name": "swift", "id": "s", "endpoints": [
            {"id": "e", "interface": "public", "region": "R", "region_id": "R", "url": format!("{swift}/v1/AUTH_p")}
        ]}],
    }});
    let body = token.to_string();
    Scripted::start(move |_| {
        answer(
            "201 Created",
            "content-type: application/json\r\nx-subject-token: gAAAA-5ecret\r\n",
            &body,
        )
    })
    .await
}

/// For each request of a server from this one on, whether it had a token.
fn tokens(server: &Scripted, from: usize) -> Vec<bool> {
    let seen = server.seen();
    let seen = seen[from..].iter();
    seen.map(|seen| seen.header("x-auth-token").is_some())
        .collect()
}

#[tokio::test]
async fn a_token_goes_to_the_cloud_only_and_only_where_it_is_needed() {
    let foreign = Scripted::start(|_| answer("401 Unauthorized", "", "")).await;
    let elsewhere = format!("{}/x", foreign.url);
    let swift =
        Scripted::start(
            move |seen| match (seen.path.as_str(), seen.header("x-auth-token")) {
                ("/v1/AUTH_p/c/open", _) => ok(VERSION),
                ("/v1/AUTH_p/c/broken", _) => answer("500 Broken", "", ""),
                ("/v1/AUTH_p/c/away", Some(_)) => redirect("302 Found", &elsewhere),
                ("/v1/AUTH_p/c/none", _) => answer("404 Not Found", "", ""),
                (_, Some("gAAAA-5ecret")) => ok(VERSION),
                ("/v1/AUTH_p/c/403", None) => answer("403 Forbidden", "", ""),
                ("/v1/AUTH_p/c/404", None) => answer("404 Not Found", "", ""),
                _ => answer("401 Unauthorized", "", ""),
            },
        )
        .await;
    let keystone = keystone(&swift.url).await;
    let session = || Session::new(demo(&format!("{}/v3", keystone.url), "5ecret"));
    let at = |path: &str| format!("{}/v1/AUTH_p/c/{path}", swift.url);
    let packer = |url: &str| Packer::new().template(url);

    packer(&at("open")).session(session()).pack().await.unwrap();
    assert_eq!(keystone.seen().len(), 0, "nobody needed a login");
    assert_eq!(tokens(&swift, 0), [false]);

    for status in ["401", "403", "404"] {
        let before = swift.seen().len();
        packer(&at(status)).session(session()).pack().await.unwrap();
        assert_eq!(tokens(&swift, before), [false, true]);
        let message = refused(at(status), Policy::default()).await;
        assert!(message.contains(&format!(": {status} ")), "{message}");
    }

    for (path, status) in [("broken", "500"), ("none", "404")] {
        let before = swift.seen().len();
        let packer = packer(&at(path)).session(session());
        let error = packer.pack().await.unwrap_err();
        let text = error.to_string();
        assert!(text.contains(&format!(": {status} ")), "{text}");
        let needed = tokens(&swift, before).contains(&true);
        assert_eq!(needed, path == "none", "{path}");
    }

    // The token is not sent to another origin.
    let opened = Policy::default().allow_host("127.0.0.1");
    let url = format!("{}/x", foreign.url);
    for template in [url.as_str(), &at("away")] {
        let packer = packer(template).session(session()).policy(opened.clone());
        let error = packer.pack().await.unwrap_err();
        assert!(error.to_string().contains("401 Unauthorized"), "{error}");
        assert!(!format!("{error:?}").contains("5ecret"));
    }
    assert!(foreign.seen().len() >= 2);
    let seen = foreign.seen();
    assert!(seen.iter().all(|seen| !seen.head.contains("5ecret")));
}

/// References are requested with a token only if the document needed one, and only in the same
/// container. Otherwise a template could read everything that its user may read.
#[tokio::test]
async fn references_get_a_token_within_their_container_only() {
    let swift = Scripted::start(|seen| {
        let (path, token) = (seen.path.as_str(), seen.header("x-auth-token"));
        match path.rsplit_once('/') {
            Some(("/v1/AUTH_p/open", "web.yaml")) => ok(&with_file("/v1/AUTH_p/open/key")),
            _ if token.is_none() => answer("401 Unauthorized", "", ""),
            Some((_, "near.yaml")) => ok(&with_file("../c/x/key")),
            Some((_, "other.yaml")) => ok(&with_file("/v1/AUTH_p/d/key")),
            Some((_, "dots.yaml")) => ok(&with_file("x/%2e%2e/%2E./d/key")),
            Some((_, "keystone.yaml")) => ok(&with_file("/v3/credentials")),
            _ => ok("for us"),
        }
    })
    .await;
    let keystone = keystone(&swift.url).await;
    let at = |path: &str| format!("{}/v1/AUTH_p/{path}", swift.url);
    let local = Source::text(with_file(&at("c/key")));
    for (template, expected) in [
        (
            Source::from(at("c/near.yaml")),
            &[false, true, false, true][..],
        ),
        (Source::from(at("c/other.yaml")), &[false, true, false]),
        (Source::from(at("c/dots.yaml")), &[false, true, false]),
        (Source::from(at("c/keystone.yaml")), &[false, true, false]),
        (Source::from(at("open/web.yaml")), &[false, false]),
        (local, &[false]),
    ] {
        let session = Session::new(demo(&format!("{}/v3", keystone.url), "5ecret"));
        let before = swift.seen().len();
        let packed = Packer::new()
            .template(template.clone())
            .session(session)
            .pack()
            .await;
        assert_eq!(tokens(&swift, before), expected, "{template:?}");
        assert_eq!(packed.is_ok(), expected.len() == 4, "{template:?}");
    }
}

#[tokio::test]
async fn a_login_that_fails_does_not_hide_what_the_server_said() {
    let keystone = Scripted::start(|_| json_answer("401 Unauthorized", "{}")).await;
    let server = serve(vec![]).await;
    let session = Session::new(demo(&format!("{}/v3", keystone.url), "5ecret"));
    let packer = Packer::new().template(format!("{}/web.yaml?sig=5ecret", server.url));
    let error = packer.session(session).pack().await.unwrap_err();
    let told = told(&Err(error))
        .replace(&server.url, "SERVER")
        .replace(&keystone.url, "KEYSTONE");
    assert_eq!(
        told,
        "SERVER/web.yaml?…: cannot be read: 404 Not Found; with a token: login as demo at KEYSTONE/v3: 401 Unauthorized"
    );
}
