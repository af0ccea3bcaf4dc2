//! bash, zsh and fish complete every command and every option.
//!
//! The commands and options come from the static script that clap_complete writes for another shell.
//! The help shows which of them are visible. A shell that is not installed is skipped, unless
//! `HEAT_TEST_ALL_SHELLS` is set.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const HEAT: &str = env!("CARGO_BIN_EXE_heat");

/// A command, its words joined by spaces, and the words that may follow.
struct Known {
    path: String,
    commands: BTreeSet<String>,
    options: BTreeSet<String>,
    shown: BTreeSet<String>,
}

fn heat(words: &[&str]) -> String {
    let output = Command::new(HEAT).args(words).env_clear().output().unwrap();
    assert!(output.status.success(), "{words:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// All commands except those of `help`, including the old spellings.
fn known() -> Vec<Known> {
    let script = heat(&["completion", "powershell"]);
    let mut known: Vec<Known> = Vec::new();
    for line in script.lines().map(str::trim_start) {
        if let Some(path) = line
            .strip_suffix(" {")
            .and_then(|line| line.strip_prefix('\''))
        {
            known.push(Known {
                path: path.trim_end_matches('\'').replace(';', " "),
                commands: BTreeSet::new(),
                options: BTreeSet::new(),
                shown: BTreeSet::new(),
            });
        }
        let Some(rest) = line.strip_prefix("[CompletionResult]::new('") else {
            continue;
        };
        let (word, last) = (rest.split('\'').next().unwrap(), known.last_mut().unwrap());
        match word.starts_with('-') {
            true => last.options.insert(word.to_owned()),
            false => last.commands.insert(word.to_owned()),
        };
    }
    known.retain(|known| !known.path.split(' ').any(|word| word == "help"));
    for known in &mut known {
        let mut words: Vec<_> = known.path.split(' ').skip(1).collect();
        words.push("--help");
        known.shown = shown(&heat(&words));
    }
    known
}

/// The options at the start of the lines of a help text.
fn shown(help: &str) -> BTreeSet<String> {
    let mut shown = BTreeSet::new();
    for line in help.lines() {
        let mut words = line.split_whitespace();
        let short = words.next().and_then(|word| word.strip_suffix(','));
        let long = if short.is_some() {
            words.next()
        } else {
            line.split_whitespace().next()
        };
        shown.extend(
            short
                .into_iter()
                .chain(long)
                .filter(|word| is_option(word))
                .map(str::to_owned),
        );
    }
    shown
}

fn is_option(word: &str) -> bool {
    let name = word.strip_prefix("--").or_else(|| word.strip_prefix('-'));
    let is_name = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    name.is_some_and(|name| !name.is_empty() && is_name(name))
}

/// A line to complete, and the expected candidates for its last word.
struct Question {
    line: String,
    exactly: BTreeSet<String>,
}

fn questions() -> Vec<Question> {
    let mut questions = Vec::new();
    let mut ask =
        |line: String, exactly: BTreeSet<String>| questions.push(Question { line, exactly });
    let one = |word: &str| BTreeSet::from([word.to_owned()]);
    let known = known();
    assert!(known.len() > 40, "{} commands", known.len());
    for Known {
        path,
        commands,
        options,
        shown,
    } in &known
    {
        let long = |option: &&String| option.starts_with("--");
        ask(
            format!("{path} --"),
            shown.iter().filter(long).cloned().collect(),
        );
        ask(format!("{path} -"), shown.clone());
        // Hidden options are completed by their full names.
        for option in options.difference(shown) {
            let alike = options
                .intersection(shown)
                .filter(|other| other.starts_with(option.as_str()));
            let alike: BTreeSet<_> = alike.cloned().collect();
            let exactly = if alike.is_empty() { one(option) } else { alike };
            ask(format!("{path} {option}"), exactly);
        }
        for command in commands {
            let alike = commands
                .iter()
                .filter(|other| other.starts_with(command.as_str()));
            // Old spellings are offered if nothing else matches.
            let (old, new): (Vec<_>, Vec<_>) = alike
                .cloned()
                .partition(|name| path == "heat" && (name.contains('-') || name == "event"));
            let exactly = if new.is_empty() { old } else { new };
            ask(format!("{path} {command}"), exactly.into_iter().collect());
        }
        if path != "heat" && !commands.is_empty() {
            ask(format!("{path} "), commands.clone());
        }
    }
    let old = known
        .iter()
        .filter(|known| known.path.contains("-"))
        .count();
    assert!(old >= 19, "{old} old spellings");
    // Also in the middle of a line, and values.
    ask("heat --os-cloud stack stack outp".to_owned(), one("output"));
    ask("heat stack list --format yam".to_owned(), one("yaml"));
    ask("heat stack list --os-clou".to_owned(), one("--os-cloud"));
    questions
}

/// A directory for one shell, with the script and the lines to complete.
struct Ground(PathBuf);

impl Ground {
    fn new(shell: &str, questions: &[Question]) -> Self {
        let path = std::env::temp_dir().join(format!("heat-{shell}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        std::fs::write(path.join("script"), heat(&["completion", shell])).unwrap();
        let lines: String = questions.iter().map(|q| format!("{}\n", q.line)).collect();
        std::fs::write(path.join("lines"), lines).unwrap();
        Self(path)
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn is_installed(shell: &str) -> bool {
    let version = Command::new(shell)
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    let is_installed = version.is_ok_and(|status| status.success());
    if !is_installed {
        assert!(
            std::env::var_os("HEAT_TEST_ALL_SHELLS").is_none(),
            "{shell} is not installed"
        );
        eprintln!("skipped: {shell} is not installed");
    }
    is_installed
}

/// Lets a shell answer all questions. `program` writes the candidates of each line in the file `lines`
/// to the file `answers`, one a line, and then `END`.
fn every_command_in(shell: &str, arguments: &[&str], program: &str) {
    if !is_installed(shell) {
        return;
    }
    let questions = questions();
    let ground = Ground::new(shell, &questions);
    std::fs::write(ground.0.join("program"), program).unwrap();
    let output = run(shell, arguments, &ground.0);
    let answers = std::fs::read_to_string(ground.0.join("answers")).unwrap_or_default();
    let mut answers = answers.lines();
    let mut wrong = Vec::new();
    for Question { line, exactly } in &questions {
        let answer = answers.by_ref().take_while(|answer| *answer != "END");
        let answer: BTreeSet<String> = answer.map(|word| word.trim_end().to_owned()).collect();
        if answer != *exactly {
            wrong.push(format!("{line:?}\n  is    {answer:?}\n  to be {exactly:?}"));
        }
    }
    let some = wrong
        .iter()
        .take(10)
        .map(String::as_str)
        .collect::<Vec<_>>();
    assert!(
        wrong.is_empty(),
        "{shell}: {} of {} are wrong\n{}\n{}",
        wrong.len(),
        questions.len(),
        some.join("\n"),
        output
    );
}

/// Runs the program in the directory, without settings of the user.
fn run(shell: &str, arguments: &[&str], directory: &Path) -> String {
    let output = Command::new(shell)
        .args(arguments)
        .arg("program")
        .current_dir(directory)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", directory)
        .env("TERM", "dumb")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn bash_completes_every_command() {
    const PROGRAM: &str = r#"
source ./script
declare=$(complete -p heat)
function=${declare#*-F }
function=${function%% *}
while IFS= read -r line; do
    read -ra COMP_WORDS <<< "$line"
    [[ $line == *' ' ]] && COMP_WORDS+=('')
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$line COMP_POINT=${#line}
    COMPREPLY=()
    "$function" heat "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}" < /dev/null
    (( ${#COMPREPLY[@]} )) && printf '%s\n' "${COMPREPLY[@]}"
    echo END
done < lines > answers
"#;
    every_command_in("bash", &["--norc"], PROGRAM);
}

#[test]
fn zsh_completes_every_command() {
    // Completion needs the line editor, which needs a terminal. The candidates are written to a file instead.
    const PROGRAM: &str = r#"
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'PROMPT=; source ./inner'
while [[ ! -e done ]]; do
    zpty -r -t shell output || sleep 0.01
    zpty -t shell || break
done
zpty -d shell
"#;
    const INNER: &str = r#"
autoload -U compinit
compinit -u -D
source ./script
compadd() {
    if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
        builtin compadd "$@"
        return
    fi
    local -a hits
    builtin compadd -A hits "$@"
    (( $#hits )) && print -rl -- $hits >> answers
    return 0
}
all() {
    local line
    for line in "${(@f)$(<lines)}"; do
        BUFFER=$line
        CURSOR=$#BUFFER
        zle complete-word
        print END >> answers
    done
    : > done
}
zle -N all
bindkey '^T' all
stty -echo
zle-line-init() { zle all }
zle -N zle-line-init
"#;
    let program = format!("cat > inner << 'EOF'\n{INNER}\nEOF\n{PROGRAM}");
    every_command_in("zsh", &["-f"], &program);
}

#[test]
fn fish_completes_every_command() {
    const PROGRAM: &str = r#"
source ./script
for line in (cat lines)
    complete -C "$line" | string replace -r '\t.*' ''
    echo END
end > answers
"#;
    every_command_in("fish", &["--no-config"], PROGRAM);
}
