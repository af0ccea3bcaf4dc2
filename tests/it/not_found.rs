//! The sender of a 404: only a 404 of the service means "not found".

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use heatclient::auth::AdminToken;
use heatclient::heat::{Action, NewStack};
use heatclient::template::Packer;
use heatclient::template::Source;
use heatclient::transport::layers::RetryPolicy;
use heatclient::{Client, Error, ErrorKind, Result, Session};
use heatclient_test_support::demo;
use heatclient_test_support::scripted::{Scripted, Seen, answer, json};

const GONE: &str = r#"{"code": 404, "title": "Not Found", "explanation": "The resource could not be found.", "error": {"type": "EntityNotFound", "traceback": null, "message": "The Stack (web) could not be found."}}"#;
const ROUTER: &str = r#"{"message": "The resource could not be found.<br /><br />\n\n\n", "code": "404 Not Found", "title": "Not Found"}"#;
const ROW: &str = r#"{"code": 404, "error": {"type": "NotFound", "message": "ResourcePropertiesData with id 1 not found"}}"#;
const STACK: &str = r#"{"stack": {"id": "1-2", "stack_name": "web", "stack_status": "CREATE_COMPLETE", "outputs": [{"output_key": "größe", "output_value": 42}, {"output_key": "plain", "output_value": 1}]}}"#;

/// Heat's answer with a request id.
fn from_heat(status: &str, body: &str) -> Vec<u8> {
    let headers = "content-type: application/json\r\nx-openstack-request-id: req-1\r\n";
    answer(status, headers, body)
}

fn page(status: &str) -> Vec<u8> {
    answer(
        status,
        "content-type: text/html\r\n",
        "<html><title>Not Found</title></html>",
    )
}

fn quick() -> RetryPolicy {
    RetryPolicy::default().backoff(Duration::ZERO, Duration::ZERO)
}

/// A client whose Heat answers as `script` says.
async fn client(script: impl Fn(&Seen) -> Vec<u8> + Send + Sync + 'static) -> (Client, Scripted) {
    let server = Scripted::start(script).await;
    let plugin = AdminToken::new(&format!("{}/v1/p", server.url), "token").unwrap();
    let session = Session::builder(plugin).retry(quick()).build();
    (Client::new(session), server)
}

fn is_show(seen: &Seen) -> bool {
    seen.method == "GET" && seen.path.starts_with("/v1/p/stacks/web")
}

#[tokio::test]
async fn only_the_service_says_that_a_stack_does_not_exist() {
    // The response, the number of requests, and whether it means a missing stack.
    let table: [(Vec<u8>, usize, bool); 7] = [
        (from_heat("404 Not Found", GONE), 1, true),
        (json("404 Not Found", GONE), 1, true),
        (from_heat("410 Gone", GONE), 1, true),
        (from_heat("404 Not Found", ROUTER), 1, false),
        (from_heat("404 Not Found", ROW), 1, false),
        (page("404 Not Found"), 4, false),
        (json("404 Not Found", ROUTER), 4, false),
    ];
    for (bytes, asked, is_missing) in table {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (heat, server) = client(move |_| bytes.clone()).await;
        let error = heat.stacks().get("web").await.unwrap_err();
        assert_eq!(error.is_not_found(), is_missing, "{text}: {error}");
        assert_eq!(server.seen().len(), asked, "{text}");
        let found = heat.stacks().get_opt("web").await;
        assert_eq!(matches!(found, Ok(None)), is_missing, "{text}");
        let error = heat.stacks().delete("web").await.unwrap_err();
        assert_eq!(error.is_not_found(), is_missing, "{text}: {error}");
    }
}

