use std::sync::Mutex;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::*;
use crate::transport::TlsConfig;
use crate::transport::testing::{OK, fixture, listen, read_request, tls_acceptor};

const PATIENCE: Duration = Duration::from_secs(60);

/// A connector with these variables that trusts the fixtures' CA.
fn through(variables: &[(&str, &str)]) -> Connector {
    Connector::with_proxies(&trusting("ca.pem"), Proxies::of(variables))
}

/// Settings that trust this CA of the fixtures.
fn trusting(cacert: &str) -> PoolConfig {
    let tls = TlsConfig::default().cacert(fixture(cacert));
    PoolConfig::default().connect_timeout(PATIENCE).tls(tls)
}

async fn connected(connector: Connector, uri: &str) -> Result<Stream> {
    connector.oneshot(uri.parse().unwrap()).await
}

async fn failure(connector: Connector, uri: &str) -> Error {
    match connected(connector, uri).await {
        Ok(_) => panic!("{uri} was not to be reached"),
        Err(error) => error,
    }
}

/// A proxy that responds to the first request of each connection with `answer`, and returns the
/// requests.
async fn proxy(answer: &'static str) -> (String, UnboundedReceiver<String>) {
    let (asked, seen) = unbounded_channel();
    let address = listen(move |_, mut stream| {
        let asked = asked.clone();
        async move {
            if let Some(request) = read_request(&mut stream).await {
                asked.send(request).unwrap();
                stream.write_all(answer.as_bytes()).await.unwrap();
                let _ = stream.read_to_end(&mut Vec::new()).await;
            }
        }
    });
    (address.await, seen)
}

/// A server that records received bytes and sends nothing.
async fn sink() -> (String, Arc<Mutex<Vec<u8>>>) {
    let got = Arc::new(Mutex::new(Vec::new()));
    let all = Arc::clone(&got);
    let address = listen(move |_, mut stream| {
        let all = Arc::clone(&all);
        async move {
            let mut chunk = [0; 4096];
            if let Ok(n) = stream.read(&mut chunk).await {
                all.lock().unwrap().extend_from_slice(&chunk[..n]);
            }
        }
    });
    (address.await, got)
}

async fn request(stream: Stream) -> String {
    let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    let request = Request::builder()
        .uri("/secret")
        .body(http_body_util::Empty::<bytes::Bytes>::new())
        .unwrap();
    sender
        .send_request(request)
        .await
        .unwrap()
        .status()
        .to_string()
}

#[tokio::test]
async fn a_proxy_for_http_is_spoken_to_as_such() {
    let (address, _) = proxy(OK).await;
    let connector = through(&[("http_proxy", &format!("http://{address}"))]);
    let stream = connected(connector, "http://heat.invalid/").await.unwrap();
    assert!(stream.connected().is_proxied());
}

/// `Proxy-Authorization` of a request to this URL.
fn login(variables: &[(&str, &str)], url: &str) -> Option<String> {
    let mut request = Request::builder().uri(url).body(()).unwrap();
    through(variables).add_proxy_login(&mut request);
    let value = request.headers().get(PROXY_AUTHORIZATION)?;
    assert!(value.is_sensitive());
    Some(value.to_str().unwrap().to_owned())
}

#[tokio::test]
async fn the_login_of_a_proxy_is_sent_with_requests_that_it_forwards_and_no_others() {
    const LOGIN: &str = "http://me:pw@proxy:3128";
    const URL: &str = "http://heat.invalid/";
    let basic = Some("Basic bWU6cHc=".to_owned());
    for variable in ["http_proxy", "ALL_PROXY"] {
        assert_eq!(login(&[(variable, LOGIN)], URL), basic);
        let secured = LOGIN.replace("http:", "https:");
        assert_eq!(login(&[(variable, &secured)], URL), basic);
        // The request goes through a tunnel, or to the server itself.
        let socks = LOGIN.replace("http:", "socks5h:");
        assert_eq!(login(&[(variable, &socks)], URL), None);
        let https = URL.replace("http:", "https:");
        assert_eq!(login(&[(variable, LOGIN)], &https), None);
        let bypassed = [(variable, LOGIN), ("no_proxy", "heat.invalid")];
        assert_eq!(login(&bypassed, URL), None);
        let invalid = [(variable, LOGIN), ("no_proxy", "10.0.0.0/99")];
        assert_eq!(login(&invalid, URL), None);
    }
    assert_eq!(login(&[("https_proxy", LOGIN)], URL), None);
    assert_eq!(login(&[("http_proxy", "http://proxy:3128")], URL), None);
}

