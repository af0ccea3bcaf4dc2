//! Why a connection could not be made, in one line.

use std::error::Error as StdError;
use std::io;

use crate::error::{Error, ErrorKind};

/// The error of a connection to `peer` that failed with `error`; nothing was sent.
pub(super) fn of(peer: &str, error: &(dyn StdError + 'static)) -> Error {
    let mut kind = ErrorKind::Connect;
    for cause in chain(error) {
        if let Some(ours) = cause.downcast_ref::<Error>() {
            return ours.clone();
        }
        if cause.is::<rustls::Error>() {
            kind = ErrorKind::Tls;
        }
    }
    Error::new(
        kind,
        format!("cannot connect to {peer}: {}", deepest(error)),
    )
}

/// The cause that has no other: it says most.
pub(super) fn deepest<'a>(error: &'a (dyn StdError + 'static)) -> &'a (dyn StdError + 'static) {
    chain(error).last().unwrap_or(error)
}

fn chain<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| {
        // An io::Error hides what it wraps from `source`.
        let wrapped = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        match wrapped {
            Some(inner) => Some(inner as &(dyn StdError + 'static)),
            None => error.source(),
        }
    })
}
