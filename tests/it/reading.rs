//! What documents may lead to: the ways that are closed, and servers that misbehave.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use heatclient::template::{Package, Packer};
use heatclient::template::{Policy, Source};
use heatclient::{Error, Session};
use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::sync::Barrier;

use crate::bad_documents::{Directory, told};
use crate::demo;
use crate::scripted::{Scripted, Seen, answer, json as json_answer, read};
use crate::time::HANG;

const VERSION: &str = "heat_template_version: 2021-04-16\n";

/// A template that refers to one file.
fn with_file(reference: &str) -> String {
    format!("{VERSION}a: {{get_file: {reference:?}}}\n")
}

fn ok(body: &str) -> Vec<u8> {
    answer("200 OK", "", body)
}

fn redirect(status: &str, location: &str) -> Vec<u8> {
    answer(status, &format!("location: {location}\r\n"), "")
}

/// A server with documents; what it does not have it does not find.
async fn serve(documents: Vec<(&'static str, Vec<u8>)>) -> Scripted {
    Scripted::start(move |seen| {
        let found = documents.iter().find(|(path, _)| *path == seen.path);
        found.map_or_else(
            || answer("404 Not Found", "", ""),
            |(_, answer)| answer.clone(),
        )
    })
    .await
}

fn paths(server: &Scripted) -> Vec<String> {
    server.seen().into_iter().map(|seen| seen.path).collect()
}

fn authority(server: &Scripted) -> &str {
    server.url.strip_prefix("http://").unwrap()
}

fn text(text: &str, base: &str) -> Source {
    Source::text(text).beside(base)
}

async fn pack(source: impl Into<Source>, policy: Policy) -> Result<Package, Error> {
    Packer::new().template(source).policy(policy).pack().await
}

/// The message of the only problem.
async fn refused(source: impl Into<Source>, policy: Policy) -> String {
    let error = pack(source, policy).await.unwrap_err();
    let debug = format!("{error:?}");
    assert!(!debug.contains("5ecret"), "{debug}");
    assert_eq!(error.problems().len(), 1, "{error}");
    error.problems()[0].message.clone()
}

#[tokio::test]
async fn a_remote_document_leads_nowhere_but_to_its_own_server() {
    let other = serve(vec![("/x", ok("x"))]).await;
    let server = serve(vec![]).await;
    let local = "a document from a server may not refer to a file of this machine";
    let scheme = |name: &str| format!("it has the scheme {name}; expected a path, http or https");
    let (here, there) = (authority(&server).to_owned(), authority(&other).to_owned());
    let another =
        |to: &str| format!("{to} is another server than {here}; allow that host if you trust it");
    for (reference, why) in [
        ("file:///etc/passwd".to_owned(), local.to_owned()),
        ("file:/etc/passwd".to_owned(), local.to_owned()),
        ("FILE:///etc/passwd".to_owned(), local.to_owned()),
        ("file:////etc/passwd".to_owned(), local.to_owned()),
        ("file://localhost/etc/passwd".to_owned(), local.to_owned()),
        (
            "file://example.org/etc/passwd".to_owned(),
            "it is a file of another host; expected file:///path".to_owned(),
        ),
        ("file:etc/passwd".to_owned(), scheme("file")),
        ("data:,x".to_owned(), scheme("data")),
        ("ftp://127.0.0.1/x".to_owned(), scheme("ftp")),
        ("gopher:x".to_owned(), scheme("gopher")),
        (format!("{}/x", other.url), another(&there)),
        (format!("//{there}/x"), another(&there)),
        (format!("\\\\{there}\\x"), another(&there)),
        (format!("http:/\\{there}/x"), another(&there)),
        (format!("https://{here}/x"), another(&here)),
        ("http://127.0.0.1/x".to_owned(), another("127.0.0.1")),
        ("http://0x7f.1/x".to_owned(), another("127.0.0.1")),
        ("https://[::1]:8/x".to_owned(), another("[::1]:8")),
        ("HTTP://Example.ORG./x".to_owned(), another("example.org.")),
        (
            format!("http://{here}@{there}/x"),
            "it has a user name or a password in it, which are not sent; take them out".to_owned(),
        ),
    ] {
        for template in [
            with_file(&reference),
            format!(
                "{VERSION}resources: {{a: {{type: {:?}}}}}\n",
                format!("{reference}.yaml")
            ),
        ] {
            let result = pack(text(&template, &server.url), Policy::default()).await;
            let error = result.unwrap_err();
            let message = &error.problems()[0].message;
            assert!(
                message.ends_with(&format!(": {why}")),
                "{reference}: {message}"
            );
        }
        let environment = format!("resource_registry: {{\"A::B\": {reference:?}}}\n");
        let packer = Packer::new().environment(text(&environment, &server.url));
        let error = packer.pack().await.unwrap_err();
        assert!(error.problems()[0].message.ends_with(&why), "{error}");
    }
    assert_eq!(paths(&server), [""; 0]);
    assert_eq!(paths(&other), [""; 0]);
}

#[tokio::test]
async fn a_remote_registry_cannot_move_its_base_away() {
    let other = serve(vec![]).await;
    let environment = |base: &str| {
        let text = format!("resource_registry: {{base_url: {base:?}, \"A::B\": passwd}}\n");
        ok(&text)
    };
    for (base, why) in [
        (
            "file:///etc".to_owned(),
            "a document from a server may not refer to a file of this machine",
        ),
        (
            "file:/etc".to_owned(),
            "a document from a server may not refer to a file of this machine",
        ),
        (
            format!("{}/dir", other.url),
            "allow that host if you trust it",
        ),
    ] {
        let server = serve(vec![("/env.yaml", environment(&base))]).await;
        let packer = Packer::new().environment(format!("{}/env.yaml", server.url));
        let error = packer.pack().await.unwrap_err();
        assert!(error.problems()[0].message.ends_with(why), "{error}");
        assert_eq!(paths(&server), ["/env.yaml"]);
    }
    assert_eq!(paths(&other), [""; 0]);
}

#[tokio::test]
async fn a_host_is_opened_by_its_name() {
    let other = serve(vec![("/x", ok("from there"))]).await;
    let url = format!("{}/x", other.url);
    let server = serve(vec![("/web.yaml", ok(&with_file(&url)))]).await;
    let web = format!("{}/web.yaml", server.url);
    let there = authority(&other).to_owned();
    for host in ["127.0.0.1", "127.1", &there] {
        let policy = Policy::default().allow_host("example.org").allow_host(host);
        let package = pack(web.as_str(), policy).await.unwrap();
        assert_eq!(package.files()[&url], "from there");
    }
    for host in [
        "",
        "127.0.0.2",
        "127.0.0.1:1",
        "localhost",
        "*",
        "http://127.0.0.1",
    ] {
        let message = refused(web.as_str(), Policy::default().allow_host(host)).await;
        assert!(
            message.contains("is another server than"),
            "{host}: {message}"
        );
    }
}

#[tokio::test]
async fn local_documents_may_refer_to_servers_unless_that_is_closed() {
    let server = serve(vec![("/x", ok("x"))]).await;
    let url = format!("{}/x", server.url);
    let directory = Directory::new("remote");
    let web = directory.write("web.yaml", with_file(&url));
    assert_eq!(
        pack(web.as_path(), Policy::default())
            .await
            .unwrap()
            .files()[&url],
        "x"
    );
    assert_eq!(
        refused(web.as_path(), Policy::default().remote(false)).await,
        format!(
            "cannot refer to {url:?}: {url} is on a server, and nothing is to be read from servers"
        )
    );
    let error = pack(url.as_str(), Policy::default().remote(false))
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("{url} is on a server, and nothing is to be read from servers")
    );
    assert_eq!(paths(&server), ["/x"]);
}

