//! `software config delete` (old spelling: `config-delete`).

use crate::commands::context::{Context, concerns_one, not_found};
use crate::commands::spelling::Command;
use crate::exit::Failure;
use crate::render::Answer;

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Software config IDs
    #[arg(value_name = "CONFIG", required = true)]
    ids: Vec<String>,
}

impl Command for Args {
    /// Prints an error for each config that cannot be deleted, and goes on with the others.
    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        context.changes.expect_other(
            "software configs may have been deleted",
            "software config list",
        );
        let mut failed = 0;
        for id in &self.ids {
            match context.heat.software_configs().delete(id).await {
                Ok(()) => {}
                Err(error) if concerns_one(&error) => {
                    failed += 1;
                    let missing = format!("Software config with ID {id} not found");
                    not_found(&missing, error).print(false);
                }
                Err(error) => return Err(error.into()),
            }
        }
        if failed > 0 {
            let called = match context.is_old() {
                true => "configs",
                false => "software configs",
            };
            return Err(Failure::Message(format!(
                "Unable to delete {failed} of the {} {called}.",
                self.ids.len()
            )));
        }
        Ok(Answer::Nothing)
    }
}
