//! The record of one call, shared by all its wire requests.
//!
//! [`HttpClient`](super::HttpClient) creates it with [`Call::start`], outside all layers, for calls of
//! a session and for logins and discovery. It is an extension of the request. Nothing else carries
//! state between layers.
//!
//! | field | written by | read by |
//! |---|---|---|
//! | `options`, `route`, `mask`, `started` | `HttpClient`, at the start | all |
//! | `deadline` | `deadline` | `retry` |
//! | `destination` | `resolve` | `redirect`, `retry`, `default_headers`, `token`, `concurrency`, `rate_limit` |
//! | `connect_retries`, `status_retries` | `retry` | `retry` |
//! | `failed_request` | `retry`, for responses of 400 and above | `read`, for its error |
//! | `attempts` | `attempt` (increments), `redirect` (decrements) | `deadline`, `span`, `retry`, errors |
//! | `cross_origin` | `redirect` | `default_headers`, `token` |
//! | `https_redirect` | `redirect` | `token`, `trust` |
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
use crate::transport::layers::{Limiter, Permits, Reason, RetryPolicy};
use crate::uri;

/// Settings of one call. Unset ones are taken from the layers.
///
/// For a [`Session`](crate::Session) as a `tower::Service`, add them to the request as an extension.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct CallOptions {
    /// The deadline of the whole call, including login, retries and redirects.
    pub timeout: Option<Duration>,
    /// The retry policy.
    pub retry: Option<RetryPolicy>,
    /// The maximum number of redirects; 0 returns the 3xx response itself.
    pub redirects: Option<u32>,
    /// Whether the request may be retried; by default its method decides (RFC 9110, 9.2.2).
    pub idempotent: Option<bool>,
    /// Whether a token is sent; by default `true`.
    pub authenticated: Option<bool>,
    /// Whether a call with a token that was refused is repeated with a new one; by default `true`.
    pub allow_reauth: Option<bool>,
    /// Whether the call is logged: its span, its wire requests and its retries; by default `true`.
    pub log: Option<bool>,
    /// The operation, for the span of the call.
    pub(crate) operation: Option<String>,
    /// The template of the path, for the span of the call.
    pub(crate) url_template: Option<&'static str>,
    /// The project whose endpoint is used instead of the token's; only the session reads it.
    pub(crate) project: Option<Arc<str>>,
    /// Whether the path is below the root of the service, outside of its API versions; only the session
    /// reads it.
    pub(crate) at_root: bool,
}

/// The record of the call that a request belongs to: an extension of the request.
///
/// Cloning increments a reference count. All wire requests of a call share one record.
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
    failed_request: Mutex<Option<FailedRequest>>,
    attempts: AtomicU32,
    connect_retries: AtomicU32,
    status_retries: AtomicU32,
    cross_origin: AtomicBool,
    /// An http URL, and the https URL to which its server redirected the call.
    https_redirect: OnceLock<(Uri, Uri)>,
    trusted: AtomicBool,
    queue: Mutex<Queue>,
    generation: AtomicU64,
    login_failed: AtomicBool,
}

/// The target that the session resolves to a [`Destination`]. The transport does not read it.
pub(crate) type Route = Arc<dyn Any + Send + Sync>;

/// The service and endpoint of a call.
#[derive(Debug, Clone)]
pub(crate) struct Destination {
    /// The URL that the call's path was appended to.
    pub(crate) endpoint: Uri,
    pub(crate) service: Arc<ServiceProfile>,
}

/// The properties of a service that the layers use.
#[derive(Debug, Default)]
pub(crate) struct ServiceProfile {
    /// The common name, such as `Heat`; empty if the service has none.
    pub(crate) name: &'static str,
    /// Headers for each request to the service's endpoint.
    pub(crate) headers: HeaderMap,
    pub(crate) url_shape: UrlShape,
    pub(crate) permits: Option<Permits>,
    pub(crate) rate_limit: Option<Limiter>,
}

/// The form of a service's URLs. It distinguishes redirects to the service itself from those to
/// other servers.
///
/// A service behind a proxy may not know its public URL. A `Location` with a path of this form is
/// rebased to the endpoint, regardless of its scheme, host and path prefix.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UrlShape {
    /// Whether the last path segment of the endpoint is a project's id. Redirects may contain another
    /// project's id there.
    pub project_last: bool,
    /// A path segment that all redirects of the service contain, such as `stacks`. If set, a path
    /// prefix that a proxy removed is restored.
    pub collection: Option<&'static str>,
}

impl UrlShape {
    /// Sets whether the endpoint ends with a project's id: `https://heat.example/v1/PROJECT`.
    #[must_use]
    pub const fn project_last(mut self, project_last: bool) -> Self {
        self.project_last = project_last;
        self
    }

    /// Sets the path segment that all redirects contain.
    #[must_use]
    pub const fn collection(mut self, segment: &'static str) -> Self {
        self.collection = Some(segment);
        self
    }
}

/// The request that got a response of 400 or above.
#[derive(Debug, Clone)]
pub(crate) struct FailedRequest {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    /// The common name of the service at the endpoint; `None` for other servers.
    pub(crate) service: Option<&'static str>,
}

