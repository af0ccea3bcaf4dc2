//! Validation of templates, and adoption of stacks.

use std::time::Duration;

use heatclient::ErrorKind;
use heatclient::heat::{Action, Adoption, Validation};
use heatclient_test_support::cloud::Cloud;
use serde_json::{Value, json};

use super::heat::{MINUTE, delete, text};

/// Passes the name of each case to a macro that defines a test for it.
#[macro_export]
macro_rules! document_cases {
    ($test:ident) => {
        $test! {
            templates_are_validated
            a_stack_is_adopted
            what_cannot_be_adopted_is_told
        }
    };
}

pub(crate) async fn templates_are_validated(cloud: &Cloud) {
    let templates = cloud.heat.templates();
    let template = json!({
        "heat_template_version": "2021-04-16",
        "description": "a suite's template",
        "parameters": {
            "size": {"type": "number", "label": "how many", "constraints": [{"range": {"min": 1}}]},
            "text": {"type": "string", "default": "one", "hidden": true, "tags": ["a"]},
            "zone": {"type": "comma_delimited_list", "description": "where"},
        },
        "parameter_groups": [{"label": "all", "parameters": ["size", "text"]}],
        "resources": {"none": {"type": "OS::Heat::None"}},
    });
    let validation = Validation::new(template.clone())
        .environment(json!({"parameters": {"size": 2}, "parameter_defaults": {"text": "two"}}))
        .parameter("zone", ["x"])
        .show_nested(true)
        .ignore_errors(["99001"]);
    let valid = templates.validate(validation).await.unwrap();
    assert_eq!(
        Value::Object(valid.raw().clone()),
        json!({
            "Description": "a suite's template",
            "Parameters": {
                "size": {
                    "Type": "Number", "Description": "", "NoEcho": "false", "Label": "how many",
                    "Value": 2, "MinValue": 1,
                },
                "text": {
                    "Type": "String", "Description": "", "NoEcho": "true", "Label": "text",
                    "Default": "two", "Tags": ["a"],
                },
                "zone": {
                    "Type": "CommaDelimitedList", "Description": "where", "NoEcho": "false", "Label": "zone",
                    "Value": ["x"],
                },
            },
            "ParameterGroups": [{"label": "all", "parameters": ["size", "text"]}],
            "Environment": {
                "parameters": {"size": 2, "zone": ["x"]}, "parameter_defaults": {"text": "two"},
                "resource_registry": {"resources": {}}, "event_sinks": [],
            },
        })
    );
    assert_eq!(valid.description, "a suite's template");
    assert_eq!(
        (valid.parameters.len(), valid.parameter_groups.len()),
        (3, 1)
    );
    assert_eq!(valid.environment["parameters"]["size"], 2);
    assert!(valid.nested_parameters.is_empty());

    let with = |key: &str, value: Value| {
        let mut template = template.clone();
        template[key] = value;
        Validation::new(template)
    };
    let same = || Validation::new(template.clone());
    for (validation, message) in [
        (
            same().parameter("none", 1),
            "400 Bad Request: The Parameter (none) was not defined in template.",
        ),
        (
            same().environment(json!({"parameter": {}})),
            "400 Bad Request: Environment not in valid format: environment has wrong section \"parameter\"",
        ),
        (
            with("resource", json!({})),
            "400 Bad Request: The template section is invalid: resource",
        ),
        (
            with(
                "resources",
                json!({"a": {"type": "OS::Heat::Value", "properties": {"value": 1, "size": 1}}}),
            ),
            "400 Bad Request: Property error: resources.a.properties: Unknown Property size",
        ),
        (
            with(
                "parameter_groups",
                json!([{"label": "all", "parameters": ["size", "none"]}]),
            ),
            "400 Bad Request: Parameter Groups error: parameter_groups.all: \
             The grouped parameter none does not reference a valid parameter.",
        ),
    ] {
        let error = templates.validate(validation).await.unwrap_err();
        assert_eq!(text(&error), format!("validate template: {message}"));
    }
    let unknown = same().ignore_errors(["99001", "7"]);
    let error = templates.validate(unknown).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    let error = error.to_string();
    assert!(
        error.contains("invalid error codes to ignore \"99001,7\": Heat answered \""),
        "{error}"
    );
}

