//! Software configs and deployments, in both spellings.

use std::sync::Arc;

use heatclient::heat::DeploymentUpdate;
use heatclient::secret::Secret;
use heatclient::{Client, Session, loading};
use heatclient_test_support::scripted::{Scripted, Seen, answer, json as json_answer};
use serde_json::{Value, json};

use crate::ground::{Ground, Ran, bare};

const DEFINITION: &str = "
inputs:
- {name: who, default: wörld}
- {name: n, type: Number, default: 5}
outputs:
- {name: greeting}
options: {dry: true}
";

fn keys(json: &Value) -> Vec<&str> {
    let keys = json.as_object().unwrap().keys();
    keys.map(String::as_str).collect()
}

/// The ID that a create with `-f value -c id` or a JSON document shows.
fn id(out: &str) -> String {
    match serde_json::from_str::<Value>(out) {
        Ok(json) => json["id"].as_str().unwrap().to_owned(),
        Err(_) => out.trim_end().to_owned(),
    }
}

async fn with_files(name: &str) -> Ground {
    let ground = Ground::new(name).await;
    std::fs::write(ground.directory.join("def.yaml"), DEFINITION).unwrap();
    std::fs::write(
        ground.directory.join("script"),
        "#!/bin/sh\necho \"$who\"\n",
    )
    .unwrap();
    ground
}

fn client(ground: &Ground) -> Client {
    let auth = loading::plugin_loader("password").unwrap();
    Client::new(Session::new(auth.load(ground.sandbox.options()).unwrap()))
}

#[tokio::test]
async fn a_config_is_created_shown_listed_and_deleted() {
    let ground = with_files("config").await;
    let line = "software config create greet --config-file script --definition-file def.yaml --group script";
    let created = ground.json(line).await;
    assert_eq!(created["config"], "#!/bin/sh\necho \"$who\"\n");
    assert_eq!(created["inputs"][0]["default"], "wörld");
    assert_eq!(created["options"], json!({"dry": true}));
    let id = created["id"].as_str().unwrap();

    let shown = ground
        .json(&format!("software config show {id} -f json"))
        .await;
    let columns = [
        "id",
        "name",
        "group",
        "config",
        "inputs",
        "outputs",
        "options",
        "creation_time",
    ];
    assert_eq!(keys(&shown), columns);
    assert_eq!(shown["config"], created["config"]);
    let yaml = ground
        .heat(&format!("software config show {id}"))
        .await
        .ok();
    assert!(
        yaml.starts_with(&format!(
            "id: {id}\nname: greet\ngroup: script\nconfig: '#!/bin/sh\n\n  echo"
        )),
        "{yaml}"
    );
    for line in [
        format!("software config show {id} --config-only"),
        format!("config-show -c {id}"),
    ] {
        assert_eq!(
            ground.heat(&line).await.ok(),
            "#!/bin/sh\necho \"$who\"\n\n",
            "{line}"
        );
    }
    // The old tool prints all that Heat sent, with ASCII characters only.
    let old = ground.heat(&format!("config-show {id}")).await.ok();
    assert!(old.starts_with("{\n  \"id\": "), "{old}");
    assert!(old.contains("\"default\": \"w\\u00f6rld\""), "{old}");
    assert_eq!(serde_json::from_str::<Value>(&old).unwrap(), created);

    let list = format!("+---+\n| {id} |");
    let listed = ground.heat("config-list").await.ok();
    assert!(
        listed.contains(list.split_once('\n').unwrap().1),
        "{listed}"
    );
    assert!(
        listed.lines().nth(1).unwrap().starts_with("| id "),
        "{listed}"
    );
    assert_eq!(
        ground
            .heat("software config list -f value -c name -c group")
            .await
            .ok(),
        "greet script\n"
    );

    assert_eq!(
        ground
            .heat(&format!("software config delete {id}"))
            .await
            .ok(),
        ""
    );
    assert_eq!(ground.heat("software config list").await.ok(), "\n");
    let empty = "+----+------+-------+---------------+\n| id | name | group | creation_time |\n\
                 +----+------+-------+---------------+\n+----+------+-------+---------------+\n";
    assert_eq!(ground.heat("config-list").await.ok(), empty);
}

