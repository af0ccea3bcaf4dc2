//! Interrupted commands, and closed pipes.

use std::time::Duration;

use heatclient::sandbox::Fault;
use http::Method;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::Child;

use heatclient_test_support::time::HANG;

use crate::ground::{Ground, Ran, interrupt, is_hangup_ignored, send};

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
        "interrupted; CREATE of stack web continues. Wait for it with: heat stack wait --action create web"
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
    for (options, first) in [
        ("--resource thing", "[web.thing]: CREATE_IN_PROGRESS"),
        (
            "--filter resource_name=thing",
            "[web.thing]: CREATE_IN_PROGRESS",
        ),
        (
            "--filter resource_action=CREATE;resource_status=IN_PROGRESS;resource_name=thing",
            "[web.thing]: CREATE_IN_PROGRESS",
        ),
    ] {
        let line = format!("stack event list web --follow {options}");
        let mut child = ground.command(&line).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.next_line().await.unwrap().unwrap();
        assert!(line.contains(first), "{options}: {line}");
        interrupt(&child).await;
        assert_eq!(child.wait().await.unwrap().code(), Some(0));
    }

    let timeout = "-q stack check web --wait --poll 0.05 --wait-timeout 0.2";
    let ran = ground.heat(timeout).await;
    assert_eq!(ran.code, Some(124));
    assert!(
        ran.err.contains("timed out after ")
            && ran
                .err
                .ends_with(". Wait for it with: heat stack wait --action check web\n"),
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
        format!("interrupted; {action} of {stacks} may have started. Check with: heat {check}\n")
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
            "interrupted; the stack may have been created. Check with: heat stack-show web2\n"
                .to_owned(),
        ),
        (
            "stack update old -t t.yaml",
            Method::PUT,
            begun("UPDATE", "stack old", "stack show old"),
        ),
        (
            "stack suspend old",
            Method::POST,
            begun("SUSPEND", "stack old", "stack show old"),
        ),
        (
            "action-check old",
            Method::POST,
            begun("CHECK", "stack old", "stack-show old"),
        ),
        (
            "stack delete -y old",
            Method::DELETE,
            begun("DELETE", "stack old", "stack show old"),
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
            begun("RESTORE", "stack old", "stack-show old"),
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
            "interrupted; resource thing of stack old may have been marked. Check with: heat resource-show old thing\n"
                .to_owned(),
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

/// Waits until the tool has ended.
async fn ended(child: &mut Child) -> Option<i32> {
    let status = tokio::time::timeout(HANG, child.wait()).await;
    status.expect("the tool is still running").unwrap().code()
}

#[tokio::test]
async fn other_signals_do_what_ctrl_c_does() {
    let ground = Ground::new("signals").await;
    ground.sandbox.set_stack_delay(Duration::from_secs(3600));
    for (signal, code) in [("TERM", 143), ("HUP", 129)] {
        if signal == "HUP" && is_hangup_ignored() {
            continue;
        }
        let create = format!("stack create {signal} -t t.yaml --wait --poll 0.05");
        let mut child = ground.command(&create).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut last = lines.next_line().await.unwrap().unwrap();
        send(signal, &child).await;
        while let Some(line) = lines.next_line().await.unwrap() {
            last = line;
        }
        assert_eq!(
            last,
            format!(
                "interrupted by SIG{signal}; CREATE of stack {signal} continues. \
                 Wait for it with: heat stack wait --action create {signal}"
            )
        );
        assert_eq!(ended(&mut child).await, Some(code));
    }
    let update = ground
        .sandbox
        .fault(Fault::within(Method::PATCH, "/stacks").no_answer());
    let line = "stack update TERM --existing -t t.yaml";
    let mut child = ground.command(line).spawn().unwrap();
    while update.hits() == 0 {
        assert!(child.try_wait().unwrap().is_none());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    send("TERM", &child).await;
    let ran = Ran::from(child.wait_with_output().await.unwrap());
    let note = "interrupted by SIGTERM; UPDATE of stack TERM may have started. Check with: heat stack show TERM\n";
    assert_eq!((ran.code, ran.err.as_str()), (Some(143), note));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn nohup_keeps_a_wait_alive() {
    let ground = Ground::new("nohup").await;
    ground.sandbox.set_stack_delay(Duration::from_secs(3600));
    let mut command = tokio::process::Command::new("nohup");
    command
        .arg(env!("CARGO_BIN_EXE_heat"))
        .args("stack create web -t t.yaml --wait --poll 0.05".split(' '))
        .env_clear()
        .envs(ground.sandbox.environment())
        .current_dir(&ground.directory)
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .kill_on_drop(true);
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut last = lines.next_line().await.unwrap().unwrap();
    send("HUP", &child).await;
    send("TERM", &child).await;
    while let Some(line) = lines.next_line().await.unwrap() {
        last = line;
    }
    assert!(last.starts_with("interrupted by SIGTERM; "), "{last}");
    assert_eq!(ended(&mut child).await, Some(143));
}

#[tokio::test]
async fn a_second_signal_ends_a_blocked_tool() {
    let ground = Ground::new("second").await;
    // More than a pipe holds.
    let description = "x".repeat(1 << 20);
    let stack = serde_json::json!({"id": "1", "stack_name": description, "stack_status": "CREATE_COMPLETE"});
    let body = serde_json::json!({"stacks": [stack]}).to_string();
    ground
        .sandbox
        .fault(Fault::within(Method::GET, "/stacks").status(200, &[], body));
    let mut child = ground.command("stack list -f json").spawn().unwrap();
    let mut out = child.stdout.take().unwrap();
    // It is printing, and nobody reads the rest.
    out.read_exact(&mut [0; 1]).await.unwrap();
    send("INT", &child).await;
    send("TERM", &child).await;
    // If both are pending at the same time, the kernel may run the handlers in the other order.
    let code = ended(&mut child).await;
    assert!(matches!(code, Some(143 | 130)), "{code:?}");
    drop(out);
}

#[tokio::test]
async fn following_ends_when_nobody_reads_any_more() {
    let ground = Ground::new("head").await;
    ground.sandbox.set_stack_delay(Duration::from_secs(3600));
    ground.heat("stack create web -t t.yaml").await.ok();
    let line = "stack event list web --follow";
    let mut child = ground.command(line).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.next_line().await.unwrap().unwrap();
    assert!(first.contains("CREATE_IN_PROGRESS"), "{first}");
    // No further event occurs.
    drop(lines);
    assert_eq!(ended(&mut child).await, Some(141));
    let mut child = ground.command(line).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines.next_line().await.unwrap().unwrap();
    send("TERM", &child).await;
    assert_eq!(ended(&mut child).await, Some(143));
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

/// A closed stdout cannot be told apart from one that the caller has opened to be discarded, which is no failure.
#[cfg(unix)]
#[tokio::test]
async fn output_to_nowhere_is_no_failure() {
    let ground = Ground::new("nowhere").await;
    for redirection in [">/dev/null", "1<>/dev/null", ">&-"] {
        let shell = format!("exec \"$0\" stack list {redirection}");
        let mut command = tokio::process::Command::new("sh");
        command
            .args(["-c", &shell, env!("CARGO_BIN_EXE_heat")])
            .env_clear()
            .envs(ground.sandbox.environment());
        let ran = Ran::from(command.output().await.unwrap());
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{redirection}");
    }
}
