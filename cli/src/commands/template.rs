//! `template …`: what can be done with templates without a cloud.

mod lint;
mod pack;
mod sarif;

use heatclient::template::Packer;

use crate::args::{GlobalArgs, TemplateCommand};
use crate::cloud::anonymous;
use crate::exit::Failure;

pub(super) async fn run(command: TemplateCommand, global: &GlobalArgs) -> Result<(), Failure> {
    let through = Packer::new().anonymous_session(anonymous(global)?);
    match command {
        TemplateCommand::Pack(args) => pack::run(*args, through).await,
        TemplateCommand::Lint(args) => lint::run(&args, &through, global.quiet).await,
    }
}

/// Both commands need something to read.
fn nothing_to_read() -> Failure {
    Failure::Usage(
        "a template or an environment is needed; --help says how to name them".to_owned(),
    )
}
