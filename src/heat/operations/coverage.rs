//! Writes `docs/api-coverage.md` and checks it: each operation with our method and its tests.
//!
//! With `HEAT_TEST_WRITE` set the test writes the page.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::ALL;

/// An operation, our methods for it, its test against the sandbox, and its test on a real cloud.
type Row = (
    &'static str,
    &'static [&'static str],
    &'static str,
    &'static str,
);

static ROWS: &[Row] = &[
    (
        "LIST_STACKS",
        &["Stacks::list"],
        "lists_come_page_by_page",
        "lists_come_page_by_page",
    ),
    (
        "LIST_STACKS_DETAIL",
        &["Stacks::list_detail"],
        "every_operation_is_accepted",
        "every_operation_is_accepted",
    ),
    (
        "COUNT_STACKS",
        &["StackList::count"],
        "lists_come_page_by_page",
        "lists_come_page_by_page",
    ),
    (
        "SHOW_STACK",
        &["Stacks::get", "Stacks::get_opt", "StackHandle::get"],
        "a_stack_is_made_shown_and_deleted",
        "a_stack_is_made_shown_and_deleted",
    ),
    (
        "CREATE_STACK",
        &["Stacks::create"],
        "a_stack_is_made_shown_and_deleted",
        "a_stack_is_made_shown_and_deleted",
    ),
    (
        "ADOPT_STACK",
        &["Stacks::adopt"],
        "a_stack_is_adopted",
        "a_stack_is_adopted",
    ),
    (
        "PREVIEW_STACK",
        &["Stacks::preview"],
        "a_stack_is_made_shown_and_deleted",
        "a_stack_is_made_shown_and_deleted",
    ),
    (
        "UPDATE_STACK",
        &["Stacks::update", "StackHandle::update"],
        "an_update_replaces_or_amends",
        "an_update_replaces_or_amends",
    ),
    (
        "UPDATE_STACK_EXISTING",
        &["Stacks::update", "StackHandle::update"],
        "an_update_replaces_or_amends",
        "an_update_replaces_or_amends",
    ),
    (
        "PREVIEW_UPDATE",
        &["Stacks::preview_update", "StackHandle::preview_update"],
        "a_preview_may_converge",
        "a_preview_may_converge",
    ),
    (
        "PREVIEW_UPDATE_EXISTING",
        &["Stacks::preview_update", "StackHandle::preview_update"],
        "a_preview_may_converge",
        "a_preview_may_converge",
    ),
    (
        "DELETE_STACK",
        &["Stacks::delete", "StackHandle::delete"],
        "a_stack_is_made_shown_and_deleted",
        "a_stack_is_made_shown_and_deleted",
    ),
    (
        "ABANDON_STACK",
        &["Stacks::abandon", "StackHandle::abandon"],
        "every_operation_is_accepted",
        "every_operation_is_accepted",
    ),
    (
        "EXPORT_STACK",
        &["Stacks::export", "StackHandle::export"],
        "every_operation_is_accepted",
        "every_operation_is_accepted",
    ),
    (
        "SUSPEND_STACK",
        &["Stacks::suspend", "StackHandle::suspend"],
        "actions_run_to_their_end",
        "actions_run_to_their_end",
    ),
    (
        "RESUME_STACK",
        &["Stacks::resume", "StackHandle::resume"],
        "actions_run_to_their_end",
        "actions_run_to_their_end",
    ),
    (
        "CHECK_STACK",
        &["Stacks::check", "StackHandle::check"],
        "actions_run_to_their_end",
        "actions_run_to_their_end",
    ),
    (
        "CANCEL_UPDATE",
        &["Stacks::cancel_update", "StackHandle::cancel_update"],
        "a_cancelled_update_is_rolled_back",
        "a_cancelled_update_is_rolled_back",
    ),
    (
        "CANCEL_WITHOUT_ROLLBACK",
        &[
            "Stacks::cancel_without_rollback",
            "StackHandle::cancel_without_rollback",
        ],
        "every_operation_is_accepted",
        "every_operation_is_accepted",
    ),
    (
        "SHOW_TEMPLATE",
        &["Stacks::template", "StackHandle::template"],
        "a_stack_is_made_shown_and_deleted",
        "a_stack_is_made_shown_and_deleted",
    ),
    (
        "SHOW_ENVIRONMENT",
        &["Stacks::environment", "StackHandle::environment"],
        "environments_are_kept_or_replaced",
        "environments_are_kept_or_replaced",
    ),
    (
        "SHOW_FILES",
        &["Stacks::files", "StackHandle::files"],
        "every_operation_is_accepted",
        "every_operation_is_accepted",
    ),
    (
        "LIST_SNAPSHOTS",
        &["Snapshots::list", "StackHandle::snapshots"],
        "snapshots_are_taken_restored_and_deleted",
        "snapshots_are_taken_restored_and_deleted",
    ),
    (
        "CREATE_SNAPSHOT",
        &["Snapshots::create", "StackHandle::create_snapshot"],
        "snapshots_are_taken_restored_and_deleted",
        "snapshots_are_taken_restored_and_deleted",
    ),
    (
        "SHOW_SNAPSHOT",
        &["Snapshots::get", "StackHandle::snapshot"],
        "snapshots_are_taken_restored_and_deleted",
        "snapshots_are_taken_restored_and_deleted",
    ),
    (
        "DELETE_SNAPSHOT",
        &["Snapshots::delete", "StackHandle::delete_snapshot"],
        "snapshots_are_taken_restored_and_deleted",
        "snapshots_are_taken_restored_and_deleted",
    ),
    (
        "RESTORE_SNAPSHOT",
        &["Snapshots::restore", "StackHandle::restore_snapshot"],
        "snapshots_are_taken_restored_and_deleted",
        "snapshots_are_taken_restored_and_deleted",
    ),
    (
        "LIST_OUTPUTS",
        &["Outputs::list", "StackHandle::outputs"],
        "resources_events_and_outputs_are_shown",
        "resources_events_and_outputs_are_shown",
    ),
    (
        "SHOW_OUTPUT",
        &["Outputs::get", "StackHandle::output"],
        "resources_events_and_outputs_are_shown",
        "resources_events_and_outputs_are_shown",
    ),
    (
        "LIST_RESOURCES",
        &["Resources::list", "StackHandle::resources"],
        "resources_events_and_outputs_are_shown",
        "resources_events_and_outputs_are_shown",
    ),
    (
        "SHOW_RESOURCE",
        &["Resources::get", "StackHandle::resource"],
        "resources_events_and_outputs_are_shown",
        "resources_events_and_outputs_are_shown",
    ),
    (
        "SHOW_METADATA",
        &["Resources::metadata", "StackHandle::metadata"],
        "every_operation_is_accepted",
        "every_operation_is_accepted",
    ),
    (
        "SIGNAL_RESOURCE",
        &["Resources::signal", "StackHandle::signal"],
        "signals_complete_a_wait_condition",
        "signals_complete_a_wait_condition",
    ),
    (
        "CLEAR_HOOK",
        &["Hooks::clear", "StackHandle::clear_hooks"],
        "hooks_are_polled_at_any_time",
        "hooks_are_polled_at_any_time",
    ),
    (
        "MARK_UNHEALTHY",
        &["Resources::mark_unhealthy", "StackHandle::mark_unhealthy"],
        "unhealthy_resources_are_replaced",
        "unhealthy_resources_are_replaced",
    ),
    (
        "LIST_EVENTS",
        &[
            "Events::list",
            "Events::follow",
            "Hooks::poll",
            "StackHandle::events",
        ],
        "events_are_followed",
        "events_are_followed",
    ),
    (
        "LIST_EVENTS_OF_RESOURCE",
        &["EventList::resource"],
        "resources_events_and_outputs_are_shown",
        "resources_events_and_outputs_are_shown",
    ),
    (
        "SHOW_EVENT",
        &["Events::get", "StackHandle::event"],
        "resources_events_and_outputs_are_shown",
        "resources_events_and_outputs_are_shown",
    ),
    (
        "VALIDATE_TEMPLATE",
        &["Templates::validate"],
        "templates_are_validated",
        "templates_are_validated",
    ),
    (
        "LIST_TEMPLATE_VERSIONS",
        &["Templates::versions"],
        "every_operation_is_accepted",
        "every_operation_is_accepted",
    ),
    (
        "LIST_TEMPLATE_FUNCTIONS",
        &["Templates::functions"],
        "every_operation_is_accepted",
        "every_operation_is_accepted",
    ),
    (
        "LIST_RESOURCE_TYPES",
        &["ResourceTypes::list"],
        "every_operation_is_accepted",
        "every_operation_is_accepted",
    ),
    (
        "SHOW_RESOURCE_TYPE",
        &["ResourceTypes::get"],
        "every_operation_is_accepted",
        "every_operation_is_accepted",
    ),
    (
        "SHOW_RESOURCE_TYPE_TEMPLATE",
        &["ResourceTypes::template"],
        "every_operation_is_accepted",
        "every_operation_is_accepted",
    ),
    (
        "LIST_SOFTWARE_CONFIGS",
        &["SoftwareConfigs::list"],
        "every_operation_is_accepted",
        "every_operation_is_accepted",
    ),
    (
        "CREATE_SOFTWARE_CONFIG",
        &["SoftwareConfigs::create"],
        "every_operation_is_accepted",
        "every_operation_is_accepted",
    ),
    (
        "SHOW_SOFTWARE_CONFIG",
        &["SoftwareConfigs::get"],
        "every_operation_is_accepted",
        "every_operation_is_accepted",
    ),
    (
        "DELETE_SOFTWARE_CONFIG",
        &["SoftwareConfigs::delete"],
        "every_operation_is_accepted",
        "every_operation_is_accepted",
    ),
    (
        "LIST_SOFTWARE_DEPLOYMENTS",
        &["SoftwareDeployments::list"],
        "every_operation_is_accepted",
        "every_operation_is_accepted",
    ),
    (
        "SHOW_DEPLOYMENT_METADATA",
        &["SoftwareDeployments::metadata"],
        "every_operation_is_accepted",
        "every_operation_is_accepted",
    ),
    (
        "CREATE_SOFTWARE_DEPLOYMENT",
        &["SoftwareDeployments::create", "SoftwareDeployments::deploy"],
        "every_operation_is_accepted",
        "every_operation_is_accepted",
    ),
    (
        "SHOW_SOFTWARE_DEPLOYMENT",
        &["SoftwareDeployments::get"],
        "every_operation_is_accepted",
        "every_operation_is_accepted",
    ),
    (
        "UPDATE_SOFTWARE_DEPLOYMENT",
        &["SoftwareDeployments::update"],
        "every_operation_is_accepted",
        "every_operation_is_accepted",
    ),
    (
        "DELETE_SOFTWARE_DEPLOYMENT",
        &["SoftwareDeployments::delete"],
        "every_operation_is_accepted",
        "every_operation_is_accepted",
    ),
    (
        "LIST_SERVICES",
        &["Client::services"],
        "every_operation_is_accepted",
        "every_operation_is_accepted",
    ),
    (
        "SHOW_BUILD_INFO",
        &["Client::build_info"],
        "every_operation_is_accepted",
        "every_operation_is_accepted",
    ),
    (
        "LIST_API_VERSIONS",
        &["Client::versions"],
        "every_operation_is_accepted",
        "every_operation_is_accepted",
    ),
    (
        "SHOW_HEALTH",
        &["Client::healthcheck"],
        "every_operation_is_accepted",
        "every_operation_is_accepted",
    ),
];

