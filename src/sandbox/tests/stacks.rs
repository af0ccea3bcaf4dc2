use super::*;

#[tokio::test]
async fn a_stack_lives_and_dies() {
    let sandbox = Sandbox::start().await.unwrap();
    let raw = Raw::logged_in(&sandbox).await;
    let template = json!({
        "heat_template_version": "2018-08-31",
        "parameters": {"who": {"type": "string", "default": "you"}},
        "resources": {
            "last": value(&json!({"str_replace": {
                "template": "hi NAME: X", "params": {"NAME": {"get_param": "who"}, "X": {"get_attr": ["first", "value"]}},
            }})),
            "first": {"type": "OS::Heat::RandomString", "properties": {"length": 5}},
        },
        "outputs": {"greeting": {"value": {"get_attr": ["last", "value"]}}},
    });
    let url = raw.create(&sandbox, "web", &template).await;
    let stack = raw.settled(&url).await;
    assert_eq!(stack["stack_status"], "CREATE_COMPLETE");
    assert_eq!(
        stack["stack_status_reason"],
        "Stack CREATE completed successfully"
    );
    let greeting = stack["outputs"][0]["output_value"].as_str().unwrap();
    assert!(
        greeting.starts_with("hi you: ") && greeting.len() == 13,
        "{greeting}"
    );
    assert_eq!(
        raw.events(&url).await,
        [
            "web CREATE_IN_PROGRESS",
            "first CREATE_IN_PROGRESS",
            "first CREATE_COMPLETE",
            "last CREATE_IN_PROGRESS",
            "last CREATE_COMPLETE",
            "web CREATE_COMPLETE",
        ]
    );

    let by_name = format!("{}/stacks/web", sandbox.orchestration_url());
    let got = raw
        .send(Method::DELETE, &format!("{by_name}?a=1"), None)
        .await
        .unwrap();
    assert_eq!(
        (got.status, got.header("location")),
        (StatusCode::FOUND, &*format!("{url}?a=1"))
    );
    let again = json!({"stack_name": "web", "template": template});
    let list = format!("{}/stacks", sandbox.orchestration_url());
    let got = raw.post(&list, &again).await;
    assert_eq!(got.status, StatusCode::CONFLICT);
    assert_eq!(got.fault().1, "The Stack (web) already exists.");

    let got = raw.send(Method::DELETE, &url, None).await.unwrap();
    assert_eq!(got.status, StatusCode::NO_CONTENT);
    assert_eq!(raw.settled(&url).await["stack_status"], "DELETE_COMPLETE");
    assert_eq!(raw.get(&by_name).await.status, StatusCode::NOT_FOUND);
    let got = raw.send(Method::DELETE, &url, None).await.unwrap();
    assert_eq!(
        (got.status, got.fault().0.as_str()),
        (StatusCode::NOT_FOUND, "EntityNotFound")
    );
    assert_eq!(raw.get(&list).await.json()["stacks"], json!([]));
    assert_eq!(
        raw.post(&list, &again).await.status,
        StatusCode::CREATED,
        "the name is free"
    );
}

#[tokio::test]
async fn an_update_keeps_changes_replaces_and_deletes() {
    let sandbox = Sandbox::start().await.unwrap();
    let raw = Raw::logged_in(&sandbox).await;
    let random =
        |length: u32| json!({"type": "OS::Heat::RandomString", "properties": {"length": length}});
    let before = hot(&json!({
        "kept": random(8), "changed": value(&json!(1)), "replaced": random(4), "gone": value(&json!(0)),
    }));
    let url = raw.create(&sandbox, "web", &before).await;
    raw.settled(&url).await;
    let ids = async || {
        let got = raw.get(&format!("{url}/resources")).await.json();
        let of = |name: &str| {
            let all = got["resources"].as_array().unwrap();
            all.iter()
                .find(|one| one["resource_name"] == name)
                .map(|one| {
                    let id = one["physical_resource_id"].as_str().unwrap();
                    (
                        id.to_owned(),
                        one["resource_status"].as_str().unwrap().to_owned(),
                    )
                })
        };
        ["kept", "changed", "replaced", "gone"].map(of)
    };
    let [kept, changed, replaced, _] = ids().await;
    let after = hot(&json!({
        "kept": random(8), "changed": value(&json!(2)), "replaced": random(6),
    }));
    let got = raw
        .send(Method::PUT, &url, Some(&json!({"template": after})))
        .await
        .unwrap();
    assert_eq!(got.status, StatusCode::ACCEPTED);
    assert_eq!(raw.settled(&url).await["stack_status"], "UPDATE_COMPLETE");
    let [kept_now, changed_now, replaced_now, gone_now] = ids().await;
    assert_eq!(kept_now, kept);
    assert_eq!(
        changed_now,
        changed.map(|(id, _)| (id, "UPDATE_COMPLETE".to_owned()))
    );
    assert_ne!(replaced_now, replaced);
    assert_eq!(gone_now, None);
}

