//! From arguments to the stack that is asked for.

use std::path::PathBuf;
use std::time::Duration;

use heatclient::heat::{Adoption, NewStack, StackUpdate, Template, Validation};
use serde_json::Value;

use super::environment::environment;
use super::hooks::Hooks;
use super::parameters::parameters;
use super::{adopt_data, local};
use crate::args::{
    AdoptionArgs, ChangeArgs, InputArgs, NewArgs, Rollback, Source, UpdateArgs, ValidationArgs,
};
use crate::exit::Failure;

/// The setters that all requests share by name.
macro_rules! apply_inputs {
    ($request:expr, $inputs:expr, $hooks:expr, $template:expr) => {{
        let inputs: &InputArgs = $inputs;
        let mut request = $request.parameters(parameters(&inputs.values, $template)?);
        match Environment::new(inputs, $hooks)? {
            Environment::None => {}
            Environment::Merged(environment) => request = request.environment(environment),
            Environment::InContainer(names) => {
                for name in names {
                    request = request.environment_file(name);
                }
            }
        }
        if let Some(container) = &inputs.files_container {
            request = request.files_container(container);
        }
        request
    }};
}

/// The setters that all requests share by name but a validation.
macro_rules! apply {
    ($request:expr, $change:expr, $hooks:expr, $template:expr) => {{
        let change: &ChangeArgs = $change;
        let mut request = apply_inputs!($request, &change.inputs, $hooks, $template);
        if let Some(tags) = &change.tags {
            request = request.tags(tags.split(',').filter(|tag| !tag.is_empty()));
        }
        if let Some(minutes) = change.timeout {
            request = request.timeout(Duration::from_secs(minutes.saturating_mul(60)));
        }
        request
    }};
}

/// What Heat is told of environments.
enum Environment {
    None,
    Merged(Value),
    /// Heat reads them itself, by these names.
    InContainer(Vec<String>),
}

impl Environment {
    fn new(inputs: &InputArgs, hooks: Hooks<'_>) -> Result<Self, Failure> {
        if inputs.files_container.is_none() || inputs.environments.is_empty() {
            let merged = hooks.put_into(environment(&inputs.environments)?)?;
            return Ok(merged.map_or(Self::None, Self::Merged));
        }
        if !hooks.resources.is_empty() {
            return Err(Failure::Usage(format!(
                "--{} goes with --files-container only if there is no environment: Heat reads nothing but those",
                hooks.kind
            )));
        }
        let names = inputs.environments.iter();
        Ok(Self::InContainer(
            names.map(|path| path.display().to_string()).collect(),
        ))
    }
}

/// The stack that `stack create` asks for.
pub(crate) fn new_stack(args: &NewArgs) -> Result<NewStack, Failure> {
    let (path, template) = required(args.template.as_ref())?;
    let request = NewStack::new(&args.name, template);
    let hooks = Hooks::new("pre-create", &args.pre_create);
    Ok(apply!(request, &args.change, hooks, Some(path.as_path())).rollback(args.enable_rollback))
}

/// The stack that `stack adopt` asks for.
pub(crate) fn adoption(args: &AdoptionArgs) -> Result<Adoption, Failure> {
    let path = local(&args.adopt_file)?;
    let request = Adoption::new(&args.name, adopt_data::read(&path)?);
    let hooks = Hooks::default();
    Ok(apply!(request, &args.change, hooks, Some(path.as_path())).rollback(args.enable_rollback))
}

/// The check that `orchestration template validate` asks for.
pub(crate) fn validation(args: &ValidationArgs) -> Result<Validation, Failure> {
    let (path, template) = required(args.template.as_ref())?;
    let request = Validation::new(template)
        .show_nested(args.show_nested)
        .ignore_errors(&args.ignore_errors);
    let hooks = Hooks::default();
    Ok(apply_inputs!(
        request,
        &args.inputs,
        hooks,
        Some(path.as_path())
    ))
}

/// The change that `stack update` asks for.
pub(crate) fn stack_update(args: &UpdateArgs) -> Result<StackUpdate, Failure> {
    let template = args.template.as_ref().map(read).transpose()?;
    let (path, template) = template.unzip();
    let mut request = match (args.existing, template) {
        (true, None) => StackUpdate::existing(),
        (true, Some(template)) => StackUpdate::existing().template(template),
        (false, Some(template)) => StackUpdate::new(template),
        (false, None) => {
            return Err(Failure::Usage(
                "either a template or --existing is needed".to_owned(),
            ));
        }
    };
    for name in &args.clear_parameters {
        request = request.clear_parameter(name);
    }
    request = match args.rollback {
        Rollback::Enabled => request.rollback(true),
        Rollback::Disabled => request.rollback(false),
        Rollback::Keep => request,
    };
    let hooks = Hooks::new("pre-update", &args.pre_update);
    Ok(apply!(request, &args.change, hooks, path.as_deref()).converge(args.converge))
}

fn required(source: Option<&Source>) -> Result<(PathBuf, Template), Failure> {
    source.map_or_else(
        || Err(Failure::Usage("a template is needed".to_owned())),
        read,
    )
}

/// The template, and where it was read from.
fn read(source: &Source) -> Result<(PathBuf, Template), Failure> {
    let path = match source {
        Source::File(path) => local(path)?,
        Source::Url(url) | Source::Object(url) => local(url.as_ref())?,
    };
    let template = Template::from_file(&path)?;
    Ok((path, template))
}
