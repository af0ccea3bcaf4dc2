//! `configuration show`: the resolved settings, by the names of `openstack configuration show`, and their sources.

use std::collections::BTreeMap;

use heatclient::config::{Setting, Source};
use serde_json::{Map, Value};

use crate::cloud::Cloud;
use crate::commands::spelling::LocalCommand;
use crate::exit::Failure;
use crate::options::{GlobalArgs, RecordFormat};
use crate::render::{Answer, Layout, OutputOptions, Record};

/// Replaces secrets, as in `openstack`.
const MASK: &str = "<redacted>";

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Mask passwords and other secrets (default)
    #[arg(long, conflicts_with = "unmask")]
    mask: bool,

    /// Show passwords and other secrets
    #[arg(long)]
    unmask: bool,

    #[command(flatten)]
    format: RecordFormat,
}

impl LocalCommand for Args {
    fn format(&self) -> Option<OutputOptions> {
        Some(self.format.options())
    }

    fn run(self, global: &GlobalArgs) -> Result<Answer, Failure> {
        let cloud = Cloud::new(global)?;
        // As in `openstack`, the name of a cloud that nobody named is not shown.
        let is_shown = |setting: &&Setting| {
            setting.name() != "cloud" || !matches!(setting.source(), Source::File { .. })
        };
        let settings = cloud.settings().iter().filter(is_shown);
        Ok(Answer::Record(record(
            settings.chain(cloud.overridden()),
            self.unmask,
        )))
    }
}

/// The settings by name, then the source of each.
fn record<'a>(settings: impl Iterator<Item = &'a Setting>, unmask: bool) -> Record {
    // These are always shown.
    let mut values: BTreeMap<&str, (Value, String)> = ["api_timeout", "cacert", "cert", "key"]
        .map(|name| (name, Value::Null))
        .into_iter()
        .chain([("region_name", Value::from(""))])
        .map(|(name, value)| (name, (value, source(&Source::Default))))
        .collect();
    values.extend(settings.map(|setting| {
        let shown = match setting.is_secret() && !unmask {
            true => Value::from(MASK),
            false => setting.to_json(),
        };
        (setting.openstack_name(), (shown, source(setting.source())))
    }));
    let mut record = Record::default();
    let mut sources = Map::new();
    for (name, (value, source)) in values {
        sources.insert(name.to_owned(), source.into());
        record.push(name, value, Layout::Plain);
    }
    record.push("sources", sources, Layout::Yaml);
    record
}

fn source(source: &Source) -> String {
    match source {
        Source::Explicit => "command line".to_owned(),
        other => other.to_string(),
    }
}
