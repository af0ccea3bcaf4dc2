//! The one error type of the crate.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{Method, StatusCode, Uri};

use crate::http::not_found::Sender;

mod fault;
mod rewrite;

pub use fault::Fault;

/// A result whose error is [`Error`] unless said otherwise.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of thing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An argument, option, URL or file content that cannot be used as it is.
    Config,
    /// Required options of an auth plugin are missing.
    MissingOption,
    /// An option that the auth plugin does not know.
    UnknownOption,
    /// No auth plugin of that name is registered.
    UnknownPlugin,
    /// Logging in failed, or the credentials were refused.
    Auth,
    /// The service catalog has no endpoint that fits.
    Catalog,
    /// No version document could be read, or it offers no usable version.
    Discovery,
    /// No connection could be made; nothing was sent.
    Connect,
    /// TLS could not be set up; nothing was sent.
    Tls,
    /// A deadline or a timeout ran out.
    Timeout,
    /// The connection broke after the request, or a part of it, was sent.
    Interrupted,
    /// A redirect that may not or cannot be followed.
    Redirect,
    /// The server answered with an error status.
    Status,
    /// The answer is not what the API promises.
    Decode,
    /// The template or the environment is not usable.
    Template,
    /// The stack reached a `FAILED` status, or another action took it over.
    StackFailed,
    /// A local file could not be read or written.
    Io,
    /// The work was cancelled because its runtime shut down.
    Cancelled,
}

/// An error of the crate: opaque, eight bytes, cheap to share with [`Clone`].
///
/// `Display` is one line that says what was being done, to what, and why it failed. Causes are
/// chained through [`source`](StdError::source) and not repeated in that line.
///
/// ```
/// # async fn example(heat: heatclient::Client) -> heatclient::Result<()> {
/// match heat.stacks().get("web").await {
///     Ok(stack) => println!("{}", stack.status),
///     Err(error) if error.is_not_found() => println!("no such stack"),
///     Err(error) => return Err(error),
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    operation: Option<String>,
    message: String,
    status: Option<StatusCode>,
    fault: Option<Arc<Fault>>,
    request_id: Option<String>,
    method: Option<Method>,
    uri: Option<Uri>,
    attempts: u32,
    elapsed: Option<Duration>,
    retry_after: Option<Duration>,
    sent: bool,
    not_found: Option<Sender>,
    failures: Arc<[ResourceFailure]>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

/// A resource that failed, and why: what a stack's failure comes down to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResourceFailure {
    /// The way to the resource through nested stacks, from below the stack itself: `servers.0`.
    pub path: String,
    /// The resource's type, such as `OS::Nova::Server`.
    pub resource_type: String,
    /// The id of what the resource stands for, if it came to exist.
    pub physical_resource_id: Option<String>,
    /// Action and status: `CREATE_FAILED`.
    pub status: String,
    /// The resource's own reason.
    pub reason: String,
}

