//! Signals to resources, their metadata, and marks on unhealthy ones.

use std::time::Duration;

use heatclient::auth::NoAuth;
use heatclient::auth::identity::{Password, UserRef};
use heatclient::auth::{ProjectRef, Scope};
use heatclient::heat::{Action, NewStack, Resource, SignalUrl, Stack, StackRef, StackUpdate};
use heatclient::{Client, Error, ErrorKind, Session};
use heatclient_test_support::cloud::Cloud;
use serde_json::{Value, json};

use super::heat::{MINUTE, create, delete, text};

/// Passes the name of each case to a macro that defines a test for it.
#[macro_export]
macro_rules! signal_cases {
    ($test:ident) => {
        $test! {
            signals_complete_a_wait_condition
            a_failure_signal_fails_the_stack
            handles_hand_out_ways_to_signal_them
            urls_signal_without_a_token
            signals_are_refused_as_in_heat
            unhealthy_resources_are_replaced
            names_are_encoded_in_paths
        }
    };
}

/// A handle, and a condition that waits for two signals to it.
fn template(handle: Value) -> Value {
    json!({
        "heat_template_version": "2021-04-16",
        "resources": {
            "handle": handle,
            "ready": {"type": "OS::Heat::WaitCondition", "properties": {
                "handle": {"get_resource": "handle"}, "timeout": 600, "count": 2,
            }},
        },
        "outputs": {"data": {"value": {"get_attr": ["ready", "data"]}}},
    })
}

fn handle(transport: &str) -> Value {
    json!({"type": "OS::Heat::WaitConditionHandle", "properties": {"signal_transport": transport}})
}

/// Polls until `done` returns a value.
pub(crate) async fn until<T>(mut done: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..1200 {
        if let Some(value) = done().await {
            return value;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it takes more than two minutes");
}

async fn resource(cloud: &Cloud, stack: &StackRef, name: &str) -> Resource {
    cloud.heat.resources().get(stack, name).await.unwrap()
}

/// Creates a stack and waits until its condition waits.
async fn waiting(cloud: &Cloud, name: &str, template: Value) -> StackRef {
    let new = NewStack::new(name, template);
    let stack = StackRef::from(&cloud.heat.stacks().create(new).await.unwrap());
    until(async || {
        let ready = resource(cloud, &stack, "ready").await;
        ready.status.is_in_progress().then_some(())
    })
    .await;
    stack
}

async fn created(cloud: &Cloud, stack: &StackRef) -> Result<Stack, Error> {
    let wait = cloud.heat.stacks().wait(stack, Action::Create);
    wait.timeout(3 * MINUTE).await
}

pub(crate) async fn signals_complete_a_wait_condition(cloud: &Cloud) {
    let (name, resources) = (cloud.name("signal"), cloud.heat.resources());
    let stack = waiting(cloud, &name, template(handle("TOKEN_SIGNAL"))).await;
    assert_eq!(
        resources.metadata(&stack, "handle").await.unwrap(),
        json!({})
    );

    // Without data. Heat answers before it has read a signal.
    resources.signal(&name, "handle").await.unwrap();
    let first = until(async || {
        let metadata = resources.metadata(&stack, "handle").await.unwrap();
        metadata.get("1").cloned()
    });
    let expected = json!({"reason": "Signal 1 received", "data": null, "status": "SUCCESS"});
    assert_eq!(first.await, expected);
    let data = json!({"id": "b", "reason": "done", "data": {"k": [1, "é"]}});
    resources.signal(&stack, "handle").data(data).await.unwrap();

    let stack = created(cloud, &stack).await.unwrap();
    let value = stack.output("data").unwrap().value.clone().unwrap();
    let value: Value = serde_json::from_str(value.as_str().unwrap()).unwrap();
    assert_eq!(value, json!({"1": null, "b": {"k": [1, "é"]}}));
    let events = cloud.heat.events().list(&stack).resource("handle");
    let signals: Vec<_> = events
        .await
        .unwrap()
        .into_iter()
        .filter(|event| event.status.action.as_str() == "SIGNAL")
        .map(|event| (event.status.to_string(), event.status_reason))
        .collect();
    let event = |reason: &str| {
        let reason = format!("Signal: status:SUCCESS reason:{reason}");
        ("SIGNAL_COMPLETE".to_owned(), reason)
    };
    assert_eq!(signals, [event("Signal 1 received"), event("done")]);
    delete(cloud, &stack).await;
}

pub(crate) async fn a_failure_signal_fails_the_stack(cloud: &Cloud) {
    let name = cloud.name("sigfail");
    let stack = waiting(cloud, &name, template(handle("TOKEN_SIGNAL"))).await;
    let data = json!({"status": "FAILURE", "reason": "disk full"});
    let resources = cloud.heat.resources();
    resources.signal(&stack, "handle").data(data).await.unwrap();
    let error = created(cloud, &stack).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "stack \"{name}\": CREATE_FAILED: resource ready (OS::Heat::WaitCondition): \
             WaitConditionFailure: resources.ready: disk full"
        )
    );
    delete(cloud, &stack).await;

    let mut short = template(handle("TOKEN_SIGNAL"));
    short["resources"]["ready"]["properties"]["timeout"] = 1.into();
    let name = cloud.name("sigtime");
    let error = create(cloud, NewStack::new(&name, short))
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("WaitConditionTimeout: resources.ready: 0 of 2 received"),
        "{error}"
    );
    delete(cloud, &*name).await;
}

