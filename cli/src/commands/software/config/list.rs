//! `software config list` (old spelling: `config-list`).

use heatclient::heat::SoftwareConfig;

use crate::commands::context::Context;
use crate::commands::spelling::{Command, OldSpelling};
use crate::exit::Failure;
use crate::options::ListFormat;
use crate::options::number::whole;
use crate::render::{Answer, List, OutputOptions};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Maximum number of configs
    #[arg(long, value_name = "NUMBER", value_parser = whole::<usize>, allow_negative_numbers = true)]
    limit: Option<usize>,
    /// Only configs after the one with this ID
    #[arg(long, value_name = "ID")]
    marker: Option<String>,
    #[command(flatten)]
    format: ListFormat,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OldArgs {
    /// Maximum number of configs
    #[arg(short, long, value_name = "NUMBER", value_parser = whole::<usize>, allow_negative_numbers = true)]
    limit: Option<usize>,
    /// Only configs after the one with this ID
    #[arg(short, long, value_name = "ID")]
    marker: Option<String>,
}

impl OldSpelling for OldArgs {
    type Command = Args;
}

impl From<OldArgs> for Args {
    fn from(old: OldArgs) -> Self {
        Self {
            limit: old.limit,
            marker: old.marker,
            format: ListFormat::default(),
        }
    }
}

impl Command for Args {
    fn format(&self) -> Option<OutputOptions> {
        Some(self.format.options())
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let mut list = context.heat.software_configs().list();
        // 0 and an empty text count as not given, as in the Python tools.
        if let Some(limit) = self.limit.filter(|limit| *limit > 0) {
            list = list.limit(limit);
        }
        if let Some(marker) = self.marker.filter(|id| !id.is_empty()) {
            list = list.marker(marker);
        }
        let configs = list.await?;
        let rows = configs.iter().map(SoftwareConfig::raw).collect();
        let columns = ["id", "name", "group", "creation_time"];
        Ok(Answer::List(List::new(&columns, rows)))
    }
}
