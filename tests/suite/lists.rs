//! Filters, order and pages of lists.

use futures::TryStreamExt as _;
use heatclient::heat::{
    Action, EventSortKey, NewStack, SortDir, Stack, StackList, StackSortKey, Status,
};
use heatclient_test_support::cloud::Cloud;
use serde_json::{Value, json};

use super::heat::{MINUTE, create, delete};
use super::projects::admin;

/// Passes the name of each case to a macro that defines a test for it.
#[macro_export]
macro_rules! list_cases {
    ($test:ident) => {
        $test! {
            stacks_are_filtered
            tags_filter_in_four_ways
            the_server_sorts_stacks
            nested_and_deleted_stacks_are_listed_on_request
            lists_stay_in_their_project
            pages_are_fetched_ahead
            events_are_filtered_and_sorted
        }
    };
}

fn none() -> Value {
    json!({"heat_template_version": "2021-04-16"})
}

/// The suffixes of the names of the listed stacks.
async fn ends(list: StackList) -> Vec<String> {
    let stacks = list.await.unwrap();
    let ends = stacks.iter().map(|stack| {
        let end = stack.name.rsplit('-').next();
        end.unwrap().to_owned()
    });
    ends.collect()
}

/// Stacks of an empty template with these suffixes and tags, created in this order.
async fn made<const N: usize>(
    cloud: &Cloud,
    prefix: &str,
    wanted: [(&str, &[&str]); N],
) -> [Stack; N] {
    let mut made = Vec::new();
    for (end, tags) in wanted {
        let new = NewStack::new(format!("{prefix}-{end}"), none()).tags(tags);
        made.push(create(cloud, new).await.unwrap());
    }
    made.try_into().unwrap()
}

pub(crate) async fn stacks_are_filtered(cloud: &Cloud) {
    let (stacks, name) = (cloud.heat.stacks(), cloud.name("filter"));
    let tag = name.as_str();
    let [a, b] = made(cloud, &name, [("a", &[tag]), ("b", &[tag])]).await;
    stacks.check(&b).await.unwrap();
    let wait = stacks.wait(&b, Action::Check).timeout(3 * MINUTE);
    wait.await.unwrap();
    let list = || stacks.list().tags_any([tag]);

    assert_eq!(ends(list()).await, ["b", "a"]);
    assert_eq!(ends(list().id(&a.id)).await, ["a"]);
    assert_eq!(ends(list().id(&a.id).id(&b.id)).await, ["b", "a"]);
    assert_eq!(ends(list().name(&a.name)).await, ["a"]);
    assert_eq!(ends(list().name(&a.name).name(&b.name)).await, ["b", "a"]);
    let both = list().name(&a.name).filter("stack_name", &b.name);
    assert_eq!(ends(both).await, ["b", "a"]);
    assert_eq!(ends(list().action(Action::Check)).await, ["b"]);
    assert_eq!(ends(list().status(Status::Complete)).await, ["b", "a"]);
    assert_eq!(ends(list().status("CREATE_COMPLETE")).await, ["a"]);
    let either = list().status("CREATE_COMPLETE").status("CHECK_FAILED");
    assert_eq!(ends(either).await, ["b", "a"]);
    assert_eq!(ends(list().status("FAILED")).await, [""; 0]);
    assert_eq!(ends(list().status("complete")).await, [""; 0]);
    assert_eq!(ends(list().username("demo")).await, ["b", "a"]);
    assert_eq!(ends(list().username("nobody")).await, [""; 0]);
    assert_eq!(
        ends(list().tenant(&cloud.facts.project_id)).await,
        ["b", "a"]
    );
    assert_eq!(ends(list().tenant("none")).await, [""; 0]);
    assert_eq!(ends(list().filter("bogus", "1")).await, ["b", "a"]);
    let reason = "Stack CREATE completed successfully";
    assert_eq!(
        ends(list().filter("stack_status_reason", reason)).await,
        ["a"]
    );
    assert_eq!(list().count().await.unwrap(), 2);
    assert_eq!(list().action("CHECK").count().await.unwrap(), 1);
    assert_eq!(list().name("none").count().await.unwrap(), 0);
    for stack in [&a, &b] {
        delete(cloud, stack).await;
    }
}

