//! A Keystone and a Heat in memory, on the loopback interface: for first steps and for tests.
//!
//! [`Sandbox::start`] opens two listeners on free ports of 127.0.0.1. They implement identity v3
//! and orchestration v1 like the real services: the same documents, status codes, headers and error
//! texts. Stacks of [many types of Heat's own](RESOURCE_TYPES) pass through their states, with events.
//! Environments, hooks, `get_file`, signals, templates as resource types, snapshots, abandoning and adopting
//! work as in Heat. The sandbox refuses what it does not support.
//!
//! For tests it keeps a [log of requests](Sandbox::requests), injects [scripted faults](Fault),
//! revokes tokens and can stop Keystone.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> heatclient::Result<()> {
//! use heatclient::sandbox::Sandbox;
//! use heatclient::{Client, Session, loading};
//!
//! let sandbox = Sandbox::start().await?;
//! let auth = loading::plugin_loader("password")?.load(sandbox.options())?;
//! let heat = Client::new(Session::new(auth));
//! assert!(heat.stacks().list().await?.is_empty());
//! // For other programs:
//! for (name, value) in sandbox.environment() {
//!     println!("export {name}={value}");
//! }
//! sandbox.stop().await;
//! # Ok(())
//! # }
//! ```

mod call;
mod clock;
mod directory;
mod faults;
mod heat;
mod identity;
mod log;
mod server;
mod stack_users;
mod tokens;

#[cfg(test)]
mod tests;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::Method;
use tokio::net::TcpListener;

pub use self::directory::{ApplicationCredential, Credentials};
pub use self::faults::{Fault, FaultHandle};
pub use self::heat::RESOURCE_TYPES;
pub use self::log::{RecordedRequest, Service};

use self::directory::Directory;
use self::faults::Faults;
use self::heat::Heat;
use self::identity::Identity;
use self::log::Log;
use self::server::Listener;
use self::stack_users::StackUsers;
use self::tokens::Tokens;

const REGION: &str = "RegionOne";

/// A running in-memory Keystone and Heat.
///
/// Dropping it closes its listeners, its connections and its tasks.
#[derive(Debug)]
pub struct Sandbox {
    cloud: Arc<Cloud>,
    identity: Mutex<Option<Listener>>,
    orchestration: Mutex<Option<Listener>>,
}

/// The state that both listeners share.
#[derive(Debug)]
struct Cloud {
    addresses: Addresses,
    identity: Identity,
    heat: Heat,
    log: Log,
    faults: Faults,
}

impl Cloud {
    fn credentials(&self) -> Credentials {
        let found = self.identity.directory.credentials_of("demo");
        found.unwrap_or_default()
    }
}

#[derive(Debug, Clone, Copy)]
struct Addresses {
    identity: SocketAddr,
    orchestration: SocketAddr,
}

/// Settings of a [`Sandbox`] before its start.
#[derive(Debug, Clone)]
pub struct SandboxBuilder {
    token_lifetime: Duration,
    stack_delay: Duration,
    port: u16,
    orchestration_port: u16,
}

impl SandboxBuilder {
    /// The lifetime of tokens; one hour by default.
    ///
    /// A lifetime of one minute or more starts and ends on whole seconds, as in Keystone, so such a
    /// token lives up to a second less. Shorter lifetimes are exact.
    #[must_use]
    pub const fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.token_lifetime = lifetime;
        self
    }

    /// How long an action on a stack takes, with all resources; zero by default.
    ///
    /// The waits of a template (`wait_secs` of `OS::Heat::TestResource`) are added.
    #[must_use]
    pub const fn stack_delay(mut self, delay: Duration) -> Self {
        self.stack_delay = delay;
        self
    }

    /// The port of the identity service; by default a free one.
    #[must_use]
    pub const fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The port of the orchestration service; by default a free one.
    #[must_use]
    pub const fn orchestration_port(mut self, port: u16) -> Self {
        self.orchestration_port = port;
        self
    }

    /// Opens the listeners and starts to answer.
    ///
    /// # Errors
    ///
    /// If a port cannot be bound. `?` converts the error to a [`heatclient::Error`](crate::Error).
    pub async fn start(self) -> io::Result<Sandbox> {
        let identity = listen(self.port).await?;
        let orchestration = listen(self.orchestration_port).await?;
        let addresses = Addresses {
            identity: identity.local_addr()?,
            orchestration: orchestration.local_addr()?,
        };
        let tokens = Arc::new(Tokens::new(self.token_lifetime));
        let stack_users = Arc::new(StackUsers::new(addresses, Arc::clone(&tokens)));
        let users = Arc::clone(&stack_users);
        let cloud = Arc::new(Cloud {
            addresses,
            identity: Identity::new(Directory::new(), addresses, tokens, users),
            heat: Heat::new(self.stack_delay, stack_users),
            log: Log::default(),
            faults: Faults::default(),
        });
        Ok(Sandbox {
            identity: Mutex::new(Some(Listener::serve(
                identity,
                Service::Identity,
                Arc::clone(&cloud),
            ))),
            orchestration: Mutex::new(Some(Listener::serve(
                orchestration,
                Service::Orchestration,
                Arc::clone(&cloud),
            ))),
            cloud,
        })
    }
}

