use super::*;

fn read(line: &str) -> Result<Cli, clap::Error> {
    let words = std::iter::once("heat")
        .chain(line.split(' '))
        .map(OsString::from);
    let matches = Cli::definition().try_get_matches_from(words.map(modern))?;
    Cli::from_arg_matches(&matches)
}

#[test]
fn options_and_commands_do_not_collide() {
    Cli::definition().debug_assert();
}

#[test]
fn global_options_go_before_and_after_the_command() {
    for line in [
        "--os-username demo --os-region-name R --debug stack list --limit 3",
        "stack list --os-username demo --limit 3 --os-region-name R --debug",
        "stack --os_username demo list --os_region_name=R --debug --limit=3",
        "--os-usern demo stack li --os-reg R --lim 3 --debu",
    ] {
        let cli = read(line).unwrap();
        assert_eq!(cli.global.auth.get("username"), Some("demo"), "{line}");
        assert_eq!(cli.global.os_region_name.as_deref(), Some("R"), "{line}");
        assert!(cli.global.is_debug(), "{line}");
        let Command::Stack(StackCommand::List(list)) = cli.command else {
            panic!("{line}");
        };
        assert_eq!(list.limit, Some(3));
    }
}

#[test]
fn letters_of_the_old_tool_keep_their_meaning() {
    let cli = read("-d -k stack-list -d asc -k stack_name;creation_time -f a=1;b=2").unwrap();
    assert!(cli.global.is_debug() && cli.global.is_insecure());
    let Command::Old(OldCommand::StackList(list)) = cli.command else {
        panic!();
    };
    assert_eq!(list.sort_dir.as_deref(), Some("asc"));
    assert_eq!(list.sort_keys, ["stack_name", "creation_time"]);
    assert_eq!(list.filters.len(), 2);

    let cli = read("stack-create -f t -Pf k=file -P a=1;b=2;c -t 5 --poll 2 web").unwrap();
    let Command::Old(OldCommand::StackCreate { new, poll }) = cli.command else {
        panic!();
    };
    let new = NewArgs::from(new);
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(poll, Some(2.0));
    assert_eq!(new.change.timeout, Some(5));
    assert_eq!(
        new.change.inputs.values.parameter_files,
        [pair("k", "file")]
    );
    assert_eq!(
        new.change.inputs.values.parameters,
        [pair("a", "1"), pair("b", "2;c")]
    );
}

#[test]
fn parameters_are_split_once_in_the_old_spelling_only() {
    let parameters = |line: &str| match read(line).unwrap().command {
        Command::Old(OldCommand::StackPreview(new)) => {
            NewArgs::from(new).change.inputs.values.parameters
        }
        Command::Stack(StackCommand::Create(create)) => create.new.change.inputs.values.parameters,
        other => panic!("{other:?}"),
    };
    let joined = |line| {
        let pairs = parameters(line);
        let pairs = pairs.iter().map(|(key, value)| format!("{key}:{value}"));
        pairs.collect::<Vec<_>>().join(" ")
    };
    for (line, expected) in [
        ("stack-preview s -f t -P a=1;b=2", "a:1 b:2"),
        ("stack-preview s -f t -P a=1;b=2 -P c=3", "a:1;b=2 c:3"),
        ("stack-preview s -f t -P a=x;y;", "a:x;y;"),
        ("stack-preview s -f t -P a=-1", "a:-1"),
        ("stack create s -t t --parameter a=1;b=2", "a:1;b=2"),
        (
            "stack create s -t t --parameter a= --parameter a=b=c",
            "a: a:b=c",
        ),
    ] {
        assert_eq!(joined(line), expected, "{line}");
    }
}

#[test]
fn misuse_is_told_with_what_was_meant() {
    for (line, text) in [
        ("stak list", "'stack'"),
        ("stack lst", "a similar subcommand exists: 'list'"),
        (
            "stack list --limt 3",
            "a similar argument exists: '--limit'",
        ),
        (
            "stack list --limit x",
            "invalid value 'x' for '--limit <STACKS>'",
        ),
        (
            "stack list -f dot",
            "[possible values: csv, json, table, value, yaml]",
        ),
        ("stack show", "<STACK>"),
        ("stack create web", "--template <FILE>"),
        ("stack create web -t t --parameter a", "expected key=value"),
        ("stack create web -t t --parameter =a", "expected key=value"),
        ("stack update web -t t --clear-parameter a", "--existing"),
        ("stack list --tag-mode any", "--tags <TAG,TAG…>"),
        ("stack output show web", "<OUTPUT>"),
        ("stack output show web key --all", "cannot be used with"),
        (
            "stack event list web --resource r --nested-depth 1",
            "cannot be used with",
        ),
        ("stack delete", "<STACK>"),
        (
            "stack create web -t t --poll 0",
            "expected a number of seconds above 0",
        ),
        (
            "--api-timeout inf stack list",
            "expected a number of seconds above 0",
        ),
        (
            "stack-update web -f t --rollback maybe",
            "expected true or false",
        ),
        (
            "stack-list -k size",
            "[possible values: stack_name, stack_status",
        ),
    ] {
        let error = read(line).expect_err(line);
        assert_eq!(error.exit_code(), 2, "{line}");
        assert!(error.to_string().contains(text), "{line}: {error}");
    }
}

#[test]
fn ambiguous_abbreviations_are_refused() {
    assert!(read("--os-project x stack list").is_err());
    assert!(read("st list").is_err());
    assert!(read("stack s web").is_err());
}

#[test]
fn secrets_do_not_show() {
    let cli =
        read("--os-password swordfish --os-token tok123 --os-auth-token abc stack list").unwrap();
    let debug = format!("{:?}", cli.global);
    for secret in ["swordfish", "tok123", "abc"] {
        assert!(!debug.contains(secret), "{debug}");
    }
}
