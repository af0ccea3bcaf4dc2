//! Outputs of stacks.

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::heat::model::Output;
use crate::heat::names::is_found_by_path;
use crate::heat::{StackRef, Stacks};
use crate::session::Adapter;
use crate::transport::operation::named;
use crate::uri::segment;

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
        let what = || format!("list outputs of stack \"{stack}\"");
        let work = async {
            let path = stack.path(&self.adapter).await?;
            let request = self.adapter.get(format!("{path}/outputs"));
            Ok(request.fetch::<Answer>().await?.outputs)
        };
        named(what, work).await
    }

    /// One output with its value, or with [the reason](Output::error) why it has none.
    ///
    /// A name that Heat does not find by a path, such as one beyond ASCII, is looked up in the whole
    /// stack; so is any name where Heat has no path for outputs.
    ///
    /// # Errors
    /// Those of the request; [`Error::is_not_found`] when there is no such stack or no such output.
    pub async fn get(&self, stack: impl Into<StackRef>, key: &str) -> Result<Output> {
        let stack = stack.into();
        let what = || format!("show output {key:?} of stack \"{stack}\"");
        let work = async {
            if !is_found_by_path(key) {
                return self.of_whole_stack(&stack, key).await;
            }
            match self.by_path(&stack, key).await {
                Err(error) if error.is_unknown_path() => self.of_whole_stack(&stack, key).await,
                result => result,
            }
        };
        named(what, work).await
    }

    async fn by_path(&self, stack: &StackRef, key: &str) -> Result<Output> {
        #[derive(Deserialize)]
        struct Answer {
            output: Output,
        }
        let path = stack.path(&self.adapter).await?;
        let request = self.adapter.get(format!("{path}/outputs/{}", segment(key)));
        Ok(request.fetch::<Answer>().await?.output)
    }

    async fn of_whole_stack(&self, stack: &StackRef, key: &str) -> Result<Output> {
        let show = Stacks::new(self.adapter.clone()).get_with(stack);
        let outputs = show.fetch().await?.outputs;
        outputs
            .into_iter()
            .find(|output| output.key == key)
            .ok_or_else(|| Error::missing(format!("the stack has no output {key:?}")))
    }
}
