//! The error type of the crate.
//!
//! # Errors of every request
//!
//! Each method that sends a request can fail with these kinds, in addition to those that it names:
//!
//! - [`Config`](ErrorKind::Config): a URL, a header, a certificate file or a proxy variable is not
//!   valid. Nothing was sent.
//! - [`Auth`](ErrorKind::Auth), [`Interaction`](ErrorKind::Interaction): the login failed.
//!   [`is_unauthorized`](Error::is_unauthorized) is true if the credentials were refused.
//! - [`Catalog`](ErrorKind::Catalog), [`Discovery`](ErrorKind::Discovery): the service has no
//!   matching endpoint or API version.
//! - [`Connect`](ErrorKind::Connect), [`Tls`](ErrorKind::Tls): no connection could be made. Nothing
//!   was sent.
//! - [`Interrupted`](ErrorKind::Interrupted), [`Timeout`](ErrorKind::Timeout): the connection broke,
//!   or a time limit passed. [`may_have_been_sent`](Error::may_have_been_sent) tells whether the
//!   server may have processed the request.
//! - [`Redirect`](ErrorKind::Redirect): the server sent a redirect that is not valid or not allowed.
//! - [`Status`](ErrorKind::Status): the response has status 400 or above. See
//!   [`is_not_found`](Error::is_not_found), [`is_conflict`](Error::is_conflict),
//!   [`is_unauthorized`](Error::is_unauthorized), [`is_forbidden`](Error::is_forbidden) and
//!   [`fault`](Error::fault).
//! - [`Decode`](ErrorKind::Decode): the response is too long or not in the expected format.
//! - [`Cancelled`](ErrorKind::Cancelled): the runtime shut down.
//! - [`Other`](ErrorKind::Other): a layer from outside this crate failed.
//!
//! Transient errors were already retried. [`is_transient`](Error::is_transient) tells whether a later
//! call may succeed.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use http::{Method, StatusCode, Uri};

use crate::uri::{self, InvalidUrl};

mod display;
mod fault;
mod kind;
mod rewrite;
mod sender;

pub use fault::Fault;
pub use kind::ErrorKind;
pub(crate) use sender::Sender;

