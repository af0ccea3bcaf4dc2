//! Waits for snapshots and software deployments.

use std::fmt;
use std::future::IntoFuture;
use std::time::Duration;

use tokio::time::timeout_at;

use super::outcome::Outcome;
use super::watch::timed_out;
use crate::clock;
use crate::error::{Error, ErrorKind, Result};
use crate::heat::failures::{self, ResourceFailure};
use crate::heat::model::{Action, Snapshot, SoftwareDeployment, StackStatus, Status};
use crate::heat::poller::ObjectPoller;
use crate::secret::Mask;
use crate::service::{Pace, ResponseFuture, Rounds};
use crate::session::Adapter;

/// Waits until a snapshot or a software deployment is complete. Made by
/// [`Snapshots::wait`](super::super::Snapshots::wait) and
/// [`SoftwareDeployments::wait`](super::super::SoftwareDeployments::wait).
///
/// Await it for the object. It returns at once if the object is already complete. If the snapshot is
/// being deleted, it waits for that, and returns the last known snapshot.
///
/// # Errors
/// - [`StackFailed`](ErrorKind::StackFailed) if the object failed, or was deleted in the meantime
///   ([`Error::superseded_by`]). For a deployment, [`Error::failures`] has one entry with its log.
/// - [`WaitTimeout`](ErrorKind::WaitTimeout) if [`timeout`](Self::timeout) expires.
/// - [`is_not_found`](Error::is_not_found) if the object did not exist at the beginning, and the errors
///   of [every request](crate::error#errors-of-every-request).
///
/// ```no_run
/// # async fn example(heat: heatclient::Client) -> heatclient::Result<()> {
/// use std::time::Duration;
///
/// let snapshot = heat.snapshots().create("web").await?;
/// let wait = heat.snapshots().wait("web", &snapshot.id);
/// let snapshot = wait.timeout(Duration::from_secs(600)).await?;
/// assert!(snapshot.is_complete());
/// # Ok(()) }
/// ```
#[must_use = "nothing is sent before it is awaited"]
pub struct StatusWait<T> {
    adapter: Adapter,
    read: Read<T>,
    /// What is waited for: `snapshot "1" of stack "web"`.
    name: String,
    timeout: Option<Duration>,
    rounds: Rounds,
}

type Read<T> = Box<dyn Fn() -> ResponseFuture<T> + Send + Sync>;

/// An object with a status. Sealed.
pub trait Waited: Send + Sized + 'static {
    /// What it is: `snapshot`.
    const KIND: &'static str;

    #[doc(hidden)]
    fn current(&self) -> StackStatus;

    #[doc(hidden)]
    fn reason(&self) -> &str;

    /// The object after its deletion.
    #[doc(hidden)]
    fn deleted(self) -> Self;

    #[doc(hidden)]
    fn as_deployment(&self) -> Option<&SoftwareDeployment> {
        None
    }
}

impl Waited for Snapshot {
    const KIND: &'static str = "snapshot";

    fn current(&self) -> StackStatus {
        // Older releases do not tell the action.
        status_of(self.action.as_ref(), self.status.as_ref())
    }

    fn reason(&self) -> &str {
        &self.status_reason
    }

    fn deleted(mut self) -> Self {
        self.action = Some(Action::Delete);
        self.status = Some(Status::Complete);
        self
    }
}

impl Waited for SoftwareDeployment {
    const KIND: &'static str = "deployment";

    fn current(&self) -> StackStatus {
        status_of(self.action.as_ref(), self.status.as_ref())
    }

    fn reason(&self) -> &str {
        &self.status_reason
    }

    fn deleted(self) -> Self {
        self
    }

    fn as_deployment(&self) -> Option<&SoftwareDeployment> {
        Some(self)
    }
}

fn status_of(action: Option<&Action>, status: Option<&Status>) -> StackStatus {
    let action = action.cloned().unwrap_or(Action::Create);
    let unknown = || Status::Other(String::new());
    StackStatus::new(action, status.cloned().unwrap_or_else(unknown))
}

