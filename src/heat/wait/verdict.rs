//! What a status means for the action that is waited for.

use std::time::Duration;

use crate::clock::Instant;
use crate::heat::model::{Action, Status};
use crate::heat::poller::State;

/// How long a status must not change if another one may follow.
pub(super) const GRACE: Duration = Duration::from_secs(5);

/// What a status means for the action that is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The action is in progress.
    Wait,
    /// The action has ended.
    End(End),
    /// Wait a little. If no other status follows, this is the end.
    Unsettled(End),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The action succeeded.
    Done,
    /// The action failed.
    Failed,
    /// The action failed or was cancelled, and the rollback ended.
    RolledBack,
    /// Another action replaced it.
    Superseded,
}

/// Judges a status. `begun`: the action was seen before. `rolls_back`: Heat rolls the action back if it fails.
pub(super) fn judge(wanted: &Action, state: &State, begun: bool, rolls_back: bool) -> Verdict {
    let may_roll_back = wanted.rolls_back();
    match (&state.status.action, &state.status.status) {
        // The name is free only after the stack has a deletion time.
        (Action::Delete, Status::Complete) if *wanted == Action::Delete && !state.is_removed => {
            Verdict::Unsettled(End::Done)
        }
        (action, Status::Complete) if action == wanted => Verdict::End(End::Done),
        (action, Status::Failed) if action == wanted => match may_roll_back && rolls_back {
            true => Verdict::Unsettled(End::Failed),
            false => Verdict::End(End::Failed),
        },
        (action, _) if action == wanted => Verdict::Wait,
        (Action::Rollback, Status::Complete | Status::Failed) if may_roll_back => {
            Verdict::End(End::RolledBack)
        }
        (Action::Rollback, _) if may_roll_back => Verdict::Wait,
        // No other action can follow a delete.
        (Action::Delete, _) => Verdict::End(End::Superseded),
        (Action::Init, _) => Verdict::Wait,
        // No other action can precede a create.
        _ if matches!(wanted, Action::Create | Action::Adopt) => Verdict::End(End::Superseded),
        // A database replica may still have the status before the action.
        _ if begun => Verdict::Unsettled(End::Superseded),
        (_, Status::Complete | Status::Failed) => Verdict::Unsettled(End::Superseded),
        _ => Verdict::Wait,
    }
}

/// Delays verdicts that another status may change.
#[derive(Debug, Default)]
pub(super) struct Settling {
    /// Since when all verdicts have been unsettled.
    since: Option<Instant>,
}

impl Settling {
    /// The end, if it is one.
    pub(super) fn end(&mut self, verdict: Verdict, now: Instant) -> Option<End> {
        match verdict {
            Verdict::Unsettled(end) => {
                let since = *self.since.get_or_insert(now);
                (now.saturating_duration_since(since) >= GRACE).then_some(end)
            }
            Verdict::End(end) => Some(end),
            Verdict::Wait => {
                self.since = None;
                None
            }
        }
    }