#[tokio::test]
async fn redirects_are_followed_on_one_server() {
    for status in [
        "301 Moved",
        "302 Found",
        "303 See Other",
        "307 Temporary",
        "308 Permanent",
    ] {
        let server = serve(vec![
            ("/a", redirect(status, "/b?c=d#e")),
            ("/b?c=d", redirect(status, "dir/../f")),
            ("/f", ok("found")),
        ])
        .await;
        let url = format!("{}/a", server.url);
        let package = pack(text(&with_file(&url), &server.url), Policy::default())
            .await
            .unwrap();
        assert_eq!(package.files()[&url], "found", "{status}");
        assert!(server.seen().iter().all(|seen| seen.method == "GET"));
        assert_eq!(paths(&server), ["/a", "/b?c=d", "/f"]);
    }
}

#[tokio::test]
async fn redirects_lead_nowhere_else() {
    let other = serve(vec![("/x", ok("x"))]).await;
    let url = format!("{}/x?sig=5ecret", other.url);
    let there = authority(&other).to_owned();
    let scheme = |name: &str| {
        format!(
            "the server redirects to a URL, but it has the scheme {name}; expected a path, http or https"
        )
    };
    for (location, why) in [
        (url.clone(), format!("the server redirects, but {there} is another server than HERE; allow that host if you trust it")),
        ("file:///etc/passwd".to_owned(), scheme("file")),
        ("ftp://127.0.0.1/x".to_owned(), scheme("ftp")),
        ("data:,x".to_owned(), scheme("data")),
        ("http://user:5ecret@127.0.0.1/".to_owned(), "the server redirects to a URL, but it has a user name or a password in it, which are not sent; take them out".to_owned()),
        ("http://[::1".to_owned(), "the server redirects to a URL, but it is no URL: invalid IPv6 address".to_owned()),
        ("/a".to_owned(), "it is redirected more than 10 times".to_owned()),
    ] {
        let server = serve(vec![("/a", redirect("302 Found", &location))]).await;
        let here = authority(&server).to_owned();
        let message = refused(format!("{}/a", server.url), Policy::default()).await;
        assert_eq!(message.replace(&here, "HERE"), format!("cannot be read: {why}"));
        assert_eq!(server.seen().len(), if location == "/a" { 11 } else { 1 });
    }
    assert_eq!(other.seen().len(), 0);

    let server = serve(vec![
        ("/a", redirect("302 Found", &url)),
        ("/b", answer("300 Choices", "", "")),
    ])
    .await;
    let a = format!("{}/a", server.url);
    let opened = Policy::default().allow_host("127.0.0.1");
    let message = refused(a.as_str(), opened.clone()).await;
    assert_eq!(message, "cannot be read: 404 Not Found");
    assert_eq!(paths(&other), ["/x?sig=5ecret"]);
    let message = refused(format!("{}/b", server.url), opened).await;
    assert_eq!(message, "cannot be read: the server redirects to nowhere");
}

