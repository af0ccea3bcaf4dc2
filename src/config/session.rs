//! Settings of the session: certificates and timeouts.

use std::path::PathBuf;
use std::time::Duration;

use crate::config::auth::{flag, is_no, is_yes};
use crate::config::keys::{
    API_TIMEOUT, CACERT, CERT, FORCE_IPV4, INSECURE, KEY, PREFER_IPV6, TLS_CIPHERS,
    TLS_MIN_VERSION, VERIFY,
};
use crate::config::retry::{self, seconds};
use crate::config::setting::Setting;
use crate::config::source::{Found, Key, Source, Sources};
use crate::error::{Error, ErrorKind, Result};
use crate::session::SessionBuilder;
use crate::transport::layers::RetryPolicy;
use crate::transport::{TlsConfig, TlsVersion};

/// Settings of a [`Session`](crate::Session) that do not depend on the credentials.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct SessionSettings {
    /// TLS settings. The first https connection reads the files.
    pub tls: TlsConfig,
    /// The timeout of connecting, and of each read of an answer. By default the session's own
    /// timeouts apply.
    pub api_timeout: Option<Duration>,
    /// The retries, if one of `connect_retries`, `status_code_retries`, `retriable_status_codes` and the
    /// delays is configured for all services. By default the session's own policy applies.
    pub retry: Option<RetryPolicy>,
    /// Whether only IPv4 addresses of host names are used: `force_ipv4` is true or `prefer_ipv6` is false, as in
    /// openstacksdk.
    pub force_ipv4: bool,
}

impl SessionSettings {
    /// Applies these settings to a session.
    ///
    /// ```
    /// use heatclient::config::ConfigBuilder;
    /// use heatclient::{Session, auth::NoAuth};
    ///
    /// let settings = ConfigBuilder::new().explicit([("insecure", "true")]).session_settings()?;
    /// let session = settings.apply(Session::builder(NoAuth::new())).build();
    /// # Ok::<(), heatclient::Error>(())
    /// ```
    pub fn apply(&self, session: SessionBuilder) -> SessionBuilder {
        let mut session = session.tls(self.tls.clone());
        if self.force_ipv4 {
            session = session.force_ipv4(true);
        }
        if let Some(policy) = &self.retry {
            session = session.retry(policy.clone());
        }
        match self.api_timeout {
            Some(timeout) => session.connect_timeout(timeout).read_timeout(timeout),
            None => session,
        }
    }

    pub(super) fn resolve(sources: &Sources<'_>) -> Result<(Self, Vec<Setting>)> {
        let mut settings = Vec::new();
        let verification = verification(sources);
        let mut path = |name: &str, key: &Key| -> Option<PathBuf> {
            let (path, found) = match (&verification, key.last) {
                // A file of `verify` is stronger than the variables that come after files.
                (Some(Verify::With(_)), [_, ..]) => sources.without_last().path(key)?,
                _ => sources.path(key)?,
            };
            settings.push(Setting::new(name, found));
            Some(path)
        };
        let (cacert, cert, key) = (
            path("cacert", &CACERT),
            path("cert", &CERT),
            path("key", &KEY),
        );
        let (insecure, bundle) = match &verification {
            Some(Verify::No) => (true, None),
            Some(Verify::Yes) | None => (false, None),
            Some(Verify::With(path)) => (false, Some(path.clone())),
        };
        // A stronger source may verify all the same.
        let is_in_effect = |found: &Found| insecure || !is_yes(found.text());
        if let Some(found) = sources.find(&INSECURE).filter(is_in_effect) {
            let value = flag(is_yes(found.text()), found.source);
            settings.push(Setting::new("insecure", value));
        }
        settings.push(match sources.find(&VERIFY) {
            Some(found) if found.source == Source::Explicit && !is_path(found.text()) => {
                Setting::new("verify", flag(is_yes(found.text()), found.source))
            }
            Some(found) => Setting::new("verify", found),
            None => Setting::new("verify", flag(true, Source::Default)),
        });
        let timeout = sources.find(&API_TIMEOUT);
        let api_timeout = timeout.as_ref().map(|found| seconds("api_timeout", found));
        let api_timeout = api_timeout.transpose()?;
        settings.extend(timeout.map(|mut found| {
            if found.source == Source::Explicit {
                found.json = Some(found.text().trim().into());
            }
            Setting::new("api_timeout", found)
        }));
        let retry = retry::shared(sources, &mut settings)?;
        let tls = TlsConfig {
            cacert: cacert.or(bundle),
            cert,
            key,
            insecure,
            min_version: min_version(sources, &mut settings)?,
        };
        let session = Self {
            tls,
            api_timeout,
            retry,
            force_ipv4: force_ipv4(sources),
        };
        Ok((session, settings))
    }
}

/// Whether a value of `verify` is no boolean.
fn is_path(verify: &str) -> bool {
    !is_yes(verify) && !is_no(verify)
}

