//! Templates that belong to no stack.

pub(crate) mod function;
pub(crate) mod validate;
pub(crate) mod version;
