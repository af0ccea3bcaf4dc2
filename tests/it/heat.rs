//! The Heat client against the sandbox: the suite, and tests that count requests.

use std::time::Duration;

use heatclient::ErrorKind;
use heatclient::heat::{Action, NewStack, StackRef, StackUpdate};
use heatclient::sandbox::{Fault, Sandbox};
use heatclient_test_support::cloud::{Cloud, Facts};
use http::Method;
use serde_json::json;

use crate::{
    abandoning_cases, auth_cases, deploying_cases, document_cases, ending_cases, endpoint_cases,
    environment_cases, failure_cases, group_cases, heat_cases, hook_cases, list_cases, login_cases,
    nesting_cases, project_cases, signal_cases, snapshot_cases, software_cases, type_cases,
    updating_cases, watching_cases, whole_cases,
};

pub(crate) async fn cloud() -> (Sandbox, Cloud) {
    let sandbox = Sandbox::start().await.unwrap();
    let (demo, credential) = (sandbox.credentials(), sandbox.application_credential());
    let cloud = Cloud::new(Facts {
        auth_url: sandbox.auth_url(),
        user_id: demo.user_id,
        project_id: demo.project_id,
        foreign_project_id: sandbox.project_id("rocket").unwrap(),
        credential_id: credential.id,
        credential_secret: credential.secret,
        totp_secret: sandbox.totp_secret().to_owned(),
        trust_id: sandbox.trust_id().to_owned(),
    });
    (sandbox, cloud)
}

/// The cases of all files.
mod cases {
    pub(crate) use crate::suite::abandoning::*;
    pub(crate) use crate::suite::auth::*;
    pub(crate) use crate::suite::deploying::*;
    pub(crate) use crate::suite::documents::*;
    pub(crate) use crate::suite::ending::*;
    pub(crate) use crate::suite::endpoints::*;
    pub(crate) use crate::suite::environments::*;
    pub(crate) use crate::suite::failures::*;
    pub(crate) use crate::suite::groups::*;
    pub(crate) use crate::suite::heat::*;
    pub(crate) use crate::suite::hooks::*;
    pub(crate) use crate::suite::lists::*;
    pub(crate) use crate::suite::logins::*;
    pub(crate) use crate::suite::nesting::*;
    pub(crate) use crate::suite::projects::*;
    pub(crate) use crate::suite::signals::*;
    pub(crate) use crate::suite::snapshots::*;
    pub(crate) use crate::suite::software::*;
    pub(crate) use crate::suite::types::*;
    pub(crate) use crate::suite::updating::*;
    pub(crate) use crate::suite::watching::*;
    pub(crate) use crate::suite::whole::*;
}

macro_rules! on_the_sandbox {
    ($($case:ident)*) => {
        $(
            #[tokio::test]
            async fn $case() {
                let (_sandbox, cloud) = cloud().await;
                cases::$case(&cloud).await;
            }
        )*
    };
}

auth_cases!(on_the_sandbox);
login_cases!(on_the_sandbox);
heat_cases!(on_the_sandbox);
failure_cases!(on_the_sandbox);
watching_cases!(on_the_sandbox);
document_cases!(on_the_sandbox);
ending_cases!(on_the_sandbox);
endpoint_cases!(on_the_sandbox);
environment_cases!(on_the_sandbox);
nesting_cases!(on_the_sandbox);
project_cases!(on_the_sandbox);
snapshot_cases!(on_the_sandbox);
abandoning_cases!(on_the_sandbox);
updating_cases!(on_the_sandbox);
software_cases!(on_the_sandbox);
type_cases!(on_the_sandbox);
list_cases!(on_the_sandbox);
deploying_cases!(on_the_sandbox);
signal_cases!(on_the_sandbox);
hook_cases!(on_the_sandbox);
whole_cases!(on_the_sandbox);
group_cases!(on_the_sandbox);

