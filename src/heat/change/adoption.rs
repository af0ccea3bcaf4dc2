//! Adopts the resources of an abandoned or exported stack.

use std::fmt;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use super::{Body, Change, setters};
use crate::error::{Error, ErrorKind, Result};
use crate::heat::limits::{Limits, check_name};
use crate::template::{Json, Package};

/// A new stack from existing resources, for [`Stacks::adopt`](crate::heat::Stacks::adopt).
///
/// An invalid value is reported when the request is sent.
///
/// ```
/// use heatclient::heat::Adoption;
/// use serde_json::json;
///
/// let data = json!({
///     "template": {"heat_template_version": "2021-04-16", "resources": {"key": {"type": "OS::Heat::RandomString"}}},
///     "resources": {"key": {"resource_id": "web-key-x3u6kd3vq2ab", "resource_data": {"value": "s3cret"}}},
/// });
/// let web = Adoption::new("web", data).rollback(true);
/// ```
#[derive(Clone)]
#[must_use = "pass it to adopt"]
pub struct Adoption {
    pub(crate) name: String,
    /// A string that contains JSON, as Heat requires.
    data: String,
    change: Change,
}

/// Without the data, which contains hidden parameters.
impl fmt::Debug for Adoption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Adoption")
            .field("name", &self.name)
            .field("change", &self.change)
            .finish_non_exhaustive()
    }
}

impl Adoption {
    /// Creates a stack from the data that abandoning or exporting another stack returned, as JSON.
    ///
    /// The template, the resources and the parameters come from the data. So do the environment and
    /// the files, unless others are set. Heat does not roll back a failure unless
    /// [`rollback`](Self::rollback) enables it.
    pub fn new(name: impl Into<String>, data: impl Into<Value>) -> Self {
        let data: Value = data.into();
        let part = |key| data.get(key).and_then(Value::as_object);
        // Heat reads only the parameters of the environment in the data, and none of its files.
        let environment = part("environment").cloned().map(Value::Object);
        let files = part("files").into_iter().flatten();
        let texts =
            files.filter_map(|(url, content)| Some((url.clone(), content.as_str()?.to_owned())));
        let mut change = Change::of(Package {
            environment: environment.map(Json::from),
            files: texts.collect(),
            ..Package::default()
        });
        if part("template").is_none() {
            change.refuse(Error::new(
                ErrorKind::Config,
                "the data to adopt has no template; pass the data that abandoning or exporting a stack returned",
            ));
        }
        Self {
            name: name.into(),
            data: data.to_string(),
            change,
        }
    }

    /// Adds packed environments of a [`Packer`](crate::template::Packer). They override the data's
    /// own.
    pub fn package(mut self, package: impl Into<Package>) -> Self {
        let package = package.into();
        let own = &mut self.change.package;
        own.files.extend(package.files);
        own.parameters.extend(package.parameters.0);
        own.environment = match (package.environment, own.environment.take()) {
            (Some(given), Some(data)) => Some(given.over(&data)),
            (given, data) => given.or(data),
        };
        own.environment_files = package.environment_files;
        own.files_container = package.files_container;
        self
    }

    setters!();

    pub(crate) fn body(&self) -> Result<Body<'_>> {
        check_name(&self.name)?;
        self.change.check()?;
        Ok(Body {
            stack_name: Some(&self.name),
            adopt_stack_data: Some(&self.data),
            disable_rollback: Some(self.change.disable_rollback.unwrap_or(true)),
            ..Body::new(&self.change)
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn json(adoption: &Adoption) -> Value {
        serde_json::to_value(adoption.body().unwrap()).unwrap()
    }

    #[test]
    fn the_data_goes_as_text_and_its_files_and_environment_beside_it() {
        let bare = json!({"template": {"a": 1}, "environment": null});
        assert_eq!(
            json(&Adoption::new("web", bare)),
            json!({
                "stack_name": "web", "disable_rollback": true,
                "adopt_stack_data": r#"{"template":{"a":1},"environment":null}"#,
            })
        );

        let data = json!({
            "template": {"a": 1},
            "files": {"file:///a": "old", "file:///b": "kept"},
            "environment": {"parameters": {"size": "3"}},
        });
        let adoption = Adoption::new("web", data.clone());
        assert_eq!(json(&adoption)["environment"], data["environment"]);
        let environment = json!({"parameters": {"more": 1}, "resource_registry": {"A::B": "C::D"}});
        let package = Package {
            environment: Some(environment.into()),
            ..Package::default()
        };
        assert_eq!(
            json(&Adoption::new("web", data.clone()).package(package))["environment"],
            json!({"parameters": {"size": "3", "more": 1}, "resource_registry": {"A::B": "C::D"}})
        );
        let adoption = adoption
            .environment(json!({"parameters": {"size": 4}}))
            .file("file:///a", "new")
            .parameter("size", 5)
            .timeout(Duration::from_secs(60))
            .tags(["prod"])
            .rollback(true);
        assert_eq!(
            json(&adoption),
            json!({
                "stack_name": "web", "disable_rollback": false, "adopt_stack_data": data.to_string(),
                "files": {"file:///a": "new", "file:///b": "kept"},
                "environment": {"parameters": {"size": 4}}, "parameters": {"size": 5},
                "timeout_mins": 1, "tags": "prod",
            })
        );
    }

    #[test]
    fn data_without_a_template_is_refused() {
        for data in [
            json!({}),
            json!({"template": null}),
            json!("text"),
            json!(null),
        ] {
            let error = Adoption::new("web", data.clone()).body().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config, "{data}");
            assert_eq!(
                error.to_string(),
                "the data to adopt has no template; pass the data that abandoning or exporting a stack returned"
            );
        }
    }
}
