//! `software deployment create` (old spelling: `deployment-create`).

use std::time::Duration;

use heatclient::heat::{ConfigRef, SignalTransport, TempUrl};
use heatclient::session::AdapterBuilder;
use serde_json::{Map, Value};

use crate::commands::context::{Context, not_found};
use crate::commands::spelling::{Command, OldSpelling};
use crate::commands::wait::{Waiting, wait_for_deployment};
use crate::exit::Failure;
use crate::options::number::minutes;
use crate::options::{RecordFormat, key_value};
use crate::render::{Answer, Document, Language, OutputOptions};

#[derive(Clone, Debug, clap::Args)]
#[command(mut_arg("format", |arg| arg.default_value("yaml")))]
pub(crate) struct Args {
    /// Name of the derived config; the configs of a server are applied in the order of their names
    #[arg(value_name = "NAME")]
    name: String,
    /// ID of the server
    #[arg(long, value_name = "ID")]
    server: String,
    /// ID of the software config to deploy
    #[arg(long, value_name = "ID")]
    config: Option<String>,
    /// Input value (repeatable)
    #[arg(
        long = "input-value",
        value_name = "KEY=VALUE",
        allow_hyphen_values = true,
        value_parser = key_value
    )]
    inputs: Vec<(String, String)>,
    /// Action: CREATE, UPDATE, DELETE, SUSPEND, RESUME or another word
    #[arg(long, value_name = "ACTION", default_value = "UPDATE")]
    action: String,
    #[command(flatten)]
    signal: SignalArgs,
    #[command(flatten)]
    waiting: Waiting,
    #[command(flatten)]
    format: RecordFormat,
}

#[derive(Clone, Debug, clap::Args)]
#[command(mut_arg("signal_transport", |arg| arg.short('t')))]
pub(crate) struct OldArgs {
    /// Name of the derived config; the configs of a server are applied in the order of their names
    #[arg(value_name = "NAME")]
    name: String,
    /// ID of the server
    #[arg(short, long, value_name = "ID")]
    server: String,
    /// ID of the software config to deploy
    #[arg(short, long, value_name = "ID")]
    config: Option<String>,
    /// Input value (repeatable)
    #[arg(
        short,
        long = "input-value",
        value_name = "KEY=VALUE",
        allow_hyphen_values = true,
        value_parser = key_value
    )]
    inputs: Vec<(String, String)>,
    /// Action: CREATE, UPDATE, DELETE, SUSPEND, RESUME or another word
    #[arg(short, long, value_name = "ACTION", default_value = "UPDATE")]
    action: String,
    #[command(flatten)]
    signal: SignalArgs,
    #[command(flatten)]
    waiting: Waiting,
}

/// How the server reports its results.
#[derive(Clone, Debug, clap::Args)]
struct SignalArgs {
    /// How the server reports its results: TEMP_URL_SIGNAL (through an object in Swift) or NO_SIGNAL
    #[arg(long, value_name = "TRANSPORT", default_value = TEMP_URL)]
    signal_transport: String,
    /// Swift container for TEMP_URL_SIGNAL; by default a new one
    #[arg(long, value_name = "CONTAINER")]
    container: Option<String>,
    /// Validity of the URL for TEMP_URL_SIGNAL in minutes
    #[arg(long, value_name = "MINUTES", default_value = "60", value_parser = minutes, allow_negative_numbers = true)]
    timeout: u64,
}

const TEMP_URL: &str = "TEMP_URL_SIGNAL";
const NO_SIGNAL: &str = "NO_SIGNAL";

impl OldSpelling for OldArgs {
    type Command = Args;
}

impl From<OldArgs> for Args {
    fn from(old: OldArgs) -> Self {
        Self {
            name: old.name,
            server: old.server,
            config: old.config,
            inputs: old.inputs,
            action: old.action,
            signal: old.signal,
            waiting: old.waiting,
            format: RecordFormat::default(),
        }
    }
}

