//! All documents of one package: their problems, and their content to send.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use super::cap::Cap;
use super::document::Loaded;
use super::graph::{self, Edge};
use super::lint::{self, LintDocument, Stack};
use super::location::Location;
use super::problem::{Place, Problem};
use super::role::{Need, Role, VERSION_KEYS};
use super::rules::{NOT_A_TEMPLATE, REFERENCE_CYCLE, Severity, TOO_MANY_PROBLEMS, UNREADABLE};
use super::shown::size;
use super::strategies::Declared;
use crate::yaml::Node;

/// How many of the references that led to its document a problem lists. Heat's default limit of nesting is 5.
const LONGEST_CHAIN: usize = 32;
/// How many documents of a cycle are named.
const MOST_NAMES: usize = 10;

/// All documents, numbered in the order in which they were found.
#[derive(Debug, Default)]
pub(super) struct Documents(Vec<Entry>);

/// One document.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: Arc<str>,
    pub(super) location: Location,
    /// The content, if it was given.
    pub(super) given: Option<Arc<str>>,
    /// Whether it may be requested with a token.
    pub(super) may_authenticate: bool,
    /// Whether the server required a token for it.
    pub(super) is_private: bool,
    pub(super) role: Role,
    pub(super) need: Need,
    /// Its URLs in the request.
    pub(super) urls: BTreeSet<String>,
    /// The first document that refers to it, and the place of the reference.
    pub(super) parent: Option<(usize, Place)>,
    pub(super) loaded: Option<Loaded>,
    /// Why it cannot be read.
    pub(super) failure: Option<String>,
    pub(super) edges: Vec<Edge>,
}

impl Documents {
    /// Adds a document and returns its number.
    pub(super) fn add(&mut self, entry: Entry) -> usize {
        self.0.push(entry);
        self.0.len() - 1
    }

    pub(super) fn get(&self, id: usize) -> Option<&Entry> {
        self.0.get(id)
    }

    pub(super) fn get_mut(&mut self, id: usize) -> Option<&mut Entry> {
        self.0.get_mut(id)
    }

    /// The problems of the documents and between them, in the order of documents and lines. `limit` is the most bytes
    /// of all files together.
    pub(super) fn problems(&self, limit: usize) -> Vec<Problem> {
        let mut found = Vec::new();
        // Problems between documents, by the document that reports them.
        let mut caps: BTreeMap<usize, Cap> = BTreeMap::new();
        let mut admits = |id: usize, problem: &Problem| {
            let cap = caps.entry(id).or_default();
            cap.admits(problem.rule, problem.severity)
        };
        for (id, entry) in self.0.iter().enumerate() {
            if let Some(why) = &entry.failure {
                let (id, problem) = self.unreadable(id, entry, why);
                if admits(id, &problem) {
                    found.push((id, self.with_chain(problem, id)));
                }
            }
            let Some(loaded) = &entry.loaded else {
                continue;
            };
            // A file that is only sent may have any content.
            let is_only_sent = entry.role == Role::File && !loaded.is_template;
            let own = loaded.problems.iter();
            for problem in own.filter(|_| !is_only_sent || entry.need > Need::Nothing) {
                let problem = self.with_chain(problem.clone(), id);
                let most = match entry.role {
                    Role::Nested if entry.need == Need::Nothing => Severity::Warning,
                    _ => Severity::Error,
                };
                found.push((id, problem.at_most(most)));
            }
            let wrong = entry
                .edges
                .iter()
                .filter_map(|edge| self.not_a_template(edge));
            let wrong = wrong.filter(|problem| admits(id, problem));
            found.extend(wrong.map(|problem| (id, self.with_chain(problem, id))));
        }
        for (id, cap) in caps {
            if let Some(entry) = self.0.get(id) {
                let omitted = cap.omitted(&entry.name);
                found.extend(omitted.map(|problem| (id, self.with_chain(problem, id))));
            }
        }
        found.extend(self.too_much(limit));
        found.sort_by_key(|(id, problem)| (*id, problem.place.mark.map(|mark| mark.offset)));
        let mut problems: Vec<_> = found.into_iter().map(|(_, problem)| problem).collect();
        if let Some(cycle) = graph::cycle(&self.references()) {
            let names: Vec<_> = cycle
                .iter()
                .filter_map(|edge| self.0.get(edge.to))
                .collect();
            problems.extend(self.cycle(&cycle, &names));
        }
        problems
    }

