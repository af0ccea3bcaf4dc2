//! Questions to the user: confirmations, and those of a login (a passcode, or a web page to visit).

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

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
    write!(err, "{question} ")?;
    err.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(answer.trim_start().to_lowercase().starts_with('y'))
}

/// Asks on the terminal. Prompts go to stderr.
#[derive(Debug)]
pub(crate) struct Terminal;

impl Interaction for Terminal {
    async fn ask(&self, prompt: &Prompt) -> Result<Secret> {
        catch_interrupts();
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

/// Whether the terminal is without echo, because of a prompt.
static IS_HIDDEN: (Mutex<bool>, Condvar) = (Mutex::new(false), Condvar::new());

/// The longest wait until a prompt has restored the terminal.
const RESTORING: Duration = Duration::from_secs(1);

/// Prompts for a line that is not shown. Ctrl-C is an error of the kind `Interrupted`.
pub(crate) fn hidden(prompt: &str) -> io::Result<Secret> {
    catch_interrupts();
    set_hidden(true);
    let answer = rpassword::prompt_password(prompt).map(Secret::from);
    set_hidden(false);
    answer
}

/// Waits until a prompt that was interrupted has restored the terminal.
pub(crate) fn wait_for_terminal() {
    let (is_hidden, changed) = &IS_HIDDEN;
    let guard = is_hidden.lock().unwrap_or_else(PoisonError::into_inner);
    let _ = changed.wait_timeout_while(guard, RESTORING, |is_hidden| *is_hidden);
}

fn set_hidden(hidden: bool) {
    let (is_hidden, changed) = &IS_HIDDEN;
    *is_hidden.lock().unwrap_or_else(PoisonError::into_inner) = hidden;
    changed.notify_all();
}

/// Replaces the default handler of Ctrl-C. `rpassword` raises the signal before it restores the terminal, and the default
/// handler would end the tool in between, with a terminal without echo.
fn catch_interrupts() {
    #[cfg(unix)]
    if tokio::runtime::Handle::try_current().is_ok() {
        // The handler stays after the stream of signals was dropped.
        let _ = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt());
    }
}
