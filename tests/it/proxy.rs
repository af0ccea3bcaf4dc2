//! A proxy that lies, breaks and stalls stands between client and cloud: no call hangs, none tells
//! a secret or makes a stack twice, and once the proxy behaves the same session works.
//!
//! Everything it does is drawn from a seed, which a failure names; `HOSTILE_SEED=17` repeats one.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fastrand::Rng;
use flate2::Compression;
use flate2::write::GzEncoder;
use heatclient::heat::{Action, NewStack, StackUpdate};
use heatclient::http::layers::RetryPolicy;
use heatclient::sandbox::Sandbox;
use heatclient::{Client, Error, Session};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::demo;
use crate::scripted::{Scripted, Seen, json as json_answer, read};

const SEEDS: u64 = 500;
const TOOL_SEEDS: u64 = 40;
const AT_ONCE: usize = 24;
const STEPS: usize = 12;
/// No call may take longer, whatever happens.
const PATIENCE: Duration = Duration::from_secs(15);
/// No run of the tool may, which heeds a `Retry-After` of some seconds.
const TOOL_PATIENCE: Duration = Duration::from_secs(90);

/// Two listeners in front of the sandbox's two.
struct Proxy {
    auth_url: String,
    shared: Arc<Shared>,
    tasks: Vec<JoinHandle<()>>,
}

struct Shared {
    sandbox: Sandbox,
    evil: AtomicBool,
    rng: Mutex<Rng>,
    foreign: String,
    /// What the sandbox calls itself, and what the proxy calls itself in its place.
    names: Vec<(String, String)>,
    /// How often a create of that name reached Heat, other than to be refused for its token.
    creates: Mutex<HashMap<String, usize>>,
    refusals: AtomicUsize,
}

/// What becomes of one request.
#[derive(Debug, Clone)]
enum Deed {
    Pass,
    /// Ends the connection; with RST or with FIN.
    End {
        reset: bool,
    },
    Say(Vec<u8>),
    /// Never answers.
    Stall,
}

