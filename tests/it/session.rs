//! Properties of sessions: one login, no avoidable failure, no waiting.

use std::time::Duration;

use heatclient::sandbox::{Fault, Sandbox};
use heatclient::{Client, ErrorKind, Session};
use heatclient_test_support::time::Clock;
use heatclient_test_support::{builder, client, demo};
use http::Method;
use tokio::task::JoinSet;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_first_calls_are_one_login() {
    let sandbox = Sandbox::start().await.unwrap();
    // More concurrent connections would only measure the listener's queue.
    let session = builder(&sandbox).concurrency(256).build();
    let heat = Client::new(session);
    let mut calls = JoinSet::new();
    for _ in 0..10_000 {
        let heat = heat.clone();
        calls.spawn(async move { heat.stacks().list().await.map(|stacks| stacks.len()) });
    }
    let results = calls.join_all().await;
    assert_eq!(results.len(), 10_000);
    assert!(
        results
            .into_iter()
            .all(|result| result.is_ok_and(|stacks| stacks == 0))
    );
    assert_eq!(sandbox.count(Method::POST, "/v3/auth/tokens"), 1);
    assert_eq!(sandbox.count_where(|r| r.path.ends_with("/stacks")), 10_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_login_is_everybodys_error_and_one_request() {
    let sandbox = Sandbox::start().await.unwrap();
    let heat = Client::new(Session::new(demo(&sandbox.auth_url(), "wrong")));
    let mut calls = JoinSet::new();
    for _ in 0..1_000 {
        let heat = heat.clone();
        calls.spawn(async move { heat.stacks().list().await.map(drop) });
    }
    for result in calls.join_all().await {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Auth);
        assert!(error.is_unauthorized());
    }
    assert_eq!(sandbox.logins(), 1);
}

#[tokio::test]
async fn the_first_caller_may_leave() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.fault(Fault::on(Method::POST, "/auth/tokens").delay(Duration::from_millis(300)));
    let heat = client(&sandbox);
    let first = tokio::spawn({
        let heat = heat.clone();
        async move { heat.stacks().list().await }
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    let others: Vec<_> = (0..50)
        .map(|_| {
            let heat = heat.clone();
            tokio::spawn(async move { heat.stacks().list().await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(50)).await;
    first.abort();
    for other in others {
        assert!(other.await.unwrap().is_ok());
    }
    assert_eq!(sandbox.logins(), 1);
}

#[tokio::test]
async fn short_lived_tokens_are_renewed_before_anyone_notices() {
    let clock = Clock::stop();
    let sandbox = Sandbox::builder()
        .token_lifetime(Duration::from_secs(60))
        .start()
        .await
        .unwrap();
    // With a slow login, a waiting caller would be noticed.
    sandbox.fault(Fault::on(Method::POST, "/auth/tokens").delay(Duration::from_secs(4)));
    let heat = client(&sandbox);
    let step = Duration::from_millis(200);
    clock.moving(step, heat.stacks().list()).await.unwrap();
    // The clock is stopped during each call: a call that waited for a login would never end.
    for _ in 0..1200 {
        clock.still(heat.stacks().list()).await.unwrap();
        clock.pass(step).await;
    }
    let logins = sandbox.logins();
    assert!(
        (4..=8).contains(&logins),
        "{logins} logins in four lifetimes"
    );
}

#[tokio::test]
async fn a_keystone_that_is_down_is_noticed_when_the_token_ends() {
    let clock = Clock::stop();
    let sandbox = Sandbox::builder()
        .token_lifetime(Duration::from_secs(60))
        .start()
        .await
        .unwrap();
    let session = builder(&sandbox).build();
    let heat = Client::new(session.clone());
    clock.still(heat.stacks().list()).await.unwrap();
    let end = session.access().await.unwrap().unwrap().expires().unwrap();
    sandbox.stop_identity().await;
    let step = Duration::from_secs(1);
    while heatclient::clock::wall() + step < end {
        clock.still(heat.stacks().list()).await.unwrap();
        clock.pass(step).await;
    }
    clock.pass(2 * step).await;
    let step = Duration::from_millis(50);
    let error = clock.moving(step, heat.stacks().list()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect, "{error}");
    sandbox.start_identity().await.unwrap();
    // After failures, logins pause for five seconds at most.
    clock.pass(Duration::from_secs(5)).await;
    clock.moving(step, heat.stacks().list()).await.unwrap();
}

#[tokio::test]
async fn a_cold_list_is_two_requests() {
    let sandbox = Sandbox::start().await.unwrap();
    client(&sandbox).stacks().list().await.unwrap();
    let paths: Vec<_> = sandbox.requests().into_iter().map(|r| r.path).collect();
    assert_eq!(paths.len(), 2, "{paths:?}");
}

#[tokio::test]
async fn an_endpoint_and_a_token_need_no_keystone() {
    let sandbox = Sandbox::start().await.unwrap();
    let token = builder(&sandbox)
        .build()
        .access()
        .await
        .unwrap()
        .unwrap()
        .token()
        .clone();
    sandbox.clear_requests();
    let heat = Client::with_token(&sandbox.orchestration_url(), token).unwrap();
    heat.stacks().list().await.unwrap();
    assert_eq!(sandbox.requests().len(), 1);
    assert_eq!(sandbox.logins(), 0);
    // There are no credentials for a login, so the 401 is returned immediately.
    sandbox.revoke_all_tokens();
    let error = heat.stacks().list().await.unwrap_err();
    assert!(error.is_unauthorized(), "{error}");
    assert_eq!(sandbox.requests().len(), 2);
}
