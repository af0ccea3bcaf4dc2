//! Options of plugins, and URLs.

use heatclient::ErrorKind;
use heatclient::auth::AdminToken;
use heatclient::loading::plugin_loader;

use super::{PASSWORD, Report, TOKEN};

#[test]
fn options() {
    use ErrorKind::{Config, MissingOption, UnknownOption, UnknownPlugin};
    let login = [
        ("auth_url", "http://id/v3"),
        ("user_id", "u1"),
        ("password", PASSWORD),
    ];
    let with = |more: &[(&'static str, &'static str)]| [&login[..], more].concat();
    let rows: &[(&str, &str, Vec<(&str, &str)>, ErrorKind, &str)] = &[
        (
            "an unknown plugin",
            "pasword",
            vec![],
            UnknownPlugin,
            "unknown auth plugin \"pasword\" (did you mean password?); available: admin_token, …",
        ),
        (
            "no plugin's name",
            "",
            vec![],
            UnknownPlugin,
            "unknown auth plugin \"\"; available: admin_token, …",
        ),
        (
            "a name with a line break",
            "pass\nword",
            vec![],
            UnknownPlugin,
            "unknown auth plugin \"pass\\nword\" (did you mean password or v2password or v3password?); available: admin_token, …",
        ),
        (
            "an unknown option",
            "password",
            with(&[("colour", PASSWORD)]),
            UnknownOption,
            "auth plugin password has no option \"colour\"",
        ),
        (
            "a misspelt option",
            "password",
            with(&[("projct_name", "p")]),
            UnknownOption,
            "auth plugin password has no option \"projct_name\" (did you mean project_name?)",
        ),
        (
            "an option with a line break",
            "password",
            with(&[("user\nname", "p")]),
            UnknownOption,
            "auth plugin password has no option \"user\\nname\" (did you mean username?)",
        ),
        (
            "no options",
            "password",
            vec![],
            MissingOption,
            "auth plugin password needs auth_url (OS_AUTH_URL); password (OS_PASSWORD); username (OS_USERNAME) or user_id (OS_USER_ID)",
        ),
        (
            "empty options",
            "v3applicationcredential",
            vec![("auth_url", ""), ("application_credential_secret", "")],
            MissingOption,
            "auth plugin v3applicationcredential needs auth_url (OS_AUTH_URL); application_credential_s…",
        ),
        (
            "a name without its domain",
            "v3password",
            vec![
                ("auth_url", "http://id"),
                ("username", "demo"),
                ("password", PASSWORD),
            ],
            MissingOption,
            "auth plugin v3password needs user_domain_name (OS_USER_DOMAIN_NAME) or user_domain_id (OS_USER_DOMAIN_ID)",
        ),
        (
            "two scopes",
            "password",
            with(&[("project_id", "p"), ("system_scope", "all")]),
            Config,
            "conflicting scopes: project_id and system_scope; set only one of them",
        ),
        (
            "an unknown system scope",
            "password",
            with(&[("system_scope", "some")]),
            Config,
            "unknown system scope \"some\"; use \"all\"",
        ),
        (
            "a token with a line break",
            "admin_token",
            vec![
                ("endpoint", "http://heat"),
                ("token", "gAAAA-5ecret\r\nx: y"),
            ],
            Config,
            "the token contains characters that are not allowed in HTTP headers",
        ),
        (
            "an endpoint that is no URL",
            "admin_token",
            vec![("endpoint", "heat"), ("token", TOKEN)],
            Config,
            "the endpoint \"heat\" has no scheme; expected http://host[:port]/path",
        ),
        (
            "an endpoint without a scheme",
            "none",
            vec![("endpoint", "/v1/p")],
            Config,
            "the endpoint \"/v1/p\" has no scheme; expected http://host[:port]/path",
        ),
    ];
    let mut report = Report::default();
    for (what, plugin, options, kind, text) in rows {
        let error = plugin_loader(plugin)
            .and_then(|loader| loader.load(options.iter().copied()))
            .map(drop);
        match error {
            Err(error) => report.row(what, &error, &[], *kind, text),
            Ok(()) => report.wrong.push(format!("{what}: accepted")),
        }
    }
    report.finish(rows.len());
}

