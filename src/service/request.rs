//! A request of an operation.

use std::fmt;
use std::fmt::Write as _;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{HeaderName, HeaderValue, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, ErrorKind, Result};
use crate::secret::sealed_json;
use crate::service::Operation;
use crate::service::envelope::Envelope;
use crate::service::path::{expand, quote};
use crate::session::{Adapter, RequestBuilder};
use crate::transport::client::Answer;
use crate::uri::{push_query, segment};

/// A request for an [`Operation`]. Created by [`Operation::request`].
///
/// Errors of its methods start with the description of the operation.
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before fetch, finish or response is awaited"]
pub struct Request {
    adapter: Adapter,
    operation: &'static Operation,
    values: Vec<Value>,
    query: String,
    body: Option<Result<Bytes>>,
    headers: Vec<(HeaderName, HeaderValue)>,
    timeout: Option<Duration>,
    project: Option<Arc<str>>,
    refused: Option<Error>,
}

/// The value of a placeholder.
#[derive(Debug, Clone)]
struct Value {
    name: &'static str,
    text: Text,
    place: Place,
}

#[derive(Debug, Clone)]
enum Text {
    Owned(String),
    Shared(Arc<str>),
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Owned(text) => text,
            Self::Shared(text) => text,
        }
    }
}

/// Where a value is used, and its format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In the path, percent-encoded, and in the description, quoted.
    Both,
    /// In the path, without encoding.
    Path,
    /// In the description, in double quotes.
    Description,
}

impl Request {
    pub(super) fn new(adapter: Adapter, operation: &'static Operation) -> Self {
        Self {
            adapter,
            operation,
            values: Vec::new(),
            query: String::new(),
            body: None,
            headers: Vec::new(),
            timeout: None,
            project: None,
            refused: None,
        }
    }

    /// Sets the placeholder `{name}`: in the path as one percent-encoded segment, in the description as
    /// a quoted text.
    pub fn path(self, name: &'static str, segment: impl Into<String>) -> Self {
        self.value(name, Text::Owned(segment.into()), Place::Both)
    }

    /// Sets a placeholder of the path to text that is already encoded.
    pub(crate) fn raw_path(self, name: &'static str, encoded: String) -> Self {
        self.value(name, Text::Owned(encoded), Place::Path)
    }

    /// Sets a placeholder of the description to a text in double quotes.
    pub(crate) fn described(self, name: &'static str, text: Arc<str>) -> Self {
        self.value(name, Text::Shared(text), Place::Description)
    }

    fn value(mut self, name: &'static str, text: Text, place: Place) -> Self {
        self.values.push(Value { name, text, place });
        self
    }

    /// Appends `key=value` to the query; both are percent-encoded.
    pub fn query(mut self, key: &str, value: impl AsRef<str>) -> Self {
        push_query(&mut self.query, key, value.as_ref());
        self
    }

    /// Sets the body to `value` as JSON. The memory of the body is wiped after use.
    pub fn json(self, value: &impl Serialize) -> Self {
        self.json_bytes(sealed_json(value))
    }

    pub(crate) fn json_bytes(mut self, json: Result<Bytes>) -> Self {
        self.body = Some(json);
        self
    }

    /// Adds a header.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Sets the deadline of the whole call, including login, retries and redirects.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sends the request to the endpoint of another project.
    pub(crate) fn project(mut self, id: Option<Arc<str>>) -> Self {
        self.project = id;
        self
    }

    /// Makes the request fail with [`ErrorKind::Config`] before anything is sent. The first message counts.
    pub(crate) fn refuse(mut self, message: impl Into<String>) -> Self {
        let error = || Error::new(ErrorKind::Config, message);
        self.refused.get_or_insert_with(error);
        self
    }

    pub(crate) fn adapter(&self) -> &Adapter {
        &self.adapter
    }

    /// Changes the operation to another one with the same placeholders.
    pub(crate) fn operation(mut self, operation: &'static Operation) -> Self {
        self.operation = operation;
        self
    }

