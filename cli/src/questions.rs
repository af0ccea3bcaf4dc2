//! Questions to the user: confirmations, and those of a login (a passcode, or a web page to visit).

use std::io::{self, IsTerminal as _, Write as _};

use heatclient::auth::{Interaction, Page, Prompt};
use heatclient::secret::Secret;
use heatclient::{Error, ErrorKind, Result};
use tokio::sync::oneshot;

use crate::exit::Failure;
use crate::remark::say;

/// Asks for confirmation if stdin is a terminal. Anything but an answer that starts with `y` is a no.
pub(crate) fn confirmed(question: &str) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        return Ok(true);
    }
    let mut err = io::stderr();
    let mut answer = String::new();
    let asked = write!(err, "{question} ").and_then(|()| err.flush());
    let read = asked.and_then(|()| io::stdin().read_line(&mut answer));
    read.map_err(|error| {
        let message = format!("cannot ask for confirmation: {error}; use --yes to go on without");
        Failure::Message(message)
    })?;
    Ok(answer.trim_start().to_lowercase().starts_with('y'))
}

/// Asks on the terminal. Prompts go to stderr.
#[derive(Debug)]
pub(crate) struct Terminal;

impl Interaction for Terminal {
    async fn ask(&self, prompt: &Prompt) -> Result<Secret> {
        let prompt = prompt.clone();
        let (answered, answer) = oneshot::channel();
        // Not a task of the runtime: that would wait for the answer even after Ctrl-C.
        std::thread::spawn(move || answered.send(read(&prompt)));
        let unanswered = |e: io::Error| {
            Error::new(ErrorKind::Interaction, "the prompt was not answered").with_source(e)
        };
        let line = answer.await.unwrap_or_else(|e| Err(io::Error::other(e)));
        line.map_err(unanswered)
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
        return rpassword::prompt_password(&prompt.text).map(Secret::from);
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
