//! `heat template pack`: its input and output.

use std::process::{Output, Stdio};
use std::time::Duration;

use heatclient_test_support::directory::Directory;
use heatclient_test_support::scripted::{Scripted, answer};
use heatclient_test_support::time::HANG;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

const VERSION: &str = "heat_template_version: 2021-04-16\n";

/// A command that runs the tool in a directory.
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

/// Runs a command line with this text on stdin.
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
        "ERROR: parameter \"k\" is set more than once; remove all values but one\n"
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
    // The pipe can be opened for writing once the tool reads it.
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

    // An existing link is not followed.
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