#[tokio::test]
async fn a_config_comes_from_urls_and_stdin_too() {
    let ground = with_files("config-sources").await;
    let files = Scripted::start(|seen: &Seen| match seen.path.as_str() {
        "/script" => answer("200 OK", "", "from afar"),
        "/def.json" => answer("200 OK", "", r#"{"inputs": [{"name": "far"}]}"#),
        _ => answer("404 Not Found", "", ""),
    })
    .await;
    let far = format!("config-create far -c {0}/script -f {0}/def.json", files.url);
    let created = ground.json(&far).await;
    assert_eq!(
        (&created["config"], &created["inputs"][0]["name"]),
        (&json!("from afar"), &json!("far"))
    );
    assert_eq!(created["group"], "Heat::Ungrouped");
    // The token is for Heat only.
    assert!(
        files
            .seen()
            .iter()
            .all(|seen| seen.header("x-auth-token").is_none())
    );
    let missing = ground
        .heat(&format!("config-create far -c {}/nope", files.url))
        .await;
    assert_eq!((missing.code, missing.out.as_str()), (Some(1), ""));
    assert!(
        missing.err.contains("/nope") && missing.err.contains("404"),
        "{}",
        missing.err
    );

    let mut child = ground.command("config-create near -c -");
    let mut child = child.stdin(std::process::Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut input, b"typed")
        .await
        .unwrap();
    drop(input);
    let typed = Ran::from(child.wait_with_output().await.unwrap()).ok();
    assert_eq!(
        serde_json::from_str::<Value>(&typed).unwrap()["config"],
        "typed"
    );
    // Empty paths and definitions count as not given.
    std::fs::write(ground.directory.join("empty"), "").unwrap();
    let bare = ground
        .json("software config create bare --config-file= --definition-file empty")
        .await;
    assert_eq!((&bare["config"], &bare["inputs"]), (&json!(""), &json!([])));
}

/// Limit and marker are sent. 0 and an empty text count as not given.
#[tokio::test]
async fn the_list_of_configs_is_limited() {
    let ground = with_files("config-limit").await;
    let mut ids = Vec::new();
    for name in ["a", "b", "c"] {
        let line = format!("software config create {name} -f value -c id");
        ids.push(id(&ground.heat(&line).await.ok()));
    }
    let newest = ids.pop().unwrap();
    for (line, names, query) in [
        ("software config list --limit 2", "c b", "limit=2"),
        ("software config list --limit 0 --marker=", "c b a", ""),
        (
            "software config list --marker NEWEST",
            "b a",
            "marker=NEWEST",
        ),
        (
            "software config list --limit 1 --marker NEWEST",
            "b",
            "limit=1&marker=NEWEST",
        ),
        ("software config list --sort-column name", "a b c", ""),
    ] {
        ground.sandbox.clear_requests();
        let line = format!("{line} -f value -c name").replace("NEWEST", &newest);
        let found = ground.heat(&line).await.ok();
        assert_eq!(
            found.split_whitespace().collect::<Vec<_>>().join(" "),
            names,
            "{line}"
        );
        let requests = ground.sandbox.requests();
        let lists: Vec<_> = requests
            .iter()
            .filter(|sent| sent.path.ends_with("/software_configs"))
            .collect();
        assert_eq!(lists.len(), 1, "{line}");
        assert_eq!(lists[0].query, query.replace("NEWEST", &newest), "{line}");
    }
    for line in ["config-list -l 1", "config-list -m NEWEST -l 1"] {
        let table = ground.heat(&line.replace("NEWEST", &newest)).await.ok();
        assert_eq!(table.lines().count(), 5, "{line}: {table}");
    }
}

#[tokio::test]
async fn a_deployment_is_created_shown_listed_and_deleted() {
    let ground = with_files("deployment").await;
    let config = "config-create greet -c script -f def.yaml -g script";
    let config = id(&ground.heat(config).await.ok());
    let line = format!(
        "software deployment create first --server s1 --config {config} --input-value who=me --input-value x=a=b;c \
         --action CREATE --signal-transport NO_SIGNAL"
    );
    let yaml = ground.heat(&line).await.ok();
    let names: Vec<_> = yaml
        .lines()
        .map(|line| line.split(':').next().unwrap())
        .collect();
    let sorted = [
        "action",
        "config_id",
        "creation_time",
        "id",
        "input_values",
        "output_values",
        "server_id",
        "status",
        "status_reason",
        "updated_time",
    ];
    let known: Vec<_> = sorted
        .into_iter()
        .filter(|name| names.contains(name))
        .collect();
    assert_eq!(names, known, "{yaml}");
    assert!(
        yaml.starts_with("action: CREATE\n") && yaml.contains("\nstatus: IN_PROGRESS\n"),
        "{yaml}"
    );
    let old = format!("deployment-create second -s s1 -c {config} -t NO_SIGNAL");
    let second = ground.json(&old).await;
    assert_eq!(
        (&second["server_id"], &second["action"]),
        (&json!("s1"), &json!("UPDATE"))
    );

    let listed = ground.heat("software deployment list -f json").await.ok();
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(
        keys(&listed[0]),
        ["id", "config_id", "server_id", "action", "status"]
    );
    let long = ground
        .json("software deployment list --long --server s1 -f json")
        .await;
    assert_eq!(keys(&long[1])[5..], ["creation_time", "status_reason"]);
    assert_eq!(
        ground
            .json("software deployment list --server s2 -f json")
            .await,
        json!([])
    );
    let table = ground.heat("deployment-list -s s1").await.ok();
    let titles = table.lines().nth(1).unwrap().split('|').map(str::trim);
    let titles: Vec<_> = titles.filter(|title| !title.is_empty()).collect();
    assert_eq!(titles[5..], ["creation_time", "status_reason"]);
    assert_eq!(table.lines().count(), 6, "{table}");

    let metadata = ground
        .heat("software deployment metadata show s1")
        .await
        .ok();
    assert_eq!(
        ground.heat("deployment-metadata-show s1").await.ok(),
        metadata
    );
    assert!(metadata.starts_with("[\n  {\n    \"id\": "), "{metadata}");
    assert!(metadata.contains("w\\u00f6rld"), "{metadata}");
    assert_eq!(
        ground
            .heat("software deployment metadata show nope")
            .await
            .ok(),
        "[]\n"
    );

    let ids: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].as_str().unwrap())
        .collect();
    let shown = ground
        .json(&format!("software deployment show {} -f json", ids[0]))
        .await;
    assert_eq!(
        keys(&shown),
        [
            "id",
            "server_id",
            "config_id",
            "creation_time",
            "updated_time",
            "status",
            "status_reason",
            "input_values",
            "action"
        ]
    );
    let long = ground
        .json(&format!(
            "software deployment show {} --long -f json",
            ids[0]
        ))
        .await;
    assert_eq!(keys(&long).last(), Some(&"output_values"));
    let old = ground.json(&format!("deployment-show {}", ids[0])).await;
    assert_eq!(
        (&old["id"], &old["output_values"]),
        (&long["id"], &long["output_values"])
    );

    // The derived configs go with their deployments, the config that they are derived from stays.
    assert_eq!(
        ground
            .heat(&format!("software deployment delete {}", ids[0]))
            .await
            .ok(),
        ""
    );
    assert_eq!(
        ground
            .heat(&format!("deployment-delete {}", ids[1]))
            .await
            .ok(),
        ""
    );
    assert_eq!(ground.heat("software deployment list").await.ok(), "\n");
    assert_eq!(
        ground
            .heat("software config list -f value -c id")
            .await
            .ok(),
        format!("{config}\n")
    );
}

