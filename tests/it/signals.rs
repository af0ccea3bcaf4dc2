//! Requests for signals and hooks, as the sandbox sees them: how many, how often, and with what.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use heatclient::heat::{Action, NewStack, SignalUrl, StackRef};
use heatclient::loading::plugin_loader;
use heatclient::sandbox::{Fault, Sandbox};
use heatclient::transport::Body;
use heatclient::{Client, Error, Session};
use http::{Method, Request};
use serde_json::{Map, Value, json};
use tower::Service as _;

use crate::suite::signals::until;

async fn client(sandbox: &Sandbox) -> Client {
    let auth = plugin_loader("password").unwrap();
    Client::new(Session::new(auth.load(sandbox.options()).unwrap()))
}

fn template(resources: Value) -> Value {
    json!({"heat_template_version": "2021-04-16", "resources": resources})
}

async fn create(heat: &Client, new: NewStack) -> StackRef {
    let created = StackRef::from(&heat.stacks().create(new).await.unwrap());
    let wait = heat.stacks().wait(&created, Action::Create);
    wait.interval(Duration::from_millis(20)).await.unwrap();
    created
}

/// A stack in which this number of resources wait at a hook.
async fn hooked(heat: &Client, resources: usize) -> StackRef {
    let none = json!({"type": "OS::Heat::None"});
    let names = (0..resources).map(|n| (format!("r{n}"), none.clone()));
    let template = template(names.collect::<Map<_, _>>().into());
    let environment = json!({"resource_registry": {"resources": {"r*": {"hooks": "pre-create"}}}});
    let new = NewStack::new("web", template).environment(environment);
    let stack = StackRef::from(&heat.stacks().create(new).await.unwrap());
    until(async || {
        let found = heat.hooks().poll(&stack).await.unwrap();
        (found.len() == resources).then_some(())
    })
    .await;
    stack
}

/// Method and last part of the path of each request to Heat.
fn requests(sandbox: &Sandbox) -> Vec<String> {
    let all = sandbox.requests().into_iter();
    let heat = all.filter(|request| request.path.contains("/stacks"));
    let last = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    heat.map(|request| format!("{} {}", request.method, last(&request.path)))
        .collect()
}

#[tokio::test]
async fn hooks_take_one_request_and_one_more_for_each_that_is_cleared() {
    let sandbox = Sandbox::start().await.unwrap();
    let heat = client(&sandbox).await;
    let stack = hooked(&heat, 2).await;
    sandbox.clear_requests();
    assert_eq!(
        heat.hooks()
            .poll(&stack)
            .nested_depth(4)
            .await
            .unwrap()
            .len(),
        2
    );
    assert_eq!(requests(&sandbox), ["GET events"]);
    sandbox.clear_requests();
    assert!(heat.hooks().clear(&stack, "x*").await.unwrap().is_empty());
    assert_eq!(requests(&sandbox), ["GET events"]);
    sandbox.clear_requests();
    assert_eq!(heat.hooks().clear(&stack, "r*").await.unwrap().len(), 2);
    assert_eq!(
        requests(&sandbox),
        ["GET events", "POST signal", "POST signal"]
    );
}

/// Counts the signals that are on their way, and remembers the most.
#[derive(Default)]
struct Counter {
    now: AtomicUsize,
    most: AtomicUsize,
}

#[tokio::test]
async fn many_hooks_are_cleared_a_few_at_a_time() {
    let sandbox = Sandbox::start().await.unwrap();
    let counter = Arc::new(Counter::default());
    let counted = Arc::clone(&counter);
    let layer = tower::layer::layer_fn(move |inner: heatclient::transport::BoxService| {
        let counter = Arc::clone(&counted);
        tower::service_fn(move |request: Request<Body>| {
            let (counter, mut inner) = (Arc::clone(&counter), inner.clone());
            async move {
                let is_signal = request.uri().path().ends_with("/signal");
                if is_signal {
                    let now = counter.now.fetch_add(1, Ordering::SeqCst) + 1;
                    counter.most.fetch_max(now, Ordering::SeqCst);
                }
                let answer = inner.call(request).await;
                if is_signal {
                    counter.now.fetch_sub(1, Ordering::SeqCst);
                }
                answer as Result<_, Error>
            }
        })
    });
    let auth = plugin_loader("password").unwrap();
    let auth = auth.load(sandbox.options()).unwrap();
    let heat = Client::new(Session::builder(auth).layer(layer).build());
    let stack = hooked(&heat, 50).await;
    // One of them is cleared meanwhile, and one signal fails.
    let cleared = heat.hooks().clear(&stack, "r7").await.unwrap();
    assert_eq!(cleared.len(), 1);
    let fault =
        sandbox.fault(Fault::within(Method::POST, "/resources/r9/signal").status(500, &[], ""));
    let error = heat.hooks().clear(&stack, "*").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "clear hook pre-create of resource \"r9\" of stack \"web\": 500 Internal Server Error"
    );
    fault.remove();
    let rest = heat.hooks().clear(&stack, "*").await.unwrap();
    assert!(!rest.is_empty() && rest.len() < 49, "{}", rest.len());
    let most = counter.most.load(Ordering::SeqCst);
    assert!((2..=8).contains(&most), "{most}");
    let wait = heat.stacks().wait(&stack, Action::Create);
    wait.await.unwrap();
}

