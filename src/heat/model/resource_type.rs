use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Number, Value};

use super::object::{never_null, object};
use super::words::words;
use super::{keep_raw, nullable};

words! {
    /// The support status of a resource type.
    pub enum SupportStatus {
        /// Unknown.
        Unknown = "UNKNOWN",
        /// Supported.
        Supported = "SUPPORTED",
        /// Deprecated: it will be removed in a later release.
        Deprecated = "DEPRECATED",
        /// Not supported, for example a type from the operator of the cloud.
        Unsupported = "UNSUPPORTED",
        /// Removed. Heat only keeps it for stacks that have such a resource.
        Hidden = "HIDDEN",
    }
}

words! {
    /// The type of a property or attribute.
    pub enum PropertyType {
        /// A string.
        String = "string",
        /// A whole number.
        Integer = "integer",
        /// A number.
        Number = "number",
        /// A boolean.
        Boolean = "boolean",
        /// A map.
        Map = "map",
        /// A list.
        List = "list",
        /// Any type.
        Any = "any",
    }
}

/// A resource type in a list.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ResourceType {
    /// Its name: `OS::Heat::RandomString`.
    pub name: String,
    /// Its description; only with
    /// [`with_description`](crate::heat::ResourceTypeList::with_description).
    pub description: Option<String>,
    /// The whole object; `None` if the server sent the name only.
    raw: Option<Map<String, Value>>,
}

impl ResourceType {
    /// The whole object as the server sent it; empty if it sent the name only.
    pub fn raw(&self) -> Map<String, Value> {
        self.raw.clone().unwrap_or_default()
    }
}

impl<'de> Deserialize<'de> for ResourceType {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Sent {
            Name(String),
            Object(Map<String, Value>),
        }
        let text = |object: &Map<String, Value>, key: &str| {
            let text = object.get(key).and_then(Value::as_str);
            text.map(str::to_owned)
        };
        match Sent::deserialize(d)? {
            Sent::Name(name) => Ok(Self {
                name,
                description: None,
                raw: None,
            }),
            Sent::Object(object) => Ok(Self {
                name: text(&object, "resource_type")
                    .ok_or_else(|| serde::de::Error::missing_field("resource_type"))?,
                description: text(&object, "description"),
                raw: Some(object),
            }),
        }
    }
}

impl Serialize for ResourceType {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match &self.raw {
            Some(object) => object.serialize(s),
            None => s.serialize_str(&self.name),
        }
    }
}

/// The properties and attributes of a resource type.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct ResourceTypeSchema {
    /// Its name.
    #[serde(rename = "resource_type")]
    pub name: String,
    /// Its description; Heat 27 sends none.
    #[serde(default, deserialize_with = "nullable")]
    pub description: String,
    /// The properties by name.
    #[serde(default, deserialize_with = "nullable")]
    pub properties: BTreeMap<String, PropertySchema>,
    /// The attributes by name.
    #[serde(default, deserialize_with = "nullable")]
    pub attributes: BTreeMap<String, AttributeSchema>,
    /// The support status.
    #[serde(default)]
    pub support_status: Option<Support>,
    #[serde(skip)]
    raw: Map<String, Value>,
}

keep_raw!(ResourceTypeSchema);

object! {
    /// A property of a resource type.
    pub struct PropertySchema {
        /// The type of its value.
        optional "type" => property_type: PropertyType,
        /// Its description.
        optional "description" => description: String,
        /// The default value.
        optional "default" => default: Option<Value>,
        /// The properties of a map; the single key `*` stands for all items of a list.
        optional "schema" => schema: BTreeMap<String, PropertySchema>,
        /// Whether a template must set it.
        optional "required" => required: bool,
        /// What its value must satisfy.
        optional "constraints" => constraints: Vec<Constraint>,
        /// Whether an update changes the resource in place. Otherwise it replaces the resource.
        optional "update_allowed" => update_allowed: bool,
        /// Whether it cannot be changed by an update.
        optional "immutable" => immutable: bool,
    }
}

