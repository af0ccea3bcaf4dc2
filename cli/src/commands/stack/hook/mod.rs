//! Hooks at which resources wait.

pub(crate) mod clear;
pub(crate) mod poll;

use heatclient::heat::StackRef;

use super::show::fetch;
use crate::commands::context::Context;
use crate::exit::Failure;

/// Checks that the stack exists and, unless `any_status`, that one of its actions is in progress: resources wait at hooks
/// only then.
async fn check(context: &Context, stack: &StackRef, any_status: bool) -> Result<(), Failure> {
    let status = fetch(context, stack, false).await?.status;
    if any_status || status.is_in_progress() {
        return Ok(());
    }
    Err(Failure::Message(format!(
        "Stack status {status} not IN_PROGRESS"
    )))
}
