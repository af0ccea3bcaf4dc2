//! Endings of waits for snapshots and deployments.

use heatclient::heat::{Action, Snapshot, SoftwareDeployment, Status};
use heatclient::sandbox::Fault;
use heatclient::{Error, ErrorKind};
use http::Method;
use serde_json::json;

use super::{JSON, SECOND, Stage};

/// Lets Heat answer with these actions and statuses, the last one repeatedly.
fn script(stage: &Stage, path: &str, kind: &str, statuses: &[&str]) {
    let last = statuses.len() - 1;
    for (n, text) in statuses.iter().enumerate() {
        let fault = Fault::on(Method::GET, path);
        let fault = match text.split_once(' ') {
            Some((action, status)) => {
                let body = json!({kind: {
                    "id": "7", "action": action, "status": status, "status_reason": "because",
                    "output_values": {"deploy_stdout": "out", "deploy_stderr": "err", "deploy_status_code": "3"},
                }});
                fault.status(200, &JSON, body.to_string())
            }
            None if *text == "404" => {
                let message = format!("{kind} with id 7 not found");
                let body = json!({"code": 404, "error": {"type": "NotFound", "message": message}});
                fault.status(404, &JSON, body.to_string())
            }
            None => fault.status(text.parse().unwrap(), &[], ""),
        };
        stage.sandbox.fault(match n == last {
            true => fault,
            false => fault.times(1),
        });
    }
}

fn snapshot_told(result: &Result<Snapshot, Error>) -> String {
    match result {
        Ok(Snapshot { action, status, .. }) => format!(
            "ok: {} {}",
            action.as_ref().unwrap(),
            status.as_ref().unwrap()
        ),
        Err(error) => error.to_string(),
    }
}

#[rustfmt::skip]
const SNAPSHOTS: &[(&[&str], &str)] = &[
    (&["CREATE IN_PROGRESS", "CREATE IN_PROGRESS", "CREATE COMPLETE"], "ok: CREATE COMPLETE"),
    (&["503", "503", "503", "503", "503", "CREATE COMPLETE"], "ok: CREATE COMPLETE"),
    (&["CREATE IN_PROGRESS", "CREATE FAILED"], "snapshot \"7\" of stack \"web\": CREATE_FAILED: because"),
    (&["CREATE IN_PROGRESS", "DELETE IN_PROGRESS"],
        "snapshot \"7\" of stack \"web\": superseded by DELETE: it was DELETE_IN_PROGRESS"),
    (&["CREATE IN_PROGRESS", "404"],
        "snapshot \"7\" of stack \"web\": superseded by DELETE: it was CREATE_IN_PROGRESS"),
    (&["DELETE IN_PROGRESS", "404"], "ok: DELETE COMPLETE"),
    (&["DELETE IN_PROGRESS", "DELETE FAILED"], "snapshot \"7\" of stack \"web\": DELETE_FAILED: because"),
    (&["404"], "wait for snapshot \"7\" of stack \"web\": 404 Not Found: snapshot with id 7 not found"),
    (&["403"], "wait for snapshot \"7\" of stack \"web\": 403 Forbidden"),
    (&["503"], "wait for snapshot \"7\" of stack \"web\": 503 Service Unavailable"),
];

#[tokio::test]
async fn snapshots_are_waited_for() {
    let stage = Stage::with_stopped_clock().await;
    let path = format!("{}/snapshots/7", stage.path());
    let wait = || {
        stage
            .heat
            .snapshots()
            .wait(&stage.web, "7")
            .interval(SECOND)
    };
    for (statuses, end) in SNAPSHOTS {
        script(&stage, &path, "snapshot", statuses);
        let result = stage.end(wait()).await;
        let text = snapshot_told(&result);
        assert!(text.starts_with(end), "{statuses:?}: {text}");
        if let Err(error) = result {
            let is_superseded = error.superseded_by() == Some(&Action::Delete);
            assert_eq!(is_superseded, end.contains("superseded"), "{error}");
        }
        stage.sandbox.clear_faults();
    }
    script(&stage, &path, "snapshot", &["CREATE IN_PROGRESS"]);
    let error = stage.end(wait().timeout(9 * SECOND)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WaitTimeout);
    let expected = "wait for snapshot \"7\" of stack \"web\": timed out after 9s; the snapshot is CREATE_IN_PROGRESS";
    assert_eq!(error.to_string(), expected);
}

fn deployment_told(result: &Result<SoftwareDeployment, Error>) -> String {
    match result {
        Ok(SoftwareDeployment { status, .. }) => format!("ok: {}", status.as_ref().unwrap()),
        Err(error) => error.to_string(),
    }
}

#[rustfmt::skip]
const DEPLOYMENTS: &[(&[&str], &str)] = &[
    (&["CREATE IN_PROGRESS", "CREATE COMPLETE"], "ok: COMPLETE"),
    (&["503", "503", "503", "503", "503", "UPDATE COMPLETE"], "ok: COMPLETE"),
    (&["CREATE IN_PROGRESS", "CREATE FAILED"], "deployment \"7\": CREATE_FAILED: because"),
    (&["CREATE IN_PROGRESS", "404"], "deployment \"7\": superseded by DELETE: it was CREATE_IN_PROGRESS"),
    (&["404"], "wait for deployment \"7\": 404 Not Found: software_deployment with id 7 not found"),
    (&["403"], "wait for deployment \"7\": 403 Forbidden"),
    (&["503"], "wait for deployment \"7\": 503 Service Unavailable"),
];

#[tokio::test]
async fn deployments_are_waited_for() {
    let stage = Stage::with_stopped_clock().await;
    let path = "/software_deployments/7";
    let wait = || stage.heat.software_deployments().wait("7").interval(SECOND);
    for (statuses, end) in DEPLOYMENTS {
        script(&stage, path, "software_deployment", statuses);
        let result = stage.end(wait()).await;
        let text = deployment_told(&result);
        assert!(text.starts_with(end), "{statuses:?}: {text}");
        if let Err(error) = result
            && end.contains("FAILED")
        {
            let [failure] = error.failures() else {
                panic!("{error:?}");
            };
            let log = failure.deployment.as_ref().unwrap();
            assert_eq!(log.stdout.as_deref(), Some("out"));
            assert_eq!(log.stderr.as_deref(), Some("err"));
            assert_eq!((log.status_code, &log.status), (Some(3), &Status::Failed));
        }
        stage.sandbox.clear_faults();
    }
    script(&stage, path, "software_deployment", &["CREATE IN_PROGRESS"]);
    let error = stage.end(wait().timeout(9 * SECOND)).await.unwrap_err();
    let expected =
        "wait for deployment \"7\": timed out after 9s; the deployment is CREATE_IN_PROGRESS";
    assert_eq!(error.to_string(), expected);
}
