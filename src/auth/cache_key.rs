//! The keys of stored tokens.

use std::fmt;

use ring::hmac;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::secret::Secret;

/// Separates these keys from other uses of the same secrets. Change it when the meaning of the keys
/// changes.
const PURPOSE: &str = "heatclient token 1";

/// All values that determine the identity and scope of a plugin's token.
///
/// They include the auth URL, user, domain, scope, method and the permanent secret, so a token
/// stored under one [`CacheKey`] is never used for other credentials. They do not include one-time
/// codes, because a later run could not find the token.
///
/// ```
/// use heatclient::auth::CacheInputs;
/// use heatclient::secret::Secret;
///
/// let inputs = CacheInputs::new("badge")
///     .with("auth_url", "http://keystone:5000/v3")
///     .with("badge", &17)
///     .with_secret("pin", &Secret::from("swordfish"));
/// # let _ = inputs;
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct CacheInputs {
    /// Names, and values as JSON; `None` for a value that is not valid JSON.
    values: Vec<(String, Option<String>)>,
    secrets: Vec<(String, Secret)>,
}

/// The key of a stored token: an HMAC-SHA256 of all inputs, keyed with the secrets.
///
/// It displays as 64 hexadecimal digits. It does not contain the secrets, but like any digest of a
/// password it allows offline guessing: only the owner may read a store.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CacheKey([u8; 32]);

impl CacheInputs {
    /// Starts the inputs of the login method with this name.
    pub fn new(method: &str) -> Self {
        let inputs = Self {
            values: Vec::new(),
            secrets: Vec::new(),
        };
        inputs.with("method", method)
    }

    /// Adds a value. If it cannot be serialized as JSON, the token is never stored.
    pub fn with<T: Serialize + ?Sized>(mut self, name: &str, value: &T) -> Self {
        let json = serde_json::to_string(value).ok();
        self.values.push((name.to_owned(), json));
        self
    }

    /// Adds a secret.
    pub fn with_secret(mut self, name: &str, secret: &Secret) -> Self {
        self.secrets.push((name.to_owned(), secret.clone()));
        self
    }

    /// Adds the inputs of another login that is a part of this one.
    pub fn and(mut self, other: Self) -> Self {
        self.values.extend(other.values);
        self.secrets.extend(other.secrets);
        self
    }

    pub(crate) fn key(mut self) -> Option<CacheKey> {
        // The key does not depend on the order of the inputs.
        self.values.sort();
        let secrets = &mut self.secrets;
        secrets.sort_by(|(a, x), (b, y)| (a, x.expose()).cmp(&(b, y.expose())));

        let mut message = Vec::new();
        push(&mut message, PURPOSE);
        for (name, value) in &self.values {
            push(&mut message, name);
            push(&mut message, value.as_deref()?);
        }
        // Allocate the full size: a growing vector leaves copies of secrets in memory.
        let sizes = secrets.iter().map(|(name, secret)| {
            let texts = [name.as_str(), secret.expose()];
            texts.map(|text| LENGTH + text.len()).iter().sum::<usize>()
        });
        let mut secret_key = Zeroizing::new(Vec::with_capacity(sizes.sum()));
        for (name, secret) in secrets {
            push(&mut secret_key, name);
            push(&mut secret_key, secret.expose());
        }
        let key = hmac::Key::new(hmac::HMAC_SHA256, &secret_key);
        let digest = hmac::sign(&key, &message);
        digest.as_ref().try_into().ok().map(CacheKey)
    }
}

const LENGTH: usize = size_of::<u64>();

/// Appends the length and the text, so that different lists never have the same encoding.
fn push(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
    bytes.extend_from_slice(text.as_bytes());
}

