//! `configuration show`, which sends no request.

use serde_json::{Value, json};

use crate::ground::{Ran, bare};

/// A URL without a server.
const NOWHERE: (&str, &str) = ("OS_AUTH_URL", "http://127.0.0.1:1/v3");

async fn show(variables: &[(&str, &str)], line: &str) -> Ran {
    let mut command = bare();
    command
        .envs(variables.iter().copied())
        .args(["configuration", "show"])
        .args(line.split_whitespace());
    command.output().await.unwrap().into()
}

async fn shown(variables: &[(&str, &str)], line: &str) -> Value {
    let out = show(variables, &format!("-f json {line}")).await.ok();
    serde_json::from_str(&out).unwrap()
}

#[tokio::test]
async fn the_settings_have_openstacks_names_and_each_has_a_source() {
    let variables = [
        NOWHERE,
        ("OS_USERNAME", "demo"),
        ("OS_PASSWORD", "swordfish"),
        ("OS_TENANT_NAME", "web"),
        ("OS_ENDPOINT_TYPE", "internalURL"),
        ("OS_INSECURE", "1"),
    ];
    // reached: by nothing, no request is sent
    let line = "--os-username admin --os-region-name R1 --api-timeout 2.5 --os-cacert /ca.pem";
    let expected = json!({
        "api_timeout": 2.5,
        "auth_url": "http://127.0.0.1:1/v3",
        "password": "<redacted>",
        "auth.project_name": "web",
        "username": "admin",
        "auth_type": "password",
        "cacert": "/ca.pem",
        "cert": null,
        "default_domain": "default",
        "insecure": true,
        "interface": "internalURL",
        "key": null,
        "orchestration_api_version": "1",
        "region_name": "R1",
        "verify": true,
        "sources": {
            "api_timeout": "command line",
            "auth_url": "OS_AUTH_URL",
            "password": "OS_PASSWORD",
            "auth.project_name": "OS_TENANT_NAME",
            "username": "command line",
            "auth_type": "default",
            "cacert": "command line",
            "cert": "default",
            "default_domain": "default",
            "insecure": "OS_INSECURE",
            "interface": "OS_ENDPOINT_TYPE",
            "key": "default",
            "orchestration_api_version": "default",
            "region_name": "command line",
            "verify": "default",
        },
    });
    let shown = shown(&variables, line).await;
    assert_eq!(shown, expected);
    // Sorted names, then the sources.
    let names: Vec<_> = shown.as_object().unwrap().keys().collect();
    let (last, names) = names.split_last().unwrap();
    assert_eq!(*last, "sources");
    assert!(names.is_sorted());
}

#[tokio::test]
async fn secrets_are_masked_unless_asked_for() {
    for (variables, name, secret) in [
        (
            &[NOWHERE, ("OS_PASSWORD", "s3cr3t")][..],
            "password",
            "s3cr3t",
        ),
        (&[("OS_TOKEN", "s3cr3t")], "auth.token", "s3cr3t"),
        (
            &[("OS_AUTH_TOKEN", "s3cr3t"), ("HEAT_URL", "http://h")],
            "auth.token",
            "s3cr3t",
        ),
        (
            &[("OS_APPLICATION_CREDENTIAL_SECRET", "s3cr3t")],
            "application_credential_secret",
            "s3cr3t",
        ),
        (
            &[
                ("OS_NO_CLIENT_AUTH", "1"),
                ("HEAT_URL", "http://h"),
                ("OS_USERNAME", "demo"),
                ("OS_PASSWORD", "s3cr3t"),
            ],
            "password",
            "s3cr3t",
        ),
        (
            &[("OS_AUTH_URL", "http://demo:s3cr3t@h/v3")],
            "auth_url",
            "http://demo:s3cr3t@h/v3",
        ),
    ] {
        for line in [
            "",
            "--mask",
            "-f shell",
            "-f value",
            "-f yaml",
            "--debug --verbose",
        ] {
            let ran = show(variables, line).await;
            assert!(!ran.err.contains("s3cr3t"), "{name} {line}: {}", ran.err);
            let out = ran.ok();
            assert!(!out.contains("s3cr3t"), "{name} {line}: {out}");
            assert!(out.contains("<redacted>"), "{name} {line}: {out}");
        }
        let shown = shown(variables, "--unmask").await;
        assert_eq!(shown[name], secret);
    }
}

#[tokio::test]
async fn a_single_setting_is_a_line() {
    let variables = [("OS_REGION_NAME", "R1")];
    for (line, out) in [
        ("-f value -c region_name", "R1\n"),
        ("-f value -c cacert", "None\n"),
        (
            "-f shell -c auth_type -c verify",
            "auth_type=\"password\"\nverify=\"True\"\n",
        ),
        ("-f yaml -c region_name", "region_name: R1\n"),
    ] {
        assert_eq!(show(&variables, line).await.ok(), out, "{line}");
    }
    let table = show(&variables, "-c sources").await.ok();
    assert!(table.contains("| region_name: OS_REGION_NAME "), "{table}");
}

#[tokio::test]
async fn what_no_command_could_use_is_an_error() {
    show(&[("OS_INTERFACE", "pubic")], "").await.failed(
        1,
        "ERROR: unknown interface \"pubic\"; expected public, internal or admin",
    );
    show(&[], "--os-cloud a").await.failed(
        1,
        "ERROR: cloud \"a\" was not found: there is no clouds.yaml in the current directory, \
         /etc/xdg/openstack, /etc/openstack",
    );
    show(&[("XDG_CONFIG_HOME", "/nowhere")], "--os-cloud a")
        .await
        .failed(
            1,
            "ERROR: cloud \"a\" was not found: there is no clouds.yaml in the current directory, \
         /nowhere/openstack, /etc/xdg/openstack, /etc/openstack",
        );
    let both = show(&[], "--mask --unmask").await;
    assert_eq!((both.code, both.out.as_str()), (Some(2), ""));
}
