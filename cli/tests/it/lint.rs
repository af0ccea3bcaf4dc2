//! `heat template lint`.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

const CLEAN: &str = "heat_template_version: 2021-04-16\nresources: {r: {type: OS::Heat::None}}\n";
const BROKEN: &str = "heat_template_version: 2021-04-16
parameters:
  mode: {type: string, default: 0755}
resources:
  r: {type: OS::Heat::Value, properties: {value: {get_param: moode}}}
";
const DOUBTFUL: &str = "parameters: {debug: yes, port: 22:22}\n";
const NOTHING: &str = "ERROR: no template or environment given";
const NOTED: &str = "parameters: {debug: yes}\n";

/// A directory with documents.
struct Ground(PathBuf);

impl Ground {
    fn new(name: &str) -> Self {
        let directory =
            std::env::temp_dir().join(format!("heat-lint-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        for (file, text) in [
            ("clean.yaml", CLEAN),
            ("broken.yaml", BROKEN),
            ("doubtful.yaml", DOUBTFUL),
            ("noted.yaml", NOTED),
            ("torn.yaml", "a: [\n"),
            ("torn.json", "{\"heat_template_version\": }"),
        ] {
            std::fs::write(directory.join(file), text).unwrap();
        }
        Self(directory)
    }

    /// The exit code, and what was written to standard output and standard error.
    fn lint(&self, line: &str) -> (Option<i32>, String, String) {
        self.run("lint", line, Stdio::null())
    }

    /// The same for any command that reads templates, with a text on stdin.
    fn run(&self, command: &str, line: &str, stdin: Stdio) -> (Option<i32>, String, String) {
        let Output {
            status,
            stdout,
            stderr,
        } = Command::new(env!("CARGO_BIN_EXE_heat"))
            .env_clear()
            .current_dir(&self.0)
            .args(["template", command])
            .args(line.split_whitespace())
            .stdin(stdin)
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (status.code(), text(stdout), text(stderr))
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_clean_template_is_passed_in_silence() {
    let ground = Ground::new("clean");
    for line in ["clean.yaml", "-t clean.yaml", "--template clean.yaml"] {
        let (code, out, err) = ground.lint(line);
        assert_eq!((code, out.as_str()), (Some(0), ""), "{line}");
        assert_eq!(
            err,
            "no errors, no warnings, no notes; resource types and properties were not checked: \
             heat orchestration template validate checks them in a cloud\n"
        );
    }
    assert_eq!(
        ground.lint("-q clean.yaml"),
        (Some(0), String::new(), String::new())
    );
}

#[test]
fn problems_are_told_with_their_lines() {
    let ground = Ground::new("text");
    let (code, out, err) = ground.lint("broken.yaml -e doubtful.yaml");
    assert_eq!(code, Some(1));
    assert_eq!(
        out,
        "\
warning [unused-parameter]: broken.yaml, line 3, column 3: the parameter `mode` is never used; use it with `get_param` or remove it
    3 |   mode: {type: string, default: 0755}
      |   ^
warning [octal-number]: broken.yaml, line 3, column 33: `0755` is read as octal: Heat gets the number 493; quote it if you mean a string
    3 |   mode: {type: string, default: 0755}
      |                                 ^
error [undefined-parameter]: broken.yaml, line 5, column 62: there is no parameter `moode`; did you mean `mode`?
    5 |   r: {type: OS::Heat::Value, properties: {value: {get_param: moode}}}
      |                                                              ^
error [undefined-parameter]: doubtful.yaml, line 1, column 14: the template has no parameter `debug`; remove it
    1 | parameters: {debug: yes, port: 22:22}
      |              ^
note [implicit-boolean]: doubtful.yaml, line 1, column 21: `yes` is read as the boolean true; quote it if you mean a string, else write true
    1 | parameters: {debug: yes, port: 22:22}
      |                     ^
error [undefined-parameter]: doubtful.yaml, line 1, column 26: the template has no parameter `port`; remove it
    1 | parameters: {debug: yes, port: 22:22}
      |                          ^
warning [sexagesimal-number]: doubtful.yaml, line 1, column 32: `22:22` is read in base 60: Heat gets the number 1342; quote it if you mean a string
    1 | parameters: {debug: yes, port: 22:22}
      |                                ^
"
    );
    assert_eq!(err, "3 errors, 3 warnings, 1 note\n");
}

#[test]
fn what_fails_is_the_users_choice() {
    let ground = Ground::new("fail-on");
    for (line, expected) in [
        ("clean.yaml --fail-on note", 0),
        ("-e noted.yaml", 0),
        ("-e noted.yaml --fail-on warning", 0),
        ("-e noted.yaml --fail-on note", 1),
        ("-e doubtful.yaml", 0),
        ("-e doubtful.yaml --fail-on warning", 1),
        ("broken.yaml --fail-on error", 1),
        ("clean.yaml broken.yaml", 1),
        ("-e noted.yaml --fail-on note -f json", 1),
        ("-e noted.yaml --fail-on note -f sarif", 1),
    ] {
        let (code, _, err) = ground.lint(line);
        assert_eq!(code, Some(expected), "{line}: {err}");
        assert!(!err.contains("ERROR"), "{err}");
    }
}

#[test]
fn misuse_and_missing_files_are_told_apart() {
    let ground = Ground::new("misuse");
    for (line, why) in [
        ("", NOTHING),
        ("clean.yaml -f xml", "invalid value 'xml'"),
        ("clean.yaml --fail-on never", "invalid value 'never'"),
    ] {
        let (code, out, err) = ground.lint(line);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{line}");
        assert!(err.contains(why), "{err}");
    }
    let (code, out, err) = ground.run("pack", "", Stdio::null());
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.starts_with(NOTHING), "{err}");
    let (code, out, err) = ground.lint("none.yaml");
    assert_eq!(code, Some(1));
    assert_eq!(
        (out.as_str(), err.as_str()),
        (
            "error [unreadable]: none.yaml: cannot be read: No such file or directory\n",
            "1 error, no warnings, no notes\n"
        )
    );
}

#[test]
fn what_cannot_be_read_is_a_problem_with_a_place() {
    let ground = Ground::new("syntax");
    for (line, place) in [
        ("torn.yaml", "error [syntax]: torn.yaml, line 1, column 4: "),
        (
            "torn.json",
            "error [syntax]: torn.json, line 1, column 27: ",
        ),
    ] {
        let (code, out, err) = ground.lint(line);
        assert_eq!(code, Some(1));
        assert!(out.starts_with(place), "{out}");
        assert_eq!(err, "1 error, no warnings, no notes\n");
    }
}

#[test]
fn json_is_a_list_of_objects() {
    let ground = Ground::new("json");
    let (code, out, _) = ground.lint("-f json -e noted.yaml");
    assert_eq!(code, Some(0));
    let found: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        found,
        json!([{
            "severity": "note",
            "rule": "implicit-boolean",
            "message": "`yes` is read as the boolean true; quote it if you mean a string, else write true",
            "document": "noted.yaml",
            "line": 1,
            "column": 21,
            "chain": [],
        }])
    );
    assert_eq!(ground.lint("-f json clean.yaml").1, "[]\n");
}

#[test]
fn sarif_names_rules_and_regions() {
    let ground = Ground::new("sarif");
    let (code, out, _) = ground.lint("-f sarif broken.yaml");
    assert_eq!(code, Some(1));
    let log: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let driver = &run["tool"]["driver"];
    assert_eq!(driver["name"], "heat");
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 3);
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        let rule = &driver["rules"][index];
        assert_eq!(rule["id"], result["ruleId"]);
        assert_eq!(rule["defaultConfiguration"]["level"], result["level"]);
        assert!(rule["shortDescription"]["text"].is_string());
    }
    assert_eq!(
        results[2]["message"]["text"],
        "there is no parameter `moode`; did you mean `mode`?"
    );
    assert_eq!(
        results[2]["locations"],
        json!([{"physicalLocation": {
            "artifactLocation": {"uri": "broken.yaml"},
            "region": {
                "startLine": 5,
                "startColumn": 62,
                "snippet": {"text": BROKEN.lines().nth(4).unwrap()},
            },
        }}])
    );
    assert_eq!(results[2].get("relatedLocations"), None);
}

