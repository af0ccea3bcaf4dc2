//! Untrusted text on a terminal, in pipes and in shells.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use heatclient::sandbox::Fault;
use heatclient_test_support::time::HANG;
use http::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::process::Command;

use crate::ground::{Ground, Ran, bare};

/// Clears the screen in three ways, reorders text and starts new lines.
const HOSTILE: &str = "a\u{1b}[2J\u{9b}2J\u{7f}\u{202e}b\r\nERROR: forged\u{2028}c";

/// The characters of a text that must not reach a terminal.
fn controls(text: &str) -> String {
    let is_bad = |c: &char| match c {
        '\n' | '\t' => false,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            true
        }
        c => c.is_control(),
    };
    text.chars().filter(is_bad).collect()
}

impl Ground {
    /// Runs the tool on a terminal with this input, and returns what the terminal shows.
    async fn on_terminal(&self, line: &str, typed: &str) -> String {
        let mut child = self.terminal(line).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(typed.as_bytes()).await.unwrap();
        let mut seen = String::new();
        let mut out = child.stdout.take().unwrap();
        tokio::time::timeout(HANG, out.read_to_string(&mut seen))
            .await
            .unwrap()
            .unwrap();
        drop(stdin);
        // The line ends of the terminal.
        seen.replace("\r\n", "\n")
    }

    fn terminal(&self, line: &str) -> Command {
        let mut command = Command::new("script");
        command
            .args(["-qec", &format!("{} {line}", env!("CARGO_BIN_EXE_heat"))])
            .arg("/dev/null")
            .env_clear()
            .env("PATH", std::env::var("PATH").unwrap())
            .env("TERM", "xterm")
            .env("NO_COLOR", "1")
            .envs(self.sandbox.environment())
            .current_dir(&self.directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true);
        command
    }

    /// Sets the answer to each request below this path.
    fn answers(&self, path: &str, body: &Value) {
        let body = body.to_string();
        let fault = Fault::within(Method::GET, path).status(200, &[], body);
        self.sandbox.fault(fault);
    }
}

fn hostile_stack() -> Value {
    json!({
        "id": "id-1", "stack_name": HOSTILE, "stack_status": "CREATE_COMPLETE", "stack_status_reason": HOSTILE,
        "description": HOSTILE, "creation_time": "2026-01-01T00:00:00Z", "updated_time": null, "parent": null,
        "stack_owner": HOSTILE, "timeout_mins": null, "disable_rollback": true, "tags": [HOSTILE],
        "parameters": {HOSTILE: HOSTILE}, "links": [{"rel": HOSTILE, "href": HOSTILE}],
        "outputs": [{"output_key": HOSTILE, "output_value": [HOSTILE], "description": HOSTILE}],
        HOSTILE: HOSTILE,
    })
}

#[tokio::test]
async fn states_have_colours_on_a_terminal() {
    let ground = Ground::new("colour-terminal").await;
    ground
        .heat("stack create web -t t.yaml --wait --poll 0.05")
        .await
        .ok();
    for line in ["stack list", "stack-list", "stack event list web"] {
        let mut command = ground.terminal(line);
        let shown = command
            .env_remove("NO_COLOR")
            .output()
            .await
            .unwrap()
            .stdout;
        let shown = String::from_utf8(shown).unwrap();
        assert!(
            shown.contains("\u{1b}[32mCREATE_COMPLETE\u{1b}[0m"),
            "{line}: {shown}"
        );
        let shown = ground.on_terminal(line, "").await;
        assert!(
            shown.contains("CREATE_COMPLETE") && !shown.contains('\u{1b}'),
            "{line}: {shown}"
        );
    }
}

