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

const QUICK: &str = "
heat_template_version: 2021-04-16
parameters: {length: {type: number, default: 8}}
resources:
  word: {type: OS::Heat::RandomString, properties: {length: {get_param: length}}}
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
    std::fs::write(directory.join("quick.yaml"), QUICK).unwrap();
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

#[tokio::test]
async fn snapshots_restores_and_adoptions_are_waited_for() {
    let Some(live) = live("snapshots") else {
        return;
    };
    let (web, taken) = (unique("snapshot"), unique("adopted"));
    live.ok(&format!(
        "stack create {web} -t quick.yaml --wait --poll 0.5"
    ))
    .await;
    // Both spellings, and what an interrupted one advises.
    let wait = "--wait --poll 0.5";
    let create = format!("-q stack snapshot create {web} {wait} -f json");
    let made: serde_json::Value = serde_json::from_str(&live.ok(&create).await).unwrap();
    assert_eq!(made["status"], "COMPLETE", "{made}");
    let old = live.ok(&format!("stack-snapshot {web} {wait}")).await;
    let old: serde_json::Value = serde_json::from_str(&old).unwrap();
    assert_eq!(
        (&old["action"], &old["status"]),
        (&"CREATE".into(), &"COMPLETE".into())
    );
    let waited = format!("-q stack wait --action snapshot {web} -f value -c stack_status");
    assert_eq!(live.ok(&waited).await, "SNAPSHOT_COMPLETE\n");
    for (line, id) in [
        ("stack snapshot restore", &made["ID"]),
        ("stack-restore", &old["id"]),
    ] {
        let line = format!("{line} {web} {} {wait}", id.as_str().unwrap());
        let (code, out, err) = live.heat(&line).await;
        assert_eq!((code, out.as_str()), (Some(0), ""), "{line}: {err}");
        assert!(
            err.contains(&format!("[{web}]: RESTORE_COMPLETE")),
            "{line}: {err}"
        );
    }
    let missing = format!("stack snapshot restore {web} none {wait}");
    assert_eq!(live.heat(&missing).await.0, Some(1));
    live.ok(&format!("stack export {web} --output-file data.json"))
        .await;
    let adopt =
        format!("stack adopt {taken} --adopt-file data.json {wait} -f value -c stack_status");
    assert_eq!(live.ok(&adopt).await, "ADOPT_COMPLETE\n");
    live.ok(&format!("stack delete -y {web} {taken} --wait"))
        .await;
}

#[tokio::test]
async fn several_stacks_are_waited_for_at_the_same_time() {
    let Some(live) = live("several") else { return };
    let [a, b] = [unique("several-a"), unique("several-b")];
    for name in [&a, &b] {
        live.ok(&format!("stack create {name} -t quick.yaml")).await;
    }
    live.ok(&format!("-q stack wait {a} {b} --poll 0.5")).await;
    let columns = "--wait --poll 0.5 -f value -c stack_name -c stack_status";
    for action in ["suspend", "resume", "check"] {
        let status = format!("{}_COMPLETE", action.to_uppercase());
        let shown = live.ok(&format!("stack {action} {b} {a} {columns}")).await;
        assert_eq!(shown, format!("{b} {status}\n{a} {status}\n"));
    }
    // One does not exist, and nothing can be cancelled.
    let (code, out, err) = live
        .heat(&format!("-q stack check {a} {a}-none {columns}"))
        .await;
    assert_eq!(
        (code, out),
        (Some(1), format!("{a} CHECK_COMPLETE\n")),
        "{err}"
    );
    assert!(
        err.ends_with("ERROR: Unable to check 1 of the 2 stacks.\n"),
        "{err}"
    );
    let (code, out, err) = live
        .heat(&format!("stack cancel {a} {b} --wait -f json"))
        .await;
    assert_eq!((code, out.as_str()), (Some(1), ""), "{err}");
    assert_eq!(err.matches("not in cancelable state").count(), 2, "{err}");
    live.ok(&format!("stack delete -y {a} {b} --wait")).await;
}
