//! From arguments to the stack that is asked for.

use std::time::Duration;

use heatclient::Client;
use heatclient::heat::{Adoption, Limits, NewStack, StackUpdate, Validation};
use heatclient::template::Hook;

use super::package::{Documents, Stdin, ask_for_hidden};
use super::{adopt_data, joined};
use crate::args::{
    AdoptionArgs, ChangeArgs, InputArgs, NewArgs, Rollback, Source, UpdateArgs, ValidationArgs,
};
use crate::exit::Failure;

/// The setters that these requests share by name.
macro_rules! apply {
    ($request:expr, $change:expr) => {{
        let change: &ChangeArgs = $change;
        let mut request = $request.limits(limits(&change.inputs));
        if let Some(tags) = &change.tags {
            request = request.tags(tags.split(',').filter(|tag| !tag.is_empty()));
        }
        if let Some(minutes) = change.timeout {
            request = request.timeout(Duration::from_secs(minutes.saturating_mul(60)));
        }
        request
    }};
}

/// The stack that `stack create` asks for.
pub(crate) async fn new_stack(args: &NewArgs, heat: &Client) -> Result<NewStack, Failure> {
    let documents = Documents {
        template: Some(required(args.template.as_ref())?),
        inputs: args.change.inputs.clone(),
        hooks: Some((Hook::PreCreate, &args.pre_create)),
        ..Documents::default()
    };
    let package = documents.pack(heat).await?;
    let hidden = ask_for_hidden(&package)?;
    let request = NewStack::new(&args.name, package).parameters(hidden);
    Ok(apply!(request, &args.change).rollback(args.enable_rollback))
}

/// The stack that `stack adopt` asks for.
pub(crate) async fn adoption(args: &AdoptionArgs, heat: &Client) -> Result<Adoption, Failure> {
    let mut stdin = Stdin::default();
    let source = stdin.source(&args.adopt_file, "the data to adopt")?;
    let data = adopt_data::read(
        &args.adopt_file,
        &source,
        args.change.inputs.reading.policy(),
        heat.adapter().session(),
    )
    .await?;
    let documents = Documents {
        inputs: args.change.inputs.clone(),
        declared: joined::declared_in(&data),
        stdin,
        ..Documents::default()
    };
    let request = Adoption::new(&args.name, data).package(documents.pack(heat).await?);
    Ok(apply!(request, &args.change).rollback(args.enable_rollback))
}

/// The check that `orchestration template validate` asks for.
pub(crate) async fn validation(
    args: &ValidationArgs,
    heat: &Client,
) -> Result<Validation, Failure> {
    let documents = Documents {
        template: Some(required(args.template.as_ref())?),
        inputs: args.inputs.clone(),
        ..Documents::default()
    };
    Ok(Validation::new(documents.pack(heat).await?)
        .limits(limits(&args.inputs))
        .show_nested(args.show_nested)
        .ignore_errors(args.ignore_errors.iter().filter(|code| !code.is_empty())))
}

/// The change that `stack update` asks for.
pub(crate) async fn stack_update(args: &UpdateArgs, heat: &Client) -> Result<StackUpdate, Failure> {
    if !args.existing && args.template.is_none() {
        return Err(Failure::Usage(
            "either a template or --existing is needed".to_owned(),
        ));
    }
    let inputs = args.change.inputs.clone();
    let declared = if args.template.is_none() && joined::may_be_joined(&inputs.values.parameters) {
        declared_by(&args.stack, heat).await
    } else {
        None
    };
    let documents = Documents {
        template: args.template.as_ref(),
        inputs,
        hooks: Some((Hook::PreUpdate, &args.pre_update)),
        declared,
        ..Documents::default()
    };
    let package = documents.pack(heat).await?;
    let mut request = if args.existing {
        StackUpdate::existing().package(package)
    } else {
        let hidden = ask_for_hidden(&package)?;
        StackUpdate::new(package).parameters(hidden)
    };
    for name in &args.clear_parameters {
        request = request.clear_parameter(name);
    }
    request = match args.rollback {
        Rollback::Enabled => request.rollback(true),
        Rollback::Disabled => request.rollback(false),
        Rollback::Keep => request,
    };
    Ok(apply!(request, &args.change).converge(args.converge))
}

/// The parameters of a stack. Heat drops others without a word if the template stays. If they cannot be had, the update
/// tells why.
async fn declared_by(stack: &str, heat: &Client) -> Option<joined::Names> {
    let stack = heat.stacks().get_with(stack).resolve_outputs(false).await;
    Some(stack.ok()?.parameters.keys().cloned().collect())
}

fn limits(inputs: &InputArgs) -> Limits {
    if inputs.no_limits {
        Limits::none()
    } else {
        Limits::default()
    }
}

/// Only the old spellings do without a template until here.
fn required(template: Option<&Source>) -> Result<&Source, Failure> {
    template.ok_or_else(|| {
        let why = "a template is needed: --template-file, --template-url or --template-object";
        Failure::Usage(why.to_owned())
    })
}
