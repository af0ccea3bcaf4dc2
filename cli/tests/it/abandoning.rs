//! Exported and abandoned stacks: their data is never lost. B-07.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use heatclient::sandbox::Fault;
use http::Method;
use serde_json::Value;

use crate::ground::{Ground, Ran, interrupt};

async fn with_stack(name: &str) -> Ground {
    let ground = Ground::new(name).await;
    let create = "stack create web -t t.yaml --parameter word=ü --tags a,b --wait --poll 0.05";
    ground.heat(create).await.ok();
    ground.sent();
    ground
}

fn lost() -> Fault {
    Fault::on(Method::DELETE, "/abandon")
        .times(1)
        .after_handling()
}

/// The names of the files in the directory, without the templates.
fn files(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| !name.ends_with(".yaml")).collect();
    names.sort_unstable();
    names
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn is_whole(data: &Value) {
    assert_eq!(data["name"], "web");
    assert_eq!(data["environment"]["parameters"]["word"], "ü");
    assert_eq!(data["resources"]["thing"]["type"], "OS::Heat::Value");
}

const KEYS: [&str; 11] = [
    "name",
    "id",
    "action",
    "environment",
    "files",
    "status",
    "template",
    "resources",
    "project_id",
    "stack_user_project_id",
    "tags",
];

#[tokio::test]
async fn a_stack_is_exported() {
    let ground = with_stack("export").await;
    let text = ground.heat("stack export web").await.ok();
    assert_eq!(
        ground.sent(),
        ["GET stacks/web", "GET stacks/web/ID/export"]
    );
    let data: Value = serde_json::from_str(&text).unwrap();
    is_whole(&data);
    let keys: Vec<_> = data.as_object().unwrap().keys().collect();
    assert_eq!(keys, KEYS);
    assert!(
        text.starts_with("{\n  \"name\": \"web\",\n") && text.contains("\"word\": \"\\u00fc\"")
    );
    assert_eq!(
        ground.heat("stack export web -f value -c name").await.ok(),
        "web\n"
    );

    assert_eq!(
        ground
            .heat("stack export web --output-file out.json")
            .await
            .ok(),
        ""
    );
    let out = ground.directory.join("out.json");
    assert_eq!(fs::read_to_string(&out).unwrap(), text.trim_end());
    assert_eq!(
        fs::metadata(&out).unwrap().permissions().mode() & 0o777,
        0o600
    );

    // A file that exists keeps its permissions, and a link stays a link.
    fs::write(ground.directory.join("old"), "old").unwrap();
    fs::set_permissions(
        ground.directory.join("old"),
        fs::Permissions::from_mode(0o640),
    )
    .unwrap();
    std::os::unix::fs::symlink("old", ground.directory.join("link")).unwrap();
    ground
        .heat("stack export web --output-file link")
        .await
        .ok();
    let old = ground.directory.join("old");
    is_whole(&read(&old));
    assert_eq!(
        fs::metadata(&old).unwrap().permissions().mode() & 0o777,
        0o640
    );
    assert!(ground.directory.join("link").is_symlink());
    ground
        .heat("stack export web --output-file /dev/null")
        .await
        .ok();

    fs::write(&old, "kept").unwrap();
    ground
        .heat("stack export nope --output-file old")
        .await
        .failed(1, "ERROR: Stack not found: nope");
    assert_eq!(fs::read_to_string(&old).unwrap(), "kept");
    assert_eq!(files(&ground.directory), ["link", "old", "out.json"]);
}

#[tokio::test]
async fn a_stack_is_abandoned() {
    for (line, file) in [
        ("stack abandon web", None),
        ("stack-abandon web", None),
        ("stack abandon web -c nothing", None),
        ("stack abandon web --output-file out.json", Some("out.json")),
        ("stack-abandon -O out.json web", Some("out.json")),
    ] {
        let ground = with_stack("abandon").await;
        let out = ground.heat(line).await.ok();
        assert_eq!(
            ground.sent(),
            [
                "GET stacks/web",
                "GET stacks/web/ID/export",
                "DELETE stacks/web/ID/abandon"
            ]
        );
        let text = match file {
            Some(file) => {
                assert_eq!(out, "", "{line}");
                fs::read_to_string(ground.directory.join(file)).unwrap() + "\n"
            }
            None => out,
        };
        is_whole(&serde_json::from_str(&text).unwrap());
        assert!(text.contains("\"word\": \"\\u00fc\""), "{text}");
        let files = files(&ground.directory);
        assert_eq!(files, file.into_iter().collect::<Vec<_>>(), "{line}");
        let again = ground.heat(line).await;
        assert_eq!(again.code, Some(1), "{line}");
    }
}

#[tokio::test]
async fn nothing_is_abandoned_if_the_file_cannot_be_written() {
    let ground = with_stack("unwritable").await;
    fs::create_dir(ground.directory.join("dir")).unwrap();
    for spelling in ["stack abandon web --output-file", "stack-abandon web -O"] {
        for (path, why) in [
            ("no/such", "No such file or directory (os error 2)"),
            ("dir", "Is a directory (os error 21)"),
            ("t.yaml/x", "Not a directory (os error 20)"),
        ] {
            let ran = ground.heat(&format!("{spelling} {path}")).await;
            ran.failed(1, &format!("ERROR: cannot write {path}: {why}"));
        }
        let empty = ground.command(spelling).arg("").output().await.unwrap();
        assert_eq!(empty.status.code(), Some(2));
    }
    assert!(ground.sent().is_empty());
    let status = ground.heat("stack show web -f value -c stack_status").await;
    assert_eq!(status.ok(), "CREATE_COMPLETE\n");
}

