//! The intrinsic functions of templates: checks and values.

use serde_json::{Map, Value};

use super::error::{Refusal, Result};
use super::python;

/// Heat's functions that the sandbox does not support.
const UNSUPPORTED: &[&str] = &[
    "and",
    "contains",
    "digest",
    "equals",
    "filter",
    "if",
    "list_concat",
    "list_concat_unique",
    "make_url",
    "map_merge",
    "map_replace",
    "not",
    "or",
    "repeat",
    "resource_facade",
    "str_replace_strict",
    "str_replace_vstrict",
    "str_split",
    "yaql",
];

/// A function call in a template.
enum Call<'a> {
    Param(&'a Value),
    Attr(&'a Value),
    Resource(&'a Value),
    File(&'a Value),
    Replace(&'a Value),
    Join(&'a Value),
}

fn as_call(object: &Map<String, Value>) -> Option<(&str, &Value)> {
    let mut entries = object.iter();
    match (entries.next(), entries.next()) {
        (Some((name, argument)), None) => Some((name, argument)),
        _ => None,
    }
}

fn known<'a>(name: &str, argument: &'a Value) -> Option<Call<'a>> {
    Some(match name {
        "get_param" => Call::Param(argument),
        "get_attr" => Call::Attr(argument),
        "get_resource" => Call::Resource(argument),
        "get_file" => Call::File(argument),
        "str_replace" => Call::Replace(argument),
        "list_join" => Call::Join(argument),
        _ => return None,
    })
}

/// The names that a template declares, for checks before the creation.
pub(super) trait Known {
    fn has_parameter(&self, name: &str) -> bool;
    fn has_resource(&self, name: &str) -> bool;
    fn has_attribute(&self, resource: &str, attribute: &str) -> bool;
}

/// The location of a value. Heat formats it depending on the error.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// `resources.a.properties.value`.
    path: String,
    /// `a.Properties.value`; `None` for outputs.
    reference: Option<String>,
    /// The path of the property, without the path inside its value.
    root: String,
}

impl Place {
    pub(super) fn property(resource: &str, name: &str) -> Self {
        let path = format!("{}.properties.{name}", python::path(resource));
        let reference = Some(format!("{resource}.Properties.{name}"));
        Self {
            root: path.clone(),
            path,
            reference,
        }
    }

    pub(super) fn output(name: &str) -> Self {
        let path = format!("outputs.{name}.value");
        Self {
            root: path.clone(),
            path,
            reference: None,
        }
    }

    fn within(&self, key: &str) -> Self {
        self.deeper(&format!(".{key}"))
    }

    fn deeper(&self, step: &str) -> Self {
        let path = match self.path.strip_suffix(".value") {
            // Heat names a list directly below an output differently.
            Some(output) if self.reference.is_none() && step.starts_with('[') => {
                format!("{output}.Value{step}")
            }
            _ => format!("{}{step}", self.path),
        };
        Self {
            path,
            reference: self.reference.as_ref().map(|path| format!("{path}{step}")),
            root: self.root.clone(),
        }
    }

    fn wrong(&self, message: impl std::fmt::Display) -> Refusal {
        Refusal::invalid(format!("{}: : {message}", self.path))
    }

    fn wrong_property(&self, message: &str) -> Refusal {
        Refusal::invalid(format!("Property error: : {}: : {message}", self.root))
    }

    fn bad_reference(&self, function: &str, name: &str) -> Refusal {
        match &self.reference {
            Some(place) => Refusal::reference(name, place),
            None => {
                let refusal = Refusal::reference(name, "unknown");
                self.within(function).wrong(refusal.into_message())
            }
        }
    }
}

/// Checks the functions in a value, and collects the resources it depends on.
pub(super) fn check(
    value: &Value,
    place: &Place,
    template: &dyn Known,
    needs: &mut Vec<String>,
) -> Result<()> {
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                check(item, &place.deeper(&format!("[{index}]")), template, needs)?;
            }
            Ok(())
        }
        Value::Object(object) => {
            if let Some((name, argument)) = as_call(object) {
                if let Some(call) = known(name, argument) {
                    return check_call(name, &call, place, template, needs);
                }
                if UNSUPPORTED.contains(&name) {
                    let message = format!("The sandbox does not support the function \"{name}\"");
                    return Err(place.within(name).wrong(message));
                }
            }
            for (key, item) in object {
                check(item, &place.within(key), template, needs)?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn check_call(
    name: &str,
    call: &Call<'_>,
    place: &Place,
    template: &dyn Known,
    needs: &mut Vec<String>,
) -> Result<()> {
    let here = place.within(name);
    let mut need = |resource: &str| {
        if !needs.iter().any(|known| known == resource) {
            needs.push(resource.to_owned());
        }
    };
    match call {
        Call::Param(argument) => {
            let Some(parameter) = first_text(argument) else {
                return Err(here.wrong("Argument to \"get_param\" must be string or list"));
            };
            if template.has_parameter(parameter) {
                return Ok(());
            }
            let message = format!("The Parameter ({parameter}) was not provided.");
            Err(match &place.reference {
                Some(_) => place.wrong_property(&message),
                None => here.wrong(message),
            })
        }
        Call::Resource(argument) => match argument.as_str() {
            Some(resource) if template.has_resource(resource) => {
                need(resource);
                Ok(())
            }
            Some(resource) => Err(place.bad_reference(name, resource)),
            None => Err(here.wrong("Argument to \"get_resource\" must be a string")),
        },
        Call::Attr(argument) => {
            let resource = first_text(argument)
                .ok_or_else(|| here.wrong("Arguments to \"get_attr\" must be a list"))?;
            if !template.has_resource(resource) {
                return Err(place.bad_reference(name, resource));
            }
            need(resource);
            match argument.get(1).and_then(Value::as_str) {
                Some(attribute) if !template.has_attribute(resource, attribute) => {
                    let message =
                        format!("The Referenced Attribute ({resource} {attribute}) is incorrect.");
                    Err(here.wrong(message))
                }
                _ => Ok(()),
            }
        }
        Call::File(argument) => {
            let mut needed = Vec::new();
            check(argument, &here, template, &mut needed)?;
            // Heat looks for the file before it knows the name of a resource.
            if place.reference.is_some() && !needed.is_empty() {
                return Err(place.wrong_property(FILE_ARGUMENT));
            }
            Ok(())
        }
        Call::Replace(argument) => {
            let Some(object) = argument.as_object() else {
                return Err(here.wrong("Arguments to \"str_replace\" must be a map"));
            };
            let (Some(text), Some(params)) = (object.get("template"), object.get("params")) else {
                // Heat prints this exception with Python's quotes and escapes.
                return Err(here.wrong(
                    "'\"str_replace\" syntax should be str_replace:\\n              template: \
                     This is var1 template var2\\n              params:\\n                \
                     var1: a\\n                var2: string'",
                ));
            };
            check(text, &here.within("template"), template, needs)?;
            check(params, &here.within("params"), template, needs)
        }
        Call::Join(argument) => {
            let Some([_, lists @ ..]) = argument.as_array().map(Vec::as_slice) else {
                return Err(here.wrong(JOIN_SYNTAX));
            };
            if lists.is_empty() {
                return Err(here.wrong(JOIN_SYNTAX));
            }
            check(argument, &here, template, needs)
        }
    }
}

const FILE_ARGUMENT: &str = "Argument to \"get_file\" must be a string";

const JOIN_SYNTAX: &str = "Incorrect arguments to \"list_join\" should be: \
                           \"list_join\" : [ \" \", [ \"str1\", \"str2\"] ...]";

fn first_text(argument: &Value) -> Option<&str> {
    argument
        .as_str()
        .or_else(|| argument.get(0).and_then(Value::as_str))
}

/// The source of values for functions.
pub(super) trait Source {
    fn parameter(&self, name: &str) -> Value;
    /// The value of an attribute, or of all of them; Heat's error text if it does not exist.
    fn attribute(&self, resource: &str, attribute: Option<&str>) -> Result<Value, String>;
    /// The value at the end of a path into an attribute, from a resource that resolves paths itself.
    fn member_attribute(&self, _resource: &str, _path: &[Value]) -> Option<Result<Value, String>> {
        None
    }
    fn reference(&self, resource: &str) -> Value;
    fn file(&self, path: &str) -> Option<&Value>;
}

/// The value of a checked expression.
///
/// # Errors
///
/// Heat's error text if an argument has a wrong type.
pub(super) fn resolve(value: &Value, source: &dyn Source) -> Result<Value, String> {
    match value {
        Value::Array(items) => items.iter().map(|item| resolve(item, source)).collect(),
        Value::Object(object) => {
            if let Some((name, argument)) = as_call(object)
                && let Some(call) = known(name, argument)
            {
                return resolve_call(&call, source);
            }
            object
                .iter()
                .map(|(key, item)| Ok((key.clone(), resolve(item, source)?)))
                .collect::<Result<Map<_, _>, String>>()
                .map(Value::Object)
        }
        _ => Ok(value.clone()),
    }
}

fn resolve_call(call: &Call<'_>, source: &dyn Source) -> Result<Value, String> {
    match call {
        Call::Param(argument) => {
            let value = source.parameter(first_text(argument).unwrap_or_default());
            Ok(walk(value, path(argument, 1, source)?))
        }
        Call::Resource(argument) => Ok(source.reference(argument.as_str().unwrap_or_default())),
        Call::Attr(argument) => {
            let resource = first_text(argument).unwrap_or_default();
            let whole = path(argument, 1, source)?;
            if let Some(value) = source.member_attribute(resource, &whole) {
                return value;
            }
            let value = source.attribute(resource, whole.first().and_then(Value::as_str))?;
            Ok(walk(value, whole.into_iter().skip(1).collect()))
        }
        Call::File(argument) => {
            let path = resolve(argument, source)?;
            let path = path.as_str().ok_or(FILE_ARGUMENT)?;
            source.file(path).cloned().ok_or_else(|| {
                format!("No content found in the \"files\" section for get_file path: {path}")
            })
        }
        Call::Replace(argument) => {
            let part = |key| {
                argument
                    .get(key)
                    .map_or(Ok(Value::Null), |part| resolve(part, source))
            };
            replace(&part("template")?, &part("params")?)
        }
        Call::Join(argument) => join(&resolve_items(argument, source)?),
    }
}

/// Collects the attributes of a resource that a value refers to, each a path.
pub(super) fn attributes_of(value: &Value, resource: &str, found: &mut Vec<Vec<String>>) {
    match value {
        Value::Array(items) => items
            .iter()
            .for_each(|item| attributes_of(item, resource, found)),
        Value::Object(object) => {
            if let Some(("get_attr", argument)) = as_call(object)
                && let Some([Value::String(name), path @ ..]) =
                    argument.as_array().map(Vec::as_slice)
                && name == resource
                && path.iter().all(|step| step.is_string() || step.is_number())
            {
                let path: Vec<_> = path.iter().map(python::text).collect();
                if !path.is_empty() && !found.contains(&path) {
                    found.push(path);
                }
            }
            object
                .values()
                .for_each(|item| attributes_of(item, resource, found));
        }
        _ => {}
    }
}

fn resolve_items(argument: &Value, source: &dyn Source) -> Result<Vec<Value>, String> {
    argument
        .as_array()
        .into_iter()
        .flatten()
        .map(|item| resolve(item, source))
        .collect()
}

fn path(argument: &Value, from: usize, source: &dyn Source) -> Result<Vec<Value>, String> {
    Ok(resolve_items(argument, source)?
        .into_iter()
        .skip(from)
        .collect())
}

/// Follows a path into a value. Heat returns an empty string if the path does not exist.
fn walk(value: Value, path: Vec<Value>) -> Value {
    path.into_iter().fold(value, |value, step| {
        let found = match (&value, &step) {
            (Value::Object(object), Value::String(key)) => object.get(key),
            (Value::Array(items), step) => step
                .as_u64()
                .or_else(|| step.as_str().and_then(|text| text.parse().ok()))
                .and_then(|index| items.get(usize::try_from(index).ok()?)),
            (Value::Null, _) => return Value::Null,
            _ => None,
        };
        found
            .cloned()
            .unwrap_or_else(|| Value::String(String::new()))
    })
}

/// Replaces all names at once, longer ones first, without replacing inserted text again.
fn replace(template: &Value, params: &Value) -> Result<Value, String> {
    let Some(template) = template.as_str() else {
        if template.is_null() {
            return Ok(Value::Null);
        }
        return Err("\"str_replace\" template must be a string".to_owned());
    };
    let Some(params) = params.as_object() else {
        return Err("\"str_replace\" params must be a map".to_owned());
    };
    let mut names: Vec<_> = params.iter().filter(|(name, _)| !name.is_empty()).collect();
    names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(next) = rest.chars().next() {
        let found = names
            .iter()
            .find_map(|(name, value)| Some((rest.strip_prefix(name.as_str())?, value)));
        match found {
            Some((after, value)) => {
                text.push_str(&python::text(value));
                rest = after;
            }
            None => {
                text.push(next);
                rest = rest.strip_prefix(next).unwrap_or_default();
            }
        }
    }
    Ok(text.into())
}

fn join(arguments: &[Value]) -> Result<Value, String> {
    let Some((delimiter, lists)) = arguments.split_first() else {
        return Ok(Value::Null);
    };
    let delimiter = delimiter
        .as_str()
        .ok_or_else(|| "\"list_join\" delimiter must be a string".to_owned())?;
    let mut texts = Vec::new();
    for list in lists.iter().filter(|list| !list.is_null()) {
        let items = list
            .as_array()
            .ok_or_else(|| "\"list_join\" must operate on a list".to_owned())?;
        for item in items {
            texts.push(match item {
                Value::Object(_) | Value::Array(_) => python::json(item),
                Value::String(text) => text.clone(),
                Value::Null => String::new(),
                Value::Bool(_) | Value::Number(_) => {
                    let message = "Items to join must be string, map or list not";
                    return Err(format!("{message} {}", python::repr(item)));
                }
            });
        }
    }
    Ok(texts.join(delimiter).into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    struct Fixed;

    impl Source for Fixed {
        fn parameter(&self, name: &str) -> Value {
            match name {
                "list" => json!(["a", "b"]),
                "map" => json!({"x": {"y": [1, 2]}}),
                _ => Value::Null,
            }
        }

        fn attribute(&self, _resource: &str, attribute: Option<&str>) -> Result<Value, String> {
            Ok(attribute.map_or_else(|| json!({"value": "v"}), |name| json!({"name": name})))
        }

        fn reference(&self, resource: &str) -> Value {
            format!("id of {resource}").into()
        }

        fn file(&self, path: &str) -> Option<&Value> {
            (path == "file:///a").then_some(&Value::Null)
        }
    }

    #[test]
    fn values_of_functions() {
        for (expression, expected) in [
            (json!({"get_param": "list"}), json!(["a", "b"])),
            (json!({"get_param": ["map", "x", "y", 1]}), json!(2)),
            (json!({"get_param": ["map", "nope"]}), json!("")),
            (json!({"get_attr": ["r"]}), json!({"value": "v"})),
            (json!({"get_attr": ["r", "value", "name"]}), json!("value")),
            (json!({"get_resource": "r"}), json!("id of r")),
            (
                json!({"list_join": ["-", {"get_param": "list"}, ["1", null]]}),
                json!("a-b-1-"),
            ),
            (
                json!({"list_join": [", ", [{"a": [1]}]]}),
                json!("{\"a\": [1]}"),
            ),
            (json!({"get_foo": 1}), json!({"get_foo": 1})),
            (
                // The longer name wins, and inserted text is not replaced.
                json!({"str_replace": {"template": "a ab b", "params": {"a": "b", "ab": "a", "b": 1}}}),
                json!("b a 1"),
            ),
        ] {
            assert_eq!(resolve(&expression, &Fixed), Ok(expected), "{expression}");
        }
        let wrong = json!({"list_join": ["-", "text"]});
        let message = "\"list_join\" must operate on a list";
        assert_eq!(resolve(&wrong, &Fixed), Err(message.to_owned()));
        let wrong = json!({"list_join": ["-", ["text", 1]]});
        let message = "Items to join must be string, map or list not 1";
        assert_eq!(resolve(&wrong, &Fixed), Err(message.to_owned()));
    }
}
