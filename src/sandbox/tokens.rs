//! Tokens: issue, validation, expiry and revocation.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{Timestamp, Unit};

use super::{clock, lock};

/// Keystone drops fractions of seconds, which would shorten a short lifetime noticeably.
const EXACT_BELOW: Duration = Duration::from_secs(60);

/// The scope of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Scope {
    Unscoped,
    /// A project, by id.
    Project(String),
    System,
}

pub(super) struct Token {
    pub(super) id: String,
    pub(super) user_id: String,
    pub(super) scope: Scope,
    pub(super) methods: Vec<&'static str>,
    /// The id of the trust that it was issued through.
    pub(super) trust: Option<String>,
    pub(super) audit_ids: Vec<String>,
    pub(super) issued: Timestamp,
    pub(super) expires: Timestamp,
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Token")
            .field("user_id", &self.user_id)
            .field("scope", &self.scope)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

#[derive(Debug)]
pub(super) struct Tokens(Mutex<Kept>);

struct Kept {
    lifetime: Duration,
    valid: HashMap<String, Arc<Token>>,
    made: usize,
}

impl fmt::Debug for Kept {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The map's keys are tokens.
        formatter
            .debug_struct("Kept")
            .field("lifetime", &self.lifetime)
            .field("valid", &self.valid.len())
            .finish_non_exhaustive()
    }
}

impl Tokens {
    pub(super) fn new(lifetime: Duration) -> Self {
        Self(Mutex::new(Kept {
            lifetime,
            valid: HashMap::new(),
            made: 0,
        }))
    }

    pub(super) fn set_lifetime(&self, lifetime: Duration) {
        lock(&self.0).lifetime = lifetime;
    }

    /// Issues a token. A token issued from another one (`parent`) expires with it.
    pub(super) fn issue(
        &self,
        user_id: &str,
        scope: Scope,
        methods: &[&'static str],
        parent: Option<&Token>,
        trust: Option<String>,
    ) -> Arc<Token> {
        let mut kept = lock(&self.0);
        let now = clock::now();
        let issued = if kept.lifetime >= EXACT_BELOW {
            whole_seconds(now)
        } else {
            now
        };
        let expires = parent.map_or_else(
            || issued.checked_add(kept.lifetime).unwrap_or(Timestamp::MAX),
            |parent| parent.expires,
        );
        let mut methods = methods.to_vec();
        let mut audit_ids = vec![random_text(22)];
        if let Some(parent) = parent {
            for earlier in &parent.methods {
                if !methods.contains(earlier) {
                    methods.push(earlier);
                }
            }
            audit_ids.extend(parent.audit_ids.last().cloned());
        }
        let token = Arc::new(Token {
            // The format of a Fernet token.
            id: format!("gAAAAAB{}", random_text(176)),
            user_id: user_id.to_owned(),
            scope,
            methods,
            trust,
            audit_ids,
            issued,
            expires,
        });
        kept.made += 1;
        if kept.made.is_multiple_of(1024) {
            kept.valid.retain(|_, token| token.expires > now);
        }
        kept.valid.insert(token.id.clone(), Arc::clone(&token));
        token
    }

    /// The token with this id, if it is valid.
    pub(super) fn find(&self, id: &str) -> Option<Arc<Token>> {
        let token = lock(&self.0).valid.get(id).map(Arc::clone)?;
        (token.expires > clock::now()).then_some(token)
    }

    pub(super) fn revoke(&self, token: &Token) {
        lock(&self.0).valid.remove(&token.id);
    }

    pub(super) fn revoke_all(&self) {
        lock(&self.0).valid.clear();
    }
}

fn whole_seconds(time: Timestamp) -> Timestamp {
    time.round(
        jiff::TimestampRound::new()
            .smallest(Unit::Second)
            .mode(jiff::RoundMode::Floor),
    )
    .unwrap_or(time)
}

pub(super) fn random_text(length: usize) -> String {
    (0..length).map(|_| fastrand::alphanumeric()).collect()
}
