//! Wrong command lines, failures and interrupts of the commands for software configs and deployments.

use std::time::Duration;

use heatclient::sandbox::Fault;
use http::Method;

use crate::ground::{Ground, Ran, interrupt};

/// Each wrong command line has its exit code and one message.
#[tokio::test]
async fn wrong_command_lines_have_one_message() {
    let ground = Ground::new("software-wrong").await;
    for (name, content) in [
        ("bad.yaml", &b"inputs: ["[..]),
        ("bad.json", b"{\"inputs\": }"),
        ("list.yaml", b"- a"),
        ("inputs.yaml", b"inputs: {a: 1}"),
        ("names.yaml", b"outputs: [{type: String}]"),
        ("type.yaml", b"inputs: [{name: a, type: Nope}]"),
        ("latin", b"\xe9"),
    ] {
        std::fs::write(ground.directory.join(name), content).unwrap();
    }
    for (line, code, message) in [
        (
            "software config create c --config-file nope",
            1,
            "ERROR: nope cannot be read: No such file or directory",
        ),
        (
            "config-create c -f nope.yaml",
            1,
            "ERROR: nope.yaml cannot be read: No such file or directory",
        ),
        (
            "software config create c --config-file .",
            1,
            "ERROR: . cannot be read: it is a directory",
        ),
        (
            "software config create c --config-file latin",
            1,
            "ERROR: config file latin: it is not UTF-8",
        ),
        (
            "software config create c --definition-file bad.yaml",
            1,
            "ERROR: definition file bad.yaml: line 1, column 9: unclosed bracket '['",
        ),
        (
            "config-create c -f bad.json",
            1,
            "ERROR: definition file bad.json: expected value at line 1 column 12",
        ),
        (
            "software config create c --definition-file list.yaml",
            1,
            "ERROR: definition file list.yaml: expected a map with inputs, outputs and options",
        ),
        (
            "config-create c -f inputs.yaml",
            1,
            "ERROR: definition file inputs.yaml: inputs: expected a list",
        ),
        (
            "config-create c -f names.yaml",
            1,
            "ERROR: definition file names.yaml: outputs: item 1: expected a map with a name",
        ),
        (
            "software config create c --definition-file type.yaml",
            1,
            "ERROR: create software config \"c\": 400 Bad Request: ",
        ),
        (
            "software config create c --config-file - --definition-file -",
            2,
            "ERROR: cannot read both the definition file and the config file from the standard input",
        ),
        (
            "software config show nope",
            1,
            "ERROR: Configuration not found: nope",
        ),
        (
            "config-show nope",
            1,
            "ERROR: Configuration not found: nope",
        ),
        (
            "software config list -c nothing",
            1,
            "ERROR: No recognized column names in ['nothing']. Recognized columns are ['id', 'name', 'group', 'creation_time'].",
        ),
        (
            "software deployment create d --server s --config nope",
            1,
            "ERROR: Software configuration not found: nope",
        ),
        (
            "deployment-create d -s s -c nope",
            1,
            "ERROR: Configuration not found: nope",
        ),
        (
            "software deployment create d --server s --signal-transport ZAQAR_SIGNAL",
            1,
            "ERROR: Unsupported signal transport ZAQAR_SIGNAL; use TEMP_URL_SIGNAL or NO_SIGNAL",
        ),
        (
            "deployment-create d -s s -t no_signal",
            1,
            "ERROR: Unsupported signal transport no_signal; use TEMP_URL_SIGNAL or NO_SIGNAL",
        ),
        (
            "software deployment create d --server s --input-value nope",
            1,
            "ERROR: Malformed parameter(nope). Use the key=value format.",
        ),
        (
            "deployment-create d -s s -i =x",
            1,
            "ERROR: Malformed parameter(=x). Use the key=value format.",
        ),
        (
            "software deployment create d --server= --signal-transport NO_SIGNAL",
            1,
            "ERROR: the server id is empty",
        ),
        (
            "software deployment create d --server s",
            1,
            "ERROR: create a Swift TempURL: TEMP_URL_SIGNAL needs Swift, but the catalog has no object-store endpoint; use \
          --signal-transport NO_SIGNAL if no results are to be reported",
        ),
        (
            "software deployment show nope",
            1,
            "ERROR: Software Deployment not found: nope",
        ),
        (
            "deployment-show nope",
            1,
            "ERROR: Deployment not found: nope",
        ),
        (
            "software deployment output show nope --all",
            1,
            "ERROR: Deployment not found: nope",
        ),
        (
            "software deployment output show nope",
            1,
            "ERROR: either <output-name> or --all argument is needed.",
        ),
        (
            "deployment-output-show nope a -a",
            1,
            "ERROR: either <output-name> or --all argument is needed.",
        ),
    ] {
        let ran = ground.heat(line).await;
        assert_eq!(
            (ran.code, ran.out.as_str()),
            (Some(code), ""),
            "{line}: {}",
            ran.err
        );
        assert!(ran.err.starts_with(message), "{line}: {}", ran.err);
        assert_eq!(ran.err.lines().count(), 1, "{line}: {}", ran.err);
    }
    let refused = "software config create c --definition-file type.yaml";
    let refused = ground.heat(refused).await.err;
    assert!(refused.contains("; check the types, "), "{refused}");
    assert_eq!(
        ground.sandbox.count(Method::POST, "/v1"),
        4,
        "only the config with an unknown type was sent: each time a template with it, and the config"
    );
    // Usage errors, which are followed by the usage.
    for (line, start) in [
        (
            "software config create",
            "ERROR: the following required arguments were not provided:\n  <NAME>\n",
        ),
        (
            "software config show",
            "ERROR: the following required arguments were not provided:\n  <CONFIG>\n",
        ),
        (
            "config-delete",
            "ERROR: the following required arguments were not provided:\n  <CONFIG>...\n",
        ),
        (
            "software config list --limit -1",
            "ERROR: invalid value '-1' for '--limit <NUMBER>': expected a whole number, 0 or more\n",
        ),
        (
            "config-list -l x",
            "ERROR: invalid value 'x' for '--limit <NUMBER>': expected a whole number, 0 or more\n",
        ),
        (
            "software config create c -f csv",
            "ERROR: invalid value 'csv' for '--format <FORMAT>'\n",
        ),
        (
            "software deployment create d",
            "ERROR: the following required arguments were not provided:\n  --server <ID>\n",
        ),
        (
            "deployment-create -s s",
            "ERROR: the following required arguments were not provided:\n  <NAME>\n",
        ),
        (
            "software deployment create d --server s --timeout x",
            "ERROR: invalid value 'x' for '--timeout <MINUTES>': expected a whole number of minutes from 1 to 2147483647\n",
        ),
        (
            "software deployment delete",
            "ERROR: the following required arguments were not provided:\n  <DEPLOYMENT>...\n",
        ),
        (
            "deployment-metadata-show",
            "ERROR: the following required arguments were not provided:\n  <SERVER>\n",
        ),
        (
            "deployment-output-show d -F xml",
            "ERROR: invalid value 'xml' for '--format <FORMAT>'\n",
        ),
        (
            "software deployment output show d -f json",
            "ERROR: unexpected argument '-f' found\n",
        ),
        ("software nope", "ERROR: unrecognized subcommand 'nope'\n"),
    ] {
        let ran = ground.heat(line).await;
        assert_eq!(
            (ran.code, ran.out.as_str()),
            (Some(2), ""),
            "{line}: {}",
            ran.err
        );
        assert!(ran.err.starts_with(start), "{line}: {}", ran.err);
        assert_eq!(ran.err.matches("ERROR:").count(), 1, "{line}: {}", ran.err);
    }
}

