//! Tracing of requests by osprofiler (`--os-profile`, `--profile`): two headers, which the services accept if they are
//! signed with their key.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use heatclient::secret::Secret;
use heatclient::session::SessionBuilder;
use http::{HeaderName, HeaderValue};
use ring::hmac;
use ring::rand::{SecureRandom as _, SystemRandom};

use crate::environment::variable;
use crate::exit::Failure;
use crate::options::GlobalArgs;
use crate::remark::say;

/// A trace: all requests of one command.
#[derive(Debug)]
pub(crate) struct Trace {
    id: u128,
    headers: [(HeaderName, HeaderValue); 2],
}

impl Trace {
    /// Starts a trace if a key is given.
    pub(crate) fn start(global: &GlobalArgs) -> Result<Option<Self>, Failure> {
        let given = global.foreign.os_profile.clone();
        let key = given.or_else(|| variable("OS_PROFILE").map(Secret::from));
        let Some(key) = key.filter(|key| !key.expose().is_empty()) else {
            return Ok(None);
        };
        let mut bytes = [0; 16];
        let filled = SystemRandom::new().fill(&mut bytes);
        filled.map_err(|_| Failure::Message("cannot create a random trace ID".to_owned()))?;
        // Version 4 of a UUID, RFC 9562.
        let random = u128::from_be_bytes(bytes);
        let id = random & !(0xF << 76 | 0b11 << 62) | 0x4 << 76 | 0b10 << 62;
        Self::new(id, &key).map(Some)
    }

    /// The headers as osprofiler's `get_trace_id_headers` makes them.
    fn new(id: u128, key: &Secret) -> Result<Self, Failure> {
        let text = hyphenated(id);
        let info = URL_SAFE.encode(format!(r#"{{"base_id": "{text}", "parent_id": "{text}"}}"#));
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key.expose().as_bytes());
        let signature = hmac::sign(&key, info.as_bytes());
        let signature: String = signature
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let value = |text: &str| {
            // Both are ASCII.
            HeaderValue::from_str(text).map_err(|error| Failure::Message(error.to_string()))
        };
        Ok(Self {
            id,
            headers: [
                (HeaderName::from_static("x-trace-info"), value(&info)?),
                (HeaderName::from_static("x-trace-hmac"), value(&signature)?),
            ],
        })
    }

    /// Adds the headers to all requests of a session.
    pub(crate) fn add(&self, session: SessionBuilder) -> SessionBuilder {
        let headers = self.headers.iter().cloned();
        headers.fold(session, |session, (name, value)| {
            session.header(name, value)
        })
    }

    /// Prints how to show the trace.
    pub(crate) fn report(&self) {
        let id = hyphenated(self.id);
        say(&format!("Trace ID: {id}"));
        let short = self.id & u128::from(u64::MAX);
        say(&format!(
            "Short trace ID for OpenTracing-based drivers: {short:x}"
        ));
        say("Display trace data with command:");
        say(&format!("osprofiler trace show --html {id}"));
    }
}

/// The text form of a UUID.
fn hyphenated(id: u128) -> String {
    let part = |shift: u32, digits: u32| (id >> shift) & ((1 << (4 * digits)) - 1);
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        part(96, 8),
        part(80, 4),
        part(64, 4),
        part(48, 4),
        part(0, 12)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_those_of_osprofiler() {
        // Made by osprofiler 4.4.
        for (id, key, info, signature) in [
            (
                0x0123_abcd_4567_489a_abcd_0123_4567_89ab,
                "SECRET_KEY",
                "eyJiYXNlX2lkIjogIjAxMjNhYmNkLTQ1NjctNDg5YS1hYmNkLTAxMjM0NTY3ODlhYiIsICJwYXJlbnRfaWQiOiAiMDEyM2FiY2QtNDU2Ny00\
                 ODlhLWFiY2QtMDEyMzQ1Njc4OWFiIn0=",
                "0b7e05e7d8e90da4d0aed1133c7c7a3705e2fd34",
            ),
            (
                0x0123_abcd_4567_489a_0bcd_0123_4567_89ab,
                "ключ",
                "eyJiYXNlX2lkIjogIjAxMjNhYmNkLTQ1NjctNDg5YS0wYmNkLTAxMjM0NTY3ODlhYiIsICJwYXJlbnRfaWQiOiAiMDEyM2FiY2QtNDU2Ny00\
                 ODlhLTBiY2QtMDEyMzQ1Njc4OWFiIn0=",
                "2277fd45cac67e8948492a902a712f62c731fcd0",
            ),
        ] {
            let trace = Trace::new(id, &Secret::from(key)).unwrap();
            let values: Vec<_> = trace
                .headers
                .iter()
                .map(|(_, value)| value.to_str().unwrap())
                .collect();
            assert_eq!(values, [info, signature]);
            assert!(!format!("{trace:?}").contains(key));
        }
    }
}
