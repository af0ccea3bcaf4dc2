//! `software deployment list` (old spelling: `deployment-list`).

use heatclient::heat::SoftwareDeployment;

use crate::commands::context::Context;
use crate::commands::spelling::{Command, OldSpelling};
use crate::exit::Failure;
use crate::options::ListFormat;
use crate::render::{Answer, List, OutputOptions};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Only deployments to the server with this ID
    #[arg(long, value_name = "ID")]
    server: Option<String>,
    /// Show more columns
    #[arg(long)]
    long: bool,
    #[command(flatten)]
    format: ListFormat,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OldArgs {
    /// Only deployments to the server with this ID
    #[arg(short, long, value_name = "ID")]
    server: Option<String>,
}

impl OldSpelling for OldArgs {
    type Command = Args;
}

impl From<OldArgs> for Args {
    fn from(old: OldArgs) -> Self {
        Self {
            server: old.server,
            long: true,
            format: ListFormat::default(),
        }
    }
}

impl Command for Args {
    fn format(&self) -> Option<OutputOptions> {
        Some(self.format.options())
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let mut list = context.heat.software_deployments().list();
        // An empty text counts as not given, as in the Python tools.
        if let Some(server) = self.server.filter(|id| !id.is_empty()) {
            list = list.server(server);
        }
        let deployments = list.await?;
        let mut columns = vec!["id", "config_id", "server_id", "action", "status"];
        if self.long {
            columns.extend(["creation_time", "status_reason"]);
        }
        let rows = deployments.iter().map(SoftwareDeployment::raw).collect();
        Ok(Answer::List(
            List::new(&columns, rows).old_order("creation_time"),
        ))
    }
}
