//! Templates, environments and parameter values from the command line.

mod data;
mod joined;
mod package;
mod parameters;

pub(crate) use data::{read_data, read_text};
pub(crate) use joined::{Names, conditions, declared_in, may_be_joined};
pub(crate) use package::{Documents, Stdin, ask_for_hidden, packer, warn};
