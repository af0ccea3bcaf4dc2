//! Keystone: versions, tokens and catalog.

mod factors;
mod login;
mod oauth2;
mod projects;

use std::sync::Arc;

use http::header::{ALLOW, VARY, WWW_AUTHENTICATE};
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use self::factors::Receipts;
pub(super) use self::factors::TOTP_SECRET;
use super::call::{self, Answer, Call, X_AUTH_TOKEN, X_SUBJECT_TOKEN};
use super::directory::{Directory, Domain, User};
use super::stack_users::StackUsers;
use super::tokens::{Scope, Token, Tokens};
use super::{Addresses, REGION, clock, hex_id};

const NEEDS_AUTHENTICATION: &str = "The request you have made requires authentication.";
const TOKENS_ALLOW: &str = "DELETE, OPTIONS, POST, HEAD, GET";
const STACK_USER_ROLE: &str = "heat_stack_user";
const BY_APPLICATION_CREDENTIAL: &str = "application_credential";

#[derive(Debug)]
pub(super) struct Identity {
    pub(super) directory: Directory,
    pub(super) tokens: Arc<Tokens>,
    receipts: Receipts,
    stack_users: Arc<StackUsers>,
    auth_url: String,
    services: Vec<CatalogService>,
}

#[derive(Debug)]
struct CatalogService {
    kind: &'static str,
    name: &'static str,
    id: String,
    endpoint_ids: [(&'static str, String); 3],
    url: String,
    /// Whether the URL ends with the id of the token's project.
    per_project: bool,
}

/// An error answer.
type Refused = Box<Answer>;

impl Identity {
    pub(super) fn new(
        directory: Directory,
        addresses: Addresses,
        tokens: Arc<Tokens>,
        stack_users: Arc<StackUsers>,
    ) -> Self {
        let service = |kind, name, url: String, per_project| CatalogService {
            kind,
            name,
            id: hex_id(),
            endpoint_ids: ["public", "internal", "admin"].map(|interface| (interface, hex_id())),
            url,
            per_project,
        };
        let orchestration = format!("http://{}", addresses.orchestration);
        Self {
            directory,
            tokens,
            receipts: Receipts::default(),
            stack_users,
            auth_url: addresses.auth_url(),
            services: vec![
                service("identity", "keystone", addresses.auth_url(), false),
                service("orchestration", "heat", format!("{orchestration}/v1"), true),
                service(
                    "cloudformation",
                    "heat-cfn",
                    format!("{orchestration}/cfn/v1"),
                    false,
                ),
            ],
        }
    }

    /// The URL without its version.
    pub(super) fn root_url(&self) -> &str {
        self.auth_url.trim_end_matches("/v3")
    }

    pub(super) fn respond(&self, call: &Call) -> Answer {
        let mut answer = self.route(call).unwrap_or_else(|refused| *refused);
        answer
            .headers_mut()
            .insert(VARY, http::HeaderValue::from_name(X_AUTH_TOKEN));
        call::stamp_request_id(&mut answer);
        answer
    }

    fn route(&self, call: &Call) -> Result<Answer, Refused> {
        let method = &call.method;
        let read = matches!(*method, Method::GET | Method::HEAD);
        match call.path.as_str() {
            "/" | "" if read => {
                let mut answer = call::json(
                    StatusCode::MULTIPLE_CHOICES,
                    &json!({"versions": {"values": [version(call)]}}),
                );
                call::locate(&mut answer, &format!("{}/v3/", call.base));
                Ok(answer)
            }
            "/v3" | "/v3/" if read => Ok(call::json(
                StatusCode::OK,
                &json!({"version": version(call)}),
            )),
            "/v3/auth/tokens" => match *method {
                Method::POST => self.login(call),
                Method::GET | Method::HEAD => self.validate(call),
                Method::DELETE => self.revoke(call),
                _ => Ok(wrong_method(TOKENS_ALLOW)),
            },
            "/v3/auth/catalog" if read => {
                let token = self.caller(call)?;
                let links = json!({"self": format!("{}/v3/auth/catalog", call.base)});
                let catalog = self.catalog(&token.scope);
                Ok(call::json(
                    StatusCode::OK,
                    &json!({"catalog": catalog, "links": links}),
                ))
            }
            "/v3/auth/projects" if read => {
                let token = self.caller(call)?;
                Ok(call::json(StatusCode::OK, &self.own_projects(call, &token)))
            }
            "/v3/OS-OAUTH2/token" if *method == Method::POST => self.access_token(call),
            "/v3/projects" if read => self.list_projects(call),
            "/" | "" | "/v3" | "/v3/" | "/v3/auth/catalog" | "/v3/auth/projects" => {
                Ok(wrong_method("OPTIONS, HEAD, GET"))
            }
            path => match path.strip_prefix("/v3/projects/") {
                Some(id) if !id.is_empty() && !id.contains('/') => match *method {
                    Method::GET | Method::HEAD => self.show_project(call, id),
                    Method::PATCH => self.update_project(call, id),
                    _ => Ok(unknown_path()),
                },
                _ => Ok(unknown_path()),
            },
        }
    }

    /// The token with this id, if it is valid now: that of a disabled project is not.
    pub(super) fn find_token(&self, id: &str) -> Option<Arc<Token>> {
        let token = self.tokens.find(id)?;
        let disabled = match &token.scope {
            Scope::Project(id) => self.directory.project(id).is_some_and(|p| !p.is_enabled()),
            Scope::Unscoped | Scope::System => false,
        };
        (!disabled).then_some(token)
    }

    /// The token of a request.
    fn caller(&self, call: &Call) -> Result<Arc<Token>, Refused> {
        call.header(&X_AUTH_TOKEN)
            .and_then(|id| self.find_token(id))
            .ok_or_else(|| self.unauthorized())
    }

    /// The token in `X-Subject-Token`, if the caller may see it.
    fn subject(&self, call: &Call, action: &str) -> Result<Arc<Token>, Refused> {
        let caller = self.caller(call)?;
        let forbidden = || forbidden(action);
        let id = call.header(&X_SUBJECT_TOKEN).ok_or_else(forbidden)?;
        let subject = self.find_token(id).ok_or_else(|| unknown_token(id))?;
        let admin = self
            .directory
            .user(&caller.user_id)
            .is_some_and(User::is_admin);
        if admin || caller.user_id == subject.user_id {
            Ok(subject)
        } else {
            Err(forbidden())
        }
    }

    fn validate(&self, call: &Call) -> Result<Answer, Refused> {
        let token = self.subject(call, "identity:validate_token")?;
        Ok(self.show(StatusCode::OK, &token, call))
    }

    fn revoke(&self, call: &Call) -> Result<Answer, Refused> {
        let token = self.subject(call, "identity:revoke_token")?;
        self.tokens.revoke(&token);
        Ok(call::empty(StatusCode::NO_CONTENT))
    }

    fn show(&self, status: StatusCode, token: &Token, call: &Call) -> Answer {
        let with_catalog = !call.query_pairs().iter().any(|(key, _)| key == "nocatalog");
        let mut answer = call::json(status, &json!({"token": self.token(token, with_catalog)}));
        call::set(&mut answer, X_SUBJECT_TOKEN, &token.id);
        answer
    }

    fn token(&self, token: &Token, with_catalog: bool) -> Value {
        let user = self.directory.user(&token.user_id);
        let stack_user = self.stack_users.find(&token.user_id);
        let mut shown = Map::new();
        let mut put = |key: &str, value: Value| shown.insert(key.to_owned(), value);
        put("methods", json!(token.methods));
        put(
            "user",
            json!({
                "domain": match &stack_user {
                    Some(_) => Some(self.stack_users.domain_json()),
                    None => user.and_then(|user| self.directory.domain_of_user(user)).map(Domain::to_json),
                },
                "id": token.user_id,
                "name": user.map(|user| user.name.as_str()).or_else(|| stack_user.as_ref().map(|user| &*user.name)),
                "password_expires_at": null,
            }),
        );
        put("audit_ids", json!(token.audit_ids));
        if let Some(trust) = token.trust.as_ref().map(|_| &self.directory.trust) {
            put(
                "OS-TRUST:trust",
                json!({
                    "id": trust.id,
                    "trustor_user": {"id": trust.trustor_id},
                    "trustee_user": {"id": trust.trustee_id},
                    "impersonation": true,
                }),
            );
        }
        put("expires_at", clock::micros(token.expires).into());
        put("issued_at", clock::micros(token.issued).into());
        let roles = match &stack_user {
            Some(_) => Some(json!([{"id": STACK_USER_ROLE, "name": STACK_USER_ROLE}])),
            None => user.map(|user| self.directory.roles_json(user)),
        };
        match &token.scope {
            Scope::Unscoped => return Value::Object(shown),
            Scope::Project(id) => {
                let project = self.directory.project(id);
                put(
                    "project",
                    json!({
                        "domain": project
                            .and_then(|project| self.directory.domain_of(project))
                            .map(Domain::to_json),
                        "id": id,
                        "name": project.map(|project| project.name.as_str()),
                    }),
                );
                put("is_domain", false.into());
                put("roles", json!(roles));
            }
            Scope::System => {
                put("roles", json!(roles));
                put("system", json!({"all": true}));
            }
        }
        if with_catalog {
            put("catalog", self.catalog(&token.scope));
        }
        if token.methods.contains(&BY_APPLICATION_CREDENTIAL) {
            let credential = &self.directory.application_credential;
            put(
                BY_APPLICATION_CREDENTIAL,
                json!({"id": credential.id, "name": credential.name, "restricted": true}),
            );
        }
        Value::Object(shown)
    }

    fn catalog(&self, scope: &Scope) -> Value {
        self.services
            .iter()
            .map(|service| {
                let url = match scope {
                    Scope::Project(id) if service.per_project => {
                        Some(format!("{}/{id}", service.url))
                    }
                    _ if service.per_project => None,
                    _ => Some(service.url.clone()),
                };
                let endpoints: Vec<_> = url
                    .iter()
                    .flat_map(|url| {
                        service.endpoint_ids.iter().map(move |(interface, id)| {
                            json!({
                                "id": id,
                                "interface": interface,
                                "region_id": REGION,
                                "url": url,
                                "region": REGION,
                            })
                        })
                    })
                    .collect();
                json!({
                    "endpoints": endpoints,
                    "id": service.id,
                    "type": service.kind,
                    "name": service.name,
                })
            })
            .collect()
    }

    fn unauthorized(&self) -> Refused {
        self.refused(&json!({
            "code": 401,
            "message": NEEDS_AUTHENTICATION,
            "title": "Unauthorized",
        }))
    }

    fn refused(&self, error: &Value) -> Refused {
        let mut answer = call::json(StatusCode::UNAUTHORIZED, &json!({"error": error}));
        let challenge = format!("Keystone uri=\"{}\"", self.auth_url);
        call::set(&mut answer, WWW_AUTHENTICATE, &challenge);
        Box::new(answer)
    }
}

fn version(call: &Call) -> Value {
    json!({
        "id": "v3.14",
        "status": "stable",
        "updated": "2020-04-07T00:00:00Z",
        "links": [{"rel": "self", "href": format!("{}/v3/", call.base)}],
        "media-types": [{
            "base": "application/json",
            "type": "application/vnd.openstack.identity-v3+json",
        }],
    })
}

fn expected(what: &str, place: &str) -> Refused {
    let message = format!(
        "Expecting to find {what} in {place}. The server could not comply with the request since \
         it is either malformed or otherwise incorrect. The client is assumed to be in error."
    );
    error(StatusCode::BAD_REQUEST, "Bad Request", &message)
}

fn unknown_token(id: &str) -> Refused {
    let message = if id.starts_with("gAAAAA") {
        "Failed to validate token"
    } else {
        "Could not recognize Fernet token"
    };
    error(StatusCode::NOT_FOUND, "Not Found", message)
}

fn forbidden(action: &str) -> Refused {
    let message = format!("You are not authorized to perform the requested action: {action}.");
    error(StatusCode::FORBIDDEN, "Forbidden", &message)
}

fn error(status: StatusCode, title: &str, message: &str) -> Refused {
    let error = json!({"code": status.as_u16(), "message": message, "title": title});
    Box::new(call::json(status, &json!({"error": error})))
}

fn unknown_path() -> Answer {
    call::text(
        StatusCode::NOT_FOUND,
        "text/html; charset=utf-8",
        "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n\
         <p>The requested URL was not found on the server. If you entered the URL manually \
         please check your spelling and try again.</p>\n"
            .to_owned(),
    )
}

fn wrong_method(allow: &str) -> Answer {
    let mut answer = call::json(
        StatusCode::METHOD_NOT_ALLOWED,
        &json!({"message": "The method is not allowed for the requested URL."}),
    );
    call::set(&mut answer, ALLOW, allow);
    answer
}

fn text<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    object.get(key).and_then(Value::as_str)
}
