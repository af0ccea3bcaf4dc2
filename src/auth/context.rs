//! The services that an auth plugin can use while it authenticates.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, Uri};

use crate::auth::{Interaction, Page, Prompt, UserInput};
use crate::catalog::{Discovery, VersionDocument};
use crate::error::Result;
use crate::secret::Secret;
use crate::transport::client::Answer;
use crate::transport::{Body, CallOptions, HttpClient};
use crate::uri;

/// The maximum size of an identity service's answer.
const LIMIT: usize = 64 * 1024 * 1024;

/// What an auth plugin can use while it authenticates: requests without a token, discovery, and
/// questions to the user.
///
/// The requests pass through the session's deadline, retry, redirect and timeout layers, but not
/// through those that use tokens: a login cannot wait for itself.
#[derive(Debug, Clone)]
pub struct AuthContext {
    client: HttpClient,
    discovery: Arc<Discovery>,
    input: UserInput,
}

impl AuthContext {
    /// Sends requests through `client`, whose layers must not add a token.
    pub fn new(client: HttpClient) -> Self {
        Self {
            client,
            discovery: Arc::default(),
            input: UserInput::default(),
        }
    }

    /// Lets plugins ask for user input in logins that a caller waits for.
    #[must_use]
    pub fn interaction(self, interaction: impl Interaction) -> Self {
        self.with_input(UserInput::new(interaction))
    }

    pub(crate) fn with_input(mut self, input: UserInput) -> Self {
        self.input = input;
        self
    }

    /// The context for a login that no caller waits for.
    pub(crate) fn in_background(&self) -> Self {
        self.clone().with_input(UserInput::Background)
    }

    /// Whether [`ask`](Self::ask) and [`show`](Self::show) can reach a user.
    ///
    /// They cannot during a background renewal, nor in a session without an [`Interaction`].
    pub fn can_ask(&self) -> bool {
        matches!(self.input, UserInput::Foreground(_))
    }

    /// Checks that the user can be asked.
    pub(crate) fn require_user(&self, what: &str) -> Result<()> {
        self.input.for_asking(what).map(drop)
    }

    /// Asks the user for a secret or a code. The answer is masked in what servers send back.
    ///
    /// # Errors
    /// [`ErrorKind::Interaction`](crate::ErrorKind::Interaction) if the user cannot be asked;
    /// plugins should return it. After a background renewal failed so, the current token is used
    /// until it expires. Then a caller waits for the login, which may ask.
    pub async fn ask(&self, prompt: &Prompt) -> Result<Secret> {
        let what = prompt.text.trim_end().trim_end_matches(':');
        let answer = self.input.for_asking(what)?.ask(prompt).await?;
        self.client.mask().add([answer.clone()]);
        Ok(answer)
    }

    /// Asks the user to visit a web page. It does not wait for the visit.
    ///
    /// # Errors
    /// Those of [`ask`](Self::ask).
    pub async fn show(&self, page: &Page) -> Result<()> {
        self.input
            .for_asking("a web page to visit")?
            .show(page)
            .await
    }

    /// Sends a request without a token and reads the whole answer.
    ///
    /// # Errors
    /// Those of the connection, and [`ErrorKind::Status`](crate::ErrorKind::Status) for status 400
    /// and above. Status 300 (Multiple Choices) is not an error.
    pub async fn send(&self, request: Request<Body>) -> Result<Response<Bytes>> {
        let answer = self.exchange(request, CallOptions::default()).await?;
        // A 404 here does not concern what the session's caller requested.
        let answer = answer.check().map_err(|error| error.with_sender(None))?;
        Ok(answer.into_response())
    }

    /// Like [`send`](Self::send), but returns answers of any status.
    pub(crate) async fn exchange(
        &self,
        request: Request<Body>,
        options: CallOptions,
    ) -> Result<Answer> {
        uri::check(request.uri(), "the URL")?;
        self.client
            .start_with(request, options, None)
            .whole(LIMIT)
            .await
    }

    pub(crate) fn client(&self) -> &HttpClient {
        &self.client
    }

    pub(crate) fn discovery(&self) -> &Arc<Discovery> {
        &self.discovery
    }

    /// The versions that the service at `url` offers.
    ///
    /// Concurrent calls share one request, which has no token. The answer is cached for a while.
    ///
    /// # Errors
    /// [`ErrorKind::Discovery`](crate::ErrorKind::Discovery) if there is no version document.
    pub async fn versions(&self, url: &Uri) -> Result<Arc<VersionDocument>> {
        self.discovery.versions(&self.client, url, None).await
    }
}
