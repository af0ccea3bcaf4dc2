//! Heat's answers as types.
//!
//! No field is lost: [`Stack::raw`] and similar methods return the whole object in the server's
//! order; [`StackSummary::extra`], [`Resource::extra`], [`Event::extra`] and similar methods return
//! the fields that their types do not have. If a value is missing or `null`, a string or list is empty and an
//! option is `None`. An optional string that is empty is `None`, too. Serialization restores the
//! object as the server sent it.

mod environment;
mod event;
mod object;
mod output;
mod preview;
mod resource;
mod resource_type;
mod service;
mod snapshot;
mod software;
mod stack;
mod stack_data;
mod status;
mod template_version;
mod time;
mod validated;
mod words;

pub use environment::Environment;
pub use event::Event;
pub(crate) use object::objects;
pub use output::Output;
pub use preview::{PreviewedResource, PreviewedResources, ResourceChanges, StackPreview};
pub use resource::Resource;
pub use resource_type::{
    AttributeSchema, Constraint, ConstraintRule, PropertySchema, PropertyType, ResourceType,
    ResourceTypeSchema, Support, SupportStatus,
};
pub use service::{ApiVersion, Health, Service, ServiceStatus};
pub use snapshot::Snapshot;
pub use software::{
    ConfigInput, ConfigOutput, ConfigType, DeploymentMetadata, SoftwareConfig, SoftwareDeployment,
};
pub(crate) use software::{STATUS_CODE, STDERR, STDOUT};
pub use stack::{CreatedStack, Stack, StackSummary};
pub use stack_data::StackData;
pub use status::{Action, StackStatus, Status};
pub use template_version::{TemplateFormat, TemplateFunction, TemplateVersion};
pub use time::Time;
pub use validated::{ParameterGroup, TemplateParameter, ValidatedTemplate};

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// A link to a related object, such as the nested stack of a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Link {
    /// Its URL, as the server sent it.
    #[serde(default)]
    pub href: String,
    /// The relation: `self`, `stack`, `nested`, `root_stack` and others.
    #[serde(default, deserialize_with = "relation")]
    pub rel: Cow<'static, str>,
}

/// Avoids an allocation for common relations.
fn relation<'de, D: Deserializer<'de>>(d: D) -> Result<Cow<'static, str>, D::Error> {
    struct Text;

    impl serde::de::Visitor<'_> for Text {
        type Value = Cow<'static, str>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a relation")
        }

        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            Ok(match text {
                "self" => "self".into(),
                "stack" => "stack".into(),
                "resource" => "resource".into(),
                "nested" => "nested".into(),
                "root_stack" => "root_stack".into(),
                "next" => "next".into(),
                other => other.to_owned().into(),
            })
        }
    }

    d.deserialize_str(Text)
}

/// The answer of `GET /build_info`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BuildInfo {
    /// The build of the API process.
    pub api: Map<String, Value>,
    /// The build of the engine.
    pub engine: Map<String, Value>,
}

/// Reads `null` as the default. Heat sends `null` for some lists and strings.
fn nullable<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(d: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(d)?.unwrap_or_default())
}

/// Reads a value of `null` as `Some`, unlike an absent key.
fn present<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(d).map(Some)
}

/// The URL of the first link with this relation.
fn link<'a>(links: &'a [Link], rel: &str) -> Option<&'a str> {
    links
        .iter()
        .find(|link| link.rel == rel)
        .map(|link| link.href.as_str())
}

/// The last two segments of a stack's URL: its name and its id, percent-decoded.
pub(crate) fn name_and_id(href: &str) -> Option<(String, String)> {
    let path = href.split(['?', '#']).next()?;
    let (_, rest) = path.split_once("/stacks/")?;
    let mut parts = rest.split('/').map(|part| {
        percent_encoding::percent_decode_str(part)
            .decode_utf8()
            .map(Cow::into_owned)
    });
    match (parts.next(), parts.next()) {
        (Some(Ok(name)), Some(Ok(id))) if !name.is_empty() && !id.is_empty() => Some((name, id)),
        _ => None,
    }
}

/// Implements decoding that keeps the whole object beside the known fields, for single objects.
///
/// Objects in lists use [`object!`](object::object).
macro_rules! keep_raw {
    ($type:ident) => {
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let raw = serde_json::Map::deserialize(d)?;
                // Calls the derived function of the same name.
                let mut this = Self::deserialize(&raw).map_err(serde::de::Error::custom)?;
                this.raw = raw;
                Ok(this)
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                self.raw.serialize(s)
            }
        }

        impl $type {
            /// The whole object as the server sent it, its keys in the server's order.
            pub fn raw(&self) -> &serde_json::Map<String, serde_json::Value> {
                &self.raw
            }

            /// The whole object as the server sent it, its keys in the server's order.
            pub fn into_raw(self) -> serde_json::Map<String, serde_json::Value> {
                self.raw
            }
        }
    };
}
use keep_raw;
