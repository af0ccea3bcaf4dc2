//! A TLS configuration that follows its files.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::task::JoinHandle;
use tracing::{Dispatch, dispatcher};

use super::TlsConfig;
use super::snapshot::Snapshot;
use crate::clock::{self, Instant};
use crate::error::{Error, ErrorKind, Result};

/// The files are looked at no more often than this.
const INTERVAL: Duration = Duration::from_secs(1);

/// The TLS configuration of connections with or without the client certificate.
///
/// It is built from the files for the first connection, and again when they have changed. Files that are not valid
/// then, perhaps because they are only half written, are tried again, and the last valid configuration is used.
#[derive(Debug)]
pub(super) struct Watched {
    config: Arc<TlsConfig>,
    offers_certificate: bool,
    current: ArcSwapOption<Current>,
    /// Locked by the thread that reads the files.
    reading: Arc<Mutex<()>>,
}

/// What is in use, and when the files have to be looked at again.
#[derive(Debug, Clone)]
struct Current {
    built: Arc<Built>,
    snapshot: Arc<Snapshot>,
    generation: u64,
    due: Instant,
    /// Why the files cannot be used as they are now.
    failure: Option<Arc<str>>,
}

/// A configuration and the certificates that it was made of.
#[derive(Debug)]
pub(super) struct Built {
    pub(super) client: Arc<ClientConfig>,
    /// Of CAs, in a stable order.
    pub(super) authorities: Vec<CertificateDer<'static>>,
    /// Of the client. The key belongs to the first one.
    pub(super) chain: Vec<CertificateDer<'static>>,
}

impl Watched {
    pub(super) fn new(config: &Arc<TlsConfig>, offers_certificate: bool) -> Arc<Self> {
        Arc::new(Self {
            config: Arc::clone(config),
            offers_certificate,
            current: ArcSwapOption::empty(),
            reading: Arc::default(),
        })
    }

    /// The number of changes so far.
    pub(super) fn generation(&self) -> u64 {
        let current = self.current.load();
        current.as_ref().map_or(0, |current| current.generation)
    }

    /// Whether the files were read and have to be looked at again.
    pub(super) fn is_due(&self) -> bool {
        let current = self.current.load();
        current
            .as_ref()
            .is_some_and(|current| current.snapshot.is_rereadable() && current.due <= clock::now())
    }

    /// The configuration. Files are read within `limit`.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if the files were never valid.
    pub(super) async fn client(self: &Arc<Self>, limit: Duration) -> Result<Arc<ClientConfig>> {
        if self.is_due()
            // If another call looks at the files, this one does not wait for it.
            && let Ok(guard) = Arc::clone(&self.reading).try_lock_owned()
        {
            self.check(guard, limit).await;
        }
        if let Some(current) = &*self.current.load() {
            return Ok(Arc::clone(&current.built.client));
        }
        match tokio::time::timeout(limit, self.first()).await {
            Ok(client) => client,
            Err(_) => Err(self.config.not_read(self.offers_certificate, limit)),
        }
    }

    /// The configuration, of the files as they are now.
    ///
    /// # Errors
    /// Those of [`client`](Self::client).
    pub(super) async fn latest(self: &Arc<Self>, limit: Duration) -> Result<Arc<ClientConfig>> {
        let current = self.current.load_full();
        if current.is_some_and(|current| current.snapshot.is_rereadable())
            && let Ok(guard) =
                tokio::time::timeout(limit, Arc::clone(&self.reading).lock_owned()).await
        {
            self.check(guard, limit).await;
        }
        self.client(limit).await
    }

    async fn first(self: &Arc<Self>) -> Result<Arc<ClientConfig>> {
        let guard = Arc::clone(&self.reading).lock_owned().await;
        if let Some(current) = &*self.current.load() {
            return Ok(Arc::clone(&current.built.client));
        }
        self.in_thread(guard, Self::begin).await.map_err(|e| {
            Error::new(ErrorKind::Cancelled, "reading certificates was cancelled").with_source(e)
        })?
    }

    /// Looks at the files in a thread, which may take longer than `limit`.
    async fn check(self: &Arc<Self>, guard: OwnedMutexGuard<()>, limit: Duration) {
        // The configuration in use is valid, whatever becomes of the check.
        let _ = tokio::time::timeout(limit, self.in_thread(guard, Self::update)).await;
    }

    /// Runs code that may block. It logs where the caller logs.
    fn in_thread<T: Send + 'static>(
        self: &Arc<Self>,
        guard: OwnedMutexGuard<()>,
        run: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> JoinHandle<T> {
        let watched = Arc::clone(self);
        let log = dispatcher::get_default(Dispatch::clone);
        tokio::task::spawn_blocking(move || {
            let _guard = guard;
            dispatcher::with_default(&log, || run(&watched))
        })
    }

    fn begin(&self) -> Result<Arc<ClientConfig>> {
        let (snapshot, built) = self.read();
        let built = Arc::new(built?);
        self.current.store(Some(Arc::new(Current {
            built: Arc::clone(&built),
            snapshot: Arc::new(snapshot),
            generation: 0,
            due: clock::after(INTERVAL),
            failure: None,
        })));
        Ok(Arc::clone(&built.client))
    }

    /// Builds the configuration again if the files have changed.
    fn update(&self) {
        let Some(current) = self.current.load_full() else {
            return;
        };
        let mut next = Current::clone(&current);
        if !current.snapshot.is_settled() || Snapshot::take(&self.paths()) != *current.snapshot {
            let (snapshot, built) = self.read();
            match built {
                Ok(built) => {
                    next.snapshot = Arc::new(snapshot);
                    next.failure = None;
                    if !built.is_of_same_files(&current.built) {
                        next.built = Arc::new(built);
                        next.generation += 1;
                        self.say_changed();
                    }
                }
                Err(error) => {
                    let why = error.to_string();
                    if current.failure.as_deref() != Some(&*why) {
                        tracing::warn!(
                            target: "heatclient::tls",
                            "the certificate or key files have changed and cannot be used; the previous ones are \
                             used, and the files are tried again: {why}"
                        );
                    }
                    next.failure = Some(why.into());
                }
            }
        } else {
            next.failure = None;
        }
        next.due = clock::after(INTERVAL);
        self.current.store(Some(Arc::new(next)));
    }

    /// The snapshot is older than what is read, so that a change in between is noticed later.
    fn read(&self) -> (Snapshot, Result<Built>) {
        let snapshot = Snapshot::take(&self.paths());
        (snapshot, self.config.build(self.offers_certificate))
    }

    fn paths(&self) -> Vec<PathBuf> {
        self.config.paths(self.offers_certificate)
    }

    fn say_changed(&self) {
        let files: Vec<_> = self.paths();
        tracing::info!(
            target: "heatclient::tls",
            ?files,
            "changed certificate or key files are used for new connections"
        );
    }
}

impl Built {
    fn is_of_same_files(&self, other: &Self) -> bool {
        self.authorities == other.authorities && self.chain == other.chain
    }
}
