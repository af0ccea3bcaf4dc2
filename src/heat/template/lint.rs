//! Checks of templates and environments that need no cloud.
//!
//! What they call an error Heat refuses, too, or it fails when the stack is made; warnings are about
//! what Heat takes without a word although it hardly means what was meant. Types of resources and
//! their properties are not known here: they differ from cloud to cloud.
//! [`Packer::lint`](super::Packer::lint) has them made for a template, its environments and all that they
//! refer to; [`RULES`](super::RULES) says what is looked for.

mod arguments;
mod constraints;
mod defaults;
mod environment;
mod findings;
mod functions;
mod graph;
mod language;
mod parameters;
mod references;
mod resources;
mod scalars;
mod shape;
mod template;
mod walk;

use std::sync::Arc;

use crate::heat::template::Problem;
use crate::heat::template::rules::DUPLICATE_KEY;
use crate::yaml::Document;

use findings::Findings;

/// A document that has been read.
#[derive(Debug, Clone, Copy)]
pub(super) struct LintDocument<'a> {
    /// How problems call it.
    pub(super) name: &'a Arc<str>,
    pub(super) text: &'a str,
    pub(super) document: &'a Document,
    pub(super) is_environment: bool,
}

/// Everything that is wrong with one document, in the order of its text.
pub(super) fn check(document: &LintDocument<'_>) -> Vec<Problem> {
    let mut findings = Findings::default();
    let root = &document.document.root;
    if document.is_environment {
        environment::check(root, document.text, &mut findings);
    } else {
        template::check(root, document.text, &mut findings);
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
