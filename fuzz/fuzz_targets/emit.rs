//! Any value, written and read again.

#![no_main]

use heatclient::yaml::{parse, to_string};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|text: &str| {
    if let Ok(value) = serde_json::from_str::<Value>(text) {
        check(&value);
    }
    // Most texts are no JSON, but all are texts.
    let text = Value::from(text);
    check(&Value::from(vec![text.clone()]));
    if let Some(key) = text.as_str() {
        check(&Value::Object(
            [(key.to_owned(), text)].into_iter().collect(),
        ));
    }
});

fn check(value: &Value) {
    let text = to_string(value);
    assert_eq!(parse(&text).as_ref(), Ok(value), "{text}");
}
