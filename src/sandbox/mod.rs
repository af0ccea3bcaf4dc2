//! An in-memory Keystone v3 and Heat v1 on a loopback port.
