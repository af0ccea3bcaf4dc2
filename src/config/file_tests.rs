//! Tests of clouds from files.

use std::borrow::Cow;

use super::{CloudConfig, ConfigBuilder, Source};
use crate::auth::{AdminToken, Credentials};
use crate::catalog::Interface;
use crate::error::{Error, ErrorKind};
use crate::loading::{Loader, Opt, OptionValues};
use crate::transport::TlsVersion;
use crate::transport::layers::RetryPolicy;

type Pairs<'a> = &'a [(&'static str, &'static str)];

const AUTH: &str = "auth: {auth_url: 'http://id/v3', username: demo, password: swordfish}";

fn try_cloud(
    documents: &[(&str, &str)],
    explicit: Pairs<'_>,
    variables: &'static [(&'static str, &'static str)],
) -> Result<CloudConfig, Error> {
    let builder = super::testing::builder(explicit, variables);
    let add = |builder: ConfigBuilder, (name, text): &(&str, &str)| builder.document(*name, *text);
    documents.iter().fold(builder, add).build()
}

pub(super) fn cloud(
    text: &str,
    explicit: Pairs<'_>,
    variables: &'static [(&'static str, &'static str)],
) -> CloudConfig {
    try_cloud(&[("clouds.yaml", text)], explicit, variables).unwrap()
}

fn value<'a>(cloud: &'a CloudConfig, name: &str) -> (&'a str, String) {
    let setting = cloud.setting(name).unwrap_or_else(|| panic!("{name}"));
    (setting.value(), setting.source().to_string())
}

pub(super) fn one(more: &str) -> String {
    format!("clouds:\n  a:\n    {AUTH}\n    {more}\n")
}

#[test]
fn explicit_values_win_over_variables_and_these_over_files() {
    let text = one("region_name: F\n    interface: admin\n    auth_type: v3password");
    let all = cloud(
        &text,
        &[("username", "typed"), ("interface", "internal")],
        &[
            ("OS_CLOUD", "a"),
            ("OS_USERNAME", "variable"),
            ("OS_PASSWORD", "variable"),
            ("OS_INTERFACE", "public"),
        ],
    );
    assert_eq!(
        value(&all, "auth.username"),
        ("typed", "explicit".to_owned())
    );
    assert_eq!(
        value(&all, "auth.password"),
        ("variable", "OS_PASSWORD".to_owned())
    );
    assert_eq!(
        value(&all, "auth.auth_url"),
        ("http://id/v3", "clouds.yaml:3".to_owned())
    );
    assert_eq!(
        value(&all, "region_name"),
        ("F", "clouds.yaml:4".to_owned())
    );
    assert_eq!(
        value(&all, "auth_type"),
        ("v3password", "clouds.yaml:6".to_owned())
    );
    assert_eq!(all.adapter_settings().interfaces, [Interface::Internal]);
    assert_eq!(all.name(), Some("a"));
    assert!(!format!("{all:?}").contains("swordfish"));
}

#[test]
fn the_password_in_a_file_is_secret() {
    let cloud = cloud(
        &one(
            "my_secret: hidden\n    statsd: {token: hidden}\n    token: hidden\n    \
             Password: hidden\n    pasword: hidden\n    mail: [{admin_pass: hidden}]",
        ),
        &[("cloud", "a")],
        &[],
    );
    for name in [
        "my_secret",
        "statsd",
        "auth.token",
        "Password",
        "pasword",
        "mail",
    ] {
        assert!(cloud.setting(name).unwrap().is_secret(), "{name}");
    }
    assert!(!format!("{cloud:?}").contains("hidden"));
}

#[test]
fn explicit_names_are_not_shadowed_by_ids_of_weaker_sources() {
    let text = "clouds:\n  a:\n    auth: {auth_url: 'http://id/v3', user_id: u1, project_id: p1, password: pw}\n";
    let plain = cloud(text, &[("cloud", "a")], &[]);
    assert_eq!(value(&plain, "auth.project_id").0, "p1");
    let named = cloud(
        text,
        &[("cloud", "a"), ("project_name", "web")],
        &[("OS_USERNAME", "demo")],
    );
    assert!(named.setting("auth.project_id").is_none());
    assert!(named.setting("auth.user_id").is_none());
    let debug = format!("{:?}", named.credentials().unwrap());
    assert!(debug.contains("web") && debug.contains("demo"), "{debug}");
}

