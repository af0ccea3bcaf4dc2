//! What requests get of templates, environments and the files that they refer to.
//!
//! `packing.txt` holds the cases, in the form of `bad_documents.txt`.

use std::fmt::Write as _;

use heatclient::Error;
use heatclient::heat::Package;

use crate::bad_documents::{check_cases, told};

const CASES: &str = include_str!("packing.txt");

/// All that a package holds, a line for each part of it.
fn parts(result: &Result<Package, Error>) -> String {
    let Ok(package) = result else {
        return told(result);
    };
    let mut parts = String::new();
    if let Some(template) = package.template() {
        let _ = writeln!(parts, "template {}", local(template));
    }
    for (url, content) in package.files() {
        let _ = writeln!(parts, "file {} {:?}", local(url), local(content));
    }
    if let Some(environment) = package.environment() {
        let _ = writeln!(parts, "environment {}", local(environment));
    }
    for missing in package.missing_parameters() {
        let _ = writeln!(parts, "missing {missing:?}");
    }
    if package.depth() > 0 {
        let _ = writeln!(parts, "depth {}", package.depth());
    }
    parts + &told(result)
}

/// URLs of files as paths.
fn local(text: &str) -> String {
    text.replace("file:///", "/")
}

#[tokio::test]
async fn each_document_is_packed_as_heat_needs_it() {
    let cases = check_cases(CASES, "packing.txt", parts).await;
    assert!(cases >= 50, "{cases}");
}
