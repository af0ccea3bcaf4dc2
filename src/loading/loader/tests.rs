use super::*;
use crate::auth::NoAuth;
use crate::loading::Registry;

#[test]
fn the_environment_is_read_by_option() {
    let env = |name: &str| {
        let value = match name {
            "OS_AUTH_URL" => "http://id",
            "OS_USERNAME" => "demo",
            "OS_USER_NAME" => "older",
            "OS_PROJECT_NAME" => "",
            "OS_TENANT_NAME" => "web",
            "OS_PASSWORD" => "",
            "OS_TOKEN" => "of another plugin",
            _ => return None,
        };
        Some(value.to_owned())
    };
    let loader = Registry::default().get("password").unwrap();
    let values = loader.read_env(env);
    let mut names: Vec<_> = values.names().collect();
    names.sort_unstable();
    assert_eq!(names, ["auth_url", "project_name", "username"]);
    assert_eq!(values.get("username"), Some("demo"));
    assert_eq!(values.get("project_name"), Some("web"));

    let typed = loader
        .values([
            ("username", "admin"),
            ("tenant_name", "ops"),
            ("password", ""),
            ("default_domain_id", "d"),
        ])
        .unwrap()
        .or(values);
    assert_eq!(typed.get("username"), Some("admin"));
    assert_eq!(typed.get("project_name"), Some("ops"));
    assert!(loader.load_values(typed).is_ok());
}

/// Has the options of the methods in `auth_methods`. The method `second` adds another option.
#[derive(Debug)]
struct Methods;

const AUTH_METHODS: Opt = Opt::new("auth_methods", "Methods, separated by commas")
    .required()
    .default("first");
const USER: Opt = Opt::new("user", "A user").aliases(&["login"]).required();
const DEVICE: Opt = Opt::new("device", "A device").default("phone");
const NUMBER: Opt = Opt::new("number", "A number")
    .secret()
    .required()
    .prompt("Number: ");

impl Loader for Methods {
    fn name(&self) -> &str {
        "methods"
    }

    fn options(&self) -> &[Opt] {
        &[AUTH_METHODS]
    }

    fn options_for(&self, values: &OptionValues) -> Cow<'_, [Opt]> {
        let mut options = self.options().to_vec();
        for method in values.list("auth_methods") {
            match method {
                "first" => options.push(USER),
                "second" => options.extend([USER, DEVICE]),
                _ => {}
            }
        }
        if values.get("device") == Some("phone") {
            options.push(NUMBER);
        }
        options.into()
    }

    fn missing(&self, values: &OptionValues) -> Vec<&'static [&'static str]> {
        let groups: [(&str, &'static [&'static str]); 3] = [
            ("third", &["user", "card"]),
            ("fourth", &["a"]),
            ("fifth", &["b"]),
        ];
        let methods = values.list("auth_methods");
        let chosen = groups
            .into_iter()
            .filter(|(method, _)| methods.contains(method));
        chosen.map(|(_, group)| group).collect()
    }

    fn load(&self, values: &OptionValues) -> Result<Credentials> {
        let values = values.names().map(|name| (name, values.get(name)));
        let message = format!("{:?}", values.collect::<Vec<_>>());
        Err(Error::new(ErrorKind::Config, message))
    }
}

fn names(options: &[Opt]) -> Vec<&str> {
    options.iter().map(|opt| opt.name).collect()
}

