//! Heat, the Orchestration service (API v1).
//!
//! Start with [`Client`]. Its managers ([`Client::stacks`], [`Client::resources`] …) send typed
//! requests and return typed answers. A method that takes a stack takes a [`StackRef`], which
//! converts from names, ids and answers.
//!
//! A method names its own errors under "Errors". See [`error`](mod@crate::error) for the
//! [errors of every request](crate::error#errors-of-every-request).

mod abandon;
mod change;
mod client;
mod events;
mod failures;
mod follow;
mod handle;
mod hooks;
mod limits;
mod list;
mod model;
mod names;
mod operations;
mod outputs;
mod poller;
mod reference;
mod resource_types;
mod resources;
mod root;
mod signal_url;
mod snapshots;
mod software_configs;
mod software_deployments;
mod sort;
mod stacks;
mod templates;
#[cfg(test)]
mod testing;
mod wait;

pub use crate::template::Hook;
pub use abandon::StackAbandon;
pub use change::{Adoption, NewStack, StackUpdate, Validation};
pub use client::{Client, ClientBuilder};
pub use events::{EventList, Events};
pub use failures::{DeploymentLog, ResourceFailure, StackFailures};
pub use follow::EventFollow;
pub use handle::StackHandle;
pub use hooks::{HookClear, HookPoll, Hooks, PendingHook};
pub use limits::Limits;
pub use list::{StackDetailList, StackList};
pub use model::{
    Action, ApiVersion, AttributeSchema, BuildInfo, ConfigInput, ConfigOutput, ConfigType,
    Constraint, ConstraintRule, CreatedStack, DeploymentMetadata, Environment, Event, Health, Link,
    Output, ParameterGroup, PreviewedResource, PreviewedResources, PropertySchema, PropertyType,
    Resource, ResourceChanges, ResourceType, ResourceTypeSchema, Service, ServiceStatus, Snapshot,
    SoftwareConfig, SoftwareDeployment, Stack, StackData, StackPreview, StackStatus, StackSummary,
    Status, Support, SupportStatus, TemplateFormat, TemplateFunction, TemplateParameter,
    TemplateVersion, Time, ValidatedTemplate,
};
pub use outputs::{OutputList, Outputs};
pub use reference::StackRef;
pub use resource_types::{ResourceTypeList, ResourceTypeTemplate, ResourceTypes};
pub use resources::{MarkUnhealthy, ResourceGet, ResourceList, ResourceSignal, Resources};
pub use signal_url::{SignalUrl, SignalUrlRequest};
pub use snapshots::{SnapshotCreate, SnapshotList, Snapshots};
pub use software_configs::{NewSoftwareConfig, SoftwareConfigList, SoftwareConfigs};
pub use software_deployments::{
    ConfigRef, Deploy, DeploymentUpdate, NewSoftwareDeployment, SignalLogin, SignalTransport,
    SoftwareDeploymentList, SoftwareDeployments, TempUrl,
};
pub use sort::{EventSortKey, SortDir, StackSortKey};
pub use stacks::{StackGet, Stacks, UpdatePreview};
pub use templates::{TemplateFunctionList, Templates};
pub use wait::{ResourceProgress, StatusWait, Wait, WaitProgress};
