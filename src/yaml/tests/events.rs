//! Compares the parser's events with those of libyaml.

use std::collections::HashMap;

use granit_parser::{Event, ScalarStyle, StructureStyle};
use serde_json::{Value, json};

use crate::yaml::{node::Mark, place, spelling::Spelling};

#[test]
fn events_are_those_that_were_recorded() {
    let cases = include_str!("../../../tests/yaml/events.jsonl").lines();
    for line in cases {
        let case: Value = serde_json::from_str(line).expect(line);
        let text = case["yaml"].as_str().expect(line);
        assert_eq!(difference(text, &case), None, "{text}");
    }
}

/// The first event that differs, and PyYAML's event. If both end in an error, only the events that both have
/// are compared.
pub(super) fn difference(text: &str, pyyaml: &Value) -> Option<(Value, Value)> {
    let theirs = pyyaml["events"].as_array().expect("events");
    let (ours, refused) = events(text);
    if refused != pyyaml["refused"].is_string() {
        return Some((json!(refused), pyyaml["refused"].clone()));
    }
    if !refused && ours.len() != theirs.len() {
        return Some((json!(ours.len()), json!(theirs.len())));
    }
    let mut pairs = ours.into_iter().zip(theirs.iter().cloned());
    pairs.find(|(ours, theirs)| ours != theirs)
}

/// The events as `pyyaml.py` writes them, and whether they end early.
fn events(text: &str) -> (Vec<Value>, bool) {
    let mut rows: Vec<Value> = Vec::new();
    let mut open = Vec::new();
    let mut names = HashMap::new();
    let mut reached = Mark::default();
    let spelling = Spelling::of(text);
    for next in spelling.events() {
        let Ok((event, span)) = next else {
            return (rows, true);
        };
        let start = span.start;
        let tag_start = span.tag.map(|(start, _)| start);
        let is_empty = span.start == span.end;
        let tag = event.tag().map(ToString::to_string).unwrap_or_default();
        let mut at = start;
        let rest = match &event {
            Event::StreamStart => json!(["StreamStart"]),
            Event::StreamEnd => json!(["StreamEnd"]),
            Event::DocumentStart(..) => json!(["DocumentStart"]),
            Event::DocumentEnd => json!(["DocumentEnd"]),
            Event::SequenceEnd => json!(["SequenceEnd"]),
            Event::MappingEnd => json!(["MappingEnd"]),
            Event::Scalar(value, style, ..) => {
                let (style, value) = match style {
                    // The parser shows an absent node as null.
                    ScalarStyle::Plain if is_empty => ("plain", ""),
                    ScalarStyle::Plain => ("plain", &**value),
                    ScalarStyle::SingleQuoted => ("'", &**value),
                    ScalarStyle::DoubleQuoted => ("\"", &**value),
                    ScalarStyle::Literal => ("|", &**value),
                    ScalarStyle::Folded => (">", &**value),
                };
                if matches!(style, "|" | ">") {
                    (at, _) = place::block_scalar(text, reached, span);
                }
                json!(["Scalar", "", tag, style, value])
            }
            Event::SequenceStart(style, ..) => {
                if *style == StructureStyle::Block && open.last() != Some(&true) {
                    at = place::first_dash(text, start);
                }
                json!(["SequenceStart", "", tag, structure(*style)])
            }
            Event::MappingStart(style, ..) => json!(["MappingStart", "", tag, structure(*style)]),
            // The anchor follows its node. In libyaml, the node starts with the first of its properties.
            Event::Anchor(id, name) => {
                names.insert(*id, name.to_string());
                let row = rows.last_mut().expect("a node");
                row[1] = json!(name);
                set_place(row, start);
                continue;
            }
            Event::Alias(id) => json!(["Alias", names[id]]),
            Event::UnresolvedAlias(name) => json!(["Alias", name]),
            other => panic!("{other:?}"),
        };
        match &event {
            Event::SequenceStart(..) => open.push(true),
            Event::MappingStart(..) => open.push(false),
            Event::SequenceEnd | Event::MappingEnd => drop(open.pop()),
            _ => {}
        }
        rows.push(rest);
        let row = rows.last_mut().expect("it was pushed");
        let absent = row[0] == "Scalar" && is_empty && row[3] == "plain";
        if event.is_node() && !absent {
            row.as_array_mut()
                .expect("a row")
                .push(json!([at.line, at.column]));
            tag_start.into_iter().for_each(|tag| set_place(row, tag));
        }
        if !matches!(event, Event::DocumentStart(false, _)) {
            reached = span.end;
        }
    }
    (rows, false)
}

/// Moves the place at the end of a row, if the new place is earlier.
fn set_place(row: &mut Value, at: Mark) {
    let place = row.as_array_mut().and_then(|row| row.last_mut());
    // An absent node has no place.
    let Some(place) = place.filter(|place| place.is_array()) else {
        return;
    };
    let (line, column) = (place[0].as_u64().unwrap(), place[1].as_u64().unwrap());
    let earlier = (u64::from(at.line), u64::from(at.column)) < (line, column);
    if earlier {
        *place = json!([at.line, at.column]);
    }
}

fn structure(style: StructureStyle) -> &'static str {
    match style {
        StructureStyle::Flow => "flow",
        StructureStyle::Block => "block",
    }
}
