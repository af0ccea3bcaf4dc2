//! How the tool ends: one line that says why, and the code that scripts see.

use std::error::Error as _;
use std::io;
use std::process::ExitCode;

use heatclient::template::Problem;

use crate::remark::{one_line, say};
use crate::render::OutputError;

/// Why a command came to nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The library's error, which says all there is to say.
    #[error(transparent)]
    Heat(#[from] heatclient::Error),
    #[error(transparent)]
    Output(OutputError),
    #[error("{0}")]
    Message(String),
    /// The command line makes no sense.
    #[error("{0}")]
    Usage(String),
    /// Ctrl-C, and what there is to say about what goes on without us.
    #[error("interrupted")]
    Interrupted(Option<String>),
    /// The command did its work, which was to find something bad, and has told of it.
    #[error("found something")]
    Found,
    /// Whoever read our output has stopped.
    #[error("broken pipe")]
    BrokenPipe,
}

impl From<OutputError> for Failure {
    fn from(error: OutputError) -> Self {
        match error {
            OutputError::Io(error) => error.into(),
            other => Self::Output(other),
        }
    }
}

/// The only thing that the tool itself writes to is its output.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::BrokenPipe
        } else {
            Self::Message(format!("cannot write the output: {error}"))
        }
    }
}

impl Failure {
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Heat(_) | Self::Output(_) | Self::Message(_) | Self::Found => 1,
            Self::Usage(_) => 2,
            Self::Interrupted(_) => 130,
            Self::BrokenPipe => 141,
        }
    }

    /// Says what there is to say on stderr, and gives the exit code.
    pub(crate) fn report(&self, verbose: bool) -> ExitCode {
        match self {
            Self::BrokenPipe | Self::Interrupted(None) | Self::Found => {}
            Self::Interrupted(Some(note)) => say(note),
            Self::Heat(error) if !error.problems().is_empty() => report_problems(error.problems()),
            error => say(&format!("ERROR: {}", one_line(&error.to_string()))),
        }
        if let (Self::Heat(error), true) = (self, verbose) {
            let mut cause = error.source();
            while let Some(error) = cause {
                say(&format!("  because: {}", one_line(&error.to_string())));
                cause = error.source();
            }
        }
        ExitCode::from(self.code())
    }
}

/// All that is wrong with templates and environments, each with its line and what led there.
fn report_problems(problems: &[Problem]) {
    const MOST: usize = 100;
    for problem in problems.iter().take(MOST) {
        format!("ERROR: {}", problem.report()).lines().for_each(say);
    }
    if problems.len() > MOST {
        say(&format!(
            "ERROR: and {} more like these",
            problems.len() - MOST
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_end_has_its_code() {
        let broken = io::Error::from(io::ErrorKind::BrokenPipe);
        let full = io::Error::from(io::ErrorKind::StorageFull);
        for (failure, code) in [
            (Failure::Message(String::new()), 1),
            (Failure::Found, 1),
            (OutputError::ListAsShell.into(), 1),
            (full.into(), 1),
            (Failure::Usage(String::new()), 2),
            (Failure::Interrupted(None), 130),
            (OutputError::Io(broken).into(), 141),
        ] {
            assert_eq!(failure.code(), code, "{failure:?}");
        }
    }
}
