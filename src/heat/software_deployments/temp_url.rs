//! Swift TempURLs: signed URLs to which an agent sends its results.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use percent_encoding::percent_decode_str;
use ring::hmac::{HMAC_SHA256, Key, sign};
use ring::rand::{SecureRandom as _, SystemRandom};

use crate::clock;
use crate::error::{Error, ErrorKind, Result};
use crate::secret::Secret;
use crate::session::{Adapter, Session};
use crate::uri::{parse_url, segment};

const DEFAULT_LIFETIME: Duration = Duration::from_secs(60 * 60);

/// The keys with which Swift checks signatures; each account has up to two.
const KEYS: [HeaderName; 2] = [
    HeaderName::from_static("x-account-meta-temp-url-key"),
    HeaderName::from_static("x-account-meta-temp-url-key-2"),
];

/// A Swift TempURL, to which the agent sends the results of a deployment with `PUT`.
///
/// Heat fetches them when [`get`](super::SoftwareDeployments::get) is called, with the caller's token:
/// the container must be in the caller's account.
///
/// ```
/// use std::time::Duration;
/// use heatclient::heat::TempUrl;
///
/// // In the Swift of the session's cloud, valid for two hours:
/// let swift = TempUrl::new().container("results").lifetime(Duration::from_secs(2 * 60 * 60));
/// // In an account whose key is known; nothing is sent to Swift:
/// let signed = TempUrl::signed("https://swift.example/v1/AUTH_p1", "key", "results");
/// // Made elsewhere:
/// let url = "https://swift.example/v1/AUTH_p1/c/o?temp_url_sig=ab&temp_url_expires=1800000000";
/// let given = TempUrl::given(url);
/// ```
#[derive(Debug, Clone)]
#[must_use = "pass it to signal_transport"]
pub struct TempUrl {
    source: Source,
    container: Option<String>,
    lifetime: Duration,
}

#[derive(Debug, Clone)]
enum Source {
    /// The Swift of the session's catalog, or of this adapter.
    Swift(Option<Adapter>),
    Account {
        url: String,
        key: Secret,
    },
    Given(Secret),
}

/// The same as [`TempUrl::new`].
impl Default for TempUrl {
    fn default() -> Self {
        Self::new()
    }
}

impl TempUrl {
    fn of(source: Source, container: Option<String>) -> Self {
        Self {
            source,
            container,
            lifetime: DEFAULT_LIFETIME,
        }
    }

    /// A URL in the Swift of the session's catalog.
    ///
    /// A new container is created. An account without a key for TempURLs gets a random one. An empty
    /// object takes the place of the results until they come.
    pub fn new() -> Self {
        Self::of(Source::Swift(None), None)
    }

    /// A URL in the Swift of this adapter, for a chosen region or interface. The agent must be able to
    /// reach its endpoint.
    pub fn swift(adapter: Adapter) -> Self {
        Self::of(Source::Swift(Some(adapter)), None)
    }

    /// A URL that is signed with a key of a Swift account. Nothing is sent to Swift; the container must
    /// exist.
    ///
    /// `account_url` is the storage URL of the account, such as `https://swift.example/v1/AUTH_p1`.
    pub fn signed(
        account_url: impl Into<String>,
        key: impl Into<Secret>,
        container: impl Into<String>,
    ) -> Self {
        let (url, key) = (account_url.into(), key.into());
        Self::of(Source::Account { url, key }, Some(container.into()))
    }

    /// A signed URL for `PUT` that was made elsewhere.
    pub fn given(url: impl Into<Secret>) -> Self {
        Self::of(Source::Given(url.into()), None)
    }

    /// Sets the container. By default its name is that of the deployment with a random suffix.
    pub fn container(mut self, name: impl Into<String>) -> Self {
        self.container = Some(name.into());
        self
    }

    /// Sets how long the URL is valid, in whole seconds; 60 minutes by default.
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Makes the URL, for a deployment with this name.
    pub(super) async fn make(&self, session: &Session, name: &str) -> Result<Secret> {
        let container = match &self.container {
            Some(container) => container.clone(),
            // A slash would divide the name into a container and an object.
            None => format!("{}-{}", name.replace('/', "_"), random_name()),
        };
        let object = random_name();
        match &self.source {
            Source::Given(url) => Ok(url.clone()),
            Source::Account { url, key } => self.sign(url, key, &container, &object),
            Source::Swift(adapter) => {
                let adapter = match adapter {
                    Some(adapter) => adapter.clone(),
                    None => session.adapter("object-store").build(),
                };
                let made = self.in_swift(&adapter, &container, &object).await;
                made.map_err(|error| error.doing("create a Swift TempURL"))
            }
        }
    }

