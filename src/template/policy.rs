//! What may be read, and from where.

use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use super::location::Location;

/// What templates and environments may refer to, and how much of it is read.
///
/// By default, local documents may refer to any file and any http or https URL. A document from a server
/// may not refer to local files. References and redirects from a server may only lead to the same origin
/// (scheme, host and port); a change from http to https is allowed, the reverse is not.
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
    /// Limits references to files below this directory, after `..` and symbolic links are resolved.
    pub fn within(mut self, directory: impl Into<PathBuf>) -> Self {
        self.root = Some(directory.into());
        self
    }

    /// Sets whether references may go through symbolic links. The default is true.
    pub fn follow_symlinks(mut self, follow: bool) -> Self {
        self.follow_symlinks = follow;
        self
    }

    /// Sets whether documents may be read from servers. The default is true.
    pub fn remote(mut self, remote: bool) -> Self {
        self.remote = remote;
        self
    }

    /// Allows references and redirects from servers to another host: `host`, or `host:port`.
    pub fn allow_host(mut self, host: impl Into<String>) -> Self {
        self.hosts.push(host.into());
        self
    }

    /// Sets the most bytes of one file. The default is 16 MiB.
    pub fn file_limit(mut self, bytes: usize) -> Self {
        self.file_limit = bytes;
        self
    }

    /// Sets the most bytes of all files together. The default is 256 MiB. The limit also applies to the request,
    /// which contains a file once for each URL that refers to it.
    pub fn total_limit(mut self, bytes: usize) -> Self {
        self.total_limit = bytes;
        self
    }

    /// Sets the most documents, the template and the environments included. The default is 20,000.
    pub fn count_limit(mut self, documents: usize) -> Self {
        self.count_limit = documents;
        self
    }

    /// Sets the timeout for one document from a server, retries and redirects included. The default is 30 s.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets how many documents are read at a time. The default is 16.
    pub fn concurrency(mut self, documents: usize) -> Self {
        self.concurrency = documents.max(1);
        self
    }

    /// Checks whether a requested document may be read.
    ///
    /// # Errors
    /// The reason why it may not.
    pub(super) fn check_requested(&self, to: &Location) -> Result<(), String> {
        match to {
            Location::Remote(_) if !self.remote => Err(format!(
                "{to} is on a server; reading from servers is disabled"
            )),
            _ => Ok(()),
        }
    }

    /// Checks whether a document may refer to another one.
    ///
    /// # Errors
    /// The reason why it may not.
    pub(super) fn check(&self, from: &Location, to: &Location) -> Result<(), String> {
        match (from, to) {
            (Location::Local { .. }, Location::Local { .. }) => self.check_file(to),
            (Location::Local { .. }, Location::Remote(_)) => self.check_requested(to),
            (Location::Remote(_), Location::Local { .. }) => {
                Err("a document from a server may not refer to a local file".to_owned())
            }
            (Location::Remote(from), Location::Remote(target)) => self
                .check_requested(to)
                .and_then(|()| self.check_hop(from, target)),
        }
    }

    /// Checks whether a reference or a redirect may lead from one URL to another.
    pub(super) fn check_hop(&self, from: &Url, to: &Url) -> Result<(), String> {
        let host = |url: &Url| url.host_str().unwrap_or_default().to_owned();
        if from.scheme() == "https" && to.scheme() == "http" {
            return Err(format!(
                "a change from https to http is not safe (host {})",
                host(to)
            ));
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
            "{} is not the same server as {}; allow that host if you trust it",
            server(to),
            server(from)
        ))
    }

    fn allows(&self, url: &Url) -> bool {
        self.hosts.iter().any(|allowed| {
            // The URL parser normalizes the host.
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

    /// Checks whether a document may refer to a file.
    fn check_file(&self, to: &Location) -> Result<(), String> {
        let Location::Local { path, .. } = to else {
            return Ok(());
        };
        if self.root.is_none() && self.follow_symlinks {
            return Ok(());
        }
        // A missing file is reported when it is read. It must not be outside the root either.
        let real = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        if !self.follow_symlinks && real != **path {
            return Err(format!(
                "{to} goes through a symbolic link, which is not allowed"
            ));
        }
        let Some(root) = &self.root else {
            return Ok(());
        };
        if root.canonicalize().is_ok_and(|root| real.starts_with(root)) {
            Ok(())
        } else {
            Err(format!(
                "{to} is outside the directory {}, to which files are limited",
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
                Some("a change from https to http is not safe (host h)"),
            ),
            (
                "http://h/a",
                "http://h:81/b",
                Some("h:81 is not the same server as h; allow that host if you trust it"),
            ),
            (
                "http://h:81/a",
                "https://h/b",
                Some("h is not the same server as h:81; allow that host if you trust it"),
            ),
            (
                "http://h/a",
                "https://h:444/b",
                Some("h:444 is not the same server as h; allow that host if you trust it"),
            ),
            (
                "http://h/a",
                "http://i/b",
                Some("i is not the same server as h; allow that host if you trust it"),
            ),
            (
                "http://h/a",
                "http://h.i/b",
                Some("h.i is not the same server as h; allow that host if you trust it"),
            ),
            (
                "http://[::1]/a",
                "http://[::2]:8/b",
                Some("[::2]:8 is not the same server as [::1]; allow that host if you trust it"),
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
