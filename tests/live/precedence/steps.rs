//! One command of a row, and what can be seen of it afterwards.

use std::collections::HashMap;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use futures::StreamExt as _;
use heatclient::Error;
use heatclient::heat::{Action, Event};
use http::Method;
use serde_json::{Map, Value, json};
use tokio::process::Command;

use super::requests::{self, Done};
use crate::suite::Cloud;

pub(super) const MINUTE: Duration = Duration::from_secs(60);
const DEPTH: u32 = 4;

/// By what a command is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Driver {
    Library,
    Tool,
}

/// A stack and the directory of the row's documents.
pub(super) struct Stage<'a> {
    cloud: &'a Cloud,
    driver: Driver,
    name: &'a str,
    directory: &'a Path,
}

impl<'a> Stage<'a> {
    pub(super) fn new(
        cloud: &'a Cloud,
        driver: Driver,
        name: &'a str,
        directory: &'a Path,
    ) -> Self {
        Self {
            cloud,
            driver,
            name,
            directory,
        }
    }

    /// Carries out a command, and tells what there is then:
    ///
    /// - `error`, in one line, or
    /// - of a stack: `status`, `parameters`, `outputs`, `environment`, `files` (names), `resources` (types, by
    ///   path), `hooks` that were pending and had to be cleared, such as `pre-create group/0`;
    /// - of a preview: `parameters`, `resources` (types);
    /// - of an update's preview: names of `added`, `deleted`, `replaced`, `unchanged`, `updated`;
    /// - of a validation: what Heat answers.
    pub(super) async fn step(&self, line: &str) -> Value {
        let done = match self.driver {
            Driver::Library => requests::perform(&self.cloud.heat, self.name, line, self.directory)
                .await
                .map_err(|error| error.to_string()),
            Driver::Tool => self.run(line).await,
        };
        let seen = match done {
            Ok(Done::Began(action)) => self.read_back(action).await,
            Ok(Done::Told(told)) => summary(told),
            Err(error) => json!({"error": plain(&error)}),
        };
        // The same wherever it runs.
        let text = seen.to_string();
        let directory = self.directory.display();
        let text = text.replace(&format!("file://{directory}/"), "");
        let text = text.replace(&format!("{directory}/"), "");
        serde_json::from_str(&text.replace(self.name, "NAME")).unwrap()
    }

    /// Runs the tool; its answers are those of previews and validations only.
    async fn run(&self, line: &str) -> Result<Done, String> {
        let words = line.split_whitespace();
        let words = words.map(|word| if word == "NAME" { self.name } else { word });
        let output = Command::new(env!("CARGO_BIN_EXE_heat"))
            .args(words.chain(["-f", "json"]))
            .current_dir(self.directory)
            .env_clear()
            .envs([
                ("OS_AUTH_URL", self.cloud.facts.auth_url.as_str()),
                ("OS_USERNAME", "demo"),
                ("OS_PASSWORD", "demo"),
                ("OS_PROJECT_NAME", "demo"),
                ("OS_USER_DOMAIN_NAME", "Default"),
                ("OS_PROJECT_DOMAIN_NAME", "Default"),
            ])
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .unwrap();
        if !output.status.success() {
            let error = String::from_utf8(output.stderr).unwrap();
            let lines = error.lines();
            let error = lines.filter_map(|line| line.strip_prefix("ERROR: ")).next();
            return Err(error.unwrap().to_owned());
        }
        let action = match line.split_whitespace().nth(1).unwrap() {
            "create" => Action::Create,
            "adopt" => Action::Adopt,
            _ => Action::Update,
        };
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        let is_told = line.contains("--dry-run") || line.starts_with("orchestration");
        Ok(if is_told {
            Done::Told(told)
        } else {
            Done::Began(action)
        })
    }

    /// Waits until the stack is done, clearing all hooks, and tells what has become of it.
    async fn read_back(&self, action: Action) -> Value {
        let stacks = self.cloud.heat.stacks();
        let wait = stacks.wait(self.name, action).timeout(MINUTE);
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
        let stack = settled(|| stacks.get_with(self.name)).await;
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
        // Outer ones first, since an inner one's path begins with theirs.
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

/// Where in the tree of nested stacks things are.
struct Paths {
    /// By the ids of stacks.
    prefixes: HashMap<String, String>,
    /// By paths of resources.
    types: Map<String, Value>,
}

/// What Heat tells once it has found all parts of what it has just written; under load it does not at once.
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

/// Of previews the names and types of resources, the rest as it is.
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

/// Resources of nested stacks are a list in the place of the one that is the stack.
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

/// The first line without the request's id.
fn plain(error: &str) -> String {
    let line = error.lines().next().unwrap();
    line.split(" (request req-").next().unwrap().to_owned()
}
