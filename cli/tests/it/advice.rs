//! What a wait says that ends before its action: a command line that works, in each spelling, under each name of the tool.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use crate::ground::{Ground, Ran, interrupt};

/// The global options of all commands.
const GLOBAL: &str = "--os-cloud 'my cloud' --os-password demo --os-interface=public";
/// What messages say of them.
const NAMED: &str = "--os-cloud 'my cloud' --os-interface public";
const POLL: &str = " --wait --poll 0.05";

/// The commands that wait, what continues, and the arguments of the command that the message names. `{}` is the name of the
/// tool.
const COMMANDS: &[(&str, &str, &str)] = &[
    (
        "stack create new{} -t t.yaml",
        "CREATE of stack new{}",
        "--action create new{}",
    ),
    (
        "stack adopt taken{} --adopt-file data.json",
        "ADOPT of stack taken{}",
        "--action adopt taken{}",
    ),
    (
        "stack update a{} -t t.yaml --parameter word=x",
        "UPDATE of stack a{}",
        "--action update a{}",
    ),
    (
        "stack delete -y b{} c{}",
        "DELETE of stacks b{}, c{}",
        "--action delete b{} c{}",
    ),
    (
        "stack suspend d{} e{}",
        "SUSPEND of stacks d{}, e{}",
        "--action suspend d{} e{}",
    ),
    (
        "stack resume f{}",
        "RESUME of stack f{}",
        "--action resume f{}",
    ),
    (
        "stack check g{} h{}",
        "CHECK of stacks g{}, h{}",
        "--action check g{} h{}",
    ),
    (
        "stack cancel i{}",
        "ROLLBACK of stack i{}",
        "--action rollback i{}",
    ),
    (
        "stack snapshot create k{}",
        "SNAPSHOT of stack k{}",
        "--action snapshot k{}",
    ),
    (
        "stack snapshot restore l{} {snapshot}",
        "RESTORE of stack l{}",
        "--action restore l{}",
    ),
    (
        "stack wait m{} --poll 0.05",
        "the action of stack m{}",
        "m{}",
    ),
    (
        "software deployment create n --server s --signal-transport NO_SIGNAL",
        "deployment",
        "software deployment show",
    ),
    // The old tool waits only with --poll.
    (
        "stack-create old{} -f t.yaml --poll 0.05",
        "CREATE of stack old{}",
        "--action create old{}",
    ),
    (
        "stack-snapshot o{}",
        "SNAPSHOT of stack o{}",
        "--action snapshot o{}",
    ),
    (
        "stack-restore p{} {snapshot}",
        "RESTORE of stack p{}",
        "--action restore p{}",
    ),
    (
        "deployment-create n -s s -t NO_SIGNAL",
        "deployment",
        "deployment-show",
    ),
];

/// The tool under two names, on a cloud without a password.
struct Tools {
    ground: Ground,
    /// Of the stacks `l…` and `p…`.
    snapshots: [String; 2],
}

impl Tools {
    async fn new() -> Self {
        let ground = Ground::new("advice").await;
        let bin = ground.directory.join("bin");
        fs::create_dir_all(&bin).unwrap();
        for name in ["heat", "openstack"] {
            symlink(env!("CARGO_BIN_EXE_heat"), bin.join(name)).unwrap();
        }
        let clouds = format!(
            "clouds: {{my cloud: {{auth: {{auth_url: '{}', username: demo, project_name: demo, \
             user_domain_id: default, project_domain_id: default}}}}}}",
            ground.sandbox.auth_url()
        );
        fs::write(ground.directory.join("clouds.yaml"), clouds).unwrap();
        Self {
            ground,
            snapshots: Default::default(),
        }
    }

