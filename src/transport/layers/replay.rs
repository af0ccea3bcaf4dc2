//! A copy of a request for replays.

use http::{Extensions, HeaderMap, Method, Request, Uri};

use crate::transport::Body;
use crate::transport::Call;

/// A copy of a request for replays. Its parts are cloned by reference count.
#[derive(Debug)]
pub(crate) struct Replay {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    extensions: Kept,
    /// `None` for a body that can be sent only once.
    body: Option<Body>,
}

/// The extensions. Mostly the call is the only one and needs no map.
#[derive(Debug)]
enum Kept {
    Call(Option<Call>),
    All(Extensions),
}

impl Replay {
    pub(crate) fn of(request: &Request<Body>) -> Self {
        let extensions = request.extensions();
        let call = extensions.get::<Call>();
        Self {
            method: request.method().clone(),
            uri: request.uri().clone(),
            headers: request.headers().clone(),
            extensions: if extensions.len() == usize::from(call.is_some()) {
                Kept::Call(call.cloned())
            } else {
                Kept::All(extensions.clone())
            },
            body: request.body().try_clone(),
        }
    }

    /// Whether the body was a stream, so that the request cannot be sent again.
    pub(crate) fn is_spent(&self) -> bool {
        self.body.is_none()
    }

    /// Whether the request is idempotent: by the call's options, or by its method (RFC 9110, 9.2.2).
    pub(crate) fn is_idempotent(&self) -> bool {
        self.call()
            .and_then(|call| call.options().idempotent)
            .unwrap_or(!matches!(
                self.method,
                Method::POST | Method::PATCH | Method::CONNECT
            ))
    }

    pub(crate) fn call(&self) -> Option<&Call> {
        match &self.extensions {
            Kept::Call(call) => call.as_ref(),
            Kept::All(extensions) => extensions.get(),
        }
    }

    /// A new copy of the request; `None` if its body was a stream.
    pub(crate) fn request(&self) -> Option<Request<Body>> {
        let mut request = Request::new(self.body.as_ref()?.try_clone()?);
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        match &self.extensions {
            Kept::Call(Some(call)) => {
                request.extensions_mut().insert(call.clone());
            }
            Kept::Call(None) => {}
            Kept::All(extensions) => *request.extensions_mut() = extensions.clone(),
        }
        Some(request)
    }
}
