//! Several methods in one login.

use http::Uri;

use super::application_credential::{self, CredentialRef};
use super::login::Login;
use super::method::{FurtherMethods, LoginMethod, Receipt};
use super::totp::{self, Passcode, Passcodes};
use super::url::AuthUrl;
use super::{UserRef, password, token};
use crate::auth::{AuthContext, AuthData, AuthPlugin, CacheInputs, Prompt, Scope};
use crate::error::{Error, ErrorKind, Result};
use crate::secret::Secret;

/// Logs in with several methods, such as a password and a passcode.
///
/// The first request has all factors that are known. If Keystone answers with a receipt, the login
/// continues with the factors that it requires, and asks the user for them: see
/// [`Interaction`](crate::auth::Interaction). So the user is asked for a passcode only if Keystone
/// requires one.
///
/// ```
/// use heatclient::auth::DomainRef;
/// use heatclient::auth::identity::{Factor, MultiFactor, Passcode, UserRef};
///
/// let user = || UserRef::name("demo", DomainRef::name("Default"));
/// let auth = MultiFactor::new("http://keystone:5000/v3")?
///     .factor(Factor::password(user(), "swordfish"))
///     .factor(Factor::totp(user(), Passcode::Asked));
/// # let _ = auth;
/// # Ok::<(), heatclient::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct MultiFactor {
    auth_url: AuthUrl,
    factors: Vec<Factor>,
    scope: Scope,
}

/// One of the methods of a [`MultiFactor`] login.
#[derive(Debug, Clone)]
pub struct Factor(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Password(UserRef, Option<Secret>),
    Totp(UserRef, Passcodes),
    Token(Secret),
    ApplicationCredential(CredentialRef, Secret),
}

impl Factor {
    /// The password of a user.
    pub fn password(user: UserRef, password: impl Into<Secret>) -> Self {
        Self(Kind::Password(user, Some(password.into())))
    }

    /// The password of a user, who is asked for it.
    pub fn asked_password(user: UserRef) -> Self {
        Self(Kind::Password(user, None))
    }

    /// A one-time passcode of a user.
    pub fn totp(user: UserRef, passcode: Passcode) -> Self {
        Self(Kind::Totp(user, passcode.into()))
    }

    /// A token.
    pub fn token(token: impl Into<Secret>) -> Self {
        Self(Kind::Token(token.into()))
    }

    /// An application credential.
    pub fn application_credential(credential: CredentialRef, secret: impl Into<Secret>) -> Self {
        Self(Kind::ApplicationCredential(credential, secret.into()))
    }

    fn name(&self) -> &'static str {
        match &self.0 {
            Kind::Password(..) => "password",
            Kind::Totp(..) => "totp",
            Kind::Token(_) => "token",
            Kind::ApplicationCredential(..) => "application_credential",
        }
    }

    fn user(&self) -> Option<&UserRef> {
        match &self.0 {
            Kind::Password(user, _) | Kind::Totp(user, _) => Some(user),
            Kind::Token(_) | Kind::ApplicationCredential(..) => None,
        }
    }

    /// Whether it needs no user input.
    fn is_ready(&self) -> bool {
        match &self.0 {
            Kind::Password(_, password) => password.is_some(),
            Kind::Totp(_, passcodes) => passcodes.is_ready(),
            Kind::Token(_) | Kind::ApplicationCredential(..) => true,
        }
    }

    async fn method(&self, cx: &AuthContext) -> Result<LoginMethod> {
        match &self.0 {
            Kind::Password(user, Some(password)) => password::method(user, password),
            Kind::Password(user, None) => password::method(user, &ask_password(user, cx).await?),
            Kind::Totp(user, passcodes) => totp::method(user, &passcodes.next(cx).await?),
            Kind::Token(token) => token::method(token),
            Kind::ApplicationCredential(credential, secret) => {
                application_credential::method(credential, secret)
            }
        }
    }

    fn secrets(&self) -> Vec<Secret> {
        match &self.0 {
            Kind::Password(_, password) => password.iter().cloned().collect(),
            Kind::Totp(_, passcodes) => passcodes.secrets(),
            Kind::Token(secret) | Kind::ApplicationCredential(_, secret) => vec![secret.clone()],
        }
    }

    fn add_to(&self, inputs: CacheInputs) -> CacheInputs {
        let inputs = inputs.with("factor", self.name());
        match &self.0 {
            Kind::Password(user, password) => {
                let inputs = inputs.with("password of", user);
                match password {
                    Some(password) => inputs.with_secret("password", password),
                    None => inputs,
                }
            }
            Kind::Totp(user, passcodes) => passcodes.add_to(inputs.with("totp of", user)),
            Kind::Token(token) => inputs.with_secret("token", token),
            Kind::ApplicationCredential(credential, secret) => inputs
                .with("credential", credential)
                .with_secret("secret", secret),
        }
    }
}

