//! Resource types, template versions, services, and what is at the root of the service.

use futures::TryStreamExt as _;
use heatclient::ErrorKind;
use heatclient::heat::{
    ConstraintRule, NewStack, PropertyType, ServiceStatus, SupportStatus, TemplateFormat,
    Validation,
};
use heatclient_test_support::cloud::Cloud;
use serde_json::json;

use super::heat::{create, delete, text};
use super::projects::admin;

/// Passes the name of each case to a macro that defines a test for it.
#[macro_export]
macro_rules! type_cases {
    ($test:ident) => {
        $test! {
            resource_types_are_listed
            a_resource_type_has_a_schema
            templates_are_made_of_resource_types
            templates_have_versions_and_functions
            services_are_listed_for_administrators
            versions_and_health_are_at_the_root
        }
    };
}

pub(crate) async fn resource_types_are_listed(cloud: &Cloud) {
    let types = cloud.heat.resource_types();
    let all = types.list().await.unwrap();
    let names: Vec<_> = all.iter().map(|found| found.name.as_str()).collect();
    assert!(names.is_sorted(), "{names:?}");
    for name in [
        "OS::Heat::None",
        "OS::Heat::RandomString",
        "OS::Heat::Value",
    ] {
        assert!(names.contains(&name), "{names:?}");
    }
    assert!(all.iter().all(|found| found.description.is_none()));

    let names = async |list: heatclient::heat::ResourceTypeList| {
        let found: Vec<_> = list.stream().try_collect().await.unwrap();
        found
            .into_iter()
            .map(|found| found.name)
            .collect::<Vec<_>>()
    };
    let random = ["OS::Heat::RandomString"];
    assert_eq!(names(types.list().name("OS::Heat::Ran")).await, random);
    assert_eq!(names(types.list().name(".*RandomString$")).await, random);
    assert_eq!(names(types.list().name("Random")).await, [""; 0]);
    let since = types.list().version("5.0.0").name("OS::Heat::.*n?e$");
    assert_eq!(
        names(since).await,
        ["OS::Heat::None", "OS::Heat::TestResource"]
    );
    let supported = types.list().support_status(SupportStatus::Supported);
    assert_eq!(names(supported.name("OS::Heat::Ran")).await, random);
    let hidden = types.list().support_status(SupportStatus::Hidden);
    assert_eq!(names(hidden).await, [""; 0]);
    let error = types.list().support_status("BOGUS").await.unwrap_err();
    assert_eq!(
        text(&error),
        "list resource types: 400 Bad Request: Data supplied was not valid: Invalid support status and \
         should be one of ('UNKNOWN', 'SUPPORTED', 'DEPRECATED', 'UNSUPPORTED', 'HIDDEN')"
    );

    let described = types.list().name("OS::Heat::None").with_description(true);
    let found = described.await.unwrap().remove(0);
    let about = "Enables easily disabling certain resources via the resource_registry.";
    assert!(found.description.unwrap().starts_with(about));
}