/// Data to adopt: a generated text, and a value.
fn remains() -> Value {
    json!({
        "template": {
            "heat_template_version": "2021-04-16",
            "parameters": {"text": {"type": "string"}, "other": {"type": "string", "default": "two"}},
            "resources": {
                "key": {"type": "OS::Heat::RandomString"},
                "none": {"type": "OS::Heat::None", "depends_on": "key"},
            },
            "outputs": {
                "key": {"value": {"get_attr": ["key", "value"]}},
                "text": {"value": {"get_param": "text"}},
            },
        },
        "environment": {"parameters": {"text": "left"}, "resource_registry": {"resources": {}}},
        "files": {"file:///kept": "kept"},
        "resources": {
            "key": {"resource_id": "old-key", "resource_data": {"value": "s3cret"}},
            "none": {"resource_id": "old-none"},
        },
    })
}

pub(crate) async fn a_stack_is_adopted(cloud: &Cloud) {
    let (stacks, name) = (cloud.heat.stacks(), cloud.name("adopt"));
    let adoption = Adoption::new(&name, remains())
        .parameter("other", "given")
        .timeout(Duration::from_secs(301))
        .tags(["suite"]);
    let created = stacks.adopt(adoption.clone()).await.unwrap();
    assert_eq!(created.name, name);
    let wait = stacks.wait(&created, Action::Adopt).timeout(3 * MINUTE);
    let stack = wait.await.unwrap();
    assert_eq!(
        (
            stack.status.to_string(),
            stack.timeout_mins,
            stack.disable_rollback
        ),
        ("ADOPT_COMPLETE".to_owned(), Some(6), true)
    );
    assert_eq!(
        (&stack.parameters["text"], &stack.parameters["other"]),
        (&json!("left"), &json!("given"))
    );
    assert_eq!(stack.output("key").unwrap().value, Some(json!("s3cret")));
    assert_eq!(stack.tags, ["suite"]);
    assert_eq!(stacks.files(&stack).await.unwrap()["file:///kept"], "kept");
    let mut resources = cloud.heat.resources().list(&stack).await.unwrap();
    resources.sort_by(|a, b| a.name.cmp(&b.name));
    let ids: Vec<_> = resources
        .iter()
        .map(|r| r.physical_resource_id.as_deref())
        .collect();
    assert_eq!(ids, [Some("old-key"), Some("old-none")]);

    let taken = stacks.adopt(adoption).await.unwrap_err();
    assert_eq!(
        text(&taken),
        format!("adopt stack \"{name}\": 409 Conflict: The Stack ({name}) already exists.")
    );
    delete(cloud, &stack).await;
}

pub(crate) async fn what_cannot_be_adopted_is_told(cloud: &Cloud) {
    let (stacks, name) = (cloud.heat.stacks(), cloud.name("remains"));
    let mut remains = remains();
    remains["resources"]["key"] = json!({});
    let adoption = Adoption::new(&name, remains.clone());
    let why = "resource key (OS::Heat::RandomString): Exception: resources.key: Resource ID was not provided.";
    for (rollback, status) in [(false, ""), (true, ", then ROLLBACK_COMPLETE")] {
        let created = stacks
            .adopt(adoption.clone().rollback(rollback))
            .await
            .unwrap();
        let wait = stacks.wait(&created, Action::Adopt).timeout(3 * MINUTE);
        let error = wait.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StackFailed);
        assert_eq!(
            error.to_string(),
            format!("stack \"{name}\": ADOPT_FAILED{status}: {why}")
        );
        delete(cloud, &created).await;
    }

    let unknown = adoption.parameter("none", 1);
    let error = stacks.adopt(unknown).await.unwrap_err();
    assert_eq!(
        text(&error),
        format!(
            "adopt stack \"{name}\": 400 Bad Request: The Parameter (none) was not defined in template."
        )
    );
    remains["template"] = Value::Null;
    let error = stacks
        .adopt(Adoption::new(&name, remains))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.may_have_been_sent()),
        (ErrorKind::Config, false)
    );
}