/// The response to the first request is lost, and the second one gets a 404.
#[tokio::test]
async fn a_delete_that_is_repeated_may_find_the_stack_gone() {
    for (lost, is_deleted) in [(true, true), (false, false)] {
        let next = AtomicUsize::new(0);
        let (heat, _server) = client(move |seen| {
            let is_first = next.fetch_add(1, Ordering::SeqCst) == 0;
            match seen.method.as_str() {
                "DELETE" if is_first && lost => Vec::new(),
                _ => from_heat("404 Not Found", GONE),
            }
        })
        .await;
        let deleted = heat.stacks().delete("web/1-2").await;
        assert_eq!(deleted.is_ok(), is_deleted, "{deleted:?}");
    }
}

#[tokio::test]
async fn a_404_from_in_between_says_so_and_a_create_is_sent_once() {
    let (heat, server) = client(|_| page("404 Not Found")).await;
    let error = heat.stacks().list().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "list stacks: {}/v1/p/stacks did not answer like Heat (404 Not Found); a proxy or load balancer may be in between (after 4 attempts)",
            server.url
        )
    );
    let template = "heat_template_version: 2018-08-31";
    let package = Packer::new()
        .template(Source::text(template))
        .pack()
        .await
        .unwrap();
    let created = heat.stacks().create(NewStack::new("web", package)).await;
    assert!(!created.unwrap_err().is_not_found());
    let creates = server
        .seen()
        .iter()
        .filter(|seen| seen.method == "POST")
        .count();
    assert_eq!(creates, 1);
}

#[tokio::test]
async fn a_router_that_does_not_know_the_path_says_so() {
    let (heat, _server) = client(|_| from_heat("404 Not Found", ROUTER)).await;
    let error = heat.stacks().list().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "list stacks: 404 Not Found: Heat does not know the path /v1/p/stacks; check the endpoint URL (request req-1)"
    );
}

/// Keystone answers a login with 404, as Keystone 30 does. This does not mean a missing stack.
async fn with_login(script: impl Fn(&Seen) -> Vec<u8> + Send + Sync + 'static) -> Error {
    let keystone = Scripted::start(script).await;
    let session = Session::new(demo(&format!("{}/v3", keystone.url), "demo"));
    let heat = Client::new(session);
    let missing: Result<_> = heat.stacks().get_opt("web").await;
    missing.unwrap_err()
}

#[tokio::test]
async fn a_404_during_a_login_is_a_failed_login() {
    let refused = r#"{"error":{"code":404,"message":"Could not recognize Fernet token","title":"Not Found"}}"#;
    let error = with_login(move |_| from_heat("404 Not Found", refused)).await;
    assert_eq!(error.kind(), ErrorKind::Auth);
    assert!(!error.is_not_found());
    assert!(
        error
            .to_string()
            .contains("Could not recognize Fernet token"),
        "{error}"
    );
    let error = with_login(|_| page("404 Not Found")).await;
    assert_eq!(error.kind(), ErrorKind::Auth);
    assert!(!error.is_not_found());
}

