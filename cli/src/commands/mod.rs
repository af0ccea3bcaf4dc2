//! What is done: one file per group of commands.

mod action;
mod cells;
mod change;
mod completion;
mod delete;
mod event;
mod event_log;
mod list;
mod old;
mod orchestration;
mod parts;
mod project;
mod sandbox;
mod show;
mod stack;
mod template;
mod wait;

use std::future::Future;

use heatclient::session::Adapter;
use heatclient::{Client, clock};

use crate::args::{Cli, Command, GlobalArgs};
use crate::changes::Changes;
use crate::cloud::Cloud;
use crate::exit::Failure;
use crate::log;
use crate::remark::say;
use crate::waiting;

/// What every command has at hand.
#[derive(Debug)]
struct Context {
    heat: Client,
    /// Keystone, for what Heat does not know.
    identity: Adapter,
    changes: Changes,
    quiet: bool,
}

/// Does what the command line says.
pub(crate) fn run(cli: Cli) -> Result<(), Failure> {
    log::start(&cli.global)?;
    let global = &cli.global;
    match cli.command {
        Command::Stack(command) => {
            online(global, async |context| stack::run(context, command).await)
        }
        Command::Orchestration(command) => online(global, async |context| {
            orchestration::run(context, command).await
        }),
        Command::Old(command) => online(global, async |context| old::run(context, command).await),
        Command::Template(command) => block_on(template::run(command, global)),
        Command::Sandbox(args) if args.background => sandbox::start_in_background(),
        Command::Sandbox(args) => block_on(sandbox::serve(&args)),
        Command::Completion(args) => completion::run(args),
    }
}

/// Runs what needs a cloud.
fn online(
    global: &GlobalArgs,
    work: impl AsyncFnOnce(&Context) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let start = clock::now();
    let changes = Changes::default();
    let result = block_on(async {
        let (layer, slow) = waiting::watch(global.quiet).unzip();
        let cloud = Cloud::new(global)?;
        let heat = cloud.client(layer, changes.clone()).await?;
        let context = Context {
            identity: cloud.identity(heat.adapter().session()),
            heat,
            changes: changes.clone(),
            quiet: global.quiet,
        };
        let tell = async {
            if let Some(slow) = slow {
                slow.tell(&context.heat, cloud.auth_url()).await;
            }
            std::future::pending().await
        };
        tokio::select! {
            biased;
            result = work(&context) => result,
            never = tell => never,
        }
    });
    let result = match result {
        Err(Failure::Interrupted(None)) => Err(Failure::Interrupted(changes.note())),
        other => other,
    };
    if global.timing {
        say(&format!("took {:.3} s", start.elapsed().as_secs_f64()));
    }
    result
}

/// Runs until the work is done or somebody presses Ctrl-C.
fn block_on(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Message(format!("cannot start the runtime: {error}")))?;
    let result = runtime.block_on(async {
        tokio::select! {
            // Work that knows what Ctrl-C means to it comes first; and questions that it asks before
            // its first pause are still answered by Ctrl-C in the usual way.
            biased;
            result = work => result,
            _ = tokio::signal::ctrl_c() => Err(Failure::Interrupted(None)),
        }
    });
    // A file that is being read may be a pipe into which nobody writes.
    runtime.shutdown_background();
    result
}

/// What the older clients say of a stack that is not there; scripts look for that text.
fn stack_not_found(stack: &str) -> impl Fn(heatclient::Error) -> Failure {
    let message = format!("Stack not found: {stack}");
    move |error| not_found(&message, error)
}

/// The message for what is not there; any other error as it is.
fn not_found(message: &str, error: heatclient::Error) -> Failure {
    match (error.is_not_found(), error.request_id()) {
        (false, _) => Failure::Heat(error),
        (true, Some(id)) => Failure::Message(format!("{message} (request {id})")),
        (true, None) => Failure::Message(message.to_owned()),
    }
}