#[tokio::test]
async fn dead_connections_are_noticed_within_two_minutes() {
    let server = listen(|_, stream| async move {
        let _stream = stream;
        std::future::pending().await
    });
    let url = format!("http://{}/", server.await);
    let stream = connected(through(&[]), &url).await.unwrap();
    let MaybeHttpsStream::Http(MaybeHttpsStream::Http(tcp)) = &stream.inner else {
        panic!("a plain connection");
    };
    let socket = socket2::SockRef::from(tcp.inner());
    assert!(socket.keepalive().unwrap() && socket.tcp_nodelay().unwrap());
    assert_eq!(socket.tcp_keepalive_time().unwrap(), KEEPALIVE_IDLE);
    assert_eq!(socket.tcp_keepalive_interval().unwrap(), KEEPALIVE_INTERVAL);
    assert_eq!(socket.tcp_keepalive_retries().unwrap(), KEEPALIVE_PROBES);
    let longest = KEEPALIVE_IDLE + KEEPALIVE_PROBES * KEEPALIVE_INTERVAL;
    assert_eq!(longest, Duration::from_secs(120));
}

#[tokio::test]
async fn force_ipv4_excludes_names_that_have_ipv6_addresses_only() {
    let listener = match tokio::net::TcpListener::bind(("::1", 0)).await {
        Ok(listener) => listener,
        Err(error) => {
            eprintln!("skipped: no IPv6 here: {error}");
            return;
        }
    };
    let port = listener.local_addr().unwrap().port();
    let serving = tokio::spawn(async move {
        loop {
            let _ = listener.accept().await;
        }
    });
    let connector = |force_ipv4| {
        let config = PoolConfig::default().force_ipv4(force_ipv4);
        Connector::with_proxies(&config, Proxies::default())
    };
    // An address in the URL is used as it is. Of a name, IPv4 addresses are used; there nothing listens.
    let literal = format!("http://[::1]:{port}/");
    connected(connector(true), &literal).await.unwrap();
    let name = format!("http://localhost:{port}/");
    let error = failure(connector(true), &name).await;
    assert_eq!(error.kind(), ErrorKind::Connect);
    serving.abort();
}

#[tokio::test]
async fn https_goes_through_a_tunnel_and_a_refusal_names_the_proxy() {
    for (login, answer, expected) in [
        (
            "me:pw@",
            "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n",
            "403 Forbidden; if the server needs no proxy, add its host to no_proxy",
        ),
        (
            "me:pw@",
            "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
            "407 Proxy Authentication Required; check user name and password in the variable",
        ),
        (
            "",
            "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
            "407 Proxy Authentication Required; add user name and password to the variable: http://USER:PASSWORD@HOST:PORT",
        ),
        (
            "",
            "HTTP/1.1 502 Bad Gateway\r\n\r\n<html>",
            "502 Bad Gateway; if the server needs no proxy, add its host to no_proxy",
        ),
    ] {
        let (address, mut seen) = proxy(answer).await;
        let url = format!("http://{login}{address}");
        let error = failure(
            through(&[("HTTPS_PROXY", &url)]),
            "https://heat.invalid:8004/",
        )
        .await;
        assert_eq!(error.kind(), ErrorKind::Connect);
        assert!(!error.may_have_been_sent());
        assert_eq!(
            error.to_string(),
            format!(
                "the proxy {address} (HTTPS_PROXY) refused to connect to heat.invalid:8004: {expected}"
            )
        );
        let request = seen.recv().await.unwrap();
        assert!(
            request.starts_with("CONNECT heat.invalid:8004 HTTP/1.1\r\n"),
            "{request}"
        );
        let request = request.to_ascii_lowercase();
        assert!(
            request.contains("\r\nhost: heat.invalid:8004\r\n"),
            "{request}"
        );
        let basic = request.contains("\r\nproxy-authorization: basic bwu6chc=\r\n");
        assert_eq!(basic, !login.is_empty(), "{request}");
    }
}

