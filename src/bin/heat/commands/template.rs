//! `template …`: what can be done with template files without a cloud.

mod lint;
mod sarif;

use crate::args::TemplateFileCommand;
use crate::exit::Failure;

pub(super) fn run(command: TemplateFileCommand, quiet: bool) -> Result<(), Failure> {
    match command {
        TemplateFileCommand::Lint(args) => lint::run(&args, quiet),
    }
}
