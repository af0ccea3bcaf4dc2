//! `software config delete` (old spelling: `config-delete`).

use crate::commands::context::Context;
use crate::commands::software::delete_each;
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
            ["software config list", "config-list"],
            &[],
        );
        let called = match context.is_old() {
            true => "configs",
            false => "software configs",
        };
        let missing = |id: &str| format!("Software config with ID {id} not found");
        let configs = context.heat.software_configs();
        let delete = async |id: &str| configs.delete(id).await;
        delete_each(context, &self.ids, called, missing, delete).await
    }
}
