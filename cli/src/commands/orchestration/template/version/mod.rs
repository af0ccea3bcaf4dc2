//! Versions of the template language.

pub(crate) mod list;
