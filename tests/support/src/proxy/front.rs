//! The proxy: two listeners in front of those of a sandbox. They change requests and responses.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fastrand::Rng;
use heatclient::sandbox::Sandbox;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::lies::{body_of, foreign_404, gzipped, heat_404, lie, lie_without_hint, said};
use crate::scripted::{Seen, read};

/// The faults of the proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Anything, by chance.
    Any,
    /// Truncates the body of the first answer to each kind of request.
    CutBodies,
    /// The first connection to Heat answers all requests with 503. Other connections have no faults.
    OneBadConnection,
    /// Sends one byte of a body every five seconds.
    Drip,
    /// Never answers requests.
    Silence,
    /// Answers the first `n` requests for a new stack with a 404 of Heat.
    LateStacks(usize),
    /// Answers all requests to Heat with a 404 that is not Heat's.
    ForeignNotFound,
    /// The same for this many requests.
    SomeForeignNotFound(usize),
}

/// Two listeners in front of those of the sandbox.
pub struct Proxy {
    pub auth_url: String,
    pub shared: Arc<Shared>,
    tasks: Vec<JoinHandle<()>>,
}

pub struct Shared {
    pub sandbox: Sandbox,
    fault: Fault,
    evil: AtomicBool,
    rng: Mutex<Rng>,
    foreign: String,
    /// The addresses of the sandbox, and the addresses of the proxy that replace them.
    names: Vec<(String, String)>,
    /// How often a create of that name reached Heat, except for those with a refused token.
    creates: Mutex<HashMap<String, usize>>,
    /// How many more times to hide that stack.
    late: Mutex<HashMap<String, usize>>,
    /// The stacks for which the proxy may have sent a 404.
    hidden: Mutex<HashSet<String>>,
    refusals: AtomicUsize,
    /// How often a fault was injected.
    strikes: AtomicUsize,
    /// Requests to Heat, in order.
    requests: Mutex<Vec<String>>,
}

/// The handling of one request.
#[derive(Debug, Clone)]
enum Deed {
    Pass,
    /// Ends the connection, with RST or FIN.
    End {
        reset: bool,
    },
    Say(Vec<u8>),
    /// Sends a part of the answer, and ends the connection.
    SayAndEnd(Vec<u8>, bool),
    /// Never answers.
    Stall,
    /// Sends this, and then the rest byte by byte.
    Drip(Vec<u8>, Vec<u8>),
}

impl Deed {
    /// The start of the answer.
    fn shown(&self) -> String {
        let said = match self {
            Self::Say(said) | Self::SayAndEnd(said, _) | Self::Drip(said, _) => said.as_slice(),
            other => return format!("{other:?}"),
        };
        let said = String::from_utf8_lossy(said.get(..600).unwrap_or(said)).into_owned();
        let name = match self {
            Self::Say(_) => "Say",
            Self::SayAndEnd(..) => "SayAndEnd",
            _ => "Drip",
        };
        format!("{name} {said:?}")
    }
}

impl Proxy {
    pub async fn start(sandbox: Sandbox, foreign: &str, fault: Fault, seed: u64) -> Self {
        let fronts = [
            TcpListener::bind("127.0.0.1:0").await.unwrap(),
            TcpListener::bind("127.0.0.1:0").await.unwrap(),
        ];
        let backs = [
            sandbox.identity_root_url(),
            sandbox.orchestration_root_url(),
        ];
        let names = backs
            .iter()
            .zip(&fronts)
            .map(|(back, front)| {
                let back = back.strip_prefix("http://").unwrap().to_owned();
                (back, front.local_addr().unwrap().to_string())
            })
            .collect::<Vec<_>>();
        let auth_url = format!("http://{}/v3", names[0].1);
        let shared = Arc::new(Shared {
            sandbox,
            fault,
            evil: AtomicBool::new(true),
            rng: Mutex::new(Rng::with_seed(seed)),
            foreign: foreign.to_owned(),
            names: names.clone(),
            creates: Mutex::default(),
            late: Mutex::default(),
            hidden: Mutex::default(),
            refusals: AtomicUsize::new(0),
            strikes: AtomicUsize::new(0),
            requests: Mutex::default(),
        });
        let tasks = fronts
            .into_iter()
            .zip(names)
            .enumerate()
            .map(|(n, (front, (back, _)))| {
                let shared = Arc::clone(&shared);
                tokio::spawn(async move {
                    let mut connections = 0;
                    while let Ok((stream, _)) = front.accept().await {
                        let (shared, back) = (Arc::clone(&shared), back.clone());
                        let is_first_of_heat = n == 1 && connections == 0;
                        connections += 1;
                        tokio::spawn(async move {
                            shared.serve(stream, &back, is_first_of_heat).await;
                        });
                    }
                })
            })
            .collect();
        Self {
            auth_url,
            shared,
            tasks,
        }
    }