/// Each object that cannot be deleted has its error, and the others are deleted.
#[tokio::test]
async fn of_several_objects_each_is_deleted_or_counted() {
    let ground = Ground::new("software-delete").await;
    let create = async |line: &str| {
        let created = ground.json(line).await;
        created["id"].as_str().unwrap().to_owned()
    };
    let (first, second) = (
        create("config-create a").await,
        create("config-create b").await,
    );
    let ran = ground
        .heat(&format!(
            "software config delete {first} nope {second} gone"
        ))
        .await;
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    let errors: Vec<_> = ran
        .err
        .lines()
        .map(|line| line.split(" (request").next().unwrap())
        .collect();
    assert_eq!(
        errors,
        [
            "ERROR: Software config with ID nope not found",
            "ERROR: Software config with ID gone not found",
            "ERROR: Unable to delete 2 of the 4 software configs.",
        ]
    );
    assert_eq!(ground.heat("software config list").await.ok(), "\n");

    let deployment = create("deployment-create d -s s -t NO_SIGNAL").await;
    let config = ground.json(&format!("deployment-show {deployment}")).await["config_id"].clone();
    let config = config.as_str().unwrap();
    // Heat answers 500 to the deletion of a config that is in use.
    let ran = ground.heat(&format!("config-delete {config}")).await;
    assert_eq!(ran.code, Some(1));
    let errors: Vec<_> = ran.err.lines().collect();
    assert!(
        errors[0].contains("can not be deleted as it is referenced"),
        "{errors:?}"
    );
    assert_eq!(errors[1], "ERROR: Unable to delete 1 of the 1 configs.");

    let refused = Fault::within(Method::DELETE, "/software_configs/").status(403, &[], "");
    let refused = ground.sandbox.fault(refused);
    let ran = ground
        .heat(&format!("software deployment delete nope {deployment}"))
        .await;
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    let errors: Vec<_> = ran.err.lines().collect();
    assert!(
        errors[0].starts_with("ERROR: Deployment with ID nope not found"),
        "{errors:?}"
    );
    let warning = format!(
        "WARNING: Failed to delete the correlative config {config} of deployment {deployment}: "
    );
    assert!(
        errors[1].starts_with(&warning) && errors[1].contains("403"),
        "{errors:?}"
    );
    assert_eq!(errors[2], "ERROR: Unable to delete 1 of the 2 deployments.");
    drop(refused);
    assert_eq!(ground.heat("software deployment list").await.ok(), "\n");
}

