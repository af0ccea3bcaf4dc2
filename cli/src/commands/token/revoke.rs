//! `token revoke`.

use heatclient::secret::Secret;
use http::{HeaderName, Method};

use crate::commands::context::Context;
use crate::commands::spelling::Command;
use crate::exit::Failure;
use crate::render::Answer;

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Token to revoke
    #[arg(value_parser = secret)]
    token: Secret,
}

impl Command for Args {
    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let request = context.identity.request(Method::DELETE, "/auth/tokens");
        let subject = HeaderName::from_static("x-subject-token");
        let request = request.header(subject, self.token.to_header_value()?);
        request
            .finish()
            .await
            .map_err(|error| error.doing("revoke the token"))?;
        Ok(Answer::Nothing)
    }
}

fn secret(text: &str) -> Result<Secret, std::convert::Infallible> {
    Ok(Secret::from(text))
}
