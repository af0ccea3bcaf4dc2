//! `sandbox`: a Keystone and a Heat in memory, for as long as it runs.

use std::time::Duration;

use heatclient::sandbox::Sandbox;

use crate::args::SandboxArgs;
use crate::exit::{Failure, say};
use crate::printer;

/// Starts the sandbox, prints the variables for it, and serves until Ctrl-C.
pub(super) async fn serve(args: &SandboxArgs) -> Result<(), Failure> {
    let sandbox = Sandbox::builder()
        .port(args.port)
        .orchestration_port(args.orchestration_port)
        .token_lifetime(Duration::from_secs_f64(args.token_lifetime))
        .stack_delay(Duration::from_secs_f64(args.stack_delay))
        .start()
        .await
        .map_err(|error| Failure::Message(format!("cannot start the sandbox: {error}")))?;
    let exports: Vec<String> = sandbox
        .environment()
        .iter()
        .map(|(name, value)| format!("export {name}={}", quoted(value)))
        .collect();
    printer::line(&exports.join("\n"))?;
    say(
        "The sandbox runs until Ctrl-C. Evaluate the lines above in another shell, then try: heat stack list",
    );
    match tokio::signal::ctrl_c().await {
        Ok(()) => Ok(()),
        // Without signals it is killed in other ways.
        Err(_) => std::future::pending().await,
    }
}

/// A word of a shell.
fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/:._-".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_survive_the_shell() {
        for (value, word) in [
            ("http://127.0.0.1:5000/v3", "http://127.0.0.1:5000/v3"),
            ("", "''"),
            ("a b", "'a b'"),
            ("$it's", r"'$it'\''s'"),
        ] {
            assert_eq!(quoted(value), word);
        }
    }
}
