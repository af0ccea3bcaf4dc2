//! Our call for each manager method of python-heatclient.

use futures::future::LocalBoxFuture;
use heatclient::Result;
use heatclient::heat::{
    Adoption, Client, NewStack, SortDir, StackUpdate, TemplateFormat, Validation,
};
use heatclient::template::Package;
use serde_json::Value;

use super::arguments::Arguments;
use super::software::{
    create_config, create_deployment, delete_config, delete_deployment, deployment_metadata,
    get_config, get_deployment, list_configs, list_deployments, update_deployment,
};

/// A call with the arguments of a case. It returns the number of items if it returns a list.
pub(super) type Call = for<'a> fn(&'a Client, &'a Arguments) -> LocalBoxFuture<'a, Outcome>;
pub(super) type Outcome = Result<Option<usize>>;

macro_rules! calls {
    ($($method:literal => $call:path;)*) => {
        /// Our call for each method.
        pub(super) static CALLS: &[(&str, Call)] = &[$(($method, |heat, args| Box::pin($call(heat, args)))),*];
    };
}

calls! {
    "stacks.list" => list_stacks;
    "stacks.get" => get_stack;
    "stacks.create" => create_stack;
    "stacks.preview" => preview_stack;
    "stacks.update" => update_stack;
    "stacks.preview_update" => preview_update;
    "stacks.delete" => delete_stack;
    "stacks.abandon" => abandon;
    "stacks.export" => export;
    "stacks.snapshot" => create_snapshot;
    "stacks.snapshot_list" => list_snapshots;
    "stacks.snapshot_show" => get_snapshot;
    "stacks.snapshot_delete" => delete_snapshot;
    "stacks.restore" => restore;
    "stacks.template" => template;
    "stacks.environment" => environment;
    "stacks.files" => files;
    "stacks.output_list" => list_outputs;
    "stacks.output_show" => get_output;
    "stacks.validate" => validate;
    "resources.list" => list_resources;
    "resources.get" => get_resource;
    "resources.metadata" => metadata;
    "resources.signal" => signal;
    "resources.mark_unhealthy" => mark_unhealthy;
    "resources.generate_template" => template_of_resource;
    "resource_types.list" => list_resource_types;
    "resource_types.get" => get_resource_type;
    "resource_types.generate_template" => template_of_type;
    "events.list" => list_events;
    "events.get" => get_event;
    "actions.suspend" => suspend;
    "actions.resume" => resume;
    "actions.check" => check;
    "actions.cancel_update" => cancel_update;
    "actions.cancel_without_rollback" => cancel_without_rollback;
    "build_info.build_info" => build_info;
    "services.list" => services;
    "template_versions.list" => list_versions;
    "template_versions.get" => list_functions;
    "software_configs.list" => list_configs;
    "software_configs.get" => get_config;
    "software_configs.create" => create_config;
    "software_configs.delete" => delete_config;
    "software_deployments.list" => list_deployments;
    "software_deployments.metadata" => deployment_metadata;
    "software_deployments.get" => get_deployment;
    "software_deployments.create" => create_deployment;
    "software_deployments.update" => update_deployment;
    "software_deployments.delete" => delete_deployment;
}

pub(super) fn done<T>(result: Result<T>) -> Outcome {
    result.map(|_| None)
}

pub(super) fn counted<T>(result: Result<Vec<T>>) -> Outcome {
    result.map(|items| Some(items.len()))
}

fn sort_dir(args: &Arguments) -> Option<SortDir> {
    args.text_opt("sort_dir")
        .map(|direction| match &*direction {
            "asc" => SortDir::Asc,
            _ => SortDir::Desc,
        })
}

