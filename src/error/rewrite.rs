//! Changing the texts of an error, to take secrets out.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use http::Uri;

use super::{Error, Fault};

/// Gives another text in the place of one, or none if it may stay.
type Rewrite<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Error {
    /// Passes all texts that a server may have written through `rewrite`.
    ///
    /// What was being done is told by the caller and stays. A cause of which nothing changes stays
    /// the very same.
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

/// What is left of a cause of which a text had to change.
#[derive(Debug)]
struct Rewritten {
    text: String,
    source: Option<Box<Self>>,
}

impl Rewritten {
    /// `None` if neither the cause's text nor that of any deeper one changes, so that the cause
    /// itself can stay.
    fn of(cause: &(dyn StdError + 'static), rewrite: Rewrite<'_>) -> Option<Self> {
        let mut texts = Vec::new();
        let mut changed = false;
        let mut next = Some(cause);
        while let Some(cause) = next {
            let text = cause.to_string();
            // `Debug` may tell more than `Display`.
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
