//! The references between documents as a graph.

use super::document::Need;
use super::problem::Place;
use super::walk::Entry;

/// One reference.
#[derive(Debug)]
pub(super) struct Edge {
    /// The number of the document that it leads to.
    pub(super) to: usize,
    pub(super) place: Place,
    /// Whether the other document is the type of a resource.
    pub(super) is_nested: bool,
    pub(super) need: Need,
}

/// A way from a document back to itself, if there is one: its references in their order.
pub(super) fn cycle(entries: &[Entry]) -> Option<Vec<&Edge>> {
    let mut is_done = vec![false; entries.len()];
    (0..entries.len()).find_map(|start| cycle_from(entries, start, &mut is_done))
}

fn cycle_from<'a>(
    entries: &'a [Entry],
    start: usize,
    is_done: &mut [bool],
) -> Option<Vec<&'a Edge>> {
    // Each step of the way: the document, how many of its references were tried, and the one that led to it.
    let mut way: Vec<(usize, usize, Option<&'a Edge>)> = vec![(start, 0, None)];
    while let Some((id, tried, _)) = way.last_mut() {
        let id = *id;
        let edge = entries.get(id).and_then(|entry| entry.edges.get(*tried));
        *tried += 1;
        let Some(edge) = edge else {
            way.pop();
            if let Some(done) = is_done.get_mut(id) {
                *done = true;
            }
            continue;
        };
        if let Some(first) = way.iter().position(|(id, ..)| *id == edge.to) {
            let edges = way.iter().skip(first + 1).filter_map(|(_, _, edge)| *edge);
            return Some(edges.chain([edge]).collect());
        }
        if is_done.get(edge.to) == Some(&false) {
            way.push((edge.to, 0, Some(edge)));
        }
    }
    None
}

/// The longest way through types of resources, from a document that was asked for. For graphs without cycles.
pub(super) fn depth(entries: &[Entry]) -> usize {
    // References lead on from known documents, so that a document may be known before one that refers to it.
    let mut depths = vec![0; entries.len()];
    for _ in 0..entries.len() {
        let mut is_settled = true;
        for (id, entry) in entries.iter().enumerate() {
            let below = depths.get(id).copied().unwrap_or(0);
            for edge in &entry.edges {
                let Some(depth) = depths.get_mut(edge.to) else {
                    continue;
                };
                let is_stack = edge.is_nested && edge.need > Need::Nothing;
                let through = below + usize::from(is_stack);
                if *depth < through {
                    *depth = through;
                    is_settled = false;
                }
            }
        }
        if is_settled {
            break;
        }
    }
    depths.into_iter().max().unwrap_or(0)
}
