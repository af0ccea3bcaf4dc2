//! The commands, one file each: the arguments in both spellings, and the implementation.

mod completion;
mod configuration;
pub(crate) mod context;
mod orchestration;
mod sandbox;
mod software;
pub(crate) mod spelling;
mod stack;
mod template;
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
    noun("orchestration service", "Show the engines of Heat"),
    command::<orchestration::service::list::Args>("orchestration service list", "List the engines of Heat"),
    noun("orchestration template", "Validate templates, and show what they can use"),
    command::<orchestration::template::validate::Args>("orchestration template validate", "Validate a template"),
    noun("orchestration template version", "Show the versions of the template language"),
    command::<orchestration::template::version::list::Args>("orchestration template version list", "List the versions of the template language"),
    noun("orchestration template function", "Show the functions of the template language"),
    command::<orchestration::template::function::list::Args>("orchestration template function list", "List the functions of a template version"),
    noun("orchestration resource", "Show what resources there can be"),
    noun("orchestration resource type", "Show resource types"),
    command::<orchestration::resource_type::list::Args>("orchestration resource type list", "List resource types"),
    command::<orchestration::resource_type::show::Args>("orchestration resource type show", "Show a resource type, or a template for it"),

    noun("software", "Manage software configs and deployments"),
    noun("software config", "Manage software configs"),
    command::<software::config::list::Args>("software config list", "List software configs"),
    command::<software::config::show::Args>("software config show", "Show a software config"),
    command::<software::config::create::Args>("software config create", "Create a software config"),
    command::<software::config::delete::Args>("software config delete", "Delete software configs"),
    noun("software deployment", "Manage software deployments"),
    command::<software::deployment::list::Args>("software deployment list", "List software deployments"),
    command::<software::deployment::show::Args>("software deployment show", "Show a software deployment"),
    command::<software::deployment::create::Args>("software deployment create", "Deploy a software config to a server"),
    command::<software::deployment::delete::Args>("software deployment delete", "Delete software deployments and their configs"),
    noun("software deployment metadata", "Show the metadata of servers"),
    command::<software::deployment::metadata::show::Args>("software deployment metadata show", "Show the configs that are deployed to a server"),
    noun("software deployment output", "Show the outputs of software deployments"),
    command::<software::deployment::output::show::Args>("software deployment output show", "Show outputs of a software deployment"),

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
    old::<orchestration::service::list::OldArgs>("service-list", "List the engines of Heat"),
    old::<orchestration::template::version::list::OldArgs>("template-version-list", "List the versions of the template language"),
    old::<orchestration::template::function::list::OldArgs>("template-function-list", "List the functions of a template version"),
    old::<orchestration::resource_type::list::OldArgs>("resource-type-list", "List resource types"),
    old::<orchestration::resource_type::show::OldArgs>("resource-type-show", "Show a resource type"),
    old::<orchestration::resource_type::show::OldTemplateArgs>("resource-type-template", "Print a template for a resource type"),
    old::<orchestration::resource_type::show::OldTemplateArgs>("resource-template", "Print a template for a resource type"),
    old::<software::config::list::OldArgs>("config-list", "List software configs"),
    old::<software::config::show::OldArgs>("config-show", "Show a software config"),
    old::<software::config::create::OldArgs>("config-create", "Create a software config"),
    old::<software::config::delete::OldArgs>("config-delete", "Delete software configs"),
    old::<software::deployment::list::OldArgs>("deployment-list", "List software deployments"),
    old::<software::deployment::show::OldArgs>("deployment-show", "Show a software deployment"),
    old::<software::deployment::create::OldArgs>("deployment-create", "Deploy a software config to a server"),
    old::<software::deployment::delete::OldArgs>("deployment-delete", "Delete software deployments and their configs"),
    old::<software::deployment::metadata::show::OldArgs>("deployment-metadata-show", "Show the configs that are deployed to a server"),
    old::<software::deployment::output::show::OldArgs>("deployment-output-show", "Show outputs of a software deployment"),
];
