//! Client and server certificates, with TLS servers.

use heatclient::auth::{AdminToken, NoAuth};
use heatclient::loading::plugin_loader;
use heatclient::template::Packer;
use heatclient::template::Source;
use heatclient::transport::TlsConfig;
use heatclient::transport::layers::RetryPolicy;
use heatclient::{Client, Session};
use heatclient_test_support::demo;
use heatclient_test_support::scripted::{Scripted, Seen, answer, json};
use heatclient_test_support::secured::{Secured, fixture};
use http::Method;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

const PROJECT: &str = "ffffffffffffffffffffffffffffffff";

fn tls(cacert: &str) -> TlsConfig {
    TlsConfig::default().cacert(fixture(cacert))
}

fn with_certificate() -> TlsConfig {
    tls("ca.pem")
        .cert(fixture("client.pem"))
        .key(fixture("client.key"))
}

/// A Keystone whose catalog has Heat at `heat`.
async fn keystone(heat: &str) -> Secured {
    let url = format!("{heat}/v1/{PROJECT}");
    Secured::start(move |seen| match seen.method.as_str() {
        "POST" => answer(
            "201 Created",
            "content-type: application/json\r\nx-subject-token: token-1\r\n",
            &format!(
                r#"{{"token": {{"methods": ["password"], "user": {{"id": "u", "name": "demo",
                    "domain": {{"id": "default", "name": "Default"}}}},
                    "project": {{"id": "{PROJECT}", "name": "demo", "domain": {{"id": "default", "name": "Default"}}}},
                    "expires_at": "2099-01-01T00:00:00.000000Z", "issued_at": "2026-01-01T00:00:00.000000Z",
                    "catalog": [{{"type": "orchestration", "name": "heat", "id": "h", "endpoints": [
                        {{"id": "e", "interface": "public", "region": "R", "region_id": "R", "url": "{url}"}}]}}]}}}}"#
            ),
        ),
        _ => json(
            "200 OK",
            r#"{"version": {"id": "v3.14", "status": "stable", "links": [{"rel": "self", "href": "/v3/"}]}}"#,
        ),
    })
    .await
}

fn stacks(_: &Seen) -> Vec<u8> {
    json("200 OK", r#"{"stacks": []}"#)
}

/// Redirects everything to the path `/x` at `url`.
fn redirecting(url: &str) -> impl Fn(&Seen) -> Vec<u8> + Send + Sync + 'static {
    let location = format!("location: {url}/x\r\n");
    move |_| answer("302 Found", &location, "")
}

fn session(keystone: &Secured) -> Session {
    Session::builder(demo(&format!("{}/v3", keystone.url()), "demo"))
        .tls(with_certificate())
        .build()
}

/// A session that discovers the versions of Keystone first.
fn discovering(keystone: &str) -> Session {
    let auth = plugin_loader("password").unwrap().load([
        ("auth_url", keystone),
        ("username", "demo"),
        ("password", "demo"),
        ("user_domain_id", "default"),
    ]);
    Session::builder(auth.unwrap())
        .tls(with_certificate())
        .build()
}

#[tokio::test]
async fn the_client_certificate_goes_to_the_cloud_and_nowhere_else() {
    let heat = Secured::start(stacks).await;
    let foreign = Secured::start(stacks).await;
    for discovers in [false, true] {
        let keystone = keystone(&heat.url()).await;
        let session = match discovers {
            false => session(&keystone),
            true => discovering(&keystone.url()),
        };
        let client = Client::new(session.clone());
        client.stacks().list().await.unwrap();
        assert_eq!(
            keystone.certified(),
            [true].repeat(1 + usize::from(discovers))
        );
        assert_eq!(heat.certified(), [true]);
        // Not to other servers, even if the same connection pool has served the cloud.
        let url = format!("{}/x", foreign.url());
        session.request(Method::GET, url).send().await.unwrap();
        assert_eq!(foreign.certified(), [false]);
        // Nor to the cloud in an anonymous call.
        let url = format!("{}/x", heat.url());
        let anonymous = session.request(Method::GET, url).authenticated(false);
        anonymous.send().await.unwrap();
        assert_eq!(heat.certified(), [false]);
    }
}