#[tokio::test]
async fn a_proxy_that_fails_is_named_and_not_the_server() {
    let (hangs_up, _) = sink().await;
    let talks = listen(|_, mut stream| async move {
        stream.write_all(b"SSH-2.0-OpenSSH\r\n").await.unwrap();
        let _ = stream.read_to_end(&mut Vec::new()).await;
    });
    let talks = talks.await;
    for (url, kind, expected) in [
        (
            "http://127.0.0.1:1",
            ErrorKind::Connect,
            "cannot connect to the proxy 127.0.0.1:1 (all_proxy): ",
        ),
        (
            "https://127.0.0.1:1",
            ErrorKind::Connect,
            "cannot connect to the proxy 127.0.0.1:1 (all_proxy): ",
        ),
        (
            "socks5h://127.0.0.1:1",
            ErrorKind::Connect,
            "cannot connect to the proxy 127.0.0.1:1 (all_proxy): ",
        ),
        (
            &format!("http://{hangs_up}"),
            ErrorKind::Connect,
            &format!("the proxy {hangs_up} (all_proxy) did not connect to heat.invalid: "),
        ),
        (
            &format!("http://{talks}"),
            ErrorKind::Connect,
            &format!("the proxy {talks} (all_proxy) did not connect to heat.invalid: "),
        ),
        (
            &format!("socks5h://{hangs_up}"),
            ErrorKind::Connect,
            &format!("the proxy {hangs_up} (all_proxy) did not connect to heat.invalid: "),
        ),
        (
            &format!("https://{talks}"),
            ErrorKind::Tls,
            &format!("cannot connect to the proxy {talks} (all_proxy): "),
        ),
    ] {
        let error = failure(through(&[("all_proxy", url)]), "https://heat.invalid/").await;
        assert_eq!(error.kind(), kind, "{url}: {error}");
        assert!(!error.may_have_been_sent());
        assert!(error.to_string().starts_with(expected), "{url}: {error}");
    }
}

#[tokio::test]
async fn nothing_is_sent_in_clear_to_a_proxy_that_is_to_speak_tls() {
    for uri in ["http://heat.invalid/secret", "https://heat.invalid/secret"] {
        let (address, got) = sink().await;
        let login = if uri.starts_with("https") {
            "me:hunter2@"
        } else {
            ""
        };
        let url = format!("https://{login}{address}");
        failure(through(&[("ALL_PROXY", &url)]), uri).await;
        let got = got.lock().unwrap();
        // A TLS handshake record, which does not contain the request.
        assert_eq!(got.first(), Some(&22));
        assert!(!got.windows(7).any(|word| word == b"CONNECT"));
    }
}

#[tokio::test]
async fn a_proxy_with_tls_carries_http_and_https() {
    let address = listen(|_, stream| async move {
        let acceptor = tls_acceptor();
        let Ok(mut stream) = acceptor.accept(stream).await else {
            return;
        };
        let asked = read_request(&mut stream).await.unwrap();
        if !asked.starts_with("CONNECT") {
            stream.write_all(OK.as_bytes()).await.unwrap();
            return;
        }
        assert!(asked.starts_with("CONNECT localhost:8004 "), "{asked}");
        stream
            .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
            .await
            .unwrap();
        let mut stream = acceptor.accept(stream).await.unwrap();
        read_request(&mut stream).await.unwrap();
        stream.write_all(OK.as_bytes()).await.unwrap();
    });
    let proxy = format!(
        "https://{}",
        address.await.replace("127.0.0.1", "localhost")
    );
    for (uri, proxied) in [
        ("http://heat.invalid/", true),
        ("https://localhost:8004/", false),
    ] {
        let stream = connected(through(&[("all_proxy", &proxy)]), uri)
            .await
            .unwrap();
        assert_eq!(stream.connected().is_proxied(), proxied, "{uri}");
        assert_eq!(request(stream).await, "200 OK", "{uri}");
    }
    // The proxy's certificate is verified, too.
    let proxies = Proxies::of(&[("all_proxy", &proxy)]);
    let connector = Connector::with_proxies(&trusting("clients-ca.pem"), proxies);
    let error = failure(connector, "http://heat.invalid/").await;
    assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
}

