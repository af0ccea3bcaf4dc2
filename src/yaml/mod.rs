//! YAML 1.1 as OpenStack reads it.
//!
//! OpenStack services and the Python clients read templates, environments and `clouds.yaml` with PyYAML, which
//! follows YAML 1.1: `yes` is a boolean, `0644` is octal, `12:30` is a number to base sixty. [`parse`] gives
//! every document the same meaning, with two differences for JSON: timestamps stay text, as Heat expects, and keys
//! that are not text become text. [`to_string`] writes YAML that has the same meaning in 1.1 and in 1.2.

mod collection;
mod compose;
mod construct;
mod dump;
mod emit;
mod float;
mod json;
mod node;
mod place;
mod resolve;
mod shift;
mod spelling;
mod tag;

use serde_json::Value;

pub use node::Mark;
// The tree is for the fuzz targets and the benchmarks, no part of the interface.
#[doc(hidden)]
pub use node::{Content, Mapping, Member, Node};

/// An error in a document, with its place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {}, column {}: {message}", .at.line, .at.column)]
pub struct Error {
    at: Mark,
    message: String,
}

impl Error {
    fn new(at: Mark, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { at, message }
    }

    /// The place of the error.
    pub fn mark(&self) -> Mark {
        self.at
    }

    /// The message without the place.
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// A document as a tree of nodes with their places.
///
/// ```
/// use heatclient::yaml::Document;
///
/// let document = Document::parse("size: 3\nsize: 0x10\n").map_err(|errors| errors[0].clone())?;
/// assert_eq!(document.root.to_json(), r#"{"size":16}"#);
/// assert_eq!(document.root.get("size").unwrap().start.line, 2);
/// assert_eq!(document.duplicates[0].first.line, 1);
/// # Ok::<(), heatclient::yaml::Error>(())
/// ```
#[derive(Clone, Debug)]
#[doc(hidden)]
pub struct Document {
    /// Its outermost node.
    pub root: Node,
    /// Keys that occur more than once in one mapping. The last value is used.
    pub duplicates: Vec<Duplicate>,
}

/// A key that occurs twice in one mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
#[doc(hidden)]
pub struct Duplicate {
    /// The key.
    pub key: String,
    /// The first occurrence, whose value is replaced.
    pub first: Mark,
    /// The second occurrence.
    pub second: Mark,
}

impl Document {
    /// Reads YAML as [`parse`] does, but keeps integers of any size.
    ///
    /// # Errors
    /// The errors of single nodes in their order, and the first syntax error, which ends reading.
    /// There is at least one.
    pub fn parse(text: &str) -> Result<Self, Vec<Error>> {
        compose::compose(text)
    }

    /// Reads JSON.
    ///
    /// # Errors
    /// The first syntax error (RFC 8259).
    pub fn parse_json(text: &str) -> Result<Self, Vec<Error>> {
        json::compose(text).map_err(|error| vec![error])
    }
}

/// Reads one document.
///
/// Anchors, aliases and merge keys (`<<`) are resolved; of two equal keys the last value is used, at the
/// position of the first. An empty text is `null`.
///
/// # Errors
///
/// The first of: a syntax error, a second document, an unknown tag (`!Ref`), a key that is a sequence or a mapping, a
/// number that JSON cannot hold (`.inf`, `.nan`), an integer beyond 64 bits, and an exceeded limit: 64 MiB of text,
/// 255 levels, or a million nodes after aliases are expanded. Aliases may repeat 20,000 nodes, and fifty more for each
/// written node.
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
    let first = |errors: Vec<Error>| {
        let first = errors.into_iter().next();
        first.unwrap_or_else(|| Error::new(Mark::default(), "the document cannot be read"))
    };
    Document::parse(text).map_err(first)?.root.to_value()
}

/// Writes a value as one document in block style, keys in their order.
///
/// Text that would be read as another type is quoted. Multi-line text becomes a literal block where possible.
/// Characters beyond ASCII are kept.
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

/// Writes a value exactly as PyYAML's `safe_dump` does: block style, keys sorted, lines folded at 80 characters, text beyond
/// ASCII and multi-line text in quotes.
///
/// ```
/// let value = serde_json::json!({"name": "wéb", "answer": "no", "age": 3});
/// assert_eq!(heatclient::yaml::dump(&value), "age: 3\nanswer: 'no'\nname: \"w\\xE9b\"\n");
/// assert_eq!(heatclient::yaml::dump(&"text".into()), "text\n...\n");
/// ```
pub fn dump(value: &Value) -> String {
    dump::dump(value)
}

#[cfg(test)]
mod tests;
