//! Endings by the status of the stack, with scripted answers.

use heatclient::ErrorKind;
use heatclient::heat::Action;

use super::{SECOND, Stage, told};

/// The action, whether the stack rolls back, the statuses of the polls (the last one is repeated), and the end.
/// The answers are described at [`answer`](super::answer).
#[rustfmt::skip]
const WAYS: &[(&str, bool, &[&str], &str)] = &[
    // Success.
    ("CREATE", true, &["CREATE_IN_PROGRESS", "CREATE_COMPLETE"], "ok: CREATE_COMPLETE"),
    ("ADOPT", true, &["ADOPT_IN_PROGRESS", "ADOPT_COMPLETE"], "ok: ADOPT_COMPLETE"),
    ("UPDATE", true, &["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"], "ok: UPDATE_COMPLETE"),
    ("SUSPEND", true, &["SUSPEND_IN_PROGRESS", "SUSPEND_COMPLETE"], "ok: SUSPEND_COMPLETE"),
    ("RESUME", true, &["RESUME_IN_PROGRESS", "RESUME_COMPLETE"], "ok: RESUME_COMPLETE"),
    ("CHECK", true, &["CHECK_IN_PROGRESS", "CHECK_COMPLETE"], "ok: CHECK_COMPLETE"),
    ("ROLLBACK", true, &["UPDATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE"], "ok: ROLLBACK_COMPLETE"),
    ("SNAPSHOT", true, &["SNAPSHOT_IN_PROGRESS", "SNAPSHOT_COMPLETE"], "ok: SNAPSHOT_COMPLETE"),
    ("RESTORE", true, &["RESTORE_IN_PROGRESS", "RESTORE_COMPLETE"], "ok: RESTORE_COMPLETE"),
    ("DELETE", true, &["DELETE_IN_PROGRESS", "DELETE_COMPLETE"], "ok: DELETE_COMPLETE"),
    // Deleted and purged; purged before the first poll; without a deletion time, which would come soon.
    ("DELETE", true, &["DELETE_IN_PROGRESS", "404"], "ok: DELETE_COMPLETE"),
    ("DELETE", true, &["404"], "ok: DELETE_COMPLETE"),
    ("DELETE", true, &["DELETE_COMPLETE-"], "ok: DELETE_COMPLETE"),
    // The engine begins a delete a moment later.
    ("DELETE", true, &["CREATE_COMPLETE", "CREATE_COMPLETE", "DELETE_COMPLETE"], "ok: DELETE_COMPLETE"),
    // Failure.
    ("CREATE", false, &["CREATE_IN_PROGRESS", "CREATE_FAILED"], "stack \"web\": CREATE_FAILED: because"),
    ("ADOPT", false, &["ADOPT_FAILED"], "stack \"web\": ADOPT_FAILED: because"),
    ("UPDATE", false, &["UPDATE_FAILED"], "stack \"web\": UPDATE_FAILED: because"),
    ("DELETE", true, &["DELETE_IN_PROGRESS", "DELETE_FAILED"], "stack \"web\": DELETE_FAILED: because"),
    ("SUSPEND", true, &["SUSPEND_FAILED"], "stack \"web\": SUSPEND_FAILED: because"),
    ("RESUME", true, &["RESUME_FAILED"], "stack \"web\": RESUME_FAILED: because"),
    ("CHECK", true, &["CHECK_FAILED"], "stack \"web\": CHECK_FAILED: because"),
    ("ROLLBACK", true, &["ROLLBACK_FAILED"], "stack \"web\": ROLLBACK_FAILED: because"),
    ("SNAPSHOT", true, &["SNAPSHOT_FAILED"], "stack \"web\": SNAPSHOT_FAILED: because"),
    ("RESTORE", false, &["RESTORE_FAILED"], "stack \"web\": RESTORE_FAILED: because"),
    // Failed and rolled back. The sandbox has no events of a failure, as after a cancel.
    ("RESTORE", true, &["RESTORE_FAILED", "ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE"],
        "stack \"web\": RESTORE was cancelled, then ROLLBACK_COMPLETE"),
    ("CREATE", true, &["ROLLBACK_IN_PROGRESS", "ROLLBACK_FAILED"],
        "CREATE was cancelled, then ROLLBACK_FAILED; the rollback failed: because"),
    // A failure that should be rolled back, but is not.
    ("UPDATE", true, &["UPDATE_FAILED"], "stack \"web\": UPDATE_FAILED: because"),
    // Superseded, or never begun.
    ("UPDATE", true, &["CREATE_COMPLETE"], "stack \"web\": no UPDATE is in progress: the stack is CREATE_COMPLETE"),
    ("UPDATE", true, &["CHECK_IN_PROGRESS", "CHECK_COMPLETE"],
        "stack \"web\": no UPDATE is in progress: the stack is CHECK_COMPLETE"),
    ("UPDATE", true, &["UPDATE_IN_PROGRESS", "CHECK_IN_PROGRESS"],
        "stack \"web\": UPDATE was superseded by CHECK: the stack is CHECK_IN_PROGRESS"),
    ("UPDATE", true, &["UPDATE_IN_PROGRESS", "MIGRATE_COMPLETE"],
        "stack \"web\": UPDATE was superseded by MIGRATE: the stack is MIGRATE_COMPLETE"),
    ("CREATE", true, &["UPDATE_IN_PROGRESS"],
        "stack \"web\": CREATE was superseded by UPDATE: the stack is UPDATE_IN_PROGRESS"),
    ("ROLLBACK", true, &["ROLLBACK_IN_PROGRESS", "UPDATE_COMPLETE"],
        "stack \"web\": ROLLBACK was superseded by UPDATE: the stack is UPDATE_COMPLETE"),
    // Deleted while another action was waited for.
    ("UPDATE", true, &["UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS"],
        "stack \"web\": UPDATE was superseded by DELETE: the stack is DELETE_IN_PROGRESS"),
    ("UPDATE", true, &["DELETE_COMPLETE"],
        "stack \"web\": UPDATE was superseded by DELETE: the stack is DELETE_COMPLETE"),
    ("UPDATE", true, &["UPDATE_IN_PROGRESS", "404"],
        "stack \"web\": UPDATE was superseded by DELETE: the stack does not exist any more"),
    ("UPDATE", true, &["404"], "wait for UPDATE of stack \"web\": 404 Not Found: The Stack (web) could not be found."),
    // Stale reads: before the action, after it began, and of an older update.
    ("UPDATE", true, &["CREATE_COMPLETE", "CREATE_COMPLETE", "UPDATE_IN_PROGRESS@1", "UPDATE_COMPLETE@1"],
        "ok: UPDATE_COMPLETE"),
    ("UPDATE", true, &["UPDATE_IN_PROGRESS@1", "CREATE_COMPLETE", "CHECK_IN_PROGRESS", "UPDATE_COMPLETE@1"],
        "ok: UPDATE_COMPLETE"),
    ("UPDATE", false, &["UPDATE_IN_PROGRESS@5", "UPDATE_COMPLETE@2", "UPDATE_IN_PROGRESS@5", "UPDATE_FAILED@5"],
        "stack \"web\": UPDATE_FAILED: because"),
    // Clocks of engines may differ: what looks stale counts in the end.
    ("UPDATE", true, &["UPDATE_IN_PROGRESS@5", "UPDATE_COMPLETE@2"], "ok: UPDATE_COMPLETE"),
    // An unknown status is not an end.
    ("UPDATE", true, &["UPDATE_ODD"], "timed out after 60s; the stack is UPDATE_ODD"),
    ("UPDATE", true, &["UPDATE_IN_PROGRESS"], "timed out after 60s; the stack is UPDATE_IN_PROGRESS"),
];

