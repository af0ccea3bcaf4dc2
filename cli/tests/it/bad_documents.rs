//! Errors in documents are reported on stderr.

use std::process::Stdio;

use heatclient_test_support::directory::Directory;
use tokio::process::Command;

/// The exit code and all of stderr. Nothing is printed on stdout.
#[tokio::test]
async fn the_tool_tells_of_broken_documents() {
    let directory = Directory::new("tool");
    let ok = "heat_template_version: 2021-04-16\n";
    for (name, content) in [
        ("web.yaml", ok),
        ("list.yaml", "- a\n"),
        (
            "two.yaml",
            "heat_template_version: 2021-04-16\na: {get_file: a.sh}\nb: {get_file: b.sh}\n",
        ),
        (
            "circle.yaml",
            "heat_template_version: 2021-04-16\na: {get_file: circle.yaml}\n",
        ),
        (
            "twice.yaml",
            "heat_template_version: 2021-04-16\na: 1\na: 2\n",
        ),
        (
            "steer.yaml",
            "heat_template_version: 2021-04-16\na: {get_file: \"\\e[31m\\nERROR: x\"}\n",
        ),
        (
            "sub/up.yaml",
            "heat_template_version: 2021-04-16\na: {get_file: ../up.sh}\n",
        ),
        ("env.yaml", "parameter: {}\n"),
        ("fine.yaml", "parameters: {}\n"),
    ] {
        directory.write(name, content);
    }
    let rows = vec![
        ("template pack -t none.yaml", 1, "ERROR: none.yaml: cannot be read: No such file or directory"),
        ("template pack -t list.yaml", 1, "ERROR: list.yaml, line 1, column 1: the template is a list; expected a mapping with one of the keys heat_template_version, HeatTemplateFormatVersion, AWSTemplateFormatVersion
    1 | - a
      | ^"),
        ("template pack -t two.yaml", 1, "ERROR: two.yaml, line 2, column 15: cannot read a.sh: No such file or directory
    2 | a: {get_file: a.sh}
      |               ^
ERROR: two.yaml, line 3, column 15: cannot read b.sh: No such file or directory
    3 | b: {get_file: b.sh}
      |               ^"),
        ("template pack -t circle.yaml", 1, "ERROR: circle.yaml, line 2, column 15: circle.yaml refers to itself: circle.yaml → circle.yaml; remove one of the references
    2 | a: {get_file: circle.yaml}
      |               ^"),
        ("template pack -t steer.yaml", 1, r#"ERROR: steer.yaml, line 2, column 15: cannot read  [31m ERROR: x: No such file or directory
    2 | a: {get_file: "\e[31m\nERROR: x"}
      |               ^"#),
        ("template pack -t web.yaml -e env.yaml", 1, r#"ERROR: env.yaml, line 1, column 1: wrong section "parameter"; expected one of parameters, parameter_defaults, resource_registry, encrypted_param_names, event_sinks, parameter_merge_strategies
    1 | parameter: {}
      | ^"#),
        ("template pack -t list.yaml -e env.yaml", 1, r#"ERROR: list.yaml, line 1, column 1: the template is a list; expected a mapping with one of the keys heat_template_version, HeatTemplateFormatVersion, AWSTemplateFormatVersion
    1 | - a
      | ^
ERROR: env.yaml, line 1, column 1: wrong section "parameter"; expected one of parameters, parameter_defaults, resource_registry, encrypted_param_names, event_sinks, parameter_merge_strategies
    1 | parameter: {}
      | ^"#),
        ("template pack -t sub/up.yaml --files-root sub", 1, r#"ERROR: sub/up.yaml, line 2, column 15: cannot refer to "../up.sh": up.sh is outside the directory sub, to which files are limited
    2 | a: {get_file: ../up.sh}
      |               ^"#),
        ("template pack -t ftp://user:5ecret@example.org/web.yaml", 1, "ERROR: ftp://…@example.org/web.yaml cannot be read: the scheme ftp is not supported; expected a path, http or https"),
        ("template pack -t - -e -", 2, "ERROR: cannot read both the template and an environment from the standard input"),
        ("template pack -t - --parameter a=@-", 2, r#"ERROR: cannot read both the template and parameter "a" from the standard input"#),
        ("template pack -t web.yaml --parameter a=@none", 1, r#"ERROR: cannot read the file none of parameter "a": No such file or directory (os error 2)"#),
        ("template pack -t web.yaml --parameter a", 1, "ERROR: Malformed parameter(a). Use the key=value format."),
        ("template pack -t web.yaml --files-container files -e -", 1, "ERROR: standard input is not in the files container; name it by its path in the container"),
        ("template pack -t web.yaml --output sub", 1, "ERROR: sub already exists; choose a new directory"),
        ("stack create -t two.yaml web", 1, "ERROR: two.yaml, line 2, column 15: cannot read a.sh: No such file or directory
    2 | a: {get_file: a.sh}
      |               ^
ERROR: two.yaml, line 3, column 15: cannot read b.sh: No such file or directory
    3 | b: {get_file: b.sh}
      |               ^"),
        ("stack create -t web.yaml -e env.yaml web", 1, r#"ERROR: env.yaml, line 1, column 1: wrong section "parameter"; expected one of parameters, parameter_defaults, resource_registry, encrypted_param_names, event_sinks, parameter_merge_strategies
    1 | parameter: {}
      | ^"#),
    ];
    let mut wrong = Vec::new();
    for (line, code, says) in rows {
        let mut command = Command::new(env!("CARGO_BIN_EXE_heat"));
        command
            .env_clear()
            .current_dir(&directory.0)
            .stdin(Stdio::null());
        command.args([
            "--os-auth-type",
            "none",
            "--os-endpoint",
            "http://127.0.0.1:9/v1",
        ]);
        let output = command
            .args(line.split_whitespace())
            .output()
            .await
            .unwrap();
        let err = directory.hide(&String::from_utf8(output.stderr).unwrap());
        let printed = err.trim_end();
        if printed != says || output.status.code() != Some(code) || !output.stdout.is_empty() {
            wrong.push(format!("{line}:\n{printed}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