    /// The envelope of the operation.
    pub(super) fn envelope(&self) -> Option<&'static str> {
        self.operation.envelope
    }

    /// Sends the request and decodes the result: the value under the operation's envelope.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] if the response does not contain a result of type `T`, and those of
    /// [every request](crate::error#errors-of-every-request).
    pub fn fetch<T: DeserializeOwned + 'static>(self) -> ResponseFuture<T> {
        ResponseFuture::new(async move {
            let answer = self.send().await?;
            let decoded = match self.operation.envelope {
                Some(key) => answer.json_with(Envelope::<T>::new(key)),
                None => answer.json(),
            };
            decoded.map_err(|error| self.named(error))
        })
    }

    /// Sends the request and ignores the body of the response.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] for a login page or a redirect that was not followed, and those of
    /// [every request](crate::error#errors-of-every-request).
    pub fn finish(self) -> ResponseFuture<()> {
        ResponseFuture::new(async move {
            let answer = self.send().await?;
            answer.done().map_err(|error| self.named(error))
        })
    }

    /// Sends the request and returns the response, if its status is below 400.
    ///
    /// # Errors
    /// Those of [every request](crate::error#errors-of-every-request).
    pub fn response(self) -> ResponseFuture<Response<Bytes>> {
        ResponseFuture::new(async move { Ok(self.send().await?.into_response()) })
    }

    pub(crate) async fn send(&self) -> Result<Answer> {
        let sent = async { self.builder()?.whole().await };
        sent.await.map_err(|error| self.named(error))
    }

    /// The path with its placeholders expanded, and the query.
    pub(crate) fn built_path(&self) -> Result<String> {
        let template = self.operation.path;
        // Servers and proxies resolve these, or merge them with the next segment.
        let is_invalid =
            |value: &&Value| value.place == Place::Both && matches!(&*value.text, "" | "." | "..");
        if let Some(value) = self.values.iter().find(is_invalid) {
            let message = format!("{:?} cannot be used as the {}", &*value.text, value.name);
            return Err(Error::new(ErrorKind::Config, message));
        }
        let mut path = expand(template, |name, path| {
            let value = self.find(name, Place::Path)?;
            Some(match value.place {
                Place::Both => write!(path, "{}", segment(&value.text)),
                _ => path.write_str(&value.text),
            })
        })
        .map_err(|name| {
            let message = format!("the path {template:?} has no value for {name:?}");
            Error::new(ErrorKind::Config, message)
        })?;
        path.push_str(&self.query);
        Ok(path)
    }

    pub(crate) fn builder(&self) -> Result<RequestBuilder> {
        if let Some(error) = &self.refused {
            return Err(error.clone());
        }
        let operation = self.operation;
        let mut request = self
            .adapter
            .request(operation.method.clone(), self.built_path()?)
            .described(self.span_text(), operation.path)
            .project(self.project.clone());
        if let Some(body) = &self.body {
            request = request.json_bytes(body.clone());
        }
        for (name, value) in &self.headers {
            request = request.header(name.clone(), value.clone());
        }
        if operation.at_root {
            request = request.at_root().authenticated(false);
        }
        if let Some(idempotent) = operation.idempotent {
            request = request.idempotent(idempotent);
        }
        if let Some(timeout) = self.timeout {
            request = request.timeout(timeout);
        }
        Ok(request)
    }

    fn find(&self, name: &str, place: Place) -> Option<&Value> {
        let matches = |value: &&Value| {
            value.name == name && (value.place == Place::Both || value.place == place)
        };
        self.values.iter().find(matches)
    }

    /// The description of the request: `show stack "web"`.
    pub(crate) fn description(&self) -> String {
        let template = self.operation.description;
        let text = expand(template, |name, text| {
            let value = self.find(name, Place::Description)?;
            Some(match value.place {
                Place::Both => quote(&value.text, text),
                _ => write!(text, "\"{}\"", &*value.text),
            })
        });
        text.unwrap_or_else(|_| template.to_owned())
    }

    /// The description, if spans of calls are enabled.
    pub(crate) fn span_text(&self) -> Option<String> {
        tracing::enabled!(target: "heatclient::call", tracing::Level::DEBUG)
            .then(|| self.description())
    }

    /// Describes an error of another request that is part of this one.
    pub(crate) fn renamed(&self, error: Error) -> Error {
        error.doing_instead(self.description())
    }

    /// Adds the description of the request to an error.
    pub(crate) fn named(&self, error: Error) -> Error {
        error.doing(self.description())
    }
}

/// The future of a request. It is [`Unpin`]. Nothing is sent before it is polled.
#[must_use = "nothing is sent before it is awaited"]
pub struct ResponseFuture<T>(BoxFuture<'static, Result<T>>);

impl<T> ResponseFuture<T> {
    pub(crate) fn new(future: impl Future<Output = Result<T>> + Send + 'static) -> Self {
        Self(Box::pin(future))
    }
}

impl<T> Future for ResponseFuture<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<T>> {
        self.0.as_mut().poll(cx)
    }
}

impl<T> fmt::Debug for ResponseFuture<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
