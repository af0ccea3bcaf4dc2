//! Resolves project names to the IDs that Heat needs.

use heatclient::ErrorKind;
use serde::Deserialize;

use crate::commands::context::Context;
use crate::exit::Failure;

/// A project or a domain in Keystone's list.
#[derive(Deserialize)]
struct Named {
    id: String,
    name: String,
    domain_id: Option<String>,
}

#[derive(Deserialize)]
struct Listed {
    #[serde(alias = "projects", alias = "domains")]
    items: Vec<Named>,
}

/// Resolves a project given by name or ID. The domain may be a name or an ID, too.
pub(super) async fn id(
    context: &Context,
    typed: &str,
    domain: Option<&str>,
) -> Result<String, Failure> {
    if is_id(typed) {
        return Ok(typed.to_owned());
    }
    let domain = match domain {
        Some(domain) if domain != "default" && !is_id(domain) => {
            let found = list(context, "/domains", domain).await?;
            Some(only("domain", domain, found)?)
        }
        domain => domain.map(str::to_owned),
    };
    let found = match list(context, "/projects", typed).await {
        // Most users may list only the projects in which they have a role.
        Err(error) if error.kind() == ErrorKind::Status => {
            list(context, "/auth/projects", typed).await?
        }
        found => found?,
    };
    let wanted = found.into_iter().filter(|project| {
        (project.name == typed || project.id == typed)
            && (domain.is_none() || project.domain_id == domain)
    });
    only("project", typed, wanted.collect())
}

async fn list(context: &Context, path: &str, name: &str) -> heatclient::Result<Vec<Named>> {
    let listed = context.identity.get(path).query("name", name);
    Ok(listed.fetch::<Listed>().await?.items)
}

fn only(kind: &str, typed: &str, found: Vec<Named>) -> Result<String, Failure> {
    let mut ids = found.into_iter().map(|named| named.id);
    match (ids.next(), ids.next()) {
        (Some(id), None) => Ok(id),
        (None, _) => Err(Failure::Message(format!(
            "No {kind} with a name or ID of '{typed}' exists."
        ))),
        (Some(_), Some(_)) => Err(Failure::Message(format!(
            "More than one {kind} is named '{typed}'; use its ID{}",
            if kind == "project" {
                ", or --project-domain"
            } else {
                ""
            }
        ))),
    }
}

/// Keystone's IDs have 32 hexadecimal digits, sometimes with dashes.
fn is_id(text: &str) -> bool {
    let digits = text.chars().filter(|c| *c != '-');
    digits.clone().count() == 32 && digits.into_iter().all(|c| c.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_known_by_their_digits() {
        for (text, expected) in [
            ("d1e58d531965268a91946d862b168efd", true),
            ("d1e58d53-1965-268a-9194-6d862b168efd", true),
            ("demo", false),
            ("", false),
            ("d1e58d531965268a91946d862b168ef", false),
            ("d1e58d531965268a91946d862b168efg", false),
        ] {
            assert_eq!(is_id(text), expected, "{text}");
        }
    }
}
