//! Reads, checks and packs templates and environments for requests.
//!
//! A [`Packer`] reads a template and environments from files, servers or texts and follows their references.
//! It returns a [`Package`], or an error with all [`Problem`]s. It needs no cloud. A [`Policy`] says what may
//! be read.

// Dependencies between the files
//
// Dependencies point one way, from the top of this list to its bottom. A file uses files below it, never
// one above it; files on one line do not use each other. The main uses are named.
//
// - `pack`: collects what the caller asks for, and runs all steps. It uses `walk` and `package`.
// - `walk`: reads documents and everything they refer to. It uses `source`, `read`, `document` and `documents`.
// - `documents`: all documents of a package, and the problems between them. It uses `document`, `graph` and `lint`.
// - `document`: parses one document. It uses `references` for templates and `environment` for environments.
// - `references`, `environment`: find references in a tree and replace them by absolute URLs. They use `draft`.
// - `draft`: one document while it is parsed, with its references and problems. It uses `policy`.
// - `source`: where a template or an environment comes from. It uses `read`.
// - `read`: reads files and URLs through a session. It uses `policy`.
// - `policy`: what may be read. It uses `location`.
// - `location`: the locations of documents and of the targets of references. It uses `urls`.
// - `package`: the result, as a request needs it. It uses `merge`.
// - `merge`: merges several environments into one. It uses `strategies`.
// - `lint`: checks that packing does not need. It uses `cap`, `strategies` and `role`, nothing that reads or packs.
// - `graph`: finds cycles in the references, and how deep they nest.
// - `cap`: limits how many problems of one rule are listed. It uses `problem`.
// - `problem`: one problem with its place, and all of them as an error. It uses `rules`.
// - `rules` (all rules and severities), `role` (kinds of documents and their keys), `strategies` (merge
//   strategies of parameters), `hook`, `urls`, `shown` (text that is safe to show): they use no other file.

mod cap;
mod document;
mod documents;
mod draft;
mod environment;
mod graph;
mod hook;
mod lint;
mod location;
mod merge;
mod pack;
mod package;
mod policy;
mod problem;
mod read;
mod references;
mod role;
mod rules;
mod shown;
mod source;
mod strategies;
mod urls;
mod walk;

pub use document::content;
pub use hook::Hook;
pub use pack::Packer;
pub(crate) use package::Json;
pub use package::{MissingParameter, Package};
pub use policy::Policy;
pub use problem::{Place, Problem, Snippet};
pub use rules::{RULES, Rule, Severity};
pub use source::Source;
