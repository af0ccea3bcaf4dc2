use super::*;

#[tokio::test]
async fn versions_are_told_without_a_token() {
    let sandbox = Sandbox::start().await.unwrap();
    let raw = Raw::new();
    let got = raw.get(&sandbox.identity_root_url()).await;
    assert_eq!(got.status, StatusCode::MULTIPLE_CHOICES);
    assert_eq!(got.header("location"), format!("{}/", sandbox.auth_url()));
    assert_eq!(got.json()["versions"]["values"][0]["id"], "v3.14");
    let got = raw.get(&sandbox.auth_url()).await;
    assert_eq!(
        (got.status, &got.json()["version"]["id"]),
        (StatusCode::OK, &json!("v3.14"))
    );
    let got = raw.get(&sandbox.orchestration_root_url()).await;
    assert_eq!(got.status, StatusCode::MULTIPLE_CHOICES);
    assert_eq!(got.json()["versions"][0]["id"], "v1.0");
}

#[tokio::test]
async fn a_login_gives_a_token_with_a_catalog() {
    let sandbox = Sandbox::start().await.unwrap();
    let demo = sandbox.credentials();
    let url = format!("{}/auth/tokens", sandbox.auth_url());
    let raw = Raw::new();
    let got = raw
        .post(&url, &password("demo", "demo", &demo.project_id))
        .await;
    assert_eq!(got.status, StatusCode::CREATED);
    assert!(got.header("x-subject-token").starts_with("gAAAA"));
    assert!(got.header("x-openstack-request-id").starts_with("req-"));
    let token = &got.json()["token"];
    assert_eq!(token["project"]["name"], "demo");
    assert!(token["expires_at"].as_str().unwrap().ends_with(".000000Z"));
    let heat = token["catalog"].as_array().unwrap().iter();
    let heat = heat
        .clone()
        .find(|service| service["type"] == "orchestration")
        .unwrap();
    assert_eq!(heat["endpoints"][0]["url"], sandbox.orchestration_url());
    let body = password("demo", "demo", &demo.project_id);
    let got = raw.post(&format!("{url}?nocatalog"), &body).await;
    assert!(got.json()["token"].get("catalog").is_none());
}

#[tokio::test]
async fn logins_that_keystone_refuses() {
    let sandbox = Sandbox::start().await.unwrap();
    let demo = sandbox.credentials();
    let url = format!("{}/auth/tokens", sandbox.auth_url());
    let rocket = sandbox.project_id("rocket").unwrap();
    let credential = sandbox.application_credential();
    let by_credential = |id: &str, secret: &str| {
        json!({"auth": {"identity": {
            "methods": ["application_credential"],
            "application_credential": {"id": id, "secret": secret},
        }}})
    };
    let without = "The request you have made requires authentication.";
    for (body, status, message) in [
        (password("demo", "wrong", &demo.project_id), 401, without),
        (password("nobody", "demo", &demo.project_id), 401, without),
        (
            password("disabled", "disabled", &demo.project_id),
            401,
            without,
        ),
        (password("demo", "demo", &rocket), 401, without),
        (by_credential(&credential.id, "wrong"), 401, without),
        (
            by_credential("nope", &credential.secret),
            404,
            "Could not find Application Credential: nope.",
        ),
        (
            json!({}),
            400,
            "Expecting to find auth in request body. The server could not comply with the request \
             since it is either malformed or otherwise incorrect. The client is assumed to be in \
             error.",
        ),
    ] {
        let got = Raw::new().post(&url, &body).await;
        assert_eq!(got.status.as_u16(), status, "{body}");
        assert_eq!(got.json()["error"]["message"], message, "{body}");
        if status == 401 {
            let challenge = format!("Keystone uri=\"{}\"", sandbox.auth_url());
            assert_eq!(got.header("www-authenticate"), challenge);
        }
    }
    let got = Raw::new()
        .post(&url, &by_credential(&credential.id, &credential.secret))
        .await;
    assert_eq!(
        got.json()["token"]["application_credential"]["name"],
        "demo-ac"
    );
}

