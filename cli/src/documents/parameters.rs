//! Parameter values.

use std::fs::File;
use std::io::Read as _;

use heatclient::template::content;
use serde_json::{Map, Value};

use super::package::Stdin;
use crate::exit::Failure;

/// The maximum length of a value.
pub(super) const MAX_BYTES: u64 = 16 << 20;

/// The parameters as they are sent. A key that is given several times becomes a list.
///
/// `@FILE` is the content of a file, `@-` the standard input, `@@…` a value that starts with `@`.
pub(super) async fn parameters(
    typed: &[(String, String)],
    stdin: &mut Stdin,
) -> Result<Map<String, Value>, Failure> {
    let mut parameters = Map::new();
    for (key, value) in typed {
        let value = match value.strip_prefix('@') {
            Some(text) if text.starts_with('@') => text.to_owned(),
            Some(file) if !file.is_empty() => read(key, file, stdin).await?,
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
    Ok(parameters)
}

/// The content of a file.
async fn read(key: &str, file: &str, stdin: &mut Stdin) -> Result<String, Failure> {
    let what = format!("parameter {key:?}");
    if file == "-" {
        return stdin.read(&what).await.map(content);
    }
    let failed = |error: std::io::Error| {
        Failure::Message(format!("cannot read the file {file} of {what}: {error}"))
    };
    let mut bytes = Vec::new();
    let opened = File::open(file).map_err(failed)?;
    opened
        .take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    check_size(bytes, &format!("the file {file} of {what}")).map(content)
}

pub(super) fn check_size(bytes: Vec<u8>, what: &str) -> Result<Vec<u8>, Failure> {
    if bytes.len() as u64 > MAX_BYTES {
        let limit = MAX_BYTES >> 20;
        return Err(Failure::Message(format!(
            "{what} is longer than {limit} MiB"
        )));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use futures::FutureExt as _;

    use super::*;

    fn parameters(values: &[(&str, &str)]) -> Result<String, Failure> {
        let values = values.iter();
        let typed: Vec<_> = values
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        let parameters = super::parameters(&typed, &mut Stdin::default())
            .now_or_never()
            .unwrap()?;
        Ok(Value::Object(parameters).to_string())
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
            assert_eq!(parameters(values).unwrap(), expected);
        }
    }

    #[test]
    fn values_come_from_files() {
        let dir = std::env::temp_dir().join(format!("heat-parameters-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join("latin"), b"\xe9").unwrap();
        let latin = format!("@{}", dir.join("latin").display());
        let values = [("key", latin.as_str()), ("at", "@@x"), ("alone", "@")];
        assert_eq!(
            parameters(&values).unwrap(),
            r#"{"key":"6Q==\n","at":"@x","alone":"@"}"#
        );
        fs::remove_dir_all(&dir).unwrap();
        assert_eq!(
            parameters(&[("key", "@no/such")]).unwrap_err().to_string(),
            "cannot read the file no/such of parameter \"key\": No such file or directory (os error 2)"
        );
    }
}
