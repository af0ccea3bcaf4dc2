//! Logins with Keystone's further methods and scopes, through the loaders.

use std::sync::{Arc, Mutex};

use heatclient::auth::identity::{ExistingToken, Password, Token, TotpSecret, UserRef};
use heatclient::auth::{
    Credentials, DomainRef, Exec, Interaction, Page, Prompt, Scope, ServiceToken,
};
use heatclient::catalog::AccessInfo;
use heatclient::clock;
use heatclient::loading::plugin_loader;
use heatclient::secret::Secret;
use heatclient::{Client, Error, ErrorKind, Result, Session};
use heatclient_test_support::cloud::Cloud;

/// Passes the names of the cases to a macro, so that all rings define the same tests.
#[macro_export]
macro_rules! login_cases {
    ($run:ident) => {
        $run! {
            an_application_credential_logs_in_by_name
            a_passcode_logs_in
            a_passcode_is_asked_for
            two_factors_log_in_together
            a_second_factor_is_asked_for_after_a_receipt
            a_trust_may_read
            the_system_is_a_scope
            a_token_is_rescoped
            an_existing_token_is_used
            a_service_token_is_sent_beside_the_users
            an_access_token_of_oauth2_is_used
            a_command_prints_a_token_or_a_plugin
            wrong_secrets_are_refused_clearly
            scopes_without_a_role_are_refused
        }
    };
}

fn load(plugin: &str, options: &[(&str, &str)]) -> Credentials {
    let loader = plugin_loader(plugin).unwrap();
    loader.load(options.iter().copied()).unwrap()
}

fn session(plugin: &str, options: &[(&str, &str)]) -> Session {
    Session::new(load(plugin, options))
}

async fn access(session: &Session) -> Arc<AccessInfo> {
    session.access().await.unwrap().expect("Keystone was asked")
}

async fn refused(plugin: &str, options: &[(&str, &str)]) -> Error {
    session(plugin, options).access().await.unwrap_err()
}

/// Lists stacks in project demo.
async fn works(session: &Session, cloud: &Cloud) -> Arc<AccessInfo> {
    let access = access(session).await;
    assert_eq!(
        access.project_id(),
        Some(cloud.facts.project_id.as_str()),
        "{access:?}"
    );
    let heat = Client::new(session.clone());
    heat.stacks().list().limit(1).await.unwrap();
    access
}

/// Options for a user of the domain Default, with more.
fn user<'a>(
    cloud: &'a Cloud,
    name: &'a str,
    more: &[(&'static str, &'a str)],
) -> Vec<(&'static str, &'a str)> {
    let user = [
        ("auth_url", cloud.facts.auth_url.as_str()),
        ("username", name),
        ("user_domain_name", "Default"),
    ];
    [&user[..], more].concat()
}

fn project(cloud: &Cloud) -> (&'static str, &str) {
    ("project_id", &cloud.facts.project_id)
}

/// The current passcode of the users totp and mfa.
fn passcode(cloud: &Cloud) -> Secret {
    let secret = TotpSecret::parse(cloud.facts.totp_secret.as_str()).unwrap();
    secret.passcode(clock::wall())
}