#[tokio::test]
async fn a_failure_tells_why_and_may_be_rolled_back() {
    let sandbox = Sandbox::start().await.unwrap();
    let raw = Raw::logged_in(&sandbox).await;
    let failing = hot(&json!({
        "a": {"type": "OS::Heat::TestResource", "properties": {"fail": true}},
        "b": value(&json!({"get_attr": ["a", "output"]})),
    }));
    let reason = "Resource CREATE failed: ValueError: resources.a: Test Resource failed a";
    let url = raw.create(&sandbox, "bad", &failing).await;
    let stack = raw.settled(&url).await;
    assert_eq!(stack["stack_status"], "CREATE_FAILED");
    assert_eq!(stack["stack_status_reason"], reason);
    let b = raw.get(&format!("{url}/resources/b")).await.json();
    assert_eq!(b["resource"]["resource_status"], "INIT_COMPLETE");

    let body = json!({"stack_name": "back", "template": failing, "disable_rollback": false});
    let got = raw
        .post(&format!("{}/stacks", sandbox.orchestration_url()), &body)
        .await;
    let url = got.header("location").to_owned();
    while raw.settled(&url).await["stack_status"] != "ROLLBACK_COMPLETE" {}
    let events = raw.events(&url).await;
    let tail = ["back CREATE_FAILED", "back ROLLBACK_IN_PROGRESS"];
    assert!(events.windows(2).any(|pair| pair == tail), "{events:?}");
}

#[tokio::test]
async fn an_action_takes_the_time_it_is_given() {
    let clock = Clock::stop();
    let sandbox = Sandbox::builder()
        .stack_delay(Duration::from_millis(200))
        .start()
        .await
        .unwrap();
    let raw = Raw::logged_in(&sandbox).await;
    let url = raw
        .create(&sandbox, "slow", &hot(&json!({"a": value(&json!(1))})))
        .await;
    let stack = raw.get(&url).await.json();
    assert_eq!(stack["stack"]["stack_status"], "CREATE_IN_PROGRESS");
    let cancel = json!({"cancel_without_rollback": null});
    let got = raw.post(&format!("{url}/actions"), &cancel).await;
    assert_eq!((got.status, &*got.body), (StatusCode::OK, &b"null"[..]));
    let stack = clock.moving(PACE, raw.settled(&url)).await;
    assert_eq!(stack["stack_status_reason"], "Stack CREATE cancelled");
    let got = raw.post(&format!("{url}/actions"), &cancel).await;
    let message = "Cancelling update when stack is CREATE_FAILED is not supported.";
    assert_eq!(got.fault(), ("NotSupported".to_owned(), message.to_owned()));
}

