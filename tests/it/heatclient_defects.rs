//! Defects of python-heatclient that are not copied: a test each for the better behaviour.
//!
//! The numbers are those of the project's list of defects. Here are those that belong to the library as a whole;
//! [`ELSEWHERE`] names the tests of the others, which are beside the tests of the feature. Defects of the
//! command line are in `cli/tests/it/heatclient_defects.rs`.

use std::time::Duration;

use heatclient::heat::{Action, NewStack, StackRef, StackUpdate};
use heatclient::sandbox::{Fault, Sandbox};
use heatclient::template::{Packer, Source};
use heatclient::{Client, ErrorKind};
use heatclient_test_support::scripted::{Scripted, answer, json as json_answer};
use heatclient_test_support::time::Clock;
use heatclient_test_support::{builder, client};
use http::Method;
use serde_json::{Value, json};

use crate::elsewhere::{Elsewhere, elsewhere, missing};

fn template() -> Value {
    json!({"heat_template_version": "2018-08-31", "resources": {"none": {"type": "OS::Heat::None"}}})
}

async fn web(heat: &Client) -> heatclient::heat::CreatedStack {
    let web = NewStack::new("web", template());
    heat.stacks().create(web).await.unwrap()
}

/// Another host that refuses whoever comes without a token: python-heatclient then comes with one.
#[tokio::test]
async fn defect_b03_no_token_leaves_for_the_host_of_a_template() {
    let foreign = Scripted::start(|_| answer("401 Unauthorized", "", "")).await;
    let sandbox = Sandbox::start().await.unwrap();
    let session = builder(&sandbox).build();
    Client::new(session.clone()).stacks().list().await.unwrap();
    let url = format!("{}/web.yaml", foreign.url);
    let packer = Packer::new().template(&*url).session(session);
    let error = packer.pack().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Template, "{error}");
    assert!(error.to_string().contains("401"), "{error}");
    let seen = foreign.seen();
    assert!(!seen.is_empty());
    assert!(
        seen.iter()
            .all(|seen| seen.header("x-auth-token").is_none())
    );
}

