//! `stack resource signal` (old spelling: `resource-signal`).

use std::path::{Path, PathBuf};

use heatclient::Session;
use heatclient::template::Policy;
use serde_json::{Map, Value};

use super::{Selected, not_found_text};
use crate::commands::context::Context;
use crate::commands::spelling::{Command, OldSpelling};
use crate::documents::Stdin;
use crate::exit::Failure;
use crate::options::number::path_or_none;
use crate::render::Answer;

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    selected: Selected,
    /// Data of the signal: a JSON object
    #[arg(long, value_name = "JSON")]
    data: Option<String>,
    /// Read the data from a file, a URL, or stdin with -
    #[arg(long, value_name = "FILE", conflicts_with = "data", value_parser = path_or_none())]
    data_file: Option<PathBuf>,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OldArgs {
    #[command(flatten)]
    selected: Selected,
    /// Data of the signal: a JSON object
    #[arg(short = 'D', long, value_name = "JSON")]
    data: Option<String>,
    /// Read the data from a file, a URL, or stdin with -
    #[arg(short = 'f', long, value_name = "FILE", conflicts_with = "data", value_parser = path_or_none())]
    data_file: Option<PathBuf>,
}

impl OldSpelling for OldArgs {
    type Command = Args;
}

impl From<OldArgs> for Args {
    fn from(old: OldArgs) -> Self {
        Self {
            selected: old.selected,
            data: old.data,
            data_file: old.data_file,
        }
    }
}

impl Command for Args {
    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let session = context.heat.adapter().session();
        let text = match self
            .data_file
            .as_deref()
            .filter(|path| !path.as_os_str().is_empty())
        {
            Some(path) => Some(read(path, session).await?),
            None => self.data.clone(),
        };
        let data = match text.filter(|text| !text.is_empty()) {
            Some(text) => Some(object(&text)?),
            None => None,
        };
        let Selected { stack, resource } = &self.selected;
        let mut signal = context.heat.resources().signal(stack, resource);
        if let Some(data) = data {
            signal = signal.data(data);
        }
        context.changes.expect_other(
            format!("the signal to resource {resource} of stack {stack} may have been sent"),
            ["stack event list", "event-list"],
            &[stack, "--resource", resource],
        );
        let missing = not_found_text(&self.selected, context.is_old());
        let signalled = signal.await;
        signalled.map_err(|error| context.change_failed(&missing, error))?;
        Ok(Answer::Nothing)
    }
}

async fn read(path: &Path, session: &Session) -> Result<String, Failure> {
    let source = Stdin::default().source(path, "the data").await?;
    let bytes = source.read_through(&Policy::default(), session).await?;
    String::from_utf8(bytes)
        .map_err(|_| Failure::Message(format!("data file {} is not UTF-8", path.display())))
}

/// The text as a JSON object. Errors do not quote it: it may contain secrets.
fn object(text: &str) -> Result<Map<String, Value>, Failure> {
    match serde_json::from_str(text.trim_start_matches('\u{feff}')) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Failure::Message("Data should be a JSON dict".to_owned())),
        Err(error) => Err(Failure::Message(format!(
            "Data should be in JSON format: {error}"
        ))),
    }
}