impl SignalArgs {
    /// The transport. A URL is made in Swift.
    fn transport(self, swift: AdapterBuilder) -> Result<SignalTransport, Failure> {
        match self.signal_transport.as_str() {
            NO_SIGNAL => Ok(SignalTransport::NoSignal),
            TEMP_URL => {
                let lifetime = Duration::from_secs(self.timeout.saturating_mul(60));
                let url = TempUrl::swift(swift.build()).lifetime(lifetime);
                let container = self.container.filter(|name| !name.is_empty());
                Ok(match container {
                    Some(name) => url.container(name),
                    None => url,
                }
                .into())
            }
            other => Err(Failure::Message(format!(
                "Unsupported signal transport {other}; use {TEMP_URL} or {NO_SIGNAL}"
            ))),
        }
    }
}

/// Swift in the region of Heat. Its interface is the public one, because servers use it.
fn swift(context: &Context) -> AdapterBuilder {
    let swift = context.heat.adapter().session().adapter("object-store");
    match &context.region {
        Some(region) => swift.region(region),
        None => swift,
    }
}

impl Command for Args {
    fn format(&self) -> Option<OutputOptions> {
        Some(self.format.options())
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let transport = self.signal.transport(swift(context))?;
        let inputs = values(self.inputs);
        let config = match self.config.filter(|id| !id.is_empty()) {
            Some(id) => {
                let called = if context.is_old() {
                    "Configuration"
                } else {
                    "Software configuration"
                };
                let missing = format!("{called} not found: {id}");
                let config = context.heat.software_configs().get(id).await;
                config.map_err(|error| not_found(&missing, error))?.into()
            }
            None => ConfigRef::empty(),
        };
        context.changes.expect_other(
            "the deployment may have been created",
            ["software deployment list", "deployment-list"],
            &[],
        );
        let deployments = context.heat.software_deployments();
        let created = deployments
            .deploy(self.server, config)
            .name(self.name)
            .action(&*self.action)
            .signal_transport(transport)
            .inputs(inputs)
            .await
            .map_err(|error| context.changes.failed(error))?;
        let complete = wait_for_deployment(context, &created.id, &self.waiting).await?;
        let mut content = complete.unwrap_or(created).raw();
        if !context.is_old() {
            content.sort_keys();
        }
        Ok(Answer::Document(Document {
            content,
            old_language: Language::AsciiJson,
        }))
    }
}

/// The values by their names. A name that is given several times has a list.
fn values(pairs: Vec<(String, String)>) -> Map<String, Value> {
    let mut values = Map::new();
    for (name, value) in pairs {
        match values.get_mut(&name) {
            None => {
                values.insert(name, value.into());
            }
            Some(Value::Array(list)) => list.push(value.into()),
            Some(first) => *first = vec![first.take(), value.into()].into(),
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command_line::tests::read;

    #[test]
    fn both_spellings_mean_the_same() {
        for line in [
            "software deployment create d --server s --config c --input-value a=1 --input-value b=x;y=z --action CREATE \
             --signal-transport NO_SIGNAL --container box --timeout 5",
            "deployment-create d -s s -c c -i a=1 -i b=x;y=z -a CREATE -t NO_SIGNAL --container box --timeout 5",
        ] {
            let read = read(line).unwrap();
            let args: Args = if line.starts_with("deployment") {
                read.arguments::<OldArgs>().into()
            } else {
                read.arguments()
            };
            assert_eq!((&*args.name, &*args.server), ("d", "s"), "{line}");
            assert_eq!(
                (args.config.as_deref(), &*args.action),
                (Some("c"), "CREATE"),
                "{line}"
            );
            let inputs = values(args.inputs.clone());
            assert_eq!(
                Value::from(inputs).to_string(),
                r#"{"a":"1","b":"x;y=z"}"#,
                "{line}"
            );
            assert_eq!(
                (args.signal.container.as_deref(), args.signal.timeout),
                (Some("box"), 5),
                "{line}"
            );
            assert_eq!(args.signal.signal_transport, NO_SIGNAL, "{line}");
        }
        let args = read("software deployment create d --server s")
            .unwrap()
            .arguments::<Args>();
        assert_eq!((&*args.action, args.signal.timeout), ("UPDATE", 60));
        assert_eq!(args.signal.signal_transport, TEMP_URL);
    }

    #[test]
    fn repeated_inputs_are_lists() {
        let typed = ["a=1", "b=", "a=2", "a=x=y"].map(|text| key_value(text).unwrap());
        let values = Value::from(values(typed.to_vec()));
        assert_eq!(values.to_string(), r#"{"a":["1","2","x=y"],"b":""}"#);
    }
}
