//! Rewriting the texts of an error, to remove secrets.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use http::Uri;

use super::{Error, Fault};

/// Returns the replacement of a text, or `None` to keep it.
type Rewrite<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Error {
    /// Applies `rewrite` to all texts that may come from a server.
    ///
    /// The operation comes from the caller and is kept. A cause is replaced only if one of its texts
    /// changes.
    pub(crate) fn map_texts(mut self, rewrite: Rewrite<'_>) -> Self {
        let inner = &mut *self.0;
        replace(&mut inner.message, rewrite);
        if let Some(id) = &mut inner.request_id {
            replace(id, rewrite);
        }
        if let Some(uri) = inner.uri.take() {
            inner.uri = match rewrite(&uri.to_string()) {
                None => Some(uri),
                Some(shown) => shown.parse::<Uri>().ok(),
            };
        }
        if let Some(fault) = &mut inner.fault {
            fault_texts(Arc::make_mut(fault), rewrite);
        }
        if let Some(source) = &inner.source
            && let Some(rewritten) = Rewritten::of(&**source, rewrite)
        {
            inner.source = Some(Arc::new(rewritten));
        }
        self
    }
}

fn fault_texts(fault: &mut Fault, rewrite: Rewrite<'_>) {
    let Fault {
        error_type,
        title,
        message,
        explanation,
        traceback,
        ..
    } = fault;
    replace(message, rewrite);
    for text in [error_type, title, explanation, traceback]
        .into_iter()
        .flatten()
    {
        replace(text, rewrite);
    }
}

fn replace(text: &mut String, rewrite: Rewrite<'_>) {
    if let Some(rewritten) = rewrite(text) {
        *text = rewritten;
    }
}

/// A copy of a cause whose texts were rewritten.
#[derive(Debug)]
struct Rewritten {
    text: String,
    source: Option<Box<Self>>,
}

impl Rewritten {
    /// `None` if no text of the cause and its sources changes. The cause is kept then.
    fn of(cause: &(dyn StdError + 'static), rewrite: Rewrite<'_>) -> Option<Self> {
        let mut texts = Vec::new();
        let mut changed = false;
        let mut next = Some(cause);
        while let Some(cause) = next {
            let text = cause.to_string();
            // `Debug` may contain more than `Display`.
            changed |= rewrite(&format!("{cause:?}")).is_some();
            let rewritten = rewrite(&text);
            changed |= rewritten.is_some();
            texts.push(rewritten.unwrap_or(text));
            next = cause.source();
        }
        let chain = texts.into_iter().rev().fold(None, |source, text| {
            Some(Self {
                text,
                source: source.map(Box::new),
            })
        });
        chain.filter(|_| changed)
    }
}

impl fmt::Display for Rewritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl StdError for Rewritten {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}