async fn listen(port: u16) -> io::Result<TcpListener> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpListener::bind(address).await.map_err(|error| {
        let message = format!("the sandbox cannot listen on {address}: {error}");
        io::Error::new(error.kind(), message)
    })
}

impl Sandbox {
    /// Settings for a sandbox that is not started yet.
    #[must_use]
    pub const fn builder() -> SandboxBuilder {
        SandboxBuilder {
            token_lifetime: Duration::from_secs(3600),
            stack_delay: Duration::ZERO,
            port: 0,
            orchestration_port: 0,
        }
    }

    /// Starts a sandbox with the default settings.
    ///
    /// # Errors
    ///
    /// If no port can be bound.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// Closes listeners and connections, and waits until they are closed.
    pub async fn stop(self) {
        for slot in [&self.identity, &self.orchestration] {
            let listener = lock(slot).take();
            if let Some(listener) = listener {
                listener.close().await;
            }
        }
    }

    /// Stops Keystone: its port refuses connections, and its open connections are closed.
    pub async fn stop_identity(&self) {
        let listener = lock(&self.identity).take();
        if let Some(listener) = listener {
            listener.close().await;
        }
    }

    /// Starts Keystone again on the same port, with its tokens. Does nothing if it is running.
    ///
    /// # Errors
    ///
    /// If another program uses the port now.
    pub async fn start_identity(&self) -> io::Result<()> {
        if lock(&self.identity).is_some() {
            return Ok(());
        }
        let socket = TcpListener::bind(self.cloud.addresses.identity).await?;
        let listener = Listener::serve(socket, Service::Identity, Arc::clone(&self.cloud));
        *lock(&self.identity) = Some(listener);
        Ok(())
    }

    /// The versioned identity URL for `OS_AUTH_URL`: `http://127.0.0.1:<port>/v3`.
    #[must_use]
    pub fn auth_url(&self) -> String {
        self.cloud.addresses.auth_url()
    }

    /// The root URL of the identity service, without version and trailing slash.
    #[must_use]
    pub fn identity_root_url(&self) -> String {
        format!("http://{}", self.cloud.addresses.identity)
    }

    /// The orchestration endpoint of the default project, as in the catalog.
    #[must_use]
    pub fn orchestration_url(&self) -> String {
        let project = &self.credentials().project_id;
        format!("{}/v1/{project}", self.orchestration_root_url())
    }

    /// The root URL of the orchestration service, without version and trailing slash.
    #[must_use]
    pub fn orchestration_root_url(&self) -> String {
        format!("http://{}", self.cloud.addresses.orchestration)
    }

