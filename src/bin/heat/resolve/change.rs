//! From arguments to the stack that is asked for.

use std::time::Duration;

use heatclient::heat::{NewStack, StackUpdate, Template};

use super::environment::environment;
use super::local;
use super::parameters::parameters;
use crate::args::{ChangeArgs, NewArgs, Rollback, UpdateArgs};
use crate::exit::Failure;

/// The setters that [`NewStack`] and [`StackUpdate`] share by name.
macro_rules! apply {
    ($request:expr, $change:expr, $template:expr) => {{
        let change: &ChangeArgs = $change;
        let mut request = $request.parameters(parameters(&change.values, $template)?);
        if let Some(environment) = environment(&change.environments)? {
            request = request.environment(environment);
        }
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
pub(crate) fn new_stack(args: &NewArgs) -> Result<NewStack, Failure> {
    let path = local(&args.template)?;
    let request = NewStack::new(&args.name, Template::from_file(&path)?);
    Ok(apply!(request, &args.change, Some(path.as_path())).rollback(args.enable_rollback))
}

/// The change that `stack update` asks for.
pub(crate) fn stack_update(args: &UpdateArgs) -> Result<StackUpdate, Failure> {
    let path = args.template.as_deref().map(local).transpose()?;
    let template = path.as_ref().map(Template::from_file).transpose()?;
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
    Ok(apply!(request, &args.change, path.as_deref()).converge(args.converge))
}
