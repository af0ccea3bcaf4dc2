//! Finds cycles in dependencies.

/// The cycles of a graph, given as the targets of each node. A cycle that shares a node with a returned
/// one may be left out. Each cycle begins with its lowest node.
pub(super) fn find_cycles(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let core = core(edges);
    let is_core = |node: usize| core.get(node).copied().unwrap_or(false);
    let mut seen = vec![false; edges.len()];
    let mut found = Vec::new();
    for start in (0..edges.len()).filter(|node| is_core(*node)) {
        let mut path = Vec::new();
        let mut places = std::collections::HashMap::new();
        let mut next = Some(start);
        while let Some(node) = next {
            if let Some(place) = places.get(&node) {
                found.push(from_lowest(path.split_off(*place)));
                break;
            }
            match seen.get_mut(node) {
                Some(seen) if !*seen => *seen = true,
                _ => break,
            }
            places.insert(node, path.len());
            path.push(node);
            next = edges
                .get(node)
                .and_then(|targets| targets.iter().copied().find(|target| is_core(*target)));
        }
    }
    found
}

/// Whether each node remains when nodes without targets are removed repeatedly.
fn core(edges: &[Vec<usize>]) -> Vec<bool> {
    let mut sources = vec![Vec::new(); edges.len()];
    let mut count: Vec<usize> = edges.iter().map(Vec::len).collect();
    for (source, targets) in edges.iter().enumerate() {
        for target in targets {
            if let Some(sources) = sources.get_mut(*target) {
                sources.push(source);
            }
        }
    }
    let ends = count.iter().enumerate().filter(|(_, count)| **count == 0);
    let mut ends: Vec<usize> = ends.map(|(node, _)| node).collect();
    while let Some(end) = ends.pop() {
        for source in sources.get(end).into_iter().flatten() {
            if let Some(count) = count.get_mut(*source) {
                *count -= 1;
                if *count == 0 {
                    ends.push(*source);
                }
            }
        }
    }
    count.into_iter().map(|count| count > 0).collect()
}

fn from_lowest(mut cycle: Vec<usize>) -> Vec<usize> {
    let lowest = cycle.iter().enumerate().min_by_key(|(_, node)| **node);
    let place = lowest.map_or(0, |(place, _)| place);
    cycle.rotate_left(place);
    cycle
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_are_found() {
        for (edges, expected) in [
            (vec![], vec![]),
            (vec![vec![1], vec![2], vec![]], vec![]),
            (vec![vec![0]], vec![vec![0]]),
            (vec![vec![1], vec![2], vec![1]], vec![vec![1, 2]]),
            (
                vec![vec![2], vec![0], vec![1, 3], vec![]],
                vec![vec![0, 2, 1]],
            ),
            (
                vec![vec![1, 2], vec![0], vec![3], vec![2], vec![0]],
                vec![vec![0, 1], vec![2, 3]],
            ),
            (vec![vec![1, 1], vec![0, 0]], vec![vec![0, 1]]),
        ] {
            assert_eq!(find_cycles(&edges), expected, "{edges:?}");
        }
    }

    #[test]
    fn long_chains_need_no_stack() {
        const LENGTH: usize = 200_000;
        let mut edges: Vec<Vec<usize>> = (1..=LENGTH).map(|next| vec![next]).collect();
        edges.push(vec![]);
        assert!(find_cycles(&edges).is_empty());
        edges[LENGTH].push(0);
        assert_eq!(find_cycles(&edges)[0].len(), LENGTH + 1);
    }
}
