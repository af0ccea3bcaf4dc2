//! Signals to resources.

use std::future::IntoFuture;

use serde::Serialize;
use serde_json::Value;

use super::with_hint;
use crate::error::{Error, ErrorKind, Result};
use crate::heat::StackRef;
use crate::heat::operations::SIGNAL_RESOURCE;
use crate::service::{Request, ResponseFuture};
use crate::session::Adapter;

/// A signal to a resource. Made by [`Resources::signal`](super::Resources::signal).
///
/// It is not sent a second time once Heat may have received it.
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct ResourceSignal {
    request: Request,
    stack: StackRef,
    name: String,
    data: Result<Value>,
}

impl ResourceSignal {
    pub(super) fn new(adapter: &Adapter, stack: StackRef, name: String) -> Self {
        let request = SIGNAL_RESOURCE.request(adapter).path("resource", &*name);
        Self {
            request: stack.describe(request),
            stack,
            name,
            data: Ok(Value::Null),
        }
    }

    /// The data of the signal: a map or a struct. What it means depends on the type of the resource.
    ///
    /// The request fails with [`ErrorKind::Config`] before anything is sent if `data` is not a JSON object.
    /// `null` stands for no data.
    pub fn data(mut self, data: impl Serialize) -> Self {
        self.data = object(&data);
        self
    }
}

/// The value as a JSON object, or `null`.
pub(in crate::heat) fn object(data: &impl Serialize) -> Result<Value> {
    let wrong = |message: &str| Error::new(ErrorKind::Config, message);
    let value = serde_json::to_value(data)
        .map_err(|e| wrong("the data cannot be written as JSON").with_source(e))?;
    match value {
        Value::Object(_) | Value::Null => Ok(value),
        other => Err(wrong(&format!(
            "the data of a signal must be a JSON object, not {}",
            kind(&other)
        ))),
    }
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

impl IntoFuture for ResourceSignal {
    type Output = Result<()>;
    type IntoFuture = ResponseFuture<()>;

    fn into_future(self) -> Self::IntoFuture {
        ResponseFuture::new(async move {
            let data = self.data.map_err(|error| self.request.named(error))?;
            let request = self.stack.locate(self.request).await?.json(&data);
            let sent = request.finish().await;
            sent.map_err(|error| with_hint(error, &self.name))
        })
    }
}
