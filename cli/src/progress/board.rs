//! What a wait shows: the state of its stack, the number of resources in each state, and those in progress.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

use heatclient::heat::{Action, ResourceProgress, StackStatus, Status, WaitProgress};
use tokio::time::Instant;

use super::screen::Size;
use crate::render::visible_line;

/// The maximum number of lines for resources of one stack that changed between two polls.
const MAX_CHANGES: usize = 50;
/// The maximum number of lines that are drawn, in a terminal that is high enough.
const MAX_LINES: usize = 12;
/// Heat's reason for a change without a reason.
const NO_REASON: &str = "state changed";

/// One thing that is waited for.
#[derive(Debug)]
pub(super) struct Entry {
    name: String,
    began: Instant,
    /// Shown until the status is known.
    request: String,
    status: Option<StackStatus>,
    /// The resources in Heat's order.
    resources: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    resource: ResourceProgress,
    since: Instant,
}

impl Entry {
    pub(super) fn new(name: &str, request: &str, now: Instant) -> Self {
        Self {
            name: name.to_owned(),
            began: now,
            request: request.to_owned(),
            status: None,
            resources: Vec::new(),
        }
    }

    /// Takes the state of a poll. Returns a line for each change that ended.
    pub(super) fn update(&mut self, progress: &WaitProgress, now: Instant) -> Vec<String> {
        let mut changes = self.vanished(&progress.resources, now);
        let mut before: HashMap<String, Row> = std::mem::take(&mut self.resources)
            .into_iter()
            .map(|row| (row.resource.path.clone(), row))
            .collect();
        let mut ended = Vec::new();
        for resource in &progress.resources {
            let known = before.remove(&resource.path);
            let same = known
                .as_ref()
                .filter(|row| row.resource.status == resource.status);
            let has_changed = same.is_none() && (known.is_some() || resource.is_changed);
            if has_changed && has_ended(&resource.status) {
                ended.push(resource);
            }
            self.resources.push(Row {
                resource: resource.clone(),
                since: same.map_or(now, |row| row.since),
            });
        }
        // Nested resources end before the one that contains them.
        ended.sort_by_key(|resource| Reverse(resource.path.matches('.').count()));
        changes.extend(ended.iter().map(|resource| {
            let path = format!("{}.{}", self.name, resource.path);
            self.change(&path, &resource.status, &resource.status_reason, now)
        }));
        let more = changes.len().saturating_sub(MAX_CHANGES);
        if more > 0 {
            changes.truncate(MAX_CHANGES);
            changes.push(format!("… and {more} more changes"));
        }
        changes.extend(self.stack_is(&progress.status, &progress.status_reason, now));
        changes
    }

    /// Takes the status of the stack. Returns a line if it is the end, or another action.
    pub(super) fn stack_is(
        &mut self,
        status: &StackStatus,
        reason: &str,
        now: Instant,
    ) -> Option<String> {
        let before = self.status.replace(status.clone());
        let is_new = before.as_ref() != Some(status);
        let is_other_action = before.is_some_and(|before| before.action != status.action);
        (is_new && (has_ended(status) || is_other_action))
            .then(|| self.change(&self.name, status, reason, now))
    }

    /// A line for each resource that is gone, except for those inside other ones, those that were shown as deleted, and
    /// those that were never created.
    fn vanished(&self, resources: &[ResourceProgress], now: Instant) -> Vec<String> {
        let present: HashSet<&str> = resources.iter().map(|r| r.path.as_str()).collect();
        let rows = self.resources.iter();
        let gone: Vec<&Row> = rows
            .filter(|row| !present.contains(row.resource.path.as_str()))
            .collect();
        let paths: HashSet<&str> = gone.iter().map(|row| row.resource.path.as_str()).collect();
        let is_inside = |path: &str| {
            let mut dots = path.match_indices('.');
            dots.any(|(dot, _)| path.get(..dot).is_some_and(|outer| paths.contains(outer)))
        };
        let deleted = StackStatus::new(Action::Delete, Status::Complete);
        let existed = |status: &StackStatus| *status != deleted && status.action != Action::Init;
        gone.iter()
            .filter(|row| existed(&row.resource.status))
            .map(|row| row.resource.path.as_str())
            .filter(|path| !is_inside(path))
            .map(|path| self.change(&format!("{}.{path}", self.name), &deleted, NO_REASON, now))
            .collect()
    }

