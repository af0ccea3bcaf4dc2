//! The commands: one file each, which holds its arguments, those of its old spelling, and what it does.

mod completion;
mod configuration;
pub(crate) mod context;
mod orchestration;
mod sandbox;
pub(crate) mod spelling;
mod stack;
mod template;

use spelling::{Spelling, command, local, noun, old};

/// All commands, in the order in which help lists them. A new one is a file, which its folder declares, and a line here.
#[rustfmt::skip]
pub(crate) const TABLE: &[Spelling] = &[
    noun("stack", "Stacks, and all that is in them"),
    command::<stack::list::Args>("stack list", "List stacks"),
    command::<stack::show::Args>("stack show", "Show a stack"),
    command::<stack::create::Args>("stack create", "Create a stack"),
    command::<stack::adopt::Args>("stack adopt", "Make a stack of what another one left behind"),
    command::<stack::update::Args>("stack update", "Update a stack"),
    command::<stack::delete::Args>("stack delete", "Delete stacks"),
    command::<stack::suspend::Args>("stack suspend", "Suspend stacks"),
    command::<stack::resume::Args>("stack resume", "Resume stacks"),
    command::<stack::check::Args>("stack check", "Check the resources of stacks"),
    command::<stack::cancel::Args>("stack cancel", "Cancel the action that is under way"),
    noun("stack event", "Events of stacks"),
    command::<stack::event::list::Args>("stack event list", "List the events of a stack"),
    noun("stack resource", "Resources of stacks"),
    command::<stack::resource::list::Args>("stack resource list", "List the resources of a stack"),
    command::<stack::resource::show::Args>("stack resource show", "Show a resource of a stack"),
    noun("stack output", "Outputs of stacks"),
    command::<stack::output::list::Args>("stack output list", "List the outputs of a stack"),
    command::<stack::output::show::Args>("stack output show", "Show an output of a stack"),
    noun("stack template", "Templates of stacks"),
    command::<stack::template::show::Args>("stack template show", "Show the template of a stack"),

    noun("orchestration", "The service itself"),
    noun("orchestration build", "The build of Heat that answers"),
    command::<orchestration::build::info::Args>("orchestration build info", "Show the build of Heat that answers"),
    noun("orchestration template", "Templates, whatever the stack"),
    command::<orchestration::template::validate::Args>("orchestration template validate", "Check a template without making anything"),

    noun("template", "Templates and environments, without a cloud"),
    local::<template::pack::Args>("template pack", "Print what a request would send of a template and its environments"),
    local::<template::lint::Args>("template lint", "Look for mistakes in templates, environments and what they refer to"),

    noun("configuration", "How the tool is configured"),
    local::<configuration::show::Args>("configuration show", "Show the configuration, and where each value comes from"),

    local::<sandbox::Args>("sandbox", "Start a Keystone and a Heat in memory, and print the variables for them"),
    local::<completion::Args>("completion", "Print a completion script for a shell"),

    // The spellings of the old tool, which help does not list.
    old::<stack::list::OldArgs>("stack-list", "List stacks"),
    old::<stack::show::OldArgs>("stack-show", "Show a stack"),
    old::<stack::create::OldArgs>("stack-create", "Create a stack"),
    old::<stack::create::OldPreviewArgs>("stack-preview", "Show what creating a stack would make"),
    old::<stack::adopt::OldArgs>("stack-adopt", "Make a stack of what another one left behind"),
    old::<stack::update::OldArgs>("stack-update", "Update a stack"),
    old::<stack::delete::OldArgs>("stack-delete", "Delete stacks"),
    old::<stack::cancel::OldArgs>("stack-cancel-update", "Cancel the update that is under way"),
    old::<stack::suspend::OldArgs>("action-suspend", "Suspend a stack"),
    old::<stack::resume::OldArgs>("action-resume", "Resume a stack"),
    old::<stack::check::OldArgs>("action-check", "Check the resources of a stack"),
    old::<stack::event::list::OldArgs>("event-list", "List the events of a stack"),
    old::<stack::resource::list::OldArgs>("resource-list", "List the resources of a stack"),
    old::<stack::resource::show::OldArgs>("resource-show", "Show a resource of a stack"),
    old::<stack::output::list::OldArgs>("output-list", "List the outputs of a stack"),
    old::<stack::output::show::OldArgs>("output-show", "Show an output of a stack"),
    old::<stack::template::show::OldArgs>("template-show", "Show the template of a stack"),
    old::<orchestration::template::validate::OldArgs>("template-validate", "Check a template without making anything"),
    old::<orchestration::build::info::OldArgs>("build-info", "Show the build of Heat that answers"),
];
