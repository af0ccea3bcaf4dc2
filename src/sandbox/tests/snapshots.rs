use super::*;

fn template(value: &str) -> Value {
    json!({
        "heat_template_version": "2021-04-16",
        "resources": {
            "key": {"type": "OS::Heat::RandomString"},
            "test": {"type": "OS::Heat::TestResource", "properties": {"value": value}},
        },
    })
}

const HOUR: Duration = Duration::from_secs(3600);

async fn post(raw: &Raw, url: &str) -> Got {
    raw.send(Method::POST, url, None).await.unwrap()
}

#[tokio::test]
async fn a_snapshot_in_progress_can_be_shown_only() {
    let sandbox = Sandbox::start().await.unwrap();
    let raw = Raw::logged_in(&sandbox).await;
    let url = raw.create(&sandbox, "web", &template("a")).await;
    raw.settled(&url).await;
    let all = format!("{url}/snapshots");
    let got = post(&raw, &all).await;
    assert_eq!(got.status, StatusCode::BAD_REQUEST);
    sandbox.set_stack_delay(HOUR);
    let got = raw.post(&all, &json!({"name": 3})).await;
    assert_eq!(got.status, StatusCode::OK);
    let made = got.json();
    assert_eq!(
        (&made["name"], &made["action"], &made["status"]),
        (&json!("3"), &json!("CREATE"), &json!("IN_PROGRESS"))
    );
    assert_eq!(
        (&made["status_reason"], &made["data"]["action"]),
        (&Value::Null, &json!("CREATE"))
    );
    assert_eq!(made["data"]["resources"], json!({}));
    let one = format!("{all}/{}", made["id"].as_str().unwrap());
    assert_eq!(raw.get(&one).await.json()["snapshot"], made);
    assert_eq!(raw.get(&all).await.json()["snapshots"], json!([made]));
    let stack = raw.get(&url).await.json();
    assert_eq!(stack["stack"]["stack_status"], "SNAPSHOT_IN_PROGRESS");

    let restored = post(&raw, &format!("{one}/restore")).await;
    let deleted = raw.send(Method::DELETE, &one, None).await.unwrap();
    for (got, message) in [
        (restored, "Restoring incomplete snapshot is not supported."),
        (deleted, "Deleting in-progress snapshot is not supported."),
    ] {
        assert_eq!(got.status, StatusCode::BAD_REQUEST);
        assert_eq!(got.fault(), ("NotSupported".to_owned(), message.to_owned()));
    }
    let got = raw.post(&all, &json!({})).await;
    assert_eq!(got.status, StatusCode::CONFLICT);
    let message = "Stack web already has an action (SNAPSHOT) in progress.";
    let fault = ("ActionInProgress".to_owned(), message.to_owned());
    assert_eq!(got.fault(), fault);
}

