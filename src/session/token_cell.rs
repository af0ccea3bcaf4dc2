//! The current token and its renewal.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use futures::FutureExt as _;
use futures::future::{BoxFuture, Shared};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::auth::{AuthContext, AuthData, Credentials};
use crate::catalog::AccessInfo;
use crate::clock::{self, Instant};
use crate::error::{Error, ErrorKind, Result};
use crate::secret::Secret;
use crate::transport::{Body, Call};
use crate::uri;

/// A token is renewed at most this long before it expires; at most a quarter of its lifetime before.
const RENEWAL_MARGIN: Duration = Duration::from_secs(120);
/// The random part of the margin, so that many clients do not log in at the same time.
const RENEWAL_JITTER: f64 = 0.5;
/// The minimum time between two logins.
const LOGIN_GAP: Duration = Duration::from_millis(100);
/// The maximum delay after failed logins.
const FAILURE_GAP: Duration = Duration::from_secs(5);
/// The first and the maximum delay after refused credentials, since repeated failures lock accounts.
const REFUSAL_GAP: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(300));

/// Holds the current token and renews it. Concurrent callers share one login.
///
/// - A valid token is read with one atomic load, without waiting.
/// - Shortly before the token expires, one caller starts a login in the background. The old token is
///   used until it expires. Callers do not see failures of that login.
/// - Without a valid token all callers wait for the same login and share its token or its error. The
///   login is a separate task: it continues if the caller that started it is cancelled.
/// - A refused token is invalidated by its generation, so that a late 401 does not invalidate a newer
///   token.
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

/// The result of a login, shared by all callers; `None` if its runtime shut down.
type Outcome = Shared<BoxFuture<'static, Option<Result<Arc<Token>>>>>;

/// A login in progress.
#[derive(Clone)]
struct Login {
    number: u64,
    outcome: Outcome,
    /// Whether it renews a valid token. Such a login must not ask the user.
    in_background: bool,
}

/// The outcome of requesting a token.
enum Joined {
    Token(Arc<Token>),
    Login(Login),
}

/// The task that performs a login.
struct LoginTask {
    cell: Arc<TokenCell>,
    number: u64,
    in_background: bool,
    finished: Option<oneshot::Sender<Result<Arc<Token>>>>,
}

/// The failure of the last login. Callers get its error until `until`.
struct Failure {
    error: Error,
    until: Instant,
    gap: Duration,
}

/// A token as request headers.
pub(crate) struct Token {
    generation: u64,
    headers: Vec<(HeaderName, HeaderValue)>,
    expires: Option<Instant>,
    renew: Option<Instant>,
    access: Option<Arc<AccessInfo>>,
    /// The endpoint of every service, if the login revealed one.
    endpoint: Option<Uri>,
    /// The origins that may receive the token, in addition to the call's endpoint and the catalog.
    origins: Vec<Uri>,
}

impl TokenCell {
    /// Creates a cell for these credentials, which log in through `context`.
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

    /// Calls `use_token` with the current token, if it is valid. Never waits.
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

    /// Adds the current token to a request, if it is valid and the server may receive it. It neither logs
    /// in nor renews the token. Returns whether the token was added.
    pub(crate) fn stamp_current(&self, request: &mut Request<Body>) -> bool {
        let current = self.current.load();
        let is_valid = |token: &&Arc<Token>| token.expires.is_none_or(|end| clock::now() < end);
        current
            .as_ref()
            .filter(is_valid)
            .is_some_and(|token| token.stamp(request))
    }

