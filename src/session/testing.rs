//! Scripted auth plugins for tests.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use http::Uri;

use crate::auth::{AuthContext, AuthData, AuthPlugin};
use crate::clock;
use crate::error::Result;
use crate::secret::Secret;
use crate::session::TokenCell;
use crate::transport::HttpClient;
use crate::transport::layers::{RetryLayer, RetryPolicy};
use crate::transport::testing::{Wire, answer};

type Script = dyn Fn(u32) -> BoxFuture<'static, Result<AuthData>> + Send + Sync;

/// A plugin that runs a script with the number of the login (from 1) and counts the logins.
#[derive(Clone)]
pub(crate) struct Plugin {
    script: Arc<Script>,
    logins: Arc<AtomicU32>,
    renewable: bool,
    auth_url: Option<Uri>,
}

impl Plugin {
    pub(crate) fn new<F, Fut>(script: F) -> Self
    where
        F: Fn(u32) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<AuthData>> + Send + 'static,
    {
        Self {
            script: Arc::new(move |n| Box::pin(script(n))),
            logins: Arc::default(),
            renewable: true,
            auth_url: None,
        }
    }

    /// Tokens `token-1`, `token-2` … that live for `life`, each after `delay`.
    pub(crate) fn tokens(life: Duration, delay: Duration) -> Self {
        Self::new(move |n| async move {
            tokio::time::sleep(delay).await;
            Ok(token(n, life))
        })
    }

    pub(crate) fn fixed(mut self) -> Self {
        self.renewable = false;
        self
    }

    pub(crate) fn at(mut self, auth_url: &str) -> Self {
        self.auth_url = Some(auth_url.parse().unwrap());
        self
    }

    pub(crate) fn logins(&self) -> u32 {
        self.logins.load(Ordering::SeqCst)
    }

    pub(crate) fn cell(&self) -> Arc<TokenCell> {
        let (service, _) = Wire::new(Duration::ZERO, |_, _| answer(500));
        let context = AuthContext::new(HttpClient::new(
            service,
            RetryLayer::new(RetryPolicy::none()),
        ));
        Arc::new(TokenCell::new(self.clone().into(), context))
    }
}

impl AuthPlugin for Plugin {
    async fn authenticate(&self, _: &AuthContext) -> Result<AuthData> {
        let n = self.logins.fetch_add(1, Ordering::SeqCst) + 1;
        (self.script)(n).await
    }

    fn auth_url(&self) -> Option<&Uri> {
        self.auth_url.as_ref()
    }

    fn is_renewable(&self) -> bool {
        self.renewable
    }
}

impl fmt::Debug for Plugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plugin")
    }
}

pub(crate) fn token(n: u32, life: Duration) -> AuthData {
    AuthData::token(&Secret::from(format!("token-{n}")))
        .unwrap()
        .expires(clock::wall_after(life))
}
