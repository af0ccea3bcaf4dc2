//! Kinds of errors.

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
    /// A login needs user input, such as a passcode, and there was nobody to ask: the session has no
    /// [`Interaction`](crate::auth::Interaction), nobody waits for the login, or the user declined.
    Interaction,
    /// The service catalog has no endpoint that fits.
    Catalog,
    /// No version document could be read, or it offers no usable version.
    Discovery,
    /// No connection could be made; nothing was sent.
    Connect,
    /// TLS could not be set up; nothing was sent.
    Tls,
    /// A request, a connection or a login was not done within its time limit.
    Timeout,
    /// An action was not done when a wait for it ended. The requests for its status succeeded;
    /// [`Error::last_status`](crate::Error::last_status) is what they said last.
    WaitTimeout,
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
    /// A layer that is not this crate's failed; the error is its [`source`](std::error::Error::source).
    Other,
}
