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

/// Both commands need something to read.
fn nothing_to_read() -> Failure {
    Failure::Usage(
        "a template or an environment is needed; --help says how to name them".to_owned(),
    )
}
