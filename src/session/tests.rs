//! Tests of the whole stack, from an adapter to the network.

mod identity;
mod options;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use http::header::{AUTHORIZATION, USER_AGENT};
use http::{HeaderName, HeaderValue};
use tower::{ServiceBuilder, ServiceExt as _};
use tracing::field::{Field, Visit};
use tracing::{Metadata, span};

use super::testing::{Plugin, token};
use super::*;
use crate::auth::identity::{
    AuthUrl, FurtherMethods, Login, LoginMethod, Password, Receipt, UserRef,
};
use crate::auth::testing::Answers;
use crate::auth::{AuthContext, AuthData, AuthPlugin, DomainRef, NoAuth, Prompt, Scope};
use crate::error::ErrorKind;
use crate::transport::layers::RetryPolicy;
use crate::transport::testing::{OK, converse, listen};
use crate::transport::{Pool, PoolConfig};

const HOUR: Duration = Duration::from_secs(3600);

fn pool() -> PoolConfig {
    PoolConfig {
        proxy_from_env: false,
        ..PoolConfig::default()
    }
}

fn json(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    )
}

fn header<'a>(request: &'a str, name: &str) -> Option<&'a str> {
    request
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

/// Starts a scripted server. Returns the requests it received and its `http://host:port`.
async fn server(
    script: impl Fn(&str) -> String + Clone + Send + 'static,
) -> (Arc<Mutex<Vec<String>>>, String) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    let address = listen(move |_, stream| {
        let (script, log) = (script.clone(), Arc::clone(&log));
        converse(stream, move |request| {
            log.lock().unwrap().push(request.to_owned());
            script(request)
        })
    });
    (asked, format!("http://{}", address.await))
}

/// A Keystone that issues `gAAAA-secret-token-1` …, and a Heat that refuses only the first token.
async fn cloud() -> (Arc<Mutex<Vec<String>>>, String) {
    let logins = Arc::new(AtomicU32::new(0));
    server(move |request| {
        let host = header(request, "host").unwrap();
        if request.starts_with("POST /v3/auth/tokens") {
            let n = logins.fetch_add(1, Ordering::SeqCst) + 1;
            let body = format!(
                r#"{{"token": {{"expires_at": "2999-01-01T00:00:00Z", "project": {{"id": "p"}},
                "catalog": [{{"type": "orchestration", "name": "heat", "endpoints":
                [{{"interface": "public", "region": "R", "url": "http://{host}/heat/v1/p"}}]}}]}}}}"#
            );
            let subject = format!("x-subject-token: gAAAA-secret-token-{n}\r\n");
            return json("201 Created", &subject, &body);
        }
        if header(request, "x-auth-token") == Some("gAAAA-secret-token-1") {
            return json("401 Unauthorized", "", "{}");
        }
        let path = request.split(' ').nth(1).unwrap();
        let id = "x-openstack-request-id: req-42\r\n";
        match path.split('?').next().unwrap() {
            "/heat/v1/p/stacks" => json("200 OK", id, r#"{"stacks": []}"#),
            "/heat/v1/p/busy" => json("503 Service Unavailable", id, "{}"),
            _ => json("404 Not Found", id, r#"{"error": {"message": "no\nsuch thing"}}"#),
        }
    })
    .await
}

fn demo(url: &str) -> Session {
    let auth = Password::new(
        &format!("{url}/v3"),
        UserRef::name("demo", DomainRef::name("Default")),
        "hunter2-password",
    )
    .unwrap()
    .scope(Scope::project_name("demo", DomainRef::name("Default")));
    Session::builder(auth)
        .pool_config(pool())
        .retry(RetryPolicy::new(2).backoff(Duration::ZERO, Duration::ZERO))
        .build()
}

fn bare(plugin: impl AuthPlugin) -> Session {
    Session::builder(plugin).pool_config(pool()).build()
}

#[test]
fn sessions_are_cheap_to_share() {
    fn shared<T: Send + Sync + Clone + 'static>() {}
    fn sent<T: Send>(_: &T) {}
    fn service<T: Service<Request<Body>, Response = Response<Body>, Error = Error>>() {}
    shared::<Session>();
    shared::<Adapter>();
    shared::<AdapterBuilder>();
    shared::<Pool>();
    shared::<Error>();
    service::<Session>();
    service::<Pool>();
    let adapter = Session::new(NoAuth::new()).adapter("orchestration").build();
    sent(&adapter.get("/").fetch::<serde_json::Value>());
    sent(&adapter.get("/").finish());
}

