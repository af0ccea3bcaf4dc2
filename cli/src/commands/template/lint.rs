//! `template lint`: checks templates, environments and the files that they refer to.

use std::collections::HashSet;
use std::path::PathBuf;

use clap::ValueEnum;
use heatclient::template::Packer;
use heatclient::template::{Place, Problem, Severity};
use serde_json::{Map, Value, json};

use super::sarif;
use crate::cloud::anonymous;
use crate::commands::context::block_on;
use crate::commands::spelling::LocalCommand;
use crate::documents::Stdin;
use crate::exit::Failure;
use crate::invocation::tool;
use crate::options::{GlobalArgs, ReadingArgs};
use crate::render::{self, Answer, Findings, List, OutputOptions};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Template file (YAML or JSON)
    #[arg(value_name = "TEMPLATE")]
    templates: Vec<PathBuf>,

    /// Template file, same as the argument
    #[arg(short, long, value_name = "FILE")]
    template: Option<PathBuf>,

    /// Environment file; checked against the template if exactly one is given (repeatable)
    #[arg(short, long = "environment", value_name = "FILE")]
    environments: Vec<PathBuf>,

    #[command(flatten)]
    reading: ReadingArgs,

    /// Output format
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,

    /// Exit with 1 if a problem has at least this severity
    #[arg(long, value_enum, default_value_t, value_name = "SEVERITY")]
    fail_on: FailOn,
}

/// The format of the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Text with the source lines.
    #[default]
    Text,
    /// A list of objects.
    Json,
    /// SARIF 2.1.0, for code hosts and editors.
    Sarif,
}

/// The lowest severity that fails the command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Errors: Heat refuses the template.
    #[default]
    Error,
    /// Errors and warnings.
    Warning,
    /// Any problem.
    Note,
}

impl LocalCommand for Args {
    fn format(&self) -> Option<OutputOptions> {
        (self.format == Format::Json).then(|| OutputOptions {
            format: render::Format::Json,
            ..OutputOptions::default()
        })
    }

    fn run(self, global: &GlobalArgs) -> Result<Answer, Failure> {
        let through = Packer::new().anonymous_session(anonymous(global)?);
        let problems = block_on(problems(&self, &through))?;
        let limit = match self.fail_on {
            FailOn::Error => Severity::Error,
            FailOn::Warning => Severity::Warning,
            FailOn::Note => Severity::Note,
        };
        Ok(Answer::Findings(Findings {
            failed: problems.iter().any(|problem| problem.severity >= limit),
            remark: (!global.quiet).then(|| count(&problems)),
            report: Box::new(self.report(&problems)),
        }))
    }
}

impl Args {
    fn report(&self, problems: &[Problem]) -> Answer {
        match self.format {
            Format::Text if problems.is_empty() => Answer::Nothing,
            Format::Text => {
                let texts: Vec<_> = problems.iter().map(text).collect();
                Answer::Text(texts.join("\n"))
            }
            Format::Json => Answer::List(list(problems)),
            Format::Sarif => Answer::Text(format!("{:#}", sarif::log(problems))),
        }
    }
}

/// The problems of all documents. Environments belong to the template if there is exactly one. A problem
/// of a file that several templates refer to is listed once.
async fn problems(args: &Args, through: &Packer) -> Result<Vec<Problem>, Failure> {
    let templates: Vec<_> = args.template.iter().chain(&args.templates).collect();
    if templates.is_empty() && args.environments.is_empty() {
        return Err(super::nothing_to_read());
    }
    let mut stdin = Stdin::default();
    let mut packers = Vec::new();
    for template in &templates {
        let source = stdin.source(template, "a template").await?;
        packers.push(through.clone().template(source));
    }
    let mut of_environments = match packers.len() {
        1 => packers.pop(),
        _ => None,
    }
    .unwrap_or_else(|| through.clone());
    for path in &args.environments {
        let source = stdin.source(path, "an environment").await?;
        of_environments = of_environments.environment(source);
    }
    packers.push(of_environments);
    let (mut problems, mut known) = (Vec::new(), HashSet::new());
    for packer in packers {
        for problem in packer.policy(args.reading.policy()).lint().await? {
            if known.insert(problem.clone()) {
                problems.push(problem);
            }
        }
    }
    Ok(problems)
}

fn text(problem: &Problem) -> String {
    let severity = problem.severity.as_str();
    format!("{severity} [{}]: {}", problem.rule, problem.report())
}

fn list(problems: &[Problem]) -> List {
    let row = |problem: &Problem| {
        let place = place(&problem.place);
        let at = |key| place.get(key).cloned().unwrap_or_default();
        Map::from_iter([
            ("severity".to_owned(), problem.severity.as_str().into()),
            ("rule".to_owned(), problem.rule.into()),
            ("message".to_owned(), problem.message.as_str().into()),
            ("document".to_owned(), at("document")),
            ("line".to_owned(), at("line")),
            ("column".to_owned(), at("column")),
            (
                "chain".to_owned(),
                problem.chain.iter().map(self::place).collect(),
            ),
        ])
    };
    let columns = [
        "severity", "rule", "message", "document", "line", "column", "chain",
    ];
    List::new(&columns, problems.iter().map(row).collect())
}

fn place(place: &Place) -> Value {
    let (line, column) = place.mark.map(|mark| (mark.line, mark.column)).unzip();
    json!({"document": &*place.document, "line": line, "column": column})
}

/// `1 error, 2 warnings, no notes`, and without errors what was not checked.
fn count(problems: &[Problem]) -> String {
    let counted = [Severity::Error, Severity::Warning, Severity::Note].map(|severity| {
        let found = problems
            .iter()
            .filter(|problem| problem.severity == severity);
        let word = severity.as_str();
        match found.count() {
            0 => format!("no {word}s"),
            1 => format!("1 {word}"),
            many => format!("{many} {word}s"),
        }
    });
    let counted = counted.join(", ");
    if problems.iter().any(|p| p.severity == Severity::Error) {
        return counted;
    }
    format!(
        "{counted}; resource types and properties were not checked: {} orchestration template validate checks them in a cloud",
        tool()
    )
}
