//! Validation of templates by Heat.

use serde::Deserialize;

use crate::error::{Error, ErrorKind};
use crate::heat::change::with_body;
use crate::heat::operations::VALIDATE_TEMPLATE;
use crate::heat::{ValidatedTemplate, Validation};
use crate::service::ResponseFuture;
use crate::session::Adapter;

/// Validates templates. Made by [`Client::templates`](super::Client::templates).
///
/// For the template of a stack see [`Stacks::template`](super::Stacks::template).
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
}
