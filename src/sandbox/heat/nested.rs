//! Nested stacks: templates as resource types, and groups.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use super::environment::Environment;
use super::error::{Refusal, Result};
use super::members::{self, Members};
use super::parameters::{Parameter, Values};
use super::python;
use super::resource_types::Type;
use super::stack::{Resource, Settings, Stack, Status};
use super::stacks;
use super::template::{self, Template};
use crate::yaml;

/// The maximum depth of nested stacks.
pub(super) const MAX_DEPTH: usize = 5;

/// The input of the nested stack of a resource, without the resource's properties.
#[derive(Debug)]
pub(super) enum Nested {
    /// A template, whose parameters are the properties.
    Provider(Provider),
    Members(Members),
}

impl Nested {
    /// The nested stack of a type; `None` if it has none.
    pub(super) fn of(
        kind: Type,
        implementation: &str,
        environment: &Environment,
        resource: &str,
    ) -> Result<Option<Arc<Self>>> {
        Ok(match kind {
            Type::Template => {
                let provider = Provider::read(implementation, environment, resource)?;
                Some(Arc::new(Self::Provider(provider)))
            }
            Type::ResourceGroup | Type::ResourceChain => {
                let members = Members::new(kind, environment, resource);
                Some(Arc::new(Self::Members(members)))
            }
            _ => None,
        })
    }

    pub(super) fn provider(&self) -> Option<&Provider> {
        match self {
            Self::Provider(provider) => Some(provider),
            Self::Members(_) => None,
        }
    }

    /// The settings of the nested stack. `resource` is the resource as it is now.
    pub(super) fn settings(
        &self,
        properties: &Map<String, Value>,
        resource: &Resource,
    ) -> Result<Settings> {
        match self {
            Self::Provider(provider) => provider.settings(properties),
            Self::Members(members) => members.settings(properties, Some(resource)),
        }
    }

    /// The data that a resource keeps, before its nested stack changes.
    pub(super) fn kept(&self, properties: &Map<String, Value>, resource: &Resource) -> Value {
        match self {
            Self::Provider(_) => resource.held.clone(),
            Self::Members(_) => members::kept(properties, resource),
        }
    }

    /// The settings before the creation, when some properties have no value yet.
    pub(super) fn draft(&self, properties: &Map<String, Value>) -> Result<Settings> {
        match self {
            Self::Provider(provider) => provider.draft(properties),
            Self::Members(members) => members.settings(properties, None),
        }
    }

    /// Whether a stack was created from this input, regardless of the properties.
    pub(super) fn is_of(&self, stack: &Stack) -> bool {
        self.provider().is_none_or(|provider| provider.is_of(stack))
    }
}

/// The template of a nested stack.
#[derive(Debug)]
pub(super) struct Provider {
    pub(super) url: String,
    raw: Map<String, Value>,
    parameters: Vec<Parameter>,
    environment: Environment,
}

impl Provider {
    /// Reads a template from the files of a request.
    fn read(url: &str, environment: &Environment, resource: &str) -> Result<Self> {
        let Some(text) = environment.files.get(url).and_then(Value::as_str) else {
            let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
            let why = match scheme {
                "http" | "https" => format!("Failed to retrieve template from {url}"),
                other => format!("Invalid URL scheme {other}"),
            };
            return Err(Refusal::invalid(format!(
                "Could not fetch remote template \"{url}\": {why}"
            )));
        };
        let parsed = yaml::parse(text);
        let parsed = parsed
            .map_err(|error| Refusal::invalid(format!("Error parsing template {url} {error}")))?;
        let Value::Object(raw) = parsed else {
            return Err(Refusal::invalid(
                "The template is not a JSON object or YAML mapping.",
            ));
        };
        if !raw.contains_key("heat_template_version") {
            return Err(Refusal::invalid("Template format version not found."));
        }
        Ok(Self {
            parameters: template::parameters(&raw)?,
            environment: environment.below(url, resource),
            url: url.to_owned(),
            raw,
        })
    }

    /// Checks the names of the properties, which are the template's parameters.
    pub(super) fn check_names(&self, resource: &str, given: &Map<String, Value>) -> Result<()> {
        let is_known = |name: &str| self.parameters.iter().any(|known| known.name() == name);
        match given.keys().find(|name| !is_known(name)) {
            Some(name) => Err(wrong(resource, &format!("Unknown Property {name}"))),
            None => Ok(()),
        }
    }