impl fmt::Display for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CacheKey({self})")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::auth::identity::{ApplicationCredential, CredentialRef, Password, Token, UserRef};
    use crate::auth::{AdminToken, Credentials, DomainRef, NoAuth, Scope};

    const URL: &str = "http://id/v3";

    fn demo() -> UserRef {
        UserRef::name("demo", DomainRef::name("Default"))
    }

    fn passwords() -> Vec<(&'static str, Credentials)> {
        let plugin = |url, user, password: &str, scope| {
            let plugin = Password::new(url, user, password).unwrap();
            plugin.scope(scope).into()
        };
        let by = |user| plugin(URL, user, "swordfish", Scope::Default);
        let to = |scope| plugin(URL, demo(), "swordfish", scope);
        vec![
            ("password", by(demo())),
            (
                "auth URL",
                plugin("http://other/v3", demo(), "swordfish", Scope::Default),
            ),
            ("secret", plugin(URL, demo(), "swordfish2", Scope::Default)),
            ("no secret", plugin(URL, demo(), "", Scope::Default)),
            (
                "user",
                by(UserRef::name("admin", DomainRef::name("Default"))),
            ),
            (
                "user's domain",
                by(UserRef::name("demo", DomainRef::name("acme"))),
            ),
            (
                "domain by id",
                by(UserRef::name("demo", DomainRef::id("Default"))),
            ),
            ("user by id", by(UserRef::id("demo"))),
            ("unscoped", to(Scope::Unscoped)),
            ("system", to(Scope::System)),
            ("trust", to(Scope::trust("t1"))),
            ("domain", to(Scope::Domain(DomainRef::id("d1")))),
            ("domain by name", to(Scope::Domain(DomainRef::name("d1")))),
            ("project", to(Scope::project_id("p1"))),
            ("other project", to(Scope::project_id("p2"))),
            (
                "project by name",
                to(Scope::project_name("p1", DomainRef::id("d1"))),
            ),
            (
                "project's domain",
                to(Scope::project_name("p1", DomainRef::id("d2"))),
            ),
            (
                "project's domain by name",
                to(Scope::project_name("p1", DomainRef::name("d1"))),
            ),
        ]
    }

    fn tokens() -> Vec<(&'static str, Credentials)> {
        let plugin = |url, token: &str, scope| {
            let plugin = Token::new(url, token).unwrap();
            plugin.scope(scope).into()
        };
        vec![
            ("token", plugin(URL, "swordfish", Scope::Default)),
            (
                "token's auth URL",
                plugin("http://other/v3", "swordfish", Scope::Default),
            ),
            ("token's secret", plugin(URL, "swordfish2", Scope::Default)),
            ("token's scope", plugin(URL, "swordfish", Scope::System)),
        ]
    }

    fn application_credentials() -> Vec<(&'static str, Credentials)> {
        let plugin = |url, credential, secret: &str| {
            let plugin = ApplicationCredential::new(url, credential, secret);
            Credentials::from(plugin.unwrap())
        };
        let named = |name, user| plugin(URL, CredentialRef::name(name, user), "swordfish");
        vec![
            (
                "credential",
                plugin(URL, CredentialRef::id("ci"), "swordfish"),
            ),
            (
                "credential's auth URL",
                plugin("http://other/v3", CredentialRef::id("ci"), "swordfish"),
            ),
            (
                "credential's secret",
                plugin(URL, CredentialRef::id("ci"), "swordfish2"),
            ),
            (
                "other credential",
                plugin(URL, CredentialRef::id("cd"), "swordfish"),
            ),
            ("credential by name", named("ci", demo())),
            ("credential's name", named("cd", demo())),
            ("credential's user", named("ci", UserRef::id("demo"))),
        ]
    }

    fn all() -> Vec<(&'static str, Credentials)> {
        [passwords(), tokens(), application_credentials()].concat()
    }

    #[test]
    fn each_input_of_each_plugin_changes_the_key() {
        let mut seen = HashMap::new();
        for (what, credentials) in all() {
            let key = credentials.cache_key().unwrap();
            if let Some(other) = seen.insert(key, what) {
                panic!("{what} and {other} have one key");
            }
        }
    }

    #[test]
    fn equal_plugins_have_equal_keys_that_hold_no_secret() {
        for ((what, one), (_, other)) in all().into_iter().zip(all()) {
            let (one, other) = (one.cache_key().unwrap(), other.cache_key().unwrap());
            assert_eq!(one, other, "{what}");
            let text = one.to_string();
            assert_eq!(text.len(), 64);
            assert!(text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')));
            assert_eq!(format!("{one:?}"), format!("CacheKey({text})"));
        }
        // The API's URL does not change the owner of the token.
        let plugin = || Password::new(URL, demo(), "swordfish").unwrap();
        assert_eq!(
            Credentials::from(plugin().discover(true)).cache_key(),
            Credentials::from(plugin()).cache_key()
        );
    }

    #[test]
    fn tokens_that_no_login_gets_are_not_stored() {
        let given = AdminToken::new("http://heat", "gAAAA").unwrap();
        assert_eq!(Credentials::from(given).cache_key(), None);
        assert_eq!(Credentials::from(NoAuth::new()).cache_key(), None);
        let plugin = crate::session::testing::Plugin::tokens(
            std::time::Duration::from_secs(1),
            std::time::Duration::ZERO,
        );
        assert_eq!(Credentials::from(plugin).cache_key(), None);
    }

    #[test]
    fn names_values_and_secrets_are_told_apart() {
        let secret = |text: &str| Secret::from(text);
        let new = || CacheInputs::new("m");
        let distinct = [
            new(),
            CacheInputs::new("n"),
            new().with("a", "b"),
            new().with("ab", ""),
            new().with("a", &None::<&str>),
            new().with("a", "null"),
            new().with("a", "b").with("a", "b"),
            new().with("a", "b").with("c", "d"),
            new().with("a", "d").with("c", "b"),
            new().with_secret("a", &secret("b")),
            new().with_secret("a", &secret("b\0")),
            new().with_secret("a", &secret("")),
            new().with_secret("ab", &secret("")),
            new()
                .with_secret("a", &secret("b"))
                .with_secret("c", &secret("d")),
            new()
                .with_secret("a", &secret("d"))
                .with_secret("c", &secret("b")),
            new().with_secret("a", &secret(&"long ".repeat(40))),
            new().with_secret("a", &secret(&"long ".repeat(41))),
        ];
        let keys: Vec<_> = distinct.into_iter().map(|i| i.key().unwrap()).collect();
        for (i, key) in keys.iter().enumerate() {
            assert_eq!(keys.iter().position(|other| other == key), Some(i));
        }

        let one = new().with("a", "b").with_secret("x", &secret("1"));
        let one = one.with("c", "d").with_secret("y", &secret("2"));
        let parts = CacheInputs::new("m")
            .with_secret("y", &secret("2"))
            .with("c", "d");
        let rest = CacheInputs {
            values: vec![("a".to_owned(), Some("\"b\"".to_owned()))],
            secrets: vec![("x".to_owned(), secret("1"))],
        };
        assert_eq!(
            one.key(),
            parts.and(rest).key(),
            "the order does not matter"
        );
        let no_json = HashMap::from([(vec![1], 2)]);
        assert_eq!(new().with("a", &no_json).key(), None);
    }

    /// Stored tokens would be lost if their keys changed between versions.
    #[test]
    fn keys_are_the_same_in_every_process() {
        let (_, plugin) = passwords().swap_remove(0);
        assert_eq!(
            plugin.cache_key().unwrap().to_string(),
            "1519bb6836b038e79133b8644375865143a1c7c277dc8a3ea8c554e46862129a"
        );
    }
}
