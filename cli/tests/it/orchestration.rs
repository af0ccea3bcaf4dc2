//! What Heat offers: engines, template versions and functions, resource types. In both spellings.

use heatclient::sandbox::Fault;
use http::Method;
use serde_json::{Value, json};

use crate::ground::Ground;

fn column<'a>(list: &'a Value, name: &str) -> Vec<&'a str> {
    let rows = list.as_array().unwrap().iter();
    rows.map(|row| row[name].as_str().unwrap()).collect()
}

fn keys(json: &Value) -> Vec<&str> {
    let keys = json.as_object().unwrap().keys();
    keys.map(String::as_str).collect()
}

/// The cells of the first column of a table, without its title.
fn first_column(table: &str) -> Vec<&str> {
    let rows = table.lines().filter(|line| line.starts_with("| "));
    let cells = rows.map(|row| row.split('|').nth(1).unwrap().trim());
    cells.skip(1).collect()
}

#[tokio::test]
async fn template_versions_are_listed_with_their_aliases() {
    let ground = Ground::new("versions").await;
    let list = ground
        .json("orchestration template version list -f json")
        .await;
    assert_eq!(keys(&list[0]), ["Version", "Type", "Aliases"]);
    let named = list
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["Aliases"] != json!([]))
        .unwrap();
    let version = named["Version"].as_str().unwrap();
    let alias = named["Aliases"][0].as_str().unwrap();
    let table = ground
        .heat("orchestration template version list")
        .await
        .ok();
    let row = table.lines().find(|row| row.contains(version)).unwrap();
    let cells: Vec<_> = row.split('|').map(str::trim).collect();
    assert_eq!(cells, ["", version, "hot", alias, ""]);
    let value = ground
        .heat("orchestration template version list -f value -c Aliases")
        .await
        .ok();
    assert!(value.contains(&format!("[\"{alias}\"]\n")), "{value}");

    // The old table has no aliases and is sorted by type.
    let old = ground.heat("template-version-list").await.ok();
    assert_eq!(
        old.lines()
            .nth(1)
            .unwrap()
            .split('|')
            .map(str::trim)
            .collect::<Vec<_>>(),
        ["", "version", "type", ""]
    );
    let mut sorted: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            (
                row["Type"].as_str().unwrap(),
                row["Version"].as_str().unwrap(),
            )
        })
        .collect();
    sorted.sort_unstable();
    let names: Vec<_> = sorted.iter().map(|(_, name)| *name).collect();
    assert_eq!(first_column(&old), names);
}

/// python-heatclient decides by the second version about the column of aliases (B-19).
#[tokio::test]
async fn one_template_version_is_enough() {
    let ground = Ground::new("version").await;
    for (version, expected) in [
        (
            json!({"version": "a.1", "type": "hot"}),
            json!([{"Version": "a.1", "Type": "hot"}]),
        ),
        (
            json!({"version": "a.1", "type": "hot", "aliases": ["a.x", "a.y"]}),
            json!([{"Version": "a.1", "Type": "hot", "Aliases": ["a.x", "a.y"]}]),
        ),
    ] {
        let body = json!({"template_versions": [version]}).to_string();
        let headers = [("content-type", "application/json")];
        let only = ground
            .sandbox
            .fault(Fault::on(Method::GET, "/template_versions").status(200, &headers, body));
        assert_eq!(
            ground
                .json("orchestration template version list -f json")
                .await,
            expected
        );
        let table = ground
            .heat("orchestration template version list")
            .await
            .ok();
        assert_eq!(
            table.contains("| a.x,a.y |"),
            expected[0].get("Aliases").is_some(),
            "{table}"
        );
        assert_eq!(
            first_column(&ground.heat("template-version-list").await.ok()),
            ["a.1"]
        );
        only.remove();
    }
}

#[tokio::test]
async fn functions_of_a_version_are_listed() {
    let ground = Ground::new("functions").await;
    let version = "heat_template_version.2021-04-16";
    let line = format!("orchestration template function list {version}");
    let list = ground.json(&format!("{line} -f json")).await;
    assert_eq!(keys(&list[0]), ["Functions", "Description"]);
    let names = column(&list, "Functions");
    assert!(
        names.contains(&"get_attr") && !names.contains(&"not"),
        "{names:?}"
    );
    // The old table is sorted.
    let old = ground
        .heat(&format!("template-function-list {version}"))
        .await
        .ok();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    assert_eq!(first_column(&old), sorted);
    assert!(
        old.lines().nth(1).unwrap().starts_with("| functions "),
        "{old}"
    );

    for option in ["--with_conditions", "--with-conditions"] {
        ground.sandbox.clear_requests();
        let all = ground.json(&format!("{line} {option} -f json")).await;
        assert!(column(&all, "Functions").contains(&"not"), "{option}");
        let queried = ground
            .sandbox
            .count_where(|sent| sent.query == "with_condition_func=True");
        assert_eq!(queried, 1, "{option}");
    }
}

