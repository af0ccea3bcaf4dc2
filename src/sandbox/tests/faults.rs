use std::pin::pin;

use super::*;

#[tokio::test]
async fn faults_befall_the_requests_they_are_meant_for() {
    let sandbox = Sandbox::start().await.unwrap();
    let raw = Raw::logged_in(&sandbox).await;
    let list = format!("{}/stacks", sandbox.orchestration_url());

    let busy = sandbox.fault(Fault::on(Method::GET, "/stacks").skip(1).times(2).status(
        503,
        &[("Retry-After", "7")],
        "busy",
    ));
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(raw.get(&list).await.status.as_u16());
    }
    assert_eq!(statuses, [200, 503, 503, 200]);
    assert_eq!(busy.hits(), 2);

    let elsewhere = sandbox.fault(Fault::on_any("/stacks").redirect(307, "http://other/"));
    let got = raw.get(&list).await;
    assert_eq!(
        (got.status.as_u16(), got.header("location")),
        (307, "http://other/")
    );
    elsewhere.remove();
    assert_eq!(raw.get(&list).await.status, StatusCode::OK);

    sandbox.fault(
        Fault::on(Method::GET, "/stacks")
            .service(Service::Identity)
            .status(500, &[], ""),
    );
    assert_eq!(
        raw.get(&list).await.status,
        StatusCode::OK,
        "that is another service"
    );
    sandbox.clear_faults();

    let delay = Duration::from_millis(120);
    sandbox.fault(Fault::on(Method::GET, "/stacks").times(1).delay(delay));
    let clock = Clock::stop();
    sandbox.clear_requests();
    let mut get = pin!(raw.get(&list));
    tokio::select! {
        biased;
        _ = &mut get => panic!("answered without a delay"),
        () = clock.until(|| sandbox.count_where(|_| true) == 1) => {}
    }
    let answer = clock.moving(delay / 4, get).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn connections_break_as_scripted() {
    let sandbox = Sandbox::start().await.unwrap();
    let list = format!("{}/stacks", sandbox.orchestration_url());
    let sources = |error: Box<dyn std::error::Error + Send + Sync>| {
        let mut text = error.to_string();
        let mut next = error.source();
        while let Some(source) = next {
            text = format!("{text}: {source}");
            next = source.source();
        }
        text
    };
    for (fault, expected) in [
        (Fault::on(Method::POST, "/stacks").reset(), "reset by peer"),
        (
            Fault::on(Method::POST, "/stacks").close(),
            "connection closed",
        ),
        (
            Fault::on(Method::POST, "/stacks").truncate_body(10),
            "end of file before message length",
        ),
    ] {
        let raw = Raw::logged_in(&sandbox).await;
        sandbox.fault(fault.clone().times(1));
        let body = json!({"stack_name": "once", "template": hot(&json!({}))});
        let Err(error) = raw.send(Method::POST, &list, Some(&body)).await else {
            panic!("answered in spite of {fault:?}");
        };
        let error = sources(error);
        assert!(error.contains(expected), "{fault:?}: {error}");
    }
    // Of the three, only the request with the truncated answer was handled.
    let raw = Raw::logged_in(&sandbox).await;
    assert_eq!(
        raw.get(&list).await.json()["stacks"]
            .as_array()
            .unwrap()
            .len(),
        1
    );

    sandbox.fault(
        Fault::on(Method::POST, "/stacks")
            .times(1)
            .after_handling()
            .reset(),
    );
    let body = json!({"stack_name": "lost", "template": hot(&json!({}))});
    assert!(raw.send(Method::POST, &list, Some(&body)).await.is_err());
    assert_eq!(
        raw.post(&list, &body).await.status,
        StatusCode::CONFLICT,
        "it was made"
    );

    sandbox.fault(Fault::on(Method::GET, "/stacks").times(1).no_answer());
    sandbox.clear_requests();
    let clock = Clock::stop();
    tokio::select! {
        biased;
        _ = raw.send(Method::GET, &list, None) => panic!("answered"),
        () = clock.until(|| sandbox.count_where(|_| true) == 1) => {}
    }
    assert_eq!(raw.get(&list).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_log_tells_requests_but_no_secrets() {
    let sandbox = Sandbox::start().await.unwrap();
    let raw = Raw::logged_in(&sandbox).await;
    raw.get(&format!("{}/stacks?limit=3", sandbox.orchestration_url()))
        .await;
    let requests = sandbox.requests();
    let [login, list] = requests.as_slice() else {
        panic!("{requests:?}")
    };
    assert_eq!(login.status, Some(StatusCode::CREATED));
    assert!(!login.had_token && login.body_length > 50 && login.took.is_some());
    assert_eq!(list.service, Service::Orchestration);
    assert_eq!(list.query, "limit=3");
    assert!(list.had_token);
    let text = format!("{requests:?} {sandbox:?}");
    assert!(!text.contains(raw.token.as_deref().unwrap()));
    assert_eq!(sandbox.logins(), 1);
    sandbox.clear_requests();
    assert_eq!(sandbox.count_where(|_| true), 0);
}
