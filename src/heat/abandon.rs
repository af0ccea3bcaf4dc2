//! Abandons stacks without losing their data, and exports it.

use std::fmt;
use std::future::IntoFuture;

use crate::error::{Error, Result};
use crate::heat::model::{Action, StackData, Status};
use crate::heat::operations::{ABANDON_STACK, EXPORT_STACK};
use crate::heat::{StackRef, Stacks};
use crate::service::ResponseFuture;
use crate::session::Adapter;

pub(super) async fn export(adapter: Adapter, stack: StackRef) -> Result<StackData> {
    stack
        .locate(EXPORT_STACK.request(&adapter))
        .await?
        .fetch()
        .await
}

/// A request to abandon a stack. Made by [`Stacks::abandon`].
#[must_use = "nothing is sent before it is awaited"]
pub struct StackAbandon {
    adapter: Adapter,
    stack: StackRef,
    store: Option<Store>,
}

type Store = Box<dyn FnOnce(&StackData) -> Result<()> + Send>;

impl StackAbandon {
    pub(super) fn new(adapter: Adapter, stack: StackRef) -> Self {
        Self {
            adapter,
            stack,
            store: None,
        }
    }

    /// Calls `f` with the exported data before the stack is abandoned, so that not even the end of this process loses
    /// it. If `f` fails, its error is returned and the stack is not abandoned.
    pub fn store_first(
        mut self,
        f: impl FnOnce(&StackData) -> Result<()> + Send + 'static,
    ) -> Self {
        self.store = Some(Box::new(f));
        self
    }

    /// Heat answers an abandon with the only copy of the data. If that answer is lost, a second request
    /// finds the stack gone or, for a moment, without its resources. So the data is exported first, and
    /// the request is not repeated.
    async fn send(self) -> Result<StackData> {
        let Self {
            adapter,
            stack,
            store,
        } = self;
        let request = stack.locate(ABANDON_STACK.request(&adapter)).await?;
        let saved = export(adapter.clone(), stack.clone()).await;
        let saved = saved.map_err(|error| request.renamed(error))?;
        check(&saved).map_err(|error| request.named(error))?;
        if let Some(store) = store {
            store(&saved).map_err(|error| request.named(error))?;
        }
        match request.clone().fetch::<StackData>().await {
            Ok(data) => match check(&data) {
                Ok(()) => Ok(data),
                Err(error) => Err(request.named(Saved::in_error(error, saved, None))),
            },
            Err(error) if is_refusal(&error) => Err(error),
            Err(error) if is_gone(adapter, &stack).await => {
                tracing::debug!(%error, "the stack was abandoned; its exported data is returned");
                Ok(saved)
            }
            Err(error) => {
                let cause = Some(error.clone());
                Err(Saved::in_error(error, saved, cause))
            }
        }
    }
}

impl fmt::Debug for StackAbandon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StackAbandon")
            .field("stack", &self.stack)
            .finish_non_exhaustive()
    }
}

impl IntoFuture for StackAbandon {
    type Output = Result<StackData>;
    type IntoFuture = ResponseFuture<StackData>;

    fn into_future(self) -> Self::IntoFuture {
        ResponseFuture::new(self.send())
    }
}

/// Whether Heat did not abandon the stack.
fn is_refusal(error: &Error) -> bool {
    let refused = error
        .status()
        .is_some_and(|status| status.is_client_error());
    refused || !error.may_have_been_sent()
}

/// Whether the stack is deleted or being deleted, which is how Heat abandons it.
async fn is_gone(adapter: Adapter, stack: &StackRef) -> bool {
    match Stacks::new(adapter).get(stack).resolve_outputs(false).await {
        Ok(stack) => stack.status.action == Action::Delete,
        Err(error) => error.is_not_found(),
    }
}

/// Refuses the data of a stack that is deleted or being deleted: it has no resources.
fn check(data: &StackData) -> Result<()> {
    let is_deleted = data.action == Some(Action::Delete) && data.status != Some(Status::Failed);
    if is_deleted && data.resources.is_empty() {
        return Err(Error::missing(
            "the stack was already deleted or abandoned; its data has no resources any more",
        ));
    }
    Ok(())
}

/// The data of a stack whose abandon did not end well.
struct Saved {
    data: StackData,
    cause: Option<Error>,
}

/// Without the data, which contains hidden parameters.
impl fmt::Debug for Saved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Saved")
            .field("cause", &self.cause)
            .finish_non_exhaustive()
    }
}

impl Saved {
    /// The error with the data.
    fn in_error(error: Error, data: StackData, cause: Option<Error>) -> Error {
        let saved = Self { data, cause };
        error.with_note(&saved).with_source(saved)
    }
}

impl fmt::Display for Saved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the stack may have been abandoned; the data that was exported before is kept")
    }
}

impl std::error::Error for Saved {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(self.cause.as_ref()?)
    }
}

impl Error {
    /// The data of a stack that [`Stacks::abandon`] may have abandoned, exported just before. It may
    /// be the only copy: store it.
    pub fn stack_data(&self) -> Option<&StackData> {
        let saved: &Saved = std::error::Error::source(self)?.downcast_ref()?;
        Some(&saved.data)
    }
}