    fn change(&self, path: &str, status: &StackStatus, reason: &str, now: Instant) -> String {
        let time = elapsed(now.saturating_duration_since(self.began));
        let line = format!("{time} [{path}]: {status}");
        match reason {
            "" | NO_REASON => line,
            reason => format!("{line}  {reason}"),
        }
    }

    /// The lines to draw, at most `most`, at least one.
    fn lines(&self, now: Instant, columns: usize, most: usize) -> Vec<String> {
        let time = elapsed(now.saturating_duration_since(self.began));
        let mut lines = vec![match &self.status {
            Some(status) => format!("{time} {}: {status}", self.name),
            None => format!("{time} {}: {}", self.name, self.request),
        }];
        lines.extend(wrapped(&self.counts(), columns));
        let in_progress: Vec<&Row> = self
            .resources
            .iter()
            .filter(|row| row.resource.status.is_in_progress())
            .collect();
        let room = most.saturating_sub(lines.len());
        let fit = match in_progress.len() > room {
            true => room.saturating_sub(1),
            false => room,
        };
        for row in in_progress.iter().take(fit) {
            let ResourceProgress {
                path,
                status,
                resource_type,
                ..
            } = &row.resource;
            let time = elapsed(now.saturating_duration_since(row.since));
            let status = match self.status.as_ref() == Some(status) {
                true => String::new(),
                false => format!(": {status}"),
            };
            lines.push(format!("  {time} {path}{status}  {resource_type}"));
        }
        if in_progress.len() > fit {
            lines.push(format!("  … and {} more", in_progress.len() - fit));
        }
        lines.truncate(most.max(1));
        lines
    }

    /// The number of resources in each state.
    fn counts(&self) -> Vec<String> {
        let count = |state| {
            let rows = self.resources.iter();
            rows.filter(|row| state_of(&row.resource) == state).count()
        };
        let all = match self.resources.len() {
            0 => return Vec::new(),
            1 => "1 resource:".to_owned(),
            all => format!("{all} resources:"),
        };
        let states = [
            "failed",
            "in progress",
            "complete",
            "unchanged",
            "not started",
        ];
        let counted = states.map(|state| (count(state), state));
        let mut present: Vec<String> = counted
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, state)| format!("{count} {state},"))
            .collect();
        if let Some(last) = present.last_mut() {
            last.pop();
        }
        present.insert(0, all);
        present
    }
}

/// The lines to draw for all entries.
pub(super) fn lines<'e>(
    entries: impl ExactSizeIterator<Item = &'e Entry>,
    now: Instant,
    size: Size,
) -> Vec<String> {
    // The cursor has a line of its own.
    let most = MAX_LINES.min(size.rows.saturating_sub(1)).max(1);
    let count = entries.len();
    let (shown, each) = match count > most {
        true => (most - 1, 1),
        false => (count, most / count.max(1)),
    };
    let mut lines: Vec<String> = entries
        .take(shown)
        .flat_map(|entry| entry.lines(now, size.columns, each))
        .collect();
    if count > shown {
        lines.push(format!("… and {} more", count - shown));
    }
    // Names come from servers.
    for line in &mut lines {
        if let Cow::Owned(visible) = visible_line(line) {
            *line = visible;
        }
    }
    lines
}

fn has_ended(status: &StackStatus) -> bool {
    let not_begun = status.action == Action::Init;
    !not_begun && matches!(status.status, Status::Complete | Status::Failed)
}

fn state_of(resource: &ResourceProgress) -> &'static str {
    match &resource.status.status {
        Status::Failed => "failed",
        Status::InProgress => "in progress",
        _ if resource.status.action == Action::Init => "not started",
        _ if resource.is_changed => "complete",
        _ => "unchanged",
    }
}

/// Joins words to lines of this width, indented.
fn wrapped(words: &[String], columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() < columns => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(format!("  {word}")),
        }
    }
    lines
}

/// Hours, minutes and seconds: `0:07`, `1:00:00`.
fn elapsed(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

#[cfg(test)]
mod tests;
