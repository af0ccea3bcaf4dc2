//! `--wait` of each action on a real Heat, and what interrupts it.

use std::path::PathBuf;
use std::process::{Output, Stdio};

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

/// A resource that takes a moment, and one in a nested stack.
const TEMPLATE: &str = "
heat_template_version: 2021-04-16
parameters:
  value: {type: string, default: a}
  fail: {type: boolean, default: false}
resources:
  one: {type: OS::Heat::TestResource, properties: {value: {get_param: value}, wait_secs: 1}}
  group:
    type: OS::Heat::ResourceGroup
    depends_on: one
    properties:
      count: 1
      resource_def:
        type: OS::Heat::TestResource
        properties: {value: {get_param: value}, fail: {get_param: fail}, wait_secs: 1}
";
const SLOW: &str = "
heat_template_version: 2021-04-16
resources:
  one: {type: OS::Heat::TestResource, properties: {action_wait_secs: {create: 3600, update: 5}, value: VALUE}}
";

/// The tool with a directory of templates, on the live cloud.
struct Live {
    state: PathBuf,
    directory: PathBuf,
}

fn live(name: &str) -> Option<Live> {
    let Some(state) = std::env::var_os("HEAT_LIVE_STATE").map(PathBuf::from) else {
        eprintln!("skipped: HEAT_LIVE_STATE is not set");
        return None;
    };
    let directory = std::env::temp_dir().join(format!("heat-live-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    std::fs::write(directory.join("t.yaml"), TEMPLATE).unwrap();
    std::fs::write(directory.join("slow.yaml"), SLOW).unwrap();
    for value in ["a", "b"] {
        let quick = SLOW.replace("3600", "0").replace("VALUE", value);
        std::fs::write(directory.join(format!("{value}.yaml")), quick).unwrap();
    }
    Some(Live { state, directory })
}

impl Drop for Live {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

impl Live {
    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_heat"));
        command
            .env_clear()
            .env("OS_CLIENT_CONFIG_FILE", self.state.join("clouds.yaml"))
            .env("OS_CLOUD", "devcloud")
            .current_dir(&self.directory)
            .args(line.split_whitespace())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// Exit code, stdout and stderr.
    async fn heat(&self, line: &str) -> (Option<i32>, String, String) {
        let output: Output = self.command(line).output().await.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (
            output.status.code(),
            text(output.stdout),
            text(output.stderr),
        )
    }

    /// Stdout of a command that succeeds.
    async fn ok(&self, line: &str) -> String {
        let (code, out, err) = self.heat(line).await;
        assert_eq!(code, Some(0), "{line}: {err}");
        out
    }
}

fn unique(name: &str) -> String {
    format!("tool-{name}-{:08x}", fastrand::u32(..))
}

#[tokio::test]
async fn each_action_is_waited_for() {
    let Some(live) = live("actions") else { return };
    let web = unique("wait");
    for (line, status) in [
        (format!("stack create {web} -t t.yaml"), "CREATE"),
        (
            format!("stack update {web} -t t.yaml --parameter value=b"),
            "UPDATE",
        ),
        (format!("stack suspend {web}"), "SUSPEND"),
        (format!("stack resume {web}"), "RESUME"),
        (format!("stack check {web}"), "CHECK"),
        (format!("stack wait {web}"), "CHECK"),
    ] {
        let column = match status {
            "CREATE" | "UPDATE" => "stack_status",
            _ => "Stack Status",
        };
        let mut command = live.command(&line);
        if !line.starts_with("stack wait") {
            command.arg("--wait");
        }
        command.args(["--poll", "0.5", "-f", "value", "-c", column]);
        let output = command.output().await.unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{line}: {err}");
        let out = String::from_utf8(output.stdout).unwrap();
        assert_eq!(out, format!("{status}_COMPLETE\n"), "{line}: {err}");
        let last = err.lines().last().unwrap_or_default();
        let end = format!("[{web}]: {status}_COMPLETE");
        assert!(
            last.contains(&end) || line.starts_with("stack wait"),
            "{line}: {err}"
        );
    }
    // The failure in the nested stack is told, with and without a rollback.
    let fails = unique("fails");
    for (rollback, status) in [
        ("", "CREATE_FAILED: "),
        ("--enable-rollback", "then ROLLBACK_COMPLETE: "),
    ] {
        let line = format!(
            "-q stack create {fails}{rollback} -t t.yaml --parameter fail=true --wait {rollback}"
        );
        let (code, out, err) = live.heat(&line).await;
        assert_eq!((code, out.as_str()), (Some(1), ""), "{err}");
        assert!(
            err.contains(status) && err.contains("resource group.0"),
            "{err}"
        );
    }
    let stacks = format!("{web} {fails} {fails}--enable-rollback");
    assert_eq!(
        live.ok(&format!("stack delete -y {stacks} --wait")).await,
        ""
    );
    let (code, _, err) = live.heat(&format!("stack wait {web}-none")).await;
    assert_eq!(code, Some(1));
    assert!(
        err.starts_with(&format!("ERROR: Stack not found: {web}-none")),
        "{err}"
    );
}

#[tokio::test]
async fn interrupted_and_impatient_waits_say_how_to_wait_again() {
    let Some(live) = live("interrupts") else {
        return;
    };
    let web = unique("interrupt");
    for (signal, code, by) in [
        ("INT", 130, "interrupted"),
        ("TERM", 143, "interrupted by SIGTERM"),
    ] {
        let name = format!("{web}-{signal}");
        let line = format!("stack create {name} -t slow.yaml --wait --poll 0.5");
        let mut child = live.command(&line).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut last = lines.next_line().await.unwrap().unwrap();
        let mut kill = Command::new("kill");
        let pid = child.id().unwrap().to_string();
        assert!(
            kill.args([&format!("-{signal}"), &pid])
                .status()
                .await
                .unwrap()
                .success()
        );
        while let Some(line) = lines.next_line().await.unwrap() {
            last = line;
        }
        let advice = format!("Wait for it with: heat stack wait --action create {name}");
        assert_eq!(
            last,
            format!("{by}; CREATE of stack {name} continues. {advice}")
        );
        assert_eq!(child.wait().await.unwrap().code(), Some(code));
        // What it names works.
        let line = format!("-q stack wait --action create {name} --wait-timeout 1");
        let (code, out, err) = live.heat(&line).await;
        assert_eq!((code, out.as_str()), (Some(124), ""), "{err}");
        assert!(err.trim_end().ends_with(&advice), "{err}");
    }
    // An update that is cancelled rolls back.
    let name = unique("cancel");
    live.ok(&format!("stack create {name} -t a.yaml --wait"))
        .await;
    live.ok(&format!("stack update {name} -t b.yaml")).await;
    let out = live
        .ok(&format!("-q stack cancel {name} --wait -f value"))
        .await;
    assert!(out.contains(" ROLLBACK_COMPLETE "), "{out}");
    let stacks = format!("{web}-INT {web}-TERM {name}");
    live.ok(&format!("stack delete -y {stacks} --wait")).await;
}