const HEAD: &str = "\
# Coverage of Heat's API

Each operation of Heat's API v1, the method of this library, and the tests that call it: against the sandbox in
`tests/it`, and on a real Heat in `tests/live`. Tests of the same name are one case of `tests/suite`. The last column has the commands of
the tool that use it, by `docs/commands.md`.

Generated from the table of operations (`src/heat/operations.rs`); a test compares the two.

";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    page.push_str(
        "| operation | path | method | test on the sandbox | test on a real cloud | commands |\n\
         | --- | --- | --- | --- | --- | --- |\n",
    );
    let commands = std::fs::read_to_string(root().join("docs/commands.md")).unwrap();
    for (name, operation) in ALL {
        let row = ROWS.iter().find(|(of, ..)| of == name);
        let (_, methods, sandbox, live) = row.unwrap_or_else(|| panic!("{name} has no row"));
        let methods = methods.iter().map(|method| format!("`{method}`"));
        let methods = methods.collect::<Vec<_>>().join(", ");
        let (verb, path) = (&operation.method, operation.path);
        let _ = writeln!(
            page,
            "| {verb} | `{path}` | {methods} | `{sandbox}` | `{live}` | {} |",
            using(&commands, &format!("`{verb} {path}`"))
        );
    }
    page
}

/// The commands in the spelling of `openstack` that use an operation.
fn using(commands: &str, operation: &str) -> String {
    let rows = commands.lines().filter_map(|row| {
        let (name, operations) = row.strip_prefix("| ")?.split_once(" | ")?;
        (name.contains(' ') && operations.contains(operation)).then_some(name)
    });
    rows.collect::<Vec<_>>().join(", ")
}