fn min_version(sources: &Sources<'_>, settings: &mut Vec<Setting>) -> Result<Option<TlsVersion>> {
    let ciphers = sources.find(&TLS_CIPHERS);
    settings.extend(ciphers.map(|found| Setting::new("tls_ciphers", found)));
    let Some(found) = sources.find(&TLS_MIN_VERSION) else {
        return Ok(None);
    };
    let version = found.text().parse();
    let version = version.map_err(|_| {
        let variable = match &found.source {
            Source::Variable(name) => format!(" ({name})"),
            _ => String::new(),
        };
        let text = found.text();
        let message = format!("invalid tls_min_version {text:?}{variable}: expected 1.2 or 1.3");
        found.located(Error::new(ErrorKind::Config, message))
    })?;
    settings.push(Setting::new("tls_min_version", found));
    Ok(Some(version))
}

/// As in openstacksdk, which does not show these settings.
fn force_ipv4(sources: &Sources<'_>) -> bool {
    let forced = sources.find(&FORCE_IPV4);
    let forced = forced.filter(|found| is_yes(found.text()));
    let refused = sources.find(&PREFER_IPV6);
    let refused = refused.filter(|found| is_no(found.text()));
    let reason = forced.or(refused);
    if let Some(found) = &reason {
        tracing::debug!("only IPv4 addresses are used ({})", found.source);
    }
    reason.is_some()
}

/// Whether and how certificates are verified.
enum Verify {
    Yes,
    No,
    /// With the certificates of this file.
    With(PathBuf),
}

