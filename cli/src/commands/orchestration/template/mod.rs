//! Templates that belong to no stack.

pub(crate) mod validate;
