//! Resolves an adapter's endpoint, once for each token.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt as _, stream};
use http::Uri;

use crate::catalog::{
    self, AccessInfo, ApiVersion, Authorize, DiscoveryOptions, EndpointData, EndpointQuery,
    EndpointSource, Explanation, Ids, Interface, Located, Locator, Probe, ServiceVersions,
    VersionRange,
};
use crate::clock;
use crate::error::{Error, ErrorKind, Result};
use crate::session::TokenCell;
use crate::session::adapter::{Found, Target};
use crate::session::microversion::unsupported;
use crate::session::token_cell::Token;
use crate::uri;

/// How long an endpoint is used that was chosen because version documents could not be read.
const TEMPORARY: Duration = Duration::from_secs(5);

/// The number of services whose versions are requested at the same time.
const PARALLEL_PROBES: usize = 8;

/// Resolves the endpoint of an adapter: its override, the plugin's own, or the one in the catalog.
pub(crate) struct EndpointResolver {
    cell: Arc<TokenCell>,
    /// Adds the current token to probes that are refused without one.
    authorize: Authorize,
}

/// Where the endpoint of an adapter is, before its version is looked for.
enum Place<'a> {
    /// The adapter's or the plugin's endpoint.
    Configured(EndpointSource, Uri),
    /// An endpoint in the catalog.
    Listed(&'a catalog::Endpoint),
    /// The auth URL, for a token without catalog.
    AuthUrl(Uri),
}

/// An endpoint that was looked up.
struct Resolution {
    data: EndpointData,
    source: EndpointSource,
    fallback: Option<String>,
    is_temporary: bool,
}

impl EndpointResolver {
    pub(crate) fn new(cell: Arc<TokenCell>) -> Self {
        let authorize = Arc::clone(&cell);
        Self {
            cell,
            authorize: Arc::new(move |request| authorize.stamp_current(request)),
        }
    }

    /// The endpoint, if it is known without a request.
    pub(crate) fn found(&self, target: &Target) -> Option<Uri> {
        if let Some(fixed) = &target.endpoint_override {
            return fixed.as_ref().ok().cloned();
        }
        let found = target.found.load();
        let found = found.as_ref()?;
        let is_current = found.generation == self.cell.newest()
            && found.until.is_none_or(|until| clock::now() < until);
        is_current.then(|| found.endpoint.clone())
    }

    /// Resolves the endpoint. Logs in and discovers versions if necessary.
    pub(crate) async fn resolve(&self, target: &Target) -> Result<Uri> {
        if let Some(endpoint) = self.found(target) {
            return Ok(endpoint);
        }
        if let Some(fixed) = &target.endpoint_override {
            return fixed.clone();
        }
        self.check_own_endpoint()?;
        let token = self.cell.token().await?;
        let options = target.query.discovery;
        let resolution = self
            .look_up(target, &token, options, &mut Vec::new())
            .await?;
        let data = resolution.data;
        let microversions = data.min_microversion.zip(data.max_microversion);
        let endpoint = data.url;
        target.found.store(Some(Arc::new(Found {
            generation: token.generation(),
            endpoint: endpoint.clone(),
            microversions,
            until: resolution.is_temporary.then(|| clock::now() + TEMPORARY),
        })));
        match target.default_microversion {
            Some(microversion) => target.check_microversion(microversion).map(|()| endpoint),
            None => Ok(endpoint),
        }
    }

    /// What is known about the endpoint. Requests the version document, unless the query skips discovery.
    pub(crate) async fn endpoint_data(&self, target: &Target) -> Result<EndpointData> {
        let options = target.query.discovery.discover_versions(true);
        self.data(target, options).await
    }

    /// The version of the API at the endpoint. Requests the version document only if the URL has no
    /// version.
    pub(crate) async fn api_version(&self, target: &Target) -> Result<Option<ApiVersion>> {
        let data = self.data(target, target.query.discovery).await?;
        match data.api_version {
            Some(version) => Ok(Some(version)),
            None => Ok(self.endpoint_data(target).await?.api_version),
        }
    }

