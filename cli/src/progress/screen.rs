//! Lines at the bottom of a terminal that are drawn again and again.

use std::fmt::Write as _;

use anstream::adapter::strip_str;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::render::painted_progress;

/// The size of a terminal in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) columns: usize,
    pub(super) rows: usize,
}

/// What is drawn. The cursor is in the line below.
#[derive(Debug, Default)]
pub(super) struct Screen {
    /// The widths of the lines.
    drawn: Vec<usize>,
    /// Whether states have colours.
    is_coloured: bool,
}

impl Screen {
    pub(super) fn new(is_coloured: bool) -> Self {
        Self {
            drawn: Vec::new(),
            is_coloured,
        }
    }

    /// The text that prints `above`, whole lines that may have colours, above the drawn lines, and draws these lines. Only what changed is
    /// cleared, so that nothing flickers.
    pub(super) fn draw(&mut self, above: &str, lines: &[String], size: Size) -> String {
        let mut frame = String::new();
        let up = self.height(size.columns);
        if up > 0 {
            // Writing to a String cannot fail.
            let _ = write!(frame, "\r\u{1b}[{up}A");
        }
        let clear = if up > 0 { "\u{1b}[K" } else { "" };
        for line in above.lines() {
            if strip_str(line).to_string().width() < size.columns {
                let _ = writeln!(frame, "{line}{clear}");
            } else {
                // It wraps into lines that are drawn: clear all of them.
                let below = if up > 0 { "\u{1b}[J" } else { "" };
                let _ = writeln!(frame, "{below}{line}");
            }
        }
        self.drawn.clear();
        for line in lines {
            let line = fitted(line, size.columns.saturating_sub(1));
            self.drawn.push(line.width());
            let line = match self.is_coloured {
                true => painted_progress(&line),
                false => line,
            };
            let _ = writeln!(frame, "{line}{clear}");
        }
        if up > 0 {
            frame.push_str("\u{1b}[J");
        }
        frame
    }

    /// The number of rows that the drawn lines have. A terminal that was made narrower has wrapped them.
    fn height(&self, columns: usize) -> usize {
        let rows = |width: &usize| width.div_ceil(columns.max(1)).max(1);
        self.drawn.iter().map(rows).sum()
    }
}

/// The text cut to a width, with an ellipsis if something is missing.
pub(super) fn fitted(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut cut = String::new();
    let mut width = 0;
    for c in text.chars() {
        width += c.width().unwrap_or(0);
        if width >= columns {
            break;
        }
        cut.push(c);
    }
    if columns > 0 {
        cut.push('…');
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size {
        columns: 10,
        rows: 24,
    };

    fn lines(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|line| (*line).to_owned()).collect()
    }

    #[test]
    fn text_is_cut_to_the_width() {
        for (text, columns, cut) in [
            ("abc", 3, "abc"),
            ("abcd", 3, "ab…"),
            ("日本語", 6, "日本語"),
            ("日本語", 5, "日本…"),
            ("日本語", 4, "日…"),
            ("abc", 1, "…"),
            ("abc", 0, ""),
        ] {
            assert_eq!(fitted(text, columns), cut, "{text} {columns}");
            assert!(cut.width() <= columns, "{text} {columns}");
        }
    }

    #[test]
    fn a_terminal_shows_the_last_lines_only() {
        let mut terminal = vt100::Parser::new(6, 10, 0);
        let mut screen = Screen::default();
        let mut show = |above: &str, drawn: &[&str]| {
            let frame = screen.draw(above, &lines(drawn), SIZE);
            terminal.process(frame.replace('\n', "\r\n").as_bytes());
            let rows: Vec<String> = terminal.screen().rows(0, 10).collect();
            rows.join("\n").trim_end().to_owned()
        };
        assert_eq!(show("", &["one", "two"]), "one\ntwo");
        assert_eq!(show("", &["1"]), "1");
        assert_eq!(show("log", &["a long line", "x"]), "log\na long l…\nx");
        let wrapped = show("a line that wraps", &["y", "z"]);
        assert_eq!(wrapped, "log\na line tha\nt wraps\ny\nz");
        assert_eq!(show("end\n", &[]), "log\na line tha\nt wraps\nend");
    }

    #[test]
    fn lines_that_a_narrower_terminal_wraps_are_cleared() {
        let mut screen = Screen::default();
        screen.draw("", &lines(&["12345678", "1"]), SIZE);
        let narrow = Size { columns: 5, ..SIZE };
        assert!(screen.draw("", &[], narrow).starts_with("\r\u{1b}[3A"));
    }
}
