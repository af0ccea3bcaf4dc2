//! Software configs and deployments.

pub(crate) mod config;
pub(crate) mod deployment;

use super::context::{Context, concerns_one};
use crate::exit::Failure;
use crate::render::Answer;

/// Deletes each object. Prints an error for each that cannot be deleted, and goes on with the others. `called`: what the
/// objects are called in the last error; `missing`: the error of one that does not exist.
async fn delete_each(
    context: &Context,
    ids: &[String],
    called: &str,
    missing: impl Fn(&str) -> String,
    delete: impl AsyncFn(&str) -> heatclient::Result<()>,
) -> Result<Answer, Failure> {
    let mut failed = 0;
    for id in ids {
        match delete(id).await {
            Ok(()) => {}
            Err(error) if concerns_one(&error) => {
                failed += 1;
                context.report(&context.change_failed(&missing(id), error));
            }
            Err(error) => return Err(context.changes.failed(error)),
        }
    }
    match failed {
        0 => Ok(Answer::Nothing),
        _ => Err(Failure::Message(format!(
            "Unable to delete {failed} of the {} {called}.",
            ids.len()
        ))),
    }
}
