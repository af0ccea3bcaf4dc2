//! The constraints of parameters.

use std::collections::HashSet;

use super::defaults::{boolean, number, text};
use super::findings::Findings;
use super::language::{Kind, Language};
use super::shape;
use crate::template::rules::{IGNORED_CONSTRAINT, INVALID_CONSTRAINT, Severity, UNKNOWN_ATTRIBUTE};
use crate::yaml::{Content, Mapping, Mark, Node};

/// A well-formed constraint.
#[derive(Debug)]
pub(super) struct Constraint<'a> {
    name: &'a str,
    at: Mark,
    what: What<'a>,
}

#[derive(Debug)]
enum What<'a> {
    Range(Bounds),
    Length(Bounds),
    Modulo { step: f64, offset: f64 },
    AllowedValues(&'a [Node]),
    AllowedPattern,
    Custom,
}

#[derive(Debug)]
struct Bounds {
    min: Option<f64>,
    max: Option<f64>,
}

/// The constraints of HOT, in the order in which Heat looks for them.
const KINDS: [&str; 6] = [
    "modulo",
    "range",
    "length",
    "allowed_values",
    "allowed_pattern",
    "custom_constraint",
];

/// The constraints in the attribute `constraints` (HOT).
pub(super) fn hot<'a>(
    language: Language,
    node: &'a Node,
    findings: &mut Findings,
) -> Vec<Constraint<'a>> {
    if node.is_null() {
        return Vec::new();
    }
    let entries = shape::list(node, "`constraints`", findings).unwrap_or_default();
    let entry = |entry| {
        let members = shape::mapping(entry, "a constraint", findings)?;
        hot_entry(language, members, entry.start, findings)
    };
    entries.iter().filter_map(entry).collect()
}

fn hot_entry<'a>(
    language: Language,
    members: &'a Mapping,
    at: Mark,
    findings: &mut Findings,
) -> Option<Constraint<'a>> {
    for (key, member) in members {
        if !KINDS.contains(&key.as_str()) && key != "description" {
            let known = format!("expected one of {}", KINDS.join(", "));
            let hint = findings.hint(key, KINDS, &known);
            let message = format!("unknown constraint `{key}`; {hint}");
            findings.add(&INVALID_CONSTRAINT, member.key, message);
            return None;
        }
    }
    let is_known = |kind: &&&str| **kind != "modulo" || language.has_modulo();
    let present = || KINDS.iter().filter(|kind| members.contains_key(**kind));
    let Some((name, member)) = present()
        .find(is_known)
        .and_then(|kind| members.get_key_value(*kind))
    else {
        let message = match language
            .since("modulo")
            .filter(|_| present().next().is_some())
        {
            Some(since) => {
                format!(
                    "`modulo` requires version {since} or later; this template has version {}",
                    language.name()
                )
            }
            None => format!(
                "the entry has no constraint; expected one of {}",
                KINDS.join(", ")
            ),
        };
        findings.add(&INVALID_CONSTRAINT, at, message);
        return None;
    };
    for other in present().filter(|kind| **kind != name) {
        let message = format!(
            "Heat checks only `{name}` and ignores `{other}` in the same entry; use an entry for each"
        );
        let other = members.get(*other).map_or(at, |member| member.key);
        findings.add(&IGNORED_CONSTRAINT, other, message);
    }
    let node = &member.value;
    let what = match name.as_str() {
        "range" => What::Range(hot_bounds(name, node, findings)?),
        "length" => What::Length(whole(
            name,
            hot_bounds(name, node, findings)?,
            node,
            findings,
        )?),
        "modulo" => modulo(node, findings)?,
        "allowed_values" => What::AllowedValues(allowed_values(name, node, findings)?),
        "allowed_pattern" => allowed_pattern(name, node, findings)?,
        _ => What::Custom,
    };
    let at = member.key;
    Some(Constraint { name, at, what })
}

/// The constraints among the attributes of the parameter (CFN).
pub(super) fn cfn<'a>(members: &'a Mapping, findings: &mut Findings) -> Vec<Constraint<'a>> {
    let mut found = Vec::new();
    for (lower, upper) in [("MinValue", "MaxValue"), ("MinLength", "MaxLength")] {
        let (min, max) = (members.get(lower), members.get(upper));
        let (Some(member), name) = (min.or(max), if min.is_some() { lower } else { upper }) else {
            continue;
        };
        let bound = |name, member: Option<&'a crate::yaml::Member>, findings: &mut Findings| {
            member.map_or(Some(None), |member| bound(name, &member.value, findings))
        };
        let (Some(min), Some(max)) = (bound(lower, min, findings), bound(upper, max, findings))
        else {
            continue;
        };
        let bounds = ordered(name, Bounds { min, max }, &member.value, findings);
        let what = match lower {
            "MinValue" => bounds.map(What::Range),
            _ => bounds
                .and_then(|bounds| whole(name, bounds, &member.value, findings))
                .map(What::Length),
        };
        let at = member.key;
        found.extend(what.map(|what| Constraint { name, at, what }));
    }
    if let Some(member) = members.get("AllowedValues") {
        let (name, at) = ("AllowedValues", member.key);
        let values = allowed_values(name, &member.value, findings).map(What::AllowedValues);
        found.extend(values.map(|what| Constraint { name, at, what }));
    }
    if let Some(member) = members.get("AllowedPattern") {
        let (name, at) = ("AllowedPattern", member.key);
        let pattern = allowed_pattern(name, &member.value, findings);
        found.extend(pattern.map(|what| Constraint { name, at, what }));
    }
    found
}

