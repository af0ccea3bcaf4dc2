//! Settings of the session: certificates and timeouts.

use std::path::PathBuf;
use std::time::Duration;

use crate::config::auth::{flag, is_no};
use crate::config::setting::{API_TIMEOUT, CACERT, CERT, INSECURE, KEY, Setting, VERIFY};
use crate::config::source::{Found, Key, Source, Sources};
use crate::error::{Error, ErrorKind, Result};
use crate::secret::Secret;
use crate::session::SessionBuilder;
use crate::transport::TlsConfig;

/// Settings of a [`Session`](crate::Session) that do not depend on the credentials.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct SessionSettings {
    /// TLS settings. The first https connection reads the files.
    pub tls: TlsConfig,
    /// The timeout of connecting, and of each read of an answer. By default the session's own
    /// timeouts apply.
    pub api_timeout: Option<Duration>,
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
        let session = session.tls(self.tls.clone());
        match self.api_timeout {
            Some(timeout) => session.connect_timeout(timeout).read_timeout(timeout),
            None => session,
        }
    }

    pub(super) fn resolve(sources: &Sources<'_>) -> Result<(Self, Vec<Setting>)> {
        let mut settings = Vec::new();
        let mut path = |name: &str, key: &Key| -> Option<PathBuf> {
            let (path, source) = sources.path(key)?;
            let value = Secret::from(path.to_string_lossy().into_owned());
            settings.push(Setting::new(name, Found { value, source }));
            Some(path)
        };
        let (cacert, cert, key) = (
            path("cacert", &CACERT),
            path("cert", &CERT),
            path("key", &KEY),
        );
        let insecure = insecure(sources);
        let source = insecure
            .clone()
            .map_or(Source::Default, |(_, source)| source);
        let insecure = insecure.is_some_and(|(insecure, _)| insecure);
        settings.push(Setting::new("verify", flag(!insecure, source)));
        let timeout = sources.find(&API_TIMEOUT);
        let api_timeout = timeout.as_ref().map(seconds).transpose()?;
        settings.extend(timeout.map(|found| Setting::new("api_timeout", found)));
        let tls = TlsConfig {
            cacert,
            cert,
            key,
            insecure,
        };
        Ok((Self { tls, api_timeout }, settings))
    }
}

/// Whether certificate verification is disabled, by the first source that sets it.
fn insecure(sources: &Sources<'_>) -> Option<(bool, Source)> {
    sources.first(|origin| {
        let insecure = origin
            .find(&INSECURE)
            .map(|found| (is_yes(found.text()), found.source));
        insecure.or_else(|| {
            let verify = origin.find(&VERIFY)?;
            Some((is_no(verify.text()), verify.source))
        })
    })
}

/// Only an explicit yes disables verification.
fn is_yes(value: &str) -> bool {
    let value = value.trim().to_ascii_lowercase();
    matches!(value.as_str(), "1" | "true" | "yes" | "on" | "t" | "y")
}

fn seconds(found: &Found) -> Result<Duration> {
    // Longer times have no effect in practice and would overflow clocks.
    const MAX: f64 = 1e9;
    match found.text().trim().parse::<f64>() {
        Ok(seconds) if seconds > 0.0 && seconds <= MAX => Ok(Duration::from_secs_f64(seconds)),
        _ => Err(Error::new(
            ErrorKind::Config,
            format!(
                "invalid api_timeout {:?}: expected a number of seconds above 0 and up to {MAX}",
                found.text()
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::ConfigBuilder;

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
            (&[("verify", "maybe")], &[], false),
        ] {
            let tls = tls(explicit, variables);
            assert_eq!(tls.insecure, expected, "{explicit:?} {variables:?}");
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