    /// The current token; logs in if there is no valid one.
    pub(crate) async fn token(self: &Arc<Self>) -> Result<Arc<Token>> {
        // A login whose runtime shut down is repeated in the caller's runtime. Another login follows
        // a renewal in progress that could not ask the user.
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
            "the login was cancelled because its runtime shut down",
        ))
    }

    /// Whether a request of a login or of discovery goes to a server that may receive the session's
    /// credentials. Before the first login these are the configured servers.
    pub(crate) fn trusts(&self, target: &Uri, call: Option<&Call>) -> bool {
        let configured = [self.credentials.auth_url(), self.credentials.endpoint()];
        let further = self.credentials.login_urls();
        let current = self.current.load();
        is_allowed(target, call, |server| {
            let mut configured = configured.into_iter().flatten().chain(&further);
            configured.any(|known| uri::same_origin(known, server) || is_https_of(known, server))
                || current
                    .as_ref()
                    .is_some_and(|token| token.may_go_to(server, call))
        })
    }

    /// Invalidates the token of this generation, which a server refused.
    ///
    /// Returns whether a new token is available: a newer one, or one from a login.
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

    /// Discards the current token and the failure of the last login. Returns whether there was a token.
    pub(crate) fn reset(&self) -> bool {
        let had_token = self.current.load().is_some();
        let is_renewable = self.invalidate(self.newest());
        self.lock().failure = None;
        had_token && is_renewable
    }

    /// Joins the login in progress or starts one. Fails if the last one failed just now.
    fn join_login(self: &Arc<Self>) -> Result<Joined> {
        let mut state = self.lock();
        if let Some(login) = &state.login {
            return Ok(Joined::Login(login.clone()));
        }
        // A login may have finished after the caller's check and before the lock.
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

    /// Starts a renewal of the token of `generation`, which will expire soon, unless one is in progress.
    fn renew_in_background(self: &Arc<Self>, generation: u64, now: Instant) {
        // The holder of the lock starts a login, too.
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
        tracing::debug!(target: "heatclient::token", "renewing the token before it expires");
        let (_, task) = self.begin_login(&mut state, true);
        drop(state);
        runtime.spawn(task.run());
    }

    /// Registers a login. Its task must be spawned after the state is unlocked: a runtime that is
    /// shutting down drops the task at once, which locks the state.
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
            // A panic of the plugin is a failed login, so that callers do not hang.
            let result = AssertUnwindSafe(self.credentials.authenticate(context))
                .catch_unwind()
                .await
                .unwrap_or_else(|_| Err(Error::new(ErrorKind::Auth, "the auth plugin panicked")))
                .map_err(|error| self.failed(error));
            let mut state = self.lock();
            state.last_login = Some(clock::now());
            match result {
                // The server may have revoked the new token together with the one it refused meanwhile.
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
                    // Each error status of a login, also a 404, is an error of the login.
                    let error = match error.kind() {
                        ErrorKind::Status => error.with_kind(ErrorKind::Auth),
                        _ => error,
                    };
                    if in_background && needs_input(&error) {
                        // This error is not kept for the next caller, whose login may ask.
                        state.needs_input = self.newest();
                        end(&mut state, number);
                        tracing::debug!(
                            target: "heatclient::token",
                            %error,
                            "the token cannot be renewed in the background; it is used until it expires"
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

    /// Converts the plugin's error to the error that callers get.
    fn failed(&self, error: Error) -> Error {
        let mask = self.context.client().mask();
        // The plugin's secrets may have changed.
        mask.add(self.credentials.secrets());
        let error = match error.kind() {
            ErrorKind::Status => error.with_kind(ErrorKind::Auth),
            _ => error,
        };
        // The login was sent, the call was not.
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
            endpoint,
            servers,
        } = data;
        // From here on the monotonic clock measures the lifetime.
        let expires = expires.map(clock::moment_of);
        self.context.client().mask().add_headers(&headers);
        // A token that was exchanged for another keeps its expiry. Renewing it again has no effect.
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
        let fixed = fixed.into_iter().flatten().cloned();
        let origins = fixed.chain(endpoint.clone()).chain(servers).collect();
        Token {
            generation: self.newest() + 1,
            headers,
            expires,
            renew,
            access,
            endpoint,
            origins,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No critical section can leave the state inconsistent.
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
            // Without a receiver the token is still stored.
            let _ = finished.send(result);
        }
    }
}

impl Drop for LoginTask {
    /// If the runtime shuts down and drops the task, the next caller can start a new login.
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

    /// The value of `X-Auth-Token`, if the token has this header.
    pub(crate) fn secret(&self) -> Option<Secret> {
        let is_token = |(name, _): &&(HeaderName, HeaderValue)| name == "x-auth-token";
        let (_, value) = self.headers.iter().find(is_token)?;
        value.to_str().ok().map(Secret::from)
    }

    /// All headers, marked sensitive.
    pub(crate) fn headers(&self) -> HeaderMap {
        self.headers.iter().cloned().collect()
    }

    pub(crate) fn access(&self) -> Option<&Arc<AccessInfo>> {
        self.access.as_ref()
    }

    /// The endpoint of every service, if the login revealed one.
    pub(crate) fn endpoint(&self) -> Option<&Uri> {
        self.endpoint.as_ref()
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

    /// Adds the token to a request if the server may receive it. Returns whether it may.
    pub(crate) fn stamp(&self, request: &mut Request<Body>) -> bool {
        let call = request.extensions().get::<Call>();
        let allowed = is_allowed(request.uri(), call, |server| self.may_go_to(server, call));
        if let Some(call) = call {
            call.set_generation(if allowed { self.generation } else { 0 });
            call.set_trusted(allowed);
        }
        if allowed {
            for (name, value) in &self.headers {
                request.headers_mut().insert(name.clone(), value.clone());
            }
        }
        allowed
    }
}

/// Whether `target` is a known server, or the https URL to which a known server redirected the call.
fn is_allowed(target: &Uri, call: Option<&Call>, is_known: impl Fn(&Uri) -> bool) -> bool {
    is_known(target)
        || call
            .and_then(Call::https_redirect)
            .is_some_and(|(from, to)| uri::same_origin(to, target) && is_known(from))
}

/// Whether `server` is the https variant of `known`, an http URL on the same host. If discovery was
/// redirected to https, the login is sent there.
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
