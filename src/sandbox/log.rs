//! The log of requests.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{Method, StatusCode};
use jiff::Timestamp;

use super::call::{Call, X_AUTH_TOKEN, X_SUBJECT_TOKEN};
use super::{clock, lock};

const KEPT: usize = 1 << 17;

/// One of the sandbox's two services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Service {
    /// Keystone.
    Identity,
    /// Heat.
    Orchestration,
}

/// A request to the sandbox. It contains no secrets: tokens and bodies are not stored.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The service it was sent to.
    pub service: Service,
    /// Its method.
    pub method: Method,
    /// Its path, as sent.
    pub path: String,
    /// Its query, as sent, without the question mark; empty if there was none.
    pub query: String,
    /// The status of the answer; `None` until it is answered.
    pub status: Option<StatusCode>,
    /// Whether it had a token (`X-Auth-Token`).
    pub had_token: bool,
    /// Whether it had `X-Subject-Token`.
    pub had_subject_token: bool,
    /// Whether it had `Authorization`.
    pub had_authorization: bool,
    /// Its `User-Agent`.
    pub user_agent: Option<String>,
    /// Its `Accept`.
    pub accept: Option<String>,
    /// Its `Content-Type`.
    pub content_type: Option<String>,
    /// The length of its body.
    pub body_length: usize,
    /// When it was received completely.
    pub time: Timestamp,
    /// The time until the answer; `None` until it is answered.
    pub took: Option<Duration>,
}

impl RecordedRequest {
    fn new(service: Service, call: &Call) -> Self {
        let text = |name| call.header(&name).map(str::to_owned);
        Self {
            service,
            method: call.method.clone(),
            path: call.path.clone(),
            query: call.query.clone(),
            status: None,
            had_token: call.headers.contains_key(X_AUTH_TOKEN),
            had_subject_token: call.headers.contains_key(X_SUBJECT_TOKEN),
            had_authorization: call.headers.contains_key(AUTHORIZATION),
            user_agent: text(USER_AGENT),
            accept: text(ACCEPT),
            content_type: text(CONTENT_TYPE),
            body_length: call.body.len(),
            time: clock::now(),
            took: None,
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Log(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    /// The number of the first stored entry.
    first: usize,
    kept: VecDeque<RecordedRequest>,
}

impl Log {
    /// Adds a request and returns its number.
    pub(super) fn arrived(&self, service: Service, call: &Call) -> usize {
        let entry = RecordedRequest::new(service, call);
        let mut entries = lock(&self.0);
        if entries.kept.len() == KEPT {
            entries.kept.pop_front();
            entries.first += 1;
        }
        entries.kept.push_back(entry);
        entries.first + entries.kept.len() - 1
    }

    pub(super) fn answered(&self, number: usize, status: StatusCode) {
        let now = clock::now();
        let mut entries = lock(&self.0);
        let entry = number.checked_sub(entries.first);
        if let Some(entry) = entry.and_then(|index| entries.kept.get_mut(index)) {
            entry.status = Some(status);
            entry.took = Duration::try_from(now.duration_since(entry.time)).ok();
        }
    }

    pub(super) fn all(&self) -> Vec<RecordedRequest> {
        lock(&self.0).kept.iter().cloned().collect()
    }

    pub(super) fn count(&self, matches: impl Fn(&RecordedRequest) -> bool) -> usize {
        lock(&self.0)
            .kept
            .iter()
            .filter(|entry| matches(entry))
            .count()
    }

    pub(super) fn clear(&self) {
        let mut entries = lock(&self.0);
        entries.first += entries.kept.len();
        entries.kept.clear();
    }
}
