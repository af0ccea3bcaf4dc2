//! Makes the same calls as `bare`, through a session of osauth. osauth has no client for Heat: responses are decoded
//! into the types of `bare`.
//!
//! `osauth-peer call ENDPOINT TASKS CALLS` makes the calls in the given number of tasks.

#[path = "../../bare/src/stack.rs"]
mod stack;

use async_trait::async_trait;
use osauth::services::ServiceType;
use osauth::{AuthType, EndpointFilters, Error, Session};
use reqwest::{Certificate, Client, RequestBuilder, Url};
use stack::Page;

const CA: &[u8] = include_bytes!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../../tests/fixtures/tls/ca.pem"
));
const TOKEN: &str = "gAAAAABm-a-token-of-the-usual-length-0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567";

/// A plugin that has a token already, as in a session that has been used for a while.
#[derive(Debug)]
struct AtHand(Url);

#[async_trait]
impl AuthType for AtHand {
    async fn authenticate(
        &self,
        _: &Client,
        request: RequestBuilder,
    ) -> Result<RequestBuilder, Error> {
        Ok(request.header("x-auth-token", TOKEN))
    }

    async fn get_endpoint(&self, _: &Client, _: &str, _: &EndpointFilters) -> Result<Url, Error> {
        Ok(self.0.clone())
    }

    async fn refresh(&self, _: &Client) -> Result<(), Error> {
        Ok(())
    }
}

#[derive(Clone, Copy, Debug)]
struct Heat;

impl ServiceType for Heat {
    fn catalog_type(&self) -> &'static str {
        "orchestration"
    }

    fn version_discovery_supported(&self) -> bool {
        false
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ["call", endpoint, tasks, calls] = words.as_slice() else {
        panic!("usage: osauth-peer call ENDPOINT TASKS CALLS");
    };
    let number = |text: &str| text.parse::<usize>().expect("a number");
    let (tasks, calls) = (number(tasks), number(calls));
    let auth = AtHand(endpoint.parse().expect("a URL"));
    let client = Client::builder()
        .add_root_certificate(Certificate::from_pem(CA).expect("a certificate"))
        .build()
        .expect("a client");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let heat = runtime
        .block_on(Session::new_with_client(client, auth))
        .expect("a session")
        .into_adapter(Heat);
    let local = tokio::task::LocalSet::new();
    for _ in 0..tasks {
        let heat = heat.clone();
        local.spawn_local(async move {
            for _ in 0..calls / tasks {
                let page: Page = heat.get_json(["stacks"]).await.expect("an answer");
                assert!(!page.stacks.is_empty());
            }
        });
    }
    runtime.block_on(local);
}
