//! The commands of the old `heat` tool: the same work, its own way of printing.

use heatclient::heat::{Action, NewStack, SortDir, Stack, StackRef};
use serde_json::{Value, json};

use super::wait::wait;
use super::{
    Context, cells, change, delete, event, list, orchestration, parts, show, stack_not_found,
};
use crate::args::{DeleteArgs, NewArgs, OldCommand, OldListArgs, OldOutputArgs, OldUpdateArgs};
use crate::args::{EventArgs, OldEventFormat, OldOutputFormat, UpdateArgs, Waiting};
use crate::exit::Failure;
use crate::output::{Cell, ListTable, Record, json_cell, json_text};
use crate::printer::{self, Printer, old_order, old_record};
use crate::resolve;

pub(super) async fn run(context: &Context, command: OldCommand) -> Result<(), Failure> {
    let stacks = context.heat.stacks();
    match command {
        OldCommand::StackList(args) => stack_list(context, args).await,
        OldCommand::StackShow {
            stack,
            no_resolve_outputs,
        } => {
            let stack = StackRef::from(&stack.stack);
            print_stack(&show::fetch(context, &stack, !no_resolve_outputs).await?)
        }
        OldCommand::StackCreate { new, poll } => create(context, &new.into(), poll).await,
        OldCommand::StackPreview(new) => {
            preview(
                context,
                resolve::new_stack(&new.into(), &context.heat).await?,
            )
            .await
        }
        OldCommand::StackAdopt(args) => {
            let args = args.into();
            let adoption = resolve::adoption(&args, &context.heat).await?;
            context.changes.expect("ADOPT", &args.name);
            let adopted = stacks.adopt(adoption).await;
            adopted.map_err(change::maybe_made)?;
            stack_list(context, OldListArgs::default()).await
        }
        OldCommand::StackUpdate(args) => update(context, args).await,
        OldCommand::StackDelete { stacks, yes } => {
            let args = DeleteArgs {
                stacks,
                yes,
                waiting: Waiting::default(),
            };
            delete::delete_each(context, args, |stack| {
                printer::line(&format!(
                    "Request to delete stack {stack} has been accepted."
                ))
            })
            .await
        }
        OldCommand::StackCancelUpdate(args) => {
            context.changes.expect("CANCEL", &args.stack);
            let done = stacks.cancel_update(&args.stack).await;
            then_list(context, &args.stack, done).await
        }
        OldCommand::ActionSuspend(args) => {
            context.changes.expect("SUSPEND", &args.stack);
            let done = stacks.suspend(&args.stack).await;
            then_list(context, &args.stack, done).await
        }
        OldCommand::ActionResume(args) => {
            context.changes.expect("RESUME", &args.stack);
            let done = stacks.resume(&args.stack).await;
            then_list(context, &args.stack, done).await
        }
        OldCommand::ActionCheck(args) => {
            context.changes.expect("CHECK", &args.stack);
            let done = stacks.check(&args.stack).await;
            then_list(context, &args.stack, done).await
        }
        OldCommand::EventList(args) => {
            let format = args.format;
            event_list(context, args.into(), format).await
        }
        OldCommand::ResourceList(args) => {
            let table = parts::resource_table(context, &args.into()).await?;
            print_list(table, Some("updated_time"))
        }
        OldCommand::ResourceShow(args) => {
            let resource = parts::resource(context, &args).await?;
            let cell = |key: &str, value| match key {
                "attributes" => cells::json(value),
                "links" => cells::links(value),
                "required_by" => cells::lines(value),
                _ => Cell::from(value),
            };
            print_record(cells::record(resource.raw(), cell))
        }
        OldCommand::OutputList(args) => {
            let table = parts::output_table(context, &args.stack).await?;
            print_list(table, Some("output_key"))
        }
        OldCommand::OutputShow(args) => output_show(context, args).await,
        OldCommand::TemplateShow(args) => {
            let template = stacks.template(&args.stack).await;
            let template = Value::from(template.map_err(stack_not_found(&args.stack))?);
            if template.get("heat_template_version").is_some() {
                let yaml = heatclient::yaml::to_string(&cells::sorted(&template));
                printer::line(&yaml)
            } else {
                printer::line(&json_text(&template))
            }
        }
        OldCommand::TemplateValidate(args) => {
            let validation = resolve::validation(&args.into(), &context.heat).await?;
            let valid = context.heat.templates().validate(validation).await?;
            printer::line(&json_text(&valid.into_raw().into()))
        }
        OldCommand::BuildInfo => print_record(orchestration::build_info(context).await?),
    }
}

fn print_list(table: ListTable, sort: Option<&str>) -> Result<(), Failure> {
    let column = sort.and_then(|name| table.columns.iter().position(|column| column == name));
    Printer::old().list(&old_order(table, column))
}

fn print_record(record: Record) -> Result<(), Failure> {
    Printer::old().record(&old_record(record))
}

fn print_stack(stack: &Stack) -> Result<(), Failure> {
    print_record(cells::record(stack.raw().clone(), |key, value| match key {
        "tags" => cells::json(value),
        _ => change::preview_cell(key, value),
    }))
}

