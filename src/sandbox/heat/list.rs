//! `GET /stacks`: filters and pages.

use std::sync::Arc;

use http::StatusCode;
use serde_json::json;

use super::error::{Refusal, Result};
use super::order::Order;
use super::request::{Query, Request};
use super::stack::{Stack, State};
use super::views::Views;
use crate::sandbox::call::{self, Answer};

/// The keys of a filter; the first of each group is Heat's own.
const KEYS: &[&[&str]] = &[
    &["id"],
    &["name", "stack_name"],
    &["status", "stack_status"],
    &["action", "stack_action"],
    &["status_reason", "stack_status_reason"],
    &["timeout", "timeout_mins"],
    &["username", "stack_owner"],
    &["owner_id", "parent"],
    &["tenant"],
    &["stack_user_project_id"],
    &["disable_rollback"],
];

/// The filter of a list of stacks.
struct Filter<'a> {
    deleted: bool,
    nested: bool,
    /// The accepted values of each key that was given.
    values: Vec<(&'static str, Vec<&'a str>)>,
    tags: [(bool, bool, Option<Vec<&'a str>>); 4],
}

impl<'a> Filter<'a> {
    fn new(query: &'a Query) -> Result<Self> {
        let tags = |key| {
            let tags = query.get(key).filter(|tags| !tags.is_empty());
            tags.map(|tags: &str| tags.split(',').collect())
        };
        // The sandbox has no tags that hide a stack.
        query.flag("show_hidden")?;
        let mut values = Vec::new();
        for keys in KEYS {
            // Two names in Heat's database are no keys of the API.
            let own = ["status_reason", "timeout"];
            let known = keys.iter().filter(|key| !own.contains(key));
            let given: Vec<_> = known.flat_map(|key| query.all(key)).collect();
            if let (Some(key), false) = (keys.first(), given.is_empty()) {
                values.push((*key, given));
            }
        }
        let mut filter = Self {
            deleted: query.flag("show_deleted")?.unwrap_or(false),
            nested: query.flag("show_nested")?.unwrap_or(false),
            values,
            // Whether all tags are required, and whether stacks with them are excluded.
            tags: [
                (true, false, tags("tags")),
                (false, false, tags("tags_any")),
                (true, true, tags("not_tags")),
                (false, true, tags("not_tags_any")),
            ],
        };
        filter.split_status();
        // A defect of Heat 27: it looks for the single value of a filter among the columns of the tags.
        let is_lost = |(key, values): &(&str, Vec<&str>)| values.len() == 1 && *key != "id";
        if matches!(filter.tags.first(), Some((.., Some(_)))) && filter.values.iter().any(is_lost) {
            return Err(Refusal::unexpected("RemoteError"));
        }
        Ok(filter)
    }

    /// Splits a status such as `CREATE_FAILED` into an action and a status.
    fn split_status(&mut self) {
        let Some((_, given)) = self.values.iter_mut().find(|(key, _)| *key == "status") else {
            return;
        };
        let mut actions = Vec::new();
        let mut statuses = Vec::new();
        for text in given.iter() {
            let names = ["COMPLETE", "FAILED", "IN_PROGRESS"];
            let found = names.iter().find_map(|name| text.rfind(name));
            if let Some((action, status)) = found.and_then(|at| text.split_at_checked(at)) {
                statuses.push(status);
                actions.extend(action.strip_suffix('_').filter(|action| !action.is_empty()));
            }
        }
        statuses.sort_unstable();
        statuses.dedup();
        *given = statuses;
        if actions.is_empty() {
            return;
        }
        match self.values.iter_mut().find(|(key, _)| *key == "action") {
            Some((_, given)) => given.extend(actions),
            None => self.values.push(("action", actions)),
        }
    }

    fn keeps(&self, stack: &Stack) -> bool {
        let state = stack.lock();
        (self.deleted || state.deleted.is_none())
            && (self.nested || stack.parent.is_none())
            && self
                .values
                .iter()
                .all(|(key, values)| values.iter().any(|value| is(stack, &state, key, value)))
            && self.tags.iter().all(|(all, without, tags)| {
                let Some(tags) = tags else { return true };
                let has = |tag: &&str| state.tags.iter().any(|own| own == tag);
                let found = if *all {
                    tags.iter().all(has)
                } else {
                    tags.iter().any(has)
                };
                found != *without
            })
    }
}

fn is(stack: &Stack, state: &State, key: &str, value: &str) -> bool {
    match key {
        "id" => stack.id == value,
        "name" => stack.name == value,
        "status" => state.status.name() == value,
        "action" => state.action.name() == value,
        "status_reason" => state.reason == value,
        "timeout" => {
            let minutes = value.parse().ok();
            minutes.is_some() && state.timeout_mins == minutes
        }
        "username" => stack.owner == value,
        "owner_id" => stack
            .parent
            .as_ref()
            .is_some_and(|parent| parent.id == value),
        "tenant" => stack.project == value,
        "stack_user_project_id" => stack.user_project == value,
        // Heat compares this flag with a text, and finds nothing.
        _ => false,
    }
}

impl Request<'_> {
    pub(super) fn list(&self) -> Result<Answer> {
        let query = self.query();
        let limit = query.number("limit")?;
        let with_count = query.flag("with_count")?.unwrap_or(false);
        let filter = Filter::new(&query)?;
        // The policy of `tests/cloud`; Heat's default one allows it to nobody.
        if query.flag("global_tenant")?.unwrap_or(false) && !self.caller.admin {
            return Err(Refusal::policy("stacks:global_index"));
        }
        // Administrators see all projects, even without asking for them.
        let project = Some(self.project).filter(|_| !self.caller.admin);
        let order = Order::read(&query)?;
        let store = &self.heat.store;
        let marker = query.get("marker").and_then(|id| store.by_id(id));
        let most = limit
            .and_then(|limit| usize::try_from(limit).ok())
            .unwrap_or(usize::MAX);
        let keeps = |stack: &Stack| filter.keeps(stack);
        let page = match &order {
            None => {
                let before = marker.map(|marker| marker.number);
                store.newest(project, before, most, keeps)
            }
            Some(order) => {
                let all = store.newest(project, None, usize::MAX, keeps);
                order.page(all, marker.as_deref(), most)
            }
        };
        let mut text = self.summaries(&page, self.caller.admin);
        if let Some(link) = self.next(&query, &page, limit) {
            let links = json!([{"rel": "next", "href": link}]);
            text.push_str(&format!(", \"links\": {links}"));
        }
        if with_count {
            text.push_str(&format!(", \"count\": {}", store.count(project, keeps)));
        }
        text.push('}');
        Ok(call::text(StatusCode::OK, "application/json", text))
    }

    /// The stacks of a page as JSON, one at a time: pages can be large.
    fn summaries(&self, page: &[Arc<Stack>], with_project: bool) -> String {
        let views: Views<'_> = self.views();
        let mut text = "{\"stacks\": [".to_owned();
        for (index, stack) in page.iter().enumerate() {
            if index > 0 {
                text.push_str(", ");
            }
            views.write_summary(stack, with_project, &mut text);
            if index == 0 {
                text.reserve_exact((text.len() + 8) * page.len());
            }
        }
        text.push(']');
        text
    }

    /// The answer to `GET /stacks/detail`: as a list without filters, also for administrators.
    pub(super) fn list_detail(&self) -> Answer {
        let is_shown = |stack: &Stack| stack.parent.is_none() && stack.lock().deleted.is_none();
        let store = &self.heat.store;
        let stacks = store.newest(Some(self.project), None, usize::MAX, is_shown);
        let text = self.summaries(&stacks, false) + "}";
        call::text(StatusCode::OK, "application/json", text)
    }

    /// The URL of the next page, if this page is full.
    fn next(&self, query: &Query, page: &[Arc<Stack>], limit: Option<u64>) -> Option<String> {
        let last = page.last()?;
        if limit != Some(page.len() as u64) {
            return None;
        }
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(query.pairs().iter().filter(|(key, _)| key != "marker"))
            .append_pair("marker", &last.id)
            .finish();
        Some(format!("{}{}?{query}", self.call.base, self.call.path))
    }
}
