//! Stacks that are abandoned while answers are lost: their data is not. B-07.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use heatclient::heat::{Action, Adoption, NewStack, StackData};
use heatclient::sandbox::{Fault, Sandbox};
use heatclient::{Client, Session, loading};
use heatclient::{Error, ErrorKind};
use http::Method;
use serde_json::json;

async fn cloud() -> (Sandbox, Client) {
    let sandbox = Sandbox::start().await.unwrap();
    let auth = loading::plugin_loader("password").unwrap();
    let auth = auth.load(sandbox.options()).unwrap();
    let heat = Client::new(Session::new(auth));
    let template = json!({
        "heat_template_version": "2021-04-16",
        "resources": {"key": {"type": "OS::Heat::RandomString"}},
    });
    let stacks = heat.stacks();
    let web = stacks.create(NewStack::new("web", template)).await.unwrap();
    let fast = Duration::from_millis(20);
    let wait = stacks.wait(&web, Action::Create).interval(fast);
    wait.await.unwrap();
    (sandbox, heat)
}

/// The requests to abandon a stack.
fn abandons(sandbox: &Sandbox) -> usize {
    sandbox.count_where(|request| {
        request.method == Method::DELETE && request.path.ends_with("/abandon")
    })
}

fn lost() -> Fault {
    Fault::on(Method::DELETE, "/abandon")
        .times(1)
        .after_handling()
}

async fn adopts(heat: &Client, data: &StackData) {
    assert_eq!(data.resources["key"]["type"], "OS::Heat::RandomString");
    let stacks = heat.stacks();
    let adopted = stacks.adopt(Adoption::new("again", data)).await.unwrap();
    let fast = Duration::from_millis(20);
    let wait = stacks.wait(&adopted, Action::Adopt).interval(fast);
    wait.await.unwrap();
    let resources = heat.resources().list("again").await.unwrap();
    assert_eq!(
        resources[0].physical_resource_id.as_deref(),
        data.resources["key"]["resource_id"].as_str()
    );
}

#[tokio::test]
async fn a_lost_answer_does_not_lose_the_data() {
    let gateway = || lost().status(504, &[], "<html>Gateway Timeout</html>");
    for fault in [
        lost().reset(),
        lost().close(),
        lost().truncate_body(40),
        gateway(),
    ] {
        let (sandbox, heat) = cloud().await;
        let fault = sandbox.fault(fault);
        let data = heat.stacks().abandon("web").await.unwrap();
        assert_eq!((fault.hits(), abandons(&sandbox)), (1, 1));
        assert!(heat.stacks().get_opt("web").await.unwrap().is_none());
        adopts(&heat, &data).await;
    }
}

async fn failed(heat: &Client) -> Error {
    heat.stacks().abandon("web").await.unwrap_err()
}

#[tokio::test]
async fn the_error_contains_the_data_if_the_end_is_unknown() {
    let (sandbox, heat) = cloud().await;
    sandbox.fault(lost().reset());
    // Nor does the server tell whether the stack is gone.
    let fault = Fault::within(Method::GET, "/stacks/web").skip(2);
    sandbox.fault(fault.status(500, &[], ""));
    let error = failed(&heat).await;
    assert!(error.may_have_been_sent());
    let text = error.to_string();
    assert!(text.starts_with("abandon stack \"web\": "), "{text}");
    assert!(
        text.contains(
            "; the stack may have been abandoned; the data that was exported before is kept"
        ),
        "{text}"
    );
    let cause = std::error::Error::source(&error).unwrap();
    assert_eq!(
        cause.to_string(),
        "the stack may have been abandoned; the data that was exported before is kept"
    );
    assert_eq!(abandons(&sandbox), 1);
    sandbox.clear_faults();
    adopts(&heat, error.stack_data().unwrap()).await;
}

#[tokio::test]
async fn what_was_not_abandoned_is_there_still() {
    // The request is lost on its way.
    let (sandbox, heat) = cloud().await;
    sandbox.fault(Fault::on(Method::DELETE, "/abandon").times(1).reset());
    let error = failed(&heat).await;
    assert!(error.may_have_been_sent() && error.stack_data().is_some());
    assert_eq!(abandons(&sandbox), 1);
    let web = heat.stacks().get("web").await.unwrap();
    assert_eq!(web.status.to_string(), "CREATE_COMPLETE");

    // Heat refuses it, and does not tell the data either.
    for path in ["/abandon", "/export"] {
        sandbox.clear_faults();
        let refused = Fault::on_any(path).times(1).status(403, &[], "");
        sandbox.fault(refused);
        let error = failed(&heat).await;
        assert!(error.is_forbidden() && error.stack_data().is_none());
        let text = error.to_string();
        assert!(text.starts_with("abandon stack \"web\": 403"), "{text}");
    }
    assert_eq!(abandons(&sandbox), 2);
    let data = heat.stacks().abandon("web").await.unwrap();
    adopts(&heat, &data).await;
}

#[tokio::test]
async fn data_is_stored_before_the_stack_is_abandoned() {
    let (sandbox, heat) = cloud().await;
    // What cannot be stored is not abandoned.
    let full = |_: &StackData| Err(Error::new(ErrorKind::Config, "the disk is full"));
    let error = heat.stacks().abandon("web").store_first(full).await;
    let error = error.unwrap_err();
    assert_eq!(error.to_string(), "abandon stack \"web\": the disk is full");
    assert_eq!((abandons(&sandbox), error.stack_data()), (0, None));

    let stored = Arc::new(Mutex::new(None));
    let store = {
        let stored = Arc::clone(&stored);
        move |data: &StackData| {
            *stored.lock().unwrap() = Some(data.clone());
            Ok(())
        }
    };
    let abandon = heat.stacks().abandon("web").store_first(store);
    assert!(format!("{abandon:?}").contains("web"));
    let data = abandon.await.unwrap();
    assert_eq!(abandons(&sandbox), 1);
    let stored = stored.lock().unwrap().take().unwrap();
    assert_eq!(
        stored.resources["key"]["resource_id"],
        data.resources["key"]["resource_id"]
    );
    adopts(&heat, &stored).await;
}

#[tokio::test]
async fn a_stack_that_is_being_deleted_is_not_abandoned() {
    let (sandbox, heat) = cloud().await;
    let web = heat.stacks().get("web").await.unwrap();
    sandbox.set_stack_delay(Duration::from_secs(3600));
    heat.stacks().delete(&web).await.unwrap();
    let error = heat.stacks().abandon(&web).await.unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(
        error.to_string(),
        "abandon stack \"web\": the stack was already deleted or abandoned; its data has no resources any more"
    );
    assert_eq!(abandons(&sandbox), 0);
}
