//! Logins that need a role which the cloud's users do not have, or secrets that expire.

use std::time::Duration;

use heatclient::auth::identity::TotpSecret;
use heatclient::loading::plugin_loader;
use heatclient::{Error, ErrorKind, Session, clock};
use heatclient_test_support::cloud::Cloud;
use http::Method;
use serde_json::{Value, json};

fn session(cloud: &Cloud, options: &[(&str, &str)]) -> Session {
    session_of("password", cloud, options)
}

fn session_of(plugin: &str, cloud: &Cloud, options: &[(&str, &str)]) -> Session {
    let url = ("auth_url", cloud.facts.auth_url.as_str());
    let loader = plugin_loader(plugin).unwrap();
    let credentials = loader.load([&[url], options].concat()).unwrap();
    Session::new(credentials)
}

/// A new user gets a role on the domain, and is deleted again.
pub(crate) async fn a_domain_is_a_scope(cloud: &Cloud) {
    let admin = [
        ("username", "admin"),
        ("password", "admin"),
        ("default_domain_id", "default"),
        ("system_scope", "all"),
    ];
    let admin = session(cloud, &admin);
    let url = |path: String| format!("{}/{path}", cloud.facts.auth_url);
    let name = cloud.name("domain");
    let user = json!({"user": {"name": name, "domain_id": "default", "password": name}});
    let request = admin.request(Method::POST, url("users".to_owned()));
    let created: Value = request.json(&user).fetch().await.unwrap();
    let id = created["user"]["id"].as_str().unwrap().to_owned();
    let request = admin.request(Method::GET, url("roles?name=reader".to_owned()));
    let roles: Value = request.fetch().await.unwrap();
    let role = roles["roles"][0]["id"].as_str().unwrap();
    let grant = url(format!("domains/default/users/{id}/roles/{role}"));
    admin.request(Method::PUT, grant).send().await.unwrap();

    for (user, domain) in [
        (("user_id", id.as_str()), ("domain_id", "default")),
        (("username", name.as_str()), ("domain_name", "Default")),
    ] {
        let options = [
            user,
            domain,
            ("password", name.as_str()),
            ("default_domain_name", "Default"),
        ];
        let access = session(cloud, &options).access().await;
        let access = access.unwrap().expect("Keystone was asked");
        assert!(access.is_domain_scoped() && !access.is_project_scoped());
        assert_eq!(access.domain_id(), Some("default"));
        assert_eq!(access.domain_name(), Some("Default"));
    }
    let user = url(format!("users/{id}"));
    admin.request(Method::DELETE, user).send().await.unwrap();
}

/// The error of the first login that fails. Logins work before.
async fn expired(plugin: &str, cloud: &Cloud, options: &[(&str, &str)]) -> Error {
    let access = session_of(plugin, cloud, options).access().await;
    access.unwrap().expect("Keystone was asked");
    for _ in 0..120 {
        tokio::time::sleep(Duration::from_millis(500)).await;
        if let Err(error) = session_of(plugin, cloud, options).access().await {
            return error;
        }
    }
    panic!("the secret did not expire");
}

/// Secrets that worked, until their time was over.
pub(crate) async fn expired_secrets_are_refused(cloud: &Cloud) {
    let (user, password) = (("username", "demo"), ("password", "demo"));
    let domain = ("user_domain_id", "default");
    let (name, project) = (("project_name", "demo"), ("project_domain_id", "default"));
    let demo = session(cloud, &[user, password, domain, name, project]);
    let soon = || (clock::wall() + Duration::from_secs(4)).to_string();
    let url = |path: String| format!("{}/{path}", cloud.facts.auth_url);

    // An application credential, by ID and by name.
    let credentials = url(format!(
        "users/{}/application_credentials",
        cloud.facts.user_id
    ));
    let called = cloud.name("expiring");
    let body = json!({"application_credential": {"name": called, "secret": "swordfish", "expires_at": soon()}});
    let request = demo.request(Method::POST, credentials.clone()).json(&body);
    let created: Value = request.fetch().await.unwrap();
    let id = created["application_credential"]["id"].as_str().unwrap();
    let secret = ("application_credential_secret", "swordfish");
    let by_id = [("application_credential_id", id), secret];
    let error = expired("v3applicationcredential", cloud, &by_id).await;
    let is_refused = |error: &Error, start: &str| {
        assert_eq!(error.kind(), ErrorKind::Auth, "{error}");
        let text = error.to_string();
        assert!(text.starts_with(start), "{text}");
        assert!(text.contains("401 Unauthorized"), "{text}");
        assert!(!text.contains("swordfish"), "{text}");
    };
    is_refused(&error, "login with application credential");
    let by_name = [
        ("application_credential_name", called.as_str()),
        secret,
        user,
        domain,
    ];
    let by_name = session_of("v3applicationcredential", cloud, &by_name);
    is_refused(
        &by_name.access().await.unwrap_err(),
        "login with application credential",
    );
    let one = demo.request(Method::DELETE, format!("{credentials}/{id}"));
    one.finish().await.unwrap();

    // A trust.
    let facts = &cloud.facts;
    let request = demo.request(
        Method::GET,
        url(format!("OS-TRUST/trusts/{}", facts.trust_id)),
    );
    let known: Value = request.fetch().await.unwrap();
    let trustee = known["trust"]["trustee_user_id"].as_str().unwrap();
    let body = json!({"trust": {
        "trustor_user_id": facts.user_id, "trustee_user_id": trustee, "project_id": facts.project_id,
        "impersonation": true, "roles": [{"name": "member"}], "expires_at": soon(),
    }});
    let request = demo
        .request(Method::POST, url("OS-TRUST/trusts".to_owned()))
        .json(&body);
    let trust: Value = request.fetch().await.unwrap();
    let trust = trust["trust"]["id"].as_str().unwrap();
    let alice = [
        ("user_id", trustee),
        ("password", "alice"),
        ("trust_id", trust),
    ];
    let error = expired("v3password", cloud, &alice).await;
    assert_eq!(error.kind(), ErrorKind::Auth, "{error}");
    assert!(error.to_string().starts_with("login as "), "{error}");

    // A passcode of ten minutes ago.
    let passcodes = TotpSecret::parse(facts.totp_secret.as_str()).unwrap();
    let late = passcodes.passcode(clock::wall() - Duration::from_secs(600));
    let late = late.expose();
    let totp = [
        ("username", "totp"),
        domain,
        ("passcode", late),
        name,
        project,
    ];
    let error = session_of("v3totp", cloud, &totp)
        .access()
        .await
        .unwrap_err();
    is_refused(&error, "login as totp");
    assert!(!error.to_string().contains(late), "{error}");
    let mfa = [
        ("auth_methods", "v3password,v3totp"),
        ("username", "mfa"),
        ("password", "mfa"),
        domain,
        ("passcode", late),
        name,
        project,
    ];
    let error = session_of("v3multifactor", cloud, &mfa)
        .access()
        .await
        .unwrap_err();
    is_refused(&error, "login as mfa");
}
