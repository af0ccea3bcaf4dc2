//! Software configs and deployments.

use futures::TryStreamExt as _;
use heatclient::heat::{
    Action, ConfigInput, ConfigOutput, ConfigRef, ConfigType, DeploymentUpdate, NewSoftwareConfig,
    NewSoftwareDeployment, SignalLogin, SignalTransport, SoftwareConfig, SoftwareDeployment,
    Status, TempUrl,
};
use heatclient_test_support::cloud::Cloud;
use serde_json::{Value, json};

use super::heat::text;

/// Passes the name of each case to a macro that defines a test for it.
#[macro_export]
macro_rules! software_cases {
    ($test:ident) => {
        $test! {
            configs_are_created_listed_and_deleted
            invalid_configs_are_refused
            deployments_are_created_updated_and_deleted
            a_deployed_config_is_derived
            each_signal_transport_is_told_to_the_agent
            outputs_are_never_cut_off
        }
    };
}

/// A server that no other case uses. Heat does not look for it.
fn server(cloud: &Cloud) -> String {
    cloud.name("server")
}

fn config(name: &str) -> NewSoftwareConfig {
    NewSoftwareConfig::new(name)
        .group("script")
        .config("#!/bin/sh\necho \"$who\"\n")
        .input(
            ConfigInput::new("who")
                .default_value("world")
                .description("Whom"),
        )
        .input(
            ConfigInput::new("n")
                .kind(ConfigType::Number)
                .default_value("5"),
        )
        .input(ConfigInput::new("list").kind(ConfigType::CommaDelimitedList))
        .output(ConfigOutput::new("greeting"))
        .output(ConfigOutput::new("bad").error_output(true))
        .options(json!({"dry": true}))
}

async fn delete_all(cloud: &Cloud, deployments: &[SoftwareDeployment], configs: &[SoftwareConfig]) {
    for deployment in deployments {
        let deleted = cloud.heat.software_deployments().delete(&deployment.id);
        deleted.await.unwrap();
        if let Some(id) = &deployment.config_id {
            // Several deployments may use one config.
            let _ = cloud.heat.software_configs().delete(id).await;
        }
    }
    for config in configs {
        let _ = cloud.heat.software_configs().delete(&config.id).await;
    }
}

pub(crate) async fn configs_are_created_listed_and_deleted(cloud: &Cloud) {
    let configs = cloud.heat.software_configs();
    let name = cloud.name("config");
    let made = configs.create(config(&name)).await.unwrap();
    assert_eq!(made.name.as_deref(), Some(&*name));
    assert_eq!(made.text(), Some("#!/bin/sh\necho \"$who\"\n"));
    assert_eq!(made.group.as_deref(), Some("script"));
    // Heat converts defaults and adds types.
    let raw = made.raw();
    assert_eq!(
        raw["inputs"],
        json!([
            {"name": "who", "description": "Whom", "type": "String", "default": "world"},
            {"name": "n", "type": "Number", "default": 5},
            {"name": "list", "type": "CommaDelimitedList"},
        ])
    );
    assert_eq!(
        raw["outputs"],
        json!([
            {"name": "greeting", "type": "String", "error_output": false},
            {"name": "bad", "type": "String", "error_output": true},
        ])
    );
    assert_eq!(raw["options"], json!({"dry": true}));
    assert_eq!(configs.get(&made.id).await.unwrap(), made);

    let second = NewSoftwareConfig::new(&name).config(json!({"a": [1, null]}));
    let second = configs.create(second).await.unwrap();
    assert_eq!(second.config, Some(json!({"a": [1, null]})));
    assert_eq!(second.group.as_deref(), Some("Heat::Ungrouped"));
    let third = configs.create(NewSoftwareConfig::new(&name)).await.unwrap();
    assert_eq!((&third.config, &third.options), (&None, &Some(json!({}))));

    let all = [&third, &second, &made];
    let ids: Vec<_> = all.iter().map(|config| config.id.clone()).collect();
    let own = |list: Vec<SoftwareConfig>| {
        let own = list
            .into_iter()
            .filter(|config| config.name.as_deref() == Some(&*name));
        own.map(|config| config.id).collect::<Vec<_>>()
    };
    let listed = configs.list().await.unwrap();
    let summary = listed.iter().find(|config| config.id == made.id).unwrap();
    assert_eq!((&summary.config, summary.inputs.len()), (&None, 0));
    assert_eq!(summary.creation_time, made.creation_time);
    assert_eq!(own(listed), ids);
    for size in [1, 2] {
        // Other tests may add and delete configs, but not between these.
        let page = configs.list().page_size(size).stream().try_collect();
        assert_eq!(own(page.await.unwrap()), ids, "pages of {size}");
    }
    let rest = configs.list().marker(&third.id).await.unwrap();
    assert_eq!(own(rest), ids[1..]);
    assert!(configs.list().limit(0).await.unwrap().is_empty());
    let refused = configs.list().global_tenant(true).await.unwrap_err();
    assert!(refused.is_forbidden(), "{refused}");
    assert_eq!(own(configs.list().global_tenant(false).await.unwrap()), ids);

    for id in &ids {
        configs.delete(id).await.unwrap();
        for error in [
            configs.get(id).await.unwrap_err(),
            configs.delete(id).await.unwrap_err(),
        ] {
            assert!(error.is_not_found(), "{error}");
            let text = text(&error);
            let expected = format!(
                "software config \"{id}\": 404 Not Found: Software config with id {id} not found"
            );
            assert!(text.ends_with(&expected), "{text}");
        }
    }
}

