//! The references between documents as a graph.

use super::problem::Place;
use super::role::Need;

/// One reference.
#[derive(Debug)]
pub(super) struct Edge {
    /// The number of the target document.
    pub(super) to: usize,
    pub(super) place: Place,
    /// Whether the other document is the type of a resource.
    pub(super) is_nested: bool,
    pub(super) need: Need,
}

/// The state of a document in the search.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Not,
    /// Its position on the current path.
    OnPath(usize),
    Done,
}

/// A cycle, if there is one: its references in their order. `references` has those of each document.
pub(super) fn cycle<'a>(references: &[&'a [Edge]]) -> Option<Vec<&'a Edge>> {
    let mut seen = vec![Seen::Not; references.len()];
    (0..references.len()).find_map(|start| cycle_from(references, start, &mut seen))
}

fn cycle_from<'a>(
    references: &[&'a [Edge]],
    start: usize,
    seen: &mut [Seen],
) -> Option<Vec<&'a Edge>> {
    if seen.get(start) != Some(&Seen::Not) {
        return None;
    }
    let mut set = |id: usize, state| {
        seen.get_mut(id)
            .map_or(Seen::Done, |seen| std::mem::replace(seen, state))
    };
    set(start, Seen::OnPath(0));
    // Each step of the path: the document, how many of its references were tried, and the one that led to it.
    let mut path: Vec<(usize, usize, Option<&'a Edge>)> = vec![(start, 0, None)];
    while let Some((id, tried, _)) = path.last_mut() {
        let id = *id;
        let edge = references.get(id).and_then(|edges| edges.get(*tried));
        *tried += 1;
        let Some(edge) = edge else {
            path.pop();
            set(id, Seen::Done);
            continue;
        };
        match set(edge.to, Seen::OnPath(path.len())) {
            Seen::Not => path.push((edge.to, 0, Some(edge))),
            Seen::Done => {
                set(edge.to, Seen::Done);
            }
            Seen::OnPath(first) => {
                let edges = path.iter().skip(first + 1).filter_map(|(_, _, edge)| *edge);
                return Some(edges.chain([edge]).collect());
            }
        }
    }
    None
}

/// The most levels of nested templates below a requested document. The graph must not have cycles.
pub(super) fn depth(references: &[&[Edge]]) -> usize {
    // A document is settled when all documents that refer to it are. Each reference is visited once.
    let mut open = vec![0_usize; references.len()];
    for edge in references.iter().copied().flatten() {
        if let Some(open) = open.get_mut(edge.to) {
            *open += 1;
        }
    }
    let settled = open.iter().enumerate().filter(|(_, open)| **open == 0);
    let mut settled: Vec<usize> = settled.map(|(id, _)| id).collect();
    let mut depths = vec![0; references.len()];
    while let Some(id) = settled.pop() {
        let below = depths.get(id).copied().unwrap_or(0);
        for edge in references.get(id).copied().into_iter().flatten() {
            let (Some(depth), Some(open)) = (depths.get_mut(edge.to), open.get_mut(edge.to)) else {
                continue;
            };
            let is_stack = edge.is_nested && edge.need > Need::Nothing;
            *depth = (*depth).max(below + usize::from(is_stack));
            *open -= 1;
            if *open == 0 {
                settled.push(edge.to);
            }
        }
    }
    depths.into_iter().max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hang::ends;

    fn edges(targets: &[usize]) -> Vec<Edge> {
        let edge = |to: &usize| Edge {
            to: *to,
            place: Place::whole(&"a".into()),
            is_nested: true,
            need: Need::Template,
        };
        targets.iter().map(edge).collect()
    }

    /// The documents of the cycle that is found, and the depth if there is none.
    fn seen(graph: &[Vec<Edge>]) -> Result<usize, Vec<usize>> {
        let graph: Vec<_> = graph.iter().map(Vec::as_slice).collect();
        match cycle(&graph) {
            Some(cycle) => Err(cycle.iter().map(|edge| edge.to).collect()),
            None => Ok(depth(&graph)),
        }
    }

    #[test]
    fn cycles_and_depths() {
        for (graph, expected) in [
            (&[][..], Ok(0)),
            (&[&[][..]], Ok(0)),
            (&[&[1, 1][..], &[]], Ok(1)),
            (&[&[1, 2][..], &[3], &[1], &[]], Ok(3)),
            (&[&[][..], &[0], &[1]], Ok(2)),
            (&[&[0][..]], Err(vec![0])),
            (&[&[1][..], &[2], &[1]], Err(vec![2, 1])),
            (&[&[1, 2][..], &[], &[3], &[0]], Err(vec![2, 3, 0])),
            (&[&[1][..], &[], &[3], &[2]], Err(vec![3, 2])),
        ] {
            let graph: Vec<_> = graph.iter().map(|targets| edges(targets)).collect();
            assert_eq!(seen(&graph), expected);
        }
    }

    #[test]
    fn long_ways_take_linear_time() {
        const LENGTH: usize = 200_000;
        ends(|| {
            let down = (1..=LENGTH).map(|next| edges(&[next]));
            let mut down: Vec<_> = down.chain([Vec::new()]).collect();
            assert_eq!(seen(&down), Ok(LENGTH));
            // Each document refers to the one before it.
            let up = (0..LENGTH).map(|next| edges(&[next]));
            let up: Vec<_> = [Vec::new()].into_iter().chain(up).collect();
            assert_eq!(seen(&up), Ok(LENGTH));
            if let Some(last) = down.last_mut() {
                *last = edges(&[0]);
            }
            assert_eq!(seen(&down).map_err(|cycle| cycle.len()), Err(LENGTH + 1));
        });
    }
}