/// Heat's endpoint, the stack and the resource in the URL of a signal.
fn parts(url: &str) -> (&str, &str, &str) {
    let (base, path) = url.split_once("/stacks/").unwrap();
    let (stack, path) = path.split_once("/resources/").unwrap();
    let (resource, rest) = path.split_once('/').unwrap();
    assert_eq!(rest, "signal");
    (base, stack, resource)
}

pub(crate) async fn handles_hand_out_ways_to_signal_them(cloud: &Cloud) {
    // A token for the resource.
    let name = cloud.name("sigtoken");
    let stack = waiting(cloud, &name, template(handle("TOKEN_SIGNAL"))).await;
    let attributes = resource(cloud, &stack, "handle").await.attributes.unwrap();
    let (endpoint, token) = (
        &attributes["endpoint"],
        attributes["token"].as_str().unwrap(),
    );
    let (base, path, name) = parts(endpoint.as_str().unwrap());
    let curl = attributes["curl_cli"].as_str().unwrap();
    assert!(
        curl.contains(token) && curl.starts_with("curl -i -X POST "),
        "{curl}"
    );
    assert_eq!(attributes["signal"], "null");
    let client = Client::with_token(base, token).unwrap();
    for _ in 0..2 {
        client.resources().signal(path, name).await.unwrap();
    }
    // It is good for signals only.
    let refused = client.stacks().get(path).await.unwrap_err();
    assert!(refused.is_forbidden(), "{refused}");
    created(cloud, &stack).await.unwrap();
    delete(cloud, &stack).await;

    // An account for the resource.
    let name = cloud.name("sigheat");
    let stack = waiting(cloud, &name, template(handle("HEAT_SIGNAL"))).await;
    let attributes = resource(cloud, &stack, "handle").await.attributes.unwrap();
    assert_eq!(
        (&attributes["token"], &attributes["endpoint"]),
        (&Value::Null, &Value::Null)
    );
    let signal: Value = serde_json::from_str(attributes["signal"].as_str().unwrap()).unwrap();
    let field = |key: &str| signal[key].as_str().unwrap();
    let (user, password) = (UserRef::id(field("user_id")), field("password"));
    let auth = Password::new(field("auth_url"), user, password).unwrap();
    let project = ProjectRef::Id(field("project_id").to_owned());
    let session = Session::new(auth.scope(Scope::Project(project)));
    let (_, path, name) = parts(field("alarm_url"));
    let client = Client::new(session);
    for id in ["a", "b"] {
        let signal = client.resources().signal(path, name);
        signal.data(json!({"id": id})).await.unwrap();
    }
    created(cloud, &stack).await.unwrap();
    delete(cloud, &stack).await;

    // Nobody needs to signal this one.
    let name = cloud.name("signone");
    let new = NewStack::new(&name, template(handle("NO_SIGNAL")));
    let stack = create(cloud, new).await.unwrap();
    delete(cloud, &stack).await;
}

