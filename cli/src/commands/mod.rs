//! What is done: one file a command.

mod action;
mod cells;
mod change;
mod completion;
mod context;
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
pub(crate) mod spelling;
mod stack;
mod stacks;
mod template;
mod wait;

use context::{Context, block_on, not_found, stack_not_found};
use spelling::{Spelling, Work, command, old};

use crate::args::{Command, GlobalArgs};
use crate::exit::Failure;
use crate::log;
use crate::render::{Answer, Style};

/// The commands there are.
pub(crate) const TABLE: &[Spelling] = &[
    command::<stack::show::Args>("stack show", "Show a stack"),
    old::<stack::show::OldArgs>("stack-show", "Show a stack"),
];

/// Does what the command line says.
pub(crate) fn run(global: &GlobalArgs, command: Result<Work, Command>) -> Result<(), Failure> {
    log::start(global)?;
    match command {
        Ok(work) => work(global),
        Err(Command::Stack(command)) => printing(
            global,
            Box::new(|context| {
                Box::pin(async move {
                    stacks::run(context, command)
                        .await
                        .map(|()| Answer::Nothing)
                })
            }),
        ),
        Err(Command::Orchestration(command)) => printing(
            global,
            Box::new(|context| {
                Box::pin(async move {
                    orchestration::run(context, command)
                        .await
                        .map(|()| Answer::Nothing)
                })
            }),
        ),
        Err(Command::Old(command)) => printing(
            global,
            Box::new(|context| {
                Box::pin(async move { old::run(context, command).await.map(|()| Answer::Nothing) })
            }),
        ),
        Err(Command::Template(command)) => block_on(template::run(command, global)),
        Err(Command::Sandbox(args)) if args.background => sandbox::start_in_background(),
        Err(Command::Sandbox(args)) => block_on(sandbox::serve(&args)),
        Err(Command::Completion(args)) => completion::run(args),
    }
}

/// Runs a command that prints its answer itself.
fn printing(global: &GlobalArgs, run: context::Run) -> Result<(), Failure> {
    context::online(global, Style::OpenStack(None), run)
}
