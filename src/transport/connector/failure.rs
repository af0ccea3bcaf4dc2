//! Errors of failed connections.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use http::Uri;

use super::authority;
use super::proxies::Proxy;
use crate::error::{Error, ErrorKind};
use crate::transport::tls::{explain, is_refusal};

/// The error of a connection to `peer` that failed with `error`; nothing was sent.
pub(super) fn of(peer: &str, error: &(dyn StdError + 'static)) -> Error {
    let mut tls = None;
    for cause in chain(error) {
        if let Some(ours) = cause.downcast_ref::<Error>() {
            return ours.clone();
        }
        tls = tls.or_else(|| cause.downcast_ref::<rustls::Error>());
    }
    let deepest = deepest(error);
    let io = deepest.downcast_ref::<io::Error>();
    let (kind, why) = match (tls, io.map(io::Error::kind)) {
        (Some(tls), _) => (ErrorKind::Tls, explain(tls)),
        (_, Some(io::ErrorKind::UnexpectedEof)) => {
            let why = "it closed the connection during the TLS handshake";
            (ErrorKind::Connect, why.to_owned())
        }
        _ => (ErrorKind::Connect, deepest.to_string()),
    };
    Error::new(kind, format!("cannot connect to {peer}: {why}"))
}

/// The reason why a server refused the TLS handshake, if that is the cause of `error`.
pub(in crate::transport) fn tls_refusal(error: &(dyn StdError + 'static)) -> Option<String> {
    let tls = chain(error).find_map(|cause| cause.downcast_ref::<rustls::Error>())?;
    is_refusal(tls).then(|| explain(tls))
}

/// The error of a connection attempt that timed out; nothing was sent.
pub(super) fn timed_out(uri: &Uri, proxy: Option<&Proxy>, limit: Duration) -> Error {
    let server = authority(uri);
    let through = proxy.map_or_else(String::new, |proxy| format!(" through the {proxy}"));
    let message = format!("cannot connect to {server}{through}: no connection within {limit:?}");
    Error::new(ErrorKind::Timeout, message)
}

/// The innermost cause, which is the most specific.
pub(super) fn deepest<'a>(error: &'a (dyn StdError + 'static)) -> &'a (dyn StdError + 'static) {
    chain(error).last().unwrap_or(error)
}

fn chain<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| {
        // `io::Error::source` skips the error that it wraps.
        let wrapped = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        match wrapped {
            Some(inner) => Some(inner as &(dyn StdError + 'static)),
            None => error.source(),
        }
    })
}
