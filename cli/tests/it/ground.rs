//! The test environment: a sandbox, a directory with templates, and the tool.

use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::time::Duration;

use heatclient::sandbox::Sandbox;
use heatclient_test_support::time::HANG;
use http::Method;
use serde_json::Value;
use tokio::process::{Child, Command};

pub(crate) const TEMPLATE: &str = "
heat_template_version: 2021-04-16
description: a test
parameters:
  word: {type: string, default: none}
resources:
  thing: {type: OS::Heat::Value, properties: {value: {get_param: word}}}
outputs:
  said: {description: the word, value: {get_attr: [thing, value]}}
  pair: {value: [{get_param: word}, 1]}
";

const FAILING: &str = "
heat_template_version: 2021-04-16
resources:
  bad: {type: OS::Heat::TestResource, properties: {fail: true}}
";

/// A sandbox, a directory with templates, and the tool.
pub(crate) struct Ground {
    pub(crate) sandbox: Sandbox,
    pub(crate) directory: PathBuf,
}

pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "stderr: {}", self.err);
        self.out
    }

    /// Asserts that it failed, with nothing on stdout and this line on stderr.
    #[track_caller]
    pub(crate) fn failed(self, code: i32, line: &str) {
        assert_eq!(
            (self.code, self.out.as_str()),
            (Some(code), ""),
            "stderr: {}",
            self.err
        );
        let without_id = self.err.split(" (request req-").next().unwrap().trim_end();
        assert_eq!(without_id, line);
        assert_eq!(self.err.lines().count(), 1, "{}", self.err);
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

pub(crate) fn bare() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heat"));
    command
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

impl Ground {
    pub(crate) async fn new(name: &str) -> Self {
        let directory =
            std::env::temp_dir().join(format!("heat-cli-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::write(directory.join("t.yaml"), TEMPLATE).unwrap();
        std::fs::write(directory.join("fail.yaml"), FAILING).unwrap();
        Self {
            sandbox: Sandbox::start().await.unwrap(),
            directory,
        }
    }

    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = bare();
        command
            .current_dir(&self.directory)
            .envs(self.sandbox.environment())
            .args(line.split_whitespace());
        command
    }

    pub(crate) async fn heat(&self, line: &str) -> Ran {
        self.command(line).output().await.unwrap().into()
    }

    /// The requests to Heat since the last call of this: method and path, with `ID` in place of ids.
    pub(crate) fn sent(&self) -> Vec<String> {
        let shown = |segment: &str| match segment.len() == 36 && segment.matches('-').count() == 4 {
            true => "ID".to_owned(),
            false => segment.to_owned(),
        };
        let requests = self.sandbox.requests();
        self.sandbox.clear_requests();
        let of_heat = requests.iter().filter_map(|request| {
            let (_, path) = request.path.strip_prefix("/v1/")?.split_once('/')?;
            let path: Vec<_> = path.split('/').map(shown).collect();
            Some(format!("{} {}", request.method, path.join("/")))
        });
        of_heat.collect()
    }

    /// Waits until Heat has received this number of changes, and several polls after the last one.
    pub(crate) async fn until_waiting(&self, changes: usize) {
        let waits = || {
            let requests = self.sandbox.requests();
            let of_heat = requests
                .iter()
                .filter(|request| request.path.starts_with("/v1/"));
            let methods: Vec<_> = of_heat.map(|request| request.method.clone()).collect();
            let is_change = |method: &&Method| **method != Method::GET;
            let polls = methods.iter().rev().take_while(|method| !is_change(method));
            // The old `stack-create` prints stacks before it waits.
            methods.iter().filter(is_change).count() == changes && polls.count() > 5
        };
        let waiting = tokio::time::timeout(HANG, async {
            while !waits() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
        waiting.await.expect("nothing waits");
    }

    pub(crate) async fn json(&self, line: &str) -> Value {
        serde_json::from_str(&self.heat(line).await.ok()).unwrap()
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// Sends the signal of Ctrl-C.
pub(crate) async fn interrupt(child: &Child) {
    send("INT", child).await;
}

/// Whether SIGHUP is ignored, as by `nohup`: then the tool ignores it, too.
pub(crate) fn is_hangup_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.is_some_and(|set| u64::from_str_radix(set.trim(), 16).unwrap() & 1 != 0)
}

/// Sends a signal.
pub(crate) async fn send(signal: &str, child: &Child) {
    let kill = format!("kill -{signal} {}", child.id().unwrap());
    let mut shell = Command::new("sh");
    assert!(shell.args(["-c", &kill]).status().await.unwrap().success());
}
