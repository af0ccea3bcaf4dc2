//! Certificate files that change while calls run, resumption of TLS sessions, and versions of TLS.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use heatclient::auth::NoAuth;
use heatclient::transport::layers::RetryPolicy;
use heatclient::transport::{TlsConfig, TlsVersion};
use heatclient::{Client, Session};
use heatclient_test_support::log::Log;
use heatclient_test_support::scripted::{Seen, answer, json};
use heatclient_test_support::secured::{Accepted, Secured, certificate, fixture};
use heatclient_test_support::time::Clock;
use rustls::version::{TLS12, TLS13};
use tracing::Level;

/// Longer than the pause between two looks at the files.
const PAUSE: Duration = Duration::from_millis(1500);

/// A directory with copies of fixtures.
struct Files(PathBuf);

impl Files {
    fn new(name: &str) -> Self {
        let name = format!("heat-tls-{name}-{}", std::process::id());
        let directory = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&directory).unwrap();
        Self(directory)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Copies a fixture over a file.
    fn put(&self, from: &str, to: &str) {
        std::fs::copy(fixture(from), self.path(to)).unwrap();
    }

    /// Files with the client certificate of this name.
    fn identity(&self, name: &str) {
        self.put(&format!("{name}.pem"), "cert.pem");
        self.put(&format!("{name}.key"), "key.pem");
    }