    async fn data(&self, target: &Target, options: DiscoveryOptions) -> Result<EndpointData> {
        self.check_own_endpoint()?;
        let token = self.cell.token().await?;
        let mut probes = Vec::new();
        let resolution = self.look_up(target, &token, options, &mut probes);
        Ok(resolution.await?.data)
    }

    /// Explains which endpoint calls use, and why.
    pub(crate) async fn explain(&self, target: &Target) -> Result<Explanation> {
        self.check_own_endpoint()?;
        let token = self.cell.token().await?;
        let query = &target.query;
        let mut explanation = Explanation::new(query.clone(), target.default_microversion);
        if let (Some(access), Ok(Place::Listed(_)) | Err(_)) =
            (token.access(), self.place(target, &token))
        {
            explanation.considered = access.catalog().considered(query);
            let unusable = access.catalog().unusable(query);
            explanation.notes.extend(
                unusable.map(|why| {
                    format!("an endpoint of this type in the catalog is not valid: {why}")
                }),
            );
        }
        let probes = &mut explanation.probes;
        match self.look_up(target, &token, query.discovery, probes).await {
            Ok(resolution) => {
                explanation.notes.extend(resolution.fallback);
                explanation.source = Some(resolution.source);
                let mut data = resolution.data;
                if data.status.is_none() && !query.discovery.skip_discovery {
                    let remark = self.describe(target, &token, &mut data, probes).await;
                    let is_new = |remark: &String| !explanation.notes.contains(remark);
                    let remark = remark.filter(is_new);
                    explanation.notes.extend(remark);
                }
                let microversions = data.min_microversion.zip(data.max_microversion);
                if let (Some(wanted), Some(range)) = (target.default_microversion, microversions) {
                    let unsupported = unsupported(wanted, range, &query.service_type);
                    explanation
                        .notes
                        .extend(unsupported.map(|error| error.to_string()));
                }
                explanation.endpoint = Some(data);
            }
            Err(error) => {
                explanation.advice = Some(advice(&error).to_owned());
                let mask = self.cell.context().client().mask();
                explanation.problem = Some(mask.text(&error.to_string()).into_owned());
            }
        }
        Ok(explanation)
    }

    /// The versions of the services in the catalog that match a query; of all types if `service_type` is
    /// `None`.
    pub(crate) async fn all_version_data(
        &self,
        interfaces: &[Interface],
        region: Option<&str>,
        service_type: Option<&str>,
    ) -> Result<Vec<ServiceVersions>> {
        let token = self.cell.token().await?;
        let Some(access) = token.access() else {
            return Err(Error::new(
                ErrorKind::Catalog,
                "the auth plugin provides no service catalog",
            ));
        };
        let mut query = EndpointQuery::new(service_type.unwrap_or_default());
        query.interfaces = interfaces.to_vec();
        query.region = region.map(str::to_owned);
        let catalog = access.catalog();
        let endpoints = match service_type {
            Some(_) => catalog.endpoints(&query),
            None => catalog.of_all_types(&query),
        };
        let locator = self.locator(&token, VersionRange::ANY, DiscoveryOptions::default());
        // A closure that borrows its argument would not be `Send` in all callers.
        let mut requests = Vec::with_capacity(endpoints.len());
        for endpoint in endpoints {
            requests.push(ServiceVersions::of(endpoint, &locator));
        }
        Ok(stream::iter(requests)
            .buffered(PARALLEL_PROBES)
            .collect()
            .await)
    }

