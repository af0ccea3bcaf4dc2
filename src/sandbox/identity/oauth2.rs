//! `POST /v3/OS-OAUTH2/token`: access tokens for application credentials.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use http::header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE};
use serde_json::json;

use super::{BY_APPLICATION_CREDENTIAL, Identity, NEEDS_AUTHENTICATION, Refused};
use crate::sandbox::call::{self, Answer, Call};
use crate::sandbox::clock;
use crate::sandbox::tokens::Scope;

impl Identity {
    pub(super) fn access_token(&self, call: &Call) -> Result<Answer, Refused> {
        let form = match call.header(&CONTENT_TYPE) {
            Some("application/x-www-form-urlencoded") => &call.body[..],
            _ => &[],
        };
        let mut fields = url::form_urlencoded::parse(form);
        let grant = fields.find(|(key, _)| key == "grant_type");
        let bad = |error: &str, what: &str| oauth_error(StatusCode::BAD_REQUEST, error, what);
        let Some((id, secret)) = basic(call) else {
            return Err(self.invalid_client("Client authentication failed."));
        };
        match grant {
            None => {
                return Err(bad(
                    "invalid_request",
                    "The parameter grant_type is required.",
                ));
            }
            Some((_, grant)) if grant != "client_credentials" => {
                let what = format!("The parameter grant_type {grant} is not supported.");
                return Err(bad("unsupported_grant_type", &what));
            }
            Some(_) => {}
        }
        let known = &self.directory.application_credential;
        if id != known.id {
            let what = "An unknown error occurred and failed to get an OAuth2.0 access token.";
            return Err(oauth_error(StatusCode::NOT_FOUND, "other_error", what));
        }
        let demo = self.directory.credentials_of("demo");
        let Some(demo) = demo.filter(|_| secret == known.secret) else {
            return Err(self.invalid_client(NEEDS_AUTHENTICATION));
        };
        let scope = Scope::Project(demo.project_id);
        let methods = [BY_APPLICATION_CREDENTIAL];
        let token = self
            .tokens
            .issue(&demo.user_id, scope, &methods, None, None);
        let life = token.expires.duration_since(clock::now());
        let granted = json!({
            "access_token": token.id,
            "expires_in": life.as_secs_f64().round() as i64,
            "token_type": "Bearer",
        });
        Ok(call::json(StatusCode::OK, &granted))
    }

    fn invalid_client(&self, what: &str) -> Refused {
        let mut refused = oauth_error(StatusCode::UNAUTHORIZED, "invalid_client", what);
        let challenge = format!("Keystone uri=\"{}\"", self.auth_url);
        call::set(&mut refused, WWW_AUTHENTICATE, &challenge);
        refused
    }
}

/// User and password of HTTP Basic.
fn basic(call: &Call) -> Option<(String, String)> {
    let encoded = call.header(&AUTHORIZATION)?.strip_prefix("Basic ")?;
    let text = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

fn oauth_error(status: StatusCode, error: &str, what: &str) -> Refused {
    let body = json!({"error": error, "error_description": what});
    Box::new(call::json(status, &body))
}
