//! The plugin `v3totp`: a one-time passcode.

use crate::auth::identity::{Passcode, Totp, TotpSecret};
use crate::error::Result;
use crate::loading::plugins::common::{
    AUTH_URL, PROJECT_DOMAIN, Plugin, SCOPE, USER, USER_DOMAIN, missing_of_project,
    missing_of_user, scope, user,
};
use crate::loading::{Opt, OptionValues, PluginLoader};

/// Without these, each login asks the user.
pub(super) const PASSCODE: &[Opt] = &[
    Opt::new("passcode", "One-time passcode of the first login")
        .secret()
        .prompt("TOTP passcode: "),
    TOTP_SECRET,
];

pub(super) const TOTP_SECRET: Opt = Opt::new(
    "totp_secret",
    "TOTP secret that generates the passcodes, in base32",
)
.secret();

pub(super) fn loaders() -> Vec<PluginLoader> {
    let v3 = Plugin {
        name: "v3totp",
        aliases: &[],
        options: [&[AUTH_URL], SCOPE, USER, PASSCODE].concat(),
        missing: |values| {
            let user = missing_of_user(values, USER_DOMAIN);
            let project = missing_of_project(values, PROJECT_DOMAIN);
            user.into_iter().chain(project).collect()
        },
        make: |values| {
            let plugin = Totp::new(
                values.require("auth_url")?,
                user(values)?,
                passcode(values)?,
            )?;
            Ok(plugin.scope(scope(values)?).into())
        },
    };
    vec![v3.into()]
}

/// The source of passcodes. A given passcode takes precedence for the first login.
pub(super) fn passcode(values: &OptionValues) -> Result<Passcode> {
    match (values.secret("totp_secret"), values.secret("passcode")) {
        (Some(secret), _) => Ok(Passcode::Generated(TotpSecret::parse(secret.clone())?)),
        (None, Some(passcode)) => Ok(Passcode::Once(passcode.clone())),
        (None, None) => Ok(Passcode::Asked),
    }
}

#[cfg(test)]
mod tests {
    use crate::error::ErrorKind;
    use crate::loading::plugins::testing::{SCOPE, USER, assert_missing, error, made, options};

    const URL: (&str, &str) = ("auth_url", "http://id");
    const DEMO: (&str, &str) = ("user_id", "u1");

    #[test]
    fn options_are_those_of_keystoneauth_and_the_secret() {
        assert_eq!(
            options("v3totp"),
            format!("auth_url! {SCOPE} {USER} passcode* totp_secret*")
        );
    }

    #[test]
    fn passcodes_are_given_generated_or_asked_for() {
        const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        let cases: [(&[(&str, &str)], &str); 4] = [
            (&[], "source: Asked"),
            (&[("passcode", "123456")], "source: Once([redacted])"),
            (&[("totp_secret", SECRET)], "source: Generated([redacted])"),
            (
                &[("totp-secret", SECRET), ("passcode", "123456")],
                "source: Generated([redacted])",
            ),
        ];
        for (more, expected) in cases {
            let pairs = [&[URL, DEMO, ("system_scope", "all")], more].concat();
            let debug = made("v3totp", &pairs, &["123456", SECRET]);
            assert!(
                debug.contains(expected) && debug.contains("System"),
                "{debug}"
            );
        }
        let pairs = [URL, DEMO, ("totp_secret", "swordfish!")];
        let (kind, message) = error("v3totp", &pairs);
        assert_eq!(kind, ErrorKind::Config);
        assert!(!message.contains("swordfish"), "{message}");
    }

    #[test]
    fn all_that_is_missing_is_listed_at_once() {
        assert_missing(
            "v3totp",
            &[("username", "demo"), ("project_name", "web")],
            "auth_url (OS_AUTH_URL); user_domain_name (OS_USER_DOMAIN_NAME) or user_domain_id \
             (OS_USER_DOMAIN_ID); project_domain_name (OS_PROJECT_DOMAIN_NAME) or project_domain_id \
             (OS_PROJECT_DOMAIN_ID)",
        );
    }
}
