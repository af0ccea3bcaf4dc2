//! Parameter groups of templates.

use serde_json::{Map, Value};

use super::error::{Refusal, Result};
use super::parameters::Parameter;
use super::python;

/// Checks the groups, if any: a parameter may be in one group only.
pub(super) fn check(raw: &Map<String, Value>, parameters: &[Parameter]) -> Result<()> {
    let Some(groups) = raw
        .get("parameter_groups")
        .filter(|groups| python::is_true(groups))
    else {
        return Ok(());
    };
    let Some(items) = groups.as_array() else {
        return Err(wrong("", "The parameter_groups should be a list."));
    };
    let mut seen = Vec::new();
    for group in items {
        let group = group
            .as_object()
            .ok_or_else(|| Refusal::hidden("AttributeError"))?;
        let label = group.get("label").map(python::text).unwrap_or_default();
        let wrong = |message: &str| wrong(&format!(".{label}"), message);
        let members = match group.get("parameters") {
            None | Some(Value::Null) => {
                return Err(wrong(
                    "The parameters must be provided for each parameter group.",
                ));
            }
            Some(Value::Array(members)) => members,
            Some(_) => return Err(wrong("The parameters of parameter group should be a list.")),
        };
        for member in members {
            let name = python::text(member);
            if seen.contains(&member) {
                return Err(wrong(&format!(
                    "The {name} parameter must be assigned to one parameter group only."
                )));
            }
            if !parameters
                .iter()
                .any(|parameter| member == parameter.name())
            {
                return Err(wrong(&format!(
                    "The grouped parameter {name} does not reference a valid parameter."
                )));
            }
            seen.push(member);
        }
    }
    Ok(())
}

fn wrong(place: &str, message: &str) -> Refusal {
    Refusal::invalid(format!(
        "Parameter Groups error: : parameter_groups{place}: : {message}"
    ))
}