#[tokio::test]
async fn every_status_has_its_end() {
    let stage = Stage::with_stopped_clock().await;
    for (action, rolls_back, statuses, end) in WAYS {
        stage.script(statuses, *rolls_back);
        let wait = stage.wait(Action::from(*action)).timeout(60 * SECOND);
        let result = stage.end(wait.resolve_outputs(false)).await;
        let text = told(&result);
        assert!(text.contains(end), "{action} with {statuses:?}: {text}");
        if let Err(error) = &result {
            let by = error.superseded_by().map(Action::as_str);
            let told = text.split_once("superseded by ");
            let told = told.map(|(_, by)| by.split(':').next().unwrap());
            assert_eq!(by, told, "{text}");
            let kind = match () {
                () if error.is_not_found() => ErrorKind::Status,
                () if error.is_timeout() => ErrorKind::WaitTimeout,
                () => ErrorKind::StackFailed,
            };
            assert_eq!(error.kind(), kind, "{text}");
            assert_eq!(error.last_status().is_none(), kind == ErrorKind::Status);
        }
        stage.sandbox.clear_faults();
    }
}

/// The statuses, and the end of waiting until no action is in progress.
#[rustfmt::skip]
const IDLE: &[(bool, &[&str], &str)] = &[
    (true, &["UPDATE_COMPLETE"], "ok: UPDATE_COMPLETE"),
    (true, &["CHECK_IN_PROGRESS", "CHECK_COMPLETE"], "ok: CHECK_COMPLETE"),
    (true, &["CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "SUSPEND_IN_PROGRESS", "SUSPEND_COMPLETE"],
        "ok: SUSPEND_COMPLETE"),
    (true, &["ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE"], "ok: ROLLBACK_COMPLETE"),
    (true, &["UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "DELETE_COMPLETE"], "ok: DELETE_COMPLETE"),
    (true, &["UPDATE_IN_PROGRESS", "404"], "ok: DELETE_COMPLETE"),
    (true, &["UPDATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE"],
        "stack \"web\": UPDATE was cancelled, then ROLLBACK_COMPLETE"),
    (false, &["CREATE_FAILED"], "stack \"web\": CREATE_FAILED: because"),
    (false, &["404"], "wait for stack \"web\": 404 Not Found: The Stack (web) could not be found."),
    (false, &["CHECK_IN_PROGRESS"], "wait for stack \"web\": timed out after 60s; the stack is CHECK_IN_PROGRESS"),
];

#[tokio::test]
async fn a_stack_without_an_action_in_progress_is_waited_for() {
    let stage = Stage::with_stopped_clock().await;
    for (rolls_back, statuses, end) in IDLE {
        stage.script(statuses, *rolls_back);
        let idle = stage.heat.stacks().wait_idle(&stage.web).interval(SECOND);
        let idle = idle.timeout(60 * SECOND).resolve_outputs(false);
        let text = told(&stage.end(idle).await);
        assert!(text.contains(end), "{statuses:?}: {text}");
        stage.sandbox.clear_faults();
    }
    let text = told(&stage.end(stage.heat.stack("web").wait_idle()).await);
    assert_eq!(text, "ok: CREATE_COMPLETE");
}

#[tokio::test]
async fn a_status_that_may_change_is_polled_again_soon() {
    let stage = Stage::with_stopped_clock().await;
    stage.script(&["CREATE_COMPLETE"], true);
    let before = heatclient::clock::now();
    let hour = stage.wait(Action::Update).interval(3600 * SECOND);
    let text = told(&stage.end(hour).await);
    assert!(text.contains("no UPDATE is in progress"), "{text}");
    assert!(heatclient::clock::now() - before < 10 * SECOND);
}
