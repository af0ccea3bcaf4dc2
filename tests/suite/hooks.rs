//! Hooks: resources that wait until they are released.

use heatclient::heat::{Action, Hook, NewStack, PendingHook, StackRef, StackUpdate};
use heatclient_test_support::cloud::Cloud;
use serde_json::{Value, json};

use super::heat::{MINUTE, create, delete, text};
use super::projects::admin;
use super::signals::until;

/// Passes the name of each case to a macro that defines a test for it.
#[macro_export]
macro_rules! hook_cases {
    ($test:ident) => {
        $test! {
            hooks_hold_a_create
            hooks_hold_updates_and_deletes
            hooks_of_nested_stacks_are_found_by_path
            hooks_are_polled_at_any_time
            an_administrator_clears_hooks_of_another_project
            wrong_hooks_are_refused
        }
    };
}

fn template(value: &str) -> Value {
    let resource = json!({"type": "OS::Heat::TestResource", "properties": {"value": value}});
    let mut last = resource.clone();
    last["depends_on"] = json!("one");
    json!({
        "heat_template_version": "2021-04-16",
        "resources": {"one": resource, "two": resource, "last": last},
    })
}

fn hooks(resources: Value) -> Value {
    json!({"resource_registry": {"resources": resources}})
}

async fn start(cloud: &Cloud, new: NewStack) -> StackRef {
    StackRef::from(&cloud.heat.stacks().create(new).await.unwrap())
}

fn shown(found: &[PendingHook]) -> Vec<String> {
    let one = |hook: &PendingHook| format!("{} {}", hook.path.join("/"), hook.hook);
    let mut shown: Vec<_> = found.iter().map(one).collect();
    shown.sort_unstable();
    shown
}

/// Waits until exactly these hooks are pending.
async fn reached(cloud: &Cloud, stack: &StackRef, depth: u32, expected: &[&str]) {
    until(async || {
        let found = cloud
            .heat
            .hooks()
            .poll(stack)
            .nested_depth(depth)
            .await
            .unwrap();
        (shown(&found) == expected).then_some(())
    })
    .await;
}

async fn clear(cloud: &Cloud, stack: &StackRef, pattern: &str) -> Vec<String> {
    shown(&cloud.heat.hooks().clear(stack, pattern).await.unwrap())
}

async fn done(cloud: &Cloud, stack: &StackRef, action: Action) {
    let wait = cloud.heat.stacks().wait(stack, action);
    wait.timeout(3 * MINUTE).await.unwrap();
}

pub(crate) async fn hooks_hold_a_create(cloud: &Cloud) {
    let name = cloud.name("hook");
    let environment = hooks(json!({
        "one": {"hooks": ["pre-create", "post-create"]}, "t*": {"hooks": "pre-create"},
    }));
    let stack = start(
        cloud,
        NewStack::new(&name, template("a")).environment(environment),
    )
    .await;
    reached(cloud, &stack, 0, &["one pre-create", "two pre-create"]).await;

    // By name, and by id alone.
    let by_name = cloud.heat.hooks().poll(&name).await.unwrap();
    let id = cloud.heat.stacks().get(&name).await.unwrap().id;
    let by_id = cloud.heat.hooks().poll(&id).await.unwrap();
    for found in [&by_name, &by_id] {
        assert_eq!(shown(found), ["one pre-create", "two pre-create"]);
    }
    let one = by_id.iter().find(|hook| hook.resource == "one").unwrap();
    assert_eq!(
        (&one.hook, one.stack.to_string()),
        (&Hook::PreCreate, name.clone())
    );
    assert_eq!(one.event.status.to_string(), "INIT_COMPLETE");
    assert_eq!(
        one.event.status_reason,
        "CREATE paused until Hook pre-create is cleared"
    );
    assert!(one.time().is_some() && one.event.physical_resource_id.is_none());

    // Another type, another resource, another spelling: nothing to do.
    let hooks = cloud.heat.hooks();
    assert!(
        hooks
            .clear(&stack, "*")
            .hook(Hook::PreUpdate)
            .await
            .unwrap()
            .is_empty()
    );
    for pattern in ["ONE", "last", "nix", "one/two", "[!ot]*"] {
        assert_eq!(clear(cloud, &stack, pattern).await, [""; 0], "{pattern}");
    }
    assert_eq!(clear(cloud, &stack, "on?").await, ["one pre-create"]);
    reached(cloud, &stack, 0, &["one post-create", "two pre-create"]).await;
    let one = cloud.heat.resources().get(&stack, "one").await.unwrap();
    assert_eq!(one.status.to_string(), "CREATE_COMPLETE");
    let cleared = hooks
        .clear(&name, "*")
        .hook(Hook::PostCreate)
        .await
        .unwrap();
    assert_eq!(shown(&cleared), ["one post-create"]);
    assert_eq!(clear(cloud, &stack, "[st]w*").await, ["two pre-create"]);
    done(cloud, &stack, Action::Create).await;
    assert!(hooks.poll(&stack).await.unwrap().is_empty());
    delete(cloud, &stack).await;
}