    /// How long the current status must still stay, if it is unsettled.
    pub(super) fn left(&self, now: Instant) -> Option<Duration> {
        let passed = now.saturating_duration_since(self.since?);
        Some(GRACE.saturating_sub(passed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heat::model::Stack;

    fn verdict(wanted: &str, now: &str, begun: bool, rollback: bool) -> Verdict {
        let deleted = (now == "DELETE_COMPLETE").then_some("2026-01-01T00:00:00Z");
        let stack = serde_json::json!({
            "id": "1", "stack_name": "web", "stack_status": now, "deletion_time": deleted,
        });
        let stack: Stack = serde_json::from_value(stack).unwrap();
        judge(&Action::from(wanted), &stack.into(), begun, rollback)
    }

    #[test]
    fn every_status_has_its_verdict() {
        use super::End::{Done, Failed, RolledBack, Superseded};
        use Verdict::{End, Unsettled, Wait};
        #[rustfmt::skip]
        let table = [
            ("CREATE", "INIT_COMPLETE", false, false, Wait),
            ("CREATE", "CREATE_IN_PROGRESS", false, false, Wait),
            ("CREATE", "CREATE_COMPLETE", false, true, End(Done)),
            ("CREATE", "CREATE_FAILED", true, false, End(Failed)),
            ("CREATE", "CREATE_FAILED", true, true, Unsettled(Failed)),
            ("CREATE", "ROLLBACK_IN_PROGRESS", false, true, Wait),
            ("CREATE", "ROLLBACK_COMPLETE", false, true, End(RolledBack)),
            ("CREATE", "ROLLBACK_FAILED", true, true, End(RolledBack)),
            ("CREATE", "UPDATE_IN_PROGRESS", false, false, End(Superseded)),
            ("CREATE", "DELETE_IN_PROGRESS", true, false, End(Superseded)),
            ("CREATE", "CREATE_ODD", false, true, Wait),
            ("ADOPT", "ADOPT_COMPLETE", true, false, End(Done)),
            ("ADOPT", "ADOPT_FAILED", true, true, Unsettled(Failed)),
            ("ADOPT", "ROLLBACK_COMPLETE", true, true, End(RolledBack)),
            ("UPDATE", "UPDATE_COMPLETE", false, false, End(Done)),
            ("UPDATE", "CREATE_COMPLETE", false, false, Unsettled(Superseded)),
            ("UPDATE", "CREATE_COMPLETE", true, false, Unsettled(Superseded)),
            ("UPDATE", "CHECK_IN_PROGRESS", false, false, Wait),
            ("UPDATE", "CHECK_IN_PROGRESS", true, false, Unsettled(Superseded)),
            ("UPDATE", "DELETE_COMPLETE", false, false, End(Superseded)),
            ("UPDATE", "MIGRATE_COMPLETE", true, false, Unsettled(Superseded)),
            ("SUSPEND", "SUSPEND_FAILED", true, true, End(Failed)),
            ("SUSPEND", "ROLLBACK_COMPLETE", false, true, Unsettled(Superseded)),
            ("CHECK", "CHECK_FAILED", true, true, End(Failed)),
            ("SNAPSHOT", "SNAPSHOT_FAILED", true, true, End(Failed)),
            ("RESTORE", "RESTORE_FAILED", true, true, Unsettled(Failed)),
            ("RESTORE", "ROLLBACK_COMPLETE", true, true, End(RolledBack)),
            ("DELETE", "CREATE_IN_PROGRESS", false, false, Wait),
            ("DELETE", "CREATE_COMPLETE", false, false, Unsettled(Superseded)),
            ("DELETE", "DELETE_FAILED", true, true, End(Failed)),
            ("DELETE", "DELETE_COMPLETE", false, false, End(Done)),
            ("ROLLBACK", "UPDATE_IN_PROGRESS", false, true, Wait),
            ("ROLLBACK", "UPDATE_COMPLETE", false, true, Unsettled(Superseded)),
            ("ROLLBACK", "ROLLBACK_COMPLETE", false, true, End(Done)),
            ("ROLLBACK", "ROLLBACK_FAILED", true, true, End(Failed)),
        ];
        for (wanted, now, begun, rollback, expected) in table {
            let found = verdict(wanted, now, begun, rollback);
            assert_eq!(found, expected, "{wanted} at {now}");
        }
    }

    #[test]
    fn a_deleted_stack_keeps_its_name_for_a_moment() {
        let mut stack = Stack::deleted(None, "web", "1");
        let judged = |stack: &Stack| judge(&Action::Delete, &stack.clone().into(), true, false);
        assert_eq!(judged(&stack), Verdict::Unsettled(End::Done));
        stack.deletion_time = Some("2026-01-01T00:00:00Z".into());
        assert_eq!(judged(&stack), Verdict::End(End::Done));
    }

    #[tokio::test(start_paused = true)]
    async fn a_status_that_may_change_counts_after_a_while() {
        let (mut settling, began) = (Settling::default(), crate::clock::now());
        let unsettled = Verdict::Unsettled(End::Superseded);
        assert_eq!(settling.end(unsettled, began), None);
        assert_eq!(settling.left(began), Some(GRACE));
        assert_eq!(settling.end(Verdict::Wait, began + GRACE), None);
        assert_eq!(settling.left(began + GRACE), None);
        assert_eq!(settling.end(unsettled, began + GRACE), None);
        let end = settling.end(unsettled, began + 2 * GRACE);
        assert_eq!(end, Some(End::Superseded));
    }
}
