//! The options of the auth plugins, generated from the option lists of the plugins.

use std::sync::LazyLock;

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use heatclient::loading::{Opt, plugin_loader, plugin_names};
use heatclient::secret::Secret;

const HEADING: &str = "Auth plugin options";

/// The values of auth plugin options, by the names that the plugins define.
#[derive(Clone, Debug, Default)]
pub(crate) struct AuthArgs(Vec<(&'static str, Secret)>);

impl AuthArgs {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &(&'static str, Secret)> {
        self.0.iter()
    }

    /// Names and values of the options that are not secret.
    pub(crate) fn public(&self) -> Vec<(String, String)> {
        let is_public = |name: &str| {
            let mut options = OPTIONS.iter();
            let known = options.find(|opt| opt.name == name || opt.aliases.contains(&name));
            known.is_some_and(|opt| !opt.secret)
        };
        let typed = self.0.iter().filter(|(name, _)| is_public(name));
        let shown = typed.map(|(name, value)| {
            let name = format!("os-{}", name.replace('_', "-"));
            (name, value.expose().to_owned())
        });
        shown.collect()
    }
}

static OPTIONS: LazyLock<Vec<Opt>> = LazyLock::new(options);

/// All options of all plugins, without duplicates, sorted by name.
fn options() -> Vec<Opt> {
    let mut options: Vec<Opt> = Vec::new();
    for loader in plugin_names()
        .iter()
        .filter_map(|name| plugin_loader(name).ok())
    {
        for opt in loader.options() {
            match options.iter_mut().find(|known| known.name == opt.name) {
                // Plugins may define different aliases of an option. Keep the longest list.
                Some(known) if known.aliases.len() < opt.aliases.len() => *known = *opt,
                Some(_) => {}
                None => options.push(*opt),
            }
        }
    }
    // An option of one plugin may be an alias in another, such as tenant_id. The alias is defined.
    let aliases: Vec<_> = options
        .iter()
        .flat_map(|opt| opt.aliases)
        .copied()
        .collect();
    options.retain(|opt| !aliases.contains(&opt.name));
    options.sort_by_key(|opt| opt.name);
    options
}

/// Each name of each option, aliases too.
fn names() -> impl Iterator<Item = (&'static str, &'static Opt)> {
    OPTIONS.iter().flat_map(|opt| {
        let names = std::iter::once(opt.name).chain(opt.aliases.iter().copied());
        names.map(move |name| (name, opt))
    })
}

fn argument(name: &'static str, opt: &Opt) -> Arg {
    let flag = format!("os-{}", name.replace('_', "-"));
    let variables = opt.env_names().join(", ");
    Arg::new(format!("auth.{name}"))
        .alias(flag.replace('-', "_"))
        .long(flag)
        .value_name(name.rsplit('_').next().unwrap_or(name).to_uppercase())
        .help(format!("{} [env: {variables}]", opt.help))
        .help_heading(HEADING)
        .hide(name != opt.name)
        .allow_hyphen_values(opt.secret)
        .global(true)
}

impl Args for AuthArgs {
    fn augment_args(command: Command) -> Command {
        command.args(names().map(|(name, opt)| argument(name, opt)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for AuthArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let typed = names().filter_map(|(name, _)| {
            let value = matches.get_one::<String>(&format!("auth.{name}"))?;
            // As in `openstack`, also for a password: `--os-password "$UNSET"`.
            (!value.is_empty()).then(|| (name, Secret::from(value.as_str())))
        });
        Ok(Self(typed.collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_of_each_option_is_one_argument() {
        let command = AuthArgs::augment_args(Command::new("heat"));
        command.clone().debug_assert();
        let names: Vec<_> = command.get_arguments().filter_map(Arg::get_long).collect();
        for plugin in plugin_names() {
            let loader = plugin_loader(&plugin).unwrap();
            for flag in loader.options().iter().flat_map(Opt::flags) {
                let flag = flag.trim_start_matches("--");
                let count = names.iter().filter(|name| **name == flag).count();
                assert_eq!(count, 1, "{plugin}: {flag}");
            }
        }
    }
}
