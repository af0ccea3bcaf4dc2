//! Parses one document by its role, and makes its references absolute.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::cap::Cap;
use super::draft::{Draft, Reference};
use super::location::Location;
use super::policy::Policy;
use super::problem::{Place, Problem};
use super::role::{Role, VERSION_KEYS};
use super::rules::{NOT_A_TEMPLATE, NOT_UTF8, SYNTAX};
use super::{environment, references};
use crate::yaml::{self, Content, Document, Mark, Node};

/// A document that was read.
#[derive(Debug)]
pub(super) struct Loaded {
    /// The content to send: compact JSON, or the text itself. For an environment, its text.
    pub(super) content: String,
    /// Its references.
    pub(super) references: Vec<Reference>,
    /// Its problems.
    pub(super) problems: Vec<Problem>,
    /// Whether it is a template.
    pub(super) is_template: bool,
    /// The types of the parameters that it declares, if it is a template.
    pub(super) parameters: BTreeMap<String, String>,
    /// The tree of a template or an environment.
    pub(super) root: Option<Node>,
    /// The original text and tree, if they are kept.
    pub(super) written: Option<(String, Document)>,
}

impl Loaded {
    /// Parses the bytes of a document. If `follow` is false, references are not resolved. If `keep` is true, the
    /// original is kept.
    pub(super) fn of(
        bytes: Vec<u8>,
        role: Role,
        name: &Arc<str>,
        location: &Location,
        policy: &Policy,
        follow: bool,
        keep: bool,
    ) -> Self {
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) if role == Role::File => return Self::file(base64(error.as_bytes())),
            Err(error) => {
                let offset = error.utf8_error().valid_up_to();
                let good = error
                    .as_bytes()
                    .get(..offset)
                    .and_then(|good| str::from_utf8(good).ok());
                let good = good.unwrap_or_default();
                let place = Place::at(name, good, Mark::find(good, offset));
                let message = "invalid UTF-8; save the file as UTF-8";
                let problem = Problem::new(&NOT_UTF8, place, message);
                return Self {
                    problems: vec![problem],
                    ..Self::file(String::new())
                };
            }
        };
        if role == Role::File && !VERSION_KEYS.iter().any(|key| text.contains(key)) {
            return Self::file(text);
        }
        let mut draft = Draft {
            name,
            location,
            policy,
            text: &text,
            problems: Vec::new(),
            cap: Cap::default(),
            references: Vec::new(),
        };
        let document = match parse(&text, role) {
            Ok(document) => document,
            Err(errors) => {
                for error in errors {
                    draft.add(&SYNTAX, error.mark(), error.message());
                }
                let problems = draft.problems;
                return Self {
                    problems,
                    ..Self::file(text)
                };
            }
        };
        for duplicate in &document.duplicates {
            draft.duplicate(duplicate);
        }
        let original = keep.then(|| document.clone());
        let mut root = document.root;
        let is_template = is_template(&root);
        match role {
            Role::Environment => environment::check(&mut draft, &mut root),
            Role::Template | Role::Nested | Role::File if is_template => {
                if follow {
                    references::resolve(&mut draft, &mut root);
                }
            }
            Role::Template => draft.add(&NOT_A_TEMPLATE, root.start, not_a_template(&root)),
            Role::Nested | Role::File => {}
        }
        let Draft {
            mut problems,
            cap,
            references,
            ..
        } = draft;
        problems.extend(cap.omitted(name));
        let is_verbatim = !is_template || (role == Role::File && references.is_empty());
        let parameters = if is_template {
            parameter_types(&root)
        } else {
            BTreeMap::new()
        };
        let json = match role {
            Role::Environment => None,
            Role::Nested | Role::File if is_verbatim => None,
            _ => Some(root.to_json()),
        };
        let (content, written) = match (json, original) {
            (Some(json), original) => (json, original.map(|original| (text, original))),
            (None, Some(original)) => (text.clone(), Some((text, original))),
            (None, None) => (text, None),
        };
        Self {
            content,
            references,
            problems,
            is_template,
            parameters,
            root: matches!(role, Role::Template | Role::Environment).then_some(root),
            written,
        }
    }

    fn file(content: String) -> Self {
        Self {
            content,
            references: Vec::new(),
            problems: Vec::new(),
            is_template: false,
            parameters: BTreeMap::new(),
            root: None,
            written: None,
        }
    }
}

/// Parses a template as JSON if it begins with `{`, else as YAML; an environment always as YAML. Like python-heatclient,
/// removes white space around a template, even at the end of a block scalar. A byte order mark is removed as well; the
/// template is YAML then.
fn parse(text: &str, role: Role) -> Result<Document, Vec<yaml::Error>> {
    if role == Role::Environment {
        return Document::parse(text);
    }
    let text = text.trim_end_matches(is_white_space);
    let start = text.trim_start_matches(is_white_space);
    let is_json = start.starts_with('{');
    let start = start.trim_start_matches(|c| is_white_space(c) || c == '\u{FEFF}');
    let origin = Mark::find(text, text.len() - start.len());
    let document = if is_json {
        Document::parse_json(start)
    } else {
        Document::parse(start)
    };
    let shifted = |errors: Vec<yaml::Error>| {
        let errors = errors.into_iter();
        errors.map(|error| error.shifted(origin)).collect()
    };
    document
        .map(|document| document.shifted(origin))
        .map_err(shifted)
}

