//! Checks of templates and environments that need no cloud.
//!
//! What they call an error Heat refuses, too, or it fails when the stack is made; warnings are about
//! what Heat takes without a word although it hardly means what was meant. Types of resources and
//! their properties are not known here: they differ from cloud to cloud. Conditions are worked out with
//! the values that parameters have, as far as these are known: of what Heat leaves alone for them there
//! is at most a warning.
//! [`Packer::lint`](super::Packer::lint) has them made for a template, its environments and all that they
//! refer to; [`RULES`](super::RULES) says what is looked for.
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
    /// How problems call it.
    pub(super) name: &'a Arc<str>,
    pub(super) text: &'a str,
    pub(super) document: &'a Document,
    pub(super) role: Role,
}

/// Everything that is wrong with one document of a stack, in the order of its text.
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
                "the key `{key}` stands here again, and what it has on line {}, column {} does not \
                 count; remove one of them",
                first.line, first.column
            ),
        );
    }
    findings.into_problems(document.name, document.text)
}

#[cfg(test)]
mod tests;
