//! The values of a template's parameters.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use heatclient::heat::template::content;
use serde_json::{Map, Value};

use super::package::Stdin;
use crate::args::Parameters;
use crate::exit::Failure;

/// No parameter is longer than this.
pub(super) const MOST_BYTES: u64 = 16 << 20;

/// The parameters as Heat will get them. A key that is given several times becomes a list.
///
/// `@FILE` is the content of a file, `@-` the standard input, `@@…` a text that begins with `@`.
pub(super) fn parameters(
    args: &Parameters,
    template: Option<&Path>,
    stdin: &mut Stdin,
) -> Result<Map<String, Value>, Failure> {
    let mut parameters = Map::new();
    for (key, value) in &args.parameters {
        let value = match value.strip_prefix('@') {
            Some(text) if text.starts_with('@') => text.to_owned(),
            Some(file) if !file.is_empty() => read(key, Path::new(file), None, stdin)?,
            _ => value.clone(),
        };
        let value = Value::from(value);
        match parameters.get_mut(key) {
            None => {
                parameters.insert(key.clone(), value);
            }
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    for (key, file) in &args.parameter_files {
        let content = read(key, Path::new(file), template, stdin)?;
        if parameters.insert(key.clone(), content.into()).is_some() {
            return Err(Failure::Message(format!(
                "parameter {key:?} is given more than once; a file holds a whole value"
            )));
        }
    }
    Ok(parameters)
}

/// The content of a file, which is looked for here and then beside the template.
fn read(
    key: &str,
    file: &Path,
    template: Option<&Path>,
    stdin: &mut Stdin,
) -> Result<String, Failure> {
    let what = format!("parameter {key:?}");
    if file == Path::new("-") {
        return stdin.read(&what).map(content);
    }
    let beside: Option<PathBuf> = template.and_then(Path::parent).map(|dir| dir.join(file));
    let path = match beside {
        Some(beside) if !file.exists() && beside.exists() => beside,
        _ => file.to_owned(),
    };
    let failed = |error: std::io::Error| {
        Failure::Message(format!(
            "cannot read the file {} of {what}: {error}",
            path.display()
        ))
    };
    let mut bytes = Vec::new();
    let opened = File::open(&path).map_err(failed)?;
    opened
        .take(MOST_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    check_size(bytes, &format!("the file {} of {what}", path.display())).map(content)
}

pub(super) fn check_size(bytes: Vec<u8>, what: &str) -> Result<Vec<u8>, Failure> {
    if bytes.len() as u64 > MOST_BYTES {
        let most = MOST_BYTES >> 20;
        return Err(Failure::Message(format!(
            "{what} is longer than {most} MiB"
        )));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::fs;

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

    fn parameters(
        args: &Parameters,
        template: Option<&Path>,
    ) -> Result<Map<String, Value>, Failure> {
        super::parameters(args, template, &mut Stdin::default())
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
        let found = parameters(&args, Some(&template)).unwrap();
        assert_eq!(found["key"], "ssh-rsa x\n");
        fs::write(dir.join("latin"), b"\xe9").unwrap();
        let latin = format!("@{}", dir.join("latin").display());
        let values = typed(
            &[("key", latin.as_str()), ("at", "@@x"), ("alone", "@")],
            &[],
        );
        let values = Value::Object(parameters(&values, None).unwrap());
        assert_eq!(
            values.to_string(),
            r#"{"key":"6Q==\n","at":"@x","alone":"@"}"#
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
