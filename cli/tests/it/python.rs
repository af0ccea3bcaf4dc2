//! Configurations as `openstack` and openstacksdk read them: `tests/config/cases.json`, which `tests/config/record` makes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use heatclient_test_support::directory::Directory;
use serde_json::{Map, Value, json};

use crate::ground::{Ran, bare};

const CASES: &str = include_str!("../../../tests/config/cases.json");

/// Cases in which settings differ from those of `openstack`, with the reason.
const OPENSTACK: &[Row] = &[
    ("insecure: \"yes\"", &["insecure"], YES),
    ("OS_INSECURE=1", &["insecure"], YES),
    ("null in auth", &["auth.user_id"], "null is no value"),
    (
        "endpoint and token imply admin_token",
        &["auth_type"],
        "as openstack does for options; it forgets to do so for variables",
    ),
    (
        "networks",
        &["networks"],
        "keys of other services are shown as they are",
    ),
];

const YES: &str = "1, yes and on mean true, in all sources";

/// The same for openstacksdk.
const SDK: &[Row] = &[
    (
        "the only cloud with a region",
        &["region_name"],
        "openstacksdk ignores OS_REGION_NAME beside a cloud, openstack does not",
    ),
    ("options over the only cloud", &["auth.username"], BESIDE),
    ("an option beside auth wins", &["auth.username"], BESIDE),
    (
        "the region in auth_url of a variable",
        &["auth.auth_url"],
        "openstacksdk replaces names of settings only in clouds of files, openstack in all",
    ),
    ("insecure: \"yes\"", &["verify"], YES),
    ("OS_INSECURE=1", &["verify"], YES),
    ("identity 3 fills in domains", DOMAINS, FILLS),
    ("identity \"3\" fills in domains", DOMAINS, FILLS),
    ("identity 3 with v3password", &["error"], FILLS),
    ("OS_IDENTITY_API_VERSION=3", DOMAINS, FILLS),
];

const BESIDE: &str = "openstacksdk prefers options in auth, openstack those beside it";
const DOMAINS: &[&str] = &["auth.project_domain_id", "auth.user_domain_id"];
const FILLS: &str = "openstack fills in the default domain, openstacksdk does not";