/// A result whose error type is [`Error`] by default.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of the crate: opaque, eight bytes, cheap to clone.
///
/// `Display` is one line: the operation, its object and the reason for the failure. Causes are
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
    /// Whether the operation is a login, which larger operations do not replace.
    is_login: bool,
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
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    /// Creates an error of `kind`. `message` is a phrase without a full stop.
    ///
    /// Auth plugins and layers outside this crate create their errors with it.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            operation: None,
            is_login: false,
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
            source: None,
        }))
    }

    /// Adds the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(Arc::from(source.into()));
        self
    }

    /// Sets the operation that failed, for example `create stack "web"`, unless it is set already.
    #[must_use]
    pub fn doing(mut self, operation: impl Into<String>) -> Self {
        self.0.operation.get_or_insert_with(|| operation.into());
        self
    }

    /// Sets the operation to a login.
    pub(crate) fn doing_login(mut self, login: String) -> Self {
        self.0.is_login = true;
        self.doing(login)
    }

    /// Replaces the operation. For a request that is part of a larger operation. A login stays named.
    pub(crate) fn doing_instead(mut self, operation: impl Into<String>) -> Self {
        let operation = operation.into();
        let login = self.0.operation.take().filter(|_| self.0.is_login);
        self.0.operation = Some(match login {
            Some(login) => format!("{operation}: {login}"),
            None => operation,
        });
        self
    }

    /// The kind of the error.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The HTTP status of the response, if there was one.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// The error that the server described in the body of its response.
    pub fn fault(&self) -> Option<&Fault> {
        self.0.fault.as_deref()
    }

    /// The request id that the server assigned (`X-Openstack-Request-Id`). Operators find the request
    /// in the service's logs with it.
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

    /// The number of attempts. Redirects that were followed do not count.
    ///
    /// If a login failed, the number of login attempts.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The duration of the call, including retries and delays.
    pub fn elapsed(&self) -> Option<Duration> {
        self.0.elapsed
    }

    /// The delay before the next attempt that the server asked for.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether the request, or a part of it, may have reached the server.
    ///
    /// If a create request fails with this set, the stack may exist. False if the login or the endpoint
    /// lookup before the request failed.
    pub fn may_have_been_sent(&self) -> bool {
        self.0.sent
    }

    /// Whether the service reports that the requested resource does not exist.
    ///
    /// True only for a 404 or 410 in which the service itself names the missing resource. False for a
    /// 404 from a load balancer or a proxy, for a path that the service does not know, and for a 404
    /// during a login or discovery. Use [`status`](Self::status) for these.
    ///
    /// *Troubleshooting*: a deleted stack is found by its name and id together, not by its name alone.
    /// A stack of another project is not found.
    pub fn is_not_found(&self) -> bool {
        self.0.kind == ErrorKind::Status && self.0.not_found == Some(Sender::Service)
    }

    /// The error for a resource that is missing from a complete list.
    pub(crate) fn missing(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Status, message).with_sender(Some(Sender::Service))
    }

    /// Whether a 404 is about something other than the requested resource, such as a row of the
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

    /// Whether the request conflicts with the current state (409): the name is in use, or an action is
    /// in progress.
    pub fn is_conflict(&self) -> bool {
        self.0.status == Some(StatusCode::CONFLICT)
    }

    /// Whether the credentials or the token were refused (401).
    pub fn is_unauthorized(&self) -> bool {
        self.0.status == Some(StatusCode::UNAUTHORIZED)
    }

    /// Whether the user is authenticated but not allowed to do this (403).
    ///
    /// *Troubleshooting*: check the project that the token is scoped to, and the user's roles in it.
    pub fn is_forbidden(&self) -> bool {
        self.0.status == Some(StatusCode::FORBIDDEN)
    }

    /// Whether a time limit passed: that of a request ([`ErrorKind::Timeout`]) or that of a wait for an
    /// action ([`ErrorKind::WaitTimeout`]).
    pub fn is_timeout(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Timeout | ErrorKind::WaitTimeout)
    }

    /// Whether no connection could be made. Nothing was sent then.
    pub fn is_connect(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Connect | ErrorKind::Tls)
    }

    /// Whether the error is transient, so that the same request may succeed later: no connection, an
    /// interrupted or late response, 429, 502, 503, 504, or a 404 that the service itself did not send.
    ///
    /// The session has already retried such a request, as far as its method allows.
    pub fn is_transient(&self) -> bool {
        let is_kind = matches!(
            self.0.kind,
            ErrorKind::Connect | ErrorKind::Interrupted | ErrorKind::Timeout
        );
        let is_status = |status: StatusCode| matches!(status.as_u16(), 429 | 502..=504);
        is_kind || self.0.status.is_some_and(is_status) || self.is_from_intermediary()
    }

    /// Sets the status of the response.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
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

    /// Adds to the message what else is known.
    pub(crate) fn with_note(mut self, note: impl std::fmt::Display) -> Self {
        self.0.message = format!("{}; {note}", self.0.message);
        self
    }

    pub(crate) fn with_fault(mut self, fault: Fault) -> Self {
        self.0.fault = Some(Arc::new(fault));
        self
    }

    /// Sets the request id that the server assigned, if it is known.
    #[must_use]
    pub fn with_request_id(mut self, id: Option<&str>) -> Self {
        if let Some(id) = id {
            self.0.request_id = Some(id.to_owned());
        }
        self
    }

    /// Sets the request, unless it is set already, so that outer layers do not overwrite it.
    pub(crate) fn with_request(mut self, method: &Method, uri: &Uri) -> Self {
        if self.0.method.is_none() {
            self.0.method = Some(method.clone());
            self.0.uri = Some(uri::shown(uri));
        }
        self
    }

    /// Sets the number of attempts and the duration, unless they are set already.
    pub(crate) fn with_attempts(mut self, attempts: u32, elapsed: Option<Duration>) -> Self {
        if self.0.attempts == 0 {
            self.0.attempts = attempts;
        }
        self.0.elapsed = self.0.elapsed.or(elapsed);
        self
    }

    /// Sets the delay that the server asked for.
    #[must_use]
    pub fn with_retry_after(mut self, delay: Option<Duration>) -> Self {
        self.0.retry_after = delay;
        self
    }

    /// Marks that the request, or a part of it, may have reached the server: see
    /// [`may_have_been_sent`](Self::may_have_been_sent).
    #[must_use]
    pub fn after_sending(mut self) -> Self {
        self.0.sent = true;
        self
    }

    /// Marks that the request was not sent, so that it may be repeated with any method.
    #[must_use]
    pub fn before_sending(mut self) -> Self {
        self.0.sent = false;
        self
    }

    /// Replaces the kind. For example, an HTTP error during a login is an `Auth` error.
    pub(crate) fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }
}

