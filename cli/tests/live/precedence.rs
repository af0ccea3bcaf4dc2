//! The precedence table, run through the tool.

use std::process::Stdio;

use heatclient::heat::Action;
use heatclient_test_support::cloud::cloud;
use heatclient_test_support::precedence::{Done, Driver, Stage, check};
use serde_json::Value;
use tokio::process::Command;

/// Runs the rows with the tool.
#[derive(Debug, Clone, Copy)]
struct Tool;

impl Driver for Tool {
    /// Only previews and validations return the output of the tool.
    async fn perform(self, stage: &Stage<'_>, line: &str) -> Result<Done, String> {
        let words = line.split_whitespace();
        let words = words.map(|word| if word == "NAME" { stage.name } else { word });
        let output = Command::new(env!("CARGO_BIN_EXE_heat"))
            .args(words.chain(["-f", "json"]))
            .current_dir(stage.directory)
            .env_clear()
            .envs([
                ("OS_AUTH_URL", stage.cloud.facts.auth_url.as_str()),
                ("OS_USERNAME", "demo"),
                ("OS_PASSWORD", "demo"),
                ("OS_PROJECT_NAME", "demo"),
                ("OS_USER_DOMAIN_NAME", "Default"),
                ("OS_PROJECT_DOMAIN_NAME", "Default"),
            ])
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .unwrap();
        if !output.status.success() {
            let error = String::from_utf8(output.stderr).unwrap();
            let lines = error.lines();
            let error = lines.filter_map(|line| line.strip_prefix("ERROR: ")).next();
            return Err(error.unwrap().to_owned());
        }
        let action = match line.split_whitespace().nth(1).unwrap() {
            "create" => Action::Create,
            "adopt" => Action::Adopt,
            _ => Action::Update,
        };
        let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
        let is_printed = line.contains("--dry-run") || line.starts_with("orchestration");
        Ok(if is_printed {
            Done::Returned(printed)
        } else {
            Done::Started(action)
        })
    }
}

/// Runs the rows that create no stack, and every third of the others. The library's test runs all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_wins_is_what_the_table_says() {
    match cloud() {
        Some(cloud) => {
            check(cloud, Tool, |number, row| {
                number % 3 == 0 || !row.makes_a_stack()
            })
            .await;
        }
        None => eprintln!("skipped: HEAT_LIVE_STATE is not set"),
    }
}
