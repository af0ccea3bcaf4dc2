//! The language that a template declares.

use super::findings::Findings;
use super::language::Language;
use super::shape;
use super::versions::VERSIONS;
use crate::template::role::VERSION_KEYS;
use crate::template::rules::UNKNOWN_VERSION;
use crate::yaml::{Mapping, Mark};

/// The language that the template declares, or the newest one if its version is unknown. `None` if it
/// declares none.
pub(super) fn language(
    members: &Mapping,
    start: Mark,
    findings: &mut Findings,
) -> Option<Language> {
    let declared = |key: &str| {
        let (key, member) = members.get_key_value(key)?;
        member.value.as_text().map(|version| (key, member, version))
    };
    let mut found = VERSION_KEYS.iter().filter_map(|key| declared(key));
    let Some((key, member, version)) = found.next() else {
        let key = VERSION_KEYS
            .iter()
            .find_map(|key| members.get_key_value(*key));
        let (at, message) = match key {
            Some((key, member)) => {
                let kind = member.value.kind();
                (
                    member.value.start,
                    format!("`{key}` is {kind}; expected a version as a string"),
                )
            }
            None => {
                let newest = VERSIONS.last().map_or("", |(date, _)| date);
                (
                    start,
                    format!("the version is missing; add `heat_template_version: {newest}`"),
                )
            }
        };
        findings.add(&UNKNOWN_VERSION, at, message);
        return key.map(|_| Language::NEWEST);
    };
    if let Some((other, second, _)) = found.next() {
        let message = format!("`{key}` and `{other}` exclude each other; remove one of them");
        findings.add(&UNKNOWN_VERSION, second.key.max(member.key), message);
    }
    let Some(language) = Language::find(key, version) else {
        let names: Vec<&str> = match key.as_str() {
            "heat_template_version" => VERSIONS
                .iter()
                .flat_map(|(date, release)| [Some(*date), *release])
                .flatten()
                .collect(),
            "AWSTemplateFormatVersion" => vec!["2010-09-09"],
            _ => vec!["2012-12-12"],
        };
        let known = format!("expected one of {}", names.join(", "));
        let hint = match nearest_date(version, &names) {
            Some(date) => format!("did you mean `{date}`?"),
            None => findings.hint(version, names, &known),
        };
        let shown = shape::brief(&member.value);
        let message = format!("unknown version {shown}; {hint}");
        findings.add(&UNKNOWN_VERSION, member.value.start, message);
        return Some(match key.as_str() {
            "heat_template_version" => Language::NEWEST,
            _ => Language::Aws,
        });
    };
    Some(language)
}

/// If `typed` looks like a date, the latest version that is not later, or else the first version.
fn nearest_date<'a>(typed: &str, names: &[&'a str]) -> Option<&'a str> {
    let is_date = typed.len() == 10
        && typed.chars().enumerate().all(|(place, c)| match place {
            4 | 7 => c == '-',
            _ => c.is_ascii_digit(),
        });
    let dates = || names.iter().filter(|name| name.starts_with("20"));
    let before = dates().rfind(|name| **name <= typed);
    before
        .or_else(|| dates().next())
        .filter(|_| is_date)
        .copied()
}
