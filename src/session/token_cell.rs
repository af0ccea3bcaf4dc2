//! The current token, and the one login that replaces it.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use futures::FutureExt as _;
use futures::future::{BoxFuture, Shared};
use http::{HeaderName, HeaderValue, Request, Uri};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::auth::{AuthContext, AuthData, Credentials};
use crate::catalog::AccessInfo;
use crate::clock::{self, Instant};
use crate::error::{Error, ErrorKind, Result};
use crate::transport::{Body, Call};
use crate::uri;

/// How long before its end a token is replaced, at most; a quarter of short lives.
const RENEWAL_MARGIN: Duration = Duration::from_secs(120);
/// The part of the margin that is left to chance, so that a fleet does not log in as one.
const RENEWAL_JITTER: f64 = 0.5;
/// The least time between two logins.
const LOGIN_GAP: Duration = Duration::from_millis(100);
/// The longest wait after failed logins.
const FAILURE_GAP: Duration = Duration::from_secs(5);
/// First and longest wait after refused credentials: repeating these locks accounts.
const REFUSAL_GAP: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(300));

/// Holds the current token and replaces it: one login however many ask.
///
/// - Whoever finds a valid token takes it with one atomic load, and never waits.
/// - Shortly before the token's end one caller starts a login in the background; until the end the
///   old token serves, and failures of that login are nobody's error.
/// - Without a valid token all wait for the same login and share its token or its error. The
///   login is a task of its own: it outlives the caller that started it.
/// - A refused token is invalidated by its generation, so a late 401 cannot hit its successor.
pub struct TokenCell {
    current: ArcSwapOption<Token>,
    /// The generation of the newest token so far.
    newest: AtomicU64,
    state: Mutex<State>,
    credentials: Credentials,
    context: AuthContext,
}

#[derive(Default)]
struct State {
    login: Option<Login>,
    logins: u64,
    /// The newest generation that a server refused.
    refused: u64,
    last_login: Option<Instant>,
    failure: Option<Failure>,
    /// The newest generation that cannot be replaced without user input.
    needs_input: u64,
}

/// What all who wait for a login wait for; `None` if the login was lost with its runtime.
type Outcome = Shared<BoxFuture<'static, Option<Result<Arc<Token>>>>>;

/// A login under way.
#[derive(Clone)]
struct Login {
    number: u64,
    outcome: Outcome,
    /// Whether it was started to renew a token ahead of its end: then it may not ask the user.
    in_background: bool,
}

/// Outcome of requesting a token.
enum Joined {
    Token(Arc<Token>),
    Login(Login),
}

/// Carries a login out, as a task of its own.
struct LoginTask {
    cell: Arc<TokenCell>,
    number: u64,
    in_background: bool,
    finished: Option<oneshot::Sender<Result<Arc<Token>>>>,
}

/// The failure of the last login, which is the answer until `until`.
struct Failure {
    error: Error,
    until: Instant,
    gap: Duration,
}

/// A token, ready to be put on requests.
pub(crate) struct Token {
    generation: u64,
    headers: Vec<(HeaderName, HeaderValue)>,
    expires: Option<Instant>,
    renew: Option<Instant>,
    access: Option<Arc<AccessInfo>>,
    /// Where it may go, beside the endpoint of the call itself and the catalog's.
    origins: Vec<Uri>,
}

impl TokenCell {
    /// Holds the token of these credentials, which log in through `context`.
    pub fn new(credentials: Credentials, context: AuthContext) -> Self {
        context.client().mask().add(credentials.secrets());
        Self {
            current: ArcSwapOption::empty(),
            newest: AtomicU64::new(0),
            state: Mutex::default(),
            credentials,
            context,
        }
    }

    pub(crate) fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    pub(crate) fn context(&self) -> &AuthContext {
        &self.context
    }

    /// The generation of the newest token so far; 0 before the first login.
    pub(crate) fn newest(&self) -> u64 {
        self.newest.load(Ordering::Acquire)
    }

