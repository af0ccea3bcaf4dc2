//! `docs/auth-plugins.md` describes each auth plugin with all its options.
//!
//! With the variable `HEATCLIENT_WRITE_DOCS` the test writes the tables of the page.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use heatclient::loading::{Opt, PluginLoader, Registry};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/auth-plugins.md");
const START: &str = "<!-- options -->\n";
const END: &str = "<!-- end -->\n";

fn table(loader: &PluginLoader) -> String {
    let mut table = "| option | | |\n| --- | --- | --- |\n".to_owned();
    for opt in loader.options() {
        let aliases: Vec<_> = opt.aliases.iter().map(|name| format!("`{name}`")).collect();
        let aliases = match aliases.is_empty() {
            true => String::new(),
            false => format!(" (also {})", aliases.join(", ")),
        };
        let _ = writeln!(
            table,
            "| `{}`{aliases} | {} | {} |",
            opt.name,
            marks(opt),
            opt.help
        );
    }
    table
}

fn marks(opt: &Opt) -> String {
    let mut marks = Vec::new();
    if opt.required {
        marks.push("required".to_owned());
    }
    if opt.secret {
        marks.push("secret".to_owned());
    }
    if let Some(default) = opt.default {
        marks.push(format!("default `{default}`"));
    }
    marks.join(", ")
}

/// The page with the tables of the code.
fn written(page: &str, registry: &Registry) -> String {
    let mut sections = page.split("\n## ");
    let mut all = sections.next().unwrap().to_owned();
    for section in sections {
        let name = section.lines().next().unwrap();
        let loader = registry.get(name).unwrap();
        let (before, rest) = section.split_once(START).unwrap();
        let (_, after) = rest.split_once(END).unwrap();
        let _ = write!(all, "\n## {before}{START}{}{END}{after}", table(&loader));
    }
    all
}

#[test]
fn each_plugin_is_described_with_its_options() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let registry = Registry::default();
    let expected = written(&page, &registry);
    if std::env::var_os("HEATCLIENT_WRITE_DOCS").is_some() {
        std::fs::write(PAGE, &expected).unwrap();
        return;
    }
    assert!(
        page == expected,
        "docs/auth-plugins.md is out of date; set HEATCLIENT_WRITE_DOCS=1 for this test"
    );
    let mut described: Vec<_> = page
        .split("\n## ")
        .skip(1)
        .map(|section| section.lines().next().unwrap())
        .collect();
    described.sort_unstable();
    assert_eq!(described, registry.names());
    for name in described {
        assert!(page.contains(&format!("| [`{name}`](#{name}) |")), "{name}");
    }
}

/// The variables of each example load the plugin.
#[test]
fn the_examples_are_complete() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    for section in page.split("\n## ").skip(1) {
        let name = section.lines().next().unwrap();
        let (_, example) = section.split_once("```sh\n").unwrap();
        let (example, _) = example.split_once("```").unwrap();
        let variables: BTreeMap<_, _> = example
            .lines()
            .map(|line| line.split_once('=').unwrap())
            .map(|(name, value)| (name, value.trim_matches('\'').to_owned()))
            .collect();
        assert_eq!(variables["OS_AUTH_TYPE"], name);
        let loader = Registry::default().get(name).unwrap();
        let values = loader.read_env(|name| variables.get(name).cloned());
        let unused: Vec<_> = variables
            .keys()
            .filter(|variable| !matches!(**variable, "OS_AUTH_TYPE" | "OS_CERT" | "OS_KEY"))
            .filter(|variable| {
                let options = loader.options_for(&values);
                !options.iter().any(|opt| {
                    let is_used = values.get(opt.name).is_some();
                    is_used && opt.env_names().iter().any(|name| name == *variable)
                })
            })
            .collect();
        assert!(unused.is_empty(), "{name}: {unused:?}");
        loader.load_values(values).unwrap();
    }
}
