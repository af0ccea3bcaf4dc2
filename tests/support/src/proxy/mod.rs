//! A proxy between a client and a sandbox that injects faults, and code shared by its tests.

mod front;
mod lies;

use serde_json::{Value, json};

use crate::scripted::Scripted;
pub use front::{Fault, Proxy, Shared};

pub fn template() -> Value {
    json!({
        "heat_template_version": "2018-08-31",
        "resources": {"a": {"type": "OS::Heat::Value", "properties": {"value": "x"}}},
        "outputs": {"o": {"value": {"get_attr": ["a", "value"]}}},
    })
}

pub fn check_foreign(foreign: &Scripted) {
    for seen in foreign.seen() {
        assert!(seen.body.is_empty(), "a body left: {seen:?}");
        assert!(matches!(seen.method.as_str(), "GET" | "HEAD"), "{seen:?}");
        for header in ["x-auth-token", "x-subject-token", "authorization", "cookie"] {
            assert_eq!(seen.header(header), None, "{seen:?}");
        }
        assert!(!seen.head.contains("gAAAA"), "a token left: {seen:?}");
    }
}

/// The seeds to run.
pub fn seeds(default: u64) -> std::ops::Range<u64> {
    let number = |name| -> Option<u64> { Some(std::env::var(name).ok()?.parse().unwrap()) };
    match number("HOSTILE_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("HOSTILE_SEEDS").unwrap_or(default),
    }
}
