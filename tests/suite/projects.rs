//! Stacks of another project, as an administrator sees them.

use heatclient::heat::{Action, NewStack, StackRef};
use heatclient::loading::plugin_loader;
use heatclient::{Client, Session};
use heatclient_test_support::cloud::Cloud;

use super::heat::{MINUTE, template};

/// Passes the name of every case to a macro that makes a test of it.
#[macro_export]
macro_rules! project_cases {
    ($test:ident) => {
        $test! {
            an_administrator_uses_a_stack_of_another_project
        }
    };
}

/// The client of user `admin` in project `admin`.
pub(super) fn admin(cloud: &Cloud) -> Client {
    let options = [
        ("auth_url", cloud.facts.auth_url.as_str()),
        ("username", "admin"),
        ("password", "admin"),
        ("project_name", "admin"),
        ("user_domain_id", "default"),
        ("project_domain_id", "default"),
    ];
    let auth = plugin_loader("password").unwrap().load(options).unwrap();
    Client::new(Session::new(auth))
}

pub(crate) async fn an_administrator_uses_a_stack_of_another_project(cloud: &Cloud) {
    let name = cloud.name("project");
    let stacks = cloud.heat.stacks();
    let created = stacks
        .create(NewStack::new(&name, template()))
        .await
        .unwrap();
    stacks
        .wait(&created, Action::Create)
        .timeout(3 * MINUTE)
        .await
        .unwrap();
    let project = Some(cloud.facts.project_id.as_str());

    let admin = admin(cloud);
    // By id, by what that showed, in a list over all projects, and by its ARN.
    let shown = admin.stacks().get(&created.id).await.unwrap();
    assert_eq!(
        (&shown.name, StackRef::from(&shown).project()),
        (&name, project)
    );
    let all = admin
        .stacks()
        .list()
        .global_tenant(true)
        .filter("name", &name);
    let listed = all.await.unwrap().pop().unwrap();
    assert_eq!(
        (listed.project.as_deref(), StackRef::from(&listed).project()),
        (project, project)
    );
    let arn = format!(
        "arn:openstack:heat::{}:stacks/{name}/{}",
        cloud.facts.project_id, created.id
    );
    for stack in [
        StackRef::from(&shown),
        StackRef::from(&listed),
        StackRef::from(arn),
    ] {
        let resources = admin.resources().list(&stack).await.unwrap();
        assert_eq!(resources.len(), 2, "{stack}");
        let output = admin.outputs().get(&stack, "text").await.unwrap();
        assert_eq!(output.value, Some("one".into()), "{stack}");
        assert_eq!(admin.stacks().get(&stack).await.unwrap().id, created.id);
    }
    // A name is one of the administrator's own project.
    assert!(admin.stacks().get(&name).await.unwrap_err().is_not_found());
    cloud.try_delete(&StackRef::from(&created)).await.unwrap();
}
