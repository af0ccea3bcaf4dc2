//! Several pairs in one option, as in the Python tools: `--parameter 'a=1;b=2'`.
//!
//! The Python tools split the option at every semicolon if it is given once. That breaks values with semicolons. Here
//! only the name of a parameter starts a new pair.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::options::key_value;

/// The pairs, and warnings about values that may have been meant as further pairs.
pub(super) type Split = (Vec<(String, String)>, Vec<String>);

/// The names of the parameters that a template declares.
pub(crate) type Names = BTreeSet<String>;

/// Whether a value may contain another pair.
pub(crate) fn may_be_joined(typed: &[(String, String)]) -> bool {
    let other =
        |(_, value): &(String, String)| value.split(';').skip(1).any(|piece| piece.contains('='));
    typed.iter().any(other)
}

/// Splits the parameters of a template that declares these names. If the names are not known, everything that looks like
/// a name starts a pair: Heat refuses unknown parameters of a new stack.
pub(super) fn split(typed: Vec<(String, String)>, declared: Option<&Names>) -> Split {
    let is_name =
        |name: &str| declared.map_or_else(|| looks_like_name(name), |names| names.contains(name));
    let once = typed.len() == 1;
    let (mut pairs, mut remarks) = (Vec::new(), Vec::new());
    let mut was_split = false;
    for (key, joined) in typed {
        let mut pieces = joined.split(';');
        let first = pieces.next().unwrap_or_default();
        let (mut key, mut value) = (key, first.to_owned());
        for piece in pieces {
            match key_value(piece) {
                Ok((next, its)) if once && is_name(&next) => {
                    pairs.push((
                        std::mem::replace(&mut key, next),
                        std::mem::replace(&mut value, its),
                    ));
                    was_split = true;
                    continue;
                }
                _ => {}
            }
            value.push(';');
            value.push_str(piece);
            let name = piece.split_once('=').map(|(name, _)| name.trim());
            let why = match name {
                Some(name) if !once => (declared.is_some() && is_name(name))
                    .then_some("--parameter is given several times; use one for each parameter"),
                Some(name) if is_name(name) => {
                    Some("there are spaces beside the name; use one --parameter for each parameter")
                }
                Some(name) if looks_like_name(name) => {
                    Some("the template has no parameter of the name in that text")
                }
                _ => was_split.then_some("it does not name a parameter"),
            };
            // The text is not shown: it may be part of a secret.
            let remark = why.map(|why| {
                format!("the text after \";\" is part of the value of parameter {key:?}, not another parameter: {why}")
            });
            remarks.extend(remark.filter(|remark| remarks.last() != Some(remark)));
        }
        pairs.push((key, value));
    }
    if was_split && declared.is_none() {
        let names: Vec<String> = pairs.iter().map(|(key, _)| format!("{key:?}")).collect();
        remarks.push(format!(
            "--parameter was split at \";\" into values of {}, but the parameters of the template are not known; use one \
             --parameter for each parameter",
            names.join(", ")
        ));
    }
    (pairs, remarks)
}

/// The conditions of a list's filter. They may be joined in one option.
pub(crate) fn conditions(typed: &[(String, String)]) -> Vec<(String, String)> {
    split(typed.to_vec(), None).0
}

/// The names of the parameters of a template in JSON.
pub(super) fn declared(template: &str) -> Option<Names> {
    #[derive(Deserialize)]
    struct Template {
        #[serde(alias = "Parameters")]
        parameters: Option<BTreeMap<String, IgnoredAny>>,
    }
    let template: Template = serde_json::from_str(template).ok()?;
    Some(
        template
            .parameters
            .unwrap_or_default()
            .into_keys()
            .collect(),
    )
}

/// The names of the parameters of the template in data to adopt.
pub(crate) fn declared_in(data: &Value) -> Option<Names> {
    declared(&data.get("template")?.to_string())
}

fn looks_like_name(text: &str) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    !text.is_empty() && text.chars().all(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(options: &[&str], declared: Option<&[&str]>) -> (String, usize) {
        let typed = options.iter().map(|option| key_value(option).unwrap());
        let names = declared.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
        let (pairs, remarks) = split(typed.collect(), names.as_ref());
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(key, value)| format!("{key}:{value}"))
            .collect();
        (pairs.join(" "), remarks.len())
    }

    #[test]
    fn declared_names_begin_a_pair() {
        const AB: Option<&[&str]> = Some(&["a", "b"]);
        for (options, declared, pairs, remarks) in [
            (&["a=1"][..], AB, "a:1", 0),
            (&["a=1;b=2"], AB, "a:1 b:2", 0),
            (&["a=;b="], AB, "a: b:", 0),
            (&["a=1;b=2;a=3"], AB, "a:1 b:2 a:3", 0),
            (&["a=x;y"], AB, "a:x;y", 0),
            (&["a=x;"], AB, "a:x;", 0),
            (&["a=x;=y"], AB, "a:x;=y", 0),
            (&["a=1;b c=2"], Some(&["a", "b c"]), "a:1 b c:2", 0),
            (&["a=x; echo $y=z"], AB, "a:x; echo $y=z", 0),
            // Text that may have been meant as another pair.
            (&["a=1;c=2"], AB, "a:1;c=2", 1),
            (&["a=1; b=2"], AB, "a:1; b=2", 1),
            (&["a=1;b =2"], AB, "a:1;b =2", 1),
            (&["a=1;c=2;d=3"], AB, "a:1;c=2;d=3", 1),
            (&["a=1;b=2;"], AB, "a:1 b:2;", 1),
            (&["a=1;b=x;y"], AB, "a:1 b:x;y", 1),
            (&["a=1;c=2"], Some(&[]), "a:1;c=2", 1),
            // If the option is given several times, each is one pair, as in the Python tools.
            (&["a=1;b=2", "c=3"], AB, "a:1;b=2 c:3", 1),
            (&["a=1;c=2", "b=3"], AB, "a:1;c=2 b:3", 0),
            (&["a=1;b=2", "c=3"], None, "a:1;b=2 c:3", 0),
            // The names are not known.
            (&["a=1;b=2"], None, "a:1 b:2", 1),
            (&["a=1;b c=2"], None, "a:1;b c=2", 0),
            (&["a=1;b"], None, "a:1;b", 0),
        ] {
            assert_eq!(
                joined(options, declared),
                (pairs.to_owned(), remarks),
                "{options:?}"
            );
        }
    }

    #[test]
    fn remarks_show_no_values() {
        let typed = vec![("pw".to_owned(), "s3cret;s4cret=1;pw=2".to_owned())];
        let (pairs, remarks) = split(typed, Some(&["pw".to_owned()].into()));
        assert_eq!(pairs.len(), 2);
        assert_eq!(
            remarks,
            [
                "the text after \";\" is part of the value of parameter \"pw\", not another parameter: the template has no parameter of the name in that text"
            ]
        );
    }

    #[test]
    fn templates_tell_their_parameters() {
        for (template, names) in [
            (
                r#"{"parameters": {"b": {}, "a": {"type": "string"}}}"#,
                Some("a b"),
            ),
            (r#"{"Parameters": {"a": 1}}"#, Some("a")),
            (r#"{"parameters": null}"#, Some("")),
            (r#"{"resources": {}}"#, Some("")),
            (r#"{"parameters": []}"#, None),
        ] {
            let found =
                declared(template).map(|names| names.into_iter().collect::<Vec<_>>().join(" "));
            assert_eq!(found.as_deref(), names, "{template}");
        }
        assert_eq!(declared_in(&Value::Null), None);
    }
}
