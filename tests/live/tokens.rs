//! Tokens with a lifetime of five seconds (`up --token-expiry 5`).

use std::net::SocketAddr;
use std::time::Duration;

use futures::FutureExt as _;
use heatclient::loading::plugin_loader;
use heatclient::{Client, ErrorKind, Session, clock};
use heatclient_test_support::cloud::cloud;
use heatclient_test_support::demo;
use http::{HeaderName, Method};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

fn is_short_lived() -> bool {
    let short = std::env::var("HEAT_LIVE_TOKEN_EXPIRY").is_ok_and(|seconds| seconds == "5");
    if !short {
        eprintln!("skipped: HEAT_LIVE_TOKEN_EXPIRY is not 5");
    }
    short
}

/// A proxy to Keystone that can be closed, and that counts logins.
struct Gate {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Gate {
    async fn open(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move {
            let mut streams = tokio::task::JoinSet::new();
            while let Ok((mut inside, _)) = listener.accept().await {
                let target = target.clone();
                streams.spawn(async move {
                    let mut outside = TcpStream::connect(target).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut inside, &mut outside).await;
                });
            }
        });
        Self { address, task }
    }
}

/// The issue time of the session's token. It changes with each login.
async fn audit(session: &Session) -> String {
    session.access().await.unwrap().unwrap().audit_ids()[0].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn short_lived_tokens_are_renewed_without_a_failure_or_a_wait() {
    let Some(cloud) = cloud().filter(|_| is_short_lived()) else {
        return;
    };
    let session = Session::new(demo(&cloud.facts.auth_url, "demo"));
    let heat = Client::new(session.clone());
    heat.stacks().list().limit(1).await.unwrap();
    let (mut issues, mut calls) = (vec![audit(&session).await], 0u32);
    let end = heatclient::clock::now() + Duration::from_secs(60);
    while heatclient::clock::now() < end {
        // There is a token already: no call waits for a login.
        let issue = audit(&session).now_or_never();
        let issue = issue.expect("a call would wait for a login");
        if issues.last() != Some(&issue) {
            issues.push(issue);
        }
        heat.stacks().list().limit(1).await.unwrap();
        calls += 1;
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    let logins = issues.len();
    println!("{calls} calls, {logins} logins");
    // Twelve lifetimes, each slightly shortened.
    assert!(
        (11..=22).contains(&logins),
        "{logins} logins in 60 s of tokens that live 5 s"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_token_fails_no_call() {
    let Some(cloud) = cloud() else {
        eprintln!("skipped: HEAT_LIVE_STATE is not set");
        return;
    };
    let session = Session::new(demo(&cloud.facts.auth_url, "demo"));
    let heat = Client::new(session.clone());
    heat.stacks().list().limit(1).await.unwrap();
    let access = session.access().await.unwrap().unwrap();
    session
        .request(
            Method::DELETE,
            format!("{}/auth/tokens", cloud.facts.auth_url),
        )
        .header(
            HeaderName::from_static("x-subject-token"),
            access.token().to_header_value().unwrap(),
        )
        .finish()
        .await
        .unwrap();
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let heat = heat.clone();
        calls.spawn(async move { heat.stacks().list().limit(1).await.map(drop) });
    }
    for result in calls.join_all().await {
        result.unwrap();
    }
    // Heat may have cached the token, but Keystone does not know it. This call needs another.
    let projects = format!("{}/auth/projects", cloud.facts.auth_url);
    session
        .request(Method::GET, projects)
        .finish()
        .await
        .unwrap();
    assert_ne!(audit(&session).await, access.audit_ids()[0]);
}

#[tokio::test]
async fn short_lived_tokens_outlast_a_keystone_that_stops() {
    let Some(cloud) = cloud().filter(|_| is_short_lived()) else {
        return;
    };
    let target = cloud
        .facts
        .auth_url
        .trim_start_matches("http://")
        .trim_end_matches("/v3");
    let gate = Gate::open(target.to_owned()).await;
    let session = Session::new(demo(&format!("http://{}/v3", gate.address), "demo"));
    let heat = Client::new(session.clone());
    heat.stacks().list().limit(1).await.unwrap();
    let access = session.access().await.unwrap().unwrap();
    let end = access.expires().unwrap();
    gate.task.abort();
    let _ = gate.task.await;
    // Heat contacts Keystone directly.
    while heatclient::clock::wall() + Duration::from_millis(300) < end {
        heat.stacks().list().limit(1).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let left = end.duration_since(heatclient::clock::wall());
    tokio::time::sleep(left.unsigned_abs() + Duration::from_millis(500)).await;
    let error = heat.stacks().list().limit(1).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect, "{error}");
}

#[tokio::test]
async fn an_expired_token_cannot_log_in() {
    let Some(cloud) = cloud().filter(|_| is_short_lived()) else {
        return;
    };
    let session = Session::new(demo(&cloud.facts.auth_url, "demo"));
    let access = session.access().await.unwrap().unwrap();
    let token = access.token().expose();
    let login = || {
        let options = [
            ("auth_url", cloud.facts.auth_url.as_str()),
            ("token", token),
        ];
        Session::new(plugin_loader("v3token").unwrap().load(options).unwrap())
    };
    let left = access.expires_at().unwrap().duration_since(clock::wall());
    tokio::time::sleep(left.unsigned_abs() + Duration::from_secs(1)).await;
    let error = login().access().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth, "{error}");
    let text = error.to_string();
    assert!(text.starts_with("login with a token at "), "{text}");
    assert!(!text.contains(token), "{text}");
}