#[test]
fn explicit_tokens_and_endpoints_beat_variables() {
    let config = |explicit, variables| cloud(&one(""), explicit, variables);
    let token = config(
        &[("auth_type", "v3token"), ("auth_token", "typed")],
        &[("OS_TOKEN", "variable")],
    );
    assert_eq!(value(&token, "auth.token").0, "typed");
    for explicit in [
        &[("auth_type", "none"), ("heat_url", "http://typed")][..],
        &[
            ("auth_type", "admin_token"),
            ("heat_url", "http://typed"),
            ("token", "t"),
        ],
    ] {
        let found = config(explicit, &[("OS_ENDPOINT", "http://variable")]);
        assert_eq!(value(&found, "auth.endpoint").0, "http://typed");
    }
}

#[test]
fn the_settings_of_the_service_come_before_those_of_all() {
    let text = one("\
        region_name: R1\n    interface: public\n    orchestration_interface: [admin, internal]\n    \
        orchestration_region_name: R2\n    orchestration_endpoint_override: http://h/v1/%(project_id)s\n    \
        orchestration_service_type: orch\n    orchestration_service_name: heat2\n    \
        connect_retries: 1\n    orchestration_status_code_retries: 3\n    connect_retry_delay: 0.5\n    \
        cacert: /ca.pem\n    heat_timeout: 7\n    api_timeout: 5");
    let cloud = cloud(&text, &[("cloud", "a")], &[]);
    let adapter = cloud.adapter_settings();
    assert_eq!(adapter.interfaces, [Interface::Admin, Interface::Internal]);
    assert_eq!(adapter.region.as_deref(), Some("R2"));
    assert_eq!(adapter.service_type, "orch");
    assert_eq!(adapter.service_name.as_deref(), Some("heat2"));
    let endpoint = adapter.endpoint_override.as_ref().unwrap().to_string();
    assert_eq!(endpoint, "http://h/v1/%(project_id)s");
    assert_eq!(value(&cloud, "interface").0, "public");
    assert_eq!(value(&cloud, "region_name").0, "R1");
    let session = cloud.session_settings();
    let delay = std::time::Duration::from_millis(500);
    let policy = RetryPolicy::default()
        .connect_retries(1)
        .connect_retry_delay(delay);
    assert_eq!(session.retry, Some(policy.clone()));
    assert_eq!(adapter.retry, Some(policy.status_code_retries(3)));
    assert_eq!(value(&cloud, "orchestration_status_code_retries").0, "3");
    assert_eq!(value(&cloud, "connect_retries").0, "1");
    assert_eq!(session.api_timeout.unwrap().as_secs(), 7);
    assert_eq!(value(&cloud, "api_timeout").1, "clouds.yaml:15");
    // An explicit region is for all services.
    let text = one("regions: [R1, R2]\n    orchestration_region_name: R9");
    let typed = super::file_tests::cloud(&text, &[("region_name", "R2")], &[]);
    assert_eq!(typed.adapter_settings().region.as_deref(), Some("R2"));
}

#[test]
fn only_lists_may_be_lists() {
    let factors = "clouds: {a: {auth_type: v3multifactor, auth: {auth_url: 'http://id/v3', \
                   auth_methods: [v3password, v3totp], username: u, password: p}}}";
    let methods = cloud(factors, &[("cloud", "a")], &[]);
    assert_eq!(value(&methods, "auth.auth_methods").0, "v3password,v3totp");
    let command = "clouds: {a: {auth_type: exec, auth: {auth_url: 'http://id/v3', \
                   exec_command: [vault, 'a, b', 7]}}}";
    let command = cloud(command, &[("cloud", "a")], &[]);
    assert_eq!(
        value(&command, "auth.exec_command").0,
        r#"["vault","a, b","7"]"#
    );
    assert!(command.credentials().is_ok());
}

#[tokio::test]
async fn a_cloud_without_the_service_refuses_requests() {
    let cloud = cloud(&one("has_orchestration: false"), &[], &[]);
    let session = cloud.session().unwrap();
    let error = cloud.adapter(&session).build().endpoint().await;
    assert_eq!(
        error.unwrap_err().to_string(),
        "clouds.yaml:4: the cloud has no orchestration service: has_orchestration is false"
    );
}

