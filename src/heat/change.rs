//! The input of create and update requests.

mod adoption;
mod validation;

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind, Result};
use crate::heat::limits::{Limits, check_name};
use crate::secret::sealed_json;
use crate::service::Request;
use crate::template::{Json, Package};

pub use self::adoption::Adoption;
pub use self::validation::Validation;

/// A new stack, for [`Stacks::create`](super::Stacks::create) or
/// [`Stacks::preview`](super::Stacks::preview).
///
/// An invalid value (a tag with a comma, a timeout of zero) is reported when the request is sent.
///
/// ```
/// use std::time::Duration;
/// use heatclient::heat::NewStack;
/// use serde_json::json;
///
/// let web = NewStack::new("web", json!({"heat_template_version": "2021-04-16"}))
///     .parameter("size", 3)
///     .parameter("zones", ["a", "b"])
///     .tags(["prod"])
///     .timeout(Duration::from_secs(20 * 60));
/// ```
#[derive(Debug, Clone)]
#[must_use = "pass it to create or preview"]
pub struct NewStack {
    pub(crate) name: String,
    change: Change,
}

/// The settings that create, update, adopt and validate share.
#[derive(Debug, Clone, Default)]
struct Change {
    package: Package,
    limits: Limits,
    /// The tags, separated by commas; empty to remove all.
    tags: Option<String>,
    timeout_mins: Option<u64>,
    disable_rollback: Option<bool>,
    /// The first invalid value.
    error: Option<Error>,
}

impl Change {
    fn of(package: Package) -> Self {
        Self {
            package,
            ..Self::default()
        }
    }

    fn parameter(&mut self, name: String, value: impl Serialize) {
        match serde_json::to_value(value) {
            Ok(value) => {
                self.package.parameters.insert(name, value);
            }
            Err(e) => self.refuse(
                Error::new(
                    ErrorKind::Config,
                    format!("the value of parameter {name:?} cannot be written as JSON"),
                )
                .with_source(e),
            ),
        }
    }

    fn tags<T: AsRef<str>>(&mut self, tags: impl IntoIterator<Item = T>) {
        const MAX_LENGTH: usize = 80;
        let mut joined = String::new();
        for tag in tags {
            let tag = tag.as_ref();
            if tag.is_empty() || tag.contains(',') || tag.chars().count() > MAX_LENGTH {
                self.refuse(Error::new(
                    ErrorKind::Config,
                    format!(
                        "invalid tag {tag:?}: use 1 to {MAX_LENGTH} characters without a comma"
                    ),
                ));
            }
            if !joined.is_empty() {
                joined.push(',');
            }
            joined.push_str(tag);
        }
        self.tags = Some(joined);
    }

    fn timeout(&mut self, timeout: Duration) {
        const MINUTE: u64 = 60;
        if timeout.is_zero() {
            self.refuse(Error::new(
                ErrorKind::Config,
                "invalid timeout of zero: use at least 1 minute",
            ));
        }
        let seconds = timeout.as_secs() + u64::from(timeout.subsec_nanos() > 0);
        self.timeout_mins = Some(seconds.div_ceil(MINUTE));
    }

    fn refuse(&mut self, error: Error) {
        self.error.get_or_insert(error);
    }

    fn check(&self) -> Result<()> {
        self.error.clone().map_or(Ok(()), Err)?;
        self.limits.check_package(&self.package)
    }
}

