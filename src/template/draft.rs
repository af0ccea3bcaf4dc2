//! A document that is being read: what it refers to, and what is wrong with it.

use std::sync::Arc;

use super::cap::Cap;
use super::location::{Base, Location};
use super::policy::Policy;
use super::problem::{Place, Problem};
use super::role::{Need, Role};
use super::rules::{DUPLICATE_KEY, INVALID_REFERENCE, Rule};
use super::shown::without_secrets;
use crate::yaml::{Duplicate, Mark};

/// A document that is being read.
pub(super) struct Draft<'a> {
    /// How messages name it.
    pub(super) name: &'a Arc<str>,
    pub(super) location: &'a Location,
    pub(super) policy: &'a Policy,
    pub(super) text: &'a str,
    pub(super) problems: Vec<Problem>,
    pub(super) cap: Cap,
    pub(super) references: Vec<Reference>,
}

impl Draft<'_> {
    /// What its references are relative to.
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
            "the key {key:?} stands here again; what it has in line {}, column {} is lost",
            first.line, first.column
        );
        self.add(&DUPLICATE_KEY, *second, message);
    }

    /// Notes a reference. Gives the URL that is to stand in its place, if it leads anywhere.
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
    /// The URL by which Heat is told of the other document. Heat takes only what ends in `.yaml` or
    /// `.template` for a resource's type, so that other types get a fragment that does.
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