    async fn in_swift(&self, swift: &Adapter, container: &str, object: &str) -> Result<Secret> {
        let account = swift.endpoint().await.map_err(needs_swift)?;
        check_name(container)?;
        let container_path = format!("/{}", segment(container));
        let put = |path: String| swift.request(Method::PUT, path).finish();
        put(container_path.clone()).await?;
        let key = match key(&head_account(swift).await?) {
            Some(key) => key,
            None => {
                let [first, _] = KEYS;
                let set = swift.request(Method::POST, "").idempotent(true);
                set.header(first, new_key()?).finish().await?;
                let message = "Swift does not show the account's key for TempURLs: \
                               ask the account's owner for a TempURL";
                key(&head_account(swift).await?)
                    .ok_or_else(|| Error::new(ErrorKind::Config, message))?
            }
        };
        let url = self.sign(&account.to_string(), &key, container, object)?;
        put(format!("{container_path}/{}", segment(object))).await?;
        Ok(url)
    }

    /// A URL of an object, signed with a key of its account.
    fn sign(&self, account: &str, key: &Secret, container: &str, object: &str) -> Result<Secret> {
        check_name(container)?;
        let parsed = parse_url(account, "the Swift account")
            .map_err(|error| Error::new(ErrorKind::Config, error.to_string()))?;
        let path = parsed.path().trim_end_matches('/');
        let path = percent_decode_str(path).decode_utf8_lossy();
        // A prefix of a proxy is not part of what Swift sees, and so not signed.
        let start = format!("{path}/").rfind("/v1/").ok_or_else(|| {
            let message = "invalid Swift account URL: expected a path such as /v1/AUTH_project";
            Error::new(ErrorKind::Config, message)
        })?;
        let account_path = path.get(start..).unwrap_or_default();
        let lifetime = i64::try_from(self.lifetime.as_secs()).unwrap_or(i64::MAX);
        let expires = clock::wall().as_second().saturating_add(lifetime);
        let signature = signature(
            key,
            &format!("{account_path}/{container}/{object}"),
            expires,
        );
        let url = format!(
            "{}/{}/{}?temp_url_sig={signature}&temp_url_expires={expires}",
            account.trim_end_matches('/'),
            segment(container),
            segment(object),
        );
        Ok(url.into())
    }
}

