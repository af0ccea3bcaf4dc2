//! `sandbox`: an in-memory Keystone and Heat.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use heatclient::sandbox::Sandbox;

use super::context::block_on;
use super::spelling::LocalCommand;
use crate::exit::Failure;
use crate::invocation::{quoted, tool};
use crate::options::GlobalArgs;
use crate::options::number::{port, seconds, seconds_or_none};
use crate::remark::say;
use crate::render::{self, Answer};
use crate::signals;

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Run in the background; use it as: eval "$(heat sandbox --background)"
    #[arg(long)]
    background: bool,
    /// Port of the identity service [default: a free port]
    #[arg(
        long,
        default_value_t = 0,
        value_name = "PORT",
        hide_default_value = true,
        value_parser = port
    )]
    port: u16,
    /// Port of the orchestration service [default: a free port]
    #[arg(
        long,
        default_value_t = 0,
        value_name = "PORT",
        hide_default_value = true,
        value_parser = port
    )]
    orchestration_port: u16,
    /// Token lifetime in seconds
    #[arg(long, default_value = "3600", value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    token_lifetime: f64,
    /// Duration of a stack action in seconds
    #[arg(long, default_value = "1", value_name = "SECONDS", value_parser = seconds_or_none, allow_negative_numbers = true)]
    stack_delay: f64,
}

impl LocalCommand for Args {
    fn run(self, _: &GlobalArgs) -> Result<Answer, Failure> {
        if self.background {
            start_in_background(&self)?;
        } else {
            block_on(serve(&self))?;
        }
        Ok(Answer::Nothing)
    }
}

/// The variable with the process ID of the sandbox. It is the last one printed.
const PROCESS: &str = "HEAT_SANDBOX_PID";

/// Variables for another cloud, which would mix with those of the sandbox.
const OTHERS: &[&str] = &[
    "OS_CLOUD",
    "OS_AUTH_TYPE",
    "OS_TOKEN",
    "OS_AUTH_TOKEN",
    "OS_USER_ID",
    "OS_USER_DOMAIN_ID",
    "OS_USER_DOMAIN_NAME",
    "OS_PROJECT_ID",
    "OS_PROJECT_DOMAIN_ID",
    "OS_PROJECT_DOMAIN_NAME",
    "OS_TENANT_ID",
    "OS_TENANT_NAME",
    "OS_DOMAIN_ID",
    "OS_DOMAIN_NAME",
    "OS_SYSTEM_SCOPE",
    "OS_TRUST_ID",
    "OS_REGION_NAME",
    "OS_INTERFACE",
    "OS_ENDPOINT",
    "OS_ENDPOINT_OVERRIDE",
    "HEAT_URL",
];

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
    let environment = sandbox.environment();
    let other = OTHERS
        .iter()
        .filter(|name| environment.iter().all(|(set, _)| set != *name));
    let unset = other.copied().collect::<Vec<_>>().join(" ");
    let exports: Vec<String> = environment
        .iter()
        .chain([&own])
        .map(|(name, value)| format!("export {name}={}", quoted(value)))
        .collect();
    render::line(&format!("unset {unset}\n{}", exports.join("\n")))?;
    let tool = tool();
    say(&format!(
        "The sandbox runs until Ctrl-C. Run the lines above in another shell, then try: {tool} stack list. \
         To run the sandbox in the background: eval \"$({tool} sandbox --background)\"",
    ));
    signals::received().await;
    Ok(())
}

/// Starts the sandbox as another process, prints its variables, and leaves it running.
fn start_in_background(args: &Args) -> Result<(), Failure> {
    let failed = |why: String| Failure::Message(format!("cannot start the sandbox: {why}"));
    let program = std::env::current_exe().map_err(|error| failed(error.to_string()))?;
    let mut command = Command::new(program);
    command
        .arg("sandbox")
        .args(["--port", &args.port.to_string()])
        .args(["--orchestration-port", &args.orchestration_port.to_string()])
        .args(["--token-lifetime", &args.token_lifetime.to_string()])
        .args(["--stack-delay", &args.stack_delay.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    // A process group of its own: Ctrl-C at the terminal must not stop the sandbox.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn().map_err(|error| failed(error.to_string()))?;
    let printed = print_variables(&mut child);
    if printed.is_err() {
        // Without the variables it cannot be used or stopped. An error means that it has ended.
        let _ = child.kill();
        let _ = child.wait();
    }
    printed
}

/// Copies the variables that the other process prints.
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
    // The process has ended. Its last line is the error.
    let mut errors = String::new();
    if let Some(mut stderr) = child.stderr.take() {
        // Without the error there is a general one.
        let _ = stderr.read_to_string(&mut errors);
    }
    let last = errors.lines().last().unwrap_or("cannot start the sandbox");
    let why = last.strip_prefix("ERROR: ").unwrap_or(last);
    Err(Failure::Message(why.to_owned()))
}
