//! Any text as YAML: no crash, no runaway, and places that lie in the text.

#![no_main]

use heatclient::yaml::{Content, Document, Node};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match Document::parse(text) {
        Ok(document) => {
            check(&document.root, text);
            // What is sent is JSON that means the same.
            let json = document.root.to_json();
            let again = Document::parse_json(&json).expect("JSON");
            assert_eq!(again.root, document.root);
        }
        Err(errors) => {
            assert!(!errors.is_empty());
            for error in errors {
                assert!(
                    text.get(error.mark().offset as usize..).is_some(),
                    "{error:?}"
                );
            }
        }
    }
});

fn check(node: &Node, text: &str) {
    let place = node.start.offset as usize..node.end as usize;
    assert!(text.get(place).is_some(), "{node:?}");
    match &node.content {
        Content::Sequence(items) => items.iter().for_each(|item| check(item, text)),
        Content::Mapping(members) => members
            .values()
            .for_each(|member| check(&member.value, text)),
        _ => {}
    }
}
