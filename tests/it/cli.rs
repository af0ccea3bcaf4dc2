//! The `heat` tool as its users run it: a process against the sandbox.

use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::time::Duration;

use heatclient::sandbox::{Fault, Sandbox};
use http::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};

const TEMPLATE: &str = "
heat_template_version: 2021-04-16
description: a test
parameters:
  word: {type: string, default: none}
resources:
  thing: {type: OS::Heat::Value, properties: {value: {get_param: word}}}
outputs:
  said: {description: the word, value: {get_attr: [thing, value]}}
  pair: {value: [{get_param: word}, 1]}
";

const FAILING: &str = "
heat_template_version: 2021-04-16
resources:
  bad: {type: OS::Heat::TestResource, properties: {fail: true}}
";

/// A sandbox, a directory with templates, and the tool.
pub(crate) struct Ground {
    pub(crate) sandbox: Sandbox,
    pub(crate) directory: PathBuf,
}

pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "stderr: {}", self.err);
        self.out
    }

    /// It failed, said nothing on stdout, and this one line on stderr.
    #[track_caller]
    pub(crate) fn failed(self, code: i32, line: &str) {
        assert_eq!(
            (self.code, self.out.as_str()),
            (Some(code), ""),
            "stderr: {}",
            self.err
        );
        let without_id = self.err.split(" (request req-").next().unwrap().trim_end();
        assert_eq!(without_id, line);
        assert_eq!(self.err.lines().count(), 1, "{}", self.err);
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

pub(crate) fn bare() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heat"));
    command
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

impl Ground {
    pub(crate) async fn new(name: &str) -> Self {
        let directory =
            std::env::temp_dir().join(format!("heat-cli-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::write(directory.join("t.yaml"), TEMPLATE).unwrap();
        std::fs::write(directory.join("fail.yaml"), FAILING).unwrap();
        Self {
            sandbox: Sandbox::start().await.unwrap(),
            directory,
        }
    }

    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = bare();
        command
            .current_dir(&self.directory)
            .envs(self.sandbox.environment())
            .args(line.split_whitespace());
        command
    }

    pub(crate) async fn heat(&self, line: &str) -> Ran {
        self.command(line).output().await.unwrap().into()
    }

    pub(crate) async fn json(&self, line: &str) -> Value {
        serde_json::from_str(&self.heat(line).await.ok()).unwrap()
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

async fn interrupt(child: &Child) {
    let kill = format!("kill -INT {}", child.id().unwrap());
    assert!(
        Command::new("sh")
            .args(["-c", &kill])
            .status()
            .await
            .unwrap()
            .success()
    );
}

#[tokio::test]
async fn a_stack_is_made_shown_changed_and_deleted() {
    let ground = Ground::new("life").await;
    let created = ground
        .heat("stack create web -t t.yaml --parameter word=a;b=c --tags x,y --wait --poll 0.05 -f json")
        .await;
    for line in [
        "[web]: CREATE_IN_PROGRESS  ",
        "[web.thing]: CREATE_COMPLETE  ",
        "[web]: CREATE_COMPLETE  ",
    ] {
        assert!(created.err.contains(line), "{}", created.err);
    }
    let created: Value = serde_json::from_str(&created.ok()).unwrap();
    assert_eq!(created["stack_status"], "CREATE_COMPLETE");
    let keys: Vec<_> = created.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "id",
            "stack_name",
            "description",
            "creation_time",
            "updated_time",
            "stack_status",
            "stack_status_reason"
        ]
    );

    let shown = ground.json("stack show web -f json").await;
    assert_eq!(shown["id"], created["id"]);
    assert_eq!(shown["parameters"]["word"], "a;b=c");
    assert_eq!(shown["tags"], json!(["x", "y"]));
    assert_eq!(shown["outputs"][0]["output_key"], "said");
    assert!(
        !shown
            .as_object()
            .unwrap()
            .contains_key("template_description")
    );

    let id = created["id"].as_str().unwrap();
    for stack in ["web".to_owned(), id.to_owned(), format!("web/{id}")] {
        let value = ground
            .heat(&format!(
                "stack output show {stack} said -f value -c output_value"
            ))
            .await;
        assert_eq!(value.ok(), "a;b=c\n", "{stack}");
    }
    let value = ground
        .heat("stack output show web pair -f value -c output_value")
        .await;
    assert_eq!(value.ok(), "[\"a;b=c\", 1]\n");
    assert_eq!(ground.heat("output-show web said").await.ok(), "a;b=c\n");

    let update = "stack update web --existing --parameter word=new --wait --poll 0.05 -f value -c stack_status";
    assert_eq!(ground.heat(update).await.ok(), "UPDATE_COMPLETE\n");
    assert_eq!(ground.heat("output-show web said").await.ok(), "new\n");
    let suspended = ground
        .heat("stack suspend web --wait --poll 0.05 -f csv -c stack_status")
        .await;
    assert_eq!(suspended.ok(), "\"Stack Status\"\n\"SUSPEND_COMPLETE\"\n");

    let deleted = ground.heat("stack delete web --wait --poll 0.05").await;
    assert_eq!(deleted.ok(), "");
    assert_eq!(ground.heat("stack list").await.ok(), "\n");
}

#[tokio::test]
async fn every_format_is_the_older_clients() {
    let ground = Ground::new("formats").await;
    ground
        .heat("stack create one -t t.yaml --wait --poll 0.05")
        .await
        .ok();
    let list = "stack list -c stack_name -c STACK_STATUS";
    for (options, expected) in [
        (
            "",
            "+------------+-----------------+\n\
             | Stack Name | Stack Status    |\n\
             +------------+-----------------+\n\
             | one        | CREATE_COMPLETE |\n\
             +------------+-----------------+\n",
        ),
        (
            "-f json",
            "[\n  {\n    \"Stack Name\": \"one\",\n    \"Stack Status\": \"CREATE_COMPLETE\"\n  }\n]\n",
        ),
        (
            "-f json --noindent",
            "[{\"Stack Name\": \"one\", \"Stack Status\": \"CREATE_COMPLETE\"}]\n",
        ),
        (
            "-f yaml",
            "- Stack Name: one\n  Stack Status: CREATE_COMPLETE\n",
        ),
        ("-f value", "one CREATE_COMPLETE\n"),
        (
            "-f csv",
            "\"Stack Name\",\"Stack Status\"\n\"one\",\"CREATE_COMPLETE\"\n",
        ),
        (
            "-f csv --quote none",
            "Stack Name,Stack Status\none,CREATE_COMPLETE\n",
        ),
    ] {
        assert_eq!(
            ground.heat(&format!("{list} {options}")).await.ok(),
            expected,
            "{options}"
        );
    }
    let show = ground
        .heat("stack show one -f shell --prefix my_ -c stack_name -c description")
        .await;
    assert_eq!(
        show.ok(),
        "my_stack_name=\"one\"\nmy_description=\"a test\"\n"
    );
    assert_eq!(
        ground.heat("output-list one").await.ok(),
        "+------------+----------------------+\n\
         | output_key | description          |\n\
         +------------+----------------------+\n\
         | pair       | No description given |\n\
         | said       | the word             |\n\
         +------------+----------------------+\n"
    );
    let show = ground.heat("stack-show one").await.ok();
    assert!(
        show.lines().nth(1).unwrap().starts_with("| Property "),
        "{show}"
    );
    let narrow = ground
        .command("stack list")
        .env("CLIFF_MAX_TERM_WIDTH", "80")
        .output()
        .await
        .unwrap();
    let narrow = Ran::from(narrow).ok();
    assert!(
        narrow.lines().all(|line| line.chars().count() <= 80),
        "{narrow}"
    );
}

#[tokio::test]
async fn a_stack_that_fails_tells_why_in_one_line() {
    let ground = Ground::new("fails").await;
    let ran = ground
        .heat("--quiet stack create web -t fail.yaml --wait --poll 0.05 -f json")
        .await;
    ran.failed(
        1,
        "ERROR: stack \"web\": CREATE_FAILED: resource bad (OS::Heat::TestResource): \
         ValueError: resources.bad: Test Resource failed bad",
    );
    let old = ground
        .heat("stack-create again -f fail.yaml --poll 0.05")
        .await;
    assert_eq!(old.code, Some(1));
    assert!(
        old.err.trim_end().ends_with("Test Resource failed bad"),
        "{}",
        old.err
    );
}

#[tokio::test]
async fn failures_are_one_line_with_the_right_code() {
    let ground = Ground::new("failures").await;
    std::fs::write(ground.directory.join("bad.yaml"), "a: [").unwrap();
    std::fs::write(ground.directory.join("env.yaml"), "parameter: {a: 1}").unwrap();
    ground
        .heat("stack create web -t t.yaml --wait --poll 0.05")
        .await
        .ok();
    for (line, code, message) in [
        ("stack show nope", 1, "ERROR: Stack not found: nope"),
        ("stack suspend nope", 1, "ERROR: Stack not found: nope"),
        (
            "stack template show nope",
            1,
            "ERROR: Stack not found: nope",
        ),
        ("action-check nope", 1, "ERROR: Stack not found: nope"),
        (
            "stack resource show web nope",
            1,
            "ERROR: Stack or resource not found: web nope",
        ),
        (
            "stack output show web nope",
            1,
            "ERROR: Stack web or output nope not found.",
        ),
        (
            "stack create web -t t.yaml",
            1,
            "ERROR: create stack \"web\": 409 Conflict: The Stack (web) already exists.",
        ),
        (
            "stack cancel web",
            1,
            "ERROR: Stack web with status 'create_complete' not in cancelable state",
        ),
        (
            "stack create new -t nope.yaml",
            1,
            "ERROR: nope.yaml: cannot be read: No such file or directory",
        ),
        (
            "stack list -c nothing",
            1,
            "ERROR: No recognized column names in nothing. Recognized columns are: \
             ID, Stack Name, Stack Status, Creation Time, Updated Time",
        ),
        (
            "stack update web",
            2,
            "ERROR: either a template or --existing is needed",
        ),
        (
            "stack list --sort a:up",
            2,
            "ERROR: cannot sort in direction \"up\"; expected asc or desc",
        ),
        (
            "stack event list web --follow -f json",
            2,
            "ERROR: --follow can only be specified with --format log",
        ),
        (
            "stack list --os-cloud c",
            1,
            "ERROR: cloud \"c\" is asked for (--os-cloud, OS_CLOUD), but clouds.yaml is not supported yet: \
             use the OS_* variables",
        ),
        (
            "--os-password wrong stack list",
            1,
            &format!(
                "ERROR: login of demo at {}: 401 Unauthorized: The request you have made requires authentication.",
                ground.sandbox.auth_url()
            ),
        ),
        (
            "--os-auth-url http://127.0.0.1:1/v3 stack list",
            1,
            "ERROR: login of demo at http://127.0.0.1:1/v3: cannot connect to 127.0.0.1:1: \
             Connection refused (os error 111) (after 4 attempts)",
        ),
    ] {
        ground.heat(line).await.failed(code, message);
    }
    let bad = ground.heat("stack create new -t t.yaml -e env.yaml").await;
    assert_eq!(bad.code, Some(1));
    assert_eq!(
        bad.err,
        "ERROR: env.yaml, line 1, column 1: wrong section \"parameter\"; expected parameters, \
         parameter_defaults, resource_registry, encrypted_param_names, event_sinks, \
         parameter_merge_strategies\n    1 | parameter: {a: 1}\n      | ^\n"
    );
    let bad = ground.heat("stack create new -t bad.yaml").await;
    assert_eq!(bad.code, Some(1));
    assert!(bad.err.starts_with("ERROR: bad.yaml, line "), "{}", bad.err);
    for line in [
        "stak",
        "stack list --nope",
        "stack show",
        "stack list --limit x",
    ] {
        let ran = ground.heat(line).await;
        assert_eq!(
            (ran.code, ran.out.as_str()),
            (Some(2), ""),
            "{line}: {}",
            ran.err
        );
    }
    assert_eq!(
        ground
            .json("stack list -f json")
            .await
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn of_several_stacks_each_is_deleted_or_counted() {
    let ground = Ground::new("several").await;
    for name in ["one", "two"] {
        ground
            .heat(&format!("stack create {name} -t t.yaml --wait --poll 0.05"))
            .await
            .ok();
    }
    let ran = ground
        .heat("-q stack delete -y one nope two gone --wait --poll 0.05")
        .await;
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    let lines: Vec<_> = ran.err.lines().collect();
    assert!(lines[0].starts_with("Stack not found: nope"), "{}", ran.err);
    assert!(lines[1].starts_with("Stack not found: gone"), "{}", ran.err);
    assert_eq!(lines[2..], ["ERROR: Unable to delete 2 of the 4 stacks."]);
    assert_eq!(ground.json("stack list -f json").await, json!([]));
}

#[tokio::test]
async fn the_command_line_wins_over_files_and_later_files_over_earlier() {
    let ground = Ground::new("precedence").await;
    for (name, word) in [("a.yaml", "first"), ("b.yaml", "second")] {
        let text = format!("parameters: {{word: {word}}}");
        std::fs::write(ground.directory.join(name), text).unwrap();
    }
    for (name, options, word) in [
        ("one", "-e a.yaml", "first"),
        ("two", "-e a.yaml -e b.yaml", "second"),
        (
            "three",
            "-e b.yaml --parameter word=typed -e a.yaml",
            "typed",
        ),
    ] {
        ground
            .heat(&format!(
                "stack create {name} -t t.yaml {options} --wait --poll 0.05"
            ))
            .await
            .ok();
        assert_eq!(
            ground.heat(&format!("output-show {name} said")).await.ok(),
            format!("{word}\n")
        );
    }
    let old = ground
        .heat("stack-create four -f t.yaml -e a.yaml -P word=x;y --poll 0.05")
        .await
        .ok();
    assert!(old.ends_with("\n Stack four CREATE_COMPLETE \n\n"), "{old}");
    assert_eq!(ground.heat("output-show four said").await.ok(), "x;y\n");
}

#[tokio::test]
async fn a_template_is_validated() {
    let ground = Ground::new("validate").await;
    std::fs::write(ground.directory.join("e.yaml"), "parameters: {word: file}").unwrap();
    let yaml = "\
Description: a test
Parameters:
  word:
    Type: String
    Description: ''
    NoEcho: 'false'
    Label: word
    Default: none
    Value: typed
Environment:
  resource_registry:
    resources: {}
  parameters:
    word: typed
  parameter_defaults: {}
  event_sinks: []
";
    let validate = "orchestration template validate -t t.yaml -e e.yaml --parameter word=typed";
    assert_eq!(ground.heat(validate).await.ok(), yaml);
    let column = format!("{validate} -f value -c description");
    assert_eq!(ground.heat(&column).await.ok(), "a test\n");

    let json = ground
        .json("template-validate -f t.yaml -e e.yaml -n -I 99001")
        .await;
    assert_eq!(json["Parameters"]["word"]["Value"], "file");
    std::fs::write(
        ground.directory.join("u.yaml"),
        "heat_template_version: pike\ndescription: \"\u{fc}\"",
    )
    .unwrap();
    let url = format!(
        "template-validate -u file://{}/u.yaml",
        ground.directory.display()
    );
    let json = ground.heat(&url).await.ok();
    assert!(
        json.starts_with("{\n  \"Description\": \"\u{fc}\",\n  \"Parameters\": {},\n"),
        "{json}"
    );

    for (line, code, message) in [
        (
            "template-validate",
            2,
            "ERROR: a template is needed: --template-file, --template-url or --template-object",
        ),
        (
            "template-validate -f t.yaml -P nope=1",
            1,
            "ERROR: validate template: 400 Bad Request: The Parameter (nope) was not defined in template.",
        ),
    ] {
        ground.heat(line).await.failed(code, message);
    }
}

#[tokio::test]
async fn a_stack_is_adopted() {
    let ground = Ground::new("adopt").await;
    let template = TEMPLATE.trim_start().replace('\n', "\n  ");
    let data = format!(
        "resources: {{thing: {{resource_id: old-thing}}}}\n\
         environment: {{parameters: {{word: left}}}}\n\
         template:\n  {template}"
    );
    std::fs::write(ground.directory.join("left.yaml"), data).unwrap();
    std::fs::write(ground.directory.join("bad.json"), "{\"template\": }").unwrap();
    let adopt = "stack adopt web --adopt-file left.yaml --timeout 7 --wait --poll 0.05";
    let adopted = ground
        .heat(&format!("{adopt} -f value -c stack_status"))
        .await;
    assert!(
        adopted.err.contains("[web.thing]: ADOPT_COMPLETE  "),
        "{}",
        adopted.err
    );
    assert_eq!(adopted.ok(), "ADOPT_COMPLETE\n");
    assert_eq!(ground.heat("output-show web said").await.ok(), "left\n");
    assert_eq!(
        ground.json("stack show web -f json").await["timeout_mins"],
        7
    );
    let id = ground
        .heat("stack resource show web thing -f value -c physical_resource_id")
        .await;
    assert_eq!(id.ok(), "old-thing\n");

    let old = ground
        .heat("stack-adopt -a left.yaml -t 8 -r -P word=typed old")
        .await
        .ok();
    assert!(
        old.starts_with("+--") && old.contains("| old        | ADOPT_"),
        "{old}"
    );
    let old = ground.json("stack show old -f json").await;
    assert_eq!(
        (
            &old["timeout_mins"],
            &old["disable_rollback"],
            &old["parameters"]["word"]
        ),
        (&json!(8), &json!(false), &json!("typed"))
    );

    for (file, message) in [
        (
            "t.yaml",
            "ERROR: adopt stack \"new\": the data to adopt holds no template; \
             expected what abandoning or exporting a stack gives",
        ),
        (
            "bad.json",
            "ERROR: data to adopt bad.json: expected value at line 1 column 14",
        ),
        (
            "nope",
            "ERROR: nope cannot be read: No such file or directory",
        ),
    ] {
        let line = format!("stack adopt new --adopt-file {file}");
        ground.heat(&line).await.failed(1, message);
    }
}

#[tokio::test]
async fn files_and_environments_make_a_stack() {
    let ground = Ground::new("production").await;
    let write = |name: &str, text: &str| std::fs::write(ground.directory.join(name), text).unwrap();
    write("greeting", "hello\n");
    write(
        "web.yaml",
        "heat_template_version: 2021-04-16\n\
         parameters: {size: {type: number}, zone: {type: string}, name: {type: string, default: web}}\n\
         resources: {greeting: {type: My::Text, properties: {value: {get_file: greeting}}}}\n\
         outputs:\n\
         \x20 all: {value: [{get_param: size}, {get_param: zone}, {get_param: name}, {get_attr: [greeting, value]}]}\n",
    );
    write(
        "production.yaml",
        "parameters: {size: 2, zone: a}\nparameter_defaults: {name: production, zone: b}\n\
         resource_registry: {\"My::Text\": \"OS::Heat::Value\"}\n",
    );
    ground
        .heat(
            "stack create web -t web.yaml -e production.yaml --parameter size=3 --wait --poll 0.05",
        )
        .await
        .ok();
    let all = ground.json("stack output show web all -f json").await;
    assert_eq!(
        all["output_value"],
        json!([3, "a", "production", "hello\n"])
    );
}

#[tokio::test]
async fn hooks_and_the_files_container_are_sent() {
    let ground = Ground::new("hooks").await;
    std::fs::write(ground.directory.join("e.yaml"), "parameters: {word: file}").unwrap();
    // The sandbox knows no hooks, and says so.
    for line in [
        "stack create web -t t.yaml -e e.yaml --pre-create thing",
        "stack-create web -f t.yaml --pre-create thing",
    ] {
        ground.heat(line).await.failed(
            1,
            "ERROR: create stack \"web\": 400 Bad Request: \
             The sandbox has no resource_registry entry like \"resources\"",
        );
    }
    ground
        .heat("stack create web -t t.yaml -s box -e e.yaml --pre-create thing")
        .await
        .failed(
            1,
            "ERROR: hooks cannot go with environments in a container: Heat would look at nothing but those; \
             put the hooks into one of them",
        );
    // Heat has to find the environment in the container, where the sandbox does not look.
    ground
        .heat("orchestration template validate -t t.yaml -s box -e e.yaml")
        .await
        .failed(
            1,
            "ERROR: validate template: 400 Bad Request: Environment file e.yaml was not sent",
        );
}

#[tokio::test]
async fn a_dry_run_changes_nothing() {
    let ground = Ground::new("dry").await;
    let preview = ground
        .json("stack create web -t t.yaml --dry-run -f json")
        .await;
    assert_eq!(preview["stack_name"], "web");
    assert_eq!(ground.json("stack list -f json").await, json!([]));
    ground
        .heat("stack create web -t t.yaml --wait --poll 0.05")
        .await
        .ok();
    let changes = ground
        .json("stack update web -t t.yaml --dry-run -f json")
        .await;
    let keys: Vec<_> = changes.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        ["added", "deleted", "replaced", "unchanged", "updated"]
    );
    assert_eq!(
        ground
            .heat("stack show web -f value -c updated_time")
            .await
            .ok(),
        "None\n"
    );
}

#[tokio::test]
async fn a_cold_list_takes_two_requests_and_tells_no_secrets() {
    let ground = Ground::new("requests").await;
    let ran = ground.heat("--debug -v stack list").await;
    let paths: Vec<_> = ground
        .sandbox
        .requests()
        .iter()
        .map(|request| request.path.clone())
        .collect();
    assert_eq!(paths.len(), 2, "{paths:?}");
    let password = ground.sandbox.credentials().password;
    assert!(ran.err.contains("status=200"), "{}", ran.err);
    assert!(
        !ran.err.contains(&format!("\"{password}\"")) && !ran.err.contains("gAAAA"),
        "{}",
        ran.err
    );
}

#[tokio::test]
async fn an_endpoint_and_a_token_need_no_keystone() {
    let ground = Ground::new("token").await;
    let session = super::builder(&ground.sandbox).build();
    let access = session.access().await.unwrap().unwrap();
    ground.sandbox.clear_requests();
    let mut command = bare();
    command
        .env("OS_AUTH_TOKEN", access.token().expose())
        .env("HEAT_URL", ground.sandbox.orchestration_url())
        .args(["stack", "list", "-f", "json"]);
    assert_eq!(Ran::from(command.output().await.unwrap()).ok(), "[]\n");
    assert_eq!(ground.sandbox.requests().len(), 1);
    assert_eq!(ground.sandbox.logins(), 0);
}

#[tokio::test]
async fn ctrl_c_while_waiting_says_that_the_stack_goes_on() {
    let ground = Ground::new("interrupt").await;
    ground.sandbox.set_stack_delay(Duration::from_secs(3600));
    let mut child = ground
        .command("stack create web -t t.yaml --wait --poll 0.05")
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let first = lines.next_line().await.unwrap().unwrap();
    assert!(
        first.ends_with("[web]: CREATE_IN_PROGRESS  Stack CREATE started"),
        "{first}"
    );
    interrupt(&child).await;
    let mut last = first;
    while let Some(line) = lines.next_line().await.unwrap() {
        last = line;
    }
    assert_eq!(
        last,
        "interrupted; CREATE of stack web goes on. Look at it with: heat stack event list --follow web"
    );
    assert_eq!(child.wait().await.unwrap().code(), Some(130));

    let mut child = ground
        .command("stack event list web --follow")
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(
        lines
            .next_line()
            .await
            .unwrap()
            .unwrap()
            .contains("CREATE_IN_PROGRESS")
    );
    interrupt(&child).await;
    assert_eq!(child.wait().await.unwrap().code(), Some(0));

    let timeout = "-q stack check web --wait --poll 0.05 --wait-timeout 0.2";
    assert_eq!(ground.heat(timeout).await.code, Some(1));
}

#[tokio::test]
async fn ctrl_c_after_a_change_was_sent_says_what_may_have_begun() {
    let ground = Ground::new("interrupt-change").await;
    ground.heat("stack create old -t t.yaml").await.ok();
    let begun = |action: &str, stacks: &str, check: &str| {
        format!(
            "interrupted; {action} of {stacks} may have begun. Check with: heat stack {check}\n"
        )
    };
    for (line, held, note) in [
        (
            "stack create web -t t.yaml",
            Method::POST,
            "interrupted; the stack may have been created. Check with: heat stack show web\n"
                .to_owned(),
        ),
        (
            "stack-create web2 -f t.yaml",
            Method::POST,
            "interrupted; the stack may have been created. Check with: heat stack show web2\n"
                .to_owned(),
        ),
        (
            "stack update old -t t.yaml",
            Method::PUT,
            begun("UPDATE", "stack old", "show old"),
        ),
        (
            "stack suspend old",
            Method::POST,
            begun("SUSPEND", "stack old", "show old"),
        ),
        (
            "action-check old",
            Method::POST,
            begun("CHECK", "stack old", "show old"),
        ),
        (
            "stack delete -y old",
            Method::DELETE,
            begun("DELETE", "stack old", "show old"),
        ),
        // What was not sent did not begin.
        ("stack delete -y web", Method::GET, String::new()),
        (
            "stack create late -t t.yaml --dry-run",
            Method::POST,
            String::new(),
        ),
    ] {
        let fault = ground
            .sandbox
            .fault(Fault::within(held.clone(), "/stacks").no_answer());
        let mut child = ground.command(line).spawn().unwrap();
        while fault.hits() == 0 {
            assert!(child.try_wait().unwrap().is_none(), "{line}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        interrupt(&child).await;
        let ran = Ran::from(child.wait_with_output().await.unwrap());
        assert_eq!((ran.code, ran.err), (Some(130), note), "{line}");
        fault.remove();
    }
}

#[tokio::test]
async fn a_reader_that_goes_away_ends_it_quietly() {
    let ground = Ground::new("pipe").await;
    let mut child = ground.command("stack list -f json").spawn().unwrap();
    drop(child.stdout.take());
    let mut err = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut err)
        .await
        .unwrap();
    assert_eq!(
        (child.wait().await.unwrap().code(), err.as_str()),
        (Some(141), "")
    );
}

#[tokio::test]
async fn a_create_without_an_answer_is_sent_once_and_says_so() {
    let ground = Ground::new("lost").await;
    ground.sandbox.fault(
        Fault::within(Method::POST, "/stacks")
            .after_handling()
            .reset(),
    );
    let server = ground.sandbox.orchestration_root_url();
    let server = server.trim_start_matches("http://");
    for create in ["stack create web -t t.yaml", "stack-create web -f t.yaml"] {
        ground.sandbox.clear_requests();
        let ran = ground.heat(create).await;
        ran.failed(
            1,
            &format!(
                "ERROR: create stack \"web\": the connection broke before an answer came (server {server}); \
                 the stack may have been created: check with heat stack list"
            ),
        );
        let sent = |request: &heatclient::sandbox::RecordedRequest| {
            request.method == Method::POST && request.path.ends_with("/stacks")
        };
        assert_eq!(ground.sandbox.count_where(sent), 1);
    }
    ground.sandbox.clear_faults();
    assert_eq!(
        ground
            .json("stack list -f json")
            .await
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn what_a_server_says_cannot_reach_into_the_terminal() {
    let ground = Ground::new("escape").await;
    let body = r#"{"error": {"message": "a\n\u001b[31mred\u0007"}}"#;
    ground
        .sandbox
        .fault(Fault::within(Method::GET, "/stacks").status(400, &[], body));
    ground
        .heat("stack list")
        .await
        .failed(1, "ERROR: list stacks: 400 Bad Request: a [31mred");
}

#[tokio::test]
async fn help_needs_no_cloud() {
    for (line, text) in [
        ("--help", "Usage: heat"),
        ("help", "orchestration"),
        ("help stack create", "--enable-rollback"),
        ("help stack-create", "--template-file"),
        ("stack event list --help", "--follow"),
        ("--version", env!("CARGO_PKG_VERSION")),
        ("completion bash", "_heat()"),
    ] {
        let output = bare().args(line.split(' ')).output().await.unwrap();
        let out = Ran::from(output).ok();
        assert!(out.contains(text), "{line}: {out}");
    }
    let own = Ran::from(
        bare()
            .args(["help", "stack", "list"])
            .output()
            .await
            .unwrap(),
    )
    .ok();
    assert!(!own.contains("--os-username"), "{own}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn what_cannot_be_printed_is_a_failure() {
    let full = || std::fs::File::create("/dev/full").unwrap();
    for line in ["--help", "help stack create", "--version"] {
        let mut command = bare();
        command.args(line.split(' ')).stdout(full());
        let child = command.spawn().unwrap();
        Ran::from(child.wait_with_output().await.unwrap()).failed(
            1,
            "ERROR: cannot write the output: No space left on device (os error 28)",
        );
    }
    let ground = Ground::new("full").await;
    for (line, code) in [("--debug stack list", 0), ("stack lst", 2)] {
        let mut command = ground.command(line);
        let child = command.stderr(full()).spawn().unwrap();
        let output = child.wait_with_output().await.unwrap();
        assert_eq!(output.status.code(), Some(code), "{line}");
    }
}

#[tokio::test]
async fn the_sandbox_prints_what_to_evaluate_and_serves() {
    let mut child = bare()
        .args(["sandbox", "--stack-delay", "0.01"])
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut list = bare();
    for _ in 0..8 {
        let line = lines.next_line().await.unwrap().unwrap();
        let (name, value) = line
            .strip_prefix("export ")
            .unwrap()
            .split_once('=')
            .unwrap();
        list.env(name, value);
    }
    let output = list
        .args(["stack", "list", "-f", "json"])
        .output()
        .await
        .unwrap();
    assert_eq!(Ran::from(output).ok(), "[]\n");
    interrupt(&child).await;
    assert_eq!(child.wait().await.unwrap().code(), Some(0));
}
