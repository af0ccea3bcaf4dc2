//! `/v3/projects`: lists in pages, one project, and changes of one. `/v3/auth/projects`: the caller's own.
//!
//! As Keystone 30 does it: pages are sorted by id, and a full page has a link to the next one, even if that is empty.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{Identity, Refused, error, forbidden};
use crate::sandbox::call::{self, Answer, Call};
use crate::sandbox::directory::{Project, User};
use crate::sandbox::tokens::{Scope, Token};

/// The largest page.
const MAX_PAGE: usize = 1000;

impl Identity {
    /// The projects in which the caller has a role.
    pub(super) fn own_projects(&self, call: &Call, token: &Token) -> Value {
        let user = self.directory.user(&token.user_id).into_iter();
        let projects: Vec<_> = user
            .flat_map(|user| self.directory.projects_of(user))
            .map(|project| self.project_json(call, project))
            .collect();
        let url = format!("{}/v3/auth/projects", call.base);
        json!({"projects": projects, "links": {"next": null, "self": url, "previous": null}})
    }

    pub(super) fn list_projects(&self, call: &Call) -> Result<Answer, Refused> {
        self.require_admin(call, "identity:list_projects")?;
        let query = Query::read(call)?;
        let mut found: Vec<_> = self.directory.projects().iter().collect();
        found.retain(|project| self.fits(project, &query));
        found.sort_by(|one, other| one.id.cmp(&other.id));
        if let Some(marker) = &query.marker {
            let known = self.directory.project(marker).ok_or_else(|| {
                let message = format!("Marker {marker} could not be found.");
                error(StatusCode::NOT_FOUND, "Not Found", &message)
            })?;
            found.retain(|project| project.id > known.id);
        }
        let is_full = query.limit.is_some_and(|limit| found.len() >= limit);
        found.truncate(query.limit.unwrap_or(MAX_PAGE));

        let url = format!("{}/v3/projects", call.base);
        let next = match (found.last(), query.limit) {
            (Some(last), Some(limit)) if is_full => Some(next_page(call, &url, &last.id, limit)),
            _ => None,
        };
        let own = match call.query.as_str() {
            "" => url,
            query => format!("{url}?{query}"),
        };
        let projects: Vec<_> = found.iter().map(|p| self.project_json(call, p)).collect();
        let mut shown = json!({
            "projects": projects,
            "links": {"next": next, "self": own, "previous": null},
        });
        if is_full && let Some(shown) = shown.as_object_mut() {
            shown.insert("truncated".to_owned(), true.into());
        }
        Ok(call::json(StatusCode::OK, &shown))
    }

    pub(super) fn show_project(&self, call: &Call, id: &str) -> Result<Answer, Refused> {
        let token = self.caller(call)?;
        let own = matches!(&token.scope, Scope::Project(own) if own == id);
        if !own && !self.is_admin(&token) {
            return Err(forbidden("identity:get_project"));
        }
        let project = self.known_project(id)?;
        let shown = json!({"project": self.project_json(call, project)});
        Ok(call::json(StatusCode::OK, &shown))
    }

    /// Changes `enabled` and `description`; all else is refused.
    pub(super) fn update_project(&self, call: &Call, id: &str) -> Result<Answer, Refused> {
        let body: Map<String, Value> = serde_json::from_slice(&call.body).unwrap_or_default();
        if let Some(other) = body.keys().find(|key| *key != "project") {
            return Err(bad_request(&format!(
                "Additional properties are not allowed ('{other}' was unexpected)"
            )));
        }
        let nothing = Map::new();
        let changes = match body.get("project") {
            None => &nothing,
            Some(Value::Object(changes)) => changes,
            Some(other) => return Err(wrong_type("project", other, "object")),
        };
        for (key, value) in changes {
            match (key.as_str(), value) {
                ("enabled", Value::Bool(_)) | ("description", Value::String(_)) => {}
                ("enabled", other) => return Err(wrong_type(key, other, "boolean")),
                ("description", other) => return Err(wrong_type(key, other, "string")),
                _ => {
                    return Err(bad_request(&format!(
                        "The sandbox cannot change {key} of a project."
                    )));
                }
            }
        }
        self.require_admin(call, "identity:update_project")?;
        let project = self.known_project(id)?;
        if let Some(enabled) = changes.get("enabled").and_then(Value::as_bool) {
            project.set_enabled(enabled);
        }
        if let Some(description) = changes.get("description").and_then(Value::as_str) {
            project.set_description(description);
        }
        let mut shown = self.project_json(call, project);
        if let Some(shown) = shown.as_object_mut() {
            shown.insert("extra".to_owned(), json!({}));
        }
        Ok(call::json(StatusCode::OK, &json!({"project": shown})))
    }