    /// The problem of a document that cannot be read. The document that refers to it reports the problem, if there
    /// is one.
    fn unreadable(&self, id: usize, entry: &Entry, why: &str) -> (usize, Problem) {
        let (document, place, message) = match &entry.parent {
            None => (
                id,
                Place::whole(&entry.name),
                format!("cannot be read: {why}"),
            ),
            Some((parent, place)) => {
                let message = format!("cannot read {}: {why}", entry.name);
                (*parent, place.clone(), message)
            }
        };
        (document, Problem::new(&UNREADABLE, place, message))
    }

    /// The problem of the first file that exceeds the limit. A file is sent once for each URL that refers to it, so
    /// that a small document could make a huge request from one large file.
    fn too_much(&self, limit: usize) -> Option<(usize, Problem)> {
        let mut total = 0_usize;
        let (id, entry) = self.0.iter().enumerate().find(|(_, entry)| {
            let length = entry
                .loaded
                .as_ref()
                .map_or(0, |loaded| loaded.content.len());
            total = total.saturating_add(length.saturating_mul(entry.urls.len()));
            total > limit
        })?;
        let message = format!(
            "the file is sent once for each of the {} URLs that refer to it, and all files together have more than {}; \
             refer to it by one URL",
            entry.urls.len(),
            size(limit)
        );
        let problem = Problem::new(&UNREADABLE, Place::whole(&entry.name), message);
        Some((id, self.with_chain(problem, id)))
    }

    fn not_a_template(&self, edge: &Edge) -> Option<Problem> {
        let target = self.0.get(edge.to)?;
        let loaded = target.loaded.as_ref()?;
        let severity = match edge.need {
            _ if loaded.is_template || !loaded.problems.is_empty() => return None,
            Need::Nothing => return None,
            Need::Document => Severity::Warning,
            Need::Template => Severity::Error,
        };
        let keys = VERSION_KEYS.join(", ");
        let name = &target.name;
        let message = format!("{name} is used as a template but has none of the keys {keys}");
        let problem = Problem::new(&NOT_A_TEMPLATE, edge.place.clone(), message);
        Some(problem.at_most(severity))
    }

    fn cycle(&self, cycle: &[&Edge], entries: &[&Entry]) -> Option<Problem> {
        let (first, rest) = cycle.split_first()?;
        let last = entries.last()?;
        let skipped = entries.len().saturating_sub(MOST_NAMES);
        let gap = (skipped > 0).then(|| format!("({skipped} more)"));
        let names = entries.iter().map(|entry| entry.name.as_ref());
        let (first_names, last_names) = (names.clone().take(MOST_NAMES / 2), names);
        let last_names = last_names.skip((MOST_NAMES / 2) + skipped);
        let names: Vec<_> = first_names
            .chain(gap.as_deref())
            .chain(last_names)
            .collect();
        let message = format!(
            "{} refers to itself: {} → {}; remove one of the references",
            last.name,
            last.name,
            names.join(" → ")
        );
        let mut problem = Problem::new(&REFERENCE_CYCLE, first.place.clone(), message);
        let places = rest.iter().rev().map(|edge| edge.place.clone());
        problem.chain = places.take(LONGEST_CHAIN).collect();
        Some(problem)
    }

    /// Adds the references that led to the document.
    fn with_chain(&self, mut problem: Problem, id: usize) -> Problem {
        let mut parent = self.0.get(id).and_then(|entry| entry.parent.as_ref());
        while let Some((id, place)) = parent
            && problem.chain.len() < LONGEST_CHAIN
        {
            problem.chain.push(place.clone());
            parent = self.0.get(*id).and_then(|entry| entry.parent.as_ref());
        }
        problem
    }

