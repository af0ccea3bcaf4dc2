//! Our calls for software configs and deployments.

use heatclient::heat::{
    Action, Client, DeploymentUpdate, NewSoftwareConfig, NewSoftwareDeployment, Status,
};
use serde::de::DeserializeOwned;

use super::arguments::Arguments;
use super::calls::{Outcome, counted, done};

pub(super) async fn list_configs(heat: &Client, args: &Arguments) -> Outcome {
    let mut list = heat.software_configs().list();
    if let Some(limit) = args.count("limit") {
        list = list.limit(limit);
    }
    if let Some(marker) = args.text_opt("marker") {
        list = list.marker(marker);
    }
    counted(list.global_tenant(args.flag("global_tenant")).await)
}

pub(super) async fn get_config(heat: &Client, args: &Arguments) -> Outcome {
    done(heat.software_configs().get(args.text("config_id")).await)
}

pub(super) async fn create_config(heat: &Client, args: &Arguments) -> Outcome {
    let mut config = NewSoftwareConfig::new(args.text("name"));
    if let Some(group) = args.text_opt("group") {
        config = config.group(group);
    }
    if let Some(script) = args.take("config") {
        config = config.config(script);
    }
    if let Some(options) = args.take("options") {
        config = config.options(options);
    }
    let config = config
        .inputs(objects(args, "inputs"))
        .outputs(objects(args, "outputs"));
    done(heat.software_configs().create(config).await)
}

/// The objects of a list.
fn objects<T: DeserializeOwned>(args: &Arguments, name: &str) -> Vec<T> {
    let list = args
        .take(name)
        .map(|list| serde_json::from_value(list).unwrap());
    list.unwrap_or_default()
}

pub(super) async fn delete_config(heat: &Client, args: &Arguments) -> Outcome {
    done(heat.software_configs().delete(args.text("config_id")).await)
}

pub(super) async fn list_deployments(heat: &Client, args: &Arguments) -> Outcome {
    let mut list = heat.software_deployments().list();
    if let Some(server) = args.text_opt("server_id") {
        list = list.server(server);
    }
    counted(list.await)
}

pub(super) async fn deployment_metadata(heat: &Client, args: &Arguments) -> Outcome {
    counted(
        heat.software_deployments()
            .metadata(args.text("server_id"))
            .await,
    )
}

pub(super) async fn get_deployment(heat: &Client, args: &Arguments) -> Outcome {
    done(
        heat.software_deployments()
            .get(args.text("deployment_id"))
            .await,
    )
}

fn action(args: &Arguments) -> Option<Action> {
    args.text_opt("action").map(|action| Action::from(&*action))
}

fn status(args: &Arguments) -> Option<Status> {
    args.text_opt("status").map(|status| Status::from(&*status))
}

/// Sets what new and changed deployments have in common.
macro_rules! options {
    ($deployment:ident, $args:ident) => {
        if let Some(action) = action($args) {
            $deployment = $deployment.action(action);
        }
        if let Some(status) = status($args) {
            $deployment = $deployment.status(status);
        }
        if let Some(reason) = $args.text_opt("status_reason") {
            $deployment = $deployment.status_reason(reason);
        }
        for (name, value) in $args.map("input_values").unwrap_or_default() {
            $deployment = $deployment.input(name, value);
        }
    };
}

pub(super) async fn create_deployment(heat: &Client, args: &Arguments) -> Outcome {
    let (server, config) = (args.text("server_id"), args.text("config_id"));
    let mut deployment = NewSoftwareDeployment::new(server, config);
    options!(deployment, args);
    if let Some(project) = args.text_opt("stack_user_project_id") {
        deployment = deployment.stack_user_project_id(project);
    }
    done(heat.software_deployments().create(deployment).await)
}

pub(super) async fn update_deployment(heat: &Client, args: &Arguments) -> Outcome {
    let id = args.text("deployment_id");
    let mut update = DeploymentUpdate::new();
    options!(update, args);
    if let Some(config) = args.text_opt("config_id") {
        update = update.config(config);
    }
    for (name, value) in args.map("output_values").unwrap_or_default() {
        update = update.output(name, value);
    }
    done(heat.software_deployments().update(id, update).await)
}

pub(super) async fn delete_deployment(heat: &Client, args: &Arguments) -> Outcome {
    done(
        heat.software_deployments()
            .delete(args.text("deployment_id"))
            .await,
    )
}