#[tokio::test]
async fn ten_redirects_are_not_too_many() {
    let server = Scripted::start(
        |seen| match seen.path.trim_start_matches('/').parse::<u32>() {
            Ok(0) => ok("the end"),
            Ok(n) => redirect("302 Found", &format!("/{}", n - 1)),
            Err(_) => Vec::new(),
        },
    )
    .await;
    let file = |n: u32| with_file(&format!("{}/{n}", server.url));
    let package = pack(text(&file(10), &server.url), Policy::default())
        .await
        .unwrap();
    assert_eq!(package.files().values().next().unwrap(), "the end");
    let message = refused(text(&file(11), &server.url), Policy::default()).await;
    assert!(
        message.ends_with("it is redirected more than 10 times"),
        "{message}"
    );
}

#[tokio::test]
async fn symbolic_links_are_followed_unless_that_is_closed() {
    let directory = Directory::new("links");
    let link =
        |to: &str, name: &str| std::os::unix::fs::symlink(to, directory.0.join(name)).unwrap();
    directory.write("root/inside.sh", "inside");
    directory.write("outside/secret.sh", "outside");
    link("inside.sh", "root/link.sh");
    link("../outside/secret.sh", "root/out.sh");
    link("../outside", "root/dir");
    link("none.sh", "root/dangling.sh");
    link("circle.sh", "root/circle.sh");
    let follow = Policy::default;
    let none = || Policy::default().follow_symlinks(false);
    let root = || Policy::default().within(directory.0.join("root"));
    let (link, outside) = (
        "leads through a symbolic link, which is not allowed",
        "is outside of the directory DIR/root, where files are to be found",
    );
    let rows = [
        ("inside.sh", follow(), Ok("inside")),
        ("inside.sh", none(), Ok("inside")),
        ("inside.sh", root(), Ok("inside")),
        ("inside.sh", root().follow_symlinks(false), Ok("inside")),
        ("link.sh", follow(), Ok("inside")),
        ("link.sh", none(), Err(link)),
        ("link.sh", root(), Ok("inside")),
        ("link.sh", root().follow_symlinks(false), Err(link)),
        ("out.sh", follow(), Ok("outside")),
        ("out.sh", none(), Err(link)),
        ("out.sh", root(), Err(outside)),
        ("dir/secret.sh", follow(), Ok("outside")),
        ("dir/secret.sh", none(), Err(link)),
        ("dir/secret.sh", root(), Err(outside)),
        ("dir/../inside.sh", root(), Ok("inside")),
        ("../outside/secret.sh", follow(), Ok("outside")),
        ("../outside/secret.sh", none(), Ok("outside")),
        ("../outside/secret.sh", root(), Err(outside)),
        ("%2e%2e/outside/secret.sh", root(), Err(outside)),
        ("../outside/none.sh", root(), Err(outside)),
        ("../root/inside.sh", root(), Ok("inside")),
        ("../root2/x.sh", root(), Err(outside)),
        ("/etc/passwd", root(), Err(outside)),
        ("file:///etc/passwd", root(), Err(outside)),
        ("dangling.sh", follow(), Err("No such file or directory")),
        ("dangling.sh", root(), Err("No such file or directory")),
        (
            "circle.sh",
            root(),
            Err("Too many levels of symbolic links"),
        ),
        (
            "inside.sh",
            Policy::default().within(directory.0.join("none")),
            Err("is outside of the directory DIR/none, where files are to be found"),
        ),
    ];
    for (reference, policy, expected) in rows {
        let web = directory.write("root/web.yaml", with_file(reference));
        match (pack(web.as_path(), policy.clone()).await, expected) {
            (Ok(package), Ok(content)) => {
                let files: Vec<_> = package.files().values().collect();
                assert_eq!(files, [content], "{reference} {policy:?}");
            }
            (Err(error), Err(why)) => {
                let message = error.problems()[0]
                    .message
                    .replace(&directory.0.display().to_string(), "DIR");
                assert!(message.ends_with(why), "{reference} {policy:?}: {message}");
            }
            (result, _) => panic!("{reference} {policy:?}: {result:?}"),
        }
    }
}