#[tokio::test]
async fn tokens_expire_and_are_revoked() {
    let clock = Clock::stop();
    let sandbox = Sandbox::builder()
        .token_lifetime(Duration::from_millis(300))
        .start()
        .await
        .unwrap();
    let list = format!("{}/stacks", sandbox.orchestration_url());
    let raw = Raw::logged_in(&sandbox).await;
    assert_eq!(raw.get(&list).await.status, StatusCode::OK);
    clock.pass(Duration::from_millis(350)).await;
    let got = raw.get(&list).await;
    assert_eq!(got.status, StatusCode::UNAUTHORIZED);
    let challenge = format!("Keystone uri=\"{}\"", sandbox.identity_root_url());
    assert_eq!(got.header("www-authenticate"), challenge);

    sandbox.set_token_lifetime(Duration::from_secs(60));
    let (one, other) = (
        Raw::logged_in(&sandbox).await,
        Raw::logged_in(&sandbox).await,
    );
    let tokens = format!("{}/auth/tokens", sandbox.auth_url());
    let got = one.send(Method::DELETE, &tokens, None).await.unwrap();
    assert_eq!(got.status, StatusCode::NO_CONTENT);
    assert_eq!(one.get(&list).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(other.get(&list).await.status, StatusCode::OK);
    sandbox.revoke_all_tokens();
    assert_eq!(other.get(&list).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn keystone_goes_and_comes_back_on_its_port() {
    let sandbox = Sandbox::start().await.unwrap();
    let raw = Raw::logged_in(&sandbox).await;
    sandbox.stop_identity().await;
    assert!(
        raw.send(Method::GET, &sandbox.auth_url(), None)
            .await
            .is_err()
    );
    let list = format!("{}/stacks", sandbox.orchestration_url());
    assert_eq!(
        raw.get(&list).await.status,
        StatusCode::OK,
        "Heat needs no Keystone for that"
    );
    sandbox.start_identity().await.unwrap();
    assert_eq!(raw.get(&sandbox.auth_url()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn stopping_closes_everything() {
    let sandbox = Sandbox::start().await.unwrap();
    let raw = Raw::logged_in(&sandbox).await;
    let url = sandbox.orchestration_root_url();
    assert_eq!(raw.get(&url).await.status, StatusCode::MULTIPLE_CHOICES);
    assert_eq!(sandbox.connections(Service::Orchestration), 1);
    sandbox.stop().await;
    assert!(raw.send(Method::GET, &url, None).await.is_err());
}

#[tokio::test]
async fn administrators_list_projects_in_pages() {
    let sandbox = Sandbox::start().await.unwrap();
    let admin = Raw::logged_in_as(&sandbox, "admin").await;
    let url = format!("{}/projects", sandbox.auth_url());
    let ids = |page: &Value| -> Vec<String> {
        let projects = page["projects"].as_array().unwrap().iter();
        projects
            .map(|project| project["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let whole = admin.get(&url).await.json();
    let all = ids(&whole);
    assert!(all.len() == 5 && all.is_sorted(), "{all:?}");
    assert_eq!(
        whole["links"],
        json!({"next": null, "self": url, "previous": null})
    );
    assert!(whole.get("truncated").is_none());

    let first = admin.get(&format!("{url}?limit=3")).await.json();
    assert_eq!(
        (ids(&first), &first["truncated"]),
        (all[..3].to_vec(), &json!(true))
    );
    let next = first["links"]["next"].as_str().unwrap();
    assert_eq!(next, format!("{url}?limit=3&marker={}", all[2]));
    let second = admin.get(next).await.json();
    assert_eq!(
        (ids(&second), &second["links"]["next"]),
        (all[3..].to_vec(), &Value::Null)
    );

    for (query, status, message) in [
        ("marker=nope", 404, "Marker nope could not be found."),
        (
            "tags=a",
            400,
            "The sandbox does not know the query parameter tags.",
        ),
        (
            "limit=many",
            500,
            "An unexpected error prevented the server from fulfilling your request.",
        ),
    ] {
        let got = admin.get(&format!("{url}?{query}")).await;
        assert_eq!(got.status.as_u16(), status, "{query}");
        assert_eq!(got.json()["error"]["message"], message);
    }
    let named = admin.get(&format!("{url}?name=rocket")).await.json();
    assert_eq!(ids(&named), [sandbox.project_id("rocket").unwrap()]);
    let got = Raw::logged_in(&sandbox).await.get(&url).await;
    assert_eq!(got.status, StatusCode::FORBIDDEN);
    assert_eq!(
        got.json()["error"]["message"],
        "You are not authorized to perform the requested action: identity:list_projects."
    );
}

#[tokio::test]
async fn a_disabled_project_cannot_be_used() {
    let sandbox = Sandbox::start().await.unwrap();
    let (admin, demo) = (
        Raw::logged_in_as(&sandbox, "admin").await,
        Raw::logged_in(&sandbox).await,
    );
    let id = sandbox.project_id("demo").unwrap();
    let url = format!("{}/projects/{id}", sandbox.auth_url());
    let list = format!("{}/stacks", sandbox.orchestration_url());
    let set = async |enabled: bool| {
        let body = json!({"project": {"enabled": enabled, "description": "changed"}});
        let got = admin.send(Method::PATCH, &url, Some(&body)).await.unwrap();
        assert_eq!(got.status, StatusCode::OK);
        assert_eq!(got.json()["project"]["enabled"], enabled);
    };
    assert_eq!(demo.get(&url).await.json()["project"]["name"], "demo");
    set(false).await;
    assert_eq!(
        admin.get(&url).await.json()["project"]["description"],
        "changed"
    );
    assert_eq!(demo.get(&list).await.status, StatusCode::UNAUTHORIZED);
    let tokens = format!("{}/auth/tokens", sandbox.auth_url());
    let login = password("demo", "demo", &id);
    assert_eq!(
        Raw::new().post(&tokens, &login).await.status,
        StatusCode::UNAUTHORIZED
    );
    set(true).await;
    assert_eq!(demo.get(&list).await.status, StatusCode::OK);

    let change = json!({"project": {"enabled": true}});
    let got = demo.send(Method::PATCH, &url, Some(&change)).await.unwrap();
    assert_eq!(got.status, StatusCode::FORBIDDEN);
    for body in [
        json!({"project": {"name": "new"}}),
        json!({"project": {"enabled": "maybe"}}),
        json!({"other": {}}),
    ] {
        let got = admin.send(Method::PATCH, &url, Some(&body)).await.unwrap();
        assert_eq!(got.status, StatusCode::BAD_REQUEST, "{body}");
    }
    let got = admin.get(&format!("{url}0")).await;
    assert_eq!(
        got.json()["error"]["message"],
        format!("Could not find project: {id}0.")
    );
}
