//! Defects of python-heatclient that are not copied: a test each for the better behaviour.
//!
//! The numbers are those of the project's list of defects. Here are those that belong to the library as a whole;
//! [`ELSEWHERE`] names the tests of the others, which are beside the tests of the feature. Defects of the
//! command line are in `cli/tests/it/heatclient_defects.rs`.

use std::collections::BTreeSet;
use std::path::Path;

use heatclient::heat::{NewStack, StackRef, StackUpdate};
use heatclient::sandbox::{Fault, Sandbox};
use heatclient::template::{Packer, Source};
use heatclient::{Client, ErrorKind};
use heatclient_test_support::scripted::{Scripted, answer, json as json_answer};
use heatclient_test_support::{builder, client};
use http::Method;
use serde_json::{Value, json};

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

/// Whatever Heat answered can be passed to each manager. Nothing is looked up again.
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
        assert_eq!(
            heat.resources()
                .get(&stack, &resources[0].name)
                .await
                .unwrap()
                .name,
            "none"
        );
        let events = heat.events().list(&stack).await.unwrap();
        let first = &events[0];
        let event = heat.events().get(&stack, &first.resource_name, &first.id);
        assert_eq!(event.await.unwrap().id, first.id);
        heat.outputs().list(&stack).await.unwrap();
        heat.stacks().check(&stack).await.unwrap();
        let update = StackUpdate::new(template());
        heat.stacks().preview_update(&stack, update).await.unwrap();
    }
    assert_eq!(sandbox.requests().len(), 7 * count);
    heat.stacks().delete(&listed).await.unwrap();
}

/// A test that shows the better behaviour for a defect, beside the tests of the feature.
struct Elsewhere {
    defect: &'static str,
    file: &'static str,
    test: &'static str,
}

const fn elsewhere(defect: &'static str, file: &'static str, test: &'static str) -> Elsewhere {
    Elsewhere { defect, file, test }
}

const CLI: &str = "cli/tests/it/heatclient_defects.rs";

static ELSEWHERE: &[Elsewhere] = &[
    elsewhere(
        "B-08",
        "tests/suite/hooks.rs",
        "hooks_are_polled_at_any_time",
    ),
    elsewhere(
        "B-11",
        CLI,
        "defect_b11_columns_can_be_chosen_in_every_command",
    ),
    elsewhere(
        "B-12",
        CLI,
        "defect_b12_lists_are_sorted_with_missing_values_and_by_several_keys",
    ),
    elsewhere("B-13", CLI, "defect_b13_a_long_list_is_that_of_the_project"),
    elsewhere("B-15", CLI, "defect_b15_progress_is_not_in_the_output"),
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
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut tested: BTreeSet<String> = include_str!("heatclient_defects.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("async fn defect_b"))
        .map(|name| format!("B-{}", &name[..2]))
        .collect();
    for Elsewhere { defect, file, test } in ELSEWHERE {
        let path = root.join(file);
        let source =
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
        let mut lines = source.lines().map(str::trim_start);
        let is_it = |line: &str| {
            let name = line
                .split("fn ")
                .nth(1)
                .and_then(|rest| rest.split(['(', '<']).next());
            name == Some(test)
        };
        let (mut before, mut found) = ("", false);
        // A test, or a case of the suite.
        lines.by_ref().for_each(|line| {
            let runs = before.starts_with("#[") && before.contains("test")
                || line.starts_with("pub(crate) async fn");
            found |= is_it(line) && runs;
            before = line;
        });
        assert!(found, "{defect}: no test {test} in {file}");
        tested.insert((*defect).to_owned());
    }
    let wanted = (3..=18)
        .chain([33, 34])
        .map(|number| format!("B-{number:02}"));
    let missing: Vec<_> = wanted.filter(|defect| !tested.contains(defect)).collect();
    assert!(missing.is_empty(), "no test for {missing:?}");
}
