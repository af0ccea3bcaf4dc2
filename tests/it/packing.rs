//! What requests get of templates, environments and the files that they refer to.
//!
//! `packing.txt` holds the cases, in the form of `bad_documents.txt`.

use std::fmt::Write as _;
use std::process::{Output, Stdio};
use std::time::Duration;

use heatclient::Error;
use heatclient::template::{Hook, Policy, Source};
use heatclient::template::{Package, Packer};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::bad_documents::{Directory, check_cases, told};
use crate::scripted::{Scripted, answer};
use crate::time::HANG;

const CASES: &str = include_str!("packing.txt");

/// All that a package holds, a line for each part of it.
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

/// The tool, to be run in a directory.
fn command(directory: &Directory, line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heat"));
    command
        .env_clear()
        .current_dir(&directory.0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .args(line.split_whitespace());
    command
}

/// What the tool makes of a command line and its standard input.
async fn heat(directory: &Directory, line: &str, stdin: &[u8]) -> Output {
    let mut child = command(directory, line).spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let _ = pipe.write_all(stdin).await;
    drop(pipe);
    child.wait_with_output().await.unwrap()
}

#[tokio::test]
async fn the_tool_packs_what_it_is_told() {
    let directory = Directory::new("tool-pack");
    directory.write("run.sh", "run\n");
    directory.write("bytes", b"\xff");
    directory.write(
        "sub/web.yaml",
        format!("{VERSION}a: {{get_file: ../run.sh}}\nn: 123456789012345678901234567890\n"),
    );
    directory.write("sub/key.pub", "key\n");
    directory.write(
        "env.yaml",
        "parameter_defaults: {a: 1, c: 123456789012345678901234567890}\n",
    );
    directory.write("plain.yaml", VERSION);
    let web = r#""template":{"heat_template_version":"2021-04-16","a":{"get_file":"run.sh"},"n":123456789012345678901234567890},"files":{"run.sh":"run\n"}"#;
    let plain = r#""template":{"heat_template_version":"2021-04-16"},"files":{}"#;
    let piped = format!("{VERSION}a: {{get_file: run.sh}}\nn: 123456789012345678901234567890\n");
    for (line, stdin, expected) in [
        ("-t sub/web.yaml", &b""[..], format!(r#"{{{web},"environment":{{}}}}"#)),
        ("-t sub/web.yaml -e env.yaml", b"", format!(r#"{{{web},"environment":{{"parameter_defaults":{{"a":1,"c":123456789012345678901234567890}}}}}}"#)),
        ("-t -", piped.as_bytes(), format!(r#"{{{web},"environment":{{}}}}"#)),
        ("-t plain.yaml -e env.yaml -e -", b"parameter_defaults: {b: 2}", format!(r#"{{{plain},"environment":{{"parameter_defaults":{{"a":1,"c":123456789012345678901234567890,"b":2}}}}}}"#)),
        ("-t plain.yaml --parameter k=@-", b"from\nstdin\n", format!(r#"{{{plain},"environment":{{}},"parameters":{{"k":"from\nstdin\n"}}}}"#)),
        ("-t plain.yaml --parameter-file k=-", b"\xfe", format!(r#"{{{plain},"environment":{{}},"parameters":{{"k":"/g==\n"}}}}"#)),
        ("-t plain.yaml --parameter k=@run.sh --parameter l=@bytes", b"", format!(r#"{{{plain},"environment":{{}},"parameters":{{"k":"run\n","l":"/w==\n"}}}}"#)),
        ("-t plain.yaml --parameter k=@@at --parameter l=@ --parameter m=a;b=c", b"", format!(r#"{{{plain},"environment":{{}},"parameters":{{"k":"@at","l":"@","m":"a;b=c"}}}}"#)),
        ("-t sub/web.yaml --parameter-file k=key.pub", b"", format!(r#"{{{web},"environment":{{}},"parameters":{{"k":"key\n"}}}}"#)),
        ("-t plain.yaml --files-container files -e env.yaml", b"", format!(r#"{{{plain},"environment":{{}},"environment_files":["env.yaml"],"files_container":"files"}}"#)),
        ("-e env.yaml", b"", r#"{"files":{},"environment":{"parameter_defaults":{"a":1,"c":123456789012345678901234567890}}}"#.to_owned()),
    ] {
        let output = heat(&directory, &format!("template pack {line}"), stdin).await;
        let out = String::from_utf8(output.stdout).unwrap();
        let name = format!("file://{}/", directory.0.display());
        assert_eq!(out.trim_end().replace(&name, ""), expected, "{line}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!((output.status.code(), output.stderr), (Some(0), vec![]), "{line}");
    }
}

#[tokio::test]
async fn files_of_parameters_are_looked_for_here_and_beside_the_template() {
    let directory = Directory::new("parameter-files");
    let web = directory.write("sub/web.yaml", VERSION);
    directory.write("sub/key.pub", "beside\n");
    directory.write("here.pub", "here\n");
    directory.write("sub/here.pub", "not this\n");
    std::os::unix::fs::symlink(&web, directory.0.join("link.yaml")).unwrap();
    let server = Scripted::start(|seen| match seen.path.as_str() {
        "/t/web.yaml" => answer("200 OK", "", VERSION),
        "/t/key.pub" => answer("200 OK", "", "served"),
        _ => answer("404 Not Found", "", ""),
    })
    .await;
    let file = format!("file://{}", web.display());
    let url = format!("{}/t/web.yaml", server.url);
    let key = format!("{}/t/key.pub", server.url);
    for (template, parameter, expected) in [
        ("sub/web.yaml", "key.pub", "beside\n"),
        ("link.yaml", "key.pub", "beside\n"),
        (&file, "key.pub", "beside\n"),
        ("sub/web.yaml", "here.pub", "here\n"),
        (&url, "key.pub", "served"),
        (&url, "here.pub", "here\n"),
        ("sub/web.yaml", &key, "served"),
    ] {
        let line = format!("template pack -t {template} --parameter-file k={parameter}");
        let output = heat(&directory, &line, b"").await;
        let body: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(body["parameters"]["k"], expected, "{line}");
    }
    let line = "template pack -t sub/web.yaml --parameter-file a=no --parameter-file b=none";
    let output = heat(&directory, line, b"").await;
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "ERROR: no: cannot be read as the value of parameter \"a\": No such file or directory\n\
         ERROR: none: cannot be read as the value of parameter \"b\": No such file or directory\n"
    );
    let line = "template pack -t sub/web.yaml --parameter k=x --parameter-file k=here.pub";
    let output = heat(&directory, line, b"").await;
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "ERROR: parameter \"k\" is given more than once; a file holds a whole value\n"
    );
}

#[tokio::test]
async fn the_tool_can_be_interrupted_while_it_reads() {
    let directory = Directory::new("pipe");
    let pipe = directory.0.join("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status().await.unwrap();
    assert!(made.success());
    let mut tool = command(&directory, "template pack -t pipe")
        .spawn()
        .unwrap();
    let id = tool.id().unwrap().to_string();
    // It has begun to read when the pipe can be opened for writing.
    let opened = tokio::task::spawn_blocking(move || std::fs::File::create(pipe).unwrap());
    let _writer = tokio::time::timeout(HANG, opened).await.unwrap();
    while !catches_interrupts(&id) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let interrupt = Command::new("kill").args(["-INT", &id]).status().await;
    assert!(interrupt.unwrap().success());
    let ended = tokio::time::timeout(HANG, tool.wait()).await;
    assert_eq!(ended.expect("it ends").unwrap().code(), Some(130));
}

/// Whether a process has a handler for SIGINT.
fn catches_interrupts(id: &str) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    u64::from_str_radix(caught.unwrap().trim(), 16).unwrap() & 2 != 0
}

#[tokio::test]
async fn the_tool_writes_to_its_own_new_directory_only() {
    let directory = Directory::new("tool-own");
    let name = "n".repeat(250);
    directory.write(&name, "long\n");
    directory.write("web.yaml", format!("{VERSION}a: {{get_file: {name}}}\n"));
    let output = heat(&directory, "template pack -t web.yaml --output out", b"").await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let out = directory.0.join("out");
    let mode = std::os::unix::fs::PermissionsExt::mode(&out.metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o700, "parameters may be secrets");
    let index = std::fs::read_to_string(out.join("files.json")).unwrap();
    let index: Value = serde_json::from_str(&index).unwrap();
    let file = index.as_object().unwrap().values().next().unwrap();
    let content = std::fs::read_to_string(out.join(file.as_str().unwrap())).unwrap();
    assert_eq!(content, "long\n");

    // A link that stands in the way is not followed.
    std::fs::create_dir(directory.0.join("elsewhere")).unwrap();
    let script = format!(
        "ln -s elsewhere new.$$.part && exec {} template pack -t web.yaml --output new",
        env!("CARGO_BIN_EXE_heat")
    );
    let mut shell = Command::new("sh");
    let shell = shell.args(["-c", &script]).current_dir(&directory.0);
    let output = shell.output().await.unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let mut elsewhere = std::fs::read_dir(directory.0.join("elsewhere")).unwrap();
    assert!(elsewhere.next().is_none(), "nothing was written there");
}

#[tokio::test]
async fn the_tool_writes_the_parts_of_a_package() {
    let directory = Directory::new("tool-output");
    directory.write("a b?.sh", "run\n");
    directory.write(
        "web.yaml",
        format!("{VERSION}a: {{get_file: a b?.sh}}\nb: {{get_file: web2.yaml}}\n"),
    );
    directory.write("web2.yaml", VERSION);
    directory.write("env.yaml", "parameter_defaults: {a: 1}\n");
    let line = "template pack -t web.yaml -e env.yaml --parameter p=q --output out/pack";
    let output = heat(&directory, line, b"").await;
    assert_eq!(
        (output.status.code(), output.stdout, output.stderr),
        (Some(0), vec![], vec![])
    );
    let read =
        |name: &str| std::fs::read_to_string(directory.0.join("out/pack").join(name)).unwrap();
    let json = |name: &str| serde_json::from_str::<Value>(&read(name)).unwrap();
    assert_eq!(
        json("environment.json"),
        json!({"parameter_defaults": {"a": 1}})
    );
    assert_eq!(json("parameters.json"), json!({"p": "q"}));
    let index = json("files.json");
    let url = json("template.json")["a"]["get_file"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(read(index[url.as_str()].as_str().unwrap()), "run\n");
    assert_eq!(index.as_object().unwrap().len(), 2);
    let mut names: Vec<_> = std::fs::read_dir(directory.0.join("out"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["pack"], "nothing is left over");
}
