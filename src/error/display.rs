//! Formatting of errors: one line.

use std::error::Error as StdError;
use std::fmt;

use super::{Error, ErrorKind};
use crate::uri;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = &self.0.operation {
            write!(f, "{}: ", one_line(operation, 120))?;
        }
        f.write_str(&one_line(&self.0.message, 400))?;
        if let Some(server) = self.server() {
            write!(f, " (server {server})")?;
        }
        if self.0.attempts > 1 {
            write!(f, " (after {} attempts)", self.0.attempts)?;
        }
        if let Some(id) = &self.0.request_id {
            write!(f, " (request {})", one_line(id, 60))?;
        }
        Ok(())
    }
}

impl Error {
    /// The server, if the failure is about it and the text does not name it yet.
    fn server(&self) -> Option<&str> {
        let is_of_server = matches!(
            self.0.kind,
            ErrorKind::Decode | ErrorKind::Interrupted | ErrorKind::Redirect | ErrorKind::Timeout
        );
        let server = self.0.uri.as_ref().filter(|_| is_of_server)?;
        let server = uri::shown_server(server);
        let is_named = |text: &str| text.contains(server);
        (!server.is_empty()
            && !is_named(&self.0.message)
            && !self.0.operation.as_deref().is_some_and(is_named))
        .then_some(server)
    }
}

/// A text as one line without control characters. A text longer than `most` is cut in the middle:
/// servers quote the refused input first and give the reason last.
fn one_line(text: &str, most: usize) -> String {
    let mut line = String::with_capacity(text.len().min(4 * most));
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        if !line.is_empty() && !word.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    let length = line.chars().count();
    if length <= most {
        return line;
    }
    let tail = most / 3;
    let start: String = line.chars().take(most - tail).collect();
    let end: String = line.chars().skip(length - tail).collect();
    format!("{} … {}", start.trim_end(), end.trim_start())
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        f.debug_struct("Error")
            .field("kind", &inner.kind)
            .field("text", &self.to_string())
            .field("status", &inner.status)
            .field("method", &inner.method)
            .field("uri", &inner.uri)
            .field("source", &inner.source)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}
