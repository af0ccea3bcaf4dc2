//! What a command prints.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};
use serde_json::Value;

use crate::catalog::timestamp;
use crate::secret::Secret;

const EXPECTED: &str = "printed no credentials; expected one JSON object, {\"token\": \"…\", \
    \"expires_at\": \"…\"} or {\"auth_type\": \"…\", \"auth\": {…}}";

const BOOLEAN: &str = "printed a boolean as the value of an option; expected a string";

/// The output of a command.
pub(super) enum Printed {
    /// A token, and its expiry if it is known.
    Token(Secret, Option<Timestamp>),
    /// The name of a plugin, and its options.
    Plugin(String, Vec<(String, Secret)>),
}

#[derive(Deserialize)]
struct Document {
    token: Option<Secret>,
    expires_at: Option<String>,
    auth_type: Option<String>,
    #[serde(default)]
    auth: BTreeMap<String, OptionValue>,
}

/// The value of an option, as in clouds.yaml. Numbers are texts, lists are joined by commas, `null` is no value, and
/// booleans are not accepted.
enum OptionValue {
    Text(Secret),
    Bool,
    Null,
}

impl Printed {
    /// Reads the output. The error completes the sentence "the command …" and quotes nothing.
    pub(super) fn read(output: &[u8]) -> Result<Self, &'static str> {
        let document: Document = serde_json::from_slice(output).map_err(|_| EXPECTED)?;
        let token = document.token.filter(|token| !token.expose().is_empty());
        match (token, document.auth_type) {
            (Some(_), Some(_)) => {
                Err("printed both a token and an auth_type; expected one of them")
            }
            (Some(token), None) => {
                let expires = document
                    .expires_at
                    .map(|text| timestamp(Some(&Value::from(text))));
                match expires {
                    Some(None) => Err("printed an expires_at that is not a time in ISO 8601"),
                    expires => Ok(Self::Token(token, expires.flatten())),
                }
            }
            (None, Some(name)) => {
                let mut given = Vec::new();
                for (option, value) in document.auth {
                    match value {
                        OptionValue::Text(text) => given.push((option, text)),
                        OptionValue::Null => {}
                        OptionValue::Bool => return Err(BOOLEAN),
                    }
                }
                Ok(Self::Plugin(name, given))
            }
            (None, None) => Err(EXPECTED),
        }
    }
}

impl<'de> Deserialize<'de> for OptionValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Texts;

        impl<'de> Visitor<'de> for Texts {
            type Value = OptionValue;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, a number or a list of these")
            }

            fn visit_str<E>(self, text: &str) -> Result<OptionValue, E> {
                Ok(OptionValue::Text(Secret::from(text)))
            }

            fn visit_string<E>(self, text: String) -> Result<OptionValue, E> {
                Ok(OptionValue::Text(Secret::from(text)))
            }

            fn visit_bool<E>(self, _: bool) -> Result<OptionValue, E> {
                Ok(OptionValue::Bool)
            }

            fn visit_i64<E>(self, value: i64) -> Result<OptionValue, E> {
                Ok(OptionValue::Text(Secret::from(value.to_string())))
            }

            fn visit_u64<E>(self, value: u64) -> Result<OptionValue, E> {
                Ok(OptionValue::Text(Secret::from(value.to_string())))
            }

            fn visit_f64<E>(self, value: f64) -> Result<OptionValue, E> {
                Ok(OptionValue::Text(Secret::from(value.to_string())))
            }

            fn visit_unit<E>(self) -> Result<OptionValue, E> {
                Ok(OptionValue::Null)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<OptionValue, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = list.next_element()? {
                    match item {
                        OptionValue::Text(text) => items.push(text),
                        _ => return Err(A::Error::custom("a list has texts")),
                    }
                }
                let items: Vec<_> = items.iter().map(Secret::expose).collect();
                Ok(OptionValue::Text(Secret::from(items.join(","))))
            }
        }

        deserializer.deserialize_any(Texts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(output: &str) -> Result<String, &'static str> {
        Printed::read(output.as_bytes()).map(|printed| match printed {
            Printed::Token(token, expires) => format!("{} {expires:?}", token.expose()),
            Printed::Plugin(name, options) => {
                let options = options.iter().map(|(k, v)| format!(" {k}={}", v.expose()));
                name + &options.collect::<String>()
            }
        })
    }

    #[test]
    fn tokens_and_plugins_are_read() {
        for (output, expected) in [
            (r#"{"token": "gAAAA"}"#, "gAAAA None"),
            (
                "{\"token\": \"gAAAA\", \"expires_at\": null, \"kind\": \"ExecCredential\"}\n",
                "gAAAA None",
            ),
            (
                r#"{"token": "gAAAA", "expires_at": "2026-11-26T04:50:11.000000Z"}"#,
                "gAAAA Some(2026-11-26T04:50:11Z)",
            ),
            (
                r#"{"token": "gAAAA", "expires_at": "2026-11-26 04:50:11"}"#,
                "gAAAA Some(2026-11-26T04:50:11Z)",
            ),
            (r#"{"auth_type": "none"}"#, "none"),
            (
                r#"{"auth_type": "v3multifactor", "auth": {"auth_methods": ["v3password", "v3totp"],
                    "passcode": 123456, "y": null, "password": "a\"b"}}"#,
                "v3multifactor auth_methods=v3password,v3totp passcode=123456 password=a\"b",
            ),
        ] {
            assert_eq!(read(output).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn anything_else_is_refused_without_a_quote() {
        for output in [
            "",
            "swordfish",
            "[]",
            "{}",
            r#"{"token": ""}"#,
            r#"{"token": 17}"#,
            r#"{"token": "swordfish"} {"token": "swordfish"}"#,
            r#"{"auth": {"password": "swordfish"}}"#,
            r#"{"auth_type": "password", "auth": {"password": {"a": "swordfish"}}}"#,
            r#"{"auth_type": "password", "auth": {"password": [null]}}"#,
        ] {
            assert_eq!(read(output), Err(EXPECTED), "{output}");
        }
        let output = r#"{"auth_type": "password", "auth": {"password": true}}"#;
        assert_eq!(read(output), Err(BOOLEAN));
        for output in [
            r#"{"token": "swordfish", "expires_at": "soon"}"#,
            r#"{"token": "swordfish", "auth_type": "password"}"#,
        ] {
            assert!(!read(output).unwrap_err().contains("swordfish"));
        }
    }
}