    /// Shows `use_token` the current token, if it is valid. Never waits.
    pub(crate) fn with_valid<R>(
        self: &Arc<Self>,
        use_token: impl FnOnce(&Arc<Token>) -> R,
    ) -> Option<R> {
        let current = self.current.load();
        let token = current.as_ref()?;
        if let Some(expires) = token.expires {
            let now = clock::now();
            if now >= expires {
                return None;
            }
            if token.renew.is_some_and(|renew| now >= renew) {
                self.renew_in_background(token.generation, now);
            }
        }
        Some(use_token(token))
    }

    /// The current token; logs in if there is no valid one.
    pub(crate) async fn token(self: &Arc<Self>) -> Result<Arc<Token>> {
        // A login is lost only with its runtime: then one more is tried, in that of the caller. One
        // more follows a renewal that was under way and could not ask the user.
        for _ in 0..3 {
            if let Some(token) = self.with_valid(Arc::clone) {
                return Ok(token);
            }
            let login = match self.join_login()? {
                Joined::Token(token) => return Ok(token),
                Joined::Login(login) => login,
            };
            match login.outcome.await {
                Some(Err(error)) if login.in_background && needs_input(&error) => {}
                Some(result) => return result,
                None => {}
            }
        }
        Err(Error::new(
            ErrorKind::Cancelled,
            "the login was cancelled before it ended",
        ))
    }

    /// Whether a request without a token, for a login or for discovery, goes to a server that may
    /// receive the session's credentials. Before the first login these are those that are configured.
    pub(crate) fn trusts(&self, target: &Uri, call: Option<&Call>) -> bool {
        let configured = [self.credentials.auth_url(), self.credentials.endpoint()];
        let current = self.current.load();
        welcomes(target, call, |server| {
            let mut configured = configured.into_iter().flatten();
            configured.any(|known| uri::same_origin(known, server) || is_https_of(known, server))
                || current
                    .as_ref()
                    .is_some_and(|token| token.may_go_to(server, call))
        })
    }

    /// Tells that a server refused the token of this generation.
    ///
    /// Returns whether a fresh token can be had: one that is newer already, or by a login.
    pub(crate) fn invalidate(&self, generation: u64) -> bool {
        if !self.credentials.is_renewable() {
            return false;
        }
        let mut state = self.lock();
        if generation > state.refused {
            state.refused = generation;
            if self
                .current
                .load()
                .as_ref()
                .is_some_and(|token| token.generation == generation)
            {
                self.current.store(None);
            }
        }
        true
    }

    /// Drops the current token, and the failure that would be the next caller's answer.
    pub(crate) fn reset(&self) {
        self.invalidate(self.newest());
        self.lock().failure = None;
    }

    /// Joins the login under way or starts one; fails if the last one failed just now.
    fn join_login(self: &Arc<Self>) -> Result<Joined> {
        let mut state = self.lock();
        if let Some(login) = &state.login {
            return Ok(Joined::Login(login.clone()));
        }
        // One may have ended between the caller's look at the token and the lock.
        if let Some(token) = self.with_valid(Arc::clone) {
            return Ok(Joined::Token(token));
        }
        if let Some(failure) = &state.failure
            && clock::now() < failure.until
        {
            return Err(failure.error.clone());
        }
        let (login, task) = self.begin_login(&mut state, false);
        drop(state);
        tokio::spawn(task.run());
        Ok(Joined::Login(login))
    }

    /// Replaces the token of `generation`, which will expire soon, unless that is being done.
    fn renew_in_background(self: &Arc<Self>, generation: u64, now: Instant) {
        // Whoever holds the lock is about to do the same.
        let Ok(mut state) = self.state.try_lock() else {
            return;
        };
        let waiting = state
            .failure
            .as_ref()
            .is_some_and(|failure| now < failure.until);
        let needs_input = state.needs_input == generation;
        if state.login.is_some() || waiting || needs_input || self.newest() != generation {
            return;
        }
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        tracing::debug!(target: "heatclient::token", "renewing the token ahead of its end");
        let (_, task) = self.begin_login(&mut state, true);
        drop(state);
        runtime.spawn(task.run());
    }

