//! The plugin `exec`: credentials from a command.

use std::time::Duration;

use crate::auth::{Credentials, Exec, ExecUser};
use crate::error::{Error, ErrorKind, Result};

use crate::loading::plugins::common::{ENDPOINT, Plugin};
use crate::loading::{Opt, OptionValues, PluginLoader, plugin_loader, without_variables};

const NAME: &str = "exec";

const OPTIONS: &[Opt] = &[
    Opt::new(
        "exec_command",
        "Program that prints credentials, or a JSON list of the program and its arguments",
    )
    .required()
    .secret(),
    Opt::new("exec_timeout", "Seconds that the command may take").default("60"),
    Opt::new(
        "exec_interactive",
        "Whether the command may ask the user: never, if_available or always",
    )
    .default("never"),
    Opt::new("auth_url", "URL of the identity service"),
    ENDPOINT,
];

pub(super) fn loaders() -> Vec<PluginLoader> {
    let exec = Plugin {
        name: NAME,
        aliases: &[],
        options: OPTIONS.to_vec(),
        missing: |_| Vec::new(),
        make,
    };
    vec![exec.into()]
}

fn make(values: &OptionValues) -> Result<Credentials> {
    let mut plugin = Exec::new(command(values.require("exec_command")?)?)?
        .time_limit(time_limit(values.require("exec_timeout")?)?)
        .user(user(values.require("exec_interactive")?)?)
        .plugins(|name, options| {
            if name == NAME {
                let message = "a command may not name the auth plugin exec";
                return Err(Error::new(ErrorKind::Config, message));
            }
            let loaded = plugin_loader(name)?.load(options);
            loaded.map_err(without_variables)
        });
    if let Some(url) = values.get("auth_url") {
        plugin = plugin.auth_url(url)?;
    }
    if let Some(url) = values.get("endpoint") {
        plugin = plugin.at(url)?;
    }
    Ok(plugin.into())
}

/// A program, or a JSON list of a program and its arguments. Nothing is split at spaces, so that there
/// are no rules of quoting.
fn command(text: &str) -> Result<Vec<String>> {
    let text = text.trim();
    if !text.starts_with('[') {
        return Ok(vec![text.to_owned()]);
    }
    serde_json::from_str(text).map_err(|_| {
        let message = "exec_command is not a list of texts; expected a program, or \
            [\"program\", \"argument\"]";
        Error::new(ErrorKind::Config, message)
    })
}

fn time_limit(text: &str) -> Result<Duration> {
    let seconds = text.parse().ok().filter(|seconds| *seconds > 0.0);
    let limit = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    limit.ok_or_else(|| {
        let message = format!("exec_timeout {text:?} is not a positive number of seconds");
        Error::new(ErrorKind::Config, message)
    })
}

fn user(text: &str) -> Result<ExecUser> {
    match text.replace('-', "_").to_ascii_lowercase().as_str() {
        "never" | "false" | "no" => Ok(ExecUser::Never),
        "if_available" | "ifavailable" | "true" | "yes" => Ok(ExecUser::IfAvailable),
        "always" => Ok(ExecUser::Always),
        _ => {
            let message = format!("exec_interactive {text:?} is not never, if_available or always");
            Err(Error::new(ErrorKind::Config, message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loading::plugins::testing::{assert_missing, error, made, options};

    #[test]
    fn options_are_data() {
        assert_eq!(
            options(NAME),
            "exec_command!* exec_timeout exec_interactive auth_url endpoint=url"
        );
        assert_missing(NAME, &[], "exec_command (OS_EXEC_COMMAND)");
        let debug = made(
            NAME,
            &[
                ("exec_command", r#"["vault", "read", "swordfish"]"#),
                ("exec_timeout", "2.5"),
                ("exec_interactive", "if-available"),
                ("auth_url", "http://id"),
                ("url", "http://heat"),
            ],
            &["swordfish"],
        );
        for part in [
            "\"vault\"",
            "2.5s",
            "IfAvailable",
            "http://id/",
            "http://heat/",
        ] {
            assert!(debug.contains(part), "{debug}");
        }
        let debug = made(NAME, &[("exec_command", "/opt/my program")], &[]);
        for part in ["\"/opt/my program\"", "60s", "Never"] {
            assert!(debug.contains(part), "{debug}");
        }
    }

    #[test]
    fn bad_values_are_named() {
        const COMMAND: (&str, &str) = ("exec_command", "vault");
        for (pairs, message) in [
            (
                &[("exec_command", "[\"vault\", 17]")][..],
                "exec_command is not a list of texts; expected a program, or [\"program\", \"argument\"]",
            ),
            (&[("exec_command", "[]")], "the command is empty"),
            (
                &[COMMAND, ("exec_timeout", "0")],
                "exec_timeout \"0\" is not a positive number of seconds",
            ),
            (
                &[COMMAND, ("exec_timeout", "1e300")],
                "exec_timeout \"1e300\" is not a positive number of seconds",
            ),
            (
                &[COMMAND, ("exec_interactive", "maybe")],
                "exec_interactive \"maybe\" is not never, if_available or always",
            ),
        ] {
            assert_eq!(error(NAME, pairs), (ErrorKind::Config, message.to_owned()));
        }
    }
}
