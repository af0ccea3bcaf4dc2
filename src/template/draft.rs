//! A document that is being parsed: its references and its problems.

use std::sync::Arc;

use super::cap::Cap;
use super::location::{Base, Location};
use super::policy::Policy;
use super::problem::{Place, Problem};
use super::role::{Need, Role};
use super::rules::{DUPLICATE_KEY, INVALID_REFERENCE, Rule};
use super::shown::without_secrets;
use crate::yaml::{Duplicate, Mark};

/// A document that is being parsed.
pub(super) struct Draft<'a> {
    /// Its name in messages.
    pub(super) name: &'a Arc<str>,
    pub(super) location: &'a Location,
    pub(super) policy: &'a Policy,
    pub(super) text: &'a str,
    pub(super) problems: Vec<Problem>,
    pub(super) cap: Cap,
    pub(super) references: Vec<Reference>,
}

impl Draft<'_> {
    /// The base of its references.
    pub(super) fn base(&self) -> Base {
        Base::Document(self.location.clone())
    }

    pub(super) fn place(&self, at: Mark) -> Place {
        Place::at(self.name, self.text, at)
    }

    pub(super) fn add(&mut self, rule: &'static Rule, at: Mark, message: impl Into<String>) {
        if self.cap.admits(rule.id, rule.severity) {
            let place = self.place(at);
            self.problems.push(Problem::new(rule, place, message));
        }
    }

    pub(super) fn duplicate(&mut self, duplicate: &Duplicate) {
        let Duplicate { key, first, second } = duplicate;
        let message = format!(
            "duplicate key `{key}`; this replaces the value at line {}, column {}; remove one of them",
            first.line, first.column
        );
        self.add(&DUPLICATE_KEY, *second, message);
    }

    /// Records a reference. Returns the URL that replaces it, if the reference is allowed.
    pub(super) fn refer(
        &mut self,
        to: Result<Location, String>,
        reference: &str,
        at: Mark,
        role: Role,
        need: Need,
    ) -> Option<String> {
        let allowed = to.and_then(|to| self.policy.check(self.location, &to).map(|()| to));
        match allowed {
            Ok(to) => {
                let place = self.place(at);
                let reference = Reference {
                    role,
                    need,
                    to,
                    place,
                };
                let url = reference.url();
                self.references.push(reference);
                Some(url)
            }
            Err(why) => {
                let shown = without_secrets(reference);
                let message = format!("cannot refer to {shown:?}: {why}");
                self.add(&INVALID_REFERENCE, at, message);
                None
            }
        }
    }
}

/// A reference to another document.
#[derive(Debug)]
pub(super) struct Reference {
    pub(super) role: Role,
    pub(super) need: Need,
    pub(super) to: Location,
    pub(super) place: Place,
}

impl Reference {
    /// The URL of the target in the request. Heat accepts a file as a resource type only if its URL ends in
    /// `.yaml` or `.template`, so other URLs get a fragment with that ending.
    pub(super) fn url(&self) -> String {
        let url = self.to.url();
        let is_fit = url.ends_with(".yaml") || url.ends_with(".template");
        if self.role == Role::Nested && !is_fit {
            format!("{url}#.yaml")
        } else {
            url.to_owned()
        }
    }
}
