//! Decoding of JSON from servers, including the extensions that Python's `json` module writes.
//!
//! `serde_json` reads JSON that conforms to RFC 8259. OpenStack services are written in Python, whose
//! encoder writes more than RFC 8259 allows. Such a text is rewritten once and decoded again:
//!
//! | in the text | is read as |
//! |---|---|
//! | `NaN`, `Infinity`, `-Infinity` | the string of that name |
//! | a number with a fraction or an exponent beyond the range of `f64`, such as `1e999` | `"Infinity"` or `"-Infinity"`, as Python reads it |
//! | an integer beyond the range of `f64` | the string of its digits |
//! | an unpaired escaped surrogate, such as `"\ud800"` | U+FFFD |
//! | a list or an object more than [`DEPTH`] levels deep | the string of its text |
//!
//! The second pass copies the text and takes time proportional to its length.

use std::marker::PhantomData;

use serde::de::{DeserializeOwned, DeserializeSeed};
use serde_json::de::Read;
use serde_json::{Deserializer, Result};

/// The maximum nesting depth of lists and objects. Deeper values are kept as text, so that no response
/// can exhaust a thread's stack: decoding, cloning and dropping values are recursive.
pub const DEPTH: usize = 512;

/// Decodes a response.
///
/// # Errors
/// The error of `serde_json` for the text that the server sent.
pub fn from_slice<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    from_seed(PhantomData, body)
}

/// Decodes a response with `seed`.
pub(crate) fn from_seed<T>(
    seed: impl for<'de> DeserializeSeed<'de, Value = T> + Clone,
    body: &[u8],
) -> Result<T> {
    // Checking the UTF-8 of the whole text once is faster than checking each string in it.
    let Ok(text) = str::from_utf8(body) else {
        return read(seed, &mut Deserializer::from_slice(body));
    };
    read(seed.clone(), &mut Deserializer::from_str(text)).or_else(|error| {
        if error.is_syntax() {
            decode_rewritten(seed, text).unwrap_or(Err(error))
        } else {
            Err(error)
        }
    })
}

/// Decodes the whole input.
fn read<'de, R: Read<'de>, S: DeserializeSeed<'de>>(
    seed: S,
    deserializer: &mut Deserializer<R>,
) -> Result<S::Value> {
    let value = seed.deserialize(&mut *deserializer)?;
    deserializer.end()?;
    Ok(value)
}

/// Decodes the rewritten text; `None` if nothing was rewritten, or if the result is still not JSON.
#[cold]
fn decode_rewritten<T>(
    seed: impl for<'de> DeserializeSeed<'de, Value = T>,
    text: &str,
) -> Option<Result<T>> {
    let rewritten = Rewriter::new(text).run()?;
    let mut deserializer = Deserializer::from_str(&rewritten);
    deserializer.disable_recursion_limit();
    match read(seed, &mut deserializer) {
        // Its position would be one in the rewritten text, which nobody sees.
        Err(error) if !error.is_data() => None,
        result => Some(result),
    }
}

/// Copies a text and replaces the parts that are not JSON.
struct Rewriter<'a> {
    text: &'a str,
    /// The position up to which the text was read.
    at: usize,
    /// The position up to which the text was copied.
    copied: usize,
    out: String,
    depth: usize,
}