pub(crate) async fn hooks_hold_updates_and_deletes(cloud: &Cloud) {
    let name = cloud.name("hookup");
    let stack = create(cloud, NewStack::new(&name, template("a")))
        .await
        .unwrap();
    let (stack, stacks) = (StackRef::from(&stack), cloud.heat.stacks());
    let environment = hooks(json!({
        "one": {"hooks": ["pre-update", "post-update", "pre-delete"]},
        "last": {"hooks": "pre-update"},
    }));
    let update = StackUpdate::new(template("b")).environment(environment.clone());
    stacks.update(&stack, update).await.unwrap();
    reached(cloud, &stack, 0, &["one pre-update"]).await;
    assert_eq!(clear(cloud, &stack, "one").await, ["one pre-update"]);
    reached(cloud, &stack, 0, &["one post-update"]).await;
    assert_eq!(clear(cloud, &stack, "*").await, ["one post-update"]);
    reached(cloud, &stack, 0, &["last pre-update"]).await;
    assert_eq!(clear(cloud, &stack, "*").await, ["last pre-update"]);
    done(cloud, &stack, Action::Update).await;
    let shown = stacks.environment(&stack).await.unwrap();
    assert_eq!(
        shown.resource_registry["resources"],
        environment["resource_registry"]["resources"]
    );

    stacks.delete(&stack).await.unwrap();
    reached(cloud, &stack, 0, &["one pre-delete"]).await;
    assert_eq!(clear(cloud, &stack, "one").await, ["one pre-delete"]);
    done(cloud, &stack, Action::Delete).await;
}

pub(crate) async fn hooks_of_nested_stacks_are_found_by_path(cloud: &Cloud) {
    const INNER: &str = "file:///inner.yaml";
    let inner = "{heat_template_version: 2021-04-16, resources: {deep: {type: OS::Heat::None}, other: \
                 {type: OS::Heat::None}}}";
    let outer = json!({"heat_template_version": "2021-04-16", "resources": {
        "in": {"type": INNER}, "in2": {"type": INNER}, "plain": {"type": "OS::Heat::None"},
    }});
    let environment = hooks(json!({
        "in": {"deep": {"hooks": "pre-create"}},
        "i*2": {"*": {"hooks": ["pre-create"]}},
        "plain": {"hooks": "pre-create"},
    }));
    let name = cloud.name("hooknest");
    let new = NewStack::new(&name, outer)
        .environment(environment)
        .file(INNER, inner);
    let stack = start(cloud, new).await;
    let all = [
        "in/deep pre-create",
        "in2/deep pre-create",
        "in2/other pre-create",
        "plain pre-create",
    ];
    reached(cloud, &stack, 1, &all).await;
    reached(cloud, &stack, 0, &["plain pre-create"]).await;
    let found = cloud
        .heat
        .hooks()
        .poll(&stack)
        .nested_depth(3)
        .await
        .unwrap();
    let deep = found
        .iter()
        .find(|hook| hook.path == ["in", "deep"])
        .unwrap();
    assert_eq!(deep.resource, "deep");
    assert!(
        deep.stack.to_string().starts_with(&format!("{name}-in-")),
        "{}",
        deep.stack
    );

    assert_eq!(
        clear(cloud, &stack, "*/deep").await,
        ["in/deep pre-create", "in2/deep pre-create"]
    );
    assert_eq!(clear(cloud, &stack, "*").await, ["plain pre-create"]);
    assert_eq!(
        clear(cloud, &stack, "/in[0-9]//*/").await,
        ["in2/other pre-create"]
    );
    done(cloud, &stack, Action::Create).await;
    delete(cloud, &stack).await;
}

/// Defect B-08 of python-heatclient: "list index out of range" for a UUID, and before the first event.
pub(crate) async fn hooks_are_polled_at_any_time(cloud: &Cloud) {
    let (name, hooks_of) = (cloud.name("hookany"), cloud.heat.hooks());
    let environment = hooks(json!({"one": {"hooks": "pre-create"}}));
    let stack = start(
        cloud,
        NewStack::new(&name, template("a")).environment(environment),
    )
    .await;
    // Possibly before the event that the stack starts.
    let early = hooks_of.poll(&stack).await.unwrap();
    assert!(early.len() <= 1, "{early:?}");
    let id = cloud.heat.stacks().get(&name).await.unwrap().id;
    let by_id = StackRef::from(&*id);
    reached(cloud, &by_id, 0, &["one pre-create"]).await;
    assert_eq!(clear(cloud, &by_id, "one").await, ["one pre-create"]);
    // Cleared already: nothing to do.
    assert!(hooks_of.clear(&by_id, "one").await.unwrap().is_empty());
    done(cloud, &stack, Action::Create).await;
    assert!(hooks_of.poll(&by_id).await.unwrap().is_empty());
    delete(cloud, &stack).await;
    assert!(hooks_of.poll(&stack).await.unwrap().is_empty());
    let error = hooks_of.poll(&name).await.unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(
        text(&error),
        format!(
            "list hooks of stack \"{name}\": 404 Not Found: The Stack ({name}) could not be found."
        )
    );
}