fn hot_bounds(name: &str, node: &Node, findings: &mut Findings) -> Option<Bounds> {
    let [min, max] = pair(name, ["min", "max"], node, findings)?;
    ordered(name, Bounds { min, max }, node, findings)
}

/// The two numbers in a mapping with these keys.
fn pair(
    name: &str,
    keys: [&str; 2],
    node: &Node,
    findings: &mut Findings,
) -> Option<[Option<f64>; 2]> {
    let members = shape::mapping(node, &format!("`{name}`"), findings)?;
    if let Some((key, member)) = members
        .iter()
        .find(|(key, _)| !keys.contains(&key.as_str()))
    {
        let message = format!(
            "unknown attribute `{key}` of `{name}`; expected one of {}",
            keys.join(", ")
        );
        findings.add(&UNKNOWN_ATTRIBUTE, member.key, message);
        return None;
    }
    let mut numbers = [None, None];
    for (number, key) in numbers.iter_mut().zip(keys) {
        if let Some(member) = members.get(key) {
            *number = bound(&format!("{name}.{key}"), &member.value, findings)?;
        }
    }
    Some(numbers)
}

/// A number or null. Any other value is a finding.
fn bound(name: &str, node: &Node, findings: &mut Findings) -> Option<Option<f64>> {
    if node.is_null() {
        return Some(None);
    }
    let found = number(node);
    if found.is_none() {
        let message = format!("`{name}` is {}; expected a number", shape::brief(node));
        findings.add(&INVALID_CONSTRAINT, node.start, message);
    }
    found.map(Some)
}

fn ordered(name: &str, bounds: Bounds, node: &Node, findings: &mut Findings) -> Option<Bounds> {
    match (bounds.min, bounds.max) {
        (None, None) => {
            let message = format!("`{name}` has neither a minimum nor a maximum; add one of them");
            findings.add(&INVALID_CONSTRAINT, node.start, message);
            None
        }
        (Some(min), Some(max)) if min > max => {
            let message = format!(
                "the minimum of `{name}` is {min}, which is greater than the maximum {max}"
            );
            findings.add_as(Severity::Warning, &INVALID_CONSTRAINT, node.start, message);
            Some(bounds)
        }
        _ => Some(bounds),
    }
}

fn whole(name: &str, bounds: Bounds, node: &Node, findings: &mut Findings) -> Option<Bounds> {
    // Heat rejects numbers with a decimal point, even if they are whole.
    let has_point = |node: &Node| match &node.content {
        Content::Number(text) => text.contains(['.', 'e']),
        Content::Text(text) => text.contains(['.', 'e', 'E', 'n', 'N']),
        _ => false,
    };
    let is_broken = match node.as_mapping() {
        Some(members) => members.values().any(|member| has_point(&member.value)),
        None => has_point(node),
    };
    if is_broken {
        let message = format!("`{name}` needs whole numbers");
        findings.add(&INVALID_CONSTRAINT, node.start, message);
        return None;
    }
    Some(bounds)
}

fn modulo<'a>(node: &Node, findings: &mut Findings) -> Option<What<'a>> {
    let [step, offset] = pair("modulo", ["step", "offset"], node, findings)?;
    let why = match (step, offset) {
        (Some(step), Some(offset)) => match (step, offset) {
            _ if step.fract() != 0.0 || offset.fract() != 0.0 => "`modulo` needs whole numbers",
            _ if step == 0.0 => "the step of `modulo` must not be 0",
            _ if offset.abs() >= step.abs() => {
                "the offset of `modulo` must be smaller than its step"
            }
            _ if step * offset < 0.0 => "step and offset of `modulo` must have the same sign",
            _ => return Some(What::Modulo { step, offset }),
        },
        _ => "`modulo` needs both step and offset",
    };
    findings.add(&INVALID_CONSTRAINT, node.start, why.to_owned());
    None
}

fn allowed_values<'a>(name: &str, node: &'a Node, findings: &mut Findings) -> Option<&'a [Node]> {
    shape::list(node, &format!("`{name}`"), findings)
}