/// After other errors the remaining requests would fail as well.
#[tokio::test]
async fn a_broken_connection_ends_a_deletion() {
    let ground = Ground::new("software-broken").await;
    let broken = ground
        .sandbox
        .fault(Fault::within(Method::DELETE, "/software_configs/").reset());
    let ran = ground.heat("software config delete a b c").await;
    assert_eq!(ran.code, Some(1));
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    assert!(broken.hits() <= 4, "{}", broken.hits());
    assert!(
        ran.err.starts_with("ERROR: delete software config \"a\": "),
        "{}",
        ran.err
    );
}

#[tokio::test]
async fn ctrl_c_says_what_may_have_happened() {
    let ground = Ground::new("software-interrupt").await;
    let deployment = ground.json("deployment-create d -s s -t NO_SIGNAL").await;
    let deployment = deployment["id"].as_str().unwrap();
    for (line, held, path, note) in [
        (
            "software config create c",
            Method::POST,
            "/software_configs",
            "interrupted; the software config may have been created. Check with: heat software config list\n",
        ),
        (
            "config-create c",
            Method::POST,
            "/software_configs",
            "interrupted; the software config may have been created. Check with: heat config-list\n",
        ),
        ("software config create c", Method::POST, "/validate", ""),
        (
            "software deployment create d --server s --signal-transport NO_SIGNAL",
            Method::POST,
            "/software_deployments",
            "interrupted; the deployment may have been created. Check with: heat software deployment list\n",
        ),
        (
            "software config delete a b",
            Method::DELETE,
            "/software_configs",
            "interrupted; software configs may have been deleted. Check with: heat software config list\n",
        ),
        (
            "deployment-delete DEPLOYMENT",
            Method::DELETE,
            "/software_deployments",
            "interrupted; software deployments may have been deleted. Check with: heat deployment-list\n",
        ),
        (
            "software deployment delete DEPLOYMENT",
            Method::GET,
            "/software_deployments",
            "",
        ),
        ("software config list", Method::GET, "/software_configs", ""),
    ] {
        let fault = ground.sandbox.fault(Fault::within(held, path).no_answer());
        let line = line.replace("DEPLOYMENT", deployment);
        let mut child = ground.command(&line).spawn().unwrap();
        while fault.hits() == 0 {
            assert!(child.try_wait().unwrap().is_none(), "{line}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        interrupt(&child).await;
        let ran = Ran::from(child.wait_with_output().await.unwrap());
        assert_eq!((ran.code, ran.err.as_str()), (Some(130), note), "{line}");
        fault.remove();
    }
}
