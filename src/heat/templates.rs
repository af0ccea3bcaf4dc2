//! Templates: validation by Heat, versions and functions.

use std::future::IntoFuture;

use serde::Deserialize;

use crate::error::{Error, ErrorKind, Result};
use crate::heat::change::with_body;
use crate::heat::operations::{LIST_TEMPLATE_FUNCTIONS, LIST_TEMPLATE_VERSIONS, VALIDATE_TEMPLATE};
use crate::heat::{TemplateFunction, TemplateVersion, ValidatedTemplate, Validation};
use crate::service::{Request, ResponseFuture};
use crate::session::Adapter;

/// Validates templates, and lists what templates can use. Made by
/// [`Client::templates`](super::Client::templates).
///
/// For the template of a stack see [`Stacks::template`](super::Stacks::template).
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> heatclient::Result<()> {
/// # #[cfg(feature = "sandbox")] {
/// # use heatclient::{Client, Session, loading, sandbox::Sandbox};
/// # let sandbox = Sandbox::start().await?;
/// # let auth = loading::plugin_loader("password")?.load(sandbox.options())?;
/// # let heat = Client::new(Session::new(auth));
/// let templates = heat.templates();
/// let versions = templates.versions().await?;
/// let newest = versions.last().map(|version| version.version.as_str());
/// for function in templates.functions(newest.unwrap_or_default()).await? {
///     println!("{}: {}", function.name, function.description);
/// }
/// # }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Templates {
    adapter: Adapter,
}

impl Templates {
    pub(super) fn new(adapter: Adapter) -> Self {
        Self { adapter }
    }

    /// Validates a template in Heat, without creating anything, and returns its parameters.
    ///
    /// Heat checks the structure, not the values. It may still refuse to create a stack from a
    /// valid template.
    ///
    /// # Errors
    /// Status 400 for an invalid template, [`ErrorKind::Config`] for unknown error codes in
    /// [`Validation::ignore_errors`], and those of
    /// [every request](crate::error#errors-of-every-request).
    ///
    /// ```no_run
    /// # async fn example(heat: heatclient::Client) -> heatclient::Result<()> {
    /// use heatclient::heat::Validation;
    /// use heatclient::template::Packer;
    ///
    /// let package = Packer::new().template("web.yaml").pack().await?;
    /// let valid = heat.templates().validate(Validation::new(package)).await?;
    /// for (name, parameter) in &valid.parameters {
    ///     println!("{name}: {}", parameter.parameter_type);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn validate(&self, validation: Validation) -> ResponseFuture<ValidatedTemplate> {
        // Heat answers unknown error codes with status 200 and a string.
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Answer {
            Valid(Box<ValidatedTemplate>),
            Refused(String),
        }
        let adapter = self.adapter.clone();
        ResponseFuture::new(async move {
            let mut request = VALIDATE_TEMPLATE.request(&adapter);
            if validation.show_nested {
                request = request.query("show_nested", "True");
            }
            let codes = validation.ignore_errors.join(",");
            if !codes.is_empty() {
                request = request.query("ignore_errors", &codes);
            }
            let request = with_body(request, validation.body())?;
            match request.clone().fetch().await? {
                Answer::Valid(template) => Ok(*template),
                Answer::Refused(text) => {
                    let message =
                        format!("invalid error codes to ignore {codes:?}: Heat answered {text:?}");
                    let error = request.named(Error::new(ErrorKind::Config, message));
                    Err(adapter.session().masked(error))
                }
            }
        })
    }

    /// The versions of the template language that Heat supports, oldest first in each format.
    pub fn versions(&self) -> ResponseFuture<Vec<TemplateVersion>> {
        LIST_TEMPLATE_VERSIONS.request(&self.adapter).fetch()
    }

    /// The functions of a version, or of one of its aliases: `heat_template_version.2021-04-16`,
    /// `heat_template_version.wallaby`.
    ///
    /// # Errors
    /// [`is_not_found`](Error::is_not_found) if Heat does not support the version, and those of
    /// [every request](crate::error#errors-of-every-request).
    pub fn functions(&self, version: impl Into<String>) -> TemplateFunctionList {
        let request = LIST_TEMPLATE_FUNCTIONS.request(&self.adapter);
        TemplateFunctionList {
            request: request.path("version", version),
        }
    }
}

/// The functions of a version of the template language. Made by [`Templates::functions`].
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct TemplateFunctionList {
    request: Request,
}

impl TemplateFunctionList {
    /// Whether to include the functions that only conditions can use; default: false.
    ///
    /// Heat 27 does not forget them: once requested, they are in all answers for the version until Heat
    /// restarts.
    pub fn with_conditions(mut self, with: bool) -> Self {
        if with {
            self.request = self.request.query("with_condition_func", "True");
        }
        self
    }
}

impl IntoFuture for TemplateFunctionList {
    type Output = Result<Vec<TemplateFunction>>;
    type IntoFuture = ResponseFuture<Vec<TemplateFunction>>;

    fn into_future(self) -> Self::IntoFuture {
        self.request.fetch()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::heat::testing::{answer, fake, query};

    /// python-heatclient decides by the second version about aliases, and fails if there is only one (B-19).
    #[tokio::test]
    async fn one_version_and_no_aliases_are_enough() {
        for version in [
            json!({"version": "heat_template_version.2013-05-23", "type": "hot"}),
            json!({"version": "heat_template_version.2013-05-23", "type": "hot", "aliases": null}),
        ] {
            let document = json!({"template_versions": [version]});
            let heat = fake(move |_| answer(200, &document));
            let versions = heat.templates().versions().await.unwrap();
            assert_eq!(versions.len(), 1);
            assert!(versions[0].aliases.is_empty());
        }
    }

    #[tokio::test]
    async fn functions_of_conditions_are_requested() {
        let heat = fake(|request| {
            let path = request.uri().path();
            assert_eq!(path, "/template_versions/a%20b/functions");
            let with = query(request, "with_condition_func").unwrap_or_default();
            answer(
                200,
                &json!({"template_functions": [{"functions": with, "description": null}]}),
            )
        });
        let functions = |with| heat.templates().functions("a b").with_conditions(with);
        assert_eq!(functions(true).await.unwrap()[0].name, "True");
        assert_eq!(functions(false).await.unwrap()[0].name, "");
    }
}
