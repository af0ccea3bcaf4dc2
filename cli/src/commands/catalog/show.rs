//! `catalog show`.

use serde_json::Value;

use crate::commands::context::Context;
use crate::commands::spelling::Command;
use crate::exit::Failure;
use crate::options::RecordFormat;
use crate::render::{Answer, Layout, OutputOptions, Record};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Type or name of the service
    service: String,

    #[command(flatten)]
    format: RecordFormat,
}

impl Command for Args {
    fn format(&self) -> Option<OutputOptions> {
        Some(self.format.options())
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let access = context.access().await?;
        let services = super::services(access.catalog());
        let wanted = Value::from(self.service.as_str());
        let is_wanted =
            |key: &str, value: &Value| matches!(key, "name" | "type") && *value == wanted;
        let service = services
            .iter()
            .find(|service| service.iter().any(|(key, value)| is_wanted(key, value)));
        let Some(service) = service else {
            let types = services
                .iter()
                .filter_map(|service| service.get("type")?.as_str());
            return Err(Failure::Message(format!(
                "service {} not found in the catalog ({})",
                self.service,
                match types.collect::<Vec<_>>().join(", ") {
                    none if none.is_empty() => "it is empty; log in with a project".to_owned(),
                    types => format!("it has {types}"),
                }
            )));
        };
        let mut fields: Vec<_> = service.iter().filter(|(key, _)| *key != "links").collect();
        fields.sort_by_key(|(key, _)| *key);
        let mut record = Record::default();
        for (key, value) in fields {
            let layout = match key.as_str() {
                "endpoints" => Layout::Endpoints,
                _ => Layout::Plain,
            };
            record.push(key.as_str(), value.clone(), layout);
        }
        Ok(Answer::Record(record))
    }
}