pub(crate) async fn tags_filter_in_four_ways(cloud: &Cloud) {
    let (stacks, name) = (cloud.heat.stacks(), cloud.name("tags"));
    let tag = |end: &str| format!("{name}-{end}");
    let (x, y, z) = (tag("x"), tag("y"), tag("z"));
    let (x, y, z) = (x.as_str(), y.as_str(), z.as_str());
    let made = made(cloud, &name, [("a", &[x, y]), ("b", &[x]), ("c", &[y, z])]).await;
    let list = || stacks.list();
    assert_eq!(ends(list().tags([x])).await, ["b", "a"]);
    assert_eq!(ends(list().tags([x, y])).await, ["a"]);
    assert_eq!(ends(list().tags([x, z])).await, [""; 0]);
    assert_eq!(ends(list().tags_any([x, y])).await, ["c", "b", "a"]);
    assert_eq!(ends(list().tags([x]).not_tags([x, y])).await, ["b"]);
    assert_eq!(
        ends(list().tags_any([x, y]).not_tags([z])).await,
        ["b", "a"]
    );
    assert_eq!(
        ends(list().tags_any([x, y]).not_tags_any([x, z])).await,
        [""; 0]
    );
    assert_eq!(
        ends(list().tags_any([x, y]).not_tags_any([z])).await,
        ["b", "a"]
    );
    assert!(
        ends(list().not_tags_any([x, y]))
            .await
            .iter()
            .all(|end| end.len() != 1)
    );
    // No tags filter nothing.
    assert_eq!(ends(list().tags([""; 0]).tags_any([z])).await, ["c"]);
    // A defect of Heat: all tags and one value of another key.
    let error = list().tags([x]).name(&made[0].name).await.unwrap_err();
    assert_eq!(error.status().unwrap(), 500, "{error}");
    assert_eq!(
        ends(list().tags([x]).name("none").name(&made[0].name)).await,
        ["a"]
    );
    for stack in &made {
        delete(cloud, stack).await;
    }
}

/// python-heatclient sorts in the client, after the limit, and fails at mixed nulls (B-12).
pub(crate) async fn the_server_sorts_stacks(cloud: &Cloud) {
    let (stacks, name) = (cloud.heat.stacks(), cloud.name("sort"));
    let tag: &[&str] = &[&name];
    let made = made(cloud, &name, [("b", tag), ("c", tag), ("a", tag)]).await;
    // Only one stack has an updated time.
    stacks.check(&made[1]).await.unwrap();
    let wait = stacks.wait(&made[1], Action::Check).timeout(3 * MINUTE);
    wait.await.unwrap();
    let list = || stacks.list().tags_any(tag);
    let by = |key| list().sort_keys([key]);
    assert_eq!(ends(list()).await, ["a", "c", "b"]);
    assert_eq!(ends(list().sort_dir(SortDir::Asc)).await, ["b", "c", "a"]);
    assert_eq!(ends(by(StackSortKey::Name)).await, ["a", "b", "c"]);
    let down = by(StackSortKey::Name).sort_dir(SortDir::Desc);
    assert_eq!(ends(down.clone()).await, ["c", "b", "a"]);
    // Sorted before the limit.
    assert_eq!(ends(down.clone().limit(2)).await, ["c", "b"]);
    assert_eq!(ends(down.page_size(1)).await, ["c", "b", "a"]);
    assert_eq!(ends(by(StackSortKey::CreationTime)).await, ["b", "c", "a"]);
    let two = list().sort_keys([StackSortKey::Status, StackSortKey::Name]);
    assert_eq!(ends(two).await, ["a", "b", "c"]);
    // Heat ignores an unknown key.
    assert_eq!(ends(list().sort_keys(["bogus"])).await, ["a", "c", "b"]);

    // Nulls are first, and no stack is lost between pages.
    let updated = by(StackSortKey::UpdatedTime);
    for size in [1, 2, 5] {
        let up = ends(updated.clone().page_size(size)).await;
        assert_eq!((up.len(), &*up[2]), (3, "c"), "{up:?}");
        let down = updated.clone().sort_dir(SortDir::Desc).page_size(size);
        let down = ends(down).await;
        assert_eq!((down.len(), &*down[0]), (3, "c"), "{down:?}");
    }
    let last = updated.sort_dir(SortDir::Desc).limit(1);
    assert_eq!(ends(last).await, ["c"]);
    for stack in &made {
        delete(cloud, stack).await;
    }
}

pub(crate) async fn nested_and_deleted_stacks_are_listed_on_request(cloud: &Cloud) {
    const INNER: &str = "file:///inner.yaml";
    let (stacks, name) = (cloud.heat.stacks(), cloud.name("below"));
    let mut outer = none();
    outer["resources"] = json!({"one": {"type": INNER}, "two": {"type": INNER}});
    let new = NewStack::new(&name, outer).file(INNER, none().to_string());
    let stack = create(cloud, new).await.unwrap();
    let found = async |list: StackList| list.await.unwrap().len();
    let below = stacks.list().parent(&stack.id);
    assert_eq!(found(below.clone()).await, 2);
    let child = below.limit(1).await.unwrap().remove(0);
    assert_eq!(child.parent.as_deref(), Some(&*stack.id));
    assert!(child.name.starts_with(&format!("{name}-")), "{child:?}");
    assert_eq!(found(stacks.list().id(&child.id)).await, 0);
    assert_eq!(
        found(stacks.list().id(&child.id).show_nested(true)).await,
        1
    );
    let flags = stacks.list().id(&stack.id).show_hidden(true);
    assert_eq!(found(flags.show_nested(false).show_deleted(false)).await, 1);

    delete(cloud, &stack).await;
    let gone = stacks.list().id(&stack.id);
    assert_eq!(found(gone.clone()).await, 0);
    let gone = gone.show_deleted(true).await.unwrap().remove(0);
    assert_eq!(gone.status.to_string(), "DELETE_COMPLETE");
    assert!(gone.deletion_time.is_some());
}