#[test]
fn sarif_tells_no_path_of_the_standard_input() {
    let ground = Ground::new("stdin");
    let broken = std::fs::File::open(ground.0.join("broken.yaml")).unwrap();
    let (code, out, _) = ground.run("lint", "-f sarif -", broken.into());
    assert_eq!(code, Some(1));
    let log: Value = serde_json::from_str(&out).unwrap();
    let location = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(
        location["artifactLocation"],
        json!({"description": {"text": "standard input"}})
    );
}

#[test]
fn environments_are_held_against_the_template_they_go_with() {
    let ground = Ground::new("values");
    let template = "heat_template_version: 2021-04-16
parameters: {port: {type: number}}
outputs: {o: {value: {get_param: port}}}
";
    std::fs::write(ground.0.join("port.yaml"), template).unwrap();
    std::fs::write(ground.0.join("env.yaml"), "parameters: {port: ssh}\n").unwrap();
    let (code, out, _) = ground.lint("port.yaml -e env.yaml");
    assert_eq!(code, Some(1));
    assert!(
        out.starts_with(
            "error [invalid-value]: env.yaml, line 1, column 20: the value of `port` is `ssh`; expected a number\n"
        ),
        "{out}"
    );
    // With several templates, the owner of the parameters is not known.
    assert_eq!(ground.lint("port.yaml clean.yaml -e env.yaml").0, Some(0));
}
