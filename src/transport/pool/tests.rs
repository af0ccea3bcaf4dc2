mod limits;

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::Method;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tower::{Layer as _, ServiceExt as _};

use super::*;
use crate::time::{self, Clock, HANG};
use crate::transport::Call;
use crate::transport::layers::{RetryLayer, RetryPolicy};
use crate::transport::read;
use crate::transport::testing::{
    OK, converse, fixture, listen, read_request, request, stream, tls_acceptor,
};

fn config() -> PoolConfig {
    PoolConfig {
        proxy_from_env: false,
        ..PoolConfig::default()
    }
}

async fn send(pool: &Pool, method: Method, url: &str) -> Result<bytes::Bytes> {
    let response = pool.clone().oneshot(request(method, url, "")).await?;
    read::collect(response.into_body(), 1000).await
}

async fn get(pool: &Pool, url: &str) -> Result<bytes::Bytes> {
    send(pool, Method::GET, url).await
}

/// A server that responds to each request with these bytes and closes the connection.
async fn saying(answer: &'static [u8]) -> String {
    let server = listen(move |_, mut stream| async move {
        if read_request(&mut stream).await.is_some() {
            stream.write_all(answer).await.unwrap();
        }
    });
    format!("http://{}/x?secret=1", server.await)
}

#[tokio::test]
async fn connections_are_used_again() {
    let connections = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&connections);
    let server = listen(move |_, stream| {
        count.fetch_add(1, Ordering::SeqCst);
        converse(stream, |_| OK.to_owned())
    });
    let url = format!("http://{}/", server.await);
    let pool = Pool::new(config());
    for _ in 0..5 {
        assert_eq!(get(&pool, &url).await.unwrap(), "ok");
    }
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

/// Connection 0 responds once and closes, immediately or when the next request arrives.
async fn hangs_up(at_once: bool, requests: &Arc<AtomicUsize>) -> String {
    let requests = Arc::clone(requests);
    let server = listen(move |n, mut stream: TcpStream| {
        let requests = Arc::clone(&requests);
        async move {
            while read_request(&mut stream).await.is_some() {
                if requests.fetch_add(1, Ordering::SeqCst) == 1 && n == 0 {
                    return;
                }
                stream.write_all(OK.as_bytes()).await.unwrap();
                if at_once && n == 0 {
                    return;
                }
            }
        }
    });
    format!("http://{}/", server.await)
}

#[tokio::test]
async fn a_dead_connection_costs_a_retry_and_not_an_error() {
    for (at_once, method, seen) in [
        (true, Method::GET, 2),
        (true, Method::POST, 2),
        (false, Method::GET, 3),
    ] {
        let requests = Arc::default();
        let url = hangs_up(at_once, &requests).await;
        let stack = RetryLayer::new(RetryPolicy::default()).layer(Pool::new(config()));
        for _ in 0..2 {
            let call = stack.clone().oneshot(request(method.clone(), &url, ""));
            let body = call.await.unwrap().into_body();
            assert_eq!(read::collect(body, 10).await.unwrap(), "ok");
            // Now the pool may notice that the server closed the connection.
            for _ in 0..20 {
                time::turn().await;
            }
        }
        assert_eq!(requests.load(Ordering::SeqCst), seen, "{method} {at_once}");
    }
}