fn allowed_pattern<'a>(name: &str, node: &Node, findings: &mut Findings) -> Option<What<'a>> {
    if node.as_text().is_none() {
        shape::wrong(node, &format!("`{name}`"), "a string", findings);
        return None;
    }
    Some(What::AllowedPattern)
}

impl Constraint<'_> {
    /// Whether it applies to parameters of this kind. If not, adds a finding.
    pub(super) fn fits(&self, kind: Kind, type_: &str, findings: &mut Findings) -> bool {
        let fits = match self.what {
            What::Range(_) | What::Modulo { .. } => kind == Kind::Number,
            What::Length(_) => matches!(kind, Kind::String | Kind::List | Kind::Json),
            What::AllowedValues(_) | What::Custom => kind != Kind::Json,
            What::AllowedPattern => kind == Kind::String,
        };
        if !fits {
            let message = format!(
                "`{}` does not apply to a parameter of type {type_}; remove it",
                self.name
            );
            findings.add(&INVALID_CONSTRAINT, self.at, message);
        }
        fits
    }

    /// The message if a value of the parameter's type violates it. `what` is `default` or `value`.
    pub(super) fn check(&self, kind: Kind, what: &str, value: &Node) -> Option<String> {
        let why = match &self.what {
            What::Range(bounds) => {
                let needed = number(value).and_then(|value| bounds.violated(value));
                needed.map(|needed| format!("expected {needed}"))
            }
            What::Length(bounds) => length(kind, value, bounds),
            What::Modulo { step, offset } => number(value).and_then(|value| {
                let rest = (value % step + step) % step;
                (rest != *offset).then(|| {
                    format!("the remainder of division by {step} is {rest}; expected {offset}")
                })
            }),
            What::AllowedValues(values) => not_among(kind, value, values),
            What::AllowedPattern => unquoted(value),
            What::Custom => None,
        };
        let (why, name, shown) = (why?, self.name, shape::brief(value));
        Some(format!(
            "the {what} is {shown}, which violates `{name}`: {why}"
        ))
    }
}

impl Bounds {
    /// The bound that a value violates, as the end of a message.
    fn violated(&self, value: f64) -> Option<String> {
        match (self.min, self.max) {
            (Some(min), _) if value < min => Some(format!("at least {min}")),
            (_, Some(max)) if value > max => Some(format!("at most {max}")),
            _ => None,
        }
    }
}

fn length(kind: Kind, value: &Node, bounds: &Bounds) -> Option<String> {
    let length = match (&value.content, kind) {
        (Content::Text(text), Kind::List) => text.split(',').count(),
        (Content::Text(text), Kind::String) => text.chars().count(),
        (Content::Sequence(items), _) => items.len(),
        (Content::Mapping(members), _) => members.len(),
        (_, Kind::String) => return unquoted(value),
        _ => return None,
    };
    let length = u32::try_from(length).unwrap_or(u32::MAX);
    let needed = bounds.violated(f64::from(length))?;
    Some(format!("the length is {length}; expected {needed}"))
}

/// The message for a value that is not a string.
fn unquoted(value: &Node) -> Option<String> {
    let why = match value.content {
        Content::Bool(_) | Content::Number(_) => "expected a string; quote it",
        Content::Sequence(_) | Content::Mapping(_) => "expected a string",
        _ => return None,
    };
    Some(why.to_owned())
}

fn not_among(kind: Kind, value: &Node, values: &[Node]) -> Option<String> {
    let texts = || -> HashSet<_> { values.iter().filter_map(Node::as_text).collect() };
    let is_among = match (kind, &value.content) {
        (Kind::List, Content::Text(text)) => {
            let texts = texts();
            text.split(',').all(|item| texts.contains(item))
        }
        (Kind::List, Content::Sequence(items)) => {
            let texts = texts();
            let mut items = items.iter().filter_map(text);
            items.all(|item| texts.contains(item.as_str()))
        }
        (Kind::Number, _) => among(value, values, number),
        (Kind::Boolean, _) => among(value, values, boolean),
        (_, Content::Sequence(_) | Content::Mapping(_)) => true,
        _ => among(value, values, text),
    };
    (!is_among).then(|| {
        let shown: Vec<_> = values.iter().take(10).map(shape::brief).collect();
        let more = if values.len() > shown.len() {
            ", …"
        } else {
            ""
        };
        format!("expected one of [{}{more}]", shown.join(", "))
    })
}

/// Whether a value equals one of the others after conversion by `convert`.
fn among<T: PartialEq>(
    value: &Node,
    others: &[Node],
    convert: impl Fn(&Node) -> Option<T>,
) -> bool {
    let value = convert(value);
    others.iter().any(|other| convert(other) == value)
}
