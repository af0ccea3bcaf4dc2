//! Limits the number of allocations of a warm call. Lower the limit when it shrinks.
//!
//! A separate test program, because it has a counting allocator. Only the thread of the client is
//! counted. The server runs in another thread.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use heatclient::Client;

/// The number of stacks in a list.
const STACKS: usize = 4;

/// The allocation limit of a list of [`STACKS`]: 10 for each stack, 1 for the list, and those of the call.
const LIST: u64 = 74;

/// The allocation limit of one stack. Unlike for a list, its path and description have placeholders.
const GET: u64 = 87;

fn stack(n: usize) -> String {
    format!(
        r#"{{"id": "{n}", "links": [{{"href": "http://h/v1/p/stacks/web/{n}", "rel": "self"}}], "stack_name": "web", "description": "d", "stack_status": "CREATE_COMPLETE", "stack_status_reason": "r", "creation_time": "2026-11-25T21:21:37Z", "updated_time": null, "deletion_time": null, "stack_owner": "demo", "parent": null, "stack_user_project_id": "u", "tags": ["a"]}}"#
    )
}

/// Answers lists and single stacks; returns the endpoint.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}/v1/p", listener.local_addr().unwrap());
    let stacks: Vec<_> = (0..STACKS).map(stack).collect();
    let list = format!("{{\"stacks\": [{}]}}", stacks.join(", "));
    let one = format!("{{\"stack\": {}}}", stack(1));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let (mut head, mut byte) = (Vec::new(), [0]);
            while stream.read_exact(&mut byte).is_ok() {
                head.push(byte[0]);
                if !head.ends_with(b"\r\n\r\n") {
                    continue;
                }
                let body = match head.starts_with(b"GET /v1/p/stacks ") {
                    true => &list,
                    false => &one,
                };
                let length = body.len();
                let answer = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
                );
                stream.write_all(answer.as_bytes()).unwrap();
                head.clear();
            }
        }
    });
    endpoint
}

/// The minimum of several calls: a response in several pieces needs more allocations.
fn fewest(call: impl Fn()) -> u64 {
    (0..20)
        .map(|_| allocation_counter::measure(&call).count_total)
        .min()
        .unwrap()
}

#[test]
fn a_warm_call_allocates_no_more_than_it_did() {
    let heat = Client::with_token(&serve(), "token").unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let list = fewest(|| {
        let stacks = runtime.block_on(async { heat.stacks().list().await });
        assert_eq!(stacks.unwrap().len(), STACKS);
    });
    let get = fewest(|| {
        let stack = runtime.block_on(async { heat.stacks().get("web/1").await });
        assert_eq!(stack.unwrap().name, "web");
    });
    assert!(list <= LIST, "a list: {list} allocations");
    assert!(get <= GET, "a stack: {get} allocations");
}
