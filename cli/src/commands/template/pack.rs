//! `template pack`: the request body for a template and its environments.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use heatclient::template::{Package, Packer};
use serde_json::{Map, Value};

use crate::cloud::anonymous;
use crate::commands::context::block_on;
use crate::commands::spelling::LocalCommand;
use crate::documents::{Documents, packer, warn};
use crate::exit::Failure;
use crate::options::GlobalArgs;
use crate::options::{InputArgs, Source};
use crate::render::{Answer, write_json};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Template (YAML or JSON): a file, a URL, or - for stdin
    #[arg(short, long, value_name = "FILE", value_parser = Source::file())]
    template: Option<Source>,

    #[command(flatten)]
    inputs: InputArgs,

    /// Write the parts as files to this new directory
    #[arg(long, value_name = "DIRECTORY")]
    output: Option<PathBuf>,
}

impl LocalCommand for Args {
    fn run(self, global: &GlobalArgs) -> Result<Answer, Failure> {
        if self.template.is_none() && self.inputs.environments.is_empty() {
            return Err(super::nothing_to_read());
        }
        let through = Packer::new().anonymous_session(anonymous(global)?);
        let documents = Documents {
            template: self.template.as_ref(),
            inputs: self.inputs,
            ..Documents::default()
        };
        let package = block_on(async { Ok(packer(documents, through).await?.pack().await?) })?;
        warn(&package);
        match &self.output {
            None => Ok(Answer::Raw(json(&package)?)),
            Some(directory) => write(&package, directory),
        }
    }
}

fn json(package: &Package) -> Result<Vec<u8>, Failure> {
    let mut json = Vec::new();
    write_json(&mut json, package).map_err(Failure::unwritten)?;
    json.push(b'\n');
    Ok(json)
}

/// Writes the parts to a directory: `template.json`, `environment.json`, `parameters.json`, the files
/// below `files`, and their URLs in `files.json`. On failure there is no directory.
fn write(package: &Package, directory: &Path) -> Result<Answer, Failure> {
    let failed = |error: io::Error| {
        Failure::Message(format!("cannot write {}: {error}", directory.display()))
    };
    if directory.exists() {
        return Err(Failure::Message(format!(
            "{} already exists; choose a new directory",
            directory.display()
        )));
    }
    let mut name = directory.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let partial = directory.with_file_name(name);
    make_directory(&partial).map_err(failed)?;
    let written = write_parts(package, &partial).and_then(|()| fs::rename(&partial, directory));
    written.map_err(|error| {
        // A failure to clean up is not reported: the first error is.
        let _ = fs::remove_dir_all(&partial);
        failed(error)
    })?;
    Ok(Answer::Nothing)
}

/// Creates a new directory that only the user can read: parameters may be secrets.
fn make_directory(path: &Path) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    #[cfg_attr(not(unix), expect(unused_mut, reason = "there are no modes to set"))]
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn write_parts(package: &Package, directory: &Path) -> io::Result<()> {
    fs::create_dir(directory.join("files"))?;
    if let Some(template) = package.template() {
        fs::write(directory.join("template.json"), template)?;
    }
    fs::write(
        directory.join("environment.json"),
        package.environment().unwrap_or("{}"),
    )?;
    let parameters = serde_json::to_string(package.parameters())?;
    fs::write(directory.join("parameters.json"), parameters)?;
    let mut index = Map::new();
    for (number, (url, content)) in package.files().iter().enumerate() {
        let name = format!("files/{number:04}-{}", readable(url));
        fs::write(directory.join(&name), content)?;
        index.insert(url.clone(), Value::from(name));
    }
    fs::write(directory.join("files.json"), serde_json::to_string(&index)?)
}

/// The end of a URL as a file name. File systems allow 255 bytes.
fn readable(url: &str) -> String {
    const LONGEST: usize = 50;
    let name = url.rsplit('/').next().unwrap_or_default();
    let skipped = name.chars().count().saturating_sub(LONGEST);
    let readable = |c: char| c.is_alphanumeric() || ".-_".contains(c);
    let name = name.chars().skip(skipped);
    name.map(|c| if readable(c) { c } else { '_' }).collect()
}
