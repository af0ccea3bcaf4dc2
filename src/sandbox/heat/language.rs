//! The versions of the template language, and their functions.

use serde_json::{Value, json};

use super::error::{Refusal, Result};
use super::request::{Request, ok};
use super::template::VERSIONS;
use crate::sandbox::call::Answer;

type Function = (&'static str, &'static str);

const GET_ATTR: Function = ("get_attr", "A function for resolving resource attributes.");
const GET_FILE: Function = ("get_file", "A function for including a file inline.");
const GET_PARAM: Function = (
    "get_param",
    "A function for resolving parameter references.",
);
const GET_RESOURCE: Function = (
    "get_resource",
    "A function for resolving resource references.",
);
const STR_REPLACE: Function = (
    "str_replace",
    "A function for performing string substitutions.",
);
const FACADE: Function = (
    "resource_facade",
    "A function for retrieving data in a parent provider template.",
);
const OLD_LIST_JOIN: Function = ("list_join", "A function for joining strings.");
const OLD_REPEAT: Function = ("repeat", "A function for iterating over a list of items.");
const SELECT: Function = (
    "Fn::Select",
    "A function for selecting an item from a list or map.",
);
const DIGEST: Function = ("digest", "A function for performing digest operations.");

/// The functions of 2013-05-23.
const FIRST: &[Function] = &[
    (
        "Fn::GetAZs",
        "A function for retrieving the availability zones.",
    ),
    GET_PARAM,
    GET_RESOURCE,
    (
        "Ref",
        "A function for resolving parameters or resource references.",
    ),
    GET_ATTR,
    SELECT,
    ("Fn::Join", OLD_LIST_JOIN.1),
    OLD_LIST_JOIN,
    ("Fn::Split", "A function for splitting strings."),
    STR_REPLACE,
    ("Fn::Replace", STR_REPLACE.1),
    (
        "Fn::Base64",
        "A placeholder function for converting to base64.",
    ),
    (
        "Fn::MemberListToMap",
        "A function to convert lists with enumerated keys and values to mapping.",
    ),
    FACADE,
    ("Fn::ResourceFacade", FACADE.1),
    GET_FILE,
];

/// The functions of 2014-10-16.
const SECOND: &[Function] = &[
    GET_ATTR,
    GET_FILE,
    GET_PARAM,
    GET_RESOURCE,
    OLD_LIST_JOIN,
    FACADE,
    STR_REPLACE,
    SELECT,
];

/// The functions of 2015-04-30.
const THIRD: &[Function] = &[
    GET_ATTR,
    GET_FILE,
    GET_PARAM,
    GET_RESOURCE,
    OLD_LIST_JOIN,
    OLD_REPEAT,
    FACADE,
    STR_REPLACE,
    SELECT,
    DIGEST,
];

/// The functions since 2015-10-15, in the order in which Heat gained them.
const LATER: &[Function] = &[
    GET_ATTR,
    GET_FILE,
    GET_PARAM,
    GET_RESOURCE,
    (
        "list_join",
        "A function for joining one or more lists of strings.",
    ),
    (
        "repeat",
        "A function for iterating over a list of items or a dict of keys.",
    ),
    FACADE,
    STR_REPLACE,
    DIGEST,
    (
        "str_split",
        "A function for splitting delimited strings into a list.",
    ),
    ("map_merge", "A function for merging maps."),
    ("yaql", "A function for executing a yaql expression."),
    (
        "map_replace",
        "A function for performing substitutions on maps.",
    ),
    (
        "if",
        "A function to return corresponding value based on condition evaluation.",
    ),
    ("filter", "A function for filtering out values from lists."),
    ("str_replace_strict", STR_REPLACE.1),
    (
        "make_url",
        "A function for performing substitutions on maps.",
    ),
    ("list_concat", "A function for extending lists."),
    ("str_replace_vstrict", STR_REPLACE.1),
    (
        "list_concat_unique",
        "A function for extending lists with unique items.",
    ),
    (
        "contains",
        "A function for checking whether specific value is in sequence.",
    ),
];

/// The functions of conditions.
const CONDITIONS: &[Function] = &[
    (
        "equals",
        "A function for comparing whether two values are equal.",
    ),
    (
        "not",
        "A function that acts as a NOT operator on a condition.",
    ),
    (
        "and",
        "A function that acts as an AND operator on conditions.",
    ),
    (
        "or",
        "A function that acts as an OR operator on conditions.",
    ),
];

fn functions(date: &str, with_conditions: bool) -> Vec<Function> {
    // Dates sort as text.
    let (own, has_conditions) = match date {
        "2013-05-23" => (FIRST, false),
        "2014-10-16" => (SECOND, false),
        "2015-04-30" => (THIRD, false),
        _ => {
            let count = match date {
                "2015-10-15" => 10,
                "2016-04-08" => 11,
                "2016-10-14" => 14,
                "2017-02-24" => 16,
                _ => LATER.len(),
            };
            let own = LATER.get(..count).unwrap_or(LATER);
            (own, date >= "2016-10-14")
        }
    };
    let mut functions = own.to_vec();
    if let Some(repeat) = functions.iter_mut().find(|(name, _)| *name == "repeat")
        && !has_conditions
    {
        *repeat = OLD_REPEAT;
    }
    if has_conditions && with_conditions {
        functions.extend(CONDITIONS);
    }
    functions
}

const PREFIX: &str = "heat_template_version";

impl Request<'_> {
    pub(super) fn template_functions(&self, version: &str) -> Result<Answer> {
        let query = self.query();
        let with_conditions = query.flag("with_condition_func")?.unwrap_or(false);
        let named = |(date, alias): &&(&str, Option<&str>)| {
            let name = version.strip_prefix(PREFIX);
            let name = name.and_then(|name| name.strip_prefix('.'));
            name.is_some_and(|name| name == *date || Some(name) == *alias)
        };
        let (date, _) = VERSIONS.iter().find(named).ok_or_else(|| {
            let message = format!("Template with version {version} not found");
            Refusal::not_found("NotFound", message)
        })?;
        let shown: Vec<_> = functions(date, with_conditions)
            .into_iter()
            .map(|(name, about)| json!({"functions": name, "description": about}))
            .collect();
        Ok(ok(&json!({"template_functions": shown})))
    }
}

pub(super) fn versions() -> Value {
    let versions: Vec<_> = VERSIONS
        .iter()
        .map(|(date, alias)| {
            let aliases = alias.iter().map(|alias| format!("{PREFIX}.{alias}"));
            json!({
                "version": format!("{PREFIX}.{date}"),
                "type": "hot",
                "aliases": aliases.collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({"template_versions": versions})
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Heat 27 answers, without and with conditions.
    #[test]
    fn versions_gain_functions() {
        for (date, count, more) in [
            ("2013-05-23", 16, 0),
            ("2014-10-16", 8, 0),
            ("2015-04-30", 10, 0),
            ("2015-10-15", 10, 0),
            ("2016-04-08", 11, 0),
            ("2016-10-14", 14, 4),
            ("2017-02-24", 16, 4),
            ("2017-09-01", 21, 4),
            ("2018-08-31", 21, 4),
            ("2021-04-16", 21, 4),
        ] {
            assert_eq!(functions(date, false).len(), count, "{date}");
            assert_eq!(functions(date, true).len(), count + more, "{date}");
        }
    }
}
