//! Signal transports: how a server reports the results of a deployment.

use crate::heat::model::{ConfigInput, ConfigType};
use crate::heat::software_deployments::TempUrl;
use crate::secret::Secret;

/// How the agent in a server reports the results of a deployment to Heat.
///
/// | transport | what the agent does | for a deployment outside stacks |
/// |---|---|---|
/// | `NO_SIGNAL` | nothing | someone [updates](super::SoftwareDeployments::update) it |
/// | `TEMP_URL_SIGNAL` | stores its results in Swift, where Heat fetches them | works |
/// | `HEAT_SIGNAL` | signals a resource of a stack | reaches that resource only |
/// | `CFN_SIGNAL` | sends its results to a signed URL of a resource | reaches that resource only |
/// | `ZAQAR_SIGNAL` | posts its results to a queue | Heat does not read the queue |
///
/// Heat's resource `OS::Heat::SoftwareDeployment` supports all of them: Heat creates a user, a key
/// pair or a queue for it. A client cannot do so. It passes the values that it got elsewhere, such as
/// from the derived config of such a resource, to a further config for the same agent.
///
/// All values that the agent needs are inputs of the derived config: who may read the config can read
/// them, passwords included.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum SignalTransport {
    /// `NO_SIGNAL`: the agent reports nothing.
    NoSignal,
    /// `TEMP_URL_SIGNAL`: the agent sends its results to a Swift TempURL with `PUT`.
    TempUrl(TempUrl),
    /// `CFN_SIGNAL`: the agent sends its results to a signed URL of Heat's CloudFormation API with
    /// `POST`.
    Cfn {
        /// The signed URL.
        url: Secret,
    },
    /// `HEAT_SIGNAL`: the agent logs in and signals a resource.
    Heat {
        /// The user that may signal the resource.
        login: SignalLogin,
        /// The name and id of the stack: `web/3095aefc-09fb-4bc7-b1f0-f21a304e864c`.
        stack: String,
        /// The name of the resource.
        resource: String,
    },
    /// `ZAQAR_SIGNAL`: the agent logs in and posts its results to a Zaqar queue.
    Zaqar {
        /// The user that may post to the queue.
        login: SignalLogin,
        /// The id of the queue.
        queue: String,
    },
}

/// A TempURL in the Swift of the session's cloud, as in python-heatclient.
impl Default for SignalTransport {
    fn default() -> Self {
        Self::TempUrl(TempUrl::new())
    }
}

impl From<TempUrl> for SignalTransport {
    fn from(url: TempUrl) -> Self {
        Self::TempUrl(url)
    }
}

/// The user as which an agent logs in to report results.
///
/// ```
/// use heatclient::heat::{SignalLogin, SignalTransport};
///
/// let login = SignalLogin::new("https://keystone.example/v3", "u1", "swordfish", "p1")
///     .region("RegionOne");
/// let transport = SignalTransport::Zaqar { login, queue: "q1".to_owned() };
/// ```
#[derive(Debug, Clone)]
pub struct SignalLogin {
    auth_url: String,
    user_id: String,
    password: Secret,
    project_id: String,
    username: Option<String>,
    region: Option<String>,
}

impl SignalLogin {
    /// The URL of Keystone, the id of the user, its password and the id of the project.
    pub fn new(
        auth_url: impl Into<String>,
        user_id: impl Into<String>,
        password: impl Into<Secret>,
        project_id: impl Into<String>,
    ) -> Self {
        Self {
            auth_url: auth_url.into(),
            user_id: user_id.into(),
            password: password.into(),
            project_id: project_id.into(),
            username: None,
            region: None,
        }
    }

    /// Sets the name of the user. Present agents use the id only.
    #[must_use]
    pub fn username(mut self, name: impl Into<String>) -> Self {
        self.username = Some(name.into());
        self
    }

    /// Sets the region whose endpoint the agent uses.
    #[must_use]
    pub fn region(mut self, name: impl Into<String>) -> Self {
        self.region = Some(name.into());
        self
    }

    fn inputs(&self, inputs: &mut Vec<ConfigInput>) {
        let mut add = |name: &str, value: &str, description: &str| {
            inputs.push(input(name, value, description));
        };
        add(
            "deploy_auth_url",
            &self.auth_url,
            "URL for API authentication",
        );
        if let Some(name) = &self.username {
            add("deploy_username", name, "Username for API authentication");
        }
        add(
            "deploy_user_id",
            &self.user_id,
            "User ID for API authentication",
        );
        let password = self.password.expose();
        add(
            "deploy_password",
            password,
            "Password for API authentication",
        );
        let project = &self.project_id;
        add(
            "deploy_project_id",
            project,
            "ID of project for API authentication",
        );
        if let Some(region) = &self.region {
            add(
                "deploy_region_name",
                region,
                "Region name for API authentication",
            );
        }
    }
}

