//! The resource types of the sandbox: properties and attributes.

use serde_json::{Map, Value, json};

use super::error::{Refusal, Result};
use super::parameters::Kind as ValueKind;
use super::software::Kind;
use super::{python, random};

/// The resource types that templates in the sandbox may use.
pub const RESOURCE_TYPES: &[&str] = &[
    "AWS::CloudFormation::WaitCondition",
    "AWS::CloudFormation::WaitConditionHandle",
    "OS::Heat::Delay",
    "OS::Heat::None",
    "OS::Heat::RandomString",
    "OS::Heat::ResourceChain",
    "OS::Heat::ResourceGroup",
    "OS::Heat::SoftwareConfig",
    "OS::Heat::SoftwareDeployment",
    "OS::Heat::StructuredConfig",
    "OS::Heat::StructuredDeployment",
    "OS::Heat::TestResource",
    "OS::Heat::Value",
    "OS::Heat::WaitCondition",
    "OS::Heat::WaitConditionHandle",
];

/// How a wait condition handle may be signalled.
const SIGNAL_TRANSPORTS: &[&str] = &[
    "CFN_SIGNAL",
    "TEMP_URL_SIGNAL",
    "HEAT_SIGNAL",
    "NO_SIGNAL",
    "ZAQAR_SIGNAL",
    "TOKEN_SIGNAL",
];

/// Services whose types Heat knows but cannot use without an endpoint.
const OTHER_SERVICES: &[(&str, &str, &str)] = &[
    ("OS::Nova::", "nova", "nova compute"),
    ("OS::Neutron::", "neutron", "neutron network"),
    ("OS::Cinder::", "cinder", "cinder volumev3"),
    ("OS::Glance::", "glance", "glance image"),
    ("OS::Swift::", "swift", "swift object-store"),
];

/// Heat's own types that the sandbox does not support.
const UNSUPPORTED: &[&str] = &["OS::Heat::", "AWS::", "OS::Keystone::"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Delay,
    None,
    RandomString,
    ResourceChain,
    ResourceGroup,
    TestResource,
    Value,
    /// A software config or deployment.
    Software(Kind),
    WaitCondition,
    WaitConditionHandle,
    AwsWaitCondition,
    AwsWaitConditionHandle,
    /// A nested stack from a template.
    Template,
}

/// The constraints of a property's value.
#[derive(Debug, Clone, Copy)]
enum Schema {
    Any,
    Text,
    /// One of several texts.
    OneOf(&'static [&'static str]),
    Number,
    /// A number in a range.
    Seconds(u32, u32),
    Integer(i64, i64),
    /// A whole number that is not negative.
    Count,
    /// A number that is not negative.
    Amount,
    Boolean,
    Map,
    List,
    /// A text of at least 3 characters.
    Variable,
    /// One of these texts.
    Choice(&'static [&'static str]),
    /// A list of these texts.
    Choices(&'static [&'static str]),
    /// The definition of a group's member.
    Member,
}

impl Type {
    /// The type to which an environment maps the type `name`.
    pub(super) fn named(name: &str, implementation: &str) -> Result<Self> {
        Ok(match implementation {
            "OS::Heat::Delay" => Self::Delay,
            "OS::Heat::None" => Self::None,
            "OS::Heat::RandomString" => Self::RandomString,
            "OS::Heat::ResourceChain" => Self::ResourceChain,
            "OS::Heat::ResourceGroup" => Self::ResourceGroup,
            "OS::Heat::TestResource" => Self::TestResource,
            "OS::Heat::Value" => Self::Value,
            "OS::Heat::WaitCondition" => Self::WaitCondition,
            "OS::Heat::WaitConditionHandle" => Self::WaitConditionHandle,
            "AWS::CloudFormation::WaitCondition" => Self::AwsWaitCondition,
            "AWS::CloudFormation::WaitConditionHandle" => Self::AwsWaitConditionHandle,
            _ if is_template(implementation) => Self::Template,
            _ => match Kind::named(implementation) {
                Some(kind) => Self::Software(kind),
                None => return Err(unknown(name)),
            },
        })
    }

