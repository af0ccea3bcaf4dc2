//! References to stacks, and the lookup of their names and ids.

use std::fmt::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;

use http::header;
use serde::Deserialize;
use tokio::sync::OnceCell;

use crate::clock::{self, Instant};
use crate::error::{Error, ErrorKind, Result};
use crate::heat::model::{CreatedStack, Link, Stack, StackSummary, name_and_id};
use crate::heat::operations::SHOW_STACK;
use crate::service::Request;
use crate::session::Adapter;
use crate::uri::segment;

/// A reference to a stack: a name, an id, `name/id`, or an ARN.
///
/// Heat needs name and id together in most paths. A reference looks up the missing part when it is
/// needed, at most once; its clones share the result. Keep one reference (or a [`Stack`]) for
/// several calls to the same stack.
///
/// ```
/// use heatclient::heat::StackRef;
///
/// let web = StackRef::from("web");
/// let same = web.clone();
/// assert_eq!(same.to_string(), "web");
/// ```
#[derive(Clone)]
pub struct StackRef {
    typed: Arc<str>,
    found: Arc<OnceCell<Identity>>,
    /// When this process created the stack.
    created: Option<Instant>,
    /// Whether to look the stack up also for requests that Heat would redirect.
    looked_up_first: bool,
}

/// How long a new stack may be missing from replicas of Heat's database.
const REPLICA_LAG: Duration = Duration::from_secs(30);

/// The name and id of a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) name: String,
    pub(crate) id: String,
    /// The id of its project, if known: it may differ from the session's.
    project: Option<Arc<str>>,
}

impl Identity {
    fn new(name: impl Into<String>, id: impl Into<String>, project: Option<&str>) -> Self {
        Self {
            name: name.into(),
            id: id.into(),
            project: project.map(Arc::from),
        }
    }

    fn path(&self) -> String {
        let mut path = String::with_capacity(self.name.len() + self.id.len() + 8);
        // Writing into a String cannot fail.
        let _ = write!(path, "{}/{}", segment(&self.name), segment(&self.id));
        path
    }
}

impl StackRef {
    fn known(name: &str, id: &str, project: Option<&str>) -> Self {
        let found = Identity::new(name, id, project);
        Self {
            typed: name.into(),
            found: Arc::new(OnceCell::new_with(Some(found))),
            created: None,
            looked_up_first: false,
        }
    }

    /// Looks the stack up before the first request, even if Heat would redirect that.
    pub(crate) fn looked_up_first(mut self) -> Self {
        self.looked_up_first = true;
        self
    }

    /// A reference to another stack in the same project, such as a nested stack.
    pub(crate) fn neighbour(&self, name: &str, id: &str) -> Self {
        Self::known(name, id, self.project())
    }

    /// Whether this process has just created the stack, so that a 404 may be temporary.
    pub(crate) fn is_new(&self) -> bool {
        self.created
            .is_some_and(|at| clock::now().saturating_duration_since(at) < REPLICA_LAG)
    }

    /// Adds the stack to a request's description.
    pub(crate) fn describe(&self, request: Request) -> Request {
        request.described("stack", Arc::clone(&self.typed))
    }

    /// Puts the stack into the path of a `GET`, which Heat redirects to the full path if necessary.
    pub(crate) async fn read(&self, request: Request) -> Result<Request> {
        if self.looked_up_first || self.found.get().is_some() {
            return self.locate(request).await;
        }
        let request = self.describe(request);
        match self.single() {
            Ok(text) => Ok(request.raw_path("stack", segment(text).to_string())),
            Err(error) => Err(request.named(error)),
        }
    }

    /// Puts the stack's full path into a request that Heat does not redirect or that should not be
    /// sent twice. Looks the stack up if necessary.
    pub(crate) async fn locate(&self, request: Request) -> Result<Request> {
        let request = self.describe(request);
        let look_up = || self.look_up(request.adapter(), request.span_text());
        match self.found.get_or_try_init(look_up).await {
            Ok(found) => {
                let request = request.raw_path("stack", found.path());
                Ok(request.project(found.project.clone()))
            }
            Err(error) => Err(request.named(error)),
        }
    }