/// Events of waits and of `event list`.
#[tokio::test]
async fn states_of_events_have_colours_as_wished() {
    let ground = Ground::new("colour-events").await;
    ground.heat("stack create web -t t.yaml").await.ok();
    let painted = "[web]: \u{1b}[32mCHECK_COMPLETE\u{1b}[0m";
    for (options, variable, on_terminal, piped) in [
        ("", "", true, false),
        ("--color always", "", true, true),
        ("--color never", "", false, false),
        ("", "NO_COLOR=1", false, false),
        ("--color always", "NO_COLOR=1", true, true),
        ("", "CLICOLOR_FORCE=1", true, true),
        ("", "TERM=dumb", false, false),
        ("--color always", "TERM=dumb", true, true),
    ] {
        for line in [
            "stack check web --wait --poll 0.05 -f value",
            "stack event list web -f log",
            "event-list web -F log",
        ] {
            let line = format!("{options} {line}");
            let mut commands = [ground.terminal(&line), ground.command(&line)];
            for (command, wanted) in commands.iter_mut().zip([on_terminal, piped]) {
                command.env_remove("NO_COLOR");
                if let Some((name, value)) = variable.split_once('=') {
                    command.env(name, value);
                }
                let ran = Ran::from(command.output().await.unwrap());
                let shown = format!("{}{}", ran.out, ran.err);
                assert_eq!(
                    shown.contains(painted),
                    wanted,
                    "{line} {variable}: {shown:?}"
                );
                assert!(
                    shown.contains("CHECK_COMPLETE"),
                    "{line} {variable}: {shown:?}"
                );
                let is_plain = !wanted && !shown.contains("\u{1b}[3");
                assert!(wanted || is_plain, "{line} {variable}: {shown:?}");
            }
        }
    }
}

#[tokio::test]
async fn stacks_cannot_control_a_terminal() {
    let ground = Ground::new("controls").await;
    ground.answers("/stacks?", &json!({"stacks": [hostile_stack()]}));
    ground.answers("/stacks", &json!({"stacks": [hostile_stack()]}));
    for (line, formats) in [
        (
            "stack list --long",
            &["table", "json", "yaml", "value", "csv"][..],
        ),
        ("stack-list -o", &["-"]),
    ] {
        let raw = !line.contains("output");
        check(&ground, line, formats, raw).await;
    }
    ground.sandbox.clear_faults();
    ground.answers("/stacks/", &json!({"stack": hostile_stack()}));
    for (line, formats) in [
        (
            "stack show web",
            &["table", "json", "yaml", "value", "shell"][..],
        ),
        (
            "stack output show web --all",
            &["table", "json", "yaml", "value", "shell"],
        ),
        ("stack-show web", &["-"]),
    ] {
        let raw = !line.contains("output");
        check(&ground, line, formats, raw).await;
    }
}

#[tokio::test]
async fn the_data_of_stacks_cannot_control_a_terminal() {
    let ground = Ground::new("data-controls").await;
    let resource = json!({
        "resource_name": HOSTILE, "resource_status": "CREATE_FAILED", "resource_status_reason": HOSTILE,
        "resource_type": HOSTILE, "physical_resource_id": HOSTILE, "links": [],
    });
    let event = json!({
        "id": HOSTILE, "resource_name": HOSTILE, "resource_status": "CREATE_COMPLETE",
        "resource_status_reason": HOSTILE, "links": [{"rel": HOSTILE, "href": HOSTILE}],
        "resource_properties": {HOSTILE: HOSTILE},
    });
    let snapshot = json!({
        "id": HOSTILE, "name": HOSTILE, "action": "CREATE", "status": "COMPLETE", "status_reason": HOSTILE,
        "data": {HOSTILE: HOSTILE}, "creation_time": null,
    });
    let stack = json!({
        "id": "id-1", "stack_name": "web", "stack_status": "CREATE_FAILED", "stack_status_reason": HOSTILE,
    });
    // The first that matches is the answer.
    for (path, body) in [
        ("/events/e", json!({"event": event})),
        ("/metadata", json!({"metadata": {"a": {HOSTILE: HOSTILE}}})),
        ("/snapshots/s", json!({"snapshot": snapshot})),
        ("/snapshots", json!({"snapshots": [snapshot]})),
        ("/environment", json!({"parameters": {HOSTILE: HOSTILE}})),
        ("/files", json!({HOSTILE: HOSTILE})),
        (
            "/export",
            json!({"name": HOSTILE, "resources": {HOSTILE: HOSTILE}}),
        ),
        ("/resources", json!({"resources": [resource]})),
        ("/stacks/web", json!({"stack": stack})),
    ] {
        ground.answers(path, &body);
    }
    let records = &["table", "json", "yaml", "value", "shell"][..];
    for (line, formats, raw) in [
        ("stack event show web/1 r e", records, true),
        ("event-show web/1 r e", &["-"], false),
        ("stack environment show web/1", records, false),
        ("stack file list web/1", records, false),
        ("stack failures list web/1", &["-"], false),
        ("stack resource metadata web/1 r", records, false),
        ("resource-metadata web/1 r", &["-"], false),
        (
            "stack snapshot list web/1",
            &["table", "json", "yaml", "value", "csv"],
            true,
        ),
        ("snapshot-list web/1", &["-"], false),
        ("stack snapshot show web/1 s", records, false),
        ("snapshot-show web/1 s", &["-"], false),
        ("stack export web/1", records, true),
    ] {
        check(&ground, line, formats, raw).await;
    }
}