async fn list_stacks(heat: &Client, args: &Arguments) -> Outcome {
    let mut list = heat.stacks().list();
    for (key, value) in args.filters() {
        list = list.filter(&key, value);
    }
    if args.flag("with_count") {
        args.take("limit");
        return list.count().await.map(|_| Some(1));
    }
    if let Some(limit) = args.count("limit") {
        list = list.limit(limit);
    }
    if let Some(marker) = args.text_opt("marker") {
        list = list.marker(marker);
    }
    if let Some(tags) = args.joined("tags") {
        list = list.tags(tags);
    }
    if let Some(tags) = args.joined("tags_any") {
        list = list.tags_any(tags);
    }
    if let Some(tags) = args.joined("not_tags") {
        list = list.not_tags(tags);
    }
    if let Some(tags) = args.joined("not_tags_any") {
        list = list.not_tags_any(tags);
    }
    if let Some(project) = args.text_opt("tenant") {
        list = list.tenant(project);
    }
    if let Some(direction) = sort_dir(args) {
        list = list.sort_dir(direction);
    }
    let list = list
        .sort_keys(args.list("sort_keys"))
        .show_deleted(args.flag("show_deleted"))
        .show_nested(args.flag("show_nested"))
        .show_hidden(args.flag("show_hidden"))
        .global_tenant(args.flag("global_tenant"));
    counted(list.await)
}

async fn get_stack(heat: &Client, args: &Arguments) -> Outcome {
    let resolve = args.flag_opt("resolve_outputs").unwrap_or(true);
    let get = heat.stacks().get(args.stack()).resolve_outputs(resolve);
    done(get.await)
}

/// The template of the arguments.
fn package(args: &Arguments) -> Package {
    if let Some(url) = args.text_opt("template_url") {
        return Package::from_url(url);
    }
    match args.take("template") {
        Some(Value::String(text)) => Package::from_text(text),
        Some(template) if !template.is_null() => template.into(),
        _ => Package::default(),
    }
}

/// Sets the inputs of a template.
macro_rules! inputs {
    ($change:ident, $args:ident) => {
        $change = $change.parameters($args.map("parameters").unwrap_or_default());
        if let Some(environment) = $args.map("environment") {
            $change = $change.environment(environment);
        }
        for (url, content) in $args.map("files").unwrap_or_default() {
            $change = $change.file(url, content.as_str().unwrap());
        }
        for url in $args.list("environment_files") {
            $change = $change.environment_file(url);
        }
        if let Some(container) = $args.text_opt("files_container") {
            $change = $change.files_container(container);
        }
    };
}

/// Sets the options of a create or update.
macro_rules! options {
    ($change:ident, $args:ident) => {
        inputs!($change, $args);
        if let Some(tags) = $args.joined("tags") {
            $change = $change.tags(tags);
        }
        if let Some(timeout) = $args.minutes("timeout_mins") {
            $change = $change.timeout(timeout);
        }
        if let Some(disable) = $args.flag_opt("disable_rollback") {
            $change = $change.rollback(!disable);
        }
    };
}

fn new_stack(args: &Arguments) -> NewStack {
    let mut stack = NewStack::new(args.text("stack_name"), package(args));
    options!(stack, args);
    stack
}

async fn create_stack(heat: &Client, args: &Arguments) -> Outcome {
    let Some(data) = args.text_opt("adopt_stack_data") else {
        return done(heat.stacks().create(new_stack(args)).await);
    };
    let data: Value = serde_json::from_str(&data).unwrap();
    let mut adoption = Adoption::new(args.text("stack_name"), data);
    options!(adoption, args);
    if let Some(timeout) = args.minutes("timeout") {
        adoption = adoption.timeout(timeout);
    }
    done(heat.stacks().adopt(adoption).await)
}

async fn preview_stack(heat: &Client, args: &Arguments) -> Outcome {
    done(heat.stacks().preview(new_stack(args)).await)
}

fn update(args: &Arguments) -> StackUpdate {
    let mut update = match args.flag("existing") {
        true => StackUpdate::existing().package(package(args)),
        false => StackUpdate::new(package(args)),
    };
    options!(update, args);
    update
        .clear_parameters(args.list("clear_parameters"))
        .converge(args.flag("converge"))
}

