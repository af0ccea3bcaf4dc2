//! From the documents that were asked for to all that they refer to.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use futures::StreamExt as _;
use futures::stream::FuturesOrdered;

use super::cap::Cap;
use super::document::{Loaded, Need, Reference, Role, VERSION_KEYS, template_url};
use super::graph::{self, Edge};
use super::lint::{self, LintDocument, Stack};
use super::location::Location;
use super::merge::Declared;
use super::problem::{Place, Problem, Severity};
use super::read::{Reader, size};
use super::rules::{NOT_A_TEMPLATE, REFERENCE_CYCLE, TOO_MANY_PROBLEMS, UNREADABLE};
use super::source::Source;
use crate::error::{Error, ErrorKind, Result};
use crate::yaml::Node;

/// How many references a problem tells of on the way to its document: Heat itself nests stacks 5 deep by default.
const LONGEST_CHAIN: usize = 32;
/// How many documents of a cycle are named.
const MOST_NAMES: usize = 10;

/// The documents of one package, each read once.
///
/// They are read several at a time, but come to be known in one order, breadth first, so that every
/// run finds the same problems by the same ways.
#[derive(Debug)]
pub(super) struct Walk {
    reader: Reader,
    /// Whether references are followed.
    follow: bool,
    /// Whether texts and trees are kept.
    keep: bool,
    entries: Vec<Entry>,
    known: HashMap<Location, usize>,
    waiting: VecDeque<usize>,
    /// How many bytes all documents have, and how many documents were read.
    length: usize,
    count: usize,
}

/// One document.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: Arc<str>,
    location: Location,
    /// The content, if it was given.
    given: Option<Arc<str>>,
    /// Whether it may be asked for with a token.
    may_authenticate: bool,
    /// Whether it came for a token only.
    is_private: bool,
    pub(super) role: Role,
    need: Need,
    /// The URLs by which Heat knows it.
    urls: BTreeSet<String>,
    /// The document that was the first to refer to it, and where.
    parent: Option<(usize, Place)>,
    pub(super) loaded: Option<Loaded>,
    /// Why it cannot be read.
    failure: Option<String>,
    pub(super) edges: Vec<Edge>,
}

/// A document that was read.
struct Arrival {
    /// Its bytes.
    length: usize,
    is_private: bool,
    loaded: Loaded,
}

impl Walk {
    pub(super) fn new(reader: Reader, follow: bool, keep: bool) -> Self {
        Self {
            reader,
            follow,
            keep,
            entries: Vec::new(),
            known: HashMap::new(),
            waiting: VecDeque::new(),
            length: 0,
            count: 0,
        }
    }

    /// Adds a document that was asked for, and gives its number.
    ///
    /// # Errors
    /// A URL that is none, or of a server while none is to be asked.
    pub(super) fn start(&mut self, source: &Source, role: Role) -> Result<usize> {
        let (location, given) = source.locate()?;
        let refused = |why| Error::new(ErrorKind::Config, why);
        self.reader
            .policy()
            .check_asked(&location)
            .map_err(refused)?;
        if role == Role::Template && given.is_none() {
            self.known.insert(location.clone(), self.entries.len());
        }
        Ok(self.add(Entry {
            name: Arc::clone(source.name()),
            location,
            given,
            may_authenticate: true,
            is_private: false,
            role,
            need: Need::Template,
            urls: BTreeSet::new(),
            parent: None,
            loaded: None,
            failure: None,
            edges: Vec::new(),
        }))
    }

    fn add(&mut self, entry: Entry) -> usize {
        let id = self.entries.len();
        self.entries.push(entry);
        self.waiting.push_back(id);
        id
    }