#[tokio::test]
async fn the_client_certificate_does_not_follow_a_redirect_to_another_origin() {
    let foreign = Secured::start(stacks).await;
    let heat = Secured::start(redirecting(&foreign.url())).await;
    let keystone = keystone(&heat.url()).await;
    let client = Client::new(session(&keystone));
    let _ = client.stacks().list().await;
    assert_eq!(heat.certified(), [true]);
    assert_eq!(foreign.certified(), [false]);
    // A redirect during discovery.
    let keystone = Secured::start(redirecting(&foreign.url())).await;
    let _ = Client::new(discovering(&keystone.url()))
        .stacks()
        .list()
        .await;
    assert!(keystone.certified().contains(&true));
    assert_eq!(foreign.certified(), [false]);
    // A redirect within the server stays at the same origin.
    let heat = Secured::start(|seen| match seen.path.as_str() {
        "/v1/stacks" => answer("302 Found", "location: /v1/elsewhere\r\n", ""),
        _ => stacks(seen),
    });
    let heat = heat.await;
    let auth = AdminToken::new(&format!("{}/v1", heat.url()), "token").unwrap();
    let session = Session::builder(auth).tls(with_certificate()).build();
    Client::new(session).stacks().list().await.unwrap();
    assert_eq!(heat.certified(), [true, true]);
}

/// Keystone is configured with http, and redirects to https on the same host.
#[tokio::test]
async fn the_client_certificate_follows_an_upgrade_to_https() {
    let heat = Secured::start(stacks).await;
    let keystone = keystone(&heat.url()).await;
    let location = keystone.url();
    let front = Scripted::start(move |seen| {
        let location = format!("location: {location}{}\r\n", seen.path);
        answer("301 Moved Permanently", &location, "")
    });
    let front = front.await;
    let url = front.url.replace("127.0.0.1", "localhost");
    Client::new(discovering(&url))
        .stacks()
        .list()
        .await
        .unwrap();
    let seen = keystone.requests();
    let logins = seen.iter().filter(|(line, _)| line.starts_with("POST"));
    assert_eq!(logins.count(), 1);
    assert!(seen.iter().all(|(_, certified)| *certified), "{seen:?}");
    assert_eq!(heat.certified(), [true]);
}