object! {
    /// An attribute of a resource type.
    pub struct AttributeSchema {
        /// Its description.
        optional "description" => description: String,
        /// The type of its value; mostly known.
        optional "type" => attribute_type: PropertyType,
    }
}

object! {
    /// The support status of a resource type, and how it came about.
    pub struct Support {
        /// The status.
        optional "status" => status: SupportStatus,
        /// Advice, for example on what replaces a deprecated type.
        optional "message" => message: Option<String>,
        /// The release since which the status holds: `2014.1`, `5.0.0`.
        optional "version" => version: Option<String>,
        /// The status before.
        optional "previous_status" => previous_status: Option<Box<Support>>,
    }
}

never_null! {
    BTreeMap<String, PropertySchema>, BTreeMap<String, PropertySchema>, Self::is_empty;
    Vec<Constraint>, Vec<Constraint>, Self::is_empty;
}

impl super::object::Field for Option<Box<Support>> {
    type Json = Box<Support>;

    fn set(&mut self, value: Box<Support>) -> bool {
        *self = Some(value);
        true
    }

    fn set_null(&mut self) -> bool {
        *self = None;
        true
    }

    fn is_empty(&self) -> bool {
        self.is_none()
    }

    fn write_irregular<M: serde::ser::SerializeMap>(
        &self,
        key: &str,
        map: &mut M,
    ) -> Result<(), M::Error> {
        map.serialize_entry(key, self)
    }
}

/// A constraint of a property's value.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Constraint {
    /// What the value must satisfy.
    pub rule: ConstraintRule,
    /// The description, which Heat shows if the value does not satisfy it.
    pub description: Option<String>,
    raw: Map<String, Value>,
}

/// What the value of a property must satisfy.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ConstraintRule {
    /// A number, limits included.
    Range {
        /// The minimum.
        min: Option<Number>,
        /// The maximum.
        max: Option<Number>,
    },
    /// The number of characters or items, limits included.
    Length {
        /// The minimum.
        min: Option<u64>,
        /// The maximum.
        max: Option<u64>,
    },
    /// A number that is `offset` plus a multiple of `step`.
    Modulo {
        /// The step.
        step: Number,
        /// The offset.
        offset: Number,
    },
    /// One of these values.
    AllowedValues(Vec<Value>),
    /// A regular expression that the whole value must match.
    AllowedPattern(String),
    /// A check by Heat, such as `nova.flavor`: an existing flavor.
    Custom(String),
    /// Any other constraint; see [`Constraint::raw`].
    Other,
}

impl Constraint {
    /// The whole constraint as the server sent it.
    pub fn raw(&self) -> &Map<String, Value> {
        &self.raw
    }
}

impl ConstraintRule {
    fn read(raw: &Map<String, Value>) -> Option<Self> {
        let number = |value: &Value| value.as_number().cloned();
        if let Some(range) = raw.get("range") {
            return Some(Self::Range {
                min: range.get("min").and_then(number),
                max: range.get("max").and_then(number),
            });
        }
        if let Some(length) = raw.get("length") {
            return Some(Self::Length {
                min: length.get("min").and_then(Value::as_u64),
                max: length.get("max").and_then(Value::as_u64),
            });
        }
        if let Some(modulo) = raw.get("modulo") {
            return Some(Self::Modulo {
                step: number(modulo.get("step")?)?,
                offset: number(modulo.get("offset")?)?,
            });
        }
        if let Some(values) = raw.get("allowed_values") {
            return values.as_array().cloned().map(Self::AllowedValues);
        }
        if let Some(pattern) = raw.get("allowed_pattern") {
            return Some(Self::AllowedPattern(pattern.as_str()?.to_owned()));
        }
        let name = raw.get("custom_constraint")?.as_str()?;
        Some(Self::Custom(name.to_owned()))
    }
}

impl<'de> Deserialize<'de> for Constraint {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let raw = Map::deserialize(d)?;
        let description = raw.get("description").and_then(Value::as_str);
        Ok(Self {
            rule: ConstraintRule::read(&raw).unwrap_or(ConstraintRule::Other),
            description: description.map(str::to_owned),
            raw,
        })
    }
}