/// A SOCKS 5 server with or without login, which responds with `OK` itself. Returns the requested
/// addresses.
async fn socks(login: bool) -> (String, UnboundedReceiver<Vec<u8>>) {
    let (asked, seen) = unbounded_channel();
    let address = listen(move |_, mut stream| {
        let asked = asked.clone();
        async move {
            let mut greeting = [0; 3];
            stream.read_exact(&mut greeting).await.unwrap();
            assert_eq!(greeting, [5, 1, if login { 2 } else { 0 }]);
            stream.write_all(&[5, greeting[2]]).await.unwrap();
            if login {
                let mut given = [0; 13];
                stream.read_exact(&mut given).await.unwrap();
                assert_eq!(&given, b"\x01\x02me\x08hunter2!");
                stream.write_all(&[1, 0]).await.unwrap();
            }
            let mut head = [0; 4];
            stream.read_exact(&mut head).await.unwrap();
            let length = match head[3] {
                1 => 6,
                3 => usize::from(stream.read_u8().await.unwrap()) + 2,
                other => panic!("address type {other}"),
            };
            let mut target = vec![0; length];
            stream.read_exact(&mut target).await.unwrap();
            asked.send(target).unwrap();
            stream
                .write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 80])
                .await
                .unwrap();
            if read_request(&mut stream).await.is_some() {
                stream.write_all(OK.as_bytes()).await.unwrap();
            }
        }
    });
    (address.await, seen)
}

#[tokio::test]
async fn socks_5_carries_requests_and_resolves_names_where_the_scheme_says() {
    for (scheme, login, target) in [
        ("socks5h", "", &b"localhost\x1f\x44"[..]),
        ("socks5h", "me:hunter2!@", b"localhost\x1f\x44"),
        ("socks5", "", b"\x7f\x00\x00\x01\x1f\x44"),
    ] {
        let (address, mut seen) = socks(!login.is_empty()).await;
        let url = format!("{scheme}://{login}{address}");
        let stream = connected(through(&[("http_proxy", &url)]), "http://localhost:8004/");
        let stream = stream.await.unwrap();
        assert!(!stream.connected().is_proxied());
        assert_eq!(request(stream).await, "200 OK");
        let asked = seen.recv().await.unwrap();
        // The resolver may know localhost by its IPv6 address first.
        assert!(
            asked == target || scheme == "socks5" && asked.len() == 18,
            "{asked:?}"
        );
    }
}

#[tokio::test]
async fn a_socks_5_proxy_that_refuses_the_login_says_what_it_wants() {
    const REQUIRES: &str = "it requires a user name and password; add them to the variable: socks5://USER:PASSWORD@HOST:PORT";
    const REJECTS: &str =
        "it did not accept the login; check user name and password in the variable";
    const KNOWS_NONE: &str = "it accepts no user name and password; remove them from the variable";
    for (login, answer, expected) in [
        ("", &[5, 0xff][..], REQUIRES),
        ("", &[5, 2], REQUIRES),
        ("me:hunter2@", &[5, 0xff], KNOWS_NONE),
        ("me:hunter2@", &[5, 0], KNOWS_NONE),
        ("me:hunter2@", &[5, 2, 1, 1], REJECTS),
    ] {
        let address = listen(move |_, mut stream| async move {
            stream.read_exact(&mut [0; 3]).await.unwrap();
            stream.write_all(&answer[..2]).await.unwrap();
            let _ = stream.read(&mut [0; 20]).await;
            let _ = stream.write_all(&answer[2..]).await;
        });
        let address = address.await;
        let url = format!("socks5h://{login}{address}");
        let error = failure(through(&[("all_proxy", &url)]), "http://heat.invalid/").await;
        assert_eq!(error.kind(), ErrorKind::Connect);
        assert_eq!(
            error.to_string(),
            format!(
                "the proxy {address} (all_proxy) refused to connect to heat.invalid: {expected}"
            )
        );
    }
}

#[tokio::test]
async fn a_variable_that_is_no_proxy_stops_the_call() {
    let (server, got) = sink().await;
    let url = format!("http://{server}/");
    for value in ["ht!tp://127.0.0.1:1", "http://[bad", "socks4://127.0.0.1:1"] {
        let error = failure(through(&[("http_proxy", value)]), &url).await;
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("http_proxy"), "{error}");
        assert!(!error.may_have_been_sent());
    }
    assert!(got.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_proxy_that_says_nothing_is_given_up() {
    let address = listen(|_, stream| async move {
        let _stream = stream;
        std::future::pending().await
    });
    let address = address.await;
    let url = format!("http://{address}");
    let config = PoolConfig::default()
        // reached: the proxy never answers
        .connect_timeout(Duration::from_millis(50))
        .tls(TlsConfig::default().insecure(true));
    let connector = Connector::with_proxies(&config, Proxies::of(&[("https_proxy", &url)]));
    let error = failure(connector, "https://heat.invalid/").await;
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(
        error.to_string(),
        format!(
            "cannot connect to heat.invalid through the proxy {address} (https_proxy): no connection within 50ms"
        )
    );
}