#[test]
fn urls() {
    let rows: &[(&str, &str)] = &[
        ("", "auth plugin password needs auth_url (OS_AUTH_URL)"),
        (
            " ",
            "the auth URL \" \" has no scheme; expected http://host[:port]/path",
        ),
        (
            "keystone",
            "the auth URL \"keystone\" has no scheme; expected http://host[:port]/path",
        ),
        (
            "keystone:5000",
            "the auth URL \"keystone:5000\" has no scheme; expected http://host[:port]/path",
        ),
        (
            "/v3",
            "the auth URL \"/v3\" has no scheme; expected http://host[:port]/path",
        ),
        (
            "//keystone/v3",
            "the auth URL \"//keystone/v3\" has no scheme; expected http://host[:port]/path",
        ),
        (
            "ftp://keystone/v3",
            "the auth URL \"ftp://keystone/v3\" is neither http nor https; expected http://host[:port]/path",
        ),
        (
            "file:///etc/passwd",
            "the auth URL \"file:///etc/passwd\" is neither http nor https; expected http://host[:port]/path",
        ),
        (
            "http://",
            "the auth URL \"http://\" is not a URL; expected http://host[:port]/path",
        ),
        (
            "http:///v3",
            "the auth URL \"http:///v3\" is not a URL; expected http://host[:port]/path",
        ),
        (
            "http://:5000/v3",
            "the auth URL \"http://:5000/v3\" has no host; expected http://host[:port]/path",
        ),
        (
            "http://key stone/v3",
            "the auth URL \"http://key stone/v3\" is not a URL; expected http://host[:port]/path",
        ),
        (
            "http://keystone:99999/v3",
            "the auth URL \"http://keystone:99999/v3\" has no usable port; expected http://host[:port]/path",
        ),
        (
            "http://keystone:port/v3",
            "the auth URL \"http://keystone:port/v3\" has no usable port; expected http://host[:port]/path",
        ),
        (
            "http://[::1/v3",
            "the auth URL \"http://[::1/v3\" is not a URL; expected http://host[:port]/path",
        ),
        (
            "http://keystone/v2.0",
            "the auth URL \"http://keystone/v2.0\" is for identity API v2.0; use /v3, or the plugin v2password or v2token",
        ),
        (
            "http://keystone/identity/v2.0/",
            "the auth URL \"http://keystone/identity/v2.0/\" is for identity API v2.0; use /v3, or the plugin v2password or v2token",
        ),
        (
            "http://demo:swordfish-5ecret@keystone/v3",
            "the auth URL contains a user name or password before its host; pass them as options of the auth plugin",
        ),
        (
            "ftp://demo:swordfish-5ecret@keystone/v3",
            "the auth URL contains a user name or password before its host; pass them as options of the auth plugin",
        ),
        (
            "demo:swordfish-5ecret@keystone/v3",
            "the auth URL contains a user name or password before its host; pass them as options of the auth plugin",
        ),
        (
            "http://demo:swordfish-5ecret@key stone/v3",
            "the auth URL contains a user name or password before its host; pass them as options of the auth plugin",
        ),
        (
            "http://keystone/v3\r\nx: y",
            "the auth URL \"http://keystone/v3\\r\\nx: y\" is not a URL; expected http://host[:port]/path",
        ),
        (
            "\u{1b}[31mhttp://keystone",
            "the auth URL \"\\u{1b}[31mhttp://keystone\" is neither http nor https; expected http://host[:port]/path",
        ),
    ];
    let mut report = Report::default();
    for (url, text) in rows {
        let options = [("auth_url", *url), ("user_id", "u"), ("password", PASSWORD)];
        let loader = plugin_loader("password").unwrap();
        match loader.load(options) {
            Err(error) if url.is_empty() => {
                report.row(url, &error, &[], ErrorKind::MissingOption, text)
            }
            Err(error) => report.row(url, &error, &[], ErrorKind::Config, text),
            Ok(_) => report.wrong.push(format!("{url:?}: accepted")),
        }
    }
    let long = format!("http://keystone:x/{}", "v".repeat(100_000));
    let error = AdminToken::new(&long, TOKEN).unwrap_err();
    report.row("a long URL", &error, &[], ErrorKind::Config, "the endpoint \"http://keystone:x/vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv…");
    report.finish(rows.len() + 1);
}