impl Serialize for Constraint {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        self.raw.serialize(s)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// As Heat 27 sends it, shortened; `new` and `odd` are additions.
    const SCHEMA: &str = r#"{"resource_type":"OS::Heat::RandomString","properties":{"length":{"type":"integer","description":"Length of the string to generate.","default":32,"required":false,"constraints":[{"range":{"min":1,"max":512}}],"update_allowed":false,"immutable":false},"classes":{"type":"list","schema":{"*":{"type":"map","schema":{"class":{"type":"string","required":true,"constraints":[{"allowed_values":["letters","digits"],"description":"A class."},{"odd":1}],"update_allowed":false,"immutable":false}},"required":false,"update_allowed":false,"immutable":false}},"required":false,"update_allowed":true,"immutable":false}},"attributes":{"value":{"description":"The random string.","type":"string"},"show":{"description":"Details.","type":"map"}},"support_status":{"status":"DEPRECATED","message":null,"version":"2014.1","previous_status":{"status":"SUPPORTED","message":null,"version":null,"previous_status":null}},"new":[1]}"#;

    #[test]
    fn a_schema_is_typed_and_written_as_it_came() {
        let schema: ResourceTypeSchema = serde_json::from_str(SCHEMA).unwrap();
        assert_eq!(serde_json::to_string(&schema).unwrap(), SCHEMA);
        assert_eq!(schema.raw()["new"], json!([1]));

        let length = &schema.properties["length"];
        assert_eq!(length.property_type, PropertyType::Integer);
        assert_eq!(length.default, Some(json!(32)));
        assert!(!length.required && !length.update_allowed && !length.immutable);
        let range = ConstraintRule::Range {
            min: Some(1.into()),
            max: Some(512.into()),
        };
        assert_eq!(length.constraints[0].rule, range);

        let classes = &schema.properties["classes"];
        assert!(classes.update_allowed);
        let class = &classes.schema["*"].schema["class"];
        assert!(class.required);
        let values = vec![json!("letters"), json!("digits")];
        assert_eq!(
            class.constraints[0].rule,
            ConstraintRule::AllowedValues(values)
        );
        assert_eq!(
            class.constraints[0].description.as_deref(),
            Some("A class.")
        );
        assert_eq!(class.constraints[1].rule, ConstraintRule::Other);
        assert_eq!(class.constraints[1].raw()["odd"], 1);

        let support = schema.support_status.unwrap();
        assert_eq!(support.status, SupportStatus::Deprecated);
        let before = support.previous_status.unwrap();
        assert_eq!(before.status, SupportStatus::Supported);
        assert_eq!(before.version, None);
    }

    #[test]
    fn what_is_missing_null_or_new_is_accepted() {
        for text in [
            r#"{"type":"tuple","new":1}"#,
            r#"{"type":null,"description":null,"default":null,"schema":null,"required":null,"constraints":null,"update_allowed":null,"immutable":null}"#,
            r#"{}"#,
            r#"{"type":"number","required":true,"constraints":[{"modulo":{"step":2,"offset":1}},{"length":{"max":3}},{"allowed_pattern":"a+"},{"custom_constraint":"nova.flavor"}]}"#,
        ] {
            let property: PropertySchema = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&property).unwrap(), text);
        }
        let schema: ResourceTypeSchema =
            serde_json::from_str(r#"{"resource_type": "a", "properties": null}"#).unwrap();
        assert!(schema.properties.is_empty() && schema.support_status.is_none());
    }

    #[test]
    fn a_type_comes_as_a_name_or_as_an_object() {
        for text in [
            r#""OS::Heat::None""#,
            r#"{"resource_type":"OS::Heat::None","description":"Does nothing."}"#,
            r#"{"resource_type":"OS::Heat::None","description":null,"new":1}"#,
        ] {
            let found: ResourceType = serde_json::from_str(text).unwrap();
            assert_eq!(found.name, "OS::Heat::None");
            assert_eq!(serde_json::to_string(&found).unwrap(), text);
        }
        let error = serde_json::from_str::<ResourceType>("{}").unwrap_err();
        assert!(error.to_string().contains("resource_type"), "{error}");
    }
}
