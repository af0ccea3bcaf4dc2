//! The findings in one document.

use std::cmp::Reverse;
use std::sync::Arc;

use crate::suggest::nearest;
use crate::template::cap::Cap;
use crate::template::problem::{Place, Problem};
use crate::template::rules::{Rule, Severity};
use crate::yaml::Mark;

/// Limits on suggestions, each of which compares a name with all others: the number of suggestions, and of
/// comparisons for all of them.
const MOST_HINTS: usize = 100;
const MOST_COMPARED: usize = 200_000;

/// The findings in one document so far.
#[derive(Debug, Default)]
pub(super) struct Findings {
    found: Vec<Finding>,
    hints: usize,
    compared: usize,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    at: Mark,
    rule: &'static Rule,
    message: String,
    severity: Severity,
}

impl Findings {
    pub(super) fn add(&mut self, rule: &'static Rule, at: Mark, message: String) {
        self.add_as(rule.severity, rule, at, message);
    }

    /// Adds a finding whose severity is at most `severity`.
    pub(super) fn add_as(
        &mut self,
        severity: Severity,
        rule: &'static Rule,
        at: Mark,
        message: String,
    ) {
        let severity = severity.min(rule.severity);
        self.found.push(Finding {
            at,
            rule,
            message,
            severity,
        });
    }

    /// A suggestion for `typed` as the end of a message, or `otherwise` if no name is similar.
    pub(super) fn hint<'a>(
        &mut self,
        typed: &str,
        names: impl IntoIterator<Item = &'a str>,
        otherwise: &str,
    ) -> String {
        self.hints += 1;
        let near = if self.hints > MOST_HINTS {
            Vec::new()
        } else {
            let left = MOST_COMPARED - self.compared;
            let compared = &mut self.compared;
            nearest(
                typed,
                names.into_iter().take(left).inspect(|_| *compared += 1),
            )
        };
        if near.is_empty() {
            return otherwise.to_owned();
        }
        let near: Vec<String> = near.iter().map(|name| format!("`{name}`")).collect();
        format!("did you mean {}?", near.join(" or "))
    }

    /// The findings in the order of the text. The number for each rule is limited; the most severe are kept.
    /// A finding that aliases repeat is listed once.
    pub(super) fn into_problems(mut self, name: &Arc<str>, text: &str) -> Vec<Problem> {
        self.found.sort();
        self.found.dedup();
        self.found.sort_by_key(|finding| Reverse(finding.severity));
        let mut cap = Cap::default();
        self.found
            .retain(|finding| cap.admits(finding.rule.id, finding.severity));
        self.found.sort();
        let problem = |finding: Finding| {
            let place = Place::at(name, text, finding.at);
            Problem::new(finding.rule, place, finding.message).at_most(finding.severity)
        };
        let mut problems: Vec<_> = self.found.into_iter().map(problem).collect();
        problems.extend(cap.omitted(name));
        problems
    }
}