#[tokio::test]
async fn hooks_that_another_client_cleared_are_left_out() {
    let sandbox = Sandbox::start().await.unwrap();
    let heat = client(&sandbox).await;
    let stack = hooked(&heat, 2).await;
    // The list is read, then somebody else clears a hook.
    let message = "The \"pre-create\" hook is not defined on NoneResource \"r0\"";
    let body = json!({
        "code": 400, "title": "Bad Request", "explanation": "",
        "error": {"type": "InvalidBreakPointHook", "traceback": null, "message": message},
    });
    let json = [("content-type", "application/json")];
    sandbox.fault(Fault::within(Method::POST, "/resources/r0/signal").status(
        400,
        &json,
        body.to_string(),
    ));
    let cleared = heat.hooks().clear(&stack, "*").await.unwrap();
    assert_eq!(cleared.len(), 1);
    assert_eq!(cleared[0].resource, "r1");
}

#[tokio::test]
async fn a_signal_is_sent_once() {
    let sandbox = Sandbox::start().await.unwrap();
    let heat = client(&sandbox).await;
    let handle = json!({"handle": {"type": "OS::Heat::WaitConditionHandle"}});
    let stack = create(&heat, NewStack::new("web", template(handle))).await;
    sandbox.fault(
        Fault::within(Method::POST, "/signal")
            .after_handling()
            .close(),
    );
    let error = heat.resources().signal(&stack, "handle").await.unwrap_err();
    assert!(error.may_have_been_sent(), "{error}");
    let metadata = heat.resources().metadata(&stack, "handle").await.unwrap();
    assert_eq!(metadata.as_object().unwrap().len(), 1);
    assert_eq!(
        sandbox.count_where(|request| request.path.ends_with("/signal")),
        1
    );
}

#[tokio::test]
async fn signal_urls_need_no_token_and_are_repeated_with_an_id() {
    let sandbox = Sandbox::start().await.unwrap();
    let heat = client(&sandbox).await;
    let handle = json!({"handle": {
        "type": "OS::Heat::WaitConditionHandle", "properties": {"signal_transport": "CFN_SIGNAL"},
    }});
    let stack = create(&heat, NewStack::new("web", template(handle))).await;
    let shown = heat.resources().get(&stack, "handle").await.unwrap();
    let signal = &shown.attributes.unwrap()["signal"];
    let url = SignalUrl::parse(signal.as_str().unwrap()).unwrap();
    let session = heat.adapter().session();

    let broken = || {
        Fault::within(Method::PUT, "/waitcondition/")
            .after_handling()
            .close()
    };
    sandbox.fault(broken().times(1));
    url.success(session).id("a").await.unwrap();
    sandbox.clear_faults();
    sandbox.fault(broken().times(1));
    let error = url.success(session).await.unwrap_err();
    assert!(error.may_have_been_sent(), "{error}");
    assert!(
        error
            .to_string()
            .starts_with("signal resource \"handle\" of stack \"web\": "),
        "{error}"
    );
    let metadata = heat.resources().metadata(&stack, "handle").await.unwrap();
    let ids: Vec<_> = metadata.as_object().unwrap().keys().collect();
    assert_eq!(ids, ["a", "2"]);
    let with_token = |request: &heatclient::sandbox::RecordedRequest| {
        request.path.contains("/waitcondition/") && (request.had_token || request.had_authorization)
    };
    assert_eq!(sandbox.count_where(with_token), 0);

    // Neither the query nor the signature is in an error, also if the server quotes it.
    let (_, query) = url.expose().split_once('?').unwrap();
    let (_, signature) = query.split_once("Signature=").unwrap();
    let signature = signature.rsplit("Signature=").next().unwrap();
    sandbox.clear_faults();
    let quote = format!("no access for {}", url.expose());
    sandbox.fault(Fault::within(Method::PUT, "/waitcondition/").status(403, &[], quote));
    let error = url.failure(session).await.unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(shown.contains("no access for"), "{shown}");
    assert!(!shown.contains(signature), "{shown}");
    // A redirect is not followed: the signature is valid for one host only.
    sandbox.clear_faults();
    sandbox
        .fault(Fault::within(Method::PUT, "/waitcondition/").redirect(302, "http://127.0.0.1:1/"));
    let error = url.failure(session).await.unwrap_err();
    assert_eq!(error.attempts(), 1, "{error}");
}
