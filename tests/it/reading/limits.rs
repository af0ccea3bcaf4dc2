//! Limits of size, time and number.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use heatclient::template::Policy;
use heatclient_test_support::directory::Directory;
use heatclient_test_support::scripted::{Scripted, Seen, answer, read};
use heatclient_test_support::time::HANG;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::sync::Barrier;

use super::{VERSION, ok, pack, refused, serve, text, text_beside, with_file};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_document_has_its_limit_however_it_comes() {
    const LIMIT: usize = 100_000;
    let zeros = vec![b'0'; LIMIT + 1];
    let chunked = |body: &[u8]| {
        let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        [
            format!("{head}{:x}\r\n", body.len()).as_bytes(),
            body,
            b"\r\n0\r\n\r\n",
        ]
        .concat()
    };
    let packed = |body: &[u8]| {
        let body = gzip(body);
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        [head.as_bytes(), &body].concat()
    };
    let until_close =
        |body: &[u8]| [b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n", body].concat();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let server = serve(vec![
        ("/fits", ok(&text(&zeros[1..]))),
        ("/fits-chunked", chunked(&zeros[1..])),
        ("/fits-gzip", packed(&zeros[1..])),
        ("/length", ok(&text(&zeros))),
        ("/chunked", chunked(&zeros)),
        ("/close", until_close(&zeros)),
        ("/gzip", packed(&zeros)),
        ("/bomb", packed(&vec![0; 64 << 20])),
    ])
    .await;
    let policy = || Policy::default().file_limit(LIMIT).timeout(HANG);
    for path in ["/fits", "/fits-chunked", "/fits-gzip"] {
        let template = with_file(&format!("{}{path}", server.url));
        let package = pack(text_beside(&template, &server), policy())
            .await
            .unwrap();
        assert_eq!(
            package.files().values().next().unwrap().len(),
            LIMIT,
            "{path}"
        );
    }
    for path in ["/length", "/chunked", "/close", "/gzip", "/bomb"] {
        let template = with_file(&format!("{}{path}", server.url));
        let message = refused(text_beside(&template, &server), policy()).await;
        assert!(
            message.contains("the response is longer than the limit of 100000 bytes"),
            "{path}: {message}"
        );
    }
}

#[tokio::test]
async fn all_documents_together_have_a_limit() {
    let server = Scripted::start(|_| ok(&"x".repeat(1000))).await;
    let mut template = VERSION.to_owned();
    for n in 0..20 {
        template.push_str(&format!("a{n}: {{get_file: f{n}}}\n"));
    }
    let length = template.len() + 20 * 1000;
    let source = text_beside(&template, &server);
    assert!(
        pack(source.clone(), Policy::default().total_limit(length))
            .await
            .is_ok()
    );
    for _ in 0..5 {
        let error = pack(source.clone(), Policy::default().total_limit(length - 1))
            .await
            .unwrap_err();
        let message = error.to_string().replace(&server.url, "SERVER");
        assert_eq!(
            message,
            format!(
                "the text, line 21, column 17: cannot read SERVER/f19: all files together have more than {} bytes",
                length - 1
            )
        );
    }
}

/// A server that answers by a function, and counts concurrent requests.
async fn slowly<F>(
    serve: impl Fn(Seen, tokio::net::TcpStream) -> F + Send + Sync + 'static,
) -> (String, tokio::task::JoinHandle<()>)
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serve = Arc::new(serve);
    let task = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let serve = Arc::clone(&serve);
            tokio::spawn(async move {
                let mut buffer = Vec::new();
                if let Some(seen) = read(&mut stream, &mut buffer).await {
                    serve(seen, stream).await;
                }
            });
        }
    });
    (url, task)
}

