//! One fault at a time, and the exact results of the calls.

use std::time::Duration;

use heatclient::ErrorKind;
use heatclient::heat::{Action, NewStack};
use heatclient::sandbox::Sandbox;
use heatclient_test_support::proxy::{Fault, template};

use super::Run;

/// A run with a stack `web` that was created without faults. After that the proxy injects faults.
async fn with_web(fault: Fault) -> Run {
    let mut run = Run::start(Sandbox::start().await.unwrap(), "", fault, 1).await;
    run.proxy.behave();
    run.create("web").await;
    run.proxy.misbehave();
    run
}

#[tokio::test]
async fn what_is_cut_off_is_asked_for_again_unless_it_is_a_create() {
    let run = with_web(Fault::CutBodies).await;
    let stacks = run.heat.stacks();
    assert_eq!(run.call("list", stacks.list()).await.unwrap().len(), 1);
    assert!(run.call("show", stacks.get("web")).await.is_ok());
    assert!(run.proxy.strikes() >= 2);
    let error = run
        .call("create", stacks.create(NewStack::new("new", template())))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted, "{error}");
    assert!(error.may_have_been_sent());
    assert_eq!(run.proxy.creates("new"), 1);
    run.end().await;
}

#[tokio::test]
async fn one_bad_connection_is_not_used_again() {
    let run = Run::start(
        Sandbox::start().await.unwrap(),
        "",
        Fault::OneBadConnection,
        1,
    )
    .await;
    for _ in 0..5 {
        run.call("list", run.heat.stacks().list()).await.unwrap();
    }
    assert_eq!(run.proxy.strikes(), 1);
    run.end().await;
}

#[tokio::test]
async fn a_slow_drip_is_ended() {
    let run = with_web(Fault::Drip).await;
    let error = run
        .call("list", run.heat.stacks().list())
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("the response is too slow"),
        "{error}"
    );
    run.end().await;
}

#[tokio::test]
async fn silence_is_asked_once_more_and_then_given_up() {
    let run = with_web(Fault::Silence).await;
    let before = run.proxy.requests().len();
    let error = run
        .call("list", run.heat.stacks().list())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert_eq!(run.proxy.requests().len() - before, 2);
    let stacks = run.heat.stacks();
    let create = stacks.create(NewStack::new("new", template()));
    let error = run.call("create", create).await.unwrap_err();
    assert!(error.may_have_been_sent(), "{error}");
    assert_eq!(run.proxy.requests().len() - before, 3);
    run.end().await;
}

#[tokio::test]
async fn a_stack_that_replicas_do_not_know_yet_is_waited_for() {
    let sandbox = Sandbox::start().await.unwrap();
    let run = Run::start(sandbox, "", Fault::LateStacks(3), 1).await;
    let stacks = run.heat.stacks();
    let create = stacks.create(NewStack::new("web", template()));
    let stack = run.call("create", create).await.unwrap();
    let wait = stacks.wait(&stack, Action::Create);
    assert!(run.call("wait", wait).await.unwrap().status.is_complete());
    assert_eq!(run.proxy.strikes(), 3);
    run.end().await;
}

#[tokio::test]
async fn a_stack_of_others_that_heat_does_not_know_is_not_found() {
    let run = Run::start(Sandbox::start().await.unwrap(), "", Fault::LateStacks(0), 1).await;
    let stacks = run.heat.stacks();
    let wait = stacks.wait("nobody", Action::Create);
    assert!(run.call("wait", wait).await.unwrap_err().is_not_found());
    assert!(
        run.call("find", stacks.get_opt("nobody"))
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn a_404_that_is_not_heats_says_nothing_about_stacks() {
    let run = with_web(Fault::ForeignNotFound).await;
    let stacks = run.heat.stacks();
    let error = run.call("show", stacks.get("web")).await.unwrap_err();
    assert!(!error.is_not_found(), "{error}");
    let error = run.call("find", stacks.get_opt("web")).await.unwrap_err();
    assert!(!error.is_not_found(), "{error}");
    let error = run.call("delete", stacks.delete("web")).await.unwrap_err();
    assert!(!error.is_not_found(), "{error}");
    let wait = stacks
        .wait("web", Action::Delete)
        .timeout(Duration::from_secs(60));
    let error = run.call("wait", wait).await.unwrap_err();
    assert!(!error.is_not_found(), "{error}");
    let outputs = run.heat.outputs();
    let error = run
        .call("output", outputs.get("web", "o"))
        .await
        .unwrap_err();
    assert!(!error.is_not_found(), "{error}");
    run.proxy.behave();
    assert!(run.call("show", stacks.get("web")).await.is_ok());
    run.end().await;
}

#[tokio::test]
async fn a_404_that_is_not_heats_is_retried() {
    let run = with_web(Fault::SomeForeignNotFound(2)).await;
    let stacks = run.heat.stacks();
    assert_eq!(run.call("list", stacks.list()).await.unwrap().len(), 1);
    assert_eq!(run.proxy.strikes(), 2);
    run.end().await;
}
