//! What was found in one document.

use std::cmp::Reverse;
use std::sync::Arc;

use crate::heat::template::rules::{Rule, TOO_MANY_PROBLEMS};
use crate::heat::template::{Place, Problem, Severity};
use crate::suggest::nearest;
use crate::yaml::Mark;

/// Looking for what was meant compares with every name there is, so there is an end to it.
const MOST_HINTS: usize = 100;
/// More problems than anyone reads would only take time and memory.
const MOST: usize = 1000;

/// What was found in one document so far.
#[derive(Debug, Default)]
pub(super) struct Findings {
    found: Vec<Finding>,
    hints: usize,
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

    /// Adds what is no more severe than `severity`, whatever the rule says.
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

    /// What was probably meant by `typed`, as the end of a message; else `otherwise`.
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
            nearest(typed, names)
        };
        if near.is_empty() {
            return otherwise.to_owned();
        }
        let near: Vec<String> = near.iter().map(|name| format!("`{name}`")).collect();
        format!("did you mean {}?", near.join(" or "))
    }

    /// All of it in the order of the text. Aliases repeat nodes, but not what is wrong with them.
    pub(super) fn into_problems(mut self, name: &Arc<str>, text: &str) -> Vec<Problem> {
        self.found.sort();
        self.found.dedup();
        let more = self.found.len().saturating_sub(MOST);
        if more > 0 {
            self.found.sort_by_key(|finding| Reverse(finding.severity));
            self.found.truncate(MOST);
            self.found.sort();
        }
        let problem = |finding: Finding| {
            let place = Place::at(name, text, finding.at);
            Problem::new(finding.rule, place, finding.message).at_most(finding.severity)
        };
        let mut problems: Vec<_> = self.found.into_iter().map(problem).collect();
        if more > 0 {
            let message = format!("{more} more problems, none of them worse, are not told");
            problems.push(Problem::new(
                &TOO_MANY_PROBLEMS,
                Place::whole(name),
                message,
            ));
        }
        problems
    }
}
