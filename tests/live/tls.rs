//! The HTTPS endpoints of the cloud (`up --tls`), with a private certificate authority.

use heatclient::transport::TlsConfig;
use heatclient::transport::layers::RetryPolicy;
use heatclient::{Client, ErrorKind, Session};
use heatclient_test_support::cloud::facts;
use heatclient_test_support::demo;

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
    let insecure = heat(TlsConfig::default().insecure(true));
    insecure.stacks().list().limit(1).await.unwrap();
}
