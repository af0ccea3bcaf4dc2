//! YAML 1.1 as OpenStack reads it.
