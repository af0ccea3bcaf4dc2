//! What the layers know of the call that a request belongs to.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use http::Uri;

use crate::clock::{self, Instant};
use crate::error::Error;
use crate::secret::Mask;
use crate::session::adapter::Target;
use crate::transport::layers::RetryPolicy;

/// Settings of one call; what is unset is taken from the session.
#[derive(Debug, Clone, Default)]
pub struct CallOptions {
    /// The deadline for the whole call: login, retries and redirects included.
    pub timeout: Option<Duration>,
    /// How retries go.
    pub retry: Option<RetryPolicy>,
    /// How many redirects are followed; 0 returns the 3xx answer itself.
    pub redirects: Option<u32>,
    /// Whether repeating the request does no harm; by default its method decides (RFC 9110, 9.2.2).
    pub idempotent: Option<bool>,
    /// `false` sends no token.
    pub authenticated: Option<bool>,
}

/// What the layers know of the call that a request belongs to: an extension of the request.
///
/// Cloned by count, so that all wire requests of a call share it.
#[derive(Debug, Clone)]
pub struct Call(Arc<State>);

#[derive(Debug, Default)]
struct State {
    options: CallOptions,
    target: Option<Arc<Target>>,
    endpoint: OnceLock<Uri>,
    mask: OnceLock<Arc<Mask>>,
    deadline: OnceLock<Instant>,
    attempts: AtomicU32,
    generation: AtomicU64,
    login_failed: AtomicBool,
    strayed: AtomicBool,
    trusted: AtomicBool,
    /// An http URL of which the server said that it is at this https URL.
    secured: OnceLock<(Uri, Uri)>,
    queue: Mutex<Queue>,
}

/// What an attempt has waited for a connection.
#[derive(Debug, Default, Clone, Copy)]
struct Queue {
    waits: bool,
    left: Option<Instant>,
}

/// A call's place in the queue for a connection, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place<'a>(&'a Call);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        *self.0.lock_queue() = Queue {
            waits: false,
            left: Some(clock::now()),
        };
    }
}

impl Call {
    pub(crate) fn new(options: CallOptions, target: Option<Arc<Target>>) -> Self {
        Self(Arc::new(State {
            options,
            target,
            ..State::default()
        }))
    }

    /// The settings of the call.
    pub fn options(&self) -> &CallOptions {
        &self.0.options
    }

    /// How often the call was tried so far: wire requests, less those that were redirected.
    pub fn attempts(&self) -> u32 {
        self.0.attempts.load(Ordering::Relaxed)
    }

    /// The endpoint that the call's path was appended to; unset for absolute URLs.
    pub fn endpoint(&self) -> Option<&Uri> {
        self.0.endpoint.get()
    }

    pub(crate) fn target(&self) -> Option<&Arc<Target>> {
        self.0.target.as_ref()
    }

    /// The common name of the service that the call is for.
    pub(crate) fn service_name(&self) -> &'static str {
        let target = self.target().map(|target| &*target.query.service_type);
        match target {
            Some("orchestration") => "Heat",
            Some("identity") => "Keystone",
            Some("object-store") => "Swift",
            _ => "the service",
        }
    }

    pub(crate) fn set_endpoint(&self, endpoint: Uri) {
        // A replayed call resolves to the same endpoint: the first one stays.
        let _ = self.0.endpoint.set(endpoint);
    }

    /// The secrets of the session, for whoever quotes a server.
    pub(crate) fn mask(&self) -> Option<&Arc<Mask>> {
        self.0.mask.get()
    }

    pub(crate) fn set_mask(&self, mask: &Arc<Mask>) {
        self.0.mask.get_or_init(|| Arc::clone(mask));
    }

    /// A text from a server as logs may show it.
    pub(crate) fn masked<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.mask()
            .map_or(Cow::Borrowed(text), |mask| mask.text(text))
    }

    /// An error as callers and logs may see it.
    pub(crate) fn masked_error(&self, error: Error) -> Error {
        match self.mask() {
            Some(mask) => mask.error(error),
            None => error,
        }
    }

    /// When the call has to be done; unset without a deadline.
    pub fn deadline(&self) -> Option<Instant> {
        self.0.deadline.get().copied()
    }

    pub(crate) fn set_deadline(&self, at: Instant) {
        let _ = self.0.deadline.set(at);
    }

    pub(crate) fn count_attempt(&self) {
        self.0.attempts.fetch_add(1, Ordering::Relaxed);
    }

    /// What was answered with a redirect was no failure that a further attempt follows.
    pub(crate) fn forget_attempt(&self) {
        // A stack without the attempt layer counts none.
        let less = |attempts: u32| Some(attempts.saturating_sub(1));
        let _ = self
            .0
            .attempts
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }

    /// The http URL, and the https URL to which its server redirected the call.
    pub(crate) fn secured(&self) -> Option<(&Uri, &Uri)> {
        self.0.secured.get().map(|(from, to)| (from, to))
    }

    pub(crate) fn set_secured(&self, from: &Uri, to: &Uri) {
        // Further hops stay at https.
        let _ = self.0.secured.set((from.clone(), to.clone()));
    }

    /// Notes that an attempt waits for a connection.
    pub(crate) fn queue(&self) -> Place<'_> {
        self.lock_queue().waits = true;
        Place(self)
    }

    /// Since when the server could have answered the attempt that began at `began`; `None` while
    /// that waits for a connection.
    pub(crate) fn sent_at(&self, began: Instant) -> Option<Instant> {
        let queue = *self.lock_queue();
        (!queue.waits).then(|| queue.left.map_or(began, |left| left.max(began)))
    }

    fn lock_queue(&self) -> MutexGuard<'_, Queue> {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The generation of the token that the last attempt was stamped with; 0 for none.
    pub(crate) fn generation(&self) -> u64 {
        self.0.generation.load(Ordering::Relaxed)
    }

    /// Whether the login that the call needed failed: it was retried enough.
    pub(crate) fn login_failed(&self) -> bool {
        self.0.login_failed.load(Ordering::Relaxed)
    }

    pub(crate) fn set_login_failed(&self) {
        self.0.login_failed.store(true, Ordering::Relaxed);
    }

    /// Whether a redirect led the call to another server: no credentials go along any more.
    pub(crate) fn strayed(&self) -> bool {
        self.0.strayed.load(Ordering::Relaxed)
    }

    pub(crate) fn set_strayed(&self, strayed: bool) {
        self.0.strayed.store(strayed, Ordering::Relaxed);
    }

    /// Whether the attempt goes to a server that may receive the session's credentials: only there
    /// is the client certificate offered.
    pub(crate) fn is_trusted(&self) -> bool {
        self.0.trusted.load(Ordering::Relaxed)
    }

    pub(crate) fn set_trusted(&self, trusted: bool) {
        self.0.trusted.store(trusted, Ordering::Relaxed);
    }

    pub(crate) fn set_generation(&self, generation: u64) {
        self.0.generation.store(generation, Ordering::Relaxed);
    }
}
