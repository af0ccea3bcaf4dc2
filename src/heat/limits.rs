//! Heat's size limits, which are checked before a request is sent.

use std::borrow::Cow;

use crate::error::{Error, ErrorKind, Result};
use crate::template::Package;

/// Heat's size limits. The defaults are Heat's own, which operators may change.
///
/// ```
/// use heatclient::heat::Limits;
///
/// let limits = Limits::default().body(4 << 20);
/// assert_ne!(limits, Limits::none());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "pass it to a client"]
pub struct Limits {
    body: usize,
    template: usize,
    depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 1 << 20,
            template: 512 << 10,
            depth: 5,
        }
    }
}

impl Limits {
    /// No limits. Heat itself may still refuse the request.
    pub fn none() -> Self {
        Self {
            body: usize::MAX,
            template: usize::MAX,
            depth: usize::MAX,
        }
    }

    /// The maximum size of a request in bytes: Heat's `max_json_body_size`, 1 MiB by default.
    pub fn body(mut self, bytes: usize) -> Self {
        self.body = bytes;
        self
    }

    /// The maximum number of characters of a template, as Python prints it, and of every other
    /// file: Heat's `max_template_size`, 524,288 by default.
    pub fn template(mut self, characters: usize) -> Self {
        self.template = characters;
        self
    }

    /// The maximum number of levels of nested stacks: Heat's `max_nested_stack_depth`, 5 by
    /// default.
    pub fn depth(mut self, levels: usize) -> Self {
        self.depth = levels;
        self
    }

    /// Checks the limits of a package. The request's size is checked by
    /// [`check_body`](Self::check_body).
    pub(super) fn check_package(self, package: &Package) -> Result<()> {
        if let Some(template) = package.template() {
            // Heat counts the characters of a text before it parses it.
            let characters = match serde_json::from_str::<Cow<'_, str>>(template) {
                Ok(text) => text.chars().count(),
                Err(_) => python_length(template),
            };
            if characters > self.template {
                return Err(exceeded(
                    "the template",
                    characters,
                    "characters",
                    self.template,
                    "max_template_size",
                ));
            }
        }
        for (url, content) in package.files() {
            let characters = content.chars().count();
            if characters > self.template {
                let what = format!("the file {url}");
                return Err(exceeded(
                    &what,
                    characters,
                    "characters",
                    self.template,
                    "max_template_size",
                ));
            }
        }
        if package.depth() > self.depth {
            let levels = package.depth();
            return Err(exceeded(
                "the nesting",
                levels,
                "levels",
                self.depth,
                "max_nested_stack_depth",
            ));
        }
        Ok(())
    }

    /// Checks the length of a request's body.
    pub(super) fn check_body(self, bytes: usize) -> Result<()> {
        if bytes > self.body {
            return Err(exceeded(
                "the request",
                bytes,
                "bytes",
                self.body,
                "max_json_body_size",
            ));
        }
        Ok(())
    }
}

fn exceeded(what: &str, size: usize, unit: &str, limit: usize, option: &str) -> Error {
    let (size, limit) = (grouped(size), grouped(limit));
    Error::new(
        ErrorKind::Template,
        format!(
            "{what} has {size} {unit}; the limit is {limit} (Heat's {option}; raise or disable it if your cloud allows more)"
        ),
    )
}

/// Formats a number with thousands separators.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// The number of characters that Heat counts: those of the `dict` that Python prints for this JSON,
/// with blanks after colons and commas, and quotes without backslashes. The result is never larger
/// than Heat's, so that nothing is refused that Heat would accept.
fn python_length(json: &str) -> usize {
    let mut length = 0;
    let mut is_text = false;
    let mut chars = json.chars();
    while let Some(c) = chars.next() {
        length += match c {
            '\\' => match chars.next() {
                Some('"' | '/') => 1,
                // `\u0001` is `\x01`.
                Some('u') => chars.by_ref().take(4).count(),
                _ => 2,
            },
            '"' => {
                is_text = !is_text;
                1
            }
            ',' | ':' if !is_text => 2,
            _ => 1,
        };
    }
    length
}

/// Checks the name of a new stack: a letter, then letters, digits, `_`, `.` and `-`, at most 255
/// characters.
pub(super) fn check_name(name: &str) -> Result<()> {
    const MAX_LENGTH: usize = 255;
    let length = name.chars().count();
    let why = if length > MAX_LENGTH {
        format!("it has {length} characters; the maximum is {MAX_LENGTH}")
    } else if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        "it must start with a letter (A-Z, a-z)".to_owned()
    } else if let Some(c) = name
        .chars()
        .find(|c| !c.is_ascii_alphanumeric() && !"_.-".contains(*c))
    {
        format!("it contains {c:?}; use A-Z, a-z, 0-9, \"_\", \"-\" and \".\"")
    } else {
        return Ok(());
    };
    Err(Error::new(
        ErrorKind::Config,
        format!("invalid stack name: {why}"),
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn python_writes_it_so_long() {
        // Expected: the length of Python's `str()`.
        for (json, length) in [
            ("{}", 2),
            (r#"{"a":1,"b":[true,null]}"#, 27),
            (r#"{"a":"it's"}"#, 13),
            (r#"{"a":"say \"x\""}"#, 16),
            (r#"{"a":"x\ny:,z"}"#, 16),
            ("{\"a\":\"é日\"}", 11),
        ] {
            assert_eq!(python_length(json), length, "{json}");
        }
    }

    #[test]
    fn names_are_those_of_heat() {
        for name in ["a", "Web-1_x.y", &"a".repeat(255)] {
            assert!(check_name(name).is_ok(), "{name}");
        }
        for (name, text) in [
            (
                "",
                "invalid stack name: it must start with a letter (A-Z, a-z)",
            ),
            (
                "1a",
                "invalid stack name: it must start with a letter (A-Z, a-z)",
            ),
            (
                "a b",
                r#"invalid stack name: it contains ' '; use A-Z, a-z, 0-9, "_", "-" and ".""#,
            ),
            (
                "aé",
                r#"invalid stack name: it contains 'é'; use A-Z, a-z, 0-9, "_", "-" and ".""#,
            ),
            (
                &"a".repeat(256),
                "invalid stack name: it has 256 characters; the maximum is 255",
            ),
        ] {
            assert_eq!(check_name(name).unwrap_err().to_string(), text);
        }
    }

    #[test]
    fn the_numbers_are_told() {
        let limits = Limits::default();
        let long = Package::from(json!({"a": "x".repeat(524_280)}));
        assert_eq!(
            limits.check_package(&long).unwrap_err().to_string(),
            "the template has 524,289 characters; the limit is 524,288 (Heat's max_template_size; \
             raise or disable it if your cloud allows more)"
        );
        let fits = Package::from(json!({"a": "x".repeat(524_279)}));
        assert!(limits.check_package(&fits).is_ok());
        assert!(Limits::none().check_package(&long).is_ok());
        assert!(limits.check_body(1 << 20).is_ok());
        assert_eq!(
            limits.check_body((1 << 20) + 1).unwrap_err().to_string(),
            "the request has 1,048,577 bytes; the limit is 1,048,576 (Heat's max_json_body_size; \
             raise or disable it if your cloud allows more)"
        );
    }
}
