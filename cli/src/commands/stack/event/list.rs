//! `stack event list` (old spelling: `event-list`).

use std::pin::pin;

use clap::ValueEnum;
use futures::TryStreamExt as _;
use heatclient::heat::{Event, SortDir};
use serde_json::{Map, Value};

use super::log::EventLog;
use crate::commands::context::Context;
use crate::commands::spelling::{Command, OldSpelling};
use crate::documents::conditions;
use crate::exit::Failure;
use crate::options::number::whole;
use crate::options::{EventFormat, key_value};
use crate::render::{Answer, List, OutputOptions};
use crate::signals::Signal;
use crate::sort::{Nulls, check_keys, sort_keys, sort_rows};
use crate::{pipe, signals};

/// The keys by which followed events can be filtered. Heat's list of events has no others.
const FOLLOWED_KEYS: [&str; 3] = ["resource_action", "resource_name", "resource_status"];

/// The keys by which Heat can sort events.
const SERVER_KEYS: [&str; 2] = ["event_time", "resource_type"];

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Stack name or ID
    stack: String,
    /// Only events of this resource
    #[arg(long, value_name = "NAME")]
    resource: Option<String>,
    /// Filter by a property (repeatable)
    #[arg(long = "filter", value_name = "KEY=VALUE", value_parser = key_value)]
    filters: Vec<(String, String)>,
    /// Maximum number of events
    #[arg(long, value_name = "NUMBER", value_parser = whole::<usize>, allow_negative_numbers = true)]
    limit: Option<usize>,
    /// Only events after the one with this ID
    #[arg(long, value_name = "ID")]
    marker: Option<String>,
    /// Include the events of nested stacks, down to this depth
    #[arg(short, long, value_name = "LEVELS", conflicts_with = "resource", value_parser = whole::<u32>, allow_negative_numbers = true)]
    nested_depth: Option<u32>,
    /// Sort by these keys, comma-separated (repeatable)
    #[arg(long, value_name = "KEY[:DIRECTION]", value_delimiter = ',')]
    sort: Vec<String>,
    /// Print new events as they occur, until interrupted
    #[arg(long, conflicts_with_all = ["limit", "sort"])]
    follow: bool,
    #[command(flatten)]
    format: EventFormat,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OldArgs {
    /// Stack name or ID
    stack: String,
    /// Only events of this resource
    #[arg(short, long, value_name = "NAME")]
    resource: Option<String>,
    /// Filter by properties
    #[arg(short, long, value_name = "KEY=VALUE;…", value_parser = key_value)]
    filters: Vec<(String, String)>,
    /// Maximum number of events
    #[arg(short, long, value_name = "NUMBER", value_parser = whole::<usize>, allow_negative_numbers = true)]
    limit: Option<usize>,
    /// Only events after the one with this ID
    #[arg(short, long, value_name = "ID")]
    marker: Option<String>,
    /// Include the events of nested stacks, down to this depth
    #[arg(short, long, value_name = "LEVELS", conflicts_with = "resource", value_parser = whole::<u32>, allow_negative_numbers = true)]
    nested_depth: Option<u32>,
    /// Output format
    #[arg(short = 'F', long, value_name = "FORMAT", value_enum, default_value_t = OldFormat::Table)]
    format: OldFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum OldFormat {
    /// A table.
    Table,
    /// Log lines.
    Log,
}

impl OldSpelling for OldArgs {
    type Command = Args;
}

impl From<OldArgs> for Args {
    fn from(old: OldArgs) -> Self {
        Self {
            stack: old.stack,
            resource: old.resource,
            filters: old.filters,
            limit: old.limit,
            marker: old.marker,
            nested_depth: old.nested_depth,
            sort: Vec::new(),
            follow: false,
            format: match old.format {
                OldFormat::Table => EventFormat::table(),
                OldFormat::Log => EventFormat::log(),
            },
        }
    }
}

impl Command for Args {
    fn format(&self) -> Option<OutputOptions> {
        self.format.options()
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let is_log = self.format.options().is_none();
        if self.follow && !is_log {
            return Err(Failure::Usage(
                "--follow can only be specified with --format log".to_owned(),
            ));
        }
        if self.follow {
            return self.follow(context).await;
        }
        let events = self.fetch(context).await?;
        if is_log {
            let mut log = EventLog::default();
            let lines: Vec<String> = events.iter().map(|event| log.line(event)).collect();
            return Ok(Answer::Log(lines.join("\n")));
        }
        Ok(Answer::List(self.list(&events)))
    }
}

impl Args {
    /// The nested depth. 0 counts as not given.
    fn levels(&self) -> Option<u32> {
        self.nested_depth.filter(|levels| *levels > 0)
    }

    /// The marker. An empty one counts as not given.
    fn marker(&self) -> Option<&str> {
        self.marker.as_deref().filter(|id| !id.is_empty())
    }

    async fn fetch(&self, context: &Context) -> Result<Vec<Event>, Failure> {
        let specs: Vec<String> = self.sort.iter().map(|spec| by_time(spec)).collect();
        let sort = sort_keys(&specs)?;
        let mut request = context.heat.events().list(&self.stack);
        // 0 and empty texts count as not given, as in the Python tools.
        if let Some(resource) = self.resource.as_ref().filter(|name| !name.is_empty()) {
            request = request.resource(resource);
        }
        for (key, value) in &conditions(&self.filters) {
            request = request.filter(key, value);
        }
        if let Some(limit) = self.limit.filter(|limit| *limit > 0) {
            request = request.limit(limit);
        }
        if let Some(marker) = self.marker() {
            request = request.marker(marker);
        }
        if let Some(levels) = self.levels() {
            request = request.nested_depth(levels);
        }
        let server_keys = sort.iter().map(|(key, _)| key.as_str());
        request = request.sort_keys(server_keys.filter(|key| SERVER_KEYS.contains(key)));
        if let Some((_, direction)) = sort.first() {
            request = request.sort_dir(*direction);
        }
        sorted(request.await?, &sort)
    }

    /// Prints events as they occur, until a signal asks the tool to end or nobody reads them any more.
    async fn follow(&self, context: &Context) -> Result<Answer, Failure> {
        let conditions = conditions(&self.filters);
        if let Some((key, _)) = conditions
            .iter()
            .find(|(key, _)| !FOLLOWED_KEYS.contains(&&**key))
        {
            let known = FOLLOWED_KEYS.join(", ");
            return Err(Failure::Usage(format!(
                "--follow cannot filter by {key:?}; the possible keys are {known}"
            )));
        }
        let mut follow = context.heat.events().follow(&self.stack);
        follow = match self.marker() {
            Some(marker) => follow.after(marker),
            None => follow.from_beginning(true),
        };
        if let Some(levels) = self.levels() {
            follow = follow.nested_depth(levels);
        }
        let is_wanted = |event: &Event| {
            let resource = self.resource.as_deref().unwrap_or_default();
            (resource.is_empty() || event.resource_name == resource) && fulfils(event, &conditions)
        };
        let mut events = pin!(follow.stream());
        let mut log = EventLog::default();
        let mut signal = pin!(signals::received());
        let mut reader_gone = pin!(pipe::reader_gone());
        loop {
            tokio::select! {
                biased;
                event = events.try_next() => match event? {
                    Some(event) => {
                        // The names of stacks come from events that may be filtered out.
                        let line = log.line(&event);
                        if is_wanted(&event) {
                            context.print(Answer::Log(line))?;
                        }
                    }
                    None => return Ok(Answer::Nothing),
                },
                signal = &mut signal => return match signal {
                    // This is the normal end.
                    Signal::Interrupt => Ok(Answer::Nothing),
                    other => Err(Failure::Interrupted(other, None)),
                },
                () = &mut reader_gone => return Err(Failure::BrokenPipe),
            }
        }
    }

    fn list(&self, events: &[Event]) -> List {
        let mut columns = vec![
            "resource_name",
            "id",
            "resource_status",
            "resource_status_reason",
            "event_time",
            "physical_resource_id",
        ];
        let mut old_columns = vec![
            "resource_name",
            "id",
            "resource_status_reason",
            "resource_status",
            "event_time",
        ];
        if self.levels().is_some() {
            columns.push("stack_name");
            old_columns.push("stack_name");
        }
        columns.push("logical_resource_id");
        let rows = events.iter();
        List {
            columns,
            old_columns,
            old_order: None,
            rows: rows
                .map(|event| with_stack_name(event.raw(), event.stack()))
                .collect(),
            layouts: Vec::new(),
        }
    }
}

/// Whether an event has these properties. A key with several values has one of them, as Heat reads filters.
fn fulfils(event: &Event, conditions: &[(String, String)]) -> bool {
    let has = |(key, value): &(String, String)| match key.as_str() {
        "resource_action" => event.status.action.as_str() == value,
        "resource_status" => event.status.status.as_str() == value,
        _ => event.resource_name == *value,
    };
    conditions.iter().all(|(key, _)| {
        let mut values = conditions.iter().filter(|(other, _)| other == key);
        values.any(has)
    })
}

/// `:desc` sorts by time.
fn by_time(spec: &str) -> String {
    match spec.strip_prefix(':') {
        Some(direction) => format!("event_time:{direction}"),
        None => spec.to_owned(),
    }
}

fn sorted(events: Vec<Event>, sort: &[(String, SortDir)]) -> Result<Vec<Event>, Failure> {
    let mut rows: Vec<_> = events.into_iter().map(|e| (e.raw(), e)).collect();
    check_keys(rows.iter().map(|(raw, _)| raw), sort)?;
    sort_rows(&mut rows, sort, Nulls::First, |(raw, _), key| raw.get(key));
    Ok(rows.into_iter().map(|(_, event)| event).collect())
}

/// Adds the name of the stack, which is taken from a link.
pub(crate) fn with_stack_name(
    mut raw: Map<String, Value>,
    stack: Option<(String, String)>,
) -> Map<String, Value> {
    if let Some((name, _)) = stack {
        raw.insert("stack_name".to_owned(), name.into());
    }
    raw
}
