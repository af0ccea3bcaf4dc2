//! Reads and packs the documents that the command line names.

use std::io::Read as _;
use std::path::Path;

use heatclient::Client;
use heatclient::template::{Hook, MissingParameter, Source, content};
use heatclient::template::{Package, Packer};

use super::joined;
use super::parameters::{self, parameters};
use crate::environment::is_interactive;
use crate::exit::Failure;
use crate::options::{InputArgs, Source as Typed};
use crate::questions::{hidden, in_thread};
use crate::remark::{one_line, say};
use crate::render::visible_line;

/// The documents to pack.
#[derive(Debug, Default)]
pub(crate) struct Documents<'a> {
    pub(crate) template: Option<&'a Typed>,
    pub(crate) inputs: InputArgs,
    pub(crate) hooks: Option<(Hook, &'a [String])>,
    pub(crate) stdin: Stdin,
    /// The parameters of the template, if it is not among the documents.
    pub(crate) declared: Option<joined::Names>,
}

impl Documents<'_> {
    /// Reads and packs all documents.
    pub(crate) async fn pack(self, heat: &Client) -> Result<Package, Failure> {
        let session = heat.adapter().session().clone();
        let through = match self.template {
            Some(Typed::File(_) | Typed::Object(_)) => Packer::new().session(session),
            Some(Typed::Url(_)) | None => Packer::new().anonymous_session(session),
        };
        let package = packer(self, through).await?.pack().await?;
        warn(&package);
        Ok(package)
    }
}

/// Prints the warnings.
pub(crate) fn warn(package: &Package) {
    for problem in package.warnings() {
        warning(&problem.to_string());
    }
}

fn warning(text: &str) {
    say(&one_line(&format!("WARNING: {text}")));
}

/// Adds the documents to a packer that has a session.
pub(crate) async fn packer(documents: Documents<'_>, through: Packer) -> Result<Packer, Failure> {
    let inputs = documents.inputs;
    let mut stdin = documents.stdin;
    let mut packer = through.policy(inputs.reading.policy());
    if let Some(typed) = documents.template {
        packer = packer.template(match typed {
            Typed::File(path) => stdin.source(path, "the template").await?,
            Typed::Url(url) | Typed::Object(url) => Source::url(url),
        });
    }
    let mut typed = inputs.values.parameters;
    if joined::may_be_joined(&typed) {
        let declared = match documents.declared {
            None if documents.template.is_some() => declared(packer.clone()).await,
            known => known,
        };
        let (split, remarks) = joined::split(typed, declared.as_ref());
        remarks.iter().for_each(|remark| warning(remark));
        typed = split;
    }
    for path in &inputs.environments {
        let source = stdin.source(path, "an environment").await?;
        packer = packer.environment(source);
    }
    for (name, value) in parameters(&typed, &mut stdin).await? {
        packer = packer.parameter(name, value);
    }
    for (name, file) in &inputs.values.parameter_files {
        let source = if file == "-" {
            let what = format!("parameter {name:?}");
            Source::text(content(stdin.read(&what).await?))
        } else {
            Source::from(file.as_str())
        };
        packer = packer.parameter_file(name, source);
    }
    let (hook, resources) = documents.hooks.unwrap_or((Hook::PreCreate, &[]));
    for resource in resources {
        packer = packer.hook(resource, hook.clone());
    }
    if let Some(container) = inputs.files_container.filter(|name| !name.is_empty()) {
        packer = packer.files_container(container);
    }
    Ok(packer)
}

/// The parameters that the template declares. None if it cannot be read: packing it reports why.
async fn declared(template: Packer) -> Option<joined::Names> {
    joined::declared(template.pack().await.ok()?.template()?)
}

/// Prompts for the missing hidden parameters. If other parameters are missing as well, or without a terminal, this is
/// an error that names all missing parameters.
pub(crate) async fn ask_for_hidden(package: &Package) -> Result<Vec<(String, String)>, Failure> {
    let missing = package.missing_parameters();
    let can_ask = is_interactive();
    if missing
        .iter()
        .any(|parameter| !parameter.is_hidden || !can_ask)
    {
        return Err(Failure::Message(missing_parameters(missing)));
    }
    let mut values = Vec::new();
    for parameter in missing {
        let prompt = format!(
            "Parameter {}: ",
            visible_line(&one_line(&described(parameter)))
        );
        let value = in_thread(move || hidden(&prompt)).await.flatten();
        let value = value.map_err(|error| {
            let name = &parameter.name;
            Failure::Message(format!("cannot prompt for parameter {name}: {error}"))
        })?;
        values.push((parameter.name.clone(), value.expose().to_owned()));
    }
    Ok(values)
}

/// `missing parameters: size (how many), zone; …`
fn missing_parameters(missing: &[MissingParameter]) -> String {
    let names: Vec<String> = missing.iter().map(described).collect();
    let plural = if missing.len() == 1 { "" } else { "s" };
    format!(
        "missing parameter{plural}: {}; give each with --parameter NAME=VALUE or in an environment",
        names.join(", ")
    )
}

/// `size (how many)`
fn described(parameter: &MissingParameter) -> String {
    match &parameter.description {
        Some(text) => format!("{} ({text})", parameter.name),
        None => parameter.name.clone(),
    }
}

/// The standard input, which can be read once.
#[derive(Debug, Default)]
pub(crate) struct Stdin {
    reader: Option<String>,
}

impl Stdin {
    /// Its name in messages.
    pub(crate) const NAME: &str = "standard input";

    /// The source that a path names: a file, a URL, or `-` for the standard input.
    pub(crate) async fn source(&mut self, path: &Path, what: &str) -> Result<Source, Failure> {
        if path == Path::new("-") {
            let text = String::from_utf8(self.read(what).await?);
            let text = text.map_err(|_| {
                Failure::Message(format!("{what} from the standard input is not UTF-8"))
            })?;
            return Ok(Source::text(text).named(Self::NAME));
        }
        Ok(match path.to_str() {
            Some(text) => Source::from(text),
            None => Source::from(path),
        })
    }

    /// Reads all of it.
    pub(super) async fn read(&mut self, what: &str) -> Result<Vec<u8>, Failure> {
        if let Some(reader) = &self.reader {
            return Err(Failure::Usage(format!(
                "cannot read both {reader} and {what} from the standard input"
            )));
        }
        self.reader = Some(what.to_owned());
        let read = in_thread(|| {
            let mut bytes = Vec::new();
            let limit = parameters::MAX_BYTES + 1;
            let input = std::io::stdin();
            input.take(limit).read_to_end(&mut bytes).map(|_| bytes)
        });
        let bytes = read.await.flatten().map_err(|error| {
            Failure::Message(format!("cannot read the standard input: {error}"))
        })?;
        parameters::check_size(bytes, "the standard input")
    }
}