    /// A login to be run once the state is unlocked: a runtime that is shutting down drops it
    /// at once.
    fn begin_login(self: &Arc<Self>, state: &mut State, in_background: bool) -> (Login, LoginTask) {
        let (finished, outcome) = oneshot::channel();
        state.logins += 1;
        let number = state.logins;
        let login = Login {
            number,
            outcome: outcome.map(std::result::Result::ok).boxed().shared(),
            in_background,
        };
        state.login = Some(login.clone());
        let task = LoginTask {
            cell: Arc::clone(self),
            number,
            in_background,
            finished: Some(finished),
        };
        (login, task)
    }

    async fn log_in(&self, number: u64, in_background: bool) -> Result<Arc<Token>> {
        let context = match in_background {
            true => &self.context.in_background(),
            false => &self.context,
        };
        loop {
            let (refused, last_login) = {
                let state = self.lock();
                (state.refused, state.last_login)
            };
            if let Some(last) = last_login {
                tokio::time::sleep_until(last + LOGIN_GAP).await;
            }
            // A plugin that panics has failed like any other: its callers must not hang.
            let result = AssertUnwindSafe(self.credentials.authenticate(context))
                .catch_unwind()
                .await
                .unwrap_or_else(|_| Err(Error::new(ErrorKind::Auth, "the auth plugin panicked")))
                .map_err(|error| self.failed(error));
            let mut state = self.lock();
            state.last_login = Some(clock::now());
            match result {
                // A token refused meanwhile may have taken the one just issued with it.
                Ok(_) if state.refused > refused => {}
                Ok(data) => {
                    let token = Arc::new(self.next_token(data));
                    self.newest.store(token.generation, Ordering::Release);
                    self.current.store(Some(Arc::clone(&token)));
                    state.failure = None;
                    end(&mut state, number);
                    tracing::debug!(target: "heatclient::token", generation = token.generation, "logged in");
                    return Ok(token);
                }
                Err(error) => {
                    // Whatever a login is answered with, a 404 too, is about the login.
                    let error = match error.kind() {
                        ErrorKind::Status => error.with_kind(ErrorKind::Auth),
                        _ => error,
                    };
                    if in_background && needs_input(&error) {
                        // This is not the next caller's answer: its login may ask.
                        state.needs_input = self.newest();
                        end(&mut state, number);
                        tracing::debug!(
                            target: "heatclient::token",
                            %error,
                            "the token is not renewed ahead of its end"
                        );
                        return Err(error);
                    }
                    if self.has_valid() {
                        tracing::warn!(
                            target: "heatclient::token",
                            %error,
                            "renewing the token failed; the current one is used until it expires"
                        );
                    } else {
                        tracing::warn!(target: "heatclient::token", %error, "login failed");
                    }
                    state.failure = Some(Failure::after(state.failure.as_ref(), error.clone()));
                    end(&mut state, number);
                    return Err(error);
                }
            }
        }
    }

    /// The error of a failed login as callers see it, whatever the plugin made of it.
    fn failed(&self, error: Error) -> Error {
        let mask = self.context.client().mask();
        // They may be others than at first.
        mask.add(self.credentials.secrets());
        let error = match error.kind() {
            ErrorKind::Status => error.with_kind(ErrorKind::Auth),
            _ => error,
        };
        // What was sent is the login, not the call.
        mask.error(error).before_sending()
    }

    /// Whether there is a token that is still valid.
    fn has_valid(&self) -> bool {
        let current = self.current.load();
        let token = current.as_ref();
        token.is_some_and(|token| token.expires.is_none_or(|end| clock::now() < end))
    }

