//! Builds one tree from the parser's events: places, anchors, aliases and limits.

use std::collections::HashMap;

use granit_parser::{Event, ScalarStyle, StructureStyle, YamlVersion};

use super::collection::{Findings, Kind, Part, value};
use super::node::{Content, Mark, Node};
use super::spelling::{Span, Spelling};
use super::{Document, Error, place, tag};

pub(super) const MAX_TEXT: usize = 64 << 20;
pub(super) const MAX_NODES: usize = 1_000_000;
pub(super) const MAX_DEPTH: usize = 255;
/// How many nodes aliases may repeat in any document, and in addition for each written node.
const MAX_REPEATED: usize = 20_000;
const MAX_REPEATED_FOR_EACH: usize = 50;
const MAX_COPIED: usize = 16 << 20;

pub(super) fn compose(text: &str) -> Result<Document, Vec<Error>> {
    if text.len() > MAX_TEXT {
        let error = Error::new(Mark::START, "the document is longer than 64 MiB");
        return Err(vec![error]);
    }
    refuse_characters(text).map_err(|error| vec![error])?;
    let refused = match read(text, &Spelling::of(text)) {
        Ok(document) => return Ok(document),
        Err(refused) => refused,
    };
    match Spelling::of_yaml_1_1(text).map(|spelling| read(text, &spelling)) {
        Some(Ok(document)) => Ok(document),
        Some(Err(again)) if again.is_complete => Err(again.errors),
        _ => Err(refused.errors),
    }
    .map_err(|errors| explained(text, errors))
}

/// Replaces or extends messages of the parser that do not say what to do.
fn explained(text: &str, mut errors: Vec<Error>) -> Vec<Error> {
    for error in &mut errors {
        if error.message == "recursion limit exceeded" {
            error.message = format!("the document is nested deeper than {MAX_DEPTH} levels");
        } else if let Some(advice) = advice(&error.message) {
            error.message = format!("{}; {advice}", error.message);
        }
    }
    // If the first key is indented and the next one is not, the parser sees the end of the document between them.
    let is_ended = |error: &&mut Error| error.message.contains("<document start>");
    let Some(error) = errors.last_mut().filter(is_ended) else {
        return errors;
    };
    let mut offset = 0;
    let content = text.split_inclusive('\n').find_map(|line| {
        let start = offset;
        offset += line.len();
        let written = line.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}');
        let is_content =
            !written.is_empty() && !written.starts_with(['#', '%']) && !line.starts_with("---");
        is_content.then_some((start, line.len() - written.len()))
    });
    if let Some((start, blanks)) = content
        && blanks > 0
    {
        let line = error.at.line;
        let message =
            format!("the first key is indented, but line {line} is not; remove the indentation");
        *error = Error::new(Mark::find(text, start), message);
    }
    errors
}

/// What to do about a syntax error, if the parser's message does not say it.
fn advice(message: &str) -> Option<&'static str> {
    if message.contains("mapping values are not allowed") {
        Some("check the indentation, or quote the value")
    } else if message.contains("did not find expected key") {
        Some("check the indentation")
    } else if message.starts_with("unexpected character") {
        Some("quote the value")
    } else {
        None
    }
}

/// The faults of a document, and whether the whole document was read.
struct Refused {
    errors: Vec<Error>,
    is_complete: bool,
}

fn read(text: &str, spelling: &Spelling<'_>) -> Result<Document, Refused> {
    let mut composer = Composer::new(text);
    let mut is_complete = true;
    for event in spelling.events() {
        if let Err(error) = event.and_then(|(event, span)| composer.feed(event, span)) {
            composer.findings.faults.push(error);
            is_complete = false;
            break;
        }
    }
    if composer.findings.faults.is_empty() {
        Ok(Document {
            root: composer.root.unwrap_or(Node::new(Content::Null)),
            duplicates: composer.findings.duplicates,
        })
    } else {
        Err(Refused {
            errors: composer.findings.faults,
            is_complete,
        })
    }
}