/// The verification by the first source that says something about it.
fn verification(sources: &Sources<'_>) -> Option<Verify> {
    sources.first(|origin| {
        let (insecure, verify) = (origin.find(&INSECURE), origin.find(&VERIFY));
        if insecure.as_ref().is_some_and(|found| is_yes(found.text())) {
            return Some(Verify::No);
        }
        match verify {
            Some(found) if is_no(found.text()) => Some(Verify::No),
            Some(found) if is_yes(found.text()) => Some(Verify::Yes),
            Some(found) => {
                let path = sources.without_tilde(PathBuf::from(found.text()).as_path());
                Some(Verify::With(path))
            }
            None => insecure.map(|_| Verify::Yes),
        }
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::ConfigBuilder;
    use crate::error::ErrorKind;

    use super::*;

    fn settings(
        explicit: &[(&str, &str)],
        variables: &'static [(&str, &str)],
    ) -> Result<SessionSettings> {
        crate::config::testing::builder(explicit, variables).session_settings()
    }

    fn tls(explicit: &[(&str, &str)], variables: &'static [(&str, &str)]) -> TlsConfig {
        settings(explicit, variables).unwrap().tls
    }

    #[test]
    fn the_first_name_of_the_authorities_counts() {
        const VARIABLES: &[(&str, &str)] = &[
            ("CURL_CA_BUNDLE", "/curl.pem"),
            ("REQUESTS_CA_BUNDLE", "/requests.pem"),
            ("OS_CACERT", "/os.pem"),
        ];
        for (explicit, variables, expected) in [
            (&[][..], &VARIABLES[..0], None),
            (&[], &VARIABLES[..1], Some("/curl.pem")),
            (&[], &VARIABLES[..2], Some("/requests.pem")),
            (&[], VARIABLES, Some("/os.pem")),
            (&[("cacert", "/typed.pem")], VARIABLES, Some("/typed.pem")),
            (&[("cacert", "")], VARIABLES, Some("/os.pem")),
            (
                &[],
                &[("OS_CACERT", ""), ("CURL_CA_BUNDLE", "/c")],
                Some("/c"),
            ),
        ] {
            let tls = tls(explicit, variables);
            assert_eq!(
                tls.cacert.as_deref(),
                expected.map(Path::new),
                "{explicit:?} {variables:?}"
            );
        }
    }

    #[test]
    fn a_tilde_is_the_home_directory() {
        let moved = tls(
            &[("key", "~/k.pem")],
            &[
                ("HOME", "/home/me"),
                ("OS_CERT", "~/c.pem"),
                ("REQUESTS_CA_BUNDLE", "~"),
            ],
        );
        assert_eq!(moved.cert.as_deref(), Some(Path::new("/home/me/c.pem")));
        assert_eq!(moved.key.as_deref(), Some(Path::new("/home/me/k.pem")));
        assert_eq!(moved.cacert.as_deref(), Some(Path::new("/home/me/")));
        for (variables, path) in [
            (
                &[("HOME", "/home/me"), ("OS_CERT", "~other/c.pem")],
                "~other/c.pem",
            ),
            (
                &[("HOME", "/home/me"), ("OS_CERT", "/a/~/c.pem")],
                "/a/~/c.pem",
            ),
            (&[("HOME", ""), ("OS_CERT", "~/c.pem")], "~/c.pem"),
        ] {
            assert_eq!(tls(&[], variables).cert.as_deref(), Some(Path::new(path)));
        }
    }

    #[cfg(unix)]
    #[test]
    fn an_explicit_path_need_not_be_unicode() {
        use std::ffi::OsString;
        use std::os::unix::ffi::OsStringExt as _;

        let path = PathBuf::from(OsString::from_vec(vec![b'/', 0xff]));
        let builder = ConfigBuilder::new().explicit([("cacert", "/other")]);
        let settings = builder
            .explicit_path("cacert", path.clone())
            .session_settings()
            .unwrap();
        assert_eq!(settings.tls.cacert, Some(path));
    }

    #[test]
    fn only_a_clear_yes_turns_verification_off() {
        for (explicit, variables, expected) in [
            (&[][..], &[("OS_INSECURE", "")][..], false),
            (&[], &[("OS_INSECURE", "true")], true),
            (&[], &[("OS_INSECURE", " True")], true),
            (&[], &[("OS_INSECURE", "1")], true),
            (&[], &[("OS_INSECURE", "yes")], true),
            (&[], &[("OS_INSECURE", "false")], false),
            (&[], &[("OS_INSECURE", "0")], false),
            (&[], &[("OS_INSECURE", "no")], false),
            (&[], &[("OS_INSECURE", "maybe")], false),
            (&[("insecure", "true")], &[("OS_INSECURE", "false")], true),
            (&[("insecure", "false")], &[("OS_INSECURE", "true")], false),
            (&[("verify", "true")], &[("OS_INSECURE", "true")], false),
            (&[("verify", "false")], &[], true),
            (&[("verify", "ca.crt")], &[], false),
        ] {
            let tls = tls(explicit, variables);
            assert_eq!(tls.insecure, expected, "{explicit:?} {variables:?}");
        }
    }

    #[test]
    fn the_minimum_version_of_tls_is_one_that_is_supported() {
        let version = |explicit: &[(&str, &str)], variables: &'static [(&str, &str)]| {
            let settings = settings(explicit, variables).map_err(|error| error.to_string());
            settings.map(|settings| settings.tls.min_version)
        };
        assert_eq!(version(&[], &[]), Ok(None));
        for (text, expected) in [("1.2", TlsVersion::Tls12), (" 1.3 ", TlsVersion::Tls13)] {
            assert_eq!(
                version(&[("tls_min_version", text)], &[]),
                Ok(Some(expected))
            );
            assert_eq!(expected.to_string(), text.trim());
        }
        const VARIABLE: &[(&str, &str)] = &[("OS_TLS_MIN_VERSION", "1.3")];
        assert_eq!(version(&[], VARIABLE), Ok(Some(TlsVersion::Tls13)));
        let typed = [("tls-min-version", "1.2")];
        assert_eq!(version(&typed, VARIABLE), Ok(Some(TlsVersion::Tls12)));
        for text in ["1.1", "1", "TLSv1.3", "1,3"] {
            assert_eq!(
                version(&[("tls_min_version", text)], &[]),
                Err(format!(
                    "invalid tls_min_version {text:?}: expected 1.2 or 1.3"
                ))
            );
        }
        assert_eq!(
            version(&[], &[("OS_TLS_MIN_VERSION", "1.0")]).unwrap_err(),
            "invalid tls_min_version \"1.0\" (OS_TLS_MIN_VERSION): expected 1.2 or 1.3"
        );
    }

    #[test]
    fn ipv4_is_forced_as_in_openstacksdk() {
        for (explicit, variables, expected) in [
            (&[][..], &[][..], false),
            (&[("force_ipv4", "true")], &[], true),
            (&[("force_ipv4", "false")], &[], false),
            (&[("prefer_ipv6", "false")], &[], true),
            (&[("prefer_ipv6", "true")], &[], false),
            (&[], &[("OS_FORCE_IPV4", "true")], true),
            (&[], &[("OS_PREFER_IPV6", "False")], true),
            (
                &[],
                &[("OS_PREFER_IPV6", "true"), ("OS_FORCE_IPV4", "0")],
                false,
            ),
            (
                &[("force_ipv4", "false")],
                &[("OS_FORCE_IPV4", "true")],
                false,
            ),
        ] {
            let settings = settings(explicit, variables).unwrap();
            assert_eq!(settings.force_ipv4, expected, "{explicit:?} {variables:?}");
        }
    }

    #[test]
    fn the_time_limit_is_a_number_of_seconds() {
        let limit = |text| settings(&[("api_timeout", text)], &[]).map(|s| s.api_timeout);
        assert_eq!(limit("1.5").unwrap(), Some(Duration::from_millis(1500)));
        assert_eq!(limit("").unwrap(), None);
        for text in ["0", "-1", "NaN", "inf", "1e10", "5s"] {
            let error = limit(text).unwrap_err();
            assert_eq!(
                (error.kind(), error.to_string()),
                (
                    ErrorKind::Config,
                    format!(
                        "invalid api_timeout {text:?}: expected a number of seconds above 0 and up to 1000000000"
                    )
                )
            );
        }
    }
}
