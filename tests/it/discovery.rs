//! The endpoints that keystoneauth chooses, and the requests it makes for that.
//!
//! `tests/discovery/record` records them. A deliberate difference is a rule below: our result is then the
//! recorded one of another case, or an error.

use std::collections::{BTreeMap, BTreeSet};

use heatclient::catalog::{ApiVersion, DiscoveryOptions, VersionRange};
use heatclient::testing::{self, ScriptedTransport};
use heatclient::{ErrorKind, Session};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Record {
    clouds: BTreeMap<String, Cloud>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Cloud {
    catalog: String,
    documents: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
struct Case {
    cloud: String,
    call: String,
    arguments: BTreeMap<String, Value>,
    requests: Vec<String>,
    url: Option<String>,
    version: Option<String>,
    #[serde(default)]
    microversions: Vec<String>,
    raises: Option<String>,
}

/// What a call did.
#[derive(Debug, PartialEq)]
struct Outcome {
    requests: Vec<String>,
    /// The path of the endpoint. `None` for an error.
    url: Option<String>,
    version: Option<String>,
    microversions: Vec<String>,
}

impl Case {
    fn text(&self, key: &str) -> Option<&str> {
        self.arguments.get(key).and_then(Value::as_str)
    }

    fn recorded(&self) -> Outcome {
        Outcome {
            requests: self.requests.clone(),
            url: self.url.clone(),
            version: self.version.clone(),
            microversions: self.microversions.clone(),
        }
    }

    fn options(&self) -> DiscoveryOptions {
        let flag =
            |value: Option<&Value>, default| value.and_then(Value::as_bool).unwrap_or(default);
        let given = |key: &str, default| flag(self.arguments.get(key), default);
        let allow = self.arguments.get("allow");
        let allowed = |key: &str, default| flag(allow.and_then(|allow| allow.get(key)), default);
        DiscoveryOptions::new()
            .allow_version_hack(given("allow_version_hack", true))
            .skip_discovery(given("skip_discovery", false))
            .allow_deprecated(allowed("allow_deprecated", true))
            .allow_experimental(allowed("allow_experimental", false))
            .allow_unknown(allowed("allow_unknown", false))
    }

    async fn ours(&self, cloud: &Cloud) -> Outcome {
        let documents = cloud.documents.clone();
        let wire = ScriptedTransport::new(move |request| match documents.get(request.path()) {
            Some(document) => testing::json(300, document),
            None => testing::json(404, serde_json::json!({"error": {"message": "not found"}})),
        });
        let token = testing::token().project("p1");
        let token = token.endpoint("service", &format!("http://cloud{}", cloud.catalog));
        let session = Session::builder(token).transport(wire.clone()).build();
        let versions = VersionRange::from_options(
            self.text("version"),
            self.text("min_version"),
            self.text("max_version"),
        );
        let adapter = session
            .adapter("service")
            .versions(versions.unwrap())
            .discovery(self.options())
            .build();
        let mut outcome = Outcome {
            requests: Vec::new(),
            url: None,
            version: None,
            microversions: Vec::new(),
        };
        let text = |version: ApiVersion| version.to_string();
        let result = match self.call.as_str() {
            "endpoint" => adapter.endpoint().await.map(|url| {
                outcome.url = Some(url.path().to_owned());
            }),
            "data" => adapter.endpoint_data().await.map(|data| {
                outcome.url = Some(data.url.path().to_owned());
                outcome.version = data.api_version.map(text);
                let range = data
                    .min_microversion
                    .into_iter()
                    .chain(data.max_microversion);
                outcome.microversions = range.map(text).collect();
            }),
            _ => adapter.api_version().await.map(|version| {
                outcome.version = version.map(text);
            }),
        };
        if let Err(error) = result {
            assert_eq!(error.kind(), ErrorKind::Discovery, "{error}");
        }
        let requests = wire.requests();
        outcome.requests = requests.iter().map(|r| r.path().to_owned()).collect();
        outcome
    }
}

/// A deliberate difference: why, and the case whose recorded result is ours. `None` for an error.
struct Difference {
    why: &'static str,
    like: Option<(String, BTreeMap<String, Value>)>,
}

fn difference(case: &Case) -> Option<Difference> {
    let mut arguments = case.arguments.clone();
    let like = |why, cloud: &str, arguments: &BTreeMap<String, Value>| {
        let like = Some((cloud.to_owned(), arguments.clone()));
        Some(Difference { why, like })
    };
    if case.call == "data" && case.text("version") == Some("1") {
        arguments.remove("version");
        arguments.insert("min_version".to_owned(), Value::from("1"));
        arguments.insert("max_version".to_owned(), Value::from("1.latest"));
        return like(
            "get_endpoint_data ignores `version`",
            &case.cloud,
            &arguments,
        );
    }
    let max = case.text("max_version");
    if case.text("min_version").is_none() && max.is_some_and(|max| max != "latest") {
        arguments.insert("min_version".to_owned(), Value::from("1"));
        let cloud = match case.cloud.as_str() {
            "/s malformed" => "/s two",
            "/s null" => "/s none",
            other => other,
        };
        return like(
            "a range without a lower end matches nothing",
            cloud,
            &arguments,
        );
    }
    match case.cloud.as_str() {
        "/s malformed" => like("one malformed entry is a TypeError", "/s two", &arguments),
        "/s null" => like("a malformed document is a TypeError", "/s none", &arguments),
        "/s experiments" if case.raises.as_deref() == Some("IndexError") => Some(Difference {
            why: "a list without a usable version is an IndexError",
            like: None,
        }),
        _ => None,
    }
}

#[tokio::test(start_paused = true)]
async fn endpoints_are_chosen_as_keystoneauth_chooses_them() {
    let record: Record = serde_json::from_str(include_str!("../discovery/cases.json")).unwrap();
    let mut reasons = BTreeSet::new();
    let mut wrong = Vec::new();
    for case in &record.cases {
        let ours = case.ours(&record.clouds[&case.cloud]).await;
        let expected = match difference(case) {
            None => {
                assert_eq!(case.raises, None, "{} {:?}", case.cloud, case.arguments);
                case.recorded()
            }
            Some(Difference { why, like }) => {
                let expected = match like {
                    Some((cloud, arguments)) => record
                        .cases
                        .iter()
                        .find(|other| {
                            other.cloud == cloud
                                && other.call == case.call
                                && other.arguments == arguments
                        })
                        .unwrap()
                        .recorded(),
                    None => case.recorded(),
                };
                if case.raises.is_some() || case.recorded() != expected {
                    reasons.insert(why);
                }
                expected
            }
        };
        if ours != expected {
            let Case {
                cloud,
                call,
                arguments,
                ..
            } = case;
            wrong.push(format!(
                "{cloud} {call} {arguments:?}\n  {ours:?}\n  {expected:?}"
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        record.cases.len(),
        wrong.join("\n")
    );
    // Each rule is needed.
    assert_eq!(reasons.len(), 5, "{reasons:?}");
    assert_eq!(record.cases.len(), 26 * 22);
}
