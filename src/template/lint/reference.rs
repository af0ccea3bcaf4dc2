//! A reference by name: to what, from where, and how far Heat goes there.

use crate::template::rules::Severity;
use crate::yaml::Mark;

/// What is referred to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Parameter,
    Resource,
    /// A resource that may be absent under its condition.
    Dependency,
    /// `Ref` means whichever there is.
    Either,
    Condition,
    Mapping,
}

/// One reference by name.
#[derive(Clone, Debug)]
pub(super) struct Reference<'a> {
    pub(super) target: Target,
    pub(super) name: &'a str,
    pub(super) at: Mark,
    /// The part of the template that it stands in.
    pub(super) scope: Scope<'a>,
    /// Whether Heat looks at it, `None` if that depends on what is not known.
    pub(super) is_taken: Option<bool>,
    /// How bad it is if there is nothing of that name.
    pub(super) severity: Severity,
}

/// A part of the template, and its name there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope<'a> {
    /// What a resource is made from: it depends on what it refers to.
    Resource(&'a str),
    /// What else a resource has.
    Policy,
    Output,
    Condition(&'a str),
}

/// How far Heat goes with what stands somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// It is skipped: a condition says so.
    Skipped,
    /// Functions are made of it, which look at the form of their arguments.
    Parsed,
    /// Some functions look at their arguments' values, too.
    Validated,
    /// All functions are made to give their results.
    Resolved,
}