impl MultiFactor {
    /// Logs in to the v3 API below `auth_url`; `/v3` may be omitted.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if the URL is invalid.
    pub fn new(auth_url: &str) -> Result<Self> {
        Ok(Self {
            auth_url: AuthUrl::parse(auth_url)?,
            factors: Vec::new(),
            scope: Scope::Default,
        })
    }

    /// Adds a factor. It replaces one of the same method.
    #[must_use]
    pub fn factor(mut self, factor: Factor) -> Self {
        self.factors.retain(|other| other.name() != factor.name());
        self.factors.push(factor);
        self
    }

    /// Sets the scope of the token.
    #[must_use]
    pub fn scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    /// Describes the user in errors.
    fn who(&self) -> String {
        match self.factors.iter().find_map(Factor::user) {
            Some(user) => format!("as {user}"),
            None => {
                let names: Vec<_> = self.factors.iter().map(Factor::name).collect();
                format!("with {}", names.join(" and "))
            }
        }
    }

    /// The methods of the first request: those that need no user input, or else the first one.
    async fn first(&self, cx: &AuthContext) -> Result<Vec<LoginMethod>> {
        let mut methods = Vec::new();
        for factor in self.factors.iter().filter(|factor| factor.is_ready()) {
            methods.push(factor.method(cx).await?);
        }
        match self.factors.first() {
            Some(first) if methods.is_empty() => methods.push(first.method(cx).await?),
            Some(_) => {}
            None => {
                let message = "the multi-factor login has no factors";
                return Err(Error::new(ErrorKind::Config, message));
            }
        }
        Ok(methods)
    }
}

impl AuthPlugin for MultiFactor {
    async fn authenticate(&self, cx: &AuthContext) -> Result<AuthData> {
        let login = Login::new(self.who(), &self.auth_url).scope(&self.scope);
        let methods = self.first(cx).await?;
        let login = methods.into_iter().fold(login, Login::method);
        let result = login.send_with(self, cx).await;
        if let Err(error) = &result {
            for factor in &self.factors {
                if let Kind::Totp(_, passcodes) = &factor.0 {
                    passcodes.restore(!error.may_have_been_sent());
                }
            }
        }
        result
    }

    fn auth_url(&self) -> Option<&Uri> {
        Some(self.auth_url.uri())
    }

    fn secrets(&self) -> Vec<Secret> {
        self.factors.iter().flat_map(Factor::secrets).collect()
    }

    fn cache_inputs(&self) -> Option<CacheInputs> {
        let inputs = CacheInputs::new("multifactor")
            .with("auth_url", &self.auth_url.uri().to_string())
            .with("scope", &self.scope);
        let factors = self.factors.iter();
        Some(factors.fold(inputs, |inputs, factor| factor.add_to(inputs)))
    }
}

