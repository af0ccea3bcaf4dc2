#![cfg(unix)]

use std::path::{Path, PathBuf};

use super::*;
use crate::auth::testing::{Answers, Server, answer};
use crate::auth::{AdminToken, identity};

/// A limit that only a hang reaches.
const HANG: Duration = Duration::from_secs(300);

/// Runs a script of the shell: in tests only, the plugin itself uses no shell.
fn script(text: &str) -> Exec {
    Exec::new(["sh", "-c", text]).unwrap().time_limit(HANG)
}

fn silent() -> Server {
    Server::new(|_| panic!("nothing is sent"))
}

/// A new directory for one test.
fn directory(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("{name}-{:016x}", fastrand::u64(..)));
    std::fs::create_dir(&path).unwrap();
    path
}

#[tokio::test]
async fn a_printed_token_is_used_until_it_expires() {
    let plugin = script(r#"echo '{"token": "gAAAA", "expires_at": "2100-01-01T00:00:00Z"}'"#)
        .at("http://heat")
        .unwrap();
    let data = plugin.authenticate(&silent().context()).await.unwrap();
    assert_eq!(data.get("x-auth-token").unwrap(), "gAAAA");
    let end: jiff::Timestamp = "2100-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(data.expires, Some(end));
    assert_eq!(AuthPlugin::endpoint(&plugin).unwrap(), "http://heat/");
    assert!(plugin.is_renewable());

    let server = Server::new(|_| {
        answer(
            200,
            "application/json",
            r#"{"token": {"project": {"id": "p1"},
            "expires_at": "2090-01-01T00:00:00Z"}}"#,
        )
    });
    let plugin = script(r#"echo '{"token": "gAAAA", "expires_at": "2100-01-01T00:00:00Z"}'"#);
    let plugin = plugin.auth_url("http://id/v3").unwrap();
    let data = plugin.authenticate(&server.context()).await.unwrap();
    assert_eq!(server.requests(), ["http://id/v3/auth/tokens"]);
    assert_eq!(data.access.unwrap().project_id(), Some("p1"));
    assert!(data.expires.unwrap() < end, "Keystone knows better");
}

#[tokio::test]
async fn arguments_reach_the_program_without_a_shell() {
    let dir = directory("exec");
    let program = dir.join("a program");
    let text = "#!/bin/sh\nprintf '{\"token\": \"%s|%s|%s\"}' \"$#\" \"$1\" \"$2\"\n";
    std::fs::write(&program, text).unwrap();
    make_executable(&program);
    let program = program.to_str().unwrap();
    let plugin = Exec::new([program, "$HOME `id`; exit", "*"]).unwrap();
    let data = run_fresh(&plugin.time_limit(HANG)).await;
    assert_eq!(data.get("x-auth-token").unwrap(), "2|$HOME `id`; exit|*");
    std::fs::remove_dir_all(dir).unwrap();
}

