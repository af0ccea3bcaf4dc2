//! Expands placeholders in paths and descriptions of operations.

use std::fmt::{self, Write as _};

/// Replaces each `{name}` by the text that `value` writes for it.
///
/// # Errors
/// The name for which `value` returns `None`.
pub(super) fn expand(
    template: &str,
    mut value: impl FnMut(&str, &mut String) -> Option<fmt::Result>,
) -> Result<String, &str> {
    let mut text = String::with_capacity(template.len() + 64);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let (name, after) = after.split_once('}').ok_or(after)?;
        // Writing into a String cannot fail.
        let _ = value(name, &mut text).ok_or(name)?;
        rest = after;
    }
    text.push_str(rest);
    Ok(text)
}

/// Writes a value in double quotes, as in descriptions.
pub(super) fn quote(value: &str, text: &mut String) -> fmt::Result {
    write!(text, "{value:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_replaced_or_named() {
        let known = |name: &str, text: &mut String| match name {
            "a" => Some(quote("x\"y", text)),
            "b" => Some(text.write_str("1/2")),
            _ => None,
        };
        for (template, expected) in [
            ("/plain", Ok("/plain")),
            ("/{b}/{a}", Ok("/1/2/\"x\\\"y\"")),
            ("{b}", Ok("1/2")),
            ("/{c}/{a}", Err("c")),
            ("/{a", Err("a")),
        ] {
            assert_eq!(expand(template, known), expected.map(str::to_owned));
        }
    }
}
