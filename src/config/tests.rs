//! Tests from sources to credentials and settings.

use std::borrow::Cow;
use std::sync::{Arc, Mutex};

use super::testing::builder;
use super::{CloudConfig, Setting, Source};
use crate::auth::{AdminToken, Credentials};
use crate::catalog::Interface;
use crate::error::ErrorKind;
use crate::loading::{Loader, Opt, OptionValues};
use crate::secret::Secret;

type Pairs = &'static [(&'static str, &'static str)];

const URL: (&str, &str) = ("OS_AUTH_URL", "http://id:5000/v3");
const USER: (&str, &str) = ("OS_USERNAME", "demo");
const PASSWORD: (&str, &str) = ("OS_PASSWORD", "swordfish");

/// The credentials from these sources, and the prompts.
fn credentials(explicit: Pairs, variables: Pairs) -> (Result<String, String>, Vec<String>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let prompts = Arc::clone(&asked);
    let builder = builder(explicit, variables).ask(move |prompt| {
        prompts.lock().unwrap().push(prompt.to_owned());
        Some(Secret::from("typed"))
    });
    let credentials = builder.build().and_then(|cloud| cloud.credentials());
    let result = credentials.map(|credentials| format!("{credentials:?}"));
    let asked = asked.lock().unwrap().clone();
    (result.map_err(|error| error.to_string()), asked)
}

fn cloud(explicit: Pairs, variables: Pairs) -> CloudConfig {
    builder(explicit, variables).build().unwrap()
}

#[test]
fn the_given_values_choose_the_plugin() {
    for (explicit, variables, plugin) in [
        (&[][..], &[URL, USER, PASSWORD][..], "Password"),
        (&[], &[URL, USER, PASSWORD, ("OS_TOKEN", "t")], "Token"),
        (&[], &[URL, USER, PASSWORD, ("OS_TOKEN", "")], "Password"),
        (&[("auth_token", "t")], &[URL], "Token"),
        (&[("token", "t")], &[URL, USER, PASSWORD], "Token"),
        (
            &[("auth_type", "password")],
            &[URL, USER, PASSWORD, ("OS_TOKEN", "t")],
            "Password",
        ),
        (
            &[],
            &[
                URL,
                ("OS_AUTH_PLUGIN", "token"),
                ("OS_AUTH_TYPE", "password"),
                USER,
                PASSWORD,
                ("OS_TOKEN", "t"),
            ],
            "Password",
        ),
        (
            &[("application-credential-id", "i")],
            &[URL, ("OS_APPLICATION_CREDENTIAL_SECRET", "s")],
            "ApplicationCredential",
        ),
        (
            &[("heat_url", "http://h/v1/p")],
            &[("OS_AUTH_TOKEN", "t")],
            "AdminToken",
        ),
        (
            &[("no_client_auth", "true")],
            &[("HEAT_URL", "http://h")],
            "NoAuth",
        ),
        (
            &[("no_client_auth", "true"), ("auth_token", "t")],
            &[
                ("HEAT_URL", "http://h"),
                ("HEAT_INCLUDE_PASSWORD", "1"),
                USER,
                PASSWORD,
            ],
            "UserAndPassword",
        ),
        (
            &[("no_client_auth", "true"), ("auth_token", "t")],
            &[
                ("HEAT_URL", "http://h"),
                ("HEAT_INCLUDE_PASSWORD", "no"),
                USER,
                PASSWORD,
            ],
            "AdminToken",
        ),
        (
            &[("auth_token", "t"), ("include_password", "true")],
            &[("HEAT_URL", "http://h"), USER, PASSWORD],
            "AdminToken",
        ),
        (
            &[],
            &[
                ("HEAT_URL", "http://h"),
                ("OS_NO_CLIENT_AUTH", "1"),
                USER,
                PASSWORD,
            ],
            "UserAndPassword",
        ),
        (
            &[],
            &[
                URL,
                ("HEAT_URL", "http://h"),
                ("OS_NO_CLIENT_AUTH", "0"),
                USER,
                PASSWORD,
            ],
            "Password",
        ),
        (
            &[("auth_type", "none")],
            &[("HEAT_URL", "http://h")],
            "NoAuth",
        ),
        (
            &[("auth_type", "admin_token"), ("token", "t")],
            &[("HEAT_URL", "http://h")],
            "AdminToken",
        ),
    ] {
        let (result, asked) = credentials(explicit, variables);
        let debug = result.unwrap_or_else(|e| panic!("{explicit:?} {variables:?}: {e}"));
        assert!(debug.contains(plugin), "{explicit:?}: {debug}");
        assert!(!debug.contains("swordfish"), "{debug}");
        assert!(asked.is_empty());
    }
}