#[test]
fn certificates_are_verified_unless_a_source_says_no() {
    for (more, explicit, insecure, cacert) in [
        ("verify: false", &[][..], true, None),
        ("verify: 'false'", &[], true, None),
        ("verify: ca.crt", &[], false, Some("ca.crt")),
        ("verify: 'yes'", &[], false, Some("/last.pem")),
        ("insecure: 0", &[], false, None),
        ("verify: true\n    insecure: true", &[], true, None),
        ("verify: false", &[("verify", "true")], false, None),
        ("verify: true", &[("insecure", "true")], true, None),
        ("insecure: 'yes'", &[], true, None),
        ("verify: /ca.pem", &[], false, Some("/ca.pem")),
        (
            "verify: /ca.pem\n    cacert: /b.pem",
            &[],
            false,
            Some("/b.pem"),
        ),
        ("cacert: ~", &[], false, Some("/last.pem")),
        ("cacert: /ca.pem", &[], false, Some("/ca.pem")),
    ] {
        let variables = &[
            ("OS_CLOUD", "a"),
            // Ignored beside a cloud.
            ("OS_INSECURE", "true"),
            ("REQUESTS_CA_BUNDLE", "/last.pem"),
        ];
        let cloud = cloud(&one(more), explicit, variables);
        let tls = &cloud.session_settings().tls;
        assert_eq!(tls.insecure, insecure, "{more}");
        if let Some(cacert) = cacert {
            assert_eq!(tls.cacert.as_deref(), Some(cacert.as_ref()), "{more}");
        }
    }
}

#[test]
fn tls_settings_of_files_are_read_and_ciphers_are_reported() {
    let both = cloud(
        &one("tls_min_version: 1.3\n    tls_ciphers: ECDHE+AESGCM"),
        &[("cloud", "a")],
        &[],
    );
    assert_eq!(
        both.session_settings().tls.min_version,
        Some(TlsVersion::Tls13)
    );
    assert_eq!(
        value(&both, "tls_min_version"),
        ("1.3", "clouds.yaml:4".to_owned())
    );
    assert_eq!(value(&both, "tls_ciphers").0, "ECDHE+AESGCM");
    let warning = &both.warnings()[0];
    assert!(
        warning.starts_with("tls_ciphers (clouds.yaml:5) is ignored: "),
        "{warning}"
    );
    // Beside a cloud, too: it is a matter of security.
    let strict = cloud(
        &one("tls_min_version: 1.2"),
        &[("cloud", "a")],
        &[("OS_TLS_MIN_VERSION", "1.3")],
    );
    assert_eq!(
        strict.session_settings().tls.min_version,
        Some(TlsVersion::Tls13)
    );
    let old = one("tls_min_version: 1.1");
    let error = try_cloud(&[("clouds.yaml", &old)], &[], &[]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "clouds.yaml:4: invalid tls_min_version \"1.1\": expected 1.2 or 1.3"
    );
}

#[test]
fn the_section_client_may_force_ipv4() {
    for (client, more, variables, expected) in [
        ("{}", "region_name: R", &[][..], false),
        ("{force_ipv4: true}", "region_name: R", &[], true),
        ("{force-ipv4: 'true'}", "region_name: R", &[], true),
        ("{broken-ipv6: true}", "region_name: R", &[], true),
        ("{prefer-ipv6: false}", "region_name: R", &[], true),
        ("{prefer_ipv6: false}", "prefer_ipv6: true", &[], false),
        ("{force_ipv4: true}", "force_ipv4: false", &[], false),
        ("{}", "force_ipv4: true", &[], true),
        ("{}", "prefer_ipv6: false", &[], true),
        (
            "{force_ipv4: false}",
            "region_name: R",
            &[("OS_FORCE_IPV4", "true")],
            true,
        ),
        (
            "{force_ipv4: true}",
            "region_name: R",
            &[("OS_FORCE_IPV4", "false")],
            false,
        ),
        ("{}", "region_name: R", &[("OS_PREFER_IPV6", "false")], true),
    ] {
        let text = format!("{}\nclient: {client}\n", one(more));
        let cloud = cloud(&text, &[("cloud", "a")], variables);
        let settings = cloud.session_settings();
        assert_eq!(
            settings.force_ipv4, expected,
            "{client} {more} {variables:?}"
        );
        // As `openstack configuration show`.
        assert!(cloud.setting("force_ipv4").is_none() && cloud.setting("prefer_ipv6").is_none());
    }
}

