//! Live progress on a terminal: below the messages on stderr, lines that show the state of what is waited for.
//!
//! `board` makes the lines, `screen` draws them. All messages on stderr go through [`print_above`]. The cursor is never
//! hidden, so nothing has to be restored when the tool ends.

mod board;
mod screen;

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use heatclient::clock;
use heatclient::heat::{StackStatus, WaitProgress};
use terminal_size::{Height, Width};

use crate::environment::variable;
use crate::remark::event_line;
use crate::render::{is_stderr_coloured, visible_line};
use board::Entry;
use screen::{Screen, Size};

/// How often the lines are drawn again.
const INTERVAL: Duration = Duration::from_secs(1);

static LIVE: Mutex<Live> = Mutex::new(Live::new());

#[derive(Debug)]
struct Live {
    screen: Option<Screen>,
    entries: Vec<(u64, Entry)>,
    next: u64,
}

impl Live {
    const fn new() -> Self {
        Self {
            screen: None,
            entries: Vec::new(),
            next: 0,
        }
    }

    /// Prints a text and draws the lines. A failure to write to stderr cannot be reported and is ignored.
    fn print(&mut self, above: &str) {
        if self.entries.is_empty() && self.screen.is_none() {
            let _ = io::stderr().write_all(above.as_bytes());
            return;
        }
        let size = size();
        let now = clock::now();
        let lines = board::lines(self.entries.iter().map(|(_, entry)| entry), now, size);
        let new = || Screen::new(is_stderr_coloured());
        let screen = self.screen.get_or_insert_with(new);
        let frame = screen.draw(above, &lines, size);
        if self.entries.is_empty() {
            self.screen = None;
        }
        // One write: the terminal never shows a part of the frame.
        let _ = io::stderr().write_all(frame.as_bytes());
    }
}

fn live() -> MutexGuard<'static, Live> {
    LIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The size of the terminal, or the usual one if it is unknown.
fn size() -> Size {
    let known = terminal_size::terminal_size_of(io::stderr());
    let known = known.filter(|(Width(columns), Height(rows))| *columns > 0 && *rows > 0);
    let (Width(columns), Height(rows)) = known.unwrap_or((Width(80), Height(24)));
    Size {
        columns: columns.into(),
        rows: rows.into(),
    }
}

/// Prints whole lines on stderr, above what is drawn.
pub(crate) fn print_above(text: &str) {
    live().print(text);
}

/// Draws the lines again and again: their times advance. Does not end.
pub(crate) async fn redraw() -> ! {
    loop {
        tokio::time::sleep(INTERVAL).await;
        let mut live = live();
        if live.screen.is_some() {
            live.print("");
        }
    }
}

/// Whether stderr is a terminal that can move its cursor.
pub(crate) fn is_possible() -> bool {
    let terminal = variable("TERM");
    io::stderr().is_terminal() && terminal.is_some_and(|name| name != "dumb")
}

/// The progress of one wait, drawn until this is dropped.
#[derive(Debug)]
pub(crate) struct Progress(u64);

impl Progress {
    /// `name`: what is waited for; `request`: what is shown until its state is known.
    pub(crate) fn start(name: &str, request: &str) -> Self {
        let mut live = live();
        let key = live.next;
        live.next += 1;
        let entry = Entry::new(&visible_line(name), &visible_line(request), clock::now());
        live.entries.push((key, entry));
        live.print("");
        Self(key)
    }

    /// A function that shows the state of a poll.
    pub(crate) fn updates(&self) -> impl FnMut(&WaitProgress) + Send + 'static {
        let key = self.0;
        move |progress| with(key, |entry| entry.update(progress, clock::now()))
    }

    /// Shows the end.
    pub(crate) fn ended(&self, status: &StackStatus, reason: &str) {
        with(self.0, |entry| {
            entry
                .stack_is(status, reason, clock::now())
                .into_iter()
                .collect()
        });
    }
}

/// Changes an entry, and prints the lines that this returns.
fn with(key: u64, change: impl FnOnce(&mut Entry) -> Vec<String>) {
    let mut live = live();
    let entry = live.entries.iter_mut().find(|(other, _)| *other == key);
    let Some((_, entry)) = entry else {
        return;
    };
    let lines = change(entry);
    let above: String = lines.iter().map(|line| event_line(line)).collect();
    live.print(&above);
}

impl Drop for Progress {
    fn drop(&mut self) {
        let mut live = live();
        live.entries.retain(|(key, _)| *key != self.0);
        live.print("");
    }
}