#[tokio::test]
async fn a_snapshot_is_deleted_after_a_yes() {
    let ground = Ground::new("snapshot-prompt").await;
    ground
        .heat("stack create web -t t.yaml --wait --poll 0.05")
        .await
        .ok();
    let made = ground.json("stack-snapshot web --wait --poll 0.05").await;
    let id = made["id"].as_str().unwrap();
    let question = "Are you sure you want to delete the snapshot of this stack [Y/N]? ";
    for (line, typed, last) in [
        ("stack snapshot delete", "n\n", ""),
        ("snapshot-delete", "\n", ""),
        ("stack snapshot delete", "Yes\n", ""),
        (
            "snapshot-delete",
            "y\n",
            "ERROR: Stack or snapshot not found",
        ),
    ] {
        let before = ground.sandbox.count_where(|r| r.method == Method::DELETE);
        let seen = ground.on_terminal(&format!("{line} web {id}"), typed).await;
        assert!(seen.contains(question) && seen.contains(last), "{seen}");
        let after = ground.sandbox.count_where(|r| r.method == Method::DELETE);
        let is_yes = typed.to_lowercase().starts_with('y');
        assert_eq!(after > before, is_yes, "{line} {typed:?}");
        let list = "stack snapshot list web -f json";
        while is_yes && ground.json(list).await != json!([]) {}
    }
}

/// No format controls a terminal. In a pipe, values for programs are unchanged.
async fn check(ground: &Ground, line: &str, formats: &[&str], raw: bool) {
    for format in formats {
        let line = match *format {
            "-" => line.to_owned(),
            format => format!("{line} -f {format}"),
        };
        let piped = ground.heat(&line).await;
        assert_eq!(controls(&piped.err), "", "{line}: {}", piped.err);
        let piped = piped.ok();
        assert!(piped.contains("2J"), "{line}: {piped}");
        // Nested values are JSON in every format.
        let is_raw = raw && matches!(*format, "value" | "csv" | "shell");
        assert_eq!(!controls(&piped).is_empty(), is_raw, "{line}: {piped:?}");
        if *format == "json" {
            assert!(
                serde_json::from_str::<Value>(&piped)
                    .unwrap()
                    .to_string()
                    .contains("ERROR: forged")
            );
        }
        let seen = ground.on_terminal(&line, "").await;
        assert!(seen.contains("2J"), "{line}: {seen}");
        assert_eq!(controls(&seen), "", "{line}: {seen:?}");
    }
}

#[tokio::test]
async fn an_event_is_one_line_of_the_log() {
    let ground = Ground::new("event-lines").await;
    let event = json!({
        "id": "e1", "event_time": "2026-01-01T00:00:00Z", "resource_name": HOSTILE, "resource_status": "CREATE_COMPLETE",
        "resource_status_reason": "x\n2026-01-01 00:00:01Z e2 [forged]: CREATE_COMPLETE  state changed\nERROR: forged",
        "links": [{"rel": "stack", "href": "http://h/v1/p/stacks/web/id-1"}],
    });
    ground.answers("/events", &json!({"events": [event, event]}));
    for line in [
        "stack event list web",
        "stack event list web -f log",
        "event-list web -F log",
    ] {
        let log = ground.heat(line).await.ok();
        assert_eq!(log.lines().count(), 2, "{line}: {log}");
        assert_eq!(controls(&log), "", "{line}: {log:?}");
    }
}

