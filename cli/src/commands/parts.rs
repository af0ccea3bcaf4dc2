//! Resources, outputs and templates of stacks.

use heatclient::heat::{Output, Resource};
use serde_json::{Value, json};

use super::{Context, cells, event, list, not_found, stack_not_found};
use crate::args::{ListFormat, OutputShowArgs, RecordFormat, ResourceListArgs, ResourceShowArgs};
use crate::exit::Failure;
use crate::output::{Cell, ListTable, OutputOptions, Record};
use crate::printer::Printer;
use crate::resolve;

/// `stack resource list`.
pub(super) async fn resource_list(
    context: &Context,
    args: ResourceListArgs,
    format: ListFormat,
) -> Result<(), Failure> {
    let printer = Printer::new(format.options())?;
    printer.list(&resource_table(context, &args).await?)
}

pub(super) async fn resource_table(
    context: &Context,
    args: &ResourceListArgs,
) -> Result<ListTable, Failure> {
    let mut request = context.heat.resources().list(&args.stack);
    let levels = args.nested_depth.filter(|levels| *levels > 0);
    if let Some(levels) = levels {
        request = request.nested_depth(levels);
    }
    for (key, value) in &resolve::conditions(&args.filters) {
        request = request.filter(key, value);
    }
    let resources = request.await.map_err(stack_not_found(&args.stack))?;
    let mut columns = vec![
        "resource_name",
        "physical_resource_id",
        "resource_type",
        "resource_status",
        "updated_time",
    ];
    if levels.is_some() || args.long {
        columns.push("stack_name");
    }
    let row = |resource: &Resource| event::with_stack_name(resource.raw(), resource.stack());
    let rows: Vec<_> = resources.iter().map(row).collect();
    Ok(list::table(&columns, rows.iter()))
}

/// `stack resource show`.
pub(super) async fn resource_show(
    context: &Context,
    args: ResourceShowArgs,
    format: RecordFormat,
) -> Result<(), Failure> {
    let printer = Printer::new(format.options())?;
    let resource = resource(context, &args).await?;
    printer.record(&cells::record(resource.raw(), |_, value| Cell::from(value)))
}

pub(super) async fn resource(
    context: &Context,
    args: &ResourceShowArgs,
) -> Result<Resource, Failure> {
    let mut request = context.heat.resources().get(&args.stack, &args.resource);
    for attribute in &args.attributes {
        request = request.with_attr(attribute);
    }
    let missing = format!(
        "Stack or resource not found: {} {}",
        args.stack, args.resource
    );
    request.await.map_err(|error| not_found(&missing, error))
}

/// `stack output list`.
pub(super) async fn output_list(
    context: &Context,
    stack: &str,
    format: ListFormat,
) -> Result<(), Failure> {
    let printer = Printer::new(format.options())?;
    printer.list(&output_table(context, stack).await?)
}

pub(super) async fn output_table(context: &Context, stack: &str) -> Result<ListTable, Failure> {
    let outputs = context.heat.outputs().list(stack).await;
    let outputs = outputs.map_err(stack_not_found(stack))?;
    let row = |output: Output| vec![Cell::from(output.key), Cell::from(output.description)];
    Ok(ListTable {
        columns: vec!["output_key".into(), "description".into()],
        rows: outputs.into_iter().map(row).collect(),
    })
}

/// `stack output show`.
pub(super) async fn output_show(
    context: &Context,
    args: OutputShowArgs,
    format: RecordFormat,
) -> Result<(), Failure> {
    let printer = Printer::new(OutputOptions {
        foreign: args.output.is_none(),
        ..format.options()
    })?;
    let record = match &args.output {
        Some(key) => {
            let output = output(context, &args.stack, key).await?;
            output_record(output, Cell::from)
        }
        None => {
            let stack = context.heat.stacks().get(&args.stack).await;
            let stack = stack.map_err(stack_not_found(&args.stack))?;
            let field = |output: Output| (output.key.clone(), cells::json(output_json(output)));
            Record(stack.outputs.into_iter().map(field).collect())
        }
    };
    printer.record(&record)
}

/// An output that has a value.
pub(super) async fn output(context: &Context, stack: &str, key: &str) -> Result<Output, Failure> {
    let missing = format!("Stack {stack} or output {key} not found.");
    let output = context.heat.outputs().get(stack, key).await;
    let output = output.map_err(|error| not_found(&missing, error))?;
    match &output.error {
        Some(error) => Err(Failure::Message(format!("Output error: {error}"))),
        None => Ok(output),
    }
}

/// An output with its keys in the server's order.
pub(super) fn output_json(output: Output) -> Value {
    let mut object = json!({"output_key": output.key, "description": output.description});
    let parts = [
        ("output_value", output.value),
        ("output_error", output.error.map(Value::from)),
    ];
    if let Value::Object(object) = &mut object {
        let given = |(key, value): (&str, Option<Value>)| Some((key.to_owned(), value?));
        object.extend(parts.into_iter().filter_map(given));
    }
    object
}

/// The fields of an output, its value as `value` shows it.
pub(super) fn output_record(output: Output, value: impl FnOnce(Value) -> Cell) -> Record {
    Record(vec![
        ("output_key".to_owned(), output.key.into()),
        ("description".to_owned(), output.description.into()),
        (
            "output_value".to_owned(),
            value(output.value.unwrap_or_default()),
        ),
    ])
}

/// `stack template show`.
pub(super) async fn template_show(
    context: &Context,
    stack: &str,
    format: RecordFormat,
) -> Result<(), Failure> {
    let printer = Printer::new(format.options())?;
    let template = context.heat.stacks().template(stack).await;
    let template = template.map_err(stack_not_found(stack))?;
    printer.record(&cells::record(template, |_, value| Cell::from(value)))
}
