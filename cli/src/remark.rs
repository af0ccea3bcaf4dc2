//! Remarks on stderr, around the progress bar if there is one.

use std::io::{self, IsTerminal as _};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::render::visible_line;

/// The bar that is on the terminal.
static BAR: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// Prints one line, whatever the text holds. If nobody can read it, there is nobody to tell.
pub(crate) fn say(text: &str) {
    let line = visible_line(text);
    let print = || {
        let _ = io::Write::write_fmt(&mut io::stderr(), format_args!("{line}\n"));
    };
    match &*BAR.lock().unwrap_or_else(PoisonError::into_inner) {
        Some(bar) => bar.suspend(print),
        None => print(),
    }
}

/// A text without line breaks, and with single blanks.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A bar on stderr that shows that the tool is working, until it is dropped. There is none without a terminal.
#[derive(Debug)]
pub(crate) struct Progress(());

impl Progress {
    pub(crate) fn start(message: &str) -> Self {
        if io::stderr().is_terminal() {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
                bar.set_style(style);
            }
            bar.set_message(visible_line(message).into_owned());
            bar.enable_steady_tick(Duration::from_millis(200));
            set(Some(bar));
        }
        Self(())
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = set(None) {
            bar.finish_and_clear();
        }
    }
}

fn set(bar: Option<ProgressBar>) -> Option<ProgressBar> {
    std::mem::replace(
        &mut *BAR.lock().unwrap_or_else(PoisonError::into_inner),
        bar,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_one_line() {
        assert_eq!(one_line("a\n  b\tc "), "a b c");
    }
}
