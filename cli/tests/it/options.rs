//! Limits of option values, options of the Python tools, and several parameters in one option.

use std::fs;

use heatclient::sandbox::Fault;
use http::Method;
use serde_json::{Value, json};

use crate::ground::{Ground, bare};

/// The outcome of a command line with unusual values.
enum Outcome {
    /// The option counts as not given.
    Ignored,
    /// A usage error with this text.
    Misuse(&'static str),
    /// An error with this text.
    Failed(&'static str),
}
use Outcome::{Failed, Ignored, Misuse};

#[tokio::test]
async fn odd_values_are_ignored_as_in_python_or_refused() {
    const WHOLE: Outcome = Misuse("expected a whole number, 0 or more");
    const LARGE: Outcome = Misuse("the number is too large");
    const MINUTES: Outcome = Misuse("expected a whole number of minutes from 1 to 2147483647");
    const SECONDS: Outcome = Misuse("expected a number of seconds above 0");
    const NONE: Outcome = Misuse("a value is required for");
    const NO_STACK: Outcome = Failed(": expected a name, an id, or name/id");
    const NO_NAME: Outcome = Failed("invalid stack name: it must start with a letter");
    let ground = Ground::new("odd").await;
    ground
        .heat("stack create web -t t.yaml --wait --poll 0.05")
        .await
        .ok();
    let list = "stack list -f value -c stack_name";
    let events = "stack event list web -f value -c id";
    let resources = "stack resource list web -f value -c resource_name";
    let create = "stack create new -t t.yaml --dry-run -f value -c stack_name";
    for (command, option, value, outcome) in [
        (list, "--limit", "0", Ignored),
        (list, "--limit", "-1", WHOLE),
        (list, "--limit", "", WHOLE),
        (list, "--limit", "1.5", WHOLE),
        (list, "--limit", "99999999999999999999", LARGE),
        (list, "--limit", "2147483648", Ignored),
        (list, "--marker", "", Ignored),
        (list, "--project", "", Ignored),
        (list, "--tags", "", Ignored),
        (list, "--sort", "", Ignored),
        (list, "--sort-column", "", Ignored),
        (
            list,
            "--property",
            "",
            Failed("Malformed parameter(). Use the key=value format."),
        ),
        (list, "-c", "", Ignored),
        (list, "--max-width", "0", Ignored),
        (list, "--max-width", "-1", Ignored),
        (list, "--max-width", "x", Misuse("expected a whole number")),
        (list, "--api_timeout", "0", SECONDS),
        (list, "--api_timeout", "-5", SECONDS),
        (list, "--api_timeout", "", SECONDS),
        (list, "--api_timeout", "1e300", SECONDS),
        (list, "--os-cacert", "", Ignored),
        (list, "--os-cert", "", Ignored),
        (list, "--os-key", "", Ignored),
        (list, "--os-cloud", "", Ignored),
        (list, "--os-region-name", "", Ignored),
        (list, "--os-interface", "", Ignored),
        (list, "--os-default-domain", "", Ignored),
        (list, "--os-service-type", "", Ignored),
        (list, "--heat-url", "", Ignored),
        (list, "--log-file", "", Ignored),
        (list, "--os-service-provider", "", Ignored),
        (list, "--os-identity-api-version", "", Ignored),
        (events, "--limit", "0", Ignored),
        (events, "--limit", "-1", WHOLE),
        (events, "--marker", "", Ignored),
        (events, "--resource", "", Ignored),
        (events, "--nested-depth", "0", Ignored),
        (events, "--nested-depth", "-1", WHOLE),
        (events, "--nested-depth", "4294967296", LARGE),
        (resources, "--nested-depth", "0", Ignored),
        (resources, "--nested-depth", "", WHOLE),
        (create, "--timeout", "0", MINUTES),
        (create, "--timeout", "-1", MINUTES),
        (create, "--timeout", "", MINUTES),
        (create, "--timeout", "2147483648", MINUTES),
        (create, "--timeout", "2147483647", Ignored),
        (create, "--poll", "0", SECONDS),
        (create, "--poll", "-1", SECONDS),
        (create, "--tags", "", Ignored),
        (create, "--files-container", "", Ignored),
        (
            create,
            "--parameter",
            "",
            Failed("Malformed parameter(). Use the key=value format."),
        ),
        (
            create,
            "--parameter-file",
            "word",
            Failed("Malformed parameter(word). Use the key=value format."),
        ),
        (create, "-e", "", NONE),
        (create, "--pre-create", "", NONE),
        (create, "--files-root", "", NONE),
        (create, "--allow-host", "", NONE),
        ("stack resource show web", "--", "", NONE),
        ("stack output show web", "--", "", NONE),
        ("stack show", "--", "", NO_STACK),
        ("stack delete -y", "--", "", NO_STACK),
        ("stack delete -y", "--", ".", NO_STACK),
        ("stack suspend", "--", "", NO_STACK),
        ("stack cancel", "--", "", NO_STACK),
        ("stack event list", "--", "", NO_STACK),
        ("stack resource list", "--", "", NO_STACK),
        ("stack output list", "--", "", NO_STACK),
        ("stack template show", "--", "", NO_STACK),
        ("stack update --existing", "--", "", NO_STACK),
        ("stack create -t t.yaml", "--", "", NO_NAME),
        ("stack-preview -f t.yaml", "--", "", NO_NAME),
        ("stack-show", "--", "", NO_STACK),
        ("stack-delete -y", "--", "", NO_STACK),
    ] {
        let shown = format!("{command} {option} {value:?}");
        let plain = match outcome {
            Ignored => ground.heat(command).await.ok(),
            Misuse(_) | Failed(_) => String::new(),
        };
        let mut odd = ground.command(command);
        let ran = crate::ground::Ran::from(odd.args([option, value]).output().await.unwrap());
        match outcome {
            Ignored => assert_eq!(ran.ok(), plain, "{shown}"),
            Misuse(text) => {
                assert_eq!(ran.code, Some(2), "{shown}: {}", ran.err);
                assert!(ran.err.contains(text), "{shown}: {}", ran.err);
            }
            Failed(text) => {
                assert_eq!(ran.code, Some(1), "{shown}: {}", ran.err);
                assert!(ran.err.contains(text), "{shown}: {}", ran.err);
            }
        }
    }
    assert_eq!(ground.heat(list).await.ok(), "web\n");
}

#[tokio::test]
async fn global_options_of_the_python_tools_have_no_effect_or_are_refused() {
    let ground = Ground::new("globals").await;
    for options in [
        "--os-identity-api-version 3",
        "--os-compute-api-version 2.90 --os-volume-api-version=3",
        "--os_image_api_version 2 --os-network-api-version 2 --os-object-api-version 1",
        "--os-load-balancer-api-version 2 --os-key-manager-api-version 1",
        "--include-password --os-beta-command --os-profile key -v -v",
        "--os-default-domain default --os-remote-project-name p",
    ] {
        assert_eq!(
            ground.json(&format!("{options} stack list -f json")).await,
            json!([]),
            "{options}"
        );
        assert_eq!(
            ground.json(&format!("stack list -f json {options}")).await,
            json!([]),
            "{options}"
        );
    }
    for (options, message) in [
        (
            "--os-identity-api-version 2.0",
            "ERROR: version \"2.0\" of the identity API is not supported; use 3, or omit --os-identity-api-version",
        ),
        (
            "--os-service-provider other --os-remote-project-name p",
            "ERROR: service provider \"other\" (--os-service-provider, OS_SERVICE_PROVIDER): Keystone-to-Keystone \
             federation is not supported; log in to that cloud directly",
        ),
    ] {
        ground
            .heat(&format!("{options} stack list"))
            .await
            .failed(1, message);
    }
}

#[tokio::test]
async fn a_project_may_be_named() {
    let ground = Ground::new("project").await;
    let id = ground.sandbox.credentials().project_id;
    ground
        .heat("stack create web -t t.yaml --wait --poll 0.05")
        .await
        .ok();
    let tenant = |requests: Vec<heatclient::sandbox::RecordedRequest>| {
        let lists = requests
            .into_iter()
            .filter(|request| request.path.contains("/stacks"));
        let lists: Vec<_> = lists
            .map(|request| format!("{}?{}", request.path, request.query))
            .collect();
        lists.join(" ")
    };
    // The sandbox lists only the projects in which the user has a role.
    for project in [id.as_str(), "demo"] {
        ground.sandbox.clear_requests();
        let line = format!("stack list --project {project} -f value -c stack_name");
        assert_eq!(ground.heat(&line).await.ok(), "web\n");
        let lists = tenant(ground.sandbox.requests());
        assert!(lists.contains(&format!("tenant={id}")), "{lists}");
    }
    for (line, message) in [
        (
            "stack list --project nope",
            "ERROR: No project with a name or ID of 'nope' exists.",
        ),
        (
            "stack list --project demo --project-domain 0123456789abcdef0123456789abcdef",
            "ERROR: No project with a name or ID of 'demo' exists.",
        ),
    ] {
        ground.heat(line).await.failed(1, message);
    }
    let projects = json!({"projects": [
        {"id": "one", "name": "demo", "domain_id": "default"}, {"id": "two", "name": "demo", "domain_id": "d2"},
    ]});
    let all = Fault::within(Method::GET, "/v3/projects").status(200, &[], projects.to_string());
    ground.sandbox.fault(all);
    ground.heat("stack list --project demo").await.failed(
        1,
        "ERROR: More than one project is named 'demo'; use its ID, or --project-domain",
    );
    let domains = json!({"domains": [{"id": "d2", "name": "second"}]});
    let all = Fault::within(Method::GET, "/v3/domains").status(200, &[], domains.to_string());
    ground.sandbox.fault(all);
    for (domain, id) in [("default", "one"), ("second", "two")] {
        ground.sandbox.clear_requests();
        let line = format!("stack list --project demo --project-domain {domain} -f json");
        ground.heat(&line).await;
        let lists = tenant(ground.sandbox.requests());
        assert!(lists.contains(&format!("tenant={id}")), "{lists}");
    }
}

/// The parameters of the request, and the warnings.
async fn packed(options: &[&str]) -> (Value, String) {
    let directory = std::env::temp_dir().join(format!("heat-joined-{}", std::process::id()));
    fs::create_dir_all(&directory).unwrap();
    let two = "heat_template_version: 2018-08-31\nparameters: {name: {type: string}, size: {type: number}}\n";
    fs::write(directory.join("two.yaml"), two).unwrap();
    fs::write(directory.join("size"), "9").unwrap();
    let mut command = bare();
    command
        .current_dir(&directory)
        .args(["template", "pack"])
        .args(options);
    let ran = crate::ground::Ran::from(command.output().await.unwrap());
    let warnings = ran.err.clone();
    let body: Value = serde_json::from_str(&ran.ok()).unwrap();
    (body["parameters"].clone(), warnings)
}

#[tokio::test]
async fn parameters_that_share_an_option_are_split_at_declared_names() {
    for (options, parameters, warnings) in [
        (
            &["--parameter", "name=web;size=7"][..],
            json!({"name": "web", "size": "7"}),
            0,
        ),
        (&["--parameter", "name=a;b"], json!({"name": "a;b"}), 0),
        (
            &["--parameter", "name=web;sise=7"],
            json!({"name": "web;sise=7"}),
            1,
        ),
        (
            &["--parameter", "name=web; size=7"],
            json!({"name": "web; size=7"}),
            1,
        ),
        (
            &["--parameter", "name=a;size=7", "--parameter", "size=8"],
            json!({"name": "a;size=7", "size": "8"}),
            1,
        ),
        (
            &["--parameter", "name=web;size=@size"],
            json!({"name": "web", "size": "9"}),
            0,
        ),
    ] {
        let with_template = [&["-t", "two.yaml"], options].concat();
        let (sent, said) = packed(&with_template).await;
        assert_eq!(
            (sent, said.lines().count()),
            (parameters, warnings),
            "{options:?}: {said}"
        );
        assert!(said.is_empty() || said.starts_with("WARNING: "), "{said}");
    }
}

#[tokio::test]
async fn joined_parameters_are_split_with_and_without_a_template() {
    let ground = Ground::new("joined").await;
    let two = "heat_template_version: 2018-08-31\nparameters: {name: {type: string}, size: {type: number, default: 1}}\n";
    fs::write(ground.directory.join("two.yaml"), two).unwrap();
    for (line, expected) in [
        (
            "stack create web -t two.yaml --parameter name=a;size=2 --wait --poll 0.05",
            json!(["a", "2"]),
        ),
        (
            "stack-create old -f two.yaml -P name=b;size=3",
            json!(["b", "3"]),
        ),
        (
            "stack update web --existing --parameter name=c;size=4 --wait --poll 0.05",
            json!(["c", "4"]),
        ),
        (
            "stack update web --existing -t two.yaml --parameter name=d;size=5 --wait --poll 0.05",
            json!(["d", "5"]),
        ),
    ] {
        let ran = ground.heat(line).await;
        assert!(!ran.err.contains("WARNING"), "{line}: {}", ran.err);
        ran.ok();
        let name = if line.contains(" old ") { "old" } else { "web" };
        let shown = ground.json(&format!("stack show {name} -f json")).await;
        let values = json!([shown["parameters"]["name"], shown["parameters"]["size"]]);
        assert_eq!(values, expected, "{line}");
    }
    // Heat ignores unknown parameters.
    let ran = ground
        .heat("stack update web --existing --parameter name=c;sise=4 --wait --poll 0.05")
        .await;
    assert!(
        ran.err
            .contains("WARNING: the text after \";\" is part of the value of parameter \"name\""),
        "{}",
        ran.err
    );
    ran.ok();
    let shown = ground.json("stack show web -f json").await;
    assert_eq!(shown["parameters"]["name"], "c;sise=4");
    let named = ground.heat(
        "stack list --property stack_name=web;stack_status=UPDATE_COMPLETE -f value -c stack_name",
    );
    assert_eq!(named.await.ok(), "web\n");
    let named = ground.heat(
        "stack list --property stack_name=web;stack_status=CREATE_FAILED -f value -c stack_name",
    );
    assert_eq!(named.await.ok(), "");
}
