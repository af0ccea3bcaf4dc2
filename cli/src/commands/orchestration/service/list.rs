//! `orchestration service list` (old spelling: `service-list`).

use heatclient::heat::Service;

use crate::commands::context::Context;
use crate::commands::spelling::Command;
use crate::exit::Failure;
use crate::options::{ListFormat, OutputFormat};
use crate::render::{Answer, List, OutputOptions};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args<F: OutputFormat = ListFormat> {
    #[command(flatten)]
    format: F,
}

impl<F: OutputFormat> Command for Args<F> {
    fn format(&self) -> Option<OutputOptions> {
        self.format.output()
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
