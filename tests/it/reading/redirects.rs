//! Redirects of documents.

use heatclient::template::Policy;
use heatclient_test_support::scripted::{Scripted, answer};

use super::{authority, ok, pack, paths, redirect, refused, serve, text, with_file};

#[tokio::test]
async fn redirects_are_followed_on_one_server() {
    for status in [
        "301 Moved",
        "302 Found",
        "303 See Other",
        "307 Temporary",
        "308 Permanent",
    ] {
        let server = serve(vec![
            ("/a", redirect(status, "/b?c=d#e")),
            ("/b?c=d", redirect(status, "dir/../f")),
            ("/f", ok("found")),
        ])
        .await;
        let url = format!("{}/a", server.url);
        let package = pack(text(&with_file(&url), &server.url), Policy::default())
            .await
            .unwrap();
        assert_eq!(package.files()[&url], "found", "{status}");
        assert!(server.seen().iter().all(|seen| seen.method == "GET"));
        assert_eq!(paths(&server), ["/a", "/b?c=d", "/f"]);
    }
}

#[tokio::test]
async fn redirects_lead_nowhere_else() {
    let other = serve(vec![("/x", ok("x"))]).await;
    let url = format!("{}/x?sig=5ecret", other.url);
    let there = authority(&other).to_owned();
    let scheme = |name: &str| {
        format!(
            "invalid redirect Location: the scheme {name} is not supported; expected a path, http or https"
        )
    };
    for (location, why) in [
        (url.clone(), format!("redirect refused: {there} is not the same server as HERE; allow that host if you trust it")),
        ("file:///etc/passwd".to_owned(), scheme("file")),
        ("ftp://127.0.0.1/x".to_owned(), scheme("ftp")),
        ("data:,x".to_owned(), scheme("data")),
        ("http://user:5ecret@127.0.0.1/".to_owned(), "invalid redirect Location: the URL has a user name or a password, which are not sent; remove them".to_owned()),
        ("http://[::1".to_owned(), "invalid redirect Location: invalid URL: invalid IPv6 address".to_owned()),
        ("/a".to_owned(), "more than 10 redirects".to_owned()),
    ] {
        let server = serve(vec![("/a", redirect("302 Found", &location))]).await;
        let here = authority(&server).to_owned();
        let message = refused(format!("{}/a", server.url), Policy::default()).await;
        assert_eq!(message.replace(&here, "HERE"), format!("cannot be read: {why}"));
        assert_eq!(server.seen().len(), if location == "/a" { 11 } else { 1 });
    }
    assert_eq!(other.seen().len(), 0);

    let server = serve(vec![
        ("/a", redirect("302 Found", &url)),
        ("/b", answer("300 Choices", "", "")),
    ])
    .await;
    let a = format!("{}/a", server.url);
    let opened = Policy::default().allow_host("127.0.0.1");
    let message = refused(a.as_str(), opened.clone()).await;
    assert_eq!(message, "cannot be read: 404 Not Found");
    assert_eq!(paths(&other), ["/x?sig=5ecret"]);
    let message = refused(format!("{}/b", server.url), opened).await;
    assert_eq!(
        message,
        "cannot be read: the redirect has no valid Location"
    );
}

#[tokio::test]
async fn ten_redirects_are_not_too_many() {
    let server = Scripted::start(
        |seen| match seen.path.trim_start_matches('/').parse::<u32>() {
            Ok(0) => ok("the end"),
            Ok(n) => redirect("302 Found", &format!("/{}", n - 1)),
            Err(_) => Vec::new(),
        },
    )
    .await;
    let file = |n: u32| with_file(&format!("{}/{n}", server.url));
    let package = pack(text(&file(10), &server.url), Policy::default())
        .await
        .unwrap();
    assert_eq!(package.files().values().next().unwrap(), "the end");
    let message = refused(text(&file(11), &server.url), Policy::default()).await;
    assert!(message.ends_with("more than 10 redirects"), "{message}");
}