    fn tls(&self) -> TlsConfig {
        TlsConfig::default()
            .cacert(self.path("ca.pem"))
            .cert(self.path("cert.pem"))
            .key(self.path("key.pem"))
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// As if the file had been written long ago.
fn age(path: &Path) {
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_500_000_000);
    let file = std::fs::File::open(path).unwrap();
    file.set_modified(old).unwrap();
}

fn stacks(_: &Seen) -> Vec<u8> {
    json("200 OK", r#"{"stacks": []}"#)
}

fn stacks_and_end(_: &Seen) -> Vec<u8> {
    answer(
        "200 OK",
        "connection: close\r\ncontent-type: application/json\r\n",
        r#"{"stacks": []}"#,
    )
}

fn client(server: &Secured, tls: TlsConfig) -> Client {
    let auth = NoAuth::new().at(&format!("{}/v1/p", server.url()));
    let session = Session::builder(auth.unwrap()).tls(tls);
    Client::new(session.build())
}

/// A full handshake with the client certificate of this name.
fn full(name: &str) -> Accepted {
    Accepted {
        is_resumed: false,
        client: Some(certificate(name)),
    }
}

async fn list(client: &Client) -> Result<(), String> {
    let listed = client.stacks().list().await;
    listed.map(|_| ()).map_err(|error| error.to_string())
}

/// The later calls neither use a connection of the old certificate, nor resume a TLS session of it.
#[tokio::test]
async fn a_client_certificate_that_was_replaced_is_used_by_the_next_calls() {
    let server = Secured::with("server", true, stacks).await;
    let files = Files::new("client");
    files.put("ca.pem", "ca.pem");
    files.identity("client");
    let client = client(&server, files.tls());
    let clock = Clock::stop();
    for _ in 0..3 {
        clock.still(list(&client)).await.unwrap();
        clock.pass(PAUSE).await;
    }
    assert_eq!(server.connections(), [full("client")]);
    files.identity("client-v1");
    // Files are not looked at for each call.
    clock.still(list(&client)).await.unwrap();
    clock.still(list(&client)).await.unwrap();
    clock.pass(PAUSE).await;
    clock.still(list(&client)).await.unwrap();
    clock.still(list(&client)).await.unwrap();
    assert_eq!(server.connections(), [full("client-v1")]);
    // Files that were written again with the same content change nothing.
    files.identity("client-v1");
    clock.pass(PAUSE).await;
    clock.still(list(&client)).await.unwrap();
    assert_eq!(server.connections(), []);
    // Files that are old are not read again, but noticed if they are replaced by others that are old, too.
    for name in ["cert.pem", "key.pem", "ca.pem"] {
        age(&files.path(name));
    }
    clock.pass(PAUSE).await;
    clock.still(list(&client)).await.unwrap();
    for (from, to) in [("client.pem", "cert.pem"), ("client.key", "key.pem")] {
        files.put(from, "new");
        age(&files.path("new"));
        std::fs::rename(files.path("new"), files.path(to)).unwrap();
    }
    clock.pass(PAUSE).await;
    clock.still(list(&client)).await.unwrap();
    assert_eq!(server.connections(), [full("client")]);
}

#[tokio::test]
async fn a_file_that_is_half_written_leaves_everything_as_it_was() {
    let server = Secured::with("server", true, stacks).await;
    let files = Files::new("half");
    files.put("ca.pem", "ca.pem");
    files.identity("client");
    let client = client(&server, files.tls());
    let clock = Clock::stop();
    let (log, _guard) = Log::start(Level::INFO);
    clock.still(list(&client)).await.unwrap();
    assert_eq!(server.connections(), [full("client")]);
    let cut = std::fs::read(fixture("client-v1.pem")).unwrap();
    let steps: [&dyn Fn(); 5] = [
        &|| std::fs::write(files.path("cert.pem"), &cut[..cut.len() / 2]).unwrap(),
        &|| std::fs::write(files.path("cert.pem"), "").unwrap(),
        &|| std::fs::remove_file(files.path("cert.pem")).unwrap(),
        // Now it is not the certificate of the key.
        &|| files.put("client-v1.pem", "cert.pem"),
        &|| files.put("client-p521.key", "key.pem"),
    ];
    for (step, change) in steps.iter().enumerate() {
        change();
        for _ in 0..3 {
            clock.pass(PAUSE).await;
            clock.still(list(&client)).await.unwrap();
        }
        assert_eq!(server.connections(), [], "{step}");
    }
    // One warning for each state, and none twice.
    let text = log.text();
    let warnings: Vec<_> = text.lines().filter(|line| line.contains("WARN")).collect();
    assert_eq!(warnings.len(), steps.len(), "{text}");
    for (line, part) in warnings.iter().zip([
        "it is truncated: the line -----END ...----- is missing",
        "has no certificate in PEM format",
        "No such file or directory",
        "is not the key of the certificate in",
        "client key",
    ]) {
        assert!(
            line.contains("heatclient::tls") && line.contains(part) && line.contains(".pem"),
            "{line}"
        );
        assert!(line.contains("the previous ones are used"), "{line}");
    }
    files.identity("client-v1");
    clock.pass(PAUSE).await;
    clock.still(list(&client)).await.unwrap();
    assert_eq!(server.connections(), [full("client-v1")]);
    assert!(
        log.text()
            .contains("changed certificate or key files are used")
    );
}

/// The pause between two looks at the files does not matter if a connection fails.
#[tokio::test]
async fn a_ca_that_was_replaced_together_with_the_servers_certificate_costs_no_error() {
    let server = Secured::with("server", false, stacks_and_end).await;
    let files = Files::new("ca");
    files.put("ca.pem", "ca.pem");
    let client = client(&server, TlsConfig::default().cacert(files.path("ca.pem")));
    let clock = Clock::stop();
    clock.still(list(&client)).await.unwrap();
    files.put("self-signed.pem", "ca.pem");
    server.replace("self-signed");
    // The server must not resume the session, which would need no certificate.
    let other = Secured::with("self-signed", false, stacks_and_end).await;
    clock
        .still(list(&self::client(
            &other,
            TlsConfig::default().cacert(files.path("ca.pem")),
        )))
        .await
        .unwrap();
    clock.pass(PAUSE).await;
    clock.still(list(&client)).await.unwrap();
    let kinds: Vec<_> = server.connections().iter().map(|c| c.is_resumed).collect();
    assert_eq!(kinds, [false, false]);
    // A CA that is no longer in the file is no longer trusted, not even for a session that was begun before.
    files.put("clients-ca.pem", "ca.pem");
    clock.pass(PAUSE).await;
    let text = clock.still(list(&client)).await.unwrap_err();
    assert!(text.contains("is not trusted"), "{text}");
    // At once, since the connection fails.
    files.put("self-signed.pem", "ca.pem");
    clock.still(list(&client)).await.unwrap();
}

#[tokio::test]
async fn a_ca_that_is_added_to_a_directory_is_trusted() {
    let server = Secured::with("server", false, stacks).await;
    let files = Files::new("directory");
    files.put("clients-ca.pem", "one.pem");
    let client = client(&server, TlsConfig::default().cacert(&files.0));
    let clock = Clock::stop();
    let text = clock.still(list(&client)).await.unwrap_err();
    assert!(text.contains("is not signed by a trusted CA"), "{text}");
    files.put("ca.pem", "two.pem");
    clock.still(list(&client)).await.unwrap();
}

/// In TLS 1.3 the server refuses the client certificate only after the client has sent its request.
#[tokio::test]
async fn a_refused_certificate_that_was_replaced_just_now_costs_a_retry() {
    for versions in [&[&TLS12][..], &[&TLS13]] {
        let server = Secured::with_versions("server", true, versions, stacks_and_end).await;
        let files = Files::new("refused");
        files.put("ca.pem", "ca.pem");
        files.identity("client");
        let client = client(&server, files.tls());
        let clock = Clock::stop();
        clock.still(list(&client)).await.unwrap();
        server.accept_only("client-v1");
        let (log, _guard) = Log::start(Level::INFO);
        files.identity("client-v1");
        clock
            .moving(Duration::from_millis(10), list(&client))
            .await
            .unwrap();
        assert_eq!(server.connections(), [full("client"), full("client-v1")]);
        let text = log.text();
        assert!(text.contains("changed certificate or key files"), "{text}");
        tokio::time::resume();
    }
}

#[tokio::test]
async fn sessions_are_resumed() {
    for versions in [&[&TLS12][..], &[&TLS13]] {
        let server = Secured::with_versions("server", false, versions, stacks_and_end).await;
        let tls = TlsConfig::default().cacert(fixture("ca.pem"));
        let client = client(&server, tls.clone());
        for _ in 0..4 {
            list(&client).await.unwrap();
        }
        let kinds: Vec<_> = server.connections().iter().map(|c| c.is_resumed).collect();
        assert_eq!(kinds, [false, true, true, true], "{versions:?}");
        // Never with the certificate of another session.
        list(&self::client(&server, tls)).await.unwrap();
        assert!(!server.connections()[0].is_resumed);
    }
}

#[tokio::test]
async fn a_server_below_the_minimum_version_is_refused() {
    let tls = || TlsConfig::default().cacert(fixture("ca.pem"));
    for (versions, min, works) in [
        (&[&TLS12][..], None, true),
        (&[&TLS12], Some(TlsVersion::Tls12), true),
        (&[&TLS12], Some(TlsVersion::Tls13), false),
        (&[&TLS13], Some(TlsVersion::Tls12), true),
        (&[&TLS13], Some(TlsVersion::Tls13), true),
        (&[&TLS12, &TLS13], Some(TlsVersion::Tls13), true),
    ] {
        let server = Secured::with_versions("server", false, versions, stacks).await;
        let tls = min.map_or_else(tls, |version| tls().min_version(version));
        let auth = NoAuth::new().at(&format!("{}/v1/p", server.url()));
        let session = Session::builder(auth.unwrap())
            .tls(tls)
            .retry(RetryPolicy::none());
        let outcome = list(&Client::new(session.build())).await;
        match works {
            true => assert_eq!(outcome, Ok(()), "{versions:?} {min:?}"),
            false => {
                let expected = format!(
                    "list stacks: cannot connect to localhost:{}: it supports none of the TLS versions that are \
                     allowed: 1.2 and 1.3, or only 1.3 if tls_min_version (OS_TLS_MIN_VERSION) says so",
                    server.port
                );
                assert_eq!(outcome, Err(expected));
            }
        }
    }
}
