//! Templates: what Heat makes of them.

use serde::Deserialize;

use crate::error::{Error, ErrorKind};
use crate::heat::change::with_body;
use crate::heat::operations::VALIDATE_TEMPLATE;
use crate::heat::{ValidatedTemplate, Validation};
use crate::service::ResponseFuture;
use crate::session::Adapter;

/// Templates. Made by [`Client::templates`](super::Client::templates).
///
/// The template of a stack is shown by [`Stacks::template`](super::Stacks::template).
#[derive(Debug, Clone)]
pub struct Templates {
    adapter: Adapter,
}

impl Templates {
    pub(super) fn new(adapter: Adapter) -> Self {
        Self { adapter }
    }

    /// Has Heat check a template, without making anything, and tells its parameters.
    ///
    /// Heat checks its structure, not the values: a template that is valid may still be refused when
    /// a stack is made from it.
    ///
    /// # Errors
    /// Those of the request; 400 for a template that is not valid; [`ErrorKind::Config`] for error codes
    /// that Heat does not know.
    ///
    /// ```no_run
    /// # async fn example(heat: heatclient::Client) -> heatclient::Result<()> {
    /// use heatclient::heat::Validation;
    /// use heatclient::template::Packer;
    ///
    /// let package = Packer::new().template("web.yaml").pack().await?;
    /// let valid = heat.templates().validate(Validation::new(package)).await?;
    /// for (name, parameter) in &valid.parameters {
    ///     println!("{name}: {}", parameter["Type"]);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn validate(&self, validation: Validation) -> ResponseFuture<ValidatedTemplate> {
        // What Heat says of error codes that it does not know is a 200 with a text of no use.
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
                    let message = format!(
                        "Heat answered {text:?}, as it does for error codes that it does not know: {codes:?}"
                    );
                    let error = request.named(Error::new(ErrorKind::Config, message));
                    Err(adapter.session().masked(error))
                }
            }
        })
    }
}
