//! Validation of templates.

use serde_json::{Map, Value};

use super::environment::Environment;
use super::error::{Refusal, Result};
use super::request::{Request, ok};
use super::stacks::{given_template, no_template};
use super::template::Template;
use super::{parameters, python};
use crate::sandbox::call::Answer;

/// The only error code that Heat supports.
const IGNORABLE: &str = "99001";

impl Request<'_> {
    pub(super) fn validate(&self) -> Result<Answer> {
        let body = self.body()?;
        let query = self.query();
        let show_nested = query.flag("show_nested")?.unwrap_or(false);
        let template = given_template(&body)?.ok_or_else(no_template)?;
        let environment = Environment::read(&body)?;
        let codes = query.get("ignore_errors").filter(|codes| !codes.is_empty());
        if codes.is_some_and(|codes| codes.split(',').any(|code| code != IGNORABLE)) {
            // Heat answers so, with status 200.
            return Ok(ok(
                &"<HTTPBadRequest at 0x7f0000000000 400 Bad Request>".into()
            ));
        }
        let template = Template::parse(template, &environment).map_err(Refusal::of_validation)?;
        if show_nested && template.has_nested() {
            return Err(Refusal::invalid(
                "The sandbox does not support show_nested in validations",
            ));
        }
        parameters::check_names(&template.parameters, &environment.parameters)?;
        let mut answer = Map::new();
        let description = template.description.as_deref();
        answer.insert(
            "Description".to_owned(),
            description.unwrap_or("No description").into(),
        );
        let parameters = template.parameters.iter().map(|parameter| {
            let name = parameter.name();
            let given = environment.parameters.get(name);
            let default = environment.defaults.get(name);
            (name.to_owned(), parameter.to_json(given, default))
        });
        answer.insert(
            "Parameters".to_owned(),
            parameters.collect::<Map<_, _>>().into(),
        );
        let groups = template.raw.get("parameter_groups");
        if let Some(groups) = groups.filter(|groups| python::is_true(groups)) {
            answer.insert("ParameterGroups".to_owned(), groups.clone());
        }
        answer.insert("Environment".to_owned(), environment.to_json(&template));
        Ok(ok(&Value::Object(answer)))
    }
}
