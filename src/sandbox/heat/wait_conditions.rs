//! Wait conditions and the handles whose signals they wait for.

use std::sync::MutexGuard;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::engine::add_event;
use super::python;
use super::resource_types::Type;
use super::signals::{quoted, signed_url};
use super::stack::{Action, Resource, Stack, State, Store};
use crate::clock;

const SUCCESS: &str = "SUCCESS";
const FAILURE: &str = "FAILURE";

/// The keys of a signal: status, id, reason and data.
type Keys = [&'static str; 4];

const KEYS: Keys = ["status", "id", "reason", "data"];
const AWS_KEYS: Keys = ["Status", "UniqueId", "Reason", "Data"];

const fn keys(kind: Type) -> Keys {
    match kind {
        Type::AwsWaitConditionHandle => AWS_KEYS,
        _ => KEYS,
    }
}

/// Creates the user and the attributes of a handle.
pub(super) fn make_handle(
    store: &Store,
    stack: &Stack,
    resource: &mut Resource,
    properties: &Map<String, Value>,
) {
    let users = &store.users;
    let user = users.add(&resource.physical_name, &stack.user_project);
    resource.physical_id.clone_from(&user.id);
    let path = format!(
        "{}/stacks/{}/{}/resources/{}/signal",
        stack.user_project,
        stack.name,
        stack.id,
        quoted(&resource.name),
    );
    let endpoint = format!("{}/{path}", users.orchestration_url());
    let url = || signed_url(users, &user, stack, &resource.name, "/waitcondition", "PUT");
    if resource.kind == Type::AwsWaitConditionHandle {
        resource.held = json!({"url": url()});
        return;
    }
    let transport = properties.get("signal_transport").and_then(Value::as_str);
    let (mut token, mut signal) = (None, Value::Null);
    match transport.unwrap_or("TOKEN_SIGNAL") {
        "CFN_SIGNAL" => signal = json!({"alarm_url": url()}),
        "HEAT_SIGNAL" => {
            let mut credentials = users.credentials(&user);
            credentials.insert("alarm_url".to_owned(), endpoint.as_str().into());
            signal = credentials.into();
        }
        "NO_SIGNAL" => signal = json!({}),
        _ => token = Some(users.token(&user)),
    }
    let curl = token.as_ref().map(|token| {
        format!(
            "curl -i -X POST -H 'X-Auth-Token: {token}' -H 'Content-Type: application/json' -H 'Accept: \
             application/json' {endpoint}"
        )
    });
    resource.held = json!({
        "endpoint": token.as_ref().map(|_| endpoint),
        "token": token,
        "curl_cli": curl,
        "signal": python::json(&signal),
    });
}

/// The metadata of a resource: that of its template, and its signals.
pub(super) fn metadata(state: &State, resource: &Resource) -> Value {
    match &resource.signals {
        Some(signals) => signals.clone().into(),
        None => {
            let definition = state.settings.template.resource(&resource.name);
            definition.map_or_else(|| json!({}), |definition| definition.metadata.clone())
        }
    }
}

/// The reason why a signal is refused.
#[derive(Debug)]
pub(super) struct Malformed;

/// Stores a signal in the metadata of a handle, with its event.
pub(super) fn signal(state: &mut State, position: usize, details: &Value) -> Result<(), Malformed> {
    let Some(resource) = state.resources.get(position) else {
        return Err(Malformed);
    };
    let (kind, status) = (resource.kind, resource.status);
    let Value::Object(mut metadata) = metadata(state, resource) else {
        return Err(Malformed);
    };
    let reason = match entry(kind, details, &metadata)? {
        None => "No signal details provided".to_owned(),
        Some((id, entry, reason)) => {
            metadata.insert(id, entry.into());
            if let Some(resource) = state.resources.get_mut(position) {
                resource.signals = Some(metadata);
            }
            format!("Signal: {reason}")
        }
    };
    add_event(state, position, Action::Signal, status, &reason);
    Ok(())
}

/// A signal as it is stored: its id, its entry in the metadata, and the text for the event.
type Stored = (String, Map<String, Value>, String);

/// Reads a signal; `None` if it is empty.
fn entry(
    kind: Type,
    details: &Value,
    metadata: &Map<String, Value>,
) -> Result<Option<Stored>, Malformed> {
    let [status, id, reason, data] = keys(kind);
    let mut entry = match details {
        Value::Null if kind == Type::AwsWaitConditionHandle => return Ok(None),
        Value::Object(details) => details.clone(),
        other if kind != Type::AwsWaitConditionHandle && !python::is_true(other) => Map::new(),
        _ => return Err(Malformed),
    };
    if kind != Type::AwsWaitConditionHandle {
        let number = metadata.len() + 1;
        let mut default = |key: &str, value: Value| {
            entry.entry(key).or_insert(value);
        };
        default(reason, format!("Signal {number} received").into());
        default(data, Value::Null);
        default(id, number.into());
        default(status, SUCCESS.into());
    }
    let is_whole = entry.len() == 4 && keys(kind).iter().all(|key| entry.contains_key(*key));
    let known = entry.get(status).and_then(Value::as_str);
    if !is_whole || !matches!(known, Some(SUCCESS | FAILURE)) {
        return Err(Malformed);
    }
    let id = entry.shift_remove(id).unwrap_or_default();
    let text = |key: &str| entry.get(key).map_or_else(String::new, shown);
    let text = format!("status:{} reason:{}", text(status), text(reason));
    Ok(Some((shown(&id), entry, text)))
}

/// `str(value)`.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        other => python::text(other),
    }
}

