//! `orchestration …`.

use super::{Context, cells};
use crate::args::{
    BuildCommand, OrchestrationCommand, RecordFormat, TemplatesCommand, ValidationArgs,
};
use crate::exit::Failure;
use crate::output::{Cell, Record};
use crate::printer::Printer;
use crate::resolve;

pub(super) async fn run(context: &Context, command: OrchestrationCommand) -> Result<(), Failure> {
    match command {
        OrchestrationCommand::Build(BuildCommand::Info { format }) => {
            let printer = Printer::new(format.options())?;
            printer.record(&build_info(context).await?)
        }
        OrchestrationCommand::Template(TemplatesCommand::Validate { validation, format }) => {
            validate(context, &validation, format).await
        }
    }
}

async fn validate(
    context: &Context,
    args: &ValidationArgs,
    format: RecordFormat,
) -> Result<(), Failure> {
    let printer = Printer::new(format.options())?;
    let validation = resolve::validation(args, &context.heat).await?;
    let valid = context.heat.templates().validate(validation).await?;
    printer.record(&cells::record(valid.into_raw(), |_, value| {
        Cell::from(value)
    }))
}

/// The build of Heat that answers.
pub(super) async fn build_info(context: &Context) -> Result<Record, Failure> {
    let info = context.heat.build_info().await?;
    let fields = [("api", info.api), ("engine", info.engine)];
    let fields = fields.map(|(name, part)| (name.to_owned(), cells::json(part.into())));
    Ok(Record(fields.into()))
}
