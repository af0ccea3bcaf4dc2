//! A plugin of another crate: several methods, options that depend on values, prompts.

use std::borrow::Cow;
use std::sync::{Arc, Mutex};

use heatclient::auth::identity::{AuthUrl, FurtherMethods, Login, LoginMethod, Receipt};
use heatclient::auth::{
    AuthContext, AuthData, AuthPlugin, CacheInputs, Credentials, Interaction, Page, Prompt,
};
use heatclient::loading::{
    Loader, Opt, OptionValues, plugin_from_env, plugin_loader, plugin_names, register,
};
use heatclient::secret::Secret;
use heatclient::{Client, ErrorKind, Result, Session};
use heatclient_test_support::scripted::{Scripted, answer, json};
use http::Uri;
use serde_json::{Value, json};

const AUTH_URL: Opt = Opt::new("auth_url", "URL of the identity service").required();
const AUTH_METHODS: Opt = Opt::new("auth_methods", "Methods, separated by commas").required();
const BADGE: Opt = Opt::new("badge", "Number of the badge").required();
const PIN: Opt = Opt::new("pin", "PIN of the badge").secret();

/// Logs in with a badge, and with its PIN if Keystone requests it.
#[derive(Debug)]
struct Badge {
    auth_url: AuthUrl,
    number: String,
    pin: Option<Secret>,
}

impl AuthPlugin for Badge {
    async fn authenticate(&self, cx: &AuthContext) -> Result<AuthData> {
        let badge = LoginMethod::new("badge", &json!({"number": self.number}))?;
        let login = Login::new(format!("with badge {}", self.number), &self.auth_url);
        login.method(badge).send_with(self, cx).await
    }

    fn auth_url(&self) -> Option<&Uri> {
        Some(self.auth_url.uri())
    }

    fn cache_inputs(&self) -> Option<CacheInputs> {
        let inputs = CacheInputs::new("badge")
            .with("auth_url", &self.auth_url.uri().to_string())
            .with("number", &self.number);
        Some(match &self.pin {
            Some(pin) => inputs.with_secret("pin", pin),
            None => inputs,
        })
    }
}

impl FurtherMethods for Badge {
    fn offers(&self, name: &str) -> bool {
        name == "pin"
    }

    async fn method(&self, name: &str, _: &Receipt, cx: &AuthContext) -> Result<LoginMethod> {
        let pin = match &self.pin {
            Some(pin) => pin.clone(),
            None => cx.ask(&Prompt::secret("PIN: ")).await?,
        };
        LoginMethod::new(name.to_owned(), &json!({"pin": pin.expose()}))
    }
}

#[derive(Debug)]
struct BadgeLoader;

impl Loader for BadgeLoader {
    fn name(&self) -> &str {
        "it_badge"
    }

    fn options(&self) -> &[Opt] {
        &[AUTH_URL, AUTH_METHODS]
    }

    fn options_for(&self, values: &OptionValues) -> Cow<'_, [Opt]> {
        let mut options = self.options().to_vec();
        for method in values.list("auth_methods") {
            match method {
                "badge" => options.push(BADGE),
                "pin" => options.push(PIN),
                _ => {}
            }
        }
        options.into()
    }

    fn load(&self, values: &OptionValues) -> Result<Credentials> {
        Ok(Badge {
            auth_url: AuthUrl::parse(values.require("auth_url")?)?,
            number: values.require("badge")?.to_owned(),
            pin: values.secret("pin").cloned(),
        }
        .into())
    }
}

/// Gives the same answer to every prompt.
#[derive(Debug, Clone, Default)]
struct Terminal(Arc<Mutex<Vec<String>>>);

impl Interaction for Terminal {
    async fn ask(&self, prompt: &Prompt) -> Result<Secret> {
        self.0.lock().unwrap().push(prompt.text.clone());
        Ok(Secret::from("2468"))
    }

    async fn show(&self, page: &Page) -> Result<()> {
        panic!("nobody shows {}", page.url)
    }
}

/// A Keystone that requires badge and PIN, and a Heat without stacks.
async fn cloud() -> Scripted {
    Scripted::start(|seen| {
        if seen.path == "/v3/auth/tokens" {
            let body: Value = serde_json::from_slice(&seen.body).unwrap();
            let identity = &body["auth"]["identity"];
            let receipt = seen.header("openstack-auth-receipt");
            if receipt.is_none() && identity["badge"]["number"] == "17" {
                let headers = "content-type: application/json\r\nopenstack-auth-receipt: gAAAAr\r\n";
                return answer(
                    "401 Unauthorized",
                    headers,
                    r#"{"receipt": {"methods": ["badge"]}, "required_auth_methods": [["badge", "pin"]]}"#,
                );
            }
            if receipt != Some("gAAAAr") || identity["pin"]["pin"] != "2468" {
                return json("401 Unauthorized", r#"{"error": {"message": "wrong PIN"}}"#);
            }
            let heat = format!("http://{}/heat/v1/p", seen.header("host").unwrap());
            let token = json!({"token": {"catalog": [{"type": "orchestration", "endpoints": [
                {"interface": "public", "url": heat}]}]}});
            let headers = "content-type: application/json\r\nx-subject-token: gAAAAt\r\n";
            return answer("201 Created", headers, &token.to_string());
        }
        match seen.header("x-auth-token") {
            Some("gAAAAt") => json("200 OK", r#"{"stacks": []}"#),
            _ => json("401 Unauthorized", "{}"),
        }
    })
    .await
}

#[tokio::test]
async fn a_plugin_of_another_crate_is_chosen_by_the_environment_and_logs_in() {
    register(BadgeLoader).unwrap();
    assert!(plugin_names().contains(&"it_badge".to_owned()));
    let cloud = cloud().await;
    let url = format!("{}/v3", cloud.url);
    let env = |pin: Option<&'static str>| {
        let url = url.clone();
        move |name: &str| match name {
            "OS_AUTH_TYPE" => Some("it_badge".to_owned()),
            "OS_AUTH_URL" => Some(url.clone()),
            "OS_AUTH_METHODS" => Some("badge,pin".to_owned()),
            "OS_BADGE" => Some("17".to_owned()),
            "OS_PIN" => pin.map(str::to_owned),
            _ => None,
        }
    };
    let credentials = |pin| {
        let loader = plugin_from_env(env(pin)).unwrap().unwrap();
        loader.load_values(loader.read_env(env(pin))).unwrap()
    };
    let session = |pin| {
        Session::builder(credentials(pin)).retry(heatclient::transport::layers::RetryPolicy::none())
    };

    let heat = Client::new(session(Some("2468")).build());
    assert!(heat.stacks().list().await.unwrap().is_empty());

    let terminal = Terminal::default();
    let heat = Client::new(session(None).interaction(terminal.clone()).build());
    assert!(heat.stacks().list().await.unwrap().is_empty());
    assert_eq!(*terminal.0.lock().unwrap(), ["PIN: "]);

    let error = session(None).build().access().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interaction, "{error}");
    let error = session(Some("1357")).build().access().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth, "{error}");

    let key = |pin| credentials(pin).cache_key().unwrap();
    assert_eq!(key(Some("2468")), key(Some("2468")));
    assert_ne!(key(Some("2468")), key(None));
    let missing = plugin_loader("it_badge").unwrap();
    assert_eq!(
        missing
            .load([("auth_methods", "badge")])
            .unwrap_err()
            .to_string(),
        "auth plugin it_badge needs auth_url (OS_AUTH_URL); badge (OS_BADGE)"
    );
}