/// A case, the settings that differ, and why.
type Row = (&'static str, &'static [&'static str], &'static str);

/// Runs `heat configuration show` for a case.
async fn shown(tool: &str, case: &Value) -> Result<Map<String, Value>, String> {
    let directory = Directory::new(tool);
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

/// What both print, without defaults and settings of other services that only `openstack` prints.
fn both(
    ours: &Map<String, Value>,
    theirs: &Map<String, Value>,
) -> (BTreeMap<String, Value>, BTreeMap<String, Value>) {
    let all = |shown: &Map<String, Value>| -> BTreeMap<String, Value> {
        shown.clone().into_iter().collect()
    };
    let (mut ours, mut theirs) = (all(ours), all(theirs));
    ours.remove("sources");
    theirs.retain(|name, value| {
        let mut defaults = DEFAULTS.iter();
        let is_default = defaults.any(|(key, text)| key == name && value == text);
        let is_other = name.ends_with("_api_version") || OTHERS.contains(&name.as_str());
        ours.contains_key(name) || !(is_default || is_other)
    });
    (ours, theirs)
}

/// What `openstack` shows of variables and of other services.
const OTHERS: &[&str] = &[
    "cloud_name",
    "client_config_file",
    "client_secure_file",
    "networks",
];

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

/// The settings that may differ.
fn expected(table: &[Row], name: &str) -> Vec<&'static str> {
    let row = table.iter().find(|(case, _, _)| *case == name);
    row.map_or_else(Vec::new, |(_, keys, why)| {
        assert!(!why.is_empty());
        keys.to_vec()
    })
}

/// All rows are about cases that exist.
fn check(table: &[Row], cases: &[Value]) {
    for (name, _, _) in table {
        assert!(cases.iter().any(|case| case["name"] == *name), "{name}");
    }
}

/// The names of the values that differ, with both values.
fn differences(
    ours: &BTreeMap<String, Value>,
    theirs: &BTreeMap<String, Value>,
) -> BTreeMap<String, String> {
    let names = ours.keys().chain(theirs.keys());
    let differ = names.filter(|name| ours.get(*name) != theirs.get(*name));
    differ
        .map(|name| {
            let text = format!("{:?} {:?}", ours.get(name), theirs.get(name));
            (name.clone(), text)
        })
        .collect()
}

#[tokio::test]
async fn settings_are_those_of_openstack() {
    let cases: Vec<Value> = serde_json::from_str(CASES).unwrap();
    assert!(cases.len() >= 100);
    check(OPENSTACK, &cases);
    let mut wrong = Vec::new();
    for case in &cases {
        let name = case["name"].as_str().unwrap();
        let theirs = case["openstack"].as_object().unwrap();
        let found = match (shown("python-openstack", case).await, theirs.get("error")) {
            (Err(error), Some(_)) => {
                assert_eq!(error.lines().count(), 1, "{error}");
                assert!(error.starts_with("ERROR: "), "{error}");
                BTreeMap::new()
            }
            (Ok(_), Some(error)) => failure(format!("only theirs: {error}")),
            (Err(error), None) => failure(format!("only ours: {error}")),
            (Ok(ours), None) => {
                let (ours, theirs) = both(&ours, theirs);
                differences(&ours, &theirs)
            }
        };
        if found.keys().ne(expected(OPENSTACK, name)) {
            wrong.push(format!("{name}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn failure(text: String) -> BTreeMap<String, String> {
    BTreeMap::from([("error".to_owned(), text)])
}

/// Options that `openstack` shows without `auth.` unless they are in `auth` of a file.
const BESIDE_AUTH: &[&str] = &[
    "application_credential_id",
    "application_credential_name",
    "application_credential_secret",
    "auth_url",
    "endpoint",
    "password",
    "system_scope",
    "trust_id",
    "user_id",
    "username",
];

/// What openstacksdk would say of these settings.
fn as_sdk(ours: &Map<String, Value>) -> BTreeMap<String, Value> {
    let first = |names: &[&str]| {
        let mut names = names.iter();
        let found = names.find_map(|name| ours.get(*name));
        found.cloned().unwrap_or(Value::Null)
    };
    let auth_type = match ours["auth_type"].as_str() {
        Some("token_endpoint") => json!("admin_token"),
        _ => ours["auth_type"].clone(),
    };
    let home = |path: Value| match path.as_str() {
        Some(text) => json!(text.replace('~', "$DIR/home")),
        None => path,
    };
    let mut found = BTreeMap::from([
        ("auth_type".to_owned(), auth_type.clone()),
        (
            "region_name".to_owned(),
            first(&["orchestration_region_name", "region_name"]),
        ),
        (
            "interface".to_owned(),
            first(&["orchestration_interface", "interface"]),
        ),
        (
            "endpoint".to_owned(),
            match first(&["orchestration_endpoint_override", "orchestration_endpoint"]) {
                Value::Null if auth_type == "none" => first(&["auth.endpoint"]),
                endpoint => endpoint,
            },
        ),
        (
            "service_type".to_owned(),
            match first(&["orchestration_service_type"]) {
                Value::Null => json!("orchestration"),
                service => service,
            },
        ),
        (
            "service_name".to_owned(),
            first(&["orchestration_service_name"]),
        ),
        ("api_timeout".to_owned(), first(&["api_timeout"])),
        (
            "verify".to_owned(),
            match (verifies(ours), home(first(&["cacert"]))) {
                (true, Value::Null) => json!(true),
                (true, path) => path,
                (false, _) => json!(false),
            },
        ),
        (
            "cert".to_owned(),
            match (home(first(&["cert"])), home(first(&["key"]))) {
                (Value::Null, _) => Value::Null,
                (cert, Value::Null) => cert,
                (cert, key) => json!([cert, key]),
            },
        ),
    ]);
    // Those beside `auth` win.
    let inner = ours.iter().filter(|(name, _)| name.starts_with("auth."));
    let beside = BESIDE_AUTH.iter();
    let beside = beside.filter_map(|name| Some((format!("auth.{name}"), ours.get(*name)?.clone())));
    found.extend(inner.map(|(name, value)| (name.clone(), value.clone())));
    found.extend(beside);
    found
}

#[tokio::test]
async fn settings_are_those_of_openstacksdk() {
    let cases: Vec<Value> = serde_json::from_str(CASES).unwrap();
    check(SDK, &cases);
    let mut wrong = Vec::new();
    let mut compared = 0;
    for case in &cases {
        let name = case["name"].as_str().unwrap();
        let theirs = case["sdk"].as_object().unwrap();
        // It ignores variables beside a cloud, in contrast to `openstack`.
        let variables = case["variables"].as_object().unwrap();
        let is_about_files = |name: &String| !name.starts_with("OS_") || name.starts_with("OS_CL");
        let names_a_cloud =
            variables.contains_key("OS_CLOUD") || case["options"].get("cloud").is_some();
        if names_a_cloud && !variables.keys().all(is_about_files) {
            continue;
        }
        let found = match (shown("python-sdk", case).await, theirs.get("error")) {
            (Err(_), Some(_)) => BTreeMap::new(),
            // It also says here what is missing for a login.
            (Ok(_), Some(error)) if error.as_str().unwrap().contains("MissingRequired") => {
                BTreeMap::new()
            }
            (Ok(_), Some(error)) => failure(format!("only theirs: {error}")),
            (Err(error), None) => failure(format!("only ours: {error}")),
            (Ok(ours), None) => {
                let ours = as_sdk(&ours);
                let mut all = BTreeMap::new();
                for (name, value) in theirs {
                    match (name.as_str(), value) {
                        ("auth", Value::Object(auth)) => {
                            let auth = auth.iter();
                            all.extend(auth.map(|(k, v)| (format!("auth.{k}"), v.clone())));
                        }
                        _ => drop(all.insert(name.clone(), value.clone())),
                    }
                }
                differences(&ours, &all)
            }
        };
        compared += 1;
        if found.keys().ne(expected(SDK, name)) {
            wrong.push(format!("{name}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared >= 100, "{compared}");
}
