//! Kinds of errors.

/// The kind of an [`Error`](crate::Error).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An argument, an option, a URL or the content of a file is not valid.
    Config,
    /// Required options of an auth plugin are missing.
    MissingOption,
    /// The auth plugin does not have an option of that name.
    UnknownOption,
    /// No auth plugin of that name is registered.
    UnknownPlugin,
    /// The login failed, or the credentials were refused.
    Auth,
    /// The login needs user input, such as a passcode, and did not get it: the session has no
    /// [`Interaction`](crate::auth::Interaction), the login runs in the background, or the user declined.
    Interaction,
    /// The service catalog has no matching endpoint.
    Catalog,
    /// The version document could not be read, or it lists no usable version.
    Discovery,
    /// No connection could be made; nothing was sent.
    Connect,
    /// TLS could not be set up; nothing was sent.
    Tls,
    /// A request, a connection or a login did not finish within its time limit.
    Timeout,
    /// The action was still in progress when the wait for it timed out. The requests for its status
    /// succeeded; [`Error::last_status`](crate::Error::last_status) is the last status that they returned.
    WaitTimeout,
    /// The connection broke after the request, or a part of it, was sent.
    Interrupted,
    /// The server sent a redirect that is not valid or not allowed.
    Redirect,
    /// The server answered with an error status.
    Status,
    /// The response does not have the format that the API defines.
    Decode,
    /// The template or the environment is not valid.
    Template,
    /// The stack, the snapshot or the deployment that was waited for reached a `FAILED` status, or
    /// [another action](crate::Error::superseded_by) replaced the one that was waited for.
    StackFailed,
    /// A local file could not be read or written.
    Io,
    /// The operation was cancelled because its runtime shut down.
    Cancelled,
    /// A layer from outside this crate failed. Its error is the [`source`](std::error::Error::source).
    Other,
}