/// The setters that several types share.
macro_rules! setters {
    () => {
        setters!(inputs);
        setters!(options);
    };
    // Inputs of a template.
    (inputs) => {
        /// Sets a parameter of the template. Numbers, strings, booleans, lists and maps are sent
        /// unchanged.
        pub fn parameter(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
            self.change.parameter(name.into(), value);
            self
        }

        /// Sets several parameters.
        pub fn parameters<N: Into<String>, V: Serialize>(
            mut self,
            parameters: impl IntoIterator<Item = (N, V)>,
        ) -> Self {
            for (name, value) in parameters {
                self.change.parameter(name.into(), value);
            }
            self
        }

        /// Sets the environment: parameters, defaults and the resource registry.
        ///
        /// Heat ignores it if there are [environment files](Self::environment_file).
        pub fn environment(mut self, environment: impl Into<Value>) -> Self {
            self.change.package.environment = Some(environment.into().into());
            self
        }

        /// Adds the content of a file that the template or the environment refers to as `url`.
        pub fn file(mut self, url: impl Into<String>, content: impl Into<String>) -> Self {
            self.change.package.files.insert(url.into(), content.into());
            self
        }

        /// Uses one of the [files](Self::file) as an environment. Later ones override earlier ones.
        pub fn environment_file(mut self, url: impl Into<String>) -> Self {
            self.change.package.environment_files.push(url.into());
            self
        }

        /// Sets Heat's size limits, which are checked before the request is sent.
        pub fn limits(mut self, limits: Limits) -> Self {
            self.change.limits = limits;
            self
        }

        /// Sets the Swift container in which Heat finds the files.
        pub fn files_container(mut self, container: impl Into<String>) -> Self {
            self.change.package.files_container = Some(container.into());
            self
        }
    };
    // Options of a create or update.
    (options) => {
        /// Sets the tags and replaces existing ones. An empty list removes all tags; see
        /// [`StackUpdate::existing`](crate::heat::StackUpdate::existing) for its limits.
        pub fn tags<T: AsRef<str>>(mut self, tags: impl IntoIterator<Item = T>) -> Self {
            self.change.tags(tags);
            self
        }

        /// Sets Heat's timeout of the action. It is rounded up to minutes, Heat's unit.
        ///
        /// A timeout of zero is refused when the request is sent: Heat would ignore it. By default a
        /// new stack has the cloud's timeout (mostly an hour), and an update keeps that of the stack.
        pub fn timeout(mut self, timeout: Duration) -> Self {
            self.change.timeout(timeout);
            self
        }

        /// Whether Heat rolls back after a failure. By default a new stack does not, and an update
        /// keeps the setting of the stack.
        pub fn rollback(mut self, rollback: bool) -> Self {
            self.change.disable_rollback = Some(!rollback);
            self
        }
    };
}
use setters;

impl NewStack {
    /// Creates a stack from what a [`Packer`](crate::template::Packer) packed, or from a template
    /// without references to other files.
    ///
    /// Heat does not roll back a failure unless [`rollback`](Self::rollback) enables it.
    pub fn new(name: impl Into<String>, package: impl Into<Package>) -> Self {
        Self {
            name: name.into(),
            change: Change::of(package.into()),
        }
    }

    setters!();

    pub(crate) fn body(&self) -> Result<Body<'_>> {
        check_name(&self.name)?;
        self.change.check()?;
        Ok(Body {
            stack_name: Some(&self.name),
            // Send Heat's default explicitly.
            disable_rollback: Some(self.change.disable_rollback.unwrap_or(true)),
            ..Body::new(&self.change)
        })
    }
}

/// An update of a stack, for [`Stacks::update`](super::Stacks::update) or
/// [`Stacks::preview_update`](super::Stacks::preview_update).
///
/// ```
/// use heatclient::heat::StackUpdate;
/// use serde_json::json;
///
/// // All new: what is not named goes back to the template's defaults.
/// let all = StackUpdate::new(json!({"heat_template_version": "2021-04-16"})).parameter("size", 4);
/// // Only this: the rest stays as it is.
/// let some = StackUpdate::existing().parameter("size", 4);
/// ```
#[derive(Debug, Clone)]
#[must_use = "pass it to update or preview_update"]
pub struct StackUpdate {
    pub(crate) existing: bool,
    clear_parameters: Vec<String>,
    converge: bool,
    change: Change,
}

impl StackUpdate {
    /// Replaces template, parameters and environment (`PUT`), with what a
    /// [`Packer`](crate::template::Packer) packed or with a template without references to other
    /// files. Tags that are not set again are removed.
    pub fn new(package: impl Into<Package>) -> Self {
        Self {
            existing: false,
            clear_parameters: Vec::new(),
            converge: false,
            change: Change::of(package.into()),
        }
    }