#[tokio::test]
async fn outputs_of_a_deployment_are_shown() {
    let ground = with_files("outputs").await;
    let created = ground
        .heat("deployment-create d -s s1 -t NO_SIGNAL")
        .await
        .ok();
    let id = id(&created);
    for line in [
        format!("software deployment output show {id} --all"),
        format!("software deployment output show {id} x"),
    ] {
        assert_eq!(ground.heat(&line).await.ok(), "", "{line}");
    }
    assert_eq!(
        ground
            .heat(&format!("deployment-output-show {id} -a"))
            .await
            .ok(),
        "null\n"
    );
    let lines: Vec<_> = (1..=12).map(|line| format!("line {line}")).collect();
    let results = DeploymentUpdate::complete()
        .stdout(lines.join("\n"))
        .stderr("é\r\nb\n")
        .status_code(0)
        .output("map", json!({"a": [1, "é"]}))
        .output("none", Value::Null)
        .output("yes", true);
    client(&ground)
        .software_deployments()
        .update(&id, results)
        .await
        .unwrap();

    let cut = format!(
        "  deploy_stdout: |\n    ...\n{}    (truncated, view all with --long)\n",
        lines[2..]
            .iter()
            .map(|line| format!("    {line}\n"))
            .collect::<String>()
    );
    let whole: String = lines.iter().map(|line| format!("    {line}\n")).collect();
    let whole = format!("  deploy_stdout: |\n{whole}");
    let rest = "  deploy_stderr: |\n    é\n    b\n  deploy_status_code: 0\n  map: {\"a\": [1, \"é\"]}\n  none: None\n  yes: True\n";
    for (options, expected) in [
        ("deploy_stdout", format!("output_value:\n\n{cut}")),
        ("deploy_stdout --long", format!("output_value:\n\n{whole}")),
        (
            "map",
            "output_value:\n\n  map: {\"a\": [1, \"é\"]}\n".to_owned(),
        ),
        ("--all", format!("output_values:\n\n{cut}{rest}")),
        ("--all --long", format!("output_values:\n\n{whole}{rest}")),
    ] {
        let line = format!("software deployment output show {id} {options}");
        assert_eq!(ground.heat(&line).await.ok(), expected, "{line}");
    }
    for (options, expected) in [
        ("deploy_status_code", "0\n"),
        ("map", "{\n  \"a\": [\n    1, \n    \"é\"\n  ]\n}\n"),
        ("none", "None\n"),
        ("-F json none", "null\n"),
        ("yes", "True\n"),
        ("--format json yes", "true\n"),
        // The old tool reports neither.
        ("nope", ""),
        ("nope -F json", ""),
    ] {
        let line = format!("deployment-output-show {id} {options}");
        assert_eq!(ground.heat(&line).await.ok(), expected, "{line}");
    }
    let all = ground
        .json(&format!("deployment-output-show {id} -a"))
        .await;
    assert_eq!(
        keys(&all),
        [
            "deploy_stdout",
            "deploy_stderr",
            "deploy_status_code",
            "map",
            "none",
            "yes"
        ]
    );
}

