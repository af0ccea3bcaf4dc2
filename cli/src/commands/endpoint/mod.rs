//! Endpoints of services.

pub(super) mod explain;