pub(crate) async fn urls_signal_without_a_token(cloud: &Cloud) {
    let name = cloud.name("sigurl");
    let stack = waiting(cloud, &name, template(handle("CFN_SIGNAL"))).await;
    let attributes = resource(cloud, &stack, "handle").await.attributes.unwrap();
    let url: SignalUrl = attributes["signal"].as_str().unwrap().parse().unwrap();
    assert_eq!((url.stack(), url.resource()), (&*name, "handle"));

    let session = Session::new(NoAuth::new());
    let changed = url.expose().replace("resources/handle", "resources/ready");
    let changed = SignalUrl::parse(&changed).unwrap();
    let refused = changed.success(&session).await.unwrap_err();
    assert!(refused.is_forbidden(), "{refused}");
    assert_eq!(
        text(&refused),
        format!(
            "signal resource \"ready\" of stack \"{name}\": 403 Forbidden: User is not authorized to perform action"
        )
    );
    let shown = format!("{refused:?} {url:?}");
    let (_, signature) = url.expose().split_once("Signature=").unwrap();
    assert!(
        !shown.contains(signature) && !shown.contains("AWSAccessKeyId"),
        "{shown}"
    );

    let signal = url
        .success(&session)
        .id("a")
        .reason("up")
        .data(json!({"port": 80}));
    signal.await.unwrap();
    // With a session of the cloud, whose token is not sent.
    let session = cloud.heat.adapter().session();
    url.success(session).await.unwrap();
    let stack = created(cloud, &stack).await.unwrap();
    let metadata = cloud
        .heat
        .resources()
        .metadata(&stack, "handle")
        .await
        .unwrap();
    let first = json!({"status": "SUCCESS", "reason": "up", "data": {"port": 80}});
    assert_eq!(
        (&metadata["a"], metadata.as_object().unwrap().len()),
        (&first, 2)
    );
    url.failure(session).await.unwrap();
    delete(cloud, &stack).await;

    // The types of CloudFormation have other keys.
    let mut aws = template(json!({"type": "AWS::CloudFormation::WaitConditionHandle"}));
    aws["resources"]["ready"] = json!({"type": "AWS::CloudFormation::WaitCondition", "properties": {
        "Handle": {"get_resource": "handle"}, "Timeout": 600,
    }});
    aws["outputs"] = json!({
        "url": {"value": {"get_resource": "handle"}},
        "data": {"value": {"get_attr": ["ready", "Data"]}},
    });
    let name = cloud.name("sigaws");
    let stack = waiting(cloud, &name, aws).await;
    let output = cloud.heat.outputs().get(&stack, "url").await.unwrap();
    let url = SignalUrl::parse(output.value.unwrap().as_str().unwrap()).unwrap();
    let signal = url.success(session).aws(true).id("1").data("x");
    signal.await.unwrap();
    let stack = created(cloud, &stack).await.unwrap();
    assert_eq!(
        stack.output("data").unwrap().value,
        Some(json!("{\"1\": \"x\"}"))
    );
    delete(cloud, &stack).await;
}