async fn update_stack(heat: &Client, args: &Arguments) -> Outcome {
    done(heat.stacks().update(args.stack(), update(args)).await)
}

async fn preview_update(heat: &Client, args: &Arguments) -> Outcome {
    let preview = heat.stacks().preview_update(args.stack(), update(args));
    done(preview.show_nested(args.flag("show_nested")).await)
}

async fn delete_stack(heat: &Client, args: &Arguments) -> Outcome {
    done(heat.stacks().delete(args.stack()).await)
}

async fn abandon(heat: &Client, args: &Arguments) -> Outcome {
    done(heat.stacks().abandon(args.stack()).await)
}

async fn export(heat: &Client, args: &Arguments) -> Outcome {
    done(heat.stacks().export(args.stack()).await)
}

async fn create_snapshot(heat: &Client, args: &Arguments) -> Outcome {
    let mut create = heat.snapshots().create(args.stack());
    if let Some(name) = args.text_opt("name") {
        create = create.name(name);
    }
    done(create.await)
}

async fn list_snapshots(heat: &Client, args: &Arguments) -> Outcome {
    done(heat.snapshots().list(args.stack()).await)
}

async fn get_snapshot(heat: &Client, args: &Arguments) -> Outcome {
    let id = args.text("snapshot_id");
    done(heat.snapshots().get(args.stack(), id).await)
}

async fn delete_snapshot(heat: &Client, args: &Arguments) -> Outcome {
    let id = args.text("snapshot_id");
    done(heat.snapshots().delete(args.stack(), id).await)
}

async fn restore(heat: &Client, args: &Arguments) -> Outcome {
    let id = args.text("snapshot_id");
    done(heat.snapshots().restore(args.stack(), id).await)
}

async fn template(heat: &Client, args: &Arguments) -> Outcome {
    done(heat.stacks().template(args.stack()).await)
}

async fn environment(heat: &Client, args: &Arguments) -> Outcome {
    done(heat.stacks().environment(args.stack()).await)
}

async fn files(heat: &Client, args: &Arguments) -> Outcome {
    done(heat.stacks().files(args.stack()).await)
}

async fn list_outputs(heat: &Client, args: &Arguments) -> Outcome {
    done(heat.outputs().list(args.stack()).await)
}

async fn get_output(heat: &Client, args: &Arguments) -> Outcome {
    done(
        heat.outputs()
            .get(args.stack(), args.text("output_key"))
            .await,
    )
}

async fn validate(heat: &Client, args: &Arguments) -> Outcome {
    let mut validation = Validation::new(package(args))
        .show_nested(args.flag("show_nested"))
        .ignore_errors(args.joined("ignore_errors").unwrap_or_default());
    inputs!(validation, args);
    done(heat.templates().validate(validation).await)
}

async fn list_resources(heat: &Client, args: &Arguments) -> Outcome {
    let mut list = heat.resources().list(args.stack());
    for (key, value) in args.filters() {
        list = list.filter(&key, value);
    }
    if let Some(levels) = args.number("nested_depth") {
        list = list.nested_depth(levels.try_into().unwrap());
    }
    counted(list.with_detail(args.flag("with_detail")).await)
}

async fn get_resource(heat: &Client, args: &Arguments) -> Outcome {
    let mut get = heat
        .resources()
        .get(args.stack(), args.text("resource_name"));
    for attribute in args.list("with_attr") {
        get = get.with_attr(attribute);
    }
    done(get.await)
}

async fn metadata(heat: &Client, args: &Arguments) -> Outcome {
    let resource = args.text("resource_name");
    done(heat.resources().metadata(args.stack(), resource).await)
}

async fn signal(heat: &Client, args: &Arguments) -> Outcome {
    let mut signal = heat
        .resources()
        .signal(args.stack(), args.text("resource_name"));
    if let Some(data) = args.take("data") {
        signal = signal.data(data);
    }
    done(signal.await)
}

