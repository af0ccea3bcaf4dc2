//! A process with a low limit of open files, and more concurrent calls than the limit.

use std::fs::File;
use std::process::{Command, Stdio};

use heatclient::sandbox::Sandbox;
use heatclient::{Client, Session};
use heatclient_test_support::demo;
use tokio::task::JoinSet;

const TASKS: usize = 2_000;
const CALLS_EACH: usize = 5;

/// Runs a test of this program in a process that may have 256 files open.
fn with_few_files(test: &str, environment: &[(&str, &str)]) -> String {
    let program = std::env::current_exe().unwrap();
    let output = Command::new("sh")
        .args(["-c", "ulimit -n 256 && exec \"$0\" \"$@\""])
        .arg(program)
        .args([test, "--exact", "--ignored", "--nocapture"])
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{told}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    told
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lack_of_file_descriptors_fails_no_call() {
    for taken in ["0", "128"] {
        let sandbox = Sandbox::start().await.unwrap();
        let url = sandbox.auth_url();
        let told = tokio::task::spawn_blocking(move || {
            let environment = [
                ("HEAT_TEST_AUTH_URL", url.as_str()),
                ("HEAT_TEST_TAKEN", taken),
            ];
            with_few_files(
                "proxy::descriptors::many_calls_with_few_files",
                &environment,
            )
        });
        let told = told.await.unwrap();
        assert!(told.contains("1 passed"), "{told}");
        assert_eq!(sandbox.logins(), 1);
        let lists = sandbox.count_where(|request| request.path.ends_with("/stacks"));
        assert_eq!(lists, TASKS * CALLS_EACH);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a part of the test above, in a process of its own"]
async fn many_calls_with_few_files() {
    let url = std::env::var("HEAT_TEST_AUTH_URL").expect("the other test starts this one");
    let taken: usize = std::env::var("HEAT_TEST_TAKEN").unwrap().parse().unwrap();
    let _taken: Vec<_> = (0..taken)
        .map(|_| File::open("/dev/null").unwrap())
        .collect();
    let heat = Client::new(Session::new(demo(&url, "demo")));
    let mut tasks = JoinSet::new();
    for _ in 0..TASKS {
        let heat = heat.clone();
        tasks.spawn(async move {
            for _ in 0..CALLS_EACH {
                heat.stacks().list().await?;
            }
            Ok::<_, heatclient::Error>(())
        });
    }
    let failed: Vec<_> = tasks
        .join_all()
        .await
        .into_iter()
        .filter_map(Result::err)
        .collect();
    assert!(
        failed.is_empty(),
        "{} failed, such as: {}",
        failed.len(),
        failed[0]
    );
}
