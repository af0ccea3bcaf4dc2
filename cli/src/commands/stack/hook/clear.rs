//! `stack hook clear` (old spelling: `hook-clear`).

use clap::builder::NonEmptyStringValueParser;
use heatclient::heat::{Hook, StackRef};

use super::check;
use crate::commands::context::Context;
use crate::commands::spelling::Command;
use crate::exit::Failure;
use crate::render::Answer;

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Stack name or ID
    stack: String,
    /// Resource names; NESTED/NAME for a resource of a nested stack, wildcards allowed
    #[arg(value_name = "RESOURCE", required = true, value_parser = NonEmptyStringValueParser::new())]
    resources: Vec<String>,
    #[command(flatten)]
    types: TypeArgs,
}

/// The type of the hooks. By default those of all types are cleared.
#[derive(Clone, Copy, Debug, clap::Args)]
#[group(multiple = false)]
struct TypeArgs {
    /// Clear only hooks before the creation
    #[arg(long)]
    pre_create: bool,
    /// Clear only hooks before an update
    #[arg(long)]
    pre_update: bool,
    /// Clear only hooks before the deletion
    #[arg(long)]
    pre_delete: bool,
}

impl TypeArgs {
    fn hook(self) -> Option<Hook> {
        let given = [
            (self.pre_create, Hook::PreCreate),
            (self.pre_update, Hook::PreUpdate),
            (self.pre_delete, Hook::PreDelete),
        ];
        given
            .into_iter()
            .find_map(|(is_given, hook)| is_given.then_some(hook))
    }
}

impl Command for Args {
    /// Prints an error for each resource whose hooks cannot be cleared, and goes on with the others.
    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let stack = StackRef::from(&self.stack);
        let hook = self.types.hook();
        check(context, &stack, hook.is_some()).await?;
        context.changes.expect_other(
            format!("hooks of stack {} may have been cleared", self.stack),
            ["stack hook poll", "hook-poll"],
            &[&self.stack],
        );
        let mut failures = Vec::new();
        for pattern in &self.resources {
            let clear = context.heat.hooks().clear(&stack, pattern);
            let clear = match &hook {
                Some(hook) => clear.hook(hook.clone()),
                None => clear,
            };
            match clear.await {
                Ok(cleared) if cleared.is_empty() => {
                    let kind = hook
                        .as_ref()
                        .map_or_else(String::new, |hook| format!("{hook} "));
                    let stack = &self.stack;
                    let text = format!("no {kind}hook of {pattern} is pending in stack {stack}");
                    failures.push(Failure::Message(text));
                }
                Ok(_) => {}
                Err(error) => failures.push(context.changes.failed(error)),
            }
        }
        let Some(last) = failures.pop() else {
            return Ok(Answer::Nothing);
        };
        for failure in &failures {
            context.report(failure);
        }
        Err(last)
    }
}
