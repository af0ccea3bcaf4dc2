//! Measures packing of a large tree, packing of a flat tree on a slow server, and reading of YAML.
//!
//! `cargo bench --bench template` generates a tree of 1,000 files that refer to each other and 50
//! environments, the same in every run, and measures it. `-- --generate DIR` only generates it. `-- --pack
//! DIR` packs a tree once and prints the milliseconds. `benches/template` uses these two.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods
)]

#[path = "template_tree.rs"]
mod tree;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use granit_parser::Parser;
use heatclient::template::Packer;
use heatclient::yaml::Document;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const ROUNDS: usize = 11;

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["--generate", directory] => tree::generate(Path::new(directory)),
        ["--pack", directory] => {
            let packer = packer(Path::new(directory));
            println!("{:.3}", pack(packer).0.as_secs_f64() * 1e3);
        }
        _ => measure(),
    }
}

fn measure() {
    let directory = std::env::temp_dir().join(format!("template-bench-{}", std::process::id()));
    tree::generate(&directory);
    large_tree(&directory);
    yaml(&directory);
    std::fs::remove_dir_all(&directory).expect("what was made can be removed");
    slow_server();
}

/// The template and all environments of a generated tree, in order.
fn packer(directory: &Path) -> Packer {
    let mut environments = entries(&directory.join("environments"));
    environments.sort();
    let packer = Packer::new().template(directory.join("plan.yaml"));
    environments.into_iter().fold(packer, Packer::environment)
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).expect("a directory");
    entries
        .map(|entry| entry.expect("an entry").path())
        .collect()
}

/// The time to produce the request body, and its length. As in the tool, one thread runs the tasks;
/// further threads read files.
fn pack(packer: Packer) -> (Duration, usize) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let start = Instant::now();
    let package = runtime.block_on(packer.pack()).expect("a package");
    let body = serde_json::to_vec(&package).expect("JSON");
    (start.elapsed(), black_box(body).len())
}

fn large_tree(directory: &Path) {
    let (mut times, mut length) = (Vec::new(), 0);
    for _ in 0..ROUNDS {
        let (time, body) = pack(packer(directory));
        times.push(time.as_secs_f64() * 1e3);
        length = body;
    }
    println!(
        "1,000 files, 50 environments: {:.1} ms, a body of {:.1} MiB",
        median(times),
        length as f64 / f64::from(1 << 20)
    );
}

/// Reads all YAML of the tree, one document after the other, and compares with the parser's events alone.
fn yaml(directory: &Path) {
    let mut texts = Vec::new();
    let mut directories = vec![directory.to_owned()];
    while let Some(directory) = directories.pop() {
        for path in entries(&directory) {
            if path.is_dir() {
                directories.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "yaml")
            {
                texts.push(std::fs::read_to_string(path).expect("a text"));
            }
        }
    }
    let bytes: usize = texts.iter().map(String::len).sum();
    let (mut trees, mut events, mut ratios) = (vec![], vec![], vec![]);
    for _ in 0..ROUNDS {
        let start = Instant::now();
        for text in &texts {
            black_box(Document::parse(text).expect("YAML"));
        }
        let tree = start.elapsed().as_secs_f64();
        let start = Instant::now();
        for text in &texts {
            black_box(Parser::new_from_str(text).filter(Result::is_ok).count());
        }
        let bare = start.elapsed().as_secs_f64();
        trees.push(bytes as f64 / tree / 1e6);
        events.push(bytes as f64 / bare / 1e6);
        ratios.push(tree / bare);
    }
    println!(
        "YAML, {:.1} MB: to trees {:.0} MB/s, to events {:.0} MB/s, time {:.2} x",
        bytes as f64 / 1e6,
        median(trees),
        median(events),
        median(ratios)
    );
}

/// Packs a template and its files from a server that delays each response.
fn slow_server() {
    const FILES: usize = 200;
    const DELAY: Duration = Duration::from_millis(50);
    let server = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    server.set_nonblocking(true).expect("a socket");
    let address = server.local_addr().expect("an address");
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let server = TcpListener::from_std(server).expect("a socket");
            loop {
                let (stream, _) = server.accept().await.expect("a connection");
                tokio::spawn(answer(stream, FILES, DELAY));
            }
        });
    });
    let mut times = Vec::new();
    for _ in 0..3 {
        let url = format!("http://{address}/flat.yaml");
        times.push(pack(Packer::new().template(url)).0.as_secs_f64());
    }
    let (time, delay) = (median(times), DELAY.as_secs_f64());
    println!(
        "{FILES} files on a server that answers after {} ms: {:.0} ms, {:.1} x one answer, \
         {:.3} x all answers one by one",
        DELAY.as_millis(),
        time * 1e3,
        time / delay,
        time / delay / (FILES + 1) as f64
    );
}

/// Answers each request head with the template or a script.
async fn answer(mut stream: TcpStream, files: usize, delay: Duration) {
    let (mut head, mut chunk) = (Vec::new(), [0; 4096]);
    while let Ok(read @ 1..) = stream.read(&mut chunk).await {
        head.extend_from_slice(&chunk[..read]);
        while let Some(end) = head.windows(4).position(|window| window == b"\r\n\r\n") {
            let body = if head.starts_with(b"GET /flat.yaml ") {
                tree::flat(files)
            } else {
                tree::script(1, 8 << 10)
            };
            head.drain(..end + 4);
            tokio::time::sleep(delay).await;
            let length = body.len();
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}");
            if stream.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
