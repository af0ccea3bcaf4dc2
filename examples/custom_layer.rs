//! A custom layer that counts the calls of all service clients, and the failed calls.
//!
//! `cargo run --example custom_layer`

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use heatclient::auth::identity::{Password, UserRef};
use heatclient::auth::{DomainRef, Scope};
use heatclient::sandbox::Sandbox;
use heatclient::transport::Body;
use heatclient::{Client, Session};
use http::{Request, Response};
use tower::{Layer, Service};

/// The counters. Clones share them.
#[derive(Debug, Clone, Default)]
struct Counters(Arc<(AtomicUsize, AtomicUsize)>);

impl<S> Layer<S> for Counters {
    type Service = Counted<S>;

    fn layer(&self, inner: S) -> Counted<S> {
        Counted {
            inner,
            counters: self.clone(),
        }
    }
}

#[derive(Debug, Clone)]
struct Counted<S> {
    inner: S,
    counters: Counters,
}

impl<S> Service<Request<Body>> for Counted<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Future: Send + 'static>,
    S::Error: Send,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let (answer, counters) = (self.inner.call(request), self.counters.clone());
        Box::pin(async move {
            let answer = answer.await;
            let (calls, failures) = &*counters.0;
            calls.fetch_add(1, Ordering::Relaxed);
            if !answer
                .as_ref()
                .is_ok_and(|answer| answer.status().is_success())
            {
                failures.fetch_add(1, Ordering::Relaxed);
            }
            answer
        })
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    let user = sandbox.credentials();
    let domain = DomainRef::name(&user.user_domain_name);
    let auth = Password::new(
        &sandbox.auth_url(),
        UserRef::name(&user.username, domain.clone()),
        user.password.as_str(),
    )?
    .scope(Scope::project_name(&user.project_name, domain));

    let counters = Counters::default();
    let session = Session::builder(auth).layer(counters.clone()).build();
    let heat = Client::new(session);
    heat.stacks().list().await?;
    let missing = heat.stacks().get_opt("no-such-stack").await?;
    assert!(missing.is_none());

    let (calls, failures) = &*counters.0;
    println!(
        "{} calls, {} of them failed",
        calls.load(Ordering::Relaxed),
        failures.load(Ordering::Relaxed)
    );
    Ok(())
}
