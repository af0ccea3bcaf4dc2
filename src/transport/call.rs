//! The record of one call, shared by all its wire requests.
//!
//! [`Call::start`] creates it, in one place for every request: [`HttpClient`](super::HttpClient) does
//! that outside of all layers, for a session's calls and for logins and discovery alike. It is an
//! extension of the request. Nothing else carries state between layers.
//!
//! | field | written by | read by |
//! |---|---|---|
//! | `options`, `route`, `mask`, `started` | `HttpClient`, at the start | all |
//! | `deadline` | `deadline` | `retry` |
//! | `destination` | `resolve` | `redirect`, `retry`, `default_headers`, `token` |
//! | `asked` | `retry`, for answers of 400 and above | `read`, which makes an error of such an answer |
//! | `attempts` | `attempt` (one more), `redirect` (one less) | `deadline`, `span`, `retry`, errors |
//! | `strayed` | `redirect` | `default_headers`, `token` |
//! | `secured` | `redirect` | `token`, `trust` |
//! | `trusted` | `token`, `trust` | the pool |
//! | `queue` | the pool | `attempt` |
//! | `generation` | `token` | `reauthenticate` |
//! | `login_failed` | `token` | `retry` |

use std::any::Any;
use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use http::{HeaderMap, Method, Request, Uri};

use crate::clock::{self, Instant};
use crate::error::Error;
use crate::secret::Mask;
use crate::transport::Body;
use crate::transport::layers::RetryPolicy;

/// Settings of one call; what is unset is taken from the layers.
///
/// A request to a [`Session`](crate::Session) as a `tower::Service` carries them as an extension.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct CallOptions {
    /// The deadline for the whole call: login, retries and redirects included.
    pub timeout: Option<Duration>,
    /// The retry policy.
    pub retry: Option<RetryPolicy>,
    /// The maximum number of redirects; 0 returns the 3xx answer itself.
    pub redirects: Option<u32>,
    /// Whether the request may be repeated; by default its method decides (RFC 9110, 9.2.2).
    pub idempotent: Option<bool>,
    /// `false` sends no token.
    pub authenticated: Option<bool>,
    /// What the call does, for its span.
    pub(crate) operation: Option<String>,
    /// The template of the path, for its span.
    pub(crate) url_template: Option<&'static str>,
    /// The project whose part of the service is meant; only the session reads it.
    pub(crate) project: Option<Arc<str>>,
}

/// The record of the call that a request belongs to: an extension of the request.
///
/// Cloning increments a counter: all wire requests of a call share one record.
#[derive(Debug, Clone)]
pub struct Call(Arc<State>);

#[derive(Debug)]
struct State {
    options: CallOptions,
    route: Option<Route>,
    mask: Option<Arc<Mask>>,
    started: Instant,
    deadline: OnceLock<Instant>,
    destination: OnceLock<Destination>,
    asked: Mutex<Option<Asked>>,
    attempts: AtomicU32,
    strayed: AtomicBool,
    /// An http URL, and the https URL to which its server redirected the call.
    secured: OnceLock<(Uri, Uri)>,
    trusted: AtomicBool,
    queue: Mutex<Queue>,
    generation: AtomicU64,
    login_failed: AtomicBool,
}

/// What the session resolves to a [`Destination`]. The transport passes it on without looking at it.
pub(crate) type Route = Arc<dyn Any + Send + Sync>;

/// The service that a call goes to.
#[derive(Debug, Clone)]
pub(crate) struct Destination {
    /// The URL that the call's path was appended to.
    pub(crate) endpoint: Uri,
    pub(crate) service: Arc<ServiceProfile>,
}

/// What the layers need to know of a service.
#[derive(Debug, Default)]
pub(crate) struct ServiceProfile {
    /// The common name, such as `Heat`; empty if the service has none.
    pub(crate) name: &'static str,
    /// Headers of each request to its endpoint.
    pub(crate) headers: HeaderMap,
    pub(crate) url_shape: UrlShape,
}

/// The form of a service's URLs, which tells a redirect to the service itself from one to another
/// server.
///
/// A service behind a proxy may not know its public URL. A `Location` with a path of this form is
/// put back onto the endpoint, whatever its scheme, host and prefix.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UrlShape {
    /// The last path segment of the endpoint is a project's id, and redirects may name another
    /// project there.
    pub project_last: bool,
    /// The path segment that all redirects of the service have, such as `stacks`. If it is known, a
    /// path prefix that a proxy removed is restored.
    pub collection: Option<&'static str>,
}

impl UrlShape {
    /// Whether the endpoint ends with a project's id: `https://heat.example/v1/PROJECT`.
    #[must_use]
    pub const fn project_last(mut self, project_last: bool) -> Self {
        self.project_last = project_last;
        self
    }

    /// All redirects have this path segment.
    #[must_use]
    pub const fn collection(mut self, segment: &'static str) -> Self {
        self.collection = Some(segment);
        self
    }
}

/// The request that an answer of 400 and above is for.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    /// The common name of the service that should have answered; `None` for other servers.
    pub(crate) service: Option<&'static str>,
}

/// How long an attempt has waited for a connection.
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
        *lock(&self.0.0.queue) = Queue {
            waits: false,
            left: Some(clock::now()),
        };
    }
}

