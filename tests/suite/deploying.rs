//! Software configs and deployments as resources of stacks.

use std::time::Duration;

use heatclient::auth::identity::{Password, UserRef};
use heatclient::auth::{NoAuth, ProjectRef, Scope};
use heatclient::heat::{
    Action, CreatedStack, DeploymentMetadata, DeploymentUpdate, NewStack, SignalUrl,
    SoftwareDeployment, StackRef,
};
use heatclient::{Client, ErrorKind, Session};
use heatclient_test_support::cloud::Cloud;
use serde_json::{Value, json};

use super::heat::{MINUTE, delete};

/// Passes the name of each case to a macro that defines a test for it.
#[macro_export]
macro_rules! deploying_cases {
    ($test:ident) => {
        $test! {
            a_deployment_waits_for_its_signal
            an_agent_reports_to_a_signed_url
            a_failed_deployment_fails_its_stack
            an_update_reports_for_a_resource
            a_deployment_takes_part_in_chosen_actions
            structured_configs_take_their_inputs
            invalid_deployments_are_refused
        }
    };
}

fn template(kind: &str, config: Value, deployment: Value) -> Value {
    let mut properties = json!({
        "config": {"get_resource": "config"},
        "input_values": {"who": "me", "x": 1},
    });
    for (key, value) in deployment.as_object().unwrap() {
        properties[key] = value.clone();
    }
    json!({
        "heat_template_version": "2021-04-16",
        "resources": {
            "config": {
                "type": format!("OS::Heat::{kind}Config"),
                "properties": {
                    "group": "script",
                    "config": config,
                    "inputs": [
                        {"name": "who", "default": "world"},
                        {"name": "n", "type": "Number", "default": "5"},
                        {"name": "text", "description": "d"},
                        {"name": "map", "type": "Json"},
                    ],
                    "outputs": [{"name": "greeting"}, {"name": "bad", "error_output": true}],
                },
            },
            "deployment": {"type": format!("OS::Heat::{kind}Deployment"), "properties": properties},
        },
        "outputs": {
            "stdout": {"value": {"get_attr": ["deployment", "deploy_stdout"]}},
            "code": {"value": {"get_attr": ["deployment", "deploy_status_code"]}},
            "greeting": {"value": {"get_attr": ["deployment", "greeting"]}},
            "id": {"value": {"get_resource": "deployment"}},
            "script": {"value": {"get_attr": ["config", "config"]}},
        },
    })
}

/// Creates a stack whose deployment waits for results.
async fn start(cloud: &Cloud, name: &str) -> (CreatedStack, SoftwareDeployment) {
    let server = format!("server-of-{name}");
    let deployment = json!({"server": server, "signal_transport": "HEAT_SIGNAL"});
    let template = template("Software", json!("#!/bin/sh"), deployment);
    let created = cloud
        .heat
        .stacks()
        .create(NewStack::new(name, template))
        .await
        .unwrap();
    (created, deployment_of(cloud, &server).await)
}