/// What Keystone requires beyond the first request: the remaining factors, and passwords and
/// passcodes, for which the user is asked.
impl FurtherMethods for MultiFactor {
    fn offers(&self, name: &str) -> bool {
        let is_known = self.factors.iter().any(|factor| factor.name() == name);
        is_known || matches!(name, "password" | "totp")
    }

    async fn method(&self, name: &str, receipt: &Receipt, cx: &AuthContext) -> Result<LoginMethod> {
        if let Some(factor) = self.factors.iter().find(|factor| factor.name() == name) {
            return factor.method(cx).await;
        }
        let named = receipt.user_id().map(UserRef::id);
        let user = named.or_else(|| self.factors.iter().find_map(Factor::user).cloned());
        match (name, user) {
            ("password", Some(user)) => password::method(&user, &ask_password(&user, cx).await?),
            ("totp", Some(user)) => totp::method(&user, &totp::ask(cx).await?),
            _ => Err(Error::new(ErrorKind::Auth, receipt.refusal())),
        }
    }
}

async fn ask_password(user: &UserRef, cx: &AuthContext) -> Result<Secret> {
    let text = match user {
        UserRef::Name { name, .. } => format!("Password of {name}: "),
        UserRef::Id(_) => "Password: ".to_owned(),
    };
    cx.ask(&Prompt::secret(text)).await
}

#[cfg(test)]
mod tests {
    use super::super::login::tests::{receipt, token as token_answer};
    use super::*;
    use crate::auth::testing::{Answers, Server};
    use crate::auth::{Credentials, DomainRef};
    use serde_json::{Value, json};

    fn demo() -> UserRef {
        UserRef::name("demo", DomainRef::name("Default"))
    }

    fn login() -> MultiFactor {
        MultiFactor::new("http://id/v3").unwrap()
    }

    fn identities(server: &Server) -> Vec<Value> {
        let seen = server.seen();
        let bodies = seen.iter().map(|(_, body)| {
            let mut body: Value = serde_json::from_slice(body).unwrap();
            body["auth"]["identity"].take()
        });
        bodies.collect()
    }

    /// Requires a password and a passcode.
    fn strict() -> Server {
        Server::new(|request| {
            let body: Value = serde_json::from_slice(request.body()).unwrap();
            let methods = &body["auth"]["identity"]["methods"];
            let has_receipt = request.headers().contains_key("openstack-auth-receipt");
            match methods.as_array().unwrap().len() + usize::from(has_receipt) {
                2 => token_answer(),
                _ => receipt(methods, &json!([["password", "totp"]])),
            }
        })
    }