/// Answers every prompt, and records it.
#[derive(Debug, Clone)]
struct Terminal {
    answer: Secret,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Terminal {
    fn new(answer: Secret) -> Self {
        let asked = Arc::default();
        Self { answer, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Interaction for Terminal {
    async fn ask(&self, prompt: &Prompt) -> Result<Secret> {
        self.asked.lock().unwrap().push(prompt.text.clone());
        Ok(self.answer.clone())
    }

    async fn show(&self, page: &Page) -> Result<()> {
        panic!("nobody shows {}", page.url)
    }
}

pub(crate) async fn an_application_credential_logs_in_by_name(cloud: &Cloud) {
    let options = user(
        cloud,
        "demo",
        &[
            ("application_credential_name", "demo-ac"),
            (
                "application_credential_secret",
                &cloud.facts.credential_secret,
            ),
        ],
    );
    let access = works(&session("v3applicationcredential", &options), cloud).await;
    assert_eq!(access.methods(), ["application_credential"]);
    assert_eq!(
        access.application_credential_id(),
        Some(cloud.facts.credential_id.as_str())
    );
}

pub(crate) async fn a_passcode_logs_in(cloud: &Cloud) {
    let code = passcode(cloud);
    for secret in [
        ("totp_secret", cloud.facts.totp_secret.as_str()),
        ("passcode", code.expose()),
    ] {
        let options = user(cloud, "totp", &[secret, project(cloud)]);
        let access = works(&session("v3totp", &options), cloud).await;
        assert_eq!(access.methods(), ["totp"]);
        assert_eq!(access.user_name(), Some("totp"));
    }
    // Generated anew for each login.
    let options = user(
        cloud,
        "totp",
        &[("totp_secret", &cloud.facts.totp_secret), project(cloud)],
    );
    let session = session("v3totp", &options);
    let first = access(&session).await;
    session.invalidate();
    let second = works(&session, cloud).await;
    assert_ne!(first.token().expose(), second.token().expose());
}

pub(crate) async fn a_passcode_is_asked_for(cloud: &Cloud) {
    let options = user(cloud, "totp", &[project(cloud)]);
    let terminal = Terminal::new(passcode(cloud));
    let session = Session::builder(load("v3totp", &options)).interaction(terminal.clone());
    works(&session.build(), cloud).await;
    assert_eq!(terminal.asked(), ["TOTP passcode: "]);
    let error = refused("v3totp", &options).await;
    assert_eq!(error.kind(), ErrorKind::Interaction, "{error}");
}

pub(crate) async fn two_factors_log_in_together(cloud: &Cloud) {
    let options = user(
        cloud,
        "mfa",
        &[
            ("auth_methods", "v3password,v3totp"),
            ("password", "mfa"),
            ("totp_secret", &cloud.facts.totp_secret),
            project(cloud),
        ],
    );
    let access = works(&session("v3multifactor", &options), cloud).await;
    let mut methods = access.methods().to_vec();
    methods.sort_unstable();
    assert_eq!(methods, ["password", "totp"]);
}

pub(crate) async fn a_second_factor_is_asked_for_after_a_receipt(cloud: &Cloud) {
    let asked = user(
        cloud,
        "mfa",
        &[
            ("auth_methods", "v3password,v3totp"),
            ("password", "mfa"),
            project(cloud),
        ],
    );
    let one = user(
        cloud,
        "mfa",
        &[
            ("auth_methods", "v3password"),
            ("password", "mfa"),
            project(cloud),
        ],
    );
    for options in [&asked, &one] {
        let terminal = Terminal::new(passcode(cloud));
        let session = Session::builder(load("v3multifactor", options));
        let session = session.interaction(terminal.clone()).build();
        let access = works(&session, cloud).await;
        assert_eq!(terminal.asked(), ["TOTP passcode: "]);
        assert_eq!(access.methods().len(), 2, "{:?}", access.methods());
    }

    // The passcode first, then the password.
    let reverse = user(
        cloud,
        "mfa",
        &[
            ("auth_methods", "totp"),
            ("totp_secret", &cloud.facts.totp_secret),
        ],
    );
    let terminal = Terminal::new(Secret::from("mfa"));
    let session = Session::builder(load("v3multifactor", &reverse)).interaction(terminal.clone());
    access(&session.build()).await;
    assert_eq!(terminal.asked(), ["Password: "]);

    // A wrong second factor, and none.
    let terminal = Terminal::new(Secret::from("000000"));
    let session = Session::builder(load("v3multifactor", &asked)).interaction(terminal);
    let error = session.build().access().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth, "{error}");
    assert!(error.is_unauthorized());
    let error = refused("v3multifactor", &asked).await;
    assert_eq!(error.kind(), ErrorKind::Interaction, "{error}");
    let options = user(cloud, "mfa", &[("password", "mfa")]);
    let error = refused("v3password", &options).await;
    assert!(
        error
            .to_string()
            .contains("401 Unauthorized: more authentication methods are required: totp"),
        "{error}"
    );
}

pub(crate) async fn a_trust_may_read(cloud: &Cloud) {
    let alice = |trust| {
        [
            ("auth_url", cloud.facts.auth_url.as_str()),
            ("username", "alice"),
            ("user_domain_name", "acme"),
            ("password", "alice"),
            ("trust_id", trust),
        ]
    };
    for plugin in ["password", "v3password"] {
        let session = session(plugin, &alice(&cloud.facts.trust_id));
        let access = works(&session, cloud).await;
        assert_eq!(access.trust_id(), Some(cloud.facts.trust_id.as_str()));
        // She acts as demo.
        assert_eq!(access.user_id(), Some(cloud.facts.user_id.as_str()));
    }
    let error = refused("password", &alice("no-such-trust")).await;
    assert!(error.is_unauthorized(), "{error}");
    let trust = ("trust_id", cloud.facts.trust_id.as_str());
    let demo = user(cloud, "demo", &[("password", "demo"), trust]);
    let error = refused("password", &demo).await;
    assert_eq!(error.kind(), ErrorKind::Auth);
    assert!(error.is_forbidden(), "{error}");
}

pub(crate) async fn the_system_is_a_scope(cloud: &Cloud) {
    let admin = user(
        cloud,
        "admin",
        &[("password", "admin"), ("system_scope", "all")],
    );
    for plugin in ["password", "v3password"] {
        let access = access(&session(plugin, &admin)).await;
        assert!(access.is_system_scoped() && !access.is_project_scoped());
        assert!(
            access
                .roles()
                .iter()
                .any(|role| role.name.as_deref() == Some("admin"))
        );
    }
}

pub(crate) async fn a_token_is_rescoped(cloud: &Cloud) {
    let domain = || DomainRef::name("Default");
    let demo = UserRef::name("demo", domain());
    let unscoped = Password::new(&cloud.facts.auth_url, demo, "demo").unwrap();
    let unscoped = Session::new(unscoped.scope(Scope::Unscoped));
    let first = access(&unscoped).await;
    assert!(!first.is_project_scoped());
    let error = Client::new(unscoped).stacks().list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Catalog, "{error}");

    let scope = Scope::project_name("demo", domain());
    let token = Token::new(&cloud.facts.auth_url, first.token().clone()).unwrap();
    let second = works(&Session::new(token.scope(scope)), cloud).await;
    assert_ne!(second.token().expose(), first.token().expose());
    assert_eq!(second.expires_at(), first.expires_at());

    // By the options of the generic plugin, with a default domain.
    let options = [
        ("auth_url", cloud.facts.auth_url.as_str()),
        ("token", first.token().expose()),
        ("project_name", "demo"),
        ("default_domain_id", "default"),
    ];
    works(&session("token", &options), cloud).await;

    let noproject = user(cloud, "noproject", &[("password", "noproject")]);
    let access = access(&session("password", &noproject)).await;
    assert!(!access.is_project_scoped() && access.roles().is_empty());
}

pub(crate) async fn an_existing_token_is_used(cloud: &Cloud) {
    let options = user(cloud, "demo", &[("password", "demo"), project(cloud)]);
    let first = access(&session("v3password", &options)).await;
    let url = cloud.facts.auth_url.as_str();
    let existing = ExistingToken::new(url, first.token().clone()).unwrap();
    let second = works(&Session::new(existing), cloud).await;
    assert_eq!(second.token().expose(), first.token().expose());
    assert_eq!(second.expires_at(), first.expires_at());
    let wrapped = ExistingToken::with_access(url, first).unwrap();
    works(&Session::new(wrapped), cloud).await;

    let unknown = ExistingToken::new(url, "gAAAAABunknown").unwrap();
    let error = Session::new(unknown).access().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth, "{error}");
    assert!(!error.is_not_found() && !error.to_string().contains("gAAAAABunknown"));
}

pub(crate) async fn a_service_token_is_sent_beside_the_users(cloud: &Cloud) {
    let options = user(cloud, "demo", &[("password", "demo"), project(cloud)]);
    let demo = || load("v3password", &options);
    let service = |name, project, password| {
        let options = [
            ("password", password),
            ("project_name", project),
            ("project_domain_name", "Default"),
        ];
        load("v3password", &user(cloud, name, &options))
    };
    let heat = service("heat", "service", "heat");
    let session = Session::new(ServiceToken::new(demo(), heat));
    let access = works(&session, cloud).await;
    assert_eq!(access.user_name(), Some("demo"));

    // Heat refuses the token of one that is no service.
    let admin = service("admin", "admin", "admin");
    let session = Session::new(ServiceToken::new(demo(), admin));
    let error = Client::new(session).stacks().list().await.unwrap_err();
    assert!(error.is_unauthorized(), "{error}");

    let wrong = service("heat", "service", "wrong");
    let session = Session::new(ServiceToken::new(demo(), wrong));
    let error = session.access().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth);
    assert!(error.to_string().starts_with("login as heat at"), "{error}");
}