/// The deployment to a server, as soon as there is one.
async fn deployment_of(cloud: &Cloud, server: &str) -> SoftwareDeployment {
    let found = async {
        loop {
            let mut list = cloud
                .heat
                .software_deployments()
                .list()
                .server(server)
                .await
                .unwrap();
            if let Some(deployment) = list.pop() {
                return deployment;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(3 * MINUTE, found)
        .await
        .expect("Heat creates the deployment")
}

/// Signals the resource as the user of the cloud.
async fn signal(
    cloud: &Cloud,
    stack: &CreatedStack,
    resource: &str,
    data: &Value,
) -> Result<(), heatclient::Error> {
    let signal = cloud.heat.resources().signal(stack, resource);
    signal.data(data).await
}

/// Reports results as the agent in a server does, with what the inputs of the config tell it.
async fn report(metadata: &DeploymentMetadata, results: &DeploymentUpdate) {
    let input = |name: &str| metadata.input(name).unwrap().as_str().unwrap();
    let results = results.output_values();
    if metadata.input("deploy_signal_id").is_some() {
        assert_eq!(input("deploy_signal_verb"), "POST");
        let url = SignalUrl::parse(input("deploy_signal_id")).unwrap();
        let session = Session::new(NoAuth::new());
        url.send(&session, results).await.unwrap();
        return;
    }
    let user = UserRef::id(input("deploy_user_id"));
    let auth = Password::new(input("deploy_auth_url"), user, input("deploy_password")).unwrap();
    let project = ProjectRef::Id(input("deploy_project_id").to_owned());
    let heat = Client::new(Session::new(auth.scope(Scope::Project(project))));
    let signal = heat
        .resources()
        .signal(input("deploy_stack_id"), input("deploy_resource_name"));
    signal.data(results).await.unwrap();
}

pub(crate) async fn a_deployment_waits_for_its_signal(cloud: &Cloud) {
    let (stacks, deployments) = (cloud.heat.stacks(), cloud.heat.software_deployments());
    let name = cloud.name("signal");
    let (created, deployment) = start(cloud, &name).await;
    assert!(deployment.is_in_progress());
    assert_eq!(deployment.action, Some(Action::Create));
    assert_eq!(deployment.status_reason, "Deploy data available");
    assert_eq!(deployment.input_values, Some(json!({"who": "me", "x": 1})));

    let metadata = deployments
        .metadata(&deployment.server_id)
        .await
        .unwrap()
        .remove(0);
    assert_eq!(Some(&metadata.id), deployment.config_id.as_ref());
    assert_eq!(metadata.text(), Some("#!/bin/sh"));
    let inputs: Vec<_> = metadata.inputs.iter().map(|input| input.raw()).collect();
    assert_eq!(
        json!(inputs[..5]),
        json!([
            {"name": "who", "description": "", "type": "String", "default": "world", "value": "me"},
            {"name": "n", "description": "", "type": "Number", "default": 5, "value": 5},
            {"name": "text", "description": "d", "type": "String", "default": "", "value": ""},
            {"name": "map", "description": "", "type": "Json", "default": {}, "value": {}},
            {"name": "x", "type": "String", "value": 1},
        ])
    );
    let names: Vec<_> = metadata.inputs[5..]
        .iter()
        .map(|input| &*input.name)
        .collect();
    assert_eq!(
        names,
        [
            "deploy_server_id",
            "deploy_action",
            "deploy_stack_id",
            "deploy_resource_name",
            "deploy_signal_transport",
            "deploy_auth_url",
            "deploy_username",
            "deploy_user_id",
            "deploy_password",
            "deploy_project_id",
            "deploy_region_name",
        ]
    );
    let input = |name: &str| metadata.input(name).unwrap().as_str().unwrap();
    assert_eq!(input("deploy_stack_id"), format!("{name}/{}", created.id));
    assert_eq!(input("deploy_resource_name"), "deployment");
    assert_eq!(input("deploy_signal_transport"), "HEAT_SIGNAL");
    assert_eq!(
        input("deploy_auth_url").trim_end_matches('/'),
        cloud.facts.auth_url
    );

    let status = stacks.get(&created).await.unwrap().status;
    assert_eq!(status.to_string(), "CREATE_IN_PROGRESS");
    let results = DeploymentUpdate::new()
        .stdout("Hello\n")
        .status_code(0)
        .output("greeting", "Hello");
    let results = results.output("unknown", 1);
    report(&metadata, &results).await;
    let stack = stacks
        .wait(&created, Action::Create)
        .timeout(3 * MINUTE)
        .await
        .unwrap();
    for (output, value) in [
        ("stdout", json!("Hello\n")),
        ("code", json!(0)),
        ("greeting", json!("Hello")),
        ("id", json!(deployment.id)),
        ("script", json!("#!/bin/sh")),
    ] {
        assert_eq!(stack.output(output).unwrap().value, Some(value), "{output}");
    }
    let done = deployments.get(&deployment.id).await.unwrap();
    assert!(done.is_complete() && done.updated_time.is_some());
    assert_eq!(done.status_reason, "Outputs received");
    let outputs = json!({
        "greeting": "Hello", "deploy_stdout": "Hello\n", "deploy_stderr": null, "deploy_status_code": 0,
    });
    assert_eq!(done.output_values, Some(outputs));
    let resource = cloud
        .heat
        .resources()
        .get(&stack, "deployment")
        .await
        .unwrap();
    assert_eq!(resource.physical_resource_id.as_ref(), Some(&done.id));
    assert_eq!(resource.attributes, Some(json!(done.raw())));
    let events = cloud
        .heat
        .events()
        .list(&stack)
        .resource("deployment")
        .await
        .unwrap();
    let events: Vec<_> = events
        .iter()
        .map(|event| (event.status.to_string(), &*event.status_reason))
        .collect();
    let succeeded = format!("Signal: deployment {} succeeded", done.id);
    let expected = [
        ("CREATE_IN_PROGRESS".to_owned(), "state changed"),
        ("SIGNAL_IN_PROGRESS".to_owned(), &*succeeded),
        ("CREATE_COMPLETE".to_owned(), "state changed"),
    ];
    assert_eq!(events, expected);

    let error = signal(cloud, &created, "config", &json!({}))
        .await
        .unwrap_err();
    assert_eq!(error.status().unwrap(), 400, "{error}");
    assert!(
        error
            .to_string()
            .contains("signal is not supported for resource."),
        "{error}"
    );
    let error = signal(cloud, &created, "nope", &json!({}))
        .await
        .unwrap_err();
    assert_eq!(error.status().unwrap(), 404, "{error}");

    let config = cloud.heat.resources().get(&stack, "config").await.unwrap();
    let config = config.physical_resource_id.unwrap();
    assert_eq!(
        cloud
            .heat
            .software_configs()
            .get(&config)
            .await
            .unwrap()
            .text(),
        Some("#!/bin/sh")
    );
    delete(cloud, &stack).await;
    assert!(
        deployments
            .list()
            .server(&done.server_id)
            .await
            .unwrap()
            .is_empty()
    );
    for id in [config, done.config_id.unwrap()] {
        let error = cloud.heat.software_configs().get(id).await.unwrap_err();
        assert!(error.is_not_found(), "{error}");
    }
}

/// `CFN_SIGNAL`, the default of a deployment in a stack.
pub(crate) async fn an_agent_reports_to_a_signed_url(cloud: &Cloud) {
    let (stacks, name) = (cloud.heat.stacks(), cloud.name("signed"));
    let server = format!("server-of-{name}");
    let template = template("Software", json!("#!/bin/sh"), json!({"server": server}));
    let created = stacks.create(NewStack::new(&name, template)).await.unwrap();
    let deployment = deployment_of(cloud, &server).await;
    let deployments = cloud.heat.software_deployments();
    let metadata = deployments.metadata(&server).await.unwrap().remove(0);
    let transport = metadata.input("deploy_signal_transport");
    assert_eq!(transport, Some(&json!("CFN_SIGNAL")));
    let results = DeploymentUpdate::new().stdout("signed").status_code(0);
    report(&metadata, &results).await;
    let wait = stacks.wait(&created, Action::Create).timeout(3 * MINUTE);
    let stack = wait.await.unwrap();
    let done = deployments.get(&deployment.id).await.unwrap();
    assert_eq!(
        (done.stdout(), done.status_code()),
        (Some("signed"), Some(0))
    );
    delete(cloud, &stack).await;
}

pub(crate) async fn a_failed_deployment_fails_its_stack(cloud: &Cloud) {
    let name = cloud.name("failed");
    let (created, deployment) = start(cloud, &name).await;
    let results =
        json!({"deploy_status_code": 3, "deploy_stderr": "no such user", "bad": "really"});
    signal(cloud, &created, "deployment", &results)
        .await
        .unwrap();
    let wait = cloud
        .heat
        .stacks()
        .wait(&created, Action::Create)
        .timeout(3 * MINUTE);
    let error = wait.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StackFailed);
    let reason =
        "deploy_status_code : Deployment exited with non-zero status code: 3, bad : really";
    let expected = format!(
        "stack \"{name}\": CREATE_FAILED: resource deployment (OS::Heat::SoftwareDeployment): Error: \
         resources.deployment: Deployment to server failed: {reason}"
    );
    assert_eq!(error.to_string(), expected);
    let failed = cloud
        .heat
        .software_deployments()
        .get(&deployment.id)
        .await
        .unwrap();
    assert!(failed.is_failed());
    assert_eq!(failed.status_reason, reason);
    assert_eq!(
        (failed.stderr(), failed.status_code()),
        (Some("no such user"), Some(3))
    );
    delete(cloud, StackRef::from(&created)).await;
}

pub(crate) async fn an_update_reports_for_a_resource(cloud: &Cloud) {
    let (created, deployment) = start(cloud, &cloud.name("report")).await;
    let results = DeploymentUpdate::complete().stdout("done").status_code(0);
    let deployments = cloud.heat.software_deployments();
    deployments.update(&deployment.id, results).await.unwrap();
    let wait = cloud
        .heat
        .stacks()
        .wait(&created, Action::Create)
        .timeout(3 * MINUTE);
    let stack = wait.await.unwrap();
    assert_eq!(stack.output("stdout").unwrap().value, Some(json!("done")));
    assert_eq!(stack.output("greeting").unwrap().value, Some(Value::Null));
    delete(cloud, &stack).await;

    // A create that is stopped ends the deployment.
    let (created, deployment) = start(cloud, &cloud.name("stopped")).await;
    delete(cloud, StackRef::from(&created)).await;
    let error = deployments.get(&deployment.id).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
}

pub(crate) async fn a_deployment_takes_part_in_chosen_actions(cloud: &Cloud) {
    let (stacks, deployments) = (cloud.heat.stacks(), cloud.heat.software_deployments());
    let name = cloud.name("suspended");
    let server = format!("server-of-{name}");
    let deployment =
        json!({"server": server, "signal_transport": "HEAT_SIGNAL", "actions": ["SUSPEND"]});
    let template = template("Software", json!("#!/bin/sh"), deployment);
    let created = stacks.create(NewStack::new(&name, template)).await.unwrap();
    stacks
        .wait(&created, Action::Create)
        .timeout(3 * MINUTE)
        .await
        .unwrap();
    assert!(deployments.list().server(&server).await.unwrap().is_empty());
    stacks.suspend(&created).await.unwrap();
    let deployment = deployment_of(cloud, &server).await;
    assert!(deployment.is_in_progress());
    assert_eq!(deployment.action, Some(Action::Suspend));
    let results = json!({"deploy_stdout": "bye"});
    signal(cloud, &created, "deployment", &results)
        .await
        .unwrap();
    let wait = stacks.wait(&created, Action::Suspend).timeout(3 * MINUTE);
    let stack = wait.await.unwrap();
    let done = deployments.get(&deployment.id).await.unwrap();
    assert_eq!((done.is_complete(), done.stdout()), (true, Some("bye")));
    // The results of a deployment that is complete are not changed.
    let results = json!({"deploy_stdout": "again"});
    signal(cloud, &created, "deployment", &results)
        .await
        .unwrap();
    assert_eq!(deployments.get(&deployment.id).await.unwrap(), done);
    delete(cloud, &stack).await;
}

pub(crate) async fn structured_configs_take_their_inputs(cloud: &Cloud) {
    let (stacks, name) = (cloud.heat.stacks(), cloud.name("structured"));
    let server = format!("server-of-{name}");
    let config = json!({"a": {"get_input": "who"}, "b": [{"get_input": "n"}, {"get_input": "nope"}], "c": {"x": 1, "y": 2}});
    let deployment = json!({"server": server, "signal_transport": "NO_SIGNAL", "name": "first"});
    let template = template("Structured", config.clone(), deployment);
    let created = stacks.create(NewStack::new(&name, template)).await.unwrap();
    let stack = stacks
        .wait(&created, Action::Create)
        .timeout(3 * MINUTE)
        .await
        .unwrap();
    assert_eq!(stack.output("script").unwrap().value, Some(config));
    assert_eq!(stack.output("stdout").unwrap().value, Some(Value::Null));
    let deployment = deployment_of(cloud, &server).await;
    assert!(deployment.is_complete());
    assert_eq!(deployment.status_reason, "Not waiting for outputs signal");
    let metadata = cloud
        .heat
        .software_deployments()
        .metadata(&server)
        .await
        .unwrap();
    assert_eq!(metadata[0].name.as_deref(), Some("first"));
    let derived = json!({"a": "me", "b": [5, null], "c": {"x": 1, "y": 2}});
    assert_eq!(metadata[0].config, Some(derived));
    assert_eq!(metadata[0].inputs.len(), 10);
    delete(cloud, &stack).await;
}

pub(crate) async fn invalid_deployments_are_refused(cloud: &Cloud) {
    let name = cloud.name("refused");
    let deployment = |properties: Value| template("Software", json!("#!/bin/sh"), properties);
    let with = |key: &str, value: Value| {
        let mut properties = json!({"server": "s", "signal_transport": "NO_SIGNAL"});
        properties[key] = value;
        deployment(properties)
    };
    let mut inputs = with("name", json!("a"));
    inputs["resources"]["config"]["properties"]["inputs"][1]["type"] = json!("Set");
    let mut outputs = with("name", json!("a"));
    outputs["resources"]["config"]["properties"]["outputs"][0]["error_output"] = json!("x");
    for (template, message) in [
        (
            with("odd", json!(1)),
            "resources.deployment.properties: : Unknown Property odd",
        ),
        (
            deployment(json!({"signal_transport": "NO_SIGNAL"})),
            "resources.deployment.properties: : Property server not assigned",
        ),
        (
            with("signal_transport", json!("MAIL_SIGNAL")),
            "resources.deployment.properties.signal_transport: : \"MAIL_SIGNAL\" is not an allowed value \
             [\"CFN_SIGNAL\", \"TEMP_URL_SIGNAL\", \"HEAT_SIGNAL\", \"NO_SIGNAL\", \"ZAQAR_SIGNAL\"]",
        ),
        (
            with("actions", json!(["CHECK"])),
            "resources.deployment.properties.actions: : [\"CHECK\"] is not an allowed value \
             [\"CREATE\", \"UPDATE\", \"DELETE\", \"SUSPEND\", \"RESUME\"]",
        ),
        (
            with("input_values", json!("x")),
            "resources.deployment.properties.input_values: : \"x\" is not a map",
        ),
        (
            inputs,
            "resources.config.properties.inputs[1].type: : \"Set\" is not an allowed value \
             [\"String\", \"Number\", \"CommaDelimitedList\", \"Json\", \"Boolean\"]",
        ),
        (
            outputs,
            "resources.config.properties.outputs[0].error_output: : \"x\" is not a valid boolean",
        ),
    ] {
        let error = cloud
            .heat
            .stacks()
            .create(NewStack::new(&name, template))
            .await
            .unwrap_err();
        let expected = format!("Property error: : {message}");
        assert_eq!(error.fault().unwrap().message, expected);
        assert_eq!(error.status().unwrap(), 400);
    }
}