impl<'a> Rewriter<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            copied: 0,
            out: String::new(),
            depth: 0,
        }
    }

    /// Returns the rewritten text; `None` if nothing needs to change or the text cannot be rewritten.
    fn run(mut self) -> Option<String> {
        let mut deepest = 0;
        while let Some(byte) = self.byte(self.at) {
            match byte {
                b'"' => self.string()?,
                b'[' | b'{' if self.depth == DEPTH => self.too_deep()?,
                b'[' | b'{' => {
                    self.depth += 1;
                    deepest = deepest.max(self.depth);
                    self.at += 1;
                }
                b']' | b'}' => {
                    self.depth = self.depth.checked_sub(1)?;
                    self.at += 1;
                }
                b'N' => self.word("NaN")?,
                b'I' => self.word("Infinity")?,
                b'-' if self.byte(self.at + 1) == Some(b'I') => self.word("-Infinity")?,
                b'-' | b'0'..=b'9' => self.number()?,
                _ => self.at += 1,
            }
        }
        /// The depth that `serde_json` accepts by default.
        const PLAIN: usize = 127;
        if self.copied == 0 && deepest <= PLAIN {
            return None;
        }
        self.out.push_str(self.text.get(self.copied..)?);
        Some(self.out)
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// Replaces the text from `start` to the current position.
    fn replace(&mut self, start: usize, with: &str) -> Option<()> {
        self.out.push_str(self.text.get(self.copied..start)?);
        self.out.push_str(with);
        self.copied = self.at;
        Some(())
    }

    fn word(&mut self, word: &str) -> Option<()> {
        let start = self.at;
        self.text.get(start..)?.strip_prefix(word)?;
        self.at += word.len();
        self.replace(start, &format!("\"{word}\""))
    }

    /// Replaces a number beyond the range of `f64` with a string.
    fn number(&mut self) -> Option<()> {
        /// Shorter numbers without an exponent are within the range.
        const LONG: usize = 300;
        let rest = self.text.get(self.at..)?;
        let is_part = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E');
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let number = rest.get(..end)?;
        let start = self.at;
        self.at += end;
        let is_integer = !number.contains(['.', 'e', 'E']);
        if number.len() < LONG && !number.contains(['e', 'E'])
            || !number.parse::<f64>().is_ok_and(f64::is_infinite)
        {
            return Some(());
        }
        match (is_integer, number.starts_with('-')) {
            (true, _) => self.replace(start, &format!("\"{number}\"")),
            (false, false) => self.replace(start, "\"Infinity\""),
            (false, true) => self.replace(start, "\"-Infinity\""),
        }
    }

    /// Replaces the unpaired surrogates of a string.
    fn string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            match self.byte(self.at)? {
                b'"' => {
                    self.at += 1;
                    return Some(());
                }
                b'\\' if self.byte(self.at + 1) == Some(b'u') => {
                    let start = self.at;
                    self.at += 6;
                    let low = |unit| matches!(unit, 0xdc00..=0xdfff);
                    match self.unit(start)? {
                        0xd800..=0xdbff if self.unit(self.at).is_some_and(low) => self.at += 6,
                        0xd800..=0xdfff => self.replace(start, "\\ufffd")?,
                        _ => {}
                    }
                }
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
    }

    /// The UTF-16 unit of the escape at this position: `\u0041`.
    fn unit(&self, at: usize) -> Option<u16> {
        let digits = self.text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    }

    /// Replaces a list or an object with a string.
    fn too_deep(&mut self) -> Option<()> {
        let start = self.at;
        let mut open = 0usize;
        loop {
            match self.byte(self.at)? {
                b'"' => {
                    // Nothing is replaced here: the text is kept as the server sent it.
                    self.skip_string()?;
                    continue;
                }
                b'[' | b'{' => open += 1,
                b']' | b'}' => open -= 1,
                _ => {}
            }
            self.at += 1;
            if open == 0 {
                break;
            }
        }
        let quoted = serde_json::to_string(self.text.get(start..self.at)?).ok()?;
        self.replace(start, &quoted)
    }

    fn skip_string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            match self.byte(self.at)? {
                b'"' => {
                    self.at += 1;
                    return Some(());
                }
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(text: &str) -> Result<Value> {
        from_slice(text.as_bytes())
    }

    #[test]
    fn what_python_writes_is_read() {
        let digits = "9".repeat(400);
        for (text, value) in [
            ("NaN", json!("NaN")),
            (
                r#"{"a": [NaN, Infinity,-Infinity , 1]}"#,
                json!({"a": ["NaN", "Infinity", "-Infinity", 1]}),
            ),
            (
                "[1e999, -1.5E+999, 1e-999]",
                json!(["Infinity", "-Infinity", 0.0]),
            ),
            (&format!("[-{digits}]"), json!([format!("-{digits}")])),
            (
                &format!("[{digits}.0, 1{}]", "0".repeat(300)),
                json!(["Infinity", 1e300]),
            ),
            (
                r#"{"\udc00": "a\ud800b\udfff\"\ud83d\ude00\\ud800"}"#,
                json!({"\u{fffd}": "a\u{fffd}b\u{fffd}\"\u{1f600}\\ud800"}),
            ),
            (r#"["\ud800\ud83d\ude00"]"#, json!(["\u{fffd}\u{1f600}"])),
            (r#"["NaN", "1e999", NaN]"#, json!(["NaN", "1e999", "NaN"])),
        ] {
            assert_eq!(read(text).unwrap(), value, "{text}");
        }
    }

    #[test]
    fn what_is_no_json_fails_as_serde_json_has_it() {
        for text in [
            "",
            "<html>",
            "Nan",
            "[NaN",
            "NaNs",
            "+Infinity",
            "[1e999,]",
            r#""\ud8"#,
            r#"["\ud800]"#,
            r#"{"a": NaN} x"#,
            "[1, 2",
            "]",
            "\"\\",
            "{\"a\": Infinity, b}",
        ] {
            let ours = read(text).unwrap_err();
            let theirs = serde_json::from_str::<Value>(text).unwrap_err();
            assert_eq!(ours.to_string(), theirs.to_string(), "{text}");
        }
        assert!(from_slice::<Value>(b"\"\xff\"").is_err());
    }

    #[test]
    fn types_get_what_a_plain_text_would_give_them() {
        #[derive(serde::Deserialize)]
        struct Shown {
            name: String,
            ratio: Value,
        }
        let shown: Shown =
            from_slice(br#"{"other": NaN, "name": "a\ud800", "ratio": Infinity}"#).unwrap();
        assert_eq!(shown.name, "a\u{fffd}");
        assert_eq!(shown.ratio, "Infinity");
        // A wrong type is still an error.
        assert!(from_slice::<Shown>(br#"{"name": [], "ratio": NaN}"#).is_err());
        assert!(from_slice::<u64>(b"NaN").unwrap_err().is_data());
    }

    proptest::proptest! {
        #[test]
        fn no_text_does_harm(parts in proptest::collection::vec(0usize..24, 0..24)) {
            const PARTS: [&str; 24] = [
                "NaN", "Infinity", "-Infinity", "-", "1", "1e999", "0.5", "\"", "\"a\"", "\"\\ud800\"",
                "\\udc00", "\\u", "\\", "[", "]", "[NaN]", "{", "}", "{\"a\":", ":", ",", " ", "true", "é",
            ];
            let text: String = parts.iter().map(|part| PARTS[*part]).collect();
            match (read(&text), serde_json::from_str::<Value>(&text)) {
                (Ok(ours), Ok(theirs)) => assert_eq!(ours, theirs),
                (Err(ours), Err(theirs)) => assert_eq!(ours.to_string(), theirs.to_string()),
                (Ok(_), Err(error)) => assert!(error.is_syntax()),
                (Err(error), Ok(_)) => panic!("{error}"),
            }
        }
    }

    fn nested(depth: usize) -> String {
        format!(
            "{}1{}",
            "[{\"a\":".repeat(depth / 2),
            "}]".repeat(depth / 2)
        )
    }

    #[test]
    fn depth_ends_in_text() {
        for depth in [100, 126, 128, 200, DEPTH] {
            let value = read(&nested(depth)).unwrap();
            assert_eq!(value.to_string(), nested(depth), "{depth}");
        }
        for depth in [DEPTH + 2, 10 * DEPTH, 1_000_000] {
            let mut value = &read(&nested(depth)).unwrap();
            let mut levels = 0;
            while let Some(inner) = value.get(0).or_else(|| value.get("a")) {
                value = inner;
                levels += 1;
            }
            assert_eq!(levels, DEPTH);
            assert_eq!(value.as_str(), Some(nested(depth - DEPTH).as_str()));
        }
        assert!(read(&"[".repeat(1_000_000)).is_err());
    }

    #[test]
    fn the_deepest_value_fits_into_the_smallest_usual_stack() {
        // Threads of std and of tokio have 2 MiB.
        let work = || {
            let value = read(&nested(DEPTH)).unwrap();
            let copy = value.clone();
            assert_eq!(copy, value);
            assert_eq!(format!("{value:?}"), format!("{copy:?}"));
            assert_eq!(serde_json::from_value::<Value>(copy).unwrap(), value);
            serde_json::to_string_pretty(&value).unwrap().len()
        };
        let thread = std::thread::Builder::new().stack_size(1536 * 1024);
        assert!(thread.spawn(work).unwrap().join().unwrap() > 0);
    }
}
