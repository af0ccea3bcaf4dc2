//! A proxy between client and cloud injects faults. No call hangs, reveals a secret, creates a stack
//! twice, or takes a response of the proxy for one of Heat. After the faults the same session works.
//!
//! A seed determines all faults, and a failure names it. `HOSTILE_SEED=17` repeats one seed,
//! `HOSTILE_SEEDS=3000` runs that many. The test advances the clock, so that no limit depends on the
//! machine.

mod alone;
mod descriptors;

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use fastrand::Rng;
use heatclient::heat::{Action, NewStack, StackUpdate};
use heatclient::sandbox::Sandbox;
use heatclient::{Client, Error, Session};
use heatclient_test_support::demo;
use heatclient_test_support::proxy::{Fault, Proxy, check_foreign, seeds, template};
use heatclient_test_support::scripted::{Scripted, json as json_answer};
use heatclient_test_support::time::Clock;

const SEEDS: u64 = 500;
const AT_ONCE: usize = 16;
const STEPS: usize = 12;
/// The step of the clock.
const STEP: Duration = Duration::from_millis(50);
/// The maximum time of a call, on the clock that the test advances.
const PATIENCE: Duration = Duration::from_secs(300);

/// Whether an error has the required form.
fn check(error: &Error) {
    let line = error.to_string();
    assert!(!line.is_empty() && line.chars().count() <= 480, "{line:?}");
    assert!(!line.chars().any(char::is_control), "{line:?}");
    let told = format!("{line}{error:?}");
    assert!(!told.contains("gAAAA"), "{told}");
}

/// The numbers of calls of all runs that succeeded and failed.
static SUCCEEDED: AtomicU64 = AtomicU64::new(0);
static FAILED: AtomicU64 = AtomicU64::new(0);

/// A client behind a proxy, and the expected state of its stacks.
struct Run {
    clock: Clock,
    proxy: Proxy,
    heat: Client,
    /// A client without the proxy.
    honest: Client,
    made: Vec<String>,
    /// The stacks whose delete may have reached Heat.
    deleted: HashSet<String>,
}

impl Run {
    async fn start(sandbox: Sandbox, foreign: &str, fault: Fault, seed: u64) -> Self {
        let honest = Client::new(Session::new(demo(&sandbox.auth_url(), "demo")));
        let proxy = Proxy::start(sandbox, foreign, fault, seed).await;
        Self {
            clock: Clock::stop(),
            heat: Client::new(session(&proxy.auth_url)),
            honest,
            proxy,
            made: Vec::new(),
            deleted: HashSet::new(),
        }
    }

    /// Awaits a call while the clock advances. It succeeds, or its error has the required form.
    async fn call<F: IntoFuture<Output = Result<T, Error>>, T>(
        &self,
        what: &str,
        call: F,
    ) -> Result<T, Error> {
        let bounded = tokio::time::timeout(PATIENCE, Box::pin(call.into_future()));
        let Ok(result) = self.clock.moving(STEP, bounded).await else {
            panic!("{what} hangs");
        };
        match &result {
            Ok(_) => SUCCEEDED.fetch_add(1, Ordering::Relaxed),
            Err(error) => {
                check(error);
                FAILED.fetch_add(1, Ordering::Relaxed)
            }
        };
        result
    }

    /// A call for a stack, which exists unless it was deleted. No error may say otherwise.
    async fn about<F: IntoFuture<Output = Result<T, Error>>, T>(
        &self,
        what: &str,
        stack: &str,
        call: F,
    ) -> Option<T> {
        match self.call(what, Box::pin(call.into_future())).await {
            Ok(output) => Some(output),
            Err(error) => {
                assert!(
                    !error.is_not_found() || self.may_be_missing(stack),
                    "{what}: {stack} exists, but: {error}"
                );
                None
            }
        }
    }

    /// Whether Heat or a forged response may say that the stack does not exist.
    fn may_be_missing(&self, stack: &str) -> bool {
        let is_made = self.made.iter().any(|made| made == stack);
        !is_made || self.deleted.contains(stack) || self.proxy.has_hidden(stack)
    }

    async fn step(&mut self, rng: &mut Rng, name: &str) {
        let heat = self.heat.clone();
        let stacks = heat.stacks();
        let known = rng
            .choice(self.made.iter())
            .cloned()
            .unwrap_or_else(|| "nobody".to_owned());
        match rng.u32(0..13) {
            0..=3 => self.create(name).await,
            4 => drop(self.call("list", stacks.list()).await),
            5 => drop(self.call("page", stacks.list().page_size(1)).await),
            6 => drop(self.about("show", &known, stacks.get(&known)).await),
            7 => {
                let wait = stacks
                    .wait(known.as_str(), Action::Create)
                    .timeout(Duration::from_secs(60));
                let _ = self.about("wait", &known, wait).await;
            }
            8 => {
                let outputs = heat.outputs();
                let _ = self.about("outputs", &known, outputs.list(&known)).await;
                // An output of a deleted stack is not found, either.
                let _ = self.about("output", &known, outputs.get(&known, "o")).await;
            }
            9 => {
                let events = heat.events().list(known.as_str());
                let _ = self.about("events", &known, events).await;
            }
            10 => {
                let update = StackUpdate::existing().tags(["t"]);
                let _ = self
                    .about("update", &known, stacks.update(&known, update))
                    .await;
            }
            11 => {
                let found = self.call("find", stacks.get_opt(&known)).await;
                let is_missing = matches!(found, Ok(None));
                assert!(!is_missing || self.may_be_missing(&known), "{known} exists");
            }
            _ => self.delete(&known).await,
        }
    }

