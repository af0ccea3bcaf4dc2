//! One `static` session and several runtimes: one after the other, at once, and some that end in the middle.

use std::future::IntoFuture as _;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, LazyLock, mpsc};
use std::thread;

use futures::poll;
use heatclient::heat::NewStack;
use heatclient::sandbox::Sandbox;
use heatclient::testing::{self, ScriptedTransport};
use heatclient::transport::Body;
use heatclient::{Client, Error, Session};
use heatclient_test_support::builder;
use http::Request;
use serde_json::json;
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt as _;

/// A sandbox with a runtime and a thread of its own, for the rest of the process.
fn cloud() -> &'static Sandbox {
    let (sender, started) = mpsc::channel();
    thread::spawn(move || {
        runtime().block_on(async {
            let sandbox = Sandbox::start().await.unwrap();
            sender.send(&*Box::leak(Box::new(sandbox))).unwrap();
            std::future::pending::<()>().await;
        });
    });
    started.recv().unwrap()
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

async fn list(session: &Session) -> usize {
    let heat = Client::new(session.clone());
    heat.stacks().list().await.unwrap().len()
}

async fn create(session: &Session, name: String) {
    let template = json!({"heat_template_version": "2021-04-16"});
    let heat = Client::new(session.clone());
    heat.stacks()
        .create(NewStack::new(name, template))
        .await
        .unwrap();
}

#[test]
fn runtimes_one_after_the_other_share_a_static_session() {
    static CLOUD: LazyLock<&Sandbox> = LazyLock::new(cloud);
    static SESSION: LazyLock<Session> = LazyLock::new(|| builder(&CLOUD).build());
    for n in 0..5 {
        // The connections of the runtime before are closed: what must not be repeated is sent once all the same.
        runtime().block_on(async {
            create(&SESSION, format!("stack-{n}")).await;
            assert_eq!(list(&SESSION).await, n + 1);
        });
    }
    assert_eq!(CLOUD.logins(), 1);
    assert_eq!(
        CLOUD.count_where(|request| request.path.ends_with("/stacks")),
        10
    );
}

#[test]
fn runtimes_at_once_share_a_static_session() {
    static CLOUD: LazyLock<&Sandbox> = LazyLock::new(cloud);
    static SESSION: LazyLock<Session> = LazyLock::new(|| builder(&CLOUD).build());
    let start = Arc::new(Barrier::new(4));
    let threads: Vec<_> = (0..4)
        .map(|thread| {
            let start = Arc::clone(&start);
            thread::spawn(move || {
                start.wait();
                // Each runtime of this thread ends while those of the others are at work.
                for n in 0..5 {
                    runtime().block_on(async {
                        create(&SESSION, format!("stack-{thread}-{n}")).await;
                        list(&SESSION).await;
                    });
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(runtime().block_on(list(&SESSION)), 20);
    assert_eq!(CLOUD.logins(), 1);
}

#[test]
fn a_runtime_that_stands_still_does_not_hold_up_another_one() {
    let cloud = cloud();
    let session = builder(cloud).build();
    let (one, other) = (runtime(), runtime());
    one.block_on(list(&session));
    // The first runtime is there and drives nothing: its connections must not be used.
    other
        .block_on(async {
            tokio::time::timeout(std::time::Duration::from_secs(60), list(&session)).await
        })
        .expect("the call waits for a connection of the other runtime");
    one.block_on(list(&session));
    assert_eq!(cloud.logins(), 1);
}

/// A session whose first request to `path` gets no answer.
fn forgetful(path: &'static str) -> (Session, ScriptedTransport) {
    let cloud = ScriptedTransport::new(move |request| match request.path() {
        "/v3/auth/tokens" => {
            let token = testing::token().project("p");
            token.endpoint("orchestration", "http://heat/p").answer()
        }
        "/" => testing::json(
            300,
            json!({"versions": [{"id": "v1.0", "status": "CURRENT",
                "links": [{"rel": "self", "href": "http://heat/v1/"}]}]}),
        ),
        _ => testing::json(200, json!({"stacks": []})),
    });
    let (answers, seen) = (cloud.clone(), Arc::new(AtomicUsize::new(0)));
    let transport = tower::service_fn(move |request: Request<Body>| {
        let (answers, seen) = (answers.clone(), Arc::clone(&seen));
        async move {
            let is_it = request.uri().path() == path;
            let answer = answers.oneshot(request).await?;
            if is_it && seen.fetch_add(1, Ordering::Relaxed) == 0 {
                std::future::pending::<()>().await;
            }
            Ok::<_, Error>(answer)
        }
    });
    let auth = heatclient_test_support::demo("http://keystone/v3", "demo");
    (Session::builder(auth).transport(transport).build(), cloud)
}

#[test]
fn what_ends_with_its_runtime_is_done_again_by_who_waits_for_it() {
    for path in ["/v3/auth/tokens", "/"] {
        let (session, cloud) = forgetful(path);
        let heat = Client::new(session);
        let (one, other) = (runtime(), runtime());
        let is_there = || {
            cloud
                .requests()
                .iter()
                .any(|request| request.path() == path)
        };
        let mut first = Box::pin(heat.stacks().list().into_future());
        one.block_on(async {
            while !is_there() {
                assert!(poll!(&mut first).is_pending());
                tokio::task::yield_now().await;
            }
        });
        // The second call waits for what the first one has begun.
        let mut second = Box::pin(heat.stacks().list().into_future());
        other.block_on(async {
            for _ in 0..10 {
                assert!(poll!(&mut second).is_pending());
                tokio::task::yield_now().await;
            }
        });
        one.block_on(async { assert!(poll!(&mut first).is_pending()) });
        drop(first);
        drop(one);
        let stacks = other.block_on(async {
            let limit = heatclient_test_support::time::HANG;
            tokio::time::timeout(limit, pin!(second)).await
        });
        assert!(stacks.expect(path).unwrap().is_empty());
        let count = cloud.requests().iter().filter(|r| r.path() == path).count();
        assert_eq!(count, 2, "{path}");
    }
}
