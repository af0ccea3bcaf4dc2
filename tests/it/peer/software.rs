//! Our calls for software configs and deployments.
