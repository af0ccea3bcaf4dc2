//! `orchestration template validate` (old spelling: `template-validate`).

use heatclient::heat::Validation;

use crate::commands::context::Context;
use crate::commands::spelling::{Command, OldSpelling};
use crate::documents::Documents;
use crate::exit::Failure;
use crate::options::{InputArgs, OldInputArgs, OldTemplateArgs, RecordFormat, Source, required};
use crate::render::{Answer, Document, Language, OutputOptions};

#[derive(Clone, Debug, clap::Args)]
#[command(mut_arg("format", |arg| arg.default_value("yaml")))]
pub(crate) struct Args {
    /// Template (YAML or JSON): a file, a URL, or - for stdin
    #[arg(short, long, value_name = "FILE", value_parser = Source::file(), required = true)]
    template: Option<Source>,

    #[command(flatten)]
    inputs: InputArgs,

    /// Include the parameters of nested stacks
    #[arg(long)]
    show_nested: bool,

    /// Error codes to ignore, comma-separated
    #[arg(long, value_name = "CODE,CODE…", value_delimiter = ',')]
    ignore_errors: Vec<String>,

    #[command(flatten)]
    format: RecordFormat,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OldArgs {
    #[command(flatten)]
    template: OldTemplateArgs,
    #[command(flatten)]
    inputs: OldInputArgs,
    /// Include the parameters of nested stacks
    #[arg(short = 'n', long)]
    show_nested: bool,
    /// Error codes to ignore, comma-separated
    #[arg(short = 'I', long, value_name = "CODE,CODE…", value_delimiter = ',')]
    ignore_errors: Vec<String>,
}

impl OldSpelling for OldArgs {
    type Command = Args;
}

impl From<OldArgs> for Args {
    fn from(old: OldArgs) -> Self {
        Self {
            template: old.template.into(),
            inputs: old.inputs.into(),
            show_nested: old.show_nested,
            ignore_errors: old.ignore_errors,
            format: RecordFormat::default(),
        }
    }
}

impl Command for Args {
    fn format(&self) -> Option<OutputOptions> {
        Some(self.format.options())
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let limits = self.inputs.limits();
        let documents = Documents {
            template: Some(required(self.template.as_ref())?),
            inputs: self.inputs,
            ..Documents::default()
        };
        let validation = Validation::new(documents.pack(&context.heat).await?)
            .limits(limits)
            .show_nested(self.show_nested)
            .ignore_errors(self.ignore_errors.iter().filter(|code| !code.is_empty()));
        let valid = context.heat.templates().validate(validation).await?;
        Ok(Answer::Document(Document {
            content: valid.into_raw(),
            old_language: Language::Json,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command_line::tests::read;

    #[test]
    fn both_spellings_mean_the_same() {
        for line in [
            "orchestration template validate -t t -e e --parameter k=v --show-nested --ignore-errors 1,2",
            "template-validate -f t -e e -P k=v -n -I 1,2",
        ] {
            let read = read(line).unwrap();
            let args = if line.starts_with("template-validate") {
                read.arguments::<OldArgs>().into()
            } else {
                read.arguments::<Args>()
            };
            assert!(args.show_nested, "{line}");
            assert_eq!(args.ignore_errors, ["1", "2"], "{line}");
            assert_eq!(args.inputs.environments.len(), 1, "{line}");
            assert_eq!(args.inputs.values.parameters.len(), 1, "{line}");
        }
    }
}
