//! Every operation of Heat's API, called once.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use heatclient::heat::{
    Action, Adoption, DeploymentUpdate, NewSoftwareConfig, NewSoftwareDeployment, NewStack,
    StackHandle, StackUpdate, Status, Validation,
};
use heatclient::loading::plugin_loader;
use heatclient::transport::Body;
use heatclient::transport::layers::AnyHttpService;
use heatclient::{Client, Session};
use heatclient_test_support::cloud::Cloud;
use http::{Request, Response};
use serde_json::{Value, json};
use tower::Layer;

use super::heat::MINUTE;
use super::signals::until;

/// Passes the name of each case to a macro that defines a test for it.
#[macro_export]
macro_rules! whole_cases {
    ($test:ident) => {
        $test! {
            every_operation_is_accepted
        }
    };
}

/// Method and path of the requests that were accepted.
#[derive(Clone, Default)]
struct Accepted(Arc<Mutex<BTreeSet<(String, String)>>>);

impl Accepted {
    /// A client of a user, in the project of the same name.
    fn client(&self, cloud: &Cloud, user: &str) -> Client {
        let options = [
            ("auth_url", cloud.facts.auth_url.as_str()),
            ("username", user),
            ("password", user),
            ("project_name", user),
            ("user_domain_id", "default"),
            ("project_domain_id", "default"),
        ];
        let auth = plugin_loader("password").unwrap().load(options).unwrap();
        Client::new(Session::builder(auth).layer(self.layer()).build())
    }

    fn layer<S: AnyHttpService>(&self) -> impl Layer<S, Service: AnyHttpService> + use<S> {
        let accepted = Self(Arc::clone(&self.0));
        tower::layer::layer_fn(move |inner: S| {
            let accepted = Self(Arc::clone(&accepted.0));
            tower::service_fn(move |request: Request<Body>| {
                let call = (
                    request.method().to_string(),
                    request.uri().path().to_owned(),
                );
                let (accepted, answer) = (Arc::clone(&accepted.0), inner.clone().call(request));
                async move {
                    let answer: Response<Body> = answer.await?;
                    if answer.status().as_u16() < 400 {
                        accepted.lock().unwrap().insert(call);
                    }
                    Ok::<_, S::Error>(answer)
                }
            })
        })
    }

    fn contains(&self, method: &str, template: &str) -> bool {
        let accepted = self.0.lock().unwrap();
        let is_it = |(verb, path): &(String, String)| verb == method && fits(path, template);
        accepted.iter().any(is_it)
    }
}

/// Whether a path is of this template, whose `{stack}` means a name and an ID.
fn fits(path: &str, template: &str) -> bool {
    let template = template.replace("{stack}", "{name}/{id}");
    let (path, template): (Vec<_>, Vec<_>) =
        (path.split('/').collect(), template.split('/').collect());
    let fits = |(given, known): (&&str, &&str)| given == known || known.starts_with('{');
    path.len() == template.len() && path.iter().zip(&template).all(fits)
}

/// The operations of `docs/api-coverage.md`: method and path.
fn operations() -> BTreeSet<(&'static str, &'static str)> {
    let page = include_str!("../../docs/api-coverage.md");
    let rows = page
        .lines()
        .filter(|line| line.starts_with("| ") && line.contains("| `/"));
    let cells = rows.map(|row| {
        let mut cells = row
            .split('|')
            .map(|cell| cell.trim().trim_matches('`'))
            .skip(1);
        (cells.next().unwrap(), cells.next().unwrap())
    });
    cells.collect()
}

pub(crate) async fn every_operation_is_accepted(cloud: &Cloud) {
    let accepted = Accepted::default();
    let heat = accepted.client(cloud, "demo");
    service(&heat).await;
    accepted.client(cloud, "admin").services().await.unwrap();
    templates(&heat).await;
    software(&heat).await;
    let name = cloud.name("whole");
    stack(&heat, &name).await;
    waiting(&heat, &format!("{name}-w")).await;
    updates(&heat, &format!("{name}-u")).await;

    let operations = operations();
    // The 49 of Heat's router, the versions and the health.
    assert_eq!(operations.len(), 51, "{operations:?}");
    let missing: Vec<_> = operations
        .into_iter()
        .filter(|(method, path)| !accepted.contains(method, path))
        .collect();
    assert!(missing.is_empty(), "not accepted: {missing:?}");
}

async fn service(heat: &Client) {
    assert!(!heat.versions().await.unwrap().is_empty());
    assert!(heat.healthcheck().await.unwrap().healthy);
    heat.build_info().await.unwrap();
}

async fn templates(heat: &Client) {
    let validation = Validation::new(json!({"heat_template_version": "2021-04-16"}));
    heat.templates().validate(validation).await.unwrap();
    let versions = heat.templates().versions().await.unwrap();
    let version = &versions.last().unwrap().version;
    heat.templates().functions(version).await.unwrap();
    let types = heat.resource_types();
    assert!(!types.list().await.unwrap().is_empty());
    types.get("OS::Heat::None").await.unwrap();
    types.template("OS::Heat::None").await.unwrap();
}