    async fn create(&mut self, name: &str) {
        let stacks = self.heat.stacks();
        let result = self
            .call("create", stacks.create(NewStack::new(name, template())))
            .await;
        let sent = self.proxy.creates(name);
        assert!(sent <= 1, "{sent} creates of {name} reached Heat");
        match result {
            Ok(stack) => {
                assert_eq!(sent, 1, "{name} was created by nobody");
                assert_eq!(stack.name, name);
                self.made.push(name.to_owned());
            }
            Err(error) => assert!(
                sent == 0 || error.may_have_been_sent(),
                "{name} was sent, but: {error}"
            ),
        }
    }

    async fn delete(&mut self, name: &str) {
        let stacks = self.heat.stacks();
        // A delete whose response is lost is repeated. Then the stack may not exist any more.
        if let Err(error) = self.call("delete", stacks.delete(name)).await {
            let is_repeated = error.attempts() > 1;
            assert!(
                !error.is_not_found() || is_repeated || self.may_be_missing(name),
                "{error}"
            );
        }
        self.deleted.insert(name.to_owned());
        let wait = stacks
            .wait(name, Action::Delete)
            .timeout(Duration::from_secs(60));
        if self.call("wait for delete", wait).await.is_ok() && !self.proxy.has_hidden(name) {
            let left = self
                .clock
                .moving(STEP, self.honest.stacks().get_opt(name))
                .await;
            let left = left
                .unwrap()
                .filter(|stack| stack.status.to_string() != "DELETE_COMPLETE");
            assert!(left.is_none(), "{name} was not deleted: {left:?}");
        }
    }

    /// The session works after the faults.
    async fn end(self) {
        self.proxy.behave();
        // After refused logins, the pause is five minutes at most.
        let mut tries = 0;
        while let Err(error) = self.call("list", self.heat.stacks().list()).await {
            tries += 1;
            assert!(tries < 10, "not well again: {error}");
            self.clock.pass(Duration::from_secs(60)).await;
        }
        let name = "well-again";
        let stacks = self.heat.stacks();
        let create = stacks.create(NewStack::new(name, template()));
        let stack = self.call("create", create).await.unwrap();
        let wait = stacks.wait(&stack, Action::Create);
        self.call("wait", wait).await.unwrap();
        self.call("delete", stacks.delete(&stack)).await.unwrap();
        assert_eq!(self.proxy.creates(name), 1);
    }
}

fn session(auth_url: &str) -> Session {
    Session::builder(demo(auth_url, "demo"))
        // reached: on a clock that moves by hand
        .read_timeout(Duration::from_secs(10))
        .timeout(Duration::from_secs(120))
        .build()
}

async fn library(seed: u64) {
    let foreign = Scripted::start(|_| json_answer("200 OK", r#"{"stacks": []}"#)).await;
    let delay = Duration::from_secs(seed % 3);
    let sandbox = Sandbox::builder().stack_delay(delay);
    let sandbox = sandbox.start().await.unwrap();
    let mut run = Run::start(sandbox, &foreign.url, Fault::Any, seed).await;
    let mut rng = Rng::with_seed(!seed);
    for n in 0..STEPS {
        run.step(&mut rng, &format!("s{n}")).await;
    }
    run.end().await;
    check_foreign(&foreign);
}

#[test]
fn a_hostile_proxy_costs_errors_and_nothing_else() {
    let seeds = seeds(SEEDS);
    let next = Arc::new(AtomicU64::new(seeds.start));
    let workers = (0..AT_ONCE).map(|_| {
        let (next, end) = (Arc::clone(&next), seeds.end);
        std::thread::spawn(move || {
            loop {
                let seed = next.fetch_add(1, Ordering::SeqCst);
                if seed >= end {
                    return;
                }
                // Each on a separate clock.
                let run = std::thread::spawn(move || {
                    let mut runtime = tokio::runtime::Builder::new_current_thread();
                    runtime
                        .enable_all()
                        .build()
                        .unwrap()
                        .block_on(library(seed));
                });
                assert!(run.join().is_ok(), "seed {seed}");
            }
        })
    });
    let workers: Vec<_> = workers.collect();
    let failed = workers.into_iter().filter_map(|worker| worker.join().err());
    assert_eq!(failed.count(), 0, "workers that met a seed that failed");
    let [succeeded, failed] = [&SUCCEEDED, &FAILED].map(|count| count.load(Ordering::Relaxed));
    println!("{seeds:?}: {succeeded} calls succeeded, {failed} failed");
    // Some calls succeed, and some faults have an effect.
    let is_one = seeds.end - seeds.start < 100;
    assert!(is_one || succeeded > failed / 4 && failed > succeeded / 100);
}