/// Responses to requests for a stack, in order. The last one is repeated.
async fn watched(shows: Vec<Vec<u8>>) -> (Client, Scripted) {
    let next = Arc::new(AtomicUsize::new(0));
    client(move |seen| {
        if seen.method == "POST" {
            return from_heat("201 Created", r#"{"stack": {"id": "1-2", "links": []}}"#);
        }
        if !is_show(seen) {
            return from_heat("204 No Content", "");
        }
        let n = next.fetch_add(1, Ordering::SeqCst);
        shows[n.min(shows.len() - 1)].clone()
    })
    .await
}

fn deleting() -> Vec<u8> {
    from_heat(
        "200 OK",
        &STACK.replace("CREATE_COMPLETE", "DELETE_IN_PROGRESS"),
    )
}

#[tokio::test]
async fn a_wait_for_a_deletion_believes_the_service_only() {
    let (heat, server) = watched(vec![
        deleting(),
        page("404 Not Found"),
        page("404 Not Found"),
        page("404 Not Found"),
        page("404 Not Found"),
        from_heat("404 Not Found", ROW),
        deleting(),
        from_heat("404 Not Found", GONE),
    ])
    .await;
    let wait = heat.stacks().wait("web/1-2", Action::Delete);
    let stack = wait.interval(Duration::ZERO).await.unwrap();
    assert_eq!(stack.status.to_string(), "DELETE_COMPLETE");
    assert_eq!(server.seen().len(), 8);

    let (heat, _server) = watched(vec![deleting(), from_heat("404 Not Found", ROUTER)]).await;
    let wait = heat.stacks().wait("web/1-2", Action::Delete);
    let error = wait.interval(Duration::ZERO).await.unwrap_err();
    assert!(!error.is_not_found(), "{error}");
}

/// The replicas of a database may lag behind the create.
#[tokio::test]
async fn a_stack_that_was_just_created_may_be_invisible_for_a_while() {
    let gone = || from_heat("404 Not Found", GONE);
    let shown = || from_heat("200 OK", STACK);
    let template = "heat_template_version: 2018-08-31";
    let package = Packer::new()
        .template(Source::text(template))
        .pack()
        .await
        .unwrap();
    let shows = vec![
        gone(),
        gone(),
        gone(),
        gone(),
        gone(),
        gone(),
        gone(),
        shown(),
    ];
    let (heat, _server) = watched(shows).await;
    let created = heat.stacks().create(NewStack::new("web", package)).await;
    let created = created.unwrap();
    let wait = heat.stacks().wait(&created, Action::Create);
    let stack = wait.interval(Duration::ZERO).await.unwrap();
    assert_eq!(stack.id, "1-2");

    // This does not apply to names or IDs that this process did not create.
    for typed in ["web", "web/1-2"] {
        let (heat, _server) = watched(vec![gone(), shown()]).await;
        let wait = heat.stacks().wait(typed, Action::Create);
        let error = wait.interval(Duration::ZERO).await.unwrap_err();
        assert!(error.is_not_found(), "{typed}: {error}");
    }
}

#[tokio::test]
async fn names_that_heat_does_not_find_by_a_path_are_found_in_the_stack() {
    let (heat, server) = client(|seen| {
        if seen.path.contains("/outputs/plain") {
            return from_heat("404 Not Found", ROUTER);
        }
        assert!(!seen.path.contains("/outputs/"), "{}", seen.path);
        from_heat("200 OK", STACK)
    })
    .await;
    let outputs = heat.outputs();
    for (key, value) in [("größe", 42), ("plain", 1)] {
        let output = outputs.get("web/1-2", key).await.unwrap();
        assert_eq!(output.value.unwrap(), value, "{key}");
    }
    for key in ["übel", "a/b", "..", ""] {
        let error = outputs.get("web/1-2", key).await.unwrap_err();
        assert!(error.is_not_found(), "{error}");
    }
    assert!(server.seen().iter().all(|seen| !seen.path.contains("%2F")));
}

#[tokio::test]
async fn a_lookup_that_finds_another_stack_is_an_error() {
    let (heat, server) = client(|seen| match seen.method.as_str() {
        "GET" => answer(
            "302 Found",
            "location: http://evil/v1/x/stacks/prod/9-9\r\n",
            "",
        ),
        _ => from_heat("204 No Content", ""),
    })
    .await;
    let error = heat.stacks().delete("web").await.unwrap_err();
    assert!(
        error.to_string().contains("another stack: prod/9-9"),
        "{error}"
    );
    assert!(server.seen().iter().all(|seen| seen.method == "GET"));
}

#[tokio::test]
async fn a_wait_goes_on_without_events() {
    let (heat, _server) = client(|seen| match seen.path.contains("/events") {
        true => page("500 Internal Server Error"),
        false => from_heat("200 OK", STACK),
    })
    .await;
    let wait = heat.stacks().wait("web/1-2", Action::Create);
    let stack = wait
        .on_event(|_| {})
        .interval(Duration::ZERO)
        .await
        .unwrap();
    assert_eq!(stack.id, "1-2");
}
