//! Messages on stderr, above the progress if it is shown.

use std::io;

use crate::progress::print_above;
use crate::render::{is_stderr_coloured, painted_event, visible_line};

/// Prints a text as one line. A failure to write to stderr cannot be reported and is ignored.
pub(crate) fn say(text: &str) {
    print_above(&format!("{}\n", visible_line(text)));
}

/// Prints the log line of an event.
pub(crate) fn say_event(line: &str) {
    print_above(&event_line(line));
}

/// The log line of an event as stderr shows it: with its state in colour if stderr has colours, and a line feed.
pub(crate) fn event_line(line: &str) -> String {
    match is_stderr_coloured() {
        true => format!("{}\n", painted_event(line)),
        false => format!("{}\n", visible_line(line)),
    }
}

/// Replaces each run of white space by one space.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Writes whole lines to stderr.
#[derive(Debug)]
pub(crate) struct Stderr;

impl io::Write for Stderr {
    fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        print_above(&String::from_utf8_lossy(lines));
        Ok(lines.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_one_line() {
        assert_eq!(one_line("a\n  b\tc "), "a b c");
    }
}