#[test]
fn explicit_values_have_priority_and_older_names_come_after_newer() {
    const VARIABLES: Pairs = &[
        URL,
        USER,
        PASSWORD,
        ("OS_PROJECT_NAME", "one"),
        ("OS_TENANT_NAME", "two"),
    ];
    for (explicit, user, project) in [
        (&[][..], "demo", "one"),
        (&[("username", "admin")], "admin", "one"),
        (&[("tenant_name", "three")], "demo", "three"),
        (
            &[("tenant_name", "three"), ("project_name", "four")],
            "demo",
            "four",
        ),
        (&[("username", "")], "demo", "one"),
        // An option of another plugin.
        (&[("application_credential_name", "x")], "demo", "one"),
    ] {
        let debug = credentials(explicit, VARIABLES).0.unwrap();
        for text in [user, project, "\"default\""] {
            assert!(debug.contains(text), "{explicit:?}: {text} in {debug}");
        }
    }
    let named = credentials(&[("default_domain", "acme")], VARIABLES);
    let named = named.0.unwrap();
    assert!(
        named.contains("\"acme\"") && !named.contains("\"default\""),
        "{named}"
    );
}

#[test]
fn only_a_missing_password_is_asked_for() {
    let (result, asked) = credentials(&[], &[URL, USER]);
    assert!(result.is_ok());
    assert_eq!(asked, ["Password: "]);
    let missing = "auth plugin password needs auth_url (OS_AUTH_URL); password (OS_PASSWORD)";
    let (result, asked) = credentials(&[], &[USER]);
    assert_eq!(result.unwrap_err(), missing);
    assert!(asked.is_empty());
    // The empty string is a password.
    assert!(credentials(&[("password", "")], &[URL, USER]).1.is_empty());

    let refused = builder(&[], &[URL, USER]).ask(|_| None).build().unwrap();
    let error = refused.credentials().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MissingOption);
    assert_eq!(
        error.to_string(),
        "auth plugin password needs password (OS_PASSWORD)"
    );
}

/// Has the option `test_code` only if `test_kind` is `code`.
#[derive(Debug)]
struct Dependent;

impl Loader for Dependent {
    fn name(&self) -> &str {
        "config_test_plugin"
    }

    fn options(&self) -> &[Opt] {
        const OPTIONS: &[Opt] = &[Opt::new("test_kind", "What it takes").default("nothing")];
        OPTIONS
    }

    fn options_for(&self, values: &OptionValues) -> Cow<'_, [Opt]> {
        const CODE: Opt = Opt::new("test_code", "A code")
            .secret()
            .required()
            .prompt("Code: ");
        match values.get("test_kind") {
            Some("code") => [self.options(), &[CODE]].concat().into(),
            _ => self.options().into(),
        }
    }

    fn load(&self, values: &OptionValues) -> crate::Result<Credentials> {
        let code = values.get("test_code").unwrap_or("none");
        Ok(AdminToken::new("http://h", code)?.into())
    }
}

#[test]
fn options_may_depend_on_values() {
    crate::loading::register(Dependent).unwrap();
    const PLUGIN: (&str, &str) = ("OS_AUTH_TYPE", "config_test_plugin");
    const KIND: (&str, &str) = ("OS_TEST_KIND", "code");
    let plain = cloud(&[], &[PLUGIN]);
    let kind = plain.setting("auth.test_kind").unwrap();
    assert_eq!((kind.value(), kind.source()), ("nothing", &Source::Default));
    assert!(plain.credentials().is_ok());

    let given = cloud(&[("test-code", "c")], &[PLUGIN, KIND]);
    let code = given.setting("auth.test_code").unwrap();
    assert_eq!(
        (code.value(), code.source(), code.is_secret()),
        ("c", &Source::Explicit, true)
    );
    assert_eq!(credentials(&[], &[PLUGIN, KIND]).1, ["Code: "]);
    let unknown = builder(&[("test_code", "c")], &[PLUGIN]).build();
    assert_eq!(unknown.unwrap_err().kind(), ErrorKind::UnknownOption);
    let unanswered = builder(&[], &[PLUGIN, KIND]).ask(|_| Some(Secret::from("")));
    let error = unanswered.build().unwrap().credentials().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MissingOption);
}