impl<T: Waited> StatusWait<T> {
    pub(in crate::heat) fn new(
        adapter: Adapter,
        name: String,
        read: impl Fn() -> ResponseFuture<T> + Send + Sync + 'static,
    ) -> Self {
        Self {
            adapter,
            read: Box::new(read),
            name,
            timeout: None,
            rounds: Rounds::new(Pace::growing()),
        }
    }

    /// The maximum time to wait. By default there is no limit while the object is in progress.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// The polling interval. By default it grows from half a second to 5 s.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.rounds.interval(interval);
        self
    }

    /// How long transient errors are tolerated while Heat does not answer; 5 minutes by default. See
    /// [`Wait::tolerate_errors_for`](super::super::Wait::tolerate_errors_for).
    pub fn tolerate_errors_for(mut self, time: Duration) -> Self {
        self.rounds.tolerate_errors_for(time);
        self
    }

    async fn run(self) -> Result<T> {
        let mut poller = ObjectPoller::new(self.read, self.rounds);
        let mut last = None;
        let ended = settle(&mut poller, &mut last);
        let ended = match self.timeout {
            Some(timeout) => match timeout_at(clock::after(timeout), ended).await {
                Ok(ended) => ended,
                Err(_) => {
                    let status = last.as_ref().map(T::current);
                    let outcome = Outcome::new(T::KIND, status);
                    Err(timed_out(timeout, outcome, poller.last_error()))
                }
            },
            None => ended.await,
        };
        let mask = self.adapter.session().mask();
        match ended {
            Ok(End::Done(object)) => Ok(object),
            Ok(End::Failed(object, status)) => {
                Err(failed(&object, status, mask).doing(format!("{} {}", T::KIND, self.name)))
            }
            Err(error) => Err(error.doing_instead(format!("wait for {} {}", T::KIND, self.name))),
        }
    }
}

enum End<T> {
    Done(T),
    /// Failed, or another action took over.
    Failed(T, Option<Action>),
}

/// Polls until the action ends that was in progress in the first answer.
async fn settle<T: Waited>(poller: &mut ObjectPoller<T>, last: &mut Option<T>) -> Result<End<T>> {
    let mut wanted = None;
    loop {
        let object = match poller.next().await {
            Ok(object) => object,
            Err(error) if error.is_not_found() => {
                let Some(object) = last.take() else {
                    return Err(error);
                };
                return Ok(match wanted {
                    Some(Action::Delete) => End::Done(object.deleted()),
                    _ => End::Failed(object, Some(Action::Delete)),
                });
            }
            Err(error) => return Err(error),
        };
        let StackStatus { action, status, .. } = object.current();
        if wanted.get_or_insert_with(|| action.clone()) != &action && action == Action::Delete {
            return Ok(End::Failed(object, Some(action)));
        }
        match status {
            Status::Complete => return Ok(End::Done(object)),
            Status::Failed => return Ok(End::Failed(object, None)),
            _ => *last = Some(object),
        }
    }
}

fn failed<T: Waited>(object: &T, superseded_by: Option<Action>, mask: &Mask) -> Error {
    let status = object.current();
    let message = match &superseded_by {
        Some(action) => format!("superseded by {action}: it was {status}"),
        None => format!("{status}: {}", object.reason()),
    };
    let failures = object
        .as_deployment()
        .filter(|_| superseded_by.is_none())
        .map(|deployment| ResourceFailure {
            path: deployment.id.clone(),
            resource_type: String::new(),
            physical_resource_id: Some(deployment.id.clone()),
            status: status.clone(),
            reason: mask.text(&deployment.status_reason).into_owned(),
            deployment: Some(failures::log_of(deployment, mask)),
        });
    let outcome = Outcome {
        superseded_by,
        failures: failures.into_iter().collect(),
        ..Outcome::new(T::KIND, Some(status))
    };
    Error::new(ErrorKind::StackFailed, mask.text(&message)).with_source(outcome)
}

impl<T: Waited> IntoFuture for StatusWait<T> {
    type Output = Result<T>;
    type IntoFuture = ResponseFuture<T>;

    fn into_future(self) -> Self::IntoFuture {
        ResponseFuture::new(self.run())
    }
}

impl<T> fmt::Debug for StatusWait<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatusWait")
            .field("name", &self.name)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