#[tokio::test]
async fn errors_and_logs_are_lines_that_control_nothing() {
    let ground = Ground::new("error-lines").await;
    let body = json!({"code": 400, "title": "Bad Request", "error": {"message": HOSTILE, "type": HOSTILE}});
    let fault = Fault::within(Method::GET, "/stacks").status(400, &[], body.to_string());
    ground.sandbox.fault(fault);
    let fault = Fault::within(Method::DELETE, "/stacks").status(400, &[], body.to_string());
    ground.sandbox.fault(fault);
    let file = ground.directory.join("log");
    for line in [
        "stack list",
        "-v stack show web",
        "stack delete -y web other",
        "--debug -v --log-file log stack list",
    ] {
        let ran = ground.heat(line).await;
        assert_eq!(ran.code, Some(1), "{line}");
        assert!(!ran.err.contains("\nERROR: forged"), "{line}: {}", ran.err);
        assert_eq!(controls(&ran.err), "", "{line}: {:?}", ran.err);
    }
    let log = fs::read_to_string(&file).unwrap();
    assert!(log.contains("status=400"), "{log}");
    assert_eq!(controls(&log), "", "{log:?}");
    let before = log.lines().count();
    ground.heat("--log-file log stack list").await;
    let log = fs::read_to_string(&file).unwrap();
    assert_eq!(
        log.lines().count(),
        before,
        "only warnings are logged by default: {log}"
    );
    ground
        .heat("--log-file no/such/log stack list")
        .await
        .failed(
            1,
            "ERROR: cannot open the log file no/such/log: No such file or directory (os error 2)",
        );
}

#[tokio::test]
async fn templates_cannot_control_a_terminal() {
    let ground = Ground::new("template-controls").await;
    let template = json!({
        "heat_template_version": "2018-08-31", "description": HOSTILE,
        "parameters": {HOSTILE: {"type": HOSTILE, "description": HOSTILE}},
        "resources": {HOSTILE: {"type": HOSTILE, "properties": {HOSTILE: {"get_param": HOSTILE}}}},
    });
    fs::write(ground.directory.join("bad.yaml"), template.to_string()).unwrap();
    let packed = ground.heat("template pack -t bad.yaml").await.ok();
    assert_eq!(controls(&packed), "", "{packed:?}");
    let packed: Value = serde_json::from_str(&packed).unwrap();
    assert_eq!(packed["template"]["description"], HOSTILE);
    for line in [
        "template pack -t bad.yaml",
        "template lint bad.yaml",
        "template lint -f json bad.yaml",
        "template lint -f sarif bad.yaml",
        "stack create web -t bad.yaml",
    ] {
        let seen = ground.on_terminal(line, "").await;
        assert!(seen.contains("2J"), "{line}: {seen}");
        assert_eq!(controls(&seen), "", "{line}: {seen:?}");
        let ran = ground.heat(line).await;
        assert_eq!(controls(&ran.out), "", "{line}: {:?}", ran.out);
        assert_eq!(controls(&ran.err), "", "{line}: {:?}", ran.err);
    }
}

#[tokio::test]
async fn misuse_cannot_control_a_terminal() {
    let ground = Ground::new("misuse").await;
    for word in ["\u{1b}[2J", "\u{9b}2J", "\u{202e}x", "a\u{7f}"] {
        for line in [
            "stack list --limit",
            "stack list",
            "stack show",
            "--os-cloud",
            "--",
        ] {
            let mut command = ground.command(line);
            let ran = Ran::from(command.arg(word).output().await.unwrap());
            assert!(ran.code.is_some_and(|code| code > 0), "{line}: {}", ran.err);
            assert_eq!(controls(&ran.err), "", "{line}: {:?}", ran.err);
            let seen = ground.on_terminal(&format!("{line} '{word}'"), "").await;
            assert!(
                !seen.contains(word) && seen.contains('\n'),
                "{line}: {seen:?}"
            );
        }
    }
}

