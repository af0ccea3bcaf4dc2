//! `stack resource mark unhealthy` (old spelling: `resource-mark-unhealthy`).

use clap::builder::NonEmptyStringValueParser;

use crate::commands::context::Context;
use crate::commands::spelling::Command;
use crate::exit::Failure;
use crate::render::Answer;

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Stack name or ID
    stack: String,
    /// Resource name or physical ID
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    resource: String,
    /// Reason, shown as the reason of the status
    #[arg(default_value = "", hide_default_value = true)]
    reason: String,
    /// Mark the resource as healthy
    #[arg(long)]
    reset: bool,
}

impl Command for Args {
    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let Self {
            stack,
            resource,
            reason,
            reset,
        } = self;
        context.changes.expect_other(
            format!("resource {resource} of stack {stack} may have been marked"),
            ["stack resource show", "resource-show"],
            &[&stack, &resource],
        );
        let resources = context.heat.resources();
        let mark = resources.mark_unhealthy(&stack, &resource, !reset);
        let marked = mark.reason(reason).await;
        let missing = format!("Stack or resource not found: {stack} {resource}");
        marked.map_err(|error| context.change_failed(&missing, error))?;
        Ok(Answer::Nothing)
    }
}