    fn locator<'a>(
        &'a self,
        token: &'a Token,
        versions: VersionRange,
        options: DiscoveryOptions,
    ) -> Locator<'a> {
        Locator {
            client: self.cell.context().client(),
            discovery: self.cell.context().discovery(),
            authorize: Some(&self.authorize),
            versions,
            options,
            project_id: token.access().and_then(|access| access.project_id()),
        }
    }

    /// Adds what the version document says to data that were found without it. Returns a remark.
    async fn describe(
        &self,
        target: &Target,
        token: &Token,
        data: &mut EndpointData,
        probes: &mut Vec<Probe>,
    ) -> Option<String> {
        let options = target.query.discovery.discover_versions(true);
        let Ok(described) = self.look_up(target, token, options, probes).await else {
            return None;
        };
        let path = |data: &EndpointData| data.url.path().trim_end_matches('/').to_owned();
        if path(&described.data) == path(data) {
            let url = data.url.clone();
            *data = described.data;
            data.url = url;
        }
        described.fallback
    }

    async fn look_up(
        &self,
        target: &Target,
        token: &Token,
        options: DiscoveryOptions,
        probes: &mut Vec<Probe>,
    ) -> Result<Resolution> {
        let query = &target.query;
        let place = self.place(target, token)?;
        let versions = query.versions.for_service_type(&query.service_type)?;
        let mut locator = self.locator(token, versions, options);
        let (source, data, located) = match &place {
            Place::Configured(source, url) => {
                // Calls use a configured endpoint as it is. Only its description needs a document.
                locator.options.skip_discovery |= !options.discover_versions;
                locator.options.allow_version_hack = false;
                locator.options.strict = false;
                let located = locator.locate(url, probes).await;
                let located = located.unwrap_or_else(|error| Located {
                    fallback: Some(format!(
                        "the configured endpoint is used, although: {error}"
                    )),
                    ..Located::as_listed(url)
                });
                let data = EndpointData::configured(query, located.clone());
                (*source, data, located)
            }
            Place::Listed(endpoint) => {
                let located = locator.locate(endpoint.url(), probes).await?;
                let data = EndpointData::listed(endpoint, located.clone());
                (EndpointSource::Catalog, data, located)
            }
            Place::AuthUrl(url) => {
                locator.project_id = None;
                let located = locator.locate(url, probes).await?;
                let data = EndpointData::configured(query, located.clone());
                (EndpointSource::AuthUrl, data, located)
            }
        };
        Ok(Resolution {
            data,
            source,
            fallback: located.fallback,
            is_temporary: located.is_temporary,
        })
    }

    /// Where the endpoint is, before its version is looked for.
    fn place<'a>(&self, target: &Target, token: &'a Token) -> Result<Place<'a>> {
        let access = token.access();
        let own = self
            .cell
            .credentials()
            .endpoint()
            .or_else(|| token.endpoint());
        let configured = match (&target.endpoint_override, &target.endpoint_template) {
            (Some(fixed), _) => Some((EndpointSource::Override, fixed.clone()?)),
            (None, Some(template)) => Some((EndpointSource::Override, template.clone())),
            (None, None) if target.at_auth_url => None,
            (None, None) => own.map(|own| (EndpointSource::Plugin, own.clone())),
        };
        if let Some((source, configured)) = configured {
            let url = expand(&configured, access.map(AsRef::as_ref))?;
            return Ok(Place::Configured(source, url));
        }
        let auth_url = self.cell.credentials().auth_url();
        if target.at_auth_url {
            return auth_url
                .cloned()
                .map(Place::AuthUrl)
                .ok_or_else(|| Error::new(ErrorKind::Catalog, "the auth plugin has no auth URL"));
        }
        if let Some(access) = access {
            let listed = access.catalog().endpoint(&target.query)?;
            return Ok(Place::Listed(listed));
        }
        match auth_url.filter(|_| target.query.service_type == "identity") {
            Some(identity) => Ok(Place::AuthUrl(identity.clone())),
            None => Err(Error::new(
                ErrorKind::Catalog,
                format!(
                    "the auth plugin provides no service catalog; set endpoint_override to the URL of the {} service",
                    target.query.service_type
                ),
            )),
        }
    }

    fn check_own_endpoint(&self) -> Result<()> {
        match self.cell.credentials().endpoint() {
            Some(fixed) => Ok(uri::check(fixed, "the endpoint of the auth plugin")?),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for EndpointResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndpointResolver")
            .field("cell", &self.cell)
            .finish_non_exhaustive()
    }
}

/// What to do about a lookup that failed.
fn advice(error: &Error) -> &'static str {
    match error.kind() {
        ErrorKind::Catalog => {
            "choose a region, interface or service name from the catalog, or configure the \
             endpoint URL"
        }
        ErrorKind::Discovery => {
            "accept a version that the service offers, or configure the endpoint URL"
        }
        ErrorKind::Config => "correct the setting that the problem names",
        _ => "check that the service can be reached, and try again",
    }
}

