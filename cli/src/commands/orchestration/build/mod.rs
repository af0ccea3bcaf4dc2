//! Build information.

pub(crate) mod info;