#[test]
fn what_cannot_be_used_is_an_error() {
    for (explicit, variables, message) in [
        (
            &[("no_client_auth", "true")][..],
            &[][..],
            "--os-no-client-auth requires the URL of Heat: set --heat-url or HEAT_URL",
        ),
        (
            &[],
            &[("HEAT_URL", "heat:8004")],
            "the URL of Heat \"heat:8004\" has no scheme; expected http://host[:port]/path",
        ),
        (
            &[],
            &[("OS_ENDPOINT_TYPE", "pubic")],
            "unknown interface \"pubic\"; expected public, internal or admin",
        ),
        (
            &[],
            &[("OS_CLOUD", "a")],
            "cloud \"a\" (OS_CLOUD): this program reads no clouds.yaml",
        ),
        (
            &[],
            &[("OS_SERVICE_PROVIDER", "sp")],
            "service provider \"sp\" (--os-service-provider, OS_SERVICE_PROVIDER): Keystone-to-Keystone federation \
             is not supported; log in to that cloud directly",
        ),
        (
            &[("identity_api_version", "v2.0")],
            &[],
            "version \"v2.0\" of the identity API is not supported; use 3, or omit --os-identity-api-version",
        ),
        (
            &[],
            &[("HEAT_API_VERSION", "2")],
            "version \"2\" of Heat's API does not exist; use 1",
        ),
        (
            &[("regoin_name", "R")],
            &[],
            "unknown setting \"regoin_name\" (did you mean region_name?)",
        ),
        (
            &[("usernam", "u")],
            &[],
            "unknown setting \"usernam\" (did you mean username?)",
        ),
    ] {
        assert_eq!(credentials(explicit, variables).0.unwrap_err(), message);
    }
    for (explicit, variables) in [
        (&[("identity_api_version", "3")][..], &[][..]),
        (&[], &[("OS_IDENTITY_API_VERSION", "2")]),
        (&[], &[("OS_ORCHESTRATION_API_VERSION", "v1")]),
    ] {
        assert!(builder(explicit, variables).build().is_ok(), "{explicit:?}");
    }
    // The rest of the message depends on the registered plugins.
    let error = builder(&[("auth_type", "pasword")], &[URL]).build();
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownPlugin);
    let start = "unknown auth plugin \"pasword\" (did you mean password?)";
    assert!(error.to_string().starts_with(start), "{error}");
    // A session without a cloud ignores all these errors.
    let cloudless = builder(&[("auth_type", "pasword")], &[("OS_CLOUD", "a")]);
    assert!(cloudless.session_settings().is_ok());
}

#[test]
fn the_endpoint_is_chosen_by_the_settings() {
    let plain = cloud(&[], &[]);
    let adapter = plain.adapter_settings();
    assert_eq!(adapter.service_type, "orchestration");
    assert_eq!(adapter.interfaces, [Interface::Public]);
    assert_eq!(
        (
            &adapter.region,
            &adapter.service_name,
            &adapter.endpoint_override
        ),
        (&None, &None, &None)
    );
    let chosen = cloud(
        &[("endpoint_override", "http://typed"), ("region_name", "R2")],
        &[
            ("HEAT_URL", "http://variable"),
            ("OS_REGION_NAME", "R1"),
            ("OS_ENDPOINT_TYPE", "adminURL"),
            ("OS_INTERFACE", "internalURL"),
            ("OS_SERVICE_TYPE", "orch"),
            ("OS_SERVICE_NAME", "heat"),
        ],
    );
    let adapter = chosen.adapter_settings();
    assert_eq!(adapter.service_type, "orch");
    assert_eq!(adapter.service_name.as_deref(), Some("heat"));
    assert_eq!(adapter.region.as_deref(), Some("R2"));
    assert_eq!(adapter.interfaces, [Interface::Internal]);
    assert_eq!(adapter.endpoint_override.as_ref().unwrap(), "http://typed/");
    let both: Pairs = &[("endpoint_override", "http://b"), ("heat_url", "http://a")];
    let adapter = cloud(both, &[]).adapter_settings().clone();
    assert_eq!(adapter.endpoint_override.unwrap(), "http://a/");
}

