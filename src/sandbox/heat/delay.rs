//! `OS::Heat::Delay`: a resource that waits.

use std::time::Duration;

use serde_json::{Map, Value};

use super::stack::Action;

/// How long such a resource waits in an action.
pub(super) fn wait(properties: &Map<String, Value>, action: Action) -> Duration {
    let chosen = match properties.get("actions").and_then(Value::as_array) {
        Some(actions) => actions.iter().any(|name| name == action.name()),
        None => action == Action::Create,
    };
    if !chosen {
        return Duration::ZERO;
    }
    let number = |name: &str, default: f64| {
        let number = properties.get(name).and_then(Value::as_f64);
        number.unwrap_or(default)
    };
    let jitter = number("max_jitter", 0.0) * number("jitter_multiplier", 1.0) * fastrand::f64();
    let seconds = number("min_wait", 0.0) + jitter;
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn it_waits_in_chosen_actions_only() {
        for (properties, action, least, most) in [
            (json!({"min_wait": 2}), Action::Create, 2.0, 2.0),
            (json!({"min_wait": 2}), Action::Delete, 0.0, 0.0),
            (
                json!({"min_wait": 2, "actions": ["DELETE"]}),
                Action::Delete,
                2.0,
                2.0,
            ),
            (
                json!({"min_wait": 2, "actions": ["DELETE"]}),
                Action::Create,
                0.0,
                0.0,
            ),
            (
                json!({"min_wait": 1, "max_jitter": 2, "jitter_multiplier": 3.0}),
                Action::Create,
                1.0,
                7.0,
            ),
            (json!({}), Action::Create, 0.0, 0.0),
        ] {
            let waits = wait(properties.as_object().unwrap(), action).as_secs_f64();
            assert!((least..=most).contains(&waits), "{properties}: {waits}");
        }
    }
}