#[tokio::test]
async fn a_call_logs_in_finds_its_endpoint_and_survives_a_revoked_token() {
    let (asked, url) = cloud().await;
    let heat = demo(&url).adapter("orchestration").build();
    let stacks: serde_json::Value = heat
        .get("/stacks")
        .query("tags", "a b")
        .fetch()
        .await
        .unwrap();
    assert_eq!(stacks, serde_json::json!({"stacks": []}));
    heat.get("stacks").finish().await.unwrap();
    assert_eq!(
        heat.endpoint().await.unwrap().to_string(),
        format!("{url}/heat/v1/p")
    );
    let lines: Vec<_> = asked
        .lock()
        .unwrap()
        .iter()
        .map(|request| request.lines().next().unwrap().to_owned())
        .collect();
    assert_eq!(
        lines,
        [
            "POST /v3/auth/tokens HTTP/1.1",
            "GET /heat/v1/p/stacks?tags=a%20b HTTP/1.1",
            "POST /v3/auth/tokens HTTP/1.1",
            "GET /heat/v1/p/stacks?tags=a%20b HTTP/1.1",
            "GET /heat/v1/p/stacks HTTP/1.1",
        ]
    );
}

/// Logs in with a password, and asks the user for a passcode if Keystone requires one.
#[derive(Debug)]
struct TwoFactors(AuthUrl);

impl AuthPlugin for TwoFactors {
    async fn authenticate(&self, cx: &AuthContext) -> Result<AuthData> {
        let password = serde_json::json!({"user": {"id": "u1", "password": "swordfish"}});
        let login = Login::new("of u1", &self.0).method(LoginMethod::new("password", &password)?);
        login.send_with(self, cx).await
    }

    fn auth_url(&self) -> Option<&Uri> {
        Some(self.0.uri())
    }
}

impl FurtherMethods for TwoFactors {
    fn offers(&self, name: &str) -> bool {
        name == "totp"
    }

    async fn method(&self, _: &str, _: &Receipt, cx: &AuthContext) -> Result<LoginMethod> {
        let passcode = cx.ask(&Prompt::code("Passcode: ")).await?;
        let user = serde_json::json!({"id": "u1", "passcode": passcode.expose()});
        Ok(LoginMethod::new("totp", &serde_json::json!({"user": user}))?.once(true))
    }
}

#[tokio::test]
async fn a_login_of_two_factors_asks_through_the_sessions_interaction() {
    let (asked, url) = server(|request| {
        let body = r#"{"receipt": {"methods": ["password"]},
            "required_auth_methods": [["password", "totp"]]}"#;
        if !request.starts_with("POST /v3/auth/tokens") {
            json("200 OK", "", "{}")
        } else if header(request, "openstack-auth-receipt") != Some("gAAAA-receipt") {
            let receipt = "openstack-auth-receipt: gAAAA-receipt\r\n";
            json("401 Unauthorized", receipt, body)
        } else {
            json(
                "201 Created",
                "x-subject-token: gAAAA-token\r\n",
                r#"{"token": {}}"#,
            )
        }
    })
    .await;
    let plugin = || TwoFactors(AuthUrl::parse(&url).unwrap());
    let answers = Answers::new("123456");
    let session = Session::builder(plugin())
        .pool_config(pool())
        .interaction(answers.clone())
        .build();
    let heat = session
        .adapter("orchestration")
        .endpoint_override(url.parse().unwrap());
    heat.build().get("/").finish().await.unwrap();
    assert_eq!(answers.asked(), ["Passcode: "]);
    let requests = asked.lock().unwrap().split_off(0);
    let [first, second, call] = &requests[..] else {
        panic!("{requests:?}");
    };
    assert!(first.contains("swordfish") && !first.contains("totp"));
    assert!(second.contains(r#""passcode":"123456""#) && !second.contains("swordfish"));
    assert_eq!(header(call, "x-auth-token"), Some("gAAAA-token"));

    let error = bare(plugin()).access().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interaction);
}

