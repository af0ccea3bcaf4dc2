//! `software deployment delete` (old spelling: `deployment-delete`).

use crate::commands::context::{Context, concerns_one};
use crate::commands::software::delete_each;
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
            ["software deployment list", "deployment-list"],
            &[],
        );
        let missing = |id: &str| format!("Deployment with ID {id} not found");
        let delete = async |id: &str| delete(context, id).await;
        delete_each(context, &self.ids, "deployments", missing, delete).await
    }
}

async fn delete(context: &Context, id: &str) -> heatclient::Result<()> {
    let deployments = context.heat.software_deployments();
    let deployment = deployments.get(id).await?;
    deployments.delete(id).await?;
    match deployment.config_id {
        Some(config) => delete_config(context, id, &config).await,
        None => Ok(()),
    }
}

/// Deletes the config of a deployment that is deleted. Another deployment may still use it.
async fn delete_config(
    context: &Context,
    deployment: &str,
    config: &str,
) -> heatclient::Result<()> {
    match context.heat.software_configs().delete(config).await {
        Err(error) if concerns_one(&error) => {
            say(&one_line(&format!(
                "WARNING: Failed to delete the correlative config {config} of deployment {deployment}: {error}"
            )));
            Ok(())
        }
        deleted => deleted,
    }
}
