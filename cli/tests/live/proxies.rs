//! Real proxies, which `tests/proxies/run` starts: tinyproxy, squid and microsocks.

use std::path::PathBuf;
use std::time::Duration;

use heatclient_test_support::cloud::facts;
use heatclient_test_support::time::HANG;
use serde_json::Value;
use tokio::process::Command;

const PROXIES: [&str; 5] = [
    "tinyproxy",
    "tinyproxy-login",
    "squid-login",
    "socks",
    "socks-login",
];

/// The cloud and the proxies.
struct Stage {
    state: PathBuf,
    cloud: Value,
    proxies: Value,
}

impl Stage {
    /// `None` without a real cloud and real proxies.
    fn new() -> Option<Self> {
        let state = std::env::var_os("HEAT_LIVE_STATE").map(PathBuf::from);
        let proxies = std::env::var_os("HEAT_LIVE_PROXIES").map(PathBuf::from);
        let (Some(state), Some(proxies), Some(cloud)) = (state, proxies, facts()) else {
            eprintln!(
                "skipped: HEAT_LIVE_STATE or HEAT_LIVE_PROXIES is not set; see tests/proxies/run"
            );
            return None;
        };
        let proxies = serde_json::from_slice(&std::fs::read(proxies).unwrap()).unwrap();
        Some(Self {
            state,
            cloud,
            proxies,
        })
    }

    fn url(&self, proxy: &str) -> &str {
        self.proxies[proxy]["url"].as_str().unwrap()
    }

    /// `HOST:PORT` of a proxy.
    fn address(&self, proxy: &str) -> &str {
        let url = self.url(proxy);
        url.rsplit(['/', '@']).next().unwrap()
    }

