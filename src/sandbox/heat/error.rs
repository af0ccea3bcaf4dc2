//! Heat's errors, in the format of its fault middleware.

use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::sandbox::call::{self, Answer};

/// The reason for a refused request: Heat's exception type, its message and the status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    status: StatusCode,
    kind: &'static str,
    /// `None` for unexpected exceptions, whose text Heat does not show.
    message: Option<String>,
}

pub(super) type Result<T, E = Refusal> = std::result::Result<T, E>;

impl Refusal {
    pub(super) fn new(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            kind,
            message: Some(message.into()),
        }
    }

    /// An error of Heat's API layer.
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "HTTPBadRequest", message)
    }

    /// The error for a body that is malformed.
    pub(super) fn malformed() -> Self {
        Self::bad_request(explanation(StatusCode::BAD_REQUEST))
    }

    /// An error of Heat's engine about a template, a name or a parameter.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "StackValidationFailed", message)
    }

    pub(super) fn bad(kind: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, kind, message)
    }

    /// An unexpected exception, whose text Heat does not show.
    pub(super) const fn hidden(kind: &'static str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            kind,
            message: None,
        }
    }

    /// A defect of Heat: an unexpected exception of its engine, whose text Heat does not show.
    pub(super) const fn unexpected(kind: &'static str) -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            kind,
            message: None,
        }
    }

    /// A resource type whose service the cloud does not have.
    pub(super) fn unavailable(service: &str, name: &str, reason: &str) -> Self {
        let message = format!(
            "HEAT-E99001 Service {service} is not available for resource type {name}, reason: {reason}"
        );
        Self::bad("ResourceTypeUnavailable", message)
    }

    pub(super) fn no_stack(name: &str) -> Self {
        let message = format!("The Stack ({name}) could not be found.");
        Self::new(StatusCode::NOT_FOUND, "EntityNotFound", message)
    }

    pub(super) fn not_found(kind: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, kind, message)
    }

    pub(super) fn foreign_project() -> Self {
        let message = "Access was denied to this resource.";
        Self::new(StatusCode::FORBIDDEN, "HTTPForbidden", message)
    }

    pub(super) fn policy(action: &str) -> Self {
        let message = format!("You are not authorized to use {action}.");
        Self::new(StatusCode::FORBIDDEN, "Forbidden", message)
    }

    pub(super) fn wrong_method() -> Self {
        let status = StatusCode::METHOD_NOT_ALLOWED;
        Self::new(
            status,
            "HTTPMethodNotAllowed",
            explanation(StatusCode::BAD_REQUEST),
        )
    }

    pub(super) fn reference(name: &str, place: &str) -> Self {
        let message = format!("The specified reference \"{name}\" (in {place}) is incorrect.");
        Self::bad("InvalidTemplateReference", message)
    }

    /// The text, to embed it in another error.
    pub(super) fn into_message(self) -> String {
        self.message.unwrap_or_default()
    }

    /// The error of a nested stack, as reported for the parent stack.
    pub(super) fn below(self, path: &str) -> Self {
        let Some(message) = self.message else {
            return self;
        };
        if self.kind != "StackValidationFailed" {
            return Self::invalid(format!("{}: : {path}: : {message}", self.kind));
        }
        if ["resources.", "resources[", "outputs."]
            .iter()
            .any(|place| message.starts_with(place))
        {
            return Self::invalid(format!("{path}.{message}"));
        }
        let places = [": : resources.", ": : resources["].map(|place| message.find(place));
        let place = places.into_iter().flatten().min();
        match place.and_then(|at| message.split_at_checked(at + ": : ".len())) {
            Some((what, rest)) => Self::invalid(format!("{what}{path}.{rest}")),
            None => Self::invalid(format!("{path}: : {message}")),
        }
    }

    /// The error of a template, as reported by a validation.
    pub(super) fn of_validation(self) -> Self {
        match self.message {
            Some(message) => Self::bad_request(message.replace(": : ", ": ")),
            None => self,
        }
    }

    pub(super) fn answer(&self) -> Answer {
        let mut error = Map::new();
        error.insert("type".to_owned(), self.kind.into());
        error.insert("traceback".to_owned(), Value::Null);
        if let Some(message) = &self.message {
            error.insert("message".to_owned(), message.as_str().into());
        }
        let document = json!({
            "code": self.status.as_u16(),
            "title": self.status.canonical_reason(),
            "explanation": explanation(self.status),
            "error": error,
        });
        call::json(self.status, &document)
    }
}

const fn explanation(status: StatusCode) -> &'static str {
    match status {
        StatusCode::FORBIDDEN => "Access was denied to this resource.",
        StatusCode::NOT_FOUND => "The resource could not be found.",
        StatusCode::INTERNAL_SERVER_ERROR => {
            "The server has either erred or is incapable of performing the requested operation."
        }
        StatusCode::CONFLICT => "There was a conflict when trying to complete your request.",
        _ => {
            "The server could not comply with the request since it is either malformed or \
             otherwise incorrect."
        }
    }
}
