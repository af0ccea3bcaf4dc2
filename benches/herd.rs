//! Ten thousand concurrent first calls on a cold session: the number of logins, and the time.
//!
//! `cargo bench --bench herd`

#![allow(clippy::expect_used, clippy::disallowed_methods)]

use std::time::Instant;

use heatclient::sandbox::Sandbox;
use heatclient::{Client, Session, loading};
use http::Method;

const CALLS: usize = 10_000;

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let sandbox = Sandbox::start().await.expect("a sandbox");
        let user = sandbox.credentials();
        // Without a version in the URL, so that discovery is needed.
        let auth = loading::plugin_loader("password")
            .and_then(|loader| {
                loader.load([
                    ("auth_url", sandbox.identity_root_url()),
                    ("username", user.username),
                    ("password", user.password),
                    ("project_name", user.project_name),
                    ("user_domain_name", user.user_domain_name),
                    ("project_domain_name", user.project_domain_name),
                ])
            })
            .expect("a plugin");
        let heat = Client::new(Session::builder(auth).concurrency(256).build());
        let start = Instant::now();
        let mut calls = tokio::task::JoinSet::new();
        for _ in 0..CALLS {
            let heat = heat.clone();
            calls.spawn(async move { heat.stacks().list().await.is_ok() });
        }
        let answered = calls.join_all().await.into_iter().filter(|ok| *ok).count();
        let took = start.elapsed();
        let discoveries = sandbox.count_where(|r| {
            r.method == Method::GET && !r.path.ends_with("/stacks")
        });
        println!(
            "{CALLS} first calls at once, sandbox in the same process: {answered} answered in {:.2} s, \
             {} login, {discoveries} discovery, {} requests in all",
            took.as_secs_f64(),
            sandbox.logins(),
            sandbox.requests().len(),
        );
    });
}
