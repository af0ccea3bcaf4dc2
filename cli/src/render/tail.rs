//! The last lines of long texts.

/// The number of lines that are shown.
const MAX_LINES: usize = 10;

/// The last lines of a text, or the whole text, indented. `before` and `after` mark that there are more.
pub(crate) fn tail(text: &str, whole: bool, before: &str, after: Option<&str>) -> String {
    let mut lines: Vec<&str> = lines(text);
    let hidden = lines.len().saturating_sub(MAX_LINES);
    if hidden > 0 && !whole {
        lines.drain(..hidden);
        lines.insert(0, before);
        lines.extend(after);
    }
    let indented: Vec<String> = lines.iter().map(|line| format!("    {line}")).collect();
    indented.join("\n")
}

/// The lines as Python splits them: carriage returns, form feeds and others also end a line.
fn lines(text: &str) -> Vec<&str> {
    const ENDS: [char; 10] = [
        '\n', '\r', '\u{b}', '\u{c}', '\u{1c}', '\u{1d}', '\u{1e}', '\u{85}', '\u{2028}',
        '\u{2029}',
    ];
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (line, after) = match rest.find(ENDS) {
            Some(end) => rest.split_at(end),
            None => (rest, ""),
        };
        lines.push(line);
        rest = match after.strip_prefix("\r\n") {
            Some(rest) => rest,
            None => after.strip_prefix(ENDS).unwrap_or_default(),
        };
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_as_in_python() {
        for (text, expected) in [
            ("", &[][..]),
            ("a", &["a"]),
            ("a\n", &["a"]),
            ("a\r\nb\rc\u{c}d", &["a", "b", "c", "d"]),
            ("\n\na", &["", "", "a"]),
            ("a\u{2028}\u{85}", &["a", ""]),
        ] {
            assert_eq!(lines(text), expected, "{text:?}");
        }
    }
}
