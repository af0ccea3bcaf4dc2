//! A request kept for sending again.

use http::{Extensions, HeaderMap, Method, Request, Uri};

use crate::transport::Body;
use crate::transport::Call;

/// A request kept for sending again: all of it that can be had by counting.
#[derive(Debug)]
pub(crate) struct Replay {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    extensions: Kept,
    /// `None` for a body that can be sent only once.
    body: Option<Body>,
}

/// Nearly always the call is the only extension, and needs no map of its own.
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

    /// Whether the body was a stream, so that there is no second time.
    pub(crate) fn is_spent(&self) -> bool {
        self.body.is_none()
    }

    /// Whether sending it twice does no harm (RFC 9110, 9.2.2), unless the call says otherwise.
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

    /// The request once more; `None` if its body was a stream and is spent.
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
