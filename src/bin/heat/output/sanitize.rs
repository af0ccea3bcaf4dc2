//! Keeps what a server says from steering the terminal.

use std::borrow::Cow;

/// Puts U+FFFD in the place of every control character but line feed and tab.
pub(crate) fn sanitize(text: &str) -> Cow<'_, str> {
    let refused = |c: char| c.is_control() && c != '\n' && c != '\t';
    if text.contains(refused) {
        Cow::Owned(text.replace(refused, "\u{FFFD}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_replaced() {
        assert_eq!(
            sanitize("a\u{1b}[31mb\r\u{7}\u{9b}2J\u{7f}"),
            "a\u{FFFD}[31mb\u{FFFD}\u{FFFD}\u{FFFD}2J\u{FFFD}"
        );
    }

    #[test]
    fn other_text_is_not_copied() {
        assert!(matches!(
            sanitize("a\tb\n– 日本"),
            Cow::Borrowed("a\tb\n– 日本")
        ));
    }
}