pub(crate) async fn invalid_configs_are_refused(cloud: &Cloud) {
    let configs = cloud.heat.software_configs();
    let name = cloud.name("invalid");
    let new = || NewSoftwareConfig::new(&name);
    let unknown = serde_json::from_value(json!({"name": "a", "odd": 1})).unwrap();
    let input = |kind, default: Value| ConfigInput::new("a").kind(kind).default_value(default);
    for config in [
        new().input(ConfigInput::new("a").kind(ConfigType::Other("Set".to_owned()))),
        new().output(ConfigOutput::new("a").kind(ConfigType::Other("Set".to_owned()))),
        new().input(unknown),
        new().input(input(ConfigType::Number, json!("x"))),
        new().input(input(ConfigType::Boolean, json!("yes"))),
        new().input(input(ConfigType::String, json!([1]))),
    ] {
        let error = configs.create(config).await.unwrap_err();
        assert_eq!(error.status().unwrap(), 400, "{error}");
        let expected = format!(
            "create software config \"{name}\": 400 Bad Request: The server could not comply with the request since \
             it is either malformed or otherwise incorrect."
        );
        assert_eq!(text(&error), expected);
    }
    let listed = configs.list().await.unwrap();
    assert!(
        listed
            .iter()
            .all(|config| config.name.as_deref() != Some(&*name))
    );
    // What Heat converts.
    for (kind, default, expected) in [
        (ConfigType::String, json!(5), json!("5")),
        (ConfigType::Number, json!(""), json!("")),
        (ConfigType::Number, json!("1.5"), json!(1.5)),
        (
            ConfigType::CommaDelimitedList,
            json!("a,b"),
            json!(["a", "b"]),
        ),
        (ConfigType::Json, json!("{}"), json!("{}")),
        (ConfigType::Json, json!([1]), json!("[1]")),
        (ConfigType::Json, json!({"a": 1}), json!({"a": 1})),
        (ConfigType::Boolean, json!("True"), json!(true)),
    ] {
        let config = new().input(input(kind, default));
        let config = configs.create(config).await.unwrap();
        assert_eq!(config.inputs[0].default, Some(expected));
        configs.delete(&config.id).await.unwrap();
    }
}

