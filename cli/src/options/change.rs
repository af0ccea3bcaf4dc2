//! What creating, previewing, adopting and updating stacks have in common.

use clap::Args;

use super::InputArgs;
use super::number::minutes;

/// What creating, previewing, adopting and updating have in common.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ChangeArgs {
    #[command(flatten)]
    pub(crate) inputs: InputArgs,

    /// How long Heat tries before it gives up
    #[arg(long, value_name = "MINUTES", value_parser = minutes, allow_negative_numbers = true)]
    pub(crate) timeout: Option<u64>,

    /// Tags, comma-separated
    #[arg(long, value_name = "TAG,TAG…")]
    pub(crate) tags: Option<String>,
}

/// Gives a request these options. The requests share the names of the setters, but no trait.
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
