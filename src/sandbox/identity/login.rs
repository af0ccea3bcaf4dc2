//! `POST /v3/auth/tokens`: the user, the authentication methods and the scope.

use std::sync::Arc;

use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value, json};

use super::{BY_APPLICATION_CREDENTIAL, Identity, Refused, error, expected, text, unknown_token};
use crate::sandbox::call::{Answer, Call};
use crate::sandbox::directory::{Domain, Project, User};
use crate::sandbox::tokens::{Scope, Token};

const METHODS: [&str; 4] = ["password", "token", "totp", BY_APPLICATION_CREDENTIAL];

impl Identity {
    pub(super) fn login(&self, call: &Call) -> Result<Answer, Refused> {
        let content_type = call.header(&CONTENT_TYPE).unwrap_or("application/json");
        if !content_type.starts_with("application/json") {
            return Err(expected("application/json", "Content-Type header"));
        }
        let body = if call.body.is_empty() {
            Value::Object(Map::new())
        } else {
            serde_json::from_slice(&call.body).unwrap_or(Value::Null)
        };
        let Value::Object(body) = body else {
            return Err(expected("valid JSON", "request body"));
        };
        let auth = body
            .get("auth")
            .ok_or_else(|| expected("auth", "request body"))?;
        let identity = required(auth, "identity", "")?;
        let methods = required(identity, "methods", "Invalid input for field 'identity': ")?;
        let methods: Vec<_> = methods
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        if let Some(answer) = self.login_of_stack_user(call, identity, &methods) {
            return answer;
        }
        let login = self.check_methods(identity, &methods)?;
        let methods = METHODS.into_iter().filter(|known| methods.contains(known));
        let methods = self.all_methods(call, login.user, &methods.collect::<Vec<_>>())?;
        let wanted = auth.get("scope");
        let trust = wanted.and_then(|scope| scope.get("OS-TRUST:trust"));
        let (user_id, scope, trust) = match trust {
            Some(trust) => self.trusted(trust, login.user)?,
            None => (&login.user.id, self.scope(wanted, &login)?, None),
        };
        let parent = login.parent.as_deref();
        let token = self.tokens.issue(user_id, scope, &methods, parent, trust);
        Ok(self.show(StatusCode::CREATED, &token, call))
    }

    /// The login of a user that Heat made for a resource; `None` for other users.
    fn login_of_stack_user(
        &self,
        call: &Call,
        identity: &Value,
        methods: &[&str],
    ) -> Option<Result<Answer, Refused>> {
        let given = identity.pointer("/password/user")?;
        let user = self
            .stack_users
            .of_login(given)
            .filter(|_| methods == ["password"])?;
        if text(given, "password") != Some(&user.password) {
            return Some(Err(self.unauthorized()));
        }
        let scope = Scope::Project(user.project.clone());
        let token = self
            .tokens
            .issue(&user.id, scope, &["password"], None, None);
        Some(Ok(self.show(StatusCode::CREATED, &token, call)))
    }