impl SignalTransport {
    /// The name in Heat's API: `TEMP_URL_SIGNAL`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::NoSignal => "NO_SIGNAL",
            Self::TempUrl(_) => "TEMP_URL_SIGNAL",
            Self::Cfn { .. } => "CFN_SIGNAL",
            Self::Heat { .. } => "HEAT_SIGNAL",
            Self::Zaqar { .. } => "ZAQAR_SIGNAL",
        }
    }

    /// The inputs that tell the agent how to report, in the order of Heat's engine. `temp_url` is the
    /// URL for `TEMP_URL_SIGNAL`.
    pub(super) fn inputs(&self, temp_url: Option<&Secret>) -> Vec<ConfigInput> {
        let mut inputs = Vec::new();
        if let Self::Heat {
            stack, resource, ..
        } = self
        {
            let of = "ID of the stack this deployment belongs to";
            inputs.push(input("deploy_stack_id", stack, of));
            let of = "Name of this deployment resource in the stack";
            inputs.push(input("deploy_resource_name", resource, of));
        }
        let how = "How the server should signal to heat with the deployment output values.";
        inputs.push(input("deploy_signal_transport", self.as_str(), how));
        let mut signal = |id: &Secret, verb: &str| {
            let of = "ID of signal to use for signaling output values";
            inputs.push(input("deploy_signal_id", id.expose(), of));
            let of = "HTTP verb to use for signaling output values";
            inputs.push(input("deploy_signal_verb", verb, of));
        };
        match self {
            Self::NoSignal => {}
            Self::TempUrl(_) => {
                if let Some(url) = temp_url {
                    signal(url, "PUT");
                }
            }
            Self::Cfn { url } => signal(url, "POST"),
            Self::Heat { login, .. } => login.inputs(&mut inputs),
            Self::Zaqar { login, queue } => {
                login.inputs(&mut inputs);
                let of = "ID of queue to use for signaling output values";
                inputs.push(input("deploy_queue_id", queue, of));
            }
        }
        inputs
    }
}

pub(super) fn input(name: &str, value: &str, description: &str) -> ConfigInput {
    text(name).description(description).value(value)
}

/// An input of type `String`. Agents may expect a type.
pub(super) fn text(name: impl Into<String>) -> ConfigInput {
    ConfigInput::new(name).kind(ConfigType::String)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The inputs of each transport: those that Heat's engine sets for its own deployments.
    #[test]
    fn each_transport_has_the_inputs_that_its_agent_reads() {
        let login = || SignalLogin::new("http://k/v3", "u", "secret", "p");
        let full = || login().username("n").region("r");
        let heat = |login| SignalTransport::Heat {
            login,
            stack: "web/1".to_owned(),
            resource: "d".to_owned(),
        };
        let zaqar = |login| SignalTransport::Zaqar {
            login,
            queue: "q".to_owned(),
        };
        let cases: [(SignalTransport, &[(&str, &str)]); 7] = [
            (
                SignalTransport::NoSignal,
                &[("deploy_signal_transport", "NO_SIGNAL")],
            ),
            (
                TempUrl::new().into(),
                &[
                    ("deploy_signal_transport", "TEMP_URL_SIGNAL"),
                    ("deploy_signal_id", "http://swift/x"),
                    ("deploy_signal_verb", "PUT"),
                ],
            ),
            (
                SignalTransport::Cfn {
                    url: "http://cfn/x".into(),
                },
                &[
                    ("deploy_signal_transport", "CFN_SIGNAL"),
                    ("deploy_signal_id", "http://cfn/x"),
                    ("deploy_signal_verb", "POST"),
                ],
            ),
            (
                heat(full()),
                &[
                    ("deploy_stack_id", "web/1"),
                    ("deploy_resource_name", "d"),
                    ("deploy_signal_transport", "HEAT_SIGNAL"),
                    ("deploy_auth_url", "http://k/v3"),
                    ("deploy_username", "n"),
                    ("deploy_user_id", "u"),
                    ("deploy_password", "secret"),
                    ("deploy_project_id", "p"),
                    ("deploy_region_name", "r"),
                ],
            ),
            (
                heat(login()),
                &[
                    ("deploy_stack_id", "web/1"),
                    ("deploy_resource_name", "d"),
                    ("deploy_signal_transport", "HEAT_SIGNAL"),
                    ("deploy_auth_url", "http://k/v3"),
                    ("deploy_user_id", "u"),
                    ("deploy_password", "secret"),
                    ("deploy_project_id", "p"),
                ],
            ),
            (
                zaqar(full()),
                &[
                    ("deploy_signal_transport", "ZAQAR_SIGNAL"),
                    ("deploy_auth_url", "http://k/v3"),
                    ("deploy_username", "n"),
                    ("deploy_user_id", "u"),
                    ("deploy_password", "secret"),
                    ("deploy_project_id", "p"),
                    ("deploy_region_name", "r"),
                    ("deploy_queue_id", "q"),
                ],
            ),
            (
                SignalTransport::default(),
                &[
                    ("deploy_signal_transport", "TEMP_URL_SIGNAL"),
                    ("deploy_signal_id", "http://swift/x"),
                    ("deploy_signal_verb", "PUT"),
                ],
            ),
        ];
        let url = Secret::from("http://swift/x");
        for (transport, expected) in cases {
            let inputs = transport.inputs(Some(&url));
            let found: Vec<_> = inputs
                .iter()
                .map(|input| {
                    (
                        &*input.name,
                        input.value.as_ref().unwrap().as_str().unwrap(),
                    )
                })
                .collect();
            assert_eq!(found, expected, "{}", transport.as_str());
            assert!(inputs.iter().all(|input| input.description.is_some()));
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        let login = SignalLogin::new("http://k/v3", "u", "swordfish", "p");
        let transports = [
            SignalTransport::Zaqar {
                login,
                queue: "q".to_owned(),
            },
            SignalTransport::Cfn {
                url: "http://cfn/?Signature=swordfish".into(),
            },
            TempUrl::given("http://swift/?temp_url_sig=swordfish").into(),
            TempUrl::signed("http://swift/v1/AUTH_p", "swordfish", "c").into(),
        ];
        for transport in transports {
            assert!(!format!("{transport:?}").contains("swordfish"));
        }
    }
}
