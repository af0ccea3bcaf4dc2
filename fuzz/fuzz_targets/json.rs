//! Any text as JSON: what our two readers take is what serde_json takes, but for its limits on depth and numbers,
//! and for what Python's encoder writes.

#![no_main]

use heatclient::json;
use heatclient::yaml::Document;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|text: &str| {
    let theirs = serde_json::from_str::<Value>(text);
    document(text, &theirs);
    answer(text, &theirs);
});

/// A document that a user wrote.
fn document(text: &str, theirs: &serde_json::Result<Value>) {
    match (Document::parse_json(text), theirs) {
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
}

/// An answer of a server.
fn answer(text: &str, theirs: &serde_json::Result<Value>) {
    match (json::from_slice::<Value>(text.as_bytes()), theirs) {
        (Ok(ours), Ok(theirs)) => assert_eq!(ours, *theirs),
        (Err(error), Ok(_)) => panic!("{error}"),
        // Only syntax is read in a second way, and then all of it.
        (Ok(_), Err(error)) => assert!(error.is_syntax(), "{error}"),
        // serde_json reads the value of this key anew, so the place in the error is another one.
        (Err(_), Err(_)) if text.contains("$serde_json::private::") => {}
        (Err(ours), Err(theirs)) => assert_eq!(ours.to_string(), theirs.to_string()),
    }
}
