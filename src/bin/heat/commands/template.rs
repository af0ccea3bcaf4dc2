//! `template …`: what needs no cloud.

mod pack;

use crate::args::TemplateCommand;
use crate::exit::Failure;

pub(super) async fn run(command: TemplateCommand) -> Result<(), Failure> {
    match command {
        TemplateCommand::Pack(args) => pack::run(args).await,
    }
}
