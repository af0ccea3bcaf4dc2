//! Passwords in URLs and secrets that servers echo are not shown.

use std::error::Error as _;
use std::sync::{Arc, Mutex};

use heatclient::auth::identity::{ApplicationCredential, CredentialRef, Token};
use heatclient::auth::{AdminToken, AuthContext, AuthData, AuthPlugin, NoAuth};
use heatclient::heat::Action;
use heatclient::transport::layers::RetryPolicy;
use heatclient::{Client, Error, ErrorKind, Result, Session};
use heatclient_test_support::demo;
use heatclient_test_support::echo::{ECHOES, SECRET, TOKEN, echo, no_secrets};
use heatclient_test_support::log::Log;
use heatclient_test_support::scripted::{Scripted, answer, json};
use http::{Method, Request, Uri};
use tower::ServiceExt as _;
use tracing::Level;

/// A plugin that has an endpoint.
#[derive(Debug)]
struct Elsewhere(Uri);

impl AuthPlugin for Elsewhere {
    async fn authenticate(&self, _: &AuthContext) -> Result<AuthData> {
        panic!("there is nothing to log in for");
    }

    fn endpoint(&self) -> Option<&Uri> {
        Some(&self.0)
    }
}

#[track_caller]
fn refused(error: &Error) {
    let shown = format!("{error} {error:?} {:?}", error.uri());
    assert_eq!(error.kind(), ErrorKind::Config, "{shown}");
    assert!(shown.contains("user name or password"), "{shown}");
    assert!(!shown.contains(SECRET), "{shown}");
    assert!(!error.may_have_been_sent());
}

#[tokio::test]
async fn urls_with_passwords_are_refused_before_anything_is_sent() {
    let server = Scripted::start(|_| json("200 OK", "{}")).await;
    let url = server
        .url
        .replace("http://", &format!("http://me:{SECRET}@"));
    let uri: Uri = url.parse().unwrap();
    let session = || Session::new(demo(&server.url, "demo"));

    refused(&AdminToken::new(&url, "gAAAA").unwrap_err());
    refused(&NoAuth::new().at(&url).unwrap_err());
    refused(
        &heatclient::uri::parse_url(&url, "the URL")
            .unwrap_err()
            .into(),
    );

    let builder = Client::builder(session()).endpoint_override(uri.clone());
    assert!(!format!("{builder:?}").contains(SECRET));
    let client = builder.build();
    assert!(!format!("{client:?}").contains(SECRET));
    refused(&client.stacks().list().await.unwrap_err());
    refused(&client.stacks().get("web").await.unwrap_err());
    let adapter = session().adapter("compute").endpoint_override(uri.clone());
    refused(&adapter.build().endpoint().await.unwrap_err());
    let heat = Client::new(Session::new(Elsewhere(uri.clone())));
    refused(&heat.stacks().list().await.unwrap_err());

    refused(
        &session()
            .request(Method::GET, &url)
            .send()
            .await
            .unwrap_err(),
    );
    let request = || Request::get(uri.clone()).body(heatclient::transport::Body::empty());
    refused(&session().oneshot(request().unwrap()).await.unwrap_err());
    let session = session();
    let context = session.auth_context();
    refused(&context.send(request().unwrap()).await.unwrap_err());
    refused(&context.versions(&uri).await.unwrap_err());

    assert!(server.seen().is_empty(), "{:?}", server.seen());
}

#[tokio::test]
async fn an_endpoint_with_a_password_is_no_endpoint() {
    let server = Scripted::start(|seen| {
        let host = seen.header("host").unwrap();
        let catalog = format!(
            r#"{{"token": {{"project": {{"id": "p"}}, "catalog": [{{"type": "orchestration", "endpoints":
                [{{"interface": "public", "url": "http://me:{SECRET}@{host}/v1/p"}}]}}]}}}}"#
        );
        answer("201 Created", "x-subject-token: gAAAA\r\n", &catalog)
    })
    .await;
    let heat = Client::new(Session::new(demo(&format!("{}/v3", server.url), "demo")));
    let error = heat.stacks().list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Catalog);
    assert!(!format!("{error} {error:?}").contains(SECRET), "{error:?}");
    assert_eq!(server.seen().len(), 1, "the login");
}

/// All texts of an error.
fn told(error: &Error) -> String {
    let mut all = format!(
        "{error} {error:?} {:?} {:?}",
        error.uri(),
        error.request_id()
    );
    if let Some(fault) = error.fault() {
        all.push_str(&format!("{fault:?} {:?}", fault.traceback));
    }
    all.push_str(&format!("{:?}", error.failures()));
    let mut cause = error.source();
    while let Some(error) = cause {
        all.push_str(&format!(" {error} {error:?}"));
        cause = error.source();
    }
    all
}