    /// Reads all there is to read.
    ///
    /// # Errors
    /// The runtime shuts down. What is wrong with documents is told by [`problems`](Self::problems).
    pub(super) async fn read(&mut self) -> Result<()> {
        let mut reading = FuturesOrdered::new();
        loop {
            while reading.len() < self.reader.policy().concurrency {
                let Some(entry) = self.waiting.pop_front() else {
                    break;
                };
                let Some(read) = self.load(entry) else {
                    break;
                };
                reading.push_back(async move { (entry, read.await) });
            }
            let Some((id, loaded)) = reading.next().await else {
                return Ok(());
            };
            let taken = loaded?.and_then(|arrival| self.admit(arrival.length).map(|()| arrival));
            match taken {
                Ok(arrival) => self.arrive(id, arrival),
                Err(why) => {
                    if let Some(entry) = self.entries.get_mut(id) {
                        entry.failure = Some(why);
                    }
                }
            }
            let policy = self.reader.policy();
            if self.length > policy.total_limit || self.count > policy.count_limit {
                return Ok(());
            }
        }
    }

    /// Counts what was read against the limits of all: as documents come to be known, so that it always
    /// is the same one that is too much.
    fn admit(&mut self, bytes: usize) -> Result<(), String> {
        self.length = self.length.saturating_add(bytes);
        self.count += 1;
        let policy = self.reader.policy();
        let (length, count) = (policy.total_limit, policy.count_limit);
        if self.length > length {
            return Err(format!(
                "all files together have more than {}",
                size(length)
            ));
        }
        if self.count > count {
            return Err(format!("there are more than {count} files"));
        }
        Ok(())
    }

    /// A file is sent once for each URL by which it is referred to. Refuses the last reference to what would be too
    /// much then, so that a small document cannot make a large request of one large file.
    fn too_much(&self) -> Option<(usize, Problem)> {
        let limit = self.reader.policy().total_limit;
        let mut total = 0_usize;
        let (id, entry) = self.entries.iter().enumerate().find(|(_, entry)| {
            let length = entry
                .loaded
                .as_ref()
                .map_or(0, |loaded| loaded.content.len());
            total = total.saturating_add(length.saturating_mul(entry.urls.len()));
            total > limit
        })?;
        let message = format!(
            "it is sent once for each of the {} URLs that refer to it, and all files together have more than {}; \
             refer to it by one URL",
            entry.urls.len(),
            size(limit)
        );
        let problem = Problem::new(&UNREADABLE, Place::whole(&entry.name), message);
        Some((id, self.with_chain(problem, id)))
    }

    /// Reads one document, off the runtime's own thread where that takes a file or time.
    fn load(
        &self,
        id: usize,
    ) -> Option<impl Future<Output = Result<Result<Arrival, String>>> + use<>> {
        let entry = self.entries.get(id)?;
        let (name, location) = (Arc::clone(&entry.name), entry.location.clone());
        let (given, role) = (entry.given.clone(), entry.role);
        let (follow, keep) = (self.follow, self.keep);
        let (reader, is_asked_for) = (self.reader.clone(), entry.parent.is_none());
        let may_authenticate = entry.may_authenticate;
        Some(async move {
            let mut is_private = false;
            let at_hand = match (&given, &location) {
                (Some(text), _) => Some(text.as_bytes().to_vec()),
                (None, Location::Local { .. }) => None,
                (None, Location::Remote(url)) => match reader.url(url, may_authenticate).await {
                    Ok((bytes, was_private)) => {
                        is_private = was_private;
                        Some(bytes)
                    }
                    Err(why) => return Ok(Err(why)),
                },
            };
            let work = move || {
                let bytes = match (at_hand, &location) {
                    (Some(bytes), _) => bytes,
                    (None, Location::Local { path, .. }) => reader.file(path, is_asked_for)?,
                    (None, Location::Remote(_)) => Vec::new(),
                };
                let (length, policy) = (bytes.len(), reader.policy());
                let loaded = Loaded::of(bytes, role, &name, &location, policy, follow, keep);
                Ok(Arrival {
                    length,
                    is_private,
                    loaded,
                })
            };
            tokio::task::spawn_blocking(work).await.map_err(|error| {
                Error::new(ErrorKind::Cancelled, "the runtime shut down").with_source(error)
            })
        })
    }

