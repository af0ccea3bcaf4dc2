//! The input of a template validation.

use serde::Serialize;
use serde_json::Value;

use super::{Body, Change, setters};
use crate::error::Result;
use crate::heat::Limits;
use crate::template::Package;

/// A template to validate, for [`Templates::validate`](crate::heat::Templates::validate).
///
/// ```
/// use heatclient::heat::Validation;
/// use serde_json::json;
///
/// let template = json!({"heat_template_version": "2021-04-16"});
/// let validation = Validation::new(template).show_nested(true);
/// ```
#[derive(Debug, Clone)]
#[must_use = "pass it to validate"]
pub struct Validation {
    pub(crate) show_nested: bool,
    pub(crate) ignore_errors: Vec<String>,
    change: Change,
}

impl Validation {
    /// Validates what a [`Packer`](crate::template::Packer) packed, or a template without
    /// references to other files.
    pub fn new(package: impl Into<Package>) -> Self {
        Self {
            show_nested: false,
            ignore_errors: Vec::new(),
            change: Change::of(package.into()),
        }
    }

    /// Whether to include the parameters of nested stacks.
    pub fn show_nested(mut self, show: bool) -> Self {
        self.show_nested = show;
        self
    }

    /// Error codes to ignore, such as `99001` (a service that is not available).
    pub fn ignore_errors<C: Into<String>>(mut self, codes: impl IntoIterator<Item = C>) -> Self {
        self.ignore_errors.extend(codes.into_iter().map(Into::into));
        self
    }

    setters!(inputs);

    pub(crate) fn body(&self) -> Result<Body<'_>> {
        self.change.check()?;
        Ok(Body::new(&self.change))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_body_says_what_is_set() {
        let template = json!({"heat_template_version": "2021-04-16"});
        let json =
            |validation: Validation| serde_json::to_value(validation.body().unwrap()).unwrap();
        assert_eq!(
            json(
                Validation::new(template.clone())
                    .show_nested(true)
                    .ignore_errors(["99001"])
            ),
            json!({"template": template})
        );
        let full = Validation::new(template.clone())
            .parameters([("size", 3)])
            .environment(json!({"parameters": {}}))
            .file("file:///e", "{}")
            .environment_file("file:///e")
            .files_container("box");
        assert_eq!(
            json(full),
            json!({
                "template": template, "parameters": {"size": 3}, "environment": {"parameters": {}},
                "files": {"file:///e": "{}"}, "environment_files": ["file:///e"], "files_container": "box",
            })
        );
    }
}
