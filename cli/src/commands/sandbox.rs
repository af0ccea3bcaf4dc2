//! `sandbox`: a Keystone and a Heat in memory, for as long as it runs.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use heatclient::sandbox::Sandbox;

use super::context::block_on;
use super::spelling::LocalCommand;
use crate::exit::Failure;
use crate::options::GlobalArgs;
use crate::options::number::{seconds, seconds_or_none};
use crate::remark::say;
use crate::render::{self, Answer};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Leave it running and return: for `eval "$(heat sandbox --background)"`
    #[arg(long)]
    background: bool,
    /// Port of the identity service; a free one by default
    #[arg(
        long,
        default_value_t = 0,
        value_name = "PORT",
        hide_default_value = true
    )]
    port: u16,
    /// Port of the orchestration service; a free one by default
    #[arg(
        long,
        default_value_t = 0,
        value_name = "PORT",
        hide_default_value = true
    )]
    orchestration_port: u16,
    /// How long a token is valid
    #[arg(long, default_value = "3600", value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    token_lifetime: f64,
    /// How long an action on a stack takes
    #[arg(long, default_value = "1", value_name = "SECONDS", value_parser = seconds_or_none, allow_negative_numbers = true)]
    stack_delay: f64,
}

impl LocalCommand for Args {
    fn run(self, _: &GlobalArgs) -> Result<Answer, Failure> {
        if self.background {
            start_in_background()?;
        } else {
            block_on(serve(&self))?;
        }
        Ok(Answer::Nothing)
    }
}

/// The variable that names the sandbox's process, and the last of those that are printed.
const PROCESS: &str = "HEAT_SANDBOX_PID";

/// Starts the sandbox, prints the variables for it, and serves until Ctrl-C.
async fn serve(args: &Args) -> Result<(), Failure> {
    let sandbox = Sandbox::builder()
        .port(args.port)
        .orchestration_port(args.orchestration_port)
        .token_lifetime(Duration::from_secs_f64(args.token_lifetime))
        .stack_delay(Duration::from_secs_f64(args.stack_delay))
        .start()
        .await
        .map_err(|error| Failure::Message(format!("cannot start the sandbox: {error}")))?;
    let own = (PROCESS, std::process::id().to_string());
    let exports: Vec<String> = sandbox
        .environment()
        .iter()
        .chain([&own])
        .map(|(name, value)| format!("export {name}={}", quoted(value)))
        .collect();
    render::line(&exports.join("\n"))?;
    say(
        "The sandbox runs until Ctrl-C. Evaluate the lines above in another shell, then try: heat stack list. \
         Or start it with: eval \"$(heat sandbox --background)\"",
    );
    match tokio::signal::ctrl_c().await {
        Ok(()) => Ok(()),
        // Without signals it is killed in other ways.
        Err(_) => std::future::pending().await,
    }
}

/// Starts the sandbox as a process of its own, prints the variables for it, and leaves it running.
fn start_in_background() -> Result<(), Failure> {
    let failed = |why: String| Failure::Message(format!("cannot start the sandbox: {why}"));
    let program = std::env::current_exe().map_err(|error| failed(error.to_string()))?;
    let arguments = std::env::args_os()
        .skip(1)
        .filter(|word| word != "--background");
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    // Not the terminal's: a Ctrl-C there is meant for something else.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn().map_err(|error| failed(error.to_string()))?;
    let printed = print_variables(&mut child);
    if printed.is_err() {
        // Nobody could reach or stop it. An error here means that it has ended.
        let _ = child.kill();
        let _ = child.wait();
    }
    printed
}

/// Prints the variables that the sandbox's process prints.
fn print_variables(child: &mut Child) -> Result<(), Failure> {
    let output = child.stdout.take().map(BufReader::new);
    for line in output
        .into_iter()
        .flat_map(BufReader::lines)
        .map_while(Result::ok)
    {
        render::line(&line)?;
        if line.contains(PROCESS) {
            say(&format!(
                "The sandbox is running in the background. Stop it with: kill {}",
                child.id()
            ));
            return Ok(());
        }
    }
    // It has ended, and its last line says why.
    let mut errors = String::new();
    if let Some(mut stderr) = child.stderr.take() {
        stderr.read_to_string(&mut errors)?;
    }
    let last = errors.lines().last().unwrap_or("cannot start the sandbox");
    let why = last.strip_prefix("ERROR: ").unwrap_or(last);
    Err(Failure::Message(why.to_owned()))
}

/// A word of a shell.
fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/:._-".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_survive_the_shell() {
        for (value, word) in [
            ("http://127.0.0.1:5000/v3", "http://127.0.0.1:5000/v3"),
            ("", "''"),
            ("a b", "'a b'"),
            ("$it's", r"'$it'\''s'"),
        ] {
            assert_eq!(quoted(value), word);
        }
    }
}
