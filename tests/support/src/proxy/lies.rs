//! Forged responses, and changed responses of a cloud.

use std::io::Write as _;

use fastrand::Rng;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

pub fn said(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!(
        "HTTP/1.1 {status} Said So\r\n{headers}content-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

pub fn lie(rng: &mut Rng, status: u16) -> Vec<u8> {
    let hint = rng.choice([
        "",
        "retry-after: 0\r\n",
        "retry-after: 1\r\n",
        "retry-after: soon\r\n",
        "retry-after: 99999999999999999999\r\n",
        "retry-after: Thu, 01 Jan 1970 00:00:00 GMT\r\n",
        "retry-after: Fri, 31 Dec 9999 23:59:59 GMT\r\n",
    ]);
    lie_with(rng, status, hint.unwrap())
}

pub fn lie_without_hint(rng: &mut Rng, status: u16) -> Vec<u8> {
    lie_with(rng, status, "")
}

fn lie_with(rng: &mut Rng, status: u16, hint: &str) -> Vec<u8> {
    const BODIES: [(&str, &str); 14] = [
        ("text/html", "<html><title>Sorry</title></html>"),
        ("text/html", ""),
        ("application/json", "{}"),
        ("application/json", "[]"),
        ("application/json", "null"),
        ("application/json", "{\"stack\": null}"),
        ("application/json", "{\"stack\": {}}"),
        ("application/json", "{\"stacks\": [{}]}"),
        ("application/json", "{\"token\": {}}"),
        ("application/json", "{\"versions\": [{\"id\": \"v9\"}]}"),
        (
            "application/json",
            "{\"error\": {\"message\": \"a\\nb\\u001b[0m\"}}",
        ),
        ("application/json", "{\"stacks\": ["),
        ("text/plain", "no\r\nyes"),
        ("application/octet-stream", "\u{0}\u{1}\u{fffd}"),
    ];
    let (content_type, body) = *rng.choice(&BODIES).unwrap();
    if matches!(status, 204 | 304) {
        return format!("HTTP/1.1 {status} Said So\r\n\r\n").into_bytes();
    }
    said(
        status,
        &format!("content-type: {content_type}\r\n{hint}"),
        body.as_bytes(),
    )
}

pub fn gzipped(answer: &[u8], broken: bool) -> Vec<u8> {
    let text = String::from_utf8_lossy(answer);
    let Some((head, body)) = text
        .split_once("\r\n\r\n")
        .filter(|(_, body)| !body.is_empty())
    else {
        return answer.to_vec();
    };
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body.as_bytes()).unwrap();
    let mut body = encoder.finish().unwrap();
    if broken {
        let middle = body.len() / 2;
        body[middle] ^= 0x55;
    }
    let head: String = head
        .lines()
        .filter(|line| !line.starts_with("content-length:"))
        .map(|line| format!("{line}\r\n"))
        .collect();
    let mut bytes = format!(
        "{head}content-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(&body);
    bytes
}

/// A 404 of an intermediary, without anything from OpenStack.
pub fn foreign_404(rng: &mut Rng) -> Vec<u8> {
    const BODIES: [(&str, &str); 5] = [
        (
            "content-type: text/html\r\n",
            "<html><body><h1>404 Not Found</h1></body></html>",
        ),
        ("content-type: text/html\r\n", ""),
        ("", ""),
        ("content-type: text/plain\r\n", "404 page not found\n"),
        (
            "content-type: application/json\r\n",
            "{\"message\":\"no Route matched with those values\"}",
        ),
    ];
    let (headers, body) = rng.choice(&BODIES).unwrap();
    said(404, headers, body.as_bytes())
}

/// Heat's 404 for a stack, as caused by a database replica that lags.
pub fn heat_404(stack: &str) -> Vec<u8> {
    let body = json!({
        "code": 404,
        "title": "Not Found",
        "explanation": "The resource could not be found.",
        "error": {
            "type": "EntityNotFound",
            "traceback": null,
            "message": format!("The Stack ({stack}) could not be found."),
        },
    });
    let id = "x-openstack-request-id: req-3f2e8b1c-0000-4000-8000-00000000late\r\n";
    let headers = format!("content-type: application/json\r\n{id}");
    said(404, &headers, body.to_string().as_bytes())
}

/// The position of the body of an answer, if it has one.
pub fn body_of(answer: &[u8]) -> Option<usize> {
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n")? + 4;
    (end < answer.len()).then_some(end)
}
