//! `software deployment metadata show` (old spelling: `deployment-metadata-show`).

use heatclient::heat::DeploymentMetadata;

use crate::commands::context::Context;
use crate::commands::spelling::Command;
use crate::exit::Failure;
use crate::render::{Answer, ascii_json};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Server ID
    #[arg(value_name = "SERVER")]
    server: String,
}

impl Command for Args {
    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let metadata = context.heat.software_deployments().metadata(self.server);
        let metadata = metadata.await?;
        let configs = metadata.iter().map(DeploymentMetadata::raw);
        Ok(Answer::Text(ascii_json(&configs.collect())))
    }
}
