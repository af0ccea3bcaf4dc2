//! Reads a line from the terminal without echo.
//!
//! If a signal ends the tool, the reader is blocked and cannot turn the echo on again. So the settings of the terminal are
//! kept where the end of the tool finds them. The echo is off before the prompt appears.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::sync::{Mutex, MutexGuard, PoisonError};

use heatclient::secret::Secret;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

#[derive(Debug)]
enum Echo {
    On,
    /// The terminal, and its settings before.
    Off(File, Termios),
    /// The tool is about to end.
    Ended,
}

static ECHO: Mutex<Echo> = Mutex::new(Echo::On);

/// Prints the prompt on the terminal, and reads a line without echo. Blocks.
pub(crate) fn read(prompt: &str) -> io::Result<Secret> {
    let mut terminal = OpenOptions::new().read(true).write(true).open("/dev/tty")?;
    turn_off(&terminal)?;
    let answer = ask(&mut terminal, prompt);
    restore(Echo::On);
    answer
}

fn ask(terminal: &mut File, prompt: &str) -> io::Result<Secret> {
    // Long enough for passwords: a text that grows leaves copies in memory.
    let mut line = String::with_capacity(4096);
    terminal.write_all(prompt.as_bytes())?;
    // Without a buffer, which would keep the secret.
    let read = BufReader::with_capacity(1, &mut *terminal).read_line(&mut line);
    // The line feed was not shown, either.
    terminal.write_all(b"\n")?;
    if read? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let length = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(length);
    Ok(Secret::from(line))
}

fn turn_off(terminal: &File) -> io::Result<()> {
    let mut echo = lock();
    if matches!(*echo, Echo::Ended) {
        drop(echo);
        wait_for_the_end();
    }
    let before = tcgetattr(terminal)?;
    let mut silent = before.clone();
    silent.local_modes.remove(LocalModes::ECHO);
    tcsetattr(terminal, OptionalActions::Now, &silent)?;
    *echo = Echo::Off(terminal.try_clone()?, before);
    Ok(())
}

/// Restores the terminal at the end of the tool. Nothing is read after it.
pub(crate) fn end() {
    restore(Echo::Ended);
}

fn restore(next: Echo) {
    let mut echo = lock();
    match std::mem::replace(&mut *echo, next) {
        Echo::On => {}
        // A terminal that is gone needs no settings.
        Echo::Off(terminal, before) => {
            let _ = tcsetattr(terminal, OptionalActions::Now, &before);
        }
        Echo::Ended => {
            *echo = Echo::Ended;
            drop(echo);
            wait_for_the_end();
        }
    }
}

/// Only a thread that reads comes here, while the main thread ends the tool.
fn wait_for_the_end() -> ! {
    loop {
        std::thread::park();
    }
}

fn lock() -> MutexGuard<'static, Echo> {
    ECHO.lock().unwrap_or_else(PoisonError::into_inner)
}
