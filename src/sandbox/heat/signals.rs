//! Signals to resources, marks on unhealthy ones, and the signed URLs of the CloudFormation API.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::HOST;
use http::{Method, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::Value;

use super::engine::{add_event, record_event};
use super::error::{Refusal, Result};
use super::request::{Request, ok};
use super::resource_types::Type;
use super::stack::{Action, Resource, Stack, State, Status};
use super::wait_conditions::{self, Malformed};
use super::{Heat, hooks, plain, python, software};
use crate::sandbox::call::{self, Answer, Call};
use crate::sandbox::clock;
use crate::sandbox::stack_users::{StackUser, StackUsers};

impl Request<'_> {
    /// `POST .../resources/NAME/signal`
    pub(super) fn signal(&self, stack: &Stack, name: &str) -> Result<Answer> {
        self.allow_signal(stack, "resource:signal")?;
        let details = match self.call.body.is_empty() {
            true => Value::Null,
            false => self.json()?,
        };
        match signal(stack, name, &details) {
            // Heat answers before it reads the signal.
            Ok(()) | Err(Refused::Malformed) => Ok(ok(&Value::Null)),
            Err(Refused::Refusal(refusal)) => Err(refusal),
        }
    }

    /// `PATCH .../resources/NAME`
    pub(super) fn mark_unhealthy(&self, stack: &Stack, name: &str) -> Result<Answer> {
        self.allow("resource:mark_unhealthy")?;
        let Value::Object(body) = self.json()? else {
            return Err(Refusal::malformed());
        };
        let known = ["mark_unhealthy", "resource_status_reason"];
        let unknown = body.keys().filter(|key| !known.contains(&key.as_str()));
        let unknown: Vec<_> = unknown.map(|key| format!("'{key}'")).collect();
        if !unknown.is_empty() {
            return Err(Refusal::bad_request(format!(
                "Invalid keys in resource mark unhealthy {{{}}}",
                unknown.join(", ")
            )));
        }
        let unhealthy = body.get("mark_unhealthy").ok_or_else(|| {
            Refusal::bad_request(
                "Missing mandatory (mark_unhealthy) key from mark unhealthy request",
            )
        })?;
        let text = match unhealthy {
            Value::Null => "None".to_owned(),
            other => python::text(other),
        };
        let unhealthy = match text.to_ascii_lowercase().as_str() {
            "true" => true,
            "false" => false,
            _ => {
                return Err(Refusal::bad_request(format!(
                    "Unrecognized value \"{text}\" for \"mark_unhealthy\", acceptable values are: true, false."
                )));
            }
        };
        let reason = match body.get("resource_status_reason") {
            None => "",
            Some(reason) => reason.as_str().ok_or_else(Refusal::malformed)?,
        };
        mark(stack, name, unhealthy, reason)?;
        Ok(ok(&Value::Null))
    }

    /// Refuses readers, and users of other stacks' resources.
    fn allow_signal(&self, stack: &Stack, action: &str) -> Result<()> {
        if self.caller.is_stack_user && stack.user_project == self.project {
            return Ok(());
        }
        self.allow(action)
    }
}

fn mark(stack: &Stack, name: &str, unhealthy: bool, reason: &str) -> Result<()> {
    let mut state = stack.lock();
    if state.deleted.is_some() {
        return Err(Refusal::no_stack(&stack.name));
    }
    let by_id = |resource: &Resource| !name.is_empty() && resource.physical_id == name;
    let position = state
        .position(name)
        .or_else(|| state.resources.iter().position(by_id))
        .ok_or_else(|| missing(stack, name))?;
    let Some(resource) = state.resources.get(position) else {
        return Err(missing(stack, name));
    };
    if resource.status == Status::InProgress {
        let message = format!(
            "Stack {} already has an action ({}) in progress.",
            stack.name,
            state.action.name()
        );
        return Err(Refusal::new(
            StatusCode::CONFLICT,
            "ActionInProgress",
            message,
        ));
    }
    let reason = match reason {
        "" => "state changed by resource_mark_unhealthy api",
        reason => reason,
    };
    if unhealthy && resource.action != Action::Delete {
        record_event(&mut state, position, Action::Check, Status::Failed, reason);
    } else if !unhealthy && resource.is(Action::Check, Status::Failed) {
        record_event(
            &mut state,
            position,
            Action::Check,
            Status::Complete,
            reason,
        );
    }
    Ok(())
}

/// Why a signal has no effect.
enum Refused {
    Refusal(Refusal),
    /// The data has a wrong format.
    Malformed,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::Refusal(refusal)
    }
}