    /// The id of the stack's project, if it is known without a request.
    pub fn project(&self) -> Option<&str> {
        self.found.get()?.project.as_deref()
    }

    pub(crate) async fn identity(&self, adapter: &Adapter) -> Result<&Identity> {
        let look_up = || self.look_up(adapter, None);
        self.found.get_or_try_init(look_up).await
    }

    /// The name and id, if known without a request.
    pub(crate) fn known_identity(&self) -> Option<&Identity> {
        self.found.get()
    }

    /// Stores the name and id of an answer.
    pub(crate) fn remember(&self, stack: &Stack) {
        if self.is_of(&stack.name, &stack.id) {
            let project = project_of(&stack.links);
            // The first identity is kept.
            let _ = self
                .found
                .set(Identity::new(&stack.name, &stack.id, project));
        }
    }

    async fn look_up(&self, adapter: &Adapter, for_what: Option<String>) -> Result<Identity> {
        let path = format!("/stacks/{}", segment(self.single()?));
        // A server that answers without a redirect should not compute the outputs.
        let show = || {
            adapter
                .get(&*path)
                .query("resolve_outputs", "False")
                .described(for_what.clone(), SHOW_STACK.path)
        };
        let mut response = show().redirects(0).bytes().await?;
        if response.status().is_redirection() {
            let location = response
                .headers()
                .get(header::LOCATION)
                .and_then(|v| v.to_str().ok());
            if let Some(href) = location
                && let Some((name, id)) = name_and_id(href)
            {
                return self.checked(Identity::new(name, id, project_in(href)));
            }
            // Another redirect, such as from http to https. The session decides whether to follow
            // it.
            response = show().bytes().await?;
        }
        #[derive(Deserialize)]
        struct Shown {
            stack: Named,
        }
        #[derive(Deserialize)]
        struct Named {
            stack_name: String,
            id: String,
            #[serde(default)]
            links: Vec<Link>,
        }
        let shown = crate::transport::read::json(response.headers(), response.body());
        let mask = adapter.session().mask();
        let Shown { stack } = shown.map_err(|error| mask.error(error))?;
        let project = project_of(&stack.links);
        self.checked(Identity::new(stack.stack_name, stack.id, project))
    }

    /// Returns the result of a lookup if it is the requested stack.
    fn checked(&self, found: Identity) -> Result<Identity> {
        if self.is_of(&found.name, &found.id) {
            return Ok(found);
        }
        Err(Error::new(
            ErrorKind::Decode,
            format!(
                "Heat answered with another stack: {}/{}",
                found.name, found.id
            ),
        )
        .after_sending())
    }

    /// Whether this reference means the stack with this name and id. Heat's database may compare
    /// names without case.
    fn is_of(&self, name: &str, id: &str) -> bool {
        let typed = &*self.typed;
        typed.eq_ignore_ascii_case(name)
            || typed == id
            || self.found.get().is_some_and(|found| found.id == id)
    }

    /// The reference as one path segment: a name or an id.
    fn single(&self) -> Result<&str> {
        let text = &*self.typed;
        if text.is_empty() || text == "." || text == ".." || text.contains('/') {
            return Err(Error::new(
                ErrorKind::Config,
                format!("invalid stack {text:?}: expected a name, an id, or name/id"),
            ));
        }
        Ok(text)
    }
}

impl From<&str> for StackRef {
    fn from(text: &str) -> Self {
        // arn:openstack:heat:<region>:<project>:stacks/<name>/<id>
        let arn = text.strip_prefix("arn:openstack:heat:");
        let (project, full) = match arn.and_then(|rest| rest.split_once(":stacks/")) {
            Some((place, full)) => (place.rsplit(':').next(), full),
            None => (None, text),
        };
        let project = project.filter(|id| !matches!(*id, "" | "." | ".."));
        match full.split_once('/') {
            Some((name, id))
                if ![name, id]
                    .iter()
                    .any(|part| matches!(*part, "" | "." | ".."))
                    && !id.contains('/') =>
            {
                Self {
                    typed: text.into(),
                    ..Self::known(name, id, project)
                }
            }
            _ => Self {
                typed: text.into(),
                found: Arc::default(),
                created: None,
                looked_up_first: false,
            },
        }
    }
}