    fn next_token(&self, data: AuthData) -> Token {
        let now = clock::now();
        let AuthData {
            headers,
            expires,
            access,
        } = data;
        // From here on its life is measured by the clock that never jumps.
        let expires = expires.map(clock::moment_of);
        self.context.client().mask().add_headers(&headers);
        // A token exchanged for another keeps its end: asking again would bring nothing.
        let previous = self.current.load().as_ref().and_then(|token| token.expires);
        let longer = match (previous, expires) {
            (Some(previous), Some(expires)) => expires > previous + Duration::from_secs(1),
            _ => true,
        };
        let renew = expires.filter(|_| longer).map(|expires| {
            let margin = RENEWAL_MARGIN.min(expires.saturating_duration_since(now) / 4);
            expires - margin.mul_f64(1.0 - RENEWAL_JITTER * fastrand::f64())
        });
        let fixed = [self.credentials.auth_url(), self.credentials.endpoint()];
        let origins = fixed.into_iter().flatten().cloned().collect();
        Token {
            generation: self.newest() + 1,
            headers,
            expires,
            renew,
            access,
            origins,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing in the critical sections can leave the state half-changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn needs_input(error: &Error) -> bool {
    error.kind() == ErrorKind::Interaction
}

fn end(state: &mut State, number: u64) {
    if state
        .login
        .as_ref()
        .is_some_and(|login| login.number == number)
    {
        state.login = None;
    }
}

impl LoginTask {
    async fn run(mut self) {
        let result = self.cell.log_in(self.number, self.in_background).await;
        if let Some(finished) = self.finished.take() {
            // Nobody may be waiting: the token is in place all the same.
            let _ = finished.send(result);
        }
    }
}

impl Drop for LoginTask {
    /// A runtime that shuts down drops its tasks: the next caller must be able to start anew.
    fn drop(&mut self) {
        end(&mut self.cell.lock(), self.number);
    }
}

impl Failure {
    fn after(previous: Option<&Self>, error: Error) -> Self {
        let refused = error.is_unauthorized() || error.is_forbidden();
        let (first, longest) = if refused {
            REFUSAL_GAP
        } else {
            (LOGIN_GAP, FAILURE_GAP)
        };
        let gap = previous.map_or(first, |previous| (previous.gap * 2).clamp(first, longest));
        Self {
            error,
            until: clock::now() + gap,
            gap,
        }
    }
}

impl Token {
    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    pub(crate) fn access(&self) -> Option<&Arc<AccessInfo>> {
        self.access.as_ref()
    }

    /// Whether a server may receive the token: the endpoint of the call, the origins in the catalog and
    /// the identity service.
    fn may_go_to(&self, target: &Uri, call: Option<&Call>) -> bool {
        let is_endpoint = call
            .and_then(Call::endpoint)
            .is_some_and(|endpoint| uri::same_origin(endpoint, target));
        let is_listed = |origin: &Uri| uri::same_origin(origin, target);
        is_endpoint
            || self.origins.iter().any(is_listed)
            || (self.access.as_ref()).is_some_and(|access| access.catalog().has_origin(target))
    }

    /// Puts the token on a request if it may go there.
    pub(crate) fn stamp(&self, request: &mut Request<Body>) {
        let call = request.extensions().get::<Call>();
        let welcome = welcomes(request.uri(), call, |server| self.may_go_to(server, call));
        if let Some(call) = call {
            call.set_generation(if welcome { self.generation } else { 0 });
            call.set_trusted(welcome);
        }
        if welcome {
            for (name, value) in &self.headers {
                request.headers_mut().insert(name.clone(), value.clone());
            }
        }
    }
}

/// Whether `target` is a server that is known, or the https URL that a known one redirected the call to.
fn welcomes(target: &Uri, call: Option<&Call>, is_known: impl Fn(&Uri) -> bool) -> bool {
    is_known(target)
        || call
            .and_then(Call::secured)
            .is_some_and(|(from, to)| uri::same_origin(to, target) && is_known(from))
}

/// Whether `server` speaks https on the host that `known` names with http: where discovery was redirected
/// to https, the login goes there.
fn is_https_of(known: &Uri, server: &Uri) -> bool {
    let schemes = (known.scheme_str(), server.scheme_str());
    let hosts = (known.host(), server.host());
    matches!(schemes, (Some("http"), Some("https")))
        && matches!(hosts, (Some(known), Some(server)) if known.eq_ignore_ascii_case(server))
}

impl fmt::Debug for TokenCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCell")
            .field("credentials", &self.credentials)
            .field("newest", &self.newest())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