#[tokio::test]
async fn logins_that_are_echoed_tell_no_secrets() {
    let (log, guard) = Log::start(Level::TRACE);
    for way in 0..ECHOES {
        for status in [
            "401 Unauthorized",
            "400 Bad Request",
            "503 Service Unavailable",
        ] {
            let server = Scripted::start(move |seen| echo(way, status, seen)).await;
            let url = format!("{}/v3", server.url);
            let credential = CredentialRef::id("c1");
            let credentials: [heatclient::auth::Credentials; 3] = [
                demo(&url, SECRET).into(),
                Token::new(&url, TOKEN).unwrap().into(),
                ApplicationCredential::new(&url, credential, SECRET)
                    .unwrap()
                    .into(),
            ];
            for credentials in credentials {
                let policy = RetryPolicy::new(2).backoff(Default::default(), Default::default());
                let session = Session::builder(credentials).retry(policy).build();
                let error = session.access().await.unwrap_err();
                no_secrets(&told(&error), way);
                let listed = Client::new(session).stacks().list().await.unwrap_err();
                no_secrets(&told(&listed), way);
            }
            assert!(!server.seen().is_empty());
        }
    }
    drop(guard);
    assert!(log.text().contains("[redacted]"));
    no_secrets(&log.text(), ECHOES);
}

#[tokio::test]
async fn calls_that_are_echoed_tell_no_secrets() {
    let (log, guard) = Log::start(Level::TRACE);
    for way in 0..ECHOES {
        for status in ["403 Forbidden", "404 Not Found", "503 Service Unavailable"] {
            let server = Scripted::start(move |seen| echo(way, status, seen)).await;
            let policy = RetryPolicy::new(2).backoff(Default::default(), Default::default());
            let auth = AdminToken::new(&server.url, TOKEN).unwrap();
            let session = Session::builder(auth).retry(policy).build();
            let heat = Client::new(session.clone());
            let errors = [
                heat.stacks().list().await.err(),
                heat.stacks().get("web").await.err(),
                heat.stacks().delete("web").await.err(),
                heat.events().list("web").await.err(),
                heat.stacks()
                    .wait("web", Action::Create)
                    .tolerate_errors_for(Default::default())
                    .await
                    .err(),
                session
                    .request(Method::GET, format!("{}/x", server.url))
                    .fetch::<u8>()
                    .await
                    .err(),
                session
                    .adapter("x")
                    .version(7)
                    .build()
                    .get("/")
                    .fetch::<u8>()
                    .await
                    .err(),
            ];
            for error in errors.iter().flatten() {
                no_secrets(&told(error), way);
            }
            assert!(errors.iter().flatten().count() > 4, "{errors:?}");
        }
    }
    drop(guard);
    assert!(log.text().contains("[redacted]"));
    no_secrets(&log.text(), ECHOES);
}

#[tokio::test]
async fn failed_stacks_tell_no_secrets() {
    let server = Scripted::start(|seen| {
        let reason = format!("cannot reach Nova with {TOKEN}");
        if seen.path.contains("/resources") {
            let resources = serde_json::json!({"resources": [{"resource_name": "server",
                "resource_type": "OS::Nova::Server", "resource_status": "CREATE_FAILED",
                "resource_status_reason": reason}]});
            return json("200 OK", &resources.to_string());
        }
        let stack = serde_json::json!({"stack": {"id": "i1", "stack_name": "web",
            "stack_status": "CREATE_FAILED", "stack_status_reason": reason}});
        json("200 OK", &stack.to_string())
    })
    .await;
    let heat = Client::with_token(&server.url, TOKEN).unwrap();
    let reasons = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&reasons);
    let wait = heat.stacks().wait("web", Action::Create);
    let wait = wait.on_progress(move |progress| {
        let mut reasons = sink.lock().unwrap();
        reasons.push(progress.status_reason.clone());
        let resources = progress.resources.iter();
        reasons.extend(resources.map(|resource| resource.status_reason.clone()));
    });
    let error = wait.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StackFailed);
    let masked = "cannot reach Nova with [redacted]";
    let reasons = reasons.lock().unwrap().clone();
    assert!(reasons.len() >= 2);
    assert!(reasons.iter().all(|reason| reason == masked), "{reasons:?}");
    assert!(
        error
            .to_string()
            .contains("cannot reach Nova with [redacted]"),
        "{error}"
    );
    assert!(!error.failures().is_empty());
    no_secrets(&told(&error), 0);
    // The data of the stack is not masked.
    assert!(
        heat.stacks()
            .get("web")
            .await
            .unwrap()
            .status_reason
            .contains(TOKEN)
    );
}
