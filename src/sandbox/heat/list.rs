//! `GET /stacks`: filters, order and pages.

use std::cmp::Ordering;
use std::sync::Arc;

use serde_json::{Value, json};

use super::error::{Refusal, Result};
use super::request::{Query, Request, ok};
use super::stack::Stack;
use crate::sandbox::call::Answer;

/// The filter of a list of stacks.
struct Filter<'a> {
    query: &'a Query,
    deleted: bool,
    nested: bool,
    tags: [(bool, bool, Option<Vec<&'a str>>); 4],
}

impl<'a> Filter<'a> {
    fn new(query: &'a Query) -> Result<Self> {
        let tags = |key| query.get(key).map(|tags: &str| tags.split(',').collect());
        Ok(Self {
            query,
            deleted: query.flag("show_deleted")?.unwrap_or(false),
            nested: query.flag("show_nested")?.unwrap_or(false),
            // Whether all tags are required, and whether stacks with them are excluded.
            tags: [
                (true, false, tags("tags")),
                (false, false, tags("tags_any")),
                (true, true, tags("not_tags")),
                (false, true, tags("not_tags_any")),
            ],
        })
    }

    fn keeps(&self, stack: &Stack) -> bool {
        let state = stack.lock();
        let matches = |keys: [&str; 2], is: &dyn Fn(&str) -> bool| {
            let mut wanted = keys.iter().flat_map(|key| self.query.all(key)).peekable();
            wanted.peek().is_none() || wanted.any(is)
        };
        (self.deleted || state.deleted.is_none())
            && (self.nested || stack.parent.is_none())
            && matches(["id", "stack_id"], &|id| stack.id == id)
            && matches(["name", "stack_name"], &|name| stack.name == name)
            && matches(["status", "stack_status"], &|status| {
                status == state.status.name() || status == state.status_text()
            })
            && matches(["action", "stack_action"], &|action| {
                action == state.action.name()
            })
            && matches(["tenant", "project"], &|project| stack.project == project)
            && matches(["username", "stack_owner"], &|owner| stack.owner == owner)
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

impl Request<'_> {
    pub(super) fn list(&self) -> Result<Answer> {
        let query = self.query();
        let limit = query.number("limit")?;
        let with_count = query.flag("with_count")?.unwrap_or(false);
        let filter = Filter::new(&query)?;
        // The policy of `tests/cloud`; Heat's default one allows it to nobody.
        let project = match query.flag("global_tenant")?.unwrap_or(false) {
            true if !self.caller.admin => return Err(Refusal::policy("stacks:global_index")),
            true => None,
            false => Some(self.project),
        };
        let descending = match query.get("sort_dir") {
            None | Some("desc") => true,
            Some("asc") => false,
            Some(_) => return Err(Refusal::hidden("ValueError")),
        };
        let keys: Vec<&str> = query
            .all("sort_keys")
            .filter(|key| {
                matches!(
                    *key,
                    "stack_name" | "stack_status" | "creation_time" | "updated_time"
                )
            })
            .collect();
        let store = &self.heat.store;
        let marker = query.get("marker").and_then(|id| store.by_id(id));
        let most = limit
            .and_then(|limit| usize::try_from(limit).ok())
            .unwrap_or(usize::MAX);
        let page = if keys.is_empty() && descending {
            let before = marker.map(|marker| marker.number);
            store.newest(project, before, most, |stack| filter.keeps(stack))
        } else {
            let mut all = store.newest(project, None, usize::MAX, |stack| filter.keeps(stack));
            all.sort_by(|one, other| {
                let order = compare(one, other, &keys);
                if descending { order.reverse() } else { order }
            });
            let start = marker
                .and_then(|marker| all.iter().position(|stack| stack.id == marker.id))
                .map_or(0, |position| position + 1);
            all.into_iter().skip(start).take(most).collect()
        };
        let views = self.views();
        let shown: Vec<_> = page
            .iter()
            .map(|stack| views.summary(stack, self.caller.admin))
            .collect();
        let mut answer = json!({"stacks": shown});
        if let Some(answer) = answer.as_object_mut() {
            if let Some(link) = self.next(&query, &page, limit) {
                answer.insert("links".to_owned(), json!([{"rel": "next", "href": link}]));
            }
            if with_count {
                let all = store.newest(project, None, usize::MAX, |stack| filter.keeps(stack));
                answer.insert("count".to_owned(), Value::from(all.len()));
            }
        }
        Ok(ok(&answer))
    }

    /// The answer to `GET /stacks/detail`: as a list without filters, also for administrators.
    pub(super) fn list_detail(&self) -> Answer {
        let is_shown = |stack: &Stack| stack.parent.is_none() && stack.lock().deleted.is_none();
        let store = &self.heat.store;
        let stacks = store.newest(Some(self.project), None, usize::MAX, is_shown);
        let views = self.views();
        let shown: Vec<_> = stacks
            .iter()
            .map(|stack| views.summary(stack, false))
            .collect();
        ok(&json!({"stacks": shown}))
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

fn compare(one: &Stack, other: &Stack, keys: &[&str]) -> Ordering {
    let mut order = Ordering::Equal;
    for key in keys {
        order = order.then_with(|| match *key {
            "stack_name" => one.name.cmp(&other.name),
            "stack_status" => one.lock().status.name().cmp(other.lock().status.name()),
            "updated_time" => {
                let (one, other) = (one.lock().updated, other.lock().updated);
                one.cmp(&other)
            }
            _ => one.created.cmp(&other.created),
        });
    }
    order.then(one.number.cmp(&other.number))
}