async fn web(cloud: &Cloud) {
    let template = json!({"heat_template_version": "2021-04-16"});
    let created = cloud
        .heat
        .stacks()
        .create(NewStack::new("web", template))
        .await
        .unwrap();
    cloud
        .heat
        .stacks()
        .wait(&created, Action::Create)
        .interval(Duration::from_millis(50))
        .await
        .unwrap();
}

/// Method and path below the project of each request to Heat.
fn requests(sandbox: &Sandbox) -> Vec<String> {
    let project = sandbox.project_id("demo").unwrap();
    let mark = format!("/v1/{project}");
    let all = sandbox.requests();
    let heat = all
        .iter()
        .filter_map(|r| Some(format!("{} {}", r.method, r.path.strip_prefix(&mark)?)));
    heat.collect()
}

#[tokio::test]
async fn a_write_by_name_sends_its_body_once() {
    let (sandbox, cloud) = cloud().await;
    web(&cloud).await;
    sandbox.clear_requests();
    let id = cloud.heat.stacks().get("web").await.unwrap().id;
    assert_eq!(
        requests(&sandbox),
        [
            "GET /stacks/web".to_owned(),
            format!("GET /stacks/web/{id}")
        ]
    );

    sandbox.clear_requests();
    cloud
        .heat
        .stacks()
        .update("web", StackUpdate::existing())
        .await
        .unwrap();
    assert_eq!(
        requests(&sandbox),
        [
            "GET /stacks/web".to_owned(),
            format!("PATCH /stacks/web/{id}")
        ]
    );
}

#[tokio::test]
async fn a_reference_is_looked_up_once_for_all_its_clones() {
    let (sandbox, cloud) = cloud().await;
    web(&cloud).await;
    sandbox.clear_requests();
    let web = StackRef::from("web");
    let (a, b) = (web.clone(), web.clone());
    let outputs = cloud.heat.outputs();
    let (a, b) = tokio::join!(outputs.list(&a), outputs.list(&b));
    assert!(a.unwrap().is_empty() && b.unwrap().is_empty());
    cloud.heat.resources().list(&web).await.unwrap();
    let requests = requests(&sandbox);
    assert_eq!(
        requests.iter().filter(|r| *r == "GET /stacks/web").count(),
        1,
        "{requests:?}"
    );
    assert_eq!(requests.len(), 4, "{requests:?}");
}

#[tokio::test]
async fn waiting_bears_with_trouble_for_a_while() {
    let (sandbox, cloud) = cloud().await;
    web(&cloud).await;
    let stacks = cloud.heat.stacks();
    let web = StackRef::from(&stacks.get("web").await.unwrap());
    let wait = || {
        stacks
            .wait(&web, Action::Create)
            .interval(Duration::from_millis(10))
    };

    let fault = sandbox.fault(
        Fault::within(Method::GET, "/stacks/web")
            .status(500, &[], "")
            .times(3),
    );
    assert!(wait().await.unwrap().status.is_complete());
    assert_eq!(fault.hits(), 3);

    let fault = sandbox.fault(Fault::within(Method::GET, "/stacks/web").status(500, &[], ""));
    let strict = wait().tolerate_errors_for(Duration::ZERO);
    let error = strict.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Status);
    assert_eq!(fault.hits(), 1);
    assert!(
        error
            .to_string()
            .starts_with("wait for CREATE of stack \"web\": 500 Internal Server Error"),
        "{error}"
    );
}

#[tokio::test]
async fn pages_that_go_round_come_to_an_end() {
    let (sandbox, cloud) = cloud().await;
    let page = json!({
        "stacks": [{"id": "1", "stack_name": "web", "stack_status": "CREATE_COMPLETE"}],
        "links": [{"rel": "next", "href": "http://elsewhere/v1/p/stacks?marker=1"}],
    });
    let json = [("content-type", "application/json")];
    sandbox.fault(Fault::within(Method::GET, "/stacks").status(200, &json, page.to_string()));
    assert_eq!(cloud.heat.stacks().list().await.unwrap().len(), 1);
    assert_eq!(requests(&sandbox).len(), 2);
}