#[test]
fn version_2_of_identity_is_refused_only_when_it_would_be_used() {
    let old = cloud(&one("identity_api_version: 2.0"), &[("cloud", "a")], &[]);
    assert_eq!(
        old.credentials().unwrap_err().to_string(),
        "clouds.yaml:4: version \"2.0\" of the identity API is not supported; use 3, or omit identity_api_version"
    );
    let none =
        "clouds: {a: {auth_type: none, identity_api_version: 2, auth: {endpoint: 'http://h'}}}";
    assert!(cloud(none, &[], &[]).credentials().is_ok());
}

#[test]
fn what_is_wrong_in_a_file_is_told_with_its_line() {
    for (text, message) in [
        (
            "clouds:\n  b: {}\n  c: {}\n",
            "cloud \"a\" was not found in clouds.yaml (there are b, c)",
        ),
        (
            "clouds:\n  ab: {}\n",
            "cloud \"a\" was not found in clouds.yaml (there are ab)",
        ),
        (
            "clouds: []\n",
            "clouds.yaml:1: `clouds` must be a mapping, not a list",
        ),
        (
            "clouds:\n  a: text\n",
            "clouds.yaml:2: cloud \"a\" must be a mapping, not a string",
        ),
        (
            "clouds:\n  a:\n    auth: swordfish\n",
            "clouds.yaml:3: `auth` must be a mapping, not a string",
        ),
        (
            "clouds:\n  a:\n    auth:\n      password: yes\n",
            "clouds.yaml:4: auth.password must be a string, not the boolean true; quote it",
        ),
        (
            "clouds:\n  a:\n    auth:\n      password: [swordfish, x]\n",
            "clouds.yaml:4: auth.password must be a string, not a list",
        ),
        (
            "clouds:\n  a:\n    username: [swordfish]\n",
            "clouds.yaml:3: username must be a string, not a list",
        ),
        (
            "clouds:\n  a:\n    cacert: [swordfish]\n",
            "clouds.yaml:3: cacert must be a string, not a list",
        ),
        (
            "clouds:\n  a:\n    auth:\n      exec_command: [[swordfish]]\n",
            "clouds.yaml:4: auth.exec_command must be a string or a list of strings, not a list",
        ),
        (
            "clouds:\n  a:\n    auth:\n      username: {x: swordfish}\n",
            "clouds.yaml:4: auth.username must be a string, not a mapping",
        ),
        (
            "clouds:\n  a:\n    verify: [swordfish]\n",
            "clouds.yaml:3: verify must be true, false or the path of a CA file, not a list",
        ),
        (
            "clouds:\n  a:\n    verify: 2\n",
            "clouds.yaml:3: verify must be true, false or the path of a CA file, not 2",
        ),
        (
            "clouds:\n  a:\n    insecure: maybe\n",
            "clouds.yaml:3: insecure must be true or false, not \"maybe\"",
        ),
        (
            "clouds:\n  a:\n    has_orchestration: maybe\n",
            "clouds.yaml:3: has_orchestration must be true or false, not \"maybe\"",
        ),
        (
            "clouds:\n  a:\n    auth:\n      usernam: swordfish\n",
            "clouds.yaml:4: auth plugin password has no option \"usernam\" (did you mean username?)",
        ),
        (
            "clouds:\n  a:\n    interface: pubic\n",
            "clouds.yaml:3: unknown interface \"pubic\"; expected public, internal or admin",
        ),
        (
            "clouds:\n  a:\n    api_timeout: soon\n",
            "clouds.yaml:3: invalid api_timeout \"soon\": expected a number of seconds above 0 and up to 1000000000",
        ),
        (
            "clouds:\n  a:\n    connect_retries: -1\n",
            "clouds.yaml:3: invalid connect_retries \"-1\": expected a whole number, 0 or more",
        ),
        (
            "clouds:\n  a:\n    orchestration_api_version: 2\n",
            "clouds.yaml:3: version \"2\" of Heat's API does not exist; use 1",
        ),
        (
            "clouds:\n  a:\n    orchestration_endpoint_override: heat\n",
            "clouds.yaml:3: the URL of Heat \"heat\" has no scheme; expected http://host[:port]/path",
        ),
        (
            "clouds:\n  a:\n    auth:\n      auth_url: http://{region}/v3\n",
            "clouds.yaml:4: unknown placeholder {region} in auth_url; the name of a setting is expected, such as \
             {region_name}; a brace is written twice",
        ),
        (
            "clouds:\n  a:\n    profile: https://vendor.example\n",
            "clouds.yaml:3: profile \"https://vendor.example\" of cloud \"a\" is a URL, which is not supported; copy \
             the profile to clouds-public.yaml, under `public-clouds`, and name it here",
        ),
        (
            "clouds:\n  a:\n    profile: ovh\n",
            "clouds.yaml:3: profile \"ovh\" of cloud \"a\" is not in clouds-public.yaml (there is none); the profiles \
             that openstacksdk contains are not included here",
        ),
    ] {
        let error = try_cloud(&[("clouds.yaml", text)], &[("cloud", "a")], &[]).unwrap_err();
        assert_eq!(error.to_string(), message);
        assert!(!format!("{error:?}").contains("swordfish"));
    }
    let error = try_cloud(
        &[("clouds.yaml", "clouds:\n  a: {auth_type: pasword}\n")],
        &[],
        &[],
    );
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownPlugin);
    let start = "clouds.yaml:2: unknown auth plugin \"pasword\" (did you mean password?)";
    assert!(error.to_string().starts_with(start), "{error}");
}

