//! YAML 1.1 as OpenStack reads it.
//!
//! OpenStack services and the Python clients read templates, environments and `clouds.yaml` with PyYAML, which
//! follows YAML 1.1: `yes` is a boolean, `0644` is octal, `12:30` is a number to base sixty. [`parse`] gives every
//! document that same meaning, with two differences that suit JSON: timestamps stay text, as Heat wants them, and
//! keys that are not text become text. [`to_string`] writes YAML that both 1.1 and 1.2 readers take for what it is.

mod compose;
mod emit;
mod float;
mod resolve;

use serde_json::Value;

/// Why a document cannot be read, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct Error {
    line: usize,
    column: usize,
    message: String,
}

impl Error {
    fn new(line: usize, column: usize, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            line,
            column,
            message,
        }
    }

    /// The line of the fault, counted from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column of the fault in characters, counted from 1.
    pub fn column(&self) -> usize {
        self.column
    }

    /// What is wrong, without the place.
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// Reads one document.
///
/// Anchors, aliases and merge keys (`<<`) are resolved; of two equal keys the last wins, in the place of the first.
/// An empty text is `null`.
///
/// # Errors
///
/// Syntax that YAML does not allow, a second document, a tag that means nothing here (`!Ref`), a key that is a
/// sequence or a mapping, numbers that JSON cannot hold (`.inf`, `.nan`, integers beyond 64 bits), and documents
/// beyond the limits: 64 MiB of text, a million nodes after aliases are expanded, 255 levels.
///
/// ```
/// let value = heatclient::yaml::parse("verify: no\nmode: 0644\nsince: 2013-05-23\n")?;
/// assert_eq!(value, serde_json::json!({"verify": false, "mode": 420, "since": "2013-05-23"}));
///
/// let error = heatclient::yaml::parse("a: 1\nb: !Ref x\n").unwrap_err();
/// assert_eq!(error.to_string(), "line 2, column 4: unknown tag `!Ref`");
/// # Ok::<(), heatclient::yaml::Error>(())
/// ```
pub fn parse(text: &str) -> Result<Value, Error> {
    compose::compose(text)
}

/// Writes a value as one document in block style, keys in their order.
///
/// Text that a reader could take for something else is quoted, text of several lines becomes a literal block
/// where YAML can hold it in one, and characters beyond ASCII are kept.
///
/// ```
/// let value = serde_json::json!({"mode": "0644", "answer": "no", "script": "#!/bin/sh\nls\n"});
/// assert_eq!(
///     heatclient::yaml::to_string(&value),
///     "mode: '0644'\nanswer: 'no'\nscript: |\n  #!/bin/sh\n  ls\n",
/// );
/// ```
pub fn to_string(value: &Value) -> String {
    emit::emit(value)
}

#[cfg(test)]
mod tests;