impl From<String> for StackRef {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<&String> for StackRef {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<&Self> for StackRef {
    fn from(stack: &Self) -> Self {
        stack.clone()
    }
}

impl From<&Stack> for StackRef {
    fn from(stack: &Stack) -> Self {
        Self::known(&stack.name, &stack.id, project_of(&stack.links))
    }
}

impl From<&StackSummary> for StackRef {
    fn from(stack: &StackSummary) -> Self {
        let project = stack.project.as_deref();
        let project = project.or_else(|| project_of(&stack.links));
        Self::known(&stack.name, &stack.id, project)
    }
}

impl From<&CreatedStack> for StackRef {
    fn from(stack: &CreatedStack) -> Self {
        Self {
            created: Some(stack.created),
            ..Self::known(&stack.name, &stack.id, project_of(&stack.links))
        }
    }
}

/// The id of the project in a stack's own link.
fn project_of(links: &[Link]) -> Option<&str> {
    project_in(&links.iter().find(|link| link.rel == "self")?.href)
}

/// The id of the project in a stack's URL: `http://heat.example/v1/PROJECT/stacks/web/1`.
fn project_in(href: &str) -> Option<&str> {
    let (above, _) = href.split_once("/stacks/")?;
    let (above, project) = above.rsplit_once('/')?;
    // The segment after the version is the project's id.
    let is_id = |id: &str| {
        !id.is_empty()
            && id
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
    };
    (above.rsplit('/').next() == Some("v1") && is_id(project)).then_some(project)
}

/// Writes the text it was made from, or the stack's name.
impl fmt::Display for StackRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.typed)
    }
}

