//! Templates and environments: read, checked and packed as requests need them.
//!
//! A [`Packer`] reads a template and environments from files, servers or texts, follows their references,
//! and makes a [`Package`] of all of them, or tells all [`Problem`]s that there are. No cloud is needed
//! for that. A [`Policy`] says what may be read.
//!
//! How a package comes to be, from the outside in: [`Source`] is what is asked for, `location` where that
//! is and where references lead, `read` fetches, `document` makes something of what came, with `references`
//! for templates and `environment` for environments, `walk` goes on to all that is referred to, and `merge`
//! makes one environment of several. `lint` looks for more than keeps a package from being made; `rules` names
//! all that can be wrong.

mod cap;
mod document;
mod environment;
mod graph;
mod lint;
mod location;
mod merge;
mod pack;
mod package;
mod policy;
mod problem;
mod read;
mod references;
mod rules;
mod shown;
mod source;
mod walk;

pub use document::content;
pub use pack::{Hook, Packer};
pub(crate) use package::Json;
pub use package::{MissingParameter, Package};
pub use policy::Policy;
pub use problem::{Place, Problem, Severity, Snippet};
pub use rules::{RULES, Rule};
pub use source::Source;
