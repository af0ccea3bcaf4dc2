//! Tests that only a real Heat can pass: a template that Heat downloads.

use std::time::Duration;

use heatclient::heat::{Action, NewStack, StackUpdate, Validation};
use heatclient::template::Package;
use heatclient_test_support::cloud::Cloud;
use heatclient_test_support::scripted::Scripted;

const MINUTE: Duration = Duration::from_secs(60);

async fn delete(cloud: &Cloud, name: &str) {
    cloud.heat.stacks().delete(name).await.unwrap();
}

pub(crate) async fn a_template_is_downloaded_by_heat(cloud: &Cloud) {
    let (stacks, name) = (cloud.heat.stacks(), cloud.name("download"));
    let server = Scripted::start(|request| {
        let size = request.path.trim_matches(|c: char| !c.is_ascii_digit());
        let body = format!(
            "{{heat_template_version: 2021-04-16, parameters: {{size: {{type: number, default: {size}}}}}}}"
        );
        let length = body.len();
        format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
            .into()
    });
    let server = server.await;
    let package = |size: u32| Package::from_url(format!("{}/{size}.yaml", server.url));
    let valid = cloud.heat.templates().validate(Validation::new(package(1)));
    let size = &valid.await.unwrap().parameters["size"];
    assert_eq!(size.default, Some(1.into()));
    let preview = stacks.preview(NewStack::new(&name, package(2)));
    assert_eq!(preview.await.unwrap().parameters["size"], "2");
    let created = stacks.create(NewStack::new(&name, package(3))).await;
    let created = created.unwrap();
    let wait = stacks.wait(&created, Action::Create).timeout(3 * MINUTE);
    assert_eq!(wait.await.unwrap().parameters["size"], "3");
    let patch = |size| StackUpdate::existing().package(package(size));
    stacks.preview_update(&created, patch(4)).await.unwrap();
    for update in [patch(5), StackUpdate::new(package(5))] {
        stacks.update(&created, update).await.unwrap();
        let wait = stacks.wait(&created, Action::Update).timeout(3 * MINUTE);
        assert_eq!(wait.await.unwrap().parameters["size"], "5");
    }
    // Heat downloads that of a PATCH twice.
    let mut paths: Vec<_> = server.seen().into_iter().map(|seen| seen.path).collect();
    paths.dedup();
    let expected = [1, 2, 3, 4, 5].map(|size| format!("/{size}.yaml"));
    assert_eq!(paths, expected);
    delete(cloud, &name).await;
}
