//! Lists, waits and events.

use std::time::Duration;

use futures::{StreamExt as _, TryStreamExt as _};
use heatclient::ErrorKind;
use heatclient::heat::{Action, NewStack, SortDir};
use heatclient_test_support::cloud::Cloud;
use serde_json::json;

use super::heat::{MINUTE, create, delete, template, test_resource};

/// Passes the name of each case to a macro that defines a test for it.
#[macro_export]
macro_rules! watching_cases {
    ($test:ident) => {
        $test! {
            lists_come_page_by_page
            waiting_comes_to_an_end
            another_action_overtakes
            events_are_followed
        }
    };
}

pub(crate) async fn lists_come_page_by_page(cloud: &Cloud) {
    let (stacks, tag) = (cloud.heat.stacks(), cloud.name("list"));
    let none = json!({"heat_template_version": "2021-04-16"});
    let mut made = Vec::new();
    for n in 0..5 {
        let name = format!("{tag}-{n}");
        made.push(
            create(cloud, NewStack::new(name, none.clone()).tags([&tag]))
                .await
                .unwrap(),
        );
    }
    let names = |list: Vec<heatclient::heat::StackSummary>| {
        list.into_iter().map(|s| s.name).collect::<Vec<_>>()
    };
    let list = || {
        stacks
            .list()
            .tags([&tag])
            .sort_keys(["stack_name"])
            .sort_dir(SortDir::Asc)
    };
    let all: Vec<_> = made.iter().map(|stack| stack.name.clone()).collect();

    assert_eq!(names(list().await.unwrap()), all);
    for size in [1, 2, 5, 6] {
        assert_eq!(
            names(list().page_size(size).await.unwrap()),
            all,
            "pages of {size}"
        );
    }
    assert_eq!(names(list().limit(3).page_size(2).await.unwrap()), all[..3]);
    assert_eq!(
        names(list().limit(3).marker(&made[0].id).await.unwrap()),
        all[1..4]
    );
    assert_eq!(names(list().limit(0).await.unwrap()), all[..0]);
    assert_eq!(
        names(
            list()
                .filter("name", &all[1])
                .filter("name", &all[3])
                .await
                .unwrap()
        ),
        [&*all[1], &*all[3]]
    );
    assert_eq!(list().count().await.unwrap(), 5);
    assert!(stacks.list().count().await.unwrap() >= 5);
    let failed = stacks
        .list()
        .filter("name", &all[0])
        .filter("status", "FAILED")
        .await
        .unwrap();
    assert!(failed.is_empty());
    let summary = list().limit(1).await.unwrap().remove(0);
    assert_eq!(
        (summary.id.as_str(), summary.tags),
        (made[0].id.as_str(), vec![tag.clone()])
    );
    assert_eq!(summary.status.to_string(), "CREATE_COMPLETE");

    // The next page is requested only after the last one is used up.
    let mut stream = Box::pin(list().page_size(2).stream());
    assert_eq!(stream.try_next().await.unwrap().unwrap().name, all[0]);
    drop(stream);
    for stack in &made {
        delete(cloud, stack).await;
    }
    assert_eq!(names(list().show_deleted(true).await.unwrap()).len(), 5);
}

pub(crate) async fn waiting_comes_to_an_end(cloud: &Cloud) {
    let (stacks, name) = (cloud.heat.stacks(), cloud.name("wait"));
    let slow = test_resource(json!({"action_wait_secs": {"create": 3600}}));
    let created = stacks.create(NewStack::new(&name, slow)).await.unwrap();
    let error = stacks
        .wait(&created, Action::Create)
        // reached: the stack takes an hour
        .timeout(Duration::from_secs(3))
        .await
        .unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert_eq!(
        error.to_string(),
        format!(
            "wait for CREATE of stack \"{name}\": timed out after 3s; the stack is CREATE_IN_PROGRESS"
        )
    );
    delete(cloud, &created).await;
    let stack = create(cloud, NewStack::new(&name, template()))
        .await
        .unwrap();
    // Already complete: reported immediately, with all events. A second poll would be too late.
    let events: Vec<_> = stacks
        .wait(&name, Action::Create)
        .interval(60 * MINUTE)
        .timeout(3 * MINUTE)
        .events()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(
        events.first().unwrap().status.to_string(),
        "CREATE_IN_PROGRESS"
    );
    assert_eq!(events.last().unwrap().status.to_string(), "CREATE_COMPLETE");
    // No update was started. This is reported after a while.
    let error = stacks
        .wait(&name, Action::Update)
        .timeout(3 * MINUTE)
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("stack \"{name}\": no UPDATE is in progress: the stack is CREATE_COMPLETE")
    );
    delete(cloud, &stack).await;
}

pub(crate) async fn another_action_overtakes(cloud: &Cloud) {
    let (stacks, name) = (cloud.heat.stacks(), cloud.name("overtake"));
    let slow = test_resource(json!({"action_wait_secs": {"create": 3600}}));
    let created = stacks.create(NewStack::new(&name, slow)).await.unwrap();
    let wait = tokio::spawn(
        stacks
            .wait(&created, Action::Create)
            .timeout(3 * MINUTE)
            .into_future(),
    );
    tokio::time::sleep(Duration::from_millis(200)).await;
    stacks.delete(&created).await.unwrap();
    let error = wait.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StackFailed);
    let text = error.to_string();
    assert!(
        text.starts_with(&format!(
            "stack \"{name}\": CREATE was superseded by DELETE: the stack is DELETE_"
        )),
        "{text}"
    );
    let gone = stacks
        .wait(&created, Action::Delete)
        .timeout(3 * MINUTE)
        .await
        .unwrap();
    assert_eq!(gone.status.to_string(), "DELETE_COMPLETE");
}

pub(crate) async fn events_are_followed(cloud: &Cloud) {
    let (stacks, events, name) = (
        cloud.heat.stacks(),
        cloud.heat.events(),
        cloud.name("follow"),
    );
    let stack = create(cloud, NewStack::new(&name, template()))
        .await
        .unwrap();
    let fast = Duration::from_millis(100);
    let first = events
        .follow(&name)
        .from_beginning(true)
        .interval(fast)
        .stream();
    let first: Vec<_> = first.take(3).try_collect().await.unwrap();
    let listed = events.list(&name).limit(3).await.unwrap();
    assert_eq!(first, listed);
    let second = events
        .follow(&name)
        .after(&first[0].id)
        .interval(fast)
        .stream();
    assert_eq!(
        Box::pin(second).try_next().await.unwrap().unwrap().id,
        listed[1].id
    );

    let follow = events.follow(&stack).interval(fast).stream();
    let before = events.list(&stack).await.unwrap();
    let new = tokio::spawn(async move { Box::pin(follow).try_next().await });
    // Following has started once it receives a new event.
    while !new.is_finished() {
        stacks.check(&stack).await.unwrap();
        let wait = stacks.wait(&stack, Action::Check).timeout(3 * MINUTE);
        wait.await.unwrap();
        tokio::time::sleep(fast).await;
    }
    let new = new.await.unwrap().unwrap().unwrap();
    assert!(new.status.to_string().starts_with("CHECK_"), "{new:?}");
    assert!(before.iter().all(|event| event.id != new.id), "{new:?}");
    delete(cloud, &stack).await;
}
