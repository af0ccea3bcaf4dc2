//! Marks on unhealthy resources.

use std::future::IntoFuture;

use serde::Serialize;

use super::find;
use crate::error::{Error, Result};
use crate::heat::StackRef;
use crate::heat::names::is_found_by_path;
use crate::heat::operations::MARK_UNHEALTHY;
use crate::service::{Request, ResponseFuture};
use crate::session::Adapter;

/// A mark on a resource. Made by [`Resources::mark_unhealthy`](super::Resources::mark_unhealthy).
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct MarkUnhealthy {
    adapter: Adapter,
    stack: StackRef,
    name: String,
    body: Body,
}

#[derive(Debug, Clone, Serialize)]
struct Body {
    mark_unhealthy: bool,
    resource_status_reason: String,
}

impl MarkUnhealthy {
    pub(super) fn new(adapter: Adapter, stack: StackRef, name: String, unhealthy: bool) -> Self {
        Self {
            adapter,
            stack,
            name,
            body: Body {
                mark_unhealthy: unhealthy,
                resource_status_reason: String::new(),
            },
        }
    }

    /// The reason, which Heat shows as the reason of the resource's status. Without it Heat has a text of its own.
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.body.resource_status_reason = reason.into();
        self
    }

    fn request(&self, resource: &str) -> Request {
        let request = MARK_UNHEALTHY.request(&self.adapter);
        self.stack.describe(request.path("resource", resource))
    }

    async fn send(&self) -> Result<()> {
        let mut request = self.request(&self.name);
        if !is_found_by_path(&self.name) {
            // Heat also finds resources by their physical id.
            let found = find(&self.adapter, &self.stack, &self.name).await;
            let found = found.map_err(|error| request.renamed(error))?;
            let id = found.physical_resource_id.ok_or_else(|| {
                request.named(Error::missing(
                    "Heat cannot find the resource by its name, and it has no physical id",
                ))
            })?;
            request = self.request(&id);
        }
        let request = self.stack.locate(request).await?;
        request.json(&self.body).finish().await
    }
}

impl IntoFuture for MarkUnhealthy {
    type Output = Result<()>;
    type IntoFuture = ResponseFuture<()>;

    fn into_future(self) -> Self::IntoFuture {
        ResponseFuture::new(async move { self.send().await })
    }
}
