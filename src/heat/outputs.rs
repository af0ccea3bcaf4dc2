//! Outputs of stacks.

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::heat::StackRef;
use crate::heat::model::Output;
use crate::http::uri::segment;
use crate::session::Adapter;

/// Outputs of stacks. Made by [`Client::outputs`](super::Client::outputs).
#[derive(Debug, Clone)]
pub struct Outputs {
    adapter: Adapter,
}

impl Outputs {
    pub(super) fn new(adapter: Adapter) -> Self {
        Self { adapter }
    }

    /// The outputs of a stack, without their values.
    ///
    /// # Errors
    /// Those of the request.
    pub async fn list(&self, stack: impl Into<StackRef>) -> Result<Vec<Output>> {
        #[derive(Deserialize)]
        struct Answer {
            outputs: Vec<Output>,
        }
        let stack = stack.into();
        let doing = |e: Error| e.doing(format!("list outputs of stack \"{stack}\""));
        let path = stack.path(&self.adapter).await.map_err(doing)?;
        let request = self.adapter.get(format!("{path}/outputs"));
        Ok(request.fetch::<Answer>().await.map_err(doing)?.outputs)
    }

    /// One output with its value, or with [the reason](Output::error) why it has none.
    ///
    /// # Errors
    /// Those of the request; [`Error::is_not_found`] when there is no such stack or no such output.
    pub async fn get(&self, stack: impl Into<StackRef>, key: &str) -> Result<Output> {
        #[derive(Deserialize)]
        struct Answer {
            output: Output,
        }
        let stack = stack.into();
        let doing = |e: Error| e.doing(format!("show output {key:?} of stack \"{stack}\""));
        let path = stack.path(&self.adapter).await.map_err(doing)?;
        let request = self.adapter.get(format!("{path}/outputs/{}", segment(key)));
        Ok(request.fetch::<Answer>().await.map_err(doing)?.output)
    }
}
