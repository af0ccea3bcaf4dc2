//! Templates and environments without a cloud.

pub(super) mod lint;
pub(super) mod pack;
mod sarif;

use crate::exit::Failure;

/// The usage error if there is no input.
fn nothing_to_read() -> Failure {
    Failure::Usage("no template or environment given; see --help".to_owned())
}
