//! Templates: reading them from files and texts.

pub mod lint;
mod problem;

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind, Result};
use crate::yaml;

pub use problem::{Place, Problem, Severity};

/// What Heat accepts at most by default (`max_template_size`).
const LONGEST: usize = 512 * 1024;

/// One of these keys makes a mapping a template.
pub(crate) const VERSION_KEYS: [&str; 3] = [
    "heat_template_version",
    "HeatTemplateFormatVersion",
    "AWSTemplateFormatVersion",
];

/// A template that stands on its own: it refers to no other file.
///
/// ```
/// use heatclient::heat::Template;
///
/// let template = Template::parse("heat_template_version: 2021-04-16")?;
/// assert_eq!(template.as_map()["heat_template_version"], "2021-04-16");
/// # Ok::<(), heatclient::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Template(Map<String, Value>);

impl Template {
    /// Reads a template from a YAML or JSON file.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] for a file that cannot be read, [`ErrorKind::Template`] for one that is no
    /// template, with the line where there is one: `web.yaml, line 3, column 5: …`.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let shown = path.display().to_string();
        let text = read(path, &shown)?;
        Self::read(&text, Some(&shown))
    }

    /// Reads a template from a text: JSON if it begins with `{`, else YAML.
    ///
    /// # Errors
    /// [`ErrorKind::Template`] for a text that is no template.
    pub fn parse(text: &str) -> Result<Self> {
        Self::read(text, None)
    }

    /// The template as Heat will get it.
    pub fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    fn read(text: &str, file: Option<&str>) -> Result<Self> {
        let at = Spot { file };
        if text.len() > LONGEST {
            return Err(at.error(format!(
                "longer than the {} KiB that Heat accepts",
                LONGEST / 1024
            )));
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let value = if text.trim_start().starts_with('{') {
            serde_json::from_str(text).map_err(|e| at.json(&e))?
        } else {
            yaml::parse(text).map_err(|e| {
                at.line(
                    e.mark().line as usize,
                    e.mark().column as usize,
                    e.message(),
                )
            })?
        };
        let template = match value {
            Value::Object(map) if VERSION_KEYS.iter().any(|key| map.contains_key(*key)) => map,
            Value::Null => return Err(at.error("empty".to_owned())),
            _ => {
                return Err(at.error(format!(
                    "not a template: a mapping with the key {} is expected",
                    VERSION_KEYS.join(" or ")
                )));
            }
        };
        let mut references = Vec::new();
        template
            .values()
            .for_each(|value| find_references(value, &mut references));
        if !references.is_empty() {
            return Err(at.error(format!(
                "refers to other files, which are not sent along yet: {}",
                references.join(", ")
            )));
        }
        Ok(Self(template))
    }
}

impl From<Template> for Value {
    fn from(template: Template) -> Self {
        Self::Object(template.0)
    }
}

/// Reads a file whole, unless it is too long.
fn read(path: &Path, shown: &str) -> Result<String> {
    let io = |e: std::io::Error| {
        Error::new(
            ErrorKind::Io,
            format!("cannot read the template {shown}: {e}"),
        )
        .with_source(e)
    };
    // One byte more than allowed tells a file that is too long, even one without an end.
    let mut bytes = Vec::new();
    File::open(path)
        .map_err(io)?
        .take(LONGEST as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(io)?;
    let at = Spot { file: Some(shown) };
    if bytes.len() > LONGEST {
        return Err(at.error(format!(
            "longer than the {} KiB that Heat accepts",
            LONGEST / 1024
        )));
    }
    String::from_utf8(bytes).map_err(|e| {
        let good = e
            .as_bytes()
            .get(..e.utf8_error().valid_up_to())
            .unwrap_or_default();
        let line = good.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = good.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
        at.line(line, column, "not UTF-8")
    })
}

/// Where an error is.
struct Spot<'a> {
    file: Option<&'a str>,
}

