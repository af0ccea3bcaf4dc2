//! Limits the connections to each host. Callers wait in order for a free one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwapOption;
use http::Uri;
use http::uri::{Authority, Scheme};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The maximum number of connections to a host.
const MOST: usize = 256;

/// File descriptors that are reserved for other uses, in addition to half of all.
const RESERVE: usize = 16;

/// Connections to each host that only logins and discovery may use, so that calls that wait for a
/// token cannot block the login.
const FOR_LOGINS: usize = 2;

/// Unused hosts are removed when there are this many.
const MANY_HOSTS: usize = 64;

/// A permit for one connection to a host, released when it is dropped.
pub(in crate::transport) type Permit = OwnedSemaphorePermit;

/// The permits of all hosts.
#[derive(Debug)]
pub(super) struct Permits {
    limit: usize,
    /// The host of the last request, which is mostly the host of the next one, too.
    last: ArcSwapOption<Host>,
    hosts: Mutex<HashMap<(Scheme, Authority), Arc<Host>>>,
}

/// The permits of one host.
#[derive(Debug)]
pub(super) struct Host {
    scheme: Scheme,
    authority: Authority,
    calls: Arc<Semaphore>,
    logins: Arc<Semaphore>,
}

impl Permits {
    /// Permits for at most `limit` connections to each host. The default depends on the process's limits.
    pub(super) fn new(limit: Option<usize>) -> Self {
        let limit = limit.unwrap_or_else(|| default_limit(open_files_limit()));
        Self {
            limit: limit.clamp(1, Semaphore::MAX_PERMITS),
            last: ArcSwapOption::empty(),
            hosts: Mutex::default(),
        }
    }

    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// A permit for a request to `uri`, or the semaphore to wait for. `None` for a URI without a host,
    /// which the connection pool refuses.
    pub(super) fn acquire(
        &self,
        uri: &Uri,
        is_login: bool,
    ) -> Option<Result<Permit, Arc<Semaphore>>> {
        let (scheme, authority) = (uri.scheme()?, uri.authority()?);
        let last = self.last.load();
        if let Some(host) = last.as_ref()
            && host.scheme == *scheme
            && host.authority == *authority
        {
            return Some(host.acquire(is_login));
        }
        let host = self.host(scheme, authority);
        let permit = host.acquire(is_login);
        self.last.store(Some(host));
        Some(permit)
    }

    fn host(&self, scheme: &Scheme, authority: &Authority) -> Arc<Host> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() >= MANY_HOSTS {
            hosts.retain(|_, host| host.calls.available_permits() < self.limit);
        }
        let host = hosts
            .entry((scheme.clone(), authority.clone()))
            .or_insert_with(|| {
                Arc::new(Host {
                    scheme: scheme.clone(),
                    authority: authority.clone(),
                    calls: Arc::new(Semaphore::new(self.limit)),
                    logins: Arc::new(Semaphore::new(FOR_LOGINS)),
                })
            });
        Arc::clone(host)
    }
}

impl Host {
    fn acquire(&self, is_login: bool) -> Result<Permit, Arc<Semaphore>> {
        let free = Arc::clone(&self.calls).try_acquire_owned();
        match (free, is_login) {
            (Ok(permit), _) => Ok(permit),
            (Err(_), false) => Err(Arc::clone(&self.calls)),
            (Err(_), true) => Arc::clone(&self.logins)
                .try_acquire_owned()
                .map_err(|_| Arc::clone(&self.logins)),
        }
    }
}

/// The maximum number of connections to each host for a limit of open files.
fn default_limit(open_files: Option<u64>) -> usize {
    let half = open_files.and_then(|most| usize::try_from(most / 2).ok());
    half.map_or(MOST, |half| half.saturating_sub(RESERVE).clamp(1, MOST))
}

/// The soft limit of open files (`ulimit -n`).
fn open_files_limit() -> Option<u64> {
    #[cfg(unix)]
    return rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    #[cfg(not(unix))]
    return None;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_follows_the_limit_of_open_files() {
        for (files, limit) in [
            (None, 256),
            (Some(0), 1),
            (Some(34), 1),
            (Some(64), 16),
            (Some(256), 112),
            (Some(544), 256),
            (Some(1024), 256),
            (Some(u64::MAX), 256),
        ] {
            assert_eq!(default_limit(files), limit, "{files:?}");
        }
    }

    #[test]
    fn each_host_has_its_own_and_logins_have_two_more() {
        let permits = Permits::new(Some(2));
        let (heat, other): (Uri, Uri) = (
            "http://heat/a".parse().unwrap(),
            "https://heat/a".parse().unwrap(),
        );
        let held: Vec<_> = (0..2)
            .map(|_| permits.acquire(&heat, false).unwrap().unwrap())
            .collect();
        assert!(permits.acquire(&heat, false).unwrap().is_err());
        let login = permits.acquire(&heat, true).unwrap().unwrap();
        let second = permits.acquire(&heat, true).unwrap().unwrap();
        assert!(permits.acquire(&heat, true).unwrap().is_err());
        assert!(permits.acquire(&other, false).unwrap().is_ok());
        drop((held, login, second));
        assert!(permits.acquire(&heat, false).unwrap().is_ok());
        assert!(permits.acquire(&Uri::from_static("/path"), false).is_none());
    }

    #[test]
    fn hosts_that_nothing_uses_are_forgotten() {
        let permits = Permits::new(Some(1));
        let busy = "http://busy/".parse().unwrap();
        let held = permits.acquire(&busy, false).unwrap().unwrap();
        for n in 0..10_000 {
            let uri = format!("http://h{n}/").parse().unwrap();
            drop(permits.acquire(&uri, false).unwrap().unwrap());
        }
        assert!(permits.hosts.lock().unwrap().len() <= MANY_HOSTS);
        assert!(permits.acquire(&busy, false).unwrap().is_err());
        drop(held);
        assert!(permits.acquire(&busy, false).unwrap().is_ok());
    }
}
