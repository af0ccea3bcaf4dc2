//! Events of stacks.

use std::pin::pin;

use futures::TryStreamExt as _;
use heatclient::heat::{Event, SortDir};
use serde_json::{Map, Value};

use super::event_log::EventLog;
use super::{Context, list};
use crate::args::{EventArgs, EventFormat};
use crate::exit::Failure;
use crate::output::{Cell, ListTable};
use crate::printer::{self, Printer};
use crate::resolve;

/// What Heat itself can sort events by.
const SERVER_KEYS: [&str; 2] = ["event_time", "resource_type"];

/// `stack event list`.
pub(super) async fn list(
    context: &Context,
    args: EventArgs,
    format: EventFormat,
) -> Result<(), Failure> {
    let options = format.options();
    if args.follow {
        return match options {
            None => follow(context, &args).await,
            Some(_) => Err(Failure::Usage(
                "--follow can only be specified with --format log".to_owned(),
            )),
        };
    }
    let events = fetch(context, &args).await?;
    let Some(options) = options else {
        return print_log(&events);
    };
    let mut columns = vec![
        "resource_name",
        "id",
        "resource_status",
        "resource_status_reason",
        "event_time",
        "physical_resource_id",
    ];
    if args.levels().is_some() {
        columns.push("stack_name");
    }
    columns.push("logical_resource_id");
    Printer::new(options)?.list(&table(&columns, &events))
}

pub(super) async fn fetch(context: &Context, args: &EventArgs) -> Result<Vec<Event>, Failure> {
    let specs: Vec<String> = args.sort.iter().map(|spec| by_time(spec)).collect();
    let sort = list::sort_keys(&specs)?;
    let mut request = context.heat.events().list(&args.stack);
    // 0 and empty texts mean none, as in the Python tools.
    if let Some(resource) = args.resource.as_ref().filter(|name| !name.is_empty()) {
        request = request.resource(resource);
    }
    for (key, value) in &resolve::conditions(&args.filters) {
        request = request.filter(key, value);
    }
    if let Some(limit) = args.limit.filter(|limit| *limit > 0) {
        request = request.limit(limit);
    }
    if let Some(marker) = args.marker() {
        request = request.marker(marker);
    }
    if let Some(levels) = args.levels() {
        request = request.nested_depth(levels);
    }
    let server_keys = sort.iter().map(|(key, _)| key.as_str());
    request = request.sort_keys(server_keys.filter(|key| SERVER_KEYS.contains(key)));
    if let Some((_, direction)) = sort.first() {
        request = request.sort_dir(*direction);
    }
    Ok(sort_events(request.await?, &sort))
}

/// `:desc` sorts by time.
fn by_time(spec: &str) -> String {
    match spec.strip_prefix(':') {
        Some(direction) => format!("event_time:{direction}"),
        None => spec.to_owned(),
    }
}

fn sort_events(events: Vec<Event>, sort: &[(String, SortDir)]) -> Vec<Event> {
    let mut rows: Vec<_> = events.into_iter().map(|e| (e.raw(), e)).collect();
    list::sort_rows(&mut rows, sort, |(raw, _)| raw);
    rows.into_iter().map(|(_, event)| event).collect()
}

pub(super) fn print_log(events: &[Event]) -> Result<(), Failure> {
    let mut log = EventLog::default();
    let lines: Vec<String> = events.iter().map(|event| log.line(event)).collect();
    printer::line(&lines.join("\n"))
}

/// Prints events as they happen, until Ctrl-C.
async fn follow(context: &Context, args: &EventArgs) -> Result<(), Failure> {
    let mut follow = context.heat.events().follow(&args.stack);
    follow = match args.marker() {
        Some(marker) => follow.after(marker),
        None => follow.from_beginning(),
    };
    if let Some(levels) = args.levels() {
        follow = follow.nested_depth(levels);
    }
    let mut events = pin!(follow.stream());
    let mut log = EventLog::default();
    loop {
        tokio::select! {
            biased;
            event = events.try_next() => match event? {
                Some(event) => printer::line(&log.line(&event))?,
                None => return Ok(()),
            },
            // There is no other end to it.
            _ = tokio::signal::ctrl_c() => return Ok(()),
        }
    }
}

/// Rows of events; the name of the stack is in a link.
pub(super) fn table(columns: &[&'static str], events: &[Event]) -> ListTable {
    let rows: Vec<Map<String, Value>> = events
        .iter()
        .map(|event| with_stack_name(event.raw(), event.stack()))
        .collect();
    list::table(columns, rows.iter())
}

/// The same with the name of the stack.
pub(super) fn with_stack_name(
    mut raw: Map<String, Value>,
    stack: Option<(String, String)>,
) -> Map<String, Value> {
    if let Some((name, _)) = stack {
        raw.insert("stack_name".to_owned(), Cell::from(name).machine);
    }
    raw
}
