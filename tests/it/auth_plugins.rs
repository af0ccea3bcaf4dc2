//! Each auth plugin in a session: what it sends, and what logs and `Debug` tell of it.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use heatclient::auth::identity::{
    ExistingToken, Factor, Passcode, Password, TokenlessAuth, TotpSecret, UserRef,
};
use heatclient::auth::{Credentials, Exec, Interaction, Page, Prompt, Scope, ServiceToken};
use heatclient::loading::plugin_loader;
use heatclient::secret::Secret;
use heatclient::transport::TlsConfig;
use heatclient::transport::layers::RetryPolicy;
use heatclient::{Client, ErrorKind, Result, Session};
use heatclient_test_support::echo::{ECHOES, echo};
use heatclient_test_support::log::Log;
use heatclient_test_support::scripted::{Scripted, Seen, answer, json};
use heatclient_test_support::secured::{Secured, fixture};
use serde_json::{Value, json as value};
use tracing::Level;

// Each secret has characters that base64 and URLs encode.
const PASSWORD: &str = "hunter2/5ecret+&=";
const CLIENT_SECRET: &str = "cl1ent/5ecret+&=";
const TOTP_SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const PASSCODE: &str = "918273";
const EXISTING: &str = "gAAAAABm/existing+token=1";
const ISSUED: &str = "gAAAAABm/issued+token=2";
const RECEIPT: &str = "gAAAAABm/receipt+token=3";
const ACCESS_TOKEN: &str = "gAAAAABm/oauth2+token=4";

const SECRETS: [&str; 8] = [
    PASSWORD,
    CLIENT_SECRET,
    TOTP_SECRET,
    PASSCODE,
    EXISTING,
    ISSUED,
    RECEIPT,
    ACCESS_TOKEN,
];