#[test]
fn probable_typing_errors_are_warnings() {
    let text = one("regoin_name: R1\n    image_format: raw\n    profile: nothing");
    let cloud = cloud(&text, &[("cloud", "a")], &[]);
    let warnings = cloud.warnings();
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings[0].starts_with("clouds.yaml:6: profile \"nothing\" of cloud \"a\" is not in"));
    assert_eq!(
        warnings[1],
        "clouds.yaml:4: unknown key \"regoin_name\" (did you mean region_name?)"
    );
    assert_eq!(value(&cloud, "image_format").0, "raw");
}

#[test]
fn the_choice_of_the_cloud_is_explained() {
    const TWO: &str = "clouds: {a: {}, b: {}}";
    let none = cloud(TWO, &[], &[]);
    assert_eq!((none.name(), none.choices().len()), (None, 2));
    // Variables describe a cloud of their own.
    let own = cloud(&one(""), &[], &[("OS_USERNAME", "rc")]);
    assert_eq!(
        (own.name(), own.setting("auth.auth_url").is_none()),
        (None, true)
    );
    let envvars =
        |variables| try_cloud(&[("clouds.yaml", TWO)], &[("cloud", "envvars")], variables);
    let named = envvars(&[("OS_USERNAME", "rc")]).unwrap();
    assert_eq!(named.name(), Some("envvars"));
    assert_eq!(value(&named, "auth.username").0, "rc");
    assert_eq!(
        envvars(&[]).unwrap_err().to_string(),
        "cloud \"envvars\" is the one of OS_* variables, but none is set"
    );
    let clash = try_cloud(
        &[("clouds.yaml", "clouds:\n  envvars: {}\n")],
        &[("cloud", "envvars")],
        &[],
    );
    assert_eq!(
        clash.unwrap_err().to_string(),
        "clouds.yaml:2: cloud \"envvars\" has the name of the cloud of OS_* variables; rename it, or set OS_CLOUD_NAME"
    );
}

/// A plugin of another crate, whose second option depends on the first.
#[derive(Debug)]
struct Vault;

impl Loader for Vault {
    fn name(&self) -> &str {
        "config_test_vault"
    }

    fn options(&self) -> &[Opt] {
        const OPTIONS: &[Opt] = &[Opt::new("vault_url", "Where the token is").required()];
        OPTIONS
    }

    fn options_for(&self, values: &OptionValues) -> Cow<'_, [Opt]> {
        const ROLE: Opt = Opt::new("vault_role", "Role").required();
        match values.get("vault_url") {
            Some(_) => [self.options(), &[ROLE]].concat().into(),
            None => self.options().into(),
        }
    }

    fn load(&self, values: &OptionValues) -> crate::Result<Credentials> {
        Ok(AdminToken::new("http://h", values.require("vault_role")?)?.into())
    }
}