#[tokio::test]
async fn an_error_tells_what_was_asked_and_how_often() {
    let (_, url) = cloud().await;
    let heat = demo(&url).adapter("orchestration").build();
    let error = heat.get("/none?secret=1").finish().await.unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(error.method(), Some(&Method::GET));
    assert_eq!(
        error.uri().unwrap().to_string(),
        format!("{url}/heat/v1/p/none")
    );
    assert_eq!(error.request_id(), Some("req-42"));
    // The first attempt used the token that Heat refuses.
    assert_eq!(error.attempts(), 2);
    assert!(error.elapsed().unwrap() > Duration::ZERO);
    assert_eq!(
        error.to_string(),
        "404 Not Found: no such thing (after 2 attempts) (request req-42)"
    );

    let error = heat.get("/busy").finish().await.unwrap_err();
    assert_eq!(error.status().unwrap(), 503);
    assert_eq!(error.attempts(), 2);
    let wrong: Result<u32> = heat.get("/stacks").fetch().await;
    let error = wrong.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(error.request_id(), Some("req-42"));
}

/// The errors of two calls whose login gets this response, and the requests.
async fn after_login(answer: String) -> (Error, Error, Vec<String>) {
    let (asked, url) = server(move |_| answer.clone()).await;
    let policy = RetryPolicy::new(3).backoff(Duration::ZERO, Duration::ZERO);
    let user = UserRef::name("demo", DomainRef::name("Default"));
    let auth = Password::new(&format!("{url}/v3"), user, "swordfish").unwrap();
    let session = Session::builder(auth)
        .pool_config(pool())
        .retry(policy)
        .build();
    let create = session.adapter("orchestration").build();
    let resolving = create.request(Method::POST, "/stacks").send().await;
    session.invalidate();
    let stamping = session
        .request(Method::POST, format!("{url}/x"))
        .send()
        .await;
    let asked = asked.lock().unwrap().clone();
    (resolving.unwrap_err(), stamping.unwrap_err(), asked)
}

#[tokio::test]
async fn a_failed_login_counts_its_own_attempts_and_the_call_was_not_sent() {
    for (answer, attempts) in [
        (json("401 Unauthorized", "", "{}"), 1),
        (json("404 Not Found", "", "{}"), 1),
        (json("503 Service Unavailable", "", "{}"), 3),
        (json("201 Created", "", "{}"), 1),
        (json("201 Created", "", "not JSON"), 1),
        (
            "HTTP/1.1 401 Unauthorized\r\nopenstack-auth-receipt: r\r\ncontent-length: 2\r\n\r\n{}"
                .to_owned(),
            1,
        ),
        ("not HTTP\r\n\r\n".to_owned(), 1),
    ] {
        let (resolving, stamping, asked) = after_login(answer.clone()).await;
        assert!(asked.iter().all(|request| request.contains("/auth/tokens")));
        for error in [resolving, stamping] {
            assert!(!error.may_have_been_sent(), "{answer}: {error}");
            assert_eq!(error.attempts(), attempts, "{answer}: {error}");
            assert!(error.elapsed().is_some(), "{answer}: {error}");
        }
    }
}

#[tokio::test]
async fn a_call_whose_deadline_passes_in_its_login_was_not_sent() {
    let plugin = Plugin::new(|_| std::future::pending());
    let session = Session::builder(plugin).build();
    tokio::time::pause();
    let request = session.request(Method::POST, "http://h/").timeout(HOUR);
    let error = request.send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(!error.may_have_been_sent(), "{error:?}");
}

/// Sends a request of its own during the login, as plugins of other crates do.
#[derive(Debug)]
struct Asks;

impl AuthPlugin for Asks {
    async fn authenticate(&self, cx: &AuthContext) -> Result<AuthData> {
        let request = Request::get("http://id/token").body(Body::empty()).unwrap();
        cx.send(request).await.map(|_| AuthData::none())
    }
}

