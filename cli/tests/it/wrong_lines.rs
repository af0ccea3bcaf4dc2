//! Wrong command lines: the exit code, and one message that helps.

use std::collections::BTreeSet;

use crate::ground::Ground;

/// Exit code, command line, and the message without white space and without what follows it: hints and the usage.
const TABLE: &str = include_str!("wrong_lines.txt");
/// The definition of all commands.
const COMMANDS: &str = include_str!("../../src/commands/mod.rs");
/// What tells how to go on, in or after the message of a usage error.
const HINTS: &[&str] = &[
    "Usage: heat ",
    "usage: heat ",
    "For more information, try '--help'.",
    "; ",
    "can only be specified with",
    "Need to specify ",
];

/// The fields of each line.
fn table() -> Vec<(i32, &'static str, &'static str)> {
    let lines = TABLE.lines().map(|line| {
        let [code, line, message] = line.splitn(3, " | ").collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        (code.parse().unwrap(), line, message)
    });
    lines.collect()
}

#[tokio::test]
async fn wrong_lines_have_one_message_that_helps() {
    let ground = Ground::new("wrong").await;
    let create = "stack create web -t t.yaml --wait --poll 0.05";
    ground.heat(create).await.ok();
    let before = ground.sandbox.requests().len();
    let (usage, others): (Vec<_>, Vec<_>) = table().into_iter().partition(|(code, ..)| *code == 2);
    for (code, line, message) in &usage {
        let ran = ground.heat(line).await;
        let found = (ran.code, ran.out.as_str());
        assert_eq!(found, (Some(*code), ""), "{line}: {}", ran.err);
        let errors = ran.err.lines().filter(|line| line.starts_with("ERROR:"));
        assert_eq!(errors.count(), 1, "{line}: {}", ran.err);
        let text = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
        let rest = text.strip_prefix("ERROR: ");
        let rest = rest.and_then(|text| text.strip_prefix(message));
        let rest = rest.unwrap_or_else(|| panic!("{line}: {text}"));
        let starts = ["", " Usage: ", " For more", " tip: ", " [possible values: "];
        let is_whole = starts.iter().any(|start| match *start {
            "" => rest.is_empty(),
            start => rest.starts_with(start),
        });
        assert!(is_whole || message.ends_with(" below"), "{line}: {text}");
        assert!(
            HINTS.iter().any(|hint| text.contains(hint)),
            "{line}: {text}"
        );
    }
    // Usage errors are found before anything is sent.
    assert_eq!(ground.sandbox.requests().len(), before);
    for (code, line, message) in &others {
        let ran = ground.heat(line).await;
        ran.failed(*code, &format!("ERROR: {message}"));
    }
}

#[test]
fn the_table_has_all_nouns_and_old_spellings() {
    let lines: BTreeSet<&str> = table().into_iter().map(|(_, line, _)| line).collect();
    assert_eq!(lines.len(), table().len(), "a line is there twice");
    assert!(lines.len() >= 250, "{}", lines.len());
    let of = |start: &str| {
        let lines = COMMANDS.lines().map(str::trim);
        let typed = lines.filter_map(move |line| {
            let (_, words) = line.strip_prefix(start)?.split_once('"')?;
            Some(words.split_once('"')?.0)
        });
        typed.collect::<Vec<_>>()
    };
    let names = [of("noun("), of("old::<"), of("old_local::<")].concat();
    assert!(names.len() > 70, "{names:?}");
    for name in names {
        let begins = |line: &&str| {
            let rest = line.strip_prefix(name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        };
        assert!(lines.iter().any(begins), "no wrong line for {name}");
    }
}

/// Only the best of many similar commands are named.
#[tokio::test]
async fn few_similar_commands_are_named() {
    let ground = Ground::new("similar").await;
    let ran = ground.heat("stak list").await;
    let tip = "tip: some similar subcommands exist: 'stack', 'stack-show', 'stack-list'\n";
    assert!(ran.err.contains(tip), "{}", ran.err);
    // Other commands have this option.
    ground.heat("stack create web -t t.yaml").await.ok();
    ground.heat("stack wait web --wait --poll 0.05").await.ok();
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
