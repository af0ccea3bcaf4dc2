//! The operations of Heat's API v1, one entry for each route and purpose.
//!
//! Source: the routes of Heat (`heat/api/openstack/v1/__init__.py`) and its API reference. `docs/api-coverage.md`
//! is generated from this table.
//!
//! Heat also has four routes that only redirect: a stack's name without its id, below `/stacks/{stack}`.
//! [`StackRef`](crate::heat::StackRef) uses them.

#![allow(dead_code)]

use http::Method;

use crate::service::Operation;

const fn get(path: &'static str, description: &'static str) -> Operation {
    Operation::get(path, description)
}

const fn post(path: &'static str, description: &'static str) -> Operation {
    Operation::post(path, description)
}

const fn delete(path: &'static str, description: &'static str) -> Operation {
    Operation::delete(path, description)
}

const fn action(description: &'static str) -> Operation {
    post("/stacks/{stack}/actions", description)
}

const fn preview_update(method: Method) -> Operation {
    let path = "/stacks/{stack}/preview";
    Operation::new(method, path, "preview update of stack {stack}")
        .envelope("resource_changes")
        .idempotent(true)
}

/// Declares the operations, and the list of all.
macro_rules! table {
    ($($name:ident = $operation:expr;)*) => {
        $(pub(super) static $name: Operation = $operation;)*

        /// All operations and their names.
        static ALL: &[(&str, &Operation)] = &[$((stringify!($name), &$name)),*];
    };
}