/// python-heatclient lists all projects for `--long` (B-13). Here only `global_tenant` does.
pub(crate) async fn lists_stay_in_their_project(cloud: &Cloud) {
    let name = cloud.name("global");
    let [stack] = made(cloud, &name, [("a", &[])]).await;
    let project = cloud.facts.project_id.as_str();
    // What a long list shows is in each list.
    let own = cloud.heat.stacks().list().id(&stack.id).await.unwrap();
    assert_eq!(own[0].stack_owner.as_deref(), Some("demo"));
    let error = cloud.heat.stacks().list().global_tenant(true).await;
    let error = error.unwrap_err();
    assert!(error.is_forbidden(), "{error}");

    let all = admin(cloud).stacks().list().global_tenant(true);
    let found = all.clone().id(&stack.id).tenant(project).await.unwrap();
    assert_eq!(found[0].project.as_deref(), Some(project));
    let elsewhere = all.id(&stack.id).tenant(&cloud.facts.foreign_project_id);
    assert_eq!(elsewhere.count().await.unwrap(), 0);
    delete(cloud, &stack).await;
}

pub(crate) async fn pages_are_fetched_ahead(cloud: &Cloud) {
    let (stacks, name) = (cloud.heat.stacks(), cloud.name("ahead"));
    let tag: &[&str] = &[&name];
    let made = made(cloud, &name, [("a", tag), ("b", tag), ("c", tag)]).await;
    for size in 1..=4 {
        let list = stacks.list().tags_any(tag).page_size(size).prefetch(true);
        let found: Vec<_> = list.stream().try_collect().await.unwrap();
        let ids = found.iter().map(|stack| &stack.id);
        let expected = made.iter().rev().map(|stack| &stack.id);
        assert!(ids.eq(expected), "{found:?}");
    }
    let events = cloud.heat.events().list(&made[0]);
    let all = events.clone().await.unwrap();
    let ahead = events.page_size(1).prefetch(true).stream();
    let ahead: Vec<_> = ahead.try_collect().await.unwrap();
    assert_eq!(ahead, all);
    for stack in &made {
        delete(cloud, stack).await;
    }
}

pub(crate) async fn events_are_filtered_and_sorted(cloud: &Cloud) {
    let name = cloud.name("events");
    let mut template = none();
    template["resources"] = json!({
        "one": {"type": "OS::Heat::None"},
        "two": {"type": "OS::Heat::RandomString", "depends_on": "one"},
    });
    let stack = create(cloud, NewStack::new(&name, template)).await.unwrap();
    let list = || cloud.heat.events().list(&stack);
    let names = async |list: heatclient::heat::EventList| {
        let events = list.await.unwrap();
        let names = events.into_iter().map(|event| event.resource_name);
        names.collect::<Vec<_>>()
    };
    let of_stack = name.as_str();
    let all = [of_stack, "one", "one", "two", "two", of_stack];
    assert_eq!(names(list()).await, all);
    assert_eq!(
        names(list().status(Status::Complete)).await,
        ["one", "two", of_stack]
    );
    let both = list().status("COMPLETE").status("IN_PROGRESS");
    assert_eq!(names(both).await, all);
    assert_eq!(names(list().action(Action::Create)).await, all);
    assert_eq!(names(list().action("DELETE")).await, [""; 0]);
    assert_eq!(names(list().resource_name("one")).await, ["one", "one"]);
    let two = list().resource_name("one").resource_name("two");
    assert_eq!(names(two).await, ["one", "one", "two", "two"]);
    assert_eq!(names(list().resource_name("none")).await, [""; 0]);
    let random = list().resource_type("OS::Heat::RandomString");
    assert_eq!(names(random).await, ["two", "two"]);
    let own = list().resource_type("OS::Heat::Stack").status("COMPLETE");
    assert_eq!(names(own).await, [of_stack]);

    let by = |key| list().sort_keys([key]);
    assert_eq!(names(by(EventSortKey::Time)).await, all);
    let by_type = ["one", "one", "two", "two", of_stack, of_stack];
    assert_eq!(names(by(EventSortKey::ResourceType)).await, by_type);
    assert_eq!(
        names(by(EventSortKey::ResourceType).page_size(2)).await,
        by_type
    );
    let newest = list().sort_dir(SortDir::Desc).limit(2);
    assert_eq!(names(newest).await, [of_stack, "two"]);
    delete(cloud, &stack).await;
}