#[tokio::test]
async fn slow_servers_are_not_waited_for_longer_than_told() {
    let (url, task) = slowly(|seen, mut stream| async move {
        let (endless, head): (&[u8], &[u8]) = match seen.path.as_str() {
            "/silent" => (b"", b""),
            "/drip" => (b"x", b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n"),
            "/headers" => (b"x-a: b\r\n", b"HTTP/1.1 200 OK\r\n"),
            _ => (
                b"1\r\nx\r\n",
                b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
            ),
        };
        let _ = stream.write_all(head).await;
        loop {
            tokio::time::sleep(Duration::from_millis(20)).await;
            if stream.write_all(endless).await.is_err() {
                return;
            }
        }
    })
    .await;
    // reached: no answer is ever complete
    let policy = Policy::default().timeout(Duration::from_millis(300));
    for path in ["/silent", "/drip", "/headers", "/chunks"] {
        let refused = refused(text(&with_file(path), &url), policy.clone());
        let message = tokio::time::timeout(HANG, refused).await.expect(path);
        assert_eq!(
            message,
            format!("cannot read {url}{path}: no complete answer within 300ms")
        );
    }
    task.abort();
}

#[tokio::test]
async fn no_timeout_is_too_long() {
    let server = serve(vec![("/a", ok("a"))]).await;
    let policy = Policy::default()
        .timeout(Duration::MAX)
        .file_limit(usize::MAX)
        .total_limit(usize::MAX)
        .concurrency(0);
    assert!(
        pack(text_beside(&with_file("a"), &server), policy)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn the_files_of_one_template_are_read_together_and_each_once() {
    const FILES: usize = 200;
    const AT_A_TIME: usize = 8;
    let (now, most, all) = (
        Arc::new(AtomicUsize::new(0)),
        Arc::new(AtomicUsize::new(0)),
        Arc::new(AtomicUsize::new(0)),
    );
    let counts = (Arc::clone(&now), Arc::clone(&most), Arc::clone(&all));
    let mut template = VERSION.to_owned();
    for n in 0..FILES {
        template.push_str(&format!(
            "a{n}: [{{get_file: f{n}}}, {{get_file: ./d/../f{n}#x}}]\n"
        ));
    }
    // No file is sent before the maximum number is requested.
    let together = Arc::new(Barrier::new(AT_A_TIME));
    let (url, task) = slowly(move |seen, mut stream| {
        let (now, most, all) = counts.clone();
        let (template, together) = (template.clone(), Arc::clone(&together));
        async move {
            let at_a_time = now.fetch_add(1, Ordering::SeqCst) + 1;
            most.fetch_max(at_a_time, Ordering::SeqCst);
            all.fetch_add(1, Ordering::SeqCst);
            let body = if seen.path == "/web.yaml" {
                template
            } else {
                together.wait().await;
                seen.path
            };
            now.fetch_sub(1, Ordering::SeqCst);
            let close = "connection: close\r\n";
            let _ = stream.write_all(&answer("200 OK", close, &body)).await;
        }
    })
    .await;
    let policy = Policy::default().concurrency(AT_A_TIME).timeout(HANG);
    let package = pack(format!("{url}/web.yaml"), policy).await.unwrap();
    task.abort();
    assert_eq!(package.files().len(), FILES);
    for (name, content) in package.files() {
        assert_eq!(*name, format!("{url}{content}"));
    }
    assert_eq!(all.load(Ordering::SeqCst), FILES + 1);
    assert_eq!(most.load(Ordering::SeqCst), AT_A_TIME);
}

#[tokio::test]
async fn small_documents_do_not_make_large_requests_or_reports() {
    let directory = Directory::new("amplified");
    directory.write("big", "x".repeat(10 << 10));
    let references = |count: usize, name: &dyn Fn(usize) -> String| {
        let files = (0..count).map(|n| format!("  f{n}: {{get_file: {:?}}}\n", name(n)));
        format!("{VERSION}a:\n{}", files.collect::<String>())
    };
    // One file under many URLs, which differ after the `%23`.
    let web = directory.write(
        "web.yaml",
        references(200, &|n| format!("./{}big", "./".repeat(n))),
    );
    let policy = || Policy::default().total_limit(1 << 20);
    assert!(pack(web.as_path(), policy()).await.is_ok());
    let web = directory.write("web.yaml", references(200, &|n| format!("big#{n}")));
    let message = refused(web.as_path(), policy()).await;
    assert!(
        message.starts_with("the file is sent once for each of the 200 URLs that refer to it"),
        "{message}"
    );

    for n in 0..20 {
        directory.write(&format!("f{n}"), String::new());
    }
    let web = directory.write("web.yaml", references(20, &|n| format!("f{n}")));
    let all = Policy::default().count_limit(21);
    assert_eq!(pack(web.as_path(), all).await.unwrap().files().len(), 20);
    let message = refused(web.as_path(), Policy::default().count_limit(20)).await;
    assert!(
        message.ends_with("there are more than 20 files"),
        "{message}"
    );

    let web = directory.write("web.yaml", references(500, &|n| format!("none{n}")));
    let error = pack(web.as_path(), Policy::default()).await.unwrap_err();
    let last = error
        .problems()
        .iter()
        .find(|problem| problem.rule == "too-many-problems");
    assert_eq!(error.problems().len(), 101);
    assert!(
        last.unwrap().message == "400 more problems of the rule unreadable are not listed",
        "{error}"
    );

    for n in 0..40 {
        let next = with_file(&format!("nested{}.yaml", n + 1));
        directory.write(&format!("nested{n}.yaml"), next);
    }
    let error = pack(directory.0.join("nested0.yaml"), Policy::default()).await;
    let error = error.unwrap_err();
    assert_eq!(error.problems()[0].chain.len(), 32);
}