#[tokio::test]
async fn all_missing_parameters_are_told_before_any_prompt() {
    let ground = Ground::new("missing").await;
    let template = "
heat_template_version: 2018-08-31
parameters:
  password: {type: string, hidden: true, description: \"the\\e[2J secret\"}
  size: {type: number, description: how many}
  zone: {type: string}
  word: {type: string, default: a}
resources:
  thing: {type: OS::Heat::Value, properties: {value: {get_param: password}}}
";
    fs::write(ground.directory.join("ask.yaml"), template).unwrap();
    let all = "ERROR: missing parameters: password (the\\u001b[2J secret), size (how many), zone; \
               give each with --parameter NAME=VALUE or in an environment";
    let given = "--parameter zone=a --parameter size=1";
    ground
        .heat("stack create web -t t.yaml --wait --poll 0.05")
        .await
        .ok();
    for line in [
        "stack create new -t ask.yaml",
        "stack create new -t ask.yaml --dry-run",
        "stack-create new -f ask.yaml",
        "stack-preview new -f ask.yaml",
        "stack update web -t ask.yaml",
        "stack-update web -f ask.yaml",
    ] {
        ground.heat(line).await.failed(1, all);
        assert_eq!(
            ground.on_terminal(line, "secret\n").await.lines().last(),
            Some(all),
            "{line}"
        );
    }
    ground
        .heat(&format!("stack create new -t ask.yaml {given}"))
        .await
        .failed(
            1,
            "ERROR: missing parameter: password (the\\u001b[2J secret); \
         give each with --parameter NAME=VALUE or in an environment",
        );
    let line = format!("stack create new -t ask.yaml {given} -f value -c stack_name");
    let seen = ground.on_terminal(&line, "s3cret\n").await;
    assert!(seen.contains("password (the\\u001b[2J secret): "), "{seen}");
    assert_eq!(seen.lines().last(), Some("new"), "{seen}");
    // An update with --existing does not need the parameters again.
    ground
        .heat("stack update new --existing -t ask.yaml")
        .await
        .ok();
}

#[tokio::test]
async fn shells_run_and_overwrite_nothing() {
    let ground = Ground::new("shells").await;
    let keys = [
        "1a",
        "",
        "https_proxy",
        "PATH",
        "a;touch ran",
        "b$(touch ran)",
        "c\ntouch ran\n",
        "d-e",
        "d_e",
        "if",
    ];
    let outputs: Vec<Value> = keys
        .iter()
        .map(|key| json!({"output_key": key, "output_value": "$(touch ran) `touch ran` \" ; touch ran #\n\\", "description": "d"}))
        .collect();
    let mut stack = hostile_stack();
    stack["outputs"] = json!(outputs);
    ground.answers("/stacks/", &json!({"stack": stack}));
    let ran = ground.heat("stack output show web --all -f shell").await;
    for name in ["\"\"", "\"https_proxy\"", "\"PATH\"", "\"d_e\""] {
        let warning = format!("WARNING: field {name} is omitted: ");
        assert_eq!(ran.err.matches(&warning).count(), 1, "{}", ran.err);
    }
    assert_eq!(ran.err.lines().count(), 4, "{}", ran.err);
    let variables = ran.ok();
    let prefixed = ground
        .heat("stack output show web --all -f shell --prefix heat_")
        .await
        .ok();
    assert!(
        prefixed.contains("\nheat_https_proxy=\"") && prefixed.contains("heat_path="),
        "{prefixed}"
    );
    for shell in ["bash", "dash", "zsh", "sh"] {
        let mut command = Command::new(shell);
        command
            .env_clear()
            .env("PATH", std::env::var("PATH").unwrap())
            .env("https_proxy", "mine")
            .current_dir(&ground.directory)
            .args([
                "-c",
                "set -e; eval \"$1\"; printf '%s' \"$_1a\"; printenv https_proxy PATH",
                "x",
                &variables,
            ]);
        let output = match command.output().await {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            output => Ran::from(output.unwrap()),
        };
        assert_eq!(output.err, "", "{shell}");
        assert!(
            output.out.contains("$(touch ran)"),
            "{shell}: {}",
            output.out
        );
        assert!(
            output.out.contains("\nmine\n/") || output.out.contains("}mine\n/"),
            "{shell}: {}",
            output.out
        );
        assert!(!ground.directory.join("ran").exists(), "{shell}");
    }
}

#[tokio::test]
async fn a_server_that_is_waited_for_is_named_on_a_terminal() {
    let ground = Ground::new("waiting").await;
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = silent.local_addr().unwrap().to_string();
    let accept = tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((connection, _)) = silent.accept().await {
            open.push(connection);
        }
    });
    let heat = ground.sandbox.orchestration_root_url();
    let heat = heat
        .trim_start_matches("http://")
        .trim_end_matches('/')
        .to_owned();
    ground
        .sandbox
        .fault(Fault::within(Method::GET, "/stacks").delay(Duration::from_secs(3600)));
    for (line, server) in [
        (
            format!("--os-auth-url http://{server}/v3 stack list"),
            server.clone(),
        ),
        (
            format!("--heat-url http://{server}/v1/p stack list"),
            server,
        ),
        ("stack show web".to_owned(), heat),
    ] {
        let mut child = ground.terminal(&line).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = tokio::time::timeout(HANG, lines.next_line())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            first.unwrap().trim_end(),
            format!("waiting for {server} …"),
            "{line}"
        );
    }
    accept.abort();
}