#[tokio::test(start_paused = true)]
async fn requests_of_logins_and_of_discovery_know_their_deadline_and_count_attempts() {
    let busy = tower::service_fn(|_: Request<Body>| async {
        tokio::time::sleep(Duration::from_secs(40)).await;
        let response = Response::builder().status(503).header("retry-after", "30");
        Ok::<_, Error>(response.body(Body::empty()).unwrap())
    });
    let started = crate::clock::now();
    let session = Session::builder(Asks).transport(busy).build();
    let error = session.access().await.unwrap_err();
    // A third attempt would start after the deadline of a login, 120 s: there is none.
    assert_eq!(
        (error.attempts(), error.status().unwrap().as_u16()),
        (2, 503)
    );
    assert!((crate::clock::now() - started).as_secs() < 120, "{error}");

    let silent = tower::service_fn(|_: Request<Body>| std::future::pending::<Result<_>>());
    let session = Session::builder(NoAuth::new()).transport(silent).build();
    let url = "http://id/".parse().unwrap();
    let error = session.auth_context().versions(&url).await.unwrap_err();
    assert!(error.is_timeout() && error.attempts() >= 1, "{error:?}");
}

#[tokio::test]
async fn a_call_that_was_sent_before_its_second_login_failed_was_sent() {
    let (_, url) = server(|_| json("401 Unauthorized", "", "{}")).await;
    let plugin = Plugin::new(|n| async move {
        match n {
            1 => Ok(token(1, HOUR)),
            _ => Err(Error::new(ErrorKind::Auth, "no")),
        }
    });
    let session = Session::builder(plugin.at(&url))
        .pool_config(pool())
        .build();
    let request = session.request(Method::POST, format!("{url}/x"));
    let error = request.send().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Auth, 1));
    assert!(error.may_have_been_sent());
}

#[tokio::test]
async fn answers_that_cannot_be_read_tell_the_attempts() {
    let (_, url) = server(|_| json("200 OK", "", "not JSON")).await;
    let session = Session::builder(NoAuth::new()).pool_config(pool()).build();
    let request = session.request(Method::GET, format!("{url}/x"));
    let error = request.fetch::<u8>().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Decode, 1));
}