table! {
    LIST_STACKS = get("/stacks", "list stacks").envelope("stacks");
    LIST_STACKS_DETAIL = get("/stacks/detail", "list stacks with details").envelope("stacks");
    COUNT_STACKS = get("/stacks", "count stacks").envelope("count");
    SHOW_STACK = get("/stacks/{stack}", "show stack {stack}").envelope("stack");
    CREATE_STACK = post("/stacks", "create stack {name}").envelope("stack");
    ADOPT_STACK = post("/stacks", "adopt stack {name}").envelope("stack");
    PREVIEW_STACK = post("/stacks/preview", "preview stack {name}").envelope("stack").idempotent(true);
    UPDATE_STACK = Operation::put("/stacks/{stack}", "update stack {stack}");
    UPDATE_STACK_EXISTING = Operation::patch("/stacks/{stack}", "update stack {stack}");
    PREVIEW_UPDATE = preview_update(Method::PUT);
    PREVIEW_UPDATE_EXISTING = preview_update(Method::PATCH);
    DELETE_STACK = delete("/stacks/{stack}", "delete stack {stack}");
    ABANDON_STACK = delete("/stacks/{stack}/abandon", "abandon stack {stack}").idempotent(false);
    EXPORT_STACK = get("/stacks/{stack}/export", "export stack {stack}");

    SUSPEND_STACK = action("suspend stack {stack}");
    RESUME_STACK = action("resume stack {stack}");
    CHECK_STACK = action("check stack {stack}");
    CANCEL_UPDATE = action("cancel the update of stack {stack}");
    CANCEL_WITHOUT_ROLLBACK = action("cancel the action of stack {stack}");

    SHOW_TEMPLATE = get("/stacks/{stack}/template", "show template of stack {stack}");
    SHOW_ENVIRONMENT = get("/stacks/{stack}/environment", "show environment of stack {stack}");
    SHOW_FILES = get("/stacks/{stack}/files", "show files of stack {stack}");

    LIST_SNAPSHOTS =
        get("/stacks/{stack}/snapshots", "list snapshots of stack {stack}").envelope("snapshots");
    CREATE_SNAPSHOT = post("/stacks/{stack}/snapshots", "create a snapshot of stack {stack}");
    SHOW_SNAPSHOT =
        get("/stacks/{stack}/snapshots/{snapshot}", "show snapshot {snapshot} of stack {stack}")
            .envelope("snapshot");
    DELETE_SNAPSHOT =
        delete("/stacks/{stack}/snapshots/{snapshot}", "delete snapshot {snapshot} of stack {stack}");
    RESTORE_SNAPSHOT =
        post("/stacks/{stack}/snapshots/{snapshot}/restore", "restore snapshot {snapshot} of stack {stack}");

    LIST_OUTPUTS = get("/stacks/{stack}/outputs", "list outputs of stack {stack}").envelope("outputs");
    SHOW_OUTPUT =
        get("/stacks/{stack}/outputs/{output}", "show output {output} of stack {stack}").envelope("output");

    LIST_RESOURCES =
        get("/stacks/{stack}/resources", "list resources of stack {stack}").envelope("resources");
    SHOW_RESOURCE =
        get("/stacks/{stack}/resources/{resource}", "show resource {resource} of stack {stack}")
            .envelope("resource");
    SHOW_METADATA =
        get("/stacks/{stack}/resources/{resource}/metadata", "show metadata of resource {resource} of stack {stack}")
            .envelope("metadata");
    SIGNAL_RESOURCE =
        post("/stacks/{stack}/resources/{resource}/signal", "signal resource {resource} of stack {stack}");
    CLEAR_HOOK =
        post("/stacks/{stack}/resources/{resource}/signal", "clear a hook of resource {resource} of stack {stack}");
    MARK_UNHEALTHY =
        Operation::patch("/stacks/{stack}/resources/{resource}", "mark resource {resource} of stack {stack}");

    LIST_EVENTS = get("/stacks/{stack}/events", "list events of stack {stack}").envelope("events");
    LIST_EVENTS_OF_RESOURCE =
        get("/stacks/{stack}/resources/{resource}/events", "list events of stack {stack}").envelope("events");
    SHOW_EVENT =
        get("/stacks/{stack}/resources/{resource}/events/{event}",
            "show event {event} of resource {resource} of stack {stack}")
            .envelope("event");

    VALIDATE_TEMPLATE = post("/validate", "validate template").idempotent(true);
    LIST_TEMPLATE_VERSIONS =
        get("/template_versions", "list template versions").envelope("template_versions");
    LIST_TEMPLATE_FUNCTIONS =
        get("/template_versions/{version}/functions", "list functions of template version {version}")
            .envelope("template_functions");

    LIST_RESOURCE_TYPES = get("/resource_types", "list resource types").envelope("resource_types");
    SHOW_RESOURCE_TYPE = get("/resource_types/{type}", "show resource type {type}");
    SHOW_RESOURCE_TYPE_TEMPLATE =
        get("/resource_types/{type}/template", "show template of resource type {type}");

    LIST_SOFTWARE_CONFIGS =
        get("/software_configs", "list software configs").envelope("software_configs");
    CREATE_SOFTWARE_CONFIG =
        post("/software_configs", "create software config {name}").envelope("software_config");
    SHOW_SOFTWARE_CONFIG =
        get("/software_configs/{config}", "show software config {config}").envelope("software_config");
    DELETE_SOFTWARE_CONFIG = delete("/software_configs/{config}", "delete software config {config}");

    LIST_SOFTWARE_DEPLOYMENTS =
        get("/software_deployments", "list software deployments").envelope("software_deployments");
    SHOW_DEPLOYMENT_METADATA =
        get("/software_deployments/metadata/{server}", "show deployment metadata of server {server}")
            .envelope("metadata");
    CREATE_SOFTWARE_DEPLOYMENT =
        post("/software_deployments", "create software deployment").envelope("software_deployment");
    SHOW_SOFTWARE_DEPLOYMENT =
        get("/software_deployments/{deployment}", "show software deployment {deployment}")
            .envelope("software_deployment");
    UPDATE_SOFTWARE_DEPLOYMENT =
        Operation::put("/software_deployments/{deployment}", "update software deployment {deployment}")
            .envelope("software_deployment");
    DELETE_SOFTWARE_DEPLOYMENT =
        delete("/software_deployments/{deployment}", "delete software deployment {deployment}");

    LIST_SERVICES = get("/services", "list services").envelope("services");
    SHOW_BUILD_INFO = get("/build_info", "show build info");
    LIST_API_VERSIONS = get("/", "list API versions").at_root();
    SHOW_HEALTH = get("/healthcheck", "show health").at_root();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_nothing_may_be_repeated() {
        for operation in [
            &PREVIEW_STACK,
            &PREVIEW_UPDATE,
            &PREVIEW_UPDATE_EXISTING,
            &VALIDATE_TEMPLATE,
        ] {
            assert_eq!(operation.idempotent, Some(true), "{operation:?}");
        }
        for operation in [&CREATE_STACK, &UPDATE_STACK, &SUSPEND_STACK, &DELETE_STACK] {
            assert_eq!(operation.idempotent, None, "{operation:?}");
        }
        // A second answer has no resources.
        assert_eq!(ABANDON_STACK.idempotent, Some(false));
    }
}
