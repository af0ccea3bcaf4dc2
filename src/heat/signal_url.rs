//! Pre-signed URLs of the CloudFormation API, which signal a resource without a login.

use std::fmt;
use std::future::IntoFuture;
use std::str::FromStr;

use http::Method;
use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind, Result};
use crate::heat::resources::object;
use crate::secret::{Mask, Secret};
use crate::service::ResponseFuture;
use crate::session::Session;
use crate::uri;

/// A URL with a signature, by which Heat lets anybody who knows it signal one resource.
///
/// Resources with the signal transport `CFN_SIGNAL` have such a URL in their attribute `signal`, handles of the type
/// `AWS::CloudFormation::WaitConditionHandle` as their reference (`get_resource`). No account and no token are
/// needed, so the session may be one [without a login](crate::auth::NoAuth); a token of the session is not sent. The
/// URL is a secret: `Debug`, errors and logs do not contain its query.
///
/// ```no_run
/// # async fn example(signal: &str) -> heatclient::Result<()> {
/// use heatclient::Session;
/// use heatclient::auth::NoAuth;
/// use heatclient::heat::SignalUrl;
///
/// // The URL, or the value of the attribute `signal`.
/// let url: SignalUrl = signal.parse()?;
/// let session = Session::new(NoAuth::new());
/// url.success(&session).id("node-1").data("version 2 runs").await?;
/// url.failure(&session).id("node-2").reason("disk full").await?;
/// # Ok(()) }
/// ```
///
/// A handle with the transport `TOKEN_SIGNAL` (the default) has a token instead: see
/// [`Resources::signal`](super::Resources::signal).
///
/// Beside these URLs (`PUT /waitcondition/…` and `POST /signal/…`) the CloudFormation API has 13 query actions
/// (`CreateStack`, `DescribeStacks` …). This crate does not support them: they do what Heat's own API does.
#[derive(Clone)]
pub struct SignalUrl {
    url: Secret,
    kind: Kind,
    stack: String,
    resource: String,
    /// The signature as the URL contains it, and decoded.
    signature: [Secret; 2],
}

/// What the path of a URL asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `PUT /waitcondition/…`
    WaitCondition,
    /// `POST /signal/…`
    Signal,
}

impl SignalUrl {
    /// Reads a URL, or the JSON text of a resource's attribute `signal`, which contains it as `alarm_url`.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if the text is not a signed URL of the CloudFormation API. The error does not contain the
    /// signature.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        if !text.starts_with('{') {
            return Self::of_url(text);
        }
        let signal: Map<String, Value> = serde_json::from_str(text)
            .map_err(|_| wrong("is not the JSON of a resource's attribute \"signal\""))?;
        match signal.get("alarm_url").and_then(Value::as_str) {
            Some(url) => Self::of_url(url),
            None => Err(wrong(
                "is missing: the attribute \"signal\" has no \"alarm_url\"; does the resource use CFN_SIGNAL?",
            )),
        }
    }

    fn of_url(text: &str) -> Result<Self> {
        let parsed = uri::parse_url(text, "the signal URL")?;
        let unsigned =
            "has no signature; only resources with the transport CFN_SIGNAL have signed URLs";
        let query = parsed.query().unwrap_or_default();
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let signature = pairs.find(|(key, _)| matches!(*key, "Signature" | "X-Amz-Signature"));
        let (_, signature) = signature.ok_or_else(|| wrong(unsigned))?;
        let path = parsed.path();
        let found = [
            ("/waitcondition/", Kind::WaitCondition),
            ("/signal/", Kind::Signal),
        ];
        let found = found
            .iter()
            .find_map(|(mark, kind)| Some((*kind, path.split_once(mark)?.1)));
        let not_ours = || wrong("is not one of Heat's CloudFormation API: it names no resource");
        let (kind, arn) = found.ok_or_else(not_ours)?;
        let arn = decoded(arn).ok_or_else(not_ours)?;
        let (stack, resource) = target(&arn).ok_or_else(not_ours)?;
        let plain = decoded(signature).unwrap_or_default();
        Ok(Self {
            url: text.into(),
            kind,
            stack: stack.to_owned(),
            resource: resource.to_owned(),
            signature: [signature.into(), plain.into()],
        })
    }

    /// The name of the stack.
    pub fn stack(&self) -> &str {
        &self.stack
    }

    /// The name of the resource.
    pub fn resource(&self) -> &str {
        &self.resource
    }

    /// The URL with its signature.
    pub fn expose(&self) -> &str {
        self.url.expose()
    }

    /// Signals success to a wait condition.
    pub fn success(&self, session: &Session) -> SignalUrlRequest {
        SignalUrlRequest::new(self, session, "SUCCESS")
    }

    /// Signals failure to a wait condition, which fails.
    pub fn failure(&self, session: &Session) -> SignalUrlRequest {
        SignalUrlRequest::new(self, session, "FAILURE")
    }

    /// Sends any data, for resources other than wait conditions, such as software deployments. The data must
    /// be a JSON object, or `null`, which stands for no data.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for other data, and those of [`SignalUrlRequest`].
    pub fn send(&self, session: &Session, data: impl Serialize) -> ResponseFuture<()> {
        self.transmit(session, object(&data), false)
    }

    fn transmit(
        &self,
        session: &Session,
        data: Result<Value>,
        is_idempotent: bool,
    ) -> ResponseFuture<()> {
        let (url, session) = (self.clone(), session.clone());
        ResponseFuture::new(async move {
            let method = match url.kind {
                Kind::WaitCondition => Method::PUT,
                Kind::Signal => Method::POST,
            };
            let sent = async {
                let data = match data? {
                    // The API answers 500 to `null`.
                    Value::Null => Value::Object(Map::new()),
                    data => data,
                };
                // The signature is valid for one host, and other hosts must not learn it.
                let request = session.request(method, url.url.expose()).redirects(0);
                let request = request.authenticated(false).idempotent(is_idempotent);
                request.json(&data).finish().await
            };
            sent.await.map_err(|error| {
                let mask = Mask::default();
                mask.add(url.signature.clone());
                let what = format!(
                    "signal resource {:?} of stack {:?}",
                    url.resource, url.stack
                );
                mask.error(error).doing(what)
            })
        })
    }
}