pub(crate) async fn a_resource_type_has_a_schema(cloud: &Cloud) {
    let types = cloud.heat.resource_types();
    let schema = types.get("OS::Heat::RandomString").await.unwrap();
    assert_eq!(schema.name, "OS::Heat::RandomString");
    let properties: Vec<_> = schema.properties.keys().collect();
    assert_eq!(
        properties,
        ["character_classes", "character_sequences", "length", "salt"]
    );
    let length = &schema.properties["length"];
    assert_eq!(length.property_type, PropertyType::Integer);
    assert_eq!(length.default, Some(json!(32)));
    assert!(!length.required && !length.update_allowed && !length.immutable);
    let range = ConstraintRule::Range {
        min: Some(1.into()),
        max: Some(512.into()),
    };
    assert_eq!(length.constraints[0].rule, range);
    let item = &schema.properties["character_sequences"].schema["*"];
    assert!(item.schema["sequence"].required);
    let value = &schema.attributes["value"];
    assert_eq!(value.attribute_type, PropertyType::String);
    let support = schema.support_status.as_ref().unwrap();
    assert_eq!(support.status, SupportStatus::Supported);
    assert_eq!(support.version.as_deref(), Some("2014.1"));
    // Its keys are in the server's order.
    let keys: Vec<_> = schema.raw().keys().collect();
    let expected = [
        "resource_type",
        "properties",
        "attributes",
        "support_status",
    ];
    assert_eq!(keys, expected);

    let value = types.get("OS::Heat::Value").await.unwrap();
    assert_eq!(value.properties["value"].property_type, PropertyType::Any);
    assert!(value.properties["value"].required);
    let rule = &value.properties["type"].constraints[0].rule;
    assert!(matches!(rule, ConstraintRule::AllowedValues(values) if values.len() == 5));

    for (name, why) in [
        (
            "OS::Heat::Nope",
            "The Resource Type (OS::Heat::Nope) could not be found.",
        ),
        ("a.yaml", "The Resource Type (a.yaml) could not be found."),
    ] {
        let error = types.get(name).await.unwrap_err();
        assert!(error.is_not_found(), "{error}");
        let expected = format!("show resource type \"{name}\": 404 Not Found: {why}");
        assert_eq!(text(&error), expected);
    }
    let error = types.get("OS::Nova::Server").await.unwrap_err();
    assert_eq!(
        text(&error),
        "show resource type \"OS::Nova::Server\": 400 Bad Request: HEAT-E99001 Service nova is not available \
         for resource type OS::Nova::Server, reason: Service endpoint not in service catalog."
    );
}

pub(crate) async fn templates_are_made_of_resource_types(cloud: &Cloud) {
    let types = cloud.heat.resource_types();
    for name in ["OS::Heat::RandomString", "OS::Heat::None"] {
        let hot = types.template(name).await.unwrap();
        assert_eq!(hot["heat_template_version"], "2016-10-14");
        let cfn = types.template(name).format(TemplateFormat::Cfn);
        let cfn = cfn.await.unwrap();
        assert_eq!(cfn["HeatTemplateFormatVersion"], "2012-12-12");
        let count = |template: &serde_json::Value| template.as_object().unwrap().len();
        assert_eq!(count(&hot["parameters"]), count(&cfn["Parameters"]));
        assert_eq!(count(&hot["outputs"]), count(&cfn["Outputs"]));
    }
    let hot = types.template("OS::Heat::RandomString").await.unwrap();
    assert_eq!(
        hot["parameters"]["length"],
        json!({"type": "number", "description": "Length of the string to generate.", "default": 32,
            "constraints": [{"range": {"min": 1, "max": 512}}]})
    );
    // Heat accepts its own template.
    let none = types.template("OS::Heat::None").await.unwrap();
    let valid = cloud
        .heat
        .templates()
        .validate(Validation::new(serde_json::Value::from(none)));
    let valid = valid.await.unwrap();
    assert_eq!(valid.description, "Initial template of NoneResource");

    let error = types.template("OS::Heat::Nope").await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    // Heat has no parameter for a property of any type.
    let error = types.template("OS::Heat::Value").await.unwrap_err();
    assert_eq!(error.status().unwrap(), 500, "{error}");
    assert_eq!(
        error.fault().unwrap().error_type.as_deref(),
        Some("KeyError")
    );
    let odd = types.template("OS::Heat::None").format("xml".into());
    assert_eq!(
        text(&odd.await.unwrap_err()),
        "show template of resource type \"OS::Heat::None\": 400 Bad Request: Template type is not supported: \
         Invalid template type \"xml\", valid types are: cfn, hot."
    );
}

