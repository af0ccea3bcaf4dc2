//! What may be read, and from where.

use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use super::location::Location;

/// What templates and environments may refer to, and how much of it is read.
///
/// Unless set otherwise, documents of this machine may refer to any file and any http or https URL.
/// A document from a server never causes a file to be read, and refers to and is redirected to its
/// own origin only (its scheme, host and port; from http to https is fine, back is not).
///
/// ```
/// use heatclient::template::Policy;
///
/// let policy = Policy::default().within("templates").allow_host("git.example.org").file_limit(1 << 20);
/// ```
#[derive(Debug, Clone)]
#[must_use = "pass it to a packer"]
pub struct Policy {
    root: Option<PathBuf>,
    follow_symlinks: bool,
    remote: bool,
    hosts: Vec<String>,
    pub(super) file_limit: usize,
    pub(super) total_limit: usize,
    pub(super) count_limit: usize,
    pub(super) timeout: Duration,
    pub(super) concurrency: usize,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            root: None,
            follow_symlinks: true,
            remote: true,
            hosts: Vec::new(),
            file_limit: 16 << 20,
            total_limit: 256 << 20,
            count_limit: 20_000,
            timeout: Duration::from_secs(30),
            concurrency: 16,
        }
    }
}

impl Policy {
    /// Files are referred to below this directory only, also by `..` and by symbolic links.
    pub fn within(mut self, directory: impl Into<PathBuf>) -> Self {
        self.root = Some(directory.into());
        self
    }

    /// Whether references may lead through symbolic links; by default they may.
    pub fn follow_symlinks(mut self, follow: bool) -> Self {
        self.follow_symlinks = follow;
        self
    }

    /// Whether documents may be read from servers; by default they may.
    pub fn remote(mut self, remote: bool) -> Self {
        self.remote = remote;
        self
    }

    /// Lets documents of servers refer and be redirected to another host: `host`, or `host:port`.
    pub fn allow_host(mut self, host: impl Into<String>) -> Self {
        self.hosts.push(host.into());
        self
    }

    /// The most bytes of one file; 16 MiB by default.
    pub fn file_limit(mut self, bytes: usize) -> Self {
        self.file_limit = bytes;
        self
    }

    /// The most bytes of all files together; 256 MiB by default. That is also the most that they may have in the
    /// request, in which a file stands once for each URL that refers to it.
    pub fn total_limit(mut self, bytes: usize) -> Self {
        self.total_limit = bytes;
        self
    }

    /// The most documents, the template and the environments included; 20,000 by default.
    pub fn count_limit(mut self, documents: usize) -> Self {
        self.count_limit = documents;
        self
    }

    /// The most time for one document from a server, retries and redirects included; 30 s by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How many documents are read at a time; 16 by default.
    pub fn concurrency(mut self, documents: usize) -> Self {
        self.concurrency = documents.max(1);
        self
    }

    /// Whether a document may be read that was asked for.
    ///
    /// # Errors
    /// Why it may not.
    pub(super) fn check_asked(&self, to: &Location) -> Result<(), String> {
        match to {
            Location::Remote(_) if !self.remote => Err(format!(
                "{to} is on a server, and nothing is to be read from servers"
            )),
            _ => Ok(()),
        }
    }

    /// Whether a document may refer to another one.
    ///
    /// # Errors
    /// Why it may not.
    pub(super) fn check(&self, from: &Location, to: &Location) -> Result<(), String> {
        match (from, to) {
            (Location::Local { .. }, Location::Local { .. }) => self.check_file(to),
            (Location::Local { .. }, Location::Remote(_)) => self.check_asked(to),
            (Location::Remote(_), Location::Local { .. }) => {
                Err("a document from a server may not refer to a file of this machine".to_owned())
            }
            (Location::Remote(from), Location::Remote(target)) => self
                .check_asked(to)
                .and_then(|()| self.check_hop(from, target)),
        }
    }

    /// Whether a server may lead from one URL to another, by a reference or a redirect.
    pub(super) fn check_hop(&self, from: &Url, to: &Url) -> Result<(), String> {
        let host = |url: &Url| url.host_str().unwrap_or_default().to_owned();
        if from.scheme() == "https" && to.scheme() == "http" {
            return Err(format!("from https to http of {} is not safe", host(to)));
        }
        let is_same = from.origin() == to.origin();
        let is_upgrade = host(from) == host(to)
            && from.scheme() != to.scheme()
            && (from.port(), to.port()) == (None, None);
        if is_same || is_upgrade || self.allows(to) {
            return Ok(());
        }
        let server = |url: &Url| match url.port() {
            Some(port) => format!("{}:{port}", host(url)),
            None => host(url),
        };
        Err(format!(
            "{} is another server than {}; allow that host if you trust it",
            server(to),
            server(from)
        ))
    }

