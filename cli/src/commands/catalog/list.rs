//! `catalog list`.

use crate::commands::context::Context;
use crate::commands::spelling::Command;
use crate::exit::Failure;
use crate::options::ListFormat;
use crate::render::{Answer, Layout, List, OutputOptions};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    format: ListFormat,
}

impl Command for Args {
    fn format(&self) -> Option<OutputOptions> {
        Some(self.format.options())
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let access = context.access().await?;
        let services = super::services(access.catalog());
        let list = List::new(&["Name", "Type", "Endpoints"], services);
        Ok(Answer::List(list.layout("Endpoints", Layout::Endpoints)))
    }
}
