//! Many stacks at once, for tests of long lists.

use std::sync::Arc;

use serde_json::{Map, json};

use super::Heat;
use super::environment::Environment;
use super::error::Refusal;
use super::stack::{Action, State, Status};
use super::stacks;

impl Heat {
    /// Adds stacks of an empty template, which share their settings. The error is a message.
    pub(in crate::sandbox) fn fill(
        &self,
        project: &str,
        owner: &str,
        count: usize,
    ) -> Result<(), String> {
        let template = Map::from_iter([("heat_template_version".to_owned(), json!("2021-04-16"))]);
        let settings = stacks::settings(template, Environment::default());
        let settings = Arc::new(settings.map_err(Refusal::into_message)?);
        for number in 0..count {
            let name = format!("filled-{number}");
            let state = State {
                action: Action::Create,
                status: Status::Complete,
                reason: "Stack CREATE completed successfully".to_owned(),
                ..State::new(Arc::clone(&settings), Vec::new(), true, None)
            };
            let added = self.store.add(&name, project, owner, None, state);
            added.map_err(Refusal::into_message)?;
        }
        Ok(())
    }
}
