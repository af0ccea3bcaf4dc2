//! What an auth plugin may use while it authenticates.

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

/// The most that is read of an identity service's answer.
const LIMIT: usize = 64 * 1024 * 1024;

/// What an auth plugin may use while it authenticates: requests without a token, discovery, and
/// questions to the user.
///
/// The requests pass through the session's deadline, retry, redirect and timeout layers, but
/// through none that knows tokens: a login can never wait for itself.
#[derive(Debug, Clone)]
pub struct AuthContext {
    client: HttpClient,
    discovery: Arc<Discovery>,
    input: UserInput,
}

impl AuthContext {
    /// Sends requests through `client`, whose layers add no token.
    pub fn new(client: HttpClient) -> Self {
        Self {
            client,
            discovery: Arc::default(),
            input: UserInput::default(),
        }
    }

    /// Lets plugins ask for user input, in logins that a caller waits for.
    #[must_use]
    pub fn interaction(self, interaction: impl Interaction) -> Self {
        self.with_input(UserInput::new(interaction))
    }

    pub(crate) fn with_input(mut self, input: UserInput) -> Self {
        self.input = input;
        self
    }

    /// For a login that no caller waits for.
    pub(crate) fn in_background(&self) -> Self {
        self.clone().with_input(UserInput::Background)
    }

    /// Whether [`ask`](Self::ask) and [`show`](Self::show) reach a user.
    ///
    /// Not in a renewal in the background, nor in a session that was built without an
    /// [`Interaction`].
    pub fn can_ask(&self) -> bool {
        matches!(self.input, UserInput::Foreground(_))
    }

    /// Asks the user for a secret or a code. Servers that quote the answer are masked.
    ///
    /// # Errors
    /// [`ErrorKind::Interaction`](crate::ErrorKind::Interaction) when there is nobody to ask: plugins
    /// pass it on. After that in the background the current token is used until it expires; then a
    /// caller waits for the login, which may ask.
    pub async fn ask(&self, prompt: &Prompt) -> Result<Secret> {
        let what = prompt.text.trim_end().trim_end_matches(':');
        let answer = self.input.for_asking(what)?.ask(prompt).await?;
        self.client.mask().add([answer.clone()]);
        Ok(answer)
    }

    /// Has the user visit a web page. Does not wait for the visit.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    pub async fn show(&self, page: &Page) -> Result<()> {
        self.input
            .for_asking("a web page to visit")?
            .show(page)
            .await
    }

    /// Sends a request without a token and reads the answer whole.
    ///
    /// # Errors
    /// Those of the connection, and [`ErrorKind::Status`](crate::ErrorKind::Status) for an answer of
    /// 400 and above. Multiple Choices (300) is an answer like any other.
    pub async fn send(&self, request: Request<Body>) -> Result<Response<Bytes>> {
        let answer = self.exchange(request, CallOptions::default()).await?;
        // What does not exist here is not what the caller of the session asked for.
        let answer = answer.check().map_err(|error| error.with_sender(None))?;
        Ok(answer.into_response())
    }

    /// Like [`send`](Self::send), but any status is an answer.
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
    /// Asked for once however many callers, kept for a while, and never with a token.
    ///
    /// # Errors
    /// [`ErrorKind::Discovery`](crate::ErrorKind::Discovery) when there is no version document.
    pub async fn versions(&self, url: &Uri) -> Result<Arc<VersionDocument>> {
        self.discovery.versions(&self.client, url).await
    }
}