    /// Changes an existing stack (`PATCH`). Template, environment, parameters and tags stay unless
    /// set.
    ///
    /// Heat cannot remove all tags in such an update: an empty list of [`tags`](Self::tags) is
    /// refused when the request is sent. [`new`](Self::new) removes tags that are not set.
    pub fn existing() -> Self {
        Self {
            existing: true,
            clear_parameters: Vec::new(),
            converge: false,
            change: Change::default(),
        }
    }

    /// Sets what the package contains. The rest stays as it is in the stack.
    pub fn package(mut self, package: impl Into<Package>) -> Self {
        self.change.package = package.into();
        self
    }

    /// Sets a parameter back to the template's default. For an [`existing`](Self::existing) stack;
    /// an update to a [`new`](Self::new) template keeps no parameters.
    pub fn clear_parameter(mut self, name: impl Into<String>) -> Self {
        self.clear_parameters.push(name.into());
        self
    }

    /// Sets several parameters back to the template's defaults.
    pub fn clear_parameters<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.clear_parameters
            .extend(names.into_iter().map(Into::into));
        self
    }

    /// Makes Heat compare with the real state of each resource instead of its stored state.
    ///
    /// It is sent in a preview too, where it has no effect in Heat.
    pub fn converge(mut self, converge: bool) -> Self {
        self.converge = converge;
        self
    }

    setters!();

    /// Whether unnamed settings keep their values.
    pub(crate) fn keeps_existing(&self) -> bool {
        self.existing
    }

    pub(crate) fn body(&self) -> Result<Body<'_>> {
        self.change.check()?;
        // Heat reads an empty text as one empty tag, keeps the tags for null, and refuses a list.
        if self.existing && self.change.tags.as_deref() == Some("") {
            return Err(Error::new(
                ErrorKind::Config,
                "Heat cannot remove all tags in an update of the existing template (PATCH); send the \
                 template too (PUT), or set at least one tag",
            ));
        }
        Ok(Body {
            clear_parameters: &self.clear_parameters,
            converge: self.converge,
            ..Body::new(&self.change)
        })
    }
}

/// The body of create, update, preview, adopt and validate requests. Unset fields are not sent.
#[derive(Debug, Serialize)]
pub(crate) struct Body<'a> {
    #[serde(skip)]
    limits: Limits,
    #[serde(skip_serializing_if = "Option::is_none")]
    stack_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disable_rollback: Option<bool>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    parameters: &'a Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    template: Option<&'a Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    template_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    adopt_stack_data: Option<&'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    files: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<&'a Json>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    environment_files: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    files_container: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout_mins: Option<u64>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    clear_parameters: &'a [String],
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    converge: bool,
}

