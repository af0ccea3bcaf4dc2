//! The sandbox from the view of a client without knowledge of OpenStack.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

use super::{Fault, Sandbox, Service};
use crate::time::Clock;

mod faults;
mod identity;
mod snapshots;
mod stacks;

/// The step by which the clock advances.
const PACE: Duration = Duration::from_millis(10);

/// A client without knowledge of OpenStack.
struct Raw {
    client: Client<HttpConnector, Full<Bytes>>,
    token: Option<String>,
}

struct Got {
    status: StatusCode,
    headers: http::HeaderMap,
    body: Bytes,
}

impl Got {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap().to_str().unwrap()
    }

    /// The type and message of Heat's error.
    fn fault(&self) -> (String, String) {
        let error = &self.json()["error"];
        let text = |key: &str| error[key].as_str().unwrap_or_default().to_owned();
        (text("type"), text("message"))
    }
}

impl Raw {
    fn new() -> Self {
        Self {
            client: Client::builder(TokioExecutor::new()).build_http(),
            token: None,
        }
    }

    async fn logged_in(sandbox: &Sandbox) -> Self {
        Self::logged_in_as(sandbox, "demo").await
    }

    async fn logged_in_as(sandbox: &Sandbox, user: &str) -> Self {
        let mut raw = Self::new();
        let user = sandbox.credentials_of(user).unwrap();
        let body = password(&user.username, &user.password, &user.project_id);
        let got = raw
            .post(&format!("{}/auth/tokens", sandbox.auth_url()), &body)
            .await;
        assert_eq!(got.status, StatusCode::CREATED);
        raw.token = Some(got.header("x-subject-token").to_owned());
        raw
    }

    async fn send(
        &self,
        method: Method,
        url: &str,
        body: Option<&Value>,
    ) -> Result<Got, Box<dyn std::error::Error + Send + Sync>> {
        let mut request = Request::builder().method(method).uri(url);
        if let Some(token) = &self.token {
            request = request
                .header("X-Auth-Token", token)
                .header("X-Subject-Token", token);
        }
        let bytes = body
            .map(|body| Bytes::from(body.to_string()))
            .unwrap_or_default();
        if body.is_some() {
            request = request.header("Content-Type", "application/json");
        }
        let response = self.client.request(request.body(Full::new(bytes))?).await?;
        let (head, body) = response.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok(Got {
            status: head.status,
            headers: head.headers,
            body,
        })
    }

    async fn get(&self, url: &str) -> Got {
        self.send(Method::GET, url, None).await.unwrap()
    }

    async fn post(&self, url: &str, body: &Value) -> Got {
        self.send(Method::POST, url, Some(body)).await.unwrap()
    }

    /// Creates a stack and returns its URL.
    async fn create(&self, sandbox: &Sandbox, name: &str, template: &Value) -> String {
        let url = format!("{}/stacks", sandbox.orchestration_url());
        let got = self
            .post(&url, &json!({"stack_name": name, "template": template}))
            .await;
        assert_eq!(got.status, StatusCode::CREATED, "{:?}", got.body);
        got.header("location").to_owned()
    }

    /// Waits until no action is in progress, and returns the stack.
    async fn settled(&self, url: &str) -> Value {
        loop {
            let stack = self.get(url).await.json()["stack"].take();
            if !stack["stack_status"]
                .as_str()
                .unwrap()
                .ends_with("IN_PROGRESS")
            {
                return stack;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// The events as `name STATUS`, oldest first.
    async fn events(&self, url: &str) -> Vec<String> {
        let got = self.get(&format!("{url}/events?sort_dir=asc")).await.json();
        let text = |event: &Value, key: &str| event[key].as_str().unwrap().to_owned();
        let events = got["events"].as_array().unwrap().iter();
        events
            .map(|event| {
                format!(
                    "{} {}",
                    text(event, "resource_name"),
                    text(event, "resource_status")
                )
            })
            .collect()
    }
}

fn password(user: &str, password: &str, project: &str) -> Value {
    let domain = if user == "alice" { "acme" } else { "Default" };
    let user = json!({"name": user, "domain": {"name": domain}, "password": password});
    json!({"auth": {
        "identity": {"methods": ["password"], "password": {"user": user}},
        "scope": {"project": {"id": project}},
    }})
}

fn hot(resources: &Value) -> Value {
    json!({"heat_template_version": "2018-08-31", "resources": resources})
}

fn value(text: &Value) -> Value {
    json!({"type": "OS::Heat::Value", "properties": {"value": text}})
}