/// Rejects characters that YAML does not allow, and line breaks of YAML 1.1 that are text in YAML 1.2: the parser and
/// PyYAML would count lines differently.
fn refuse_characters(text: &str) -> Result<(), Error> {
    let refused = |c: char| match c {
        '\t' | '\n' | '\r' => false,
        '\u{2028}' | '\u{2029}' | '\u{FFFE}' | '\u{FFFF}' => true,
        c => c.is_control(),
    };
    let Some((offset, c)) = text.char_indices().find(|(_, c)| refused(*c)) else {
        return Ok(());
    };
    let code = u32::from(c);
    Err(Error::new(
        Mark::find(text, offset),
        format!("the character U+{code:04X} is not allowed; write it as an escape"),
    ))
}

/// The size of a node, which counts again for each alias.
#[derive(Clone, Copy, Debug)]
struct Weight {
    /// The number of nodes, keys included.
    nodes: usize,
    text: usize,
    depth: usize,
}

impl Weight {
    const EMPTY: Self = Self {
        nodes: 1,
        text: 0,
        depth: 0,
    };

    /// The weight of a scalar.
    fn of(node: &Node) -> Self {
        let text = match &node.content {
            Content::Text(text) => text.len(),
            Content::Number(number) => number.len(),
            _ => 0,
        };
        Self {
            text,
            ..Self::EMPTY
        }
    }

    fn add(&mut self, child: Self) {
        self.nodes = self.nodes.saturating_add(child.nodes);
        self.text = self.text.saturating_add(child.text);
        self.depth = self.depth.max(child.depth + 1);
    }
}

#[derive(Debug)]
struct Anchor {
    part: Part,
    weight: Weight,
}

/// A collection whose end is not read yet.
#[derive(Debug)]
struct Open {
    kind: Kind,
    anchor: usize,
    start: Mark,
    /// The weight of its members so far, summed up to avoid another pass.
    weight: Weight,
    /// The end of its last member.
    end: u32,
    flow: bool,
}

#[derive(Debug)]
struct Composer<'a> {
    text: &'a str,
    /// The end of the last event.
    reached: Mark,
    documents: usize,
    root: Option<Node>,
    open: Vec<Open>,
    anchors: HashMap<usize, Anchor>,
    /// The places of the anchor names.
    names: HashMap<String, Mark>,
    /// The number of all nodes, of written nodes, and of nodes that aliases repeat.
    nodes: usize,
    written: usize,
    repeated: usize,
    /// The bytes of text copied for anchors and aliases.
    copied: usize,
    findings: Findings,
}

