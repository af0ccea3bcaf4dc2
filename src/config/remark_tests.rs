//! Tests of remarks and late errors about files.

use crate::config::{CloudConfig, ConfigBuilder};
use crate::error::ErrorKind;

fn cloud(text: &str) -> CloudConfig {
    let builder = ConfigBuilder::new().document("clouds.yaml", text);
    builder.cloud("a").build().unwrap()
}

#[test]
fn keys_that_occur_twice_and_keys_without_effect_are_warnings() {
    let text = "clouds:\n  a:\n    region_name: R1\n    auth_plugin: token\n    default_domain: d\n    region_name: R2\n";
    let cloud = cloud(text);
    assert_eq!(
        cloud.warnings(),
        [
            "clouds.yaml:6: duplicate key \"region_name\"; it replaces the value of line 3",
            "clouds.yaml:4: auth_plugin has no effect, as in openstack; use auth_type",
            "clouds.yaml:5: default_domain has no effect, as in openstack; set default_domain_id in auth",
        ]
    );
    assert_eq!(cloud.adapter_settings().region.as_deref(), Some("R2"));
    assert_eq!(cloud.setting("auth_type").unwrap().value(), "password");
    assert_eq!(cloud.setting("default_domain").unwrap().value(), "default");
}

#[test]
fn a_deprecated_profile_is_a_warning() {
    let cloud = cloud("clouds: {a: {profile: fuga}}");
    let text =
        "clouds.yaml:1: profile \"fuga\" is deprecated: the API Endpoint is no longer responsive";
    assert_eq!(cloud.warnings(), [text]);
    let url = cloud.setting("auth.auth_url").unwrap();
    assert_eq!(url.value(), "https://identity.api.fuga.io:5000");
    let source = url.source().to_string();
    assert!(
        source.starts_with("vendors.json of openstacksdk:"),
        "{source}"
    );
}

#[test]
fn an_error_about_a_url_has_its_line() {
    let cloud = cloud(
        "clouds:\n  a:\n    auth:\n      auth_url: keystone\n      username: u\n      password: p\n",
    );
    let error = cloud.credentials().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().starts_with("clouds.yaml:4: "), "{error}");
}

#[test]
fn options_of_other_plugins_and_weaker_sources_are_kept_apart() {
    let text = "clouds: {a: {auth: {auth_url: 'http://id', username: file, trust_id: t, token: swordfish}, auth_type: v3password}}";
    let cloud = ConfigBuilder::new()
        .document("clouds.yaml", text)
        .explicit([
            ("cloud", "a"),
            ("username", "typed"),
            ("passcode", "123456"),
        ])
        .build()
        .unwrap();
    assert_eq!(
        cloud.setting("auth.username").unwrap().openstack_name(),
        "username"
    );
    let shown: Vec<_> = cloud
        .overridden()
        .iter()
        .map(|setting| {
            (
                setting.openstack_name(),
                setting.value(),
                setting.is_secret(),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("auth.passcode", "123456", true),
            ("auth.username", "file", false),
            ("auth.token", "swordfish", true),
        ]
    );
}

#[test]
fn an_empty_name_is_no_cloud() {
    let error = crate::config::cloud("").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(
        error
            .to_string()
            .starts_with("the name of the cloud is empty")
    );
}

#[test]
fn errors_about_sections_of_ini_files_name_no_variables() {
    let path = std::env::temp_dir().join(format!("heatclient-remarks-{}.conf", std::process::id()));
    std::fs::write(&path, "[heat]\nauth_type = v3password\nusername = u\n").unwrap();
    let error = crate::config::ini(&path, "heat").unwrap().credentials();
    std::fs::remove_file(&path).unwrap();
    let text = error.unwrap_err().to_string();
    assert!(
        text.contains("needs auth_url") && !text.contains("OS_"),
        "{text}"
    );
}

#[test]
fn files_have_a_maximum_size() {
    let directory = std::env::temp_dir().join(format!("heatclient-size-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let file = std::fs::File::create(directory.join("clouds.yaml")).unwrap();
    file.set_len((16 << 20) + 1).unwrap();
    let read = ConfigBuilder::new().files_in([&directory]).build();
    std::fs::remove_dir_all(&directory).unwrap();
    let text = read.unwrap_err().to_string();
    assert!(
        text.ends_with("clouds.yaml is longer than 16 MiB"),
        "{text}"
    );
}
