//! Sources for tests.

use crate::config::ConfigBuilder;

/// A builder with these explicit values and these variables.
pub(super) fn builder(
    explicit: &[(&str, &str)],
    variables: &'static [(&'static str, &'static str)],
) -> ConfigBuilder {
    ConfigBuilder::new()
        .explicit(explicit.iter().copied())
        .env(move |name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
}
