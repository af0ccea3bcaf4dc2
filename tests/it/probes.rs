//! Requests for version documents: how many there are, and what they must not cause.

use std::time::Duration;

use heatclient::auth::{AuthContext, AuthData, AuthPlugin};
use heatclient::catalog::{DiscoveryOptions, VersionRange};
use heatclient::secret::Secret;
use heatclient::session::Adapter;
use heatclient::testing::{self, RecordedRequest, ScriptedTransport};
use heatclient::transport::Body;
use heatclient::{ErrorKind, Result, Session};
use heatclient_test_support::demo;
use http::{Method, Response};
use serde_json::{Value, json};
use tokio::task::JoinSet;

const SECOND: Duration = Duration::from_secs(1);

fn document() -> Value {
    json!({"versions": [
        {"id": "v1.0", "status": "SUPPORTED", "links": [{"rel": "self", "href": "http://cloud/s/v1/"}]},
        {"id": "v2.1", "status": "CURRENT", "min_version": "2.1", "max_version": "2.90",
            "links": [{"rel": "self", "href": "http://cloud/s/v2/"}]},
    ]})
}

/// A cloud with Keystone, whose catalog has a service at this path. `script` answers GET requests.
fn cloud<F>(catalog: &'static str, script: F) -> (Session, ScriptedTransport)
where
    F: Fn(&RecordedRequest) -> Result<Response<Body>> + Send + Sync + 'static,
{
    let token = testing::token().project("p1");
    let token = token.endpoint("service", &format!("http://cloud{catalog}"));
    let wire = ScriptedTransport::new(move |request| match request.method {
        Method::POST => token.answer(),
        _ => script(request),
    });
    let wire = wire.delay(Duration::from_millis(50));
    let auth = demo("http://keystone/v3", "demo");
    (Session::builder(auth).transport(wire.clone()).build(), wire)
}

fn logins(wire: &ScriptedTransport) -> usize {
    let requests = wire.requests();
    requests.iter().filter(|r| r.method == Method::POST).count()
}

/// The paths of all requests but logins, and whether they had a token.
fn gets(wire: &ScriptedTransport) -> Vec<String> {
    let requests = wire.requests();
    let gets = requests.iter().filter(|r| r.method == Method::GET);
    let gets = gets.map(|r| match r.headers.contains_key("x-auth-token") {
        true => format!("{} with a token", r.path()),
        false => r.path().to_owned(),
    });
    gets.collect()
}

fn not_found() -> Result<Response<Body>> {
    testing::json(404, json!({"error": {"message": "not found"}}))
}

async fn call(adapter: &Adapter) -> Result<()> {
    adapter.get("/things").finish().await
}

#[tokio::test(start_paused = true)]
async fn a_crowd_of_first_calls_probes_once() {
    let (session, wire) = cloud("/s", |request| match request.path() {
        "/s" => testing::json(300, document()),
        "/s/v2/things" => testing::json(200, json!({})),
        _ => not_found(),
    });
    let mut calls = JoinSet::new();
    for n in 0..32 {
        // Half of them have an adapter of their own.
        let adapter = session.adapter("service").version(2).build();
        let other = session.adapter("service").versions(VersionRange::LATEST);
        let adapter = if n % 2 == 0 { adapter } else { other.build() };
        calls.spawn(async move { call(&adapter).await.unwrap() });
    }
    calls.join_all().await;
    let gets = gets(&wire);
    assert_eq!(gets.iter().filter(|path| *path == "/s").count(), 1);
    assert_eq!((gets.len(), logins(&wire)), (33, 1));
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_needs_a_token_gets_the_one_at_hand() {
    let (session, wire) = cloud("/s", |request| match request.path() {
        "/s/v2/things" => testing::json(200, json!({})),
        "/s" if request.headers.contains_key("x-auth-token") => testing::json(300, document()),
        _ => testing::json(401, json!({"error": {"message": "who are you"}})),
    });
    let adapter = session.adapter("service").version(2).build();
    call(&adapter).await.unwrap();
    call(&adapter).await.unwrap();
    let things = "/s/v2/things with a token";
    assert_eq!(gets(&wire), ["/s", "/s with a token", things, things]);
    assert_eq!(logins(&wire), 1);
}

/// In keystoneauth, five such calls cause 45 probes and 16 logins.
#[tokio::test(start_paused = true)]
async fn refused_probes_cause_no_login_and_are_remembered() {
    let (session, wire) = cloud("/s/v2/p1", |request| match request.path() {
        "/s/v2/p1/things" => testing::json(200, json!({})),
        _ => testing::json(401, json!({"error": {"message": "who are you"}})),
    });
    let range = VersionRange::between(1, heatclient::catalog::ApiVersion::LATEST).unwrap();
    let adapter = session.adapter("service").versions(range).build();
    for _ in 0..5 {
        call(&adapter).await.unwrap();
    }
    let probes: Vec<_> = gets(&wire)
        .into_iter()
        .filter(|path| !path.contains("things"))
        .collect();
    let expected = ["/s/", "/s/v2/", "/s/v2/p1"];
    let expected = expected.map(|path| [path.to_owned(), format!("{path} with a token")]);
    assert_eq!(probes, expected.concat());
    assert_eq!(logins(&wire), 1);
    // Another adapter of the session remembers the failures.
    let data = session.adapter("service").versions(range).build();
    assert_eq!(data.endpoint_data().await.unwrap().url.path(), "/s/v2/p1");
    assert_eq!(wire.requests().len(), 1 + 6 + 5);
}

#[tokio::test(start_paused = true)]
async fn strict_lookups_name_what_was_tried() {
    let (session, wire) = cloud("/s/v2/p1", |request| match request.path() {
        "/s/" => testing::json(200, json!([])),
        _ => not_found(),
    });
    let adapter = session.adapter("service").version(3);
    // Without the option, the URL of the catalog is used.
    let lenient = adapter.clone().build().endpoint().await.unwrap();
    assert_eq!(lenient, "http://cloud/s/v2/p1");
    let strict = adapter
        .discovery(DiscoveryOptions::new().strict(true))
        .build();
    let error = strict.endpoint().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Discovery);
    assert_eq!(
        error.to_string(),
        "no version document of the service at http://cloud/s/v2/p1 that lists v3; tried http://cloud/s/ \
         (expected a version document, got other JSON; check the URL), http://cloud/s/v2/p1 \
         (404 Not Found)"
    );
    assert_eq!(gets(&wire).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_accepted_version_in_the_url_needs_no_document() {
    let (session, wire) = cloud("/s/v2/p1", |_| not_found());
    let strict = DiscoveryOptions::new().strict(true).discover_versions(true);
    let adapter = session
        .adapter("service")
        .version(2)
        .discovery(strict)
        .build();
    assert_eq!(adapter.endpoint().await.unwrap().path(), "/s/v2/p1");
    assert_eq!(gets(&wire), ["/s/v2/", "/s/", "/s/v2/p1"]);
    assert_eq!(adapter.api_version().await.unwrap(), Some(2.into()));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_cannot_be_reached_is_an_error_and_no_reason_for_another_url() {
    let (session, wire) = cloud("/s", |request| match request.number {
        0..=4 => testing::refused(),
        _ => match request.path() {
            "/s" => testing::json(300, document()),
            _ => testing::json(200, json!({})),
        },
    });
    let adapter = session.adapter("service").version(2).build();
    let error = call(&adapter).await.unwrap_err();
    assert!(error.is_connect() && !error.may_have_been_sent(), "{error}");
    let refused = wire.requests().len();
    call(&adapter).await.unwrap();
    let paths: Vec<_> = gets(&wire).split_off(refused - 1);
    assert_eq!(paths, ["/s", "/s/v2/things with a token"]);
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_was_chosen_because_of_a_broken_server_is_looked_up_again() {
    let (session, wire) = cloud("/s", |request| match (request.path(), request.number) {
        ("/s", 0..=4) => testing::json(503, json!({})),
        ("/s", _) => testing::json(300, document()),
        _ => testing::json(200, json!({})),
    });
    let adapter = session.adapter("service").version(2).build();
    assert_eq!(adapter.endpoint().await.unwrap().path(), "/s");
    let probes = wire.requests().len();
    assert_eq!(adapter.endpoint().await.unwrap().path(), "/s");
    assert_eq!(wire.requests().len(), probes);
    tokio::time::advance(6 * SECOND).await;
    assert_eq!(adapter.endpoint().await.unwrap().path(), "/s/v2/");
    tokio::time::advance(6 * SECOND).await;
    assert_eq!(adapter.endpoint().await.unwrap().path(), "/s/v2/");
    assert_eq!(wire.requests().len(), probes + 1);
}

/// A plugin with an endpoint of its own and no catalog.
#[derive(Debug)]
struct Fixed(http::Uri);

impl AuthPlugin for Fixed {
    async fn authenticate(&self, _: &AuthContext) -> Result<AuthData> {
        AuthData::token(&Secret::from("token"))
    }

    fn endpoint(&self) -> Option<&http::Uri> {
        Some(&self.0)
    }
}

#[tokio::test(start_paused = true)]
async fn configured_endpoints_are_used_as_they_are_and_described_by_their_document() {
    let wire = ScriptedTransport::new(|request| match request.path() {
        "/s/v2/" => testing::json(300, document()),
        _ => not_found(),
    });
    let auth = Fixed("http://cloud/s/v2/".parse().unwrap());
    let session = Session::builder(auth).transport(wire.clone()).build();
    let own = session.adapter("service").version(1);
    let given = own
        .clone()
        .endpoint_override("http://cloud/s/v2/".parse().unwrap());
    let broken = own
        .clone()
        .endpoint_override("http://cloud/s/v3/".parse().unwrap());
    for adapter in [own.build(), given.build()] {
        let adapter_url = adapter.endpoint().await.unwrap();
        assert_eq!(adapter_url, "http://cloud/s/v2/");
    }
    assert!(wire.requests().is_empty());
    let data = session
        .adapter("service")
        .version(2)
        .endpoint_override("http://cloud/s/v2/".parse().unwrap())
        .build()
        .endpoint_data()
        .await
        .unwrap();
    assert_eq!(data.max_microversion, Some((2, 90).into()));
    assert_eq!(data.catalog_url, None);
    // The version of the URL, if there is no document.
    let broken = broken.build();
    assert_eq!(broken.api_version().await.unwrap(), Some(3.into()));
    assert_eq!(
        broken.endpoint_data().await.unwrap().url,
        "http://cloud/s/v3/"
    );
}

#[tokio::test(start_paused = true)]
async fn the_versions_of_all_services_are_listed() {
    let token = testing::token()
        .project("p1")
        .endpoint("service", "http://cloud/s/v2/p1")
        .endpoint("volumev3", "http://volume/v3/p1")
        .endpoint("other", "http://other/x");
    let wire = ScriptedTransport::new(|request| match (request.uri.host(), request.path()) {
        (Some("cloud"), "/s/") => testing::json(300, document()),
        _ => not_found(),
    });
    let session = Session::builder(token).transport(wire.clone()).build();
    let public = [heatclient::catalog::Interface::Public];
    let all = session.all_version_data(&public, None, None).await.unwrap();
    let shown: Vec<_> = all
        .iter()
        .map(|service| {
            let versions: Vec<_> = service
                .versions
                .iter()
                .map(|v| v.version.to_string())
                .collect();
            let known = if service.is_discovered {
                "found"
            } else {
                "inferred"
            };
            format!("{} {known} {}", service.service_type, versions.join(" "))
        })
        .collect();
    assert_eq!(
        shown,
        [
            "service found 1.0 2.1",
            "block-storage inferred 3.0",
            "other inferred "
        ]
    );
    assert_eq!(all[1].versions[0].url, "http://volume/v3/");
    let one = session.all_version_data(&public, Some("RegionOne"), Some("block-storage"));
    assert_eq!(one.await.unwrap().len(), 1);
    let none = session.all_version_data(&public, Some("Mars"), None);
    assert!(none.await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn microversions_are_sent_and_checked() {
    let (session, wire) = cloud("/s/v2", |request| match request.path() {
        "/s/v2/" => testing::json(300, document()),
        _ => testing::json(200, json!({})),
    });
    let adapter = session
        .adapter("service")
        .version(2)
        .default_microversion((2, 5));
    let sent = |wire: &ScriptedTransport| {
        let last = wire.requests().pop().unwrap();
        let value = last.headers.get("openstack-api-version");
        value.map(|value| value.to_str().unwrap().to_owned())
    };
    let plain = adapter.clone().build();
    call(&plain).await.unwrap();
    assert_eq!(sent(&wire).as_deref(), Some("service 2.5"));
    plain
        .get("/things")
        .microversion((2, 99))
        .finish()
        .await
        .unwrap();
    assert_eq!(sent(&wire).as_deref(), Some("service 2.99"));
    let typed = plain
        .get("/things")
        .microversion(3)
        .microversion_service_type("volumev3");
    typed.finish().await.unwrap();
    assert_eq!(sent(&wire).as_deref(), Some("volume 3.0"));
    // Headers that are given win.
    let name = http::HeaderName::from_static("openstack-api-version");
    let value = http::HeaderValue::from_static("mine");
    let own = plain
        .get("/things")
        .header(name.clone(), value.clone())
        .microversion(3);
    own.finish().await.unwrap();
    assert_eq!(sent(&wire).as_deref(), Some("mine"));
    let own = adapter.clone().header(name, value).build();
    call(&own).await.unwrap();
    assert_eq!(sent(&wire).as_deref(), Some("mine"));
    // Not sent at all.
    let requests = wire.requests().len();
    let error = plain
        .get("/x")
        .microversion(heatclient::catalog::ApiVersion::latest_of(2));
    let error = error.finish().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "microversion 2.latest does not exist; use a number or latest"
    );
    let error = session
        .request(Method::GET, "http://cloud/s/v2/things")
        .microversion(2);
    let error = error.finish().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "microversion 2.0 needs a service type; set microversion_service_type"
    );
    assert_eq!(wire.requests().len(), requests);

    let checked = adapter.check_microversion(true);
    let discover = DiscoveryOptions::new().discover_versions(true);
    let checked = checked.discovery(discover);
    let fits = checked.clone().build();
    call(&fits).await.unwrap();
    assert_eq!(sent(&wire).as_deref(), Some("service 2.5"));
    let requests = wire.requests().len();
    let error = fits
        .get("/things")
        .microversion((2, 99))
        .finish()
        .await
        .unwrap_err();
    let message =
        "the service service does not support microversion 2.99 (it supports 2.1 to 2.90)";
    assert_eq!(error.to_string(), message);
    let newer = checked.default_microversion((2, 99)).build();
    for _ in 0..2 {
        assert_eq!(call(&newer).await.unwrap_err().to_string(), message);
    }
    assert_eq!(wire.requests().len(), requests);
}

#[tokio::test(start_paused = true)]
async fn the_auth_url_replaces_the_catalog() {
    let (session, wire) = cloud("/s", |_| testing::json(200, json!({"projects": []})));
    let identity = session.adapter("identity").version(3).auth_interface();
    let identity = identity.build();
    identity.get("/auth/projects").finish().await.unwrap();
    let sent = wire.requests().pop().unwrap();
    assert_eq!(sent.uri, "http://keystone/v3/auth/projects");
    assert!(sent.headers.contains_key("x-auth-token"));
    let explanation = identity.explain().await.unwrap();
    let source = heatclient::catalog::EndpointSource::AuthUrl;
    assert_eq!(explanation.source(), Some(source));
    // The catalog has no identity service.
    assert!(
        session
            .adapter("identity")
            .build()
            .endpoint()
            .await
            .is_err()
    );

    let auth = Fixed("http://cloud/s/v2/".parse().unwrap());
    let session = Session::builder(auth).transport(wire).build();
    let none = session.adapter("identity").auth_interface().build();
    assert_eq!(
        none.endpoint().await.unwrap_err().to_string(),
        "the auth plugin has no auth URL"
    );
}
