//! Endings of waits and of followed events.

use std::time::Duration;

use futures::TryStreamExt as _;
use heatclient::ErrorKind;
use heatclient::heat::{
    Action, DeploymentUpdate, Event, NewSoftwareConfig, NewSoftwareDeployment, NewStack, Stack,
    Status,
};
use heatclient_test_support::cloud::Cloud;
use serde_json::{Value, json};

use super::heat::{MINUTE, create, delete, template, test_resource};

/// Passes the name of each case to a macro that defines a test for it.
#[macro_export]
macro_rules! ending_cases {
    ($test:ident) => {
        $test! {
            each_action_is_waited_for
            a_failed_deployment_has_its_log
            a_deployment_is_waited_for
            a_snapshot_is_waited_for_until_it_is_gone
            a_deleted_stack_ends_other_waits
            a_deletion_ends_following
        }
    };
}

/// Any UUID is taken for a server.
const SERVER: &str = "2b8d88d6-1901-4ee9-9246-7b505c87ee8f";

async fn done(cloud: &Cloud, stack: &Stack, action: Action) {
    let wait = cloud.heat.stacks().wait(stack, action.clone());
    let ended = wait.timeout(3 * MINUTE).await.unwrap();
    assert_eq!(ended.status.to_string(), format!("{action}_COMPLETE"));
}

pub(crate) async fn each_action_is_waited_for(cloud: &Cloud) {
    let (stacks, name) = (cloud.heat.stacks(), cloud.name("each"));
    let stack = create(cloud, NewStack::new(&name, template()))
        .await
        .unwrap();
    stacks.check(&stack).await.unwrap();
    done(cloud, &stack, Action::Check).await;
    stacks.suspend(&stack).await.unwrap();
    done(cloud, &stack, Action::Suspend).await;
    stacks.resume(&stack).await.unwrap();
    done(cloud, &stack, Action::Resume).await;
    let snapshot = cloud.heat.snapshots().create(&stack).await.unwrap();
    done(cloud, &stack, Action::Snapshot).await;
    cloud
        .heat
        .snapshots()
        .restore(&stack, &snapshot.id)
        .await
        .unwrap();
    let idle = stacks.wait_idle(&stack).timeout(3 * MINUTE).await.unwrap();
    assert_eq!(idle.status.to_string(), "RESTORE_COMPLETE");
    done(cloud, &stack, Action::Restore).await;
    delete(cloud, &stack).await;
    // Deleted before the wait began.
    let wait = stacks.wait(&stack, Action::Delete).timeout(3 * MINUTE);
    assert_eq!(wait.await.unwrap().status.to_string(), "DELETE_COMPLETE");
    let wait = stacks.wait(&name, Action::Delete).timeout(3 * MINUTE);
    assert_eq!(wait.await.unwrap().status.to_string(), "DELETE_COMPLETE");
    let error = stacks.wait_idle(&name).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
}

fn deployment_template(deployments: usize) -> Value {
    let config = json!({"type": "OS::Heat::SoftwareConfig", "properties": {
        "group": "script", "config": "exit 3",
        "outputs": [{"name": "result"}],
    }});
    let deployment = json!({"type": "OS::Heat::SoftwareDeployment", "properties": {
        "config": {"get_resource": "config"}, "server": SERVER, "signal_transport": "HEAT_SIGNAL",
    }});
    let mut resources = json!({"config": config});
    for n in 0..deployments {
        resources[format!("deployment{n}")] = deployment.clone();
    }
    json!({"heat_template_version": "2021-04-16", "resources": resources})
}

pub(crate) async fn a_failed_deployment_has_its_log(cloud: &Cloud) {
    let (stacks, name) = (cloud.heat.stacks(), cloud.name("deploy"));
    let created = stacks
        .create(NewStack::new(&name, deployment_template(1)))
        .await
        .unwrap();
    let resources = cloud.heat.resources();
    let id = loop {
        let resource = resources.get(&created, "deployment0").await.unwrap();
        if let Some(id) = resource.physical_resource_id {
            break id;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    let results = DeploymentUpdate::failed("it exited with 3")
        .stdout("one\ntwo\n")
        .stderr("no such file")
        .status_code(3);
    let deployments = cloud.heat.software_deployments();
    deployments.update(&id, results).await.unwrap();
    let wait = stacks.wait(&created, Action::Create).timeout(3 * MINUTE);
    let error = wait.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StackFailed, "{error}");
    let [failure] = error.failures() else {
        panic!("{:?}", error.failures());
    };
    assert_eq!(failure.path, "deployment0");
    assert_eq!(failure.physical_resource_id.as_ref(), Some(&id));
    let log = failure.deployment.as_ref().unwrap();
    assert_eq!((&log.id, &log.status), (&id, &Status::Failed));
    assert_eq!(log.status_reason, "it exited with 3");
    assert_eq!(log.stdout.as_deref(), Some("one\ntwo\n"));
    assert_eq!(log.stderr.as_deref(), Some("no such file"));
    assert_eq!(log.status_code, Some(3));

    assert_eq!(stacks.failures(&name).await.unwrap(), error.failures());
    let without = stacks.failures(&name).deployment_logs(false).await.unwrap();
    assert_eq!((without.len(), &without[0].deployment), (1, &None));
    delete(cloud, &created).await;
}

pub(crate) async fn a_deployment_is_waited_for(cloud: &Cloud) {
    let deployments = cloud.heat.software_deployments();
    let configs = cloud.heat.software_configs();
    let config = NewSoftwareConfig::new(cloud.name("wait-config"));
    let config = configs.create(config).await.unwrap();
    let new = || NewSoftwareDeployment::new(SERVER, &config.id);
    let made = deployments.create(new()).await.unwrap();
    let error = deployments
        .wait(&made.id)
        // reached: nobody has reported a result
        .timeout(Duration::from_secs(2))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WaitTimeout, "{error}");
    let wait = deployments.wait(&made.id).timeout(3 * MINUTE);
    let wait = tokio::spawn(wait.into_future());
    let results = DeploymentUpdate::complete().stdout("done").status_code(0);
    deployments.update(&made.id, results).await.unwrap();
    assert_eq!(wait.await.unwrap().unwrap().stdout(), Some("done"));

    let results = DeploymentUpdate::failed("it broke").stderr("why");
    deployments.update(&made.id, results).await.unwrap();
    let error = deployments.wait(&made.id).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StackFailed);
    assert!(error.to_string().ends_with("_FAILED: it broke"), "{error}");
    let log = error.failures()[0].deployment.as_ref().unwrap();
    assert_eq!(log.stderr.as_deref(), Some("why"));

    deployments.delete(&made.id).await.unwrap();
    let error = deployments.wait(&made.id).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    configs.delete(&config.id).await.unwrap();
}

