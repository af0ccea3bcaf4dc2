//! Scripted faults: which requests fail, how often, and how.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::header::{HeaderName, HeaderValue, LOCATION};
use http::{Method, Response, StatusCode};

use super::call::{Answer, Call};
use super::lock;
use super::log::Service;

/// A scripted fault for matching requests.
///
/// A fault without a kind of failure only adds a delay. An answer of a fault replaces the service's
/// answer. The service does not handle the request, unless [`after_handling`](Self::after_handling)
/// is set.
///
/// ```
/// use heatclient::sandbox::Fault;
/// use http::Method;
/// use std::time::Duration;
///
/// // The stack is created, but the answer is lost.
/// let lost = Fault::on(Method::POST, "/stacks").times(1).after_handling().reset();
/// let slow = Fault::on(Method::GET, "/stacks").delay(Duration::from_millis(50));
/// let busy = Fault::on(Method::GET, "/stacks").times(2).status(503, &[("Retry-After", "1")], "");
/// # let _ = (lost, slow, busy);
/// ```
#[derive(Debug, Clone)]
pub struct Fault {
    service: Option<Service>,
    method: Option<Method>,
    path: Path,
    skip: usize,
    times: usize,
    delay: Duration,
    after: bool,
    effect: Effect,
}

#[derive(Debug, Clone)]
enum Path {
    EndsWith(String),
    Contains(String),
}

/// What happens to the answer.
#[derive(Debug, Clone)]
pub(super) enum Effect {
    None,
    Respond(Answer),
    Truncate(usize),
    Reset,
    Close,
    NoAnswer,
}

impl Fault {
    /// Matches requests with this method and a path that ends with `path`.
    #[must_use]
    pub fn on(method: Method, path: &str) -> Self {
        Self::new(Some(method), Path::EndsWith(path.to_owned()))
    }

    /// Matches requests with this method and a path that contains `part`.
    #[must_use]
    pub fn within(method: Method, part: &str) -> Self {
        Self::new(Some(method), Path::Contains(part.to_owned()))
    }

    /// Matches requests of any method with a path that contains `part`. `""` matches every path.
    #[must_use]
    pub fn on_any(part: &str) -> Self {
        Self::new(None, Path::Contains(part.to_owned()))
    }

    fn new(method: Option<Method>, path: Path) -> Self {
        Self {
            service: None,
            method,
            path,
            skip: 0,
            times: usize::MAX,
            delay: Duration::ZERO,
            after: false,
            effect: Effect::None,
        }
    }

    /// Matches only requests to this service.
    #[must_use]
    pub fn service(mut self, service: Service) -> Self {
        self.service = Some(service);
        self
    }

    /// Applies this many times; by default always.
    #[must_use]
    pub fn times(mut self, times: usize) -> Self {
        self.times = times;
        self
    }

    /// Lets this many matching requests pass first.
    #[must_use]
    pub fn skip(mut self, skip: usize) -> Self {
        self.skip = skip;
        self
    }

    /// Waits before the request is handled; with [`after_handling`](Self::after_handling), before
    /// the answer is sent.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Lets the service handle the request first. The fault then applies to its answer.
    #[must_use]
    pub fn after_handling(mut self) -> Self {
        self.after = true;
        self
    }

    /// Answers with this status, these headers and this body. An invalid status becomes 500, an
    /// invalid header is left out.
    #[must_use]
    pub fn status(self, status: u16, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Self {
        let mut answer = Response::new(body.into());
        *answer.status_mut() =
            StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in headers {
            if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse()) {
                answer.headers_mut().append(name, value);
            }
        }
        self.respond(answer)
    }

    /// Answers with this response.
    #[must_use]
    pub fn respond(mut self, answer: Response<Bytes>) -> Self {
        self.effect = Effect::Respond(answer);
        self
    }

