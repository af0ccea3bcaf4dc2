use super::*;
use crate::auth::testing::{Answers, Server, answer};
use crate::auth::{AuthPlugin, DomainRef, Prompt};
use serde_json::{Value, json};

/// Logs in and returns the headers and the body of the request.
pub(in crate::auth::identity) async fn sent(plugin: &impl AuthPlugin) -> (http::HeaderMap, Value) {
    let server = Server::new(|_| token());
    plugin.authenticate(&server.context()).await.unwrap();
    let (parts, body) = server.last();
    assert_eq!(parts.method, http::Method::POST);
    let json = serde_json::from_slice(&body).unwrap();
    (parts.headers, json)
}

pub(in crate::auth) fn token() -> Result<Response<Body>> {
    let mut response = answer(
        201,
        "application/json",
        r#"{"token": {"methods": ["password"]}}"#,
    )?;
    response
        .headers_mut()
        .insert("x-subject-token", HeaderValue::from_static("gAAAA"));
    Ok(response)
}

fn demo() -> crate::auth::identity::Password {
    let user = crate::auth::identity::UserRef::name("demo", DomainRef::name("Default"));
    crate::auth::identity::Password::new("http://id/v3", user, "swordfish").unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_login_may_be_repeated() {
    let server = Server::new(|_| token());
    let data = demo().authenticate(&server.context()).await.unwrap();
    assert_eq!(data.access.unwrap().methods(), ["password"]);
    let (parts, _) = server.last();
    assert_eq!(parts.uri, "http://id/v3/auth/tokens");
    assert_eq!(parts.headers["content-type"], "application/json");
    assert_eq!(parts.headers["accept"], "application/json");
    let call = parts.extensions.get::<crate::transport::Call>().unwrap();
    assert_eq!(call.options().idempotent, Some(true));
}

#[tokio::test(start_paused = true)]
async fn refusals_are_told_in_one_line() {
    let cases: &[(u16, &str, &str, ErrorKind)] = &[
        (
            401,
            r#"{"error": {"code": 401, "title": "Unauthorized", "message": "The request you have made requires authentication."}}"#,
            "login as demo at http://id/v3: 401 Unauthorized: The request you have made requires authentication. (request req-1)",
            ErrorKind::Auth,
        ),
        (
            404,
            "",
            "login as demo at http://id/v3: 404 Not Found (request req-1)",
            ErrorKind::Auth,
        ),
        (
            503,
            "<html><title>Down</title></html>",
            "login as demo at http://id/v3: 503 Service Unavailable (request req-1)",
            ErrorKind::Auth,
        ),
        (
            201,
            "{}",
            "login as demo at http://id/v3: expected a token from the identity service, got other JSON; check the auth URL (OS_AUTH_URL) (request req-1)",
            ErrorKind::Auth,
        ),
    ];
    for (status, body, message, kind) in cases {
        let server = Server::new(|_| {
            let mut response = answer(*status, "application/json", body)?;
            let id = HeaderValue::from_static("req-1");
            response.headers_mut().insert("x-openstack-request-id", id);
            Ok(response)
        });
        let error = demo().authenticate(&server.context()).await.unwrap_err();
        assert_eq!(error.to_string(), *message);
        assert_eq!(error.kind(), *kind);
        assert_eq!(error.status().map_or(201, |s| s.as_u16()), *status);
        assert_eq!(error.uri().unwrap(), "http://id/v3/auth/tokens");
        assert_eq!(error.request_id(), Some("req-1"));
        assert!(!format!("{error:?}").contains("swordfish"));
    }
    let server = Server::new(|_| Err(Error::new(ErrorKind::Connect, "cannot connect")));
    let error = demo().authenticate(&server.context()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "login as demo at http://id/v3: cannot connect"
    );
    assert!(error.is_connect());
}

#[tokio::test(start_paused = true)]
async fn a_second_factor_is_named() {
    const PREFIX: &str =
        "login as demo at http://id/v3: 401 Unauthorized: more authentication methods are required";
    for (body, expected) in [
        (
            json!({"receipt": {"methods": ["password"]}, "required_auth_methods": [["totp", "password"]]}),
            ": totp",
        ),
        (
            json!({"receipt": {"methods": ["password"]},
                   "required_auth_methods": [["password", "totp"], ["password", "kerberos", "x509"]]}),
            ": totp, or kerberos and x509",
        ),
        (json!({}), ""),
        (
            json!({"receipt": 17, "required_auth_methods": {"a": 1}}),
            "",
        ),
        (json!({"required_auth_methods": [17, null, []]}), ""),
    ] {
        let text = body.to_string();
        let server = Server::new(move |_| {
            let mut response = answer(401, "application/json", &text)?;
            response
                .headers_mut()
                .insert("openstack-auth-receipt", HeaderValue::from_static("gAAAA"));
            Ok(response)
        });
        let error = demo().authenticate(&server.context()).await.unwrap_err();
        assert_eq!(error.to_string(), format!("{PREFIX}{expected}"), "{body}");
        assert_eq!(error.kind(), ErrorKind::Auth);
        assert!(error.is_unauthorized());
    }
}

/// Logs in with a password, then with a passcode if Keystone requires it.
#[derive(Debug)]
struct TwoFactors(AuthUrl);

impl TwoFactors {
    fn new() -> Self {
        Self(AuthUrl::parse("http://id/v3").unwrap())
    }
}

impl AuthPlugin for TwoFactors {
    async fn authenticate(&self, cx: &AuthContext) -> Result<AuthData> {
        let password = json!({"user": {"id": "u1", "password": "swordfish"}});
        Login::new("as demo", &self.0)
            .scope(&Scope::System)
            .method(LoginMethod::new("password", &password)?)
            .send_with(self, cx)
            .await
    }
}

impl FurtherMethods for TwoFactors {
    fn offers(&self, name: &str) -> bool {
        name == "totp"
    }

    async fn method(&self, name: &str, receipt: &Receipt, cx: &AuthContext) -> Result<LoginMethod> {
        assert_eq!(name, "totp");
        let passcode = cx.ask(&Prompt::code("TOTP passcode: ")).await?;
        let user = json!({"id": receipt.user_id(), "passcode": passcode.expose()});
        Ok(LoginMethod::new("totp", &json!({"user": user}))?.once(true))
    }
}

pub(in crate::auth::identity) fn receipt(given: &Value, rules: &Value) -> Result<Response<Body>> {
    let body = json!({
        "receipt": {"methods": given, "user": {"id": "u1"}},
        "required_auth_methods": rules,
    });
    let mut response = answer(401, "application/json", &body.to_string())?;
    let receipt = HeaderValue::from_static("gAAAAreceipt");
    response
        .headers_mut()
        .insert("openstack-auth-receipt", receipt);
    Ok(response)
}

fn has_receipt(request: &Request<Bytes>) -> bool {
    request.headers().contains_key("openstack-auth-receipt")
}

#[tokio::test(start_paused = true)]
async fn a_receipt_is_answered_with_the_missing_method() {
    let server = Server::new(|request| match has_receipt(request) {
        true => token(),
        false => receipt(
            &json!(["password"]),
            &json!([["password", "kerberos"], ["password", "totp"]]),
        ),
    });
    let answers = Answers::new("123456");
    let context = server.context().interaction(answers.clone());
    let data = TwoFactors::new().authenticate(&context).await.unwrap();
    assert!(data.access.is_some());
    assert_eq!(answers.asked(), ["TOTP passcode: "]);

    let seen = server.seen();
    let [(first, first_body), (second, second_body)] = &seen[..] else {
        panic!("{} requests", seen.len());
    };
    let json = |body| serde_json::from_slice::<Value>(body).unwrap();
    let scope = json!({"system": {"all": true}});
    assert_eq!(
        json(first_body),
        json!({"auth": {"scope": scope, "identity": {
            "methods": ["password"],
            "password": {"user": {"id": "u1", "password": "swordfish"}}}}})
    );
    assert_eq!(
        json(second_body),
        json!({"auth": {"scope": scope, "identity": {
            "methods": ["totp"],
            "totp": {"user": {"id": "u1", "passcode": "123456"}}}}})
    );
    assert!(!first.headers.contains_key("openstack-auth-receipt"));
    let receipt = &second.headers["openstack-auth-receipt"];
    assert!(receipt == "gAAAAreceipt" && receipt.is_sensitive());
    // The first request that arrives consumes the passcode.
    let idempotent = |parts: &http::request::Parts| {
        let call = parts.extensions.get::<crate::transport::Call>();
        call.unwrap().options().idempotent
    };
    assert_eq!((idempotent(first), idempotent(second)), (Some(true), None));
}

#[tokio::test(start_paused = true)]
async fn a_login_with_receipts_ends() {
    const DEMO: &str = "login as demo at http://id/v3: ";
    let never_enough =
        || Server::new(|_| receipt(&json!(["password"]), &json!([["password", "totp"]])));
    let kerberos =
        Server::new(|_| receipt(&json!(["password"]), &json!([["password", "kerberos"]])));
    let wrong = Server::new(|request| match has_receipt(request) {
        true => answer(
            401,
            "application/json",
            r#"{"error": {"code": 401, "message": "no: 123456 and gAAAAreceipt"}}"#,
        ),
        false => receipt(&json!(["password"]), &json!([["password", "totp"]])),
    });
    let asking = |server: &Server| server.context().interaction(Answers::new("123456"));
    for (server, context, requests, kind, message) in [
        (
            &never_enough(),
            asking as fn(&Server) -> AuthContext,
            2,
            ErrorKind::Auth,
            "401 Unauthorized: more authentication methods are required: totp",
        ),
        (
            &kerberos,
            asking,
            1,
            ErrorKind::Auth,
            "401 Unauthorized: more authentication methods are required: kerberos",
        ),
        (
            &wrong,
            asking,
            2,
            ErrorKind::Auth,
            "401 Unauthorized: no: [redacted] and [redacted]",
        ),
        (
            &never_enough(),
            |server| server.context(),
            1,
            ErrorKind::Interaction,
            "user input is required (TOTP passcode), but the session has no interaction handler",
        ),
        (
            &never_enough(),
            |server| server.context().in_background(),
            1,
            ErrorKind::Interaction,
            "user input is required (TOTP passcode), but a background renewal cannot ask",
        ),
    ] {
        let context = context(server);
        let error = TwoFactors::new().authenticate(&context).await.unwrap_err();
        assert_eq!(error.to_string(), format!("{DEMO}{message}"));
        assert_eq!(error.kind(), kind);
        assert_eq!(server.requests().len(), requests, "{message}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_request_may_have_several_methods() {
    let server = Server::new(|_| token());
    let url = AuthUrl::parse("http://id/v3").unwrap();
    let value = HeaderValue::from_static("Negotiate abc");
    let kerberos = LoginMethod::new("kerberos", &json!({})).unwrap();
    let login = Login::new("as demo", &url)
        .method(LoginMethod::new("password", &json!({"user": {"id": "u1"}})).unwrap())
        .method(kerberos.header(http::header::AUTHORIZATION, value));
    assert!(!format!("{login:?}").contains("u1"));
    login.send(&server.context()).await.unwrap();
    let (parts, body) = server.last();
    assert_eq!(
        serde_json::from_slice::<Value>(&body).unwrap(),
        json!({"auth": {"identity": {
            "methods": ["password", "kerberos"],
            "password": {"user": {"id": "u1"}},
            "kerberos": {}}}})
    );
    assert_eq!(parts.headers["authorization"], "Negotiate abc");
    assert!(parts.headers["authorization"].is_sensitive());
}