async fn software(heat: &Client) {
    let (configs, deployments) = (heat.software_configs(), heat.software_deployments());
    let config = configs
        .create(NewSoftwareConfig::new("whole"))
        .await
        .unwrap();
    configs.list().limit(1).await.unwrap();
    configs.get(&config.id).await.unwrap();
    let server = "5ea5de34-0000-4000-8000-0123456789ab";
    let new = NewSoftwareDeployment::new(server, &config.id);
    let deployment = deployments.create(new).await.unwrap();
    deployments.metadata(server).await.unwrap();
    deployments.list().server(server).await.unwrap();
    let done = DeploymentUpdate::complete().stdout("done");
    deployments.update(&deployment.id, done).await.unwrap();
    let deployment = deployments.get(&deployment.id).await.unwrap();
    assert_eq!(deployment.status, Some(Status::Complete));
    deployments.delete(&deployment.id).await.unwrap();
    configs.delete(&config.id).await.unwrap();
}

fn template(value: &str) -> Value {
    json!({
        "heat_template_version": "2021-04-16",
        "resources": {"one": {"type": "OS::Heat::TestResource", "properties": {"value": value}}},
        "outputs": {"value": {"value": {"get_attr": ["one", "output"]}}},
    })
}

async fn done(stack: &StackHandle, action: Action) {
    stack.wait(action).timeout(3 * MINUTE).await.unwrap();
}

async fn stack(heat: &Client, name: &str) {
    let new = || NewStack::new(name, template("a"));
    heat.stacks().preview(new()).await.unwrap();
    let created = heat.stacks().create(new()).await.unwrap();
    let stack = heat.stack(&created);
    done(&stack, Action::Create).await;
    stack.get().await.unwrap();
    heat.stacks().list().limit(1).await.unwrap();
    heat.stacks().list_detail().await.unwrap();
    assert!(heat.stacks().list().count().await.unwrap() > 0);
    stack.template().await.unwrap();
    stack.environment().await.unwrap();
    stack.files().await.unwrap();
    assert_eq!(stack.outputs().await.unwrap().len(), 1);
    assert_eq!(
        stack.output("value").await.unwrap().text().as_deref(),
        Some("a")
    );
    assert_eq!(stack.resources().await.unwrap().len(), 1);
    stack.resource("one").await.unwrap();
    stack.metadata("one").await.unwrap();
    let events = stack.events().resource("one").await.unwrap();
    stack.events().limit(1).await.unwrap();
    stack.event("one", &events[0].id).await.unwrap();

    let snapshot = stack.create_snapshot().name("first").await.unwrap();
    heat.snapshots()
        .wait(stack.reference(), &snapshot.id)
        .timeout(3 * MINUTE)
        .await
        .unwrap();
    assert_eq!(stack.snapshots().await.unwrap().len(), 1);
    stack.snapshot(&snapshot.id).await.unwrap();
    stack.restore_snapshot(&snapshot.id).await.unwrap();
    done(&stack, Action::Restore).await;
    stack.delete_snapshot(&snapshot.id).await.unwrap();

    stack
        .mark_unhealthy("one", true)
        .reason("a test")
        .await
        .unwrap();
    stack.check().await.unwrap();
    done(&stack, Action::Check).await;
    stack.suspend().await.unwrap();
    done(&stack, Action::Suspend).await;
    stack.resume().await.unwrap();
    done(&stack, Action::Resume).await;

    stack.export().await.unwrap();
    let data = stack.abandon().await.unwrap();
    // The name is free when the stack is gone.
    until(async || {
        heat.stacks()
            .get_opt(name)
            .await
            .unwrap()
            .is_none()
            .then_some(())
    })
    .await;
    let adopted = heat
        .stacks()
        .adopt(Adoption::new(name, data))
        .await
        .unwrap();
    let adopted = heat.stack(&adopted);
    done(&adopted, Action::Adopt).await;
    adopted.delete().await.unwrap();
}

/// A wait condition is signalled, and a hook cleared.
async fn waiting(heat: &Client, name: &str) {
    let template = json!({
        "heat_template_version": "2021-04-16",
        "resources": {
            "handle": {"type": "OS::Heat::WaitConditionHandle"},
            "ready": {
                "type": "OS::Heat::WaitCondition",
                "properties": {"handle": {"get_resource": "handle"}, "timeout": 600},
            },
        },
    });
    let hooks = json!({"resource_registry": {"resources": {"ready": {"hooks": "pre-create"}}}});
    let new = NewStack::new(name, template).environment(hooks);
    let created = heat.stacks().create(new).await.unwrap();
    let stack = heat.stack(&created);
    until(async || (!stack.pending_hooks().await.unwrap().is_empty()).then_some(())).await;
    assert_eq!(stack.clear_hooks("ready").await.unwrap().len(), 1);
    stack
        .signal("handle")
        .data(json!({"status": "SUCCESS"}))
        .await
        .unwrap();
    done(&stack, Action::Create).await;
    stack.delete().await.unwrap();
}

async fn updates(heat: &Client, name: &str) {
    let slow = |value: &str| {
        let mut template = template(value);
        template["resources"]["one"]["properties"]["action_wait_secs"] = json!({"update": 20});
        template
    };
    let created = heat
        .stacks()
        .create(NewStack::new(name, slow("a")))
        .await
        .unwrap();
    let stack = heat.stack(&created);
    done(&stack, Action::Create).await;
    for update in [StackUpdate::new(slow("b")), StackUpdate::existing()] {
        stack.preview_update(update).await.unwrap();
    }
    stack.update(StackUpdate::new(slow("b"))).await.unwrap();
    stack.cancel_update().await.unwrap();
    done(&stack, Action::Rollback).await;
    stack
        .update(StackUpdate::existing().package(slow("c")))
        .await
        .unwrap();
    stack.cancel_without_rollback().await.unwrap();
    stack
        .wait(Action::Update)
        .timeout(3 * MINUTE)
        .await
        .unwrap_err();
    stack.delete().await.unwrap();
}