    /// A line of a shell that finds the tool by its names.
    fn shell(&self, line: &str) -> Command {
        let directory = &self.ground.directory;
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", &format!("exec {line}")])
            .env_clear()
            .env("PATH", directory.join("bin"))
            .env("OS_CLIENT_CONFIG_FILE", directory.join("clouds.yaml"))
            .current_dir(directory)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    async fn run(&self, line: &str) -> Ran {
        let mut command = self.shell(line);
        let output = command.env("OS_PASSWORD", "demo").output();
        output.await.unwrap().into()
    }

    /// Makes the stacks of one name of the tool.
    async fn prepare(&mut self, program: &str) {
        let start = format!("heat -q {NAMED}");
        for letter in "abcdefghiklmop".chars() {
            let create = format!("{start} stack create {letter}-{program} -t t.yaml{POLL}");
            self.run(&create).await.ok();
        }
        let suspend = format!("{start} stack suspend f-{program}{POLL}");
        self.run(&suspend).await.ok();
        for (letter, place) in [("l", 0), ("p", 1)] {
            let create =
                format!("{start} stack snapshot create {letter}-{program}{POLL} -f value -c ID");
            self.snapshots[place] = self.run(&create).await.ok().trim().to_owned();
        }
        let export = format!("{start} stack export a-{program} --output-file data.json");
        self.run(&export).await.ok();
    }

    /// Interrupts the command as soon as it waits, and returns what it says.
    async fn interrupted(&self, line: &str, changes: usize) -> String {
        self.ground.sandbox.clear_requests();
        let child = self.shell(line).spawn().unwrap();
        self.ground.until_waiting(changes).await;
        interrupt(&child).await;
        let ran = Ran::from(child.wait_with_output().await.unwrap());
        assert_eq!(ran.code, Some(130), "{line}: {}", ran.err);
        ran.err.lines().last().unwrap_or_default().to_owned()
    }
}

#[tokio::test]
async fn the_advice_of_each_command_works() {
    let mut tools = Tools::new().await;
    for program in ["heat", "openstack"] {
        tools.ground.sandbox.set_stack_delay(Duration::ZERO);
        tools.prepare(program).await;
        tools
            .ground
            .sandbox
            .set_stack_delay(Duration::from_secs(3600));
        for letter in ["i", "m"] {
            let update = format!("heat -q {NAMED} stack update {letter}-{program} -t t.yaml");
            tools.run(&update).await.ok();
        }
        for (line, what, arguments) in COMMANDS {
            let is_old = line.starts_with("stack-") || line.starts_with("deployment-");
            if is_old && program == "openstack" {
                continue;
            }
            let snapshot = &tools.snapshots[usize::from(is_old)];
            let named = |text: &str| text.replace("{}", &format!("-{program}"));
            let options = match line.contains("--poll") {
                true => "",
                false => POLL,
            };
            let (what, arguments) = (named(what), named(arguments));
            let line = named(line).replace("{snapshot}", snapshot);
            let line = format!("{program} {GLOBAL} {line}{options}");
            let changes = match line.contains("stack wait") {
                true => 0,
                // A deployment has a config of its own.
                false if what == "deployment" => 2,
                false => what.matches(", ").count() + 1,
            };
            let told = tools.interrupted(&line, changes).await;
            let (note, advice) = told.rsplit_once(" with: ").unwrap_or_default();
            if what == "deployment" {
                let shows = format!("{program} {NAMED} {arguments} ");
                assert!(note.ends_with(" continues. Check"), "{line}: {told}");
                assert!(advice.starts_with(&shows), "{line}: {told}");
                assert!(tools.run(advice).await.ok().contains("IN_PROGRESS"));
                continue;
            }
            assert_eq!(
                note,
                format!("interrupted; {what} continues. Wait for it"),
                "{line}"
            );
            let waits = format!("{program} {NAMED} stack wait {arguments}");
            assert_eq!(advice, waits, "{line}");
            // It still continues.
            let again = tools.run(&format!("{advice} -q --wait-timeout 0.1")).await;
            assert_eq!(again.code, Some(124), "{advice}: {}", again.err);
            let stacks = what.matches(", ").count() + 1;
            let told = format!("Wait for it with: {program} {NAMED} stack wait ");
            assert_eq!(again.err.matches(&told).count(), stacks, "{}", again.err);
        }
    }
}