#[tokio::test]
async fn ten_thousand_first_callers_cost_one_request() {
    let (asked, url) = cloud().await;
    let heat = demo(&url).adapter("orchestration").build();
    let callers = (0..10_000).map(|_| {
        let heat = heat.clone();
        tokio::spawn(async move { heat.endpoint().await })
    });
    for endpoint in futures::future::join_all(callers).await {
        assert_eq!(endpoint.unwrap().unwrap().path(), "/heat/v1/p");
    }
    assert_eq!(asked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_login_that_fails_fails_all_who_wait_for_it() {
    let refusal = r#"{"error": {"code": 401, "message": "The request you have made requires authentication."}}"#;
    let (asked, url) = server(move |_| json("401 Unauthorized", "", refusal)).await;
    let heat = demo(&url).adapter("orchestration").build();
    let callers = (0..100).map(|_| heat.get("/stacks").finish());
    for result in futures::future::join_all(callers).await {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Auth);
        assert!(error.is_unauthorized(), "{error:?}");
        let text = error.to_string();
        assert!(!text.contains('\n') && !text.contains("hunter2"), "{text}");
    }
    let again = heat.get("/stacks").finish().await.unwrap_err();
    assert!(again.is_unauthorized());
    assert_eq!(
        asked.lock().unwrap().len(),
        1,
        "the account must not be locked"
    );
}

#[tokio::test]
async fn a_session_is_a_service() {
    let (_, url) = cloud().await;
    let session = demo(&url);
    let request = Request::get(format!("{url}/heat/v1/p/stacks"))
        .body(Body::empty())
        .unwrap();
    let response = session.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    // Layers from other crates can wrap it.
    let wrapped = ServiceBuilder::new()
        .map_response(|response: Response<Body>| response.status())
        .service(session);
    let request = Request::get(format!("{url}/nowhere"))
        .body(Body::empty())
        .unwrap();
    assert_eq!(wrapped.oneshot(request).await.unwrap(), 404);
}

#[tokio::test]
async fn headers_of_the_request_win_over_the_adapters_and_these_over_the_sessions() {
    let (asked, url) = server(|_| OK.to_owned()).await;
    let name = |text: &'static str| HeaderName::from_static(text);
    let value = |text: &'static str| HeaderValue::from_static(text);
    let session = Session::builder(NoAuth::new())
        .pool_config(pool())
        .user_agent("scaler/1.4")
        .unwrap()
        .header(name("x-a"), value("session"))
        .header(name("x-b"), value("session"))
        .header(name("x-c"), value("session"))
        .build();
    let adapter = session
        .adapter("orchestration")
        .endpoint_override(url.parse().unwrap())
        .header(name("x-b"), value("adapter"))
        .header(name("x-c"), value("adapter"))
        .build();
    adapter
        .get("/")
        .header(name("x-c"), value("request"))
        .finish()
        .await
        .unwrap();
    let request = asked.lock().unwrap().pop().unwrap();
    let sent: BTreeMap<_, _> = ["x-a", "x-b", "x-c", "accept"]
        .map(|name| (name, header(&request, name).unwrap()))
        .into();
    assert_eq!(
        sent.into_values().collect::<Vec<_>>(),
        ["application/json", "session", "adapter", "request"]
    );
    let agent = header(&request, USER_AGENT.as_str()).unwrap();
    assert!(agent.starts_with("scaler/1.4 heatclient/"), "{agent}");
    assert_eq!(request.matches("x-c").count(), 1);
}

#[tokio::test]
async fn nothing_that_proves_who_one_is_goes_to_another_server() {
    let (foreign, elsewhere) = server(|_| OK.to_owned()).await;
    let (home, url) = server(move |_| {
        format!("HTTP/1.1 302 Found\r\ncontent-length: 0\r\nlocation: {elsewhere}/x\r\n\r\n")
    })
    .await;
    let mut secret = HeaderValue::from_static("s3cret");
    secret.set_sensitive(true);
    let adapter = Session::builder(Plugin::tokens(HOUR, Duration::ZERO))
        .pool_config(pool())
        .header(AUTHORIZATION, HeaderValue::from_static("s3cret"))
        .header(HeaderName::from_static("x-key"), secret.clone())
        .header(
            HeaderName::from_static("x-plain"),
            HeaderValue::from_static("yes"),
        )
        .build()
        .adapter("orchestration")
        .endpoint_override(url.parse().unwrap())
        .header(
            HeaderName::from_static("x-of-adapter"),
            HeaderValue::from_static("s3cret"),
        )
        .build();
    adapter
        .get("/")
        .header(HeaderName::from_static("x-of-request"), secret)
        .finish()
        .await
        .unwrap();
    let home = home.lock().unwrap().pop().unwrap();
    assert_eq!(home.matches("s3cret").count(), 4, "{home}");
    assert_eq!(header(&home, "x-auth-token"), Some("token-1"));
    let foreign = foreign.lock().unwrap().pop().unwrap();
    assert_eq!(header(&foreign, "x-plain"), Some("yes"));
    assert!(!foreign.contains("s3cret"), "{foreign}");
    assert_eq!(header(&foreign, "x-auth-token"), None);
}

#[tokio::test]
async fn custom_layers_see_each_call_once_with_the_last_one_outermost() {
    let (_, url) = cloud().await;
    let order = Arc::new(Mutex::new(Vec::new()));
    let note = |name: &'static str| {
        let order = Arc::clone(&order);
        tower::util::MapRequestLayer::new(move |request: Request<Body>| {
            assert!(request.uri().authority().is_none(), "not resolved yet");
            order.lock().unwrap().push(name);
            request
        })
    };
    let auth = Plugin::tokens(HOUR, Duration::ZERO);
    let adapter = Session::builder(auth)
        .pool_config(pool())
        .retry(RetryPolicy::new(3).backoff(Duration::ZERO, Duration::ZERO))
        .layer(note("inner"))
        .layer(note("outer"))
        .build()
        .adapter("orchestration")
        .endpoint_override(format!("{url}/heat/v1/p").parse().unwrap())
        .build();
    let error = adapter.get("/busy").finish().await.unwrap_err();
    assert_eq!(error.attempts(), 3);
    assert_eq!(*order.lock().unwrap(), ["outer", "inner"]);
}

