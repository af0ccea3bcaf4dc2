//! `template …`: what can be done with templates without a cloud.

mod lint;
mod pack;
mod sarif;

use crate::args::TemplateCommand;
use crate::exit::Failure;

pub(super) async fn run(command: TemplateCommand, quiet: bool) -> Result<(), Failure> {
    match command {
        TemplateCommand::Pack(args) => pack::run(*args).await,
        TemplateCommand::Lint(args) => lint::run(&args, quiet).await,
    }
}
