//! Parameters: declared by a template, set by a request.

use serde_json::{Map, Value, json};

use super::error::{Refusal, Result};
use super::python;

const KEYS: &[&str] = &[
    "type",
    "label",
    "description",
    "default",
    "hidden",
    "constraints",
    "immutable",
    "tags",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    String,
    Number,
    List,
    Json,
    Boolean,
}

impl Kind {
    /// The type with this name in templates.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "string" => Self::String,
            "number" => Self::Number,
            "comma_delimited_list" => Self::List,
            "json" => Self::Json,
            "boolean" => Self::Boolean,
            _ => return None,
        })
    }

    const fn label(self) -> &'static str {
        match self {
            Self::String => "String",
            Self::Number => "Number",
            Self::List => "CommaDelimitedList",
            Self::Json => "Json",
            Self::Boolean => "Boolean",
        }
    }
}

/// One parameter as a template declares it.
#[derive(Debug, Clone)]
pub(super) struct Parameter {
    name: String,
    kind: Kind,
    declared: Map<String, Value>,
}

impl Parameter {
    pub(super) fn parse(name: &str, declared: &Value) -> Result<Self> {
        let bad = |message| Refusal::bad("InvalidSchemaError", message);
        let Some(declared) = declared.as_object() else {
            return Err(bad(format!("Invalid parameter {name}, expected a mapping")));
        };
        if let Some(key) = declared.keys().find(|key| !KEYS.contains(&key.as_str())) {
            return Err(bad(format!("Invalid key '{key}' for parameter ({name})")));
        }
        let kind = declared
            .get("type")
            .ok_or_else(|| bad(format!("Missing parameter type for parameter: {name}")))?;
        let kind = kind
            .as_str()
            .and_then(Kind::named)
            .ok_or_else(|| bad(format!("Invalid type ({})", python::text(kind))))?;
        let parameter = Self {
            name: name.to_owned(),
            kind,
            declared: declared.clone(),
        };
        for constraint in parameter.constraints() {
            let rule = constraint.keys().find(|key| *key != "description");
            match rule.map(String::as_str) {
                Some("range" | "length" | "allowed_values") => {}
                // The sandbox has neither regular expressions nor other services for validation.
                Some(rule @ ("allowed_pattern" | "custom_constraint" | "modulo")) => {
                    return Err(bad(format!(
                        "The sandbox does not support the constraint \"{rule}\" (parameter {name})"
                    )));
                }
                _ => return Err(bad(format!("Invalid parameter constraint for {name}"))),
            }
        }
        Ok(parameter)
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    fn constraints(&self) -> impl Iterator<Item = &Map<String, Value>> {
        let constraints = self.declared.get("constraints").and_then(Value::as_array);
        constraints
            .into_iter()
            .flatten()
            .filter_map(Value::as_object)
    }

    pub(super) fn hidden(&self) -> bool {
        self.declared
            .get("hidden")
            .is_some_and(|hidden| python::parse_bool(&python::text(hidden)) == Some(true))
    }

    /// The checked value of this parameter if `given` is set.
    fn value(&self, given: Option<&Value>, fallback: Option<&Value>) -> Result<Value> {
        let Some(raw) = given.or(fallback).or_else(|| self.declared.get("default")) else {
            let message = format!("The Parameter ({}) was not provided.", self.name);
            return Err(Refusal::bad("UserParameterMissing", message));
        };
        let invalid =
            |message| Refusal::invalid(format!("Parameter '{}' is invalid: {message}", self.name));
        self.fit(raw).map_err(invalid)
    }

    /// Converts a value to this parameter's type and checks the constraints.
    pub(super) fn fit(&self, raw: &Value) -> Result<Value, String> {
        let value = coerce(self.kind, raw)?;
        for constraint in self.constraints() {
            if let Err(message) = satisfies(&value, constraint) {
                let description = constraint.get("description").and_then(Value::as_str);
                return Err(description.map_or(message, str::to_owned));
            }
        }
        Ok(value)
    }

    pub(super) fn is_required(&self) -> bool {
        !self.declared.contains_key("default")
    }

    /// The parameter in the answer of `POST /validate`, with the environment's values.
    pub(super) fn to_json(&self, given: Option<&Value>, default: Option<&Value>) -> Value {
        let text = |key| self.declared.get(key).cloned();
        let mut shown = Map::new();
        shown.insert("Type".to_owned(), self.kind.label().into());
        shown.insert(
            "Description".to_owned(),
            text("description").unwrap_or_else(|| "".into()),
        );
        let no_echo = if self.hidden() { "true" } else { "false" };
        shown.insert("NoEcho".to_owned(), no_echo.into());
        let label = text("label").unwrap_or_else(|| self.name.as_str().into());
        shown.insert("Label".to_owned(), label);
        if let Some(default) = default.cloned().or_else(|| text("default")) {
            shown.insert("Default".to_owned(), default);
        }
        if let Some(given) = given.filter(|given| python::is_true(given)) {
            shown.insert("Value".to_owned(), given.clone());
        }
        if let Some(tags) = text("tags").filter(python::is_true) {
            shown.insert("Tags".to_owned(), tags);
        }
        for constraint in self.constraints() {
            for (rule, keys) in [
                ("range", [("min", "MinValue"), ("max", "MaxValue")]),
                ("length", [("min", "MinLength"), ("max", "MaxLength")]),
            ] {
                for (bound, key) in keys {
                    if let Some(limit) = constraint.get(rule).and_then(|rule| rule.get(bound)) {
                        shown.insert(key.to_owned(), limit.clone());
                    }
                }
            }
            if let Some(allowed) = constraint.get("allowed_values") {
                shown.insert("AllowedValues".to_owned(), allowed.clone());
            }
        }
        Value::Object(shown)
    }
}

fn coerce(kind: Kind, raw: &Value) -> Result<Value, String> {
    match (kind, raw) {
        (Kind::String, Value::String(_)) => Ok(raw.clone()),
        (Kind::String, raw) => Ok(python::text(raw).into()),
        (Kind::Number, raw) => python::number(raw).map(Value::Number),
        (Kind::Boolean, raw) => python::parse_bool(&python::text(raw))
            .map(Value::Bool)
            .ok_or_else(|| {
                format!(
                    "Unrecognized value '{}', acceptable values are: '0', '1', 'f', 'false', \
                     'n', 'no', 'off', 'on', 't', 'true', 'y', 'yes'",
                    python::text(raw)
                )
            }),
        (Kind::List, Value::Array(_)) => Ok(raw.clone()),
        (Kind::List, Value::String(text)) if text.is_empty() => Ok(json!([])),
        (Kind::List, Value::String(text)) => Ok(text
            .split(',')
            .map(|item| Value::from(item.trim()))
            .collect()),
        (Kind::List, raw) => Err(format!(
            "Value must be a comma-delimited list string: '{}' object has no attribute 'split'",
            python::type_name(raw)
        )),
        (Kind::Json, Value::Object(_) | Value::Array(_)) => Ok(raw.clone()),
        (Kind::Json, Value::String(text)) => {
            serde_json::from_str(text).map_err(|error| format!("Value must be valid JSON: {error}"))
        }
        (Kind::Json, raw) => Err(format!("Value must be valid JSON: {}", python::text(raw))),
    }
}

fn satisfies(value: &Value, constraint: &Map<String, Value>) -> Result<(), String> {
    if let Some(range) = constraint.get("range") {
        let number = python::number(value)?.as_f64().unwrap_or_default();
        return within(number, range)
            .map_err(|bounds| format!("{} is out of range {bounds}", python::text(value)));
    }
    if let Some(range) = constraint.get("length") {
        let length = match value {
            Value::Array(items) => items.len(),
            Value::Object(object) => object.len(),
            other => python::text(other).chars().count(),
        };
        let number = u32::try_from(length).map_or(f64::MAX, f64::from);
        return within(number, range)
            .map_err(|bounds| format!("length ({length}) is out of range {bounds}"));
    }
    if let Some(allowed) = constraint.get("allowed_values").and_then(Value::as_array) {
        let text = python::text(value);
        let items = value.as_array();
        let is_allowed = |value: &Value| {
            allowed
                .iter()
                .any(|one| python::text(one) == python::text(value))
        };
        if !items.map_or_else(|| is_allowed(value), |items| items.iter().all(is_allowed)) {
            let allowed = python::json(&Value::Array(allowed.clone()));
            return Err(format!("\"{text}\" is not an allowed value {allowed}"));
        }
    }
    Ok(())
}

fn within(number: f64, range: &Value) -> Result<(), String> {
    let bound = |key| {
        range
            .get(key)
            .and_then(|bound| python::number(bound).ok()?.as_f64())
    };
    let below = bound("min").is_some_and(|least| number < least);
    let above = bound("max").is_some_and(|most| number > most);
    if below || above {
        let shown = |key| {
            range
                .get(key)
                .map_or_else(|| "None".to_owned(), python::text)
        };
        return Err(format!("(min: {}, max: {})", shown("min"), shown("max")));
    }
    Ok(())
}

/// Refuses parameters that the template does not declare.
pub(super) fn check_names(declared: &[Parameter], given: &Map<String, Value>) -> Result<()> {
    let unknown = given
        .keys()
        .find(|key| !declared.iter().any(|parameter| parameter.name == **key));
    unknown.map_or(Ok(()), |name| {
        let message = format!("The Parameter ({name}) was not defined in template.");
        Err(Refusal::bad("UnknownUserParameter", message))
    })
}

/// The parameters of one stack with their values.
#[derive(Debug, Clone, Default)]
pub(super) struct Values(Vec<(Parameter, Value)>);

impl Values {
    /// The values of the declared parameters, from a request.
    pub(super) fn new(
        declared: &[Parameter],
        given: &Map<String, Value>,
        defaults: &Map<String, Value>,
    ) -> Result<Self> {
        check_names(declared, given)?;
        declared
            .iter()
            .map(|parameter| {
                let name = parameter.name.as_str();
                let value = parameter.value(given.get(name), defaults.get(name))?;
                Ok((parameter.clone(), value))
            })
            .collect::<Result<_>>()
            .map(Self)
    }

    /// The values as far as they are known.
    pub(super) fn draft(
        declared: &[Parameter],
        given: &Map<String, Value>,
        defaults: &Map<String, Value>,
    ) -> Self {
        let value = |parameter: &Parameter| {
            let name = parameter.name.as_str();
            let value = parameter.value(given.get(name), defaults.get(name));
            (parameter.clone(), value.unwrap_or_default())
        };
        Self(declared.iter().map(value).collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0
            .iter()
            .find(|(parameter, _)| parameter.name == name)
            .map(|(_, value)| value)
    }

    /// The names and texts, as shown with a stack.
    pub(super) fn shown(&self) -> impl Iterator<Item = (String, Value)> {
        self.0.iter().map(|(parameter, value)| {
            let text = if parameter.hidden() {
                "******".to_owned()
            } else if let (Kind::List, Value::Array(items)) = (parameter.kind, value) {
                items.iter().map(python::text).collect::<Vec<_>>().join(",")
            } else {
                python::text(value)
            };
            (parameter.name.clone(), text.into())
        })
    }
}