/// An error of kind [`ErrorKind::Io`], with the cause as its source.
impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::new(ErrorKind::Io, error.to_string()).with_source(error)
    }
}

/// An error of kind [`ErrorKind::Config`].
impl From<InvalidUrl> for Error {
    fn from(invalid: InvalidUrl) -> Self {
        let (message, source) = invalid.into_parts();
        let error = Self::new(ErrorKind::Config, message);
        match source {
            Some(source) => error.with_source(source),
            None => error,
        }
    }
}

/// Converts the error of a stack of layers. An error of this crate is returned as it is. An error of
/// another layer becomes [`ErrorKind::Timeout`] for [`tower::timeout`], else [`ErrorKind::Other`].
///
/// [`Error::may_have_been_sent`] is true for these, unless an error of this crate among the causes
/// says otherwise: it is not known what the layer did before it failed.
impl From<tower::BoxError> for Error {
    fn from(error: tower::BoxError) -> Self {
        let foreign = match error.downcast::<Self>() {
            Ok(error) => return *error,
            Err(foreign) => foreign,
        };
        let mut kind = ErrorKind::Other;
        let mut sent = true;
        let mut cause: Option<&(dyn StdError + 'static)> = Some(&*foreign);
        while let Some(error) = cause {
            if error.is::<tower::timeout::error::Elapsed>() {
                kind = ErrorKind::Timeout;
            }
            if let Some(own) = error.downcast_ref::<Self>() {
                sent = own.may_have_been_sent();
            }
            cause = error.source();
        }
        let mut error = Self::new(kind, foreign.to_string());
        error.0.sent = sent;
        error.with_source(foreign)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("a layer failed")]
    struct Foreign(#[source] Option<Error>);

    #[test]
    fn foreign_errors_are_told_apart() {
        let boxed = |error: Foreign| Error::from(tower::BoxError::from(error));
        let other = boxed(Foreign(None));
        assert_eq!(
            (other.kind(), other.may_have_been_sent()),
            (ErrorKind::Other, true)
        );
        assert_eq!(other.to_string(), "a layer failed");
        assert!(StdError::source(&other).is_some_and(<dyn StdError>::is::<Foreign>));
        let unsent = boxed(Foreign(Some(Error::new(ErrorKind::Connect, "no"))));
        assert_eq!(
            (unsent.kind(), unsent.may_have_been_sent()),
            (ErrorKind::Other, false)
        );
        let own: tower::BoxError = Error::new(ErrorKind::Catalog, "no").into();
        assert_eq!(Error::from(own).kind(), ErrorKind::Catalog);
    }

    #[test]
    fn what_may_succeed_later_is_transient() {
        for (kind, transient) in [
            (ErrorKind::Connect, true),
            (ErrorKind::Interrupted, true),
            (ErrorKind::Timeout, true),
            (ErrorKind::Tls, false),
            (ErrorKind::WaitTimeout, false),
            (ErrorKind::Auth, false),
            (ErrorKind::Decode, false),
            (ErrorKind::Other, false),
        ] {
            assert_eq!(Error::new(kind, "").is_transient(), transient, "{kind:?}");
        }
        for (status, transient) in [
            (408, false),
            (409, false),
            (429, true),
            (500, false),
            (501, false),
            (502, true),
            (503, true),
            (504, true),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            // A login that failed so may succeed later, too, and so may a layer of another crate.
            for kind in [ErrorKind::Status, ErrorKind::Auth, ErrorKind::Other] {
                let error = Error::new(kind, "").with_status(status);
                assert_eq!(error.is_transient(), transient, "{kind:?} {status}");
            }
        }
        for (sender, transient) in [
            (Sender::Service, false),
            (Sender::ServiceOfOther, false),
            (Sender::Router, false),
            (Sender::Intermediary, true),
        ] {
            let error = Error::new(ErrorKind::Status, "")
                .with_status(StatusCode::NOT_FOUND)
                .with_sender(Some(sender));
            assert_eq!(error.is_transient(), transient, "{sender:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn towers_timeout_is_a_timeout() {
        use tower::{ServiceBuilder, ServiceExt as _};

        let never = tower::service_fn(|()| std::future::pending::<Result<()>>());
        let service = ServiceBuilder::new()
            .timeout(Duration::from_secs(1))
            .service(never);
        let error = Error::from(service.oneshot(()).await.unwrap_err());
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert!(error.is_timeout() && error.may_have_been_sent());
    }
}
