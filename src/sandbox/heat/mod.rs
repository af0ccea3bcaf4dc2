//! Heat: authentication, routing and answers.

mod abandon;
mod adopt;
mod delay;
mod engine;
mod environment;
mod error;
mod fill;
mod functions;
mod groups;
mod health;
mod hooks;
mod language;
mod list;
mod members;
mod nested;
mod order;
mod parameters;
mod parts;
mod pattern;
mod plain;
mod python;
mod random;
mod request;
mod resource_types;
mod schemas;
mod signals;
mod snapshots;
mod software;
mod stack;
mod stacks;
mod template;
mod validate;
mod views;
mod wait_conditions;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::header::{ALLOW, WWW_AUTHENTICATE};
use http::{Method, StatusCode};
use serde_json::json;

pub use self::resource_types::RESOURCE_TYPES;

use self::error::Refusal;
use self::request::Request;
use self::stack::Store;
use super::call::{self, Answer, Call, X_AUTH_TOKEN, X_SERVICE_TOKEN};
use super::directory::User;
use super::identity::Identity;
use super::lock;
use super::stack_users::StackUsers;
use super::tokens::{Scope, Token};

/// The maximum size of a request in bytes.
const MAX_BODY: usize = 1 << 20;

#[derive(Debug)]
pub(super) struct Heat {
    store: Arc<Store>,
    stack_delay: Mutex<Duration>,
    engine: health::Engine,
}

/// The caller of a request.
#[derive(Debug)]
struct Caller {
    user: String,
    admin: bool,
    /// Whether the caller may make changes.
    member: bool,
    /// Whether it is the user of a resource, who may signal resources of its stack and nothing else.
    is_stack_user: bool,
}

impl Heat {
    pub(super) fn new(stack_delay: Duration, users: Arc<StackUsers>) -> Self {
        let store = Arc::new(Store::new(users));
        Self {
            store,
            stack_delay: Mutex::new(stack_delay),
            engine: health::Engine::new(),
        }
    }

    pub(super) fn set_stack_delay(&self, delay: Duration) {
        *lock(&self.stack_delay) = delay;
    }

    fn stack_delay(&self) -> Duration {
        *lock(&self.stack_delay)
    }

    pub(super) fn respond(&self, identity: &Identity, call: &Call) -> Answer {
        // Heat passes paths below it on, too.
        if call.path == "/healthcheck" || call.path.starts_with("/healthcheck/") {
            return health::check(call);
        }
        let mut answer = self.answer(identity, call);
        call::stamp_request_id(&mut answer);
        answer
    }

    fn answer(&self, identity: &Identity, call: &Call) -> Answer {
        if matches!(call.path.as_str(), "/" | "") {
            return health::versions(call);
        }
        if let Some(path) = call.path.strip_prefix("/cfn/v1/") {
            return self.cloudformation(call, path);
        }
        let segments = call.segments();
        let [version, rest @ ..] = segments.as_slice() else {
            return plain::not_found(call);
        };
        if version != "v1" {
            return plain::not_found(call);
        }
        let token = call
            .header(&X_AUTH_TOKEN)
            .and_then(|id| identity.find_token(id));
        let Some(token) = token else {
            return unauthorized(identity);
        };
        if call
            .header(&X_SERVICE_TOKEN)
            .is_some_and(|id| !is_of_service(identity, id))
        {
            return unauthorized(identity);
        }
        let [project, route @ ..] = rest else {
            return plain::not_found(call);
        };
        let route: Vec<String> = route.iter().map(|part| as_read(part)).collect();
        let route: Vec<&str> = route.iter().map(String::as_str).collect();
        let caller = caller(identity, &token);
        if route.is_empty() || route.contains(&"") {
            return plain::not_found(call);
        }
        // Administrators may name any project in the URL: what they list, create and find by name is of their own.
        let own = match &token.scope {
            Scope::Project(id) if caller.admin || id == project => id,
            _ => return Refusal::foreign_project().answer(),
        };
        if call.body.len() > MAX_BODY {
            let message = format!(
                "Request limit exceeded: JSON body size ({} bytes) exceeds maximum allowed size \
                 ({MAX_BODY} bytes).",
                call.body.len()
            );
            return Refusal::bad("RequestLimitExceeded", message).answer();
        }
        let Some(methods) = methods(&route) else {
            return plain::not_found(call);
        };
        if call.method == Method::OPTIONS {
            let mut answer = call::empty(StatusCode::NO_CONTENT);
            call::set(&mut answer, ALLOW, methods);
            return answer;
        }
        if !methods
            .split(',')
            .any(|method| method == call.method.as_str())
        {
            return Refusal::wrong_method().answer();
        }
        let request = Request {
            call,
            project: own,
            caller: &caller,
            heat: self,
        };
        request
            .answer(&route)
            .unwrap_or_else(|refusal| refusal.answer())
    }
}

