//! Defects of python-heatclient's commands that are not copied: a test each for the better behaviour.
//!
//! The numbers are those of the project's list of defects. Those of the library are in
//! `tests/it/heatclient_defects.rs`, which also names the tests of this file.

use serde_json::{Value, json};

use crate::ground::{Ground, Ran};

async fn create(ground: &Ground, name: &str, options: &str) {
    let line = format!("stack create {name} -t t.yaml --wait --poll 0.05 {options}");
    ground.heat(&line).await.ok();
}

fn keys(json: &Value) -> Vec<&str> {
    let keys = json.as_object().unwrap().keys();
    keys.map(String::as_str).collect()
}

/// Python ignores `-c` in the commands whose default is JSON or YAML.
#[tokio::test]
async fn defect_b11_columns_can_be_chosen_in_every_command() {
    let ground = Ground::new("b11").await;
    create(&ground, "web", "").await;
    for (line, columns) in [
        (
            "stack template show web -c outputs -c parameters",
            vec!["parameters", "outputs"],
        ),
        (
            "orchestration template validate -t t.yaml -c Parameters",
            vec!["Parameters"],
        ),
        (
            "stack show web -c id -c stack_name",
            vec!["id", "stack_name"],
        ),
    ] {
        let json = ground.json(&format!("{line} -f json")).await;
        assert_eq!(keys(&json), columns, "{line}");
        let yaml = ground.heat(&format!("{line} -f yaml")).await.ok();
        let top = yaml.lines().filter(|line| !line.starts_with([' ', '-']));
        let top: Vec<_> = top.map(|line| line.split(':').next().unwrap()).collect();
        assert_eq!(top, columns, "{line}");
    }
}

/// Python fails on null beside text, sorts only what `--limit` left, and keeps only the last `--sort`.
#[tokio::test]
async fn defect_b12_lists_are_sorted_with_missing_values_and_by_several_keys() {
    let ground = Ground::new("b12").await;
    for name in ["b", "c", "a"] {
        create(&ground, name, "").await;
    }
    let update = "stack update c --existing --parameter word=new --wait --poll 0.05";
    ground.heat(update).await.ok();
    let names = async |options: &str| {
        let line = format!("stack list -f value -c stack_name {options}");
        let names = ground.heat(&line).await.ok();
        names.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        names("--sort updated_time --sort stack_name").await,
        "a b c"
    );
    assert_eq!(
        names("--sort updated_time:desc --sort stack_name:desc").await,
        "c b a"
    );
    assert_eq!(names("--sort stack_status,stack_name").await, "a b c");
    assert_eq!(
        names("--sort stack_status:desc --sort stack_name").await,
        "c a b"
    );
    // The newest stacks are a and c.
    assert_eq!(names("--sort stack_name --limit 2").await, "a b");
}

/// Python asks for the stacks of all projects, which ordinary users may not list.
#[tokio::test]
async fn defect_b13_a_long_list_is_that_of_the_project() {
    let ground = Ground::new("b13").await;
    create(&ground, "web", "").await;
    ground.sandbox.clear_requests();
    let list = ground.json("stack list --long -f json").await;
    assert_eq!(list[0]["Stack Name"], "web");
    assert!(keys(&list[0]).contains(&"Stack Owner"), "{list}");
    let requests = ground.sandbox.requests();
    let lists = requests
        .iter()
        .filter(|request| request.path.ends_with("/stacks"));
    let queries: Vec<_> = lists.map(|request| &*request.query).collect();
    assert_eq!(queries, [""]);
}

/// Python prints the events to stdout, before the JSON.
#[tokio::test]
async fn defect_b15_progress_is_not_in_the_output() {
    let ground = Ground::new("b15").await;
    let (create, update) = ("stack create web -t t.yaml", "stack update web --existing");
    for (line, status) in [(create, "CREATE_COMPLETE"), (update, "UPDATE_COMPLETE")] {
        let line = format!("{line} --wait --poll 0.05 -f json");
        let Ran { code, out, err } = ground.heat(&line).await;
        assert_eq!(code, Some(0), "{err}");
        let json: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(json["stack_status"], status);
        assert!(err.contains(&format!("[web]: {status}")), "{err}");
    }
    for (action, status) in [
        ("check", "CHECK_COMPLETE"),
        ("suspend", "SUSPEND_COMPLETE"),
        ("resume", "RESUME_COMPLETE"),
    ] {
        let line = format!("stack {action} web --wait --poll 0.05 -f value -c stack_status");
        assert_eq!(ground.heat(&line).await.ok(), format!("{status}\n"));
    }
    let deleted = ground.heat("stack delete -y web --wait --poll 0.05").await;
    assert_eq!(deleted.ok(), "");
}

/// Python drops `--tags ''` and a timeout of zero.
#[tokio::test]
async fn defect_b17_tags_can_be_removed_and_a_timeout_of_zero_is_an_error() {
    let ground = Ground::new("b17").await;
    create(&ground, "web", "--tags x,y").await;
    let tags = async || ground.json("stack show web -f json").await["tags"].clone();
    assert_eq!(tags().await, json!(["x", "y"]));
    let mut update = ground.command("stack update web -t t.yaml --wait --poll 0.05 --tags");
    let update = update.arg("").output().await.unwrap();
    Ran::from(update).ok();
    assert!([json!([]), Value::Null].contains(&tags().await));
    for line in [
        "stack create new -t t.yaml --timeout 0",
        "stack update web --existing --timeout 0",
        "stack adopt new --adopt-file t.yaml --timeout 0",
    ] {
        let Ran { code, out, err } = ground.heat(line).await;
        assert_eq!((code, &*out), (Some(2), ""), "{err}");
        assert!(err.contains("'0'") && err.contains("--timeout"), "{err}");
    }
}

/// Python does not send `converge` in a dry run.
#[tokio::test]
async fn defect_b18_converge_is_part_of_a_dry_run() {
    let ground = Ground::new("b18").await;
    create(&ground, "web", "").await;
    ground.sandbox.clear_requests();
    let update = "stack update web -t t.yaml --dry-run --converge -f json";
    ground.json(update).await;
    let requests = ground.sandbox.requests();
    let preview = requests
        .iter()
        .find(|request| request.path.ends_with("/preview"))
        .unwrap();
    let plain = "stack update web -t t.yaml --dry-run -f json";
    ground.json(plain).await;
    let requests = ground.sandbox.requests();
    let without = requests
        .iter()
        .rfind(|request| request.path.ends_with("/preview"))
        .unwrap();
    let converge = r#","converge":true"#.len();
    assert_eq!(preview.body_length, without.body_length + converge);
}
