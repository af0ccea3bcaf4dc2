//! The stack of layers of a session.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tower::util::option_layer;
use tower::{Layer, ServiceBuilder, ServiceExt as _};

use crate::auth::{AuthContext, Credentials, UserInput};
use crate::error::Error;
use crate::secret::Secret;
use crate::session::layers::{AddTokenLayer, ReauthenticateLayer, ResolveLayer, TrustLayer};
use crate::session::user_agent::UserAgent;
use crate::session::{EndpointResolver, Inner, Session, TokenCell};
use crate::transport::layers::{
    AnyHttpService, AttemptLayer, CallSpanLayer, ConcurrencyLayer, DeadlineLayer,
    DefaultHeadersLayer, GzipLayer, HttpService, RateLimitLayer, RedirectLayer, RetryLayer,
};
use crate::transport::{BoxService, HttpClient};

/// The deadline of a login, including retries.
const LOGIN_DEADLINE: Duration = Duration::from_secs(120);

/// A layer of the user.
pub(super) type Wrap = Box<dyn Fn(BoxService) -> BoxService + Send>;

/// Assembles sessions that share settings and transport.
pub(super) trait Assemble: fmt::Debug + Send + Sync {
    /// A session with its own login.
    fn session(self: Arc<Self>, credentials: Credentials) -> Session;

    /// The products of the session in `User-Agent`.
    fn user_agent(&self) -> &UserAgent;
}

/// The settings of a session. Calls are sent through `calls`, logins through `logins`.
///
/// Limits, the retry budget and the transport are shared by all sessions of one stack.
pub(super) struct Stack<C, L> {
    pub(super) calls: C,
    pub(super) logins: L,
    pub(super) input: UserInput,
    pub(super) timeout: Option<Duration>,
    pub(super) read_timeout: Duration,
    pub(super) retry: RetryLayer,
    pub(super) login_retry: RetryLayer,
    pub(super) redirects: u32,
    pub(super) concurrency: ConcurrencyLayer,
    pub(super) rate_limit: RateLimitLayer,
    pub(super) gzip: bool,
    pub(super) headers: DefaultHeadersLayer,
    pub(super) user_agent: UserAgent,
    pub(super) sensitive: Vec<Secret>,
    pub(super) layers: Mutex<Vec<Wrap>>,
}

impl<C: HttpService, L: HttpService> Assemble for Stack<C, L> {
    fn session(self: Arc<Self>, credentials: Credentials) -> Session {
        let wire = ServiceBuilder::new()
            .layer(AttemptLayer::new(self.read_timeout))
            .layer(option_layer(self.gzip.then(GzipLayer::default)));
        let login = ServiceBuilder::new()
            .layer(DeadlineLayer::new(Some(LOGIN_DEADLINE)))
            .layer(CallSpanLayer::default())
            .layer(RedirectLayer::new(self.redirects))
            .layer(self.login_retry.clone())
            .layer(self.headers.clone());
        let cell = Arc::new_cyclic(|cell| {
            let login = login
                .layer(TrustLayer::new(Weak::clone(cell)))
                .service(wire.clone().service(self.logins.clone()));
            let login = HttpClient::new(BoxService::new(login), self.login_retry.clone());
            let context = AuthContext::new(login).with_input(self.input.clone());
            context.client().mask().add(self.sensitive.iter().cloned());
            TokenCell::new(credentials, context)
        });
        let resolver = Arc::new(EndpointResolver::new(Arc::clone(&cell)));
        let stack = ServiceBuilder::new()
            .layer(DeadlineLayer::new(self.timeout))
            .layer(CallSpanLayer::default())
            .layer(ResolveLayer::new(Arc::clone(&resolver)))
            .layer(ReauthenticateLayer::new(Arc::clone(&cell)))
            .layer(RedirectLayer::new(self.redirects))
            .layer(self.retry.clone())
            .layer(self.headers.clone())
            .layer(AddTokenLayer::new(Arc::clone(&cell)))
            .layer(self.concurrency.clone())
            .layer(self.rate_limit.clone())
            .service(wire.service(self.calls.clone()));
        let layers = self.layers.lock().unwrap_or_else(PoisonError::into_inner);
        let stack = wrapped(BoxService::new(stack), &layers);
        drop(layers);
        let mask = Arc::clone(cell.context().client().mask());
        Session(Arc::new(Inner {
            cell,
            resolver,
            client: HttpClient::masked(stack, self.retry.clone(), mask),
            stack: self,
        }))
    }

    fn user_agent(&self) -> &UserAgent {
        &self.user_agent
    }
}

pub(super) fn wrap<L>(layer: L) -> Wrap
where
    L: Layer<BoxService, Service: AnyHttpService> + Send + 'static,
{
    Box::new(move |inner| erased(layer.layer(inner)))
}

pub(super) fn erased(service: impl AnyHttpService) -> BoxService {
    BoxService::new(service.map_err(|error| Error::from(error.into())))
}

/// Wraps `service` in layers, the first one innermost.
pub(super) fn wrapped(service: BoxService, layers: &[Wrap]) -> BoxService {
    layers.iter().fold(service, |inner, wrap| wrap(inner))
}

impl<C, L> fmt::Debug for Stack<C, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stack")
            .field("timeout", &self.timeout)
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}
