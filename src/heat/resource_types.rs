//! Resource types: their names, their schemas and templates for them.

use std::future::IntoFuture;

use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use serde_json::{Map, Value};

use crate::error::Result;
use crate::heat::model::{ResourceType, ResourceTypeSchema, SupportStatus, TemplateFormat};
use crate::heat::operations::{
    LIST_RESOURCE_TYPES, SHOW_RESOURCE_TYPE, SHOW_RESOURCE_TYPE_TEMPLATE,
};
use crate::service::{Item, ItemStream, List, Request, ResponseFuture};
use crate::session::Adapter;

/// The resource types of Heat. Made by [`Client::resource_types`](super::Client::resource_types).
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> heatclient::Result<()> {
/// # #[cfg(feature = "sandbox")] {
/// # use heatclient::{Client, Session, loading, sandbox::Sandbox};
/// # let sandbox = Sandbox::start().await?;
/// # let auth = loading::plugin_loader("password")?.load(sandbox.options())?;
/// # let heat = Client::new(Session::new(auth));
/// let types = heat.resource_types();
/// for found in types.list().name("OS::Heat::Random").await? {
///     let schema = types.get(&*found.name).await?;
///     for (name, property) in &schema.properties {
///         println!("{name}: {} {}", property.property_type, property.description);
///     }
/// }
/// # }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct ResourceTypes {
    adapter: Adapter,
}

impl ResourceTypes {
    pub(super) fn new(adapter: Adapter) -> Self {
        Self { adapter }
    }

    /// Lists the resource types that the caller can use, sorted by name.
    ///
    /// Heat leaves out hidden types, and types of services that the cloud does not have.
    pub fn list(&self) -> ResourceTypeList {
        ResourceTypeList(List::single_page(
            LIST_RESOURCE_TYPES.request(&self.adapter),
        ))
    }

    /// The properties and attributes of a type.
    ///
    /// # Errors
    /// [`is_not_found`](crate::Error::is_not_found) if the type does not exist, status 400 if the cloud
    /// does not have the type's service, and those of
    /// [every request](crate::error#errors-of-every-request).
    pub fn get(&self, name: impl Into<String>) -> ResponseFuture<ResourceTypeSchema> {
        let request = SHOW_RESOURCE_TYPE.request(&self.adapter);
        request.path("type", name).fetch()
    }

    /// A template with one resource of a type. Its parameters are the properties, and its outputs the
    /// attributes.
    ///
    /// # Errors
    /// Those of [`get`](Self::get). Heat 27 fails (500) for types with a property of any type, such as
    /// `OS::Heat::Value`.
    pub fn template(&self, name: impl Into<String>) -> ResourceTypeTemplate {
        let request = SHOW_RESOURCE_TYPE_TEMPLATE.request(&self.adapter);
        ResourceTypeTemplate {
            request: request.path("type", name),
            format: TemplateFormat::Hot,
        }
    }
}

impl Item for ResourceType {
    fn marker(&self) -> &str {
        &self.name
    }
}

/// A list of resource types. Made by [`ResourceTypes::list`].
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is awaited or its stream is polled"]
pub struct ResourceTypeList(List<ResourceType>);

impl ResourceTypeList {
    fn with(self, key: &str, value: impl AsRef<str>) -> Self {
        Self(self.0.query(key, value))
    }

    /// Only types whose name starts with a match of this regular expression, in Python's syntax:
    /// `OS::Heat`, `.*Server$`. Heat finds nothing if the expression is not valid.
    pub fn name(self, expression: impl AsRef<str>) -> Self {
        self.with("name", expression)
    }

    /// Only types whose support status has held since this release: `5.0.0`.
    pub fn version(self, version: impl AsRef<str>) -> Self {
        self.with("version", version)
    }

    /// Only types with this support status.
    pub fn support_status(self, status: impl Into<SupportStatus>) -> Self {
        self.with("support_status", status.into().as_str())
    }

    /// Appends a filter for which there is no method. Heat ignores unknown keys.
    pub fn filter(self, key: &str, value: impl AsRef<str>) -> Self {
        self.with(key, value)
    }

    /// Whether to include descriptions; default: false.
    pub fn with_description(self, with: bool) -> Self {
        if with {
            self.with("with_description", "True")
        } else {
            self
        }
    }

    async fn sorted(self) -> Result<Vec<ResourceType>> {
        let mut types = self.0.await?;
        types.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(types)
    }

    /// The types as a stream. Heat sends all of them at once.
    pub fn stream(self) -> ItemStream<ResourceType> {
        let types = stream::once(self.sorted());
        ItemStream::new(
            types
                .map_ok(|types| stream::iter(types).map(Ok))
                .try_flatten(),
        )
    }
}

impl IntoFuture for ResourceTypeList {
    type Output = Result<Vec<ResourceType>>;
    type IntoFuture = ResponseFuture<Vec<ResourceType>>;

    fn into_future(self) -> Self::IntoFuture {
        ResponseFuture::new(self.sorted())
    }
}

/// A template for a resource type. Made by [`ResourceTypes::template`].
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct ResourceTypeTemplate {
    request: Request,
    format: TemplateFormat,
}

impl ResourceTypeTemplate {
    /// The format of the template; [`TemplateFormat::Hot`] by default.
    pub fn format(mut self, format: TemplateFormat) -> Self {
        self.format = format;
        self
    }
}

impl IntoFuture for ResourceTypeTemplate {
    type Output = Result<Map<String, Value>>;
    type IntoFuture = ResponseFuture<Map<String, Value>>;

    fn into_future(self) -> Self::IntoFuture {
        let request = self.request.query("template_type", self.format.as_str());
        request.fetch()
    }
}