    /// The name of Heat's class, which is part of some messages.
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Delay => "Delay",
            Self::ResourceChain => "ResourceChain",
            Self::ResourceGroup => "ResourceGroup",
            Self::None => "NoneResource",
            Self::RandomString => "RandomString",
            Self::TestResource => "TestResource",
            Self::Value => "Value",
            Self::Software(kind) => kind.class(),
            Self::WaitCondition => "HeatWaitCondition",
            Self::WaitConditionHandle => "HeatWaitConditionHandle",
            Self::AwsWaitCondition => "WaitCondition",
            Self::AwsWaitConditionHandle => "WaitConditionHandle",
            Self::Template => "TemplateResource",
        }
    }

    pub(super) const fn attributes(self) -> &'static [&'static str] {
        match self {
            Self::Delay | Self::None | Self::Template | Self::AwsWaitConditionHandle => &[],
            Self::ResourceChain => &["refs", "attributes"],
            Self::ResourceGroup => &["refs", "refs_map", "attributes", "removed_rsrc_list"],
            Self::WaitCondition => &["data"],
            Self::AwsWaitCondition => &["Data"],
            Self::WaitConditionHandle => &["token", "endpoint", "curl_cli", "signal"],
            Self::RandomString | Self::Value => &["value"],
            Self::TestResource => &["output"],
            Self::Software(kind) => kind.attributes(),
        }
    }

    pub(super) const fn is_handle(self) -> bool {
        matches!(
            self,
            Self::WaitConditionHandle | Self::AwsWaitConditionHandle
        )
    }

    pub(super) const fn is_wait_condition(self) -> bool {
        matches!(self, Self::WaitCondition | Self::AwsWaitCondition)
    }

    pub(super) fn has_attribute(self, name: &str) -> bool {
        let any = [
            Self::None,
            Self::Template,
            Self::ResourceChain,
            Self::ResourceGroup,
        ];
        any.contains(&self)
            || matches!(self, Self::Software(kind) if kind.is_deployment())
            || name == "show"
            || self.attributes().contains(&name)
    }

    /// Whether Heat supports checking such a resource.
    pub(super) fn can_check(self) -> bool {
        matches!(
            self,
            Self::TestResource | Self::Template | Self::ResourceChain | Self::ResourceGroup
        )
    }

    const fn schema(self) -> &'static [(&'static str, Schema)] {
        match self {
            Self::None | Self::Template => &[],
            Self::Delay => &[
                ("min_wait", Schema::Amount),
                ("max_jitter", Schema::Amount),
                ("jitter_multiplier", Schema::Amount),
                (
                    "actions",
                    Schema::Choices(&["CREATE", "DELETE", "SUSPEND", "RESUME"]),
                ),
            ],
            Self::ResourceChain => &[
                ("resources", Schema::List),
                ("concurrent", Schema::Boolean),
                ("resource_properties", Schema::Map),
            ],
            Self::ResourceGroup => &[
                ("count", Schema::Count),
                ("index_var", Schema::Variable),
                ("resource_def", Schema::Member),
                ("removal_policies", Schema::List),
                (
                    "removal_policies_mode",
                    Schema::Choice(&["append", "update"]),
                ),
            ],
            Self::RandomString => &[
                ("length", Schema::Integer(1, 512)),
                ("sequence", Schema::Text),
                ("character_classes", Schema::List),
                ("character_sequences", Schema::List),
                ("salt", Schema::Text),
            ],
            Self::TestResource => &[
                ("constraint_prop_secs", Schema::Number),
                ("attr_wait_secs", Schema::Number),
                ("value", Schema::Text),
                ("update_replace_value", Schema::Text),
                ("fail", Schema::Boolean),
                ("update_replace", Schema::Boolean),
                ("wait_secs", Schema::Number),
                ("action_wait_secs", Schema::Map),
                ("client_name", Schema::Text),
                ("entity_name", Schema::Text),
            ],
            Self::Value => &[("value", Schema::Any), ("type", Schema::Text)],
            Self::Software(Kind::Config) => &[
                ("group", Schema::Text),
                ("config", Schema::Text),
                ("options", Schema::Map),
                ("inputs", Schema::List),
                ("outputs", Schema::List),
            ],
            Self::Software(Kind::StructuredConfig) => &[
                ("group", Schema::Text),
                ("config", Schema::Map),
                ("options", Schema::Map),
                ("inputs", Schema::List),
                ("outputs", Schema::List),
            ],
            Self::Software(Kind::Deployment) => &[
                ("config", Schema::Text),
                ("server", Schema::Text),
                ("input_values", Schema::Map),
                ("actions", Schema::List),
                ("name", Schema::Text),
                ("signal_transport", Schema::Text),
            ],
            Self::Software(Kind::StructuredDeployment) => &[
                ("config", Schema::Text),
                ("server", Schema::Text),
                ("input_values", Schema::Map),
                ("actions", Schema::List),
                ("name", Schema::Text),
                ("signal_transport", Schema::Text),
                ("input_key", Schema::Text),
                ("input_values_validate", Schema::Text),
            ],
            Self::WaitCondition => &[
                ("handle", Schema::Text),
                ("timeout", Schema::Seconds(1, 43200)),
                ("count", Schema::Integer(1, i64::MAX)),
            ],
            Self::AwsWaitCondition => &[
                ("Handle", Schema::Text),
                ("Timeout", Schema::Integer(1, 43200)),
                ("Count", Schema::Integer(1, i64::MAX)),
            ],
            Self::WaitConditionHandle => &[("signal_transport", Schema::OneOf(SIGNAL_TRANSPORTS))],
            Self::AwsWaitConditionHandle => &[],
        }
    }

    /// Checks names and values of properties. Values that contain functions are checked again when
    /// the resource is created.
    pub(super) fn check_names(self, resource: &str, given: &Map<String, Value>) -> Result<()> {
        if matches!(self, Self::None | Self::Template) {
            return Ok(());
        }
        let schema = self.schema();
        let wrong = |message: String| {
            let place = python::path(resource);
            Refusal::invalid(format!("Property error: : {place}.properties: : {message}"))
        };
        if let Some(name) = given
            .keys()
            .find(|name| !schema.iter().any(|(key, _)| key == *name))
        {
            return Err(wrong(format!("Unknown Property {name}")));
        }
        if let Self::Software(kind) = self
            && let Some(required) = kind.required()
            && !given.contains_key(required)
        {
            return Err(wrong(format!("Property {required} not assigned")));
        }
        let required: &[&str] = match self {
            Self::Value => &["value"],
            Self::ResourceChain => &["resources"],
            Self::ResourceGroup => &["resource_def"],
            Self::WaitCondition => &["handle", "timeout"],
            Self::AwsWaitCondition => &["Handle", "Timeout"],
            _ => &[],
        };
        if let Some(name) = required.iter().find(|name| !given.contains_key(**name)) {
            return Err(wrong(format!("Property {name} not assigned")));
        }
        Ok(())
    }

    /// Converts the properties to their declared types, without defaults.
    pub(super) fn coerce(
        self,
        resource: &str,
        given: Map<String, Value>,
    ) -> Result<Map<String, Value>> {
        if self == Self::None {
            return Ok(Map::new());
        }
        let wrong = |name: &str, message: String| {
            let place = python::path(resource);
            Refusal::invalid(format!(
                "Property error: : {place}.properties.{name}: : {message}"
            ))
        };
        let value_kind = given
            .get("type")
            .filter(|_| self == Self::Value)
            .map(python::text);
        let value_kind = match value_kind {
            Some(name) => Some(ValueKind::named(&name).ok_or_else(|| {
                let allowed = "[\"string\", \"number\", \"comma_delimited_list\", \"json\", \
                               \"boolean\"]";
                wrong(
                    "type",
                    format!("\"{name}\" is not an allowed value {allowed}"),
                )
            })?),
            None => None,
        };
        let mut coerced = Map::new();
        for (name, value) in given {
            let schema = self.schema().iter().find(|(key, _)| *key == name);
            let schema = match (value_kind, schema) {
                (Some(kind), Some((_, Schema::Any))) => match kind {
                    ValueKind::String => Schema::Text,
                    ValueKind::Number => Schema::Number,
                    ValueKind::Boolean => Schema::Boolean,
                    ValueKind::List => Schema::List,
                    ValueKind::Json => Schema::Map,
                },
                (_, Some((_, schema))) => *schema,
                (_, None) => Schema::Any,
            };
            let value = fit(schema, value).map_err(|message| wrong(&name, message))?;
            coerced.insert(name, value);
        }
        if let Self::Software(kind) = self {
            kind.check(resource, &coerced)?;
        }
        if self == Self::RandomString {
            random::alphabets(&coerced).map_err(Refusal::invalid)?;
        }
        Ok(coerced)
    }

    /// The data of a new resource.
    pub(super) fn make(self, properties: &Map<String, Value>) -> Value {
        match self {
            Self::None
            | Self::Delay
            | Self::ResourceChain
            | Self::ResourceGroup
            | Self::Software(_)
            | Self::Template
            | Self::WaitCondition
            | Self::WaitConditionHandle
            | Self::AwsWaitCondition
            | Self::AwsWaitConditionHandle => Value::Null,
            Self::Value => properties.get("value").cloned().unwrap_or_default(),
            Self::TestResource => properties
                .get("value")
                .cloned()
                .unwrap_or_else(|| "test_string".into()),
            Self::RandomString => random::string(properties).into(),
        }
    }

    /// Whether a change of properties requires a new resource.
    pub(super) fn must_replace(self, old: &Map<String, Value>, new: &Map<String, Value>) -> bool {
        match self {
            Self::None | Self::Value | Self::Template | Self::AwsWaitConditionHandle => false,
            Self::Delay | Self::RandomString => true,
            Self::ResourceChain => {
                let changed = |key: &str| old.get(key) != new.get(key);
                changed("concurrent") || changed("resource_properties")
            }
            Self::ResourceGroup => old.get("index_var") != new.get("index_var"),
            Self::WaitConditionHandle => old != new,
            Self::WaitCondition => ["handle", "timeout"]
                .iter()
                .any(|key| old.get(*key) != new.get(*key)),
            Self::AwsWaitCondition => ["Handle", "Timeout"]
                .iter()
                .any(|key| old.get(*key) != new.get(*key)),
            Self::Software(kind) => kind.must_replace(old, new),
            Self::TestResource => {
                let changed = |key: &str| old.get(key) != new.get(key);
                changed("update_replace_value")
                    || (changed("value")
                        && new.get("update_replace").and_then(Value::as_bool) == Some(true))
            }
        }
    }

    /// The value of an attribute; of all attributes for `None`.
    pub(super) fn attribute(self, held: &Value, name: Option<&str>) -> Value {
        if self == Self::Template || self.is_handle() || self.is_wait_condition() {
            let all: Map<_, _> = self
                .attributes()
                .iter()
                .map(|name| {
                    (
                        (*name).to_owned(),
                        held.get(*name).cloned().unwrap_or_default(),
                    )
                })
                .collect();
            return match name {
                Some(name) => held.get(name).cloned().unwrap_or_default(),
                None if self == Self::Template => held.clone(),
                None => all.into(),
            };
        }
        match name {
            // Other attributes of groups come from their members.
            None if matches!(self, Self::ResourceChain | Self::ResourceGroup) => {
                let own = |name: &str| held.get(name).cloned().unwrap_or_default();
                let all = self.attributes().iter();
                let all = all.map(|name| ((*name).to_owned(), own(name)));
                all.collect::<Map<_, _>>().into()
            }
            Some(name) if self.attributes().contains(&name) => held.clone(),
            Some(_) => Value::Null,
            None => self
                .attributes()
                .iter()
                .map(|name| ((*name).to_owned(), held.clone()))
                .collect::<Map<_, _>>()
                .into(),
        }
    }

    /// All properties with their defaults, as in a preview.
    pub(super) fn with_defaults(self, given: &Map<String, Value>) -> Value {
        let default = |name: &str| match (self, name) {
            (Self::RandomString, "length") => json!(32),
            (Self::RandomString, "character_classes") => {
                json!([{"class": "lettersdigits", "min": 1}])
            }
            (Self::TestResource, "constraint_prop_secs" | "attr_wait_secs" | "wait_secs") => {
                json!(0)
            }
            (Self::TestResource, "value") => json!("test_string"),
            (Self::TestResource, "fail" | "update_replace") => json!(false),
            (Self::TestResource, "client_name" | "entity_name") => json!(""),
            (Self::Software(_), "group") => json!("Heat::Ungrouped"),
            (Self::Software(_), "actions") => json!(["CREATE", "UPDATE"]),
            (Self::Software(_), "signal_transport") => json!("CFN_SIGNAL"),
            (Self::Software(_), "input_key") => json!("get_input"),
            (Self::Software(_), "input_values_validate") => json!("LAX"),
            (Self::WaitCondition, "count") | (Self::AwsWaitCondition, "Count") => json!(1),
            (Self::WaitConditionHandle, "signal_transport") => json!("TOKEN_SIGNAL"),
            (Self::Delay, "min_wait" | "max_jitter") => json!(0),
            (Self::Delay, "jitter_multiplier") => json!(1.0),
            (Self::Delay, "actions") => json!(["CREATE"]),
            (Self::ResourceChain, "concurrent") => json!(false),
            (Self::ResourceGroup, "count") => json!(1),
            (Self::ResourceGroup, "index_var") => json!("%index%"),
            (Self::ResourceGroup, "removal_policies") => json!([]),
            (Self::ResourceGroup, "removal_policies_mode") => json!("append"),
            _ => Value::Null,
        };
        self.schema()
            .iter()
            .map(|(name, _)| {
                let value = given.get(*name).cloned().unwrap_or_else(|| default(name));
                ((*name).to_owned(), value)
            })
            .collect::<Map<_, _>>()
            .into()
    }
}

