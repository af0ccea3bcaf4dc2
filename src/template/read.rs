//! Reads documents from files and servers, within the limits of a policy.

use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use http::header::LOCATION;
use http::{Method, Response, StatusCode};
use url::Url;

use super::policy::Policy;
use super::shown::size;
use super::urls::web;
use crate::auth::NoAuth;
use crate::clock::{self, Instant};
use crate::error::{Error, ErrorKind};
use crate::session::Session;

const MOST_REDIRECTS: usize = 10;

/// Reads documents.
#[derive(Debug, Clone)]
pub(super) struct Reader(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    policy: Policy,
    session: Session,
    /// Whether the session belongs to a cloud, whose documents may need a token.
    has_cloud: bool,
}

impl Reader {
    pub(super) fn new(policy: Policy, cloud: Option<Session>) -> Self {
        let Some(session) = cloud else {
            return Self::anonymous(policy, Session::new(NoAuth::new()));
        };
        Self(Arc::new(Inner {
            policy,
            has_cloud: true,
            session,
        }))
    }

    /// Reads through a session without its token.
    pub(super) fn anonymous(policy: Policy, session: Session) -> Self {
        Self(Arc::new(Inner {
            policy,
            has_cloud: false,
            session,
        }))
    }

    pub(super) fn policy(&self) -> &Policy {
        &self.0.policy
    }

    /// The content of a file. A requested file may be a pipe. A file that a document refers to must be a regular file on
    /// a disk, so that reading it ends and has no side effects.
    ///
    /// # Errors
    /// The reason why it cannot be read.
    pub(super) fn file(&self, path: &Path, is_requested: bool) -> Result<Vec<u8>, String> {
        let limit = self.0.policy.file_limit;
        // Check first: opening a device may have side effects, and opening a pipe waits for a writer.
        refuse_special(&path.metadata(), is_requested)?;
        let file = open(path, is_requested).map_err(|error| plain(&error))?;
        // Check again: the file may have been replaced.
        let metadata = file.metadata();
        refuse_special(&metadata, is_requested)?;
        if !is_requested
            && metadata
                .as_ref()
                .is_ok_and(|found| is_of_kernel(path, found))
        {
            return Err("it is a kernel file, not a file on a disk".to_owned());
        }
        let too_long = || format!("it is longer than {}", size(limit));
        // Read one byte more than allowed to detect a file that is too long or endless.
        let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        if metadata.is_ok_and(|metadata| metadata.is_file() && metadata.len() >= most) {
            return Err(too_long());
        }
        let mut bytes = Vec::new();
        file.take(most)
            .read_to_end(&mut bytes)
            .map_err(|error| plain(&error))?;
        if bytes.len() > limit {
            return Err(too_long());
        }
        Ok(bytes)
    }

    /// The content of a URL, and whether it needed a token.
    ///
    /// The first request has no credentials. If it is refused and `may_authenticate` is true, a second request
    /// has a token, which the session sends only to origins in the cloud's catalog.
    ///
    /// # Errors
    /// The reason why it cannot be read.
    pub(super) async fn url(
        &self,
        url: &Url,
        may_authenticate: bool,
    ) -> Result<(Vec<u8>, bool), String> {
        let deadline = clock::after(self.0.policy.timeout);
        let error = match self.follow(false, url, deadline).await {
            Ok(bytes) => return Ok((bytes, false)),
            Err(error) => error,
        };
        let is_refused = matches!(
            error.status(),
            Some(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND)
        );
        let describe = |error: &Error| {
            if error.is_timeout() && clock::now() >= deadline {
                format!("no complete answer within {:?}", self.0.policy.timeout)
            } else {
                error.to_string()
            }
        };
        if !may_authenticate || !self.0.has_cloud || !is_refused {
            return Err(describe(&error));
        }
        let again = self.follow(true, url, deadline).await;
        again
            .map(|bytes| (bytes, true))
            .map_err(|again| match again.kind() {
                ErrorKind::Status => again.to_string(),
                _ => format!("{error}; with a token: {}", describe(&again)),
            })
    }

    async fn follow(
        &self,
        with_token: bool,
        url: &Url,
        deadline: Instant,
    ) -> Result<Vec<u8>, Error> {
        let refused = |why: String| Error::new(ErrorKind::Redirect, why);
        let policy = &self.0.policy;
        let mut url = url.clone();
        for _ in 0..=MOST_REDIRECTS {
            let left = deadline.saturating_duration_since(clock::now());
            let request = self.0.session.request(Method::GET, url.as_str());
            let request = request
                .authenticated(with_token)
                .redirects(0)
                .timeout(left)
                .answer_limit(policy.file_limit);
            let response = request.bytes().await?;
            if !response.status().is_redirection() {
                return Ok(response.into_body().into());
            }
            let next = redirect(&url, &response).map_err(refused)?;
            policy
                .check_hop(&url, &next)
                .map_err(|why| refused(format!("redirect refused: {why}")))?;
            url = next;
        }
        Err(refused(format!("more than {MOST_REDIRECTS} redirects")))
    }
}

/// Rejects directories, and special files unless they are requested.
fn refuse_special(found: &io::Result<Metadata>, is_requested: bool) -> Result<(), String> {
    let kind = found.as_ref().map_err(plain)?.file_type();
    if kind.is_dir() {
        return Err("it is a directory".to_owned());
    }
    if !kind.is_file() && !is_requested {
        return Err("it is not a regular file".to_owned());
    }
    Ok(())
}

/// Opens a file for reading. Unless it is requested, neither opening nor reading may block.
#[cfg(unix)]
fn open(path: &Path, is_requested: bool) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;

    use rustix::fs::OFlags;

    let flags = if is_requested {
        OFlags::empty()
    } else {
        OFlags::NONBLOCK | OFlags::NOCTTY
    };
    let flags = i32::try_from(flags.bits()).unwrap_or_default();
    File::options().read(true).custom_flags(flags).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path, _: bool) -> io::Result<File> {
    File::open(path)
}

/// Whether the kernel generates a file while it is read, such as `/proc/kmsg`. It looks like a regular file, but reading
/// it may block, consume what others would read, and reveal secrets of the process.
#[cfg(unix)]
fn is_of_kernel(path: &Path, found: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let real = path.canonicalize();
    let device = |path: &Path| path.metadata().ok().map(|found| found.dev());
    let root = device(Path::new("/"));
    ["/proc", "/sys"].iter().any(|mount| {
        let is_below = real.as_ref().is_ok_and(|real| real.starts_with(mount));
        // The same file system may be mounted elsewhere.
        let mounted = device(Path::new(mount)).filter(|device| Some(*device) != root);
        is_below || mounted == Some(found.dev())
    })
}

#[cfg(not(unix))]
fn is_of_kernel(_: &Path, _: &Metadata) -> bool {
    false
}

fn redirect(from: &Url, response: &Response<Bytes>) -> Result<Url, String> {
    let location = response.headers().get(LOCATION);
    let location = location.and_then(|value| value.to_str().ok());
    let location = location.ok_or("the redirect has no valid Location")?;
    web(from.join(location)).map_err(|why| format!("invalid redirect Location: {why}"))
}

/// The system's error message without the error number.
fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    text.split_once(" (os error")
        .map_or(text.as_str(), |(text, _)| text)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_is_quoted_without_numbers() {
        let error = io::Error::from_raw_os_error(2);
        assert_eq!(plain(&error), "No such file or directory");
        assert_eq!(plain(&io::Error::other("odd")), "odd");
    }
}
