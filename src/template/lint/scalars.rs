//! Values that YAML 1.1 reads in an unexpected way.

use super::defaults;
use super::findings::Findings;
use super::language::{Kind, Language};
use super::shape;
use crate::template::rules::{
    IMPLICIT_BOOLEAN, NUMBER_AS_TEXT, OCTAL_NUMBER, REWRITTEN_KEY, REWRITTEN_VALUE,
    SEXAGESIMAL_NUMBER, UNDERSCORED_NUMBER,
};
use crate::yaml::{Content, Mapping, Mark, Node};

/// How much text before and after a place is examined. YAML allows implicit keys of 1,024 characters.
const LONGEST_KEY: usize = 1100;

/// The type that Heat needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    /// Not known.
    Anything,
    /// Heat converts the value to a string.
    Text,
    Number,
    /// A boolean, or a value that is not checked.
    Boolean,
}

/// Checks the values and keys of a template.
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
                    let unchecked = [words.description, words.condition, words.type_];
                    members
                        .iter()
                        .filter(|(name, _)| !unchecked.contains(&name.as_str()))
                        .for_each(|(_, member)| scalars.value(&member.value, Wanted::Anything));
                }
                _ => scalars.value(entry, Wanted::Anything),
            }
        }
    }
}

/// Checks the values and keys of an environment.
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

    /// A possible function call. Some functions need strings.
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

    /// The text of a node in the document.
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
            (&OCTAL_NUMBER, "is read as octal")
        } else if token.contains(':') {
            (&SEXAGESIMAL_NUMBER, "is read in base 60")
        } else if token.contains('_') && wanted != Wanted::Number {
            (&UNDERSCORED_NUMBER, "is read without the underscores")
        } else if wanted == Wanted::Text && token != number {
            (&REWRITTEN_VALUE, "is not a string")
        } else {
            return;
        };
        let message = format!(
            "`{token}` {why}: Heat gets the number {number}; quote it if you mean a string"
        );
        self.findings.add(rule, node.start, message);
    }

    fn boolean(&mut self, node: &Node, value: bool, wanted: Wanted) {
        let token = self.token(node);
        let is_common = token.eq_ignore_ascii_case(if value { "true" } else { "false" });
        match wanted {
            Wanted::Text => {
                let text = defaults::text(node).unwrap_or_default();
                let message = format!(
                    "`{token}` is a boolean, which Heat converts to the string `{text}`; quote it"
                );
                self.findings.add(&REWRITTEN_VALUE, node.start, message);
            }
            Wanted::Anything if !is_common && token.len() <= 3 => {
                let message = format!(
                    "`{token}` is read as the boolean {value}; quote it if you mean a string, else write {value}"
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
            "`{text}` is a string in YAML 1.1, not a number; quote it if you mean a string, else write the \
             number in full"
        );
        self.findings.add(&NUMBER_AS_TEXT, node.start, message);
    }

    /// Whether a tag or the indicator of a block scalar is before a place.
    fn is_marked(&self, at: Mark) -> bool {
        // Without a limit, each item of a list on one line would search the whole line.
        let end = at.offset as usize;
        let start = end.saturating_sub(LONGEST_KEY);
        let before = self.text.as_bytes().get(start..end).unwrap_or_default();
        let mut words = before.rsplit(u8::is_ascii_whitespace);
        let last = words.find(|word| !word.is_empty() && !word.starts_with(b"&"));
        last.is_some_and(|word| {
            word.starts_with(b"!") || word.starts_with(b"|") || word.starts_with(b">")
        })
    }

    /// Finds keys that YAML reads as another type. They are converted to strings, which may be written differently.
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

    /// The text of a plain key in the document; empty if it does not end on its line.
    fn key(&self, at: Mark) -> &'a str {
        let rest = self.text.get(at.offset as usize..).unwrap_or_default();
        if rest.starts_with(['"', '\'', '?', '*', '|', '>']) {
            return "";
        }
        // Compact JSON is one line without blanks after the keys.
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

/// Whether YAML 1.2 or JSON reads it as a number, but YAML 1.1 does not: `1e3`, `0o17`.
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
