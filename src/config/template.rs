//! Placeholders in values of files: `https://{region_name}.example:5000`.

use crate::error::{Error, ErrorKind};

/// A placeholder that has no value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unknown(String);

impl Unknown {
    /// The error for a value of this setting.
    pub(super) fn of(&self, setting: &str) -> Error {
        if self.0 == "{region_name}" {
            let message = format!(
                "no region for the placeholder {{region_name}} in {setting}: set region_name, OS_REGION_NAME or \
                 --os-region-name"
            );
            return Error::new(ErrorKind::Config, message);
        }
        let message = format!(
            "unknown placeholder {} in {setting}; the name of a setting is expected, such as {{region_name}}; \
             a brace is written twice",
            self.0
        );
        Error::new(ErrorKind::Config, message)
    }
}

/// Replaces `{NAME}` by values, and `{{` and `}}` by braces, as Python's `format` does. `None` if there
/// is nothing to replace.
pub(super) fn expand(
    text: &str,
    value: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<String>, Unknown> {
    if !text.contains(['{', '}']) {
        return Ok(None);
    }
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, after)) = split(rest) {
        expanded.push_str(before);
        rest = match after.strip_prefix("{{") {
            Some(after) => {
                expanded.push('{');
                after
            }
            None => match after.strip_prefix("}}") {
                Some(after) => {
                    expanded.push('}');
                    after
                }
                None => {
                    let inner = after
                        .strip_prefix('{')
                        .and_then(|inner| inner.split_once('}'));
                    let found = inner.and_then(|(name, after)| Some((value(name)?, after)));
                    let Some((found, after)) = found else {
                        let end = after.find('}').map_or(after.len(), |end| end + 1);
                        return Err(Unknown(after.get(..end).unwrap_or(after).to_owned()));
                    };
                    expanded.push_str(&found);
                    after
                }
            },
        };
    }
    expanded.push_str(rest);
    Ok(Some(expanded))
}

fn split(text: &str) -> Option<(&str, &str)> {
    text.split_at_checked(text.find(['{', '}'])?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_settings_are_replaced() {
        let value = |name: &str| (name == "region_name").then(|| "R1".to_owned());
        for (text, expected) in [
            ("http://id", Ok(None)),
            (
                "http://{region_name}.id/{region_name}",
                Ok(Some("http://R1.id/R1")),
            ),
            ("{{region_name}}", Ok(Some("{region_name}"))),
            ("é{region_name}é", Ok(Some("éR1é"))),
            ("http://{other}/", Err("{other}")),
            ("http://{", Err("{")),
            ("a}b", Err("}")),
            ("{}", Err("{}")),
        ] {
            let found = expand(text, &value);
            let expected = expected.map(|text: Option<&str>| text.map(str::to_owned));
            assert_eq!(
                found,
                expected.map_err(|text| Unknown(text.to_owned())),
                "{text}"
            );
        }
    }
}
