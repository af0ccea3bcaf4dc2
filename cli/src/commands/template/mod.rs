//! Templates and environments, without a cloud.

pub(super) mod lint;
pub(super) mod pack;
mod sarif;

use crate::exit::Failure;

/// Both commands need something to read.
fn nothing_to_read() -> Failure {
    Failure::Usage(
        "a template or an environment is needed; --help says how to name them".to_owned(),
    )
}
