//! Keystone's users for resources that take signals. Heat creates one for each, in a domain of its own.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::tokens::{Scope, Tokens};
use super::{Addresses, hex_id, lock};

/// The name of the domain.
pub(super) const DOMAIN: &str = "heat";

/// All users of resources.
#[derive(Debug)]
pub(super) struct StackUsers {
    addresses: Addresses,
    tokens: Arc<Tokens>,
    domain_id: String,
    users: Mutex<HashMap<String, Arc<StackUser>>>,
}

/// The user of a resource.
pub(super) struct StackUser {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) password: String,
    /// The id of the stack's project for such users.
    pub(super) project: String,
    /// The key pair for signed URLs.
    pub(super) access_key: String,
    pub(super) secret_key: String,
}

impl fmt::Debug for StackUser {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("StackUser")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl StackUsers {
    pub(super) fn new(addresses: Addresses, tokens: Arc<Tokens>) -> Self {
        Self {
            addresses,
            tokens,
            domain_id: hex_id(),
            users: Mutex::default(),
        }
    }

    pub(super) fn add(&self, name: &str, project: &str) -> Arc<StackUser> {
        let user = Arc::new(StackUser {
            id: hex_id(),
            name: name.to_owned(),
            password: hex_id(),
            project: project.to_owned(),
            access_key: hex_id(),
            secret_key: hex_id(),
        });
        lock(&self.users).insert(user.id.clone(), Arc::clone(&user));
        user
    }

    pub(super) fn remove(&self, id: &str) {
        lock(&self.users).remove(id);
    }

    pub(super) fn find(&self, id: &str) -> Option<Arc<StackUser>> {
        lock(&self.users).get(id).map(Arc::clone)
    }

    /// The user whose name and domain, or id, a login names.
    pub(super) fn of_login(&self, user: &Value) -> Option<Arc<StackUser>> {
        if let Some(id) = user.get("id").and_then(Value::as_str) {
            return self.find(id);
        }
        let domain = user.get("domain")?;
        let is_ours = domain.get("id").is_some_and(|id| *id == self.domain_id)
            || domain.get("name").is_some_and(|name| name == DOMAIN);
        let name = user.get("name").filter(|_| is_ours)?;
        let users = lock(&self.users);
        users
            .values()
            .find(|user| *name == user.name)
            .map(Arc::clone)
    }

    pub(super) fn by_access_key(&self, key: &str) -> Option<Arc<StackUser>> {
        let users = lock(&self.users);
        users
            .values()
            .find(|user| user.access_key == key)
            .map(Arc::clone)
    }

    /// A token for the user, scoped to the project of the stack's users.
    pub(super) fn token(&self, user: &StackUser) -> String {
        let scope = Scope::Project(user.project.clone());
        self.tokens
            .issue(&user.id, scope, &["password"], None, None)
            .id
            .clone()
    }

    pub(super) fn domain_json(&self) -> Value {
        json!({"id": self.domain_id, "name": DOMAIN})
    }

    /// The URL of Heat's API, with its version.
    pub(super) fn orchestration_url(&self) -> String {
        format!("http://{}/v1", self.addresses.orchestration)
    }

    /// The URL of the CloudFormation API, with its version.
    pub(super) fn cloudformation_url(&self) -> String {
        format!("http://{}/cfn/v1", self.addresses.orchestration)
    }

    /// What a user needs to log in.
    pub(super) fn credentials(&self, user: &StackUser) -> serde_json::Map<String, Value> {
        let credentials = json!({
            "auth_url": format!("{}/", self.addresses.auth_url()),
            "username": user.name,
            "user_id": user.id,
            "password": user.password,
            "project_id": user.project,
            "domain_id": self.domain_id,
            "region_name": super::REGION,
        });
        match credentials {
            Value::Object(credentials) => credentials,
            _ => serde_json::Map::new(),
        }
    }
}
