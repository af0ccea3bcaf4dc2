//! Which cloud of the files is used.

use crate::config::entry::Entry;
use crate::config::keys::{CLOUD, CLOUD_NAME, REGION, variables};
use crate::config::search::Search;
use crate::config::source::{Found, Lookup, Sources};
use crate::error::{Error, ErrorKind, Result};

/// The name of the cloud that variables describe, unless `OS_CLOUD_NAME` gives another.
const ENVVARS: &str = "envvars";

/// The cloud of the files that is used, if any.
#[derive(Debug, Default)]
pub(super) struct Chosen {
    pub(super) entry: Option<Entry>,
    /// The name of the cloud that variables describe, if it was named.
    pub(super) own: Option<Found>,
    pub(super) warnings: Vec<String>,
    /// The names to choose from, if there are several and none is named.
    pub(super) choices: Vec<String>,
}

/// Chooses the cloud: the one that is named; or the one of variables, if there are any; or the only one
/// in the files.
///
/// # Errors
/// The named cloud is not in the files, or a file is not valid.
pub(super) fn choose(
    sources: &Sources<'_>,
    lookup: Option<&Lookup>,
    search: Option<&Search>,
) -> Result<Chosen> {
    let named = sources.find(&CLOUD);
    let own = sources.find(&CLOUD_NAME);
    let own = own.as_ref().map_or(ENVVARS, Found::text);
    let variable = |name: &String| lookup.and_then(|lookup| lookup(name));
    let is_described = || {
        let mut variables = variables().into_iter();
        variables.any(|name| variable(&name).is_some_and(|value| !value.is_empty()))
    };
    let Some(search) = search else {
        return match named {
            Some(named) if named.text() != own => Err(Error::new(
                ErrorKind::Config,
                format!(
                    "cloud {:?} ({}): this program reads no clouds.yaml",
                    named.text(),
                    named.source
                ),
            )),
            _ => Ok(Chosen::default()),
        };
    };
    if named.is_none() && is_described() {
        return Ok(Chosen::default());
    }
    let files = search.read(lookup)?;
    let named = match named {
        Some(named) if named.text() == own => {
            return match files.clouds.get(own) {
                None if is_described() => Ok(Chosen {
                    own: Some(named),
                    ..Chosen::default()
                }),
                None => Err(Error::new(
                    ErrorKind::Config,
                    format!("cloud {own:?} is the one of OS_* variables, but none is set"),
                )),
                Some(item) => Err(item.at.error(format_args!(
                    "cloud {own:?} has the name of the cloud of OS_* variables; rename it, or set OS_CLOUD_NAME"
                ))),
            };
        }
        Some(named) => named,
        None => {
            let mut names = files.clouds.iter();
            match (names.next(), names.next()) {
                (Some((name, item)), None) => Found::new(name.as_str(), item.at.source()),
                _ => {
                    return Ok(Chosen {
                        warnings: files.warnings,
                        choices: files.clouds.keys().cloned().collect(),
                        ..Chosen::default()
                    });
                }
            }
        }
    };
    let region = sources.find(&REGION);
    let mut entry = Entry::of_cloud(&files, &named, region.as_ref(), own)?;
    for (name, at) in &files.sections {
        tracing::debug!("{at}: the section {name:?} is ignored");
    }
    let mut warnings = files.warnings;
    warnings.append(&mut entry.warnings);
    Ok(Chosen {
        entry: Some(entry),
        warnings,
        ..Chosen::default()
    })
}
