//! `template lint`: mistakes in templates and environments.

use std::collections::HashSet;

use heatclient::template::Packer;
use heatclient::template::{Place, Problem, Severity};
use serde_json::{Value, json};

use super::sarif;
use crate::args::{FailOn, LintArgs, LintFormat};
use crate::exit::Failure;
use crate::output::{Cell, Format, ListTable, OutputOptions};
use crate::printer::{self, Printer};
use crate::remark::say;
use crate::resolve::Stdin;

pub(super) async fn run(args: &LintArgs, through: &Packer, quiet: bool) -> Result<(), Failure> {
    let problems = problems(args, through).await?;
    match args.format {
        LintFormat::Text => {
            for problem in &problems {
                printer::line(&text(problem))?;
            }
        }
        LintFormat::Json => {
            let format = Format::Json;
            let options = OutputOptions {
                format,
                ..OutputOptions::default()
            };
            Printer::new(options)?.list(&table(&problems))?;
        }
        LintFormat::Sarif => printer::line(&format!("{:#}", sarif::log(&problems)))?,
    }
    if !quiet {
        say(&count(&problems));
    }
    let limit = match args.fail_on {
        FailOn::Error => Severity::Error,
        FailOn::Warning => Severity::Warning,
        FailOn::Note => Severity::Note,
    };
    if problems.iter().any(|problem| problem.severity >= limit) {
        return Err(Failure::Found);
    }
    Ok(())
}

/// What is wrong with the documents. Environments go with the one template, if it is one; of what
/// several templates refer to each problem is told once.
async fn problems(args: &LintArgs, through: &Packer) -> Result<Vec<Problem>, Failure> {
    let templates: Vec<_> = args.template.iter().chain(&args.templates).collect();
    if templates.is_empty() && args.environments.is_empty() {
        return Err(super::nothing_to_read());
    }
    let mut stdin = Stdin::default();
    let mut packers = Vec::new();
    for template in &templates {
        let source = stdin.source(template, "a template")?;
        packers.push(through.clone().template(source));
    }
    let mut of_environments = match packers.len() {
        1 => packers.pop(),
        _ => None,
    }
    .unwrap_or_else(|| through.clone());
    for path in &args.environments {
        of_environments = of_environments.environment(stdin.source(path, "an environment")?);
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

/// How bad a problem is, in SARIF's words.
pub(super) fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn text(problem: &Problem) -> String {
    let severity = word(problem.severity);
    format!("{severity} [{}]: {}", problem.rule, problem.report())
}

fn table(problems: &[Problem]) -> ListTable {
    let row = |problem: &Problem| {
        let place = place(&problem.place);
        let at = |key| place.get(key).cloned().unwrap_or_default();
        let cells = [
            word(problem.severity).into(),
            problem.rule.into(),
            problem.message.as_str().into(),
            at("document"),
            at("line"),
            at("column"),
            problem.chain.iter().map(self::place).collect(),
        ];
        cells.map(Cell::from).into()
    };
    let columns = [
        "severity", "rule", "message", "document", "line", "column", "chain",
    ];
    ListTable {
        columns: columns.map(Into::into).into(),
        rows: problems.iter().map(row).collect(),
    }
}

fn place(place: &Place) -> Value {
    let (line, column) = place.mark.map(|mark| (mark.line, mark.column)).unzip();
    json!({"document": &*place.document, "line": line, "column": column})
}

/// `1 error, 2 warnings, no notes`
fn count(problems: &[Problem]) -> String {
    let counted = [Severity::Error, Severity::Warning, Severity::Note].map(|severity| {
        let found = problems
            .iter()
            .filter(|problem| problem.severity == severity);
        let word = word(severity);
        match found.count() {
            0 => format!("no {word}s"),
            1 => format!("1 {word}"),
            many => format!("{many} {word}s"),
        }
    });
    counted.join(", ")
}