fn wrong(what: &str) -> Error {
    Error::new(ErrorKind::Config, format!("the signal URL {what}"))
}

fn decoded(text: &str) -> Option<String> {
    let text = percent_decode_str(text).decode_utf8().ok()?;
    Some(text.into_owned())
}

/// The names of stack and resource in `arn:openstack:heat::PROJECT:stacks/STACK/ID/resources/RESOURCE`.
fn target(arn: &str) -> Option<(&str, &str)> {
    let rest = arn.strip_prefix("arn:openstack:heat:")?;
    let (_, path) = rest.split_once(":stacks/")?;
    let mut parts = path.split('/');
    let (stack, _id) = (parts.next()?, parts.next()?);
    let resource = (parts.next() == Some("resources")).then(|| parts.next())??;
    (!stack.is_empty() && !resource.is_empty() && parts.next().is_none())
        .then_some((stack, resource))
}

impl FromStr for SignalUrl {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

impl fmt::Debug for SignalUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignalUrl")
            .field("stack", &self.stack)
            .field("resource", &self.resource)
            .finish_non_exhaustive()
    }
}

/// A signal to a wait condition. Made by [`SignalUrl::success`] and [`SignalUrl::failure`].
///
/// A signal with an [id](Self::id) is repeated if the connection breaks, any other one is not: Heat would count it
/// twice.
///
/// # Errors
/// Awaiting it fails with [`is_forbidden`](Error::is_forbidden) if the signature is not valid: the URL was changed, or the
/// resource is deleted or suspended. Other errors are those of
/// [every request](crate::error#errors-of-every-request).
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct SignalUrlRequest {
    url: SignalUrl,
    session: Session,
    status: &'static str,
    id: Option<String>,
    reason: Option<String>,
    data: Result<Option<Value>>,
    is_aws: bool,
}

impl SignalUrlRequest {
    fn new(url: &SignalUrl, session: &Session, status: &'static str) -> Self {
        Self {
            url: url.clone(),
            session: session.clone(),
            status,
            id: None,
            reason: None,
            data: Ok(None),
            is_aws: false,
        }
    }

    /// Identifies the signal. A later signal with the same id replaces this one. By default Heat numbers the signals.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// The reason, which Heat shows in events and, for a failure, as the reason of the stack's status.
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// Any data, which the wait condition returns in its attribute `data`.
    pub fn data(mut self, data: impl Serialize) -> Self {
        self.data = serde_json::to_value(data).map(Some).map_err(|e| {
            Error::new(ErrorKind::Config, "the data cannot be written as JSON").with_source(e)
        });
        self
    }

    /// Whether the resource is an `AWS::CloudFormation::WaitConditionHandle` or an
    /// `OS::Heat::UpdateWaitConditionHandle`. These want other keys, and all of them: missing ones are empty, and
    /// the id is random.
    pub fn aws(mut self, is_aws: bool) -> Self {
        self.is_aws = is_aws;
        self
    }