    /// The default user: `demo` in project `demo`.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        self.cloud.credentials()
    }

    /// A user in the user's default project. The password equals the user name.
    ///
    /// The users are `demo` (also in project `demo2`), `reader` (read-only: gets 403 on changes),
    /// `alice` (domain `acme`, project `rocket`), `admin`, `noproject` (without any role) and
    /// `disabled` (gets 401), `totp` (a passcode is sufficient) and `mfa` (needs a password and a passcode).
    #[must_use]
    pub fn credentials_of(&self, user: &str) -> Option<Credentials> {
        self.cloud.identity.directory.credentials_of(user)
    }

    /// The id of the project with this name: `demo`, `demo2`, `admin`, `rocket` or `service`.
    #[must_use]
    pub fn project_id(&self, name: &str) -> Option<String> {
        self.cloud
            .identity
            .directory
            .project_named(name)
            .map(|project| project.id.clone())
    }

    /// An application credential of `demo`, for project `demo`.
    #[must_use]
    pub fn application_credential(&self) -> ApplicationCredential {
        self.cloud.identity.directory.application_credential.clone()
    }

    /// The TOTP secret of the users `totp` and `mfa`, in base32.
    #[must_use]
    pub fn totp_secret(&self) -> &'static str {
        identity::TOTP_SECRET
    }

    /// The ID of the trust by which `alice` acts for `demo` in project `demo`.
    #[must_use]
    pub fn trust_id(&self) -> &str {
        &self.cloud.identity.directory.trust.id
    }

    /// The options of the auth plugin `password` for [`Sandbox::credentials`].
    #[must_use]
    pub fn options(&self) -> [(&'static str, String); 6] {
        let demo = self.credentials();
        [
            ("auth_url", self.auth_url()),
            ("username", demo.username),
            ("password", demo.password),
            ("project_name", demo.project_name),
            ("user_domain_name", demo.user_domain_name),
            ("project_domain_name", demo.project_domain_name),
        ]
    }

    /// The `OS_*` variables for [`Sandbox::credentials`].
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let demo = self.credentials();
        vec![
            ("OS_AUTH_URL", self.auth_url()),
            ("OS_USERNAME", demo.username),
            ("OS_PASSWORD", demo.password),
            ("OS_PROJECT_NAME", demo.project_name),
            ("OS_USER_DOMAIN_NAME", demo.user_domain_name),
            ("OS_PROJECT_DOMAIN_NAME", demo.project_domain_name),
            ("OS_REGION_NAME", REGION.to_owned()),
            ("OS_IDENTITY_API_VERSION", "3".to_owned()),
        ]
    }

    /// Revokes all tokens.
    pub fn revoke_all_tokens(&self) {
        self.cloud.identity.tokens.revoke_all();
    }

    /// Sets the lifetime of new tokens.
    pub fn set_token_lifetime(&self, lifetime: Duration) {
        self.cloud.identity.tokens.set_lifetime(lifetime);
    }

    /// Sets the duration of actions that start from now on.
    pub fn set_stack_delay(&self, delay: Duration) {
        self.cloud.heat.set_stack_delay(delay);
    }

    /// Adds stacks to the default project: of an empty template, created and complete, named `filled-0`,
    /// `filled-1` and so on. They have no events. 100,000 of them take about 130 MB.
    ///
    /// # Errors
    ///
    /// If one of the names is taken, for example by an earlier call.
    pub fn add_stacks(&self, count: usize) -> io::Result<()> {
        let demo = self.credentials();
        let added = self
            .cloud
            .heat
            .fill(&demo.project_id, &demo.username, count);
        added.map_err(|message| io::Error::new(io::ErrorKind::AlreadyExists, message))
    }

    /// The requests so far, oldest first. Only the last 131,072 are kept.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.cloud.log.all()
    }

    /// The number of requests with this method and a path that starts with `path_prefix`.
    ///
    /// Paths of Heat start with `/v1/<project id>`. For other conditions use
    /// [`Sandbox::count_where`].
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "`count(Method::POST, ..)` reads well"
    )]
    pub fn count(&self, method: Method, path_prefix: &str) -> usize {
        self.count_where(|request| {
            request.method == method && request.path.starts_with(path_prefix)
        })
    }

    /// The number of matching requests.
    #[must_use]
    pub fn count_where(&self, matches: impl Fn(&RecordedRequest) -> bool) -> usize {
        self.cloud.log.count(matches)
    }

    /// The number of logins: `POST /v3/auth/tokens`.
    #[must_use]
    pub fn logins(&self) -> usize {
        self.count(Method::POST, "/v3/auth/tokens")
    }

    /// Clears the log of requests.
    pub fn clear_requests(&self) {
        self.cloud.log.clear();
    }

    /// The number of open connections to a service.
    #[must_use]
    pub fn connections(&self, service: Service) -> usize {
        let slot = match service {
            Service::Identity => &self.identity,
            Service::Orchestration => &self.orchestration,
        };
        lock(slot).as_ref().map_or(0, Listener::connections)
    }

    /// Adds a fault. Faults are tried in the order of addition.
    pub fn fault(&self, fault: Fault) -> FaultHandle {
        self.cloud.faults.add(fault)
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.cloud.faults.clear();
    }
}

impl Addresses {
    fn auth_url(&self) -> String {
        format!("http://{}/v3", self.identity)
    }
}

/// Locks, even after a panic of another thread: the data is valid between any two statements.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A random id in Keystone's format: 32 hexadecimal digits.
fn hex_id() -> String {
    format!("{:032x}", fastrand::u128(..))
}

/// A random (version 4) UUID.
fn uuid() -> String {
    let bits = fastrand::u128(..) & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{bits:032x}");
    let mut text = String::with_capacity(36);
    for (position, digit) in hex.chars().enumerate() {
        if matches!(position, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        text.push(digit);
    }
    text
}
