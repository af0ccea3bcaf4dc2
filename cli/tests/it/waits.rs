//! Waits for deployments, for several stacks and for actions that were requested before; command lines that messages name.

use std::time::Duration;

use heatclient::heat::{DeploymentUpdate, Status};
use heatclient::loading::plugin_loader;
use heatclient::sandbox::Fault;
use heatclient::{Client, Session};
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
            .heat(&format!("{line}x --wait --poll 0.05 --wait-timeout 0.2"))
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
    assert_eq!(lines[2], "ERROR: Unable to delete 2 of the 2 stacks.");
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
    let lost = |method| Fault::within(method, "/stacks").after_handling().reset();
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
            "stack delete -y web",
            Method::DELETE,
            "DELETE of stack web may have started; check with: heat stack show web",
        ),
    ] {
        let fault = ground.sandbox.fault(lost(method));
        let ran = ground.heat(line).await;
        assert_eq!(ran.code, Some(1), "{line}: {}", ran.err);
        assert!(ran.err.trim_end().ends_with(note), "{line}: {}", ran.err);
        fault.remove();
    }
}