    fn allows(&self, url: &Url) -> bool {
        self.hosts.iter().any(|allowed| {
            // Read as a URL, it has the one spelling that hosts have there.
            let Ok(parsed) = Url::parse(&format!("http://{allowed}")) else {
                return false;
            };
            let names_port = allowed
                .rsplit_once(':')
                .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
            parsed.host() == url.host()
                && (!names_port || parsed.port_or_known_default() == url.port_or_known_default())
        })
    }

    /// Whether a file may be referred to.
    fn check_file(&self, to: &Location) -> Result<(), String> {
        let Location::Local { path, .. } = to else {
            return Ok(());
        };
        if self.root.is_none() && self.follow_symlinks {
            return Ok(());
        }
        // What does not exist is told when it is to be read; it may not be outside even so.
        let real = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        if !self.follow_symlinks && real != **path {
            return Err(format!(
                "{to} leads through a symbolic link, which is not allowed"
            ));
        }
        let Some(root) = &self.root else {
            return Ok(());
        };
        if root.canonicalize().is_ok_and(|root| real.starts_with(root)) {
            Ok(())
        } else {
            Err(format!(
                "{to} is outside of the directory {}, where files are to be found",
                root.display()
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hop(policy: &Policy, from: &str, to: &str) -> Result<(), String> {
        policy.check_hop(&Url::parse(from).unwrap(), &Url::parse(to).unwrap())
    }

    #[test]
    fn servers_lead_to_themselves_and_to_better_ones() {
        let policy = Policy::default();
        for (from, to, why) in [
            ("http://h/a", "http://h/b", None),
            ("http://h/a", "http://H:80/b", None),
            ("https://h/a", "https://h:443/b", None),
            ("http://h/a", "https://h/b", None),
            (
                "https://h/a",
                "http://h/b",
                Some("from https to http of h is not safe"),
            ),
            (
                "http://h/a",
                "http://h:81/b",
                Some("h:81 is another server than h; allow that host if you trust it"),
            ),
            (
                "http://h:81/a",
                "https://h/b",
                Some("h is another server than h:81; allow that host if you trust it"),
            ),
            (
                "http://h/a",
                "https://h:444/b",
                Some("h:444 is another server than h; allow that host if you trust it"),
            ),
            (
                "http://h/a",
                "http://i/b",
                Some("i is another server than h; allow that host if you trust it"),
            ),
            (
                "http://h/a",
                "http://h.i/b",
                Some("h.i is another server than h; allow that host if you trust it"),
            ),
            (
                "http://[::1]/a",
                "http://[::2]:8/b",
                Some("[::2]:8 is another server than [::1]; allow that host if you trust it"),
            ),
        ] {
            let result = hop(&policy, from, to);
            assert_eq!(result.err().as_deref(), why, "{from} {to}");
        }
    }

    #[test]
    fn hosts_are_allowed_in_any_spelling() {
        for (allowed, to, is_fine) in [
            ("i", "http://i/", true),
            ("I", "http://i:8080/", true),
            ("i:8080", "http://i:8080/", true),
            ("i:8080", "http://i/", false),
            ("i:80", "http://i/", true),
            ("i:443", "https://i/", true),
            ("i:80", "https://i/", false),
            ("bücher.example", "http://xn--bcher-kva.example/", true),
            ("[::1]", "http://[0::1]/", true),
            ("[::1]:8", "http://[::1]:8/", true),
            ("[::1]:8", "http://[::1]:9/", false),
            ("::1", "http://[::1]/", false),
            ("", "http://i/", false),
            ("j.i", "http://i/", false),
            ("i", "http://j.i/", false),
            ("i:99999", "http://i/", false),
        ] {
            let policy = Policy::default().allow_host(allowed);
            assert_eq!(
                hop(&policy, "http://h/", to).is_ok(),
                is_fine,
                "{allowed} {to}"
            );
        }
        let policy = Policy::default().allow_host("i");
        assert!(
            hop(&policy, "https://h/", "http://i/").is_err(),
            "never from https to http"
        );
    }
}
