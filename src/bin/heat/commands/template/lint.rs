//! `template lint`: mistakes in templates and environments.

use std::path::Path;

use heatclient::heat::template::lint::{self, Role};
use heatclient::heat::template::{Place, Problem, Severity};
use serde_json::{Value, json};

use super::sarif;
use crate::args::{FailOn, LintArgs, LintFormat};
use crate::exit::{Failure, say};
use crate::output::{Cell, Format, ListTable, OutputOptions};
use crate::printer::{self, Printer};

pub(super) fn run(args: &LintArgs, quiet: bool) -> Result<(), Failure> {
    let problems = problems(args)?;
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

/// What is wrong with each file by itself.
fn problems(args: &LintArgs) -> Result<Vec<Problem>, Failure> {
    let read = |path: &Path, role| {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|error| Failure::Message(format!("cannot read {name}: {error}")))?;
        Ok::<_, Failure>(lint::text(&name, &text, role))
    };
    let mut problems = Vec::new();
    for path in args.template.iter().chain(&args.templates) {
        problems.extend(read(path, Role::Template)?);
    }
    for path in &args.environments {
        problems.extend(read(path, Role::Environment)?);
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