#[tokio::test]
async fn what_documents_refer_to_are_regular_files() {
    let directory = Directory::new("devices");
    let pipe = directory.0.join("pipe");
    let made = std::process::Command::new("mkfifo")
        .arg(&pipe)
        .status()
        .unwrap();
    assert!(made.success());
    let _socket = std::os::unix::net::UnixListener::bind(directory.0.join("socket")).unwrap();
    for reference in ["pipe", "socket", "/dev/zero", "/dev/null"] {
        let web = directory.write("web.yaml", with_file(reference));
        let refused = refused(web.as_path(), Policy::default());
        let message = tokio::time::timeout(HANG, refused).await.expect(reference);
        assert!(message.ends_with("it is not a regular file"), "{message}");
    }
    // Made up by the kernel, with a size of 0: some wait, some take what they tell from others, some have secrets.
    let link = directory.0.join("link");
    std::os::unix::fs::symlink("/proc/self/environ", &link).unwrap();
    for reference in [
        "link",
        "/proc/kmsg",
        "/proc/version",
        "/proc/self/status",
        "/proc/../proc/uptime",
        "/sys/kernel/mm/transparent_hugepage/enabled",
    ] {
        let web = directory.write("web.yaml", with_file(reference));
        if !directory.0.join(reference).exists() {
            continue;
        }
        let message = refused(web.as_path(), Policy::default()).await;
        // Without the right to read it at all, that is the reason.
        let is_refused = [
            "it is a file of the kernel, not of a disk",
            "Permission denied",
            "Operation not permitted",
        ]
        .iter()
        .any(|reason| message.ends_with(reason));
        assert!(is_refused, "{message}");
    }
    // As long as 1 TiB without a block on the disk.
    let long = std::fs::File::create(directory.0.join("long")).unwrap();
    long.set_len(1 << 40).unwrap();
    let web = directory.write("web.yaml", with_file("long"));
    let message = refused(web.as_path(), Policy::default()).await;
    assert!(message.ends_with("it is longer than 16 MiB"), "{message}");
    // A pipe that a person names is read.
    let writer = std::thread::spawn({
        let pipe = pipe.clone();
        move || std::fs::write(pipe, VERSION).unwrap()
    });
    let package = pack(pipe.as_path(), Policy::default()).await.unwrap();
    writer.join().unwrap();
    assert_eq!(
        package.template().unwrap(),
        r#"{"heat_template_version":"2021-04-16"}"#
    );
}

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
            message.contains("the answer is longer than the 100000 bytes allowed"),
            "{path}: {message}"
        );
    }
}

