//! Limits how many problems of one rule are listed, and counts the others.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::problem::{Place, Problem};
use super::rules::{Severity, TOO_MANY_PROBLEMS};

/// How many problems of one rule are listed for one document.
pub(super) const MOST: usize = 100;

/// Counts the problems of one document by their rules.
#[derive(Debug, Default)]
pub(super) struct Cap(BTreeMap<&'static str, Count>);

#[derive(Debug, Default)]
struct Count {
    listed: usize,
    omitted: usize,
    worst: Option<Severity>,
}

impl Cap {
    /// Whether one more problem of the rule is listed. If not, it is counted as omitted.
    pub(super) fn admits(&mut self, rule: &'static str, severity: Severity) -> bool {
        let count = self.0.entry(rule).or_default();
        if count.listed < MOST {
            count.listed += 1;
            return true;
        }
        count.omitted += 1;
        count.worst = count.worst.max(Some(severity));
        false
    }

    /// One problem for each rule with omitted problems. It is as severe as the worst of them.
    pub(super) fn omitted(self, document: &Arc<str>) -> impl Iterator<Item = Problem> {
        let whole = Place::whole(document);
        self.0.into_iter().filter_map(move |(rule, count)| {
            let severity = count.worst?;
            let more = count.omitted;
            let message = format!("{more} more problems of the rule {rule} are not listed");
            let problem = Problem::new(&TOO_MANY_PROBLEMS, whole.clone(), message);
            Some(Problem {
                severity,
                ..problem
            })
        })
    }
}
