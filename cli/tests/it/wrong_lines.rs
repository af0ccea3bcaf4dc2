//! Wrong command lines: the exit code, and one message that helps.

use crate::ground::Ground;

/// The command lines, and the start of the message.
const LINES: &[(&str, &str)] = &[
    (
        "stack abandon",
        "the following required arguments were not provided: <STACK>",
    ),
    (
        "stack abandon web other",
        "unexpected argument 'other' found",
    ),
    (
        "stack abandon web --output-file",
        "a value is required for '--output-file <FILE>' but none was supplied",
    ),
    (
        "stack abandon web -f csv",
        "invalid value 'csv' for '--format <FORMAT>'",
    ),
    (
        "stack-abandon",
        "the following required arguments were not provided: <STACK>",
    ),
    (
        "stack-abandon web -f json",
        "unexpected argument '-f' found",
    ),
    (
        "stack export",
        "the following required arguments were not provided: <STACK>",
    ),
    ("stack export web -O f", "unexpected argument '-O' found"),
    ("stack-export web", "unrecognized subcommand 'stack-export'"),
    (
        "stack environment",
        "usage: heat stack environment <COMMAND> Show",
    ),
    (
        "stack environment list web",
        "unrecognized subcommand 'list'",
    ),
    (
        "stack environment show",
        "the following required arguments were not provided: <STACK>",
    ),
    ("stack file show web", "unrecognized subcommand 'show'"),
    (
        "stack file list --long web",
        "unexpected argument '--long' found",
    ),
    (
        "stack failures list",
        "the following required arguments were not provided: <STACK>",
    ),
    (
        "stack failures list web -f json",
        "unexpected argument '-f' found",
    ),
    (
        "stack event show web thing",
        "the following required arguments were not provided: <EVENT>",
    ),
    (
        "event-show web",
        "the following required arguments were not provided: <RESOURCE> <EVENT>",
    ),
    (
        "event web thing e extra",
        "unexpected argument 'extra' found",
    ),
    (
        "stack hook poll web --nested-depth x",
        "invalid value 'x' for '--nested-depth <LEVELS>': expected a whole number",
    ),
    (
        "hook-poll web -n -1",
        "invalid value '-1' for '--nested-depth <LEVELS>': expected a whole number",
    ),
    (
        "stack hook poll web -f shell",
        "invalid value 'shell' for '--format <FORMAT>'",
    ),
    (
        "stack hook clear web",
        "the following required arguments were not provided: <RESOURCE>...",
    ),
    (
        "stack hook clear web x --pre-create --pre-update",
        "the argument '--pre-create' cannot be used with",
    ),
    (
        "hook-clear web x --post-create",
        "unexpected argument '--post-create' found",
    ),
    (
        "stack resource metadata web",
        "the following required arguments were not provided: <RESOURCE>",
    ),
    (
        "resource-metadata web thing -f json",
        "unexpected argument '-f' found",
    ),
    (
        "stack resource signal web thing --data {} --data-file f",
        "the argument '--data <JSON>' cannot be used with",
    ),
    (
        "resource-signal web thing -D {} -f f",
        "the argument '--data <JSON>' cannot be used with",
    ),
    (
        "stack resource signal web thing --wait",
        "unexpected argument '--wait' found",
    ),
    (
        "stack resource mark web thing",
        "unrecognized subcommand 'web'",
    ),
    (
        "stack resource mark unhealthy web thing why now",
        "unexpected argument 'now' found",
    ),
    (
        "resource-mark-unhealthy --reset web",
        "the following required arguments were not provided: <RESOURCE>",
    ),
    ("stack snapshot web", "unrecognized subcommand 'web'"),
    (
        "stack snapshot create",
        "the following required arguments were not provided: <STACK>",
    ),
    (
        "stack snapshot create web --wait-timeout 5",
        "the following required arguments were not provided: --wait",
    ),
    (
        "stack snapshot show web",
        "the following required arguments were not provided: <SNAPSHOT>",
    ),
    (
        "stack snapshot list web -f shell",
        "invalid value 'shell' for '--format <FORMAT>'",
    ),
    (
        "stack snapshot delete web",
        "the following required arguments were not provided: <SNAPSHOT>",
    ),
    ("snapshot-delete -x web s", "unexpected argument '-x' found"),
    (
        "stack-restore web",
        "the following required arguments were not provided: <SNAPSHOT>",
    ),
    (
        "stack snapshot restore web s --poll 0",
        "invalid value '0' for '--poll <SECONDS>'",
    ),
];

#[tokio::test]
async fn wrong_lines_are_usage_errors() {
    let ground = Ground::new("wrong").await;
    for (line, message) in LINES {
        let ran = ground.heat(line).await;
        assert_eq!(
            (ran.code, ran.out.as_str()),
            (Some(2), ""),
            "{line}: {}",
            ran.err
        );
        let words: Vec<_> = ran.err.split_whitespace().collect();
        let text = words.join(" ");
        let text = text.strip_prefix("ERROR: ").unwrap_or(&text);
        assert!(text.starts_with(message), "{line}: {text}");
        assert!(ran.err.matches("ERROR:").count() <= 1, "{}", ran.err);
    }
    assert!(ground.sandbox.requests().is_empty());
}

/// Empty names cannot be sent.
#[tokio::test]
async fn empty_names_are_usage_errors() {
    let ground = Ground::new("empty-names").await;
    for line in [
        "stack event show web thing",
        "stack resource metadata web",
        "resource-signal web",
        "stack resource mark unhealthy web",
        "stack snapshot show web",
        "snapshot-delete -y web",
        "stack hook clear web",
    ] {
        let ran = ground.command(line).arg("").output().await.unwrap();
        let err = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(ran.status.code(), Some(2), "{line}: {err}");
        assert!(
            err.starts_with("ERROR: a value is required for"),
            "{line}: {err}"
        );
    }
    assert!(ground.sandbox.requests().is_empty());
}
