//! The requests for templates, environments and referenced files.
//!
//! `packing.txt` holds the cases, in the form of `bad_documents.txt`.

use std::fmt::Write as _;

use heatclient::Error;
use heatclient::template::{Hook, Policy, Source};
use heatclient::template::{Package, Packer};
use heatclient_test_support::cases::{check_cases, told};
use heatclient_test_support::directory::Directory;
use heatclient_test_support::scripted::{Scripted, answer};
use serde_json::{Value, json};

const CASES: &str = include_str!("packing.txt");

/// The content of a package, one line for each part.
fn parts(result: &Result<Package, Error>) -> String {
    let Ok(package) = result else {
        return told(result);
    };
    let mut parts = String::new();
    if let Some(template) = package.template() {
        let _ = writeln!(parts, "template {}", local(template));
    }
    for (url, content) in package.files() {
        let _ = writeln!(parts, "file {} {:?}", local(url), local(content));
    }
    if let Some(environment) = package.environment() {
        let _ = writeln!(parts, "environment {}", local(environment));
    }
    for missing in package.missing_parameters() {
        let _ = writeln!(parts, "missing {missing:?}");
    }
    if package.depth() > 0 {
        let _ = writeln!(parts, "depth {}", package.depth());
    }
    (parts + &told(result)).trim_end().to_owned()
}

/// URLs of files as paths.
fn local(text: &str) -> String {
    text.replace("file:///", "/")
}

#[tokio::test]
async fn each_document_is_packed_as_heat_needs_it() {
    let cases = check_cases(CASES, "packing.txt", parts).await;
    assert!(cases >= 50, "{cases}");
}

const VERSION: &str = "heat_template_version: 2021-04-16\n";

fn body(package: &Package) -> Value {
    serde_json::from_str(&serde_json::to_string(package).unwrap()).unwrap()
}

#[tokio::test]
async fn what_is_no_text_becomes_base64() {
    let directory = Directory::new("binary");
    let latin = b"caf\xe9\n";
    let long: Vec<u8> = (0..=255).cycle().take(300).collect();
    let utf_16: Vec<u8> = "\u{feff}heat_template_version: 1"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for (content, expected) in [
        (&latin[..], "Y2Fm6Qo=\n".to_owned()),
        (b"a\0b", "a\0b".to_owned()),
        (b"\xef\xbb\xbfa", "\u{feff}a".to_owned()),
        (
            &utf_16,
            "//5oAGUAYQB0AF8AdABlAG0AcABsAGEAdABlAF8AdgBlAHIAcwBpAG8AbgA6ACAAMQA=\n".to_owned(),
        ),
        (&long, String::new()),
    ] {
        directory.write("file", content);
        let web = directory.write("web.yaml", format!("{VERSION}a: {{get_file: file}}\n"));
        let package = Packer::new().template(web.as_path()).pack().await.unwrap();
        let packed = package.files().values().next().unwrap();
        if content == long {
            let lines: Vec<_> = packed.split_terminator('\n').map(str::len).collect();
            assert_eq!(lines, [76, 76, 76, 76, 76, 20]);
            assert!(packed.starts_with("AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"));
        } else {
            assert_eq!(*packed, expected);
        }
    }
}

#[tokio::test]
async fn a_tree_on_a_server_is_packed_as_one_of_files() {
    let server = Scripted::start(|seen| {
        let text = match seen.path.as_str() {
            "/t/web.yaml?v=1" => "heat_template_version: 2021-04-16\nresources:\n  a: {type: one/a.yml}\n  b: {type: /t/one/b.yaml}\n",
            "/t/one/a.yml" => "heat_template_version: 2021-04-16\na: {get_file: '../x y.sh?z=1#w'}\n",
            "/t/one/b.yaml" => "heat_template_version: 2021-04-16\na: {get_file: ../x%20y.sh?z=1}\n",
            "/t/x%20y.sh?z=1" => "run\n",
            "/t/env.yaml" => "resource_registry: {base_url: two, 'A::B': c.yaml}\n",
            "/t/two/c.yaml" => "heat_template_version: 2021-04-16\n",
            _ => return answer("404 Not Found", "", ""),
        };
        answer("200 OK", "", text)
    })
    .await;
    let url = &server.url;
    let packer = Packer::new().template(format!("{url}/t/web.yaml?v=1"));
    let package = packer
        .environment(format!("{url}/t/env.yaml"))
        .pack()
        .await
        .unwrap();
    let hidden = serde_json::to_string(&package)
        .unwrap()
        .replace(url.as_str(), "S:");
    let body: Value = serde_json::from_str(&hidden).unwrap();
    let nested = |of: &str| {
        json!({"heat_template_version": "2021-04-16", "a": {"get_file": of}}).to_string()
    };
    assert_eq!(
        body,
        json!({
            "template": {"heat_template_version": "2021-04-16", "resources": {
                "a": {"type": "S:/t/one/a.yml#.yaml"}, "b": {"type": "S:/t/one/b.yaml"}}},
            "environment": {"resource_registry": {"base_url": "two", "A::B": "S:/t/two/c.yaml"}},
            "files": {
                "S:/t/one/a.yml#.yaml": nested("S:/t/x%20y.sh?z=1"),
                "S:/t/one/b.yaml": nested("S:/t/x%20y.sh?z=1"),
                "S:/t/x%20y.sh?z=1": "run\n",
                "S:/t/two/c.yaml": json!({"heat_template_version": "2021-04-16"}).to_string(),
            },
        })
    );
    assert_eq!(server.seen().len(), 6, "each once");
}

