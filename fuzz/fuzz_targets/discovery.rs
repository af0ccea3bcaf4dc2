//! A URL, header lines and a body, parted by line feeds, as a version document: it is refused, or all its versions are on the
//! host that sent it.

#![no_main]

use bytes::Bytes;
use heatclient::catalog::VersionDocument;
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (head, body) = text.split_once("\n\n").unwrap_or(("http://heat.example/v1/", text));
    let mut lines = head.lines();
    let Some(Ok(url)) = lines.next().map(str::parse::<Uri>) else {
        return;
    };
    if url.host().is_none() || url.scheme().is_none() {
        return;
    }
    let mut headers = HeaderMap::new();
    for line in lines.take(100) {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        if let (Ok(name), Ok(value)) = (name.trim().parse::<HeaderName>(), HeaderValue::from_str(value.trim())) {
            headers.append(name, value);
        }
    }
    match VersionDocument::parse(&url, &headers, &Bytes::from(body.to_owned())) {
        Ok(document) => {
            for version in document.versions() {
                assert_eq!(version.url.scheme(), url.scheme(), "{version:?}");
                assert_eq!(version.url.authority(), url.authority(), "{version:?}");
            }
            for major in 0..4 {
                let _ = document.choose(major);
            }
        }
        Err(error) => assert!(!error.to_string().contains('\n'), "{error}"),
    }
});
