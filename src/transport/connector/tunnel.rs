//! Tunnels through a proxy to the server: CONNECT (RFC 9110, 9.3.6) and SOCKS 5 (RFC 1928).

use std::io;

use bytes::Bytes;
use http::header::{HOST, PROXY_AUTHORIZATION};
use http::{Method, Request, StatusCode, Uri};
use http_body_util::Empty;
use hyper_util::client::legacy::connect::proxy::SocksV5;
use tower::{BoxError, ServiceExt as _};

use super::proxies::Proxy;
use super::resolver::usable;
use super::{Link, authority, failure, once};
use crate::error::{Error, ErrorKind, Result};

/// Opens a tunnel through an HTTP proxy to the host of `uri`.
pub(super) async fn connect(link: Link, uri: &Uri, proxy: &Proxy) -> Result<Link> {
    let (host, port) = destination(uri);
    match tunnel(link, format!("{host}:{port}"), proxy).await {
        Ok(Ok(link)) => Ok(link),
        Ok(Err(status)) => Err(Error::new(ErrorKind::Connect, refusal(status, uri, proxy))),
        Err(error) => Err(broken(uri, proxy, &*error)),
    }
}

/// Returns the tunnel, or the status with which the proxy refused it.
async fn tunnel(
    link: Link,
    destination: String,
    proxy: &Proxy,
) -> Result<Result<Link, StatusCode>, BoxError> {
    let (mut sender, connection) = hyper::client::conn::http1::handshake(link).await?;
    let exchange = async move {
        let mut request = Request::builder()
            .method(Method::CONNECT)
            .uri(destination.as_str())
            .header(HOST, destination.as_str());
        if let Some(basic) = proxy.basic() {
            request = request.header(PROXY_AUTHORIZATION, basic);
        }
        let response = sender
            .send_request(request.body(Empty::<Bytes>::new())?)
            .await?;
        if !response.status().is_success() {
            return Ok(Err(response.status()));
        }
        let upgraded = hyper::upgrade::on(response).await?;
        let parts = upgraded
            .downcast::<Link>()
            .map_err(|_| io::Error::other("the tunnel has an unexpected type"))?;
        // In TLS the client sends first.
        if !parts.read_buf.is_empty() {
            return Err(io::Error::other("it sent data before the TLS handshake").into());
        }
        Ok(Ok(parts.io))
    };
    tokio::pin!(exchange);
    let mut connection = std::pin::pin!(connection.with_upgrades());
    tokio::select! {
        biased;
        outcome = &mut exchange => outcome,
        _ = &mut connection => exchange.await,
    }
}

/// Opens a connection through a SOCKS 5 proxy to the host of `uri`.
pub(super) async fn socks5(
    link: Link,
    uri: &Uri,
    proxy: &Proxy,
    local_dns: bool,
    force_ipv4: bool,
) -> Result<Link> {
    let (host, port) = destination(uri);
    let mut target = format!("{host}:{port}");
    if local_dns && !host.starts_with('[') {
        let failed = |error| failure::of(&authority(uri), &error);
        let addresses = tokio::net::lookup_host((host, port)).await;
        let addresses = usable(addresses.map_err(failed)?, force_ipv4).map_err(failed)?;
        if let Some(address) = addresses.first() {
            target = address.to_string();
        }
    }
    let target = Uri::builder()
        .scheme("http")
        .authority(target)
        .path_and_query("/")
        .build()
        .map_err(|error| failure::of(&authority(uri), &error))?;
    let mut socks = SocksV5::new(proxy.address.clone(), once(link));
    if let Some((user, password)) = proxy.user_and_password() {
        socks = socks.with_auth(user, password);
    }
    let connected = socks.oneshot(target).await;
    connected.map_err(|error| match login_refusal(&error.to_string(), proxy) {
        Some(why) => {
            let server = authority(uri);
            let message = format!("the {proxy} refused to connect to {server}: {why}");
            Error::new(ErrorKind::Connect, message)
        }
        None => broken(uri, proxy, &error),
    })
}

/// Why a SOCKS 5 proxy refused the login or requires one. The error's type is private, so its text is
/// matched.
fn login_refusal(error: &str, proxy: &Proxy) -> Option<&'static str> {
    let is_method_refused = ["does not support user/pass", "authentication incorrectly"]
        .iter()
        .any(|text| error.contains(text));
    match proxy.has_login() {
        false if is_method_refused => Some(
            "it requires a user name and password; add them to the variable: socks5://USER:PASSWORD@HOST:PORT",
        ),
        true if is_method_refused => {
            Some("it accepts no user name and password; remove them from the variable")
        }
        true if error.contains("credentials not accepted") => {
            Some("it did not accept the login; check user name and password in the variable")
        }
        _ => None,
    }
}

/// The host (an IPv6 address in brackets) and the port.
fn destination(uri: &Uri) -> (&str, u16) {
    let default = match uri.scheme_str() {
        Some("https") => 443,
        _ => 80,
    };
    (
        uri.host().unwrap_or_default(),
        uri.port_u16().unwrap_or(default),
    )
}

fn refusal(status: StatusCode, uri: &Uri, proxy: &Proxy) -> String {
    let server = authority(uri);
    let advice = match status {
        // tinyproxy answers a wrong password with 401.
        StatusCode::PROXY_AUTHENTICATION_REQUIRED | StatusCode::UNAUTHORIZED => {
            login_advice(proxy.has_login())
        }
        _ => "if the server needs no proxy, add its host to no_proxy",
    };
    format!("the {proxy} refused to connect to {server}: {status}; {advice}")
}

/// What to do about a proxy that requires a user name and password, or others.
pub(super) fn login_advice(has_login: bool) -> &'static str {
    match has_login {
        true => "check user name and password in the variable",
        false => "add user name and password to the variable: http://USER:PASSWORD@HOST:PORT",
    }
}

/// The error of a proxy that violates its protocol or closes the connection.
fn broken(uri: &Uri, proxy: &Proxy, error: &(dyn std::error::Error + 'static)) -> Error {
    let server = authority(uri);
    let why = failure::deepest(error);
    let message = format!("the {proxy} did not connect to {server}: {why}");
    Error::new(ErrorKind::Connect, message)
}
