//! `stack failures list`.

use std::fmt::Write as _;

use heatclient::heat::ResourceFailure;

use crate::commands::context::{Context, stack_not_found};
use crate::commands::spelling::Command;
use crate::exit::Failure;
use crate::render::{Answer, tail};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Stack name or ID
    #[arg(value_name = "STACK")]
    stack: String,
    /// Print whole reasons and logs of software deployments
    #[arg(long)]
    long: bool,
}

impl Command for Args {
    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let stacks = context.heat.stacks();
        // For a missing stack, the Python tools print Heat's message here.
        let stack = stacks.get(&self.stack).resolve_outputs(false).await?;
        if !stack.status.is_failed() {
            return Ok(Answer::Nothing);
        }
        let failures = stacks.failures(&stack).await;
        let failures = failures.map_err(stack_not_found(&self.stack))?;
        let mut text = String::new();
        for failure in &failures {
            // Writing to a String cannot fail.
            let _ = describe(&mut text, &stack.name, failure, self.long);
        }
        Ok(match text.strip_suffix('\n') {
            Some(text) => Answer::Text(text.to_owned()),
            None => Answer::Nothing,
        })
    }
}

fn describe(
    out: &mut String,
    stack: &str,
    failure: &ResourceFailure,
    long: bool,
) -> std::fmt::Result {
    writeln!(out, "{stack}.{}:", failure.path)?;
    writeln!(out, "  resource_type: {}", failure.resource_type)?;
    let id = failure.physical_resource_id.as_deref();
    writeln!(out, "  physical_resource_id: {}", id.unwrap_or_default())?;
    writeln!(out, "  status: {}", failure.status)?;
    writeln!(out, "  status_reason: |")?;
    // The mark is followed by an empty line, as in the Python tools.
    writeln!(out, "{}", tail(&failure.reason, long, "...\n", None))?;
    if let Some(log) = &failure.deployment {
        let after = Some("(truncated, view all with --long)");
        for (name, text) in [
            ("deploy_stdout", &log.stdout),
            ("deploy_stderr", &log.stderr),
        ] {
            let text = text.as_deref().map(|text| tail(text, long, "...", after));
            let text = text.unwrap_or_else(|| "None".to_owned());
            writeln!(out, "  {name}: |\n{text}")?;
        }
    }
    Ok(())
}
