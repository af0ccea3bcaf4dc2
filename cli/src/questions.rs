//! Questions to the user: confirmations, passwords, and those of a login (a passcode, or a web page to visit).

use std::io::{self, IsTerminal as _, Write as _};

use heatclient::auth::{Interaction, Page, Prompt};
use heatclient::secret::Secret;
use heatclient::{Error, ErrorKind, Result};
use tokio::sync::oneshot;

use crate::exit::Failure;
use crate::remark::say;

/// Asks for confirmation if stdin is a terminal. Anything but an answer that starts with `y` is a no.
pub(crate) async fn confirmed(question: &str) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        return Ok(true);
    }
    let failed = |error: io::Error| {
        let message =
            format!("cannot ask for confirmation: {error}; use --yes to skip the question");
        Failure::Message(message)
    };
    let mut err = io::stderr();
    let asked = write!(err, "{question} ").and_then(|()| err.flush());
    asked.map_err(failed)?;
    let answer = in_thread(|| {
        let mut answer = String::new();
        io::stdin().read_line(&mut answer).map(|_| answer)
    });
    let answer = answer.await.flatten().map_err(failed)?;
    Ok(answer.trim_start().to_lowercase().starts_with('y'))
}

/// Calls a function that may read the terminal. A signal ends the wait for it: this is no task of the runtime, which
/// would be waited for.
pub(crate) async fn in_thread<T: Send + 'static>(
    read: impl FnOnce() -> T + Send + 'static,
) -> io::Result<T> {
    // `block_on` installs the handlers of signals when its work is pending for the first time.
    tokio::task::yield_now().await;
    let (answered, answer) = oneshot::channel();
    // Sending fails if nobody waits any more.
    std::thread::Builder::new().spawn(move || answered.send(read()))?;
    answer.await.map_err(io::Error::other)
}

/// Reads a line without echo. Blocks: see [`in_thread`].
#[cfg(unix)]
pub(crate) use crate::hidden::read as hidden;

#[cfg(not(unix))]
pub(crate) fn hidden(prompt: &str) -> io::Result<Secret> {
    rpassword::prompt_password(prompt).map(Secret::from)
}

/// Asks on the terminal. Prompts go to stderr.
#[derive(Debug)]
pub(crate) struct Terminal;

impl Interaction for Terminal {
    async fn ask(&self, prompt: &Prompt) -> Result<Secret> {
        let prompt = prompt.clone();
        let line = in_thread(move || read(&prompt)).await;
        line.flatten().map_err(|e| {
            Error::new(ErrorKind::Interaction, "the prompt was not answered").with_source(e)
        })
    }

    async fn show(&self, page: &Page) -> Result<()> {
        say(&match &page.code {
            Some(code) => format!("open {} and enter the code {code}", page.url),
            None => format!("open {}", page.url),
        });
        Ok(())
    }
}

/// Reads a line, with or without echo.
fn read(prompt: &Prompt) -> io::Result<Secret> {
    if !prompt.echo {
        return hidden(&prompt.text);
    }
    let mut stderr = io::stderr();
    stderr.write_all(prompt.text.as_bytes())?;
    stderr.flush()?;
    let mut line = String::new();
    match io::stdin().read_line(&mut line)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(Secret::from(line.trim())),
    }
}