impl Call {
    /// Starts the call of a request: creates its record and makes it an extension of the request.
    ///
    /// For stacks of layers that are put together by hand; a session does it for its calls. The
    /// settings are those of the request's extension [`CallOptions`], if it has one.
    pub fn start(request: &mut Request<Body>) -> Self {
        let options = request.extensions_mut().remove().unwrap_or_default();
        Self::create(request, options, None, None)
    }

    pub(crate) fn create(
        request: &mut Request<Body>,
        options: CallOptions,
        route: Option<Route>,
        mask: Option<Arc<Mask>>,
    ) -> Self {
        let call = Self(Arc::new(State {
            options,
            route,
            mask,
            started: clock::now(),
            deadline: OnceLock::new(),
            destination: OnceLock::new(),
            asked: Mutex::default(),
            attempts: AtomicU32::new(0),
            strayed: AtomicBool::new(false),
            secured: OnceLock::new(),
            trusted: AtomicBool::new(false),
            queue: Mutex::default(),
            generation: AtomicU64::new(0),
            login_failed: AtomicBool::new(false),
        }));
        request.extensions_mut().insert(call.clone());
        call
    }

    /// The settings of the call.
    pub fn options(&self) -> &CallOptions {
        &self.0.options
    }

    /// The number of attempts so far: wire requests, less those that were redirected.
    pub fn attempts(&self) -> u32 {
        self.0.attempts.load(Ordering::Relaxed)
    }

    /// The time since the call started.
    pub fn elapsed(&self) -> Duration {
        clock::now().saturating_duration_since(self.0.started)
    }

    /// The endpoint that the call's path was appended to; unset for absolute URLs.
    pub fn endpoint(&self) -> Option<&Uri> {
        self.destination().map(|destination| &destination.endpoint)
    }

    /// When the call has to be done; unset without a deadline.
    pub fn deadline(&self) -> Option<Instant> {
        self.0.deadline.get().copied()
    }

    /// Sets the deadline, unless there is one: a call that is sent again keeps its own.
    pub(crate) fn set_deadline(&self, at: Instant) -> Instant {
        *self.0.deadline.get_or_init(|| at)
    }

    pub(crate) fn route(&self) -> Option<&Route> {
        self.0.route.as_ref()
    }

    pub(crate) fn destination(&self) -> Option<&Destination> {
        self.0.destination.get()
    }

    /// Sets the destination. A replayed call resolves to the same one: the first stays.
    pub(crate) fn set_destination(&self, destination: Destination) {
        let _ = self.0.destination.set(destination);
    }

    /// A text from a server as logs may show it.
    pub(crate) fn masked<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match &self.0.mask {
            Some(mask) => mask.text(text),
            None => Cow::Borrowed(text),
        }
    }

    /// An error as callers and logs may see it, with the number of attempts and the time taken.
    pub(crate) fn finish(&self, error: Error) -> Error {
        let error = error.with_attempts(self.attempts(), Some(self.elapsed()));
        match &self.0.mask {
            Some(mask) => mask.error(error),
            None => error,
        }
    }

    pub(crate) fn asked(&self) -> Option<Asked> {
        lock(&self.0.asked).clone()
    }

    pub(crate) fn set_asked(&self, asked: Asked) {
        *lock(&self.0.asked) = Some(asked);
    }

    pub(crate) fn count_attempt(&self) {
        self.0.attempts.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes an attempt back that was answered with a redirect: it did not fail.
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

    /// Records that an attempt waits for a connection.
    pub(crate) fn queue(&self) -> Place<'_> {
        lock(&self.0.queue).waits = true;
        Place(self)
    }

    /// Since when the server could have answered the attempt that began at `began`; `None` while
    /// that waits for a connection.
    pub(crate) fn sent_at(&self, began: Instant) -> Option<Instant> {
        let queue = *lock(&self.0.queue);
        (!queue.waits).then(|| queue.left.map_or(began, |left| left.max(began)))
    }

    /// The generation of the token of the last attempt; 0 for none.
    pub(crate) fn generation(&self) -> u64 {
        self.0.generation.load(Ordering::Relaxed)
    }

    pub(crate) fn set_generation(&self, generation: u64) {
        self.0.generation.store(generation, Ordering::Relaxed);
    }

    /// Whether the login that the call needed failed. The login was retried itself.
    pub(crate) fn login_failed(&self) -> bool {
        self.0.login_failed.load(Ordering::Relaxed)
    }

    pub(crate) fn set_login_failed(&self) {
        self.0.login_failed.store(true, Ordering::Relaxed);
    }

    /// Whether a redirect led the call to another server: it carries no credentials any more.
    pub(crate) fn strayed(&self) -> bool {
        self.0.strayed.load(Ordering::Relaxed)
    }

    pub(crate) fn set_strayed(&self, strayed: bool) {
        self.0.strayed.store(strayed, Ordering::Relaxed);
    }

    /// Whether the attempt goes to a server that may receive the session's credentials: the client
    /// certificate is offered only there.
    pub(crate) fn is_trusted(&self) -> bool {
        self.0.trusted.load(Ordering::Relaxed)
    }

    pub(crate) fn set_trusted(&self, trusted: bool) {
        self.0.trusted.store(trusted, Ordering::Relaxed);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