#[tokio::test]
async fn a_post_that_may_have_arrived_is_not_repeated() {
    let requests = Arc::default();
    let url = hangs_up(false, &requests).await;
    let stack = RetryLayer::new(RetryPolicy::default()).layer(Pool::new(config()));
    let post = || request(Method::POST, &url, "create");
    let response = stack.clone().oneshot(post()).await.unwrap();
    read::collect(response.into_body(), 10).await.unwrap();
    let error = stack.oneshot(post()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    assert!(error.may_have_been_sent());
    assert_eq!(requests.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn answers_that_break_off_are_interrupted() {
    for answer in [
        &b""[..],
        b"HTTP/1.1 200 OK\r\ncontent-le",
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel",
    ] {
        let url = saying(answer).await;
        let error = get(&Pool::new(config()), &url).await.unwrap_err();
        let text = String::from_utf8_lossy(answer);
        assert_eq!(error.kind(), ErrorKind::Interrupted, "{text:?}");
        assert!(error.may_have_been_sent());
        assert!(error.to_string().starts_with("the connection broke before"));
    }
}

#[tokio::test]
async fn a_reset_in_the_midst_of_a_body_is_interrupted() {
    let (begun, begins) = tokio::sync::mpsc::channel(1);
    let begins = Arc::new(tokio::sync::Mutex::new(begins));
    let server = listen(move |_, mut stream| {
        let begins = Arc::clone(&begins);
        async move {
            read_request(&mut stream).await.unwrap();
            let part = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this";
            stream.write_all(part).await.unwrap();
            begins.lock().await.recv().await;
            stream.set_zero_linger().unwrap();
        }
    });
    let url = format!("http://{}/", server.await);
    let pool = Pool::new(config());
    let response = pool.oneshot(request(Method::GET, &url, "")).await.unwrap();
    begun.send(()).await.unwrap();
    let error = read::collect(response.into_body(), 1000).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    assert_eq!(
        error.to_string(),
        "the connection broke before the response was complete"
    );
}

#[tokio::test]
async fn what_is_not_http_is_said_to_be_not_http() {
    for answer in [
        &b"SSH-2.0-OpenSSH_9.2\r\n\r\n"[..],
        b"\x15\x03\x01\x00\x02\x02\x46\r\n\r\n",
        b"HTTP/1.1 many OK\r\n\r\n",
        b"HTTP/7.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx",
    ] {
        let url = saying(answer).await;
        let error = get(&Pool::new(config()), &url).await.unwrap_err();
        let text = String::from_utf8_lossy(answer);
        assert_eq!(error.kind(), ErrorKind::Decode, "{text:?}");
        let line = error.to_string();
        assert!(line.starts_with("the response is not HTTP: "), "{line}");
        assert!(error.may_have_been_sent());
    }
    let url =
        saying(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n")
            .await;
    let error = get(&Pool::new(config()), &url).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "unexpected response status 101 Switching Protocols"
    );
}

#[tokio::test]
async fn nobody_listening_is_a_connect_error() {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
        .await
        .unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let url = format!("http://{address}/x?secret=1");
    let error = send(&Pool::new(config()), Method::POST, &url)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(!error.may_have_been_sent());
    let text = error.to_string();
    assert!(
        text.starts_with(&format!("cannot connect to {address}: ")),
        "{text}"
    );
    assert!(!text.contains("secret") && !text.contains('\n'), "{text}");
}

#[tokio::test]
async fn an_answer_that_stops_is_a_timeout() {
    let parts = Arc::new(AtomicUsize::new(0));
    let sent = Arc::clone(&parts);
    let server = listen(move |_, mut stream| {
        let sent = Arc::clone(&sent);
        async move {
            read_request(&mut stream).await.unwrap();
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n")
                .await
                .unwrap();
            // There is no timeout as long as bytes arrive.
            for _ in 0..10 {
                stream.write_all(b"12345").await.unwrap();
                sent.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_secs(10)).await;
            }
            std::future::pending().await
        }
    });
    let url = format!("http://{}/", server.await);
    let pool = Pool::new(PoolConfig {
        read_timeout: Duration::from_secs(60),
        min_throughput: 0,
        ..config()
    });
    let clock = Clock::stop();
    let get = clock.moving(Duration::from_millis(500), get(&pool, &url));
    let error = get.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.to_string(), "the response stalled: no bytes for 60s");
    assert_eq!(parts.load(Ordering::SeqCst), 10);
}

#[tokio::test]
async fn idle_connections_are_closed() {
    let (closed, hung_up) = tokio::sync::oneshot::channel();
    let closed = std::sync::Mutex::new(Some(closed));
    let server = listen(move |_, mut stream| {
        let closed = closed.lock().unwrap().take();
        async move {
            read_request(&mut stream).await.unwrap();
            stream.write_all(OK.as_bytes()).await.unwrap();
            assert_eq!(stream.read(&mut [0; 10]).await.unwrap(), 0);
            closed.unwrap().send(()).unwrap();
        }
    });
    let url = format!("http://{}/", server.await);
    let pool = Pool::new(PoolConfig {
        idle_timeout: Duration::from_millis(100),
        ..config()
    });
    get(&pool, &url).await.unwrap();
    tokio::time::timeout(HANG, hung_up)
        .await
        .expect("the connection was not closed while the pool exists")
        .unwrap();
    drop(pool);
}

#[tokio::test]
async fn a_streamed_body_that_fails_fails_the_call_with_its_own_error() {
    let server = listen(|_, stream| converse(stream, |_| OK.to_owned()));
    let url = format!("http://{}/", server.await);
    let frames = futures::stream::iter([
        Ok(http_body::Frame::data(bytes::Bytes::from("part"))),
        Err(Error::new(ErrorKind::Io, "the disk is gone")),
    ]);
    let body = Body::stream(http_body_util::StreamBody::new(frames));
    let call = Pool::new(config()).oneshot(request(Method::PUT, &url, body));
    let error = call.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert_eq!(error.to_string(), "the disk is gone");

    let call = Pool::new(config()).oneshot(request(Method::PUT, &url, stream("")));
    assert_eq!(call.await.unwrap().status(), 200);
}

/// A TLS server with a certificate for `localhost`; its `host:port`.
async fn tls_server() -> String {
    let acceptor = tls_acceptor();
    let server = listen(move |_, stream| {
        let acceptor = acceptor.clone();
        async move {
            if let Ok(stream) = acceptor.accept(stream).await {
                converse(stream, |_| OK.to_owned()).await;
            }
        }
    });
    server.await.replace("127.0.0.1", "localhost")
}

fn trusting(tls: TlsConfig) -> Pool {
    Pool::new(PoolConfig { tls, ..config() })
}

fn authority(name: &str) -> Option<PathBuf> {
    Some(fixture(name))
}

#[tokio::test]
async fn a_server_is_trusted_by_its_authority() {
    let address = tls_server().await;
    let cacert = authority("ca.pem");
    for (tls, host) in [
        (
            TlsConfig {
                cacert,
                ..TlsConfig::default()
            },
            "localhost",
        ),
        (
            TlsConfig {
                insecure: true,
                ..TlsConfig::default()
            },
            "localhost",
        ),
        (
            TlsConfig {
                insecure: true,
                ..TlsConfig::default()
            },
            "127.0.0.1",
        ),
    ] {
        let url = format!("https://{}/", address.replace("localhost", host));
        assert_eq!(get(&trusting(tls), &url).await.unwrap(), "ok");
    }
}

#[tokio::test]
async fn a_server_of_another_authority_is_refused_before_anything_is_sent() {
    let address = tls_server().await;
    let url = format!("https://{address}/x?secret=1");
    let cacert = authority("clients-ca.pem");
    let pool = trusting(TlsConfig {
        cacert,
        ..TlsConfig::default()
    });
    let error = send(&pool, Method::POST, &url).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tls);
    assert!(error.is_connect() && !error.may_have_been_sent());
    let text = error.to_string();
    assert!(
        text.starts_with(&format!(
            "cannot connect to {address}: its certificate is not signed by a trusted CA"
        )),
        "{text}"
    );
    assert!(!text.contains("secret"), "{text}");
}