#[tokio::test]
async fn templates_that_heat_refuses() {
    let sandbox = Sandbox::start().await.unwrap();
    let raw = Raw::logged_in(&sandbox).await;
    let list = format!("{}/stacks", sandbox.orchestration_url());
    let with = |section: &str, content: Value| json!({"heat_template_version": "2018-08-31", section: content});
    let typed = |kind: &str| hot(&json!({"a": {"type": kind}}));
    let cases = [
        (
            typed("OS::Nope"),
            "StackValidationFailed",
            "The Resource Type (OS::Nope) could not be found.",
        ),
        (
            typed("OS::Nova::Server"),
            "ResourceTypeUnavailable",
            "HEAT-E99001 Service nova is not available for resource type OS::Nova::Server, reason: \
             nova compute endpoint is not in service catalog.",
        ),
        (
            json!({"resources": {}}),
            "InvalidTemplateVersion",
            "The template version is invalid: Template version was not provided",
        ),
        (
            with("nope", json!({})),
            "StackValidationFailed",
            "The template section is invalid: nope",
        ),
        (
            hot(&json!({"a": value(&json!({"get_attr": ["zz", "value"]}))})),
            "InvalidTemplateReference",
            "The specified reference \"zz\" (in a.Properties.value) is incorrect.",
        ),
        (
            hot(&json!({"a": value(&json!({"get_param": "zz"}))})),
            "StackValidationFailed",
            "Property error: : resources.a.properties.value: : The Parameter (zz) was not provided.",
        ),
        (
            hot(&json!({"a": {"type": "OS::Heat::RandomString", "properties": {"length": 0}}})),
            "StackValidationFailed",
            "Property error: : resources.a.properties.length: : 0 is out of range (min: 1, max: 512)",
        ),
        (
            hot(&json!({
                "a": {"type": "OS::Heat::None", "depends_on": "b"},
                "b": {"type": "OS::Heat::None", "depends_on": "a"},
            })),
            "CircularDependencyException",
            "Circular Dependency Found: {NoneResource \"a\": {NoneResource \"b\"}, \
             NoneResource \"b\": {NoneResource \"a\"}}",
        ),
        (
            with("parameters", json!({"x": {"type": "string"}})),
            "UserParameterMissing",
            "The Parameter (x) was not provided.",
        ),
        (
            with(
                "outputs",
                json!({"o": {"value": {"get_attr": ["zz", "a"]}}}),
            ),
            "StackValidationFailed",
            "outputs.o.value.get_attr: : The specified reference \"zz\" (in unknown) is incorrect.",
        ),
        (
            hot(&json!({"a": value(&json!({"repeat": {}}))})),
            "StackValidationFailed",
            "resources.a.properties.value.repeat: : The sandbox does not support the function \"repeat\"",
        ),
    ];
    for (template, kind, message) in cases {
        let got = raw
            .post(&list, &json!({"stack_name": "bad", "template": template}))
            .await;
        assert_eq!(got.status, StatusCode::BAD_REQUEST, "{template}");
        assert_eq!(got.fault(), (kind.to_owned(), message.to_owned()));
    }
    let long = json!({"heat_template_version": "2018-08-31", "description": "x".repeat(600_000)});
    let got = raw
        .post(&list, &json!({"stack_name": "big", "template": long}))
        .await;
    let message = "Request limit exceeded: Template size (600058 bytes) exceeds maximum allowed \
                   size (524288 bytes).";
    assert_eq!(
        got.fault(),
        ("RequestLimitExceeded".to_owned(), message.to_owned())
    );
    let yaml = "heat_template_version: 2018-08-31\nresources:\n  a: {type: OS::Heat::None}\n";
    let got = raw
        .post(&list, &json!({"stack_name": "good", "template": yaml}))
        .await;
    assert_eq!(got.status, StatusCode::CREATED);
}

