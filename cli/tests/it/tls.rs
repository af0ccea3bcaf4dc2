//! Trusted certificates, with TLS servers.

use heatclient_test_support::scripted::answer;
use heatclient_test_support::secured::{Secured, fixture};

/// Commands without a cloud and public documents use the same trusted certificates.
#[tokio::test]
async fn documents_are_read_with_the_certificates_of_the_command_line() {
    const TEMPLATE: &str = "heat_template_version: 2018-08-31\n";
    let files = Secured::start(|_| answer("200 OK", "", TEMPLATE)).await;
    let template = format!("{}/t.yaml", files.url());
    let ca = fixture("ca.pem").display().to_string();
    let cloud = [
        "--heat-url",
        "http://127.0.0.1:1/v1/p",
        "--os-auth-token",
        "t",
    ];
    for (line, expected) in [
        (
            vec!["template", "pack", "-t", &template],
            "not signed by a trusted CA",
        ),
        (
            vec!["template", "pack", "-t", &template, "--os-cacert", &ca],
            "",
        ),
        (vec!["template", "pack", "-t", &template, "--insecure"], ""),
        (
            vec!["template", "lint", "-t", &template, "--os-cacert", &ca],
            "",
        ),
        // The connection to the cloud fails, after the template was read.
        (
            [
                &cloud[..],
                &["--os-cacert", &ca, "stack-create", "x", "-u", &template],
            ]
            .concat(),
            "cannot connect to 127.0.0.1:1",
        ),
        (
            [
                &cloud[..],
                &[
                    "--os-cacert",
                    &ca,
                    "stack",
                    "adopt",
                    "x",
                    "--adopt-file",
                    &template,
                ],
            ]
            .concat(),
            "adopt stack",
        ),
    ] {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_heat"));
        let output = command
            .env_clear()
            .env("SSL_CERT_FILE", fixture("clients-ca.pem"));
        let output = output.args(&line).output().await.unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            output.status.success(),
            expected.is_empty(),
            "{line:?}: {text}"
        );
        assert!(text.contains(expected), "{line:?}: {text}");
    }
}
