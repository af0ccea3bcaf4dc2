//! The health check, the version document and the list of services.

use http::header::ACCEPT;
use http::{Method, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::error::{Refusal, Result};
use super::request::{Request, ok};
use crate::sandbox::call::{self, Answer, Call};
use crate::sandbox::clock;

/// How often an engine reports, in seconds.
const REPORT_INTERVAL: i64 = 60;

const PAGE: &str = r##"<HTML>
<HEAD><TITLE>Healthcheck Status</TITLE></HEAD>
<BODY>

<H2>Result of 0 checks:</H2>
<TABLE bgcolor="#ffffff" border="1">
<TBODY>
<TR>

<TH>
Reason
</TH>
</TR>

</TBODY>
</TABLE>
<HR></HR>

</BODY>
</HTML>"##;

/// The health check of oslo.middleware, without any checks, as Heat configures it.
pub(super) fn check(call: &Call) -> Answer {
    if call.method == Method::HEAD {
        return call::empty(StatusCode::NO_CONTENT);
    }
    let accept = call.header(&ACCEPT).unwrap_or("*/*");
    let accepts = |kind: &str| accept.contains(kind);
    if accepts("text/plain") || accepts("*/*") || accepts("text/*") {
        call::text(StatusCode::OK, "text/plain; charset=UTF-8", String::new())
    } else if accepts("text/html") {
        call::text(StatusCode::OK, "text/html; charset=UTF-8", PAGE.to_owned())
    } else if accepts("application/json") || accepts("application/*") {
        let report = "{\n    \"detailed\": false,\n    \"reasons\": []\n}";
        call::text(StatusCode::OK, "application/json", report.to_owned())
    } else {
        call::text(StatusCode::OK, "text/plain; charset=UTF-8", String::new())
    }
}

pub(super) fn versions(call: &Call) -> Answer {
    let version = json!({
        "id": "v1.0",
        "status": "CURRENT",
        "links": [{"rel": "self", "href": format!("{}/v1/", call.base)}],
    });
    call::json(
        StatusCode::MULTIPLE_CHOICES,
        &json!({"versions": [version]}),
    )
}

/// The sandbox's only engine.
#[derive(Debug)]
pub(super) struct Engine {
    id: String,
    engine_id: String,
    started: Timestamp,
}

impl Engine {
    pub(super) fn new() -> Self {
        Self {
            id: crate::sandbox::uuid(),
            engine_id: crate::sandbox::uuid(),
            started: clock::now(),
        }
    }

    fn shown(&self) -> Value {
        let time = |time: Timestamp| time.strftime("%Y-%m-%dT%H:%M:%S%.6f").to_string();
        let reports = clock::now()
            .as_second()
            .saturating_sub(self.started.as_second())
            / REPORT_INTERVAL;
        let updated = jiff::SignedDuration::from_secs(reports * REPORT_INTERVAL);
        let updated = self.started.checked_add(updated).unwrap_or(self.started);
        json!({
            "id": self.id,
            "binary": "heat-engine",
            "engine_id": self.engine_id,
            "host": "sandbox",
            "hostname": "sandbox",
            "topic": "engine",
            "report_interval": REPORT_INTERVAL,
            "created_at": time(self.started),
            // Before its first report an engine has no such time.
            "updated_at": (reports > 0).then(|| time(updated)),
            "deleted_at": null,
            "status": "up",
        })
    }
}

impl Request<'_> {
    pub(super) fn services(&self) -> Result<Answer> {
        if !self.caller.admin {
            return Err(Refusal::policy("service:index"));
        }
        Ok(ok(&json!({"services": [self.heat.engine.shown()]})))
    }
}