    /// Checks every method of a login. The last one determines the user.
    fn check_methods(&self, identity: &Value, methods: &[&str]) -> Result<Login<'_>, Refused> {
        if let Some(unknown) = methods.iter().find(|method| !METHODS.contains(method)) {
            tracing::debug!(
                method = unknown,
                "the sandbox does not support this auth method"
            );
            return Err(self.refused(&json!({
                "code": 401,
                "identity": {"methods": METHODS},
                "message": "Attempted to authenticate with an unsupported method.",
                "title": "Unauthorized",
            })));
        }
        let mut proven: Option<Login<'_>> = None;
        for method in methods {
            let payload = identity
                .get(method)
                .ok_or_else(|| expected(method, "identity"))?;
            let login = match *method {
                "password" => self.by_password(payload)?,
                "token" => self.by_token(payload)?,
                "totp" => Login::of(self.by_totp(payload)?),
                _ => self.by_application_credential(payload)?,
            };
            if proven.is_some_and(|earlier| earlier.user.id != login.user.id) {
                return Err(self.unauthorized());
            }
            proven = Some(login);
        }
        proven
            .filter(|login| login.user.enabled)
            .ok_or_else(|| self.unauthorized())
    }

    fn by_password(&self, payload: &Value) -> Result<Login<'_>, Refused> {
        let user = payload
            .get("user")
            .ok_or_else(|| expected("user", "password"))?;
        let found = self.find_user(user)?;
        let password = user.get("password").and_then(Value::as_str);
        match found {
            Some(found) if password == Some(found.password()) => Ok(Login::of(found)),
            _ => Err(self.unauthorized()),
        }
    }

    fn by_token(&self, payload: &Value) -> Result<Login<'_>, Refused> {
        let id = text(payload, "id").ok_or_else(|| expected("id", "token"))?;
        let parent = self.find_token(id).ok_or_else(|| unknown_token(id))?;
        let user = self
            .directory
            .user(&parent.user_id)
            .ok_or_else(|| self.unauthorized())?;
        Ok(Login {
            parent: Some(parent),
            ..Login::of(user)
        })
    }

    fn by_application_credential(&self, payload: &Value) -> Result<Login<'_>, Refused> {
        let known = &self.directory.application_credential;
        let name = match (text(payload, "id"), text(payload, "name")) {
            (Some(id), _) if id == known.id => Ok(()),
            (Some(id), _) => Err(id),
            (None, Some(name)) => {
                let user = payload
                    .get("user")
                    .ok_or_else(|| expected("user", BY_APPLICATION_CREDENTIAL))?;
                let owner = self.find_user(user)?.ok_or_else(|| self.unauthorized())?;
                if name == known.name && owner.name == "demo" {
                    Ok(())
                } else {
                    Err(name)
                }
            }
            (None, None) => return Err(expected("id", BY_APPLICATION_CREDENTIAL)),
        };
        if let Err(name) = name {
            let message = format!("Could not find Application Credential: {name}.");
            return Err(error(StatusCode::NOT_FOUND, "Not Found", &message));
        }
        let user = self
            .directory
            .credentials_of("demo")
            .and_then(|demo| self.directory.user(&demo.user_id))
            .filter(|_| text(payload, "secret") == Some(known.secret.as_str()))
            .ok_or_else(|| self.unauthorized())?;
        let project = self.directory.projects_of(user).next();
        Ok(Login {
            fixed_project: project,
            ..Login::of(user)
        })
    }

    /// The user whom a trustee acts for, the scope and the id of the trust.
    fn trusted(
        &self,
        wanted: &Value,
        trustee: &User,
    ) -> Result<(&String, Scope, Option<String>), Refused> {
        let id = text(wanted, "id").ok_or_else(|| expected("trust_id", "trust"))?;
        let trust = &self.directory.trust;
        if id != trust.id {
            return Err(self.unauthorized());
        }
        if trustee.id != trust.trustee_id {
            let message = "You are not authorized to perform the requested action.";
            return Err(error(StatusCode::FORBIDDEN, "Forbidden", message));
        }
        let scope = Scope::Project(trust.project_id.clone());
        Ok((&trust.trustor_id, scope, Some(trust.id.clone())))
    }

    /// The user of a login, by id or by name and domain.
    pub(super) fn find_user(&self, user: &Value) -> Result<Option<&User>, Refused> {
        if let Some(id) = text(user, "id") {
            return Ok(self.directory.user(id));
        }
        let name = text(user, "name").ok_or_else(|| expected("id or name", "user"))?;
        let domain = self.find_domain(user, "user")?;
        Ok(domain.and_then(|domain| self.directory.user_in(domain, name)))
    }

    fn find_domain(&self, owner: &Value, what: &str) -> Result<Option<&Domain>, Refused> {
        let domain = owner
            .get("domain")
            .ok_or_else(|| expected("domain", what))?;
        Ok(self
            .directory
            .domain(text(domain, "id"), text(domain, "name")))
    }

    fn scope(&self, wanted: Option<&Value>, login: &Login<'_>) -> Result<Scope, Refused> {
        let scope = self.wanted_scope(wanted, login)?;
        match &scope {
            Scope::Project(id) if self.directory.project(id).is_some_and(|p| !p.is_enabled()) => {
                Err(self.unauthorized())
            }
            _ => Ok(scope),
        }
    }

    fn wanted_scope(&self, wanted: Option<&Value>, login: &Login<'_>) -> Result<Scope, Refused> {
        if let Some(project) = login.fixed_project {
            return match wanted {
                None => Ok(Scope::Project(project.id.clone())),
                Some(_) => Err(self.refused(&json!({
                    "code": 401,
                    "identity": {},
                    "message": "Error authenticating with application credential: \
                                Application credentials cannot request a scope.",
                    "title": "Unauthorized",
                }))),
            };
        }
        let Some(wanted) = wanted else {
            let mut projects = self.directory.projects_of(login.user);
            let default = projects.next().filter(|_| !login.user.has_totp);
            return Ok(default.map_or(Scope::Unscoped, |project| {
                Scope::Project(project.id.clone())
            }));
        };
        if wanted.as_str() == Some("unscoped") || wanted.get("unscoped").is_some() {
            return Ok(Scope::Unscoped);
        }
        if let Some(project) = wanted.get("project") {
            let found = match text(project, "id") {
                Some(id) => self.directory.project(id),
                None => {
                    let name =
                        text(project, "name").ok_or_else(|| expected("id or name", "project"))?;
                    self.find_domain(project, "project")?
                        .and_then(|domain| self.directory.project_in(domain, name))
                }
            };
            return found
                .filter(|project| login.user.has_role_in(project))
                .map(|project| Scope::Project(project.id.clone()))
                .ok_or_else(|| self.unauthorized());
        }
        // No user has a role on a domain.
        if wanted.get("system").is_some() && login.user.is_admin() {
            Ok(Scope::System)
        } else {
            Err(self.unauthorized())
        }
    }
}

/// An authenticated user.
#[derive(Debug)]
struct Login<'a> {
    user: &'a User,
    /// The token that authenticated the user.
    parent: Option<Arc<Token>>,
    /// The project of the application credential.
    fixed_project: Option<&'a Project>,
}

impl<'a> Login<'a> {
    fn of(user: &'a User) -> Self {
        Self {
            user,
            parent: None,
            fixed_project: None,
        }
    }
}

fn required<'a>(object: &'a Value, key: &str, prefix: &str) -> Result<&'a Value, Refused> {
    object.get(key).ok_or_else(|| {
        let message = format!("{prefix}'{key}' is a required property");
        error(StatusCode::BAD_REQUEST, "Bad Request", &message)
    })
}
