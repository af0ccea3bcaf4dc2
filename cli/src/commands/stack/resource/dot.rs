//! Resources as a graph in the language of Graphviz (`-f dot`), with one cluster for each nested stack.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use heatclient::heat::Resource;
use ring::digest::{SHA256, digest};

/// A resource and the identifiers that its links give.
struct Node<'a> {
    resource: &'a Resource,
    id: String,
    stack: Option<String>,
    nested: Option<String>,
}

impl<'a> Node<'a> {
    fn new(resource: &'a Resource) -> Self {
        let link = |rel| {
            let links = resource.links.iter();
            let mut links = links.filter(|link| link.rel == rel && !link.href.is_empty());
            links.next_back().map(|link| hash(&link.href))
        };
        let stack = |rel| link(rel).map(|hash| format!("stack_{hash}"));
        Self {
            resource,
            id: link("self").map_or_else(|| "None".to_owned(), |hash| format!("r_{hash}")),
            stack: stack("stack"),
            nested: stack("nested"),
        }
    }

    fn draw(&self, out: &mut String, indentation: &str) {
        let failed = self.resource.status.to_string().ends_with("FAILED");
        let style = if failed { "style=filled color=red" } else { "" };
        let (name, kind) = (&self.resource.name, &self.resource.resource_type);
        let (id, name, kind) = (&self.id, escaped(name), escaped(kind));
        line(
            out,
            format_args!("{indentation}{id} [label=\"{name}\n{kind}\" {style}];"),
        );
    }
}

/// A nested stack: the resource that has it, its identifier and its resources.
type Cluster<'a> = (&'a Node<'a>, &'a str, &'a [&'a Node<'a>]);

/// The graph, without a line feed at its end.
pub(super) fn graph(resources: &[Resource]) -> String {
    let nodes: Vec<Node<'_>> = resources.iter().map(Node::new).collect();
    let mut stacks: HashMap<&str, Vec<&Node<'_>>> = HashMap::new();
    let mut order = Vec::new();
    for node in &nodes {
        if let Some(stack) = node.stack.as_deref() {
            let inner = stacks.entry(stack).or_insert_with(|| {
                order.push(stack);
                Vec::new()
            });
            inner.push(node);
        }
    }
    let nested = nodes.iter().filter_map(|node| node.nested.as_deref());
    let nested: HashSet<&str> = nested.collect();
    let of_node = nodes.iter().filter_map(|node| {
        let stack = node.nested.as_deref()?;
        Some((node, stack, stacks.get(stack)?.as_slice()))
    });
    let clusters: Vec<Cluster<'_>> = of_node.collect();

    let mut out = String::from(
        "digraph G {\n  graph [\n    fontsize=10 fontname=\"Verdana\" compound=true rankdir=LR\n  ]\n",
    );
    for stack in order.iter().filter(|stack| !nested.contains(*stack)) {
        for node in stacks.get(stack).into_iter().flatten() {
            node.draw(&mut out, "  ");
        }
        out.push('\n');
    }
    for cluster in &clusters {
        draw_cluster(&mut out, cluster);
    }
    for cluster in &clusters {
        draw_link(&mut out, cluster);
    }
    out.push('\n');
    draw_dependencies(&mut out, &nodes);
    out.push_str("\n}");
    out
}

fn draw_cluster(out: &mut String, (outer, stack, inner): &Cluster<'_>) {
    line(out, format_args!("  subgraph cluster_{stack} {{"));
    let label = escaped(&outer.resource.name);
    line(out, format_args!("    label=\"{label}\";"));
    for node in *inner {
        node.draw(out, "    ");
    }
    out.push_str("\n  }\n\n");
}

/// The line from a resource to its nested stack.
fn draw_link(out: &mut String, (outer, stack, inner): &Cluster<'_>) {
    let Some(first) = inner.first() else { return };
    line(out, format_args!("  {} -> {} [", outer.id, first.id));
    line(
        out,
        format_args!("    color=dimgray lhead=cluster_{stack} arrowhead=none\n  ];"),
    );
}

fn draw_dependencies(out: &mut String, nodes: &[Node<'_>]) {
    fn stack<'a>(node: &'a Node<'_>) -> &'a str {
        node.stack.as_deref().unwrap_or_default()
    }
    let within = nodes.iter().filter(|node| node.stack.is_some());
    let places: HashMap<(&str, &str), &Node<'_>> = within
        .map(|node| ((stack(node), node.resource.name.as_str()), node))
        .collect();
    for node in nodes {
        for name in &node.resource.required_by {
            if let Some(other) = places.get(&(stack(node), name.as_str())) {
                line(out, format_args!("  {} -> {};", node.id, other.id));
            }
        }
    }
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{text}");
}

/// The first 20 digits of the SHA-256 of a URL. Equal URLs give equal identifiers, as in python-heatclient.
fn hash(url: &str) -> String {
    let digest = digest(&SHA256, url.as_bytes());
    digest
        .as_ref()
        .iter()
        .take(10)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A text within quotes.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn graphs_are_those_of_python_heatclient() {
        let cases = include_str!("../../../../tests/formats/dot.jsonl");
        assert_eq!(cases.lines().count(), 3);
        for case in cases.lines() {
            let case: Value = serde_json::from_str(case).unwrap();
            let resources: Vec<Resource> =
                serde_json::from_value(case["resources"].clone()).unwrap();
            assert_eq!(
                format!("{}\n", graph(&resources)),
                case["out"].as_str().unwrap()
            );
        }
    }

    #[test]
    fn names_cannot_end_a_label() {
        let resource = serde_json::json!({
            "resource_name": "a\"];\\", "resource_type": "t", "resource_status": "CREATE_COMPLETE",
            "links": [{"rel": "self", "href": "u"}, {"rel": "stack", "href": "s"}],
        });
        let graph = graph(&[serde_json::from_value(resource).unwrap()]);
        assert!(graph.contains(r#"[label="a\"];\\"#), "{graph}");
    }
}
