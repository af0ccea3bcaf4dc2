//! `software config delete` (old spelling: `config-delete`).

use crate::commands::context::{Context, concerns_one, not_found};
use crate::commands::spelling::{Command, OldSpelling};
use crate::exit::Failure;
use crate::render::{Answer, OutputOptions};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Software config IDs
    #[arg(value_name = "CONFIG", required = true)]
    ids: Vec<String>,
    /// What the error calls the configs.
    #[arg(skip = "software configs")]
    called: &'static str,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OldArgs {
    /// Software config IDs
    #[arg(value_name = "CONFIG", required = true)]
    ids: Vec<String>,
}

impl OldSpelling for OldArgs {
    type Command = Args;
}

impl From<OldArgs> for Args {
    fn from(old: OldArgs) -> Self {
        Self {
            ids: old.ids,
            called: "configs",
        }
    }
}

impl Command for Args {
    fn format(&self) -> Option<OutputOptions> {
        None
    }

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
            return Err(Failure::Message(format!(
                "Unable to delete {failed} of the {} {}.",
                self.ids.len(),
                self.called
            )));
        }
        Ok(Answer::Nothing)
    }
}