    fn body(self, data: Option<Value>) -> Map<String, Value> {
        let Self { id, reason, .. } = self;
        let keys = match self.is_aws {
            true => ["Status", "UniqueId", "Reason", "Data"],
            false => ["status", "id", "reason", "data"],
        };
        let or_empty = |value: Option<Value>, empty: &dyn Fn() -> Value| match value {
            None if self.is_aws => Some(empty()),
            value => value,
        };
        let random = || format!("{:032x}", fastrand::u128(..)).into();
        let values = [
            Some(self.status.into()),
            or_empty(id.map(Value::from), &random),
            or_empty(reason.map(Value::from), &|| "".into()),
            or_empty(data, &|| "".into()),
        ];
        let pairs = keys.iter().zip(values);
        pairs
            .filter_map(|(key, value)| Some(((*key).to_owned(), value?)))
            .collect()
    }
}

impl IntoFuture for SignalUrlRequest {
    type Output = Result<()>;
    type IntoFuture = ResponseFuture<()>;

    fn into_future(self) -> Self::IntoFuture {
        let (url, session) = (self.url.clone(), self.session.clone());
        let has_id = self.id.is_some() || self.is_aws;
        let body = self.data.clone().map(|data| self.body(data).into());
        url.transmit(&session, body, has_id)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::auth::NoAuth;

    const URL: &str = "http://127.0.0.1:28000/v1/waitcondition/arn%3Aopenstack%3Aheat%3A%3Ap%3Astacks/web/\
        e0cbfaca-8744/resources/h?SignatureMethod=HmacSHA256&SignatureVersion=2&AWSAccessKeyId=f2af&\
        Timestamp=2026-11-26T03%3A48%3A37Z&Signature=9H1C3iScBtx7%2FijYA%3D";

    #[test]
    fn urls_tell_whom_they_signal() {
        let attribute = json!({"alarm_url": URL}).to_string();
        for text in [URL, &attribute, &format!(" {URL}\n")] {
            let url: SignalUrl = text.parse().unwrap();
            assert_eq!((url.stack(), url.resource()), ("web", "h"));
            assert_eq!((url.kind, url.expose()), (Kind::WaitCondition, URL));
            let shown = format!("{url:?}");
            assert!(
                !shown.contains("9H1C") && !shown.contains("f2af"),
                "{shown}"
            );
        }
        let signal = URL.replace("waitcondition", "signal");
        assert_eq!(SignalUrl::parse(&signal).unwrap().kind, Kind::Signal);
    }

    #[test]
    fn other_texts_are_refused_without_quoting_the_signature() {
        let not_ours =
            "the signal URL is not one of Heat's CloudFormation API: it names no resource";
        let unsigned = "the signal URL has no signature; only resources with the transport CFN_SIGNAL have signed URLs";
        for (text, message) in [
            (
                "",
                "the signal URL \"\" has no scheme; expected http://host[:port]/path",
            ),
            (URL.split('?').next().unwrap(), unsigned),
            (&URL.replace("waitcondition", "other"), not_ours),
            (&URL.replace("/resources/h", ""), not_ours),
            (&URL.replace("resources/h", "resources/h/x"), not_ours),
            (&URL.replace("openstack", "aws"), not_ours),
            (
                "{\"alarm_url\"",
                "the signal URL is not the JSON of a resource's attribute \"signal\"",
            ),
            (
                "{}",
                "the signal URL is missing: the attribute \"signal\" has no \"alarm_url\"; does the resource use CFN_SIGNAL?",
            ),
        ] {
            let error = SignalUrl::parse(text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config, "{text}");
            assert_eq!(error.to_string(), message);
        }
    }

    #[test]
    fn bodies_have_the_keys_of_the_handle() {
        let (url, session) = (SignalUrl::parse(URL).unwrap(), Session::new(NoAuth::new()));
        let body = |request: SignalUrlRequest| {
            let data = request.data.clone().unwrap();
            Value::from(request.body(data))
        };
        assert_eq!(body(url.success(&session)), json!({"status": "SUCCESS"}));
        let full = url
            .failure(&session)
            .id("1")
            .reason("r")
            .data(json!([null]));
        assert_eq!(
            body(full.clone()),
            json!({"status": "FAILURE", "id": "1", "reason": "r", "data": [null]})
        );
        assert_eq!(
            body(full.aws(true)),
            json!({"Status": "FAILURE", "UniqueId": "1", "Reason": "r", "Data": [null]})
        );
        let body = body(url.success(&session).aws(true));
        assert_eq!((&body["Reason"], &body["Data"]), (&json!(""), &json!("")));
        assert_eq!(body["UniqueId"].as_str().unwrap().len(), 32);
    }
}
