//! The declarations of inputs and outputs of a software config.

use serde_json::{Map, Value};

use crate::sandbox::heat::error::{Refusal, Result};
use crate::sandbox::heat::python;

pub(super) const TYPES: [&str; 5] = ["String", "Number", "CommaDelimitedList", "Json", "Boolean"];

/// The keys of an input or an output that a template may declare, and the one that is a boolean.
pub(super) const INPUT: (&[&str], &str) = (
    &[
        "name",
        "description",
        "type",
        "default",
        "replace_on_change",
    ],
    "replace_on_change",
);
pub(super) const OUTPUT: (&[&str], &str) = (
    &["name", "description", "type", "error_output"],
    "error_output",
);

/// Checks the inputs of a request, and converts them as Heat stores them.
pub(super) fn inputs(given: Option<&Value>) -> Result<Vec<Value>> {
    list(given, input)
}

/// Checks the outputs of a request, and converts them as Heat stores them.
pub(super) fn outputs(given: Option<&Value>) -> Result<Vec<Value>> {
    list(given, output)
}

fn list(
    given: Option<&Value>,
    convert: impl Fn(&Map<String, Value>) -> Option<Map<String, Value>>,
) -> Result<Vec<Value>> {
    let Some(given) = given.filter(|given| python::is_true(given)) else {
        return Ok(Vec::new());
    };
    let items = given.as_array().ok_or_else(Refusal::malformed)?;
    let mut converted = Vec::with_capacity(items.len());
    for item in items {
        let item = item.as_object().ok_or_else(Refusal::malformed)?;
        let item = convert(item).ok_or_else(|| Refusal::hidden("ValueError"))?;
        converted.push(item.into());
    }
    Ok(converted)
}

/// `None` if the input is not valid.
fn input(given: &Map<String, Value>) -> Option<Map<String, Value>> {
    let mut input = common(given, INPUT.0, Some("value"))?;
    if let Some(default) = given.get("default") {
        let default = match given.get("type").and_then(Value::as_str) {
            // An old form, which is kept as it is.
            Some(kind) if kind != "String" && default == "" => default.clone(),
            Some(kind) => convert(kind, default)?,
            None => default.clone(),
        };
        if !default.is_null() {
            input.insert("default".to_owned(), default);
        }
    }
    let replaces = boolean(given.get("replace_on_change"))?;
    if replaces {
        input.insert("replace_on_change".to_owned(), true.into());
    }
    if let Some(value) = given.get("value") {
        input.insert("value".to_owned(), value.clone());
    }
    Some(input)
}

fn output(given: &Map<String, Value>) -> Option<Map<String, Value>> {
    let mut output = common(given, OUTPUT.0, None)?;
    let fails = boolean(given.get("error_output"))?;
    output.insert("error_output".to_owned(), fails.into());
    Some(output)
}

/// Name, description and type.
fn common(
    given: &Map<String, Value>,
    known: &[&str],
    more: Option<&str>,
) -> Option<Map<String, Value>> {
    let is_known = |key: &String| known.contains(&key.as_str()) || more == Some(key.as_str());
    if !given.keys().all(is_known) {
        return None;
    }
    let mut item = Map::new();
    item.insert("name".to_owned(), text(given.get("name")?)?);
    if let Some(description) = given.get("description") {
        item.insert("description".to_owned(), text(description)?);
    }
    let kind = match given.get("type") {
        None | Some(Value::Null) => "String",
        Some(kind) => TYPES.into_iter().find(|name| kind == name)?,
    };
    item.insert("type".to_owned(), kind.into());
    Some(item)
}

fn text(value: &Value) -> Option<Value> {
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => Some(python::text(value).into()),
        Value::Number(number) if !number.is_f64() => Some(number.to_string().into()),
        _ => None,
    }
}

fn boolean(value: Option<&Value>) -> Option<bool> {
    match value {
        None | Some(Value::Null) => Some(false),
        Some(Value::Bool(value)) => Some(*value),
        Some(Value::String(text)) => match text.to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        },
        Some(_) => None,
    }
}

