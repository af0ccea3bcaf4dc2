//! The effect of templates, environments, parameters and hooks on a stack.

use serde_json::json;

use crate::ground::Ground;

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
    Default: none
    Description: ''
    Label: word
    NoEcho: 'false'
    Type: String
    Value: typed
Environment:
  event_sinks: []
  parameter_defaults: {}
  parameters:
    word: typed
  resource_registry:
    resources: {}
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
            "ERROR: Need to specify exactly one of [--template-file, --template-url or --template-object]",
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
    for line in [
        "stack create one -t t.yaml -e e.yaml --pre-create thing",
        "stack-create two -f t.yaml --pre-create thing",
    ] {
        ground.heat(line).await.ok();
    }
    for name in ["one", "two"] {
        let list =
            format!("stack resource list {name} --filter name=thing -f value -c resource_status");
        assert_eq!(ground.heat(&list).await.ok().trim(), "INIT_COMPLETE");
    }
    ground
        .heat("stack create web -t t.yaml -s box -e e.yaml --pre-create thing")
        .await
        .failed(
            1,
            "ERROR: hooks cannot be combined with environments in a files container, because Heat reads only those; \
             add the hooks to one of them",
        );
    // Heat reads the environment from the container, which the sandbox does not support.
    ground
        .heat("orchestration template validate -t t.yaml -s box -e e.yaml")
        .await
        .failed(
            1,
            "ERROR: validate template: 400 Bad Request: Environment file e.yaml was not sent",
        );
}
