//! Waits for deployments, for several stacks and for actions that were requested before; command lines that messages name.

use std::time::Duration;

use heatclient::heat::{DeploymentUpdate, Status};
use heatclient::loading::plugin_loader;
use heatclient::sandbox::Fault;
use heatclient::{Client, Session};
use heatclient_test_support::time::HANG;
use http::Method;

use crate::ground::{Ground, Ran, interrupt};

fn client(ground: &Ground) -> Client {
    let auth = plugin_loader("password").unwrap();
    let auth = auth.load(ground.sandbox.options()).unwrap();
    Client::new(Session::new(auth))
}

/// The id of the only deployment with this server, as soon as it exists.
async fn deployment(heat: &Client, server: &str) -> String {
    loop {
        let list = heat.software_deployments().list().server(server).await;
        if let Some(found) = list.unwrap().first() {
            return found.id.clone();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn deployments_are_waited_for() {
    let ground = Ground::new("wait-deployment").await;
    let heat = client(&ground);
    for (status, code) in [(Status::Complete, 0), (Status::Failed, 1)] {
        let create = format!(
            "software deployment create d --server {status} --signal-transport NO_SIGNAL --wait --poll 0.05 -f json"
        );
        let child = ground.command(&create).spawn().unwrap();
        let id = deployment(&heat, status.as_str()).await;
        let update = DeploymentUpdate::new()
            .status(status.clone())
            .stderr("cannot install")
            .status_code(2);
        heat.software_deployments()
            .update(&id, update)
            .await
            .unwrap();
        let ran = Ran::from(child.wait_with_output().await.unwrap());
        assert_eq!(ran.code, Some(code), "{}", ran.err);
        match status {
            Status::Complete => {
                let shown: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
                assert_eq!(shown["status"], "COMPLETE");
                assert_eq!(ran.err, "");
            }
            _ => assert!(
                ran.err.ends_with(&format!(
                    "    deployment {id}: FAILED, exit status 2\n    deploy_stderr:\n      cannot install\n"
                )),
                "{}",
                ran.err
            ),
        }
    }
    for (line, show) in [
        (
            "software deployment create d --server s1 --signal-transport NO_SIGNAL",
            "software deployment show",
        ),
        ("deployment-create d -s s2 -t NO_SIGNAL", "deployment-show"),
    ] {
        let server = if line.contains("s1") { "s1" } else { "s2" };
        let child = ground
            .command(&format!("{line} --wait --poll 0.05"))
            .spawn()
            .unwrap();
        let id = deployment(&heat, server).await;
        // The first poll.
        while !polled(&ground, &id) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        interrupt(&child).await;
        let ran = Ran::from(child.wait_with_output().await.unwrap());
        let note =
            format!("interrupted; deployment {id} continues. Check with: heat {show} {id}\n");
        assert_eq!((ran.code, ran.err), (Some(130), note), "{line}");
        let ran = ground
            .heat(&format!("{line} --wait --poll 0.05 --wait-timeout 0.2"))
            .await;
        assert_eq!(ran.code, Some(124), "{}", ran.err);
    }
}

fn polled(ground: &Ground, id: &str) -> bool {
    let end = format!("/software_deployments/{id}");
    ground
        .sandbox
        .count_where(|request| request.path.ends_with(&end))
        > 0
}

#[tokio::test]
async fn several_stacks_have_one_exit_code() {
    let ground = Ground::new("wait-several").await;
    for name in ["a", "b"] {
        ground
            .heat(&format!("stack create {name} -t t.yaml --wait --poll 0.05"))
            .await
            .ok();
    }
    ground.heat("stack create bad -t fail.yaml").await.ok();
    let ran = ground
        .heat("-q stack wait a bad b --poll 0.05 -f value")
        .await;
    assert_eq!(
        (ran.code, ran.out.lines().count()),
        (Some(1), 2),
        "{}",
        ran.err
    );
    let [reason, last] = ran.err.lines().collect::<Vec<_>>()[..] else {
        panic!("{}", ran.err)
    };
    assert!(
        reason.starts_with("ERROR: stack \"bad\": CREATE_FAILED: resource bad "),
        "{reason}"
    );
    assert_eq!(last, "ERROR: Unable to wait for 1 of the 3 stacks.");
    // All of them take too long.
    ground.sandbox.set_stack_delay(Duration::from_secs(3600));
    let ran = ground
        .heat("-q stack delete -y a b --wait --poll 0.05 --wait-timeout 0.5")
        .await;
    assert_eq!(ran.code, Some(124), "{}", ran.err);
    let lines: Vec<_> = ran.err.lines().collect();
    assert!(
        lines[0].ends_with("Wait for it with: heat stack wait --action delete a"),
        "{lines:?}"
    );
    assert_eq!(lines[2], "ERROR: 2 of the 2 stacks are still in progress.");
    ground
        .heat("stack wait none")
        .await
        .failed(1, "ERROR: Stack not found: none");
    let ran = ground.heat("stack wait a --action destroy").await;
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.err
            .starts_with("ERROR: invalid value 'destroy' for '--action <ACTION>'"),
        "{}",
        ran.err
    );
}

#[tokio::test]
async fn named_command_lines_choose_the_same_cloud() {
    let ground = Ground::new("wait-cloud").await;
    ground.sandbox.set_stack_delay(Duration::from_secs(3600));
    let (url, id) = (
        ground.sandbox.auth_url(),
        ground.sandbox.project_id("demo").unwrap(),
    );
    let line = format!(
        "-q stack create web -t t.yaml --wait --poll 0.05 --wait-timeout 0.5 --os-auth-url {url} --os-username demo \
         --os-password demo --os-project-id {id} --os-user-domain-name Default --os-interface public"
    );
    let mut command = ground.command(&line);
    for name in [
        "OS_AUTH_URL",
        "OS_USERNAME",
        "OS_PASSWORD",
        "OS_PROJECT_NAME",
    ] {
        command.env_remove(name);
    }
    let ran = Ran::from(command.output().await.unwrap());
    assert_eq!(ran.code, Some(124), "{}", ran.err);
    let named = ran
        .err
        .trim_end()
        .rsplit_once("Wait for it with: heat ")
        .unwrap()
        .1
        .to_owned();
    assert!(
        named.ends_with(" stack wait --action create web"),
        "{named}"
    );
    assert!(!named.contains("password"), "{named}");
    // With the password it works.
    let mut command = ground.command(&format!("-q {named} --wait-timeout 0.5"));
    for name in ["OS_AUTH_URL", "OS_USERNAME", "OS_PROJECT_NAME"] {
        command.env_remove(name);
    }
    let again = Ran::from(command.output().await.unwrap());
    assert_eq!(again.code, Some(124), "{}", again.err);
    assert!(again.err.trim_end().ends_with(&named), "{}", again.err);
}

#[tokio::test]
async fn a_change_without_an_answer_says_how_to_check_it() {
    let ground = Ground::new("wait-lost").await;
    ground
        .heat("stack create web -t t.yaml --wait --poll 0.05")
        .await
        .ok();
    for (line, method, note) in [
        (
            "stack suspend web",
            Method::POST,
            "SUSPEND of stack web may have started; check with: heat stack show web",
        ),
        (
            "action-check web",
            Method::POST,
            "CHECK of stack web may have started; check with: heat stack-show web",
        ),
        (
            "stack update web -t t.yaml",
            Method::PUT,
            "UPDATE of stack web may have started; check with: heat stack show web",
        ),
        (
            "stack snapshot create web",
            Method::POST,
            "SNAPSHOT of stack web may have started; check with: heat stack snapshot list web",
        ),
        (
            "stack-restore web s",
            Method::POST,
            "RESTORE of stack web may have started; check with: heat stack-show web",
        ),
        (
            "stack snapshot delete -y web s",
            Method::DELETE,
            "snapshot s of stack web may have been deleted; check with: heat stack snapshot list web",
        ),
        (
            "resource-signal web thing",
            Method::POST,
            "the signal to resource thing of stack web may have been sent; check with: heat event-list web --resource thing",
        ),
        (
            "stack resource mark unhealthy web thing",
            Method::PATCH,
            "resource thing of stack web may have been marked; check with: heat stack resource show web thing",
        ),
        (
            "software config create c",
            Method::POST,
            "the software config may have been created; check with: heat software config list",
        ),
        (
            "config-delete c",
            Method::DELETE,
            "software configs may have been deleted; check with: heat config-list",
        ),
        (
            "stack delete -y web",
            Method::DELETE,
            "DELETE of stack web may have started; check with: heat stack show web",
        ),
    ] {
        let path = match line.contains("config") {
            true => "/software_configs",
            false => "/stacks",
        };
        let lost = Fault::within(method, path).after_handling().reset();
        let fault = ground.sandbox.fault(lost);
        let ran = ground.heat(line).await;
        assert_eq!(ran.code, Some(1), "{line}: {}", ran.err);
        assert!(ran.err.trim_end().ends_with(note), "{line}: {}", ran.err);
        fault.remove();
    }
}

/// Sets the status of a stack that the tool sees.
pub(crate) async fn pretend(ground: &Ground, name: &str, status: &str) {
    let stack = client(ground).stacks().get(name).await.unwrap();
    let path = format!("/stacks/{name}/{}", stack.id);
    let mut shown = stack.into_raw();
    shown.insert("stack_status".to_owned(), status.into());
    let body = serde_json::json!({"stack": shown}).to_string();
    let fault = Fault::within(Method::GET, &path).status(200, &[], body);
    ground.sandbox.fault(fault);
}

#[tokio::test]
async fn actions_on_several_stacks_are_started_and_then_waited_for() {
    let ground = Ground::new("actions-several").await;
    for name in ["a", "b", "c", "d"] {
        ground
            .heat(&format!("stack create {name} -t t.yaml --wait --poll 0.05"))
            .await
            .ok();
    }
    let columns = "-f value -c stack_name -c stack_status";
    for action in ["suspend", "resume", "check"] {
        ground.sandbox.clear_requests();
        let status = format!("{}_COMPLETE", action.to_uppercase());
        let line = format!("-q stack {action} c a b --wait --poll 0.05 {columns}");
        let shown = ground.heat(&line).await.ok();
        // The rows have the order of the arguments.
        assert_eq!(shown, format!("c {status}\na {status}\nb {status}\n"));
        let sent = ground.sent();
        let is_post = |line: &&String| line.starts_with("POST");
        let last_post = sent.iter().rposition(|line| is_post(&line)).unwrap();
        let polls = sent[..last_post].iter();
        let polls = polls.filter(|line| line.matches('/').count() == 2).count();
        assert_eq!(
            (sent.iter().filter(is_post).count(), polls),
            (3, 0),
            "{sent:?}"
        );
    }
    // One does not exist, one fails, one never ends.
    pretend(&ground, "b", "SUSPEND_FAILED").await;
    pretend(&ground, "d", "SUSPEND_IN_PROGRESS").await;
    pretend(&ground, "c", "SUSPEND_COMPLETE").await;
    for (stacks, code, rows, errors) in [
        (
            "none a b c",
            1,
            "a SUSPEND_COMPLETE\nc SUSPEND_COMPLETE\n",
            &[
                "ERROR: Stack not found: none",
                "ERROR: stack \"b\": SUSPEND_FAILED",
                "ERROR: Unable to suspend 2 of the 4 stacks.",
            ][..],
        ),
        (
            "c d --wait-timeout 5",
            124,
            "c SUSPEND_COMPLETE\n",
            &[
                "ERROR: wait for SUSPEND of stack \"d\": timed out after 5s; ",
                "ERROR: 1 of the 2 stacks are still in progress.",
            ],
        ),
        ("none", 1, "", &["ERROR: Stack not found: none"]),
    ] {
        let line = format!("-q stack suspend {stacks} --wait --poll 0.05 {columns}");
        let ran = ground.heat(&line).await;
        let lines: Vec<_> = ran.err.lines().collect();
        assert_eq!(
            (ran.code, ran.out.as_str()),
            (Some(code), rows),
            "{lines:?}"
        );
        let is_told = |error: &&str| lines.iter().any(|line| line.starts_with(*error));
        assert!(errors.iter().all(is_told), "{stacks}: {lines:?}");
        assert_eq!(lines.len(), errors.len(), "{lines:?}");
    }
    // Without --wait.
    ground.sandbox.clear_faults();
    let ran = ground.heat(&format!("stack resume none a {columns}")).await;
    assert_eq!(
        (ran.code, ran.out.lines().count()),
        (Some(1), 1),
        "{}",
        ran.err
    );
    assert!(
        ran.err
            .ends_with("ERROR: Unable to resume 1 of the 2 stacks.\n"),
        "{}",
        ran.err
    );
}

#[tokio::test]
async fn a_wait_for_many_stacks_sends_few_requests_at_a_time() {
    let ground = Ground::new("many").await;
    let held = Fault::within(Method::GET, "/stacks/").no_answer();
    let held = ground.sandbox.fault(held);
    let names: Vec<String> = (0..40).map(|number| format!("s{number}")).collect();
    let line = format!("stack wait {}", names.join(" "));
    let child = ground.command(&line).spawn().unwrap();
    let all_sent = async {
        while held.hits() < 16 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(HANG, all_sent).await.unwrap();
    interrupt(&child).await;
    let ran = Ran::from(child.wait_with_output().await.unwrap());
    assert_eq!((ran.code, held.hits()), (Some(130), 16), "{}", ran.err);
    let named = format!(
        "interrupted; the action of stacks {} continues. Wait for it with: heat stack wait {}\n",
        names.join(", "),
        names.join(" ")
    );
    assert_eq!(ran.err, named);
}
