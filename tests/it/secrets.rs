//! What must not be shown: passwords in URLs, and secrets that servers echo.

use std::process::Stdio;

use heatclient::auth::{AdminToken, AuthContext, AuthData, AuthPlugin, NoAuth};
use heatclient::{Client, Error, ErrorKind, Result, Session};
use http::{Method, Request, Uri};
use tokio::process::Command;
use tower::ServiceExt as _;

use crate::demo;
use crate::scripted::{Scripted, json};

const SECRET: &str = "hunter2-5ecret";

/// A plugin with an endpoint of its own.
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
    refused(&heatclient::http::parse_url(&url, "the URL").unwrap_err());

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
    let request = || Request::get(uri.clone()).body(heatclient::http::Body::empty());
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
        crate::scripted::answer("201 Created", "x-subject-token: gAAAA\r\n", &catalog)
    })
    .await;
    let heat = Client::new(Session::new(demo(&format!("{}/v3", server.url), "demo")));
    let error = heat.stacks().list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Catalog);
    assert!(!format!("{error} {error:?}").contains(SECRET), "{error:?}");
    assert_eq!(server.seen().len(), 1, "the login");
}

#[tokio::test]
async fn the_tool_shows_no_password_of_a_url() {
    let server = Scripted::start(|_| json("200 OK", "{}")).await;
    let host = server.url.trim_start_matches("http://");
    for (arguments, variable) in [
        (&["stack", "list"][..], Some("HEAT_URL")),
        (&["--debug", "stack", "list"], Some("HEAT_URL")),
        (
            &["--debug", "stack", "show", "x"],
            Some("OS_ENDPOINT_OVERRIDE"),
        ),
        (
            &["--debug", "--os-endpoint-override", "URL", "stack", "list"],
            None,
        ),
        (
            &[
                "--debug",
                "--os-no-client-auth",
                "--heat-url",
                "URL",
                "stack",
                "list",
            ],
            None,
        ),
        (
            &[
                "--os-auth-token",
                "gAAAA",
                "--heat-url",
                "URL",
                "stack",
                "list",
            ],
            None,
        ),
    ] {
        for url in [
            format!("http://me:{SECRET}@{host}/v1/p"),
            format!("http://{SECRET}@{host}/v1/p"),
            format!("http://me:{SECRET}@ {host}/v1/p"),
            format!("me:{SECRET}@{host}/v1/p"),
        ] {
            let mut command = Command::new(env!("CARGO_BIN_EXE_heat"));
            command
                .env_clear()
                .env("OS_AUTH_URL", &server.url)
                .env("OS_USERNAME", "demo")
                .env("OS_PASSWORD", "demo")
                .env("OS_PROJECT_NAME", "demo")
                .stdin(Stdio::null());
            command.args(
                arguments
                    .iter()
                    .map(|a| if *a == "URL" { &url } else { *a }),
            );
            if let Some(variable) = variable {
                command.env(variable, &url);
            }
            let output = command.output().await.unwrap();
            let shown = [output.stdout, output.stderr].concat();
            let shown = String::from_utf8_lossy(&shown);
            assert_eq!(output.status.code(), Some(1), "{shown}");
            assert!(
                shown.contains("user name or password"),
                "{arguments:?}: {shown}"
            );
            assert!(!shown.contains(SECRET), "{arguments:?}: {shown}");
        }
    }
    assert!(server.seen().is_empty(), "{:?}", server.seen());
}
