use super::*;
use crate::commands::spelling::typed;
use crate::options::{OldTemplateArgs, Source};

/// A parsed command line.
pub(crate) struct Read {
    global: GlobalArgs,
    matches: ArgMatches,
}

impl Read {
    /// The value of an option or argument of the command.
    fn get<T: Clone + Send + Sync + 'static>(&self, id: &str) -> Option<T> {
        typed(&self.matches).1.get_one(id).cloned()
    }

    fn count<T: Clone + Send + Sync + 'static>(&self, id: &str) -> usize {
        let values = typed(&self.matches).1.get_many::<T>(id);
        values.map_or(0, Iterator::count)
    }

    /// The arguments of the command.
    pub(crate) fn arguments<A: clap::Args>(&self) -> A {
        A::from_arg_matches(typed(&self.matches).1).unwrap()
    }
}

pub(crate) fn read(line: &str) -> Result<Read, clap::Error> {
    let words = std::iter::once("heat")
        .chain(line.split(' '))
        .map(OsString::from);
    let matches = parse(Program::Heat, words.map(normalize).collect());
    let matches = matches.map_err(|stop| match stop {
        Stop::Clap(error) => error,
        Stop::Ambiguous(message) => clap::Error::raw(ErrorKind::UnknownArgument, message),
        Stop::Foreign(words) => panic!("{words:?}"),
    })?;
    drop(Spelling::read(TABLE, &matches)?);
    Ok(Read {
        global: global(&matches)?,
        matches,
    })
}

#[test]
fn options_and_commands_do_not_collide() {
    definition(Program::Heat).debug_assert();
    definition(Program::OpenStack).debug_assert();
}

#[test]
fn global_options_go_before_and_after_the_command() {
    for line in [
        "--os-username demo --os-region-name R --debug stack list --limit 3",
        "stack list --os-username demo --limit 3 --os-region-name R --debug",
        "stack --os_username demo list --os_region_name=R --debug --limit=3",
        "--os-usern demo stack li --os-reg R --lim 3 --debu",
    ] {
        let read = read(line).unwrap();
        let auth: Vec<_> = read
            .global
            .auth
            .iter()
            .map(|(name, value)| (*name, value.expose()))
            .collect();
        assert_eq!(auth, [("username", "demo")], "{line}");
        assert_eq!(read.global.os_region_name.as_deref(), Some("R"), "{line}");
        assert!(read.global.is_debug(), "{line}");
        assert_eq!(read.get("limit"), Some(3_usize), "{line}");
    }
}

#[test]
fn letters_of_the_old_tool_keep_their_meaning() {
    let read = read("-d -k stack-list -d asc -k stack_name;creation_time -f a=1;b=2").unwrap();
    assert!(read.global.is_debug() && read.global.is_insecure());
    assert_eq!(read.get("sort_dir"), Some("asc".to_owned()));
    assert_eq!(read.count::<String>("sort_keys"), 2);
    assert_eq!(read.count::<(String, String)>("filters"), 1);
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
    let last = read("--log-file a stack list --log-file b").unwrap();
    assert_eq!(last.global.log_file.unwrap().as_os_str(), "b");
    for (line, text) in [
        ("--os-compute-api-version", "a value is required"),
        ("--os-compute-version 2 stack list", "--os-compute-version"),
        ("--os--api-version-x 2 stack list", "--os--api-version-x"),
    ] {
        let error = read(line).err().expect(line).to_string();
        assert!(error.contains(text), "{line}: {error}");
    }
}

#[test]
fn of_a_repeated_option_the_last_one_counts() {
    let line = "--os-region-name A stack list --limit 3 --os-region-name B --limit 5";
    let list = read(line).unwrap();
    assert_eq!(list.global.os_region_name.as_deref(), Some("B"));
    assert_eq!(list.get("limit"), Some(5_usize));
    let create = read("stack create s -t t -e a -e b --parameter a=1 --parameter a=2").unwrap();
    assert_eq!(create.count::<std::path::PathBuf>("environments"), 2);
    assert_eq!(create.count::<(String, String)>("parameters"), 2);
}

#[test]
fn a_template_is_in_one_place() {
    let source = |line: &str| {
        let read = read(line).unwrap();
        if line.starts_with("orchestration") {
            return read.get("template");
        }
        read.arguments::<OldTemplateArgs>().into()
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
fn usage_errors_suggest_what_was_meant() {
    for (line, text) in [
        ("stak list", "'stack'"),
        ("stack lst", "a similar subcommand exists: 'list'"),
        (
            "stack list --limt 3",
            "a similar argument exists: '--limit'",
        ),
        (
            "stack list --limit x",
            "invalid value 'x' for '--limit <NUMBER>'",
        ),
        (
            "stack list -f dot",
            "[possible values: csv, json, table, value, yaml]",
        ),
        ("stack show", "<STACK>"),
        ("stack create web", "--template <FILE>"),
        (
            "stack create web -t t --parameter a",
            "Malformed parameter(a). Use the key=value format.",
        ),
        (
            "stack create web -t t --parameter =a",
            "Malformed parameter(=a). Use the key=value format.",
        ),
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
        let error = read(line).err().expect(line);
        assert_eq!(error.exit_code(), 2, "{line}");
        assert!(error.to_string().contains(text), "{line}: {error}");
    }
}

#[test]
fn ambiguous_abbreviations_are_refused() {
    for (line, message) in [
        (
            "--os-project x stack list",
            "unexpected argument '--os-project' found",
        ),
        (
            "stack s web",
            "ambiguous command: stack s could match stack show, stack suspend",
        ),
        (
            "stack show web --no",
            "ambiguous option: --no could match --no-resolve-outputs, --noindent",
        ),
    ] {
        let error = read(line).err().expect(line).to_string();
        assert!(error.contains(message), "{line}: {error}");
    }
    for line in ["st list", "stack list --de", "st cr web --template t"] {
        read(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
}

#[test]
fn secrets_do_not_show() {
    let read =
        read("--os-password swordfish --os-token tok123 --os-auth-token abc stack list").unwrap();
    let debug = format!("{:?}", read.global);
    for secret in ["swordfish", "tok123", "abc"] {
        assert!(!debug.contains(secret), "{debug}");
    }
}