#[tokio::test]
async fn hooks_join_those_of_the_environments() {
    let environment = "resource_registry: {resources: {a: {hooks: pre-create}, b: {hooks: [pre-update]}, d: {'A::B': 'C::D'}}}";
    let packer = Packer::new()
        .environment(Source::text(environment))
        .hook("a", Hook::PreUpdate)
        .hook("a", Hook::PreCreate)
        .hook("b", Hook::PreUpdate)
        .hook("b", Hook::PostDelete)
        .hook("/c/*//e", Hook::PreDelete)
        .hook("d", Hook::PostCreate);
    let package = packer.pack().await.unwrap();
    assert_eq!(
        body(&package)["environment"]["resource_registry"]["resources"],
        json!({
            "a": {"hooks": ["pre-create", "pre-update"]},
            "b": {"hooks": ["pre-update", "post-delete"]},
            "c": {"*": {"e": {"hooks": "pre-delete"}}},
            "d": {"A::B": "C::D", "hooks": "post-create"},
        })
    );
}

#[tokio::test]
async fn parameters_stand_beside_the_environment() {
    let template = format!("{VERSION}parameters: {{a: {{type: string}}, b: {{type: json}}}}\n");
    let packer = Packer::new()
        .template(Source::text(template))
        .environment(Source::text("parameters: {a: file, x: unknown}"))
        .parameter("a", "typed")
        .parameter("b", json!({"c": [1]}));
    let package = packer.pack().await.unwrap();
    let body = body(&package);
    assert_eq!(body["parameters"], json!({"a": "typed", "b": {"c": [1]}}));
    assert_eq!(body["environment"], json!({"parameters": {"a": "file"}}));
    assert_eq!(package.missing_parameters(), []);
}

#[tokio::test]
async fn of_a_container_only_the_template_is_read() {
    let directory = Directory::new("container");
    let text = format!(
        "{VERSION}parameters: {{p: {{type: string}}}}\nresources: {{a: {{type: sub/a.yaml}}}}\n"
    );
    let web = directory.write("web.yaml", text);
    let packer = Packer::new()
        .template(web.as_path())
        .environment("env.yaml")
        .environment(Source::path("sub/none.yaml").named("another"))
        .files_container("files")
        .policy(Policy::default().within("/none"));
    let package = packer.pack().await.unwrap();
    let body = body(&package);
    assert_eq!(
        body["environment_files"],
        json!(["env.yaml", "sub/none.yaml"])
    );
    assert_eq!(body["files_container"], "files");
    assert_eq!(body["template"]["resources"]["a"]["type"], "sub/a.yaml");
    assert_eq!(
        (&body["files"], &body["environment"]),
        (&json!({}), &json!({}))
    );
    assert_eq!(
        package.missing_parameters(),
        [],
        "who knows what the container has"
    );
}

#[tokio::test]
async fn a_source_is_what_it_is_made_of_whatever_its_name() {
    let directory = Directory::new("sources");
    directory.write("run.sh", "run\n");
    let server = Scripted::start(|_| answer("200 OK", "", VERSION)).await;
    let value = json!({"heat_template_version": "2021-04-16"});
    for (source, files) in [
        (
            Source::url(format!("{}/x", server.url)).named("the template"),
            0,
        ),
        (Source::from(value.clone()), 0),
        (
            Source::text(format!("{VERSION}a: {{get_file: run.sh}}"))
                .beside(directory.0.to_str().unwrap()),
            1,
        ),
        (
            Source::text(format!("{VERSION}a: {{get_file: run.sh}}"))
                .beside(format!("file://{}/", directory.0.display())),
            1,
        ),
    ] {
        let package = Packer::new().template(source).pack().await.unwrap();
        assert_eq!(
            body(&package)["template"]["heat_template_version"],
            "2021-04-16"
        );
        assert_eq!(package.files().len(), files);
    }
}
