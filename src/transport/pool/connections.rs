//! The connections of a pool, by the runtime that drives them.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwapOption;
use http::Request;
use hyper_util::client::legacy::{Builder, Client, ResponseFuture};
use tokio::runtime::{Handle, Id};

use crate::transport::Body;
use crate::transport::connector::Connector;

/// The runtimes whose connections are kept. Of more, those seen first lose theirs.
const MOST_RUNTIMES: usize = 256;

/// Opens connections and keeps them for each runtime by itself.
///
/// A connection is driven by a task of the runtime that opened it. A runtime that drives nothing for now, such as one
/// of a single thread between two `block_on`, does not drive its connections either: a request of another runtime
/// would wait there until it times out.
pub(super) struct Connections {
    builder: Builder,
    connector: Connector,
    /// The runtime of the last request: nearly always that of the next one, too.
    last: ArcSwapOption<Clients>,
    all: Mutex<Vec<Arc<Clients>>>,
}

/// The connections of one runtime.
struct Clients {
    /// `None` outside of any runtime.
    runtime: Option<Id>,
    plain: Client<Connector, Body>,
    /// Connections that offer the client certificate, if there is one: never used for other servers.
    identified: Option<Client<Connector, Body>>,
}

impl Connections {
    pub(super) fn new(builder: Builder, connector: Connector) -> Self {
        Self {
            builder,
            connector,
            last: ArcSwapOption::empty(),
            all: Mutex::default(),
        }
    }

    /// Sends a request by a connection of the current runtime. One to a server that `is_trusted` offers the client
    /// certificate.
    pub(super) fn send(&self, request: Request<Body>, is_trusted: bool) -> ResponseFuture {
        let runtime = Handle::try_current().ok().map(|handle| handle.id());
        let last = self.last.load();
        if let Some(clients) = &*last
            && clients.runtime == runtime
        {
            return clients.send(request, is_trusted);
        }
        let clients = self.of(runtime);
        let answer = clients.send(request, is_trusted);
        self.last.store(Some(clients));
        answer
    }

    fn of(&self, runtime: Option<Id>) -> Arc<Clients> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.iter().find(|clients| clients.runtime == runtime) {
            return Arc::clone(known);
        }
        if all.len() >= MOST_RUNTIMES {
            all.remove(0);
        }
        let identified = self.connector.offering_certificate();
        let clients = Arc::new(Clients {
            runtime,
            plain: self.builder.build(self.connector.clone()),
            identified: identified.map(|connector| self.builder.build(connector)),
        });
        all.push(Arc::clone(&clients));
        clients
    }
}

impl Clients {
    fn send(&self, request: Request<Body>, is_trusted: bool) -> ResponseFuture {
        match &self.identified {
            Some(identified) if is_trusted => identified.request(request),
            _ => self.plain.request(request),
        }
    }
}