#[tokio::test]
async fn a_refused_abandon_leaves_no_file() {
    let ground = with_stack("refused").await;
    fs::write(ground.directory.join("old"), "kept").unwrap();
    for path in ["/abandon", "/export"] {
        let fault = ground
            .sandbox
            .fault(Fault::on_any(path).status(403, &[], ""));
        for file in ["old", "new"] {
            let line = format!("stack abandon web --output-file {file}");
            let ran = ground.heat(&line).await;
            assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
            assert!(
                ran.err.starts_with("ERROR: abandon stack \"web\": 403"),
                "{}",
                ran.err
            );
        }
        fault.remove();
        assert_eq!(files(&ground.directory), ["old"]);
    }
    assert_eq!(
        fs::read_to_string(ground.directory.join("old")).unwrap(),
        "kept"
    );
    for line in ["stack abandon nope", "stack-abandon nope -O old"] {
        ground
            .heat(line)
            .await
            .failed(1, "ERROR: Stack not found: nope");
    }
}

#[tokio::test]
async fn a_lost_answer_does_not_lose_the_data() {
    // The stack is gone: the data that was exported is the result.
    let ground = with_stack("lost-answer").await;
    ground.sandbox.fault(lost().close());
    let out = ground.heat("stack abandon web").await.ok();
    is_whole(&serde_json::from_str(&out).unwrap());

    // Whether it is gone is not known: an error, and the data.
    for file in [None, Some("out.json")] {
        let ground = with_stack("lost-end").await;
        ground.sandbox.fault(lost().reset());
        let unknown = Fault::within(Method::GET, "/stacks/web").skip(2);
        ground.sandbox.fault(unknown.status(500, &[], ""));
        let line = match file {
            Some(file) => format!("stack abandon web --output-file {file}"),
            None => "stack-abandon web".to_owned(),
        };
        let ran = ground.heat(&line).await;
        assert_eq!(ran.code, Some(1), "{}", ran.err);
        let kept = "the data that was exported before is kept";
        let place = match file {
            Some(file) => format!("; the data was written to {file}\n"),
            None => "; the data was printed\n".to_owned(),
        };
        assert!(
            ran.err.contains(kept) && ran.err.ends_with(&place),
            "{}",
            ran.err
        );
        match file {
            Some(file) => is_whole(&read(&ground.directory.join(file))),
            None => is_whole(&serde_json::from_str(&ran.out).unwrap()),
        }
    }
}

#[tokio::test]
async fn ctrl_c_does_not_lose_the_data() {
    for file in [None, Some("out.json")] {
        let ground = with_stack("abandon-interrupt").await;
        let lost = Fault::on(Method::DELETE, "/abandon")
            .after_handling()
            .no_answer();
        let fault = ground.sandbox.fault(lost);
        let line = match file {
            Some(file) => format!("stack-abandon web -O {file}"),
            None => "stack abandon web".to_owned(),
        };
        let mut child = ground.command(&line).spawn().unwrap();
        while fault.hits() == 0 {
            assert!(child.try_wait().unwrap().is_none(), "{line}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        interrupt(&child).await;
        let ran = Ran::from(child.wait_with_output().await.unwrap());
        let (place, show) = match file {
            Some(file) => (format!("the data was written to {file}"), "stack-show"),
            None => ("the data was printed".to_owned(), "stack show"),
        };
        assert_eq!(
            (ran.code, ran.err),
            (
                Some(130),
                format!(
                    "interrupted; stack web may have been abandoned; {place}. Check with: heat {show} web\n"
                )
            )
        );
        match file {
            Some(file) => {
                is_whole(&read(&ground.directory.join(file)));
                assert_eq!(files(&ground.directory), [file]);
            }
            None => is_whole(&serde_json::from_str(&ran.out).unwrap()),
        }
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_output_that_cannot_be_written_does_not_lose_the_data() {
    // A full disk behind stdout.
    let ground = with_stack("full").await;
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let child = ground
        .command("stack abandon web")
        .stdout(full)
        .spawn()
        .unwrap();
    let ran = Ran::from(child.wait_with_output().await.unwrap());
    assert_eq!(ran.code, Some(1));
    let start = "ERROR: cannot write the output: No space left on device (os error 28); the data of the stack is in ";
    let path = ran.err.trim_end().strip_prefix(start).unwrap();
    is_whole(&read(&ground.directory.join(path)));
    assert_eq!(files(&ground.directory), [path]);

    // The reader of stdout is gone.
    let ground = with_stack("gone").await;
    let mut child = ground
        .command("stack-abandon web")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ran = Ran::from(child.wait_with_output().await.unwrap());
    assert_eq!(ran.code, Some(1));
    let path = ran.err.trim_end().rsplit(' ').next().unwrap().to_owned();
    is_whole(&read(&ground.directory.join(path)));

    // A file that takes no data: it is printed.
    let ground = with_stack("full-file").await;
    let ran = ground
        .heat("stack abandon web --output-file /dev/full")
        .await;
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (
            Some(1),
            "ERROR: cannot write /dev/full: No space left on device (os error 28); the data was printed instead\n"
        )
    );
    is_whole(&serde_json::from_str(&ran.out).unwrap());
}
