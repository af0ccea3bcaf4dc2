//! `token` and `catalog` on the sandbox. `cli/tests/live/identity.rs` compares them with `openstack`.

use serde_json::{Value, json};

use crate::ground::{Ground, Ran};

#[tokio::test]
async fn a_token_can_be_issued_used_and_revoked() {
    let ground = Ground::new("token").await;
    let token = ground.json("token issue -f json").await;
    let keys: Vec<_> = token.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["expires", "id", "project_id", "user_id"]);
    let time = token["expires"].as_str().unwrap();
    assert!(time.ends_with("+0000") && time.len() == 24, "{time}");

    let id = token["id"].as_str().unwrap();
    let list = format!("stack list -f json --os-auth-type token --os-token {id}");
    assert_eq!(ground.json(&list).await, json!([]));
    let revoked = ground.heat(&format!("token revoke {id}")).await;
    assert_eq!(revoked.ok(), "");
    // The sandbox refuses the token from now on.
    let refused = ground.heat(&list).await;
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.err.starts_with("ERROR: login with a token at "),
        "{}",
        refused.err
    );
    let again = ground.heat(&format!("token revoke {id}")).await;
    let start = "ERROR: revoke the token: 404 Not Found: ";
    assert!(again.err.starts_with(start), "{}", again.err);
    assert!(!again.err.contains(id), "{}", again.err);
}

#[tokio::test]
async fn the_catalog_has_all_services_and_their_endpoints() {
    let ground = Ground::new("catalog").await;
    let catalog = ground.json("catalog list -f json").await;
    let services = catalog.as_array().unwrap();
    let heat = services
        .iter()
        .find(|service| service["Type"] == "orchestration");
    let heat = heat.unwrap();
    let keys: Vec<_> = heat.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["Name", "Type", "Endpoints"]);
    let endpoint = &heat["Endpoints"][0];
    assert_eq!(endpoint["url"], ground.sandbox.orchestration_url());
    let keys: Vec<_> = endpoint.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["id", "interface", "region_id", "url", "region"]);

    // By type and by name.
    let shown = ground.json("catalog show orchestration -f json").await;
    assert_eq!(shown, ground.json("catalog show heat -f json").await);
    assert_eq!(shown["endpoints"], heat["Endpoints"]);
    let keys: Vec<_> = shown.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["endpoints", "id", "name", "type"]);

    let table = ground.heat("catalog list -c Endpoints -c Type").await.ok();
    let url = ground.sandbox.orchestration_url();
    assert!(table.contains(&format!("|   public: {url} ")), "{table}");

    let unknown = ground.heat("catalog show nothing").await;
    let types: Vec<_> = services
        .iter()
        .map(|service| service["Type"].as_str().unwrap())
        .collect();
    let line = format!(
        "ERROR: service nothing not found in the catalog (it has {})",
        types.join(", ")
    );
    unknown.failed(1, &line);
}

#[tokio::test]
async fn a_token_without_project_has_services_without_endpoints() {
    let ground = Ground::new("system").await;
    let system = |line: &str| {
        let mut command = ground.command(line);
        command
            .env_remove("OS_PROJECT_NAME")
            .env_remove("OS_PROJECT_DOMAIN_NAME")
            .envs([
                ("OS_USERNAME", "admin"),
                ("OS_PASSWORD", "admin"),
                ("OS_SYSTEM_SCOPE", "all"),
            ]);
        let output = command.output();
        async { Ran::from(output.await.unwrap()).ok() }
    };
    let token: Value = serde_json::from_str(&system("token issue -f json").await).unwrap();
    let keys: Vec<_> = token.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["expires", "id", "system", "user_id"]);
    assert_eq!(token["system"], "all");
    let heat = system("catalog show heat -f json").await;
    let heat: Value = serde_json::from_str(&heat).unwrap();
    assert_eq!(
        (&heat["name"], &heat["endpoints"]),
        (&json!("heat"), &json!([]))
    );
}

#[tokio::test]
async fn without_keystone_there_is_no_token() {
    let ground = Ground::new("no-token").await;
    for command in ["token issue", "catalog list", "catalog show heat"] {
        let line = format!("{command} --os-auth-type none --os-endpoint http://127.0.0.1:1/v1");
        let none = ground.heat(&line).await;
        none.failed(
            1,
            "ERROR: the configured auth plugin does not log in and has no token; choose another one with --os-auth-type",
        );
    }
}

#[tokio::test]
async fn an_endpoint_is_explained() {
    let ground = Ground::new("explain").await;
    let url = ground.sandbox.orchestration_url();
    let text = ground.heat("endpoint explain").await.ok();
    assert!(text.starts_with("Looked for: "), "{text}");
    assert!(text.contains(&format!("\nEndpoint: {url}\n")), "{text}");
    let data = ground.json("endpoint explain -f json").await;
    assert_eq!(data["source"], "catalog");
    let verdicts: Vec<_> = data["considered"].as_array().unwrap().iter().collect();
    assert_eq!(verdicts[0]["verdict"], "chosen");
    assert!(
        verdicts[1..]
            .iter()
            .all(|other| other["verdict"] != "chosen")
    );
    let yaml = ground
        .heat("endpoint explain -f yaml --service-type identity")
        .await
        .ok();
    assert!(yaml.contains("\nsource: catalog\n"), "{yaml}");
    let identity = ground
        .json("endpoint explain -f json --service-type identity")
        .await;
    assert_eq!(yaml, heatclient::yaml::dump(&identity));

    // Why there is none.
    let nothing = ground
        .json("endpoint explain -f json --service-type compute")
        .await;
    assert_eq!(nothing["source"], Value::Null);
    assert!(
        nothing["problem"].as_str().unwrap().contains("compute"),
        "{nothing}"
    );
    let elsewhere = ground
        .heat("endpoint explain --os-region-name Elsewhere")
        .await
        .ok();
    assert!(
        elsewhere.contains("Elsewhere") && elsewhere.contains("Problem: "),
        "{elsewhere}"
    );
}