    /// Takes a document in, and looks at what it refers to.
    fn arrive(&mut self, id: usize, arrival: Arrival) {
        let mut loaded = arrival.loaded;
        if let Some(entry) = self.entries.get_mut(id) {
            entry.is_private = arrival.is_private;
        }
        let references = std::mem::take(&mut loaded.references);
        let references = references.into_iter();
        let edges = references
            .map(|reference| self.follow(id, reference))
            .collect();
        if let Some(entry) = self.entries.get_mut(id) {
            entry.loaded = Some(loaded);
            entry.edges = edges;
        }
    }

    fn follow(&mut self, from: usize, reference: Reference) -> Edge {
        let Reference {
            role,
            need,
            to,
            place,
        } = reference;
        let url = if role == Role::Nested {
            template_url(&to)
        } else {
            to.url().to_owned()
        };
        let known = self.known.get(&to).copied();
        let from_private = self.entries.get(from).filter(|from| from.is_private);
        let may_authenticate = from_private.is_some_and(|from| from.location.contains(&to));
        let to = known.unwrap_or_else(|| {
            let id = self.add(Entry {
                name: to.to_string().into(),
                location: to.clone(),
                given: None,
                may_authenticate,
                is_private: false,
                role,
                need,
                urls: BTreeSet::new(),
                parent: Some((from, place.clone())),
                loaded: None,
                failure: None,
                edges: Vec::new(),
            });
            self.known.insert(to, id);
            id
        });
        if let Some(entry) = self.entries.get_mut(to) {
            entry.urls.insert(url);
            entry.need = entry.need.max(need);
        }
        Edge {
            to,
            place,
            is_nested: role == Role::Nested,
            need,
        }
    }

    /// What a document that cannot be read is a problem of: the one that refers to it, or itself.
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

    /// Tells how the document was come upon.
    fn with_chain(&self, mut problem: Problem, id: usize) -> Problem {
        let mut parent = self.entries.get(id).and_then(|entry| entry.parent.as_ref());
        while let Some((id, place)) = parent
            && problem.chain.len() < LONGEST_CHAIN
        {
            problem.chain.push(place.clone());
            parent = self
                .entries
                .get(*id)
                .and_then(|entry| entry.parent.as_ref());
        }
        problem
    }

    /// What is wrong with the documents and between them, in the order of documents and lines.
    pub(super) fn problems(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        // What is wrong between documents, by the document in which it is told.
        let mut caps: BTreeMap<usize, Cap> = BTreeMap::new();
        let mut admits = |id: usize, problem: &Problem| {
            let cap = caps.entry(id).or_default();
            cap.admits(problem.rule, problem.severity)
        };
        for (id, entry) in self.entries.iter().enumerate() {
            if let Some(why) = &entry.failure {
                let (id, problem) = self.unreadable(id, entry, why);
                if admits(id, &problem) {
                    found.push((id, self.with_chain(problem, id)));
                }
            }
            let Some(loaded) = &entry.loaded else {
                continue;
            };
            // A file that is only passed on may be whatever it is.
            let is_passed_on = entry.role == Role::File && !loaded.is_template;
            let own = loaded.problems.iter();
            for problem in own.filter(|_| !is_passed_on || entry.need > Need::Nothing) {
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
            if let Some(entry) = self.entries.get(id) {
                let rest = cap.rest(&entry.name);
                found.extend(rest.map(|problem| (id, self.with_chain(problem, id))));
            }
        }
        found.extend(self.too_much());
        found.sort_by_key(|(id, problem)| (*id, problem.place.mark.map(|mark| mark.offset)));
        let mut problems: Vec<_> = found.into_iter().map(|(_, problem)| problem).collect();
        if let Some(cycle) = graph::cycle(&self.references()) {
            let names: Vec<_> = cycle
                .iter()
                .filter_map(|edge| self.entries.get(edge.to))
                .collect();
            problems.extend(self.cycle(&cycle, &names));
        }
        problems
    }

    fn not_a_template(&self, edge: &Edge) -> Option<Problem> {
        let target = self.entries.get(edge.to)?;
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
            "{} refers to itself: {} → {}",
            last.name,
            last.name,
            names.join(" → ")
        );
        let mut problem = Problem::new(&REFERENCE_CYCLE, first.place.clone(), message);
        let places = rest.iter().rev().map(|edge| edge.place.clone());
        problem.chain = places.take(LONGEST_CHAIN).collect();
        Some(problem)
    }