#[tokio::test]
async fn plain_http_where_tls_is_expected_is_a_tls_error() {
    let insecure = TlsConfig {
        insecure: true,
        ..TlsConfig::default()
    };
    let server = listen(|_, mut stream| async move {
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .await
            .unwrap();
        let _ = stream.read_to_end(&mut Vec::new()).await;
    });
    let url = format!("https://{}/", server.await);
    let error = get(&trusting(insecure), &url).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
}

#[tokio::test]
async fn unusable_files_are_named() {
    let missing = PathBuf::from("/nonexistent/ca.pem");
    let default = TlsConfig::default;
    for (tls, message) in [
        (
            TlsConfig {
                cacert: Some(missing.clone()),
                ..default()
            },
            "cannot use the CA certificate file /nonexistent/ca.pem",
        ),
        (
            TlsConfig {
                cacert: authority("server.key"),
                ..default()
            },
            "has no certificate in PEM format",
        ),
        (
            TlsConfig {
                insecure: true,
                cert: Some(missing.clone()),
                ..default()
            },
            "cannot use the client certificate file /nonexistent/ca.pem",
        ),
        (
            TlsConfig {
                insecure: true,
                cert: authority("server.pem"),
                ..default()
            },
            "has no private key in PEM format",
        ),
        (
            TlsConfig {
                insecure: true,
                key: authority("server.key"),
                ..default()
            },
            "the client key has no certificate",
        ),
    ] {
        // The port is not used: the files are read first.
        let request = request(Method::GET, "https://localhost:1/", "");
        request
            .extensions()
            .get::<Call>()
            .unwrap()
            .set_trusted(true);
        let error = trusting(tls).oneshot(request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{error}");
        assert!(error.to_string().contains(message), "{error}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn files_without_end_and_pipes_without_writer_are_named() {
    let dir = std::env::temp_dir().join(format!("heat-pool-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let sparse = dir.join("sparse.pem");
    let file = std::fs::File::create(&sparse).unwrap();
    file.set_len(3 << 30).unwrap();
    let endless = PathBuf::from("/dev/zero");
    for path in [&endless, &sparse] {
        for (cacert, cert, what) in [
            (Some(path.clone()), None, "CA certificate"),
            (
                authority("ca.pem"),
                Some(path.clone()),
                "client certificate",
            ),
        ] {
            let tls = TlsConfig {
                cacert,
                cert,
                ..TlsConfig::default()
            };
            let request = request(Method::GET, "https://localhost:1/", "");
            let call = request.extensions().get::<Call>().unwrap();
            call.set_trusted(true);
            let error = trusting(tls).oneshot(request).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config, "{error}");
            assert_eq!(
                error.to_string(),
                format!(
                    "cannot use the {what} file {}: it is longer than the limit of 16 MiB",
                    path.display()
                )
            );
        }
    }
    let [pipe, other] = ["pipe", "other"].map(|name| dir.join(name));
    let made = std::process::Command::new("mkfifo")
        .args([&pipe, &other])
        .status();
    assert!(made.unwrap().success());
    let pool = Pool::new(PoolConfig {
        // reached: the pipe has no writer
        connect_timeout: Duration::from_millis(50),
        tls: TlsConfig {
            cacert: Some(pipe.clone()),
            ..TlsConfig::default()
        },
        ..config()
    });
    let error = get(&pool, "https://localhost:1/").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
    assert_eq!(
        error.to_string(),
        format!(
            "the certificate and key files were not read within 50ms: {}; a named pipe needs a program that writes to it",
            pipe.display()
        )
    );
    // The thread that reads the pipe still waits.
    drop(std::fs::OpenOptions::new().write(true).open(&pipe).unwrap());
    // With a writer the pipe works like a file.
    let written = other.clone();
    let writer = std::thread::spawn(move || {
        std::fs::write(written, std::fs::read(fixture("ca.pem")).unwrap())
    });
    let url = format!("https://{}/", tls_server().await);
    let pool = trusting(TlsConfig {
        cacert: Some(other),
        ..TlsConfig::default()
    });
    assert_eq!(get(&pool, &url).await.unwrap(), "ok");
    writer.join().unwrap().unwrap();
    std::fs::remove_dir_all(dir).unwrap();
}

#[tokio::test]
async fn the_connect_timeout_covers_the_handshake() {
    let server = listen(|_, stream| async move {
        let _stream = stream;
        std::future::pending().await
    });
    let address = server.await;
    let pool = Pool::new(PoolConfig {
        // reached: the server never answers
        connect_timeout: Duration::from_millis(200),
        tls: TlsConfig {
            insecure: true,
            ..TlsConfig::default()
        },
        ..config()
    });
    let error = get(&pool, &format!("https://{address}/"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(!error.may_have_been_sent());
    assert_eq!(
        error.to_string(),
        format!("cannot connect to {address}: no connection within 200ms")
    );
}
