//! A request to Heat: its route, its stack and its body.

use std::sync::Arc;

use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::error::{Refusal, Result};
use super::stack::Stack;
use super::views::Views;
use super::{Caller, Heat, language, plain, python};
use crate::sandbox::call::{self, Answer, Call};

pub(super) struct Request<'a> {
    pub(super) call: &'a Call,
    pub(super) project: &'a str,
    pub(super) caller: &'a Caller,
    pub(super) heat: &'a Heat,
}

impl Request<'_> {
    pub(super) fn answer(&self, route: &[&str]) -> Result<Answer> {
        let method = &self.call.method;
        if self.caller.is_stack_user && !matches!(route, ["stacks", _, _, "resources", _, "signal"])
        {
            return Err(Refusal::policy("this action"));
        }
        match route {
            ["stacks"] if *method == Method::POST => self.create(),
            ["stacks"] => self.list(),
            ["stacks", "preview"] if *method == Method::POST => self.preview(),
            ["stacks", "detail"] if *method == Method::GET => Ok(self.list_detail()),
            ["stacks", name] => self.lookup(name, None),
            ["stacks", name, sub] if self.is_lookup(sub) => self.lookup(name, Some(sub)),
            ["stacks", name, id] => match *method {
                Method::GET => self.show(&*self.stack(name, id)?),
                Method::DELETE => {
                    self.allow("stacks:delete")?;
                    self.delete(&self.stack(name, id)?)
                }
                Method::PUT => self.update("stacks:update", name, id),
                _ => self.update("stacks:update_patch", name, id),
            },
            ["stacks", name, id, "preview"] if *method == Method::PUT => {
                self.preview_update("stacks:preview_update", name, id)
            }
            ["stacks", name, id, "preview"] => {
                self.preview_update("stacks:preview_update_patch", name, id)
            }
            ["stacks", name, id, "actions"] => {
                let stack = self.stack(name, id)?;
                self.act(&stack)
            }
            ["stacks", name, id, "snapshots", rest @ ..] => {
                let stack = self.stack(name, id)?;
                self.snapshots(&stack, rest)
            }
            ["stacks", name, id, "export"] => self.export(&*self.stack(name, id)?),
            ["stacks", name, id, "abandon"] => self.abandon(&self.stack(name, id)?),
            ["stacks", name, id, "resources", resource, "signal"] => {
                self.signal(&*self.stack(name, id)?, resource)
            }
            ["stacks", name, id, "resources", resource] if *method == Method::PATCH => {
                self.mark_unhealthy(&*self.stack(name, id)?, resource)
            }
            ["stacks", name, id, rest @ ..] => {
                let stack = self.stack(name, id)?;
                self.part(&stack, rest)
            }
            ["validate"] => self.validate(),
            ["software_configs"] => self.software_config(None),
            ["software_configs", id] => self.software_config(Some(id)),
            ["software_deployments", rest @ ..] => self.software_deployment(rest),
            ["build_info"] => {
                let revision = json!({"revision": "unknown"});
                Ok(ok(&json!({"api": revision, "engine": revision})))
            }
            ["services"] => self.services(),
            ["resource_types", rest @ ..] => self.resource_types(rest),
            ["template_versions"] => Ok(ok(&language::versions())),
            ["template_versions", version, "functions"] => self.template_functions(version),
            _ => Ok(plain::not_found(self.call)),
        }
    }

    fn is_lookup(&self, sub: &str) -> bool {
        match self.call.method {
            Method::GET => matches!(
                sub,
                "resources" | "events" | "template" | "actions" | "environment" | "files"
            ),
            Method::POST => sub == "actions",
            _ => false,
        }
    }

    /// Redirects the caller to the stack's own URL.
    fn lookup(&self, name: &str, sub: Option<&str>) -> Result<Answer> {
        let store = &self.heat.store;
        let stack = store
            .named(name, self.project)
            .or_else(|| store.by_id(name).filter(|stack| self.may_see(stack)))
            .ok_or_else(|| Refusal::no_stack(name))?;
        let mut location = self.views().url(&stack);
        if let Some(sub) = sub {
            location = format!("{location}/{sub}");
        }
        let pairs = self.call.query_pairs();
        if !pairs.is_empty() {
            let query = url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs(pairs)
                .finish();
            location = format!("{location}?{query}");
        }
        Ok(plain::found(self.call, &location))
    }

    fn may_see(&self, stack: &Stack) -> bool {
        stack.project == self.project
            || self.caller.admin
            || self.caller.is_stack_user && stack.user_project == self.project
    }

    /// The stack with this id and name, deleted or not.
    pub(super) fn stack(&self, name: &str, id: &str) -> Result<Arc<Stack>> {
        self.heat
            .store
            .by_id(id)
            .filter(|stack| stack.name == name && self.may_see(stack))
            .ok_or_else(|| Refusal::no_stack(name))
    }

    pub(super) fn views(&self) -> Views<'_> {
        Views {
            base: &self.call.base,
        }
    }

    /// Refuses readers.
    pub(super) fn allow(&self, action: &str) -> Result<()> {
        if self.caller.member {
            Ok(())
        } else {
            Err(Refusal::policy(action))
        }
    }

    /// The body as JSON; an empty body is an empty map.
    pub(super) fn json(&self) -> Result<Value> {
        if self.call.body.is_empty() {
            return Ok(json!({}));
        }
        serde_json::from_slice(&self.call.body)
            .map_err(|error| Refusal::bad_request(error.to_string()))
    }

    pub(super) fn body(&self) -> Result<Map<String, Value>> {
        match self.json()? {
            Value::Object(body) => Ok(body),
            _ => Err(Refusal::malformed()),
        }
    }

    pub(super) fn query(&self) -> Query {
        Query(self.call.query_pairs())
    }
}

/// The query of a request.
#[derive(Debug)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// The last value given for this key.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.0
            .iter()
            .rev()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    }

    pub(super) fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    }

    pub(super) fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    pub(super) fn flag(&self, key: &str) -> Result<Option<bool>> {
        self.get(key)
            .map(|value| match value.to_ascii_lowercase().as_str() {
                "true" => Ok(true),
                "false" => Ok(false),
                _ => Err(Refusal::bad_request(format!(
                    "Unrecognized value \"{value}\" for \"{key}\", acceptable values are: true, \
                     false."
                ))),
            })
            .transpose()
    }

    pub(super) fn number(&self, key: &str) -> Result<Option<u64>> {
        self.get(key)
            .map(|value| number(key, &Value::from(value)))
            .transpose()
    }
}

/// A non-negative number from a query or a body.
pub(super) fn number(key: &str, value: &Value) -> Result<u64> {
    let text = python::text(value);
    let number: i64 = text
        .parse()
        .map_err(|_| Refusal::bad_request(format!("Only integer is acceptable by '{key}'.")))?;
    u64::try_from(number).map_err(|_| {
        Refusal::bad_request(format!(
            "Value '{text}' is invalid for '{key}' which only accepts non-negative integer."
        ))
    })
}

pub(super) fn ok(document: &Value) -> Answer {
    call::json(StatusCode::OK, document)
}
