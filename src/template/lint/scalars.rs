//! Where YAML 1.1 reads something else than most people write.

use super::defaults;
use super::findings::Findings;
use super::language::{Kind, Language};
use super::shape;
use crate::template::rules::{
    IMPLICIT_BOOLEAN, NUMBER_AS_TEXT, OCTAL_NUMBER, REWRITTEN_KEY, REWRITTEN_VALUE,
    SEXAGESIMAL_NUMBER, UNDERSCORED_NUMBER,
};
use crate::yaml::{Content, Mapping, Mark, Node};

/// How far a place is looked at before and behind: YAML allows implicit keys of 1,024 characters.
const LONGEST_KEY: usize = 1100;

/// What becomes of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    /// Nobody knows.
    Anything,
    /// Heat makes a text of it.
    Text,
    Number,
    /// A boolean, or nothing that anyone looks at.
    Boolean,
}

/// Looks at the values and keys of a template.
pub(super) fn template(
    language: Language,
    sections: &Mapping,
    text: &str,
    findings: &mut Findings,
) {
    let words = language.words();
    let mut scalars = Scalars { text, findings };
    scalars.keys(sections);
    for (name, member) in sections {
        let name = name.as_str();
        let Some(entries) = member.value.as_mapping() else {
            continue;
        };
        if name != words.mappings && !language.sections().contains(&name) {
            continue;
        }
        scalars.keys(entries);
        for entry in entries.values().map(|member| &member.value) {
            let members = entry.as_mapping();
            match (name, members) {
                (name, Some(members)) if name == words.parameters => {
                    scalars.parameter(language, members);
                }
                (name, Some(members)) if name == words.resources || name == words.outputs => {
                    scalars.keys(members);
                    let quiet = [words.description, words.condition, words.type_];
                    members
                        .iter()
                        .filter(|(name, _)| !quiet.contains(&name.as_str()))
                        .for_each(|(_, member)| scalars.value(&member.value, Wanted::Anything));
                }
                _ => scalars.value(entry, Wanted::Anything),
            }
        }
    }
}

/// Looks at the values and keys of an environment.
pub(super) fn environment(sections: &Mapping, text: &str, findings: &mut Findings) {
    let mut scalars = Scalars { text, findings };
    scalars.keys(sections);
    for (name, member) in sections {
        let wanted = match name.as_str() {
            "parameters" | "parameter_defaults" => Wanted::Anything,
            _ => Wanted::Boolean,
        };
        scalars.value(&member.value, wanted);
    }
}

struct Scalars<'a, 'f> {
    text: &'a str,
    findings: &'f mut Findings,
}

