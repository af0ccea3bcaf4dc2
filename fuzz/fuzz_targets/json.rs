//! Any text as JSON: what we take is what serde_json takes, but for its limits on depth and integers.

#![no_main]

use heatclient::yaml::Document;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|text: &str| {
    let ours = Document::parse_json(text);
    let theirs = serde_json::from_str::<Value>(text);
    match (&ours, &theirs) {
        (Ok(document), Ok(theirs)) => {
            // Integers beyond 64 bits keep their digits, and are floats there.
            // And `-0` is an integer, as in Python, and a float there.
            if let (Ok(value), false) = (document.root.to_value(), text.contains("-0")) {
                assert_eq!(value, *theirs);
            }
        }
        (Err(errors), Ok(_)) => panic!("{errors:?}"),
        (Ok(_), Err(error)) => {
            let error = error.to_string();
            let limits = ["recursion limit", "number out of range"];
            assert!(limits.iter().any(|limit| error.contains(limit)), "{error}");
        }
        (Err(_), Err(_)) => {}
    }
});
