//! The methods of a login, and the receipts with which Keystone requests more of them.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::auth::AuthContext;
use crate::error::Result;
use crate::json;
use crate::secret::sealed_json;

const RECEIPT: HeaderName = HeaderName::from_static("openstack-auth-receipt");

/// A login method: the object under `auth.identity.<name>`.
pub struct LoginMethod {
    name: Cow<'static, str>,
    /// JSON. Its memory is erased when it is dropped.
    body: Bytes,
    header: Option<(HeaderName, HeaderValue)>,
    repeatable: bool,
}

impl LoginMethod {
    /// A method with this name and the object that Keystone expects for it.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) if the body cannot be serialized as JSON.
    pub fn new(name: impl Into<Cow<'static, str>>, body: &impl Serialize) -> Result<Self> {
        Ok(Self {
            name: name.into(),
            body: sealed_json(body)?,
            header: None,
            repeatable: true,
        })
    }

    /// Sets a header to send with the method.
    #[must_use]
    pub fn header(mut self, name: HeaderName, mut value: HeaderValue) -> Self {
        value.set_sensitive(true);
        self.header = Some((name, value));
        self
    }

    /// Marks the method as single-use, such as a passcode: a request that the server may have
    /// received is not sent again.
    #[must_use]
    pub fn once(mut self, once: bool) -> Self {
        self.repeatable = !once;
        self
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn sent_with(&self) -> Option<(HeaderName, HeaderValue)> {
        self.header.clone()
    }

    pub(super) fn is_repeatable(&self) -> bool {
        self.repeatable
    }
}

impl fmt::Debug for LoginMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LoginMethod").field(&self.name).finish()
    }
}

/// The methods of one request: the object `auth.identity`.
pub(super) struct Identity<'a>(pub(super) &'a [LoginMethod]);

impl Serialize for Identity<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len() + 1))?;
        let names: Vec<_> = self.0.iter().map(LoginMethod::name).collect();
        map.serialize_entry("methods", &names)?;
        for method in self.0 {
            let body: &RawValue =
                serde_json::from_slice(&method.body).map_err(serde::ser::Error::custom)?;
            map.serialize_entry(method.name(), body)?;
        }
        map.end()
    }
}

/// Supplies further methods that Keystone requires after a login's first request, such as a
/// passcode of multi-factor authentication.
pub trait FurtherMethods: Sync {
    /// Whether it can supply the method with this name.
    fn offers(&self, name: &str) -> bool;

    /// Creates the method with this name, for the user of the receipt. It may ask for user input.
    ///
    /// # Errors
    /// Those of [`AuthContext::ask`]; they end the login.
    fn method(
        &self,
        name: &str,
        receipt: &Receipt,
        cx: &AuthContext,
    ) -> impl Future<Output = Result<LoginMethod>> + Send;
}

/// Keystone's answer to a login that needs more methods.
#[derive(Debug)]
pub struct Receipt {
    value: HeaderValue,
    user_id: Option<String>,
    given: BTreeSet<String>,
    /// Sets of methods, each of which is sufficient.
    rules: Vec<BTreeSet<String>>,
}

impl Receipt {
    /// Reads the receipt from an answer, if it has one.
    pub(super) fn of(response: &Response<Bytes>) -> Option<Self> {
        let header = response.headers().get(RECEIPT);
        let header = header.filter(|_| response.status() == StatusCode::UNAUTHORIZED)?;
        let mut value = header.clone();
        value.set_sensitive(true);
        let document = json::from_slice::<Value>(response.body()).unwrap_or_default();
        let rules = document
            .get("required_auth_methods")
            .and_then(Value::as_array);
        Some(Self {
            value,
            user_id: document
                .pointer("/receipt/user/id")
                .and_then(Value::as_str)
                .map(str::to_owned),
            given: document
                .pointer("/receipt/methods")
                .map(names)
                .unwrap_or_default(),
            rules: rules.into_iter().flatten().map(names).collect(),
        })
    }

    /// The id of the receipt's user.
    pub fn user_id(&self) -> Option<&str> {
        self.user_id.as_deref()
    }

    pub(super) fn header(&self) -> (HeaderName, HeaderValue) {
        (RECEIPT, self.value.clone())
    }

    /// The missing methods of the first rule that the offered methods satisfy.
    pub(super) fn missing(&self, offered: impl Fn(&str) -> bool) -> Option<Vec<&str>> {
        let mut open = self.open();
        open.find(|missing| missing.iter().all(|name| offered(name)))
    }

    /// The error message, with the missing methods.
    pub(super) fn refusal(&self) -> String {
        let ways: Vec<_> = self.open().map(|missing| missing.join(" and ")).collect();
        let message = "more authentication methods are required";
        match ways.is_empty() {
            true => message.to_owned(),
            false => format!("{message}: {}", ways.join(", or ")),
        }
    }

    /// The missing methods of each rule.
    fn open(&self) -> impl Iterator<Item = Vec<&str>> {
        let missing = self.rules.iter().map(|rule| {
            let missing = rule.difference(&self.given).map(String::as_str);
            missing.collect::<Vec<_>>()
        });
        missing.filter(|missing| !missing.is_empty())
    }
}

fn names(list: &Value) -> BTreeSet<String> {
    let names = list.as_array().into_iter().flatten();
    names.filter_map(Value::as_str).map(str::to_owned).collect()
}