impl<'a> Scalars<'a, '_> {
    fn parameter(&mut self, language: Language, members: &Mapping) {
        let words = language.words();
        let type_ = members.get(words.type_);
        let kind = type_.and_then(|member| words.kind(member.value.as_text()?));
        let wanted = match kind {
            Some(Kind::String | Kind::List) => Wanted::Text,
            Some(Kind::Number) => Wanted::Number,
            Some(Kind::Boolean) => Wanted::Boolean,
            Some(Kind::Json) | None => Wanted::Anything,
        };
        self.keys(members);
        let default = members.get(words.default).map(|member| &member.value);
        let allowed = members.get("AllowedValues").map(|member| &member.value);
        let constraints = members.get("constraints");
        let constraints = constraints.and_then(|member| member.value.as_sequence());
        let constraints = constraints.unwrap_or_default().iter();
        let values = constraints.filter_map(|entry| entry.get("allowed_values"));
        for node in default.into_iter().chain(allowed).chain(values) {
            self.value(node, wanted);
        }
    }

    fn value(&mut self, node: &Node, wanted: Wanted) {
        match &node.content {
            Content::Sequence(items) => items.iter().for_each(|item| self.value(item, wanted)),
            Content::Mapping(members) => {
                self.keys(members);
                match shape::single(node) {
                    Some((name, _, value)) if wanted == Wanted::Anything => self.call(name, value),
                    _ => members
                        .values()
                        .for_each(|member| self.value(&member.value, wanted)),
                }
            }
            Content::Number(number) => self.number(node, number, wanted),
            Content::Bool(value) => self.boolean(node, *value, wanted),
            Content::Text(text) => self.number_as_text(node, text, wanted),
            Content::Null => {}
        }
    }

    /// What may be the call of a function, some of which make texts.
    fn call(&mut self, name: &str, value: &Node) {
        match (name, &value.content) {
            (name, Content::Mapping(members)) if name.starts_with("str_replace") => {
                for (name, member) in members {
                    let wanted = match name.as_str() {
                        "params" => Wanted::Text,
                        _ => Wanted::Anything,
                    };
                    self.value(&member.value, wanted);
                }
            }
            _ => self.value(value, Wanted::Anything),
        }
    }

    /// What stands in the text for a node.
    fn token(&self, node: &Node) -> &'a str {
        let range = node.start.offset as usize..node.end as usize;
        self.text.get(range).unwrap_or_default().trim_end()
    }

    fn number(&mut self, node: &Node, number: &str, wanted: Wanted) {
        let token = self.token(node);
        let digits = token.trim_start_matches(['-', '+']);
        let is_plain = token.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
        let is_octal = digits.starts_with('0')
            && digits.len() > 1
            && digits.chars().all(|c| c.is_ascii_digit() || c == '_');
        let (rule, why) = if !is_plain {
            return;
        } else if is_octal {
            (&OCTAL_NUMBER, "is read to base eight")
        } else if token.contains(':') {
            (&SEXAGESIMAL_NUMBER, "is read to base sixty")
        } else if token.contains('_') && wanted != Wanted::Number {
            (&UNDERSCORED_NUMBER, "is read without the underscores")
        } else if wanted == Wanted::Text && token != number {
            (&REWRITTEN_VALUE, "is no text")
        } else {
            return;
        };
        let message =
            format!("`{token}` {why}: Heat gets the number {number}; quote it if it is a text");
        self.findings.add(rule, node.start, message);
    }

    fn boolean(&mut self, node: &Node, value: bool, wanted: Wanted) {
        let token = self.token(node);
        let is_common = token.eq_ignore_ascii_case(if value { "true" } else { "false" });
        match wanted {
            Wanted::Text => {
                let text = defaults::text(node).unwrap_or_default();
                let message = format!(
                    "`{token}` is a boolean, and the text that Heat makes of it is `{text}`; quote it"
                );
                self.findings.add(&REWRITTEN_VALUE, node.start, message);
            }
            Wanted::Anything if !is_common && token.len() <= 3 => {
                let message = format!(
                    "`{token}` is read as the boolean {value}; quote it if it is a text, else write {value}"
                );
                self.findings.add(&IMPLICIT_BOOLEAN, node.start, message);
            }
            _ => {}
        }
    }

    fn number_as_text(&mut self, node: &Node, text: &str, wanted: Wanted) {
        if wanted != Wanted::Anything || !looks_like_a_number(text) {
            return;
        }
        if self.token(node) != text || self.is_marked(node.start) {
            return;
        }
        let message = format!(
            "`{text}` is a text and no number in YAML 1.1; quote it if that is meant, else write the \
             number in full"
        );
        self.findings.add(&NUMBER_AS_TEXT, node.start, message);
    }

    /// Whether a tag or the sign of a block scalar stands before a place.
    fn is_marked(&self, at: Mark) -> bool {
        // Without a bound, each item of a list on one line would look at all of the line.
        let end = at.offset as usize;
        let start = end.saturating_sub(LONGEST_KEY);
        let before = self.text.as_bytes().get(start..end).unwrap_or_default();
        let mut words = before.rsplit(u8::is_ascii_whitespace);
        let last = words.find(|word| !word.is_empty() && !word.starts_with(b"&"));
        last.is_some_and(|word| {
            word.starts_with(b"!") || word.starts_with(b"|") || word.starts_with(b">")
        })
    }

    /// Keys are always texts, so that those which YAML takes for something else are rewritten.
    fn keys(&mut self, members: &Mapping) {
        for (key, member) in members {
            let is_special = matches!(key.as_str(), "true" | "false" | "null")
                || key.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '.');
            if !is_special {
                continue;
            }
            let token = self.key(member.key);
            if !token.is_empty() && token != key {
                let message = format!("the key `{token}` is read as `{key}`; quote it");
                self.findings.add(&REWRITTEN_KEY, member.key, message);
            }
        }
    }

    /// What stands in the text for a plain key; nothing if it does not end on its line.
    fn key(&self, at: Mark) -> &'a str {
        let rest = self.text.get(at.offset as usize..).unwrap_or_default();
        if rest.starts_with(['"', '\'', '?', '*', '|', '>']) {
            return "";
        }
        // Compact JSON is one line, in which no blank ever ends a key.
        let end = rest.char_indices().nth(LONGEST_KEY).map(|(end, _)| end);
        let rest = end.and_then(|end| rest.get(..end)).unwrap_or(rest);
        let is_end = |(place, sign): &(usize, &str)| {
            let after = rest.get(place + 1..).unwrap_or_default();
            *sign == "\n" || after.is_empty() || after.starts_with([' ', '\t', '\r', '\n', ','])
        };
        match rest.match_indices([':', '\n']).find(is_end) {
            Some((end, ":")) => rest.get(..end).unwrap_or_default().trim_end(),
            _ => "",
        }
    }
}

/// What YAML 1.2 and JSON take for a number and YAML 1.1 does not: `1e3`, `0o17`.
fn looks_like_a_number(text: &str) -> bool {
    let unsigned = text.trim_start_matches(['-', '+']);
    if let Some(octal) = unsigned.strip_prefix("0o") {
        return !octal.is_empty() && octal.chars().all(|c| c.is_digit(8));
    }
    let is_scientific = |text: &str| {
        let (base, exponent) = text.split_once(['e', 'E'])?;
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
        let (whole, part) = base.split_once('.').unwrap_or((base, ""));
        let has_digits = !(exponent.is_empty() || whole.is_empty() && part.is_empty());
        Some(has_digits && digits(whole) && digits(part) && digits(exponent))
    };
    is_scientific(unsigned) == Some(true)
}
