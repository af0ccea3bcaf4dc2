//! The values of a template's parameters.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::args::Parameters;
use crate::exit::Failure;

/// The parameters as Heat will get them. A key that is given several times becomes a list.
pub(super) fn parameters(
    args: &Parameters,
    template: Option<&Path>,
) -> Result<Map<String, Value>, Failure> {
    let mut parameters = Map::new();
    for (key, value) in &args.parameters {
        let value = Value::from(value.as_str());
        match parameters.get_mut(key) {
            None => {
                parameters.insert(key.clone(), value);
            }
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    for (key, file) in &args.parameter_files {
        let content = read(key, Path::new(file), template)?;
        if parameters.insert(key.clone(), content.into()).is_some() {
            return Err(Failure::Message(format!(
                "parameter {key:?} is given more than once; a file holds a whole value"
            )));
        }
    }
    Ok(parameters)
}

/// The text of a file, which is looked for here and then beside the template.
fn read(key: &str, file: &Path, template: Option<&Path>) -> Result<String, Failure> {
    let beside: Option<PathBuf> = template.and_then(Path::parent).map(|dir| dir.join(file));
    let path = match beside {
        Some(beside) if !file.exists() && beside.exists() => beside,
        _ => file.to_owned(),
    };
    fs::read_to_string(&path).map_err(|error| {
        Failure::Message(format!(
            "cannot read the file {} of parameter {key:?}: {error}",
            path.display()
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(values: &[(&str, &str)], files: &[(&str, &str)]) -> Parameters {
        let owned = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter();
            pairs
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect()
        };
        Parameters {
            parameters: owned(values),
            parameter_files: owned(files),
        }
    }

    fn message(args: &Parameters) -> String {
        parameters(args, None).unwrap_err().to_string()
    }

    #[test]
    fn values_stay_text_and_repeated_keys_become_lists() {
        for (values, expected) in [
            (&[][..], r#"{}"#),
            (&[("a", "1"), ("b", "")], r#"{"a":"1","b":""}"#),
            (&[("a", "x;y=z")], r#"{"a":"x;y=z"}"#),
            (
                &[("a", "1"), ("b", "2"), ("a", "3"), ("a", "4")],
                r#"{"a":["1","3","4"],"b":"2"}"#,
            ),
        ] {
            let parameters = parameters(&typed(values, &[]), None).unwrap();
            assert_eq!(Value::Object(parameters).to_string(), expected);
        }
    }

    #[test]
    fn files_are_looked_for_here_and_beside_the_template() {
        let dir = std::env::temp_dir().join(format!("heat-parameters-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join("key.pub"), "ssh-rsa x\n").unwrap();
        let template = dir.join("t.yaml");
        let args = typed(&[], &[("key", "key.pub")]);
        let parameters = parameters(&args, Some(&template)).unwrap();
        assert_eq!(parameters["key"], "ssh-rsa x\n");
        fs::write(dir.join("latin"), b"\xe9").unwrap();
        let latin = dir.join("latin");
        let text = message(&typed(&[], &[("key", latin.to_str().unwrap())]));
        assert!(
            text.ends_with("of parameter \"key\": stream did not contain valid UTF-8"),
            "{text}"
        );
        fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn what_cannot_be_is_told() {
        assert_eq!(
            message(&typed(&[], &[("key", "no/such")])),
            "cannot read the file no/such of parameter \"key\": No such file or directory (os error 2)"
        );
        assert_eq!(
            message(&typed(&[("key", "x")], &[("key", "Cargo.toml")])),
            "parameter \"key\" is given more than once; a file holds a whole value"
        );
    }
}
