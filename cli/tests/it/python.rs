//! Configurations as `openstack` and openstacksdk read them: `tests/config/cases.json`, which `tests/config/record` makes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use heatclient_test_support::directory::Directory;
use serde_json::{Map, Value, json};

use crate::ground::{Ran, bare};

const CASES: &str = include_str!("../../../tests/config/cases.json");

/// Cases in which the settings differ from those of `openstack` for a reason.
const OPENSTACK: &[(&str, &[&str], &str)] = &[];

/// The same for openstacksdk.
const SDK: &[(&str, &[&str], &str)] = &[];

/// Runs `heat configuration show` for a case.
async fn shown(case: &Value) -> Result<Map<String, Value>, String> {
    let directory = Directory::new("python");
    let folder = directory.0.display().to_string();
    let place = |text: &str| text.replace("$DIR", &folder);
    fs::create_dir_all(directory.0.join("home")).unwrap();
    for (path, text) in case["files"].as_object().unwrap() {
        let path = directory.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text.as_str().unwrap()).unwrap();
    }
    let mut command = bare();
    command
        .current_dir(&directory.0)
        .env("HOME", Path::new(&folder).join("home"));
    for (name, value) in case["variables"].as_object().unwrap() {
        command.env(name, place(value.as_str().unwrap()));
    }
    for (name, value) in case["options"].as_object().unwrap() {
        match value.as_str() {
            Some(value) => {
                command.arg(format!("--os-{}", name.replace('_', "-")));
                command.arg(place(value));
            }
            None => {
                command.arg(format!("--{name}"));
            }
        }
    }
    command.args(["configuration", "show", "-f", "json", "--unmask"]);
    let ran = Ran::from(command.output().await.unwrap());
    match ran.code {
        Some(0) => {
            let out = ran.out.replace(&folder, "$DIR");
            Ok(serde_json::from_str(&out).unwrap())
        }
        _ => Err(ran.err.replace(&folder, "$DIR").trim_end().to_owned()),
    }
}

/// The settings of ours that `openstack` prints, in its form.
fn of_ours(ours: &Map<String, Value>) -> BTreeMap<String, Value> {
    let left_out = [
        "sources",
        "default_domain",
        "auth.default_domain_id",
        "verify",
        "orchestration_api_version",
    ];
    let kept = ours.iter();
    kept.filter(|(name, _)| !left_out.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// What `openstack` prints, with all options of the plugin under `auth.`.
fn of_openstack(
    theirs: &Map<String, Value>,
    ours: &BTreeMap<String, Value>,
) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for (name, value) in theirs {
        let inner = format!("auth.{name}");
        // Options and variables are beside `auth` there, and win.
        if theirs.contains_key(&inner) || ours.contains_key(&inner) {
            found.insert(inner, value.clone());
        } else if !found.contains_key(name) {
            found.insert(name.clone(), value.clone());
        }
    }
    found.retain(|name, value| {
        let is_ours = ours.contains_key(name);
        let is_default = DEFAULTS
            .iter()
            .any(|(key, default)| key == name && value == default)
            || (name.ends_with("_api_version") && !is_ours)
            || matches!(
                name.as_str(),
                "verify" | "insecure" | "default_domain" | "orchestration_api_version"
            );
        is_ours && !matches!(name.as_str(), "orchestration_api_version") || !is_default
    });
    found
}

/// Defaults of the Python tools for other services.
const DEFAULTS: &[(&str, &str)] = &[
    ("baremetal_introspection_status_code_retries", "5"),
    ("baremetal_status_code_retries", "5"),
    ("image_status_code_retries", "5"),
    ("floating_ip_source", "neutron"),
    ("image_format", "qcow2"),
];

/// Whether certificates are verified.
fn verifies(shown: &Map<String, Value>) -> bool {
    let is_on = |name: &str| shown.get(name) == Some(&json!(true));
    is_on("verify") && !is_on("insecure")
}

fn expected<'a>(table: &'a [(&str, &'a [&'a str], &str)], name: &str) -> &'a [&'a str] {
    let row = table.iter().find(|(case, _, _)| *case == name);
    row.map_or(&[], |(_, keys, _)| keys)
}

#[tokio::test]
async fn settings_are_those_of_openstack() {
    let cases: Vec<Value> = serde_json::from_str(CASES).unwrap();
    let mut wrong = Vec::new();
    for case in &cases {
        let name = case["name"].as_str().unwrap();
        let allowed = expected(OPENSTACK, name);
        let theirs = case["openstack"].as_object().unwrap();
        let mut differences = Vec::new();
        match (shown(case).await, theirs.get("error")) {
            (Err(error), Some(_)) => {
                assert_eq!(error.lines().count(), 1, "{error}");
                assert!(error.starts_with("ERROR: "), "{error}");
            }
            (Ok(_), Some(error)) => differences.push(("error", format!("only theirs: {error}"))),
            (Err(error), None) => differences.push(("error", format!("only ours: {error}"))),
            (Ok(ours), None) => {
                if verifies(&ours) != verifies(theirs) {
                    differences.push(("verify", String::new()));
                }
                let ours = of_ours(&ours);
                let theirs = of_openstack(theirs, &ours);
                let names: Vec<_> = ours.keys().chain(theirs.keys()).collect();
                for name in names {
                    if ours.get(name) != theirs.get(name) {
                        let text = format!("{:?} {:?}", ours.get(name), theirs.get(name));
                        differences.push((name, text));
                    }
                }
            }
        }
        differences.dedup();
        let names: Vec<_> = differences.iter().map(|(name, _)| *name).collect();
        if names != allowed {
            wrong.push(format!("{name}: {differences:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