/// A cloud with Heat and Swift.
struct Swift(Scripted);

async fn with_swift() -> Swift {
    let address = Arc::new(std::sync::OnceLock::<String>::new());
    let known = Arc::clone(&address);
    let cloud = Scripted::start(move |seen| {
        let url = known.get().unwrap();
        let config = |id: &str| format!(r#"{{"software_config": {{"id": "{id}", "name": "n"}}}}"#);
        match (seen.method.as_str(), seen.path.as_str()) {
            ("POST", "/v3/auth/tokens") => {
                let endpoint = |kind: &str, path: &str| {
                    let of = |region: &str, path: &str| {
                        json!({"interface": "public", "region": region, "region_id": region, "id": kind,
                               "url": format!("{url}{path}")})
                    };
                    let endpoints = [of("Other", "/v1/elsewhere"), of("R", path)];
                    json!({"type": kind, "name": kind, "id": kind, "endpoints": endpoints})
                };
                let token = json!({"token": {
                    "methods": ["password"], "expires_at": "2099-01-01T00:00:00.000000Z",
                    "issued_at": "2020-01-01T00:00:00.000000Z",
                    "project": {"id": "p", "name": "demo", "domain": {"id": "default", "name": "Default"}},
                    "user": {"id": "u", "name": "demo", "domain": {"id": "default", "name": "Default"}},
                    "catalog": [endpoint("orchestration", "/heat/v1/p"), endpoint("object-store", "/v1/AUTH_p")],
                }});
                answer("201 Created", "content-type: application/json\r\nx-subject-token: secret-token\r\n", &token.to_string())
            }
            ("HEAD", "/v1/AUTH_p") => answer("204 No Content", "x-account-meta-temp-url-key: k3y\r\n", ""),
            ("PUT", path) if path.starts_with("/v1/AUTH_p/") => answer("201 Created", "", ""),
            ("POST", "/heat/v1/p/validate") => json_answer("200 OK", "{}"),
            ("GET", "/heat/v1/p/software_configs/c0") => json_answer(
                "200 OK",
                r##"{"software_config": {"id": "c0", "name": "greet", "group": "script", "config": "#!/bin/sh",
                     "inputs": [{"name": "who", "default": "world"}]}}"##,
            ),
            ("POST", "/heat/v1/p/software_configs") => json_answer("201 Created", &config("c1")),
            ("POST", "/heat/v1/p/software_deployments") => json_answer(
                "201 Created",
                r#"{"software_deployment": {"id": "d1", "config_id": "c1", "server_id": "s1", "status": "IN_PROGRESS"}}"#,
            ),
            _ => answer("404 Not Found", "", ""),
        }
    })
    .await;
    address.set(cloud.url.clone()).unwrap();
    Swift(cloud)
}