/// Replaces the placeholders of a configured endpoint by the token's ids.
///
/// # Errors
/// [`ErrorKind::Config`], which names the placeholder that cannot be replaced.
fn expand(configured: &Uri, access: Option<&AccessInfo>) -> Result<Uri> {
    let ids = Ids {
        project: access.and_then(AccessInfo::project_id),
        user: access.and_then(AccessInfo::user_id),
    };
    let text = configured.to_string();
    let expanded = catalog::expand(&text, ids).map_err(|why| {
        let message = format!("the configured endpoint is not valid: {why}");
        Error::new(ErrorKind::Config, message)
    })?;
    Ok(uri::parse_url(&expanded, "the configured endpoint")?)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::HeaderMap;
    use serde_json::{Value, json};

    use crate::auth::{AdminToken, AuthData, Credentials, NoAuth};
    use crate::session::Session;
    use crate::session::testing::Plugin;

    use super::*;

    /// A plugin that returns this token.
    fn plugin(token: Value) -> Credentials {
        let body = Bytes::from(json!({ "token": token }).to_string());
        let login = move |_| {
            let mut headers = HeaderMap::new();
            headers.insert("x-subject-token", "token-1".parse().unwrap());
            let access = AccessInfo::from_response(&headers, &body);
            async move { AuthData::access(access?) }
        };
        Plugin::new(login).into()
    }

    #[tokio::test]
    async fn placeholders_are_never_sent() {
        let heat = |url: &str| {
            json!({
                "user": {"id": "u1"},
                "project": {"id": "p1"},
                "catalog": [{"type": "orchestration", "endpoints": [{"interface": "public", "url": url}]}],
            })
        };
        let unscoped = json!({"user": {"id": "u1"}});
        let given = "the configured endpoint is not valid: ";
        let unknown =
            "unknown placeholder %(region)s; expected %(project_id)s, %(tenant_id)s or %(user_id)s";
        let nobody = |what: &str| {
            format!(
                "{given}the token has no {what} id for the placeholder %({what}_id)s; log in to Keystone with a \
                 {what}, or write the id in the URL"
            )
        };
        let token = |url: &str| AdminToken::new(url, "gAAAA").unwrap().into();
        // Credentials, override, expected endpoint or error.
        let cases: Vec<(Credentials, Option<&str>, Result<&str, String>)> = vec![
            (
                plugin(heat("http://h/v1/%(tenant_id)s")),
                None,
                Ok("http://h/v1/p1"),
            ),
            (
                plugin(heat("http://h/v1/$(project_id)s")),
                None,
                Ok("http://h/v1/p1"),
            ),
            (
                plugin(heat("http://h/v1/%(region)s")),
                None,
                Err(format!(
                    "no public endpoint of type orchestration; the one in the catalog is not valid: {unknown}"
                )),
            ),
            (
                plugin(heat("http://h/v1/p")),
                Some("http://g/v1/%(project_id)s"),
                Ok("http://g/v1/p1"),
            ),
            (
                plugin(heat("http://h/v1/p")),
                Some("http://g/%(user_id)s/$(tenant_id)s"),
                Ok("http://g/u1/p1"),
            ),
            (
                plugin(heat("http://h/v1/p")),
                Some("http://g/%7E/%(region)s"),
                Err(format!("{given}{unknown}")),
            ),
            (
                plugin(unscoped),
                Some("http://g/%(project_id)s"),
                Err(nobody("project")),
            ),
            (
                NoAuth::new().into(),
                Some("http://g/%(user_id)s"),
                Err(nobody("user")),
            ),
            (
                token("http://g/v1/%(project_id)s"),
                None,
                Err(nobody("project")),
            ),
            (token("http://g/v1/p"), None, Ok("http://g/v1/p")),
        ];
        for (credentials, given, expected) in cases {
            let mut adapter = Session::new(credentials).adapter("orchestration");
            if let Some(given) = given {
                adapter = adapter.endpoint_override(given.parse().unwrap());
            }
            let endpoint = adapter.build().endpoint().await;
            let endpoint = endpoint.map(|url| url.to_string());
            assert_eq!(
                endpoint.map_err(|error| error.to_string()),
                expected.map(str::to_owned)
            );
        }
    }
}
