//! Answers of Heat's web library: HTML, JSON or plain text, depending on `Accept`.

use http::StatusCode;
use http::header::ACCEPT;
use serde_json::json;

use crate::sandbox::call::{self, Answer, Call};

pub(super) fn not_found(call: &Call) -> Answer {
    sentence(
        call,
        StatusCode::NOT_FOUND,
        "The resource could not be found.",
    )
}

pub(super) fn accepted(call: &Call) -> Answer {
    sentence(
        call,
        StatusCode::ACCEPTED,
        "The request is accepted for processing.",
    )
}

pub(super) fn found(call: &Call, location: &str) -> Answer {
    let explanation = "The resource was found at";
    let link = |url: &str| {
        format!(
            "{explanation} <a href=\"{url}\">{url}</a>;\nyou should be redirected automatically.\n\n"
        )
    };
    let escaped = location.replace('&', "&amp;");
    let mut answer = make(
        call,
        StatusCode::FOUND,
        &link(&escaped),
        &link(location),
        &format!("{explanation} {location}; you should be redirected automatically.  "),
    );
    call::locate(&mut answer, location);
    answer
}

fn sentence(call: &Call, status: StatusCode, sentence: &str) -> Answer {
    let html = format!("{sentence}<br /><br />\n\n\n");
    make(call, status, &html, &html, &format!("{sentence}\n\n   "))
}

fn make(call: &Call, status: StatusCode, html: &str, json: &str, plain: &str) -> Answer {
    let title = status.canonical_reason().unwrap_or_default();
    let line = format!("{} {title}", status.as_u16());
    let accept = call.header(&ACCEPT).unwrap_or_default();
    if accept.contains("text/html") || accept.contains("*/*") || accept.contains("text/*") {
        let body = format!(
            "<html>\n <head>\n  <title>{line}</title>\n </head>\n <body>\n  <h1>{line}</h1>\n  \
             {html}\n\n </body>\n</html>"
        );
        call::text(status, "text/html; charset=UTF-8", body)
    } else if accept.contains("application/json") || accept.contains("application/*") {
        call::json(
            status,
            &json!({"message": json, "code": line, "title": title}),
        )
    } else {
        call::text(
            status,
            "text/plain; charset=UTF-8",
            format!("{line}\n\n{plain}"),
        )
    }
}
