//! Recorded terminal sessions: what a terminal of 40, 80 and 200 columns shows while the tool waits.
//!
//! `HEAT_RECORD_TERMINAL=1` writes `cli/tests/recorded/terminal`; otherwise the sessions are compared with it. A session
//! has the screen at moments that the test brings about, so it is the same on every machine. Times are normalised.

use std::fs;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use heatclient::heat::Status;
use heatclient::loading::plugin_loader;
use heatclient::{Client, Session};
use heatclient_test_support::time::HANG;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};

use crate::ground::{Ground, Ran, is_hangup_ignored};

const ROWS: u16 = 48;

/// One after the other: two resources, a group with a deployment that waits for a signal, another resource.
const STEPS: &str = "
heat_template_version: 2021-04-16
resources:
  first: {type: OS::Heat::None}
  config: {type: OS::Heat::SoftwareConfig, depends_on: first, properties: {outputs: [{name: answer}]}}
  servers:
    type: OS::Heat::ResourceGroup
    properties:
      count: 1
      resource_def:
        type: OS::Heat::SoftwareDeployment
        properties:
          config: {get_resource: config}
          server: 2b8d88d6-1901-4ee9-9246-7b505c87ee8f
          signal_transport: HEAT_SIGNAL
  wait: {type: OS::Heat::None, depends_on: servers}
";

/// The tool on a terminal, and what the terminal shows.
struct Terminal {
    child: Child,
    screen: Arc<Mutex<vt100::Parser>>,
    /// All bytes that the tool wrote.
    bytes: Arc<Mutex<Vec<u8>>>,
    columns: u16,
}

