//! What lists send, and what only the sandbox can show: groups that change, and a Heat without an engine.

use heatclient::config::ConfigBuilder;
use heatclient::heat::{Action, NewStack, SortDir, StackSortKey, StackUpdate};
use heatclient::sandbox::Fault;
use heatclient::{Client, ErrorKind};
use http::Method;
use serde_json::{Value, json};

use crate::heat::cloud;
use crate::suite::groups::group;

/// The queries of the lists of stacks so far.
fn queries(sandbox: &heatclient::sandbox::Sandbox) -> Vec<String> {
    let requests = sandbox.requests();
    let lists = requests.into_iter().filter(|r| r.path.ends_with("/stacks"));
    lists.map(|r| r.query).collect()
}

/// Heat loses stacks between pages that are sorted by a time which some of them do not have.
#[tokio::test]
async fn a_list_by_updated_time_is_one_request() {
    let (sandbox, cloud) = cloud().await;
    sandbox.add_stacks(3).unwrap();
    let list = || cloud.heat.stacks().list().page_size(1);
    sandbox.clear_requests();
    let all = list().sort_keys([StackSortKey::UpdatedTime]);
    assert_eq!(all.await.unwrap().len(), 3);
    let some = list().sort_keys(["updated_time"]).sort_dir(SortDir::Desc);
    assert_eq!(some.limit(2).await.unwrap().len(), 2);
    assert_eq!(
        queries(&sandbox),
        [
            "sort_keys=updated_time",
            "sort_keys=updated_time&sort_dir=desc&limit=2"
        ]
    );
    sandbox.clear_requests();
    let by_name = list().sort_keys([StackSortKey::Name]);
    assert_eq!(by_name.await.unwrap().len(), 3);
    assert_eq!(queries(&sandbox).len(), 4);
}

/// python-heatclient lists all projects for `--long` (B-13).
#[tokio::test]
async fn only_a_global_list_asks_for_all_projects() {
    let (sandbox, cloud) = cloud().await;
    let list = || cloud.heat.stacks().list();
    sandbox.clear_requests();
    let flags = list()
        .show_deleted(true)
        .show_nested(true)
        .show_hidden(true);
    flags.tenant("p").await.unwrap();
    list().global_tenant(false).await.unwrap();
    assert!(list().global_tenant(true).await.is_err());
    assert_eq!(
        queries(&sandbox),
        [
            "show_deleted=True&show_nested=True&show_hidden=True&tenant=p",
            "",
            "global_tenant=True"
        ]
    );
}

#[tokio::test]
async fn without_an_engine_the_services_are_an_error_that_says_so() {
    let (sandbox, cloud) = cloud().await;
    let fault = json!({
        "code": 503, "title": "Service Unavailable", "explanation": "All heat engines are down.",
        "error": {"type": "HTTPServiceUnavailable", "traceback": null, "message": "All heat engines are down."},
    });
    let json = [("content-type", "application/json")];
    sandbox.fault(Fault::within(Method::GET, "/services").status(503, &json, fault.to_string()));
    let error = cloud.heat.services().await.unwrap_err();
    assert_eq!(error.status().unwrap(), 503);
    let text = error.to_string();
    assert!(
        text.starts_with("list services: 503 Service Unavailable: All heat engines are down."),
        "{text}"
    );
}