impl<'a> Body<'a> {
    fn new(change: &'a Change) -> Self {
        let package = &change.package;
        Self {
            limits: change.limits,
            stack_name: None,
            disable_rollback: change.disable_rollback,
            parameters: &package.parameters,
            template: package.template.as_ref(),
            template_url: package.template_url.as_deref(),
            files: &package.files,
            environment: package.environment.as_ref(),
            environment_files: &package.environment_files,
            files_container: package.files_container.as_deref(),
            adopt_stack_data: None,
            tags: change.tags.as_deref().filter(|tags| !tags.is_empty()),
            timeout_mins: change.timeout_mins,
            clear_parameters: &[],
            converge: false,
        }
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// [`ErrorKind::Template`] if it exceeds Heat's size limit.
    fn json(&self) -> Result<Bytes> {
        let json = sealed_json(self)?;
        self.limits.check_body(json.len())?;
        Ok(json)
    }
}

/// Sets `body` as the request's body.
///
/// # Errors
/// Those of the body, with the request's description added.
pub(crate) fn with_body(request: Request, body: Result<Body<'_>>) -> Result<Request> {
    match body.and_then(|body| body.json()) {
        Ok(json) => Ok(request.json_bytes(Ok(json))),
        Err(error) => Err(request.named(error)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn json(body: Result<Body<'_>>) -> Value {
        serde_json::to_value(body.unwrap()).unwrap()
    }

    #[test]
    fn create_says_what_is_set() {
        let template = json!({"heat_template_version": "2021-04-16"});
        assert_eq!(
            json(NewStack::new("web", template.clone()).body()),
            json!({"stack_name": "web", "disable_rollback": true, "template": template})
        );
        let full = NewStack::new("web", template.clone())
            .parameter("size", 3)
            .parameters([("zones", vec!["a"]), ("none", vec![])])
            .environment(json!({"parameters": {}}))
            .file("file:///a", "text")
            .environment_file("file:///e")
            .files_container("box")
            .tags(["a", "b"])
            .timeout(Duration::from_secs(61))
            .rollback(true);
        assert_eq!(
            json(full.body()),
            json!({
                "stack_name": "web", "disable_rollback": false, "template": template,
                "parameters": {"size": 3, "zones": ["a"], "none": []},
                "environment": {"parameters": {}}, "files": {"file:///a": "text"},
                "environment_files": ["file:///e"], "files_container": "box",
                "tags": "a,b", "timeout_mins": 2,
            })
        );
    }

    #[test]
    fn update_is_put_or_patch() {
        let update = StackUpdate::new(json!({"a": 1}));
        assert_eq!(
            (update.keeps_existing(), json(update.body())),
            (false, json!({"template": {"a": 1}}))
        );
        let update = StackUpdate::existing()
            .clear_parameter("x")
            .clear_parameters(["y", "z"])
            .converge(true);
        assert_eq!(
            (update.keeps_existing(), json(update.body())),
            (
                true,
                json!({"clear_parameters": ["x", "y", "z"], "converge": true})
            )
        );
    }

    /// B-17.
    #[test]
    fn an_empty_list_removes_tags_or_is_refused() {
        let none = <[&str; 0]>::default;
        let template = json!({"a": 1});
        let update = StackUpdate::new(template.clone())
            .tags(["old"])
            .tags(none());
        assert_eq!(json(update.body()), json!({"template": template}));
        let update = StackUpdate::existing().tags(none());
        let error = update.body().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert_eq!(
            error.to_string(),
            "Heat cannot remove all tags in an update of the existing template (PATCH); send the \
             template too (PUT), or set at least one tag"
        );
        let update = StackUpdate::existing().tags(none()).tags(["new"]);
        assert_eq!(json(update.body()), json!({"tags": "new"}));
    }

    #[test]
    fn heat_may_download_or_parse_the_template() {
        let url = "https://templates.example/web.yaml";
        let remote = || Package::from_url(url);
        assert_eq!(
            json(NewStack::new("web", remote()).body()),
            json!({"stack_name": "web", "disable_rollback": true, "template_url": url})
        );
        for update in [
            StackUpdate::new(remote()),
            StackUpdate::existing().package(remote()),
        ] {
            assert_eq!(json(update.body()), json!({"template_url": url}));
        }
        let validation = Validation::new(remote());
        assert_eq!(json(validation.body()), json!({"template_url": url}));
        let text = "heat_template_version: 2021-04-16";
        let update = StackUpdate::new(Package::from_text(text));
        assert_eq!(json(update.body()), json!({"template": text}));
    }

    #[test]
    fn the_first_mistake_is_told() {
        let stack = || NewStack::new("web", json!({}));
        let cases = [
            (
                stack().tags(["a,b"]),
                r#"invalid tag "a,b": use 1 to 80 characters without a comma"#,
            ),
            (
                stack().tags([""]),
                r#"invalid tag "": use 1 to 80 characters without a comma"#,
            ),
            (
                stack().timeout(Duration::ZERO).tags([","]),
                "invalid timeout of zero: use at least 1 minute",
            ),
            (
                stack().parameter("p", std::collections::HashMap::from([(vec![1], 1)])),
                r#"the value of parameter "p" cannot be written as JSON"#,
            ),
        ];
        for (stack, message) in cases {
            let error = stack.body().unwrap_err();
            assert_eq!(
                (error.kind(), error.to_string().as_str()),
                (ErrorKind::Config, message)
            );
        }
    }

    #[test]
    fn minutes_are_rounded_up() {
        for (millis, minutes) in [(1, 1), (60_000, 1), (60_001, 2), (3_600_000, 60)] {
            let stack = NewStack::new("web", json!({})).timeout(Duration::from_millis(millis));
            assert_eq!(json(stack.body())["timeout_mins"], minutes, "{millis}");
        }
    }
}