pub(crate) async fn an_access_token_of_oauth2_is_used(cloud: &Cloud) {
    let endpoint = format!("{}/OS-OAUTH2/token", cloud.facts.auth_url);
    let options = |secret| {
        [
            ("auth_url", cloud.facts.auth_url.as_str()),
            ("oauth2_endpoint", &endpoint),
            ("oauth2_client_id", &cloud.facts.credential_id),
            ("oauth2_client_secret", secret),
        ]
    };
    let plugin = "v3oauth2clientcredential";
    let secret = cloud.facts.credential_secret.as_str();
    works(&session(plugin, &options(secret)), cloud).await;
    let error = refused(plugin, &options("wrong")).await;
    assert_eq!(error.kind(), ErrorKind::Auth);
    assert!(error.is_unauthorized(), "{error}");
}

pub(crate) async fn a_command_prints_a_token_or_a_plugin(cloud: &Cloud) {
    let options = user(cloud, "demo", &[("password", "demo"), project(cloud)]);
    let first = access(&session("v3password", &options)).await;
    let printed = serde_json::json!({
        "token": first.token().expose(),
        "expires_at": first.expires_at().map(|end| end.to_string()),
    });
    let command = |printed: &serde_json::Value| {
        serde_json::json!(["printf", "%s", printed.to_string()]).to_string()
    };
    let url = ("auth_url", cloud.facts.auth_url.as_str());
    let token = command(&printed);
    let second = works(&session("exec", &[("exec_command", &token), url]), cloud).await;
    assert_eq!(second.token().expose(), first.token().expose());

    let auth: serde_json::Map<_, _> = options
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).into()))
        .collect();
    let plugin = command(&serde_json::json!({"auth_type": "v3password", "auth": auth}));
    let named = session("exec", &[("exec_command", &plugin)]);
    let first = works(&named, cloud).await;
    named.invalidate();
    let second = works(&named, cloud).await;
    assert_ne!(first.token().expose(), second.token().expose());

    let expired = command(&serde_json::json!({"token": "g", "expires_at": "2001-01-01T00:00:00Z"}));
    let error = refused("exec", &[("exec_command", &expired), url]).await;
    assert_eq!(error.kind(), ErrorKind::Auth, "{error}");
    let itself = command(&serde_json::json!({"auth_type": "exec", "auth": {"exec_command": "x"}}));
    let error = refused("exec", &[("exec_command", &itself)]).await;
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
    let failing = Exec::new(["false"]).unwrap();
    let error = Session::new(failing).access().await.unwrap_err();
    assert!(
        error.to_string().starts_with("the command false failed"),
        "{error}"
    );
}

