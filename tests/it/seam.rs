//! The seam between a session and what is beneath it: transports, pools, and layers of one's own.

use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use heatclient::auth::identity::{Password, UserRef};
use heatclient::auth::{DomainRef, Scope};
use heatclient::sandbox::{Fault, Sandbox};
use heatclient::session::SessionBuilder;
use heatclient::testing::{self, ScriptedTransport};
use heatclient::transport::{Body, Pool, PoolConfig};
use heatclient::{Client, Result, Session};
use heatclient_test_support::builder;
use http::{Method, Request, Response};
use serde_json::json;
use tower::{Layer, Service};

/// What layers saw, in the order in which they saw it; clones share it.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    /// A layer that notes its name, the method and the URL of each request.
    fn layer(&self, name: &'static str) -> Noting {
        Noting(name, self.clone())
    }

    fn add(&self, name: &str, request: &Request<Body>) {
        let note = format!("{name} {} {}", request.method(), request.uri());
        self.0.lock().unwrap().push(note);
    }

    fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    fn of(&self, name: &str) -> usize {
        let notes = self.all();
        notes.iter().filter(|note| note.starts_with(name)).count()
    }
}

struct Noting(&'static str, Notes);

impl<S> Layer<S> for Noting {
    type Service = Noted<S>;

    fn layer(&self, inner: S) -> Noted<S> {
        Noted(inner, self.0, self.1.clone())
    }
}

#[derive(Clone)]
struct Noted<S>(S, &'static str, Notes);

impl<S: Service<Request<Body>>> Service<Request<Body>> for Noted<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> S::Future {
        self.2.add(self.1, &request);
        self.0.call(request)
    }
}

fn password() -> Password {
    let domain = DomainRef::name("Default");
    let user = UserRef::name("demo", domain.clone());
    let auth = Password::new("http://keystone/v3", user, "demo").unwrap();
    auth.scope(Scope::project_name("demo", domain))
}

/// A session with two layers of each sort, added in the order of their names.
fn layered(session: SessionBuilder, notes: &Notes) -> Session {
    session
        .layer(notes.layer("call-1"))
        .attempt_layer(notes.layer("wire-1"))
        .layer(notes.layer("call-2"))
        .attempt_layer(notes.layer("wire-2"))
        .build()
}

fn login() -> Result<Response<Body>> {
    let token = testing::token().project("p");
    token.endpoint("orchestration", "http://heat/p").answer()
}

fn redirect(location: &str) -> Result<Response<Body>> {
    let mut answer = testing::empty(302)?;
    let location = location.parse().unwrap();
    answer
        .headers_mut()
        .insert(http::header::LOCATION, location);
    Ok(answer)
}

#[tokio::test(start_paused = true)]
async fn outer_layers_see_the_call_and_inner_layers_each_wire_request() {
    let versions = json!({"versions": [{"id": "v1.0", "status": "CURRENT",
        "links": [{"rel": "self", "href": "http://heat/v1/"}]}]});
    let cloud = ScriptedTransport::answers([
        login(),
        testing::json(300, versions),
        redirect("http://heat/v1/p/stacks/web/1"),
        testing::empty(503),
        testing::empty(401),
        login(),
        redirect("http://heat/v1/p/stacks/web/1"),
        testing::json(200, json!({})),
    ]);
    let notes = Notes::default();
    let session = Session::builder(password()).transport(cloud.clone());
    let heat = Client::new(layered(session, &notes));
    heat.adapter().get("/stacks/web").finish().await.unwrap();

    let wire = [
        "POST http://keystone/v3/auth/tokens",
        "GET http://heat/",
        "GET http://heat/v1/p/stacks/web",
        "GET http://heat/v1/p/stacks/web/1",
        "GET http://heat/v1/p/stacks/web/1",
        "POST http://keystone/v3/auth/tokens",
        "GET http://heat/v1/p/stacks/web",
        "GET http://heat/v1/p/stacks/web/1",
    ];
    let inner = wire
        .iter()
        .flat_map(|what| [format!("wire-2 {what}"), format!("wire-1 {what}")]);
    let mut expected = vec![
        "call-2 GET /stacks/web".to_owned(),
        "call-1 GET /stacks/web".to_owned(),
    ];
    expected.extend(inner);
    assert_eq!(notes.all(), expected);

    let seen = cloud.requests();
    let seen: Vec<_> = seen
        .iter()
        .map(|r| format!("{} {}", r.method, r.uri))
        .collect();
    assert_eq!(seen, wire);
}

#[tokio::test]
async fn layers_around_a_shared_pool_are_those_of_their_session() {
    let sandbox = Sandbox::start().await.unwrap();
    let pool = Pool::new(PoolConfig::default());
    let (one, other) = (Notes::default(), Notes::default());
    let session = |notes: &Notes| layered(builder(&sandbox).pool(pool.clone()), notes);
    let (first, second) = (Client::new(session(&one)), Client::new(session(&other)));
    first.stacks().list().await.unwrap();
    assert_eq!((one.of("call-1"), one.of("wire-1")), (1, 2));
    assert_eq!(other.all().len(), 0);

    sandbox.fault(
        Fault::within(Method::GET, "/stacks")
            .status(503, &[], "")
            .times(1),
    );
    second.stacks().list().await.unwrap();
    // The login, the 503, the list.
    assert_eq!((other.of("call-2"), other.of("wire-2")), (1, 3));
    assert_eq!((one.of("call-2"), one.of("wire-2")), (1, 2));
}

#[tokio::test]
async fn an_outer_layer_may_answer_itself() {
    let cloud = ScriptedTransport::answers([]);
    let answering = tower::layer::layer_fn(|_| {
        tower::service_fn(async |_: Request<Body>| testing::json(200, json!({"stacks": []})))
    });
    let session = Session::builder(password()).transport(cloud.clone());
    let heat = Client::new(session.layer(answering).build());
    assert!(heat.stacks().list().await.unwrap().is_empty());
    assert_eq!(cloud.requests().len(), 0);
}