/// The methods of a route; `None` if there is no such route.
fn methods(route: &[&str]) -> Option<&'static str> {
    Some(match route {
        ["stacks"] => "GET,POST",
        ["stacks", "preview"] => "POST,GET,PUT,PATCH,DELETE",
        ["stacks", _] => "GET,POST,PUT,PATCH,DELETE",
        [
            "stacks",
            _,
            "resources" | "events" | "template" | "environment" | "files",
        ] => "GET,PUT,PATCH,DELETE",
        ["stacks", _, "actions"] => "GET,POST,PUT,PATCH,DELETE",
        ["stacks", _, _] => "GET,PUT,PATCH,DELETE",
        [
            "stacks",
            _,
            _,
            "template" | "environment" | "files" | "outputs" | "export",
        ] => "GET",
        ["stacks", _, _, "preview"] => "PUT,PATCH",
        ["stacks", _, _, "actions"] | ["stacks", _, _, "snapshots", _, "restore"] => "POST",
        ["stacks", _, _, "snapshots"] => "POST,GET",
        ["stacks", _, _, "snapshots", _] => "GET,DELETE",
        ["stacks", _, _, "abandon"] => "DELETE",
        ["stacks", _, _, "events" | "resources"]
        | ["stacks", _, _, "outputs", _]
        | ["stacks", _, _, "resources", _, "events" | "metadata"]
        | ["stacks", _, _, "resources", _, "events", _]
        | ["build_info" | "services" | "template_versions" | "resource_types"]
        | ["resource_types", _]
        | ["resource_types", _, "template"]
        | ["template_versions", _, "functions"] => "GET",
        ["stacks", _, _, "resources", _] => "GET,PATCH",
        ["stacks", _, _, "resources", _, "signal"] | ["validate"] => "POST",
        ["software_configs" | "software_deployments"] => "GET,POST",
        ["software_configs", _] => "GET,DELETE",
        ["software_deployments", _] => "GET,PUT,DELETE",
        ["software_deployments", "metadata", _] => "GET",
        _ => return None,
    })
}

fn caller(identity: &Identity, token: &Token) -> Caller {
    let user = identity.directory.user(&token.user_id);
    Caller {
        is_stack_user: user.is_none(),
        user: user.map(|user| user.name.clone()).unwrap_or_default(),
        admin: user.is_some_and(User::is_admin),
        member: user.is_some_and(|user| user.roles.contains(&"member")),
    }
}

/// Whether a token is that of a service, in a scope.
fn is_of_service(identity: &Identity, id: &str) -> bool {
    let token = identity.find_token(id);
    token.is_some_and(|token| {
        let user = identity.directory.user(&token.user_id);
        token.scope != Scope::Unscoped && user.is_some_and(User::is_service)
    })
}

/// A segment of a path as Heat reads it: as Latin-1, with encoded slashes left as they are.
fn as_read(segment: &str) -> String {
    let text: String = segment.bytes().map(char::from).collect();
    text.replace('/', "%2F")
}

/// The answer of the token middleware in front of Heat.
fn unauthorized(identity: &Identity) -> Answer {
    let error = json!({
        "code": 401,
        "title": "Unauthorized",
        "message": "The request you have made requires authentication.",
    });
    let mut answer = call::json(StatusCode::UNAUTHORIZED, &json!({"error": error}));
    let challenge = format!("Keystone uri=\"{}\"", identity.root_url());
    call::set(&mut answer, WWW_AUTHENTICATE, &challenge);
    answer
}