    fn known_project(&self, id: &str) -> Result<&Project, Refused> {
        self.directory.project(id).ok_or_else(|| {
            let message = format!("Could not find project: {id}.");
            error(StatusCode::NOT_FOUND, "Not Found", &message)
        })
    }

    fn require_admin(&self, call: &Call, action: &str) -> Result<(), Refused> {
        match self.is_admin(&*self.caller(call)?) {
            true => Ok(()),
            false => Err(forbidden(action)),
        }
    }

    /// Whether the token has the role `admin`: one without a scope has none.
    fn is_admin(&self, token: &Token) -> bool {
        let user = self.directory.user(&token.user_id);
        token.scope != Scope::Unscoped && user.is_some_and(User::is_admin)
    }

    fn fits(&self, project: &Project, query: &Query) -> bool {
        let domain = self.directory.domain_of(project);
        let is_domain = |id: &String| domain.is_some_and(|domain| domain.id == *id);
        query.name.as_ref().is_none_or(|name| *name == project.name)
            && query.domain_id.as_ref().is_none_or(is_domain)
            && query.enabled.is_none_or(|on| on == project.is_enabled())
    }

    fn project_json(&self, call: &Call, project: &Project) -> Value {
        let domain = self.directory.domain_of(project);
        let domain = domain.map(|domain| domain.id.as_str());
        json!({
            "id": project.id,
            "name": project.name,
            "domain_id": domain,
            "description": project.description(),
            "enabled": project.is_enabled(),
            "parent_id": domain,
            "is_domain": false,
            "tags": [],
            "options": {},
            "links": {"self": format!("{}/v3/projects/{}", call.base, project.id)},
        })
    }
}

/// The query of a list.
#[derive(Debug, Default)]
struct Query {
    limit: Option<usize>,
    marker: Option<String>,
    name: Option<String>,
    domain_id: Option<String>,
    enabled: Option<bool>,
}

impl Query {
    fn read(call: &Call) -> Result<Self, Refused> {
        let mut query = Self::default();
        for (key, value) in call.query_pairs() {
            match key.as_str() {
                "limit" => {
                    let limit: usize = value.parse().map_err(|_| unexpected_error())?;
                    query.limit = Some(limit.clamp(1, MAX_PAGE));
                }
                "marker" => query.marker = Some(value),
                "name" => query.name = Some(value),
                "domain_id" => query.domain_id = Some(value),
                "enabled" => {
                    let is_off = ["0", "false", "no", "off", "n"];
                    query.enabled = Some(!is_off.contains(&value.to_lowercase().as_str()));
                }
                _ => {
                    return Err(bad_request(&format!(
                        "The sandbox does not know the query parameter {key}."
                    )));
                }
            }
        }
        Ok(query)
    }
}

/// The URL of the page after the project `last`.
fn next_page(call: &Call, url: &str, last: &str, limit: usize) -> String {
    let pairs = call.query_pairs();
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (key, value) in &pairs {
        match key.as_str() {
            "marker" => query.append_pair(key, last),
            "limit" => query.append_pair(key, &limit.to_string()),
            _ => query.append_pair(key, value),
        };
    }
    if !pairs.iter().any(|(key, _)| key == "marker") {
        query.append_pair("marker", last);
    }
    format!("{url}?{}", query.finish())
}

fn wrong_type(key: &str, value: &Value, expected: &str) -> Refused {
    bad_request(&format!(
        "Invalid input for field/attribute {key}. Value: {value}. {value} is not of type '{expected}'"
    ))
}

fn bad_request(message: &str) -> Refused {
    error(StatusCode::BAD_REQUEST, "Bad Request", message)
}

fn unexpected_error() -> Refused {
    error(
        StatusCode::INTERNAL_SERVER_ERROR,
        "Internal Server Error",
        "An unexpected error prevented the server from fulfilling your request.",
    )
}