pub(crate) async fn a_snapshot_is_waited_for_until_it_is_gone(cloud: &Cloud) {
    let (snapshots, name) = (cloud.heat.snapshots(), cloud.name("snapwait"));
    let stack = create(cloud, NewStack::new(&name, template()))
        .await
        .unwrap();
    let taken = snapshots.create(&stack).await.unwrap();
    let wait = snapshots.wait(&stack, &taken.id).timeout(3 * MINUTE);
    let taken = wait.await.unwrap();
    assert!(taken.is_complete(), "{taken:?}");
    done(cloud, &stack, Action::Snapshot).await;
    snapshots.delete(&stack, &taken.id).await.unwrap();
    match snapshots.wait(&stack, &taken.id).timeout(3 * MINUTE).await {
        Ok(gone) => assert_eq!(gone.action, Some(Action::Delete)),
        Err(error) => assert!(error.is_not_found(), "{error}"),
    }
    let error = snapshots.get(&stack, &taken.id).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    delete(cloud, &stack).await;
}

pub(crate) async fn a_deleted_stack_ends_other_waits(cloud: &Cloud) {
    let (stacks, name) = (cloud.heat.stacks(), cloud.name("ended"));
    let slow = test_resource(json!({"action_wait_secs": {"create": 3600}}));
    let old = stacks.create(NewStack::new(&name, slow)).await.unwrap();
    // By the name: it is looked up once.
    let create_wait = stacks.wait(&name, Action::Create).timeout(3 * MINUTE);
    let mut events = Box::pin(create_wait.events());
    assert!(events.try_next().await.unwrap().is_some());
    delete(cloud, &old).await;
    let new = create(cloud, NewStack::new(&name, template()))
        .await
        .unwrap();
    let error = loop {
        match events.try_next().await {
            Ok(event) => assert!(event.is_some()),
            Err(error) => break error,
        }
    };
    assert_eq!(error.superseded_by(), Some(&Action::Delete), "{error}");
    let wait = stacks.wait(&old, Action::Delete).timeout(3 * MINUTE);
    let gone = wait.await.unwrap();
    assert_eq!((&gone.id, gone.status.is_complete()), (&old.id, true));
    assert_ne!(new.id, old.id);
    delete(cloud, &new).await;
}

pub(crate) async fn a_deletion_ends_following(cloud: &Cloud) {
    let (events, name) = (cloud.heat.events(), cloud.name("followed"));
    let stack = create(cloud, NewStack::new(&name, template()))
        .await
        .unwrap();
    let follow = || {
        let follow = events.follow(&stack).from_beginning(true);
        follow.interval(Duration::from_millis(200))
    };
    // The nested list lacks the events of a stack that has no resources any more.
    let spawned = |levels: u32| {
        let stream = follow().nested_depth(levels).stream();
        tokio::spawn(stream.try_collect::<Vec<Event>>())
    };
    let (own, nested) = (spawned(0), spawned(2));
    cloud.heat.stacks().delete(&stack).await.unwrap();
    let listed = async || events.list(&stack).await.unwrap();
    let own = tokio::time::timeout(3 * MINUTE, own).await.unwrap();
    let own = own.unwrap().unwrap();
    assert_eq!(own.last().unwrap().status.to_string(), "DELETE_COMPLETE");
    let ids = |events: &[Event]| {
        let mut ids: Vec<_> = events.iter().map(|event| event.id.clone()).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(&own), ids(&listed().await));
    let nested = tokio::time::timeout(3 * MINUTE, nested).await.unwrap();
    assert_eq!(ids(&nested.unwrap().unwrap()), ids(&own));
    // What has ended already is read to its end, too.
    let later: Vec<Event> = events
        .follow(&stack)
        .from_beginning(true)
        .stream()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(ids(&later), ids(&own));
}
