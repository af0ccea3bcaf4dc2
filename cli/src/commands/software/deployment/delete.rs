//! `software deployment delete` (old spelling: `deployment-delete`).

use crate::commands::context::{Context, concerns_one, not_found};
use crate::commands::spelling::Command;
use crate::exit::Failure;
use crate::remark::{one_line, say};
use crate::render::Answer;

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Software deployment IDs
    #[arg(value_name = "DEPLOYMENT", required = true)]
    ids: Vec<String>,
}

impl Command for Args {
    /// Deletes each deployment and its config. Prints an error for each deployment that cannot be deleted, and goes on
    /// with the others.
    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        context.changes.expect_other(
            "software deployments may have been deleted",
            "software deployment list",
        );
        let mut failed = 0;
        for id in &self.ids {
            match delete(context, id).await {
                Ok(config) => delete_config(context, id, config).await?,
                Err(error) if concerns_one(&error) => {
                    failed += 1;
                    let missing = format!("Deployment with ID {id} not found");
                    not_found(&missing, error).print(false);
                }
                Err(error) => return Err(error.into()),
            }
        }
        if failed > 0 {
            return Err(Failure::Message(format!(
                "Unable to delete {failed} of the {} deployments.",
                self.ids.len()
            )));
        }
        Ok(Answer::Nothing)
    }
}

/// Returns the ID of the deployment's config.
async fn delete(context: &Context, id: &str) -> Result<Option<String>, heatclient::Error> {
    let deployments = context.heat.software_deployments();
    let deployment = deployments.get(id).await?;
    deployments.delete(id).await?;
    Ok(deployment.config_id)
}

/// Deletes the config of a deployment that is deleted. Another deployment may still use it.
async fn delete_config(
    context: &Context,
    deployment: &str,
    config: Option<String>,
) -> Result<(), Failure> {
    let Some(config) = config else {
        return Ok(());
    };
    match context.heat.software_configs().delete(&config).await {
        Ok(()) => Ok(()),
        Err(error) if concerns_one(&error) => {
            say(&one_line(&format!(
                "WARNING: Failed to delete the correlative config {config} of deployment {deployment}: {error}"
            )));
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}