/// The settings as `name=value source`; secrets as `*`.
fn shown(cloud: &CloudConfig) -> Vec<String> {
    let show = |setting: &Setting| {
        let value = if setting.is_secret() {
            "*"
        } else {
            setting.value()
        };
        format!("{}={value} {}", setting.name(), setting.source())
    };
    let mut lines: Vec<_> = cloud.settings().iter().map(show).collect();
    lines.sort();
    lines
}

#[test]
fn each_setting_knows_its_source() {
    for (explicit, variables, expected) in [
        (
            &[][..],
            &[][..],
            "auth_type=password default,default_domain=default default,interface=public default,\
             orchestration_api_version=1 default,verify=true default",
        ),
        (
            &[
                ("username", "admin"),
                ("insecure", "true"),
                ("cacert", "~/ca"),
            ],
            &[
                URL,
                USER,
                PASSWORD,
                ("HOME", "/h"),
                ("OS_TENANT_NAME", "web"),
                ("OS_DEFAULT_DOMAIN_NAME", "Acme"),
                ("OS_INTERFACE", "internalURL"),
                ("OS_AUTH_PLUGIN", "password"),
                ("OS_KEY", "/k"),
            ],
            "auth.auth_url=http://id:5000/v3 OS_AUTH_URL,auth.default_domain_name=Acme OS_DEFAULT_DOMAIN_NAME,\
             auth.password=* OS_PASSWORD,auth.project_name=web OS_TENANT_NAME,auth.username=admin explicit,\
             auth_type=password OS_AUTH_PLUGIN,cacert=~/ca explicit,default_domain=default default,\
             insecure=true explicit,interface=internalURL OS_INTERFACE,\
             key=/k OS_KEY,orchestration_api_version=1 default,verify=true default",
        ),
        (
            &[("api_timeout", "5")],
            &[
                ("OS_APPLICATION_CREDENTIAL_SECRET", "s"),
                ("OS_DEFAULT_DOMAIN", "d"),
                ("OS_AUTH_URL", "http://u:p@id/v3"),
                ("OS_INSECURE", "no"),
            ],
            "api_timeout=5 explicit,auth.application_credential_secret=* OS_APPLICATION_CREDENTIAL_SECRET,\
             auth.auth_url=* OS_AUTH_URL,\
             auth_type=v3applicationcredential OS_APPLICATION_CREDENTIAL_SECRET,default_domain=d OS_DEFAULT_DOMAIN,\
             insecure=false OS_INSECURE,interface=public default,orchestration_api_version=1 default,verify=true default",
        ),
        (
            &[],
            &[("HEAT_URL", "http://h"), ("OS_AUTH_TOKEN", "t")],
            "auth.endpoint=http://h HEAT_URL,auth.token=* OS_AUTH_TOKEN,auth_type=admin_token OS_AUTH_TOKEN,\
             default_domain=default default,endpoint_override=http://h HEAT_URL,interface=public default,orchestration_api_version=1 default,\
             verify=true default",
        ),
        (
            &[("no_client_auth", "true")],
            &[("HEAT_URL", "http://h"), USER, PASSWORD],
            "auth.endpoint=http://h HEAT_URL,auth.password=* OS_PASSWORD,auth.username=demo OS_USERNAME,\
             auth_type=standalone explicit,default_domain=default default,endpoint_override=http://h HEAT_URL,interface=public default,\
             no_client_auth=true explicit,orchestration_api_version=1 default,verify=true default",
        ),
    ] {
        let cloud = cloud(explicit, variables);
        assert_eq!(shown(&cloud).join(","), expected);
        let debug = format!("{cloud:?} {:?}", builder(explicit, variables));
        assert!(
            !debug.contains("swordfish") && !debug.contains("u:p@"),
            "{debug}"
        );
    }
}

#[tokio::test]
async fn a_configuration_leads_to_a_session_and_an_adapter() {
    let cloud = cloud(&[("auth_token", "t")], &[("HEAT_URL", "http://heat/v1/p")]);
    let session = cloud.session().unwrap();
    let endpoint = cloud.adapter(&session).build().endpoint().await.unwrap();
    assert_eq!(endpoint, "http://heat/v1/p");
    let setting = cloud.setting("auth.endpoint").unwrap();
    assert_eq!(*setting.source(), Source::Variable("HEAT_URL".to_owned()));
    assert!(cloud.setting("auth.username").is_none());
}
