//! Calls that are dropped at any point leave nothing behind: no permit, no connection, no second login.

use std::future::IntoFuture as _;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::future::join_all;
use futures::{StreamExt as _, poll, stream};
use heatclient::auth::identity::{Password, UserRef};
use heatclient::auth::{DomainRef, Scope};
use heatclient::sandbox::Sandbox;
use heatclient::testing::{self, RecordedRequest, ScriptedTransport};
use heatclient::transport::Body;
use heatclient::transport::layers::RetryPolicy;
use heatclient::{Client, Error, Result, Session};
use heatclient_test_support::builder;
use heatclient_test_support::time::{HANG, turn};
use http::{Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use serde_json::json;
use tokio::task::yield_now;
use tokio::time::{advance, timeout};
use tower::ServiceExt as _;

/// A cloud that needs a login and discovery. If `trouble` is set, the list of stacks is answered with 503 first and
/// with 401 then.
fn cloud(trouble: bool) -> ScriptedTransport {
    let lists = AtomicUsize::new(0);
    ScriptedTransport::new(move |request| match request.path() {
        "/v3/auth/tokens" => {
            let token = testing::token().project("p");
            token.endpoint("orchestration", "http://heat/p").answer()
        }
        "/" => testing::json(
            300,
            json!({"versions": [{"id": "v1.0", "status": "CURRENT",
                "links": [{"rel": "self", "href": "http://heat/v1/"}]}]}),
        ),
        _ => match lists.fetch_add(1, Ordering::Relaxed) {
            0 if trouble => testing::empty(503),
            1 if trouble => testing::empty(401),
            _ => testing::json(200, json!({"stacks": []})),
        },
    })
}

/// Counts one more until it is dropped.
struct Inside(Arc<AtomicUsize>);

impl Inside {
    fn of(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(count))
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// One call at a time to this cloud, which gives way before it answers and in the middle of each body. Counts the
/// requests and bodies that are under way.
fn session(cloud: &ScriptedTransport) -> (Session, Arc<AtomicUsize>) {
    let under_way: Arc<AtomicUsize> = Arc::default();
    let (cloud, count) = (cloud.clone(), Arc::clone(&under_way));
    let transport = tower::service_fn(move |request: Request<Body>| {
        let (cloud, inside) = (cloud.clone(), Inside::of(&count));
        async move {
            yield_now().await;
            let answer = cloud.oneshot(request).await?;
            yield_now().await;
            Ok::<_, Error>(answer.map(|body| slow(body, inside)))
        }
    });
    let domain = DomainRef::name("Default");
    let user = UserRef::name("demo", domain.clone());
    let auth = Password::new("http://keystone/v3", user, "demo").unwrap();
    let session = Session::builder(auth.scope(Scope::project_name("demo", domain)))
        .transport(transport)
        .retry(RetryPolicy::new(4).backoff(Duration::ZERO, Duration::ZERO))
        .concurrency(1)
        .build();
    (session, under_way)
}

fn slow(body: Body, inside: Inside) -> Body {
    let whole = stream::once(async move {
        yield_now().await;
        let bytes = body.collect().await?.to_bytes();
        drop(inside);
        Ok::<_, Error>(Frame::data(bytes))
    });
    Body::stream(StreamBody::new(whole.boxed()))
}

fn is_login(request: &&RecordedRequest) -> bool {
    request.path() == "/v3/auth/tokens"
}

async fn list(heat: &Client) -> Result<usize> {
    Ok(heat.stacks().list().await?.len())
}

/// What must hold after a call was dropped: calls succeed, one after the other, and nothing stays under way.
async fn check(session: &Session, under_way: &AtomicUsize, case: &str) {
    let heat = Client::new(session.clone());
    let calls = join_all((0..3).map(|_| list(&heat)));
    let results = timeout(HANG, calls)
        .await
        .unwrap_or_else(|_| panic!("{case}: a permit is lost"));
    for result in results {
        assert_eq!(result.unwrap(), 0, "{case}");
    }
    assert_eq!(under_way.load(Ordering::Relaxed), 0, "{case}");
}

/// Polls a call up to `polls` times, other tasks and some time in between, and drops it. Returns whether it ended.
async fn drop_after(polls: usize, call: impl Future) -> bool {
    let mut call = pin!(call);
    for _ in 0..polls {
        if poll!(&mut call).is_ready() {
            return true;
        }
        advance(Duration::from_millis(50)).await;
    }
    false
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_after_any_number_of_polls_leaves_nothing_behind() {
    for trouble in [false, true] {
        let (mut polls, mut ended) = (0, false);
        while !ended {
            let case = format!("trouble: {trouble}, {polls} polls");
            let cloud = cloud(trouble);
            let (session, under_way) = session(&cloud);
            let heat = Client::new(session.clone());
            ended = drop_after(polls, list(&heat)).await;
            check(&session, &under_way, &case).await;
            let logins = cloud.requests().iter().filter(is_login).count();
            match trouble {
                false => assert_eq!(logins, 1, "{case}"),
                // The 401 may have come to a call that was dropped before it learned of it.
                true => assert!((1..=2).contains(&logins), "{case}: {logins} logins"),
            }
            polls += 1;
            assert!(polls < 1000, "{case}: the call does not end");
        }
        assert!(polls > 8, "only {polls} points");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_in_the_queue_leaves_its_place() {
    for polls in 0..12 {
        let cloud = cloud(false);
        let (session, under_way) = session(&cloud);
        let heat = Client::new(session.clone());
        list(&heat).await.unwrap();
        // The first call has the only permit, the second one waits for it.
        let mut first = pin!(list(&heat));
        assert!(poll!(&mut first).is_pending());
        let ended = drop_after(polls, list(&heat)).await;
        assert!(!ended, "the second call overtakes the first");
        timeout(HANG, first).await.unwrap().unwrap();
        check(&session, &under_way, &format!("{polls} polls")).await;
        assert_eq!(cloud.requests().iter().filter(is_login).count(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_loses_a_race_at_any_time_leaves_nothing_behind() {
    const STEP: Duration = Duration::from_millis(10);
    let mut lost = 0;
    for steps in 0.. {
        let cloud = cloud(false).delay(4 * STEP);
        let (session, under_way) = session(&cloud);
        let heat = Client::new(session.clone());
        let won = tokio::select! {
            biased;
            () = tokio::time::sleep(steps * STEP) => false,
            result = list(&heat) => {
                result.unwrap();
                true
            }
        };
        check(&session, &under_way, &format!("{steps} steps")).await;
        assert_eq!(
            cloud.requests().iter().filter(is_login).count(),
            1,
            "{steps} steps"
        );
        if won {
            break;
        }
        lost += 1;
    }
    // A login, discovery and a list of four steps each.
    assert!(lost >= 12, "{lost}");
}

#[tokio::test]
async fn a_dropped_call_frees_its_connection() {
    let sandbox = Sandbox::start().await.unwrap();
    let (mut polls, mut ended) = (0, false);
    while !ended {
        sandbox.clear_requests();
        let session = builder(&sandbox).max_connections_per_host(1).build();
        let heat = Client::new(session);
        {
            let mut call = pin!(list(&heat));
            for _ in 0..polls {
                ended = poll!(&mut call).is_ready();
                if ended {
                    break;
                }
                turn().await;
            }
        }
        let calls = join_all((0..3).map(|_| list(&heat)));
        for result in timeout(HANG, calls).await.expect("a permit is lost") {
            result.unwrap();
        }
        assert_eq!(sandbox.logins(), 1, "{polls} polls");
        polls += 1;
    }
    assert!(polls > 4, "only {polls} points");
}

#[tokio::test]
async fn an_answer_that_is_dropped_unread_frees_its_connection() {
    let sandbox = Sandbox::start().await.unwrap();
    let session = builder(&sandbox).max_connections_per_host(1).build();
    let heat = Client::new(session);
    for _ in 0..3 {
        let answer: Response<Body> = heat.adapter().get("/stacks").send().await.unwrap();
        drop(answer);
    }
    let listed = timeout(HANG, heat.stacks().list().into_future()).await;
    assert!(listed.expect("a permit is lost").unwrap().is_empty());
}
