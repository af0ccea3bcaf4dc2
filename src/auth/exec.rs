//! Credentials from a command, such as a password manager's.

mod output;

use std::fmt;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::Uri;
use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, Command};
use zeroize::Zeroizing;

use self::output::Printed;
use crate::auth::identity::{AuthUrl, details};
use crate::auth::{AuthContext, AuthData, AuthPlugin, CacheInputs, Credentials};
use crate::clock;
use crate::error::{Error, ErrorKind, Result};
use crate::secret::Secret;
use crate::uri;

/// The time that a command may take.
const TIME_LIMIT: Duration = Duration::from_secs(60);
/// The maximum size of a command's output.
const LIMIT: usize = 64 * 1024;
/// The environment variable that tells the command what it may do.
const INFO: &str = "HEATCLIENT_EXEC_INFO";

/// Runs a command that prints credentials: a password manager, Vault, or a login of its own.
///
/// The command is a list of arguments and is run without a shell. It prints one JSON object, which is
/// either a token or the name and the options of another plugin:
///
/// ```json
/// {"token": "gAAAA…", "expires_at": "2026-11-26T04:50:11Z"}
/// {"auth_type": "v3applicationcredential", "auth": {"auth_url": "https://…", "application_credential_id": "…"}}
/// ```
///
/// The result is used like that of a login, until it expires or a server refuses it. Then the command
/// runs again. What it prints is never logged. Its standard error is that of this process. It is killed
/// when its time is over or the login is dropped. Programs that it started are not killed. One that stays in the
/// background must close its standard output, since the output is read to its end.
///
/// The variable `HEATCLIENT_EXEC_INFO` tells the command whether it may ask the user:
/// `{"version": 1, "interactive": false}`. Its standard input is empty unless it may.
///
/// ```
/// use heatclient::auth::Exec;
///
/// let auth = Exec::new(["vault", "read", "-field=credential", "secret/openstack"])?
///     .auth_url("https://keystone.example/v3")?;
/// # let _ = auth;
/// # Ok::<(), heatclient::Error>(())
/// ```
#[derive(Clone)]
pub struct Exec {
    program: String,
    arguments: Vec<Secret>,
    time_limit: Duration,
    user: ExecUser,
    auth_url: Option<AuthUrl>,
    endpoint: Option<Uri>,
    load: Option<Arc<Load>>,
    /// The plugin that the command named last.
    named: Arc<Mutex<Option<Credentials>>>,
}

/// Creates the plugin with this name and these options.
type Load = dyn Fn(&str, Vec<(String, Secret)>) -> Result<Credentials> + Send + Sync;

/// Whether a command may ask the user on the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ExecUser {
    /// It may not.
    #[default]
    Never,
    /// It may if the login may ask the user: see [`AuthContext::can_ask`].
    IfAvailable,
    /// It may. A login that may not ask the user fails.
    Always,
}

impl Exec {
    /// Runs this program with these arguments. The program is searched in `PATH`.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if the command is empty.
    pub fn new<S: Into<String>>(command: impl IntoIterator<Item = S>) -> Result<Self> {
        let mut words = command.into_iter().map(Into::into);
        let program = words.next().filter(|program| !program.is_empty());
        let Some(program) = program else {
            return Err(Error::new(ErrorKind::Config, "the command is empty"));
        };
        Ok(Self {
            program,
            arguments: words.map(Secret::from).collect(),
            time_limit: TIME_LIMIT,
            user: ExecUser::Never,
            auth_url: None,
            endpoint: None,
            load: None,
            named: Arc::default(),
        })
    }

    /// Sets the time that the command may take. 60 s by default.
    #[must_use]
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    /// Sets whether the command may ask the user. It may not by default.
    #[must_use]
    pub fn user(mut self, user: ExecUser) -> Self {
        self.user = user;
        self
    }

    /// Sets the identity service of printed tokens: their scope and catalog are requested from it.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if the URL is invalid.
    pub fn auth_url(mut self, url: &str) -> Result<Self> {
        self.auth_url = Some(AuthUrl::parse(url)?.discover(true));
        Ok(self)
    }

    /// Sets the endpoint of every service, for printed tokens without a catalog.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if the URL is invalid.
    pub fn at(mut self, endpoint: &str) -> Result<Self> {
        self.endpoint = Some(uri::parse_url(endpoint, "the endpoint")?);
        Ok(self)
    }

    /// Sets the function that creates the plugins that the command names. The loader of the plugin
    /// `exec` uses the registry.
    #[must_use]
    pub fn plugins<F>(mut self, load: F) -> Self
    where
        F: Fn(&str, Vec<(String, Secret)>) -> Result<Credentials> + Send + Sync + 'static,
    {
        self.load = Some(Arc::new(load));
        self
    }

