//! `orchestration resource type show` (old spellings: `resource-type-show`, `resource-type-template` and
//! `resource-template`).

use clap::ValueEnum;
use heatclient::heat::TemplateFormat;

use crate::commands::context::{Context, not_found};
use crate::commands::spelling::{Command, OldSpelling};
use crate::exit::Failure;
use crate::options::RecordFormat;
use crate::render::{Answer, Document, Language, OutputOptions};

#[derive(Clone, Debug, clap::Args)]
#[command(mut_arg("format", |arg| arg.default_value("yaml")))]
pub(crate) struct Args {
    /// Resource type, such as OS::Heat::RandomString
    #[arg(value_name = "TYPE")]
    name: String,
    /// Print a template with one resource of the type, in this format: hot or cfn
    #[arg(long, value_name = "FORMAT")]
    template_type: Option<String>,
    /// Accepted for compatibility; Heat never sends the description
    #[arg(long)]
    long: bool,
    #[command(flatten)]
    format: RecordFormat,
    #[arg(skip)]
    old: Old,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OldArgs {
    /// Resource type, such as OS::Heat::RandomString
    #[arg(value_name = "TYPE")]
    name: String,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OldTemplateArgs {
    /// Resource type, such as OS::Heat::RandomString
    #[arg(value_name = "TYPE")]
    name: String,
    /// Template format: hot or cfn
    #[arg(short, long, value_name = "FORMAT", default_value = "cfn")]
    template_type: String,
    /// Output format
    #[arg(short = 'F', long, value_name = "FORMAT", value_enum, ignore_case = true, default_value_t = OldFormat::Yaml)]
    format: OldFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum OldFormat {
    /// JSON.
    Json,
    /// YAML.
    Yaml,
}

/// What differs in the old tool.
#[derive(Clone, Copy, Debug)]
struct Old {
    language: Language,
    /// The error for an unknown type: before and after its name.
    missing: (&'static str, &'static str),
}

impl Default for Old {
    fn default() -> Self {
        Self {
            language: Language::AsciiJson,
            missing: ("Resource type not found: ", ""),
        }
    }
}

impl OldSpelling for OldArgs {
    type Command = Args;
}

impl From<OldArgs> for Args {
    fn from(old: OldArgs) -> Self {
        Self {
            name: old.name,
            template_type: None,
            long: false,
            format: RecordFormat::default(),
            old: Old {
                missing: ("Resource Type not found: ", ""),
                ..Old::default()
            },
        }
    }
}

impl OldSpelling for OldTemplateArgs {
    type Command = Args;
}

impl From<OldTemplateArgs> for Args {
    fn from(old: OldTemplateArgs) -> Self {
        Self {
            name: old.name,
            template_type: Some(old.template_type),
            long: false,
            format: RecordFormat::default(),
            old: Old {
                language: match old.format {
                    OldFormat::Json => Language::AsciiJson,
                    OldFormat::Yaml => Language::Yaml,
                },
                missing: ("Resource Type ", " not found."),
            },
        }
    }
}

impl Command for Args {
    fn format(&self) -> Option<OutputOptions> {
        Some(self.format.options())
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        if self.template_type.is_some() && self.long {
            let message = "Cannot use --template-type and --long in one time.";
            return Err(Failure::Message(message.to_owned()));
        }
        let (before, after) = self.old.missing;
        let missing = format!("{before}{}{after}", self.name);
        let types = context.heat.resource_types();
        // An empty text counts as not given, as in the Python tools.
        let content = match self.template_type.filter(|typed| !typed.is_empty()) {
            Some(typed) => {
                types
                    .template(self.name)
                    .format(template_format(&typed)?)
                    .await
            }
            None => types.get(self.name).await.map(|schema| schema.into_raw()),
        };
        Ok(Answer::Document(Document {
            content: content.map_err(|error| not_found(&missing, error))?,
            old_language: self.old.language,
        }))
    }
}

fn template_format(typed: &str) -> Result<TemplateFormat, Failure> {
    match typed.to_lowercase().as_str() {
        "hot" => Ok(TemplateFormat::Hot),
        "cfn" => Ok(TemplateFormat::Cfn),
        _ => Err(Failure::Message(format!(
            "Template type invalid: {typed}; use hot or cfn"
        ))),
    }
}
