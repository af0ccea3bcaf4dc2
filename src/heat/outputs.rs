//! Outputs of stacks.

use std::future::IntoFuture;

use crate::error::{Error, Result};
use crate::heat::model::Output;
use crate::heat::names::is_found_by_path;
use crate::heat::operations::{LIST_OUTPUTS, SHOW_OUTPUT};
use crate::heat::{StackRef, Stacks};
use crate::service::{Item, ItemStream, List, ResponseFuture};
use crate::session::Adapter;

/// Outputs of stacks. Made by [`Client::outputs`](super::Client::outputs).
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> heatclient::Result<()> {
/// # #[cfg(feature = "sandbox")] {
/// # use heatclient::{Client, Session, loading, sandbox::Sandbox};
/// # use heatclient::heat::{Action, NewStack};
/// # let sandbox = Sandbox::start().await?;
/// # let auth = loading::plugin_loader("password")?.load(sandbox.options())?;
/// # let heat = Client::new(Session::new(auth));
/// # let template = serde_json::json!({
/// #     "heat_template_version": "2021-04-16",
/// #     "outputs": {"address": {"value": "192.0.2.7"}},
/// # });
/// # let web = heat.stacks().create(NewStack::new("web", template)).await?;
/// # heat.stacks().wait(&web, Action::Create).await?;
/// for output in heat.outputs().list("web").await? {
///     println!("{}: {}", output.key, output.description);
/// }
/// let address = heat.outputs().get("web", "address").await?;
/// assert_eq!(address.text().as_deref(), Some("192.0.2.7"));
/// # }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Outputs {
    adapter: Adapter,
}

impl Outputs {
    pub(super) fn new(adapter: Adapter) -> Self {
        Self { adapter }
    }

    /// Lists the outputs of a stack, without their values.
    pub fn list(&self, stack: impl Into<StackRef>) -> OutputList {
        OutputList {
            list: List::single_page(LIST_OUTPUTS.request(&self.adapter)),
            stack: stack.into(),
        }
    }

    /// One output with its value, or with [the reason](Output::error) why it has none.
    ///
    /// A name that Heat cannot find by its path, such as one beyond ASCII, is looked up in the
    /// whole stack. So is any name if Heat has no outputs API.
    ///
    /// # Errors
    /// [`is_not_found`](Error::is_not_found) if the stack or the output does not exist, and those
    /// of [every request](crate::error#errors-of-every-request).
    pub fn get(
        &self,
        stack: impl Into<StackRef>,
        key: impl Into<String>,
    ) -> ResponseFuture<Output> {
        let (adapter, stack, key) = (self.adapter.clone(), stack.into(), key.into());
        ResponseFuture::new(async move {
            let request = stack.describe(SHOW_OUTPUT.request(&adapter).path("output", &*key));
            if is_found_by_path(&key) {
                match stack.locate(request.clone()).await?.fetch().await {
                    Err(error) if error.is_unknown_path() => {}
                    result => return result,
                }
            }
            let output = of_whole_stack(&adapter, &stack, &key).await;
            output.map_err(|error| request.renamed(error))
        })
    }
}

async fn of_whole_stack(adapter: &Adapter, stack: &StackRef, key: &str) -> Result<Output> {
    let stack = Stacks::new(adapter.clone()).get(stack).fetch().await?;
    let mut outputs = stack.outputs.into_iter();
    outputs
        .find(|output| output.key == key)
        .ok_or_else(|| Error::missing(format!("the stack has no output {key:?}")))
}

impl Item for Output {
    fn marker(&self) -> &str {
        &self.key
    }
}

/// A list of outputs. Made by [`Outputs::list`].
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct OutputList {
    list: List<Output>,
    stack: StackRef,
}

impl OutputList {
    async fn located(self) -> Result<List<Output>> {
        let Self { list, stack } = self;
        list.try_map_request(async move |request| stack.locate(request).await)
            .await
    }

    /// The outputs as a stream.
    pub fn stream(self) -> ItemStream<Output> {
        ItemStream::of(self.located())
    }
}

impl IntoFuture for OutputList {
    type Output = Result<Vec<Output>>;
    type IntoFuture = ResponseFuture<Vec<Output>>;

    fn into_future(self) -> Self::IntoFuture {
        ResponseFuture::new(async move { self.located().await?.await })
    }
}