    /// The parameters that the templates declare, of which this one is the stack's.
    pub(super) fn declared(&self, template: usize) -> Declared {
        let loaded = |entry: &'_ Entry| {
            entry
                .loaded
                .as_ref()
                .map(|loaded| loaded.parameters.clone())
        };
        let own = self
            .entries
            .get(template)
            .and_then(loaded)
            .unwrap_or_default();
        let mut types = BTreeMap::new();
        self.entries
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
        self.entries
            .iter()
            .map(|entry| entry.edges.as_slice())
            .collect()
    }

    /// How many templates deep the nesting goes below the first one.
    pub(super) fn depth(&self) -> usize {
        graph::depth(&self.references())
    }

    /// The name and the tree of a template or an environment.
    pub(super) fn take_root(&mut self, id: usize) -> Option<(Arc<str>, Node)> {
        let entry = self.entries.get_mut(id)?;
        Some((Arc::clone(&entry.name), entry.loaded.as_mut()?.root.take()?))
    }

    /// A template as it is sent, the text of an environment.
    pub(super) fn take_content(&mut self, id: usize) -> Option<String> {
        let entry = self.entries.get_mut(id)?;
        let content = &mut entry.loaded.as_mut()?.content;
        // An environment may map a type to the template itself, which is a file, too, then.
        Some(if entry.urls.is_empty() {
            std::mem::take(content)
        } else {
            content.clone()
        })
    }

    /// Adds what the rules find in each document, for a walk that keeps them. Where they find something, that is
    /// told in place of what packing has found there. `set` are the parameters that get other values than those of
    /// the environments.
    pub(super) fn lint<'a>(
        &'a self,
        problems: Vec<Problem>,
        set: impl Iterator<Item = &'a str>,
    ) -> Vec<Problem> {
        let mut found = Vec::new();
        let stack = match self.follow {
            true => Stack::new(
                self.asked_for(Role::Template).next(),
                self.asked_for(Role::Environment),
                set,
            ),
            false => Stack::unknown(),
        };
        for (id, entry) in self.entries.iter().enumerate() {
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
        let told: BTreeSet<_> = found.iter().map(|problem| problem.place.clone()).collect();
        let is_rest = |problem: &Problem| problem.rule == TOO_MANY_PROBLEMS.id;
        let others = problems.into_iter();
        found.extend(others.filter(|problem| is_rest(problem) || !told.contains(&problem.place)));
        found.sort_by(|a, b| a.place.cmp(&b.place));
        // Packing and the rules may both have found too much of the same.
        let mut rests = HashSet::new();
        found.retain(|problem| !is_rest(problem) || rests.insert(problem.clone()));
        found
    }

    /// The trees of the documents that were asked for, as they were written.
    fn asked_for(&self, role: Role) -> impl Iterator<Item = &Node> {
        let asked_for = self
            .entries
            .iter()
            .filter(move |entry| entry.parent.is_none());
        let loaded = asked_for.filter(move |entry| entry.role == role);
        let written = loaded.filter_map(|entry| entry.loaded.as_ref()?.written.as_ref());
        written.map(|(_, document)| &document.root)
    }

    /// The files by their URLs.
    pub(super) fn into_files(self) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        for entry in self.entries {
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