impl fmt::Debug for StackRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StackRef")
            .field(&self.typed)
            .field(&self.found.get())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::heat::Client;
    use crate::heat::testing::{answer, fake};
    use crate::session::Session;
    use crate::testing::{self, ScriptedTransport};

    /// The path of a stack without a lookup.
    async fn path_of(stack: &StackRef) -> Result<String> {
        let heat = fake(|_| answer(404, &serde_json::json!({})));
        let request = stack.read(SHOW_STACK.request(heat.adapter())).await?;
        Ok(request.built_path().unwrap())
    }

    #[tokio::test]
    async fn what_is_typed_becomes_a_path() {
        for (typed, path) in [
            ("web", "/stacks/web"),
            ("a b%2F?", "/stacks/a%20b%252F%3F"),
            ("web/1-2", "/stacks/web/1-2"),
            ("arn:openstack:heat::p:stacks/web/1", "/stacks/web/1"),
            (
                "arn:openstack:heat::p:other",
                "/stacks/arn%3Aopenstack%3Aheat%3A%3Ap%3Aother",
            ),
        ] {
            let built = path_of(&StackRef::from(typed)).await;
            assert_eq!(built.unwrap(), path, "{typed}");
            assert_eq!(StackRef::from(typed).to_string(), typed);
        }
    }

    #[tokio::test]
    async fn what_would_leave_the_path_is_refused() {
        for typed in [
            "", ".", "..", "/", "a/", "/b", "a/b/c", "../x", "x/..", "a//b",
        ] {
            let error = path_of(&StackRef::from(typed)).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config, "{typed}");
            assert_eq!(
                error.to_string(),
                format!(
                    "show stack \"{typed}\": invalid stack {typed:?}: expected a name, an id, or name/id"
                )
            );
        }
    }

    #[tokio::test]
    async fn clones_share_what_is_found() {
        let stack = |name, id| {
            let stack = json!({"stack_name": name, "id": id, "stack_status": "CREATE_COMPLETE"});
            serde_json::from_value::<Stack>(stack).unwrap()
        };
        let web = StackRef::from("web");
        let clone = StackRef::from(&web);
        web.remember(&stack("web", "1"));
        web.remember(&stack("other", "2"));
        assert_eq!(path_of(&clone).await.unwrap(), "/stacks/web/1");
    }

    #[test]
    fn another_stack_is_not_learned() {
        for (typed, name, id, is_it) in [
            ("web", "web", "1", true),
            ("WEB", "web", "1", true),
            ("1", "web", "1", true),
            ("web", "prod", "9", false),
            ("web/1", "web", "1", true),
        ] {
            let stack = StackRef::from(typed);
            assert_eq!(stack.is_of(name, id), is_it, "{typed}");
            let found = Identity::new(name, id, None);
            assert_eq!(stack.checked(found).is_ok(), is_it, "{typed}");
        }
    }

    #[test]
    fn the_project_of_a_stack_is_kept() {
        let arn = |place: &str| StackRef::from(format!("arn:openstack:heat:{place}:stacks/web/1"));
        for (place, project) in [
            (":q", Some("q")),
            ("RegionOne:q", Some("q")),
            (":", None),
            (":..", None),
        ] {
            assert_eq!(arn(place).project(), project, "{place}");
        }
        assert_eq!(StackRef::from("web/1").project(), None);
        let clone = StackRef::from(&arn(":q"));
        assert_eq!(clone.project(), Some("q"));
        for (href, project) in [
            ("http://h:8004/v1/q/stacks/web/1", Some("q")),
            ("https://h/heat-api/v1/q_1-2/stacks/web/1", Some("q_1-2")),
            ("http://h/v1/stacks/web/1", None),
            ("http://h/v1/a%2Fb/stacks/web/1", None),
            ("http://h/v2/q/stacks/web/1", None),
            ("web", None),
        ] {
            let links = [Link {
                href: href.to_owned(),
                rel: "self".into(),
            }];
            assert_eq!(project_of(&links), project, "{href}");
        }
    }

    #[tokio::test]
    async fn requests_go_to_the_project_of_the_stack() {
        let stack = |project: &str| {
            json!({
                "id": "1",
                "stack_name": "web",
                "stack_status": "CREATE_COMPLETE",
                "links": [{"rel": "self", "href": format!("http://inside/v1/{project}/stacks/web/1")}],
            })
        };
        let wire = ScriptedTransport::new(move |request| match request.path() {
            // An administrator finds a stack of another project by its id.
            "/v1/p/stacks/1" => {
                let mut found = testing::empty(302)?;
                let url = "http://heat/v1/q/stacks/web/1".parse().unwrap();
                found.headers_mut().insert(header::LOCATION, url);
                Ok(found)
            }
            "/v1/p/stacks" => {
                let mut listed = stack("r");
                listed["project"] = "q".into();
                testing::json(200, json!({"stacks": [listed]}))
            }
            "/v1/q/stacks/web/1" => testing::json(200, json!({"stack": stack("q")})),
            "/v1/q/stacks/web/1/outputs" => testing::json(200, json!({"outputs": []})),
            _ => testing::empty(500),
        });
        let token = testing::token()
            .project("p")
            .endpoint("orchestration", "http://heat/v1/p");
        let heat = Client::new(Session::builder(token).transport(wire.clone()).build());
        let outputs = heat.outputs();

        let shown = heat.stacks().get("1").await.unwrap();
        outputs.list(&shown).await.unwrap();
        let listed = heat.stacks().list().global_tenant(true).await.unwrap();
        outputs.list(&listed[0]).await.unwrap();
        let arn = StackRef::from("arn:openstack:heat::q:stacks/web/1");
        outputs.list(&arn).await.unwrap();
        heat.stacks().get(&arn).await.unwrap();
        // The lookup by an id finds the project, too.
        let looked_up = StackRef::from("1");
        heat.outputs().list(&looked_up).await.unwrap();
        assert_eq!(looked_up.project(), Some("q"));
        let requests = wire.requests();
        let paths: Vec<_> = requests.iter().map(|request| request.path()).collect();
        let outputs = "/v1/q/stacks/web/1/outputs";
        assert_eq!(
            paths,
            [
                "/v1/p/stacks/1",
                "/v1/q/stacks/web/1",
                outputs,
                "/v1/p/stacks",
                outputs,
                outputs,
                "/v1/q/stacks/web/1",
                "/v1/p/stacks/1",
                outputs,
            ]
        );
        assert!(requests.iter().all(|r| r.header("x-auth-token").is_some()));
    }
}