#[test]
fn values_choose_options() {
    let loader = PluginLoader::from(Methods);
    let none = OptionValues::default();
    assert_eq!(names(loader.options()), ["auth_methods"]);
    assert_eq!(names(&loader.options_for(&none)), ["auth_methods", "user"]);

    for (pairs, loaded) in [
        (
            &[("login", "demo")][..],
            r#"[("auth_methods", Some("first")), ("user", Some("demo"))]"#,
        ),
        (
            &[
                ("device", "card"),
                ("user", "demo"),
                ("auth-methods", " second,,first "),
            ],
            r#"[("auth_methods", Some(" second,,first ")), ("user", Some("demo")), ("device", Some("card"))]"#,
        ),
        // A default adds options like a value does.
        (
            &[
                ("number", "17"),
                ("user", "demo"),
                ("auth_methods", "second"),
            ],
            r#"[("auth_methods", Some("second")), ("user", Some("demo")), ("device", Some("phone")), ("number", Some("17"))]"#,
        ),
        (
            &[("auth_methods", "second")],
            "auth plugin methods needs user (OS_USER); number (OS_NUMBER)",
        ),
        (
            &[("number", "17"), ("user", "demo")],
            "auth plugin methods has no option \"number\"",
        ),
        (
            &[
                ("auth_methods", "second"),
                ("user", "demo"),
                ("nmber", "17"),
            ],
            "auth plugin methods has no option \"nmber\" (did you mean number?)",
        ),
    ] {
        let error = loader.load(pairs.iter().copied()).unwrap_err();
        assert_eq!(error.to_string(), loaded);
    }
}

#[test]
fn any_number_of_groups_may_be_missing() {
    let error = PluginLoader::from(Methods)
        .load([("auth_methods", "second,third,fourth,fifth")])
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "auth plugin methods needs user (OS_USER); number (OS_NUMBER); user (OS_USER) or card; a; b"
    );
}

#[test]
fn a_value_of_one_source_chooses_options_of_another() {
    let loader = PluginLoader::from(Methods);
    let typed = [("auth_methods", "second")];
    let mut asked = Vec::new();
    let values = loader.gather(|opt| {
        asked.push(opt.name);
        let typed = typed.iter().find(|(name, _)| *name == opt.name);
        let variable = opt.env_names().into_iter().find(|name| name == "OS_LOGIN");
        typed
            .map(|(_, value)| Secret::from(*value))
            .or_else(|| variable.map(Secret::from))
    });
    assert_eq!(asked, ["auth_methods", "user", "device", "number"]);
    assert_eq!(values.get("user"), Some("OS_LOGIN"));
    // Defaults would hide values of lower sources.
    assert_eq!(values.names().collect::<Vec<_>>(), ["auth_methods", "user"]);

    let env = |name: &str| match name {
        "OS_AUTH_METHODS" => Some("second".to_owned()),
        "OS_NUMBER" => Some("17".to_owned()),
        _ => None,
    };
    assert_eq!(loader.read_env(env).get("number"), Some("17"));
}

#[test]
fn a_loader_that_always_chooses_more_options_ends() {
    #[derive(Debug)]
    struct Endless;

    impl Loader for Endless {
        fn name(&self) -> &str {
            "endless"
        }

        fn options(&self) -> &[Opt] {
            &[]
        }

        fn options_for(&self, values: &OptionValues) -> Cow<'_, [Opt]> {
            const NAMES: [&str; 20] = [
                "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p",
                "q", "r", "s", "t",
            ];
            let count = values.names().count() + 1;
            let options = NAMES.into_iter().take(count);
            options.map(|name| Opt::new(name, "A letter")).collect()
        }

        fn load(&self, _: &OptionValues) -> Result<Credentials> {
            Ok(NoAuth::new().into())
        }
    }

    let values = PluginLoader::from(Endless).gather(|_| Some(Secret::from("x")));
    assert_eq!(values.names().count(), MAX_ROUNDS);
}

#[test]
fn defaults_are_filled_in_for_every_loader() {
    #[derive(Debug)]
    struct WithDefault;

    impl Loader for WithDefault {
        fn name(&self) -> &str {
            "with_default"
        }

        fn options(&self) -> &[Opt] {
            const OPTIONS: &[Opt] = &[Opt::new("path", "A file").required().default("/run/token")];
            OPTIONS
        }

        fn load(&self, values: &OptionValues) -> Result<Credentials> {
            match values.require("path")? {
                "/run/token" => Ok(NoAuth::new().into()),
                other => Err(Error::new(ErrorKind::Config, other.to_owned())),
            }
        }
    }

    let loader = PluginLoader::from(WithDefault);
    assert!(loader.load([("path", "")]).is_ok());
    assert!(loader.load(Vec::<(String, String)>::new()).is_ok());
    assert_eq!(
        loader.load([("path", "/other")]).unwrap_err().to_string(),
        "/other"
    );
}