    /// Answers with a redirect. An invalid location is left out.
    #[must_use]
    pub fn redirect(self, status: u16, location: &str) -> Self {
        let mut fault = self.status(status, &[], Bytes::new());
        if let (Effect::Respond(answer), Ok(location)) =
            (&mut fault.effect, HeaderValue::from_str(location))
        {
            answer.headers_mut().insert(LOCATION, location);
        }
        fault
    }

    /// Resets the connection (RST) without an answer.
    #[must_use]
    pub fn reset(mut self) -> Self {
        self.effect = Effect::Reset;
        self
    }

    /// Closes the connection (FIN) without an answer.
    #[must_use]
    pub fn close(mut self) -> Self {
        self.effect = Effect::Close;
        self
    }

    /// Sends only this many bytes of the service's answer, with the full `Content-Length`, and
    /// closes the connection.
    #[must_use]
    pub fn truncate_body(mut self, length: usize) -> Self {
        self.effect = Effect::Truncate(length);
        self
    }

    /// Never answers; the connection stays open until the caller closes it.
    #[must_use]
    pub fn no_answer(mut self) -> Self {
        self.effect = Effect::NoAnswer;
        self
    }

    fn matches(&self, service: Service, call: &Call) -> bool {
        self.service.is_none_or(|wanted| wanted == service)
            && self
                .method
                .as_ref()
                .is_none_or(|wanted| *wanted == call.method)
            && match &self.path {
                Path::EndsWith(end) => call.path.ends_with(end.as_str()),
                Path::Contains(part) => call.path.contains(part.as_str()),
            }
    }
}

/// A handle of a fault of a sandbox. Dropping it does not remove the fault.
#[derive(Debug, Clone)]
pub struct FaultHandle(Arc<ActiveFault>);

impl FaultHandle {
    /// The number of requests that the fault was applied to.
    #[must_use]
    pub fn hits(&self) -> usize {
        self.0
            .seen()
            .saturating_sub(self.0.fault.skip)
            .min(self.0.fault.times)
    }

    /// Removes the fault.
    pub fn remove(self) {
        self.0.removed.store(1, Ordering::Release);
    }
}

#[derive(Debug)]
struct ActiveFault {
    fault: Fault,
    seen: AtomicUsize,
    removed: AtomicUsize,
}

impl ActiveFault {
    fn seen(&self) -> usize {
        self.seen.load(Ordering::Acquire)
    }

    /// Counts a matching request. Returns whether the fault applies to it.
    fn count_and_check(&self) -> bool {
        let earlier = self.seen.fetch_add(1, Ordering::AcqRel);
        earlier >= self.fault.skip && earlier - self.fault.skip < self.fault.times
    }
}

/// What to do with one request.
#[derive(Debug)]
pub(super) struct Injection {
    pub(super) delay: Duration,
    pub(super) after: bool,
    pub(super) effect: Effect,
}

#[derive(Debug, Default)]
pub(super) struct Faults(Mutex<Vec<Arc<ActiveFault>>>);

impl Faults {
    pub(super) fn add(&self, fault: Fault) -> FaultHandle {
        let active = Arc::new(ActiveFault {
            fault,
            seen: AtomicUsize::new(0),
            removed: AtomicUsize::new(0),
        });
        lock(&self.0).push(Arc::clone(&active));
        FaultHandle(active)
    }

    pub(super) fn clear(&self) {
        lock(&self.0).clear();
    }

    /// The first fault that applies to this request.
    pub(super) fn find(&self, service: Service, call: &Call) -> Option<Injection> {
        let mut faults = lock(&self.0);
        faults.retain(|active| active.removed.load(Ordering::Acquire) == 0);
        let active = faults
            .iter()
            .find(|active| active.fault.matches(service, call) && active.count_and_check())?;
        let fault = &active.fault;
        Some(Injection {
            delay: fault.delay,
            after: fault.after,
            effect: fault.effect.clone(),
        })
    }
}