pub(crate) async fn an_administrator_clears_hooks_of_another_project(cloud: &Cloud) {
    const INNER: &str = "file:///inner.yaml";
    let inner = "{heat_template_version: 2021-04-16, resources: {deep: {type: OS::Heat::None}}}";
    let outer =
        json!({"heat_template_version": "2021-04-16", "resources": {"in": {"type": INNER}}});
    let name = cloud.name("hookadmin");
    let new = NewStack::new(&name, outer).file(INNER, inner);
    let environment = hooks(json!({"in": {"deep": {"hooks": "pre-create"}}}));
    let stack = start(cloud, new.environment(environment)).await;
    reached(cloud, &stack, 1, &["in/deep pre-create"]).await;
    let admin = admin(cloud);
    let foreign = StackRef::from(
        &admin
            .stacks()
            .get(&cloud.heat.stacks().get(&name).await.unwrap().id)
            .await
            .unwrap(),
    );
    let project = Some(cloud.facts.project_id.as_str());
    let found = admin.hooks().poll(&foreign).nested_depth(1).await.unwrap();
    assert_eq!(
        (shown(&found), found[0].stack.project()),
        (vec!["in/deep pre-create".to_owned()], project)
    );
    let cleared = admin.hooks().clear(&foreign, "in/*").await.unwrap();
    assert_eq!(shown(&cleared), ["in/deep pre-create"]);
    done(cloud, &stack, Action::Create).await;
    delete(cloud, &stack).await;
}

pub(crate) async fn wrong_hooks_are_refused(cloud: &Cloud) {
    let name = cloud.name("hookbad");
    let environment = hooks(json!({"one": {"hooks": ["pre-create", "nix"]}}));
    let new = NewStack::new(&name, template("a")).environment(environment);
    let error = create(cloud, new).await.unwrap_err();
    assert_eq!(
        text(&error),
        format!(
            "create stack \"{name}\": 400 Bad Request: Invalid hook type \"['pre-create', 'nix']\" for resource \
             breakpoint, acceptable hook types are: ('pre-create', 'pre-update', 'pre-delete', 'post-create', \
             'post-update', 'post-delete')"
        )
    );
    let stack = create(cloud, NewStack::new(&name, template("a")))
        .await
        .unwrap();
    let resources = cloud.heat.resources();
    let one = resources.get(&stack, "one").await.unwrap();
    let described = format!(
        "TestResource \"one\" [{}] Stack \"{name}\" [{}]",
        one.physical_resource_id.unwrap(),
        stack.id
    );
    let message = format!("The \"pre-create\" hook is not defined on {described}");
    for (hook, message) in [
        ("pre-create", message),
        ("nix", format!("Invalid hook type \"nix\" for {described}")),
    ] {
        let signal = resources
            .signal(&stack, "one")
            .data(json!({"unset_hook": hook}));
        let error = signal.await.unwrap_err();
        assert_eq!(
            text(&error),
            format!("signal resource \"one\" of stack \"{name}\": 400 Bad Request: {message}")
        );
    }
    let error = cloud.heat.hooks().clear(&stack, "/").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "clear hooks of \"\" of stack \"{name}\": the pattern is empty; name a resource, or use \"*\" for all"
        )
    );
    delete(cloud, &stack).await;

    // Heat 27 cannot clear hooks after a delete. A second delete continues.
    let name = cloud.name("hookafter");
    let environment = hooks(json!({"one": {"hooks": "post-delete"}}));
    let new = NewStack::new(&name, template("a")).environment(environment);
    let stack = StackRef::from(&create(cloud, new).await.unwrap());
    cloud.heat.stacks().delete(&stack).await.unwrap();
    reached(cloud, &stack, 0, &["one post-delete"]).await;
    let error = cloud.heat.hooks().clear(&stack, "one").await.unwrap_err();
    assert_eq!(
        text(&error),
        format!(
            "clear hook post-delete of resource \"one\" of stack \"{name}\": 400 Bad Request: Signal resource during DELETE is not supported."
        )
    );
    delete(cloud, &stack).await;
}