impl<'a> Composer<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            reached: Mark::START,
            documents: 0,
            root: None,
            open: Vec::new(),
            anchors: HashMap::new(),
            names: HashMap::new(),
            nodes: 0,
            written: 0,
            repeated: 0,
            copied: 0,
            findings: Findings::default(),
        }
    }

    fn feed(&mut self, event: Event<'_>, span: Span) -> Result<(), Error> {
        let Span { start, end, tag } = span;
        let at = tag.map_or(start, |(tag, _)| tag);
        match event {
            Event::DocumentStart(explicit, version) => {
                self.start_document(version, at)?;
                // Without `---`, the span is that of the first token, which follows.
                if !explicit {
                    return Ok(());
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                let written = end.offset > start.offset;
                if !written && style == ScalarStyle::Plain && anchor == 0 && tag.is_none() {
                    self.refuse_absent_key(at)?;
                }
                let (start, end) = match style {
                    ScalarStyle::Literal | ScalarStyle::Folded => self.block_scalar(span)?,
                    _ => (start, end.offset),
                };
                if written {
                    self.refuse_tab(at)?;
                    if style == ScalarStyle::Plain {
                        self.refuse_indicator(start)?;
                        self.refuse_tab_within(start, end)?;
                    }
                }
                let part = match tag::scalar(text, style, tag.as_deref(), (start, end)) {
                    Ok(part) => part,
                    Err(message) => Part::Node(self.findings.fault(at, message)?),
                };
                let (Part::Node(node) | Part::Merge(node) | Part::Equals(node)) = &part;
                let weight = Weight::of(node);
                self.finish(part, weight, anchor, at, end)?;
            }
            Event::SequenceStart(style, anchor, tag) => {
                let kind = tag::sequence(tag.as_deref());
                self.refuse_tab(at)?;
                let in_sequence = self.open.last().is_some_and(|open| open.kind.is_sequence());
                let (at, start) = if style == StructureStyle::Flow || in_sequence {
                    (at, start)
                } else {
                    let dash = place::first_dash(self.text, start);
                    (at.min(dash), dash)
                };
                self.begin(kind, anchor, (at, start), style)?;
            }
            Event::MappingStart(style, anchor, tag) => {
                let kind = tag::mapping(tag.as_deref());
                // In block style, the first key is checked instead.
                if style == StructureStyle::Flow {
                    self.refuse_tab(at)?;
                }
                self.begin(kind, anchor, (at, start), style)?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                // A collection without brackets ends with its last node.
                let bracket = (end.offset > start.offset).then_some(end.offset);
                self.end(at, bracket)?;
            }
            Event::Anchor(_, name) => return self.name(&name, at),
            Event::Alias(id) => {
                self.refuse_tab(at)?;
                self.repeat(id, at, end.offset)?;
            }
            Event::UnresolvedAlias(name) => {
                let message = format!("no anchor `&{name}` is defined before this alias");
                let node = self.findings.fault(at, message)?;
                let weight = Weight::of(&node);
                self.finish(Part::Node(node), weight, 0, at, end.offset)?;
            }
            _ => {}
        }
        self.reached = end;
        Ok(())
    }

    fn start_document(&mut self, version: Option<YamlVersion>, at: Mark) -> Result<(), Error> {
        self.documents += 1;
        if self.documents > 1 {
            return Err(Error::new(
                at,
                "a second document starts here; only one is allowed",
            ));
        }
        match version {
            None
            | Some(YamlVersion {
                major: 1,
                minor: 1 | 2,
            }) => Ok(()),
            Some(YamlVersion { major, minor }) => Err(Error::new(
                at,
                format!("YAML {major}.{minor} is not supported"),
            )),
        }
    }

    fn begin(
        &mut self,
        kind: Result<Kind, String>,
        anchor: usize,
        (at, start): (Mark, Mark),
        style: StructureStyle,
    ) -> Result<(), Error> {
        let kind = match kind {
            Ok(kind) => kind,
            Err(message) => {
                self.findings.fault(at, message)?;
                Kind::Unknown
            }
        };
        self.open.push(Open {
            kind,
            anchor,
            start,
            weight: Weight::EMPTY,
            end: start.offset,
            flow: style == StructureStyle::Flow,
        });
        check_depth(self.open.len(), at)
    }

    fn end(&mut self, at: Mark, bracket: Option<u32>) -> Result<(), Error> {
        let Some(open) = self.open.pop() else {
            return Err(Error::new(at, "unexpected end of a collection"));
        };
        let node = Node {
            content: open.kind.into_content(),
            start: open.start,
            end: bracket.unwrap_or(open.end),
        };
        let end = node.end;
        self.finish(Part::Node(node), open.weight, open.anchor, open.start, end)
    }

    /// Adds a node to its collection. Keeps a copy for aliases if it has an anchor.
    fn finish(
        &mut self,
        part: Part,
        weight: Weight,
        anchor: usize,
        at: Mark,
        end: u32,
    ) -> Result<(), Error> {
        self.charge(1, at)?;
        self.written += 1;
        if anchor != 0 {
            self.charge(weight.nodes, at)?;
            self.charge_text(weight.text, at)?;
            let part = part.clone();
            self.anchors.insert(anchor, Anchor { part, weight });
        }
        self.place(part, weight, at, end)
    }

    fn repeat(&mut self, id: usize, at: Mark, end: u32) -> Result<(), Error> {
        let Some(anchor) = self.anchors.get(&id) else {
            return Err(Error::new(
                at,
                "the alias is inside the node that it repeats",
            ));
        };
        let weight = anchor.weight;
        check_depth(self.open.len() + weight.depth, at)?;
        self.repeated = self.repeated.saturating_add(weight.nodes);
        let limit = MAX_REPEATED + MAX_REPEATED_FOR_EACH * self.written;
        if self.repeated > limit {
            let repeated = self.repeated;
            return Err(Error::new(
                at,
                format!("the aliases up to here repeat {repeated} nodes; the limit is {limit}"),
            ));
        }
        self.charge(weight.nodes, at)?;
        self.charge_text(weight.text, at)?;
        let part = self.anchors.get(&id).map(|anchor| anchor.part.clone());
        part.map_or(Ok(()), |part| self.place(part, weight, at, end))
    }

    fn place(&mut self, part: Part, weight: Weight, at: Mark, end: u32) -> Result<(), Error> {
        if let Some(open) = self.open.last_mut() {
            open.end = end;
            open.weight.add(weight);
            return open.kind.put(part, at, &mut self.findings);
        }
        self.root = Some(value(part, at, &mut self.findings)?);
        Ok(())
    }

    /// Records the anchor name of the last node. PyYAML allows each name once, and fewer characters than YAML
    /// 1.2, which reads `&a: b` as an anchor named `a:`.
    fn name(&mut self, name: &str, at: Mark) -> Result<(), Error> {
        let odd = |c: &char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
        let message = match (name.chars().find(odd), self.names.get(name)) {
            (Some(c), _) => {
                format!("an anchor name cannot contain `{c}`; use letters, digits, `-` and `_`")
            }
            (None, Some(first)) => {
                let line = first.line;
                format!(
                    "the anchor `&{name}` is already defined on line {line}; choose another name"
                )
            }
            (None, None) => {
                self.names.insert(name.to_owned(), at);
                return Ok(());
            }
        };
        self.findings.fault(at, message).map(drop)
    }

    fn block_scalar(&self, span: Span) -> Result<(Mark, u32), Error> {
        let (start, end) = place::block_scalar(self.text, self.reached, span);
        if self.open.is_empty() && !place::is_indented(self.text, start, end) {
            let message = "the lines of a block scalar must be indented";
            return Err(Error::new(start, message));
        }
        Ok((start, end))
    }

    /// In YAML 1.1 the key before a `:` may be absent only after a `?`.
    fn refuse_absent_key(&mut self, at: Mark) -> Result<(), Error> {
        let is_key = self.open.last().is_some_and(|open| open.kind.wants_key());
        let (before, behind) = self
            .text
            .split_at_checked(at.offset as usize)
            .unwrap_or_default();
        if !is_key || !behind.starts_with(':') || before.trim_end().ends_with('?') {
            return Ok(());
        }
        let message = "no key before this `:`";
        self.findings.fault(at, message).map(drop)
    }

    /// In flow collections, YAML 1.1 reads `?` and `:` as indicators even if no blank follows.
    fn refuse_indicator(&mut self, start: Mark) -> Result<(), Error> {
        let rest = self.text.get(start.offset as usize..).unwrap_or_default();
        if !self.open.last().is_some_and(|open| open.flow) || !rest.starts_with(['?', ':']) {
            return Ok(());
        }
        let message = "text inside `[]` or `{}` cannot begin with `?` or `:`; quote it";
        self.findings.fault(start, message).map(drop)
    }

    fn refuse_tab(&mut self, at: Mark) -> Result<(), Error> {
        if self.open.last().is_some_and(|open| open.flow) || !place::tab_indents(self.text, at) {
            return Ok(());
        }
        self.findings
            .fault(at, "tab used for indentation; use spaces")
            .map(drop)
    }

    /// Checks the continuation lines of a plain scalar for tabs.
    fn refuse_tab_within(&mut self, start: Mark, end: u32) -> Result<(), Error> {
        let in_flow = self.open.last().is_some_and(|open| open.flow);
        let written = self.text.get(start.offset as usize..end as usize);
        let tab = written.and_then(|written| written.find("\n\t"));
        match tab.filter(|_| !in_flow) {
            None => Ok(()),
            Some(at) => {
                let at = start.seek(self.text, start.offset as usize + at + 1);
                self.refuse_tab(at.seek(self.text, at.offset as usize + 1))
            }
        }
    }

    fn charge(&mut self, nodes: usize, at: Mark) -> Result<(), Error> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > MAX_NODES {
            return Err(Error::new(
                at,
                "the document has more than a million nodes after aliases are expanded",
            ));
        }
        Ok(())
    }

    fn charge_text(&mut self, length: usize, at: Mark) -> Result<(), Error> {
        self.copied = self.copied.saturating_add(length);
        if self.copied > MAX_COPIED {
            return Err(Error::new(
                at,
                "the anchors and aliases repeat more than 16 MiB of text",
            ));
        }
        Ok(())
    }
}

fn check_depth(depth: usize, at: Mark) -> Result<(), Error> {
    if depth > MAX_DEPTH {
        return Err(Error::new(
            at,
            format!("the document is nested deeper than {MAX_DEPTH} levels"),
        ));
    }
    Ok(())
}
