//! Waits while Heat and Keystone are stopped, killed and started. `tests/long/restarts` runs this and the restarts.
//!
//! Heat loses an action in progress when it stops: the stack stays `IN_PROGRESS` until another action. So each wait here
//! ends by something that happens after the restarts.

use std::path::{Path, PathBuf};
use std::time::Duration;

use futures::TryStreamExt as _;
use heatclient::clock;
use heatclient::heat::{
    Action, DeploymentUpdate, Event, NewSoftwareConfig, NewSoftwareDeployment, NewStack,
};
use heatclient::service::Poll;
use heatclient_test_support::cloud::{Cloud, cloud};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

const SERVER: &str = "2b8d88d6-1901-4ee9-9246-7b505c87ee8f";
const SECOND: Duration = Duration::from_secs(1);

fn resource(kind: &str, properties: Value) -> Value {
    let resource = json!({"type": kind, "properties": properties});
    json!({"heat_template_version": "2021-04-16", "resources": {"one": resource}})
}

/// Its create takes an hour, and is lost with the first restart.
fn endless() -> Value {
    resource(
        "OS::Heat::TestResource",
        json!({"action_wait_secs": {"create": 3600}}),
    )
}

fn quick() -> Value {
    resource("OS::Heat::Value", json!({"value": 1}))
}

/// Waits for a file that the script writes, or writes one for it.
struct Signals(PathBuf);

impl Signals {
    fn send(&self, name: &str) {
        std::fs::write(self.0.join(name), "").unwrap();
    }

    async fn wait_for(&self, name: &str) {
        let path = self.0.join(name);
        while !path.exists() {
            tokio::time::sleep(SECOND / 10).await;
        }
    }
}

/// A task, and the time that it took.
fn timed<T: Send + 'static>(
    what: impl IntoFuture<Output = T, IntoFuture: Send + 'static>,
) -> JoinHandle<(T, Duration)> {
    let (began, future) = (clock::now(), what.into_future());
    tokio::spawn(async move { (future.await, clock::now() - began) })
}

async fn create(cloud: &Cloud, name: &str, template: Value) -> heatclient::heat::StackRef {
    let stacks = cloud.heat.stacks();
    let created = stacks.create(NewStack::new(cloud.name(name), template));
    (&created.await.unwrap()).into()
}

/// The lines of the access log: requests that reached the services.
fn requests(state: &Path) -> usize {
    let log = std::fs::read_to_string(state.join("log/access.log")).unwrap();
    log.lines().count()
}

