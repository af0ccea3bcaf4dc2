//! Two services on one session, and two sessions on one pool.

#[path = "../../examples/another_service/projects.rs"]
mod projects;

use futures::future::{join, join_all};
use heatclient::auth::identity::{Password, UserRef};
use heatclient::auth::{DomainRef, Scope};
use heatclient::catalog::Interface;
use heatclient::sandbox::{Sandbox, Service};
use heatclient::testing::{self, ScriptedTransport};
use heatclient::transport::{Pool, PoolConfig};
use heatclient::{Client, Session};
use heatclient_test_support::builder;
use serde_json::json;

use self::projects::Projects;

/// A cloud whose catalog names services without versions, other ones in each region and interface.
fn cloud() -> ScriptedTransport {
    let versions = |id: &str, url: &str| json!([{"id": id, "status": "CURRENT", "links": [{"rel": "self", "href": url}]}]);
    ScriptedTransport::new(move |request| {
        let server = request.uri.host().unwrap_or_default();
        match (server, request.path()) {
            ("keystone", "/v3/auth/tokens") => testing::token()
                .project("p")
                .endpoint("orchestration", "http://heat-one/p")
                .endpoint("identity", "http://keystone-one")
                .endpoint_in(
                    "orchestration",
                    "RegionTwo",
                    Interface::Internal,
                    "http://heat-two/p",
                )
                .endpoint_in("identity", "RegionTwo", Interface::Public, "http://wrong")
                .endpoint_in(
                    "identity",
                    "RegionTwo",
                    Interface::Internal,
                    "http://keystone-two",
                )
                .answer(),
            ("heat-one", "/") => {
                let versions = versions("v1.0", "http://heat-one/v1/");
                testing::json(300, json!({"versions": versions}))
            }
            ("heat-one", "/v1/p/stacks") => testing::json(200, json!({"stacks": []})),
            ("keystone-two", "/") => {
                let versions = versions("v3.14", "http://keystone-two/v3/");
                testing::json(300, json!({"versions": {"values": versions}}))
            }
            ("keystone-two", "/v3/projects") => testing::json(200, json!({"projects": []})),
            _ => testing::empty(500),
        }
    })
}

#[tokio::test(start_paused = true)]
async fn two_services_share_a_login_and_each_is_discovered_once() {
    let cloud = cloud();
    let domain = DomainRef::name("Default");
    let user = UserRef::name("demo", domain.clone());
    let auth = Password::new("http://keystone/v3", user, "demo").unwrap();
    let auth = auth.scope(Scope::project_name("demo", domain));
    let session = Session::builder(auth).transport(cloud.clone()).build();
    let heat = Client::builder(session.clone())
        .region("RegionOne")
        .interface(Interface::Public)
        .build();
    let identity = session.adapter("identity").version(3);
    let identity = identity
        .region("RegionTwo")
        .interfaces([Interface::Internal]);
    let projects = Projects::with(identity.build());

    let calls = (0..20).map(|_| async {
        let (stacks, found) = join(
            heat.stacks().list().into_future(),
            projects.list().into_future(),
        )
        .await;
        assert!(stacks.unwrap().is_empty() && found.unwrap().is_empty());
    });
    join_all(calls).await;

    let requests = cloud.requests();
    let count = |url: &str| {
        requests
            .iter()
            .filter(|request| request.uri == *url)
            .count()
    };
    for (url, times) in [
        ("http://keystone/v3/auth/tokens", 1),
        ("http://heat-one/", 1),
        ("http://keystone-two/", 1),
        ("http://heat-one/v1/p/stacks", 20),
        ("http://keystone-two/v3/projects", 20),
    ] {
        assert_eq!(count(url), times, "{url}");
    }
    assert_eq!(requests.len(), 43);
    // Calls carry the token; the login and discovery do not.
    let with_token = |r: &&testing::RecordedRequest| r.header("x-auth-token") == Some("test-token");
    assert_eq!(requests.iter().filter(with_token).count(), 40);
}

#[tokio::test]
async fn sessions_that_share_a_pool_share_connections_and_no_tokens() {
    let sandbox = Sandbox::start().await.unwrap();
    let pool = Pool::new(PoolConfig::default());
    let user = sandbox.credentials_of("admin").unwrap();
    let domain = || DomainRef::name(&user.user_domain_name);
    let name = UserRef::name(&user.username, domain());
    let auth = Password::new(&sandbox.auth_url(), name, user.password.as_str()).unwrap();
    let auth = auth.scope(Scope::project_name(&user.project_name, domain()));
    let admin = Session::builder(auth).pool(pool.clone()).build();
    let demo = builder(&sandbox).pool(pool).build();

    // Only an administrator may do this.
    let projects = Projects::new(&admin);
    let found = projects.list().page_size(3).await.unwrap();
    let names: Vec<_> = found.iter().map(|project| project.name.as_str()).collect();
    assert_eq!(names.len(), 5, "{names:?}");
    let refused = Projects::new(&demo).list().await.unwrap_err();
    assert!(refused.is_forbidden(), "{refused}");
    let rocket = found
        .iter()
        .find(|project| project.name == "rocket")
        .unwrap();
    assert!(rocket.enabled);
    projects.set_enabled(&rocket.id, false).await.unwrap();
    assert!(!projects.wait(&rocket.id, false).await.unwrap().enabled);

    assert_eq!(sandbox.logins(), 2);
    assert_eq!(sandbox.connections(Service::Identity), 1);
    let token = async |session: &Session| {
        let access = session.access().await.unwrap().unwrap();
        access.token().expose().to_owned()
    };
    assert_ne!(token(&admin).await, token(&demo).await);
    // What one session does about its token is not the other's concern.
    admin.invalidate();
    Client::new(demo).stacks().list().await.unwrap();
    assert_eq!(sandbox.logins(), 2);
    projects.list().await.unwrap();
    assert_eq!(sandbox.logins(), 3);
}
