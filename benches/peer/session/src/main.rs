//! Makes the same calls as `bare`, through a session and the Heat client.
//!
//! `session call ENDPOINT TASKS CALLS` makes the calls in the given number of tasks.

use std::time::Duration;

use heatclient::auth::{AuthContext, AuthData, AuthPlugin};
use heatclient::transport::TlsConfig;
use heatclient::secret::Secret;
use heatclient::{Client, Result, Session};
use http::Uri;

const CA: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../../tests/fixtures/tls/ca.pem"
);
const TOKEN: &str = "gAAAAABm-a-token-of-the-usual-length-0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567";

/// A plugin that has a token already, as in a session that has been used for a while.
#[derive(Debug)]
struct AtHand(Uri);

impl AuthPlugin for AtHand {
    async fn authenticate(&self, _: &AuthContext) -> Result<AuthData> {
        let end = heatclient::clock::wall() + Duration::from_secs(3600);
        Ok(AuthData::token(&Secret::from(TOKEN))?.expires(end))
    }

    fn endpoint(&self) -> Option<&Uri> {
        Some(&self.0)
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ["call", endpoint, tasks, calls] = words.as_slice() else {
        panic!("usage: session call ENDPOINT TASKS CALLS");
    };
    let number = |text: &str| text.parse::<usize>().expect("a number");
    let (tasks, calls) = (number(tasks), number(calls));
    let tls = TlsConfig::default().cacert(CA);
    let auth = AtHand(endpoint.parse().expect("a URL"));
    let heat = Client::new(Session::builder(auth).tls(tls).build());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let local = tokio::task::LocalSet::new();
    for _ in 0..tasks {
        let heat = heat.clone();
        local.spawn_local(async move {
            for _ in 0..calls / tasks {
                let stacks = heat.stacks().list().await.expect("an answer");
                assert!(!stacks.is_empty());
            }
        });
    }
    runtime.block_on(local);
}