/// The value of the attribute `data` of a wait condition; `None` for other resources.
pub(super) fn data(state: &State, resource: &Resource) -> Option<Value> {
    let name = match resource.kind {
        Type::WaitCondition => "data",
        Type::AwsWaitCondition => "Data",
        _ => return None,
    };
    let data = match handle(state, resource) {
        None => String::new(),
        Some(handle) => {
            let [_, _, _, key] = keys(handle.kind);
            let data = metadata(state, handle);
            let data = data
                .as_object()
                .into_iter()
                .flatten()
                .map(|(id, entry)| (id.clone(), entry.get(key).cloned().unwrap_or_default()));
            python::json(&data.collect::<Map<_, _>>().into())
        }
    };
    Some(json!({name: data}))
}

fn handle<'a>(state: &'a State, condition: &Resource) -> Option<&'a Resource> {
    let named = property(&condition.properties, "handle")?;
    state.resources.iter().find(|resource| {
        resource.kind.is_handle() && !resource.replaced && resource.reference() == *named
    })
}

/// A property of a wait condition, in either spelling.
fn property<'a>(properties: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let is_named = |key: &str| key.eq_ignore_ascii_case(name);
    let mut found = properties.iter().filter(|(key, _)| is_named(key));
    found.next().map(|(_, value)| value)
}

/// Removes the signals of a wait condition that is being deleted, or the user of a handle.
pub(super) fn deleted(store: &Store, state: &mut State, position: usize) {
    let Some(resource) = state.resources.get(position) else {
        return;
    };
    if resource.kind.is_handle() {
        store.users.remove(&resource.physical_id);
        return;
    }
    if !matches!(resource.kind, Type::WaitCondition | Type::AwsWaitCondition) {
        return;
    }
    let name = handle(state, resource).map(|handle| handle.name.clone());
    let position = name.and_then(|name| state.position(&name));
    if let Some(handle) = position.and_then(|position| state.resources.get_mut(position)) {
        handle.signals = Some(Map::new());
    }
}

/// Waits for the signals of a wait condition; `None` for other resources.
pub(super) async fn settle<'a>(
    lock: impl Fn() -> Option<MutexGuard<'a, State>>,
    position: usize,
) -> Option<Result<(), String>> {
    const PACE: Duration = Duration::from_millis(5);
    let started = clock::now();
    loop {
        {
            let Some(mut state) = lock() else {
                return Some(Ok(()));
            };
            let resource = state.resources.get(position)?;
            if !matches!(resource.kind, Type::WaitCondition | Type::AwsWaitCondition) {
                return None;
            }
            if let Some(outcome) = outcome(
                &mut state,
                position,
                clock::now().saturating_duration_since(started),
            ) {
                return Some(outcome);
            }
        }
        tokio::time::sleep(PACE).await;
    }
}

/// How a wait condition ends after this time; `None` while it waits.
fn outcome(state: &mut State, position: usize, waited: Duration) -> Option<Result<(), String>> {
    let resource = state.resources.get(position)?;
    let name = resource.name.clone();
    let named = property(&resource.properties, "handle").map_or_else(String::new, python::text);
    let number = |key: &str| property(&resource.properties, key).and_then(Value::as_f64);
    let timeout = number("timeout").unwrap_or_default();
    let count = number("count").unwrap_or(1.0);
    let Some(handle) = handle(state, resource) else {
        return Some(Err(format!(
            "ValueError: resources.{name}: {named} is not a valid wait condition handle."
        )));
    };
    let [status, _, reason, _] = keys(handle.kind);
    let signals = metadata(state, handle);
    let signals: Vec<_> = signals
        .as_object()
        .into_iter()
        .flat_map(Map::values)
        .collect();
    let reasons = |wanted: &str| {
        let of = signals
            .iter()
            .filter(|entry| entry.get(status).is_some_and(|is| is == wanted));
        let reasons = of.map(|entry| entry.get(reason).map_or_else(String::new, shown));
        reasons.collect::<Vec<_>>()
    };
    if waited.as_secs_f64() > timeout {
        let received = reasons(SUCCESS);
        let mut text = format!("{} of {count} received", received.len());
        if !received.is_empty() {
            text = format!("{text} - {}", received.join(";"));
        }
        return Some(Err(format!(
            "WaitConditionTimeout: resources.{name}: {text}"
        )));
    }
    if signals
        .iter()
        .any(|entry| entry.get(status).is_none_or(|is| is != SUCCESS))
    {
        let text = reasons(FAILURE).join(";");
        return Some(Err(format!(
            "WaitConditionFailure: resources.{name}: {text}"
        )));
    }
    let received = u32::try_from(signals.len()).unwrap_or(u32::MAX);
    if f64::from(received) >= count {
        return Some(Ok(()));
    }
    let transport = handle.properties.get("signal_transport");
    if transport.is_some_and(|transport| transport == "NO_SIGNAL") {
        let handle = handle.name.clone();
        let position = state.position(&handle)?;
        // An empty signal is well-formed.
        let _ = signal(state, position, &json!({}));
    }
    None
}