#[tokio::test]
async fn groups_grow_shrink_and_do_not_reuse_names() {
    let (_sandbox, cloud) = cloud().await;
    let stacks = cloud.heat.stacks();
    let template = |properties: Value| {
        let mut properties = properties;
        properties["resource_def"] = json!({"type": "OS::Heat::None"});
        json!({
            "heat_template_version": "2021-04-16",
            "resources": {"group": group(properties)},
            "outputs": {
                "map": {"value": {"get_attr": ["group", "refs_map"]}},
                "removed": {"value": {"get_attr": ["group", "removed_rsrc_list"]}},
            },
        })
    };
    let first = NewStack::new("grow", template(json!({"count": 2})));
    let created = stacks.create(first).await.unwrap();
    stacks.wait(&created, Action::Create).await.unwrap();
    let drop = |name: &str| json!([{"resource_list": [name]}]);
    let mut kept = Value::Null;
    for (properties, names, removed) in [
        (json!({"count": 3}), &["0", "1", "2"][..], &[][..]),
        (json!({"count": 1}), &["0"], &[]),
        (json!({"count": 3}), &["0", "1", "2"], &[]),
        (
            json!({"count": 2, "removal_policies": drop("0")}),
            &["1", "2"],
            &["0"],
        ),
        // No member has this name.
        (
            json!({"count": 2, "removal_policies": drop("7")}),
            &["1", "2"],
            &["0"],
        ),
        (json!({"count": 3}), &["1", "2", "3"], &["0"]),
        (
            json!({"count": 2, "removal_policies": drop("2"), "removal_policies_mode": "update"}),
            &["0", "1"],
            &["2"],
        ),
        (json!({"count": 0}), &[], &["2"]),
    ] {
        let update = StackUpdate::new(template(properties.clone()));
        stacks.update(&created, update).await.unwrap();
        let stack = stacks.wait(&created, Action::Update).await.unwrap();
        let value = |key: &str| stack.output(key).unwrap().value.clone().unwrap();
        let map = value("map");
        let found: Vec<_> = map.as_object().unwrap().keys().collect();
        assert_eq!(found, names, "{properties}");
        assert_eq!(value("removed"), json!(removed), "{properties}");
        // A member that stays is the same one.
        if names.contains(&"1") && kept["1"].is_string() {
            assert_eq!(map["1"], kept["1"], "{properties}");
        }
        kept = map;
    }
    // By what refers to the member.
    let grown = StackUpdate::new(template(json!({"count": 1})));
    stacks.update(&created, grown).await.unwrap();
    let stack = stacks.wait(&created, Action::Update).await.unwrap();
    let map = stack.output("map").unwrap().value.clone().unwrap();
    let policy = drop(map["0"].as_str().unwrap());
    let without = template(json!({"count": 1, "removal_policies": policy}));
    stacks
        .update(&created, StackUpdate::new(without))
        .await
        .unwrap();
    let stack = stacks.wait(&created, Action::Update).await.unwrap();
    let removed = stack.output("removed").unwrap().value.clone();
    assert_eq!(removed, Some(json!(["0", "2"])));
    stacks.delete(&created).await.unwrap();
    stacks.wait(&created, Action::Delete).await.unwrap();
    let left = stacks.list().show_nested(true).await.unwrap();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn a_group_has_at_most_1000_members() {
    let (_sandbox, cloud) = cloud().await;
    let stacks = cloud.heat.stacks();
    let many =
        group(json!({"count": u64::from(u32::MAX), "resource_def": {"type": "OS::Heat::None"}}));
    let template = json!({"heat_template_version": "2021-04-16", "resources": {"group": many}});
    let created = stacks
        .create(NewStack::new("many", template))
        .await
        .unwrap();
    assert!(stacks.wait(&created, Action::Create).await.is_err());
    assert_eq!(
        stacks.get(&created).await.unwrap().status_reason,
        "Resource CREATE failed: resources.group: Request limit exceeded: Maximum resources per stack exceeded."
    );
}

/// Heat reads an empty filter as no filter: whoever deletes what such a list returns deletes everything.
#[tokio::test]
async fn filters_without_a_value_are_refused() {
    let (sandbox, cloud) = cloud().await;
    let list = || cloud.heat.stacks().list();
    for (list, message) in [
        (
            list().name(""),
            "the filter name is empty; leave it out to list all stacks",
        ),
        (
            list().id(""),
            "the filter id is empty; leave it out to list all stacks",
        ),
        (
            list().status(""),
            "the filter status is empty; leave it out to list all stacks",
        ),
        (
            list().parent(""),
            "the filter owner_id is empty; leave it out to list all stacks",
        ),
        (
            list().tenant(""),
            "the filter tenant is empty; leave it out to list all stacks",
        ),
        (
            list().tags(["a", ""]),
            "invalid tag \"\": use at least 1 character, and no comma",
        ),
        (
            list().not_tags(["a,b"]),
            "invalid tag \"a,b\": use at least 1 character, and no comma",
        ),
        (
            list().tags_any(<[&str; 0]>::default()),
            "no tags are given, of which a stack could have any",
        ),
        (
            list().page_size(0),
            "a page size of 0 lists nothing; use at least 1",
        ),
    ] {
        let error = list.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert_eq!(error.to_string(), format!("list stacks: {message}"));
    }
    let deployments = cloud.heat.software_deployments();
    let error = deployments.list().server("").await.unwrap_err();
    assert!(
        error.to_string().contains("the id of the server is empty"),
        "{error}"
    );
    assert!(sandbox.requests().is_empty());
    // No tags in all are no filter.
    list()
        .tags(<[&str; 0]>::default())
        .limit(usize::MAX)
        .await
        .unwrap();
}

/// An adapter of a configuration has the form of Heat's URLs, as the client's own has.
#[tokio::test]
async fn a_configured_client_uses_stacks_of_other_projects() {
    let (sandbox, cloud) = cloud().await;
    let foreign = &cloud.facts.foreign_project_id;
    let variables: std::collections::HashMap<_, _> = sandbox.environment().into_iter().collect();
    let config = ConfigBuilder::new().env(move |name| variables.get(name).cloned());
    let config = config.build().unwrap();
    let session = config.session().unwrap();
    let heat = Client::from(config.adapter(&session));
    sandbox.clear_requests();
    let stack = format!("arn:openstack:heat::{foreign}:stacks/web/1");
    let error = heat.stacks().get(stack).await.unwrap_err();
    assert!(error.is_forbidden(), "{error}");
    let requests = sandbox.requests();
    let path = format!("/v1/{foreign}/stacks/web/1");
    assert!(
        requests.iter().any(|request| request.path == path),
        "{requests:?}"
    );
}