    fn named(&self) -> Option<Credentials> {
        let named = self.named.lock();
        named.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn failed(&self, kind: ErrorKind, what: impl fmt::Display) -> Error {
        Error::new(kind, format!("the command {} {what}", self.program))
    }

    /// Runs the command and reads what it prints.
    async fn run(&self, cx: &AuthContext) -> Result<Printed> {
        let may_ask = match self.user {
            ExecUser::Never => false,
            ExecUser::IfAvailable => cx.can_ask(),
            ExecUser::Always => {
                cx.require_user(&format!("the command {}", self.program))?;
                true
            }
        };
        let mut child = self.start(may_ask).map_err(|e| {
            let hint = match self.program.contains(char::is_whitespace) {
                true => "; this is the name of one program: a program with arguments is a JSON list, [\"program\", \"argument\"]",
                false => "",
            };
            self.failed(ErrorKind::Io, format!("cannot be run: {e}{hint}"))
                .with_source(e)
        })?;
        let finished = tokio::time::timeout(self.time_limit, self.finish(&mut child)).await;
        let output = finished.unwrap_or_else(|_| {
            let limit = self.time_limit;
            let what = format!("did not end within {limit:?} and was killed");
            Err(self.failed(ErrorKind::Timeout, what))
        })?;
        Printed::read(&output).map_err(|why| self.failed(ErrorKind::Auth, why))
    }

    fn start(&self, may_ask: bool) -> std::io::Result<Child> {
        let input = if may_ask {
            Stdio::inherit()
        } else {
            Stdio::null()
        };
        Command::new(&self.program)
            .args(self.arguments.iter().map(Secret::expose))
            .env(
                INFO,
                format!(r#"{{"version": 1, "interactive": {may_ask}}}"#),
            )
            .stdin(input)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
    }

    /// Reads the output to its end. It is wiped from memory when it is dropped.
    async fn finish(&self, child: &mut Child) -> Result<Zeroizing<Vec<u8>>> {
        // Allocated at once: a growing vector leaves copies in memory.
        let mut output = Zeroizing::new(Vec::with_capacity(LIMIT + 64));
        let broken = |e: std::io::Error| {
            self.failed(ErrorKind::Io, format!("cannot be read: {e}"))
                .with_source(e)
        };
        if let Some(pipe) = child.stdout.take() {
            let mut pipe = pipe.take(LIMIT as u64 + 1);
            pipe.read_to_end(&mut output).await.map_err(broken)?;
        }
        if output.len() > LIMIT {
            let what = format!("printed more than {LIMIT} bytes");
            return Err(self.failed(ErrorKind::Auth, what));
        }
        let status = child.wait().await.map_err(broken)?;
        match status.success() {
            true => Ok(output),
            false => {
                let what = format!("failed ({status}); stderr has its messages");
                Err(self.failed(ErrorKind::Auth, what))
            }
        }
    }

    async fn with_token(
        &self,
        token: &Secret,
        expires: Option<jiff::Timestamp>,
        cx: &AuthContext,
    ) -> Result<AuthData> {
        cx.client().mask().add([token.clone()]);
        if let Some(expires) = expires.filter(|expires| *expires <= clock::wall()) {
            let what = format!("printed a token that expired at {expires}");
            return Err(self.failed(ErrorKind::Auth, what));
        }
        let data = match &self.auth_url {
            Some(auth_url) => AuthData::access(details(token, auth_url, cx).await?)?,
            None => AuthData::token(token)?,
        };
        Ok(data.expires_by(expires))
    }

    async fn with_plugin(
        &self,
        name: &str,
        options: Vec<(String, Secret)>,
        cx: &AuthContext,
    ) -> Result<AuthData> {
        let doing =
            |error: Error| error.doing(format!("auth type of the command {}", self.program));
        let Some(load) = &self.load else {
            let what = "named an auth type, but only tokens are accepted here";
            return Err(self.failed(ErrorKind::Config, what));
        };
        let secrets: Vec<_> = options.iter().map(|(_, value)| value.clone()).collect();
        let credentials = load(name, options).map_err(|error| {
            // The message may quote an option.
            let mask = crate::secret::Mask::default();
            mask.add(secrets);
            doing(mask.error(error))
        })?;
        cx.client().mask().add(credentials.secrets());
        *self.named.lock().unwrap_or_else(PoisonError::into_inner) = Some(credentials.clone());
        let mut data = credentials.authenticate(cx).await?;
        if let Some(url) = credentials.auth_url() {
            data = data.server(url.clone());
        }
        if let Some(url) = credentials.endpoint() {
            data = data.endpoint(url.clone());
        }
        Ok(data)
    }
}

impl AuthPlugin for Exec {
    async fn authenticate(&self, cx: &AuthContext) -> Result<AuthData> {
        match self.run(cx).await? {
            Printed::Token(token, expires) => self.with_token(&token, expires, cx).await,
            Printed::Plugin(name, options) => self.with_plugin(&name, options, cx).await,
        }
    }

    fn endpoint(&self) -> Option<&Uri> {
        self.endpoint.as_ref()
    }

    fn auth_url(&self) -> Option<&Uri> {
        self.auth_url.as_ref().map(AuthUrl::uri)
    }

    fn login_urls(&self) -> Vec<Uri> {
        let Some(named) = self.named() else {
            return Vec::new();
        };
        let mut urls = named.login_urls();
        urls.extend(named.auth_url().cloned());
        urls.extend(named.endpoint().cloned());
        urls
    }

    fn cache_inputs(&self) -> Option<CacheInputs> {
        let url = |url: Option<&Uri>| url.map(ToString::to_string);
        let inputs = CacheInputs::new("exec")
            .with("program", &self.program)
            .with("auth_url", &url(AuthPlugin::auth_url(self)))
            .with("endpoint", &url(AuthPlugin::endpoint(self)));
        let numbered = self.arguments.iter().enumerate();
        Some(numbered.fold(inputs, |inputs, (number, argument)| {
            inputs.with_secret(&format!("argument {number}"), argument)
        }))
    }
}

/// Arguments are not shown: they may be secret.
impl fmt::Debug for Exec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exec")
            .field("program", &self.program)
            .field("time_limit", &self.time_limit)
            .field("user", &self.user)
            .field("auth_url", &self.auth_url)
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
