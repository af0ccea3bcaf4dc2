//! Options shared by create, preview, adopt and update.

use clap::Args;

use super::InputArgs;
use super::number::minutes;

/// Options shared by create, preview, adopt and update.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ChangeArgs {
    #[command(flatten)]
    pub(crate) inputs: InputArgs,

    /// Timeout of the operation in minutes, applied by Heat
    #[arg(long, value_name = "MINUTES", value_parser = minutes, allow_negative_numbers = true)]
    pub(crate) timeout: Option<u64>,

    /// Comma-separated list of tags
    #[arg(long, value_name = "TAG,TAG…")]
    pub(crate) tags: Option<String>,
}

/// Sets these options on a request. The request types have setters of the same names, but no common trait.
macro_rules! apply {
    ($request:expr, $change:expr) => {{
        let change: &$crate::options::ChangeArgs = $change;
        let mut request = $request.limits(change.inputs.limits());
        if let Some(tags) = &change.tags {
            request = request.tags(tags.split(',').filter(|tag| !tag.is_empty()));
        }
        if let Some(minutes) = change.timeout {
            request = request.timeout(std::time::Duration::from_secs(minutes.saturating_mul(60)));
        }
        request
    }};
}
pub(crate) use apply;
