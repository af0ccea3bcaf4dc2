//! Any text as JSON: what we take is what serde_json takes, but for its limit on depth.

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
            if let Ok(value) = document.root.to_value() {
                assert_eq!(value, *theirs);
            }
        }
        (Err(errors), Ok(_)) => panic!("{errors:?}"),
        (Ok(_), Err(error)) => assert!(error.to_string().contains("recursion limit"), "{error}"),
        (Err(_), Err(_)) => {}
    }
});
