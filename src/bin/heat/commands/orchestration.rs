//! `orchestration …`.

use super::{Context, cells};
use crate::args::{BuildCommand, OrchestrationCommand};
use crate::exit::Failure;
use crate::output::Record;
use crate::printer::Printer;

pub(super) async fn run(context: &Context, command: OrchestrationCommand) -> Result<(), Failure> {
    let OrchestrationCommand::Build(BuildCommand::Info { format }) = command;
    let printer = Printer::new(format.options())?;
    printer.record(&build_info(context).await?)
}

/// The build of Heat that answers.
pub(super) async fn build_info(context: &Context) -> Result<Record, Failure> {
    let info = context.heat.build_info().await?;
    let fields = [("api", info.api), ("engine", info.engine)];
    let fields = fields.map(|(name, part)| (name.to_owned(), cells::json(part.into())));
    Ok(Record(fields.into()))
}