impl Error {
    /// An error of `kind` that says `message`: a phrase without a full stop.
    ///
    /// Auth plugins and layers outside this crate make theirs with it.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            operation: None,
            message: message.into(),
            status: None,
            fault: None,
            request_id: None,
            method: None,
            uri: None,
            attempts: 0,
            elapsed: None,
            retry_after: None,
            sent: false,
            not_found: None,
            failures: Arc::new([]),
            source: None,
        }))
    }

    /// Adds the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(Arc::from(source.into()));
        self
    }

    /// Says what was being done, for example `create stack "web"`. The innermost caller wins.
    #[must_use]
    pub fn doing(mut self, operation: impl Into<String>) -> Self {
        self.0.operation.get_or_insert_with(|| operation.into());
        self
    }

    /// What kind of thing went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The HTTP status of the answer, if the server answered.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// The error that the server described in its answer's body.
    pub fn fault(&self) -> Option<&Fault> {
        self.0.fault.as_deref()
    }

    /// The server's id of the request (`X-Openstack-Request-Id`), for its operator to look up.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The method of the request.
    pub fn method(&self) -> Option<&Method> {
        self.0.method.as_ref()
    }

    /// The URL of the request, without its query, user name and password.
    pub fn uri(&self) -> Option<&Uri> {
        self.0.uri.as_ref()
    }

    /// How often the request was tried. Redirects that were followed do not count.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// How long the call took, retries and waiting included.
    pub fn elapsed(&self) -> Option<Duration> {
        self.0.elapsed
    }

    /// How long the server asked to wait before the next try.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The resources that failed, when a stack did ([`ErrorKind::StackFailed`]).
    pub fn failures(&self) -> &[ResourceFailure] {
        &self.0.failures
    }

    /// Whether the request, or a part of it, may have reached the server.
    ///
    /// A create that ended so may have made its stack.
    pub fn may_have_been_sent(&self) -> bool {
        self.0.sent
    }

    /// Whether the service says that what was asked for does not exist.
    ///
    /// True only for an answer of 404 or 410 in which the service itself names what is missing.
    /// False for a 404 from a load balancer or a proxy, for a path that the service does not know,
    /// and for a 404 during a login or during discovery; [`status`](Self::status) tells of those.
    ///
    /// *Troubleshooting*: a stack that was deleted is still shown by name and id together, never
    /// by its name alone; a stack of another project is not shown at all.
    pub fn is_not_found(&self) -> bool {
        self.0.kind == ErrorKind::Status && self.0.not_found == Some(Sender::Service)
    }

    /// What the caller asked for is missing from an answer that shows all there is.
    pub(crate) fn missing(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Status, message).with_sender(Some(Sender::Service))
    }

    /// Whether a 404 is about something else than what was asked for, such as a row of the
    /// service's database that was just replaced.
    pub(crate) fn is_not_found_of_other(&self) -> bool {
        self.0.not_found == Some(Sender::ServiceOfOther)
    }

    /// Whether a 404 came from the service's router, which does not know the path.
    pub(crate) fn is_unknown_path(&self) -> bool {
        self.0.not_found == Some(Sender::Router)
    }

    /// Whether a 404 came from something between the client and the service.
    pub(crate) fn is_from_intermediary(&self) -> bool {
        self.0.not_found == Some(Sender::Intermediary)
    }

    /// Whether it is at odds with what exists (409): a name that is taken, an action under way.
    pub fn is_conflict(&self) -> bool {
        self.0.status == Some(StatusCode::CONFLICT)
    }

    /// Whether the credentials or the token were refused (401).
    pub fn is_unauthorized(&self) -> bool {
        self.0.status == Some(StatusCode::UNAUTHORIZED)
    }

    /// Whether the credentials are good but not for this (403).
    ///
    /// *Troubleshooting*: the role or the project is the wrong one; see the roles of the user in
    /// the project that the token is scoped to.
    pub fn is_forbidden(&self) -> bool {
        self.0.status == Some(StatusCode::FORBIDDEN)
    }

    /// Whether a timeout or deadline ran out.
    pub fn is_timeout(&self) -> bool {
        self.0.kind == ErrorKind::Timeout
    }

    /// Whether no connection could be made; nothing was sent then.
    pub fn is_connect(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Connect | ErrorKind::Tls)
    }

    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.0.status = Some(status);
        self
    }

    pub(crate) fn with_sender(mut self, sender: Option<Sender>) -> Self {
        self.0.not_found = sender;
        self
    }

    pub(crate) fn with_message(mut self, message: impl Into<String>) -> Self {
        self.0.message = message.into();
        self
    }

    pub(crate) fn with_fault(mut self, fault: Fault) -> Self {
        self.0.fault = Some(Arc::new(fault));
        self
    }

    pub(crate) fn with_request_id(mut self, id: Option<&str>) -> Self {
        if let Some(id) = id {
            self.0.request_id = Some(id.to_owned());
        }
        self
    }

    /// Names the request; the first one named stays, so that outer layers do not overwrite it.
    pub(crate) fn with_request(mut self, method: &Method, uri: &Uri) -> Self {
        if self.0.method.is_none() {
            self.0.method = Some(method.clone());
            self.0.uri = Some(crate::http::uri::shown(uri));
        }
        self
    }

    pub(crate) fn with_attempts(mut self, attempts: u32, elapsed: Duration) -> Self {
        if self.0.attempts == 0 {
            self.0.attempts = attempts;
            self.0.elapsed = Some(elapsed);
        }
        self
    }

    pub(crate) fn with_retry_after(mut self, delay: Option<Duration>) -> Self {
        self.0.retry_after = delay;
        self
    }

    pub(crate) fn with_failures(mut self, failures: Vec<ResourceFailure>) -> Self {
        self.0.failures = failures.into();
        self
    }

    /// Marks that bytes of the request may have reached the server.
    pub(crate) fn after_sending(mut self) -> Self {
        self.0.sent = true;
        self
    }

    /// The same error with another kind: what is an HTTP failure inside a login is a failed login.
    pub(crate) fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = &self.0.operation {
            write!(f, "{}: ", one_line(operation, 120))?;
        }
        f.write_str(&one_line(&self.0.message, 400))?;
        if let Some(server) = self.server() {
            write!(f, " (server {server})")?;
        }
        if self.0.attempts > 1 {
            write!(f, " (after {} attempts)", self.0.attempts)?;
        }
        if let Some(id) = &self.0.request_id {
            write!(f, " (request {})", one_line(id, 60))?;
        }
        Ok(())
    }
}

impl Error {
    /// Whose fault it is, where the text would not tell otherwise.
    fn server(&self) -> Option<&str> {
        let is_of_server = matches!(
            self.0.kind,
            ErrorKind::Decode | ErrorKind::Interrupted | ErrorKind::Redirect | ErrorKind::Timeout
        );
        let server = self.0.uri.as_ref().filter(|_| is_of_server)?;
        let server = crate::http::uri::shown_server(server);
        let told = |text: &str| text.contains(server);
        (!server.is_empty()
            && !told(&self.0.message)
            && !self.0.operation.as_deref().is_some_and(told))
        .then_some(server)
    }
}

/// A text as one line without control characters. One that is longer than `most` loses its middle:
/// servers quote what they refuse first, and say why last.
fn one_line(text: &str, most: usize) -> String {
    let mut line = String::with_capacity(text.len().min(4 * most));
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        if !line.is_empty() && !word.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    let length = line.chars().count();
    if length <= most {
        return line;
    }
    let tail = most / 3;
    let start: String = line.chars().take(most - tail).collect();
    let end: String = line.chars().skip(length - tail).collect();
    format!("{start} … {end}")
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        f.debug_struct("Error")
            .field("kind", &inner.kind)
            .field("text", &self.to_string())
            .field("status", &inner.status)
            .field("method", &inner.method)
            .field("uri", &inner.uri)
            .field("source", &inner.source)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}

/// What a stack of layers fails with: our own error passes through, a foreign one is wrapped.
impl From<tower::BoxError> for Error {
    fn from(error: tower::BoxError) -> Self {
        match error.downcast::<Self>() {
            Ok(error) => *error,
            Err(other) => Self::new(ErrorKind::Config, other.to_string()).with_source(other),
        }
    }
}
