//! Nested stacks: templates as resource types.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use super::environment::Environment;
use super::error::{Refusal, Result};
use super::parameters::{Parameter, Values};
use super::stack::{Settings, Stack, Status};
use super::stacks;
use super::template::{self, Template};
use crate::yaml;

/// The maximum depth of nested stacks.
const MAX_DEPTH: usize = 5;

/// The input of a nested stack, without its parameters, which are the resource's properties.
#[derive(Debug)]
pub(super) struct Nested {
    pub(super) url: String,
    raw: Map<String, Value>,
    parameters: Vec<Parameter>,
    environment: Environment,
}

impl Nested {
    /// Reads a template from the files of a request.
    pub(super) fn read(url: &str, environment: &Environment, resource: &str) -> Result<Arc<Self>> {
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
        Ok(Arc::new(Self {
            parameters: template::parameters(&raw)?,
            environment: environment.below(url, resource),
            url: url.to_owned(),
            raw,
        }))
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

    pub(super) fn settings(&self, properties: &Map<String, Value>) -> Result<Settings> {
        let mut environment = self.environment.clone();
        environment.parameters.clone_from(properties);
        stacks::settings(self.raw.clone(), environment)
    }

    /// The settings before the creation, when some properties have no value yet.
    pub(super) fn draft(&self, properties: &Map<String, Value>) -> Result<Settings> {
        let template = Template::parse(self.raw.clone(), &self.environment)?;
        let values = Values::draft(&self.parameters, properties, &self.environment.defaults);
        Ok(Settings {
            template,
            environment: self.environment.clone(),
            values,
        })
    }

    /// Whether a stack was created from this input, regardless of its parameters.
    pub(super) fn is_of(&self, stack: &Stack) -> bool {
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
                let below = format!("resources.{resource}.resources.");
                return Err(reason.replacen("resources.", &below, 1));
            }
        }
    }
}

/// The attributes of a nested stack: its outputs.
pub(super) fn outputs(stack: &Stack) -> Value {
    let state = stack.lock();
    let outputs = state.settings.template.outputs.iter();
    let outputs = outputs.map(|output| {
        let value = state.resolve(stack, &output.value);
        (output.name.clone(), value.unwrap_or_default())
    });
    outputs.collect::<Map<_, _>>().into()
}
