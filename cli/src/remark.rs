//! Messages on stderr, above the progress bar if there is one.

use std::io::{self, IsTerminal as _};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::render::visible_line;

/// The progress bar that is shown.
static BAR: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// Prints a text as one line. A failure to write to stderr cannot be reported and is ignored.
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

/// Replaces each run of white space by one space.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A progress bar on stderr, shown until this is dropped. Without a terminal nothing is shown.
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
