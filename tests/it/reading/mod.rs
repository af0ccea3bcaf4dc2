//! Reading documents: refused references, and servers that misbehave.

mod limits;
mod places;
mod redirects;
mod tokens;

use heatclient::Error;
use heatclient::template::{Package, Packer};
use heatclient::template::{Policy, Source};
use heatclient_test_support::scripted::{Scripted, answer};

const VERSION: &str = "heat_template_version: 2021-04-16\n";

/// A template that refers to one file.
fn with_file(reference: &str) -> String {
    format!("{VERSION}a: {{get_file: {reference:?}}}\n")
}

fn ok(body: &str) -> Vec<u8> {
    answer("200 OK", "", body)
}

fn redirect(status: &str, location: &str) -> Vec<u8> {
    answer(status, &format!("location: {location}\r\n"), "")
}

/// A server with documents. It answers 404 for others.
async fn serve(documents: Vec<(&'static str, Vec<u8>)>) -> Scripted {
    Scripted::start(move |seen| {
        let found = documents.iter().find(|(path, _)| *path == seen.path);
        found.map_or_else(
            || answer("404 Not Found", "", ""),
            |(_, answer)| answer.clone(),
        )
    })
    .await
}

fn paths(server: &Scripted) -> Vec<String> {
    server.seen().into_iter().map(|seen| seen.path).collect()
}

fn authority(server: &Scripted) -> &str {
    server.url.strip_prefix("http://").unwrap()
}

fn text(text: &str, base: &str) -> Source {
    Source::text(text).beside(base)
}

async fn pack(source: impl Into<Source>, policy: Policy) -> Result<Package, Error> {
    Packer::new().template(source).policy(policy).pack().await
}

/// The message of the only problem.
async fn refused(source: impl Into<Source>, policy: Policy) -> String {
    let error = pack(source, policy).await.unwrap_err();
    let debug = format!("{error:?}");
    assert!(!debug.contains("5ecret"), "{debug}");
    assert_eq!(error.problems().len(), 1, "{error}");
    error.problems()[0].message.clone()
}

fn text_beside(template: &str, server: &Scripted) -> Source {
    text(template, &server.url)
}
