//! `stack …`: which file does what.

use super::{Context, action, change, delete, event, list, parts, show};
use crate::args::{
    EventCommand, OutputCommand, ResourceCommand, StackCommand, StackTemplateCommand,
};
use crate::exit::Failure;

pub(super) async fn run(context: &Context, command: StackCommand) -> Result<(), Failure> {
    use action::Kind;
    match command {
        StackCommand::List(args) => list::list(context, args).await,
        StackCommand::Show(args) => show::show(context, args).await,
        StackCommand::Create(args) => change::create(context, args).await,
        StackCommand::Adopt(args) => change::adopt(context, args).await,
        StackCommand::Update(args) => change::update(context, args).await,
        StackCommand::Delete(args) => delete::delete(context, args).await,
        StackCommand::Suspend(args) => action::act(context, Kind::Suspend, args).await,
        StackCommand::Resume(args) => action::act(context, Kind::Resume, args).await,
        StackCommand::Check(args) => action::act(context, Kind::Check, args).await,
        StackCommand::Cancel {
            action,
            no_rollback,
        } => action::act(context, Kind::Cancel { no_rollback }, action).await,
        StackCommand::Event(EventCommand::List { events, format }) => {
            event::list(context, events, format).await
        }
        StackCommand::Resource(ResourceCommand::List { resources, format }) => {
            parts::resource_list(context, resources, format).await
        }
        StackCommand::Resource(ResourceCommand::Show { resource, format }) => {
            parts::resource_show(context, resource, format).await
        }
        StackCommand::Output(OutputCommand::List { stack, format }) => {
            parts::output_list(context, &stack, format).await
        }
        StackCommand::Output(OutputCommand::Show { output, format }) => {
            parts::output_show(context, output, format).await
        }
        StackCommand::Template(StackTemplateCommand::Show { stack, format }) => {
            parts::template_show(context, &stack, format).await
        }
    }
}
