//! The requests that the tool sends for templates, environments, parameters and hooks.
//!
//! `tests/live/precedence` shows on a real Heat that with these requests the command line overrides the last file,
//! and the last file overrides the first.

use std::process::Stdio;

use heatclient_test_support::directory::Directory;
use heatclient_test_support::scripted::{Scripted, json as json_answer};
use serde_json::{Value, json};
use tokio::process::Command;

const STACK: &str = r#"{"stack": {"id": "1", "stack_name": "web", "stack_status": "UPDATE_COMPLETE"},
    "Parameters": {}, "resource_changes": {}}"#;

fn ground() -> Directory {
    let directory = Directory::new("inputs");
    directory.write(
        "t.yaml",
        "heat_template_version: 2021-04-16\nparameters: {text: {type: string}, other: {type: string}}\n",
    );
    directory.write("one.yaml", "parameters: {text: one, other: one}\n");
    directory.write(
        "two.yaml",
        "parameters: {text: two}\nresource_registry: {resources: {value: {hooks: pre-create}}}\n",
    );
    let left = json!({
        "template": {"heat_template_version": "2021-04-16"},
        "environment": {"parameters": {"text": "left", "third": "left"}},
        "files": {"file:///left": "left"},
    });
    directory.write("left.json", left.to_string());
    directory
}

#[tokio::test]
async fn the_command_line_wins_over_the_last_file_and_that_over_the_first() {
    let server = Scripted::start(|_| json_answer("200 OK", STACK)).await;
    let directory = ground();
    let template = json!({
        "heat_template_version": "2021-04-16",
        "parameters": {"text": {"type": "string"}, "other": {"type": "string"}},
    });
    let hooks = |hooks: Value| json!({"resources": {"value": {"hooks": hooks}}});
    let both = json!({
        "parameters": {"text": "two", "other": "one"}, "resource_registry": hooks(json!("pre-create")),
    });
    let hooked = json!({
        "parameters": {"text": "two", "other": "one"},
        "resource_registry": hooks(json!(["pre-create", "pre-update"])),
    });
    let adopted = json!({
        "parameters": {"text": "two", "third": "left", "other": "one"},
        "resource_registry": hooks(json!("pre-create")),
    });
    let typed = json!({"text": "typed"});
    let files = "-e one.yaml -e two.yaml --parameter text=typed";
    for (line, request, body) in [
        // python-heatclient also sends empty parts and a null template. They have no effect.
        (
            "stack update web/1 --existing".to_owned(),
            "PATCH /stacks/web/1",
            json!({}),
        ),
        (
            "stack update web/1 --existing -t t.yaml".to_owned(),
            "PATCH /stacks/web/1",
            json!({"template": template}),
        ),
        (
            "stack update web/1 --existing -e one.yaml".to_owned(),
            "PATCH /stacks/web/1",
            json!({"environment": {"parameters": {"text": "one", "other": "one"}}}),
        ),
        (
            "stack update web/1 --existing --parameter text=typed".to_owned(),
            "PATCH /stacks/web/1",
            json!({"parameters": typed}),
        ),
        (
            "stack update web/1 --existing --clear-parameter text --clear-parameter other"
                .to_owned(),
            "PATCH /stacks/web/1",
            json!({"clear_parameters": ["text", "other"]}),
        ),
        (
            format!("stack update web/1 --existing {files} --pre-update value"),
            "PATCH /stacks/web/1",
            json!({"environment": hooked, "parameters": typed}),
        ),
        (
            format!("stack update web/1 -t t.yaml {files}"),
            "PUT /stacks/web/1",
            json!({"template": template, "environment": both, "parameters": typed}),
        ),
        (
            format!("stack update web/1 -t t.yaml {files} --dry-run"),
            "PUT /stacks/web/1/preview",
            json!({"template": template, "environment": both, "parameters": typed}),
        ),
        (
            format!("stack create web -t t.yaml {files}"),
            "POST /stacks",
            json!({
                "stack_name": "web", "disable_rollback": true,
                "template": template, "environment": both, "parameters": typed,
            }),
        ),
        (
            format!("stack create web -t t.yaml {files} --dry-run"),
            "POST /stacks/preview",
            json!({
                "stack_name": "web", "disable_rollback": true,
                "template": template, "environment": both, "parameters": typed,
            }),
        ),
        (
            format!("orchestration template validate -t t.yaml {files}"),
            "POST /validate",
            json!({"template": template, "environment": both, "parameters": typed}),
        ),
        (
            format!("stack adopt web --adopt-file left.json {files}"),
            "POST /stacks",
            json!({
                "stack_name": "web", "disable_rollback": true,
                "environment": adopted, "parameters": typed, "files": {"file:///left": "left"},
            }),
        ),
    ] {
        let before = server.seen().len();
        let output = Command::new(env!("CARGO_BIN_EXE_heat"))
            .args(line.split_whitespace())
            .args([
                "--os-auth-type",
                "admin_token",
                "--os-token",
                "t",
                "--os-endpoint",
                &server.url,
            ])
            .current_dir(&directory.0)
            .env_clear()
            .stdin(Stdio::null())
            .output()
            .await
            .unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{line}: {error}");
        let seen = server.seen().split_off(before);
        let mut sent = seen.iter().filter(|seen| seen.method != "GET");
        let sent = sent.next().expect(&line);
        assert_eq!(format!("{} {}", sent.method, sent.path), request, "{line}");
        let mut sent: Value = serde_json::from_slice(&sent.body).unwrap();
        // The data to adopt is sent unchanged.
        sent.as_object_mut().unwrap().remove("adopt_stack_data");
        assert_eq!(sent, body, "{line}");
    }
}
