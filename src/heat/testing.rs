//! A client with scripted answers, for tests on a paused clock.

use http::{Request, Response};
use serde_json::Value;

use crate::auth::NoAuth;
use crate::error::Error;
use crate::heat::Client;
use crate::session::Session;
use crate::transport::Body;

/// A client whose calls are answered by `script`, before any layer sees them.
pub(super) fn fake<F>(script: F) -> Client
where
    F: Fn(&Request<Body>) -> Response<Body> + Clone + Send + Sync + 'static,
{
    let auth = NoAuth::new().at("http://heat/v1/p").unwrap();
    let layer = tower::layer::layer_fn(move |_| {
        let script = script.clone();
        tower::service_fn(move |request: Request<Body>| {
            let response = script(&request);
            async move { Ok::<_, Error>(response) }
        })
    });
    Client::new(Session::builder(auth).layer(layer).build())
}

pub(super) fn answer(status: u16, body: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status.try_into().unwrap();
    response
}

/// The value of a key in the request's query.
pub(super) fn query(request: &Request<Body>, key: &str) -> Option<String> {
    url::form_urlencoded::parse(request.uri().query()?.as_bytes())
        .find(|(name, _)| name == key)
        .map(|(_, value)| value.into_owned())
}