/// The catalog still names http, and everything there is redirected to https.
#[tokio::test]
async fn writes_by_name_follow_an_endpoint_that_has_moved_to_https() {
    const STACK: &str =
        r#"{"stack": {"id": "1-2", "stack_name": "web", "stack_status": "CREATE_COMPLETE"}}"#;
    let heat = Secured::start(|seen| match seen.method.as_str() {
        "GET" if seen.path.contains("/outputs") => json("200 OK", r#"{"outputs": []}"#),
        "GET" => json("200 OK", STACK),
        _ => answer("204 No Content", "", ""),
    })
    .await;
    let location = heat.url();
    let front = Scripted::start(move |seen| {
        let location = format!("location: {location}{}\r\n", seen.path);
        answer("301 Moved Permanently", &location, "")
    });
    let front = front.await;
    let url = front.url.replace("127.0.0.1", "localhost");
    let plugin = AdminToken::new(&format!("{url}/v1/p"), "token").unwrap();
    let session = Session::builder(plugin).tls(with_certificate()).build();
    let client = Client::new(session);
    client.outputs().list("web").await.unwrap();
    client.stacks().delete("web").await.unwrap();
    let seen = heat.requests();
    assert!(
        seen.iter()
            .any(|(line, _)| line.starts_with("DELETE") && line.contains("/stacks/web/1-2")),
        "{seen:?}"
    );
    let error = client.stacks().suspend("web").await.unwrap_err();
    assert!(error.to_string().contains("configure https://"), "{error}");
}

#[tokio::test]
async fn an_endpoint_that_was_given_gets_the_client_certificate() {
    let heat = Secured::start(stacks).await;
    let endpoint = format!("{}/v1/{PROJECT}", heat.url());
    let admin = AdminToken::new(&endpoint, "token").unwrap();
    let sessions = [
        Session::builder(admin).tls(with_certificate()).build(),
        Session::builder(NoAuth::new().at(&endpoint).unwrap())
            .tls(with_certificate())
            .build(),
    ];
    for session in sessions {
        Client::new(session).stacks().list().await.unwrap();
        assert_eq!(heat.certified(), [true]);
    }
    // An override beside a catalog that has another Heat, and one without any catalog.
    let keystone = keystone("https://elsewhere.invalid").await;
    let bare = Session::builder(NoAuth::new())
        .tls(with_certificate())
        .build();
    for session in [session(&keystone), bare] {
        let client = Client::builder(session).endpoint_override(endpoint.parse().unwrap());
        client.build().stacks().list().await.unwrap();
        assert_eq!(heat.certified(), [true]);
    }
}

#[tokio::test]
async fn servers_of_templates_do_not_get_the_client_certificate() {
    let files =
        Secured::start(|_| answer("200 OK", "", "heat_template_version: 2018-08-31\n")).await;
    let heat = Secured::start(stacks).await;
    let keystone = keystone(&heat.url()).await;
    let packer = Packer::new()
        .template(Source::url(format!("{}/t.yaml", files.url())))
        .session(session(&keystone));
    packer.pack().await.unwrap();
    assert_eq!(files.certified(), [false]);
}

/// The result of a call to a server with this certificate, with these settings.
async fn call(name: &str, tls: TlsConfig, host: &str) -> Result<(), String> {
    let server = Secured::with(name, false, stacks).await;
    call_to(&server, tls, host).await
}

async fn call_to(server: &Secured, tls: TlsConfig, host: &str) -> Result<(), String> {
    let endpoint = format!("https://{host}:{}/v1/{PROJECT}", server.port);
    let auth = NoAuth::new().at(&endpoint).unwrap();
    let session = Session::builder(auth).tls(tls).retry(RetryPolicy::none());
    let outcome = Client::new(session.build()).stacks().list().await;
    let port = server.port.to_string();
    outcome.map(|_| ()).map_err(|error| {
        format!(
            "{:?}: {}",
            error.kind(),
            error.to_string().replace(&port, "PORT")
        )
    })
}

#[tokio::test]
async fn servers_are_trusted_as_openssl_trusts_them_and_failures_say_what_to_do() {
    const LOCALHOST: &str = "localhost";
    for (certificate, cacert, host, expected) in [
        // Signed by an authority in the file.
        ("server", "ca.pem", LOCALHOST, ""),
        ("server", "ca.pem", "127.0.0.1", ""),
        ("server-v1", "authority-v1.pem", LOCALHOST, ""),
        ("server-v1", "trusted.pem", LOCALHOST, ""),
        // In the file itself.
        ("self-signed", "self-signed.pem", LOCALHOST, ""),
        ("server", "server.pem", LOCALHOST, ""),
        // Not in the file, for another host, or expired.
        (
            "self-signed",
            "self-signed-other.pem",
            LOCALHOST,
            "its certificate is a CA certificate that is not trusted; if it is the right one, pass it \
             with --os-cacert FILE or OS_CACERT",
        ),
        (
            "server",
            "clients-ca.pem",
            LOCALHOST,
            "its certificate is not signed by a trusted CA; pass the CA certificate with --os-cacert FILE or \
             OS_CACERT",
        ),
        (
            "self-signed",
            "self-signed.pem",
            "127.0.0.1",
            "its certificate is for localhost",
        ),
        (
            "self-signed-elsewhere",
            "self-signed-elsewhere.pem",
            LOCALHOST,
            "its certificate is for elsewhere.example",
        ),
        (
            "client-v1",
            "client-v1.pem",
            LOCALHOST,
            "its certificate has X.509 version 1, which is not supported; the server needs one of version 3",
        ),
        (
            "expired",
            "expired.pem",
            LOCALHOST,
            "its certificate expired on 2020-01-02T00:00:00Z",
        ),
    ] {
        let outcome = call(certificate, tls(cacert), host).await;
        match expected {
            "" => assert_eq!(outcome, Ok(()), "{certificate} {cacert}"),
            why => {
                let text = format!("Tls: list stacks: cannot connect to {host}:PORT: {why}");
                assert_eq!(outcome, Err(text), "{certificate} {cacert}");
            }
        }
        let insecure = tls(cacert).insecure(true);
        assert_eq!(call(certificate, insecure, host).await, Ok(()));
    }
}

#[tokio::test]
async fn authorities_may_be_a_directory() {
    let directory = std::env::temp_dir().join(format!("heat-tls-{}", std::process::id()));
    std::fs::create_dir_all(directory.join("folder")).unwrap();
    std::fs::write(directory.join("notes.txt"), "no certificate").unwrap();
    std::fs::write(
        directory.join("broken.pem"),
        "-----BEGIN CERTIFICATE-----\n!\n",
    )
    .unwrap();
    let trusting = || TlsConfig::default().cacert(&directory);
    let text = call("server", trusting(), "localhost").await.unwrap_err();
    assert!(
        text.starts_with("Config: ") && text.ends_with("has no PEM file of a certificate"),
        "{text}"
    );
    for name in ["ca.pem", "self-signed.pem"] {
        std::fs::copy(fixture(name), directory.join(name)).unwrap();
        std::fs::copy(fixture(name), directory.join(format!("{name}.0"))).unwrap();
    }
    for (certificate, trusted) in [("server", true), ("self-signed", true), ("expired", false)] {
        let outcome = call(certificate, trusting(), "localhost").await;
        assert_eq!(outcome.is_ok(), trusted, "{certificate}: {outcome:?}");
    }
    std::fs::remove_dir_all(directory).unwrap();
}

#[tokio::test]
async fn client_certificates_of_all_kinds_are_sent_or_refused_with_advice() {
    let identity = |cert: &str, key: Option<&str>| {
        let config = tls("ca.pem").cert(fixture(cert));
        match key {
            Some(key) => config.key(fixture(key)),
            None => config,
        }
    };
    let server = Secured::with("server", true, stacks).await;
    for (cert, key, expected) in [
        ("client.pem", Some("client.key"), ""),
        ("client-v1.pem", Some("client-v1.key"), ""),
        (
            "client.pem",
            Some("client-encrypted.key"),
            "is encrypted, which is not supported; decrypt it: openssl pkey -in ",
        ),
        (
            "client.pem",
            Some("client-encrypted-pem.key"),
            "is encrypted, which is not supported",
        ),
        ("client.pem", None, "has no private key in PEM format"),
        (
            "client.pem",
            Some("client-v1.key"),
            "is not the key of the certificate in ",
        ),
        (
            "client-v1.pem",
            Some("client.key"),
            "is not the key of the certificate in ",
        ),
        (
            "client-p521.pem",
            Some("client-p521.key"),
            "needs a build with the feature aws-lc-rs",
        ),
        (
            "client.key",
            Some("client.key"),
            "has no certificate in PEM format",
        ),
    ] {
        let outcome = call_to(&server, identity(cert, key), "localhost").await;
        match expected {
            "" => assert_eq!(outcome, Ok(()), "{cert} {key:?}"),
            _ if cfg!(feature = "aws-lc-rs") && cert.contains("p521") => {
                assert_eq!(outcome, Ok(()))
            }
            part => {
                let text = outcome.unwrap_err();
                assert!(
                    text.starts_with("Config: ") && text.contains(part),
                    "{cert}: {text}"
                );
            }
        }
    }
    // The server reports it after the handshake, or closes the connection.
    let text = call_to(&server, tls("ca.pem"), "localhost")
        .await
        .unwrap_err();
    assert!(
        text.contains("it requires a client certificate; give one with --os-cert FILE")
            || text.starts_with("Interrupted: "),
        "{text}"
    );
}

#[tokio::test]
async fn the_wrong_scheme_is_told() {
    let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = plain.local_addr().unwrap().port();
    let serving = tokio::spawn(async move {
        while let Ok((mut stream, _)) = plain.accept().await {
            let _ = stream.read(&mut [0; 1024]).await;
            let refusal = answer("400 Bad Request", "", "");
            let _ = stream.write_all(&refusal).await;
        }
    });
    let auth = NoAuth::new()
        .at(&format!("https://localhost:{port}/v1"))
        .unwrap();
    let session = Session::builder(auth).tls(tls("ca.pem")).build();
    let error = Client::new(session).stacks().list().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "list stacks: cannot connect to localhost:{port}: it does not speak TLS; use http://?"
        )
    );

    serving.abort();
    let secured = Secured::start(stacks).await;
    let endpoint = format!("http://localhost:{}/v1", secured.port);
    let auth = NoAuth::new().at(&endpoint).unwrap();
    let session = Session::builder(auth).retry(RetryPolicy::none()).build();
    let error = Client::new(session).stacks().list().await.unwrap_err();
    assert!(
        error.to_string().contains("; the port may expect https://"),
        "{error}"
    );
}