#[test]
fn a_plugin_of_another_crate_is_chosen_by_auth_type() {
    let text = "clouds:\n  a:\n    auth_type: config_test_vault\n    vault_role: beside\n    auth: {vault_url: u}\n";
    let unknown = try_cloud(&[("clouds.yaml", text)], &[], &[]).unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::UnknownPlugin);
    crate::loading::register(Vault).unwrap();
    let config = cloud(text, &[], &[("OS_CLOUD", "a")]);
    assert_eq!(
        value(&config, "auth.vault_role"),
        ("beside", "clouds.yaml:4".to_owned())
    );
    assert!(config.credentials().is_ok());
    assert!(config.warnings().is_empty());
}

#[test]
fn files_are_found_in_directories_and_by_variables() {
    let root = std::env::temp_dir().join(format!("heat-config-{}", std::process::id()));
    let write = |name: &str, text: &str| {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let first = write(
        "one/clouds.yml",
        "clouds: {a: {auth: {username: one}, region_name: R1}}",
    );
    write("two/clouds.yaml", "clouds: {a: {auth: {username: two}}}");
    write("two/secure.yaml", "clouds: {a: {auth: {password: pw}}}");
    let extra = write(
        "extra/clouds.yaml",
        "clouds: {b: {region_name: B}, a: {interface: admin, region_name: X}}",
    );
    let other = write(
        "other.json",
        r#"{"clouds": {"a": {"auth": {"username": "other"}}}}"#,
    );
    let find = |variables: Vec<(&'static str, String)>| {
        let builder = ConfigBuilder::new()
            .files_in([root.join("one"), root.join("two")])
            .env(move |name| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| value.clone())
            });
        builder.cloud("a").build().unwrap()
    };
    let plain = find(Vec::new());
    assert_eq!(
        value(&plain, "auth.username"),
        ("one", format!("{first}:1"))
    );
    assert_eq!(value(&plain, "auth.password").0, "pw");
    let other = find(vec![("OS_CLIENT_CONFIG_FILE", other)]);
    assert_eq!(value(&other, "auth.username").0, "other");
    let missing = find(vec![("OS_CLIENT_SECURE_FILE", "/nothing.yaml".to_owned())]);
    assert_eq!(value(&missing, "auth.password").0, "pw");
    assert_eq!(
        missing.warnings(),
        ["OS_CLIENT_SECURE_FILE: /nothing.yaml does not exist; the usual directories are searched"]
    );
    // The files of a path are merged, and come before those that are found.
    let directory = root.join("extra").display().to_string();
    for path in [format!("/nothing:{extra}"), directory] {
        let merged = find(vec![("OS_CLIENT_CONFIG_PATH", path)]);
        assert_eq!(value(&merged, "interface"), ("admin", format!("{extra}:1")));
        assert_eq!(value(&merged, "region_name").0, "R1");
    }
    std::fs::remove_dir_all(&root).unwrap();
}

#[test]
fn the_searched_directories_and_the_unreadable_file_are_told() {
    let root = std::env::temp_dir().join(format!("heat-search-{}", std::process::id()));
    std::fs::create_dir_all(&root).unwrap();
    let built = |file: Option<String>| {
        let builder = ConfigBuilder::new().files_in([root.join("one"), root.join("two")]);
        let builder = builder.env(move |name| match name {
            "OS_CLIENT_CONFIG_FILE" => file.clone(),
            _ => None,
        });
        builder
            .cloud("a")
            .build()
            .map_err(|error| error.to_string())
    };
    let shown = root.display().to_string();
    assert_eq!(
        built(None).unwrap_err(),
        format!("cloud \"a\" was not found: there is no clouds.yaml in {shown}/one, {shown}/two")
    );
    // A directory cannot be read, also not by root.
    let error = built(Some(shown.clone())).unwrap_err();
    assert!(
        error.starts_with(&format!("cannot read {shown}: ")),
        "{error}"
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;

        let path = root.join("secret.yaml");
        std::fs::write(&path, "clouds: {a: {}}").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
        // Root may read any file.
        if std::fs::read(&path).is_err() {
            let path = path.display().to_string();
            assert_eq!(
                built(Some(path.clone())).unwrap_err(),
                format!("OS_CLIENT_CONFIG_FILE: cannot read {path}: permission denied")
            );
        }
    }
    std::fs::remove_dir_all(&root).unwrap();
}