pub(crate) async fn waits_outlive_restarts() {
    let (Some(cloud), Some(signals)) = (cloud(), std::env::var_os("HEAT_RESTARTS")) else {
        eprintln!("skipped: run by tests/long/restarts");
        return;
    };
    let state = PathBuf::from(std::env::var_os("HEAT_LIVE_STATE").unwrap());
    let signals = Signals(signals.into());
    let stacks = cloud.heat.stacks();
    let deployments = cloud.heat.software_deployments();
    let snapshots = cloud.heat.snapshots();

    let done = create(&cloud, "done", quick()).await;
    stacks.wait(&done, Action::Create).await.unwrap();
    let snapshot = snapshots.create(&done).await.unwrap();
    snapshots.wait(&done, &snapshot.id).await.unwrap();
    stacks.wait(&done, Action::Snapshot).await.unwrap();
    let deleted = create(&cloud, "deleted", endless()).await;
    let overtaken = create(&cloud, "overtaken", endless()).await;
    let updated = create(&cloud, "updated", endless()).await;
    let config = cloud.heat.software_configs();
    let config = config.create(NewSoftwareConfig::new("c")).await.unwrap();
    let mut ids = Vec::new();
    for _ in 0..2 {
        let new = NewSoftwareDeployment::new(SERVER, &config.id);
        ids.push(deployments.create(new).await.unwrap().id);
    }

    let before = requests(&state);
    let delete = timed(stacks.wait(&deleted, Action::Delete));
    let create_wait = timed(stacks.wait(&overtaken, Action::Create));
    let update = timed(stacks.wait(&updated, Action::Update));
    let idle = timed(stacks.wait_idle(&updated));
    let complete = timed(deployments.wait(&ids[0]));
    let failed = timed(deployments.wait(&ids[1]));
    let follow = cloud.heat.events().follow(&updated).from_beginning(true);
    let events = timed(follow.stream().try_collect::<Vec<Event>>());
    let polled = {
        let (stacks, updated) = (stacks.clone(), updated.clone());
        let poll = Poll::new(move || stacks.get(&updated).resolve_outputs(false));
        timed(async move {
            poll.until(|stack| Ok(stack.status.to_string() == "DELETE_COMPLETE"))
                .await
        })
    };
    // They end in the first outage.
    let impatient = stacks.wait(&deleted, Action::Create);
    let impatient = timed(impatient.tolerate_errors_for(3 * SECOND));
    // reached: the outages take longer.
    let limited = timed(stacks.wait(&deleted, Action::Create).timeout(20 * SECOND));
    tokio::time::sleep(2 * SECOND).await;

    signals.send("ready");
    signals.wait_for("restarted").await;
    let (error, time) = impatient.await.unwrap();
    println!(
        "tolerant for 3 s: {:.1} s: {}",
        time.as_secs_f64(),
        error.as_ref().unwrap_err()
    );
    assert!(error.unwrap_err().is_transient());
    let (error, time) = limited.await.unwrap();
    println!(
        "deadline of 20 s: {:.1} s: {}",
        time.as_secs_f64(),
        error.as_ref().unwrap_err()
    );
    assert!(error.unwrap_err().is_timeout());
    for (name, ended) in [
        ("delete", delete.is_finished()),
        ("create", create_wait.is_finished()),
        ("update", update.is_finished()),
        ("idle", idle.is_finished()),
        ("deployment", complete.is_finished()),
        ("deployment", failed.is_finished()),
        ("events", events.is_finished()),
        ("poll", polled.is_finished()),
    ] {
        assert!(!ended, "the wait for {name} has ended in a restart");
    }
    println!("{} requests while waiting", requests(&state) - before);

    let began = clock::now();
    let results = DeploymentUpdate::complete().stdout("out");
    deployments.update(&ids[0], results).await.unwrap();
    let results = DeploymentUpdate::failed("it broke").stderr("why");
    deployments.update(&ids[1], results).await.unwrap();
    stacks.delete(&deleted).await.unwrap();
    stacks.delete(&overtaken).await.unwrap();
    // An update would wait for the lost create for ever.
    stacks.delete(&updated).await.unwrap();
    snapshots.restore(&done, &snapshot.id).await.unwrap();
    let restored = stacks.wait(&done, Action::Restore).await.unwrap();
    assert_eq!(restored.status.to_string(), "RESTORE_COMPLETE");

    let (gone, time) = delete.await.unwrap();
    let gone = gone.unwrap();
    println!("DELETE: {time:.1?}: {}", gone.status);
    assert_eq!(gone.status.to_string(), "DELETE_COMPLETE");
    let (error, time) = create_wait.await.unwrap();
    let error = error.unwrap_err();
    println!("CREATE: {time:.1?}: {error}");
    assert_eq!(error.superseded_by(), Some(&Action::Delete));
    let (error, time) = update.await.unwrap();
    let error = error.unwrap_err();
    println!("UPDATE: {time:.1?}: {error}");
    assert_eq!(error.superseded_by(), Some(&Action::Delete));
    let (stack, time) = idle.await.unwrap();
    let stack = stack.unwrap();
    println!("no action: {time:.1?}: {}", stack.status);
    assert_eq!(stack.status.to_string(), "DELETE_COMPLETE");
    let (polled, time) = polled.await.unwrap();
    println!("poll: {time:.1?}: {}", polled.unwrap().status);
    let (deployment, time) = complete.await.unwrap();
    println!("deployment: {time:.1?}");
    assert_eq!(deployment.unwrap().stdout(), Some("out"));
    let (error, time) = failed.await.unwrap();
    let error = error.unwrap_err();
    println!("deployment: {time:.1?}: {error}");
    let log = error.failures()[0].deployment.as_ref().unwrap();
    assert_eq!(log.stderr.as_deref(), Some("why"));
    let (followed, time) = events.await.unwrap();
    let followed = followed.unwrap();
    println!("events: {time:.1?}: {} events", followed.len());
    let listed = cloud.heat.events().list(&updated).await.unwrap();
    assert_eq!(followed, listed, "each event once, and in order");
    println!("all ended {:.1?} after the restarts", clock::now() - began);

    cloud.try_delete(&done).await.unwrap();
}