/// Whether Python's `str.strip` removes the character.
fn is_white_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1C}'..='\u{1F}').contains(&c)
}

fn is_template(root: &Node) -> bool {
    root.as_mapping()
        .is_some_and(|members| VERSION_KEYS.iter().any(|key| members.contains_key(*key)))
}

fn not_a_template(root: &Node) -> String {
    let keys = VERSION_KEYS.join(", ");
    match &root.content {
        Content::Null => "the template is empty".to_owned(),
        Content::Mapping(_) => {
            format!("Template format version not found; expected one of the keys {keys}")
        }
        _ => format!(
            "the template is {}; expected a mapping with one of the keys {keys}",
            root.kind()
        ),
    }
}

/// The declared types of parameters, in lower case.
fn parameter_types(root: &Node) -> BTreeMap<String, String> {
    let declared = root.get("parameters").or_else(|| root.get("Parameters"));
    let declared = declared.and_then(Node::as_mapping).into_iter().flatten();
    declared
        .filter_map(|(name, declaration)| {
            let declaration = &declaration.value;
            let kind = declaration.get("type").or_else(|| declaration.get("Type"));
            Some((name.clone(), kind?.as_text()?.to_ascii_lowercase()))
        })
        .collect()
}

/// The content of a file as it is sent to Heat: its text, or base64 if it is not UTF-8.
///
/// ```
/// use heatclient::template::content;
///
/// assert_eq!(content(b"#!/bin/sh".to_vec()), "#!/bin/sh");
/// assert_eq!(content(vec![0xff, 0xfe]), "//4=\n");
/// ```
pub fn content(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| base64(error.as_bytes()))
}

/// Base64 in lines of 76 characters (RFC 2045, 6.8), as OpenStack's clients send it.
fn base64(bytes: &[u8]) -> String {
    const LINE: usize = 57;
    bytes
        .chunks(LINE)
        .map(|line| STANDARD.encode(line) + "\n")
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// python-heatclient removes the white space as well.
    #[test]
    fn white_space_before_a_template_is_no_part_of_it() {
        let yaml = "heat_template_version: 2018-08-31\nresources: {}\nresources: {}\n";
        let json =
            "{\"heat_template_version\": \"2018-08-31\",\n\"resources\": {},\n\"resources\": {}}";
        for (before, line, column) in [
            ("", 1, 1),
            (" ", 1, 2),
            ("\t", 1, 2),
            ("\u{a0}", 1, 2),
            (" \u{3000}\u{2028}\u{85}", 1, 5),
            ("\n\n  ", 3, 3),
            ("\r\n ", 2, 2),
            ("\u{b}\u{c}\u{1c}", 1, 4),
            ("\u{feff}", 1, 2),
            ("\u{feff} ", 1, 3),
            (" \u{feff}\n", 2, 1),
        ] {
            for text in [yaml, json] {
                let whole = format!("{before}{text}\u{1f}\u{a0}\n");
                let document = parse(&whole, Role::Template).unwrap();
                let plain = parse(text, Role::Template).unwrap();
                assert_eq!(document.root.to_json(), plain.root.to_json());
                let start = document.root.start;
                assert_eq!((start.line, start.column), (line, column), "{before:?}");
                assert_eq!(start.offset as usize, before.len());
                let end = document.root.end as usize;
                assert_eq!(end - before.len(), plain.root.end as usize);
                let member = &document.root.as_mapping().unwrap()["resources"];
                assert_eq!((member.key.line, member.key.column), (line + 2, 1));
                let at = whole.get(member.key.offset as usize..).unwrap();
                assert!(at.trim_start_matches('"').starts_with("resources"), "{at}");
                assert_eq!(document.duplicates[0].second, member.key);
                assert_eq!(document.duplicates[0].first.line, line + 1);
            }
            let errors = parse(&format!("{before}a: !x 1\nb: !y 2\n"), Role::Template).unwrap_err();
            let marks = errors.iter().map(yaml::Error::mark);
            let marks: Vec<_> = marks.map(|mark| (mark.line, mark.column)).collect();
            assert_eq!(marks, [(line, column + 3), (line + 1, 4)], "{before:?}");
        }
    }

    #[test]
    fn blanks_before_the_first_key_alone_are_told() {
        let is_not = |line: u32| {
            format!("the first key is indented, but line {line} is not; remove the indentation")
        };
        for (text, role, expected) in [
            (
                "# a\n  b: 1\nc: 2\n",
                Role::Template,
                format!("line 2, column 1: {}", is_not(3)),
            ),
            (
                " b: 1\nc: 2\n",
                Role::Environment,
                format!("line 1, column 1: {}", is_not(2)),
            ),
            (
                "---\n b: 1\nc: 2\n",
                Role::Environment,
                format!("line 2, column 1: {}", is_not(3)),
            ),
            (
                "\u{feff} b: 1\nc: 2\n",
                Role::Environment,
                format!("line 1, column 1: {}", is_not(2)),
            ),
        ] {
            let errors = parse(text, role).unwrap_err();
            assert_eq!(errors[0].to_string(), expected, "{text:?}");
        }
    }
}
