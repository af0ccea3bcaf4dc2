//! Signals to types that the sandbox does not have.

use heatclient::Session;
use heatclient::auth::NoAuth;
use heatclient::heat::{Action, NewStack, SignalUrl};
use heatclient_test_support::cloud::Cloud;
use serde_json::json;

use crate::suite::heat::MINUTE;
use crate::suite::signals::until;

/// The URL of a scaling policy is one with the path `/signal/`, which wants a POST.
pub(crate) async fn the_url_of_a_scaling_policy_is_signalled(cloud: &Cloud) {
    let name = cloud.name("scale");
    let template = json!({
        "heat_template_version": "2021-04-16",
        "resources": {
            "group": {"type": "OS::Heat::AutoScalingGroup", "properties": {
                "min_size": 0, "max_size": 2, "desired_capacity": 0, "resource": {"type": "OS::Heat::None"},
            }},
            "up": {"type": "OS::Heat::ScalingPolicy", "properties": {
                "adjustment_type": "change_in_capacity", "scaling_adjustment": 1,
                "auto_scaling_group_id": {"get_resource": "group"},
            }},
        },
        "outputs": {"url": {"value": {"get_attr": ["up", "alarm_url"]}}},
    });
    let stacks = cloud.heat.stacks();
    let created = stacks.create(NewStack::new(&name, template)).await.unwrap();
    let wait = stacks.wait(&created, Action::Create).timeout(3 * MINUTE);
    let stack = wait.await.unwrap();
    let url = stack.output("url").unwrap().text().unwrap().into_owned();
    let url = SignalUrl::parse(&url).unwrap();
    assert_eq!((url.stack(), url.resource()), (&*name, "up"));
    let session = Session::new(NoAuth::new());
    url.send(&session, json!({"reason": "busy"})).await.unwrap();
    until(async || {
        let list = cloud.heat.resources().list(&stack).nested_depth(1);
        (list.await.unwrap().len() == 3).then_some(())
    })
    .await;
    cloud.try_delete(&(&stack).into()).await.unwrap();
}
