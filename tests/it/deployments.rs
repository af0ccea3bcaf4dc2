//! Deployments whose results come through Swift: what is sent to Swift, and to Heat.

use std::sync::Mutex;
use std::time::Duration;

use heatclient::heat::{ConfigRef, SignalTransport, TempUrl};
use heatclient::testing::{self, RecordedRequest, ScriptedTransport};
use heatclient::{Client, ErrorKind, Session, clock};
use http::{Method, Response};
use serde_json::{Value, json};

const SERVER: &str = "2b8d88d6-1901-4ee9-9246-7b505c87ee8f";

/// A Heat and a Swift. `keys` are the keys of the account; `settable` tells whether others can be added.
fn cloud(keys: &[(&'static str, &str)], settable: bool) -> ScriptedTransport {
    let keys: Vec<_> = keys
        .iter()
        .map(|(name, key)| (*name, (*key).to_owned()))
        .collect();
    let keys = Mutex::new(keys);
    ScriptedTransport::new(move |request| {
        let body = |name: &str, id: &str| {
            let mut body: Value = request.json().unwrap();
            body["id"] = id.into();
            testing::json(200, json!({name: body}))
        };
        match (&request.method, request.uri.host().unwrap(), request.path()) {
            (&Method::POST, "heat", "/v1/p/software_configs") => body("software_config", "c1"),
            (&Method::POST, "heat", "/v1/p/software_deployments") => {
                body("software_deployment", "d1")
            }
            (&Method::HEAD, "swift", "/v1/AUTH_p") => {
                let mut response = Response::builder().status(204);
                for (name, key) in keys.lock().unwrap().iter() {
                    response = response.header(*name, key);
                }
                Ok(response.body(heatclient::transport::Body::empty()).unwrap())
            }
            (&Method::POST, "swift", "/v1/AUTH_p") => {
                let name = "x-account-meta-temp-url-key";
                let key = request.header(name).unwrap().to_owned();
                if settable {
                    keys.lock().unwrap().push((name, key));
                }
                testing::empty(204)
            }
            (&Method::PUT, "swift", path) if path.starts_with("/v1/AUTH_p/") => testing::empty(201),
            _ => testing::empty(500),
        }
    })
}

fn heat(cloud: &ScriptedTransport, swift: bool) -> Client {
    let mut token = testing::token()
        .project("p")
        .endpoint("orchestration", "http://heat/v1/p");
    if swift {
        token = token.endpoint("object-store", "http://swift/v1/AUTH_p");
    }
    Client::new(Session::builder(token).transport(cloud.clone()).build())
}

fn lines(requests: &[RecordedRequest]) -> Vec<String> {
    let line = |request: &RecordedRequest| format!("{} {}", request.method, request.uri);
    requests.iter().map(line).collect()
}

/// The value of an input of the derived config.
fn input(requests: &[RecordedRequest], name: &str) -> String {
    let config = requests
        .iter()
        .find(|request| request.path().ends_with("/software_configs"));
    let config: Value = config.unwrap().json().unwrap();
    let inputs = config["inputs"].as_array().unwrap();
    let input = inputs.iter().find(|input| input["name"] == name);
    input.unwrap()["value"].as_str().unwrap().to_owned()
}

/// In python-heatclient's plugin the default transport always fails: it has no auth object for Swift.
#[tokio::test(start_paused = true)]
async fn the_default_transport_needs_a_session_only() {
    let cloud = cloud(&[], true);
    let deployments = heat(&cloud, true).software_deployments();
    let deployment = deployments
        .deploy(SERVER, ConfigRef::empty())
        .name("greet")
        .await
        .unwrap();
    assert_eq!(deployment.id, "d1");
    assert_eq!(deployment.config_id.as_deref(), Some("c1"));
    assert!(deployment.is_in_progress());

    let requests = cloud.requests();
    let url = input(&requests, "deploy_signal_id");
    let (object, query) = url.split_once('?').unwrap();
    let (container, _) = object.rsplit_once('/').unwrap();
    assert!(
        container.starts_with("http://swift/v1/AUTH_p/greet-"),
        "{container}"
    );
    let expected = [
        format!("PUT {container}"),
        "HEAD http://swift/v1/AUTH_p".to_owned(),
        "POST http://swift/v1/AUTH_p".to_owned(),
        "HEAD http://swift/v1/AUTH_p".to_owned(),
        format!("PUT {object}"),
        "POST http://heat/v1/p/software_configs".to_owned(),
        "POST http://heat/v1/p/software_deployments".to_owned(),
    ];
    assert_eq!(lines(&requests), expected);
    let token = |request: &RecordedRequest| request.header("x-auth-token") == Some("test-token");
    assert!(requests.iter().all(token));
    assert_eq!(
        requests[2]
            .header("x-account-meta-temp-url-key")
            .unwrap()
            .len(),
        32
    );
    assert!(requests[4].body.is_empty());
    assert_eq!(
        input(&requests, "deploy_signal_transport"),
        "TEMP_URL_SIGNAL"
    );
    assert_eq!(input(&requests, "deploy_signal_verb"), "PUT");
    let expires: i64 = query
        .split_once("&temp_url_expires=")
        .unwrap()
        .1
        .parse()
        .unwrap();
    let left = expires - clock::wall().as_second();
    assert!((3599..=3600).contains(&left), "{left}");
}

#[tokio::test(start_paused = true)]
async fn keys_of_the_account_are_used() {
    for keys in [
        [("x-account-meta-temp-url-key", "key")],
        [("x-account-meta-temp-url-key-2", "key")],
    ] {
        let cloud = cloud(&keys, true);
        let deployments = heat(&cloud, true).software_deployments();
        let url = TempUrl::new()
            .container("re sults")
            .lifetime(Duration::from_secs(60));
        let deploy = deployments
            .deploy(SERVER, ConfigRef::empty())
            .signal_transport(url);
        deploy.await.unwrap();
        let requests = cloud.requests();
        let made = input(&requests, "deploy_signal_id");
        let expected = [
            "PUT http://swift/v1/AUTH_p/re%20sults".to_owned(),
            "HEAD http://swift/v1/AUTH_p".to_owned(),
            format!("PUT {}", made.split_once('?').unwrap().0),
        ];
        assert_eq!(lines(&requests)[..3], expected);
        assert_eq!(requests.len(), 5);
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_to_swift_for_a_known_url_or_key() {
    let given = "http://elsewhere/v1/AUTH_x/c/o?temp_url_sig=1&temp_url_expires=2";
    for url in [
        TempUrl::given(given),
        TempUrl::signed("http://elsewhere/v1/AUTH_x", "key", "c"),
    ] {
        let cloud = cloud(&[], false);
        let deployments = heat(&cloud, false).software_deployments();
        let deploy = deployments
            .deploy(SERVER, ConfigRef::empty())
            .signal_transport(url);
        deploy.await.unwrap();
        let requests = cloud.requests();
        let made = input(&requests, "deploy_signal_id");
        assert!(made.starts_with("http://elsewhere/v1/AUTH_x/c/"), "{made}");
        assert_eq!(requests.len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_cloud_without_swift_is_told() {
    let cloud = cloud(&[], false);
    let deploy = |heat: Client| {
        heat.software_deployments()
            .deploy(SERVER, ConfigRef::empty())
    };
    let error = deploy(heat(&cloud, false)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Catalog);
    assert_eq!(
        error.to_string(),
        "create a Swift TempURL: TEMP_URL_SIGNAL needs Swift, but the catalog has no object-store \
         endpoint; choose another signal transport, or pass a TempURL"
    );
    assert!(cloud.requests().is_empty());
    // An account whose key is not shown.
    let error = deploy(heat(&cloud, true)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "create a Swift TempURL: Swift does not show the account's key for TempURLs: ask the \
         account's owner for a TempURL"
    );
    assert!(
        lines(&cloud.requests())
            .iter()
            .all(|line| !line.contains("heat"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_derived_config_is_not_left_behind() {
    let cloud = ScriptedTransport::new(move |request| {
        if request.path().ends_with("/software_deployments") {
            return testing::json(403, json!({"error": {"message": "no"}}));
        }
        let id = json!({"software_config": {"id": "c1"}});
        match request.method {
            Method::POST => testing::json(200, id),
            _ => testing::empty(204),
        }
    });
    let deployments = heat(&cloud, false).software_deployments();
    let deploy = deployments.deploy(SERVER, ConfigRef::empty());
    let error = deploy
        .signal_transport(SignalTransport::NoSignal)
        .await
        .unwrap_err();
    assert!(error.is_forbidden(), "{error}");
    let expected = [
        "POST http://heat/v1/p/software_configs",
        "POST http://heat/v1/p/software_deployments",
        "DELETE http://heat/v1/p/software_configs/c1",
    ];
    assert_eq!(lines(&cloud.requests()), expected);
}

/// Deployments in stacks of the sandbox. The real Heat 27 loses properties in updates of this kind.
mod in_stacks {
    use heatclient::heat::{Action, NewStack, SoftwareDeployment, Stack, StackRef, StackUpdate};
    use heatclient::sandbox::Sandbox;
    use heatclient_test_support::client;

    use super::*;

    struct Deployed {
        heat: Client,
        _sandbox: Sandbox,
    }

    fn template(deployment: &Value) -> Value {
        let mut properties = json!({
            "config": {"get_resource": "config"}, "server": SERVER, "signal_transport": "NO_SIGNAL",
        });
        for (key, value) in deployment.as_object().unwrap() {
            properties[key] = value.clone();
        }
        let inputs = json!([{"name": "who"}, {"name": "fixed", "replace_on_change": true}]);
        json!({
            "heat_template_version": "2021-04-16",
            "resources": {
                "config": {"type": "OS::Heat::SoftwareConfig", "properties": {"config": "x", "inputs": inputs}},
                "deployment": {"type": "OS::Heat::SoftwareDeployment", "properties": properties},
            },
            "outputs": {"odd": {"value": {"get_attr": ["deployment", "odd"]}}},
        })
    }

    impl Deployed {
        async fn new() -> Self {
            let sandbox = Sandbox::start().await.unwrap();
            Self {
                heat: client(&sandbox),
                _sandbox: sandbox,
            }
        }

        async fn create(&self, deployment: Value) -> heatclient::Result<Stack> {
            let stacks = self.heat.stacks();
            let created = stacks
                .create(NewStack::new("web", template(&deployment)))
                .await?;
            stacks
                .wait(&created, Action::Create)
                .interval(Duration::from_millis(5))
                .await
        }

        async fn update(&self, deployment: Value) -> heatclient::Result<Stack> {
            let stacks = self.heat.stacks();
            let update = StackUpdate::new(template(&deployment));
            stacks.update("web", update).await?;
            stacks
                .wait("web", Action::Update)
                .interval(Duration::from_millis(5))
                .await
        }

        async fn deployment(&self) -> SoftwareDeployment {
            let mut list = self.heat.software_deployments().list().await.unwrap();
            assert_eq!(list.len(), 1);
            list.remove(0)
        }

        async fn input(&self, name: &str) -> Value {
            let metadata = self
                .heat
                .software_deployments()
                .metadata(SERVER)
                .await
                .unwrap();
            metadata[0].input(name).cloned().unwrap_or_default()
        }
    }

    #[tokio::test]
    async fn an_update_deploys_again() {
        let cloud = Deployed::new().await;
        let stack = cloud
            .create(json!({"input_values": {"who": "a"}}))
            .await
            .unwrap();
        let error = stack.output("odd").unwrap().error.as_deref();
        assert_eq!(
            error,
            Some("The Referenced Attribute (deployment odd) is incorrect.")
        );
        let first = cloud.deployment().await;
        cloud
            .update(json!({"input_values": {"who": "b"}, "name": "n"}))
            .await
            .unwrap();
        let second = cloud.deployment().await;
        assert_eq!(second.id, first.id);
        assert_ne!(second.config_id, first.config_id);
        assert_eq!(second.action, Some(Action::Update));
        assert_eq!(cloud.input("who").await, "b");
        assert_eq!(cloud.input("deploy_action").await, "UPDATE");
        // The first derived config is deleted: the source and the second are left.
        let configs = cloud.heat.software_configs().list().await.unwrap();
        assert_eq!(configs.len(), 2);
        assert_eq!(configs[0].name.as_deref(), Some("n"));

        // An input that is declared with replace_on_change, and another server.
        cloud
            .update(json!({"input_values": {"who": "b", "fixed": 1}}))
            .await
            .unwrap();
        let third = cloud.deployment().await;
        assert_ne!(third.id, first.id);
        cloud
            .update(json!({"server": "other", "input_values": {"fixed": 1}}))
            .await
            .unwrap();
        let fourth = cloud.deployment().await;
        assert_ne!(fourth.id, third.id);
        assert_eq!(fourth.server_id, "other");

        cloud.heat.stacks().delete("web").await.unwrap();
        let gone = StackRef::from(&stack);
        let wait = cloud.heat.stacks().wait(&gone, Action::Delete);
        wait.interval(Duration::from_millis(5)).await.unwrap();
        assert!(
            cloud
                .heat
                .software_configs()
                .list()
                .await
                .unwrap()
                .is_empty()
        );
        assert!(
            cloud
                .heat
                .software_deployments()
                .list()
                .await
                .unwrap()
                .is_empty()
        );
    }

    #[tokio::test]
    async fn transports_without_a_service_fail() {
        let cloud = Deployed::new().await;
        let error = cloud
            .create(json!({"signal_transport": "TEMP_URL_SIGNAL"}))
            .await
            .unwrap_err();
        assert!(
            error.to_string().contains(
                "EndpointNotFound: resources.deployment: public endpoint for object-store service in \
                 RegionOne region not found"
            ),
            "{error}"
        );
        let error = cloud.update(json!({"config": "nope"})).await.unwrap_err();
        let expected =
            "NotFound_Remote: resources.deployment: Software config with id nope not found";
        assert!(error.to_string().contains(expected), "{error}");
    }
}
