//! What a session tells about its token, and sessions that share all but the login.

use serde_json::json;

use crate::auth::{HttpBasic, NoAuth};
use crate::catalog::EndpointQuery;
use crate::error::ErrorKind;
use crate::session::Session;
use crate::testing::{self, ScriptedTransport, Token};
use crate::transport::layers::RetryPolicy;

fn token(id: &str, project: &str) -> Token {
    testing::token().id(id).project(project).endpoint(
        "orchestration",
        &format!("http://heat.example/v1/{project}"),
    )
}

#[tokio::test]
async fn getters_are_those_of_keystoneauth() {
    let session = Session::new(token("token-1", "p"));
    let adapter = session.adapter("orchestration").build();
    assert_eq!(session.token().await.unwrap().unwrap().expose(), "token-1");
    assert_eq!(adapter.token().await.unwrap().unwrap().expose(), "token-1");
    assert_eq!(
        session.user_id().await.unwrap().as_deref(),
        Some("test-user")
    );
    assert_eq!(
        adapter.user_id().await.unwrap().as_deref(),
        Some("test-user")
    );
    assert_eq!(session.project_id().await.unwrap().as_deref(), Some("p"));
    assert_eq!(adapter.project_id().await.unwrap().as_deref(), Some("p"));
    for headers in [
        session.auth_headers().await.unwrap(),
        adapter.auth_headers().await.unwrap(),
    ] {
        assert_eq!(headers.len(), 1);
        assert_eq!(headers["x-auth-token"], "token-1");
        assert!(headers["x-auth-token"].is_sensitive());
        assert!(!format!("{headers:?}").contains("token-1"));
    }
    let query = || EndpointQuery::new("orchestration");
    let endpoint = session.endpoint(query()).await.unwrap();
    assert_eq!(endpoint, "http://heat.example/v1/p");
    let nowhere = session.endpoint(query().region("nowhere")).await;
    assert_eq!(nowhere.unwrap_err().kind(), ErrorKind::Catalog);
    assert!(adapter.invalidate());
    assert!(!session.invalidate(), "there is no token any more");
}

#[tokio::test]
async fn plugins_without_keystone_have_no_ids() {
    let basic = HttpBasic::new("demo", "swordfish").unwrap();
    let session = Session::new(basic);
    assert!(session.token().await.unwrap().is_none());
    assert!(session.user_id().await.unwrap().is_none());
    assert!(session.project_id().await.unwrap().is_none());
    assert!(session.access().await.unwrap().is_none());
    let headers = session.auth_headers().await.unwrap();
    assert!(headers["authorization"].is_sensitive());
    assert!(
        Session::new(NoAuth::new())
            .auth_headers()
            .await
            .unwrap()
            .is_empty()
    );
    // No other token is to be had.
    assert!(!session.invalidate());
}

#[tokio::test]
async fn a_session_with_other_credentials_shares_all_but_the_login() {
    let server = ScriptedTransport::new(|_| testing::json(200, json!({})));
    let service = Session::builder(token("service", "admin"))
        .transport(server.clone())
        .retry(RetryPolicy::none())
        .app_name("nova")
        .unwrap()
        .build();
    let user = service.with_auth(token("user", "p"));
    let other = user.with_auth(token("other", "q"));
    let adapter = service
        .adapter("orchestration")
        .client_name("c")
        .unwrap()
        .build();
    let of_user = adapter.to_builder().session(user.clone()).build();
    adapter.get("/x").finish().await.unwrap();
    of_user.get("/x").finish().await.unwrap();
    adapter.get("/x").auth(&other).finish().await.unwrap();
    adapter.get("/x").auth(&user).finish().await.unwrap();
    adapter.get("/x").finish().await.unwrap();
    let seen: Vec<_> = server.requests();
    let seen: Vec<_> = seen
        .iter()
        .map(|r| (r.header("x-auth-token").unwrap(), r.uri.to_string()))
        .collect();
    let expected = [
        ("service", "admin"),
        ("user", "p"),
        ("other", "q"),
        ("user", "p"),
        ("service", "admin"),
    ]
    .map(|(token, project)| (token, format!("http://heat.example/v1/{project}/x")));
    assert_eq!(seen, expected);
    let agents = server.requests();
    let agent = agents[0].header("user-agent").unwrap();
    assert!(agent.starts_with("nova c "), "{agent}");
    assert!(agents.iter().all(|r| r.header("user-agent") == Some(agent)));
    // The logins are separate.
    assert!(user.invalidate());
    assert_eq!(service.token().await.unwrap().unwrap().expose(), "service");
}

#[tokio::test]
async fn sessions_that_share_a_transport_mask_their_own_secrets() {
    let server = ScriptedTransport::new(|request| {
        let token = request
            .header("x-auth-token")
            .unwrap_or_default()
            .to_owned();
        testing::json(
            400,
            json!({"error": {"message": format!("bad token {token}")}}),
        )
    });
    let service = Session::builder(token("gAAAA-service-token", "admin"))
        .transport(server)
        .build();
    let user = service.with_auth(token("gAAAA-token-of-the-user", "p"));
    for session in [service, user] {
        let adapter = session.adapter("orchestration").build();
        let error = adapter.get("/x").finish().await.unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(text.contains("bad token [redacted]"), "{text}");
        assert!(!text.contains("gAAAA"), "{text}");
    }
}