impl From<Malformed> for Refused {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

fn missing(stack: &Stack, name: &str) -> Refusal {
    let message = format!(
        "The Resource ({name}) could not be found in Stack {}.",
        stack.name
    );
    Refusal::not_found("ResourceNotFound", message)
}

/// Signals a resource: clears a hook, or does what its type does.
fn signal(stack: &Stack, name: &str, details: &Value) -> std::result::Result<(), Refused> {
    let mut state = stack.lock();
    if state.deleted.is_some() {
        return Err(Refusal::no_stack(&stack.name).into());
    }
    let position = state.position(name).ok_or_else(|| missing(stack, name))?;
    let Some(resource) = state.resources.get(position) else {
        return Err(missing(stack, name).into());
    };
    let (kind, action, status) = (resource.kind, resource.action, resource.status);
    let may_report = matches!(kind, Type::Software(kind) if kind.is_deployment());
    if matches!(action, Action::Suspend | Action::Delete) && !may_report {
        let action_name = action.name();
        let reason = format!("Cannot signal resource during {action_name}");
        add_event(&mut state, position, action, status, &reason);
        let message = format!("Signal resource during {action_name} is not supported.");
        return Err(Refusal::bad("NotSupported", message).into());
    }
    if let Some(hook) = details.get("unset_hook") {
        return Ok(clear_hook(stack, &mut state, position, hook)?);
    }
    if kind.is_handle() {
        return Ok(wait_conditions::signal(&mut state, position, details)?);
    }
    let Some(resource) = state.resources.get_mut(position) else {
        return Err(missing(stack, name).into());
    };
    if let Some(reason) = software::signal(resource, details)? {
        let event = resource.event(Action::Signal, resource.status, reason);
        state.events.push(event);
    }
    Ok(())
}

fn clear_hook(stack: &Stack, state: &mut State, position: usize, hook: &Value) -> Result<()> {
    let Some(resource) = state.resources.get_mut(position) else {
        return Ok(());
    };
    let wrong = |message: String| Err(Refusal::bad("InvalidBreakPointHook", message));
    let described = described(stack, resource);
    let text = || {
        let text = hook.as_str().map(str::to_owned);
        text.unwrap_or_else(|| hooks::repr(hook))
    };
    let Some(hook) = hook.as_str().filter(|hook| hooks::is_known(hook)) else {
        return wrong(format!("Invalid hook type \"{}\" for {described}", text()));
    };
    let pending = resource.hooks.len();
    resource.hooks.retain(|pending| *pending != hook);
    if resource.hooks.len() == pending {
        return wrong(format!("The \"{hook}\" hook is not defined on {described}"));
    }
    let (action, status) = (resource.action, resource.status);
    let reason = format!("Hook {hook} is cleared");
    add_event(state, position, action, status, &reason);
    Ok(())
}

/// `str(resource)`.
fn described(stack: &Stack, resource: &Resource) -> String {
    let (class, name) = (resource.kind.class(), &resource.name);
    let id = match resource.physical_id.as_str() {
        "" => String::new(),
        id => format!("[{id}] "),
    };
    format!(
        "{class} \"{name}\" {id}Stack \"{}\" [{}]",
        stack.name, stack.id
    )
}

/// The characters that Python's `quote` leaves.
const QUOTED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A text as a segment of a path.
pub(super) fn quoted(text: &str) -> String {
    utf8_percent_encode(text, QUOTED).to_string()
}

/// A URL that signals a resource without a token.
pub(super) fn signed_url(
    users: &StackUsers,
    user: &StackUser,
    stack: &Stack,
    resource: &str,
    route: &str,
    method: &str,
) -> String {
    let base = users.cloudformation_url();
    let arn = format!(
        "arn:openstack:heat::{}:stacks/{}/{}/resources/{resource}",
        stack.project, stack.name, stack.id
    );
    let path: Vec<_> = arn.split('/').map(quoted).collect();
    let url = format!("{base}{route}/{}", path.join("/"));
    let time = clock::seconds(clock::now());
    let mut params = vec![
        ("SignatureMethod".to_owned(), "HmacSHA256".to_owned()),
        ("SignatureVersion".to_owned(), "2".to_owned()),
        ("AWSAccessKeyId".to_owned(), user.access_key.clone()),
        ("Timestamp".to_owned(), time),
    ];
    let (host, rest) = url
        .strip_prefix("http://")
        .and_then(|rest| rest.split_once('/'))
        .unwrap_or_default();
    let path = format!("/{}", percent_decode_str(rest).decode_utf8_lossy());
    let signature = signature(user, method, host, &path, &params);
    params.push(("Signature".to_owned(), signature));
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&params)
        .finish();
    format!("{url}?{query}")
}

