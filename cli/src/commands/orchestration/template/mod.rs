//! Templates, whatever the stack.

pub(crate) mod validate;
