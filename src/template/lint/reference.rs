//! A reference by name: its target, its scope, and the stage that Heat reaches there.

use crate::template::rules::Severity;
use crate::yaml::Mark;

/// The target of a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Parameter,
    Resource,
    /// A resource that may be absent because of its condition.
    Dependency,
    /// `Ref`: a parameter or a resource.
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
    /// The part of the template that contains it.
    pub(super) scope: Scope<'a>,
    /// Whether Heat evaluates it; `None` if that is not known.
    pub(super) is_evaluated: Option<bool>,
    /// The severity if the target does not exist.
    pub(super) severity: Severity,
}

/// A part of the template, with its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope<'a> {
    /// What creates a resource. The resource depends on what this refers to.
    Resource(&'a str),
    /// The other attributes of a resource.
    Policy,
    Output,
    Condition(&'a str),
}

/// The stage that Heat reaches with a part of the template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// Skipped because of a condition.
    Skipped,
    /// Functions are parsed, which checks the form of their arguments.
    Parsed,
    /// Some functions also check the values of their arguments.
    Validated,
    /// All functions return their results.
    Resolved,
}
