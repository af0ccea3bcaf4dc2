//! How many problems of one rule are told, and what says how many more there are.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::problem::{Place, Problem};
use super::rules::{Severity, TOO_MANY_PROBLEMS};

/// More problems of one kind in one document than anyone reads would only take time and memory.
pub(super) const MOST: usize = 100;

/// Counts the problems of one document by their rules.
#[derive(Debug, Default)]
pub(super) struct Cap(BTreeMap<&'static str, Count>);

#[derive(Debug, Default)]
struct Count {
    told: usize,
    more: usize,
    worst: Option<Severity>,
}

impl Cap {
    /// Whether one more problem of the rule is told. If not, it is counted.
    pub(super) fn admits(&mut self, rule: &'static str, severity: Severity) -> bool {
        let count = self.0.entry(rule).or_default();
        if count.told < MOST {
            count.told += 1;
            return true;
        }
        count.more += 1;
        count.worst = count.worst.max(Some(severity));
        false
    }

    /// For each rule of which not all problems are told, how many more there are, as bad as the worst of them.
    pub(super) fn rest(self, document: &Arc<str>) -> impl Iterator<Item = Problem> {
        let whole = Place::whole(document);
        self.0.into_iter().filter_map(move |(rule, count)| {
            let severity = count.worst?;
            let more = count.more;
            let message = format!("{more} more problems of the rule {rule} are not listed");
            let problem = Problem::new(&TOO_MANY_PROBLEMS, whole.clone(), message);
            Some(Problem {
                severity,
                ..problem
            })
        })
    }
}
