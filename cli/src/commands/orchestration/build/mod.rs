//! The build of Heat that answers.

pub(crate) mod info;
