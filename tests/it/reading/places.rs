//! The allowed targets of references: servers, files, links.

use heatclient::template::Packer;
use heatclient::template::Policy;
use heatclient_test_support::directory::Directory;
use heatclient_test_support::time::HANG;

use super::{VERSION, authority, ok, pack, paths, refused, serve, text, with_file};

#[tokio::test]
async fn a_remote_document_leads_nowhere_but_to_its_own_server() {
    let other = serve(vec![("/x", ok("x"))]).await;
    let server = serve(vec![]).await;
    let local = "a document from a server may not refer to a local file";
    let scheme =
        |name: &str| format!("the scheme {name} is not supported; expected a path, http or https");
    let (here, there) = (authority(&server).to_owned(), authority(&other).to_owned());
    let another = |to: &str| {
        format!("{to} is not the same server as {here}; allow that host if you trust it")
    };
    for (reference, why) in [
        ("file:///etc/passwd".to_owned(), local.to_owned()),
        ("file:/etc/passwd".to_owned(), local.to_owned()),
        ("FILE:///etc/passwd".to_owned(), local.to_owned()),
        ("file:////etc/passwd".to_owned(), local.to_owned()),
        ("file://localhost/etc/passwd".to_owned(), local.to_owned()),
        (
            "file://example.org/etc/passwd".to_owned(),
            "the file is on another host; expected file:///path".to_owned(),
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
            "the URL has a user name or a password, which are not sent; remove them".to_owned(),
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
            "a document from a server may not refer to a local file",
        ),
        (
            "file:/etc".to_owned(),
            "a document from a server may not refer to a local file",
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
            message.contains("is not the same server as"),
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
        format!("cannot refer to {url:?}: {url} is on a server; reading from servers is disabled")
    );
    let error = pack(url.as_str(), Policy::default().remote(false))
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("{url} is on a server; reading from servers is disabled")
    );
    assert_eq!(paths(&server), ["/x"]);
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
        "goes through a symbolic link, which is not allowed",
        "is outside the directory DIR/root, to which files are limited",
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
            Err("is outside the directory DIR/none, to which files are limited"),
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
    // Files of the kernel with size 0: some block, some consume data of others, some contain secrets.
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
        // Without read permission, that is the reason.
        let is_refused = [
            "it is a kernel file, not a file on a disk",
            "Permission denied",
            "Operation not permitted",
        ]
        .iter()
        .any(|reason| message.ends_with(reason));
        assert!(is_refused, "{message}");
    }
    // A sparse file of 1 TiB.
    let long = std::fs::File::create(directory.0.join("long")).unwrap();
    long.set_len(1 << 40).unwrap();
    let web = directory.write("web.yaml", with_file("long"));
    let message = refused(web.as_path(), Policy::default()).await;
    assert!(message.ends_with("it is longer than 16 MiB"), "{message}");
    // A pipe that the user names is read.
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
