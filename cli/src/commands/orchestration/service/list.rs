//! `orchestration service list` (old spelling: `service-list`).

use heatclient::heat::Service;

use crate::commands::context::Context;
use crate::commands::spelling::{Command, OldSpelling};
use crate::exit::Failure;
use crate::options::ListFormat;
use crate::render::{Answer, List, OutputOptions};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    format: ListFormat,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OldArgs {}

impl OldSpelling for OldArgs {
    type Command = Args;
}

impl From<OldArgs> for Args {
    fn from(_: OldArgs) -> Self {
        Self {
            format: ListFormat::default(),
        }
    }
}

impl Command for Args {
    fn format(&self) -> Option<OutputOptions> {
        Some(self.format.options())
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let services = context.heat.services().await?;
        Ok(Answer::List(List {
            layouts: Vec::new(),
            columns: vec![
                "Hostname",
                "Binary",
                "Engine ID",
                "Host",
                "Topic",
                "Updated At",
                "Status",
            ],
            old_columns: vec![
                "hostname",
                "binary",
                "engine_id",
                "host",
                "topic",
                "updated_at",
                "status",
            ],
            old_order: Some("binary"),
            rows: services.iter().map(Service::raw).collect(),
        }))
    }
}
