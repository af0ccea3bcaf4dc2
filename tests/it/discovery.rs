//! The endpoints that keystoneauth chooses, and the requests it makes for that.
//!
//! `tests/discovery/record` records them. A deliberate difference is a rule below: our result is then the
//! recorded one of another case.

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

/// Deliberate differences: why, and the cloud and arguments of the case whose recorded result is ours.
struct Differences<'a> {
    why: Vec<&'static str>,
    cloud: &'a str,
    arguments: BTreeMap<String, Value>,
}

impl<'a> Differences<'a> {
    fn of(case: &'a Case) -> Self {
        let mut found = Self {
            why: Vec::new(),
            cloud: &case.cloud,
            arguments: case.arguments.clone(),
        };
        if case.call == "data" && case.text("version") == Some("1") {
            found.why.push("get_endpoint_data ignores `version`");
            found.arguments.remove("version");
            found.set("min_version", "1");
            found.set("max_version", "1.latest");
        }
        let max = case.text("max_version");
        if case.text("min_version").is_none() && max.is_some_and(|max| max != "latest") {
            found
                .why
                .push("a range without a lower end matches nothing");
            found.set("min_version", "1");
        }
        match case.cloud.as_str() {
            "/s malformed" => {
                found.why.push("a malformed entry is a TypeError");
                found.cloud = "/s two";
            }
            "/s null" => {
                found.why.push("a malformed document is a TypeError");
                found.cloud = "/s none";
            }
            _ => {}
        }
        found
    }

    fn set(&mut self, argument: &str, value: &str) {
        self.arguments
            .insert(argument.to_owned(), Value::from(value));
    }

    /// Our result.
    fn result(&mut self, case: &Case, record: &Record) -> Outcome {
        let same = |other: &&Case| {
            other.cloud == self.cloud
                && other.call == case.call
                && other.arguments == self.arguments
        };
        let like = record.cases.iter().find(same).unwrap();
        match like.raises.as_deref() {
            None => {}
            Some("IndexError") => self
                .why
                .push("a list without a usable version is an IndexError"),
            Some(other) => panic!("{other} of {} {:?}", case.cloud, case.arguments),
        }
        let mut expected = like.recorded();
        let requests = expected.requests.len();
        expected.requests.dedup();
        if expected.requests.len() < requests {
            self.why.push("a failed request is repeated");
        }
        expected
    }
}

#[tokio::test(start_paused = true)]
async fn endpoints_are_chosen_as_keystoneauth_chooses_them() {
    let record: Record = serde_json::from_str(include_str!("../discovery/cases.json")).unwrap();
    let mut reasons = BTreeSet::new();
    let mut wrong = Vec::new();
    for case in &record.cases {
        let ours = case.ours(&record.clouds[&case.cloud]).await;
        let mut differences = Differences::of(case);
        let expected = differences.result(case, &record);
        if case.raises.is_some() || case.recorded() != expected {
            reasons.extend(differences.why);
        }
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
    assert_eq!(reasons.len(), 6, "{reasons:?}");
    assert_eq!(record.cases.len(), 26 * 22);
}