impl Terminal {
    /// Runs a command line of a shell on a terminal. `heat` is the tool.
    fn start(ground: &Ground, columns: u16, line: &str) -> Self {
        let heat = env!("CARGO_BIN_EXE_heat");
        let shell =
            format!("stty cols {columns} rows {ROWS}; heat() {{ exec {heat} \"$@\"; }}; {line}");
        let mut command = Command::new("script");
        command
            .args(["-qec", &shell, "/dev/null"])
            .env_clear()
            .env("PATH", std::env::var("PATH").unwrap())
            .env("TERM", "xterm")
            .env("SHELL", "/bin/sh")
            .envs(ground.sandbox.environment())
            .current_dir(&ground.directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let screen = Arc::new(Mutex::new(vt100::Parser::new(ROWS, columns, 0)));
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let mut out = child.stdout.take().unwrap();
        let (shown, all) = (Arc::clone(&screen), Arc::clone(&bytes));
        tokio::spawn(async move {
            let mut buffer = [0; 4096];
            loop {
                match out.read(&mut buffer).await {
                    Ok(0) | Err(_) => return,
                    Ok(read) => {
                        shown.lock().unwrap().process(&buffer[..read]);
                        all.lock().unwrap().extend_from_slice(&buffer[..read]);
                    }
                }
            }
        });
        Self {
            child,
            screen,
            bytes,
            columns,
        }
    }

    /// What the terminal shows.
    fn shown(&self) -> String {
        let screen = self.screen.lock().unwrap();
        let rows: Vec<String> = screen
            .screen()
            .rows(0, self.columns)
            .map(|row| row.trim_end().to_owned())
            .collect();
        rows.join("\n").trim_end().to_owned()
    }

    /// Waits until the terminal shows all of these texts, and returns all that it shows.
    async fn until(&self, texts: &[&str]) -> String {
        let shows = async {
            loop {
                let shown = self.shown();
                if texts.iter().all(|text| shown.contains(text)) {
                    return shown;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let shown = tokio::time::timeout(HANG, shows).await;
        shown.unwrap_or_else(|_| panic!("no {texts:?} in:\n{}", self.shown()))
    }

    async fn types(&mut self, keys: &str) {
        let stdin = self.child.stdin.as_mut().unwrap();
        stdin.write_all(keys.as_bytes()).await.unwrap();
        stdin.flush().await.unwrap();
    }

    /// Waits for the end. Returns the exit code and what the terminal shows then.
    async fn end(self) -> (Option<i32>, String) {
        let (code, shown, _) = self.end_with_text().await;
        (code, shown)
    }

    /// The same, and the text without the line breaks of the terminal.
    async fn end_with_text(mut self) -> (Option<i32>, String, String) {
        let status = tokio::time::timeout(HANG, self.child.wait()).await;
        let status = status.unwrap().unwrap();
        // The task that reads has its own handle of the screen.
        while Arc::strong_count(&self.screen) > 1 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let bytes = self.bytes.lock().unwrap();
        let text = String::from_utf8_lossy(&bytes);
        for forbidden in ["\u{1b}[?25l", "\u{1b}[2J", "\u{1b}[?1049h"] {
            assert!(!text.contains(forbidden), "{forbidden:?} in {text:?}");
        }
        let text = self.screen.lock().unwrap().screen().contents();
        (status.code(), self.shown(), text)
    }
}

/// Replaces times, and ids and what depends on them.
fn normalised(shown: &str) -> String {
    let mut text = String::new();
    for line in shown.lines() {
        let indent = line.len() - line.trim_start().len();
        let (start, rest) = line.split_at(indent);
        let time = rest.split(' ').next().unwrap_or_default();
        let is_time = time.split_once(':').is_some_and(|(minutes, seconds)| {
            let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
            !minutes.is_empty() && seconds.len() == 2 && are_digits(minutes) && are_digits(seconds)
        });
        text.push_str(start);
        match is_time {
            true => {
                text.push_str("M:SS");
                text.push_str(&rest[time.len()..]);
            }
            false => text.push_str(rest),
        }
        text.push('\n');
    }
    text
}

/// The text with `x` for each character of an id, which the terminal may have broken into two lines.
fn without(shown: &str, id: &str) -> String {
    let mut shown = shown.to_owned();
    for cut in 0..id.len() {
        let (start, end) = id.split_at(cut);
        let (broken, masked) = match cut {
            0 => (id.to_owned(), "x".repeat(id.len())),
            _ => (
                format!("{start}\n{end}"),
                format!("{}\n{}", "x".repeat(start.len()), "x".repeat(end.len())),
            ),
        };
        shown = shown.replace(&broken, &masked);
    }
    shown
}

/// A session: its steps, each with what the terminal shows.
struct Recording {
    name: &'static str,
    text: String,
}

impl Recording {
    fn new(name: &'static str) -> Self {
        let text = String::new();
        Self { name, text }
    }

    fn add(&mut self, step: &str, shown: &str) {
        self.text
            .push_str(&format!("=== {step}\n{}", normalised(shown)));
    }

    /// Compares the session with the recorded one, or records it.
    fn check(self) {
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recorded/terminal");
        let path = format!("{directory}/{}.txt", self.name);
        if std::env::var_os("HEAT_RECORD_TERMINAL").is_some() {
            fs::create_dir_all(directory).unwrap();
            fs::write(&path, &self.text).unwrap();
        }
        let recorded = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(self.text, recorded, "{path} differs from:\n{}", self.text);
    }
}

async fn ground(name: &str) -> (Ground, Client) {
    let ground = Ground::new(name).await;
    fs::write(ground.directory.join("steps.yaml"), STEPS).unwrap();
    let auth = plugin_loader("password").unwrap();
    let auth = auth.load(ground.sandbox.options()).unwrap();
    (ground, Client::new(Session::new(auth)))
}

/// Signals the deployment in the group.
async fn signal(heat: &Client, stack: &str, outputs: Value) {
    let group = heat.resources().get(stack, "servers").await.unwrap();
    let nested = group.physical_resource_id.unwrap();
    let stacks = heat.stacks().list().show_nested(true).await.unwrap();
    let nested = stacks.into_iter().find(|s| s.id == nested).unwrap();
    let Value::Object(data) = outputs else {
        panic!("not an object")
    };
    let signal = heat.resources().signal(&nested, "0").data(data);
    signal.await.unwrap();
}

const CREATE: &str =
    "heat stack create web -t steps.yaml --wait --poll 0.05 -f value -c stack_status";
/// What a terminal shows when only the deployment is in progress.
const IN_PROGRESS: [&str; 4] = ["first]", "config]", "servers  OS", "servers.0  OS"];

#[tokio::test]
async fn a_create_succeeds() {
    let mut recording = Recording::new("create-succeeds");
    for columns in [40, 80, 200] {
        let (ground, heat) = ground("session-succeeds").await;
        let terminal = Terminal::start(&ground, columns, CREATE);
        let shown = terminal.until(&IN_PROGRESS).await;
        recording.add(&format!("{columns} columns, in progress"), &shown);
        signal(&heat, "web", json!({"deploy_status_code": 0})).await;
        let (code, shown) = terminal.end().await;
        assert_eq!(code, Some(0), "{shown}");
        recording.add(&format!("{columns} columns, exit code 0"), &shown);
    }
    recording.check();
}

#[tokio::test]
async fn a_create_fails() {
    let mut recording = Recording::new("create-fails");
    for columns in [40, 80, 200] {
        let (ground, heat) = ground("session-fails").await;
        let terminal = Terminal::start(&ground, columns, CREATE);
        terminal.until(&IN_PROGRESS).await;
        let stderr: String = (1..=12)
            .map(|n| format!("line {n} of the script\n"))
            .collect();
        let outputs = json!({
            "deploy_status_code": 3, "deploy_stderr": stderr, "deploy_stdout": "installing",
        });
        signal(&heat, "web", outputs).await;
        let (code, shown) = terminal.end().await;
        assert_eq!(code, Some(1), "{shown}");
        // Each run has another id.
        let deployments = heat.software_deployments().list().await.unwrap();
        let [deployment] = deployments.as_slice() else {
            panic!("{deployments:?}")
        };
        assert_eq!(deployment.status, Some(Status::Failed));
        let shown = without(&shown, &deployment.id);
        recording.add(&format!("{columns} columns, exit code 1"), &shown);
    }
    recording.check();
}

#[tokio::test]
async fn a_create_is_interrupted() {
    let mut recording = Recording::new("create-interrupted");
    for columns in [40, 80, 200] {
        let (ground, heat) = ground("session-interrupted").await;
        let mut terminal = Terminal::start(&ground, columns, CREATE);
        terminal.until(&IN_PROGRESS).await;
        terminal.types("\u{3}").await;
        let (code, shown, text) = terminal.end_with_text().await;
        assert_eq!(code, Some(130), "{shown}");
        recording.add(&format!("{columns} columns, exit code 130"), &shown);
        // The command line that it names.
        let (_, line) = text.rsplit_once("Wait for it with: ").unwrap();
        let line = format!("{} --poll 0.05", line.trim_end());
        let terminal = Terminal::start(&ground, columns, &line);
        let shown = terminal.until(&["servers.0  OS"]).await;
        recording.add(&format!("{columns} columns, waits again"), &shown);
        signal(&heat, "web", json!({})).await;
        let (code, _) = terminal.end().await;
        assert_eq!(code, Some(0), "{shown}");
    }
    recording.check();
}

#[tokio::test]
async fn a_create_takes_too_long() {
    let mut recording = Recording::new("create-times-out");
    let (ground, _) = ground("session-times-out").await;
    ground.sandbox.set_stack_delay(Duration::from_secs(3600));
    // Long enough for the first request of a tool on a busy machine.
    let line = |columns| {
        format!(
            "heat stack create w{columns} -t t.yaml --wait --poll 0.05 --wait-timeout 10 -f json"
        )
    };
    let start = |columns| (columns, Terminal::start(&ground, columns, &line(columns)));
    for (columns, terminal) in [40, 80, 200].map(start) {
        let (code, shown) = terminal.end().await;
        assert_eq!(code, Some(124), "{shown}");
        recording.add(&format!("{columns} columns, exit code 124"), &shown);
    }
    recording.check();
}

#[tokio::test]
async fn stdout_has_the_answer_only() {
    let (ground, heat) = ground("session-stdout").await;
    let line = "heat stack create web -t steps.yaml --wait --poll 0.05 -f json > answer";
    let terminal = Terminal::start(&ground, 80, line);
    terminal.until(&IN_PROGRESS).await;
    signal(&heat, "web", json!({})).await;
    let (code, shown) = terminal.end().await;
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("[web]: CREATE_COMPLETE"), "{shown}");
    let answer = fs::read(ground.directory.join("answer")).unwrap();
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    assert_eq!(answer["stack_status"], "CREATE_COMPLETE");
    // With --quiet a terminal shows nothing but the answer.
    let line = "heat -q stack check web --wait --poll 0.05 -f value -c stack_status";
    let (code, shown) = Terminal::start(&ground, 80, line).end().await;
    assert_eq!((code, shown.as_str()), (Some(0), "CHECK_COMPLETE"));
}

#[tokio::test]
async fn progress_costs_one_request_for_each_poll() {
    let (ground, heat) = ground("session-requests").await;
    let line = "heat stack create web -t steps.yaml --wait --poll 0.05 > answer";
    let terminal = Terminal::start(&ground, 80, line);
    terminal.until(&IN_PROGRESS).await;
    let before = ground.sandbox.requests().len();
    signal(&heat, "web", json!({})).await;
    terminal.end().await;
    let requests = ground.sandbox.requests();
    assert!(requests.len() > before);
    let polls = |end: &str| {
        let of_web = |path: &str| path.contains("/stacks/web/") && !path.contains("/servers");
        let requests = requests.iter();
        requests
            .filter(|r| r.method == http::Method::GET && of_web(&r.path))
            .filter(|r| r.path.ends_with("/resources") == (end == "/resources"))
            .count()
    };
    let (states, resources) = (polls(""), polls("/resources"));
    assert_eq!(resources, states, "{requests:?}");
    let events = requests.iter().filter(|r| r.path.contains("/events"));
    assert_eq!(events.count(), 0);
}

#[tokio::test]
async fn a_terminal_without_cursor_gets_event_lines() {
    let (ground, _) = ground("session-dumb").await;
    let line =
        "TERM=dumb heat stack create web -t t.yaml --wait --poll 0.05 -f value -c stack_status";
    let terminal = Terminal::start(&ground, 200, line);
    let bytes = Arc::clone(&terminal.bytes);
    let (code, shown) = terminal.end().await;
    assert_eq!(code, Some(0), "{shown}");
    let last = "[web]: CREATE_COMPLETE  Stack CREATE completed successfully\nCREATE_COMPLETE";
    assert!(shown.ends_with(last), "{shown}");
    assert!(!bytes.lock().unwrap().contains(&0x1b));
}

#[tokio::test]
async fn stacks_are_deleted_and_waited_for_at_the_same_time() {
    let (ground, heat) = ground("session-several").await;
    for name in ["a", "b", "c"] {
        let create = format!("stack create {name} -t t.yaml --wait --poll 0.05");
        ground.heat(&create).await.ok();
    }
    // The deletion of `a` never ends.
    let stack = heat.stacks().get("a").await.unwrap();
    let mut shown = stack.clone().into_raw();
    shown.insert("stack_status".to_owned(), "DELETE_IN_PROGRESS".into());
    let fault =
        heatclient::sandbox::Fault::within(http::Method::GET, &format!("/stacks/a/{}", stack.id))
            .status(200, &[], json!({"stack": shown}).to_string());
    ground.sandbox.fault(fault);
    let line = "heat stack delete -y a b c --wait --poll 0.05";
    let mut terminal = Terminal::start(&ground, 80, line);
    terminal
        .until(&[
            "[b]: DELETE_COMPLETE",
            "[c]: DELETE_COMPLETE",
            "a: DELETE_IN_PROGRESS",
        ])
        .await;
    terminal.types("\u{3}").await;
    let (code, shown, text) = terminal.end_with_text().await;
    assert_eq!(code, Some(130), "{shown}");
    let note = "interrupted; DELETE of stack a continues. Wait for it with: heat stack wait --action delete a";
    assert!(text.trim_end().ends_with(note), "{text}");
    ground.sandbox.clear_faults();
    let ran = ground
        .heat("-q stack wait a --action delete --poll 0.05 -f value -c stack_name")
        .await;
    let Ran { code, err, .. } = ran;
    assert_eq!((code, err.as_str()), (Some(0), ""));
}

#[tokio::test]
async fn actions_on_several_stacks_share_the_terminal() {
    let (ground, _) = ground("session-actions").await;
    for name in ["a", "b"] {
        let create = format!("stack create {name} -t t.yaml --wait --poll 0.05");
        ground.heat(&create).await.ok();
    }
    ground.sandbox.set_stack_delay(Duration::from_secs(3600));
    let line = "heat stack suspend a b --wait --poll 0.05";
    let mut terminal = Terminal::start(&ground, 80, line);
    let both = ["a: SUSPEND_IN_PROGRESS", "b: SUSPEND_IN_PROGRESS"];
    terminal.until(&both).await;
    terminal.types("\u{3}").await;
    let (code, shown, text) = terminal.end_with_text().await;
    assert_eq!(code, Some(130), "{shown}");
    let advice = "Wait for it with: heat stack wait --action suspend a b";
    assert!(text.trim_end().ends_with(advice), "{text}");
}

/// A template that asks for a value without echo.
const ASKS: &str = "
heat_template_version: 2021-04-16
parameters:
  password: {type: string, hidden: true}
";

#[tokio::test]
async fn a_signal_at_a_prompt_restores_the_terminal() {
    let (ground, _) = ground("session-prompt").await;
    fs::write(ground.directory.join("ask.yaml"), ASKS).unwrap();
    let totp = "stack list --os-auth-type v3totp --os-username totp";
    for (line, prompt) in [
        ("stack list", "Password:"),
        ("stack create web -t ask.yaml", "password:"),
        (totp, "TOTP passcode:"),
        ("stack delete web", "[y/N]?"),
    ] {
        for (signal, code) in [("key", 130), ("INT", 130), ("TERM", 143), ("HUP", 129)] {
            if signal == "HUP" && is_hangup_ignored() {
                continue;
            }
            let unset = match prompt {
                "Password:" => "unset OS_PASSWORD; ",
                _ => "",
            };
            // The shell writes its process ID and becomes the tool.
            let shell = format!(
                "trap : INT; stty -g > before; ({unset}exec sh -c 'echo $$ > pid; exec \"$0\" \"$@\"' {} {line}); \
                 echo code=$?; stty -g > after",
                env!("CARGO_BIN_EXE_heat")
            );
            let mut terminal = Terminal::start(&ground, 200, &shell);
            terminal.until(&[prompt]).await;
            match signal {
                "key" => terminal.types("\u{3}").await,
                signal => {
                    let pid = fs::read_to_string(ground.directory.join("pid")).unwrap();
                    let kill = format!("kill -{signal} {}", pid.trim());
                    let mut shell = Command::new("sh");
                    let killed = shell.args(["-c", &kill]).status().await;
                    assert!(killed.unwrap().success());
                }
            }
            // The terminal must not send the end of its input before the signal is handled.
            let stdin = terminal.child.stdin.take();
            let (_, shown) = terminal.end().await;
            drop(stdin);
            let end = format!("code={code}");
            assert!(shown.ends_with(&end), "{line} {signal}: {shown}");
            let settings = ["before", "after"].map(|name| {
                let settings = fs::read_to_string(ground.directory.join(name));
                settings.unwrap()
            });
            assert_eq!(settings[0], settings[1], "{line} {signal}");
        }
    }
}
