//! The log: on stderr with `--debug` or `--verbose`, in a file with `--log-file`.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::{MakeWriter, layer};
use tracing_subscriber::prelude::*;

use crate::environment::is_enabled;
use crate::exit::Failure;
use crate::options::GlobalArgs;
use crate::remark::Stderr;
use crate::render::visible_line;

/// Starts logging as the options say.
pub(crate) fn start(global: &GlobalArgs) -> Result<(), Failure> {
    let level = if global.is_debug() || is_enabled("HEATCLIENT_DEBUG") {
        Some(LevelFilter::DEBUG)
    } else {
        global.verbose.then_some(LevelFilter::INFO)
    };
    let path = global.log_file.as_deref();
    let file = path
        .filter(|path| !path.as_os_str().is_empty())
        .map(open)
        .transpose()?;
    if level.is_none() && file.is_none() {
        return Ok(());
    }
    let to_stderr = level.map(|level| log(|| Visible(Stderr), level));
    let to_file = file.map(|file| {
        let level = level.unwrap_or(LevelFilter::WARN);
        log(move || Visible(Arc::clone(&file)), level)
    });
    tracing_subscriber::registry()
        .with(to_stderr)
        .with(to_file)
        .init();
    Ok(())
}

fn open(path: &Path) -> Result<Arc<File>, Failure> {
    let file = OpenOptions::new().append(true).create(true).open(path);
    file.map(Arc::new).map_err(|error| {
        let path = path.display();
        Failure::Message(format!("cannot open the log file {path}: {error}"))
    })
}

fn log<S>(
    writer: impl for<'w> MakeWriter<'w> + Send + Sync + 'static,
    level: LevelFilter,
) -> impl tracing_subscriber::Layer<S>
where
    S: tracing::Subscriber + for<'l> tracing_subscriber::registry::LookupSpan<'l>,
{
    let targets = Targets::new()
        .with_target("heatclient", level)
        .with_default(LevelFilter::WARN);
    layer()
        .with_writer(writer)
        .with_ansi(false)
        // These errors go to stderr. Without this, a stderr that cannot be written causes a panic.
        .log_internal_errors(false)
        .with_filter(targets)
}

/// Writes each event as one line with control characters escaped: events quote text of servers.
struct Visible<W>(W);

impl<W: Write> Write for Visible<W> {
    /// Writes a whole event: `tracing_subscriber` passes one event a call.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let line = visible_line(text.trim_end_matches('\n'));
        self.0.write_all(format!("{line}\n").as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_visible_line() {
        let mut out = Vec::new();
        let event = "a \u{1b}[2J\nERROR: forged\u{9b}\n".as_bytes();
        Visible(&mut out).write_all(event).unwrap();
        assert_eq!(out, b"a \\u001b[2J ERROR: forged\\u009b\n");
    }
}