async fn mark_unhealthy(heat: &Client, args: &Arguments) -> Outcome {
    let (resource, unhealthy) = (args.text("resource_name"), args.flag("mark_unhealthy"));
    let mark = heat
        .resources()
        .mark_unhealthy(args.stack(), resource, unhealthy);
    done(mark.reason(args.text("resource_status_reason")).await)
}

async fn template_of_resource(heat: &Client, args: &Arguments) -> Outcome {
    let template = heat.resource_types().template(args.text("resource_name"));
    // Python sends no type, and this is Heat's default.
    done(template.format(TemplateFormat::Cfn).await)
}

async fn list_resource_types(heat: &Client, args: &Arguments) -> Outcome {
    let mut list = heat.resource_types().list();
    for (key, value) in args.filters() {
        list = match &*key {
            "name" => list.name(value),
            "version" => list.version(value),
            "support_status" => list.support_status(&*value),
            _ => list.filter(&key, value),
        };
    }
    counted(list.with_description(args.flag("with_description")).await)
}

async fn get_resource_type(heat: &Client, args: &Arguments) -> Outcome {
    // Heat does not read it.
    args.flag("with_description");
    done(heat.resource_types().get(args.text("resource_type")).await)
}

async fn template_of_type(heat: &Client, args: &Arguments) -> Outcome {
    let template = heat.resource_types().template(args.text("resource_type"));
    // The default of Python's method.
    let kind = args
        .text_opt("template_type")
        .unwrap_or_else(|| "cfn".to_owned());
    let format = match &*kind {
        "cfn" => TemplateFormat::Cfn,
        _ => TemplateFormat::Hot,
    };
    done(template.format(format).await)
}

async fn services(heat: &Client, _: &Arguments) -> Outcome {
    counted(heat.services().await)
}

async fn list_versions(heat: &Client, _: &Arguments) -> Outcome {
    counted(heat.templates().versions().await)
}

async fn list_functions(heat: &Client, args: &Arguments) -> Outcome {
    let list = heat.templates().functions(args.text("template_version"));
    counted(list.with_conditions(args.flag("with_condition_func")).await)
}

async fn list_events(heat: &Client, args: &Arguments) -> Outcome {
    let mut list = heat.events().list(args.stack());
    if let Some(resource) = args.text_opt("resource_name") {
        list = list.resource(resource);
    }
    for (key, value) in args.filters() {
        list = list.filter(&key, value);
    }
    if let Some(limit) = args.count("limit") {
        list = list.limit(limit);
    }
    if let Some(marker) = args.text_opt("marker") {
        list = list.marker(marker);
    }
    if let Some(levels) = args.number("nested_depth") {
        list = list.nested_depth(levels.try_into().unwrap());
    }
    if let Some(direction) = sort_dir(args) {
        list = list.sort_dir(direction);
    }
    counted(list.sort_keys(args.list("sort_keys")).await)
}

async fn get_event(heat: &Client, args: &Arguments) -> Outcome {
    let (resource, id) = (args.text("resource_name"), args.text("event_id"));
    done(heat.events().get(args.stack(), resource, id).await)
}

async fn suspend(heat: &Client, args: &Arguments) -> Outcome {
    done(heat.stacks().suspend(args.stack()).await)
}

async fn resume(heat: &Client, args: &Arguments) -> Outcome {
    done(heat.stacks().resume(args.stack()).await)
}

async fn check(heat: &Client, args: &Arguments) -> Outcome {
    done(heat.stacks().check(args.stack()).await)
}

async fn cancel_update(heat: &Client, args: &Arguments) -> Outcome {
    done(heat.stacks().cancel_update(args.stack()).await)
}

async fn cancel_without_rollback(heat: &Client, args: &Arguments) -> Outcome {
    done(heat.stacks().cancel_without_rollback(args.stack()).await)
}

async fn build_info(heat: &Client, _: &Arguments) -> Outcome {
    done(heat.build_info().await)
}
