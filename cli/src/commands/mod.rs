//! The commands, one file each: the arguments in both spellings, and the implementation.

mod catalog;
mod completion;
mod configuration;
pub(crate) mod context;
mod orchestration;
mod sandbox;
pub(crate) mod spelling;
mod stack;
mod template;
mod token;
pub(crate) mod unsupported;

use spelling::{Spelling, command, local, noun, old};

/// All commands, in the order of the help. To add one, add a file, declare it in its folder, and add a line here.
#[rustfmt::skip]
pub(crate) const TABLE: &[Spelling] = &[
    noun("stack", "Manage stacks"),
    command::<stack::list::Args>("stack list", "List stacks"),
    command::<stack::show::Args>("stack show", "Show a stack"),
    command::<stack::create::Args>("stack create", "Create a stack"),
    command::<stack::adopt::Args>("stack adopt", "Adopt a stack"),
    command::<stack::update::Args>("stack update", "Update a stack"),
    command::<stack::delete::Args>("stack delete", "Delete stacks"),
    command::<stack::suspend::Args>("stack suspend", "Suspend stacks"),
    command::<stack::resume::Args>("stack resume", "Resume stacks"),
    command::<stack::check::Args>("stack check", "Check the resources of stacks"),
    command::<stack::cancel::Args>("stack cancel", "Cancel the action in progress"),
    noun("stack event", "Show the events of stacks"),
    command::<stack::event::list::Args>("stack event list", "List the events of a stack"),
    noun("stack resource", "Show the resources of stacks"),
    command::<stack::resource::list::Args>("stack resource list", "List the resources of a stack"),
    command::<stack::resource::show::Args>("stack resource show", "Show a resource of a stack"),
    noun("stack output", "Show the outputs of stacks"),
    command::<stack::output::list::Args>("stack output list", "List the outputs of a stack"),
    command::<stack::output::show::Args>("stack output show", "Show an output of a stack"),
    noun("stack template", "Show the templates of stacks"),
    command::<stack::template::show::Args>("stack template show", "Show the template of a stack"),

    noun("orchestration", "Query the Heat service"),
    noun("orchestration build", "Show build information"),
    command::<orchestration::build::info::Args>("orchestration build info", "Show build information"),
    noun("orchestration template", "Validate templates"),
    command::<orchestration::template::validate::Args>("orchestration template validate", "Validate a template"),

    noun("token", "Issue and revoke tokens"),
    command::<token::issue::Args>("token issue", "Issue a token"),
    command::<token::revoke::Args>("token revoke", "Revoke a token"),

    noun("catalog", "Show the service catalog"),
    command::<catalog::list::Args>("catalog list", "List the services of the catalog"),
    command::<catalog::show::Args>("catalog show", "Show a service of the catalog"),

    noun("template", "Process templates and environments without a cloud"),
    local::<template::pack::Args>("template pack", "Print the request body for a template and its environments"),
    local::<template::lint::Args>("template lint", "Check templates, environments and referenced files for mistakes"),

    noun("configuration", "Show the configuration of the tool"),
    local::<configuration::show::Args>("configuration show", "Show the configuration and the source of each value"),

    local::<sandbox::Args>("sandbox", "Start an in-memory Keystone and Heat, and print their OS_* variables"),
    local::<completion::Args>("completion", "Print a shell completion script"),

    // The spellings of the old tool. The help does not list them.
    old::<stack::list::OldArgs>("stack-list", "List stacks"),
    old::<stack::show::OldArgs>("stack-show", "Show a stack"),
    old::<stack::create::OldArgs>("stack-create", "Create a stack"),
    old::<stack::create::OldPreviewArgs>("stack-preview", "Preview a stack"),
    old::<stack::adopt::OldArgs>("stack-adopt", "Adopt a stack"),
    old::<stack::update::OldArgs>("stack-update", "Update a stack"),
    old::<stack::delete::OldArgs>("stack-delete", "Delete stacks"),
    old::<stack::cancel::OldArgs>("stack-cancel-update", "Cancel the update in progress"),
    old::<stack::suspend::OldArgs>("action-suspend", "Suspend a stack"),
    old::<stack::resume::OldArgs>("action-resume", "Resume a stack"),
    old::<stack::check::OldArgs>("action-check", "Check the resources of a stack"),
    old::<stack::event::list::OldArgs>("event-list", "List the events of a stack"),
    old::<stack::resource::list::OldArgs>("resource-list", "List the resources of a stack"),
    old::<stack::resource::show::OldArgs>("resource-show", "Show a resource of a stack"),
    old::<stack::output::list::OldArgs>("output-list", "List the outputs of a stack"),
    old::<stack::output::show::OldArgs>("output-show", "Show an output of a stack"),
    old::<stack::template::show::OldArgs>("template-show", "Show the template of a stack"),
    old::<orchestration::template::validate::OldArgs>("template-validate", "Validate a template"),
    old::<orchestration::build::info::OldArgs>("build-info", "Show build information"),
];