#[tokio::test]
async fn resource_types_are_listed() {
    let ground = Ground::new("types").await;
    let list = ground
        .json("orchestration resource type list -f json")
        .await;
    assert_eq!(keys(&list[0]), ["Resource Type"]);
    let names = column(&list, "Resource Type");
    assert!(
        names.is_sorted() && names.contains(&"OS::Heat::RandomString"),
        "{names:?}"
    );
    let old = ground.heat("resource-type-list").await.ok();
    assert_eq!(first_column(&old), names);
    assert!(
        old.lines().nth(1).unwrap().starts_with("| resource_type "),
        "{old}"
    );
    let long = ground
        .json("orchestration resource type list --long -f json")
        .await;
    assert_eq!(keys(&long[0]), ["Resource Type", "Description"]);
    assert!(
        column(&long, "Description")
            .iter()
            .any(|text| text.len() > 20)
    );

    for (line, query) in [
        (
            "orchestration resource type list --filter name=OS::Heat::R.*",
            "name=OS%3A%3AHeat%3A%3AR.*",
        ),
        (
            "orchestration resource type list --filter name=OS::Heat::Ra --filter support_status=SUPPORTED",
            "name=OS%3A%3AHeat%3A%3ARa&support_status=SUPPORTED",
        ),
        (
            "orchestration resource type list --filter name=OS::Heat::Ra;version=2014.1",
            "name=OS%3A%3AHeat%3A%3ARa&version=2014.1",
        ),
        (
            "resource-type-list -f name=OS::Heat::Ra;version=2014.1",
            "name=OS%3A%3AHeat%3A%3ARa&version=2014.1",
        ),
        (
            "resource-type-list --filters name=OS::Heat::Ra -f version=2014.1",
            "name=OS%3A%3AHeat%3A%3ARa&version=2014.1",
        ),
    ] {
        ground.sandbox.clear_requests();
        let out = ground.heat(line).await.ok();
        assert!(
            out.contains("OS::Heat::RandomString") && !out.contains("OS::Heat::Stack"),
            "{line}: {out}"
        );
        let requests = ground.sandbox.requests();
        let sent = requests
            .iter()
            .find(|sent| sent.path.ends_with("/resource_types"))
            .unwrap();
        let sent = sent
            .query
            .clone()
            .replace("::", "%3A%3A")
            .replace("%2A", "*");
        assert_eq!(sent, query, "{line}");
    }
}

#[tokio::test]
async fn a_resource_type_and_its_templates_are_shown() {
    let ground = Ground::new("type").await;
    let name = "OS::Heat::RandomString";
    let shown = ground
        .json(&format!("orchestration resource type show {name} -f json"))
        .await;
    assert_eq!(shown["resource_type"], name);
    assert!(shown["properties"]["length"].is_object());
    let yaml = ground
        .heat(&format!("orchestration resource type show {name}"))
        .await
        .ok();
    assert!(
        yaml.starts_with(&format!("resource_type: {name}\n")),
        "{yaml}"
    );
    assert_eq!(
        ground.json(&format!("resource-type-show {name}")).await,
        shown
    );
    let long = ground
        .json(&format!(
            "orchestration resource type show {name} --long -f json"
        ))
        .await;
    assert_eq!(long, shown);

    for (line, key, format) in [
        (
            "orchestration resource type show TYPE --template-type hot",
            "heat_template_version",
            "hot",
        ),
        (
            "orchestration resource type show TYPE --template-type CFN -f json",
            "HeatTemplateFormatVersion",
            "cfn",
        ),
        (
            "resource-type-template TYPE",
            "HeatTemplateFormatVersion",
            "cfn",
        ),
        (
            "resource-type-template TYPE -t hot -F JSON",
            "heat_template_version",
            "hot",
        ),
        (
            "resource-template TYPE -F yaml -t hot",
            "heat_template_version",
            "hot",
        ),
    ] {
        ground.sandbox.clear_requests();
        let line = line.replace("TYPE", name);
        let out = ground.heat(&line).await.ok();
        let json = line.to_lowercase().contains("json");
        assert!(
            out.contains(key) && out.starts_with('{') == json,
            "{line}: {out}"
        );
        let query = format!("template_type={format}");
        let queried = ground.sandbox.count_where(|sent| sent.query == query);
        assert_eq!(queried, 1, "{line}");
    }
    // The old tool sorts the keys of YAML.
    let old = ground
        .heat(&format!("resource-type-template {name}"))
        .await
        .ok();
    let tops = old
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with(' '));
    let tops: Vec<_> = tops.collect();
    assert!(tops.is_sorted(), "{tops:?}");
}