pub(crate) async fn templates_have_versions_and_functions(cloud: &Cloud) {
    let templates = cloud.heat.templates();
    let versions = templates.versions().await.unwrap();
    let newest = versions.last().unwrap();
    assert_eq!(newest.version, "heat_template_version.2021-04-16");
    assert_eq!(newest.format, TemplateFormat::Hot);
    assert_eq!(newest.aliases, ["heat_template_version.wallaby"]);

    let names = async |version: &str, with| {
        let list = templates.functions(version).with_conditions(with);
        let functions = list.await.unwrap();
        assert!(functions.iter().all(|one| !one.description.is_empty()));
        let names = functions.into_iter().map(|function| function.name);
        names.collect::<Vec<_>>()
    };
    // Heat 27 does not forget the functions of conditions: once requested, they are in all answers for the
    // version. So those come after the known ones here.
    let rocky = names("heat_template_version.rocky", false).await;
    assert_eq!(
        rocky,
        names("heat_template_version.2018-08-31", false).await
    );
    let with = names("heat_template_version.rocky", true).await;
    assert_eq!(with[..21], rocky[..21]);
    assert_eq!(with[21..], ["equals", "not", "and", "or"]);
    for (date, count) in [
        ("2013-05-23", 16),
        ("2014-10-16", 8),
        ("2015-10-15", 10),
        ("2016-10-14", 14),
        ("2021-04-16", 21),
    ] {
        let name = format!("heat_template_version.{date}");
        let own = names(&name, false).await.len();
        assert!(own == count || own == count + 4, "{date}: {own}");
    }
    let error = templates.functions("bogus").await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    assert_eq!(
        text(&error),
        "list functions of template version \"bogus\": 404 Not Found: Template with version bogus not found"
    );
}

pub(crate) async fn services_are_listed_for_administrators(cloud: &Cloud) {
    let services = admin(cloud).services().await.unwrap();
    let up = services
        .iter()
        .find(|service| service.status == ServiceStatus::Up)
        .unwrap();
    assert_eq!((&*up.binary, &*up.topic), ("heat-engine", "engine"));
    assert_eq!(up.report_interval, Some(60));
    assert!(up.created_at.as_ref().unwrap().timestamp().is_some());
    assert_eq!(up.deleted_at, None);

    let error = cloud.heat.services().await.unwrap_err();
    assert!(error.is_forbidden(), "{error}");
    assert_eq!(
        text(&error),
        "list services: 403 Forbidden: You are not authorized to use service:index."
    );
}

pub(crate) async fn versions_and_health_are_at_the_root(cloud: &Cloud) {
    let versions = cloud.heat.versions().await.unwrap();
    let [version] = versions.as_slice() else {
        panic!("{versions:?}");
    };
    assert_eq!((&*version.id, &*version.status), ("v1.0", "CURRENT"));
    assert_eq!(version.links[0].rel, "self");
    assert!(version.links[0].href.ends_with("/v1/"), "{versions:?}");

    let health = cloud.heat.healthcheck().await.unwrap();
    assert!(health.healthy);
    assert!(health.reasons.is_empty(), "{health:?}");

    let info = cloud.heat.build_info().await.unwrap();
    assert!(info.api.contains_key("revision") && info.engine.contains_key("revision"));

    // Nothing of this needs a stack, and stacks need nothing of this.
    let none = json!({"heat_template_version": "2021-04-16"});
    let stack = create(cloud, NewStack::new(cloud.name("root"), none)).await;
    let stack = stack.unwrap();
    let endpoint = cloud.heat.adapter().endpoint().await.unwrap();
    assert!(endpoint.path().ends_with(&cloud.facts.project_id));
    // A root without a version document.
    let elsewhere = format!("{}/stacks/{}/{}", endpoint, stack.name, stack.id);
    let lost = heatclient::Client::with_token(&elsewhere, "none").unwrap();
    let error = lost.versions().await.unwrap_err();
    assert_ne!(error.kind(), ErrorKind::Config);
    delete(cloud, &stack).await;
}
