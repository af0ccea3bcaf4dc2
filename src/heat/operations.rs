//! The operations of Heat's API v1 that this client uses.
//!
//! Source: the routes of Heat (`heat/api/openstack/v1/__init__.py`) and its API reference.

use http::Method;

use crate::service::Operation;

const fn get(path: &'static str, description: &'static str) -> Operation {
    Operation::get(path, description)
}

const fn post(path: &'static str, description: &'static str) -> Operation {
    Operation::post(path, description)
}

pub(super) static LIST_STACKS: Operation = get("/stacks", "list stacks").envelope("stacks");
pub(super) static COUNT_STACKS: Operation = get("/stacks", "count stacks").envelope("count");
pub(super) static SHOW_STACK: Operation =
    get("/stacks/{stack}", "show stack {stack}").envelope("stack");
pub(super) static CREATE_STACK: Operation =
    post("/stacks", "create stack {name}").envelope("stack");
pub(super) static ADOPT_STACK: Operation = post("/stacks", "adopt stack {name}").envelope("stack");
pub(super) static PREVIEW_STACK: Operation = post("/stacks/preview", "preview stack {name}")
    .envelope("stack")
    .idempotent(true);
pub(super) static UPDATE_STACK: Operation =
    Operation::put("/stacks/{stack}", "update stack {stack}");
pub(super) static UPDATE_STACK_EXISTING: Operation =
    Operation::patch("/stacks/{stack}", "update stack {stack}");
pub(super) static PREVIEW_UPDATE: Operation = preview_update(Method::PUT);
pub(super) static PREVIEW_UPDATE_EXISTING: Operation = preview_update(Method::PATCH);
pub(super) static DELETE_STACK: Operation =
    Operation::delete("/stacks/{stack}", "delete stack {stack}");

const fn preview_update(method: Method) -> Operation {
    let path = "/stacks/{stack}/preview";
    Operation::new(method, path, "preview update of stack {stack}")
        .envelope("resource_changes")
        .idempotent(true)
}

pub(super) static SUSPEND_STACK: Operation = action("suspend stack {stack}");
pub(super) static RESUME_STACK: Operation = action("resume stack {stack}");
pub(super) static CHECK_STACK: Operation = action("check stack {stack}");
pub(super) static CANCEL_UPDATE: Operation = action("cancel the update of stack {stack}");
pub(super) static CANCEL_WITHOUT_ROLLBACK: Operation = action("cancel the action of stack {stack}");

const fn action(description: &'static str) -> Operation {
    post("/stacks/{stack}/actions", description)
}

pub(super) static SHOW_TEMPLATE: Operation =
    get("/stacks/{stack}/template", "show template of stack {stack}");
pub(super) static SHOW_ENVIRONMENT: Operation = get(
    "/stacks/{stack}/environment",
    "show environment of stack {stack}",
);
pub(super) static SHOW_FILES: Operation =
    get("/stacks/{stack}/files", "show files of stack {stack}");

pub(super) static LIST_OUTPUTS: Operation =
    get("/stacks/{stack}/outputs", "list outputs of stack {stack}").envelope("outputs");
pub(super) static SHOW_OUTPUT: Operation = get(
    "/stacks/{stack}/outputs/{output}",
    "show output {output} of stack {stack}",
)
.envelope("output");

pub(super) static LIST_RESOURCES: Operation = get(
    "/stacks/{stack}/resources",
    "list resources of stack {stack}",
)
.envelope("resources");
pub(super) static SHOW_RESOURCE: Operation = get(
    "/stacks/{stack}/resources/{resource}",
    "show resource {resource} of stack {stack}",
)
.envelope("resource");

pub(super) static LIST_EVENTS: Operation =
    get("/stacks/{stack}/events", "list events of stack {stack}").envelope("events");
pub(super) static LIST_EVENTS_OF_RESOURCE: Operation = get(
    "/stacks/{stack}/resources/{resource}/events",
    "list events of stack {stack}",
)
.envelope("events");
pub(super) static SHOW_EVENT: Operation = get(
    "/stacks/{stack}/resources/{resource}/events/{event}",
    "show event {event} of resource {resource} of stack {stack}",
)
.envelope("event");

pub(super) static VALIDATE_TEMPLATE: Operation =
    post("/validate", "validate template").idempotent(true);
pub(super) static SHOW_BUILD_INFO: Operation = get("/build_info", "show build info");

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
    }
}