#[tokio::test]
async fn a_snapshot_is_deleted_after_a_while() {
    let sandbox = Sandbox::start().await.unwrap();
    let raw = Raw::logged_in(&sandbox).await;
    let url = raw.create(&sandbox, "web", &template("a")).await;
    raw.settled(&url).await;
    let all = format!("{url}/snapshots");
    let made = raw.post(&all, &json!({})).await.json();
    raw.settled(&url).await;
    assert_eq!(
        raw.events(&url).await[6..],
        [
            "web SNAPSHOT_IN_PROGRESS",
            "key SNAPSHOT_IN_PROGRESS",
            "key SNAPSHOT_COMPLETE",
            "test SNAPSHOT_IN_PROGRESS",
            "test SNAPSHOT_COMPLETE",
            "web SNAPSHOT_COMPLETE",
        ]
    );
    let one = format!("{all}/{}", made["id"].as_str().unwrap());
    let resources = raw.get(&one).await.json()["snapshot"]["data"]["resources"].take();
    let test = &resources["test"];
    assert_eq!(
        (&test["resource_data"], &test["status"]),
        (&json!({"value": "a"}), &json!("COMPLETE"))
    );
    sandbox.set_stack_delay(HOUR);
    let got = raw.send(Method::DELETE, &one, None).await.unwrap();
    assert_eq!(got.status, StatusCode::NO_CONTENT);
    let shown = raw.get(&one).await.json()["snapshot"].take();
    assert_eq!(
        (&shown["action"], &shown["status_reason"]),
        (&json!("DELETE"), &json!("Snapshot delete started"))
    );
    let restored = post(&raw, &format!("{one}/restore")).await;
    assert_eq!(restored.status, StatusCode::BAD_REQUEST);
    // Once more, and faster.
    sandbox.set_stack_delay(Duration::ZERO);
    raw.send(Method::DELETE, &one, None).await.unwrap();
    while raw.get(&one).await.status == StatusCode::OK {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test]
async fn a_stack_has_32_snapshots_at_most() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.set_stack_delay(Duration::ZERO);
    let raw = Raw::logged_in(&sandbox).await;
    let url = raw.create(&sandbox, "web", &hot(&json!({}))).await;
    raw.settled(&url).await;
    let all = format!("{url}/snapshots");
    for _ in 0..32 {
        let got = raw.post(&all, &json!({})).await;
        assert_eq!(got.status, StatusCode::OK);
        raw.settled(&url).await;
    }
    let got = raw.post(&all, &json!({})).await;
    assert_eq!(got.status, StatusCode::BAD_REQUEST);
    let message = "Request limit exceeded: You have reached the maximum snapshots per stack, 32. \
                   Please delete some snapshots.";
    assert_eq!(got.fault().1, message);
}

#[tokio::test]
async fn a_restored_stack_has_what_it_had() {
    let sandbox = Sandbox::start().await.unwrap();
    let raw = Raw::logged_in(&sandbox).await;
    let url = raw.create(&sandbox, "web", &template("a")).await;
    raw.settled(&url).await;
    let all = format!("{url}/snapshots");
    let made = raw.post(&all, &json!({})).await.json();
    raw.settled(&url).await;
    // One resource changes, one is removed.
    let resources = template("b")["resources"].take();
    let smaller = hot(&json!({"test": resources["test"]}));
    let body = Bytes::from(json!({"template": smaller, "tags": "x"}).to_string());
    let body = serde_json::from_slice(&body).unwrap();
    let got = raw.send(Method::PUT, &url, Some(&body)).await.unwrap();
    assert_eq!(got.status, StatusCode::ACCEPTED);
    raw.settled(&url).await;
    let restore = format!("{all}/{}/restore", made["id"].as_str().unwrap());
    let got = raw.post(&restore, &json!({})).await;
    assert_eq!(got.status, StatusCode::BAD_REQUEST);
    let got = post(&raw, &restore).await;
    assert_eq!(got.status, StatusCode::ACCEPTED);
    let stack = raw.settled(&url).await;
    assert_eq!(
        (&stack["stack_status"], &stack["tags"]),
        (&json!("RESTORE_COMPLETE"), &json!([]))
    );
    let shown = raw.get(&format!("{url}/template")).await.json();
    assert_eq!(shown, template("a"));
    let events = raw.events(&url).await;
    for event in ["test UPDATE_COMPLETE", "key CREATE_COMPLETE"] {
        let count = events.iter().filter(|is| *is == event).count();
        assert_eq!(count, 2, "{events:?}");
    }
}

#[tokio::test]
async fn an_abandoned_stack_leaves_its_resources_alone() {
    let sandbox = Sandbox::start().await.unwrap();
    let raw = Raw::logged_in(&sandbox).await;
    let slow = json!({
        "type": "OS::Heat::TestResource",
        "properties": {"action_wait_secs": {"delete": 3600}},
    });
    let stacks = format!("{}/stacks", sandbox.orchestration_url());
    let body = json!({
        "stack_name": "web",
        "template": hot(&json!({"slow": slow, "child": {"type": "My::Child"}})),
        "files": {"file:///c.yaml": hot(&json!({"slow": slow})).to_string()},
        "environment": {"resource_registry": {"My::Child": "file:///c.yaml"}},
    });
    let url = raw.post(&stacks, &body).await.header("location").to_owned();
    raw.settled(&url).await;
    let data = raw.get(&format!("{url}/export")).await.json();
    let got = raw
        .send(Method::DELETE, &format!("{url}/abandon"), None)
        .await
        .unwrap();
    assert_eq!((got.status, &got.json()), (StatusCode::OK, &data));
    assert_eq!(raw.settled(&url).await["stack_status"], "DELETE_COMPLETE");
    let got = raw.get(&format!("{url}/export")).await;
    assert_eq!(got.status, StatusCode::NOT_FOUND);

    // Without the data of the nested stack.
    let mut data = data;
    data["resources"].as_object_mut().unwrap().remove("child");
    let mut body = body;
    body["adopt_stack_data"] = data.to_string().into();
    let url = raw.post(&stacks, &body).await.header("location").to_owned();
    let stack = raw.settled(&url).await;
    assert_eq!(
        (&stack["stack_status"], &stack["stack_status_reason"]),
        (
            &json!("ADOPT_FAILED"),
            &json!(
                "Resource ADOPT failed: The sandbox cannot adopt a nested stack without its data"
            )
        )
    );
}

