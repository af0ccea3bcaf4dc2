//! The `User-Agent` header.

use http::HeaderValue;

use crate::error::{Error, ErrorKind, Result};

/// The product of this library, which comes last.
const OWN: &str = concat!("heatclient/", env!("CARGO_PKG_VERSION"));

/// The products in a session's `User-Agent` header, by the rules of keystoneauth (RFC 9110, 10.1.5).
#[derive(Debug, Clone, Default)]
pub(crate) struct UserAgent {
    /// Takes the place of all other products but our own.
    pub(crate) whole: Option<String>,
    pub(crate) app: Product,
    pub(crate) additional: Vec<String>,
}

/// A product: `scaler/1.4`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Product {
    pub(crate) name: Option<String>,
    /// It has no effect without a name.
    pub(crate) version: Option<String>,
}

impl Product {
    /// This product, completed by `other`.
    pub(crate) fn or(&self, other: &Self) -> Self {
        Self {
            name: self.name.clone().or_else(|| other.name.clone()),
            version: self.version.clone().or_else(|| other.version.clone()),
        }
    }

    fn text(&self) -> Option<String> {
        let name = self.name.as_deref()?;
        Some(match &self.version {
            Some(version) => format!("{name}/{version}"),
            None => name.to_owned(),
        })
    }
}

impl UserAgent {
    /// The header of requests of this client.
    pub(crate) fn value(&self, client: &Product) -> HeaderValue {
        let products: Vec<String> = match &self.whole {
            Some(whole) => vec![whole.clone()],
            None => (self.app.text().into_iter())
                .chain(client.text())
                .chain(self.additional.iter().cloned())
                .collect(),
        };
        let text = products
            .iter()
            .fold(String::new(), |text, product| text + product + " ");
        // Each part is a valid value.
        HeaderValue::from_str(&(text + OWN)).unwrap_or(HeaderValue::from_static(OWN))
    }
}

/// A part of the header, or the whole.
///
/// # Errors
/// [`ErrorKind::Config`] if it contains characters that are not allowed in HTTP headers.
pub(crate) fn part(text: &str) -> Result<String> {
    value(text)?;
    Ok(text.to_owned())
}

/// The header with exactly this text.
///
/// # Errors
/// Those of [`part`].
pub(crate) fn value(text: &str) -> Result<HeaderValue> {
    HeaderValue::from_str(text).map_err(|e| {
        Error::new(
            ErrorKind::Config,
            "the user agent contains characters that are not allowed in HTTP headers",
        )
        .with_source(e)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rules of keystoneauth 5.18.1 (`Session.request`), with our product in place of its own.
    #[test]
    fn products_are_composed_as_in_keystoneauth() {
        let product = |text: &str| {
            let (name, version) = text.split_once('/').unwrap_or((text, ""));
            let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            Product {
                name: given(name),
                version: given(version),
            }
        };
        // Session: user agent, application, additional products. Client. Expected, before our product.
        for (whole, app, additional, client, expected) in [
            (None, "", &[][..], "", ""),
            (Some("scaler/1.4"), "", &[], "", "scaler/1.4 "),
            (Some("a/1 (linux) b/2"), "", &[], "", "a/1 (linux) b/2 "),
            (
                Some("scaler/1.4"),
                "app/1",
                &["x/3"],
                "client/2",
                "scaler/1.4 ",
            ),
            (None, "app", &[], "", "app "),
            (None, "app/1", &[], "", "app/1 "),
            (None, "/1", &[], "", ""),
            (None, "", &[], "client", "client "),
            (None, "", &[], "client/2", "client/2 "),
            (None, "", &[], "/2", ""),
            (None, "", &["x/3", "y/4"], "", "x/3 y/4 "),
            (
                None,
                "app/1",
                &["x/3", "y/4"],
                "client/2",
                "app/1 client/2 x/3 y/4 ",
            ),
            (None, "app", &["x/3"], "client", "app client x/3 "),
        ] {
            let agent = UserAgent {
                whole: whole.map(str::to_owned),
                app: product(app),
                additional: additional.iter().map(|text| (*text).to_owned()).collect(),
            };
            let value = agent.value(&product(client));
            let expected = format!("{expected}{OWN}");
            assert_eq!(value.to_str().unwrap(), expected);
        }
    }

    #[test]
    fn header_injection_is_refused() {
        for text in ["a\r\nx-auth-token: t", "a\n", "\0", "a\u{7f}"] {
            assert_eq!(
                part(text).unwrap_err().kind(),
                ErrorKind::Config,
                "{text:?}"
            );
        }
        assert_eq!(part("scaler/1.4 (x; y)").unwrap(), "scaler/1.4 (x; y)");
    }
}
