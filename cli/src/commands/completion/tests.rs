use super::*;

fn values(shell: Shell, line: &str) -> Vec<String> {
    let words = line.split(' ').map(str::to_owned).collect();
    let lines = answer(&mut definition(Program::Heat), shell, words).into_iter();
    let end = if shell == Shell::Fish { '\t' } else { '\0' };
    lines
        .map(|line| line.split(end).next().unwrap_or_default().to_owned())
        .collect()
}

fn fish(line: &str) -> Vec<String> {
    values(Shell::Fish, line)
}

#[test]
fn old_and_new_spellings_have_their_own_options() {
    let (new, old) = (fish("stack create --"), fish("stack-create --"));
    assert!(new.contains(&"--environment".to_owned()), "{new:?}");
    assert!(!new.contains(&"--environment-file".to_owned()), "{new:?}");
    assert!(old.contains(&"--environment-file".to_owned()), "{old:?}");
    assert!(!old.contains(&"--environment".to_owned()), "{old:?}");
}

#[test]
fn words_complete_to_what_clap_would_accept() {
    for (line, expected) in [
        ("sta", &["stack"][..]),
        ("stack", &["stack"]),
        ("stack-cr", &["stack-create"]),
        ("stack event ", &["list", "show", "help"]),
        // Shortened commands and options, and global options with values before them.
        ("orch bui ", &["info", "help"]),
        ("--os-cloud stack stack output ", &["list", "show", "help"]),
        ("--os-cloud=stack stack output ", &["list", "show", "help"]),
        ("stack list --sort name -f j", &["json"]),
        ("stack list -fj", &[]),
        ("stack list --format=j", &["--format=json"]),
        ("stack list --form j", &["json"]),
        // Options of one letter that take the rest of the word, or the next word.
        ("stack create -t list --wait-t", &["--wait-timeout"]),
        ("stack create -tlist --wait-t", &["--wait-timeout"]),
        // Global options after a command, if no other option matches.
        ("stack list --os-clou", &["--os-cloud"]),
        ("stack-list --os_clou", &["--os_cloud"]),
        ("stack-list -k stack_name;cr", &["stack_name;creation_time"]),
        ("completion ba", &["bash"]),
        ("help stack out", &["output"]),
        // Free text.
        ("stack show ", &[]),
        ("stack list -- --form", &[]),
        ("nonsense --form", &[]),
    ] {
        assert_eq!(fish(line), expected, "{line}");
    }
}

#[test]
fn bash_completes_a_part_of_a_word() {
    for (line, expected) in [
        ("stack list --format = j", &["json"][..]),
        ("stack list --format=j", &["--format=json"]),
        (
            "--os-auth-url http : //h : 5000 stack event ",
            &["list", "show", "help"],
        ),
        (
            "stack create --parameter a = b web --wait-t",
            &["--wait-timeout"],
        ),
    ] {
        assert_eq!(values(Shell::Bash, line), expected, "{line}");
    }
    let both = values(Shell::Bash, "stack list --format =");
    assert!(both.contains(&"json".to_owned()), "{both:?}");
}

#[test]
fn zsh_gets_descriptions() {
    let lines = values(Shell::Zsh, "stack resource l");
    assert_eq!(lines.len(), 1);
    assert!(
        lines.iter().all(|line| line.starts_with("list:")),
        "{lines:?}"
    );
}

#[test]
fn paths_are_quoted() {
    assert_eq!(quoted_for_sh("/a b/it's"), r"'/a b/it'\''s'");
    assert_eq!(quoted_for_fish(r"/a b/it's \"), r"'/a b/it\'s \\'");
}
