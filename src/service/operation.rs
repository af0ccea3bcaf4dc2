//! An operation of a service's API, as data.

use http::Method;

use crate::service::Request;
use crate::session::Adapter;

/// An operation of a service's API: a `static` from which requests are made.
///
/// ```
/// use heatclient::service::Operation;
///
/// static SHOW: Operation =
///     Operation::get("/servers/{server}", "show server {server}").envelope("server");
/// assert_eq!(SHOW.path, "/servers/{server}");
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Operation {
    /// The HTTP method.
    pub method: Method,
    /// The path below the service's endpoint; `{name}` is a placeholder. It is recorded as
    /// `url.template` in spans.
    pub path: &'static str,
    /// The key of the answer's JSON object that holds the result; `None` if the whole answer is it.
    pub envelope: Option<&'static str>,
    /// Whether the request may be repeated; by default the method decides (RFC 9110, 9.2.2).
    pub idempotent: Option<bool>,
    /// What the operation does, for errors and spans: `show server {server}`.
    pub description: &'static str,
}

impl Operation {
    /// An operation with this method.
    pub const fn new(method: Method, path: &'static str, description: &'static str) -> Self {
        Self {
            method,
            path,
            envelope: None,
            idempotent: None,
            description,
        }
    }

    /// An operation with the method `GET`.
    pub const fn get(path: &'static str, description: &'static str) -> Self {
        Self::new(Method::GET, path, description)
    }

    /// An operation with the method `POST`.
    pub const fn post(path: &'static str, description: &'static str) -> Self {
        Self::new(Method::POST, path, description)
    }

    /// An operation with the method `PUT`.
    pub const fn put(path: &'static str, description: &'static str) -> Self {
        Self::new(Method::PUT, path, description)
    }

    /// An operation with the method `PATCH`.
    pub const fn patch(path: &'static str, description: &'static str) -> Self {
        Self::new(Method::PATCH, path, description)
    }

    /// An operation with the method `DELETE`.
    pub const fn delete(path: &'static str, description: &'static str) -> Self {
        Self::new(Method::DELETE, path, description)
    }

    /// Sets the key of the answer's JSON object that holds the result.
    #[must_use]
    pub const fn envelope(mut self, key: &'static str) -> Self {
        self.envelope = Some(key);
        self
    }

    /// Sets whether the request may be repeated.
    #[must_use]
    pub const fn idempotent(mut self, idempotent: bool) -> Self {
        self.idempotent = Some(idempotent);
        self
    }

    /// A request for this operation.
    pub fn request(&'static self, adapter: &Adapter) -> Request {
        Request::new(adapter.clone(), self)
    }
}
