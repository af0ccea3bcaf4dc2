//! A template and its environments, packed for a request.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};

use super::merge::Merged;
use super::problem::Problem;
use crate::error::{Error, ErrorKind, Result};
use crate::yaml::Document;

/// JSON as it is sent. Numbers keep all their digits. Clones share the text.
#[derive(Clone)]
pub(crate) struct Json(Arc<RawValue>);

/// Hides the values, which may be secrets.
impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Json({} bytes)", self.text().len())
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::serialize(&self.0, serializer)
    }
}

impl Json {
    /// Wraps a text that is JSON.
    pub(super) fn written(text: String) -> Result<Self> {
        let raw = RawValue::from_string(text);
        let raw = raw.map_err(|e| Error::new(ErrorKind::Template, "not JSON").with_source(e))?;
        Ok(Self(raw.into()))
    }

    fn text(&self) -> &str {
        self.0.get()
    }

    /// Merges two environments. This one has priority.
    pub(crate) fn over(self, lower: &Self) -> Self {
        let mut merged = Merged::default();
        for environment in [lower, &self] {
            if let Ok(document) = Document::parse_json(environment.text()) {
                merged.add(&"".into(), "", document.root, None, false);
            }
        }
        let merged = merged.into_json().map(Self::written);
        merged.and_then(Result::ok).unwrap_or(self)
    }
}

impl From<Value> for Json {
    fn from(value: Value) -> Self {
        let raw = to_raw_value(&value);
        Self(raw.unwrap_or_else(|_| RawValue::NULL.to_owned()).into())
    }
}

/// The values of parameters by their names.
#[derive(Clone, Default, Serialize)]
#[serde(transparent)]
pub(crate) struct Parameters(pub(crate) Map<String, Value>);

/// Hides the values, which may be secrets.
impl fmt::Debug for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Deref for Parameters {
    type Target = Map<String, Value>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Parameters {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

/// A template with the files that it refers to, its environment and its parameters. Requests to create,
/// update, preview and validate stacks contain it. A [`Packer`](super::Packer) builds it.
///
/// A template without references can be given as JSON:
///
/// ```
/// use heatclient::heat::NewStack;
/// use serde_json::json;
///
/// let stack = NewStack::new("empty", json!({"heat_template_version": "2021-04-16"}));
/// ```
///
/// It serializes as its part of the request's body.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Package {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) template: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) template_url: Option<String>,
    pub(crate) files: BTreeMap<String, String>,
    #[serde(serialize_with = "or_empty")]
    pub(crate) environment: Option<Json>,
    #[serde(skip_serializing_if = "is_empty")]
    pub(crate) parameters: Parameters,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) environment_files: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) files_container: Option<String>,
    #[serde(skip)]
    pub(crate) depth: usize,
    #[serde(skip)]
    pub(crate) missing: Vec<MissingParameter>,
    #[serde(skip)]
    pub(crate) warnings: Vec<Problem>,
}

/// A parameter that the template declares without a default and that has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MissingParameter {
    /// Its name.
    pub name: String,
    /// Its description, if the template has one.
    pub description: Option<String>,
    /// Whether its value is a secret.
    pub is_hidden: bool,
}

fn is_empty(parameters: &Parameters) -> bool {
    parameters.is_empty()
}

fn or_empty<S: Serializer>(environment: &Option<Json>, serializer: S) -> Result<S::Ok, S::Error> {
    match environment {
        Some(environment) => environment.serialize(serializer),
        None => Map::new().serialize(serializer),
    }
}

impl Package {
    /// A template without references to other files, as YAML or JSON text that Heat parses. For a
    /// file, use a [`Packer`](super::Packer).
    ///
    /// ```
    /// use heatclient::heat::NewStack;
    /// use heatclient::template::Package;
    ///
    /// let text = "heat_template_version: 2021-04-16\nresources: {none: {type: OS::Heat::None}}";
    /// let stack = NewStack::new("empty", Package::from_text(text));
    /// ```
    pub fn from_text(template: impl Into<String>) -> Self {
        Self::from(Value::String(template.into()))
    }

    /// A template that Heat downloads itself, from an `http` or `https` URL that it can reach. Nothing
    /// is checked or packed here. References to other files must be URLs that Heat can reach, too.
    ///
    /// ```
    /// use heatclient::heat::{NewStack, StackUpdate};
    /// use heatclient::template::Package;
    ///
    /// let url = "https://templates.example/web.yaml";
    /// let web = NewStack::new("web", Package::from_url(url)).parameter("size", 3);
    /// let update = StackUpdate::existing().package(Package::from_url(url));
    /// ```
    pub fn from_url(template: impl Into<String>) -> Self {
        Self {
            template_url: Some(template.into()),
            ..Self::default()
        }
    }

    /// The template as JSON; `None` for a template that Heat downloads itself. A template that Heat
    /// parses is a JSON string.
    pub fn template(&self) -> Option<&str> {
        self.template.as_ref().map(Json::text)
    }

    /// The URL of a template that Heat downloads itself.
    pub fn template_url(&self) -> Option<&str> {
        self.template_url.as_deref()
    }

    /// The files that the template and the environments refer to, by absolute URLs. Content that is not UTF-8 is in
    /// base64.
    pub fn files(&self) -> &BTreeMap<String, String> {
        &self.files
    }

    /// All environments merged into one, as JSON; `None` if it is empty.
    pub fn environment(&self) -> Option<&str> {
        self.environment.as_ref().map(Json::text)
    }

    /// The parameters that were set. They have priority over the environment.
    pub fn parameters(&self) -> &Map<String, Value> {
        &self.parameters
    }

    /// The parameters of the template that have neither a value nor a default.
    pub fn missing_parameters(&self) -> &[MissingParameter] {
        &self.missing
    }

    /// The number of levels of nested stacks below the stack itself.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// The problems that did not prevent packing.
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }
}

/// A template without references.
impl From<Value> for Package {
    fn from(template: Value) -> Self {
        Self {
            template: Some(template.into()),
            ..Self::default()
        }
    }
}