#[test]
fn the_page_shows_every_operation() {
    let path = root().join("docs/api-coverage.md");
    let page = page();
    if std::env::var_os("HEAT_TEST_WRITE").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        page,
        "set HEAT_TEST_WRITE to write it"
    );
}

#[test]
fn rows_name_operations_methods_and_tests_that_exist() {
    let interface = std::fs::read_to_string(root().join("docs/public-api.txt")).unwrap();
    let (it, live, suite) = (
        sources("tests/it"),
        sources("tests/live"),
        sources("tests/suite"),
    );
    for (operation, methods, in_sandbox, on_cloud) in ROWS {
        assert!(
            ALL.iter().any(|(name, _)| name == operation),
            "no operation {operation}"
        );
        for method in *methods {
            let declared = |path: &str| interface.contains(&format!("fn {path}::{method}("));
            let is_declared = declared("heatclient::heat") || declared("heatclient");
            assert!(is_declared, "{operation}: no method {method}");
        }
        for (test, ring) in [(in_sandbox, &it), (on_cloud, &live)] {
            let declared = format!("fn {test}(");
            assert!(
                ring.contains(&declared) || suite.contains(&declared),
                "no test {test}"
            );
        }
    }
}

/// The text of all sources in a directory.
fn sources(directory: &str) -> String {
    let mut text = String::new();
    let mut left: Vec<PathBuf> = vec![root().join(directory)];
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(
                std::fs::read_dir(path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            text.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
    text
}