async fn stack_list(context: &Context, args: OldListArgs) -> Result<(), Failure> {
    let mut request = context.heat.stacks().list();
    for (key, value) in &args.filters {
        request = request.filter(key, value);
    }
    let split = |tags: &Option<String>| -> Vec<String> {
        let tags = tags.as_deref().unwrap_or_default().split(',');
        tags.filter(|tag| !tag.is_empty())
            .map(str::to_owned)
            .collect()
    };
    request = request
        .tags(split(&args.tags))
        .tags_any(split(&args.tags_any))
        .not_tags(split(&args.not_tags))
        .not_tags_any(split(&args.not_tags_any))
        .sort_keys(&args.sort_keys);
    request = list::page(request, args.limit, args.marker.as_deref());
    if let Some(direction) = &args.sort_dir {
        request = request.sort_dir(match direction.as_str() {
            "desc" => SortDir::Desc,
            _ => SortDir::Asc,
        });
    }
    let mut columns = vec![
        "id",
        "stack_name",
        "stack_status",
        "creation_time",
        "updated_time",
    ];
    if args.show_hidden {
        request = request.show_hidden();
    }
    if args.show_nested {
        request = request.show_nested();
        columns.push("parent");
    }
    if args.global_tenant {
        request = request.global_tenant();
    }
    if args.global_tenant || args.show_owner {
        columns.push("stack_owner");
    }
    if args.show_deleted {
        request = request.show_deleted();
        columns.push("deletion_time");
    }
    let stacks = list::rows(request.await?);
    if stacks.iter().any(|stack| stack.contains_key("project")) {
        columns.push("project");
    }
    let table = list::table(&columns, stacks.iter());
    print_list(table, args.sort_keys.is_empty().then_some("creation_time"))
}

/// What follows an action: the list of all stacks.
async fn then_list(
    context: &Context,
    stack: &str,
    done: heatclient::Result<()>,
) -> Result<(), Failure> {
    done.map_err(stack_not_found(stack))?;
    stack_list(context, OldListArgs::default()).await
}

async fn create(context: &Context, args: &NewArgs, poll: Option<f64>) -> Result<(), Failure> {
    let new = resolve::new_stack(args, &context.heat).await?;
    context.changes.expect("CREATE", &args.name);
    let created = context.heat.stacks().create(new).await;
    let created = created.map_err(change::maybe_made)?;
    stack_list(context, OldListArgs::default()).await?;
    if poll.is_none() {
        return Ok(());
    }
    let stack = StackRef::from(&created);
    print_stack(&show::fetch(context, &stack, true).await?)?;
    let waiting = Waiting {
        wait: true,
        poll,
        wait_timeout: None,
    };
    let waited = wait(context, &stack, Action::Create, &waiting).await;
    if !matches!(waited, Err(Failure::Interrupted(_))) {
        print_stack(&show::fetch(context, &stack, true).await?)?;
    }
    waited?;
    printer::line(&format!("\n Stack {} CREATE_COMPLETE \n", args.name))
}

async fn preview(context: &Context, new: NewStack) -> Result<(), Failure> {
    let preview = context.heat.stacks().preview(new).await?;
    print_record(cells::record(preview.into_raw(), change::preview_cell))
}

async fn update(context: &Context, args: OldUpdateArgs) -> Result<(), Failure> {
    let (dry_run, show_nested) = (args.dry_run, args.show_nested);
    let args = UpdateArgs::from(args);
    let update = resolve::stack_update(&args, &context.heat).await?;
    let stacks = context.heat.stacks();
    if !dry_run {
        context.changes.expect("UPDATE", &args.stack);
        let done = stacks.update(&args.stack, update).await;
        return then_list(context, &args.stack, done).await;
    }
    let preview = stacks
        .preview_update(&args.stack, update)
        .show_nested(show_nested);
    let changes = json!(preview.await.map_err(stack_not_found(&args.stack))?);
    let mut rows = Vec::new();
    for (state, resources) in changes.as_object().into_iter().flatten() {
        for resource in resources.as_array().into_iter().flatten() {
            let part = |key| resource.get(key).cloned().unwrap_or_default();
            rows.push(vec![
                Cell::from(state.as_str()),
                Cell::from(part("resource_name")),
                Cell::from(part("resource_type")),
                cells::json(part("resource_identity")),
            ]);
        }
    }
    let columns = [
        "state",
        "resource_name",
        "resource_type",
        "resource_identity",
    ];
    let columns = columns.map(Into::into).into();
    print_list(ListTable { columns, rows }, None)
}

async fn event_list(
    context: &Context,
    args: EventArgs,
    format: OldEventFormat,
) -> Result<(), Failure> {
    let events = event::fetch(context, &args).await?;
    if format == OldEventFormat::Log {
        return event::print_log(&events);
    }
    let mut columns = vec![
        "resource_name",
        "id",
        "resource_status_reason",
        "resource_status",
        "event_time",
    ];
    if args.levels().is_some() {
        columns.push("stack_name");
    }
    print_list(event::table(&columns, &events), None)
}

async fn output_show(context: &Context, args: OldOutputArgs) -> Result<(), Failure> {
    let stack = &args.output.stack;
    let keys = match &args.output.output {
        Some(key) => vec![key.clone()],
        None => {
            let outputs = context.heat.outputs().list(stack).await;
            let outputs = outputs.map_err(stack_not_found(stack))?;
            outputs.into_iter().map(|output| output.key).collect()
        }
    };
    for key in &keys {
        let output = parts::output(context, stack, key).await?;
        match (args.with_detail, args.format) {
            (true, OldOutputFormat::Json) => {
                print_record(parts::output_record(output, cells::json))?
            }
            (true, OldOutputFormat::Raw) => print_record(parts::output_record(output, Cell::from))?,
            (false, OldOutputFormat::Json) => {
                printer::line(&json_cell(&parts::output_json(output)))?
            }
            (false, OldOutputFormat::Raw) => match output.value.unwrap_or_default() {
                nested @ (Value::Array(_) | Value::Object(_)) => {
                    printer::line(&json_cell(&nested))?
                }
                plain => printer::value_line(&Cell::from(plain).human_text())?,
            },
        }
    }
    Ok(())
}
