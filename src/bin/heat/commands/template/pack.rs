//! `template pack`: what a request would send.

use std::fs;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use heatclient::heat::Package;
use serde_json::{Map, Value};

use crate::args::PackArgs;
use crate::exit::Failure;
use crate::resolve::{self, Documents};

pub(super) async fn run(args: PackArgs) -> Result<(), Failure> {
    if args.template.is_none() && args.inputs.environments.is_empty() {
        return Err(super::nothing_to_read());
    }
    let documents = Documents {
        template: args.template.as_ref(),
        inputs: args.inputs,
        hooks: None,
    };
    let package = resolve::packer(documents, None)?.pack().await?;
    resolve::warn(&package);
    match &args.output {
        None => print(&package),
        Some(directory) => write(&package, directory),
    }
}

fn print(package: &Package) -> Result<(), Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    serde_json::to_writer(&mut out, package).map_err(io::Error::from)?;
    out.write_all(b"\n")?;
    Ok(out.flush()?)
}

/// Writes the parts to a directory, which is there whole or not at all: `template.json`,
/// `environment.json`, `parameters.json`, the files below `files`, and which of them is which URL in
/// `files.json`.
fn write(package: &Package, directory: &Path) -> Result<(), Failure> {
    let failed = |error: io::Error| {
        Failure::Message(format!("cannot write {}: {error}", directory.display()))
    };
    if directory.exists() {
        return Err(Failure::Message(format!(
            "{} exists; name a directory that is to be made",
            directory.display()
        )));
    }
    let mut name = directory.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let partial = directory.with_file_name(name);
    let written = write_parts(package, &partial).and_then(|()| fs::rename(&partial, directory));
    written.map_err(|error| {
        // What is left of it is of no use to anybody.
        let _ = fs::remove_dir_all(&partial);
        failed(error)
    })
}

fn write_parts(package: &Package, directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory.join("files"))?;
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
        let last = url.rsplit('/').next().unwrap_or_default();
        let name = last.chars().map(|c| {
            if c.is_alphanumeric() || ".-_".contains(c) {
                c
            } else {
                '_'
            }
        });
        let name = format!("files/{number:04}-{}", name.collect::<String>());
        fs::write(directory.join(&name), content)?;
        index.insert(url.clone(), Value::from(name));
    }
    fs::write(directory.join("files.json"), serde_json::to_string(&index)?)
}