/// A default value of an input of this type.
fn convert(kind: &str, value: &Value) -> Option<Value> {
    match kind {
        "Number" => match value {
            Value::Null => Some(0.into()),
            Value::Bool(_) => Some(value.clone()),
            value => python::number(value).ok().map(Value::Number),
        },
        "Boolean" => boolean(Some(value)).map(Value::Bool),
        "CommaDelimitedList" => match value {
            Value::Null => Some(Value::Array(Vec::new())),
            Value::Array(_) => Some(value.clone()),
            Value::String(text) => Some(text.split(',').map(Value::from).collect()),
            _ => None,
        },
        "Json" => match value {
            Value::Null => Some(Map::new().into()),
            Value::Object(_) | Value::String(_) => Some(value.clone()),
            Value::Array(_) => Some(python::json(value).into()),
            _ => None,
        },
        _ => text(value),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What Heat 27 answered.
    #[test]
    fn declarations_are_converted_as_in_heat() {
        for (given, expected) in [
            (
                json!({"name": "a"}),
                Some(json!({"name": "a", "type": "String"})),
            ),
            (
                json!({"name": null}),
                Some(json!({"name": "", "type": "String"})),
            ),
            (
                json!({"name": 5}),
                Some(json!({"name": "5", "type": "String"})),
            ),
            (json!({}), None),
            (json!({"name": {"a": 1}}), None),
            (json!({"name": "a", "type": "X"}), None),
            (json!({"name": "a", "bad": 1}), None),
            (json!({"name": "a", "replace_on_change": 1}), None),
            (
                json!({"name": "a", "value": {"b": 1}, "replace_on_change": "TRUE", "description": "d"}),
                Some(
                    json!({"name": "a", "description": "d", "type": "String", "replace_on_change": true, "value": {"b": 1}}),
                ),
            ),
            (
                json!({"name": "a", "description": null, "default": null, "value": null}),
                Some(json!({"name": "a", "description": "", "type": "String", "value": null})),
            ),
            (
                json!({"name": "a", "default": {"b": 1}}),
                Some(json!({"name": "a", "type": "String", "default": {"b": 1}})),
            ),
        ] {
            let found = inputs(Some(&json!([given])));
            let expected = expected
                .map(|one| vec![one])
                .ok_or_else(|| Refusal::hidden("ValueError"));
            assert_eq!(found, expected, "{given}");
        }
        for (kind, default, expected) in [
            ("String", json!(5), Some(json!("5"))),
            ("String", json!(1.5), None),
            ("String", json!(null), Some(json!(""))),
            ("Number", json!(""), Some(json!(""))),
            ("Number", json!(" 5 "), Some(json!(5))),
            ("Number", json!("1e3"), Some(json!(1000.0))),
            ("Number", json!([1]), None),
            (
                "CommaDelimitedList",
                json!(" a , b"),
                Some(json!([" a ", " b"])),
            ),
            ("CommaDelimitedList", json!(5), None),
            ("Json", json!("x"), Some(json!("x"))),
            ("Json", json!([1]), Some(json!("[1]"))),
            ("Json", json!(5), None),
            ("Boolean", json!("True"), Some(json!(true))),
            ("Boolean", json!("yes"), None),
            ("Boolean", json!(null), Some(json!(false))),
        ] {
            let given = json!({"name": "a", "type": kind, "default": default});
            let found = input(given.as_object().unwrap());
            assert_eq!(
                found.map(|mut input| input.remove("default").unwrap()),
                expected,
                "{given}"
            );
        }
        for given in [json!("x"), json!(3), json!(["a"]), json!([3])] {
            assert_eq!(outputs(Some(&given)), Err(Refusal::malformed()), "{given}");
        }
        for given in [json!({}), json!(null), json!([])] {
            assert_eq!(outputs(Some(&given)), Ok(Vec::new()), "{given}");
        }
        let output = outputs(Some(&json!([{"name": "a"}]))).unwrap();
        assert_eq!(
            output,
            [json!({"name": "a", "type": "String", "error_output": false})]
        );
        assert!(outputs(Some(&json!([{"name": "a", "value": 1}]))).is_err());
    }
}