/// Whether an attempt waits for a connection, and when it last stopped waiting.
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
    /// A session does this for its calls; custom stacks of layers must do it themselves. The settings
    /// are taken from the request's extension [`CallOptions`], if present.
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
            failed_request: Mutex::default(),
            attempts: AtomicU32::new(0),
            connect_retries: AtomicU32::new(0),
            status_retries: AtomicU32::new(0),
            cross_origin: AtomicBool::new(false),
            https_redirect: OnceLock::new(),
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

    /// The number of attempts so far: wire requests without those that were redirected.
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

    /// The deadline of the call, if there is one.
    pub fn deadline(&self) -> Option<Instant> {
        self.0.deadline.get().copied()
    }

    /// Sets the deadline, unless it is set already. A retried call keeps its deadline.
    pub(crate) fn set_deadline(&self, at: Instant) -> Instant {
        *self.0.deadline.get_or_init(|| at)
    }

    pub(crate) fn route(&self) -> Option<&Route> {
        self.0.route.as_ref()
    }

    pub(crate) fn destination(&self) -> Option<&Destination> {
        self.0.destination.get()
    }

    /// The service of the call, if `url` is at its endpoint's origin.
    pub(crate) fn service_at(&self, url: &Uri) -> Option<&Arc<ServiceProfile>> {
        let destination = self.destination()?;
        uri::same_origin(&destination.endpoint, url).then_some(&destination.service)
    }

    /// Sets the destination, unless it is set already. A replayed call keeps its destination.
    pub(crate) fn set_destination(&self, destination: Destination) {
        let _ = self.0.destination.set(destination);
    }

    /// Masks secrets in a text from a server, for logs.
    pub(crate) fn masked<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match &self.0.mask {
            Some(mask) => mask.text(text),
            None => Cow::Borrowed(text),
        }
    }

    /// Completes an error for callers and logs: masks secrets, adds the number of attempts and the
    /// duration.
    pub(crate) fn finish(&self, error: Error) -> Error {
        let error = error.with_attempts(self.attempts(), Some(self.elapsed()));
        match &self.0.mask {
            Some(mask) => mask.error(error),
            None => error,
        }
    }

    pub(crate) fn failed_request(&self) -> Option<FailedRequest> {
        lock(&self.0.failed_request).clone()
    }

    pub(crate) fn set_failed_request(&self, failed: FailedRequest) {
        *lock(&self.0.failed_request) = Some(failed);
    }

    pub(crate) fn count_attempt(&self) {
        self.0.attempts.fetch_add(1, Ordering::Relaxed);
    }

    /// Subtracts an attempt that was redirected, since it did not fail.
    pub(crate) fn uncount_attempt(&self) {
        // Without the attempt layer the count is 0.
        let decrement = |attempts: u32| Some(attempts.saturating_sub(1));
        let _ = self
            .0
            .attempts
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, decrement);
    }

    /// The number of retries for a reason so far.
    pub(crate) fn retries(&self, reason: Reason) -> u32 {
        self.retries_for(reason).load(Ordering::Relaxed)
    }

    pub(crate) fn count_retry(&self, reason: Reason) {
        self.retries_for(reason).fetch_add(1, Ordering::Relaxed);
    }

    fn retries_for(&self, reason: Reason) -> &AtomicU32 {
        match reason {
            Reason::Connect => &self.0.connect_retries,
            Reason::Status => &self.0.status_retries,
        }
    }

    /// Whether the call is logged.
    pub(crate) fn is_logged(&self) -> bool {
        self.0.options.log != Some(false)
    }

    /// The http URL, and the https URL to which its server redirected the call.
    pub(crate) fn https_redirect(&self) -> Option<(&Uri, &Uri)> {
        self.0.https_redirect.get().map(|(from, to)| (from, to))
    }

    pub(crate) fn set_https_redirect(&self, from: &Uri, to: &Uri) {
        // Only the first one is recorded: further redirects are within https.
        let _ = self.0.https_redirect.set((from.clone(), to.clone()));
    }

    /// Records that an attempt waits for a connection.
    pub(crate) fn queue(&self) -> Place<'_> {
        lock(&self.0.queue).waits = true;
        Place(self)
    }

    /// The time since when the server could respond to the attempt that began at `began`; `None`
    /// while the attempt waits for a connection.
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

    /// Whether the login of the call failed. The login has its own retries.
    pub(crate) fn login_failed(&self) -> bool {
        self.0.login_failed.load(Ordering::Relaxed)
    }

    pub(crate) fn set_login_failed(&self) {
        self.0.login_failed.store(true, Ordering::Relaxed);
    }

    /// Whether a redirect led the call to another origin. Requests carry no credentials then.
    pub(crate) fn cross_origin(&self) -> bool {
        self.0.cross_origin.load(Ordering::Relaxed)
    }

    pub(crate) fn set_cross_origin(&self, cross_origin: bool) {
        self.0.cross_origin.store(cross_origin, Ordering::Relaxed);
    }

    /// Whether the server of the attempt may receive the session's credentials, including the client
    /// certificate.
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
