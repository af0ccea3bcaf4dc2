//! Making and changing stacks.

use heatclient::Error;
use heatclient::heat::{Action, StackRef};
use heatclient::reexport::http::StatusCode;
use serde_json::Value;

use super::wait::wait;
use super::{Context, cells, show, stack_not_found};
use crate::args::{AdoptArgs, CreateArgs, UpdateCommandArgs};
use crate::exit::Failure;
use crate::output::{Cell, Record};
use crate::printer::Printer;
use crate::resolve;

/// `stack create`.
pub(super) async fn create(context: &Context, args: CreateArgs) -> Result<(), Failure> {
    let printer = Printer::new(args.format.options())?;
    let new = resolve::new_stack(&args.new, &context.heat).await?;
    let stacks = context.heat.stacks();
    if args.dry_run {
        let preview = stacks.preview(new).await?;
        let mut record = cells::record(preview.into_raw(), preview_cell);
        record.0.sort_by(|(a, _), (b, _)| a.cmp(b));
        return printer.record(&record);
    }
    context.changes.expect("CREATE", &args.new.name);
    let created = stacks.create(new).await.map_err(maybe_made)?;
    let stack = StackRef::from(&created);
    wait(context, &stack, Action::Create, &args.waiting).await?;
    printer.record(&show::short(&show::fetch_new(context, &stack).await?))
}

/// `stack adopt`.
pub(super) async fn adopt(context: &Context, args: AdoptArgs) -> Result<(), Failure> {
    let printer = Printer::new(args.format.options())?;
    let adoption = resolve::adoption(&args.adoption, &context.heat).await?;
    context.changes.expect("ADOPT", &args.adoption.name);
    let created = context.heat.stacks().adopt(adoption).await;
    let stack = StackRef::from(&created.map_err(maybe_made)?);
    wait(context, &stack, Action::Adopt, &args.waiting).await?;
    printer.record(&show::short(&show::fetch_new(context, &stack).await?))
}

/// Without an answer nobody knows whether there is a stack now.
pub(super) fn maybe_made(error: Error) -> Failure {
    // A gateway does not know what became of the request.
    let is_unknown = |status: StatusCode| matches!(status.as_u16(), 502..=504);
    if error.may_have_been_sent() && error.status().is_none_or(is_unknown) {
        Failure::Message(format!(
            "{error}; the stack may have been created: check with heat stack list"
        ))
    } else {
        error.into()
    }
}

/// A value of a stack that does not exist yet.
pub(super) fn preview_cell(key: &str, value: Value) -> Cell {
    match key {
        "description" | "template_description" | "stack_status_reason" => cells::wrapped(value),
        "parameters" | "outputs" | "resources" => cells::json(value),
        "links" => cells::links(value),
        _ => Cell::from(value),
    }
}

/// `stack update`.
pub(super) async fn update(context: &Context, args: UpdateCommandArgs) -> Result<(), Failure> {
    let printer = Printer::new(args.format.options())?;
    let update = resolve::stack_update(&args.update, &context.heat).await?;
    let stacks = context.heat.stacks();
    let stack = StackRef::from(&args.update.stack);
    let missing = stack_not_found(&args.update.stack);
    if args.dry_run {
        let preview = stacks
            .preview_update(&stack, update)
            .show_nested(args.show_nested);
        let changes = preview.await.map_err(missing)?;
        let fields = [
            ("added", changes.added),
            ("deleted", changes.deleted),
            ("replaced", changes.replaced),
            ("unchanged", changes.unchanged),
            ("updated", changes.updated),
        ];
        let fields = fields.map(|(name, changes)| (name.to_owned(), cells::json(changes.into())));
        return printer.record(&Record(fields.into()));
    }
    context.changes.expect("UPDATE", &args.update.stack);
    stacks.update(&stack, update).await.map_err(missing)?;
    wait(context, &stack, Action::Update, &args.waiting).await?;
    printer.record(&show::short(&show::fetch(context, &stack, false).await?))
}
