use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::object::object;
use super::words::words;
use super::{Link, Time, keep_raw, nullable};

words! {
    /// Whether a service of Heat answers.
    pub enum ServiceStatus {
        /// It reported within twice its interval.
        Up = "up",
        /// It did not report for longer.
        Down = "down",
    }
}

object! {
    /// A process of Heat's engine.
    pub struct Service {
        /// Its id in Heat's database.
        optional "id" => id: String,
        /// The program: `heat-engine`.
        optional "binary" => binary: String,
        /// The id of the engine, new with each start.
        optional "engine_id" => engine_id: String,
        /// The name of the host in Heat's configuration.
        optional "host" => host: String,
        /// The name of the host.
        optional "hostname" => hostname: String,
        /// The topic of its messages: `engine`.
        optional "topic" => topic: String,
        /// The interval of its reports in seconds.
        optional "report_interval" => report_interval: Option<u64>,
        /// When it started.
        optional "created_at" => created_at: Option<Time>,
        /// When it reported last.
        optional "updated_at" => updated_at: Option<Time>,
        /// When it was deleted.
        optional "deleted_at" => deleted_at: Option<Time>,
        /// Whether it answers.
        optional "status" => status: ServiceStatus,
    }
}

/// A version of Heat's API.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct ApiVersion {
    /// Its id: `v1.0`.
    pub id: String,
    /// Its status: `CURRENT`, `SUPPORTED`, `DEPRECATED` …
    #[serde(default, deserialize_with = "nullable")]
    pub status: String,
    /// Its URL (`self`), as the server sent it. Behind a proxy its host may be wrong.
    #[serde(default, deserialize_with = "nullable")]
    pub links: Vec<Link>,
    #[serde(skip)]
    raw: Map<String, Value>,
}

keep_raw!(ApiVersion);

/// The health of the API service, as its health check reports it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Health {
    /// Whether the service is to get requests.
    pub healthy: bool,
    /// The result of each check: `OK`, `DISABLED BY FILE`. It is empty if no checks are configured.
    pub reasons: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_written_as_it_came() {
        for text in [
            r#"{"id":"23f8f434","binary":"heat-engine","engine_id":"c0689e3e","host":"vm","hostname":"vm","topic":"engine","report_interval":60,"created_at":"2026-11-26T03:35:46.406721","updated_at":"2026-11-26T03:41:46.418188","deleted_at":null,"status":"up"}"#,
            r#"{"id":"1","binary":null,"report_interval":null,"updated_at":null,"status":"paused","new":{}}"#,
        ] {
            let service: Service = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&service).unwrap(), text);
            if let Some(at) = &service.updated_at {
                assert_eq!(
                    at.timestamp().unwrap().to_string(),
                    "2026-11-26T03:41:46.418188Z"
                );
                assert_eq!(service.status, ServiceStatus::Up);
            } else {
                assert_eq!(service.status.as_str(), "paused");
            }
        }
    }

    #[test]
    fn a_version_is_written_as_it_came() {
        let text = r#"{"id":"v1.0","status":"CURRENT","links":[{"rel":"self","href":"http://h/v1/"}],"new":1}"#;
        let version: ApiVersion = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&version).unwrap(), text);
        assert_eq!(version.links[0].href, "http://h/v1/");
    }
}
