//! The tool does not print passwords in URLs, or secrets that servers echo.

use std::process::Stdio;

use heatclient_test_support::echo::{ECHOES, SECRET, TOKEN, echo, no_secrets};
use heatclient_test_support::scripted::{Scripted, json};
use tokio::process::Command;

#[tokio::test]
async fn the_tool_shows_no_password_of_a_url() {
    let server = Scripted::start(|_| json("200 OK", "{}")).await;
    let host = server.url.trim_start_matches("http://");
    for (arguments, variable) in [
        (&["stack", "list"][..], Some("HEAT_URL")),
        (&["--debug", "stack", "list"], Some("HEAT_URL")),
        (
            &["--debug", "stack", "show", "x"],
            Some("OS_ENDPOINT_OVERRIDE"),
        ),
        (
            &["--debug", "--os-endpoint-override", "URL", "stack", "list"],
            None,
        ),
        (
            &[
                "--debug",
                "--os-no-client-auth",
                "--heat-url",
                "URL",
                "stack",
                "list",
            ],
            None,
        ),
        (
            &[
                "--os-auth-token",
                "gAAAA",
                "--heat-url",
                "URL",
                "stack",
                "list",
            ],
            None,
        ),
    ] {
        for url in [
            format!("http://me:{SECRET}@{host}/v1/p"),
            format!("http://{SECRET}@{host}/v1/p"),
            format!("http://me:{SECRET}@ {host}/v1/p"),
            format!("me:{SECRET}@{host}/v1/p"),
        ] {
            let mut command = Command::new(env!("CARGO_BIN_EXE_heat"));
            command
                .env_clear()
                .env("OS_AUTH_URL", &server.url)
                .env("OS_USERNAME", "demo")
                .env("OS_PASSWORD", "demo")
                .env("OS_PROJECT_NAME", "demo")
                .stdin(Stdio::null());
            command.args(
                arguments
                    .iter()
                    .map(|a| if *a == "URL" { &url } else { *a }),
            );
            if let Some(variable) = variable {
                command.env(variable, &url);
            }
            let output = command.output().await.unwrap();
            let shown = [output.stdout, output.stderr].concat();
            let shown = String::from_utf8_lossy(&shown);
            assert_eq!(output.status.code(), Some(1), "{shown}");
            assert!(
                shown.contains("user name or password"),
                "{arguments:?}: {shown}"
            );
            assert!(!shown.contains(SECRET), "{arguments:?}: {shown}");
        }
    }
    assert!(server.seen().is_empty(), "{:?}", server.seen());
}

#[tokio::test]
async fn the_tool_shows_no_secret_that_is_echoed() {
    for way in 0..ECHOES {
        let server = Scripted::start(move |seen| echo(way, "400 Bad Request", seen)).await;
        for (plugin, variables) in [
            (
                "password",
                &[("OS_USERNAME", "demo"), ("OS_PASSWORD", SECRET)][..],
            ),
            (
                "admin_token",
                &[("OS_TOKEN", TOKEN), ("HEAT_URL", &server.url)],
            ),
        ] {
            let mut command = Command::new(env!("CARGO_BIN_EXE_heat"));
            command
                .env_clear()
                .env("OS_AUTH_TYPE", plugin)
                .env("OS_AUTH_URL", &server.url);
            command
                .envs(variables.iter().copied())
                .env("OS_PROJECT_NAME", "demo");
            command
                .args(["--debug", "stack", "show", "web"])
                .stdin(Stdio::null());
            let output = command.output().await.unwrap();
            let shown = [output.stdout, output.stderr].concat();
            let shown = String::from_utf8_lossy(&shown);
            assert_eq!(output.status.code(), Some(1), "{shown}");
            no_secrets(&shown, way);
        }
    }
}
