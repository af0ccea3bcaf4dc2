//! Converts places in the end of a text to places in the whole text.

use super::node::{Content, Mark, Node};
use super::{Document, Error};

impl Document {
    /// Converts the places of a document that begins at `origin` of a longer text.
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
    /// Converts the place of an error in a document that begins at `origin` of a longer text.
    pub(crate) fn shifted(mut self, origin: Mark) -> Self {
        self.at = self.at.shifted(origin);
        self
    }
}

impl Mark {
    fn shifted(self, origin: Self) -> Self {
        // A node without a place has the line 0.
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