/// The signature of a request (AWS, version 2).
fn signature(
    user: &StackUser,
    method: &str,
    host: &str,
    path: &str,
    params: &[(String, String)],
) -> String {
    let mut params: Vec<_> = params.iter().collect();
    params.sort();
    let pairs = params
        .iter()
        .map(|(key, value)| format!("{}={}", quoted(key), quoted(value)));
    let query = pairs.collect::<Vec<_>>().join("&");
    let text = format!("{method}\n{host}\n{path}\n{query}");
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, user.secret_key.as_bytes());
    STANDARD.encode(ring::hmac::sign(&key, text.as_bytes()))
}

impl Heat {
    /// Answers a request to the CloudFormation API: only the signed URLs.
    pub(super) fn cloudformation(&self, call: &Call, path: &str) -> Answer {
        let mut params = call.query_pairs();
        let value = |name: &str| {
            let found = params.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.clone())
        };
        let Some(given) = value("Signature") else {
            let message = "The request signature does not conform to AWS standards";
            return xml(
                StatusCode::BAD_REQUEST,
                "Sender",
                "IncompleteSignature",
                message,
            );
        };
        let Some(key) = value("AWSAccessKeyId") else {
            let message = "Does not contain a valid AWS Access Key or certificate";
            return xml(
                StatusCode::FORBIDDEN,
                "Sender",
                "MissingAuthenticationToken",
                message,
            );
        };
        let Some(user) = self.store.users.by_access_key(&key) else {
            return failure();
        };
        params.retain(|(key, _)| key != "Signature");
        let host = call.header(&HOST).unwrap_or_default();
        let whole = percent_decode_str(&call.path).decode_utf8_lossy();
        if signature(&user, call.method.as_str(), host, &whole, &params) != given {
            return denied();
        }
        let decoded = percent_decode_str(path).decode_utf8_lossy();
        match decoded.split_once('/') {
            Some(("waitcondition", arn)) if call.method == Method::PUT => {
                self.signal_by_url(call, &user, arn, true)
            }
            Some(("signal", arn)) if call.method == Method::POST => {
                self.signal_by_url(call, &user, arn, false)
            }
            _ => plain::not_found(call),
        }
    }

    fn signal_by_url(&self, call: &Call, user: &StackUser, arn: &str, is_awaited: bool) -> Answer {
        let details = match call.body.is_empty() {
            true => Value::Null,
            false => serde_json::from_slice(&call.body).unwrap_or_default(),
        };
        // Heat fails so if the body is no JSON object.
        if !details.is_object() && (is_awaited || !call.body.is_empty()) {
            return failure();
        }
        let path: Vec<_> = arn.split('/').collect();
        let [_, name, id, "resources", resource] = path.as_slice() else {
            return failure();
        };
        let stack = self.store.by_id(id);
        let stack = stack.filter(|stack| stack.name == *name && stack.user_project == user.project);
        let Some(stack) = stack else {
            return denied();
        };
        let suspended = {
            let state = stack.lock();
            let found = state.resource(resource);
            found.is_some_and(|resource| resource.action == Action::Suspend)
        };
        // The user of a suspended resource is disabled.
        if suspended {
            return denied();
        }
        match signal(&stack, resource, &details) {
            Err(Refused::Malformed) if is_awaited => {
                let message = "The request processing has failed due to an internal error";
                let status = StatusCode::INTERNAL_SERVER_ERROR;
                xml(status, "Server", "InternalFailure", message)
            }
            Err(Refused::Refusal(refusal)) => {
                let message = format!(
                    "A bad or out-of-range value was supplied:{}",
                    refusal.into_message()
                );
                xml(
                    StatusCode::BAD_REQUEST,
                    "Sender",
                    "InvalidParameterValue",
                    &message,
                )
            }
            _ if is_awaited => {
                let body = format!("<resource>{}</resource>", escaped(resource));
                call::text(StatusCode::OK, XML, body)
            }
            _ => call::text(StatusCode::OK, "text/html; charset=UTF-8", String::new()),
        }
    }
}

const XML: &str = "application/xml; charset=UTF-8";

fn xml(status: StatusCode, kind: &str, code: &str, message: &str) -> Answer {
    let message = escaped(message);
    let body = format!(
        "<ErrorResponse><Error><Type>{kind}</Type><Code>{code}</Code><Message>{message}</Message></Error>\
         </ErrorResponse>"
    );
    call::text(status, XML, body)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn denied() -> Answer {
    let message = "User is not authorized to perform action";
    xml(StatusCode::FORBIDDEN, "Sender", "AccessDenied", message)
}

/// The answer to what makes Heat's API fail unexpectedly.
fn failure() -> Answer {
    call::text(
        StatusCode::INTERNAL_SERVER_ERROR,
        "text/plain",
        String::new(),
    )
}
