//! `stack adopt` (old spelling: `stack-adopt`).

use std::path::PathBuf;

use heatclient::Client;
use heatclient::heat::{Action, Adoption, StackRef};

use super::show::started;
use crate::commands::context::Context;
use crate::commands::spelling::{Command, OldSpelling};
use crate::commands::wait::Waiting;
use crate::documents::{Documents, Stdin, declared_in, read_data};
use crate::exit::Failure;
use crate::options::{ChangeArgs, OldMakeArgs, RecordFormat, apply};
use crate::render::{Answer, OutputOptions};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Stack name
    #[arg(value_name = "STACK")]
    name: String,

    /// File with the output of stack abandon or stack export
    #[arg(long, value_name = "FILE")]
    adopt_file: PathBuf,

    #[command(flatten)]
    change: ChangeArgs,

    /// Roll back if the operation fails
    #[arg(long)]
    enable_rollback: bool,

    #[command(flatten)]
    waiting: Waiting,

    #[command(flatten)]
    format: RecordFormat,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OldArgs {
    #[command(flatten)]
    make: OldMakeArgs,
    /// File with the output of stack abandon or stack export
    #[arg(short, long, value_name = "FILE")]
    adopt_file: PathBuf,
}

impl OldSpelling for OldArgs {
    type Command = Args;
}

impl From<OldArgs> for Args {
    fn from(old: OldArgs) -> Self {
        Self {
            change: old.make.change(),
            name: old.make.name,
            adopt_file: old.adopt_file,
            enable_rollback: old.make.enable_rollback,
            waiting: Waiting::default(),
            format: RecordFormat::default(),
        }
    }
}

impl Command for Args {
    fn format(&self) -> Option<OutputOptions> {
        Some(self.format.options())
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let adoption = self.adoption(&context.heat).await?;
        context.changes.expect("ADOPT", &self.name);
        let created = context.heat.stacks().adopt(adoption).await;
        let created = created.map_err(|error| context.changes.failed(error))?;
        let stack = StackRef::from(&created);
        started(context, &stack, Action::Adopt, &self.waiting).await
    }
}

impl Args {
    async fn adoption(&self, heat: &Client) -> Result<Adoption, Failure> {
        let mut stdin = Stdin::default();
        let source = stdin.source(&self.adopt_file, "the adopt file").await?;
        let data = read_data(
            "adopt file",
            &self.adopt_file,
            &source,
            self.change.inputs.reading.policy(),
            heat.adapter().session(),
        )
        .await?;
        let documents = Documents {
            inputs: self.change.inputs.clone(),
            declared: declared_in(&data),
            stdin,
            ..Documents::default()
        };
        let request = Adoption::new(&self.name, data).package(documents.pack(heat).await?);
        Ok(apply!(request, &self.change).rollback(self.enable_rollback))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command_line::tests::read;

    #[test]
    fn both_spellings_mean_the_same() {
        for line in [
            "stack adopt web --adopt-file a -e e --parameter k=v --timeout 7 --enable-rollback",
            "stack-adopt -a a -e e -P k=v -t 7 -r web",
            "stack-adopt -a a -e e -P k=v -c 7 -r web",
        ] {
            let read = read(line).unwrap();
            let args = if line.starts_with("stack-adopt") {
                read.arguments::<OldArgs>().into()
            } else {
                read.arguments::<Args>()
            };
            assert_eq!(
                (args.name.as_str(), args.change.timeout),
                ("web", Some(7)),
                "{line}"
            );
            assert!(
                args.enable_rollback && args.adopt_file.as_os_str() == "a",
                "{line}"
            );
            assert_eq!(args.change.inputs.environments.len(), 1, "{line}");
            assert_eq!(args.change.inputs.values.parameters.len(), 1, "{line}");
        }
    }
}