    pub fn behave(&self) {
        self.shared.evil.store(false, Ordering::SeqCst);
    }

    /// Starts injecting faults, and clears the recorded requests.
    pub fn misbehave(&self) {
        self.shared.requests.lock().unwrap().clear();
        self.shared.evil.store(true, Ordering::SeqCst);
    }

    pub fn creates(&self, name: &str) -> usize {
        let creates = self.shared.creates.lock().unwrap();
        creates.get(name).copied().unwrap_or_default()
    }

    /// Whether the proxy may have sent a forged 404 of Heat for this stack.
    pub fn has_hidden(&self, name: &str) -> bool {
        self.shared.hidden.lock().unwrap().contains(name)
    }

    pub fn strikes(&self) -> usize {
        self.shared.strikes.load(Ordering::SeqCst)
    }

    /// The requests to Heat, as `METHOD PATH`.
    pub fn requests(&self) -> Vec<String> {
        self.shared.requests.lock().unwrap().clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

fn is_login(request: &Seen) -> bool {
    request.path.ends_with("/auth/tokens")
}

/// The name of the stack in a request's path.
fn stack_of(request: &Seen) -> Option<&str> {
    let path = request.path.split('?').next()?;
    path.split("/stacks/").nth(1)?.split('/').next()
}

impl Shared {
    fn draw<T>(&self, draw: impl FnOnce(&mut Rng) -> T) -> T {
        draw(&mut self.rng.lock().unwrap())
    }

    /// True with probability 1 / `n`.
    fn one_in(&self, n: u32) -> bool {
        self.draw(|rng| rng.u32(0..n)) == 0
    }

    fn is_evil(&self) -> bool {
        self.evil.load(Ordering::SeqCst)
    }

    fn strike(&self, deed: Deed) -> Deed {
        self.strikes.fetch_add(1, Ordering::SeqCst);
        deed
    }

    async fn serve(&self, mut stream: TcpStream, back: &str, is_first_of_heat: bool) {
        let by_chance = self.is_evil() && self.fault == Fault::Any;
        // Answers before any request, and connections that end immediately.
        if by_chance {
            match self.draw(|rng| rng.u32(0..60)) {
                0 => return,
                1 => {
                    let early = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n";
                    let _ = stream.write_all(early).await;
                    return;
                }
                _ => {}
            }
        }
        let is_bad = match self.fault {
            Fault::Any => by_chance && self.one_in(25),
            fault => fault == Fault::OneBadConnection && is_first_of_heat,
        };
        let mut buffer = Vec::new();
        while let Some(request) = read(&mut stream, &mut buffer).await {
            if !request.path.starts_with("/v3") {
                let line = format!("{} {}", request.method, request.path);
                self.requests.lock().unwrap().push(line);
            }
            let deed = if is_bad && self.is_evil() {
                self.strike(Deed::Say(said(503, "", b"worker is out of order")))
            } else {
                self.deed(&mut stream, &request, back).await
            };
            if std::env::var_os("HOSTILE_SEED").is_some() {
                // Print the faults of a repeated seed.
                eprintln!("{} {}: {}", request.method, request.path, deed.shown());
            }
            match deed {
                Deed::Say(bytes) => {
                    let is_last =
                        self.is_evil() && self.fault == Fault::Any && !is_bad && self.one_in(12);
                    let close = bytes.is_empty() || is_last;
                    if stream.write_all(&bytes).await.is_err() || close {
                        return;
                    }
                }
                Deed::SayAndEnd(bytes, reset) => {
                    let _ = stream.write_all(&bytes).await;
                    if reset {
                        let _ = stream.set_zero_linger();
                    }
                    return;
                }
                Deed::End { reset } => {
                    if reset {
                        let _ = stream.set_zero_linger();
                    }
                    return;
                }
                Deed::Stall => {
                    // Until the client gives up.
                    let mut rest = [0; 64];
                    while stream.read(&mut rest).await.is_ok_and(|n| n > 0) {}
                    return;
                }
                Deed::Drip(head, rest) => {
                    let mut is_open = stream.write_all(&head).await.is_ok();
                    for byte in rest {
                        tokio::time::sleep(Duration::from_secs(5)).await;
                        is_open = is_open && stream.write_all(&[byte]).await.is_ok();
                        if !is_open {
                            return;
                        }
                    }
                }
                Deed::Pass => unreachable!("passed on by `deed`"),
            }
        }
    }

    /// Chooses how to handle a request. May forward it to the cloud.
    async fn deed(&self, stream: &mut TcpStream, request: &Seen, back: &str) -> Deed {
        if !self.is_evil() {
            return Deed::Say(self.forward(request, back).await);
        }
        let to_heat = !request.path.starts_with("/v3");
        match self.fault {
            Fault::Any => return self.any(stream, request, back).await,
            Fault::Silence if to_heat => return self.strike(Deed::Stall),
            Fault::ForeignNotFound if to_heat => {
                return self.strike(Deed::Say(self.draw(foreign_404)));
            }
            Fault::SomeForeignNotFound(n) if to_heat && self.strikes.load(Ordering::SeqCst) < n => {
                return self.strike(Deed::Say(self.draw(foreign_404)));
            }
            _ => {}
        }
        if let Some(stack) = self.is_late(request) {
            return self.strike(Deed::Say(heat_404(&stack)));
        }
        let mut answer = self.forward(request, back).await;
        let Some(body) = body_of(&answer).filter(|_| to_heat) else {
            return Deed::Say(answer);
        };
        match self.fault {
            Fault::CutBodies => {
                let requests = self.requests.lock().unwrap();
                let line = requests.last().cloned().unwrap_or_default();
                let times = requests.iter().filter(|other| **other == line).count();
                drop(requests);
                if times > 1 {
                    return Deed::Say(answer);
                }
                answer.truncate(body + (answer.len() - body) / 2);
                self.strike(Deed::SayAndEnd(answer, false))
            }
            Fault::Drip => {
                let rest = answer.split_off(body);
                self.strike(Deed::Drip(answer, rest))
            }
            _ => Deed::Say(answer),
        }
    }

    /// Anything, by chance.
    async fn any(&self, stream: &mut TcpStream, request: &Seen, back: &str) -> Deed {
        let before = match self.draw(|rng| rng.u32(0..100)) < 22 {
            true => self.instead(request),
            false => Deed::Pass,
        };
        if matches!(&before, Deed::Say(said) if said.starts_with(b"HTTP/1.1 30")) {
            // A redirect may lead to a stack that does not exist.
            self.hide(request);
        }
        if !matches!(before, Deed::Pass) {
            return before;
        }
        if self.one_in(40) {
            self.sandbox.revoke_all_tokens();
        }
        if let Some(stack) = self.is_late(request) {
            return Deed::Say(heat_404(&stack));
        }
        let answer = self.forward(request, back).await;
        match self.draw(|rng| rng.u32(0..100)) < 30 {
            true => self.spoilt(stream, request, answer).await,
            false => Deed::Say(answer),
        }
    }

    /// The stack that a request is for, if it is still hidden.
    fn is_late(&self, request: &Seen) -> Option<String> {
        let stack = stack_of(request)?;
        let mut late = self.late.lock().unwrap();
        let left = late.get_mut(stack).filter(|left| **left > 0)?;
        if request.method != "GET" {
            return None;
        }
        *left -= 1;
        self.hide(request);
        Some(stack.to_owned())
    }

    /// Records that the answer may be a 404 for the stack of the request.
    fn hide(&self, request: &Seen) {
        if let Some(stack) = stack_of(request) {
            self.hidden.lock().unwrap().insert(stack.to_owned());
        }
    }

    /// Faults before the request is forwarded. Any status is correct, because nothing has happened.
    fn instead(&self, request: &Seen) -> Deed {
        let is_login = is_login(request);
        let foreign = &self.foreign;
        self.draw(|rng| match rng.u32(0..12) {
            0 => Deed::End { reset: true },
            1 => Deed::End { reset: false },
            2 => Deed::Stall,
            3 => Deed::Say(vec![rng.u8(..); rng.usize(1..400)]),
            4 => {
                let path = request.path.split('?').next().unwrap_or("/");
                let to = match rng.u32(0..9) {
                    0 => path.to_owned(),
                    1 => "stacks".to_owned(),
                    2 => format!("{foreign}{path}"),
                    3 => format!("{foreign}/elsewhere?token=x"),
                    4 => format!("//{}/x", foreign.trim_start_matches("http://")),
                    5 => "ftp://127.0.0.1/".to_owned(),
                    6 => "http://[::".to_owned(),
                    7 => "../".repeat(20),
                    _ => String::new(),
                };
                let status = *rng.choice(&[301, 302, 303, 307, 308]).unwrap();
                Deed::Say(said(status, &format!("location: {to}\r\n"), b""))
            }
            5 => {
                let many = format!("x-filler: {}\r\n", "y".repeat(rng.usize(1..9_000)));
                Deed::Say(said(200, &many.repeat(rng.usize(1..150)), b"{}"))
            }
            6 => Deed::Say(
                b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"
                    .to_vec(),
            ),
            7 | 8 => Deed::Say(foreign_404(rng)),
            _ => {
                let status = *rng
                    .choice(&[
                        200, 204, 300, 304, 400, 401, 403, 404, 408, 409, 413, 429, 429, 500, 502,
                        503, 503, 504, 599,
                    ])
                    .unwrap();
                // The pauses after refused logins are long. One is enough.
                let refused = is_login && matches!(status, 401 | 403);
                let status = if refused && self.refusals.fetch_add(1, Ordering::SeqCst) > 0 {
                    500
                } else {
                    status
                };
                Deed::Say(lie(rng, status))
            }
        })
    }

    /// Faults after the cloud has handled the request.
    async fn spoilt(&self, stream: &mut TcpStream, request: &Seen, answer: Vec<u8>) -> Deed {
        let kind = self.draw(|rng| rng.u32(0..15));
        match kind {
            0 => Deed::End { reset: true },
            1 => Deed::End { reset: false },
            2 => Deed::Stall,
            3 | 4 => {
                let end = self.draw(|rng| rng.usize(0..answer.len()));
                let stall = self.draw(Rng::bool);
                let _ = stream.write_all(&answer[..end]).await;
                if stall {
                    Deed::Stall
                } else {
                    Deed::End { reset: false }
                }
            }
            5 => {
                // A redirect may lead to a stack that does not exist now.
                self.hide(request);
                let mut doubled = answer;
                let from = self.draw(|rng| rng.usize(0..doubled.len()));
                let to = self.draw(|rng| rng.usize(from..doubled.len()));
                let again = doubled[from..=to].to_vec();
                doubled.splice(from..from, again);
                Deed::Say(doubled)
            }
            6 => Deed::Say([answer.clone(), answer].concat()),
            7 => {
                let wait = self.draw(|rng| rng.u64(0..500));
                tokio::time::sleep(Duration::from_millis(wait)).await;
                Deed::Say(answer)
            }
            8 => {
                for piece in answer.chunks(answer.len().div_ceil(40)) {
                    if stream.write_all(piece).await.is_err() {
                        return Deed::End { reset: false };
                    }
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                Deed::Say(Vec::new())
            }
            9 => {
                let early =
                    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n";
                Deed::Say([early.as_bytes(), &answer].concat())
            }
            10 => {
                let broken = self.draw(Rng::bool);
                Deed::Say(gzipped(&answer, broken))
            }
            11 => {
                // Truncated in the body, whose length is announced.
                let end = body_of(&answer).unwrap_or(answer.len());
                let end = self.draw(|rng| rng.usize(end..=answer.len()));
                let reset = self.draw(Rng::bool);
                Deed::SayAndEnd(answer[..end].to_vec(), reset)
            }
            12 if self.one_in(4) => {
                let mut head = answer;
                let rest = body_of(&head).map(|body| head.split_off(body));
                Deed::Drip(head, rest.unwrap_or_default())
            }
            12 => Deed::Say(self.draw(foreign_404)),
            _ => {
                // A "try again" for a completed request would cause it twice.
                let mut statuses = vec![200, 204, 304, 400, 403, 404, 409, 500, 502, 504, 599];
                if request.method != "POST" {
                    statuses.extend([401, 408, 429, 503]);
                }
                Deed::Say(self.draw(|rng| {
                    let status = *rng.choice(&statuses).unwrap();
                    let status = if request.method == "POST"
                        && request.path.ends_with("/auth/tokens")
                        && status == 403
                    {
                        500
                    } else {
                        status
                    };
                    lie_without_hint(rng, status)
                }))
            }
        }
    }

    /// Forwards the request, and replaces the addresses of the cloud by those of the proxy.
    async fn forward(&self, request: &Seen, back: &str) -> Vec<u8> {
        let mut head: String = request
            .head
            .lines()
            .filter(|line| !line.to_ascii_lowercase().starts_with("connection:"))
            .filter(|line| !line.to_ascii_lowercase().starts_with("accept-encoding:"))
            .map(|line| format!("{line}\r\n"))
            .collect();
        head.push_str("connection: close\r\n\r\n");
        let mut cloud = TcpStream::connect(back).await.unwrap();
        cloud.write_all(head.as_bytes()).await.unwrap();
        cloud.write_all(&request.body).await.unwrap();
        let mut answer = Vec::new();
        cloud.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let (mut head, mut body) = (head.to_owned(), body.to_owned());
        for (theirs, ours) in &self.names {
            head = head.replace(theirs, ours);
            body = body.replace(theirs, ours);
        }
        self.note(request, &head);
        let kept: String = head
            .lines()
            .filter(|line| {
                let line = line.to_ascii_lowercase();
                !line.starts_with("content-length:") && !line.starts_with("connection:")
            })
            .map(|line| format!("{line}\r\n"))
            .collect();
        let length = match kept.contains(" 204 ") {
            true => String::new(),
            false => format!("content-length: {}\r\n", body.len()),
        };
        format!("{kept}{length}\r\n{body}").into_bytes()
    }

    /// Counts creates.
    fn note(&self, request: &Seen, head: &str) {
        let is_create = request.method == "POST" && request.path.ends_with("/stacks");
        if !is_create || head.contains(" 401 ") {
            return;
        }
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        // A login that a forged redirect sent here does not count.
        let Some(name) = body["stack_name"].as_str().map(str::to_owned) else {
            return;
        };
        let hide = match self.fault {
            Fault::LateStacks(n) => n,
            Fault::Any if self.is_evil() && self.one_in(4) => self.draw(|rng| rng.usize(1..4)),
            _ => 0,
        };
        self.late.lock().unwrap().insert(name.clone(), hide);
        *self.creates.lock().unwrap().entry(name).or_default() += 1;
    }
}
