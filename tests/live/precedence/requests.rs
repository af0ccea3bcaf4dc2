//! Translates the command line of a row to library calls.

use std::path::Path;

use heatclient::heat::{Action, Adoption, NewStack, StackUpdate, Stacks, Validation};
use heatclient::template::Hook;
use heatclient::template::{Package, Packer};
use heatclient::{Client, Error};
use heatclient_test_support::precedence::{Done, Driver, Stage};
use serde_json::{Map, Value, json};

/// The words of a command line after the command itself, sorted.
#[derive(Default)]
struct Options<'a> {
    packer: Packer,
    parameters: Vec<(&'a str, Vec<&'a str>)>,
    cleared: Vec<&'a str>,
    adopt_file: Option<&'a str>,
    existing: bool,
    dry_run: bool,
    show_nested: bool,
}

impl<'a> Options<'a> {
    fn of(mut words: impl Iterator<Item = &'a str>, directory: &Path) -> Self {
        let mut options = Self::default();
        while let Some(option) = words.next() {
            let mut next = || words.next().expect(option);
            let packer = std::mem::take(&mut options.packer);
            options.packer = match option {
                "-t" => packer.template(directory.join(next())),
                "-e" => packer.environment(directory.join(next())),
                "--pre-create" => packer.hook(next(), Hook::PreCreate),
                "--pre-update" => packer.hook(next(), Hook::PreUpdate),
                "--files-container" => packer.files_container(next()),
                _ => packer,
            };
            match option {
                "-t" | "-e" | "--pre-create" | "--pre-update" | "--files-container" | "NAME" => {}
                "--parameter" => {
                    let (name, value) = next().split_once('=').unwrap();
                    match options
                        .parameters
                        .iter_mut()
                        .find(|(known, _)| *known == name)
                    {
                        Some((_, values)) => values.push(value),
                        None => options.parameters.push((name, vec![value])),
                    }
                }
                "--clear-parameter" => options.cleared.push(next()),
                "--adopt-file" => options.adopt_file = Some(next()),
                "--existing" => options.existing = true,
                "--dry-run" => options.dry_run = true,
                "--show-nested" => options.show_nested = true,
                other => panic!("unknown option {other}"),
            }
        }
        options
    }

    async fn package(&self) -> Result<Package, Error> {
        let mut packer = self.packer.clone();
        for (name, values) in &self.parameters {
            packer = match values.as_slice() {
                [value] => packer.parameter(*name, value),
                values => packer.parameter(*name, values),
            };
        }
        packer.pack().await
    }
}

/// Runs the rows with the library.
#[derive(Debug, Clone, Copy)]
pub(super) struct Library;

impl Driver for Library {
    async fn perform(self, stage: &Stage<'_>, line: &str) -> Result<Done, String> {
        let done = perform(&stage.cloud.heat, stage.name, line, stage.directory).await;
        done.map_err(|error| error.to_string())
    }
}

/// Does with the library what the tool does for this line.
async fn perform(heat: &Client, name: &str, line: &str, directory: &Path) -> Result<Done, Error> {
    let mut words = line.split_whitespace();
    let command = [words.next().unwrap(), words.next().unwrap()].join(" ");
    let command = if command == "orchestration template" {
        words.next().unwrap()
    } else {
        &command
    };
    let options = Options::of(words, directory);
    let (stacks, package) = (heat.stacks(), options.package().await?);
    match command {
        "stack create" if options.dry_run => {
            let preview = stacks.preview(NewStack::new(name, package)).await?;
            Ok(Done::Returned(preview.into_raw().into()))
        }
        "stack create" => {
            stacks.create(NewStack::new(name, package)).await?;
            Ok(Done::Started(Action::Create))
        }
        "stack adopt" => {
            let data = std::fs::read(directory.join(options.adopt_file.unwrap())).unwrap();
            let data: Value = serde_json::from_slice(&data).unwrap();
            stacks
                .adopt(Adoption::new(name, data).package(package))
                .await?;
            Ok(Done::Started(Action::Adopt))
        }
        "stack update" => update(&stacks, name, &options, package).await,
        "validate" => {
            let validation = Validation::new(package).show_nested(options.show_nested);
            let valid = heat.templates().validate(validation).await?;
            Ok(Done::Returned(valid.into_raw().into()))
        }
        other => panic!("unknown command {other}"),
    }
}

async fn update(
    stacks: &Stacks,
    name: &str,
    options: &Options<'_>,
    package: Package,
) -> Result<Done, Error> {
    let mut update = if options.existing {
        StackUpdate::existing().package(package)
    } else {
        StackUpdate::new(package)
    };
    for parameter in &options.cleared {
        update = update.clear_parameter(*parameter);
    }
    if options.dry_run {
        let changes = stacks.preview_update(name, update).await?;
        return Ok(Done::Returned(serde_json::to_value(changes).unwrap()));
    }
    stacks.update(name, update).await?;
    Ok(Done::Started(Action::Update))
}

/// The environment after a validation with files only: merged by the library, and merged by Heat. `None` if
/// the line is of another kind, or Heat refuses the files.
pub(super) async fn merged(
    heat: &Client,
    line: &str,
    directory: &Path,
) -> Option<(Map<String, Value>, Map<String, Value>)> {
    let words = line.strip_prefix("orchestration template validate ")?;
    let words: Vec<_> = words.split_whitespace().collect();
    let files: Vec<_> = words
        .chunks(2)
        .filter(|option| option[0] == "-e")
        .map(|option| option[1])
        .collect();
    if files.len() < 2 || words.len() != 2 * files.len() + 2 {
        return None;
    }
    let package = Options::of(words.into_iter(), directory)
        .package()
        .await
        .ok()?;
    let mut plain = Validation::new(package.clone()).environment(json!({}));
    for file in files {
        let content = std::fs::read_to_string(directory.join(file)).unwrap();
        plain = plain.file(file, content).environment_file(file);
    }
    let (templates, packed) = (heat.templates(), Validation::new(package));
    let (ours, heats) = tokio::join!(templates.validate(packed), templates.validate(plain));
    // It refuses empty sections.
    let heats = heats.ok()?;
    Some((ours.unwrap().environment, heats.environment))
}
