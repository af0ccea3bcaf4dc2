//! An operation of a service's API.

use http::Method;

use crate::service::Request;
use crate::session::Adapter;

/// An operation of a service's API. Operations are `static`s, from which requests are created.
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
    /// The path below the service's endpoint. `{name}` is a placeholder. Spans record the path as
    /// `url.template`.
    pub path: &'static str,
    /// The key of the result in the response's JSON object; `None` if the whole response is the result.
    pub envelope: Option<&'static str>,
    /// Whether the path is below the root of the service, outside of its API versions. Such requests carry
    /// no token.
    pub at_root: bool,
    /// Whether the request may be retried. `None`: the method decides (RFC 9110, 9.2.2).
    pub idempotent: Option<bool>,
    /// The description of the operation in errors and spans: `show server {server}`.
    pub description: &'static str,
}

impl Operation {
    /// An operation with this method.
    pub const fn new(method: Method, path: &'static str, description: &'static str) -> Self {
        Self {
            method,
            path,
            envelope: None,
            at_root: false,
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

    /// Sets the key of the result in the response's JSON object.
    #[must_use]
    pub const fn envelope(mut self, key: &'static str) -> Self {
        self.envelope = Some(key);
        self
    }

    /// Sets the path below the root of the service, outside of its API versions: `http://h/heat/PATH` for
    /// the endpoint `http://h/heat/v1/PROJECT`. The requests carry no token.
    #[must_use]
    pub const fn at_root(mut self) -> Self {
        self.at_root = true;
        self
    }

    /// Sets whether the request may be retried.
    #[must_use]
    pub const fn idempotent(mut self, idempotent: bool) -> Self {
        self.idempotent = Some(idempotent);
        self
    }

    /// Creates a request for this operation.
    pub fn request(&'static self, adapter: &Adapter) -> Request {
        Request::new(adapter.clone(), self)
    }
}