pub(crate) async fn signals_are_refused_as_in_heat(cloud: &Cloud) {
    let name = cloud.name("sigrefuse");
    let template = json!({
        "heat_template_version": "2021-04-16",
        "resources": {
            "none": {"type": "OS::Heat::None", "metadata": {"k": [1, {"x": null}]}},
            "handle": {"type": "OS::Heat::WaitConditionHandle"},
        },
    });
    let stack = create(cloud, NewStack::new(&name, template)).await.unwrap();
    let resources = cloud.heat.resources();
    let metadata = resources.metadata(&name, "none").await.unwrap();
    assert_eq!(metadata, json!({"k": [1, {"x": null}]}));

    let error = resources.signal(&stack, "none").await.unwrap_err();
    assert_eq!(
        text(&error),
        format!(
            "signal resource \"none\" of stack \"{name}\": 400 Bad Request: signal is not supported for resource."
        )
    );
    let error = resources
        .signal(&stack, "nix")
        .data(json!({}))
        .await
        .unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(
        text(&error),
        format!(
            "signal resource \"nix\" of stack \"{name}\": 404 Not Found: The Resource (nix) could not be found in \
             Stack {name}."
        )
    );
    let error = resources.metadata(&stack, "nix").await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    let error = resources
        .signal(&stack, "handle")
        .data([1])
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert_eq!(
        error.to_string(),
        format!(
            "signal resource \"handle\" of stack \"{name}\": the data of a signal must be a JSON object, not a list"
        )
    );
    // Accepted, but Heat finds out later that it is not well-formed.
    let wrong = json!({"status": "MAYBE"});
    resources
        .signal(&stack, "handle")
        .data(wrong)
        .await
        .unwrap();

    cloud.heat.stacks().suspend(&stack).await.unwrap();
    let wait = cloud.heat.stacks().wait(&stack, Action::Suspend);
    wait.timeout(3 * MINUTE).await.unwrap();
    assert_eq!(
        resources.metadata(&stack, "handle").await.unwrap(),
        json!({})
    );
    let error = resources.signal(&stack, "handle").await.unwrap_err();
    assert_eq!(
        text(&error),
        format!(
            "signal resource \"handle\" of stack \"{name}\": 400 Bad Request: Signal resource during SUSPEND is not \
             supported."
        )
    );
    delete(cloud, &stack).await;
    let error = resources.signal(&stack, "handle").await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
}

pub(crate) async fn unhealthy_resources_are_replaced(cloud: &Cloud) {
    let (name, resources) = (cloud.name("unhealthy"), cloud.heat.resources());
    let template = json!({
        "heat_template_version": "2021-04-16",
        "resources": {
            "one": {"type": "OS::Heat::TestResource"},
            "two": {"type": "OS::Heat::None"},
        },
    });
    let stack = create(cloud, NewStack::new(&name, template.clone()))
        .await
        .unwrap();
    let stack = StackRef::from(&stack);
    let shown = async |name: &str| {
        let found = resource(cloud, &stack, name).await;
        (
            found.status.to_string(),
            found.status_reason,
            found.physical_resource_id.unwrap(),
        )
    };
    let (_, _, one) = shown("one").await;
    let (_, _, two) = shown("two").await;

    resources
        .mark_unhealthy(&name, "one", true)
        .reason("disk")
        .await
        .unwrap();
    assert_eq!(
        shown("one").await,
        ("CHECK_FAILED".into(), "disk".into(), one.clone())
    );
    resources.mark_unhealthy(&stack, &one, false).await.unwrap();
    let own = "state changed by resource_mark_unhealthy api".to_owned();
    assert_eq!(
        shown("one").await,
        ("CHECK_COMPLETE".into(), own.clone(), one.clone())
    );
    for resource in ["one", &two] {
        resources
            .mark_unhealthy(&stack, resource, true)
            .await
            .unwrap();
    }
    assert_eq!(
        shown("two").await,
        ("CHECK_FAILED".into(), own, two.clone())
    );
    let error = resources
        .mark_unhealthy(&stack, "nix", true)
        .await
        .unwrap_err();
    assert!(error.is_not_found(), "{error}");
    assert!(
        text(&error).starts_with("mark resource \"nix\" of stack "),
        "{error}"
    );

    let stacks = cloud.heat.stacks();
    stacks
        .update(&stack, StackUpdate::new(template))
        .await
        .unwrap();
    stacks
        .wait(&stack, Action::Update)
        .timeout(3 * MINUTE)
        .await
        .unwrap();
    let (status, _, replaced) = shown("one").await;
    assert_eq!(status, "CREATE_COMPLETE");
    assert_ne!(replaced, one);
    let reason = "Update status to COMPLETE for FAILED resource neither update nor replace.";
    assert_eq!(
        shown("two").await,
        ("CHECK_COMPLETE".into(), reason.into(), two)
    );
    delete(cloud, &stack).await;
}