pub(crate) async fn deployments_are_created_updated_and_deleted(cloud: &Cloud) {
    let (configs, deployments) = (
        cloud.heat.software_configs(),
        cloud.heat.software_deployments(),
    );
    let (name, server) = (cloud.name("deployment"), server(cloud));
    let config = configs.create(config(&name)).await.unwrap();

    let error = deployments
        .create(NewSoftwareDeployment::new(&server, "nope"))
        .await
        .unwrap_err();
    // The error is not about what the path names.
    assert_eq!(
        (error.status().unwrap().as_u16(), error.is_not_found()),
        (404, false)
    );
    let expected =
        "create software deployment: 404 Not Found: Software config with id nope not found";
    assert_eq!(text(&error), expected);
    let error = deployments
        .create(NewSoftwareDeployment::new("", &config.id))
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "create software deployment: the server id is empty"
    );
    let long =
        NewSoftwareDeployment::new(&server, &config.id).stack_user_project_id("p".repeat(65));
    let error = deployments.create(long).await.unwrap_err();
    assert_eq!(
        text(&error),
        "create software deployment: 400 Bad Request: Data supplied was not valid: \"stack_user_project_id\" should \
         be no more than 64 characters"
    );

    let new = NewSoftwareDeployment::new(&server, &config.id)
        .action(Action::Create)
        .input("who", "me")
        .status_reason("Deploy data available");
    let made = deployments.create(new).await.unwrap();
    assert!(made.is_in_progress());
    assert_eq!(made.server_id, server);
    assert_eq!(made.action, Some(Action::Create));
    assert_eq!(made.status_reason, "Deploy data available");
    assert_eq!(made.input_values, Some(json!({"who": "me"})));
    assert_eq!((&made.output_values, &made.updated_time), (&None, &None));
    assert_eq!(deployments.get(&made.id).await.unwrap(), made);
    assert_eq!(
        deployments.list().server(&server).await.unwrap(),
        std::slice::from_ref(&made)
    );
    assert!(deployments.list().await.unwrap().contains(&made));
    let metadata = deployments.metadata(&server).await.unwrap();
    assert_eq!(metadata[0].raw(), config.raw());
    assert!(deployments.metadata("nope").await.unwrap().is_empty());
    assert!(deployments.list().server("nope").await.unwrap().is_empty());

    let error = configs.delete(&config.id).await.unwrap_err();
    assert_eq!(error.status().unwrap(), 500);
    let expected = format!(
        "delete software config {0:?}: 500 Internal Server Error: Software config with id {0} can not be deleted as it is \
         referenced.",
        config.id
    );
    assert_eq!(text(&error), expected);

    // What is not named stays, and outputs are replaced as a whole.
    let update = DeploymentUpdate::new().output("greeting", json!({"a": [1]}));
    let updated = deployments.update(&made.id, update).await.unwrap();
    assert!(updated.is_in_progress() && updated.updated_time.is_some());
    assert_eq!(updated.output_values, Some(json!({"greeting": {"a": [1]}})));
    let update = DeploymentUpdate::failed("exit 3")
        .stdout("o")
        .stderr("e")
        .status_code(3);
    deployments.update(&made.id, update).await.unwrap();
    let failed = deployments.get(&made.id).await.unwrap();
    assert!(failed.is_failed());
    assert_eq!(failed.status_reason, "exit 3");
    assert_eq!((failed.stdout(), failed.stderr()), (Some("o"), Some("e")));
    assert_eq!(
        (failed.status_code(), failed.output("greeting")),
        (Some(3), None)
    );
    let update = DeploymentUpdate::new().input("who", "you").action("DELETE");
    let updated = deployments.update(&made.id, update).await.unwrap();
    assert_eq!(updated.input_values, Some(json!({"who": "you"})));
    assert_eq!(
        (&updated.action, updated.stdout()),
        (&Some(Action::Delete), Some("o"))
    );
    let nothing = deployments
        .update(&made.id, DeploymentUpdate::new())
        .await
        .unwrap();
    assert_eq!(nothing.output_values, updated.output_values);
    for error in [
        deployments
            .update(&made.id, DeploymentUpdate::new().config("nope"))
            .await
            .unwrap_err(),
        deployments
            .update("nope", DeploymentUpdate::complete())
            .await
            .unwrap_err(),
        deployments.get("nope").await.unwrap_err(),
        deployments.delete("nope").await.unwrap_err(),
    ] {
        assert_eq!(error.status().unwrap(), 404);
        assert!(text(&error).ends_with("with id nope not found"), "{error}");
    }

    // Another config: the metadata changes, and the first can be deleted.
    let other = configs
        .create(NewSoftwareConfig::new(format!("{name}-2")))
        .await
        .unwrap();
    let update = DeploymentUpdate::new()
        .config(&other.id)
        .status(Status::InProgress);
    let updated = deployments.update(&made.id, update).await.unwrap();
    // The answer still has the previous one.
    assert_eq!(updated.config_id, made.config_id);
    let updated = deployments.get(&made.id).await.unwrap();
    assert_eq!(updated.config_id.as_deref(), Some(&*other.id));
    assert_eq!(deployments.metadata(&server).await.unwrap()[0].id, other.id);
    configs.delete(&config.id).await.unwrap();
    deployments.delete(&made.id).await.unwrap();
    let error = deployments.get(&made.id).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    assert!(deployments.metadata(&server).await.unwrap().is_empty());
    configs.delete(&other.id).await.unwrap();
}

