//! Commands that need no cloud.

use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::ground::{Ran, bare, interrupt};

#[tokio::test]
async fn help_needs_no_cloud() {
    for (line, text) in [
        ("", "usage: heat"),
        ("--help", "usage: heat"),
        ("help", "orchestration"),
        ("help stack create", "--enable-rollback"),
        ("help stack-create", "--template-file"),
        ("stack event list --help", "--follow"),
        ("--version", env!("CARGO_PKG_VERSION")),
        ("completion bash", "_heat()"),
    ] {
        let output = bare().args(line.split_whitespace()).output().await.unwrap();
        let out = Ran::from(output).ok();
        assert!(out.contains(text), "{line}: {out}");
    }
    let alone = Ran::from(bare().output().await.unwrap()).ok();
    assert!(alone.starts_with("usage: heat"), "{alone}");
    let noun = Ran::from(bare().arg("stack").output().await.unwrap());
    assert_eq!((noun.code, noun.out.as_str()), (Some(2), ""));
    let start = "ERROR: 'heat stack' needs one of the commands below\n\nusage: heat stack";
    assert!(noun.err.starts_with(start), "{}", noun.err);
    let own = Ran::from(
        bare()
            .args(["help", "stack", "list"])
            .output()
            .await
            .unwrap(),
    )
    .ok();
    assert!(!own.contains("--os-username"), "{own}");
}

#[tokio::test]
async fn without_any_configuration_the_error_says_how_to_start() {
    let output = bare().args(["stack", "list"]).output().await.unwrap();
    Ran::from(output).failed(
        1,
        "ERROR: no cloud configured: set OS_AUTH_URL, OS_USERNAME, OS_PASSWORD, OS_PROJECT_NAME and so on \
         (source your openrc); to try without a cloud: eval \"$(heat sandbox --background)\"",
    );
}

#[tokio::test]
async fn the_sandbox_prints_what_to_evaluate_and_serves() {
    let mut child = bare()
        .args(["sandbox", "--stack-delay", "0.01"])
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.next_line().await.unwrap().unwrap();
    assert!(first.starts_with("unset OS_CLOUD "), "{first}");
    assert!(!first.contains("OS_REGION_NAME"), "{first}");
    let mut list = bare();
    for _ in 0..8 {
        let line = lines.next_line().await.unwrap().unwrap();
        let (name, value) = line
            .strip_prefix("export ")
            .unwrap()
            .split_once('=')
            .unwrap();
        list.env(name, value);
    }
    let output = list
        .args(["stack", "list", "-f", "json"])
        .output()
        .await
        .unwrap();
    assert_eq!(Ran::from(output).ok(), "[]\n");
    interrupt(&child).await;
    assert_eq!(child.wait().await.unwrap().code(), Some(0));
}