/// A Keystone of both versions with OAuth 2.0, and a Heat without stacks.
async fn cloud() -> Scripted {
    Scripted::start(|seen| {
        let host = seen.header("host").unwrap();
        let heat = format!("http://{host}/heat/v1/p");
        let token = |id: &str| {
            let body = value!({"token": {"user": {"id": "u1"}, "project": {"id": "p"},
                "expires_at": "2100-01-01T00:00:00Z", "catalog": [{"type": "orchestration",
                "endpoints": [{"interface": "public", "url": heat}]}]}});
            let headers = format!("content-type: application/json\r\nx-subject-token: {id}\r\n");
            answer("201 Created", &headers, &body.to_string())
        };
        match (seen.method.as_str(), seen.path.as_str()) {
            ("POST", "/v3/auth/tokens") if needs_more(seen) => answer(
                "401 Unauthorized",
                &format!("content-type: application/json\r\nopenstack-auth-receipt: {RECEIPT}\r\n"),
                r#"{"receipt": {"methods": ["password"], "user": {"id": "mfa"}},
                    "required_auth_methods": [["password", "totp"]]}"#,
            ),
            ("POST", "/v3/auth/tokens") => token(ISSUED),
            ("GET", "/v3/auth/tokens") => token(seen.header("x-subject-token").unwrap()),
            ("POST", "/v2.0/tokens") => {
                let body = value!({"access": {"token": {"id": ISSUED, "tenant": {"id": "p"}},
                    "serviceCatalog": [{"type": "orchestration", "endpoints": [{"publicURL": heat}]}]}});
                json("200 OK", &body.to_string())
            }
            ("POST", "/oauth") => {
                let body = value!({"access_token": ACCESS_TOKEN, "token_type": "Bearer",
                    "expires_in": 3600});
                json("200 OK", &body.to_string())
            }
            ("GET", path) if path.starts_with("/heat/v1/p/stacks") => {
                json("200 OK", r#"{"stacks": []}"#)
            }
            ("GET", "/v3/users") => json("200 OK", r#"{"users": []}"#),
            other => panic!("{other:?}"),
        }
    })
    .await
}

/// Whether the user `mfa` logs in with a password alone.
fn needs_more(seen: &Seen) -> bool {
    let body: Value = serde_json::from_slice(&seen.body).unwrap();
    let identity = &body["auth"]["identity"];
    identity["methods"] == value!(["password"]) && identity["password"]["user"]["id"] == "mfa"
}

type Options = Vec<(&'static str, String)>;

fn options(pairs: &[(&'static str, &str)]) -> Options {
    let pairs = pairs.iter();
    pairs
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect()
}

/// Each plugin with a configuration, for a cloud at this URL.
fn plugins(url: &str) -> Vec<(&'static str, Options)> {
    let (v3, v2) = (format!("{url}/v3"), format!("{url}/v2.0"));
    let (heat, oauth) = (format!("{url}/heat/v1/p"), format!("{url}/oauth"));
    let v3 = |more: &[(&'static str, &str)]| {
        options(&[&[("auth_url", v3.as_str()), ("user_id", "u1")], more].concat())
    };
    let without_user = |more: &[(&'static str, &str)]| {
        let mut options = v3(more);
        options.retain(|(name, _)| *name != "user_id");
        options
    };
    let mfa = |more: &[(&'static str, &str)]| {
        let mut options = v3(more);
        options.retain(|(name, _)| *name != "user_id");
        options.push(("user_id", "mfa".to_owned()));
        options
    };
    let v2 =
        |more: &[(&'static str, &str)]| options(&[&[("auth_url", v2.as_str())], more].concat());
    let oauth2 = [
        ("oauth2_endpoint", oauth.as_str()),
        ("oauth2_client_id", "c1"),
    ];
    let printed = value!({"token": EXISTING, "expires_at": "2100-01-01T00:00:00Z"});
    let token_command = value!(["printf", "%s", printed.to_string()]).to_string();
    let named = value!({"auth_type": "v3password",
        "auth": {"auth_url": format!("{url}/v3"), "user_id": "u1", "password": PASSWORD}});
    let plugin_command = value!(["printf", "%s", named.to_string()]).to_string();
    vec![
        ("none", options(&[("endpoint", &heat)])),
        (
            "http_basic",
            options(&[
                ("endpoint", &heat),
                ("username", "demo"),
                ("password", PASSWORD),
            ]),
        ),
        (
            "admin_token",
            options(&[("endpoint", &heat), ("token", EXISTING)]),
        ),
        ("password", v3(&[("password", PASSWORD)])),
        ("token", without_user(&[("token", EXISTING)])),
        ("v3password", v3(&[("password", PASSWORD)])),
        ("v3token", without_user(&[("token", EXISTING)])),
        ("v3totp", v3(&[("totp_secret", TOTP_SECRET)])),
        (
            "v3applicationcredential",
            v3(&[
                ("application_credential_id", "c1"),
                ("application_credential_secret", CLIENT_SECRET),
            ]),
        ),
        (
            "v3multifactor",
            mfa(&[
                ("auth_methods", "v3password,v3totp"),
                ("password", PASSWORD),
                ("totp_secret", TOTP_SECRET),
            ]),
        ),
        (
            "v3multifactor",
            mfa(&[
                ("auth_methods", "v3password,v3totp"),
                ("password", PASSWORD),
            ]),
        ),
        (
            "v2password",
            v2(&[("username", "demo"), ("password", PASSWORD)]),
        ),
        ("v2token", v2(&[("token", EXISTING)])),
        (
            "v3oauth2clientcredential",
            without_user(&[&oauth2[..], &[("oauth2_client_secret", CLIENT_SECRET)]].concat()),
        ),
        ("v3oauth2mtlsclientcredential", without_user(&oauth2)),
        (
            "exec",
            options(&[
                ("exec_command", &token_command),
                ("auth_url", &format!("{url}/v3")),
            ]),
        ),
        ("exec", options(&[("exec_command", &plugin_command)])),
    ]
}

fn load(plugin: &str, options: &Options) -> Credentials {
    let pairs = options.iter().map(|(name, value)| (*name, value.as_str()));
    plugin_loader(plugin).unwrap().load(pairs).unwrap()
}

/// Knows the passcode.
#[derive(Debug)]
struct Terminal;

impl Interaction for Terminal {
    async fn ask(&self, _: &Prompt) -> Result<Secret> {
        Ok(Secret::from(PASSCODE))
    }

    async fn show(&self, page: &Page) -> Result<()> {
        panic!("nobody shows {}", page.url)
    }
}

fn session(credentials: Credentials) -> Session {
    let policy = RetryPolicy::new(2).backoff(Default::default(), Default::default());
    Session::builder(credentials)
        .retry(policy)
        .interaction(Terminal)
        .build()
}

/// What a call has to prove its identity.
fn proof(seen: &Seen) -> String {
    let names = ["x-auth-token", "authorization", "x-service-token"];
    let found = names
        .iter()
        .filter_map(|name| Some(format!("{name}: {}", seen.header(name)?)));
    found.collect::<Vec<_>>().join(", ")
}

#[tokio::test]
async fn each_plugin_logs_in_once_for_many_calls() {
    let cloud = cloud().await;
    let issued = format!("x-auth-token: {ISSUED}");
    let existing = format!("x-auth-token: {EXISTING}");
    let login = &["POST /v3/auth/tokens"][..];
    let basic = format!(
        "authorization: Basic {}",
        base64::engine::general_purpose::STANDARD.encode(format!("demo:{PASSWORD}"))
    );
    let oauth2 = format!("{issued}, authorization: Bearer {ACCESS_TOKEN}");
    let mtls = format!("x-auth-token: {ACCESS_TOKEN}, authorization: Bearer {ACCESS_TOKEN}");
    for (plugin, options) in plugins(&cloud.url) {
        let (logins, expected): (&[&str], &str) = match plugin {
            "none" => (&[], ""),
            "http_basic" => (&[], &basic),
            "admin_token" => (&[], &existing),
            "v2password" | "v2token" => (&["POST /v2.0/tokens"], &issued),
            "v3multifactor" if options.len() == 4 => {
                (&["POST /v3/auth/tokens", "POST /v3/auth/tokens"], &issued)
            }
            "v3oauth2clientcredential" => (&["POST /oauth", "POST /v3/auth/tokens"], &oauth2),
            "v3oauth2mtlsclientcredential" => (&["POST /oauth", "GET /v3/auth/tokens"], &mtls),
            "exec" if options.len() == 2 => (&["GET /v3/auth/tokens"], &existing),
            _ => (login, &issued),
        };
        let before = cloud.seen().len();
        let heat = Client::new(session(load(plugin, &options)));
        for _ in 0..5 {
            heat.stacks().list().await.unwrap();
        }
        let seen = cloud.seen().split_off(before);
        let (calls, mut others): (Vec<_>, Vec<_>) = seen
            .iter()
            .partition(|seen| seen.path.starts_with("/heat/"));
        assert_eq!(calls.len(), 5, "{plugin}");
        for call in calls {
            assert_eq!(proof(call), expected, "{plugin}");
        }
        others.sort_by_key(|seen| (seen.path.clone(), seen.method.clone()));
        let mut others: Vec<_> = others
            .iter()
            .map(|seen| format!("{} {}", seen.method, seen.path))
            .collect();
        others.sort();
        let mut logins = logins.to_vec();
        logins.sort_unstable();
        assert_eq!(others, logins, "{plugin}");
    }
}

#[tokio::test]
async fn a_receipt_is_sent_with_the_passcode_that_the_user_gives() {
    let cloud = cloud().await;
    let (plugin, options) = plugins(&cloud.url).swap_remove(10);
    session(load(plugin, &options)).access().await.unwrap();
    let seen = cloud.seen();
    let bodies: Vec<Value> = seen
        .iter()
        .map(|seen| serde_json::from_slice(&seen.body).unwrap())
        .collect();
    assert_eq!(
        bodies,
        [
            value!({"auth": {"identity": {"methods": ["password"],
                "password": {"user": {"id": "mfa", "password": PASSWORD}}}}}),
            value!({"auth": {"identity": {"methods": ["totp"],
                "totp": {"user": {"id": "mfa", "passcode": PASSCODE}}}}}),
        ]
    );
    assert_eq!(seen[0].header("openstack-auth-receipt"), None);
    assert_eq!(seen[1].header("openstack-auth-receipt"), Some(RECEIPT));
}

#[tokio::test]
async fn access_without_a_token_sends_its_scope_to_keystone_only() {
    let cloud = cloud().await;
    let foreign = Scripted::start(|_| json("200 OK", "{}")).await;
    let auth_url = format!("{}/v3", cloud.url);
    let options = options(&[
        ("auth_url", &auth_url),
        ("project_name", "demo"),
        ("project_domain_id", "default"),
    ]);
    let session = session(load("v3tokenlessauth", &options));
    let identity = session.adapter("identity").build();
    identity.get("/users").fetch::<Value>().await.unwrap();
    let seen = cloud.seen();
    assert_eq!(seen[0].path, "/v3/users");
    assert_eq!(seen[0].header("x-project-name"), Some("demo"));
    assert_eq!(seen[0].header("x-project-domain-id"), Some("default"));
    assert_eq!(proof(&seen[0]), "");

    let url = format!("{}/x", foreign.url);
    let request = session.request(http::Method::GET, url);
    request.send().await.unwrap();
    assert_eq!(foreign.seen()[0].header("x-project-name"), None);

    let error = Client::new(session).stacks().list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Catalog, "{error}");
}

#[tokio::test]
async fn a_service_token_follows_the_users_token() {
    let cloud = cloud().await;
    let url = format!("{}/v3", cloud.url);
    let user = ExistingToken::new(&url, EXISTING).unwrap();
    let service = Password::new(&url, UserRef::id("heat"), PASSWORD).unwrap();
    let session = session(ServiceToken::new(user, service).into());
    let heat = Client::new(session.clone());
    heat.stacks().list().await.unwrap();
    let seen = cloud.seen();
    assert_eq!(seen.len(), 3);
    assert_eq!(
        proof(&seen[2]),
        format!("x-auth-token: {EXISTING}, x-service-token: {ISSUED}")
    );
    assert!(!format!("{session:?}").contains("gAAAA"));
}

#[tokio::test]
async fn client_certificates_go_to_the_servers_of_a_login() {
    let oauth = Secured::start(|_| {
        json(
            "200 OK",
            r#"{"access_token": "gOAUTH", "token_type": "Bearer", "expires_in": 60}"#,
        )
    })
    .await;
    let keystone = Secured::start(|_| {
        let headers = "content-type: application/json\r\nx-subject-token: gOAUTH\r\n";
        answer("200 OK", headers, r#"{"token": {"project": {"id": "p"}}}"#)
    })
    .await;
    let tls = || {
        TlsConfig::default()
            .cacert(fixture("ca.pem"))
            .cert(fixture("client.pem"))
            .key(fixture("client.key"))
    };
    let auth_url = format!("{}/v3", keystone.url());
    let oauth_url = format!("{}/token", oauth.url());
    let mtls = options(&[
        ("auth_url", &auth_url),
        ("oauth2_endpoint", &oauth_url),
        ("oauth2_client_id", "c1"),
    ]);
    let mtls = load("v3oauth2mtlsclientcredential", &mtls);
    let session = Session::builder(mtls).tls(tls()).build();
    session.access().await.unwrap();
    assert_eq!(
        (oauth.certified(), keystone.certified()),
        (vec![true], vec![true])
    );

    let tokenless = TokenlessAuth::new(&auth_url, &Scope::project_id("p")).unwrap();
    let session = Session::builder(tokenless).tls(tls()).build();
    let identity = session.adapter("identity").build();
    identity.get("/users").send().await.unwrap();
    assert_eq!(keystone.certified(), [true]);
}

/// The ways in which a log could show a secret.
fn forms(secret: &str) -> BTreeSet<String> {
    let mut forms = BTreeSet::from([
        secret.to_owned(),
        serde_json::to_string(secret)
            .unwrap()
            .trim_matches('"')
            .to_owned(),
        url::form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
        percent_encoding::utf8_percent_encode(secret, percent_encoding::NON_ALPHANUMERIC)
            .to_string(),
    ]);
    for before in 0..3 {
        let bytes = [&vec![0; before][..], secret.as_bytes()].concat();
        let inner = (before * 8).div_ceil(6)..bytes.len() * 8 / 6;
        forms.insert(STANDARD_NO_PAD.encode(&bytes)[inner.clone()].to_owned());
        forms.insert(URL_SAFE_NO_PAD.encode(&bytes)[inner].to_owned());
    }
    forms
}

#[track_caller]
fn tells_nothing(text: &str, what: &str) {
    for secret in SECRETS {
        for form in forms(secret) {
            assert!(!text.contains(&form), "{what}: {form} in {text}");
        }
    }
}

#[tokio::test]
async fn a_debug_log_of_a_full_run_of_each_plugin_tells_no_secret() {
    let (log, guard) = Log::start(Level::TRACE);
    let mut shown = String::new();
    let cloud = cloud().await;
    for (plugin, options) in plugins(&cloud.url) {
        let credentials = load(plugin, &options);
        shown.push_str(&format!("{credentials:?} {:?}", credentials.cache_key()));
        let loader = plugin_loader(plugin).unwrap();
        let pairs = options.iter().map(|(name, value)| (*name, value.as_str()));
        shown.push_str(&format!("{:?}", loader.values(pairs).unwrap()));
        let session = session(credentials);
        let heat = Client::new(session.clone());
        heat.stacks().list().await.unwrap();
        session.invalidate();
        heat.stacks().list().await.unwrap();
        shown.push_str(&format!(
            "{session:?} {:?}",
            session.access().await.unwrap()
        ));
    }
    // Servers that refuse everything and quote what they were sent.
    for way in 0..ECHOES {
        let server = Scripted::start(move |seen| echo(way, "401 Unauthorized", seen)).await;
        for (plugin, options) in plugins(&server.url) {
            let heat = Client::new(session(load(plugin, &options)));
            let error = heat.stacks().list().await.unwrap_err();
            shown.push_str(&format!("{error} {error:?}"));
            if let Some(fault) = error.fault() {
                shown.push_str(&format!("{fault:?} {:?}", fault.traceback));
            }
        }
    }
    drop(guard);
    let log = log.text();
    assert!(log.contains("/v3/auth/tokens") && log.contains("/oauth"));
    tells_nothing(&log, "the log");
    tells_nothing(&shown, "errors and Debug");
    // The passcodes that were generated.
    let bodies = cloud.seen().into_iter().filter_map(|seen| {
        let body: Value = serde_json::from_slice(&seen.body).ok()?;
        let code = body.pointer("/auth/identity/totp/user/passcode")?;
        Some(code.as_str()?.to_owned())
    });
    let codes: BTreeSet<_> = bodies.collect();
    assert!(codes.len() > 1);
    for code in codes {
        let quoted = [
            format!("\"{code}\""),
            format!("={code}"),
            format!(" {code} "),
        ];
        assert!(!quoted.iter().any(|quoted| log.contains(quoted)), "{code}");
    }
}

#[test]
fn debug_of_the_types_tells_no_secret() {
    let user = || UserRef::id("u1");
    let secret = || TotpSecret::parse(TOTP_SECRET).unwrap();
    let url = "http://id/v3";
    let shown = [
        format!("{:?}", secret()),
        format!("{:?}", Passcode::Generated(secret())),
        format!("{:?}", Passcode::Once(Secret::from(PASSCODE))),
        format!("{:?}", Factor::password(user(), PASSWORD)),
        format!("{:?}", Factor::totp(user(), Passcode::Generated(secret()))),
        format!("{:?}", Factor::token(EXISTING)),
        format!("{:?}", Exec::new(["vault", PASSWORD]).unwrap()),
        format!("{:?}", ExistingToken::new(url, EXISTING).unwrap()),
        format!(
            "{:?}",
            ServiceToken::new(
                ExistingToken::new(url, EXISTING).unwrap(),
                Password::new(url, user(), PASSWORD).unwrap()
            )
        ),
    ];
    tells_nothing(&shown.concat(), "Debug");
}
