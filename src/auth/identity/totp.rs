//! The method `totp`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::Uri;
use serde::Serialize;

use super::UserRef;
use super::login::Login;
use super::method::LoginMethod;
use super::otp::TotpSecret;
use super::url::AuthUrl;
use crate::auth::{AuthContext, AuthData, AuthPlugin, CacheInputs, Prompt, Scope};
use crate::clock;
use crate::error::{ErrorKind, Result};
use crate::secret::Secret;

/// Logs in with a time-based one-time passcode.
///
/// ```
/// use heatclient::auth::DomainRef;
/// use heatclient::auth::identity::{Passcode, Totp, TotpSecret, UserRef};
///
/// let user = UserRef::name("demo", DomainRef::name("Default"));
/// let secret = TotpSecret::parse("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")?;
/// let auth = Totp::new("http://keystone:5000/v3", user, Passcode::Generated(secret))?;
/// # let _ = auth;
/// # Ok::<(), heatclient::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Totp {
    auth_url: AuthUrl,
    user: UserRef,
    passcodes: Passcodes,
    scope: Scope,
}

/// The source of a user's passcodes.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Passcode {
    /// Each login asks the user.
    Asked,
    /// The first login uses this passcode, further ones ask the user.
    Once(Secret),
    /// Each login generates a passcode. No user is needed.
    Generated(TotpSecret),
}

impl Totp {
    /// Logs in as `user` to the v3 API below `auth_url`; `/v3` may be omitted.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if the URL is invalid.
    pub fn new(auth_url: &str, user: UserRef, passcode: Passcode) -> Result<Self> {
        Ok(Self {
            auth_url: AuthUrl::parse(auth_url)?,
            user,
            passcodes: passcode.into(),
            scope: Scope::Default,
        })
    }

    /// Sets the scope of the token.
    #[must_use]
    pub fn scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }
}

impl AuthPlugin for Totp {
    async fn authenticate(&self, cx: &AuthContext) -> Result<AuthData> {
        let passcode = self.passcodes.next(cx).await?;
        let login = Login::new(format!("as {}", self.user), &self.auth_url)
            .scope(&self.scope)
            .method(method(&self.user, &passcode)?);
        let result = login.send(cx).await;
        if let Err(error) = &result {
            self.passcodes.restore(!error.may_have_been_sent());
        }
        result
    }

    fn auth_url(&self) -> Option<&Uri> {
        Some(self.auth_url.uri())
    }

    fn secrets(&self) -> Vec<Secret> {
        self.passcodes.secrets()
    }

    fn cache_inputs(&self) -> Option<CacheInputs> {
        let inputs = CacheInputs::new("totp")
            .with("auth_url", &self.auth_url.uri().to_string())
            .with("user", &self.user)
            .with("scope", &self.scope);
        Some(self.passcodes.add_to(inputs))
    }
}

/// The method `totp` with this passcode, which is sent only once.
pub(super) fn method(user: &impl Serialize, passcode: &Secret) -> Result<LoginMethod> {
    let passcode = passcode.expose();
    let user = User { user, passcode };
    Ok(LoginMethod::new("totp", &Body { user })?.once(true))
}

/// Asks the user for a passcode.
pub(super) async fn ask(cx: &AuthContext) -> Result<Secret> {
    cx.ask(&Prompt::code("TOTP passcode: ")).await
}

#[derive(Serialize)]
struct Body<'a, U> {
    user: User<'a, U>,
}

#[derive(Serialize)]
struct User<'a, U> {
    #[serde(flatten)]
    user: &'a U,
    passcode: &'a str,
}

/// A source of passcodes that knows whether its only one has been used.
#[derive(Debug, Clone)]
pub(super) struct Passcodes {
    source: Passcode,
    used: Arc<AtomicBool>,
}

impl From<Passcode> for Passcodes {
    fn from(source: Passcode) -> Self {
        let used = Arc::default();
        Self { source, used }
    }
}

impl Passcodes {
    /// Whether the next passcode is available without asking the user.
    pub(super) fn is_ready(&self) -> bool {
        match &self.source {
            Passcode::Asked => false,
            Passcode::Once(_) => !self.used.load(Ordering::Relaxed),
            Passcode::Generated(_) => true,
        }
    }