/// Whether Heat would load a template with this name.
fn is_template(name: &str) -> bool {
    [".yaml", ".template"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

/// The service of a type that the cloud does not have.
pub(super) fn unavailable(name: &str) -> Option<&'static str> {
    let mut services = OTHER_SERVICES.iter();
    let (_, service, _) = services.find(|(prefix, ..)| name.starts_with(prefix))?;
    Some(service)
}

fn unknown(name: &str) -> Refusal {
    let service = OTHER_SERVICES
        .iter()
        .find(|(prefix, ..)| name.starts_with(prefix));
    if let Some((_, service, endpoint)) = service {
        let reason = format!("{endpoint} endpoint is not in service catalog.");
        return Refusal::unavailable(service, name, &reason);
    }
    tracing::debug!(
        name,
        of_heat = UNSUPPORTED.iter().any(|prefix| name.starts_with(prefix)),
        "the sandbox does not support this resource type"
    );
    Refusal::invalid(format!("The Resource Type ({name}) could not be found."))
}

fn fit(schema: Schema, value: Value) -> Result<Value, String> {
    if value.is_null() {
        return Ok(value);
    }
    match schema {
        Schema::Any => Ok(value),
        Schema::Text => match value {
            Value::Object(_) | Value::Array(_) => Err(format!(
                "Value must be a string; got {}",
                python::json(&value)
            )),
            value => Ok(python::text(&value).into()),
        },
        Schema::OneOf(allowed) => {
            let text = python::text(&value);
            if allowed.contains(&&*text) {
                return Ok(text.into());
            }
            let allowed = python::json(&json!(allowed));
            Err(format!("\"{text}\" is not an allowed value {allowed}"))
        }
        Schema::Number => python::number(&value).map(Value::Number),
        Schema::Seconds(least, most) => {
            let number = python::number(&value)?;
            let within = number
                .as_f64()
                .is_some_and(|number| (f64::from(least)..=f64::from(most)).contains(&number));
            if within {
                return Ok(number.into());
            }
            Err(format!(
                "{number} is out of range (min: {least}, max: {most})"
            ))
        }
        Schema::Integer(least, most) => {
            let whole = match &value {
                Value::Number(number) => number.as_i64(),
                Value::String(text) => text.trim().parse().ok(),
                _ => None,
            };
            let whole =
                whole.ok_or_else(|| format!("Value {} is not an integer", python::repr(&value)))?;
            if (least..=most).contains(&whole) {
                Ok(whole.into())
            } else {
                let most = match most {
                    i64::MAX => "None".to_owned(),
                    most => most.to_string(),
                };
                Err(format!(
                    "{whole} is out of range (min: {least}, max: {most})"
                ))
            }
        }
        Schema::Count => {
            let count = fit(Schema::Integer(i64::MIN, i64::MAX), value)?;
            at_least(0, count)
        }
        Schema::Amount => at_least(0, python::number(&value).map(Value::Number)?),
        Schema::Variable => {
            let value = fit(Schema::Text, value)?;
            let length = value.as_str().map_or(0, |text| text.chars().count());
            if length < 3 {
                return Err(format!(
                    "length ({length}) is out of range (min: 3, max: None)"
                ));
            }
            Ok(value)
        }
        Schema::Choice(allowed) => {
            let value = fit(Schema::Text, value)?;
            if allowed.iter().any(|word| value == *word) {
                return Ok(value);
            }
            let text = python::text(&value);
            Err(format!(
                "\"{text}\" is not an allowed value {}",
                python::json(&json!(allowed))
            ))
        }
        Schema::Choices(allowed) => {
            let Some(items) = value.as_array() else {
                return Err(format!("\"{}\" is not a list", python::repr(&value)));
            };
            if items
                .iter()
                .all(|item| allowed.iter().any(|word| item == word))
            {
                return Ok(value);
            }
            let allowed = python::json(&json!(allowed));
            Err(format!(
                "{} is not an allowed value {allowed}",
                python::json(&value)
            ))
        }
        Schema::Member => {
            let value = fit(Schema::Map, value)?;
            let known = ["type", "properties", "metadata"];
            let keys = value.as_object().into_iter().flat_map(Map::keys);
            if let Some(key) = keys.clone().find(|key| !known.contains(&key.as_str())) {
                return Err(format!("Unknown Property {key}"));
            }
            match keys.into_iter().any(|key| key == "type") {
                true => Ok(value),
                false => Err("Property type not assigned".to_owned()),
            }
        }
        Schema::Boolean => match &value {
            Value::Bool(_) => Ok(value),
            Value::String(text) => match text.to_ascii_lowercase().as_str() {
                "true" => Ok(true.into()),
                "false" => Ok(false.into()),
                other => Err(format!("\"{other}\" is not a valid boolean")),
            },
            other => Err(format!(
                "\"{}\" is not a valid boolean",
                python::text(other)
            )),
        },
        Schema::Map if value.is_object() || value.is_array() => Ok(value),
        Schema::Map => match value.as_str().map(serde_json::from_str::<Value>) {
            Some(Ok(parsed)) if parsed.is_object() || parsed.is_array() => Ok(parsed),
            _ => Err(format!("\"{}\" is not a map", python::text(&value))),
        },
        Schema::List if value.is_array() => Ok(value),
        Schema::List => match value.as_str() {
            Some(text) => Ok(text.split(',').map(Value::from).collect()),
            None => Err(format!("\"{}\" is not a list", python::text(&value))),
        },
    }
}

fn at_least(least: i64, number: Value) -> Result<Value, String> {
    match number.as_f64() {
        Some(own) if own < 0.0 => Err(format!(
            "{number} is out of range (min: {least}, max: None)"
        )),
        _ => Ok(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_take_their_declared_types() {
        for (kind, given, expected) in [
            (
                Type::Value,
                json!({"value": "7", "type": "number"}),
                Ok(json!(7)),
            ),
            (
                Type::Value,
                json!({"value": 7, "type": "string"}),
                Ok(json!("7")),
            ),
            (
                Type::Value,
                json!({"value": "True", "type": "boolean"}),
                Ok(json!(true)),
            ),
            (
                Type::Value,
                json!({"value": [1, {"a": null}]}),
                Ok(json!([1, {"a": null}])),
            ),
            (
                Type::Value,
                json!({"value": "abc", "type": "number"}),
                Err("could not convert string to float: 'abc'"),
            ),
            (Type::TestResource, json!({"value": 5}), Ok(json!("5"))),
        ] {
            let coerced = kind.coerce("a", given.as_object().cloned().unwrap());
            let value = coerced.map(|mut properties| properties.remove("value").unwrap());
            let prefix = "Property error: : resources.a.properties.value: : ";
            let expected = expected.map_err(|text| Refusal::invalid(format!("{prefix}{text}")));
            assert_eq!(value, expected, "{given}");
        }
    }
}
