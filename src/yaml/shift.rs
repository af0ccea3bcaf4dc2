//! Places of a text as places of a longer text of which it is the end.

use super::node::{Content, Mark, Node};
use super::{Document, Error};

impl Document {
    /// The document, whose text begins at `origin` of another text, with its places in that text.
    pub(crate) fn shifted(mut self, origin: Mark) -> Self {
        if origin != Mark::START {
            shift(&mut self.root, origin);
            for duplicate in &mut self.duplicates {
                duplicate.first = duplicate.first.shifted(origin);
                duplicate.second = duplicate.second.shifted(origin);
            }
        }
        self
    }
}

impl Error {
    /// The error, with its place in a text at whose `origin` the text begins that could not be read.
    pub(crate) fn shifted(mut self, origin: Mark) -> Self {
        self.at = self.at.shifted(origin);
        self
    }
}

impl Mark {
    fn shifted(self, origin: Self) -> Self {
        // What stands nowhere in the text has no line.
        if self.line == 0 {
            return self;
        }
        let column = match self.line {
            1 => self.column.saturating_add(origin.column.saturating_sub(1)),
            _ => self.column,
        };
        Self {
            offset: self.offset.saturating_add(origin.offset),
            line: self.line.saturating_add(origin.line.saturating_sub(1)),
            column,
        }
    }
}

fn shift(node: &mut Node, origin: Mark) {
    if node.start.line > 0 {
        node.end = node.end.saturating_add(origin.offset);
    }
    node.start = node.start.shifted(origin);
    match &mut node.content {
        Content::Sequence(items) => items.iter_mut().for_each(|item| shift(item, origin)),
        Content::Mapping(members) => {
            for member in members.values_mut() {
                member.key = member.key.shifted(origin);
                shift(&mut member.value, origin);
            }
        }
        _ => {}
    }
}
