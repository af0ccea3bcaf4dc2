//! One command of a row, and the state after it.

use std::collections::HashMap;
use std::fmt::Debug;
use std::path::Path;
use std::time::Duration;

use futures::StreamExt as _;
use heatclient::Error;
use heatclient::heat::{Action, Event};
use http::Method;
use serde_json::{Map, Value, json};

use crate::cloud::Cloud;

const MINUTE: Duration = Duration::from_secs(60);
const DEPTH: u32 = 4;

/// The effect of a command: it started an action, or it returned data.
pub enum Done {
    Started(Action),
    Returned(Value),
}

/// Runs commands.
pub trait Driver: Debug + Copy + Send + Sync + 'static {
    /// Runs a command. An error is one line.
    fn perform(
        self,
        stage: &Stage<'_>,
        line: &str,
    ) -> impl Future<Output = Result<Done, String>> + Send;
}

/// A stack and the directory of the row's documents.
pub struct Stage<'a> {
    pub cloud: &'a Cloud,
    pub name: &'a str,
    pub directory: &'a Path,
}

impl<'a> Stage<'a> {
    pub(super) fn new(cloud: &'a Cloud, name: &'a str, directory: &'a Path) -> Self {
        Self {
            cloud,
            name,
            directory,
        }
    }

    /// Runs a command, and returns the state after it:
    ///
    /// - `error`, in one line, or
    /// - for a stack: `status`, `parameters`, `outputs`, `environment`, `files` (names), `resources` (types, by
    ///   path), `hooks` that were pending and had to be cleared, such as `pre-create group/0`;
    /// - for a preview: `parameters`, `resources` (types);
    /// - for the preview of an update: names of `added`, `deleted`, `replaced`, `unchanged`, `updated`;
    /// - for a validation: the response of Heat.
    pub(super) async fn step(&self, driver: impl Driver, line: &str) -> Value {
        let seen = match driver.perform(self, line).await {
            Ok(Done::Started(action)) => self.read_back(action).await,
            Ok(Done::Returned(told)) => summary(told),
            Err(error) => json!({"error": plain(&error)}),
        };
        // Paths must not depend on the directory.
        let text = seen.to_string();
        let directory = self.directory.display();
        let text = text.replace(&format!("file://{directory}/"), "");
        let text = text.replace(&format!("{directory}/"), "");
        serde_json::from_str(&text.replace(self.name, "NAME")).unwrap()
    }

    /// Waits until the stack is complete, clearing all hooks, and returns its state.
    async fn read_back(&self, action: Action) -> Value {
        let stacks = self.cloud.heat.stacks();
        let wait = stacks.wait(self.name, action).timeout(3 * MINUTE);
        let wait = wait
            .interval(Duration::from_millis(300))
            .nested_depth(DEPTH);
        let mut events = Box::pin(wait.events());
        let (mut hooks, mut failure) = (Vec::new(), None);
        while let Some(event) = events.next().await {
            match event {
                Ok(event) => {
                    if let Some(hook) = pending_hook(&event) {
                        self.clear(&event, &hook).await;
                        hooks.push((hook, event));
                    }
                }
                Err(error) => failure = Some(plain(&error.to_string())),
            }
        }
        let stack = settled(|| stacks.get(self.name)).await;
        let (environment, files) =
            tokio::try_join!(stacks.environment(&stack), stacks.files(&stack)).unwrap();
        let paths = self.paths(&stack.id).await;
        let mut hooks: Vec<_> = hooks
            .into_iter()
            .map(|(hook, event)| {
                let (_, id) = event.stack().unwrap();
                format!("{hook} {}{}", paths.prefixes[&id], event.resource_name)
            })
            .collect();
        hooks.sort();
        let outputs = stack
            .outputs
            .into_iter()
            .map(|output| (output.key, output.value.into()));
        json!({
            "status": stack.status.to_string(),
            "parameters": stack.parameters,
            "outputs": outputs.collect::<Map<_, _>>(),
            "environment": environment,
            "files": files.keys().collect::<Vec<_>>(),
            "resources": paths.types,
            "hooks": (!hooks.is_empty()).then_some(hooks),
            "error": failure,
        })
    }

    async fn clear(&self, event: &Event, hook: &str) {
        let (name, id) = event.stack().unwrap();
        let resource = &event.resource_name;
        let path = format!("/stacks/{name}/{id}/resources/{resource}/signal");
        let signal = self.cloud.heat.adapter().request(Method::POST, path);
        signal
            .json(&json!({"unset_hook": hook}))
            .finish()
            .await
            .unwrap();
    }

    async fn paths(&self, root: &str) -> Paths {
        let resources = self.cloud.heat.resources();
        let mut rest = settled(|| resources.list(self.name).nested_depth(DEPTH)).await;
        let mut paths = Paths {
            prefixes: HashMap::new(),
            types: Map::new(),
        };
        paths.prefixes.insert(root.to_owned(), String::new());
        // Outer ones first, since the path of an inner one starts with theirs.
        while !rest.is_empty() {
            let known =
                |r: &heatclient::heat::Resource| paths.prefixes.get(&r.stack().unwrap().1).cloned();
            let Some(at) = rest.iter().position(|r| known(r).is_some()) else {
                break;
            };
            let resource = rest.swap_remove(at);
            let path = known(&resource).unwrap() + &resource.name;
            if let Some((_, id)) = resource.nested_stack() {
                paths.prefixes.insert(id, format!("{path}/"));
            }
            paths.types.insert(path, resource.resource_type.into());
        }
        paths
    }
}

/// Paths in the tree of nested stacks.
struct Paths {
    /// By stack ID.
    prefixes: HashMap<String, String>,
    /// By resource path.
    types: Map<String, Value>,
}

/// Repeats a request until Heat finds all of its recent writes. Under load it does not find them immediately.
async fn settled<T, F>(ask: impl Fn() -> F) -> T
where
    F: IntoFuture<Output = Result<T, Error>>,
{
    let mut tries = 0;
    loop {
        match ask().await {
            Ok(found) => return found,
            Err(error) if tries < 10 && error.is_not_found() => tries += 1,
            Err(error) => panic!("{error}"),
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

fn pending_hook(event: &Event) -> Option<String> {
    let (_, hook) = event.status_reason.split_once(" paused until Hook ")?;
    Some(hook.strip_suffix(" is cleared")?.to_owned())
}

/// Reduces previews to the names and types of resources. Other values are unchanged.
fn summary(mut told: Value) -> Value {
    for key in ["added", "deleted", "replaced", "unchanged", "updated"] {
        if let Some(changes) = told.get_mut(key) {
            let names = changes.as_array().unwrap().iter();
            let mut names: Vec<_> = names
                .map(|change| change["resource_name"].to_string())
                .collect();
            names.sort();
            *changes = names
                .into_iter()
                .map(|name| name.replace('"', ""))
                .collect();
        }
    }
    if let Some(resources) = told.get_mut("resources") {
        let mut types = Map::new();
        gather_types(resources, &mut types);
        *resources = types.into();
    }
    told
}

/// The resources of a nested stack are a list in place of the resource for the stack.
fn gather_types(resources: &Value, types: &mut Map<String, Value>) {
    for resource in resources.as_array().unwrap() {
        match resource["resource_name"].as_str() {
            Some(name) => {
                types.insert(name.to_owned(), resource["resource_type"].clone());
            }
            None => gather_types(resource, types),
        }
    }
}

/// The first line without the request ID.
fn plain(error: &str) -> String {
    let line = error.lines().next().unwrap();
    line.split(" (request req-").next().unwrap().to_owned()
}