impl Spot<'_> {
    fn error(&self, message: String) -> Error {
        let file = self.file.unwrap_or("the template");
        Error::new(ErrorKind::Template, format!("{file}: {message}"))
    }

    fn line(&self, line: usize, column: usize, message: &str) -> Error {
        let file = self.file.unwrap_or("the template");
        Error::new(
            ErrorKind::Template,
            format!("{file}, line {line}, column {column}: {message}"),
        )
    }

    fn json(&self, error: &serde_json::Error) -> Error {
        // serde_json says the place once more at the end of its text.
        let text = error.to_string();
        let message = text
            .rsplit_once(" at line ")
            .map_or(text.as_str(), |(message, _)| message);
        self.line(error.line(), error.column(), message)
    }
}

/// Finds what Heat would take for another file: `get_file`, and types that are files.
fn find_references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match value.as_str() {
                    Some(file) if key == "get_file" || key == "type" && is_file_type(file) => {
                        if !found.iter().any(|known| known == file) {
                            found.push(file.to_owned());
                        }
                    }
                    _ => find_references(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| find_references(item, found)),
        _ => {}
    }
}

fn is_file_type(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| {
        ["yaml", "yml", "template"]
            .iter()
            .any(|known| extension == *known)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERSION: &str = "heat_template_version: 2021-04-16\n";

    fn message(text: &str) -> String {
        let error = Template::parse(text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Template);
        error.to_string()
    }

    /// Writes `bytes` to a file of its own and reads it as a template.
    fn from_file(name: &str, bytes: &[u8]) -> Result<Template, String> {
        let path = std::env::temp_dir().join(format!("heatclient-{}-{name}", std::process::id()));
        std::fs::write(&path, bytes).unwrap();
        let result = Template::from_file(&path).map_err(|e| e.to_string());
        std::fs::remove_file(&path).unwrap();
        result.map_err(|e| e.replace(&path.display().to_string(), name))
    }

    #[test]
    fn yaml_and_json_are_told_apart() {
        for text in [
            "heat_template_version: 2021-04-16",
            "\u{feff}heat_template_version: '2021-04-16'",
            " \n{\"heat_template_version\": \"2021-04-16\"}",
        ] {
            let template = Template::parse(text).unwrap();
            assert_eq!(
                template.as_map()["heat_template_version"],
                "2021-04-16",
                "{text:?}"
            );
        }
        assert!(Template::parse("AWSTemplateFormatVersion: '2010-09-09'").is_ok());
    }

    #[test]
    fn what_is_no_template_says_so() {
        let none = "the template: not a template: a mapping with the key heat_template_version or \
                    HeatTemplateFormatVersion or AWSTemplateFormatVersion is expected";
        for text in [
            "a: 1",
            "17",
            "[heat_template_version]",
            "heat_template_version",
            "{}",
        ] {
            assert_eq!(message(text), none, "{text}");
        }
        assert_eq!(message(""), "the template: empty");
        assert_eq!(
            message(&"x".repeat(LONGEST + 1)),
            "the template: longer than the 512 KiB that Heat accepts"
        );
        assert_eq!(
            message("{\"heat_template_version\": \"x\",}"),
            "the template, line 1, column 31: trailing comma"
        );
    }

    #[test]
    fn references_to_files_are_named() {
        let text = format!(
            "{VERSION}resources:\n  a: {{type: sub/web.yaml}}\n  b:\n    type: OS::Heat::Value\n    \
             properties: {{value: [{{get_file: run.sh}}, {{get_file: run.sh}}, {{get_file: [x]}}]}}\n"
        );
        assert_eq!(
            message(&text),
            "the template: refers to other files, which are not sent along yet: sub/web.yaml, run.sh"
        );
    }

    #[test]
    fn files_are_named_with_line_and_column() {
        assert!(from_file("good.yaml", VERSION.as_bytes()).is_ok());
        assert_eq!(
            from_file("latin.yaml", b"a: b\nc: \xe9").unwrap_err(),
            "latin.yaml, line 2, column 4: not UTF-8"
        );
        assert_eq!(
            from_file("long.yaml", &vec![b' '; LONGEST + 1]).unwrap_err(),
            "long.yaml: longer than the 512 KiB that Heat accepts"
        );
        let bad = from_file("bad.yaml", b"a: b\nc: [\n").unwrap_err();
        assert!(bad.starts_with("bad.yaml, line "), "{bad}");
        let error = Template::from_file("no/such.yaml").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(
            error
                .to_string()
                .starts_with("cannot read the template no/such.yaml: "),
            "{error}"
        );
    }
}