    /// Checks that no property is missing, and checks the nested stacks below.
    pub(super) fn check(&self, resource: &str, given: &Map<String, Value>) -> Result<()> {
        let is_missing = |parameter: &&Parameter| {
            parameter.is_required() && given.get(parameter.name()).is_none_or(Value::is_null)
        };
        if let Some(missing) = self.parameters.iter().find(is_missing) {
            let message = format!("Property {} not assigned", missing.name());
            return Err(wrong(resource, &message));
        }
        let below = || {
            if self.environment.depth > MAX_DEPTH {
                return Err(Refusal::bad(
                    "RequestLimitExceeded",
                    format!("Request limit exceeded: Recursion depth exceeds {MAX_DEPTH}."),
                ));
            }
            let template = Template::parse(self.raw.clone(), &self.environment)?;
            template.check_nested()
        };
        below().map_err(|refusal| refusal.below(&format!("resources.{resource}<{}>", self.url)))
    }

    /// Converts the properties to the types of the parameters.
    pub(super) fn coerce(
        &self,
        resource: &str,
        given: Map<String, Value>,
    ) -> Result<Map<String, Value>> {
        let mut coerced = Map::new();
        for (name, value) in given.into_iter().filter(|(_, value)| !value.is_null()) {
            let parameter = self.parameters.iter().find(|known| known.name() == name);
            let value = match parameter {
                Some(parameter) => parameter.fit(&value).map_err(|message| {
                    Refusal::invalid(format!(
                        "Property error: : resources.{resource}.properties.{name}: : {message}"
                    ))
                })?,
                None => value,
            };
            coerced.insert(name, value);
        }
        Ok(coerced)
    }

    fn settings(&self, properties: &Map<String, Value>) -> Result<Settings> {
        let mut environment = self.environment.clone();
        environment.parameters.clone_from(properties);
        stacks::settings(self.raw.clone(), environment)
    }

    /// The settings before the creation, when some properties have no value yet.
    fn draft(&self, properties: &Map<String, Value>) -> Result<Settings> {
        let template = Template::parse(self.raw.clone(), &self.environment)?;
        let values = Values::draft(&self.parameters, properties, &self.environment.defaults);
        Ok(Settings {
            template,
            environment: self.environment.clone(),
            values,
        })
    }

    /// Whether a stack was created from this input, regardless of its parameters.
    fn is_of(&self, stack: &Stack) -> bool {
        let state = stack.lock();
        let settings = &state.settings;
        settings.template.raw.as_object() == Some(&self.raw)
            && settings
                .environment
                .equals_except_parameters(&self.environment)
    }
}

fn wrong(resource: &str, message: &str) -> Refusal {
    Refusal::invalid(format!(
        "Property error: : resources.{resource}.properties: : {message}"
    ))
}

/// Waits until the nested stack of a resource completes its action.
pub(super) async fn settle(stack: &Stack) -> Result<(), String> {
    const PACE: Duration = Duration::from_millis(5);
    loop {
        let (status, reason) = {
            let state = stack.lock();
            (state.status, state.reason.clone())
        };
        match status {
            Status::InProgress => tokio::time::sleep(PACE).await,
            Status::Complete => return Ok(()),
            Status::Failed => {
                let reason = reason
                    .split_once(" failed: ")
                    .map_or(&*reason, |(_, why)| why);
                let resource = stack.parent.as_ref().map_or("", |parent| &parent.resource);
                // The first path in the text is that of the resource below.
                let below = ["resources.", "resources["].map(|path| reason.find(path));
                return Err(match below.into_iter().flatten().min() {
                    Some(at) => {
                        let (what, path) = reason.split_at_checked(at).unwrap_or((reason, ""));
                        format!("{what}{}.{path}", python::path(resource))
                    }
                    None => reason.to_owned(),
                });
            }
        }
    }
}

/// The data of the attributes of a resource with this nested stack.
pub(super) fn held(resource: &Resource, stack: &Stack) -> Value {
    if resource.kind != Type::Template {
        return members::held(resource, stack);
    }
    let state = stack.lock();
    let outputs = state.settings.template.outputs.iter();
    let outputs = outputs.map(|output| {
        let value = state.resolve(stack, &output.value);
        (output.name.clone(), value.unwrap_or_default())
    });
    outputs.collect::<Map<_, _>>().into()
}
