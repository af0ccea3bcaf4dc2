//! Interrupted commands, and closed pipes.

use std::time::Duration;

use heatclient::sandbox::Fault;
use http::Method;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};

use crate::ground::{Ground, Ran, interrupt};

#[tokio::test]
async fn ctrl_c_while_waiting_says_that_the_stack_goes_on() {
    let ground = Ground::new("interrupt").await;
    ground.sandbox.set_stack_delay(Duration::from_secs(3600));
    let mut child = ground
        .command("stack create web -t t.yaml --wait --poll 0.05")
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let first = lines.next_line().await.unwrap().unwrap();
    assert!(
        first.ends_with("[web]: CREATE_IN_PROGRESS  Stack CREATE started"),
        "{first}"
    );
    interrupt(&child).await;
    let mut last = first;
    while let Some(line) = lines.next_line().await.unwrap() {
        last = line;
    }
    assert_eq!(
        last,
        "interrupted; CREATE of stack web continues. Follow it with: heat stack event list --follow web"
    );
    assert_eq!(child.wait().await.unwrap().code(), Some(130));

    let mut child = ground
        .command("stack event list web --follow")
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(
        lines
            .next_line()
            .await
            .unwrap()
            .unwrap()
            .contains("CREATE_IN_PROGRESS")
    );
    interrupt(&child).await;
    assert_eq!(child.wait().await.unwrap().code(), Some(0));

    let timeout = "-q stack check web --wait --poll 0.05 --wait-timeout 0.2";
    let ran = ground.heat(timeout).await;
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.err.contains("timed out after ")
            && ran
                .err
                .ends_with(". Follow it with: heat stack event list --follow web\n"),
        "{}",
        ran.err
    );
}

#[tokio::test]
async fn ctrl_c_after_a_change_was_sent_says_what_may_have_begun() {
    let ground = Ground::new("interrupt-change").await;
    ground
        .heat("stack create old -t t.yaml --wait --poll 0.05")
        .await
        .ok();
    let may =
        |what: &str, check: &str| format!("interrupted; {what}. Check with: heat stack {check}\n");
    let begun = |action: &str, stacks: &str, check: &str| {
        format!(
            "interrupted; {action} of {stacks} may have started. Check with: heat stack {check}\n"
        )
    };
    for (line, held, note) in [
        (
            "stack create web -t t.yaml",
            Method::POST,
            "interrupted; the stack may have been created. Check with: heat stack show web\n"
                .to_owned(),
        ),
        (
            "stack-create web2 -f t.yaml",
            Method::POST,
            "interrupted; the stack may have been created. Check with: heat stack show web2\n"
                .to_owned(),
        ),
        (
            "stack update old -t t.yaml",
            Method::PUT,
            begun("UPDATE", "stack old", "show old"),
        ),
        (
            "stack suspend old",
            Method::POST,
            begun("SUSPEND", "stack old", "show old"),
        ),
        (
            "action-check old",
            Method::POST,
            begun("CHECK", "stack old", "show old"),
        ),
        (
            "stack delete -y old",
            Method::DELETE,
            begun("DELETE", "stack old", "show old"),
        ),
        (
            "stack snapshot create old",
            Method::POST,
            may(
                "SNAPSHOT of stack old may have started",
                "snapshot list old",
            ),
        ),
        (
            "stack-restore old s",
            Method::POST,
            begun("RESTORE", "stack old", "show old"),
        ),
        (
            "stack snapshot delete -y old s",
            Method::DELETE,
            may(
                "snapshot s of stack old may have been deleted",
                "snapshot list old",
            ),
        ),
        (
            "stack resource signal old thing",
            Method::POST,
            may(
                "the signal to resource thing of stack old may have been sent",
                "event list old --resource thing",
            ),
        ),
        (
            "resource-mark-unhealthy old thing",
            Method::PATCH,
            may(
                "resource thing of stack old may have been marked",
                "resource show old thing",
            ),
        ),
        ("stack abandon old", Method::GET, String::new()),
        // A change that was not sent has not started.
        ("stack delete -y web", Method::GET, String::new()),
        (
            "stack create late -t t.yaml --dry-run",
            Method::POST,
            String::new(),
        ),
    ] {
        let fault = ground
            .sandbox
            .fault(Fault::within(held.clone(), "/stacks").no_answer());
        let mut child = ground.command(line).spawn().unwrap();
        while fault.hits() == 0 {
            assert!(child.try_wait().unwrap().is_none(), "{line}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        interrupt(&child).await;
        let ran = Ran::from(child.wait_with_output().await.unwrap());
        assert_eq!((ran.code, ran.err), (Some(130), note), "{line}");
        fault.remove();
    }
}

#[tokio::test]
async fn a_reader_that_goes_away_ends_it_quietly() {
    let ground = Ground::new("pipe").await;
    let mut child = ground.command("stack list -f json").spawn().unwrap();
    drop(child.stdout.take());
    let mut err = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut err)
        .await
        .unwrap();
    assert_eq!(
        (child.wait().await.unwrap().code(), err.as_str()),
        (Some(141), "")
    );
}
