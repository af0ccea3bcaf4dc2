//! Creates, awaits and deletes many stacks concurrently, with a limit.
//!
//! `cargo run --release --example concurrent_stacks [STACKS [AT_A_TIME]]`
//!
//! Uses the cloud of the `OS_*` variables if `OS_AUTH_URL` is set, or else the sandbox with 5,000 stacks.
//! Prints the time, the rate and the peak memory.

use std::time::{Duration, Instant};

use futures::StreamExt as _;
use heatclient::heat::{Action, NewStack};
use heatclient::sandbox::Sandbox;
use heatclient::template::Source;
use heatclient::template::{Package, Packer};
use heatclient::{Client, Session, loading};

const TEMPLATE: &str = "
heat_template_version: 2018-08-31
parameters: {name: {type: string}}
resources:
  value: {type: OS::Heat::Value, properties: {value: {get_param: name}}}
outputs: {name: {value: {get_attr: [value, value]}}}
";

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1).map(|a| a.parse::<usize>());
    let loader = loading::plugin_loader("password")?;
    let on_cloud = std::env::var_os("OS_AUTH_URL").is_some();
    let sandbox = if on_cloud {
        None
    } else {
        Some(Sandbox::start().await?)
    };
    let values = match &sandbox {
        Some(sandbox) => {
            let environment = sandbox.environment();
            loader.read_env(|name| {
                environment
                    .iter()
                    .find(|(key, _)| *key == name)
                    .map(|(_, value)| value.clone())
            })
        }
        None => loader.read_env(|name| std::env::var(name).ok()),
    };
    let stacks = arguments
        .next()
        .transpose()?
        .unwrap_or(if on_cloud { 200 } else { 5000 });
    let at_a_time = arguments
        .next()
        .transpose()?
        .unwrap_or(if on_cloud { 16 } else { 128 });

    let heat = Client::new(Session::new(loader.load_values(values)?));
    let package = Packer::new()
        .template(Source::text(TEMPLATE))
        .pack()
        .await?;
    #[allow(clippy::disallowed_methods)]
    let start = Instant::now();
    let mut results = futures::stream::iter(0..stacks)
        .map(|n| one(heat.clone(), package.clone(), n))
        .buffer_unordered(at_a_time);
    let (mut done, mut failed) = (0, 0);
    while let Some(result) = results.next().await {
        match result {
            Ok(()) => done += 1,
            Err(error) => {
                failed += 1;
                eprintln!("{error}");
            }
        }
    }
    let took = start.elapsed();
    println!(
        "{done} stacks created and deleted, {at_a_time} at a time, {failed} failed: {:.1} s, {:.0} stacks a second",
        took.as_secs_f64(),
        f64::from(done) / took.as_secs_f64(),
    );
    println!(
        "peak memory: {} MiB{}",
        peak_memory() / 1024,
        if on_cloud {
            ""
        } else {
            ", including the sandbox and its stacks"
        }
    );
    if failed > 0 {
        Err("some stacks failed".into())
    } else {
        Ok(())
    }
}

async fn one(heat: Client, package: Package, number: usize) -> heatclient::Result<()> {
    let name = format!("concurrent-{}-{number}", std::process::id());
    let timeout = Duration::from_secs(600);
    let new = NewStack::new(&name, package).parameter("name", &name);
    let stack = heat.stacks().create(new).await?;
    let made = heat
        .stacks()
        .wait(&stack, Action::Create)
        .timeout(timeout)
        .await?;
    assert_eq!(
        made.output("name").map(|o| o.value.clone()),
        Some(Some(name.into()))
    );
    heat.stacks().delete(&stack).await?;
    heat.stacks()
        .wait(&stack, Action::Delete)
        .timeout(timeout)
        .await?;
    Ok(())
}

/// The peak resident memory of this process in KiB, on Linux.
fn peak_memory() -> u64 {
    std::fs::read_to_string("/proc/self/status")
        .unwrap_or_default()
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .unwrap_or_default()
}
