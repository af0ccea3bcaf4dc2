//! `endpoint explain`: which endpoint of a service is used, and why others are not.

use crate::commands::context::Context;
use crate::commands::spelling::Command;
use crate::exit::Failure;
use crate::render::Answer;

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Type of the service; types other than orchestration and identity use the region and interface of orchestration
    #[arg(long, value_name = "TYPE", default_value = "orchestration")]
    service_type: String,

    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "text",
          value_parser = ["json", "text", "yaml"])]
    format: String,
}

impl Command for Args {
    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let explanation = context.service(&self.service_type).explain().await?;
        if self.format == "text" {
            return Ok(Answer::Text(explanation.to_string().trim_end().to_owned()));
        }
        let data = serde_json::to_value(&explanation)
            .map_err(|error| Failure::Message(format!("cannot write the explanation: {error}")))?;
        Ok(match self.format.as_str() {
            "yaml" => Answer::Text(heatclient::yaml::dump(&data).trim_end().to_owned()),
            _ => Answer::Json(data),
        })
    }
}
