//! Clouds of clouds.yaml.

use std::fs;

use serde_json::Value;

use crate::ground::{Ground, Ran, bare};

/// clouds.yaml for the sandbox, with this password.
fn clouds(ground: &Ground, password: &str) -> String {
    let url = ground.sandbox.auth_url();
    format!(
        "clouds:\n  box:\n    auth:\n      auth_url: {url}\n      username: demo\n      password: {password}\n      \
         project_name: demo\n      user_domain_name: Default\n      project_domain_name: Default\n    \
         regoin_name: R1\n    image_format: raw\n"
    )
}

async fn run(ground: &Ground, line: &str, variables: &[(&str, &str)]) -> Ran {
    let mut command = bare();
    command
        .current_dir(&ground.directory)
        .env("HOME", &ground.directory)
        .envs(variables.iter().copied())
        .args(line.split_whitespace());
    command.output().await.unwrap().into()
}

#[tokio::test]
async fn a_cloud_is_used_and_its_secrets_are_not_shown() {
    let ground = Ground::new("clouds").await;
    let write = |name: &str, text: &str| fs::write(ground.directory.join(name), text).unwrap();
    write("clouds.yaml", &clouds(&ground, "wrong-s3cr3t"));
    write("secure.yaml", "clouds: {box: {auth: {password: demo}}}\n");
    let warning =
        "WARNING: clouds.yaml:10: unknown key \"regoin_name\" (did you mean region_name?)\n";
    for (line, variables) in [
        ("--os-cloud box stack list", &[][..]),
        ("stack list", &[("OS_CLOUD", "box")]),
        ("stack list", &[]),
        // Beside a cloud, openrc variables win.
        (
            "stack list",
            &[("OS_CLOUD", "box"), ("OS_PASSWORD", "demo")],
        ),
    ] {
        let ran = run(&ground, line, variables).await;
        assert_eq!(
            (ran.code, ran.err.as_str()),
            (Some(0), warning),
            "{line} {variables:?}"
        );
        let quiet = run(&ground, &format!("{line} --quiet"), variables).await;
        assert_eq!((quiet.code, quiet.err.as_str()), (Some(0), ""));
    }
    let refused = run(
        &ground,
        "--os-cloud box --os-password typed stack list",
        &[],
    )
    .await;
    assert!(
        refused.err.contains("ERROR: login as demo at"),
        "{}",
        refused.err
    );

    // Ignored keys are listed with --debug. No secret is.
    write(
        "secure.yaml",
        "clouds: {box: {auth: {password: other-s3cr3t}}}\n",
    );
    for line in [
        "stack list --debug",
        "configuration show --debug -f json",
        "configuration show -f value --mask",
    ] {
        let ran = run(&ground, line, &[]).await;
        assert!(
            !format!("{}{}", ran.out, ran.err).contains("s3cr3t"),
            "{line}"
        );
        if line.contains("--debug") {
            let ignored = "clouds.yaml:11: the key \"image_format\" is ignored";
            assert!(ran.err.contains(ignored), "{}", ran.err);
        }
    }
    let shown = run(&ground, "configuration show -f json --unmask", &[]).await;
    let shown: Value = serde_json::from_str(&shown.ok()).unwrap();
    assert_eq!(shown["auth.password"], "other-s3cr3t");
    assert_eq!(shown["sources"]["auth.password"], "secure.yaml:1");
    assert_eq!(shown["sources"]["auth.username"], "clouds.yaml:5");
    // As in `openstack`: nobody named it.
    assert_eq!(shown["cloud"], Value::Null);
    assert_eq!(shown["image_format"], "raw");
}

#[tokio::test]
async fn what_is_wrong_with_a_file_is_one_line() {
    let ground = Ground::new("bad-clouds").await;
    for (text, line, message) in [
        (
            "clouds:\n  a: [s3cr3t\n",
            "stack list",
            "ERROR: clouds.yaml:2: invalid YAML in column 6: unclosed bracket '['",
        ),
        (
            "clouds:\n  a:\n    auth: {usernam: s3cr3t}\n",
            "stack list",
            "ERROR: clouds.yaml:3: auth plugin password has no option \"usernam\" (did you mean username?)",
        ),
        (
            "clouds:\n  a:\n    auth: {password: false}\n",
            "stack list",
            "ERROR: clouds.yaml:3: auth.password must be a string, not the boolean false; quote it",
        ),
        (
            "clouds:\n  abc: {}\n  x: {}\n",
            "--os-cloud abd stack list",
            "ERROR: cloud \"abd\" was not found in clouds.yaml (did you mean abc?)",
        ),
        (
            "clouds: {a: {}, b: {}}\n",
            "stack list",
            "ERROR: no cloud chosen: set --os-cloud or OS_CLOUD to one of a, b",
        ),
        (
            "clouds: {a: {auth: {auth_url: 'http://id/v3', username: u, password: p, project_name: x}}}\n",
            "--os-region-name= --os-auth-type v3password stack list",
            "ERROR: cloud \"a\": auth plugin v3password needs user_domain_name (OS_USER_DOMAIN_NAME) or \
             user_domain_id (OS_USER_DOMAIN_ID); project_domain_name (OS_PROJECT_DOMAIN_NAME) or project_domain_id \
             (OS_PROJECT_DOMAIN_ID); add them to `auth` in clouds.yaml, set these variables, or use the options of the \
             same names (--os-auth-url for OS_AUTH_URL)",
        ),
    ] {
        fs::write(ground.directory.join("clouds.yaml"), text).unwrap();
        run(&ground, line, &[]).await.failed(1, message);
    }
}