pub(crate) async fn a_deployed_config_is_derived(cloud: &Cloud) {
    let (configs, deployments) = (
        cloud.heat.software_configs(),
        cloud.heat.software_deployments(),
    );
    let (name, server) = (cloud.name("derived"), server(cloud));
    let source = configs.create(config(&name)).await.unwrap();
    let deployment = deployments
        .deploy(&server, &source)
        .name(format!("{name}-b"))
        .input("who", "me")
        .inputs([("zone", json!(["z"]))])
        .action(Action::Resume)
        .signal_transport(SignalTransport::NoSignal)
        .await
        .unwrap();
    assert!(deployment.is_in_progress());
    assert_eq!(deployment.action, Some(Action::Resume));
    // By id, and without a config.
    let by_id = deployments
        .deploy(&server, &source.id)
        .signal_transport(SignalTransport::NoSignal);
    let by_id = by_id.status(Status::Complete).await.unwrap();
    assert!(by_id.is_complete());
    let empty = deployments
        .deploy(&server, ConfigRef::empty())
        .name(format!("{name}-c"));
    let empty = empty
        .signal_transport(SignalTransport::NoSignal)
        .await
        .unwrap();

    // Sorted by name.
    let metadata = deployments.metadata(&server).await.unwrap();
    let names: Vec<_> = metadata
        .iter()
        .map(|one| one.name.clone().unwrap())
        .collect();
    assert_eq!(
        names,
        [name.clone(), format!("{name}-b"), format!("{name}-c")]
    );
    let ids: Vec<_> = metadata.iter().map(|one| Some(one.id.clone())).collect();
    let of = [&by_id, &deployment, &empty].map(|one| one.config_id.clone());
    assert_eq!(ids, of);
    let derived = &metadata[1];
    assert_ne!(derived.id, source.id);
    assert_eq!(
        (derived.text(), &derived.group),
        (source.text(), &source.group)
    );
    assert_eq!(
        (&derived.outputs, &derived.options),
        (&source.outputs, &source.options)
    );
    let values: Vec<_> = derived
        .inputs
        .iter()
        .map(|one| (&*one.name, one.raw()["value"].clone()))
        .collect();
    let expected = [
        ("who", json!("me")),
        ("n", json!(5)),
        ("list", json!(null)),
        ("zone", json!(["z"])),
        ("deploy_server_id", json!(server)),
        ("deploy_action", json!("RESUME")),
        ("deploy_signal_transport", json!("NO_SIGNAL")),
    ];
    assert_eq!(values, expected);
    assert_eq!(metadata[0].input("who"), Some(&json!("world")));
    let [empty_group, empty_text] = [&metadata[2].group, &metadata[2].text().map(str::to_owned)];
    assert_eq!(empty_group.as_deref(), Some("Heat::Ungrouped"));
    assert_eq!(empty_text.as_deref(), Some(""));

    let error = deployments.deploy(&server, "nope").await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    let expected =
        "show software config \"nope\": 404 Not Found: Software config with id nope not found";
    assert_eq!(text(&error), expected);
    delete_all(cloud, &[deployment, by_id, empty], &[source]).await;
}