    /// Runs the tool with these variables. No password may be printed.
    async fn heat(
        &self,
        cloud: &str,
        variables: &[(&str, &str)],
        line: &str,
    ) -> Result<String, String> {
        let output = Command::new(env!("CARGO_BIN_EXE_heat"))
            .env_clear()
            .env("OS_CLIENT_CONFIG_FILE", self.state.join("clouds.yaml"))
            .env("OS_CLOUD", cloud)
            .envs(variables.iter().copied())
            .args(line.split_whitespace())
            .kill_on_drop(true)
            .output()
            .await
            .unwrap();
        let [text, error] =
            [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        for secret in ["w@rd", "w%40rd", ":word@", "cHJveHktdXNlcj", "swordfish"] {
            assert!(!error.contains(secret) && !text.contains(secret), "{error}");
        }
        match output.status.success() {
            true => Ok(text),
            false => Err(error),
        }
    }

    /// Waits until the log of a proxy has a line with all of these.
    async fn logged(&self, proxy: &str, parts: &[&str]) {
        let path = self.proxies[proxy]["log"].as_str().unwrap();
        let is_there = || {
            let log = std::fs::read(path).unwrap();
            let log = String::from_utf8_lossy(&log).into_owned();
            let mut lines = log.lines();
            let found = lines.any(|line| parts.iter().all(|part| line.contains(part)));
            found.then_some(()).ok_or(log)
        };
        let wait = async {
            while is_there().is_err() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        if tokio::time::timeout(HANG, wait).await.is_err() {
            panic!("{proxy}: no line with {parts:?} in {:?}", is_there());
        }
    }

    /// The authority of a service, such as `127.0.0.1:28004`.
    fn authority(&self, key: &str) -> String {
        let url = self.cloud[key].as_str().unwrap();
        let rest = url.split_once("://").unwrap().1;
        rest.split('/').next().unwrap().to_owned()
    }
}

/// The variable that names a proxy, in all spellings in turn.
fn variable(proxy: &str, is_https: bool) -> &'static str {
    match (proxy, is_https) {
        ("socks", _) => "ALL_PROXY",
        ("socks-login", _) => "all_proxy",
        ("tinyproxy", false) => "HTTP_PROXY",
        (_, false) => "http_proxy",
        ("tinyproxy", true) => "HTTPS_PROXY",
        (_, true) => "https_proxy",
    }
}

#[tokio::test]
async fn logins_and_calls_go_through_every_proxy() {
    let Some(stage) = Stage::new() else {
        return;
    };
    for proxy in PROXIES {
        for (cloud, keys) in [
            ("devcloud", ["identity_url", "orchestration_url"]),
            (
                "devcloud-tls",
                ["identity_tls_url", "orchestration_tls_url"],
            ),
        ] {
            let is_https = cloud.ends_with("tls");
            let variables = [(variable(proxy, is_https), stage.url(proxy))];
            let listed = stage.heat(cloud, &variables, "stack list -f json").await;
            listed.unwrap_or_else(|error| panic!("{proxy} {cloud}: {error}"));
            for (key, method) in keys.into_iter().zip(["POST", "GET"]) {
                let authority = stage.authority(key);
                match (proxy.starts_with("socks"), is_https) {
                    (true, _) => stage.logged(proxy, &["connected to", &authority]).await,
                    (false, true) => stage.logged(proxy, &["CONNECT", &authority]).await,
                    // The proxy sees the whole URL.
                    (false, false) => {
                        let url = format!("{method} http://{authority}/");
                        stage.logged(proxy, &[&url]).await;
                    }
                }
            }
        }
    }
}

/// A stack from its creation to its end, through a proxy with a password.
#[tokio::test]
async fn a_stack_lives_behind_a_proxy() {
    let Some(stage) = Stage::new() else {
        return;
    };
    let template = std::env::temp_dir().join(format!("heat-proxy-{}.yaml", std::process::id()));
    let text =
        "heat_template_version: 2021-04-16\nresources: {one: {type: OS::Heat::RandomString}}\n";
    std::fs::write(&template, text).unwrap();
    for (cloud, variable) in [("devcloud", "http_proxy"), ("devcloud-tls", "https_proxy")] {
        let name = format!("proxied-{cloud}-{}", std::process::id());
        let variables = [(variable, stage.url("squid-login"))];
        let template = template.display();
        for line in [
            format!("stack create {name} -t {template} --wait -f json"),
            format!("stack show {name} -f json"),
            format!("stack resource list {name} -f json"),
            format!("stack delete {name} --yes --wait"),
        ] {
            let done = stage.heat(cloud, &variables, &line).await;
            done.unwrap_or_else(|error| panic!("{line}: {error}"));
        }
    }
    std::fs::remove_file(template).unwrap();
}

#[tokio::test]
async fn a_proxy_that_refuses_or_is_down_is_named_and_what_to_do() {
    const CHECK: &str = "check user name and password in the variable";
    const ADD: &str = "add user name and password to the variable: http://USER:PASSWORD@HOST:PORT";
    let Some(stage) = Stage::new() else {
        return;
    };
    let [identity, identity_tls] =
        ["identity_url", "identity_tls_url"].map(|key| stage.authority(key));
    for proxy in ["tinyproxy-login", "squid-login", "socks-login"] {
        let address = stage.address(proxy);
        for (login, http_advice) in [("", ADD), ("proxy-user:swordfish@", CHECK)] {
            let status = match (proxy, login) {
                // tinyproxy violates RFC 9110, 11.7.1 then.
                ("tinyproxy-login", "proxy-user:swordfish@") => "401 Unauthorized",
                _ => "407 Proxy Authentication Required",
            };
            let scheme = stage.url(proxy).split_once("://").unwrap().0;
            let url = format!("{scheme}://{login}{address}");
            for (cloud, server) in [("devcloud", &identity), ("devcloud-tls", &identity_tls)] {
                let variable = variable(proxy, cloud.ends_with("tls"));
                let error = stage.heat(cloud, &[(variable, &url)], "stack list").await;
                let error = error.unwrap_err();
                let expected = match (scheme, cloud) {
                    ("socks5h", _) => {
                        let advice = match login {
                            "" => "it requires a user name and password; add them to the variable",
                            _ => {
                                "it did not accept the login; check user name and password in the variable"
                            }
                        };
                        format!(
                            "the proxy {address} ({variable}) refused to connect to {server}: {advice}"
                        )
                    }
                    (_, "devcloud") => format!(
                        "the proxy {address} ({variable}) refused the request: {status}; {http_advice}"
                    ),
                    _ => format!(
                        "the proxy {address} ({variable}) refused to connect to {server}: {status}; {http_advice}"
                    ),
                };
                assert!(
                    error.contains(&expected),
                    "{proxy} {login} {cloud}: {error}"
                );
            }
        }
    }
    for (cloud, variable, url) in [
        ("devcloud", "http_proxy", "http://127.0.0.1:1"),
        ("devcloud-tls", "https_proxy", "http://127.0.0.1:1"),
        ("devcloud", "ALL_PROXY", "socks5://127.0.0.1:1"),
        ("devcloud-tls", "ALL_PROXY", "socks5h://127.0.0.1:1"),
    ] {
        let error = stage.heat(cloud, &[(variable, url)], "stack list").await;
        let expected = format!("cannot connect to the proxy 127.0.0.1:1 ({variable}): ");
        let error = error.unwrap_err();
        assert!(error.contains(&expected), "{error}");
    }
}

#[tokio::test]
async fn no_proxy_excludes_hosts_networks_and_ports() {
    let Some(stage) = Stage::new() else {
        return;
    };
    // Nothing listens there.
    const DOWN: &str = "http://127.0.0.1:1";
    let [identity, heat] = ["identity_url", "orchestration_url"].map(|key| stage.authority(key));
    let both = format!("{identity},{heat}");
    let only_identity = format!("{identity},::1,fd00::/8");
    for (no_proxy, cloud, is_direct) in [
        ("127.0.0.1", "devcloud", true),
        ("127.0.0.0/8", "devcloud", true),
        ("10.0.0.0/8, 127.0.0.1/32", "devcloud", true),
        ("*", "devcloud", true),
        (&*both, "devcloud", true),
        // Keystone is reached, Heat is not.
        (&*only_identity, "devcloud", false),
        ("localhost", "devcloud", false),
        ("10.0.0.0/8", "devcloud", false),
        ("::1/128", "devcloud", false),
        ("localhost", "devcloud-tls", true),
        (".localhost", "devcloud-tls", true),
        ("localhost:1", "devcloud-tls", false),
        // The URL has a name, which is not looked up for this.
        ("127.0.0.0/8", "devcloud-tls", false),
    ] {
        for variable in ["no_proxy", "NO_PROXY"] {
            let variables = [("all_proxy", DOWN), (variable, no_proxy)];
            let listed = stage.heat(cloud, &variables, "stack list").await;
            assert_eq!(listed.is_ok(), is_direct, "{no_proxy} {cloud}: {listed:?}");
            if let Err(error) = listed {
                let expected = "cannot connect to the proxy 127.0.0.1:1 (all_proxy)";
                assert!(error.contains(expected), "{error}");
                let has_logged_in = error.contains("list stacks");
                assert_eq!(has_logged_in, no_proxy == only_identity, "{error}");
            }
        }
    }
}
