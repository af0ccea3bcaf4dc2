//! Listeners, connections, and the effects of faults on them.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use super::Cloud;
use super::call::{Answer, Call};
use super::faults::{Effect, Injection};
use super::log::Service;

/// An open port. Dropping it closes the port and its connections.
#[derive(Debug)]
pub(super) struct Listener {
    task: JoinHandle<()>,
    open: Arc<AtomicUsize>,
}

impl Listener {
    pub(super) fn serve(socket: TcpListener, service: Service, cloud: Arc<Cloud>) -> Self {
        let open = Arc::new(AtomicUsize::new(0));
        let task = tokio::spawn(accept(socket, service, cloud, Arc::clone(&open)));
        Self { task, open }
    }

    pub(super) async fn close(mut self) {
        self.task.abort();
        // The task was aborted, so it returns an error.
        let _ = (&mut self.task).await;
    }

    pub(super) fn connections(&self) -> usize {
        self.open.load(Ordering::Acquire)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Accepts connections and owns them: they end when this future is dropped.
async fn accept(socket: TcpListener, service: Service, cloud: Arc<Cloud>, open: Arc<AtomicUsize>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = socket.accept() => match accepted {
                Ok((stream, peer)) => {
                    let connection = Connection::new(stream, service, &cloud, &open, peer);
                    connections.spawn(connection.run());
                }
                // Probably out of file descriptors: wait for connections to end.
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

struct Connection {
    stream: TcpStream,
    service: Service,
    cloud: Arc<Cloud>,
    open: Open,
    peer: SocketAddr,
}

/// Counts a connection during its lifetime.
struct Open(Arc<AtomicUsize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Connection {
    fn new(
        stream: TcpStream,
        service: Service,
        cloud: &Arc<Cloud>,
        open: &Arc<AtomicUsize>,
        peer: SocketAddr,
    ) -> Self {
        open.fetch_add(1, Ordering::AcqRel);
        let open = Open(Arc::clone(open));
        Self {
            stream,
            service,
            cloud: Arc::clone(cloud),
            open,
            peer,
        }
    }

    async fn run(self) {
        let Self {
            stream,
            service,
            cloud,
            open,
            peer,
        } = self;
        // Small answers must not wait for acknowledgements.
        let _ = stream.set_nodelay(true);
        let reset = Arc::new(AtomicBool::new(false));
        let wire = Wire {
            stream,
            reset: Arc::clone(&reset),
        };
        let answers = service_fn(|request| answer(&cloud, service, request, &reset));
        let ended = http1::Builder::new()
            .serve_connection(TokioIo::new(wire), answers)
            .await;
        if let Err(error) = ended {
            tracing::trace!(?service, %peer, %error, "a sandbox connection ended");
        }
        drop(open);
    }
}

/// Answers one request, or fails as the faults demand.
async fn answer(
    cloud: &Arc<Cloud>,
    service: Service,
    request: Request<Incoming>,
    reset: &AtomicBool,
) -> Result<Response<Reply>, Dropped> {
    let local = match service {
        Service::Identity => cloud.addresses.identity,
        Service::Orchestration => cloud.addresses.orchestration,
    };
    let call = Call::read(request, &local.to_string())
        .await
        .map_err(|_| Dropped)?;
    let number = cloud.log.arrived(service, &call);
    let injection = cloud.faults.find(service, &call);
    let answer = match injection {
        None => respond(cloud, service, &call).map(Reply::whole),
        Some(injection) => apply(cloud, service, &call, injection, reset).await?,
    };
    cloud.log.answered(number, answer.status());
    Ok(answer)
}

async fn apply(
    cloud: &Arc<Cloud>,
    service: Service,
    call: &Call,
    injection: Injection,
    reset: &AtomicBool,
) -> Result<Response<Reply>, Dropped> {
    let needs_answer = matches!(injection.effect, Effect::None | Effect::Truncate(_));
    let mut handled = injection.after.then(|| respond(cloud, service, call));
    tokio::time::sleep(injection.delay).await;
    if needs_answer && handled.is_none() {
        handled = Some(respond(cloud, service, call));
    }
    match (injection.effect, handled) {
        (Effect::Respond(answer), _) | (Effect::None, Some(answer)) => Ok(answer.map(Reply::whole)),
        (Effect::Truncate(length), Some(answer)) => Ok(Reply::truncated(answer, length)),
        (Effect::Reset, _) => {
            reset.store(true, Ordering::Release);
            Err(Dropped)
        }
        (Effect::NoAnswer, _) => std::future::pending().await,
        (Effect::Close | Effect::None | Effect::Truncate(_), _) => Err(Dropped),
    }
}

fn respond(cloud: &Arc<Cloud>, service: Service, call: &Call) -> Answer {
    match service {
        Service::Identity => cloud.identity.respond(call),
        Service::Orchestration => cloud.heat.respond(&cloud.identity, call),
    }
}

/// There is no complete answer; the connection ends.
#[derive(Debug)]
struct Dropped;

impl fmt::Display for Dropped {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a fault ended the connection")
    }
}

impl std::error::Error for Dropped {}

/// The body of an answer, complete or truncated.
#[derive(Debug)]
struct Reply {
    bytes: Bytes,
    cut: Option<Cut>,
}

/// The progress of a truncated body.
#[derive(Debug, Clone, Copy)]
enum Cut {
    Sending,
    /// Lets the connection write its buffer before the error ends it.
    Flushing,
    Failing,
}

impl Reply {
    const fn whole(bytes: Bytes) -> Self {
        Self { bytes, cut: None }
    }

    fn truncated(answer: Answer, length: usize) -> Response<Self> {
        let full = answer.body().len();
        let mut answer = answer.map(|bytes| Self {
            bytes: bytes.slice(..length.min(full)),
            cut: Some(Cut::Sending),
        });
        answer
            .headers_mut()
            .insert(http::header::CONTENT_LENGTH, full.into());
        answer
    }
}

impl Body for Reply {
    type Data = Bytes;
    type Error = Dropped;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Dropped>>> {
        if !self.bytes.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut self.bytes)))));
        }
        match self.cut {
            None => Poll::Ready(None),
            Some(Cut::Sending) => {
                self.cut = Some(Cut::Flushing);
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Some(Cut::Flushing) => {
                self.cut = Some(Cut::Failing);
                Poll::Ready(Some(Err(Dropped)))
            }
            Some(Cut::Failing) => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.cut.is_none() && self.bytes.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        match self.cut {
            None => SizeHint::with_exact(self.bytes.len() as u64),
            Some(_) => SizeHint::default(),
        }
    }
}

/// A connection that can be ended with a reset.
#[derive(Debug)]
struct Wire {
    stream: TcpStream,
    reset: Arc<AtomicBool>,
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.reset.load(Ordering::Acquire) {
            // With a linger time of zero, closing sends RST instead of FIN.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
