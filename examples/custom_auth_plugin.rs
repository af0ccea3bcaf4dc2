//! A custom auth plugin and its loader: reads a token from a file that another program writes.
//!
//! `cargo run --example custom_auth_plugin`

use heatclient::auth::{AuthContext, AuthData, AuthPlugin, Credentials};
use heatclient::loading::{self, Loader, Opt, OptionValues};
use heatclient::sandbox::Sandbox;
use heatclient::secret::Secret;
use heatclient::{Client, Error, ErrorKind, Result, Session};
use http::Uri;

/// Reads the token again at each login, including the one after a 401.
#[derive(Debug)]
struct TokenFile {
    path: String,
    endpoint: Uri,
}

impl AuthPlugin for TokenFile {
    async fn authenticate(&self, _: &AuthContext) -> Result<AuthData> {
        let token = tokio::fs::read_to_string(&self.path).await.map_err(|e| {
            Error::new(
                ErrorKind::Io,
                format!("cannot read the token file {}: {e}", self.path),
            )
        })?;
        AuthData::token(&Secret::from(token.trim()))
    }

    fn endpoint(&self) -> Option<&Uri> {
        Some(&self.endpoint)
    }
}

#[derive(Debug)]
struct TokenFileLoader;

impl Loader for TokenFileLoader {
    fn name(&self) -> &str {
        "token_file"
    }

    fn options(&self) -> &[Opt] {
        const OPTIONS: &[Opt] = &[
            Opt::new("token_file", "File that holds the token").required(),
            Opt::new("endpoint", "URL of the service").required(),
        ];
        OPTIONS
    }

    fn load(&self, values: &OptionValues) -> Result<Credentials> {
        let endpoint = values.require("endpoint")?;
        Ok(TokenFile {
            path: values.require("token_file")?.to_owned(),
            endpoint: endpoint.parse().map_err(|e| {
                Error::new(ErrorKind::Config, format!("the endpoint is not a URL: {e}"))
            })?,
        }
        .into())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    loading::register(TokenFileLoader)?;
    println!("plugins: {}", loading::plugin_names().join(", "));

    // The other program logs in and writes its token to a file.
    let path = std::env::temp_dir().join(format!("heatclient-token-{}", std::process::id()));
    let user = sandbox.credentials();
    let login = Session::new(loading::plugin_loader("password")?.load([
        ("auth_url", sandbox.auth_url()),
        ("username", user.username),
        ("password", user.password),
        ("project_name", user.project_name),
        ("user_domain_name", user.user_domain_name),
        ("project_domain_name", user.project_domain_name),
    ])?);
    let access = login.access().await?.ok_or("no access")?;
    tokio::fs::write(&path, access.token().expose()).await?;

    let auth = loading::plugin_loader("token_file")?.load([
        ("token_file", path.display().to_string()),
        ("endpoint", sandbox.orchestration_url()),
    ])?;
    let heat = Client::new(Session::new(auth));
    println!("{} stacks", heat.stacks().list().await?.len());
    tokio::fs::remove_file(&path).await?;
    Ok(())
}