fn make_executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Runs a program that was just written. While another thread of the tests starts a process, that one
/// may hold the file open for a moment.
async fn run_fresh(plugin: &Exec) -> AuthData {
    loop {
        match plugin.authenticate(&silent().context()).await {
            Ok(data) => return data,
            Err(error) if error.to_string().contains("busy") => tokio::task::yield_now().await,
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn a_printed_plugin_logs_in() {
    let plugin = script(
        r#"echo '{"auth_type": "admin_token", "auth": {"endpoint": "http://heat", "token": "gAAAA"}}'"#,
    )
    .plugins(|name, options| {
        assert_eq!(name, "admin_token");
        let [(_, endpoint), (_, token)] = &options[..] else {
            panic!("{options:?}")
        };
        Ok(AdminToken::new(endpoint.expose(), token.clone())?.into())
    });
    let server = silent();
    let data = plugin.authenticate(&server.context()).await.unwrap();
    assert_eq!(data.get("x-auth-token").unwrap(), "gAAAA");
    assert_eq!(data.endpoint.unwrap(), "http://heat/");
    assert_eq!(plugin.login_urls(), ["http://heat/"]);
    assert_eq!(server.context().client().mask().text("gAAAA"), "[redacted]");
    assert!(!format!("{plugin:?}").contains("gAAAA"));

    let server = Server::new(|_| identity::testing::token());
    let user = identity::UserRef::id("u1");
    let password = identity::Password::new("http://id/v3", user, "pw").unwrap();
    let plugin = script(r#"echo '{"auth_type": "v3password"}'"#)
        .plugins(move |_, _| Ok(password.clone().into()));
    let data = plugin.authenticate(&server.context()).await.unwrap();
    assert_eq!(data.servers, ["http://id/v3"]);
    assert_eq!(plugin.login_urls(), ["http://id/v3"]);
}

#[tokio::test]
async fn failures_are_told_in_one_line_without_the_output() {
    let loading = |_: &str, options: Vec<(String, Secret)>| {
        let quoted = options[0].1.expose();
        Err(Error::new(ErrorKind::Config, format!("bad {quoted}")))
    };
    for (plugin, kind, message) in [
        (
            script("echo swordfish; exit 3"),
            ErrorKind::Auth,
            "the command sh failed (exit status: 3); stderr has its messages",
        ),
        (
            script("echo swordfish"),
            ErrorKind::Auth,
            "the command sh printed no credentials; expected one JSON object, {\"token\": \"…\", \
             \"expires_at\": \"…\"} or {\"auth_type\": \"…\", \"auth\": {…}}",
        ),
        (
            script(r#"echo '{"token": "swordfish", "expires_at": "2001-01-01T00:00:00Z"}'"#),
            ErrorKind::Auth,
            "the command sh printed a token that expired at 2001-01-01T00:00:00Z",
        ),
        (
            script("while :; do echo swordfish; done"),
            ErrorKind::Auth,
            "the command sh printed more than 65536 bytes",
        ),
        (
            script(r#"echo '{"auth_type": "password", "auth": {"password": "swordfish"}}'"#),
            ErrorKind::Config,
            "the command sh named an auth type, but only tokens are accepted here",
        ),
        (
            script(r#"echo '{"auth_type": "password", "auth": {"password": "swordfish"}}'"#)
                .plugins(loading),
            ErrorKind::Config,
            "auth type of the command sh: bad [redacted]",
        ),
        (
            Exec::new(["/nowhere/to/be/found", "swordfish"]).unwrap(),
            ErrorKind::Io,
            "the command /nowhere/to/be/found cannot be run: No such file or directory (os error 2)",
        ),
    ] {
        let error = plugin.authenticate(&silent().context()).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(error.to_string(), message);
        assert!(!format!("{error:?} {plugin:?}").contains("swordfish"));
    }
    assert!(Exec::new([""]).is_err() && Exec::new(Vec::<String>::new()).is_err());
}

#[tokio::test]
async fn only_an_allowed_command_may_ask() {
    // Prints what it was told.
    let told = |user| {
        let text =
            r#"printf '{"token": "%s"}' "$(printf %s "$HEATCLIENT_EXEC_INFO" | tr '\"' "'")""#;
        script(text).user(user)
    };
    let server = silent();
    let alone = server.context();
    let asking = server.context().interaction(Answers::new("yes"));
    for (user, context, interactive) in [
        (ExecUser::Never, &alone, false),
        (ExecUser::Never, &asking, false),
        (ExecUser::IfAvailable, &alone, false),
        (ExecUser::IfAvailable, &asking.in_background(), false),
    ] {
        let data = told(user).authenticate(context).await.unwrap();
        let expected = format!("{{'version': 1, 'interactive': {interactive}}}");
        assert_eq!(data.get("x-auth-token").unwrap(), expected.as_str());
    }
    // These inherit the standard input of the test, which they do not read.
    for user in [ExecUser::IfAvailable, ExecUser::Always] {
        let data = told(user).authenticate(&asking).await.unwrap();
        let expected = "{'version': 1, 'interactive': true}";
        assert_eq!(data.get("x-auth-token").unwrap(), expected);
    }
    let error = told(ExecUser::Always).authenticate(&alone).await;
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interaction);
    assert_eq!(
        error.to_string(),
        "user input is required (the command sh), but the session has no interaction handler"
    );
    // Without a user the standard input is empty.
    let data = script(r#"read line; echo '{"token": "gAAAA"}'"#);
    assert!(data.authenticate(&alone).await.is_ok());
}

/// Waits until the process with the number in this file is gone.
async fn is_gone(file: &Path) {
    let number: String = loop {
        match std::fs::read_to_string(file) {
            Ok(text) if text.ends_with('\n') => break text.trim().to_owned(),
            _ => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    };
    let process = rustix::process::Pid::from_raw(number.parse().unwrap()).unwrap();
    let gone = async {
        while rustix::process::test_kill_process(process).is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(HANG, gone)
        .await
        .expect("it is killed");
}

#[tokio::test]
async fn a_command_is_killed_when_its_time_is_over_or_the_login_is_dropped() {
    let dir = directory("exec");
    let file = dir.join("pid");
    let text = format!("echo $$ > {}; exec sleep 1000", file.display());

    let plugin = script(&text).time_limit(Duration::from_millis(200));
    let error = plugin.authenticate(&silent().context()).await.unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(
        error.to_string(),
        "the command sh did not end within 200ms and was killed"
    );
    if file.exists() {
        is_gone(&file).await;
        std::fs::remove_file(&file).unwrap();
    }

    let plugin = script(&text);
    let login = tokio::spawn(async move { plugin.authenticate(&silent().context()).await });
    while !std::fs::read_to_string(&file).is_ok_and(|text| text.ends_with('\n')) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    login.abort();
    is_gone(&file).await;
    std::fs::remove_dir_all(dir).unwrap();
}

#[test]
fn each_input_changes_the_key() {
    let key = |plugin: Exec| Credentials::from(plugin).cache_key().unwrap();
    let command = |words: &[&str]| Exec::new(words.iter().copied()).unwrap();
    let keys = [
        key(command(&["a"])),
        key(command(&["b"])),
        key(command(&["a", "b"])),
        key(command(&["a", "b", "c"])),
        key(command(&["a", "c", "b"])),
        key(command(&["a", "b c"])),
        key(command(&["a"]).auth_url("http://id/v3").unwrap()),
        key(command(&["a"]).at("http://id/v3").unwrap()),
    ];
    for (i, one) in keys.iter().enumerate() {
        assert_eq!(keys.iter().position(|key| key == one), Some(i));
    }
    let same = command(&["a"]).time_limit(HANG).user(ExecUser::Always);
    assert_eq!(key(same), keys[0]);
    assert!(!format!("{:?}", command(&["a", "swordfish"])).contains("swordfish"));
}
