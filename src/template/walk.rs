//! Reads the requested documents and all documents that they refer to.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use futures::StreamExt as _;
use futures::stream::FuturesOrdered;

use super::document::Loaded;
use super::documents::{Documents, Entry};
use super::draft::Reference;
use super::graph::Edge;
use super::location::Location;
use super::read::Reader;
use super::role::{Need, Role};
use super::shown::size;
use super::source::Source;
use crate::error::{Error, ErrorKind, Result};

/// Reads the documents of one package, each once.
///
/// Several are read at a time, but they are processed in one order, breadth first, so that every run finds
/// the same problems with the same chains of references.
#[derive(Debug)]
pub(super) struct Walk {
    reader: Reader,
    /// Whether references are followed.
    follow: bool,
    /// Whether texts and trees are kept.
    keep: bool,
    documents: Documents,
    known: HashMap<Location, usize>,
    waiting: VecDeque<usize>,
    /// The bytes of all documents, and the number of documents that were read.
    length: usize,
    count: usize,
}

/// A document that was read.
struct Arrival {
    /// The number of its bytes.
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
            documents: Documents::default(),
            known: HashMap::new(),
            waiting: VecDeque::new(),
            length: 0,
            count: 0,
        }
    }

    /// Adds a requested document and returns its number.
    ///
    /// # Errors
    /// The URL is invalid, or reading from servers is disabled.
    pub(super) fn start(&mut self, source: &Source, role: Role) -> Result<usize> {
        let (location, given) = source.locate()?;
        let refused = |why| Error::new(ErrorKind::Config, why);
        self.reader
            .policy()
            .check_requested(&location)
            .map_err(refused)?;
        let is_known = role == Role::Template && given.is_none();
        let known = is_known.then(|| location.clone());
        let id = self.add(Entry {
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
        });
        if let Some(location) = known {
            self.known.insert(location, id);
        }
        Ok(id)
    }

    fn add(&mut self, entry: Entry) -> usize {
        let id = self.documents.add(entry);
        self.waiting.push_back(id);
        id
    }

    /// Reads all documents.
    ///
    /// # Errors
    /// The runtime shuts down. [`Documents::problems`] has the problems of the documents.
    pub(super) async fn read(mut self) -> Result<Documents> {
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
                return Ok(self.documents);
            };
            let accepted = loaded?.and_then(|arrival| self.admit(arrival.length).map(|()| arrival));
            match accepted {
                Ok(arrival) => self.arrive(id, arrival),
                Err(why) => {
                    if let Some(entry) = self.documents.get_mut(id) {
                        entry.failure = Some(why);
                    }
                }
            }
            let policy = self.reader.policy();
            if self.length > policy.total_limit || self.count > policy.count_limit {
                return Ok(self.documents);
            }
        }
    }

    /// Counts a document against the limits for all documents. It is called in the order of processing, so that
    /// every run rejects the same document.
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

    /// Reads one document. A blocking thread reads files and parses.
    fn load(
        &self,
        id: usize,
    ) -> Option<impl Future<Output = Result<Result<Arrival, String>>> + use<>> {
        let entry = self.documents.get(id)?;
        let (name, location) = (Arc::clone(&entry.name), entry.location.clone());
        let (given, role) = (entry.given.clone(), entry.role);
        let (follow, keep) = (self.follow, self.keep);
        let (reader, is_requested) = (self.reader.clone(), entry.parent.is_none());
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
                    (None, Location::Local { path, .. }) => reader.file(path, is_requested)?,
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

    /// Stores a document and follows its references.
    fn arrive(&mut self, id: usize, arrival: Arrival) {
        let mut loaded = arrival.loaded;
        if let Some(entry) = self.documents.get_mut(id) {
            entry.is_private = arrival.is_private;
        }
        let references = std::mem::take(&mut loaded.references);
        let references = references.into_iter();
        let edges = references
            .map(|reference| self.follow(id, reference))
            .collect();
        if let Some(entry) = self.documents.get_mut(id) {
            entry.loaded = Some(loaded);
            entry.edges = edges;
        }
    }

    fn follow(&mut self, from: usize, reference: Reference) -> Edge {
        let url = reference.url();
        let Reference {
            role,
            need,
            to,
            place,
        } = reference;
        let known = self.known.get(&to).copied();
        let from_private = self.documents.get(from).filter(|from| from.is_private);
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
        if let Some(entry) = self.documents.get_mut(to) {
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
}
