//! Error messages and exit codes.

use heatclient::sandbox::Fault;
use http::Method;

use crate::ground::{Ground, Ran, bare};

#[tokio::test]
async fn a_stack_that_fails_tells_why_in_one_line() {
    let ground = Ground::new("fails").await;
    let ran = ground
        .heat("--quiet stack create web -t fail.yaml --wait --poll 0.05 -f json")
        .await;
    ran.failed(
        1,
        "ERROR: stack \"web\": CREATE_FAILED: resource bad (OS::Heat::TestResource): \
         ValueError: resources.bad: Test Resource failed bad",
    );
    let old = ground
        .heat("stack-create again -f fail.yaml --poll 0.05")
        .await;
    assert_eq!(old.code, Some(1));
    assert!(
        old.err.trim_end().ends_with("Test Resource failed bad"),
        "{}",
        old.err
    );
}

#[tokio::test]
async fn failures_are_one_line_with_the_right_code() {
    let ground = Ground::new("failures").await;
    std::fs::write(ground.directory.join("bad.yaml"), "a: [").unwrap();
    std::fs::write(ground.directory.join("env.yaml"), "parameter: {a: 1}").unwrap();
    ground
        .heat("stack create web -t t.yaml --wait --poll 0.05")
        .await
        .ok();
    for (line, code, message) in [
        ("stack show nope", 1, "ERROR: Stack not found: nope"),
        ("stack suspend nope", 1, "ERROR: Stack not found: nope"),
        (
            "stack template show nope",
            1,
            "ERROR: Stack not found: nope",
        ),
        ("action-check nope", 1, "ERROR: Stack not found: nope"),
        (
            "stack resource show web nope",
            1,
            "ERROR: Stack or resource not found: web nope",
        ),
        (
            "stack output show web nope",
            1,
            "ERROR: Stack web or output nope not found.",
        ),
        (
            "stack create web -t t.yaml",
            1,
            "ERROR: create stack \"web\": 409 Conflict: The Stack (web) already exists.",
        ),
        (
            "stack cancel web",
            1,
            "ERROR: Stack web with status 'create_complete' not in cancelable state",
        ),
        (
            "stack create new -t nope.yaml",
            1,
            "ERROR: nope.yaml: cannot be read: No such file or directory",
        ),
        (
            "stack list -c nothing",
            1,
            "ERROR: No recognized column names in ['nothing']. Recognized columns are \
             ['ID', 'Stack Name', 'Stack Status', 'Creation Time', 'Updated Time'].",
        ),
        (
            "stack update web",
            2,
            "ERROR: Need to specify --template, or --existing to keep the stack's template",
        ),
        (
            "stack-update web",
            2,
            "ERROR: Need to specify exactly one of [--template-file, --template-url or --template-object] or --existing",
        ),
        (
            "stack update nope --existing",
            1,
            "ERROR: update stack \"nope\": 404 Not Found: The Stack (nope) could not be found.",
        ),
        (
            "stack-update nope -x",
            1,
            "ERROR: update stack \"nope\": 404 Not Found: The Stack (nope) could not be found.",
        ),
        (
            "stack list --sort a:up",
            1,
            "ERROR: 'up' is not a valid sort direction for sort key a, use 'asc' or 'desc' instead",
        ),
        (
            "stack list --sort stack_name,bogus:desc",
            1,
            "ERROR: Resource doesn't have field bogus; it has id, links, stack_name, description, stack_status, \
             stack_status_reason, creation_time, updated_time, deletion_time, stack_owner, parent, \
             stack_user_project_id, tags",
        ),
        (
            "stack list --property nope",
            1,
            "ERROR: Malformed parameter(nope). Use the key=value format.",
        ),
        (
            "stack output show web",
            1,
            "ERROR: Either <OUTPUT NAME> or --all must be specified.",
        ),
        (
            "output-show -a web said",
            1,
            "ERROR: Cannot specify both <OUTPUT NAME> and --all.",
        ),
        (
            "stack event list web --follow -f json",
            2,
            "ERROR: --follow can only be specified with --format log",
        ),
        (
            "stack list --os-cloud c",
            1,
            "ERROR: cloud \"c\" was not found: there is no clouds.yaml in the current directory, \
             /etc/xdg/openstack, /etc/openstack",
        ),
        (
            "--os-password wrong stack list",
            1,
            &format!(
                "ERROR: login as demo at {}: 401 Unauthorized: The request you have made requires authentication.",
                ground.sandbox.auth_url()
            ),
        ),
        (
            "--os-auth-url http://127.0.0.1:1/v3 stack list",
            1,
            "ERROR: login as demo at http://127.0.0.1:1/v3: cannot connect to 127.0.0.1:1: \
             Connection refused (os error 111) (after 4 attempts)",
        ),
    ] {
        ground.heat(line).await.failed(code, message);
    }
    let bad = ground.heat("stack create new -t t.yaml -e env.yaml").await;
    assert_eq!(bad.code, Some(1));
    assert_eq!(
        bad.err,
        "ERROR: env.yaml, line 1, column 1: wrong section \"parameter\"; expected one of parameters, \
         parameter_defaults, resource_registry, encrypted_param_names, event_sinks, \
         parameter_merge_strategies\n    1 | parameter: {a: 1}\n      | ^\n"
    );
    let bad = ground.heat("stack create new -t bad.yaml").await;
    assert_eq!(bad.code, Some(1));
    assert!(bad.err.starts_with("ERROR: bad.yaml, line "), "{}", bad.err);
    for line in [
        "stak",
        "stack list --nope",
        "stack show",
        "stack list --limit x",
    ] {
        let ran = ground.heat(line).await;
        assert_eq!(
            (ran.code, ran.out.as_str()),
            (Some(2), ""),
            "{line}: {}",
            ran.err
        );
        assert!(ran.err.starts_with("ERROR: "), "{line}: {}", ran.err);
    }
    assert_eq!(
        ground
            .json("stack list -f json")
            .await
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn a_create_without_an_answer_is_sent_once_and_says_so() {
    let ground = Ground::new("lost").await;
    ground.sandbox.fault(
        Fault::within(Method::POST, "/stacks")
            .after_handling()
            .reset(),
    );
    let server = ground.sandbox.orchestration_root_url();
    let server = server.trim_start_matches("http://");
    for (create, check) in [
        ("stack create web -t t.yaml", "heat stack show web"),
        ("stack-create web -f t.yaml", "heat stack-show web"),
        (
            "--os-region-name RegionOne --os-password demo stack create web -t t.yaml",
            "heat --os-region-name RegionOne stack show web",
        ),
    ] {
        ground.sandbox.clear_requests();
        let ran = ground.heat(create).await;
        ran.failed(
            1,
            &format!(
                "ERROR: create stack \"web\": the connection broke before a response arrived (server {server}); \
                 the stack may have been created; check with: {check}"
            ),
        );
        let sent = |request: &heatclient::sandbox::RecordedRequest| {
            request.method == Method::POST && request.path.ends_with("/stacks")
        };
        assert_eq!(ground.sandbox.count_where(sent), 1);
    }
    ground.sandbox.clear_faults();
    assert_eq!(
        ground
            .json("stack list -f json")
            .await
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn what_a_server_says_cannot_reach_into_the_terminal() {
    let ground = Ground::new("escape").await;
    let body = r#"{"error": {"message": "a\n\u001b[31mred\u0007"}}"#;
    ground
        .sandbox
        .fault(Fault::within(Method::GET, "/stacks").status(400, &[], body));
    ground
        .heat("stack list")
        .await
        .failed(1, "ERROR: list stacks: 400 Bad Request: a [31mred");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn what_cannot_be_printed_is_a_failure() {
    let full = || std::fs::File::create("/dev/full").unwrap();
    for line in ["--help", "help stack create", "--version"] {
        let mut command = bare();
        command.args(line.split(' ')).stdout(full());
        let child = command.spawn().unwrap();
        Ran::from(child.wait_with_output().await.unwrap()).failed(
            1,
            "ERROR: cannot write the output: No space left on device (os error 28)",
        );
    }
    let ground = Ground::new("full").await;
    for (line, code) in [("--debug stack list", 0), ("stack lst", 2)] {
        let mut command = ground.command(line);
        let child = command.stderr(full()).spawn().unwrap();
        let output = child.wait_with_output().await.unwrap();
        assert_eq!(output.status.code(), Some(code), "{line}");
    }
}