#[test]
fn an_ini_section_is_a_configuration() {
    let path = std::env::temp_dir().join(format!("heat-config-{}.conf", std::process::id()));
    let text = "[heat]\nauth_type = v3password\nauth_url = http://id/v3\nusername = demo\npassword = pw\n\
                user_domain_id = d\nproject_id = p\nvalid_interfaces = internal,public\nregion_name = R\n\
                endpoint_override = http://h/v1\ncafile = /ca.pem\ntimeout = 5\nmemcached_servers = x\n";
    std::fs::write(&path, text).unwrap();
    let cloud = super::ini(&path, "heat").unwrap();
    std::fs::remove_file(&path).unwrap();
    let adapter = cloud.adapter_settings();
    assert_eq!(adapter.interfaces, [Interface::Internal, Interface::Public]);
    assert_eq!(adapter.region.as_deref(), Some("R"));
    assert_eq!(adapter.endpoint_override.as_ref().unwrap(), "http://h/v1");
    let session = cloud.session_settings();
    assert_eq!(session.tls.cacert.as_deref(), Some("/ca.pem".as_ref()));
    assert_eq!(session.api_timeout.unwrap().as_secs(), 5);
    assert!(cloud.credentials().is_ok());
    let source = cloud.setting("auth.password").unwrap().source();
    assert_eq!(*source, Source::File { path, line: 5 });
}

/// Any combination of lines is merged or refused, and a file merged over itself changes nothing.
#[test]
fn a_file_merged_over_itself_changes_nothing() {
    const LINES: &[&str] = &[
        "clouds:",
        "  a:",
        "  b: &b",
        "    <<: *b",
        "    auth:",
        "      username: demo",
        "      password: 0123",
        "      project-name: {region_name}",
        "      auth_url: http://{region_name}.id",
        "      domain_name: acme",
        "    auth: text",
        "    auth: ~",
        "    region_name: R1,R2",
        "    regions: [R1, {name: R2, values: {auth: {username: x}, verify: no}}]",
        "    regions: {}",
        "    profile: vendor",
        "    profile: https://vendor",
        "    cloud: vendor",
        "    verify: [1]",
        "    interface: [internal, public]",
        "    endpoint_type: adminURL",
        "    heat_timeout: 5",
        "    rate_limit: {orchestration: 3, compute: [x]}",
        "    rate_limit: {orchestration: [x]}",
        "    concurrency: 3",
        "    retriable_status_codes: [500, x]",
        "    orchestration_connect_retries: 3",
        "    api_timeout: x",
        "    identity_api_version: 3",
        "    auth_type: v3token",
        "    orchestration_endpoint_override: http://{x}",
        "    token: {t: {u: [v]}}",
        "public-clouds:",
        "  vendor: {auth: {auth_url: http://v}}",
        "  vendor: []",
        "\"",
        "- x",
    ];
    let mut random = fastrand::Rng::with_seed(12);
    let mut used = 0;
    for _ in 0..500 {
        let count = random.usize(0..12);
        let mut lines = vec!["clouds:", "  a:"];
        lines.extend((0..count).map(|_| *random.choice(LINES).unwrap()));
        let text = lines.join("\n");
        let once = try_cloud(&[("clouds.yaml", &text)], &[], &[]);
        let documents = [
            ("clouds.yaml", text.as_str()),
            ("secure.yaml", text.as_str()),
            ("clouds-public.yaml", text.as_str()),
        ];
        let values = |cloud: &CloudConfig| {
            let values = cloud.settings().iter();
            let values =
                values.map(|setting| (setting.name().to_owned(), setting.value().to_owned()));
            values.collect::<std::collections::BTreeMap<_, _>>()
        };
        let twice = try_cloud(documents.get(..2).unwrap(), &[], &[]);
        match (&once, &twice) {
            (Ok(once), Ok(twice)) => {
                used += 1;
                assert_eq!(values(once), values(twice), "{text}");
            }
            (Err(once), Err(twice)) => assert_eq!(once.kind(), twice.kind(), "{text}"),
            _ => panic!("{text}\n{once:?}\n{twice:?}"),
        }
        let _ = try_cloud(&documents, &[], &[]).map(|cloud| cloud.credentials().is_ok());
    }
    assert!(used > 25, "{used}");
}
