//! The tool behind a proxy that injects faults: every run ends in time, with success or with a one-line error.
//!
//! A seed determines all faults, and a failure names it. `HOSTILE_SEED=17` repeats one seed, `HOSTILE_SEEDS=3000` runs
//! that many. The tool runs in real time; its limits only decide how a run ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use heatclient::sandbox::Sandbox;
use heatclient_test_support::proxy::{Fault, Proxy, check_foreign, seeds, template};
use heatclient_test_support::scripted::{Scripted, json as json_answer};
use tokio::task::JoinSet;

const TOOL_SEEDS: u64 = 40;

const AT_ONCE: usize = 16;

/// A limit that only a hang reaches.
const TOOL_PATIENCE: Duration = Duration::from_secs(1200);

/// One run of the tool: it ends in time, with success or with a one-line error.
async fn run_tool(proxy: &Proxy, line: &str) {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_heat"));
    command
        .env_clear()
        .envs(proxy.shared.sandbox.environment())
        .env("OS_AUTH_URL", &proxy.auth_url)
        .args(line.split_whitespace())
        // reached: by what stalls; slow answers that it cuts off are failures that must end well, too
        .args(["--api-timeout", "1", "--quiet"])
        .stdin(std::process::Stdio::null())
        .kill_on_drop(true);
    let ran = match tokio::time::timeout(TOOL_PATIENCE, command.output()).await {
        Ok(ran) => ran.unwrap(),
        Err(_) => panic!("{line} hangs"),
    };
    let stderr = String::from_utf8(ran.stderr).unwrap();
    match ran.status.code() {
        Some(0) => assert_eq!(stderr, "", "{line}"),
        Some(1) => {
            assert!(stderr.starts_with("ERROR: "), "{line}: {stderr:?}");
            assert_eq!(stderr.lines().count(), 1, "{line}: {stderr:?}");
            assert!(
                !stderr.trim_end().chars().any(char::is_control),
                "{line}: {stderr:?}"
            );
        }
        other => panic!("{line} ended with {other:?}: {stderr}"),
    }
    assert!(!stderr.contains("gAAAA"), "{line}: {stderr}");
}

async fn tool(seed: u64) {
    let foreign = Scripted::start(|_| json_answer("200 OK", r#"{"stacks": []}"#)).await;
    let proxy = Proxy::start(
        Sandbox::start().await.unwrap(),
        &foreign.url,
        Fault::Any,
        seed,
    )
    .await;
    let path = std::env::temp_dir().join(format!("heat-proxy-{}-{seed}.json", std::process::id()));
    std::fs::write(&path, template().to_string()).unwrap();
    for name in ["one", "two"] {
        let template = path.display();
        run_tool(
            &proxy,
            &format!("stack create {name} -t {template} --wait --wait-timeout 5"),
        )
        .await;
        let sent = proxy.creates(name);
        assert!(sent <= 1, "{sent} creates of {name} reached Heat");
        run_tool(&proxy, "stack list -f json").await;
        run_tool(&proxy, &format!("stack-show {name}")).await;
    }
    run_tool(&proxy, "stack-show one").await;
    run_tool(&proxy, "stack output list two").await;
    proxy.behave();
    run_tool(&proxy, "stack list").await;
    check_foreign(&foreign);
    std::fs::remove_file(path).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tool_behind_a_hostile_proxy_ends_with_one_line() {
    let seeds = seeds(TOOL_SEEDS);
    let next = Arc::new(AtomicU64::new(seeds.start));
    let mut workers = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (next, end) = (Arc::clone(&next), seeds.end);
        workers.spawn(async move {
            loop {
                let seed = next.fetch_add(1, Ordering::SeqCst);
                if seed >= end {
                    return;
                }
                if let Err(panic) = tokio::spawn(tool(seed)).await {
                    panic!("seed {seed}: {panic}");
                }
            }
        });
    }
    workers.join_all().await;
}