impl Swift {
    /// Runs the tool in a directory with the files of the tests.
    async fn heat(&self, ground: &Ground, line: &str) -> String {
        let mut command = bare();
        command
            .current_dir(&ground.directory)
            .args(line.split_whitespace())
            .envs([
                ("OS_AUTH_URL", format!("{}/v3", self.0.url).as_str()),
                ("OS_REGION_NAME", "R"),
                ("OS_USERNAME", "demo"),
                ("OS_PASSWORD", "demo"),
                ("OS_PROJECT_NAME", "demo"),
                ("OS_USER_DOMAIN_NAME", "Default"),
                ("OS_PROJECT_DOMAIN_NAME", "Default"),
            ]);
        Ran::from(command.output().await.unwrap()).ok()
    }

    /// The bodies of the requests to Heat with this path.
    fn sent(&self, path: &str) -> Vec<Value> {
        let path = format!("/heat/v1/p{path}");
        let seen = self.0.seen().into_iter();
        let of = seen.filter(|seen| seen.method == "POST" && seen.path == path);
        of.map(|seen| serde_json::from_slice(&seen.body).unwrap())
            .collect()
    }
}

/// A config is checked as a resource of a template, and then created.
#[tokio::test]
async fn the_requests_for_a_config_are_those_of_the_python_tools() {
    let ground = with_files("config-requests").await;
    for line in [
        "software config create greet --config-file script --definition-file def.yaml --group script",
        "config-create greet -c script -f def.yaml -g script",
    ] {
        let cloud = with_swift().await;
        cloud.heat(&ground, line).await;
        let properties = json!({
            "group": "script", "config": "#!/bin/sh\necho \"$who\"\n",
            "inputs": [{"name": "who", "default": "wörld"}, {"name": "n", "type": "Number", "default": 5}],
            "outputs": [{"name": "greeting"}], "options": {"dry": true},
        });
        let resource = json!({"type": "OS::Heat::SoftwareConfig", "properties": properties});
        let template =
            json!({"heat_template_version": "2013-05-23", "resources": {"greet": resource}});
        assert_eq!(
            cloud.sent("/validate"),
            [json!({"template": template})],
            "{line}"
        );
        let mut config = properties;
        config["name"] = "greet".into();
        assert_eq!(cloud.sent("/software_configs"), [config], "{line}");
    }
}

