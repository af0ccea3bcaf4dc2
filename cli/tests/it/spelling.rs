//! The name `openstack`, abbreviations, the words for completion, colours, and headers of the old tool.

#[cfg(unix)]
use std::path::{Path, PathBuf};

use heatclient_test_support::scripted::{Scripted, json};
use tokio::process::Command;

use crate::ground::{Ground, Ran, bare};

#[cfg(unix)]
impl Ground {
    /// A link to the tool with the name `openstack`, in a folder of its own.
    fn link(&self) -> PathBuf {
        let folder = self.directory.join("linked");
        std::fs::create_dir_all(&folder).unwrap();
        let link = folder.join("openstack");
        if !link.exists() {
            std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_heat"), &link).unwrap();
        }
        link
    }

    /// A script with the name `openstack` in a folder.
    fn other_openstack(&self, folder: &str, text: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = self.directory.join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        let script = folder.join("openstack");
        std::fs::write(&script, format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
        folder
    }

    async fn openstack(&self, line: &str, variables: &[(&str, &str)]) -> Ran {
        let mut command = Command::new(self.link());
        command
            .env_clear()
            .envs(self.sandbox.environment())
            .envs(variables.iter().copied())
            .args(line.split(' '))
            .stdin(std::process::Stdio::null());
        command.output().await.unwrap().into()
    }
}

#[cfg(unix)]
#[tokio::test]
async fn called_as_openstack_only_its_spellings_exist() {
    let ground = Ground::new("openstack").await;
    for line in [
        "stack list -f json",
        "st li -f json",
        "--os-region-name RegionOne stack list -f json",
    ] {
        assert_eq!(ground.openstack(line, &[]).await.ok(), "[]\n", "{line}");
    }
    let version = format!("openstack {} (heatclient)\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(ground.openstack("--version", &[]).await.ok(), version);
    let help = ground.openstack("help stack show", &[]).await.ok();
    assert!(help.starts_with("usage: openstack stack show"), "{help}");
    assert!(help.contains("See `openstack --help`"), "{help}");
    let help = ground.openstack("--help", &[]).await.ok();
    assert!(!help.contains("stack-list"), "{help}");

    let advice =
        "set HEAT_OPENSTACK_FALLBACK=1 to run other commands with the next openstack on PATH";
    for (line, command) in [
        ("server list --long", "server list"),
        ("--os-cloud x server list", "server list"),
        ("stack-list", "stack-list"),
        ("help server list", "server list"),
    ] {
        let message = format!("ERROR: '{command}' is not a command of Heat; {advice}");
        ground.openstack(line, &[]).await.failed(2, &message);
    }
    let wrong = ground.openstack("stack lst", &[]).await;
    assert_eq!(wrong.code, Some(2));
    assert!(
        wrong.err.contains("unrecognized subcommand 'lst'"),
        "{}",
        wrong.err
    );
}

#[cfg(unix)]
#[tokio::test]
async fn commands_of_other_services_go_to_the_next_openstack() {
    let ground = Ground::new("fallback").await;
    let own = ground.link();
    let own = own.parent().unwrap();
    let other = ground.other_openstack("other", r#"printf '%s|' "$@"; exit 7"#);
    // A program that starts this tool again must not start an endless loop.
    let again = ground.other_openstack(
        "again",
        &format!("exec '{}' \"$@\"", ground.link().display()),
    );
    let path = |folders: &[&Path]| {
        std::env::join_paths(folders)
            .unwrap()
            .into_string()
            .unwrap()
    };

    let both = path(&[own, &other]);
    let variables = [("HEAT_OPENSTACK_FALLBACK", "1"), ("PATH", both.as_str())];
    for line in [
        "server list --long -c ID",
        "--os-new-option x server list",
        "help server list",
    ] {
        let ran = ground.openstack(line, &variables).await;
        assert_eq!((ran.code, ran.err.as_str()), (Some(7), ""), "{line}");
        assert_eq!(ran.out, format!("{}|", line.replace(' ', "|")), "{line}");
    }
    assert_eq!(
        ground
            .openstack("stack list -f json", &variables)
            .await
            .ok(),
        "[]\n"
    );

    for (folders, reason) in [
        (
            path(&[own]),
            "there is no other openstack on PATH to run it",
        ),
        (
            path(&[own, &again]),
            "set HEAT_OPENSTACK_FALLBACK=1 to run other commands with the next openstack on PATH",
        ),
    ] {
        let variables = [("HEAT_OPENSTACK_FALLBACK", "1"), ("PATH", folders.as_str())];
        let message = format!("ERROR: 'server list' is not a command of Heat; {reason}");
        ground
            .openstack("server list", &variables)
            .await
            .failed(2, &message);
    }
}

#[tokio::test]
async fn abbreviations_are_read_as_in_python() {
    let ground = Ground::new("abbreviations").await;
    ground
        .heat("st cr web --templ t.yaml --wa --poll 0.05")
        .await
        .ok();
    for line in [
        "st sh web --form value --col stack_name",
        "stack-sh web",
        "st li --col stack_name -f value",
    ] {
        let out = ground.heat(line).await.ok();
        assert!(out.contains("web"), "{line}: {out}");
    }
    for (line, message) in [
        (
            "stack show web --no",
            "ERROR: ambiguous option: --no could match --no-resolve-outputs, --noindent",
        ),
        (
            "stack s web",
            "ERROR: ambiguous command: stack s could match ",
        ),
    ] {
        let ran = ground.heat(line).await;
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{line}");
        assert!(ran.err.starts_with(message), "{}", ran.err);
        assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    }
}

#[tokio::test]
async fn completion_words_are_printed() {
    for (line, text) in [
        ("complete --shell none", "  cmds_stack_list='-h --help "),
        (
            "complete",
            "complete -o bashdefault -o default -F _heat heat",
        ),
        (
            "complete --name my-heat --shell bash",
            "-F _my_heat my-heat",
        ),
        ("bash-completion", " stack-create "),
        ("bash_completion", " --template-file "),
    ] {
        let out = Ran::from(bare().args(line.split(' ')).output().await.unwrap()).ok();
        assert!(out.contains(text), "{line}: {out}");
    }
    let output = bare()
        .args(["complete", "--name", "a;b"])
        .output()
        .await
        .unwrap();
    Ran::from(output).failed(
        2,
        "ERROR: invalid command name \"a;b\"; expected letters, digits, and - _ . +",
    );
}

/// The text without colours.
fn plain(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let first = parts.next().unwrap().to_owned();
    first
        + &parts
            .map(|part| part.split_once('m').unwrap().1)
            .collect::<String>()
}

#[tokio::test]
async fn states_have_colours_only_in_tables_and_events() {
    let ground = Ground::new("colours").await;
    ground
        .heat("stack create web -t t.yaml --wait --poll 0.05")
        .await
        .ok();
    for (line, coloured) in [
        ("stack list", true),
        ("stack-list", true),
        ("stack show web", true),
        ("stack show web --max-width 50", true),
        ("stack event list web", true),
        ("stack event list web -f table", true),
        ("event-list web -F log", true),
        ("stack list -f json", false),
        ("stack list -f yaml", false),
        ("stack list -f csv", false),
        ("stack list -f value", false),
        ("stack show web -f shell", false),
        ("stack event list web -f json", false),
        ("stack resource list web -f dot", false),
    ] {
        let without = ground.heat(line).await.ok();
        assert!(!without.contains('\u{1b}'), "{line}");
        let with = ground.heat(&format!("{line} --color always")).await.ok();
        assert_eq!(
            with.contains("\u{1b}[32mCREATE_COMPLETE\u{1b}[0m"),
            coloured,
            "{line}: {with}"
        );
        assert_eq!(with.contains('\u{1b}'), coloured, "{line}: {with}");
        assert_eq!(plain(&with), without, "{line}");
    }
    for (variables, line, coloured) in [
        (&[("CLICOLOR_FORCE", "1")][..], "stack list", true),
        (
            &[("CLICOLOR_FORCE", "1")],
            "stack list --color=never",
            false,
        ),
        (
            &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")],
            "stack list",
            false,
        ),
        (&[("NO_COLOR", "1")], "--color always stack list", true),
        (&[], "stack list --colo always", true),
    ] {
        let mut command = ground.command(line);
        let output = command
            .envs(variables.iter().copied())
            .output()
            .await
            .unwrap();
        assert_eq!(
            Ran::from(output).ok().contains('\u{1b}'),
            coloured,
            "{variables:?} {line}"
        );
    }
}

#[tokio::test]
async fn requests_are_traced() {
    let server = Scripted::start(|_| json("200 OK", r#"{"stacks": []}"#)).await;
    for (arguments, variable, traced) in [
        ("--os-profile s3cr3t stack list", None, true),
        ("--profile s3cr3t stack-list", None, true),
        ("stack list", Some("s3cr3t"), true),
        ("stack list", None, false),
        ("stack list", Some(""), false),
    ] {
        let before = server.seen().len();
        let mut command = bare();
        command
            .env("OS_AUTH_TOKEN", "t")
            .env("HEAT_URL", &server.url);
        if let Some(key) = variable {
            command.env("OS_PROFILE", key);
        }
        let output = command
            .args(["--debug"])
            .args(arguments.split(' '))
            .output()
            .await
            .unwrap();
        let ran = Ran::from(output);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        assert!(!ran.err.contains("s3cr3t"), "{}", ran.err);
        let id = ran
            .err
            .lines()
            .find_map(|line| line.strip_prefix("Trace ID: "));
        assert_eq!(id.is_some(), traced, "{arguments}: {}", ran.err);
        let shown = format!("osprofiler trace show --html {}", id.unwrap_or_default());
        assert_eq!(ran.err.contains(&shown), traced, "{arguments}: {}", ran.err);
        let seen = server.seen();
        assert_eq!(seen.len(), before + 1);
        for name in ["x-trace-info", "x-trace-hmac"] {
            assert_eq!(
                seen.last().unwrap().header(name).is_some(),
                traced,
                "{arguments}"
            );
        }
    }
}

#[tokio::test]
async fn heat_without_keystone_gets_user_and_password() {
    let server = Scripted::start(|_| json("200 OK", r#"{"stacks": []}"#)).await;
    for (arguments, variables, expected) in [
        (
            "--os-no-client-auth",
            &[][..],
            [None, Some("demo"), Some("s3cr3t")],
        ),
        (
            "",
            &[("OS_NO_CLIENT_AUTH", "1")],
            [None, Some("demo"), Some("s3cr3t")],
        ),
        (
            "--os-no-client-auth --os-auth-token t0k",
            &[],
            [Some("t0k"), None, None],
        ),
        (
            "--os-no-client-auth --os-auth-token t0k --include-password",
            &[],
            [Some("t0k"), Some("demo"), Some("s3cr3t")],
        ),
        (
            "--os-no-client-auth --os-auth-token t0k",
            &[("HEAT_INCLUDE_PASSWORD", "1")],
            [Some("t0k"), Some("demo"), Some("s3cr3t")],
        ),
        (
            "--os-auth-token t0k --include-password",
            &[],
            [Some("t0k"), None, None],
        ),
    ] {
        let mut command = bare();
        command
            .env("HEAT_URL", &server.url)
            .envs([("OS_USERNAME", "demo"), ("OS_PASSWORD", "s3cr3t")])
            .envs(variables.iter().copied())
            .args(arguments.split_whitespace())
            .args(["--debug", "stack", "list"]);
        let ran = Ran::from(command.output().await.unwrap());
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        assert!(
            !ran.err.contains("s3cr3t") && !ran.err.contains("t0k"),
            "{}",
            ran.err
        );
        let seen = server.seen();
        let headers = ["x-auth-token", "x-auth-user", "x-auth-key"];
        assert_eq!(
            headers.map(|name| seen.last().unwrap().header(name)),
            expected,
            "{arguments}"
        );
    }
}