impl Proxy {
    async fn start(sandbox: Sandbox, foreign: &str, seed: u64) -> Self {
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
            evil: AtomicBool::new(true),
            rng: Mutex::new(Rng::with_seed(seed)),
            foreign: foreign.to_owned(),
            names: names.clone(),
            creates: Mutex::default(),
            refusals: AtomicUsize::new(0),
        });
        let tasks = fronts
            .into_iter()
            .zip(names)
            .map(|(front, (back, _))| {
                let shared = Arc::clone(&shared);
                tokio::spawn(async move {
                    while let Ok((stream, _)) = front.accept().await {
                        let (shared, back) = (Arc::clone(&shared), back.clone());
                        tokio::spawn(async move { shared.serve(stream, &back).await });
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

    fn behave(&self) {
        self.shared.evil.store(false, Ordering::SeqCst);
    }

    fn creates(&self, name: &str) -> usize {
        let creates = self.shared.creates.lock().unwrap();
        creates.get(name).copied().unwrap_or_default()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Shared {
    fn draw<T>(&self, draw: impl FnOnce(&mut Rng) -> T) -> T {
        draw(&mut self.rng.lock().unwrap())
    }

    fn is_evil(&self) -> bool {
        self.evil.load(Ordering::SeqCst)
    }

    async fn serve(&self, mut stream: TcpStream, back: &str) {
        // Answers that come before anything was asked, and connections that end at once.
        if self.is_evil() {
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
        let mut buffer = Vec::new();
        while let Some(request) = read(&mut stream, &mut buffer).await {
            let evil = self.is_evil();
            let before = match evil && self.draw(|rng| rng.u32(0..100)) < 22 {
                true => self.instead(&request),
                false => Deed::Pass,
            };
            let deed = match before {
                Deed::Pass => {
                    if evil && self.draw(|rng| rng.u32(0..40)) == 0 {
                        self.sandbox.revoke_all_tokens();
                    }
                    let answer = self.forward(&request, back).await;
                    match evil && self.draw(|rng| rng.u32(0..100)) < 30 {
                        true => self.spoilt(&mut stream, &request, answer).await,
                        false => Deed::Say(answer),
                    }
                }
                deed => deed,
            };
            match deed {
                Deed::Say(bytes) => {
                    let close = bytes.is_empty() || evil && self.draw(|rng| rng.u32(0..12)) == 0;
                    if stream.write_all(&bytes).await.is_err() || close {
                        return;
                    }
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
                Deed::Pass => unreachable!("passed on above"),
            }
        }
    }

    /// What is done without asking the cloud: any status may be said, for nothing has happened.
    fn instead(&self, request: &Seen) -> Deed {
        let is_login = request.path.ends_with("/auth/tokens");
        let foreign = &self.foreign;
        self.draw(|rng| match rng.u32(0..10) {
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
            _ => {
                let status = *rng
                    .choice(&[
                        200, 204, 300, 304, 400, 401, 403, 404, 408, 409, 413, 429, 429, 500, 502,
                        503, 503, 504, 599,
                    ])
                    .unwrap();
                // Refused logins are spaced out for long: one of them will do.
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

    /// What is done to the answer once the cloud has acted.
    async fn spoilt(&self, stream: &mut TcpStream, request: &Seen, answer: Vec<u8>) -> Deed {
        let kind = self.draw(|rng| rng.u32(0..12));
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
            _ => {
                // To say "try again" of what was done would be to ask for it twice.
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

    /// Asks the cloud, and puts the proxy's addresses in place of the cloud's.
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

    fn note(&self, request: &Seen, head: &str) {
        let is_create = request.method == "POST" && request.path.ends_with("/stacks");
        if !is_create || head.contains(" 401 ") {
            return;
        }
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        let name = body["stack_name"].as_str().unwrap().to_owned();
        *self.creates.lock().unwrap().entry(name).or_default() += 1;
    }
}

fn said(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!(
        "HTTP/1.1 {status} Said So\r\n{headers}content-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

fn lie(rng: &mut Rng, status: u16) -> Vec<u8> {
    let hint = rng.choice([
        "",
        "retry-after: 0\r\n",
        "retry-after: 1\r\n",
        "retry-after: soon\r\n",
        "retry-after: 99999999999999999999\r\n",
        "retry-after: Thu, 01 Jan 1970 00:00:00 GMT\r\n",
        "retry-after: Fri, 31 Dec 9999 23:59:59 GMT\r\n",
    ]);
    lie_with(rng, status, hint.unwrap())
}

fn lie_without_hint(rng: &mut Rng, status: u16) -> Vec<u8> {
    lie_with(rng, status, "")
}

fn lie_with(rng: &mut Rng, status: u16, hint: &str) -> Vec<u8> {
    const BODIES: [(&str, &str); 14] = [
        ("text/html", "<html><title>Sorry</title></html>"),
        ("text/html", ""),
        ("application/json", "{}"),
        ("application/json", "[]"),
        ("application/json", "null"),
        ("application/json", "{\"stack\": null}"),
        ("application/json", "{\"stack\": {}}"),
        ("application/json", "{\"stacks\": [{}]}"),
        ("application/json", "{\"token\": {}}"),
        ("application/json", "{\"versions\": [{\"id\": \"v9\"}]}"),
        (
            "application/json",
            "{\"error\": {\"message\": \"a\\nb\\u001b[0m\"}}",
        ),
        ("application/json", "{\"stacks\": ["),
        ("text/plain", "no\r\nyes"),
        ("application/octet-stream", "\u{0}\u{1}\u{fffd}"),
    ];
    let (content_type, body) = *rng.choice(&BODIES).unwrap();
    if matches!(status, 204 | 304) {
        return format!("HTTP/1.1 {status} Said So\r\n\r\n").into_bytes();
    }
    said(
        status,
        &format!("content-type: {content_type}\r\n{hint}"),
        body.as_bytes(),
    )
}

fn gzipped(answer: &[u8], broken: bool) -> Vec<u8> {
    let text = String::from_utf8_lossy(answer);
    let Some((head, body)) = text
        .split_once("\r\n\r\n")
        .filter(|(_, body)| !body.is_empty())
    else {
        return answer.to_vec();
    };
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body.as_bytes()).unwrap();
    let mut body = encoder.finish().unwrap();
    if broken {
        let middle = body.len() / 2;
        body[middle] ^= 0x55;
    }
    let head: String = head
        .lines()
        .filter(|line| !line.starts_with("content-length:"))
        .map(|line| format!("{line}\r\n"))
        .collect();
    let mut bytes = format!(
        "{head}content-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(&body);
    bytes
}

fn template() -> Value {
    json!({
        "heat_template_version": "2018-08-31",
        "resources": {"a": {"type": "OS::Heat::Value", "properties": {"value": "x"}}},
        "outputs": {"o": {"value": {"get_attr": ["a", "value"]}}},
    })
}

/// Whether an error is as all errors must be.
fn check(error: &Error) {
    let line = error.to_string();
    assert!(!line.is_empty() && line.chars().count() <= 480, "{line:?}");
    assert!(!line.chars().any(char::is_control), "{line:?}");
    let told = format!("{line}{error:?}");
    assert!(!told.contains("gAAAA"), "{told}");
}

/// Lets a call fail, if it fails well.
fn borne<T>(result: Result<T, Error>) {
    if let Err(error) = result {
        check(&error);
    }
}

async fn bounded<F: IntoFuture>(what: &str, call: F) -> F::Output {
    match tokio::time::timeout(PATIENCE, call).await {
        Ok(output) => output,
        Err(_) => panic!("{what} hangs"),
    }
}

async fn step(heat: &Client, proxy: &Proxy, rng: &mut Rng, name: &str, made: &mut Vec<String>) {
    let stacks = heat.stacks();
    let known = rng
        .choice(made.iter())
        .cloned()
        .unwrap_or_else(|| "nobody".to_owned());
    match rng.u32(0..12) {
        0..=3 => {
            let result = bounded("create", stacks.create(NewStack::new(name, template()))).await;
            let sent = proxy.creates(name);
            assert!(sent <= 1, "{sent} creates of {name} reached Heat");
            match result {
                Ok(stack) => {
                    assert_eq!(sent, 1, "{name} was created by nobody");
                    assert_eq!(stack.name, name);
                    made.push(name.to_owned());
                }
                Err(error) => {
                    check(&error);
                    assert!(
                        sent == 0 || error.may_have_been_sent(),
                        "{name} was sent, but: {error}"
                    );
                }
            }
        }
        4 => borne(bounded("list", stacks.list()).await),
        5 => borne(bounded("page", stacks.list().page_size(1)).await),
        6 => borne(bounded("show", stacks.get(&known)).await),
        7 => {
            let wait = stacks
                .wait(known.as_str(), Action::Create)
                .interval(Duration::from_millis(10))
                .timeout(Duration::from_secs(2));
            borne(bounded("wait", wait).await);
        }
        8 => {
            borne(bounded("outputs", heat.outputs().list(&known)).await);
            borne(bounded("output", heat.outputs().get(&known, "o")).await);
        }
        9 => borne(bounded("events", heat.events().list(known.as_str())).await),
        10 => {
            let update = StackUpdate::existing().tags(["t"]);
            borne(bounded("update", stacks.update(&known, update)).await);
        }
        _ => {
            borne(bounded("delete", stacks.delete(&known)).await);
            let wait = stacks
                .wait(known.as_str(), Action::Delete)
                .interval(Duration::from_millis(10))
                .timeout(Duration::from_secs(2));
            borne(bounded("wait", wait).await);
        }
    }
}

fn session(auth_url: &str) -> Session {
    Session::builder(demo(auth_url, "demo"))
        .connect_timeout(Duration::from_millis(500))
        .read_timeout(Duration::from_millis(250))
        .timeout(Duration::from_secs(3))
        .retry(
            RetryPolicy::new(3)
                .backoff(Duration::from_millis(1), Duration::from_millis(5))
                .retry_after_cap(Duration::from_millis(20)),
        )
        .build()
}

fn check_foreign(foreign: &Scripted) {
    for seen in foreign.seen() {
        assert!(seen.body.is_empty(), "a body left: {seen:?}");
        assert!(matches!(seen.method.as_str(), "GET" | "HEAD"), "{seen:?}");
        for header in ["x-auth-token", "x-subject-token", "authorization", "cookie"] {
            assert_eq!(seen.header(header), None, "{seen:?}");
        }
        assert!(!seen.head.contains("gAAAA"), "a token left: {seen:?}");
    }
}

async fn run(seed: u64) {
    let foreign = Scripted::start(|_| json_answer("200 OK", r#"{"stacks": []}"#)).await;
    let proxy = Proxy::start(Sandbox::start().await.unwrap(), &foreign.url, seed).await;
    let heat = Client::new(session(&proxy.auth_url));
    let mut rng = Rng::with_seed(!seed);
    let mut made = Vec::new();
    for n in 0..STEPS {
        step(&heat, &proxy, &mut rng, &format!("s{n}"), &mut made).await;
    }
    proxy.behave();
    // A failed login is not repeated at once, but within seconds.
    let start = Instant::now();
    while let Err(error) = bounded("list", heat.stacks().list()).await {
        check(&error);
        assert!(start.elapsed() < PATIENCE, "not well again: {error}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let name = "well-again";
    let stack = heat
        .stacks()
        .create(NewStack::new(name, template()))
        .await
        .unwrap();
    let wait = heat.stacks().wait(&stack, Action::Create);
    wait.interval(Duration::from_millis(10)).await.unwrap();
    heat.stacks().delete(&stack).await.unwrap();
    assert_eq!(proxy.creates(name), 1);
    check_foreign(&foreign);
}

/// One run of the tool: it ends in time, well or with one clear line.
async fn run_tool(proxy: &Proxy, line: &str) {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_heat"));
    command
        .env_clear()
        .envs(proxy.shared.sandbox.environment())
        .env("OS_AUTH_URL", &proxy.auth_url)
        .args(line.split_whitespace())
        .args(["--api-timeout", "0.25", "--quiet"])
        .stdin(std::process::Stdio::null())
        .kill_on_drop(true);
    let ran = match tokio::time::timeout(TOOL_PATIENCE, command.output()).await {
        Ok(ran) => ran.unwrap(),
        Err(_) => panic!("{line} hangs"),
    };
    let told = String::from_utf8(ran.stderr).unwrap();
    match ran.status.code() {
        Some(0) => assert_eq!(told, "", "{line}"),
        Some(1) => {
            assert!(told.starts_with("ERROR: "), "{line}: {told:?}");
            assert_eq!(told.lines().count(), 1, "{line}: {told:?}");
            assert!(
                !told.trim_end().chars().any(char::is_control),
                "{line}: {told:?}"
            );
        }
        other => panic!("{line} ended with {other:?}: {told}"),
    }
    assert!(!told.contains("gAAAA"), "{line}: {told}");
}

async fn tool(seed: u64) {
    let foreign = Scripted::start(|_| json_answer("200 OK", r#"{"stacks": []}"#)).await;
    let proxy = Proxy::start(Sandbox::start().await.unwrap(), &foreign.url, seed).await;
    let path = std::env::temp_dir().join(format!("heat-proxy-{}-{seed}.json", std::process::id()));
    std::fs::write(&path, template().to_string()).unwrap();
    for name in ["one", "two"] {
        let template = path.display();
        run_tool(
            &proxy,
            &format!("stack create {name} -t {template} --wait --wait-timeout 5"),
        )
        .await;
        let sent = proxy.creates(name);
        assert!(sent <= 1, "{sent} creates of {name} reached Heat");
        run_tool(&proxy, "stack list -f json").await;
        run_tool(&proxy, &format!("stack-show {name}")).await;
    }
    run_tool(&proxy, "stack-show one").await;
    run_tool(&proxy, "stack output list two").await;
    proxy.behave();
    run_tool(&proxy, "stack list").await;
    check_foreign(&foreign);
    std::fs::remove_file(path).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hostile_proxy_costs_errors_and_nothing_else() {
    every_seed(SEEDS, run).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tool_behind_a_hostile_proxy_ends_with_one_line() {
    every_seed(TOOL_SEEDS, tool).await;
}

async fn every_seed<F>(seeds: u64, run: fn(u64) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    if let Ok(seed) = std::env::var("HOSTILE_SEED") {
        return run(seed.parse().unwrap()).await;
    }
    let next = Arc::new(AtomicU64::new(0));
    let mut workers = JoinSet::new();
    for _ in 0..AT_ONCE {
        let next = Arc::clone(&next);
        workers.spawn(async move {
            loop {
                let seed = next.fetch_add(1, Ordering::SeqCst);
                if seed >= seeds {
                    return;
                }
                if let Err(panic) = tokio::spawn(run(seed)).await {
                    panic!("seed {seed}: {panic}");
                }
            }
        });
    }
    workers.join_all().await;
}