#[tokio::test]
async fn defect_b03_no_credentials_follow_a_redirect_to_another_host() {
    let foreign = Scripted::start(|_| json_answer("200 OK", r#"{"events": []}"#)).await;
    let sandbox = Sandbox::start().await.unwrap();
    let heat = client(&sandbox);
    let web = web(&heat).await;
    let elsewhere = format!("{}/elsewhere", foreign.url);
    let away = Fault::within(Method::GET, "/events").redirect(302, &elsewhere);
    let _fault = sandbox.fault(away);
    heat.events().list(&web).await.unwrap();
    let seen = foreign.seen();
    assert_eq!(seen.len(), 1);
    for header in ["x-auth-token", "x-auth-user", "x-auth-key", "cookie"] {
        assert_eq!(seen[0].header(header), None);
    }
}

/// Each way in which a template can refer to a file.
#[tokio::test]
async fn defect_b04_a_remote_template_reads_no_local_file() {
    const VERSION: &str = "heat_template_version: 2018-08-31\n";
    let server = Scripted::start(|seen| {
        let resource = match seen.path.as_str() {
            "/file.yaml" => {
                "{type: OS::Heat::Value, properties: {value: {get_file: file:///etc/hostname}}}"
            }
            _ => "{type: file:///etc/nested.yaml}",
        };
        let text = format!("{VERSION}resources:\n  a: {resource}\n");
        answer("200 OK", "", &text)
    })
    .await;
    let refused = async |packer: Packer| {
        let error = packer.pack().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Template);
        let why = "a document from a server may not refer to a local file";
        assert!(error.to_string().contains(why), "{error}");
    };
    for path in ["file.yaml", "type.yaml"] {
        let url = format!("{}/{path}", server.url);
        refused(Packer::new().template(&*url)).await;
    }
    let registry = "resource_registry: {My::Type: 'file:///etc/nested.yaml'}";
    let environment = Source::text(registry).beside(&*format!("{}/e.yaml", server.url));
    let packer = Packer::new().template(Source::text(VERSION));
    refused(packer.environment(environment)).await;
}

/// python-heatclient sees the end of a stack that was named by its id only at every second poll.
#[tokio::test]
async fn defect_b14_a_wait_by_id_ends_as_soon_as_one_by_name() {
    const SECOND: Duration = Duration::from_secs(1);
    let clock = Clock::stop();
    let sandbox = clock.still(Sandbox::start()).await.unwrap();
    let heat = client(&sandbox);
    sandbox.set_stack_delay(4 * SECOND);
    let mut polls = Vec::new();
    for by_id in [false, true] {
        let created = clock.still(web(&heat)).await;
        let stack = if by_id { &created.id } else { &created.name };
        let mut requests = Vec::new();
        for action in [Action::Create, Action::Delete] {
            if action == Action::Delete {
                clock.still(heat.stacks().delete(&created)).await.unwrap();
            }
            sandbox.clear_requests();
            let wait = heat.stacks().wait(stack, action.clone()).interval(SECOND);
            let stack = clock.moving(SECOND / 4, wait).await.unwrap();
            assert_eq!(stack.status.to_string(), format!("{action}_COMPLETE"));
            requests.push(sandbox.requests().len());
        }
        polls.push(requests);
    }
    assert_eq!(polls[0], polls[1]);
    assert!(polls[0].iter().all(|count| *count >= 4), "{polls:?}");
}

/// Whatever Heat answered can be passed to each manager, or acted upon with a handle. Nothing is looked up again.
#[tokio::test]
async fn defect_b33_every_answer_can_be_acted_upon() {
    let sandbox = Sandbox::start().await.unwrap();
    let heat = client(&sandbox);
    let created = web(&heat).await;
    let shown = heat.stacks().get(&created).await.unwrap();
    let listed = heat.stacks().list().await.unwrap().remove(0);
    sandbox.clear_requests();
    let refs: [StackRef; 3] = [(&created).into(), (&shown).into(), (&listed).into()];
    let count = refs.len();
    for stack in refs {
        let resources = heat.resources().list(&stack).await.unwrap();
        let name = &resources[0].name;
        assert_eq!(
            heat.resources().get(&stack, name).await.unwrap().name,
            "none"
        );
        let events = heat.events().list(&stack).await.unwrap();
        let first = &events[0];
        let event = heat.events().get(&stack, &first.resource_name, &first.id);
        assert_eq!(event.await.unwrap().id, first.id);
        let handle = heat.stack(&stack);
        assert_eq!(handle.get().await.unwrap().id, created.id);
        handle.outputs().await.unwrap();
        handle.environment().await.unwrap();
        handle.check().await.unwrap();
        let update = StackUpdate::new(template());
        handle.preview_update(update).await.unwrap();
    }
    assert_eq!(sandbox.requests().len(), 9 * count);
    heat.stack(&listed).delete().await.unwrap();
}

const CLI: &str = "cli/tests/it/heatclient_defects.rs";

static ELSEWHERE: &[Elsewhere] = &[
    elsewhere(
        "B-05",
        "tests/suite/software.rs",
        "each_signal_transport_is_told_to_the_agent",
    ),
    elsewhere(
        "B-05",
        "tests/it/deployments.rs",
        "the_default_transport_needs_a_session_only",
    ),
    elsewhere(
        "B-05",
        "cli/tests/it/software.rs",
        "the_default_transport_is_a_temp_url_in_swift",
    ),
    elsewhere(
        "B-06",
        "tests/suite/abandoning.rs",
        "a_stack_is_exported_abandoned_and_adopted",
    ),
    elsewhere("B-06", "cli/tests/it/stacks.rs", "a_stack_is_adopted"),
    elsewhere(
        "B-07",
        "tests/it/abandoning.rs",
        "a_lost_answer_does_not_lose_the_data",
    ),
    elsewhere(
        "B-07",
        "tests/it/abandoning.rs",
        "the_error_contains_the_data_if_the_end_is_unknown",
    ),
    elsewhere(
        "B-07",
        "cli/tests/it/abandoning.rs",
        "nothing_is_abandoned_if_the_file_cannot_be_written",
    ),
    elsewhere(
        "B-07",
        "cli/tests/it/abandoning.rs",
        "an_output_that_cannot_be_written_does_not_lose_the_data",
    ),
    elsewhere("B-08", "cli/tests/it/hooks.rs", "pending_hooks_are_listed"),
    elsewhere(
        "B-08",
        "tests/suite/hooks.rs",
        "hooks_are_polled_at_any_time",
    ),
    elsewhere(
        "B-09",
        "tests/suite/software.rs",
        "outputs_are_never_cut_off",
    ),
    elsewhere(
        "B-09",
        "cli/tests/it/software.rs",
        "outputs_of_a_deployment_are_shown",
    ),
    elsewhere(
        "B-10",
        "cli/tests/it/software_errors.rs",
        "wrong_command_lines_have_one_message",
    ),
    elsewhere(
        "B-10",
        "tests/suite/software.rs",
        "each_signal_transport_is_told_to_the_agent",
    ),
    elsewhere(
        "B-11",
        CLI,
        "defect_b11_columns_can_be_chosen_in_every_command",
    ),
    elsewhere("B-12", "tests/suite/lists.rs", "the_server_sorts_stacks"),
    elsewhere(
        "B-12",
        CLI,
        "defect_b12_lists_are_sorted_with_missing_values_and_by_several_keys",
    ),
    elsewhere(
        "B-13",
        "tests/suite/lists.rs",
        "lists_stay_in_their_project",
    ),
    elsewhere("B-13", CLI, "defect_b13_a_long_list_is_that_of_the_project"),
    // A stack that vanishes at any moment of the wait for its deletion.
    elsewhere(
        "B-14",
        "tests/it/waiting/statuses.rs",
        "every_status_has_its_end",
    ),
    elsewhere("B-15", CLI, "defect_b15_progress_is_not_in_the_output"),
    // Another action takes over; a deadline; network errors.
    elsewhere(
        "B-16",
        "tests/suite/watching.rs",
        "another_action_overtakes",
    ),
    elsewhere("B-16", "tests/suite/watching.rs", "waiting_comes_to_an_end"),
    elsewhere(
        "B-16",
        "tests/it/waiting/errors.rs",
        "transient_errors_pass",
    ),
    elsewhere(
        "B-17",
        "tests/suite/updating.rs",
        "tags_are_replaced_kept_and_removed",
    ),
    elsewhere(
        "B-17",
        CLI,
        "defect_b17_tags_can_be_removed_and_a_timeout_of_zero_is_an_error",
    ),
    elsewhere("B-18", "tests/suite/updating.rs", "a_preview_may_converge"),
    elsewhere("B-18", CLI, "defect_b18_converge_is_part_of_a_dry_run"),
    elsewhere(
        "B-19",
        "cli/tests/it/orchestration.rs",
        "one_template_version_is_enough",
    ),
    elsewhere(
        "B-34",
        "tests/it/peer.rs",
        "requests_are_those_of_python_heatclient",
    ),
    elsewhere(
        "B-34",
        "tests/suite/signals.rs",
        "names_are_encoded_in_paths",
    ),
];

#[test]
fn each_defect_has_a_test() {
    let wanted = (3..=18).chain([33, 34]);
    let here = include_str!("heatclient_defects.rs");
    let missing = missing(here, "defect_b", wanted, "B-", ELSEWHERE);
    assert!(missing.is_empty(), "no test for {missing:?}");
}
