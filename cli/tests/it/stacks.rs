//! Stacks: create, list, show, update, delete, adopt.

use serde_json::{Value, json};

use crate::ground::{Ground, Ran, TEMPLATE, bare};

#[tokio::test]
async fn a_stack_is_made_shown_changed_and_deleted() {
    let ground = Ground::new("life").await;
    let created = ground
        .heat("stack create web -t t.yaml --parameter word=a;b=c --tags x,y --wait --poll 0.05 -f json")
        .await;
    for line in [
        "[web]: CREATE_IN_PROGRESS  ",
        "[web.thing]: CREATE_COMPLETE  ",
        "[web]: CREATE_COMPLETE  ",
    ] {
        assert!(created.err.contains(line), "{}", created.err);
    }
    let created: Value = serde_json::from_str(&created.ok()).unwrap();
    assert_eq!(created["stack_status"], "CREATE_COMPLETE");
    let keys: Vec<_> = created.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "id",
            "stack_name",
            "description",
            "creation_time",
            "updated_time",
            "stack_status",
            "stack_status_reason"
        ]
    );

    let shown = ground.json("stack show web -f json").await;
    assert_eq!(shown["id"], created["id"]);
    assert_eq!(shown["parameters"]["word"], "a;b=c");
    assert_eq!(shown["tags"], json!(["x", "y"]));
    assert_eq!(shown["outputs"][0]["output_key"], "said");
    assert!(
        !shown
            .as_object()
            .unwrap()
            .contains_key("template_description")
    );

    let id = created["id"].as_str().unwrap();
    for stack in ["web".to_owned(), id.to_owned(), format!("web/{id}")] {
        let value = ground
            .heat(&format!(
                "stack output show {stack} said -f value -c output_value"
            ))
            .await;
        assert_eq!(value.ok(), "a;b=c\n", "{stack}");
    }
    let value = ground
        .heat("stack output show web pair -f value -c output_value")
        .await;
    assert_eq!(value.ok(), "[\"a;b=c\", 1]\n");
    assert_eq!(ground.heat("output-show web said").await.ok(), "a;b=c\n");

    let update = "stack update web --existing --parameter word=new --wait --poll 0.05 -f value -c stack_status";
    assert_eq!(ground.heat(update).await.ok(), "UPDATE_COMPLETE\n");
    assert_eq!(ground.heat("output-show web said").await.ok(), "new\n");
    let suspended = ground
        .heat("stack suspend web --wait --poll 0.05 -f csv -c stack_status")
        .await;
    assert_eq!(suspended.ok(), "\"Stack Status\"\n\"SUSPEND_COMPLETE\"\n");

    let deleted = ground.heat("stack delete web --wait --poll 0.05").await;
    assert_eq!(deleted.ok(), "");
    assert_eq!(ground.heat("stack list").await.ok(), "\n");
}

#[tokio::test]
async fn every_format_is_the_older_clients() {
    let ground = Ground::new("formats").await;
    ground
        .heat("stack create one -t t.yaml --wait --poll 0.05")
        .await
        .ok();
    let list = "stack list -c stack_name -c STACK_STATUS";
    for (options, expected) in [
        (
            "",
            "+------------+-----------------+\n\
             | Stack Name | Stack Status    |\n\
             +------------+-----------------+\n\
             | one        | CREATE_COMPLETE |\n\
             +------------+-----------------+\n",
        ),
        (
            "-f json",
            "[\n  {\n    \"Stack Name\": \"one\",\n    \"Stack Status\": \"CREATE_COMPLETE\"\n  }\n]\n",
        ),
        (
            "-f json --noindent",
            "[{\"Stack Name\": \"one\", \"Stack Status\": \"CREATE_COMPLETE\"}]\n",
        ),
        (
            "-f yaml",
            "- Stack Name: one\n  Stack Status: CREATE_COMPLETE\n",
        ),
        ("-f value", "one CREATE_COMPLETE\n"),
        (
            "-f csv",
            "\"Stack Name\",\"Stack Status\"\n\"one\",\"CREATE_COMPLETE\"\n",
        ),
        (
            "-f csv --quote none",
            "Stack Name,Stack Status\none,CREATE_COMPLETE\n",
        ),
    ] {
        assert_eq!(
            ground.heat(&format!("{list} {options}")).await.ok(),
            expected,
            "{options}"
        );
    }
    let show = ground
        .heat("stack show one -f shell --prefix my_ -c stack_name -c description")
        .await;
    assert_eq!(
        show.ok(),
        "my_stack_name=\"one\"\nmy_description=\"a test\"\n"
    );
    assert_eq!(
        ground.heat("output-list one").await.ok(),
        "+------------+----------------------+\n\
         | output_key | description          |\n\
         +------------+----------------------+\n\
         | pair       | No description given |\n\
         | said       | the word             |\n\
         +------------+----------------------+\n"
    );
    let show = ground.heat("stack-show one").await.ok();
    assert!(
        show.lines().nth(1).unwrap().starts_with("| Property "),
        "{show}"
    );
    let narrow = ground
        .command("stack list")
        .env("CLIFF_MAX_TERM_WIDTH", "80")
        .output()
        .await
        .unwrap();
    let narrow = Ran::from(narrow).ok();
    assert!(
        narrow.lines().all(|line| line.chars().count() <= 80),
        "{narrow}"
    );
}