#[tokio::test]
async fn engines_are_listed_for_administrators() {
    let ground = Ground::new("engines").await;
    let admin = ground.sandbox.credentials_of("admin").unwrap();
    let environment = [
        ("OS_USERNAME", admin.username.as_str()),
        ("OS_PASSWORD", admin.password.as_str()),
        ("OS_PROJECT_NAME", admin.project_name.as_str()),
    ];
    let run = async |line: &str| {
        let output = ground
            .command(line)
            .envs(environment)
            .output()
            .await
            .unwrap();
        crate::ground::Ran::from(output).ok()
    };
    let list: Value =
        serde_json::from_str(&run("orchestration service list -f json").await).unwrap();
    assert_eq!(
        keys(&list[0]),
        [
            "Hostname",
            "Binary",
            "Engine ID",
            "Host",
            "Topic",
            "Updated At",
            "Status"
        ]
    );
    assert_eq!(
        (&list[0]["Binary"], &list[0]["Status"]),
        (&json!("heat-engine"), &json!("up"))
    );
    let old = run("service-list").await;
    let titles: Vec<_> = old
        .lines()
        .nth(1)
        .unwrap()
        .split('|')
        .map(str::trim)
        .collect();
    assert_eq!(
        titles,
        [
            "",
            "hostname",
            "binary",
            "engine_id",
            "host",
            "topic",
            "updated_at",
            "status",
            ""
        ]
    );

    let body = r#"{"code": 503, "title": "Service Unavailable", "error": {"message": "All heat engines are down."}}"#;
    let down = Fault::on(Method::GET, "/services").status(
        503,
        &[("content-type", "application/json")],
        body,
    );
    let _down = ground.sandbox.fault(down);
    let output = ground
        .command("service-list")
        .envs(environment)
        .output()
        .await
        .unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(err.contains("All heat engines are down."), "{err}");
}

#[tokio::test]
async fn wrong_command_lines_have_one_message() {
    let ground = Ground::new("orchestration-wrong").await;
    for (line, code, message) in [
        (
            "orchestration template function list nope",
            1,
            "ERROR: Template version not found: nope",
        ),
        (
            "template-function-list nope",
            1,
            "ERROR: Template version not found: nope",
        ),
        (
            "orchestration resource type show No::Such",
            1,
            "ERROR: Resource type not found: No::Such",
        ),
        (
            "resource-type-show No::Such",
            1,
            "ERROR: Resource Type not found: No::Such",
        ),
        (
            "resource-type-template No::Such",
            1,
            "ERROR: Resource Type No::Such not found.",
        ),
        (
            "orchestration resource type show No::Such --template-type hot",
            1,
            "ERROR: Resource type not found: No::Such",
        ),
        (
            "orchestration resource type show OS::Heat::None --template-type yaml",
            1,
            "ERROR: Template type invalid: yaml; use hot or cfn",
        ),
        (
            "resource-template OS::Heat::None -t x",
            1,
            "ERROR: Template type invalid: x; use hot or cfn",
        ),
        (
            "orchestration resource type show OS::Heat::None --template-type hot --long",
            1,
            "ERROR: Cannot use --template-type and --long in one time.",
        ),
        (
            "orchestration resource type list --filter nope",
            1,
            "ERROR: Malformed parameter(nope). Use the key=value format.",
        ),
        (
            "resource-type-list -f name=a -f nope",
            1,
            "ERROR: Malformed parameter(nope). Use the key=value format.",
        ),
        (
            "orchestration resource type list -c nope",
            1,
            "ERROR: No recognized column names in ['nope']. Recognized columns are ['Resource Type'].",
        ),
        // Only administrators may see the engines.
        (
            "orchestration service list",
            1,
            "ERROR: list services: 403 Forbidden: ",
        ),
        ("service-list", 1, "ERROR: list services: 403 Forbidden: "),
    ] {
        let ran = ground.heat(line).await;
        assert_eq!(
            (ran.code, ran.out.as_str()),
            (Some(code), ""),
            "{line}: {}",
            ran.err
        );
        assert!(ran.err.starts_with(message), "{line}: {}", ran.err);
        assert_eq!(ran.err.lines().count(), 1, "{line}: {}", ran.err);
    }
    for (line, start) in [
        (
            "orchestration template function list",
            "ERROR: the following required arguments were not provided:\n  <VERSION>\n",
        ),
        (
            "template-function-list v --with-conditions",
            "ERROR: unexpected argument '--with-conditions' found\n",
        ),
        (
            "orchestration resource type show",
            "ERROR: the following required arguments were not provided:\n  <TYPE>\n",
        ),
        (
            "resource-type-template T -F xml",
            "ERROR: invalid value 'xml' for '--format <FORMAT>'\n",
        ),
        (
            "orchestration service list -f shell",
            "ERROR: invalid value 'shell' for '--format <FORMAT>'\n",
        ),
        (
            "service-list extra",
            "ERROR: unexpected argument 'extra' found\n",
        ),
    ] {
        let ran = ground.heat(line).await;
        assert_eq!(
            (ran.code, ran.out.as_str()),
            (Some(2), ""),
            "{line}: {}",
            ran.err
        );
        assert!(ran.err.starts_with(start), "{line}: {}", ran.err);
    }
}
