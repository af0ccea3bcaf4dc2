//! Failures: their messages and exit codes.

use std::error::Error as _;
use std::io;
use std::process::ExitCode;

use heatclient::heat::ResourceFailure;
use heatclient::template::Problem;

use crate::remark::{one_line, say};
use crate::render::OutputError;
use crate::signals::Signal;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// An error of the library.
    #[error(transparent)]
    Heat(#[from] heatclient::Error),
    #[error(transparent)]
    Output(OutputError),
    #[error("{0}")]
    Message(String),
    /// A usage error.
    #[error("{0}")]
    Usage(String),
    /// The time of a wait is over, while the action continues.
    #[error("{0}")]
    Timeout(String),
    /// A signal, with a note about what continues on the server.
    #[error("interrupted")]
    Interrupted(Signal, Option<String>),
    /// The command found problems and has printed them.
    #[error("problems found")]
    Found,
    /// The reader of the output has closed the pipe.
    #[error("broken pipe")]
    BrokenPipe,
}

impl From<OutputError> for Failure {
    fn from(error: OutputError) -> Self {
        match error {
            OutputError::Io(error) => Self::unwritten(error),
            other => Self::Output(other),
        }
    }
}

impl Failure {
    /// The output could not be written.
    pub(crate) fn unwritten(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::BrokenPipe
        } else {
            Self::Message(format!("cannot write the output: {error}"))
        }
    }

    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Heat(_) | Self::Output(_) | Self::Message(_) | Self::Found => 1,
            Self::Usage(_) => 2,
            // The exit code of timeout(1).
            Self::Timeout(_) => 124,
            Self::Interrupted(signal, _) => signal.code(),
            Self::BrokenPipe => 141,
        }
    }

    /// Prints the message on stderr, and returns the exit code.
    pub(crate) fn report(&self, verbose: bool) -> ExitCode {
        self.print(verbose);
        ExitCode::from(self.code())
    }

    /// Prints the message on stderr.
    pub(crate) fn print(&self, verbose: bool) {
        match self {
            Self::BrokenPipe | Self::Interrupted(_, None) | Self::Found => {}
            Self::Interrupted(_, Some(note)) => say(note),
            Self::Heat(error) if !error.problems().is_empty() => report_problems(error.problems()),
            error => say(&format!("ERROR: {}", one_line(&advised(error.to_string())))),
        }
        let Self::Heat(error) = self else { return };
        failed_resources(error.failures())
            .iter()
            .for_each(|line| say(line));
        if verbose {
            let mut cause = error.source();
            while let Some(error) = cause {
                say(&format!("  caused by: {}", one_line(&error.to_string())));
                cause = error.source();
            }
        }
    }
}

/// The failure of a command for several stacks, whose failures were printed. `verb`: "delete".
pub(crate) fn several(failures: &[Failure], stacks: usize, verb: &str) -> Failure {
    let is_timeout = |failure: &&Failure| matches!(failure, Failure::Timeout(_));
    let in_progress = failures.iter().filter(is_timeout).count();
    match failures.len() - in_progress {
        0 => Failure::Timeout(format!(
            "{in_progress} of the {stacks} stacks are still in progress."
        )),
        failed => Failure::Message(format!("Unable to {verb} {failed} of the {stacks} stacks.")),
    }
}

/// The maximum number of failed resources that are printed.
const MAX_RESOURCES: usize = 20;
/// The maximum number of lines of a log that are printed.
const MAX_LOG: usize = 10;

/// The lines about failed resources and the logs of their deployments: what the message, which names the first resource,
/// does not contain.
fn failed_resources(failures: &[ResourceFailure]) -> Vec<String> {
    let mut lines = Vec::new();
    for failure in failures.iter().take(MAX_RESOURCES) {
        if failures.len() > 1 {
            let shown = one_line(&failure.to_string());
            lines.push(format!("  {}: {shown}", failure.status));
        }
        if let Some(log) = &failure.deployment {
            let code = log.status_code.map(|code| format!(", exit status {code}"));
            let code = code.unwrap_or_default();
            lines.push(format!("    deployment {}: {}{code}", log.id, log.status));
            for (name, text) in [
                ("deploy_stdout", &log.stdout),
                ("deploy_stderr", &log.stderr),
            ] {
                lines.extend(last_lines(name, text.as_deref().unwrap_or_default()));
            }
        }
    }
    let more = failures.len().saturating_sub(MAX_RESOURCES);
    if more > 0 {
        lines.push(format!("  {more} more failed resources are not shown"));
    }
    lines
}

fn last_lines(name: &str, text: &str) -> Vec<String> {
    let all: Vec<&str> = text.trim_end().lines().collect();
    let skipped = all.len().saturating_sub(MAX_LOG);
    let mut lines = match (all.is_empty(), skipped) {
        (true, _) => return Vec::new(),
        (false, 0) => vec![format!("    {name}:")],
        (false, _) => vec![format!(
            "    {name}, the last {MAX_LOG} of {} lines:",
            all.len()
        )],
    };
    lines.extend(all.iter().skip(skipped).map(|line| format!("      {line}")));
    lines
}

/// The message with what the user of this tool can do, where the library can only tell programs.
fn advised(message: String) -> String {
    if let Some(start) = message.strip_suffix("choose another signal transport, or pass a TempURL")
    {
        return format!("{start}use --signal-transport NO_SIGNAL if no results are to be reported");
    }
    // The tool has questions on terminals only.
    let Some(start) = message.strip_suffix(", but the session has no interaction handler") else {
        return message;
    };
    let variables = match start.contains("passcode") {
        true => ", or set OS_PASSCODE or OS_TOTP_SECRET",
        false => "",
    };
    format!("{start}; run it on a terminal{variables}")
}

/// Prints the problems of templates and environments, each with its source line and the references that led there.
fn report_problems(problems: &[Problem]) {
    const MAX: usize = 100;
    for problem in problems.iter().take(MAX) {
        format!("ERROR: {}", problem.report()).lines().for_each(say);
    }
    if problems.len() > MAX {
        say(&format!(
            "ERROR: {} more problems are not shown",
            problems.len() - MAX
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_without_a_terminal_has_advice() {
        let lacking = |what| {
            let why = "the session has no interaction handler";
            advised(format!("user input is required ({what}), but {why}"))
        };
        assert_eq!(
            lacking("TOTP passcode"),
            "user input is required (TOTP passcode); run it on a terminal, or set OS_PASSCODE or OS_TOTP_SECRET"
        );
        assert_eq!(
            lacking("a web page to visit"),
            "user input is required (a web page to visit); run it on a terminal"
        );
        assert_eq!(advised("404".to_owned()), "404");
    }

    #[test]
    fn each_end_has_its_code() {
        let broken = io::Error::from(io::ErrorKind::BrokenPipe);
        let full = io::Error::from(io::ErrorKind::StorageFull);
        for (failure, code) in [
            (Failure::Message(String::new()), 1),
            (Failure::Found, 1),
            (OutputError::ListAsShell.into(), 1),
            (Failure::unwritten(full), 1),
            (Failure::Usage(String::new()), 2),
            (Failure::Timeout(String::new()), 124),
            (Failure::Interrupted(Signal::Interrupt, None), 130),
            (OutputError::Io(broken).into(), 141),
        ] {
            assert_eq!(failure.code(), code, "{failure:?}");
        }
    }
}