    pub(super) async fn next(&self, cx: &AuthContext) -> Result<Secret> {
        match &self.source {
            Passcode::Generated(secret) => {
                let passcode = secret.passcode(clock::wall());
                cx.client().mask().add([passcode.clone()]);
                Ok(passcode)
            }
            Passcode::Once(passcode) if !self.used.swap(true, Ordering::Relaxed) => {
                Ok(passcode.clone())
            }
            Passcode::Once(_) => ask(cx).await.map_err(|error| match error.kind() {
                ErrorKind::Interaction if !cx.can_ask() => error.with_message(
                    "the TOTP passcode was used by an earlier login, and no user can be asked for \
                     the next one; set totp_secret for logins without a user",
                ),
                _ => error,
            }),
            Passcode::Asked => ask(cx).await,
        }
    }

    /// Marks the passcode as not yet used, if `unused`, after a login that was not sent.
    pub(super) fn restore(&self, unused: bool) {
        if unused {
            self.used.store(false, Ordering::Relaxed);
        }
    }

    pub(super) fn secrets(&self) -> Vec<Secret> {
        match &self.source {
            Passcode::Asked => Vec::new(),
            Passcode::Once(passcode) => vec![passcode.clone()],
            Passcode::Generated(secret) => vec![secret.text().clone()],
        }
    }

    /// Adds the permanent secret, if there is one: the token of a used passcode remains usable.
    pub(super) fn add_to(&self, inputs: CacheInputs) -> CacheInputs {
        match &self.source {
            Passcode::Generated(secret) => inputs.with_secret("totp_secret", secret.text()),
            Passcode::Asked | Passcode::Once(_) => inputs,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::login::tests::{sent, token};
    use super::*;
    use crate::auth::DomainRef;
    use crate::auth::testing::{Answers, Server};
    use crate::error::Error;
    use serde_json::{Value, json};

    fn demo(passcode: Passcode) -> Totp {
        let user = UserRef::name("demo", DomainRef::name("Default"));
        Totp::new("http://id/v3", user, passcode).unwrap()
    }

    fn once() -> Passcode {
        Passcode::Once(Secret::from("123456"))
    }

    fn passcodes(server: &Server) -> Vec<String> {
        let seen = server.seen();
        let codes = seen.iter().map(|(_, body)| {
            let body: Value = serde_json::from_slice(body).unwrap();
            let code = &body["auth"]["identity"]["totp"]["user"]["passcode"];
            code.as_str().unwrap().to_owned()
        });
        codes.collect()
    }

    #[tokio::test(start_paused = true)]
    async fn wire_shape() {
        let plugin = demo(once()).scope(Scope::System);
        let expected = json!({"auth": {
            "identity": {
                "methods": ["totp"],
                "totp": {"user": {"name": "demo", "domain": {"name": "Default"}, "passcode": "123456"}}},
            "scope": {"system": {"all": true}}}});
        assert_eq!(sent(&plugin).await.1, expected);
        assert!(!format!("{plugin:?}").contains("123456"), "{plugin:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_secret_generates_the_passcode_of_the_hour() {
        let secret = TotpSecret::parse("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap();
        let plugin = demo(Passcode::Generated(secret.clone()));
        let server = Server::new(|_| token());
        for _ in 0..2 {
            let expected = secret.passcode(clock::wall());
            plugin.authenticate(&server.context()).await.unwrap();
            assert_eq!(passcodes(&server).last().unwrap(), expected.expose());
            tokio::time::advance(std::time::Duration::from_secs(60)).await;
        }
        let inputs = |plugin: &Totp| plugin.cache_inputs().unwrap().key();
        assert_ne!(inputs(&plugin), inputs(&demo(once())));
        assert_eq!(inputs(&demo(once())), inputs(&demo(Passcode::Asked)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_passcode_is_used_once_and_then_asked_for() {
        let server = Server::new(|_| token());
        let plugin = demo(once());
        plugin.authenticate(&server.context()).await.unwrap();
        let error = plugin.authenticate(&server.context()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Interaction);
        assert!(error.to_string().contains("set totp_secret"), "{error}");

        let answers = Answers::new("654321");
        let context = server.context().interaction(answers.clone());
        plugin.authenticate(&context).await.unwrap();
        demo(Passcode::Asked).authenticate(&context).await.unwrap();
        assert_eq!(answers.asked(), ["TOTP passcode: ", "TOTP passcode: "]);
        assert_eq!(passcodes(&server), ["123456", "654321", "654321"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_passcode_that_was_not_sent_is_kept() {
        let down = Server::new(|_| Err(Error::new(ErrorKind::Connect, "cannot connect")));
        let plugin = demo(once());
        assert!(plugin.authenticate(&down.context()).await.is_err());
        let server = Server::new(|_| token());
        plugin.authenticate(&server.context()).await.unwrap();
        assert_eq!(passcodes(&server), ["123456"]);
    }
}
