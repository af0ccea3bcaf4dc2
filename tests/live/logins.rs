//! Logins that need a role which the cloud's users do not have.

use heatclient::Session;
use heatclient::loading::plugin_loader;
use heatclient_test_support::cloud::Cloud;
use http::Method;
use serde_json::{Value, json};

fn session(cloud: &Cloud, options: &[(&str, &str)]) -> Session {
    let url = ("auth_url", cloud.facts.auth_url.as_str());
    let loader = plugin_loader("password").unwrap();
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