    #[tokio::test(start_paused = true)]
    async fn known_factors_are_sent_together() {
        let server = strict();
        let plugin = login()
            .factor(Factor::password(demo(), "swordfish"))
            .factor(Factor::totp(demo(), Passcode::Once(Secret::from("123456"))))
            .scope(Scope::project_id("p1"));
        plugin.authenticate(&server.context()).await.unwrap();
        let user = json!({"name": "demo", "domain": {"name": "Default"}});
        let with = |key: &str, value: &str| {
            let mut user = user.clone();
            user[key] = value.into();
            json!({"user": user})
        };
        assert_eq!(
            identities(&server),
            [json!({
                "methods": ["password", "totp"],
                "password": with("password", "swordfish"),
                "totp": with("passcode", "123456"),
            })]
        );
        let debug = format!("{plugin:?}");
        assert!(!debug.contains("swordfish") && !debug.contains("123456"));

        let server = Server::new(|_| token_answer());
        let plugin = login()
            .factor(Factor::token("gAAAA"))
            .factor(Factor::application_credential(CredentialRef::id("c"), "pw"));
        assert_eq!(plugin.who(), "with token and application_credential");
        plugin.authenticate(&server.context()).await.unwrap();
        assert_eq!(server.last().0.headers["x-auth-token"], "gAAAA");
        assert_eq!(
            identities(&server),
            [json!({
                "methods": ["token", "application_credential"],
                "token": {"id": "gAAAA"},
                "application_credential": {"id": "c", "secret": "pw"},
            })]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn the_user_is_asked_for_what_keystone_requires() {
        type Case = (fn() -> MultiFactor, &'static [&'static str]);
        let all: [Case; 4] = [
            // A factor that is to be asked for.
            (
                || {
                    login()
                        .factor(Factor::password(demo(), "swordfish"))
                        .factor(Factor::totp(demo(), Passcode::Asked))
                },
                &["TOTP passcode: "],
            ),
            // A factor that is not configured.
            (
                || login().factor(Factor::password(demo(), "swordfish")),
                &["TOTP passcode: "],
            ),
            (
                || {
                    let code = Passcode::Once(Secret::from("123456"));
                    login().factor(Factor::totp(demo(), code))
                },
                &["Password: "],
            ),
            // Nothing is known.
            (
                || {
                    login()
                        .factor(Factor::asked_password(demo()))
                        .factor(Factor::totp(demo(), Passcode::Asked))
                },
                &["Password of demo: ", "TOTP passcode: "],
            ),
        ];
        for (plugin, questions) in all {
            let server = strict();
            let answers = Answers::new("654321");
            let context = server.context().interaction(answers.clone());
            plugin().authenticate(&context).await.unwrap();
            assert_eq!(answers.asked(), questions);
            assert_eq!(identities(&server).len(), 2);
        }
        // Not asked in vain.
        let server = Server::new(|_| token_answer());
        let plugin = all[0].0();
        plugin.authenticate(&server.context()).await.unwrap();
        assert_eq!(identities(&server)[0]["methods"], json!(["password"]));
    }

    #[tokio::test(start_paused = true)]
    async fn what_cannot_be_supplied_is_named() {
        let asked = || login().factor(Factor::totp(demo(), Passcode::Asked));
        let password = || login().factor(Factor::password(demo(), "swordfish"));
        let kerberos =
            Server::new(|_| receipt(&json!(["password"]), &json!([["password", "kerberos"]])));
        for (server, plugin, kind, message) in [
            (
                strict(),
                asked(),
                ErrorKind::Interaction,
                "user input is required (TOTP passcode), but the session has no interaction handler",
            ),
            (
                strict(),
                password(),
                ErrorKind::Interaction,
                "login as demo at http://id/v3: user input is required (TOTP passcode), but the session \
                 has no interaction handler",
            ),
            (
                kerberos,
                password(),
                ErrorKind::Auth,
                "login as demo at http://id/v3: 401 Unauthorized: more authentication methods are \
                 required: kerberos",
            ),
            (
                strict(),
                login(),
                ErrorKind::Config,
                "the multi-factor login has no factors",
            ),
        ] {
            let error = plugin.authenticate(&server.context()).await.unwrap_err();
            assert_eq!((error.kind(), error.to_string().as_str()), (kind, message));
        }
    }

    #[test]
    fn each_factor_changes_the_key() {
        let key = |plugin: MultiFactor| Credentials::from(plugin).cache_key().unwrap();
        let password = || login().factor(Factor::password(demo(), "swordfish"));
        let keys = [
            key(login()),
            key(password()),
            key(login().factor(Factor::password(demo(), "other"))),
            key(login().factor(Factor::asked_password(demo()))),
            key(password().scope(Scope::System)),
            key(password().factor(Factor::totp(demo(), Passcode::Asked))),
            key(password().factor(Factor::totp(UserRef::id("u"), Passcode::Asked))),
            key(password().factor(Factor::token("gAAAA"))),
            key(password().factor(Factor::application_credential(CredentialRef::id("c"), "pw"))),
        ];
        for (i, one) in keys.iter().enumerate() {
            assert_eq!(keys.iter().position(|key| key == one), Some(i));
        }
        let replaced = password().factor(Factor::password(demo(), "swordfish"));
        assert_eq!(key(replaced), keys[1]);
    }
}
