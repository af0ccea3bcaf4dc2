//! Every entry of the cloud's clouds.yaml, by its name and by `OS_CLOUD`.

use std::path::PathBuf;

use heatclient::config::ConfigBuilder;
use tokio::process::Command;

#[tokio::test]
async fn every_entry_of_clouds_yaml_works_in_the_tool() {
    let Some(state) = std::env::var_os("HEAT_LIVE_STATE").map(PathBuf::from) else {
        eprintln!("skipped: HEAT_LIVE_STATE is not set");
        return;
    };
    let files = ConfigBuilder::new().files_in([&state]);
    let names = files.build().unwrap().choices().to_vec();
    assert!(names.len() >= 12, "{names:?}");
    for (position, name) in names.iter().enumerate() {
        let mut command = Command::new(env!("CARGO_BIN_EXE_heat"));
        command
            .env_clear()
            .env("OS_CLIENT_CONFIG_FILE", state.join("clouds.yaml"))
            .args(["stack", "list", "--limit", "1", "-f", "json"])
            .kill_on_drop(true);
        match position % 2 {
            0 => command.env("OS_CLOUD", name),
            _ => command.args(["--os-cloud", name]),
        };
        let output = command.output().await.unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        if name.ends_with("-system") || name.ends_with("-unscoped") {
            let start = "ERROR: list stacks: no public endpoint of type orchestration";
            assert!(error.starts_with(start), "{name}: {error}");
        } else {
            assert!(output.status.success(), "{name}: {error}");
            assert_eq!(error, "", "{name}");
        }
    }
}
