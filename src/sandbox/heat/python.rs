//! Values as Python formats them: Heat's texts use `str()` and `json.dumps()`.

use std::fmt::Write;

use serde_json::Value;

/// `str(value)`, but maps and lists as JSON, as in Heat.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Array(_) | Value::Object(_) => json(value),
    }
}

/// `json.dumps(value)`: spaces after separators, ASCII only.
pub(super) fn json(value: &Value) -> String {
    let mut out = String::new();
    dump(value, &mut out);
    out
}

fn dump(value: &Value, out: &mut String) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                dump(item, out);
            }
            out.push(']');
        }
        Value::Object(object) => {
            out.push('{');
            for (index, (key, item)) in object.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                dump_text(key, out);
                out.push_str(": ");
                dump(item, out);
            }
            out.push('}');
        }
        Value::String(text) => dump_text(text, out),
        plain => out.push_str(&plain.to_string()),
    }
}

fn dump_text(text: &str, out: &mut String) {
    for character in Value::from(text).to_string().chars() {
        if character.is_ascii() {
            out.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
}

/// The path of a resource in error texts.
pub(super) fn path(resource: &str) -> String {
    let is_index = !resource.is_empty() && resource.bytes().all(|byte| byte.is_ascii_digit());
    match is_index {
        true => format!("resources[{resource}]"),
        false => format!("resources.{resource}"),
    }
}

/// `repr(value)` of a scalar, as in error texts.
pub(super) fn repr(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::String(string) => format!("'{string}'"),
        other => text(other),
    }
}

/// The name of the value's type.
pub(super) const fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}

/// Converts a number or text to a number; a whole one without a fraction.
pub(super) fn number(value: &Value) -> Result<serde_json::Number, String> {
    match value {
        Value::Number(number) => Ok(number.clone()),
        Value::String(text) => {
            let trimmed = text.trim();
            if let Ok(whole) = trimmed.parse::<i64>() {
                return Ok(whole.into());
            }
            trimmed
                .parse::<f64>()
                .ok()
                .and_then(serde_json::Number::from_f64)
                .ok_or_else(|| format!("could not convert string to float: {}", repr(value)))
        }
        other => Err(format!(
            "float() argument must be a string or a real number, not '{}'",
            type_name(other)
        )),
    }
}

/// Parses a boolean in the spellings that Heat accepts.
pub(super) fn parse_bool(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "t" | "true" | "on" | "y" | "yes" => Some(true),
        "0" | "f" | "false" | "off" | "n" | "no" => Some(false),
        _ => None,
    }
}

/// Whether Python considers the value true.
pub(super) fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(object) => !object.is_empty(),
    }
}