pub(crate) async fn wrong_secrets_are_refused_clearly(cloud: &Cloud) {
    let demo = |more| user(cloud, "demo", more);
    let credential = [
        ("auth_url", cloud.facts.auth_url.as_str()),
        ("application_credential_id", &cloud.facts.credential_id),
        ("application_credential_secret", "wrong"),
    ];
    let other = [credential[0], ("token", "gAAAAABwrong")];
    type Case<'a> = (&'a str, Vec<(&'a str, &'a str)>, &'a str);
    let cases: [Case<'_>; 8] = [
        (
            "v3password",
            demo(&[("password", "wrong")]),
            "login as demo at ",
        ),
        (
            "v3password",
            user(cloud, "disabled", &[("password", "disabled")]),
            "login as disabled at ",
        ),
        (
            "v3totp",
            demo(&[("passcode", "000000")]),
            "login as demo at ",
        ),
        (
            "v3totp",
            user(cloud, "totp", &[("totp_secret", "GEZDGNBVGY3TQOJQ")]),
            "login as totp at ",
        ),
        (
            "v3multifactor",
            user(
                cloud,
                "mfa",
                &[
                    ("auth_methods", "v3password,v3totp"),
                    ("password", "wrong"),
                    ("totp_secret", &cloud.facts.totp_secret),
                ],
            ),
            "login as mfa at ",
        ),
        (
            "v3applicationcredential",
            credential.to_vec(),
            "login with application credential ",
        ),
        ("v3token", other.to_vec(), "login with a token at "),
        ("token", other.to_vec(), "login with a token at "),
    ];
    for (plugin, options, start) in cases {
        let error = refused(plugin, &options).await;
        assert_eq!(error.kind(), ErrorKind::Auth, "{plugin}: {error}");
        let text = error.to_string();
        assert!(text.starts_with(start), "{plugin}: {text}");
        assert!(error.request_id().is_some(), "{plugin}: {text}");
        assert!(!text.contains("gAAAAABwrong"), "{text}");
        let status = error.status().map(|status| status.as_u16());
        assert!(matches!(status, Some(401 | 404)), "{plugin}: {text}");
    }
}

pub(crate) async fn scopes_without_a_role_are_refused(cloud: &Cloud) {
    let scopes: [&[(&'static str, &str)]; 4] = [
        &[("system_scope", "all")],
        &[("domain_id", "default")],
        &[("domain_name", "acme")],
        &[("project_id", &cloud.facts.foreign_project_id)],
    ];
    for scope in scopes {
        let options = user(cloud, "demo", &[&[("password", "demo")], scope].concat());
        for plugin in ["password", "v3password"] {
            let error = refused(plugin, &options).await;
            assert_eq!(error.kind(), ErrorKind::Auth, "{scope:?}: {error}");
            assert!(error.is_unauthorized(), "{scope:?}: {error}");
        }
    }
}