fn text_beside(template: &str, server: &Scripted) -> Source {
    text(template, &server.url)
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

/// A server that answers as the function does, and knows how many requests it has at a time.
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
            format!("cannot read {url}{path}: it did not come within 300ms")
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
    // No file is sent before as many are asked for as may be.
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

/// A Keystone whose catalog has one object store.
async fn keystone(swift: &str) -> Scripted {
    let token = json!({"token": {
        "expires_at": "2999-01-01T00:00:00.000000Z",
        "issued_at": "2026-01-01T00:00:00.000000Z",
        "methods": ["password"],
        "user": {"id": "u", "name": "demo", "domain": {"id": "default", "name": "Default"}},
        "project": {"id": "p", "name": "demo", "domain": {"id": "default", "name": "Default"}},
        "catalog": [{"type": "object-store", "name": "swift", "id": "s", "endpoints": [
            {"id": "e", "interface": "public", "region": "R", "region_id": "R", "url": format!("{swift}/v1/AUTH_p")}
        ]}],
    }});
    let body = token.to_string();
    Scripted::start(move |_| {
        answer(
            "201 Created",
            "content-type: application/json\r\nx-subject-token: gAAAA-5ecret\r\n",
            &body,
        )
    })
    .await
}

/// Whether a token came along with each request that a server has seen from one on.
fn tokens(server: &Scripted, from: usize) -> Vec<bool> {
    let seen = server.seen();
    let seen = seen[from..].iter();
    seen.map(|seen| seen.header("x-auth-token").is_some())
        .collect()
}

#[tokio::test]
async fn a_token_goes_to_the_cloud_only_and_only_where_it_is_needed() {
    let foreign = Scripted::start(|_| answer("401 Unauthorized", "", "")).await;
    let elsewhere = format!("{}/x", foreign.url);
    let swift =
        Scripted::start(
            move |seen| match (seen.path.as_str(), seen.header("x-auth-token")) {
                ("/v1/AUTH_p/c/open", _) => ok(VERSION),
                ("/v1/AUTH_p/c/broken", _) => answer("500 Broken", "", ""),
                ("/v1/AUTH_p/c/away", Some(_)) => redirect("302 Found", &elsewhere),
                ("/v1/AUTH_p/c/none", _) => answer("404 Not Found", "", ""),
                (_, Some("gAAAA-5ecret")) => ok(VERSION),
                ("/v1/AUTH_p/c/403", None) => answer("403 Forbidden", "", ""),
                ("/v1/AUTH_p/c/404", None) => answer("404 Not Found", "", ""),
                _ => answer("401 Unauthorized", "", ""),
            },
        )
        .await;
    let keystone = keystone(&swift.url).await;
    let session = || Session::new(demo(&format!("{}/v3", keystone.url), "5ecret"));
    let at = |path: &str| format!("{}/v1/AUTH_p/c/{path}", swift.url);
    let packer = |url: &str| Packer::new().template(url);

    packer(&at("open")).session(session()).pack().await.unwrap();
    assert_eq!(keystone.seen().len(), 0, "nobody needed a login");
    assert_eq!(tokens(&swift, 0), [false]);

    for status in ["401", "403", "404"] {
        let before = swift.seen().len();
        packer(&at(status)).session(session()).pack().await.unwrap();
        assert_eq!(tokens(&swift, before), [false, true]);
        let message = refused(at(status), Policy::default()).await;
        assert!(message.contains(&format!(": {status} ")), "{message}");
    }

    for (path, status) in [("broken", "500"), ("none", "404")] {
        let before = swift.seen().len();
        let packer = packer(&at(path)).session(session());
        let error = packer.pack().await.unwrap_err();
        let text = error.to_string();
        assert!(text.contains(&format!(": {status} ")), "{text}");
        let needed = tokens(&swift, before).contains(&true);
        assert_eq!(needed, path == "none", "{path}");
    }

    // Away from the cloud, it stays at home.
    let opened = Policy::default().allow_host("127.0.0.1");
    let url = format!("{}/x", foreign.url);
    for template in [url.as_str(), &at("away")] {
        let packer = packer(template).session(session()).policy(opened.clone());
        let error = packer.pack().await.unwrap_err();
        assert!(error.to_string().contains("401 Unauthorized"), "{error}");
        assert!(!format!("{error:?}").contains("5ecret"));
    }
    assert!(foreign.seen().len() >= 2);
    let seen = foreign.seen();
    assert!(seen.iter().all(|seen| !seen.head.contains("5ecret")));
}

/// What documents refer to is asked for with a token only where the document itself had to be, and in
/// the same container: else a template could have whatever its reader may read packed into the stack.
#[tokio::test]
async fn references_get_a_token_within_their_container_only() {
    let swift = Scripted::start(|seen| {
        let (path, token) = (seen.path.as_str(), seen.header("x-auth-token"));
        match path.rsplit_once('/') {
            Some(("/v1/AUTH_p/open", "web.yaml")) => ok(&with_file("/v1/AUTH_p/open/key")),
            _ if token.is_none() => answer("401 Unauthorized", "", ""),
            Some((_, "near.yaml")) => ok(&with_file("../c/x/key")),
            Some((_, "other.yaml")) => ok(&with_file("/v1/AUTH_p/d/key")),
            Some((_, "dots.yaml")) => ok(&with_file("x/%2e%2e/%2E./d/key")),
            Some((_, "keystone.yaml")) => ok(&with_file("/v3/credentials")),
            _ => ok("for us"),
        }
    })
    .await;
    let keystone = keystone(&swift.url).await;
    let at = |path: &str| format!("{}/v1/AUTH_p/{path}", swift.url);
    let local = Source::text(with_file(&at("c/key")));
    for (template, expected) in [
        (
            Source::from(at("c/near.yaml")),
            &[false, true, false, true][..],
        ),
        (Source::from(at("c/other.yaml")), &[false, true, false]),
        (Source::from(at("c/dots.yaml")), &[false, true, false]),
        (Source::from(at("c/keystone.yaml")), &[false, true, false]),
        (Source::from(at("open/web.yaml")), &[false, false]),
        (local, &[false]),
    ] {
        let session = Session::new(demo(&format!("{}/v3", keystone.url), "5ecret"));
        let before = swift.seen().len();
        let packed = Packer::new()
            .template(template.clone())
            .session(session)
            .pack()
            .await;
        assert_eq!(tokens(&swift, before), expected, "{template:?}");
        assert_eq!(packed.is_ok(), expected.len() == 4, "{template:?}");
    }
}

#[tokio::test]
async fn a_login_that_fails_does_not_hide_what_the_server_said() {
    let keystone = Scripted::start(|_| json_answer("401 Unauthorized", "{}")).await;
    let server = serve(vec![]).await;
    let session = Session::new(demo(&format!("{}/v3", keystone.url), "5ecret"));
    let packer = Packer::new().template(format!("{}/web.yaml?sig=5ecret", server.url));
    let error = packer.session(session).pack().await.unwrap_err();
    let told = told(&Err(error))
        .replace(&server.url, "SERVER")
        .replace(&keystone.url, "KEYSTONE");
    assert_eq!(
        told,
        "SERVER/web.yaml?…: cannot be read: 404 Not Found; and with a token: login of demo at KEYSTONE/v3: 401 Unauthorized"
    );
}

#[tokio::test]
async fn small_documents_do_not_make_large_requests_or_reports() {
    let directory = Directory::new("amplified");
    directory.write("big", "x".repeat(10 << 10));
    let references = |count: usize, name: &dyn Fn(usize) -> String| {
        let files = (0..count).map(|n| format!("  f{n}: {{get_file: {:?}}}\n", name(n)));
        format!("{VERSION}a:\n{}", files.collect::<String>())
    };
    // One file by many URLs, which differ in what stands behind the `%23`.
    let web = directory.write(
        "web.yaml",
        references(200, &|n| format!("./{}big", "./".repeat(n))),
    );
    let policy = || Policy::default().total_limit(1 << 20);
    assert!(pack(web.as_path(), policy()).await.is_ok());
    let web = directory.write("web.yaml", references(200, &|n| format!("big#{n}")));
    let message = refused(web.as_path(), policy()).await;
    assert!(
        message.starts_with("it is sent once for each of the 200 URLs that refer to it"),
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