#[tokio::test]
async fn nothing_is_said_of_waiting_without_a_terminal() {
    let ground = Ground::new("silence").await;
    let slow = || Fault::within(Method::GET, "/stacks").delay(Duration::from_secs(6));
    ground.sandbox.fault(slow());
    let ran = ground.heat("stack list").await;
    assert_eq!(ran.err, "");
    ran.ok();
    let seen = ground.on_terminal("--quiet stack list -f json", "").await;
    assert_eq!(seen, "[]\n");
}

#[tokio::test]
async fn the_sandbox_in_the_background_says_how_to_stop_it() {
    let mut command = bare();
    // Abbreviated: the option must not reach the other process.
    command.args(["sandbox", "--backg", "--stack-delay", "0"]);
    let ran = Ran::from(command.output().await.unwrap());
    let stop = ran.err.trim_end().rsplit_once(": ").unwrap().1.to_owned();
    let pid = ran
        .out
        .lines()
        .last()
        .unwrap()
        .split_once('=')
        .unwrap()
        .1
        .to_owned();
    assert_eq!(stop, format!("kill {pid}"));
    for line in ran.ok().lines().skip(1) {
        assert!(line.starts_with("export "), "{line}");
    }
    let stopped = Command::new("sh")
        .args(["-c", &stop])
        .status()
        .await
        .unwrap();
    assert!(stopped.success());
}

#[tokio::test]
async fn a_sandbox_in_the_background_that_cannot_start_says_why() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let mut command = bare();
    command.args(["sandbox", "--background", "--port", &port]);
    let ran = Ran::from(command.output().await.unwrap());
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    assert!(
        ran.err.starts_with("ERROR: cannot start the sandbox: ") && ran.err.contains("in use"),
        "{}",
        ran.err
    );
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_sandbox_whose_variables_cannot_be_printed_is_stopped() {
    // No other process has this argument.
    let mark = format!("9876.{}", std::process::id());
    let mut command = bare();
    command
        .args(["sandbox", "--background", "--token-lifetime", &mark])
        .stdout(fs::File::create("/dev/full").unwrap());
    let child = command.spawn().unwrap();
    let ran = Ran::from(child.wait_with_output().await.unwrap());
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("cannot write the output"), "{}", ran.err);
    for process in fs::read_dir("/proc").unwrap() {
        let line = fs::read(process.unwrap().path().join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line);
        assert!(!line.contains(&mark), "{line}");
    }
}

#[tokio::test]
async fn a_login_asks_for_what_keystone_requires() {
    let ground = Ground::new("factors").await;
    let secret = heatclient::auth::identity::TotpSecret::parse(ground.sandbox.totp_secret());
    let passcode = secret.unwrap().passcode(heatclient::clock::wall());
    let typed = format!("{}\n", passcode.expose());
    for user in [
        "--os-auth-type v3totp --os-username totp",
        "--os-auth-type v3multifactor --os-auth-methods v3password,v3totp --os-username mfa --os-password mfa",
    ] {
        let line = format!(
            "{user} --os-user-domain-id default --os-project-domain-id default stack list -f json"
        );
        let seen = ground.on_terminal(&line, &typed).await;
        assert!(seen.contains("TOTP passcode: "), "{seen}");
        assert!(seen.trim_end().ends_with("[]"), "{seen}");
    }
    // Without a terminal nothing is asked.
    let line = "--os-auth-type v3totp --os-username totp stack list";
    ground.heat(line).await.failed(
        1,
        "ERROR: list stacks: user input is required (TOTP passcode); run it on a terminal, or set OS_PASSCODE or \
         OS_TOTP_SECRET",
    );
}
