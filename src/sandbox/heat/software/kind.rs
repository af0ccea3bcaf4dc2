//! The resource types of configs and deployments, and their properties.

use serde_json::{Map, Value, json};

use super::schema;
use crate::sandbox::heat::error::{Refusal, Result};
use crate::sandbox::heat::python;

const TRANSPORTS: [&str; 5] = [
    "CFN_SIGNAL",
    "TEMP_URL_SIGNAL",
    "HEAT_SIGNAL",
    "NO_SIGNAL",
    "ZAQAR_SIGNAL",
];

const ACTIONS: [&str; 5] = ["CREATE", "UPDATE", "DELETE", "SUSPEND", "RESUME"];

/// A resource type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sandbox::heat) enum Kind {
    Config,
    StructuredConfig,
    Deployment,
    StructuredDeployment,
}

impl Kind {
    pub(in crate::sandbox::heat) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "OS::Heat::SoftwareConfig" => Self::Config,
            "OS::Heat::StructuredConfig" => Self::StructuredConfig,
            "OS::Heat::SoftwareDeployment" => Self::Deployment,
            "OS::Heat::StructuredDeployment" => Self::StructuredDeployment,
            _ => return None,
        })
    }

    /// The name of Heat's class.
    pub(in crate::sandbox::heat) const fn class(self) -> &'static str {
        match self {
            Self::Config => "SoftwareConfig",
            Self::StructuredConfig => "StructuredConfig",
            Self::Deployment => "SoftwareDeployment",
            Self::StructuredDeployment => "StructuredDeployment",
        }
    }

    pub(in crate::sandbox::heat) const fn is_deployment(self) -> bool {
        matches!(self, Self::Deployment | Self::StructuredDeployment)
    }

    pub(in crate::sandbox::heat) const fn attributes(self) -> &'static [&'static str] {
        if self.is_deployment() {
            &["deploy_stdout", "deploy_stderr", "deploy_status_code"]
        } else {
            &["config"]
        }
    }

    /// The required property.
    pub(in crate::sandbox::heat) const fn required(self) -> Option<&'static str> {
        if self.is_deployment() {
            Some("server")
        } else {
            None
        }
    }

    /// Whether a change of properties requires a new resource.
    pub(in crate::sandbox::heat) fn must_replace(
        self,
        old: &Map<String, Value>,
        new: &Map<String, Value>,
    ) -> bool {
        let fixed = [
            "server",
            "signal_transport",
            "input_key",
            "input_values_validate",
        ];
        let changed = |key: &&str| old.get(*key) != new.get(*key);
        !self.is_deployment() || fixed.iter().any(changed)
    }

    /// Checks the values of properties.
    pub(in crate::sandbox::heat) fn check(
        self,
        resource: &str,
        given: &Map<String, Value>,
    ) -> Result<()> {
        let wrong = |property: &str, message: String| {
            Refusal::invalid(format!(
                "Property error: : resources.{resource}.properties.{property}: : {message}"
            ))
        };
        let unknown = |value: &str, allowed: &[&str]| {
            format!(
                "{value} is not an allowed value {}",
                python::json(&json!(allowed))
            )
        };
        if !self.is_deployment() {
            for (section, (known, flag)) in [("inputs", schema::INPUT), ("outputs", schema::OUTPUT)]
            {
                let Some(items) = given.get(section).filter(|items| !items.is_null()) else {
                    continue;
                };
                for (index, item) in items.as_array().into_iter().flatten().enumerate() {
                    check_item(item, known, flag).map_err(|(below, message)| {
                        wrong(&format!("{section}[{index}]{below}"), message)
                    })?;
                }
            }
            return Ok(());
        }
        let text = |key: &str| given.get(key).and_then(Value::as_str);
        if let Some(transport) = text("signal_transport")
            && !TRANSPORTS.contains(&transport)
        {
            let message = unknown(&format!("\"{transport}\""), &TRANSPORTS);
            return Err(wrong("signal_transport", message));
        }
        if let Some(mode) = text("input_values_validate")
            && !["LAX", "STRICT"].contains(&mode)
        {
            let message = unknown(&format!("\"{mode}\""), &["LAX", "STRICT"]);
            return Err(wrong("input_values_validate", message));
        }
        if let Some(actions) = given.get("actions").and_then(Value::as_array)
            && !actions
                .iter()
                .all(|action| ACTIONS.iter().any(|known| action == known))
        {
            let message = unknown(&python::json(&json!(actions)), &ACTIONS);
            return Err(wrong("actions", message));
        }
        let transport = transport(given);
        if transport != "NO_SIGNAL" && actions(given).any(|action| action == "DELETE") {
            return Err(Refusal::invalid(
                "The sandbox does not support deployments for DELETE",
            ));
        }
        Ok(())
    }
}

/// Checks a declaration in a template. An error has the place below the declaration.
fn check_item(item: &Value, known: &[&str], flag: &str) -> Result<(), (String, String)> {
    let Some(item) = item.as_object() else {
        return Err((
            String::new(),
            format!("\"{}\" is not a map", python::text(item)),
        ));
    };
    if let Some(key) = item.keys().find(|key| !known.contains(&key.as_str())) {
        return Err((String::new(), format!("Unknown Property {key}")));
    }
    if !item.contains_key("name") {
        return Err((String::new(), "Property name not assigned".to_owned()));
    }
    if let Some(Value::String(kind)) = item.get("type")
        && !schema::TYPES.contains(&kind.as_str())
    {
        let allowed = python::json(&json!(schema::TYPES));
        return Err((
            ".type".to_owned(),
            format!("\"{kind}\" is not an allowed value {allowed}"),
        ));
    }
    match item.get(flag) {
        None | Some(Value::Null | Value::Bool(_)) => Ok(()),
        Some(Value::String(text)) if ["true", "false"].contains(&&*text.to_ascii_lowercase()) => {
            Ok(())
        }
        Some(other) => {
            let text = python::text(other).to_ascii_lowercase();
            Err((
                format!(".{flag}"),
                format!("\"{text}\" is not a valid boolean"),
            ))
        }
    }
}

pub(super) fn transport(properties: &Map<String, Value>) -> &str {
    let given = properties.get("signal_transport").and_then(Value::as_str);
    given.unwrap_or("CFN_SIGNAL")
}

/// The actions that trigger the deployment.
pub(super) fn actions(properties: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let given = properties.get("actions").and_then(Value::as_array);
    let default = ["CREATE", "UPDATE"]
        .into_iter()
        .filter(move |_| given.is_none());
    default.chain(given.into_iter().flatten().filter_map(Value::as_str))
}
