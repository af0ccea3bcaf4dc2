//! User input during a login.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use http::Uri;

use crate::error::{Error, ErrorKind, Result};
use crate::secret::Secret;

/// Asks the user during a login: for a passcode, or to visit a web page.
///
/// A session uses it only in logins that a caller waits for, one question at a time, and never in a
/// background renewal.
///
/// ```
/// use heatclient::auth::{Interaction, Page, Prompt};
/// use heatclient::secret::Secret;
///
/// #[derive(Debug)]
/// struct Terminal;
///
/// impl Interaction for Terminal {
///     async fn ask(&self, prompt: &Prompt) -> heatclient::Result<Secret> {
///         eprint!("{}", prompt.text);
///         let read = tokio::task::spawn_blocking(|| std::io::stdin().lines().next());
///         let line = read.await.ok().flatten().and_then(Result::ok);
///         Ok(Secret::from(line.unwrap_or_default()))
///     }
///
///     async fn show(&self, page: &Page) -> heatclient::Result<()> {
///         eprintln!("Open {} and enter the code {}", page.url, page.code.as_deref().unwrap_or("-"));
///         Ok(())
///     }
/// }
/// ```
pub trait Interaction: fmt::Debug + Send + Sync + 'static {
    /// Asks for a line of text.
    ///
    /// # Errors
    /// [`ErrorKind::Interaction`] if the user declines or cannot be asked.
    fn ask(&self, prompt: &Prompt) -> impl Future<Output = Result<Secret>> + Send;

    /// Asks the user to visit a web page: opens a browser, or shows the URL and the code to enter
    /// there. It does not wait for the visit.
    ///
    /// # Errors
    /// [`ErrorKind::Interaction`] if the page cannot be shown.
    fn show(&self, page: &Page) -> impl Future<Output = Result<()>> + Send;
}

/// A question to the user.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Prompt {
    /// The prompt: `Password: `.
    pub text: String,
    /// Whether to echo the input.
    pub echo: bool,
}

impl Prompt {
    /// Asks for a secret, without echo.
    pub fn secret(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { text, echo: false }
    }

    /// Asks for a one-time code, with echo.
    pub fn code(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { text, echo: true }
    }
}

/// A web page for the user to visit.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// The URL of the page.
    pub url: Uri,
    /// The code to enter there, if any.
    pub code: Option<String>,
}

impl Page {
    /// A page without a code.
    pub fn new(url: Uri) -> Self {
        Self { url, code: None }
    }

    /// Sets the code to enter there.
    #[must_use]
    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }
}

/// Whether a login may ask the user.
#[derive(Debug, Clone, Default)]
pub(crate) enum UserInput {
    /// The session has no [`Interaction`].
    #[default]
    NotConfigured,
    /// No caller waits for the login, so it must not ask.
    Background,
    /// A caller waits for the login.
    Foreground(Arc<dyn DynInteraction>),
}

impl UserInput {
    pub(crate) fn new(interaction: impl Interaction) -> Self {
        Self::Foreground(Arc::new(interaction))
    }

    /// Returns the interaction, or an error that says why the user cannot be asked for `what`.
    pub(super) fn for_asking(&self, what: &str) -> Result<&dyn DynInteraction> {
        let why = match self {
            Self::Foreground(interaction) => return Ok(interaction.as_ref()),
            Self::NotConfigured => "the session has no interaction handler",
            Self::Background => "a background renewal cannot ask",
        };
        Err(Error::new(
            ErrorKind::Interaction,
            format!("user input is required ({what}), but {why}"),
        ))
    }
}

/// The object-safe form of [`Interaction`]: its futures are boxed.
pub(crate) trait DynInteraction: fmt::Debug + Send + Sync {
    fn ask<'a>(&'a self, prompt: &'a Prompt) -> Boxed<'a, Secret>;
    fn show<'a>(&'a self, page: &'a Page) -> Boxed<'a, ()>;
}

type Boxed<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

impl<I: Interaction> DynInteraction for I {
    fn ask<'a>(&'a self, prompt: &'a Prompt) -> Boxed<'a, Secret> {
        Box::pin(Interaction::ask(self, prompt))
    }

    fn show<'a>(&'a self, page: &'a Page) -> Boxed<'a, ()> {
        Box::pin(Interaction::show(self, page))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::testing::{Answers, Server};

    #[tokio::test]
    async fn the_user_is_asked_only_in_the_foreground() {
        let server = Server::new(|_| panic!("nothing is sent"));
        let answers = Answers::new("123456");
        let prompt = Prompt::code("TOTP passcode: ");
        let page = Page::new("https://id/device".parse().unwrap()).code("WDJB-MJHT");

        let waited_for = server.context().interaction(answers.clone());
        assert!(waited_for.can_ask());
        assert_eq!(waited_for.ask(&prompt).await.unwrap().expose(), "123456");
        waited_for.show(&page).await.unwrap();
        let asked = ["TOTP passcode: ", "https://id/device WDJB-MJHT"];
        assert_eq!(answers.asked(), asked);
        // Servers may quote the user's input.
        let mask = waited_for.client().mask();
        assert_eq!(
            mask.text("code 123456 is wrong"),
            "code [redacted] is wrong"
        );

        for (context, why) in [
            (server.context(), "the session has no interaction handler"),
            (
                waited_for.in_background(),
                "a background renewal cannot ask",
            ),
            (
                server.context().in_background(),
                "a background renewal cannot ask",
            ),
        ] {
            assert!(!context.can_ask());
            for (result, what) in [
                (context.ask(&prompt).await.map(drop), "TOTP passcode"),
                (context.show(&page).await, "a web page to visit"),
            ] {
                let error = result.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Interaction);
                let message = format!("user input is required ({what}), but {why}");
                assert_eq!(error.to_string(), message);
            }
        }
        assert_eq!(answers.asked(), asked);
    }
}