#[tokio::test]
async fn the_requests_for_a_deployment_are_those_of_the_python_tools() {
    let ground = with_files("deployment-requests").await;
    for line in [
        "software deployment create web --server s1 --config c0 --input-value who=me --input-value x=a=b;c \
         --input-value l=1 --input-value l=2 --action CREATE --signal-transport NO_SIGNAL",
        "deployment-create web -s s1 -c c0 -i who=me -i x=a=b;c -i l=1 -i l=2 -a CREATE -t NO_SIGNAL",
    ] {
        let cloud = with_swift().await;
        cloud.heat(&ground, line).await;
        let text = |name: &str, value: &str, about: &str| json!({"name": name, "description": about, "type": "String", "value": value});
        let expected = json!({
            "name": "web", "group": "script", "config": "#!/bin/sh", "options": {}, "outputs": [],
            "inputs": [
                {"name": "who", "default": "world", "value": "me"},
                {"name": "x", "type": "String", "value": "a=b;c"},
                {"name": "l", "type": "String", "value": ["1", "2"]},
                text("deploy_server_id", "s1", "ID of the server being deployed to"),
                text("deploy_action", "CREATE", "Name of the current action being deployed"),
                text(
                    "deploy_signal_transport",
                    "NO_SIGNAL",
                    "How the server should signal to heat with the deployment output values.",
                ),
            ],
        });
        assert_eq!(cloud.sent("/software_configs"), [expected], "{line}");
        let expected = json!({"config_id": "c1", "server_id": "s1", "action": "CREATE", "status": "IN_PROGRESS"});
        assert_eq!(cloud.sent("/software_deployments"), [expected], "{line}");
    }
}

/// In python-heatclient's plugin the default transport always fails (B-05).
#[tokio::test]
async fn the_default_transport_is_a_temp_url_in_swift() {
    let ground = with_files("temp-url").await;
    for (line, container) in [
        (
            "software deployment create web --server s1 --timeout 5",
            "web-",
        ),
        (
            "software deployment create web --server s1 --container box --timeout 5",
            "box/",
        ),
        (
            "deployment-create web -s s1 -t TEMP_URL_SIGNAL --container box --timeout 5",
            "box/",
        ),
    ] {
        let cloud = with_swift().await;
        let out = cloud.heat(&ground, line).await;
        assert!(out.contains("d1"), "{out}");
        let config = &cloud.sent("/software_configs")[0];
        let value = |name: &str| {
            let inputs = config["inputs"].as_array().unwrap();
            let input = inputs.iter().find(|input| input["name"] == name).unwrap();
            input["value"].as_str().unwrap()
        };
        let url = Secret::from(value("deploy_signal_id"));
        let start = format!("{}/v1/AUTH_p/{container}", cloud.0.url);
        assert!(url.expose().starts_with(&start), "{line}");
        let expires: i64 = url
            .expose()
            .split_once("&temp_url_expires=")
            .unwrap()
            .1
            .parse()
            .unwrap();
        let left = expires - heatclient::clock::wall().as_second();
        // Less would mean that the test took five minutes.
        assert!((1..=300).contains(&left), "{line}: {left}");
        assert_eq!(value("deploy_signal_verb"), "PUT", "{line}");
        let seen = cloud.0.seen();
        let objects = seen
            .iter()
            .filter(|seen| seen.method == "PUT" && seen.path.contains("/AUTH_p/"));
        assert_eq!(objects.count(), 2, "{line}");
    }
}