    /// The parameters that the templates declare. `template` is the stack's template.
    pub(super) fn declared(&self, template: usize) -> Declared {
        let loaded = |entry: &'_ Entry| {
            entry
                .loaded
                .as_ref()
                .map(|loaded| loaded.parameters.clone())
        };
        let own = self.0.get(template).and_then(loaded).unwrap_or_default();
        let mut types = BTreeMap::new();
        self.0
            .iter()
            .filter_map(loaded)
            .for_each(|declared| types.extend(declared));
        types.extend(own.clone());
        Declared {
            own: own.into_keys().collect(),
            types,
        }
    }

    /// The references of each document.
    fn references(&self) -> Vec<&[Edge]> {
        self.0.iter().map(|entry| entry.edges.as_slice()).collect()
    }

    /// The number of levels of nested templates below the first one.
    pub(super) fn depth(&self) -> usize {
        graph::depth(&self.references())
    }

    /// Takes the name and the tree of a template or an environment.
    pub(super) fn take_root(&mut self, id: usize) -> Option<(Arc<str>, Node)> {
        let entry = self.0.get_mut(id)?;
        Some((Arc::clone(&entry.name), entry.loaded.as_mut()?.root.take()?))
    }

    /// Takes a template as it is sent, or the text of an environment.
    pub(super) fn take_content(&mut self, id: usize) -> Option<String> {
        let entry = self.0.get_mut(id)?;
        let content = &mut entry.loaded.as_mut()?.content;
        // An environment may map a type to the template itself. It is also sent as a file then.
        Some(if entry.urls.is_empty() {
            std::mem::take(content)
        } else {
            content.clone()
        })
    }

    /// Adds the findings of the rules in documents whose texts were kept. A finding replaces a problem that packing
    /// found at the same place. `set` names the parameters whose values do not come from the environments; it is `None`
    /// if the environments were not read.
    pub(super) fn lint<'a>(
        &'a self,
        problems: Vec<Problem>,
        set: Option<impl Iterator<Item = &'a str>>,
    ) -> Vec<Problem> {
        let mut found = Vec::new();
        let stack = match set {
            Some(set) => Stack::new(
                self.requested(Role::Template).next(),
                self.requested(Role::Environment),
                set,
            ),
            None => Stack::unknown(),
        };
        for (id, entry) in self.0.iter().enumerate() {
            let Some(loaded) = &entry.loaded else {
                continue;
            };
            let Some((text, document)) = &loaded.written else {
                continue;
            };
            if loaded.is_template || entry.role != Role::File && entry.parent.is_none() {
                let document = LintDocument {
                    name: &entry.name,
                    text,
                    document,
                    role: entry.role,
                };
                let problems = lint::check(&document, &stack).into_iter();
                found.extend(problems.map(|problem| self.with_chain(problem, id)));
            }
        }
        let places: BTreeSet<_> = found.iter().map(|problem| problem.place.clone()).collect();
        let is_omission = |problem: &Problem| problem.rule == TOO_MANY_PROBLEMS.id;
        let others = problems.into_iter();
        found.extend(
            others.filter(|problem| is_omission(problem) || !places.contains(&problem.place)),
        );
        found.sort_by(|a, b| a.place.cmp(&b.place));
        // Packing and the rules may both have omitted problems.
        let mut omissions = HashSet::new();
        found.retain(|problem| !is_omission(problem) || omissions.insert(problem.clone()));
        found
    }

    /// The original trees of the requested documents.
    fn requested(&self, role: Role) -> impl Iterator<Item = &Node> {
        let requested = self.0.iter().filter(move |entry| entry.parent.is_none());
        let loaded = requested.filter(move |entry| entry.role == role);
        let written = loaded.filter_map(|entry| entry.loaded.as_ref()?.written.as_ref());
        written.map(|(_, document)| &document.root)
    }

    /// The files by their URLs.
    pub(super) fn into_files(self) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        for entry in self.0 {
            let Some(loaded) = entry.loaded else {
                continue;
            };
            let mut urls = entry.urls.into_iter();
            let last = urls.next_back();
            files.extend(urls.map(|url| (url, loaded.content.clone())));
            files.extend(last.map(|url| (url, loaded.content)));
        }
        files
    }
}