#[tokio::test]
async fn who_may_do_what() {
    let sandbox = Sandbox::start().await.unwrap();
    let list = format!("{}/stacks", sandbox.orchestration_url());
    let body = json!({"stack_name": "a", "template": hot(&json!({}))});
    let reader = Raw::logged_in_as(&sandbox, "reader").await;
    let got = reader.post(&list, &body).await;
    assert_eq!(got.status, StatusCode::FORBIDDEN);
    assert_eq!(
        got.fault().1,
        "You are not authorized to use stacks:create."
    );
    assert_eq!(reader.get(&list).await.status, StatusCode::OK);
    let alice = Raw::logged_in_as(&sandbox, "alice").await;
    let got = alice.get(&list).await;
    assert_eq!(got.status, StatusCode::FORBIDDEN);
    assert_eq!(got.fault().0, "HTTPForbidden");
    assert_eq!(Raw::new().get(&list).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn pages_of_stacks_follow_each_other() {
    let sandbox = Sandbox::start().await.unwrap();
    let raw = Raw::logged_in(&sandbox).await;
    for name in ["a", "b", "c", "d", "e"] {
        raw.create(&sandbox, name, &hot(&json!({}))).await;
    }
    for (order, expected) in [
        ("", "edcba"),
        ("&sort_keys=stack_name&sort_dir=asc", "abcde"),
        ("&name=b&name=d", "db"),
    ] {
        let mut url = Some(format!(
            "{}/stacks?limit=2{order}",
            sandbox.orchestration_url()
        ));
        let mut names = String::new();
        while let Some(page) = url {
            let page = raw.get(&page).await.json();
            for stack in page["stacks"].as_array().unwrap() {
                names.push_str(stack["stack_name"].as_str().unwrap());
            }
            url = page["links"][0]["href"].as_str().map(str::to_owned);
        }
        assert_eq!(names, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_stacks_are_made_at_once() {
    let sandbox = Sandbox::start().await.unwrap();
    let raw = Raw::logged_in(&sandbox).await;
    let template = hot(&json!({"a": {"type": "OS::Heat::RandomString"}}));
    let names: Vec<_> = (0..300).map(|number| format!("s{number}")).collect();
    let made = names.iter().map(async |name| {
        let url = raw.create(&sandbox, name, &template).await;
        raw.settled(&url).await["stack_status"]
            .as_str()
            .unwrap()
            .to_owned()
    });
    let made = futures::future::join_all(made).await;
    assert!(made.iter().all(|status| status == "CREATE_COMPLETE"));
    let url = format!(
        "{}/stacks?limit=1&with_count=true",
        sandbox.orchestration_url()
    );
    assert_eq!(raw.get(&url).await.json()["count"], 300);
}

#[tokio::test]
async fn the_last_action_wins() {
    let clock = Clock::stop();
    let sandbox = Sandbox::builder()
        .stack_delay(Duration::from_millis(40))
        .start()
        .await
        .unwrap();
    let raw = Raw::logged_in(&sandbox).await;
    let numbered = |number: u32| hot(&json!({"a": value(&json!(number))}));
    let url = raw.create(&sandbox, "busy", &numbered(0)).await;
    for number in 1..=5 {
        let body = json!({"template": numbered(number)});
        let got = raw.send(Method::PUT, &url, Some(&body)).await.unwrap();
        assert_eq!(got.status, StatusCode::ACCEPTED);
    }
    let stack = clock.moving(PACE, raw.settled(&url)).await;
    assert_eq!(stack["stack_status"], "UPDATE_COMPLETE");
    let a = raw.get(&format!("{url}/resources/a")).await.json();
    assert_eq!(a["resource"]["attributes"]["value"], 5);

    let body = json!({"template": numbered(6)});
    raw.send(Method::PUT, &url, Some(&body)).await.unwrap();
    let got = raw
        .post(&format!("{url}/actions"), &json!({"cancel_update": null}))
        .await;
    assert_eq!(got.status, StatusCode::OK);
    assert_eq!(
        clock.moving(PACE, raw.settled(&url)).await["stack_status"],
        "ROLLBACK_COMPLETE"
    );
    let a = raw.get(&format!("{url}/resources/a")).await.json();
    assert_eq!(a["resource"]["attributes"]["value"], 5);

    raw.send(Method::PUT, &url, Some(&body)).await.unwrap();
    raw.send(Method::DELETE, &url, None).await.unwrap();
    assert_eq!(
        clock.moving(PACE, raw.settled(&url)).await["stack_status"],
        "DELETE_COMPLETE"
    );
    clock.pass(Duration::from_millis(60)).await;
    assert_eq!(
        clock.moving(PACE, raw.settled(&url)).await["stack_status"],
        "DELETE_COMPLETE"
    );
    let events = raw.events(&url).await;
    assert_eq!(
        events.last().map(String::as_str),
        Some("busy DELETE_COMPLETE")
    );
}

#[tokio::test]
async fn suspend_resume_and_check_tell_of_every_resource() {
    let sandbox = Sandbox::start().await.unwrap();
    let raw = Raw::logged_in(&sandbox).await;
    let template = hot(&json!({
        "a": {"type": "OS::Heat::TestResource"},
        "b": {"type": "OS::Heat::None", "depends_on": "a"},
    }));
    let url = raw.create(&sandbox, "web", &template).await;
    raw.settled(&url).await;
    let actions = format!("{url}/actions");
    for (action, reason, events) in [
        (
            "suspend",
            "Stack SUSPEND completed successfully",
            ["b SUSPEND_COMPLETE", "a SUSPEND_COMPLETE"],
        ),
        (
            "resume",
            "Stack RESUME completed successfully",
            ["a RESUME_COMPLETE", "b RESUME_COMPLETE"],
        ),
        (
            "check",
            "Stack CHECK completed successfully. 'CHECK' not fully supported (see resources)",
            ["a CHECK_COMPLETE", "b CHECK_COMPLETE"],
        ),
    ] {
        let got = raw.post(&actions, &json!({action: null})).await;
        assert_eq!(got.status, StatusCode::OK);
        assert_eq!(raw.settled(&url).await["stack_status_reason"], reason);
        let all = raw.events(&url).await;
        let done: Vec<_> = all
            .iter()
            .filter(|event| event.contains(events[0].split_once(' ').unwrap().1))
            .map(String::as_str)
            .take(2)
            .collect();
        assert_eq!(done, events);
    }
    for (body, message) in [
        (json!({}), "No action specified"),
        (json!({"foo": null}), "Invalid action foo specified"),
        (
            json!({"check": null, "resume": null}),
            "Multiple actions specified",
        ),
    ] {
        assert_eq!(raw.post(&actions, &body).await.fault().1, message);
    }
}

#[tokio::test]
async fn administrators_see_stacks_of_other_projects() {
    let sandbox = Sandbox::start().await.unwrap();
    let demo = Raw::logged_in(&sandbox).await;
    let admin = Raw::logged_in_as(&sandbox, "admin").await;
    let stack = demo.create(&sandbox, "web", &hot(&json!({}))).await;
    let id = stack.rsplit('/').next().unwrap();
    let root = format!("{}/v1", sandbox.orchestration_root_url());
    let project = |name: &str| sandbox.project_id(name).unwrap();
    let (own, other) = (project("admin"), project("demo"));

    let got = admin.get(&format!("{root}/{own}/stacks/{id}")).await;
    assert_eq!(
        (got.status, got.header("location")),
        (StatusCode::FOUND, &*stack)
    );
    let shown = admin.get(&stack).await.json();
    assert_eq!(shown["stack"]["links"][0]["href"], stack);
    // Names and new stacks are those of the token's project, whatever the URL says.
    let url = format!("{root}/{other}/stacks");
    assert_eq!(
        admin.get(&format!("{url}/web")).await.status,
        StatusCode::NOT_FOUND
    );
    // Lists are over all projects, even without `global_tenant`.
    let listed = admin.get(&url).await.json();
    assert_eq!(listed["stacks"][0]["id"], id);
    let body = json!({"stack_name": "mine", "template": hot(&json!({}))});
    let got = admin.post(&url, &body).await;
    assert!(
        got.header("location")
            .starts_with(&format!("{root}/{own}/stacks/mine/"))
    );

    let all = admin.get(&format!("{url}?global_tenant=True")).await.json();
    let projects: Vec<_> = all["stacks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| &s["project"])
        .collect();
    assert_eq!(projects, [&json!(own), &json!(other)]);
    let filtered = admin
        .get(&format!("{url}?global_tenant=1&tenant={other}"))
        .await;
    assert_eq!(filtered.status, StatusCode::BAD_REQUEST);
    let filtered = admin
        .get(&format!("{url}?global_tenant=true&tenant={other}"))
        .await
        .json();
    assert_eq!(filtered["stacks"][0]["id"], id);
    let got = demo.get(&format!("{url}?global_tenant=true")).await;
    let refused = (
        "Forbidden".to_owned(),
        "You are not authorized to use stacks:global_index.".to_owned(),
    );
    assert_eq!((got.status, got.fault()), (StatusCode::FORBIDDEN, refused));
    let alice = Raw::logged_in_as(&sandbox, "alice").await;
    assert_eq!(alice.get(&stack).await.status, StatusCode::FORBIDDEN);
}
