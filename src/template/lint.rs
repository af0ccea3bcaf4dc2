//! Checks of templates and environments that need no cloud.
//!
//! An error is what Heat rejects, or what fails when the stack is created. A warning is what Heat accepts,
//! although it is probably not intended. Resource types and their properties are not checked, because they
//! differ from cloud to cloud. Conditions are evaluated with the parameter values, as far as these are known.
//! What Heat skips because of a condition gets at most a warning.
//!
//! [`Packer::lint`](super::Packer::lint) checks a template, its environments and all documents that they
//! refer to. [`RULES`](super::RULES) lists the rules.
//!
//! Dependencies point one way. `template` and `environment` check whole documents; they use a file for each kind of
//! section: `parameters`, `resources`, `references`, `scalars`. `resources` uses `walk`, which follows functions, and
//! `parameters` uses `constraints`. Below are `arguments`, `conditions`, `defaults` and `declared`, then `shape`, then
//! `language` with `functions` and `versions`. `findings`, `reference`, `values` and `graph` use none of the others.

mod arguments;
mod conditions;
mod constraints;
mod declared;
mod defaults;
mod environment;
mod findings;
mod functions;
mod graph;
mod language;
mod parameters;
mod reference;
mod references;
mod resources;
mod scalars;
mod shape;
mod template;
mod values;
mod versions;
mod walk;

use std::sync::Arc;

use crate::template::problem::Problem;
use crate::template::role::Role;
use crate::template::rules::DUPLICATE_KEY;
use crate::yaml::Document;

use findings::Findings;
pub(super) use values::Stack;
use values::Values;

/// A document that has been read.
#[derive(Debug, Clone, Copy)]
pub(super) struct LintDocument<'a> {
    /// Its name in problems.
    pub(super) name: &'a Arc<str>,
    pub(super) text: &'a str,
    pub(super) document: &'a Document,
    pub(super) role: Role,
}

/// All problems of one document of a stack, in the order of its text.
pub(super) fn check(document: &LintDocument<'_>, stack: &Stack<'_>) -> Vec<Problem> {
    let mut findings = Findings::default();
    let root = &document.document.root;
    match document.role {
        Role::Environment => environment::check(root, document.text, stack, &mut findings),
        Role::Template => template::check(root, document.text, &stack.values, &mut findings),
        Role::Nested | Role::File => {
            template::check(root, document.text, &Values::unknown(), &mut findings);
        }
    }
    for duplicate in &document.document.duplicates {
        let (key, first) = (&duplicate.key, duplicate.first);
        findings.add(
            &DUPLICATE_KEY,
            duplicate.second,
            format!(
                "duplicate key `{key}`; this replaces the value at line {}, column {}; remove one of them",
                first.line, first.column
            ),
        );
    }
    findings.into_problems(document.name, document.text)
}

#[cfg(test)]
mod tests;