#[tokio::test(start_paused = true)]
async fn endpoints_are_looked_up_once_for_each_token() {
    let access = |n: u32| -> Result<AuthData> {
        let mut headers = HeaderMap::new();
        headers.insert("x-subject-token", "t".parse().unwrap());
        let body = format!(
            r#"{{"token": {{"catalog": [{{"type": "orchestration", "endpoints":
            [{{"interface": "public", "url": "http://heat-{n}/v1/p"}}]}}]}}}}"#
        );
        AuthData::access(AccessInfo::from_response(&headers, &body.into())?)
    };
    let plugin = Plugin::new(move |n| async move { access(n) });
    let session = bare(plugin.clone());
    let adapter = session.adapter("orchestration").build();
    for _ in 0..3 {
        assert_eq!(adapter.endpoint().await.unwrap(), "http://heat-1/v1/p");
    }
    assert_eq!(plugin.logins(), 1);
    session.invalidate();
    session.access().await.unwrap();
    assert_eq!(adapter.endpoint().await.unwrap(), "http://heat-2/v1/p");
    assert_eq!(plugin.logins(), 2);

    let missing = session.adapter("compute").build();
    let error = missing.get("/").finish().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Catalog);
}

#[tokio::test]
async fn an_override_needs_no_login_and_a_plugin_without_catalog_an_endpoint() {
    let plugin = Plugin::new(|n| async move { Ok(token(n, HOUR)) });
    let session = bare(plugin.clone());
    let fixed = session
        .adapter("orchestration")
        .endpoint_override("http://heat/v1/p".parse().unwrap())
        .build();
    assert_eq!(fixed.endpoint().await.unwrap(), "http://heat/v1/p");
    assert_eq!(plugin.logins(), 0);
    let error = session
        .adapter("orchestration")
        .build()
        .get("/stacks")
        .finish()
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the auth plugin provides no service catalog; set endpoint_override to the URL of the orchestration service"
    );
}

#[tokio::test]
async fn requests_that_cannot_be_made_are_refused_before_they_are_sent() {
    let session = bare(Plugin::new(|_| async {
        unreachable!("no login is needed")
    }));
    for (url, message) in [
        ("stacks", "the URL \"stacks\" has no scheme"),
        ("/stacks?sig=secret", "the URL \"/stacks\" has no scheme"),
        (
            "ftp://demo:secret@h/",
            "the URL contains a user name or password",
        ),
        (
            "http://demo:secret@h/",
            "the URL contains a user name or password",
        ),
        (
            "http://h h/?sig=secret",
            "the URL \"http://h h/\" is not a URL",
        ),
    ] {
        let error = session
            .request(Method::GET, url)
            .finish()
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        let text = error.to_string();
        assert!(text.starts_with(message), "{text}");
        assert!(!format!("{text} {error:?}").contains("secret"), "{error:?}");
        assert!(!error.may_have_been_sent());
    }
    let relative = Request::get("/stacks").body(Body::empty()).unwrap();
    let error = session.oneshot(relative).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the request URL has no host; use an absolute URL or an adapter for a service"
    );
}

/// Records all log output.
#[derive(Clone, Default)]
struct Everything(Arc<Mutex<String>>);

impl Visit for Everything {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut log = self.0.lock().unwrap();
        log.push_str(&format!(" {field}={value:?}"));
    }
}

impl tracing::Subscriber for Everything {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &span::Attributes<'_>) -> span::Id {
        attributes.record(&mut self.clone());
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        values.record(&mut self.clone());
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut self.clone());
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// Defect 16 of the Python library: passwords and tokens in the debug log.
#[tokio::test]
async fn neither_passwords_nor_tokens_nor_queries_are_logged() {
    let log = Everything::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let (asked, url) = cloud().await;
    let session = demo(&url);
    let heat = session.adapter("orchestration").build();
    let shown = async {
        heat.get("/stacks?tags=secret-query")
            .finish()
            .await
            .unwrap();
        let missing = heat.get("/none?tags=secret-query").finish().await;
        let busy = heat
            .request(Method::PUT, "/busy?tags=secret-query")
            .json(&serde_json::json!({"parameters": {"db": "secret-parameter"}}))
            .finish()
            .await;
        format!("{session:?} {heat:?} {missing:?} {busy:?}")
    };
    let shown = shown.await + &log.0.lock().unwrap();
    let wire = asked.lock().unwrap().concat();
    for secret in [
        "hunter2-password",
        "secret-token",
        "secret-query",
        "secret-parameter",
    ] {
        assert!(wire.contains(secret), "{secret} was not sent");
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    for told in [
        "/heat/v1/p/stacks",
        "status=401",
        "status=503",
        "req-42",
        "attempts=2",
    ] {
        assert!(shown.contains(told), "{told} in {shown}");
    }
}