/// The signature of a `PUT` to this path, in the form of swiftclient from 4.0.1 on.
fn signature(key: &Secret, path: &str, expires: i64) -> String {
    let key = Key::new(HMAC_SHA256, key.expose().as_bytes());
    let signed = sign(&key, format!("PUT\n{expires}\n{path}").as_bytes());
    hex(signed.as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn head_account(swift: &Adapter) -> Result<HeaderMap> {
    let response = swift.request(Method::HEAD, "").bytes().await?;
    Ok(response.into_parts().0.headers)
}

fn key(headers: &HeaderMap) -> Option<Secret> {
    let shown = |name| headers.get(name)?.to_str().ok();
    let values = KEYS.into_iter().filter_map(shown);
    values
        .filter(|key| !key.is_empty())
        .map(Secret::from)
        .next()
}

/// A random key of 32 characters.
fn new_key() -> Result<HeaderValue> {
    let mut bytes = [0; 16];
    let failed = |_| Error::new(ErrorKind::Other, "the system has no random numbers");
    SystemRandom::new().fill(&mut bytes).map_err(failed)?;
    Secret::from(hex(&bytes)).to_header_value()
}

fn random_name() -> String {
    format!("{:032x}", fastrand::u128(..))
}

fn check_name(container: &str) -> Result<()> {
    if container.is_empty() || container.contains('/') || matches!(container, "." | "..") {
        let message = format!("invalid name of a Swift container: {container:?}");
        return Err(Error::new(ErrorKind::Config, message));
    }
    Ok(())
}

fn needs_swift(error: Error) -> Error {
    if error.kind() != ErrorKind::Catalog {
        return error;
    }
    let message = "TEMP_URL_SIGNAL needs Swift, but the catalog has no object-store endpoint; \
                   choose another signal transport, or pass a TempURL";
    Error::new(ErrorKind::Catalog, message).with_source(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by `swiftclient.utils.generate_temp_url(path, expires, key, "PUT", absolute=True)`.
    #[test]
    fn signatures_are_those_of_swiftclient() {
        for (key, path, expires, expected) in SWIFTCLIENT {
            assert_eq!(
                signature(&Secret::from(*key), path, *expires),
                *expected,
                "{path}"
            );
        }
    }

    const SWIFTCLIENT: &[(&str, &str, i64, &str)] = &[
        (
            "key",
            "/v1/AUTH_p/c/o",
            1_800_000_000,
            "96e7e52733bd80313b6af6004e061afe56844db4a9719708e926db5c1c05cb6c",
        ),
        (
            "",
            "/v1/AUTH_p/c/o",
            1_800_000_000,
            "7a22e52d188b78af445e0944c77d47424dee548881c29b2101e6f750d5cefa35",
        ),
        (
            "k\u{fc}",
            "/v1/AUTH_p/a b/\u{e9}",
            0,
            "7896ee46ef15ebc325edef43c5cfe0fac21a73a01579dfa4a159a7a53958794c",
        ),
        (
            "0123456789abcdef0123456789abcdef",
            "/v1/AUTH_d0bc5eacc0994d9bbe3b9ec979ac98fc/greet-1/2",
            1_764_129_600,
            "6d6b6dffcda3fd5e440cc6290ce8c2845102080ad405bfc76c087f949c323ccb",
        ),
    ];

    #[tokio::test(start_paused = true)]
    async fn urls_are_signed_without_the_prefix_of_a_proxy() {
        let key = Secret::from("key");
        let url = TempUrl::new().lifetime(Duration::from_secs(90));
        for (account, container, shown, signed) in [
            (
                "http://s/v1/AUTH_p",
                "c",
                "http://s/v1/AUTH_p/c/o",
                "/v1/AUTH_p/c/o",
            ),
            (
                "http://s:8080/v1/AUTH_p/",
                "a b",
                "http://s:8080/v1/AUTH_p/a%20b/o",
                "/v1/AUTH_p/a b/o",
            ),
            (
                "https://s/x/v1/AUTH_p",
                "\u{e9}",
                "https://s/x/v1/AUTH_p/%C3%A9/o",
                "/v1/AUTH_p/\u{e9}/o",
            ),
            (
                "https://s/v1/AUTH%5Fp",
                "c",
                "https://s/v1/AUTH%5Fp/c/o",
                "/v1/AUTH_p/c/o",
            ),
            (
                "http://rgw/swift/v1",
                "c",
                "http://rgw/swift/v1/c/o",
                "/v1/c/o",
            ),
        ] {
            let made = url.sign(account, &key, container, "o").unwrap();
            let (base, query) = made.expose().split_once('?').unwrap();
            assert_eq!(base, shown);
            let (sig, expires) = query.split_once('&').unwrap();
            let expires = expires
                .strip_prefix("temp_url_expires=")
                .unwrap()
                .parse()
                .unwrap();
            let left = expires - clock::wall().as_second();
            assert!((89..=90).contains(&left), "{left}");
            assert_eq!(
                sig,
                format!("temp_url_sig={}", signature(&key, signed, expires))
            );
        }
    }

    #[test]
    fn what_cannot_be_signed_is_an_error() {
        let url = TempUrl::new();
        for (account, container, message) in [
            (
                "http://s/AUTH_p",
                "c",
                "invalid Swift account URL: expected a path such as /v1/AUTH_project",
            ),
            ("swift", "c", "the Swift account"),
            (
                "http://s/v1/AUTH_p",
                "a/b",
                "invalid name of a Swift container: \"a/b\"",
            ),
            (
                "http://s/v1/AUTH_p",
                "",
                "invalid name of a Swift container: \"\"",
            ),
        ] {
            let error = url
                .sign(account, &"key".into(), container, "o")
                .unwrap_err();
            assert!(error.to_string().contains(message), "{error}");
            assert_eq!(error.kind(), ErrorKind::Config);
        }
    }

    #[test]
    fn keys_have_32_characters() {
        assert_eq!(new_key().unwrap().len(), 32);
        assert_ne!(new_key().unwrap(), new_key().unwrap());
    }
}
