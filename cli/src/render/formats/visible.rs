//! Makes untrusted text safe to print: it cannot control the terminal, reorder other text, or start a new line.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character is escaped: control characters (C0 and C1 except line feed and tab, DEL), bidirectional controls
/// (Unicode Standard Annex 9), and line and paragraph separators.
pub(super) fn needs_escape(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        '\u{61C}' | '\u{200E}' | '\u{200F}' => true,
        '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => true,
        c => c.is_control(),
    }
}

/// Replaces these characters by `\uXXXX`, which double-quoted JSON and YAML read as the same text.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    let plain = |byte: u8| (b' '..=b'~').contains(&byte) || matches!(byte, b'\n' | b'\t');
    if text.bytes().all(plain) || !text.contains(needs_escape) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if needs_escape(c) {
            // All of them fit in four digits. Writing to a String cannot fail.
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out.into()
}

/// The same with spaces for line feeds, so that a text cannot look like two messages.
pub(crate) fn visible_line(text: &str) -> Cow<'_, str> {
    match visible(text) {
        line if !line.contains('\n') => line,
        lines => lines.replace('\n', " ").into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped() {
        for (text, shown) in [
            (
                "a\u{1b}[31mb\r\u{7}\u{9b}2J\u{7f}\0",
                r"a\u001b[31mb\u000d\u0007\u009b2J\u007f\u0000",
            ),
            ("\u{80}\u{85}\u{9f}\u{a0}", "\\u0080\\u0085\\u009f\u{a0}"),
            (
                "\u{202a}\u{202e}\u{2066}\u{2069}",
                r"\u202a\u202e\u2066\u2069",
            ),
            ("\u{200e}\u{200f}\u{61c}", r"\u200e\u200f\u061c"),
            ("\u{2028}\u{2029}", r"\u2028\u2029"),
            (
                "\u{2027}\u{202f}\u{2065}\u{206a}\u{200d}",
                "\u{2027}\u{202f}\u{2065}\u{206a}\u{200d}",
            ),
            (r"\u001b stays", r"\u001b stays"),
        ] {
            assert_eq!(visible(text), shown);
        }
    }

    #[test]
    fn other_text_is_not_copied() {
        for text in ["", "a\tb\n", "– 日本 \u{1f600}"] {
            assert!(matches!(visible(text), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn one_line_stays_one() {
        assert_eq!(visible_line("  a\tb"), "  a\tb");
        assert_eq!(
            visible_line("a\nb\r\nc\u{85}d\u{2028}e"),
            r"a b\u000d c\u0085d\u2028e"
        );
    }
}