/// python-heatclient offers `ZAQAR_SIGNAL` in its help and refuses it, as it does with `HEAT_SIGNAL`
/// and `CFN_SIGNAL`.
pub(crate) async fn each_signal_transport_is_told_to_the_agent(cloud: &Cloud) {
    let deployments = cloud.heat.software_deployments();
    let (name, server) = (cloud.name("transport"), server(cloud));
    let login = || SignalLogin::new("http://keystone/v3", "u1", "swordfish", "p1").region("r1");
    let url = "http://swift/v1/AUTH_p/c/o?temp_url_sig=1&temp_url_expires=2";
    let transports = [
        (SignalTransport::NoSignal, vec![]),
        (
            SignalTransport::Cfn {
                url: "http://cfn/signal?Signature=1".into(),
            },
            vec![
                ("deploy_signal_id", "http://cfn/signal?Signature=1"),
                ("deploy_signal_verb", "POST"),
            ],
        ),
        (
            SignalTransport::Heat {
                login: login(),
                stack: "web/1".to_owned(),
                resource: "d".to_owned(),
            },
            vec![
                ("deploy_stack_id", "web/1"),
                ("deploy_resource_name", "d"),
                ("deploy_auth_url", "http://keystone/v3"),
                ("deploy_user_id", "u1"),
                ("deploy_password", "swordfish"),
                ("deploy_project_id", "p1"),
                ("deploy_region_name", "r1"),
            ],
        ),
    ];
    let mut made = Vec::new();
    for (transport, expected) in transports {
        let kind = transport.as_str();
        let deploy = deployments.deploy(&server, ConfigRef::empty());
        let deployment = deploy
            .name(format!("{name}-{kind}"))
            .signal_transport(transport);
        made.push(deployment.await.unwrap());
        let metadata = deployments.metadata(&server).await.unwrap();
        let own = metadata
            .iter()
            .find(|one| one.name.as_ref().unwrap().ends_with(kind))
            .unwrap();
        assert_eq!(own.input("deploy_signal_transport"), Some(&json!(kind)));
        for (input, value) in &expected {
            assert_eq!(own.input(input), Some(&json!(value)), "{kind} {input}");
        }
        assert_eq!(own.inputs.len(), expected.len() + 3, "{kind}");
    }
    // Heat fetches the results of these, which needs Swift or Zaqar: they are not shown here while they
    // are in progress.
    let queue = "q1".to_owned();
    let zaqar = SignalTransport::Zaqar {
        login: login(),
        queue,
    };
    for (transport, input, value) in [
        (zaqar, "deploy_queue_id", "q1"),
        (TempUrl::given(url).into(), "deploy_signal_id", url),
    ] {
        let kind = transport.as_str();
        let deploy = deployments.deploy(&server, ConfigRef::empty());
        let deploy = deploy
            .name(format!("{name}-{kind}"))
            .status(Status::Complete);
        made.push(deploy.signal_transport(transport).await.unwrap());
        let metadata = deployments.metadata(&server).await.unwrap();
        let own = metadata
            .iter()
            .find(|one| one.name.as_ref().unwrap().ends_with(kind))
            .unwrap();
        assert_eq!(own.input(input), Some(&json!(value)), "{kind}");
    }
    delete_all(cloud, &made, &[]).await;
}

/// python-heatclient shows the last ten lines, even with `--long`.
pub(crate) async fn outputs_are_never_cut_off(cloud: &Cloud) {
    let deployments = cloud.heat.software_deployments();
    let deploy = deployments
        .deploy(server(cloud), ConfigRef::empty())
        .name(cloud.name("outputs"));
    let made = deploy
        .signal_transport(SignalTransport::NoSignal)
        .await
        .unwrap();
    let lines: String = (0..5000)
        .map(|n| format!("line {n} \u{e9}\u{1f600}\n"))
        .collect();
    let update = DeploymentUpdate::complete()
        .stdout(&lines)
        .stderr("")
        .status_code(0);
    deployments
        .update(&made.id, update.output("copy", &lines))
        .await
        .unwrap();
    let shown = deployments.get(&made.id).await.unwrap();
    assert_eq!((shown.stdout(), shown.stderr()), (Some(&*lines), Some("")));
    assert_eq!(shown.output("copy").unwrap().as_str(), Some(&*lines));
    assert_eq!(shown.status_code(), Some(0));
    assert_eq!(shown.status_reason, "Outputs received");
    let listed = deployments.list().server(&shown.server_id).await.unwrap();
    assert_eq!(listed, [shown]);
    delete_all(cloud, &listed, &[]).await;
}