#[tokio::test]
async fn of_several_stacks_each_is_deleted_or_counted() {
    let ground = Ground::new("several").await;
    for name in ["one", "two"] {
        ground
            .heat(&format!("stack create {name} -t t.yaml --wait --poll 0.05"))
            .await
            .ok();
    }
    let ran = ground
        .heat("-q stack delete -y one nope two gone --wait --poll 0.05")
        .await;
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    let lines: Vec<_> = ran.err.lines().collect();
    assert!(
        lines[0].starts_with("ERROR: Stack not found: nope"),
        "{}",
        ran.err
    );
    assert!(
        lines[1].starts_with("ERROR: Stack not found: gone"),
        "{}",
        ran.err
    );
    assert_eq!(lines[2..], ["ERROR: Unable to delete 2 of the 4 stacks."]);
    assert_eq!(ground.json("stack list -f json").await, json!([]));
}

#[tokio::test]
async fn a_stack_is_adopted() {
    let ground = Ground::new("adopt").await;
    let template = TEMPLATE.trim_start().replace('\n', "\n  ");
    let data = format!(
        "resources: {{thing: {{resource_id: old-thing}}}}\n\
         environment: {{parameters: {{word: left}}}}\n\
         template:\n  {template}"
    );
    std::fs::write(ground.directory.join("left.yaml"), data).unwrap();
    std::fs::write(ground.directory.join("bad.json"), "{\"template\": }").unwrap();
    let adopt = "stack adopt web --adopt-file left.yaml --timeout 7 --wait --poll 0.05";
    let adopted = ground
        .heat(&format!("{adopt} -f value -c stack_status"))
        .await;
    assert!(
        adopted.err.contains("[web.thing]: ADOPT_COMPLETE  "),
        "{}",
        adopted.err
    );
    assert_eq!(adopted.ok(), "ADOPT_COMPLETE\n");
    assert_eq!(ground.heat("output-show web said").await.ok(), "left\n");
    assert_eq!(
        ground.json("stack show web -f json").await["timeout_mins"],
        7
    );
    let id = ground
        .heat("stack resource show web thing -f value -c physical_resource_id")
        .await;
    assert_eq!(id.ok(), "old-thing\n");

    let old = ground
        .heat("stack-adopt -a left.yaml -t 8 -r -P word=typed old")
        .await
        .ok();
    assert!(
        old.starts_with("+--") && old.contains("| old        | ADOPT_"),
        "{old}"
    );
    let old = ground.json("stack show old -f json").await;
    assert_eq!(
        (
            &old["timeout_mins"],
            &old["disable_rollback"],
            &old["parameters"]["word"]
        ),
        (&json!(8), &json!(false), &json!("typed"))
    );

    for (file, message) in [
        (
            "t.yaml",
            "ERROR: adopt stack \"new\": the data to adopt has no template; \
             pass the data that abandoning or exporting a stack returned",
        ),
        (
            "bad.json",
            "ERROR: adopt file bad.json: expected value at line 1 column 14",
        ),
        (
            "nope",
            "ERROR: nope cannot be read: No such file or directory",
        ),
    ] {
        let line = format!("stack adopt new --adopt-file {file}");
        ground.heat(&line).await.failed(1, message);
    }
}

#[tokio::test]
async fn a_dry_run_changes_nothing() {
    let ground = Ground::new("dry").await;
    let preview = ground
        .json("stack create web -t t.yaml --dry-run -f json")
        .await;
    assert_eq!(preview["stack_name"], "web");
    assert_eq!(ground.json("stack list -f json").await, json!([]));
    ground
        .heat("stack create web -t t.yaml --wait --poll 0.05")
        .await
        .ok();
    let changes = ground
        .json("stack update web -t t.yaml --dry-run -f json")
        .await;
    let keys: Vec<_> = changes.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        ["added", "deleted", "replaced", "unchanged", "updated"]
    );
    assert_eq!(
        ground
            .heat("stack show web -f value -c updated_time")
            .await
            .ok(),
        "None\n"
    );
}

#[tokio::test]
async fn a_cold_list_takes_two_requests_and_tells_no_secrets() {
    let ground = Ground::new("requests").await;
    let ran = ground.heat("--debug -v stack list").await;
    let paths: Vec<_> = ground
        .sandbox
        .requests()
        .iter()
        .map(|request| request.path.clone())
        .collect();
    assert_eq!(paths.len(), 2, "{paths:?}");
    let password = ground.sandbox.credentials().password;
    assert!(ran.err.contains("status=200"), "{}", ran.err);
    assert!(
        !ran.err.contains(&format!("\"{password}\"")) && !ran.err.contains("gAAAA"),
        "{}",
        ran.err
    );
}

#[tokio::test]
async fn an_endpoint_and_a_token_need_no_keystone() {
    let ground = Ground::new("token").await;
    let session = heatclient_test_support::builder(&ground.sandbox).build();
    let access = session.access().await.unwrap().unwrap();
    ground.sandbox.clear_requests();
    let mut command = bare();
    command
        .env("OS_AUTH_TOKEN", access.token().expose())
        .env("HEAT_URL", ground.sandbox.orchestration_url())
        .args(["stack", "list", "-f", "json"]);
    assert_eq!(Ran::from(command.output().await.unwrap()).ok(), "[]\n");
    assert_eq!(ground.sandbox.requests().len(), 1);
    assert_eq!(ground.sandbox.logins(), 0);
}
