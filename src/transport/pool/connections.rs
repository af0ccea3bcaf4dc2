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
    plain: Connector,
    /// Offers the client certificate, if there is one.
    identified: Option<Connector>,
    /// The runtime of the last request: nearly always that of the next one, too.
    last: ArcSwapOption<Clients>,
    all: Mutex<Vec<Arc<Clients>>>,
}

/// The connections of one runtime.
struct Clients {
    /// `None` outside of any runtime.
    runtime: Option<Id>,
    plain: Connected,
    /// Connections that offer the client certificate, if there is one: never used for other servers.
    identified: Option<Connected>,
}

/// Connections with the same connector and of the same generation of certificate files.
#[derive(Clone)]
struct Connected {
    client: Client<Connector, Body>,
    generation: u64,
}

impl Connections {
    pub(super) fn new(builder: Builder, connector: Connector) -> Self {
        Self {
            builder,
            identified: connector.offering_certificate(),
            plain: connector,
            last: ArcSwapOption::empty(),
            all: Mutex::default(),
        }
    }

    /// The connector of connections to a server that `is_trusted`: it offers the client certificate, if there is one.
    pub(super) fn connector(&self, is_trusted: bool) -> &Connector {
        match &self.identified {
            Some(identified) if is_trusted => identified,
            _ => &self.plain,
        }
    }

    /// Sends a request by a connection of the current runtime. One to a server that `is_trusted` offers the client
    /// certificate. Connections from before a change of the certificate files are not used.
    pub(super) fn send(&self, request: Request<Body>, is_trusted: bool) -> ResponseFuture {
        let runtime = Handle::try_current().ok().map(|handle| handle.id());
        let generation = self.connector(is_trusted).generation();
        let last = self.last.load();
        if let Some(clients) = &*last
            && clients.runtime == runtime
            && clients.for_server(is_trusted).generation == generation
        {
            return clients.for_server(is_trusted).client.request(request);
        }
        let clients = self.of(runtime);
        let answer = clients.for_server(is_trusted).client.request(request);
        self.last.store(Some(clients));
        answer
    }

    fn of(&self, runtime: Option<Id>) -> Arc<Clients> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all.iter().position(|clients| clients.runtime == runtime);
        let known = known.map(|index| all.remove(index));
        if known.is_none() && all.len() >= MOST_RUNTIMES {
            all.remove(0);
        }
        let plain = known.as_ref().map(|clients| &clients.plain);
        let identified = known
            .as_ref()
            .and_then(|clients| clients.identified.as_ref());
        let clients = Arc::new(Clients {
            runtime,
            plain: self.connected(&self.plain, plain),
            identified: self
                .identified
                .as_ref()
                .map(|connector| self.connected(connector, identified)),
        });
        all.push(Arc::clone(&clients));
        clients
    }

    /// The connections that are `known`, or new ones if the files have changed.
    fn connected(&self, connector: &Connector, known: Option<&Connected>) -> Connected {
        let generation = connector.generation();
        match known {
            Some(known) if known.generation == generation => known.clone(),
            _ => Connected {
                client: self.builder.build(connector.clone()),
                generation,
            },
        }
    }
}

impl Clients {
    fn for_server(&self, is_trusted: bool) -> &Connected {
        match &self.identified {
            Some(identified) if is_trusted => identified,
            _ => &self.plain,
        }
    }
}
