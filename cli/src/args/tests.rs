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
        let auth: Vec<_> = cli
            .global
            .auth
            .iter()
            .map(|(name, value)| (*name, value.expose()))
            .collect();
        assert_eq!(auth, [("username", "demo")], "{line}");
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
    assert_eq!(new.change.inputs.values.parameters, [pair("a", "1;b=2;c")]);
}

#[test]
fn global_options_of_the_python_tools_are_taken() {
    for line in [
        "--os-identity-api-version 3 stack list",
        "--os-compute-api-version 2.90 --os-volume-api-version=3.0 stack list",
        "stack list --os_image_api_version 2 --os-load-balancer-api-version latest",
        "--os-beta-command --include-password --os-profile key stack list",
        "--profile key --include_password stack-list",
        "-t stack-list",
        "--token-only stack-list",
        "--os-remote-project-name p stack list",
        "-v -v stack list",
        "-vvq --debug --debug --timing --timing stack list",
    ] {
        read(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
    let cli = read("--log-file a stack list --log-file b").unwrap();
    assert_eq!(cli.global.log_file.unwrap().as_os_str(), "b");
    for (line, text) in [
        ("--os-compute-api-version", "a value is required"),
        ("--os-compute-version 2 stack list", "--os-compute-version"),
        ("--os--api-version-x 2 stack list", "--os--api-version-x"),
    ] {
        let error = read(line).expect_err(line).to_string();
        assert!(error.contains(text), "{line}: {error}");
    }
}

#[test]
fn of_a_repeated_option_the_last_one_counts() {
    let cli = read("--os-region-name A stack list --limit 3 --os-region-name B --limit 5").unwrap();
    assert_eq!(cli.global.os_region_name.as_deref(), Some("B"));
    let Command::Stack(StackCommand::List(list)) = cli.command else {
        panic!();
    };
    assert_eq!(list.limit, Some(5));
    let cli = read("stack create s -t t -e a -e b --parameter a=1 --parameter a=2").unwrap();
    let Command::Stack(StackCommand::Create(create)) = cli.command else {
        panic!();
    };
    assert_eq!(create.new.change.inputs.environments.len(), 2);
    assert_eq!(create.new.change.inputs.values.parameters.len(), 2);
}

#[test]
fn a_template_is_in_one_place() {
    let source = |line: &str| match read(line).unwrap().command {
        Command::Old(OldCommand::StackCreate { new, .. }) => NewArgs::from(new).template,
        Command::Old(OldCommand::StackUpdate(args)) => UpdateArgs::from(args).template,
        Command::Old(OldCommand::TemplateValidate(args)) => ValidationArgs::from(args).template,
        Command::Orchestration(OrchestrationCommand::Template(TemplatesCommand::Validate {
            validation,
            ..
        })) => validation.template,
        other => panic!("{other:?}"),
    };
    let (file, url) = (Source::File("t".into()), "http://h/t".to_owned());
    for (line, expected) in [
        ("stack-create s -f t", Some(file.clone())),
        (
            "stack-create s -u http://h/t",
            Some(Source::Url(url.clone())),
        ),
        ("stack-update s -o http://h/t", Some(Source::Object(url))),
        ("stack-update s -x", None),
        ("template-validate -f t", Some(file.clone())),
        ("template-validate", None),
        ("orchestration template validate -t t", Some(file)),
    ] {
        assert_eq!(source(line), expected, "{line}");
    }
}

#[test]
fn both_spellings_mean_the_same() {
    let adoption = |line: &str| match read(line).unwrap().command {
        Command::Old(OldCommand::StackAdopt(args)) => AdoptionArgs::from(args),
        Command::Stack(StackCommand::Adopt(args)) => args.adoption,
        other => panic!("{other:?}"),
    };
    for line in [
        "stack adopt web --adopt-file a -e e --parameter k=v --timeout 7 --enable-rollback",
        "stack-adopt -a a -e e -P k=v -t 7 -r web",
        "stack-adopt -a a -e e -P k=v -c 7 -r web",
    ] {
        let args = adoption(line);
        assert_eq!(
            (args.name.as_str(), args.change.timeout),
            ("web", Some(7)),
            "{line}"
        );
        assert!(
            args.enable_rollback && args.adopt_file.as_os_str() == "a",
            "{line}"
        );
        assert_eq!(args.change.inputs.environments.len(), 1, "{line}");
        assert_eq!(args.change.inputs.values.parameters.len(), 1, "{line}");
    }

    let validation = |line: &str| match read(line).unwrap().command {
        Command::Old(OldCommand::TemplateValidate(args)) => ValidationArgs::from(args),
        Command::Orchestration(OrchestrationCommand::Template(TemplatesCommand::Validate {
            validation,
            ..
        })) => *validation,
        other => panic!("{other:?}"),
    };
    for line in [
        "orchestration template validate -t t -e e --parameter k=v --show-nested --ignore-errors 1,2",
        "template-validate -f t -e e -P k=v -n -I 1,2",
    ] {
        let args = validation(line);
        assert!(args.show_nested, "{line}");
        assert_eq!(args.ignore_errors, ["1", "2"], "{line}");
        assert_eq!(args.inputs.environments.len(), 1, "{line}");
        assert_eq!(args.inputs.values.parameters.len(), 1, "{line}");
    }

    let hooks = |line: &str| match read(line).unwrap().command {
        Command::Old(OldCommand::StackCreate { new, .. } | OldCommand::StackPreview(new)) => {
            NewArgs::from(new).pre_create
        }
        Command::Old(OldCommand::StackUpdate(args)) => UpdateArgs::from(args).pre_update,
        Command::Stack(StackCommand::Create(args)) => args.new.pre_create,
        Command::Stack(StackCommand::Update(args)) => args.update.pre_update,
        other => panic!("{other:?}"),
    };
    for line in [
        "stack create s -t t --pre-create a --pre-create b/c",
        "stack-create s -f t --pre-create a --pre-create b/c",
        "stack-preview s -f t --pre-create a --pre-create b/c",
        "stack update s -t t --pre-update a --pre-update b/c",
        "stack-update s -f t -y --pre-update a --pre-update b/c",
    ] {
        assert_eq!(hooks(line), ["a", "b/c"], "{line}");
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
        ("stack list --tag-mode any", "--tags <TAG,TAG…>"),
        ("stack output show web", "<OUTPUT>"),
        ("stack output show web key --all", "cannot be used with"),
        (
            "stack event list web --resource r --nested-depth 1",
            "cannot be used with",
        ),
        ("stack delete", "<STACK>"),
        ("stack adopt web", "--adopt-file <FILE>"),
        ("orchestration template validate", "--template <FILE>"),
        ("stack-create web -f t -u http://h/t", "cannot be used with"),
        (
            "template-validate -u http://h/t -o http://h/t",
            "cannot be used with",
        ),
        ("stack-update web -u t.yaml", "expected a URL"),
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
