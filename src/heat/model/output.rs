use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{nullable, present};

/// An output of a stack.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct Output {
    /// Its name.
    #[serde(rename = "output_key")]
    pub key: String,
    /// Its value; `None` in lists of outputs, which have no values.
    #[serde(
        rename = "output_value",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    pub value: Option<Value>,
    /// Its description.
    #[serde(default, deserialize_with = "nullable")]
    pub description: String,
    /// Why Heat could not resolve the value.
    #[serde(
        rename = "output_error",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub error: Option<String>,
}

impl Output {
    /// The value as text: a string unchanged, any other value as JSON. `None` without a value.
    ///
    /// ```
    /// # fn example(stack: heatclient::heat::Stack) {
    /// for output in &stack.outputs {
    ///     println!("{}={}", output.key, output.text().unwrap_or_default());
    /// }
    /// # }
    /// ```
    pub fn text(&self) -> Option<Cow<'_, str>> {
        Some(match self.value.as_ref()? {
            Value::String(text) => Cow::Borrowed(text),
            other => Cow::Owned(other.to_string()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_texts() {
        for (value, text) in [
            (r#""a \"b\"""#, "a \"b\""),
            ("17", "17"),
            ("1.50", "1.5"),
            ("true", "true"),
            ("null", "null"),
            (r#"{"a":[1,"b"]}"#, r#"{"a":[1,"b"]}"#),
        ] {
            let json = format!(r#"{{"output_key":"a","output_value":{value}}}"#);
            let output: Output = serde_json::from_str(&json).unwrap();
            assert_eq!(output.text().as_deref(), Some(text));
        }
        let listed: Output = serde_json::from_str(r#"{"output_key":"a"}"#).unwrap();
        assert_eq!(listed.text(), None);
    }

    #[test]
    fn null_differs_from_absent() {
        let output = |text: &str| serde_json::from_str::<Output>(text).unwrap();
        assert_eq!(
            output(r#"{"output_key":"a","description":null}"#).value,
            None
        );
        assert_eq!(
            output(r#"{"output_key":"a","output_value":null}"#).value,
            Some(Value::Null)
        );
        assert_eq!(
            output(r#"{"output_key":"a","output_value":null,"output_error":"no"}"#)
                .error
                .as_deref(),
            Some("no")
        );
    }
}
