//! Replays what cliff and python-heatclient printed for the same tables and options. `cli/tests/formats/record` records
//! the cases.

use std::collections::HashMap;

use clap::{Args, FromArgMatches};
use serde::Deserialize;
use serde_json::Value;

use super::super::answer::{Field, List, Record};
use super::super::{Layout, old, openstack};
use super::*;
use crate::options::{ListFormat, RecordFormat};

const CASES: &str = include_str!("../../../tests/formats/cliff.jsonl");

#[derive(Deserialize)]
struct Case {
    kind: String,
    columns: Vec<String>,
    rows: Vec<Vec<Value>>,
    argv: Vec<String>,
    #[serde(default)]
    env: HashMap<String, String>,
    terminal: Option<usize>,
    tty: Option<bool>,
    sort: Option<usize>,
    out: Option<String>,
    error: Option<String>,
}

fn typed<A: Args + FromArgMatches>(argv: &[String]) -> A {
    let command = A::augment_args(clap::Command::new("heat")).no_binary_name(true);
    A::from_arg_matches(&command.get_matches_from(argv)).unwrap()
}

fn cell(value: &Value) -> Cell {
    match value.get("$human") {
        Some(human) => Cell::with_human(value["$machine"].clone(), human.as_str().unwrap()),
        None => value.clone().into(),
    }
}

impl Case {
    fn options(&self, typed: OutputOptions) -> OutputOptions {
        let variable = |name: &str| self.env.get(name).cloned();
        let typed = openstack::with_variables(typed, variable).unwrap();
        OutputOptions {
            terminal: self.terminal.is_some() && self.tty != Some(false),
            terminal_width: self.terminal,
            ..typed
        }
    }

    /// What we print, or the error.
    fn ours(&self) -> Result<String, String> {
        let mut out = Vec::new();
        let mut rows = self.rows.iter().map(|row| row.iter().map(cell).collect());
        let objects = self.rows.iter().map(|row| {
            let keys = self
                .columns
                .iter()
                .map(|name| name.to_lowercase().replace(' ', "_"));
            keys.zip(row.iter().cloned()).collect()
        });
        let result = match self.kind.as_str() {
            "list" => {
                let list = ListTable {
                    columns: self.columns.iter().cloned().map(Cow::Owned).collect(),
                    rows: rows.collect(),
                };
                let options = self.options(typed::<ListFormat>(&self.argv).options());
                write_list(&mut out, &list, &options)
            }
            "show" => {
                let cells: Vec<Cell> = rows.next().unwrap();
                let record = super::Record(self.columns.iter().cloned().zip(cells).collect());
                let options = self.options(typed::<RecordFormat>(&self.argv).options());
                write_record(&mut out, &record, &options)
                    .map(|warnings| assert!(warnings.is_empty()))
            }
            "print_list" => {
                let names = self
                    .columns
                    .iter()
                    .map(|name| &*name.clone().leak())
                    .collect();
                let list = old::list(List {
                    layouts: Vec::new(),
                    columns: Vec::new(),
                    old_columns: names,
                    old_order: self.sort.map(|place| &*self.columns[place].clone().leak()),
                    rows: objects.collect(),
                });
                write_list(&mut out, &list, &old::options())
            }
            "print_dict" => {
                let fields = self
                    .columns
                    .iter()
                    .zip(&self.rows[0])
                    .map(|(name, value)| Field {
                        name: name.clone(),
                        value: value.clone(),
                        layout: None,
                        old_layout: Some(Layout::Plain),
                    });
                let record = old::record(Record(fields.collect()));
                write_record(&mut out, &record, &old::options()).map(|_| ())
            }
            other => panic!("{other}"),
        };
        result.map_err(|error| error.to_string())?;
        Ok(String::from_utf8(out).unwrap())
    }
}

#[test]
fn outputs_are_those_of_the_python_clients() {
    let mut differing = Vec::new();
    let mut count = 0;
    for line in CASES.lines() {
        let case: Case = serde_json::from_str(line).unwrap();
        count += 1;
        let is_same = match (&case.out, case.ours()) {
            (Some(theirs), Ok(ours)) if *theirs == ours => continue,
            (None, Err(ours)) if case.error.as_ref() == Some(&ours) => continue,
            (_, ours) => ours,
        };
        let shown = is_same.unwrap_or_else(|error| format!("error: {error}"));
        let theirs = case.out.or(case.error).unwrap_or_default();
        differing.push(format!(
            "{} {:?} {:?}\n{theirs}\n{shown}",
            case.kind, case.argv, case.rows
        ));
    }
    let number = differing.len();
    differing.truncate(8);
    assert_eq!(number, 0, "of {count}:\n{}", differing.join("\n"));
}
