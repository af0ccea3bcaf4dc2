//! A server that returns received secrets in various encodings.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::scripted::{Seen, answer, json};

/// A password that must not be shown.
pub const SECRET: &str = "hunter2-5ecret";

/// A token that must not be shown.
pub const TOKEN: &str = "gAAAAABm0-t0ken-0f-this-sessi0n-and-n0-other";

/// The ways in which a server may quote a request.
pub const ECHOES: usize = 9;

/// An error response that quotes the request in this way.
pub fn echo(way: usize, status: &str, seen: &Seen) -> Vec<u8> {
    let body = String::from_utf8_lossy(&seen.body).into_owned();
    let all = format!("{} {body}", seen.head.replace("\r\n", " "));
    let sent = [SECRET, TOKEN]
        .into_iter()
        .filter(|secret| all.contains(*secret));
    let sent = sent.collect::<Vec<_>>().join(",");
    let header = |name: &str, value: &str| answer(status, &format!("{name}: {value}\r\n"), "{}");
    match way {
        0 => {
            let fault = serde_json::json!({"title": all, "explanation": all,
                "error": {"message": all, "type": sent, "traceback": all}});
            json(status, &fault.to_string())
        }
        1 => answer(
            status,
            "content-type: text/html\r\n",
            &format!(
                "<title>{}</title>",
                all.replace('&', "&amp;").replace('"', "&#34;")
            ),
        ),
        2 => answer(status, "content-type: text/plain\r\n", &all),
        3 => header("content-type", &format!("text/{sent}")),
        4 => header("x-openstack-request-id", &format!("req-{sent}")),
        5 => {
            let basic = STANDARD.encode(format!("demo:{sent}"));
            let quoted = format!("bad authorization Basic {basic}");
            json(
                status,
                &serde_json::json!({"error": {"message": quoted}}).to_string(),
            )
        }
        6 => {
            let inner = serde_json::json!({"got": all}).to_string();
            json(
                status,
                &serde_json::json!({"error": {"message": inner}}).to_string(),
            )
        }
        // A success with an invalid body.
        7 => answer("200 OK", &format!("content-type: text/{sent}\r\n"), "?"),
        _ => answer(
            "302 Found",
            &format!(
                "location: http://{}.invalid/{sent}?x={sent}\r\n",
                sent.replace(',', ".")
            ),
            "",
        ),
    }
}

/// Asserts that the text contains no part of the secrets in any encoding. `way` is for the message.
#[track_caller]
pub fn no_secrets(text: &str, way: usize) {
    let basic = STANDARD.encode(format!("demo:{SECRET}"));
    let quoted = serde_json::to_string(&format!("{SECRET}\"")).unwrap();
    for secret in [SECRET, TOKEN, &TOKEN[..16], &basic[7..], &quoted] {
        assert!(!text.contains(secret), "echo {way}: {secret} in {text}");
    }
}
