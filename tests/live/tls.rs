//! The HTTPS endpoints of the cloud (`up --tls`), with a private certificate authority; and TLS terminators before its
//! HTTP endpoints.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use heatclient::transport::TlsConfig;
use heatclient::transport::layers::RetryPolicy;
use heatclient::{Client, ErrorKind, Session};
use heatclient_test_support::cloud::facts;
use heatclient_test_support::demo;
use heatclient_test_support::secured::{Secured, certificate, fixture};
use heatclient_test_support::time::HANG;

#[tokio::test]
async fn https_is_spoken_to_those_whose_authority_is_trusted() {
    let Some(facts) = facts() else {
        eprintln!("skipped: HEAT_LIVE_STATE is not set");
        return;
    };
    let Some(auth_url) = facts["identity_tls_url"].as_str() else {
        eprintln!("skipped: the cloud has no HTTPS side");
        return;
    };
    let heat = |tls: TlsConfig| {
        let session = Session::builder(demo(auth_url, "demo"))
            .tls(tls)
            .retry(RetryPolicy::none());
        let region = facts["tls_region"].as_str().unwrap();
        Client::builder(session.build()).region(region).build()
    };
    let trusting = heat(TlsConfig::default().cacert(facts["cacert"].as_str().unwrap()));
    trusting.stacks().list().limit(1).await.unwrap();
    let endpoint = trusting.adapter().endpoint().await.unwrap();
    assert_eq!(endpoint.scheme_str(), Some("https"));

    let error = heat(TlsConfig::default())
        .stacks()
        .list()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
    let other = TlsConfig::default().cacert(fixture("ca.pem"));
    let error = heat(other).stacks().list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
    assert!(
        error.to_string().contains("not signed by a trusted CA"),
        "{error}"
    );
    let insecure = heat(TlsConfig::default().insecure(true));
    insecure.stacks().list().limit(1).await.unwrap();
}

/// Writes a file as an editor or a simple script does it: for a moment it is empty, and then only half there.
async fn rewrite(from: &[&str], to: &Path) {
    let text: Vec<u8> = from
        .iter()
        .flat_map(|name| std::fs::read(fixture(name)).unwrap())
        .collect();
    for part in [0, text.len() / 2, text.len()] {
        std::fs::write(to, &text[..part]).unwrap();
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

/// Repeats until it is so.
async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let wait = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let waited = tokio::time::timeout(HANG, wait).await;
    waited.unwrap_or_else(|_| panic!("still not: {what}"));
}

/// The client certificate, the CA and the server's certificate are replaced one after the other, while calls run all the
/// time. No call fails.
#[tokio::test]
async fn certificates_are_replaced_during_calls() {
    let Some(facts) = facts() else {
        eprintln!("skipped: HEAT_LIVE_STATE is not set");
        return;
    };
    let authority = |key: &str| {
        let url = facts[key].as_str().unwrap();
        let rest = url.split_once("://").unwrap().1;
        rest.split('/').next().unwrap().to_owned()
    };
    let keystone = Secured::before("server", &authority("identity_url")).await;
    let heat = Secured::before("server", &authority("orchestration_url")).await;
    let directory = std::env::temp_dir().join(format!("heat-live-tls-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let [ca, cert, key] = ["ca.pem", "cert.pem", "key.pem"].map(|name| directory.join(name));
    rewrite(&["ca.pem"], &ca).await;
    rewrite(&["client.pem"], &cert).await;
    rewrite(&["client.key"], &key).await;
    let tls = TlsConfig::default().cacert(&ca).cert(&cert).key(&key);
    let auth = demo(&format!("{}/v3", keystone.url()), "demo");
    let project = facts["projects"]["demo"].as_str().unwrap();
    let endpoint = format!("{}/v1/{project}", heat.url());
    let client = Client::builder(Session::builder(auth).tls(tls).build())
        .endpoint_override(endpoint.parse().unwrap())
        .build();

    let (ends, calls) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicUsize::new(0)),
    );
    let callers: Vec<_> = (0..4)
        .map(|caller| {
            let (client, ends, calls) = (client.clone(), Arc::clone(&ends), Arc::clone(&calls));
            tokio::spawn(async move {
                while !ends.load(Ordering::SeqCst) {
                    let listed = client.stacks().list().limit(1).await;
                    listed.unwrap_or_else(|error| panic!("caller {caller}: {error}"));
                    if caller == 0 {
                        // A login, too.
                        client.adapter().session().invalidate();
                    }
                    calls.fetch_add(1, Ordering::SeqCst);
                }
            })
        })
        .collect();
    let more_calls = || {
        let (before, calls) = (calls.load(Ordering::SeqCst), Arc::clone(&calls));
        move || calls.load(Ordering::SeqCst) > before + 20
    };
    until("calls with the first certificate", more_calls()).await;
    let [first, second] = ["client", "client-v1"].map(|name| Some(certificate(name)));
    let mut seen = heat.connections();
    assert!(!seen.is_empty() && seen.iter().all(|connection| connection.client == first));

    // Certificate and key, in the order in which they match only at the end.
    rewrite(&["client-v1.pem"], &cert).await;
    until("calls between certificate and key", more_calls()).await;
    rewrite(&["client-v1.key"], &key).await;
    for server in [&keystone, &heat] {
        until("a connection with the second certificate", || {
            let new = server.connections();
            new.iter().any(|connection| connection.client == second)
        })
        .await;
        server.accept_only("client-v1");
    }
    until("calls with the second certificate", more_calls()).await;

    // Both CAs, the server's other certificate, and then only its CA.
    rewrite(&["ca.pem", "self-signed.pem"], &ca).await;
    until("a connection that trusts both", || {
        !heat.connections().is_empty()
    })
    .await;
    for server in [&keystone, &heat] {
        server.replace("self-signed");
    }
    rewrite(&["self-signed.pem"], &ca).await;
    until("calls with the other CA", || !heat.connections().is_empty()).await;
    until("calls at the end", more_calls()).await;
    ends.store(true, Ordering::SeqCst);
    for caller in callers {
        caller.await.unwrap();
    }
    seen.extend(heat.connections());
    assert!(calls.load(Ordering::SeqCst) > 80);
    std::fs::remove_dir_all(directory).unwrap();
}
