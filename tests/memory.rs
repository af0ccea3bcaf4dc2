//! Limits the memory of a stream over 100,000 stacks, whatever the number of pages.
//!
//! A separate test program, because it has a counting allocator. That counts one thread, in which everything runs:
//! the client, the sandbox that answers it, and the connections between them. Nothing is subtracted. Growing a buffer
//! counts as its old and its new size.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

use futures::TryStreamExt as _;
use heatclient::sandbox::Sandbox;
use heatclient::{Client, Session, loading};

const STACKS: usize = 100_000;

/// The limit above the memory of the filled sandbox, in bytes.
const LIMIT: u64 = 32 << 20;

#[test]
fn a_stream_over_100_000_stacks_takes_little_memory_whatever_the_pages() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let sandbox = runtime.block_on(Sandbox::start()).unwrap();
    sandbox.add_stacks(STACKS).unwrap();
    let mut measured = Vec::new();
    for size in [100, 1_000, 10_000] {
        for prefetch in [false, true] {
            sandbox.clear_requests();
            let plugin = loading::plugin_loader("password").unwrap();
            let heat = Client::new(Session::new(plugin.load(sandbox.options()).unwrap()));
            let list = heat.stacks().list().page_size(size).prefetch(prefetch);
            let memory = allocation_counter::measure(|| {
                let count = runtime.block_on(async {
                    let stream = list.stream();
                    let counted = stream.try_fold(0, |count, _| async move {
                        // Lets the next page arrive while this one is in memory.
                        tokio::task::yield_now().await;
                        Ok(count + 1)
                    });
                    counted.await
                });
                assert_eq!(count.unwrap(), STACKS);
            });
            // One login, the pages, and an empty page after the last full one.
            assert_eq!(sandbox.requests().len(), STACKS / size + 2);
            measured.push((size, prefetch, memory.bytes_max));
        }
    }
    for (size, prefetch, bytes) in &measured {
        assert!(
            *bytes <= LIMIT,
            "pages of {size}, prefetch {prefetch}: {bytes} bytes; all: {measured:?}"
        );
    }
    println!("page size, prefetch, bytes: {measured:?}");
}