#[tokio::test]
async fn readers_may_only_look() {
    let sandbox = Sandbox::start().await.unwrap();
    let raw = Raw::logged_in(&sandbox).await;
    let url = raw.create(&sandbox, "web", &template("a")).await;
    raw.settled(&url).await;
    let reader = Raw::logged_in_as(&sandbox, "reader").await;
    let all = format!("{url}/snapshots");
    assert_eq!(reader.get(&all).await.json(), json!({"snapshots": []}));
    let detail = format!("{}/stacks/detail", sandbox.orchestration_url());
    let listed = reader.get(&detail).await.json();
    assert_eq!(listed["stacks"][0]["stack_name"], "web");
    let snapshot = reader.post(&all, &json!({})).await;
    let send = async |method, path: &str| {
        let url = format!("{url}/{path}");
        reader.send(method, &url, None).await.unwrap()
    };
    for (got, action) in [
        (snapshot, "snapshot"),
        (send(Method::DELETE, "snapshots/x").await, "delete_snapshot"),
        (
            send(Method::POST, "snapshots/x/restore").await,
            "restore_snapshot",
        ),
        (send(Method::GET, "export").await, "export"),
        (send(Method::DELETE, "abandon").await, "abandon"),
    ] {
        assert_eq!(got.status, StatusCode::FORBIDDEN);
        let message = format!("You are not authorized to use stacks:{action}.");
        assert_eq!(got.fault().1, message);
    }
}

#[tokio::test]
async fn options_have_heats_rules() {
    let sandbox = Sandbox::start().await.unwrap();
    let raw = Raw::logged_in(&sandbox).await;
    let stacks = format!("{}/stacks", sandbox.orchestration_url());
    let body = |key: &str, value: Value| {
        let mut body = json!({"stack_name": "web", "template": hot(&json!({}))});
        body[key] = value;
        body
    };
    for (key, value, kind, message) in [
        (
            "converge",
            json!(true),
            "HTTPBadRequest",
            "converge flag only supported in stack update (or update preview) request.",
        ),
        ("tags", json!(["a"]), "AttributeError", ""),
        ("disable_rollback", json!("x"), "ValueError", ""),
        (
            "timeout_mins",
            json!(-1),
            "HTTPBadRequest",
            "Value '-1' is invalid for 'timeout_mins' which only accepts non-negative integer.",
        ),
    ] {
        let got = raw.post(&stacks, &body(key, value)).await;
        assert_eq!(got.status, StatusCode::BAD_REQUEST, "{key}");
        assert_eq!(got.fault(), (kind.to_owned(), message.to_owned()));
    }
    let body = body("timeout_mins", json!(0));
    let url = raw.post(&stacks, &body).await.header("location").to_owned();
    let stack = raw.settled(&url).await;
    assert_eq!(stack["timeout_mins"], Value::Null);
    for (tags, shown) in [
        (json!("a, b,,a"), json!(["a", " b", "", "a"])),
        (json!(""), json!([""])),
        (Value::Null, json!([""])),
    ] {
        let body = json!({"tags": tags});
        raw.send(Method::PATCH, &url, Some(&body)).await.unwrap();
        assert_eq!(raw.settled(&url).await["tags"], shown);
    }
}