pub(crate) async fn names_are_encoded_in_paths(cloud: &Cloud) {
    let (name, resources) = (cloud.name("names"), cloud.heat.resources());
    let named = |names: &[&str]| {
        let handles = names.iter().map(|name| {
            (
                (*name).to_owned(),
                json!({"type": "OS::Heat::WaitConditionHandle"}),
            )
        });
        let resources: serde_json::Map<_, _> = handles.collect();
        json!({
            "heat_template_version": "2021-04-16", "resources": resources,
            "outputs": {"o p": {"value": 1}, "o?#%2F": {"value": 2}, "o/p": {"value": 3}, "ö": {"value": 4}},
        })
    };
    // Heat lets no resource have such a name.
    let error = create(cloud, NewStack::new(&name, named(&["a/b"])))
        .await
        .unwrap_err();
    assert_eq!(
        text(&error),
        format!("create stack \"{name}\": 400 Bad Request: Resource name may not contain \"/\"")
    );
    let names = ["c d", "x%2Fy", "q?#&+", "ü"];
    let stack = create(cloud, NewStack::new(&name, named(&names)))
        .await
        .unwrap();
    for name in &names[..3] {
        assert_eq!(resources.get(&stack, *name).await.unwrap().name, *name);
        resources.signal(&stack, *name).await.unwrap();
        until(async || {
            let metadata = resources.metadata(&stack, *name).await.unwrap();
            (!metadata.as_object().unwrap().is_empty()).then_some(())
        })
        .await;
        resources.mark_unhealthy(&stack, *name, true).await.unwrap();
    }
    // Not found by its path, so by the list and by its physical id.
    resources.mark_unhealthy(&stack, "ü", true).await.unwrap();
    let shown = resources.get(&stack, "ü").await.unwrap();
    assert_eq!(shown.status.to_string(), "CHECK_FAILED");
    let hint = "404 Not Found: Heat finds no resource by the name \"ü\"; releases up to 27 read names in paths as \
                Latin-1, so that only ASCII names work";
    let error = resources.signal(&stack, "ü").await.unwrap_err();
    assert_eq!(
        text(&error),
        format!("signal resource \"ü\" of stack \"{name}\": {hint}")
    );
    let error = resources.metadata(&stack, "ü").await.unwrap_err();
    assert_eq!(
        text(&error),
        format!("show metadata of resource \"ü\" of stack \"{name}\": {hint}")
    );
    let error = resources.signal(&stack, "a/b").await.unwrap_err();
    assert_eq!(
        text(&error),
        format!(
            "signal resource \"a/b\" of stack \"{name}\": 404 Not Found: the stack has no resource \"a/b\": names of \
             resources contain no slash"
        )
    );
    for error in [
        resources.signal(&stack, "a/b").await.unwrap_err(),
        resources.metadata(&stack, "a/b").await.unwrap_err(),
        resources
            .mark_unhealthy(&stack, "a/b", true)
            .await
            .unwrap_err(),
        resources
            .mark_unhealthy(&stack, "ä", true)
            .await
            .unwrap_err(),
    ] {
        assert!(error.is_not_found(), "{error}");
    }
    for (key, value) in [("o p", 1), ("o?#%2F", 2), ("o/p", 3), ("ö", 4)] {
        let output = cloud.heat.outputs().get(&stack, key).await.unwrap();
        assert_eq!(output.value, Some(value.into()), "{key}");
    }
    for other in ["a b", "a%2Fb", "a?b#c"] {
        let error = cloud.heat.stacks().get(other).await.unwrap_err();
        assert!(error.is_not_found(), "{error}");
        let what = format!(
            "show stack \"{other}\": 404 Not Found: The Stack ({other}) could not be found."
        );
        assert_eq!(text(&error), what);
    }
    delete(cloud, &stack).await;
}
