//! The vendor profiles that openstacksdk contains.

use std::path::Path;
use std::sync::Arc;

use crate::config::search::members;
use crate::config::tree::{Item, Map, normalized};
use crate::error::Result;

/// The profiles of openstacksdk 4.x, whose facts these are.
const PROFILES: &str = include_str!("vendors.json");

/// What is shown as the file of their values.
const FILE: &str = "vendors.json of openstacksdk";

/// A profile.
pub(super) struct Vendor {
    pub(super) values: Map,
    /// `deprecated` or `shutdown`.
    pub(super) status: Option<String>,
    pub(super) message: String,
    /// The URL that has the profile.
    pub(super) url: Option<String>,
}

/// The profile with this name.
///
/// # Errors
/// None: a test reads all profiles.
pub(super) fn vendor(name: &str) -> Result<Option<Vendor>> {
    let file = Arc::from(Path::new(FILE));
    let mut profiles = members(PROFILES.trim_end(), &file, &mut Vec::new())?;
    let Some(profile) = profiles.shift_remove(name) else {
        return Ok(None);
    };
    let mut values = normalized(profile.mapping(format_args!("profile {name:?}"))?);
    let mut taken = |key: &str| {
        let item: Option<Item> = values.shift_remove(key);
        item.as_ref().and_then(Item::scalar).map(str::to_owned)
    };
    let (status, message, url) = (taken("status"), taken("message"), taken("profile"));
    Ok(Some(Vendor {
        values,
        status,
        message: message.unwrap_or_default(),
        url,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_can_be_read_and_says_where_the_cloud_is() {
        let file = Arc::from(Path::new(FILE));
        let all = members(PROFILES.trim_end(), &file, &mut Vec::new()).unwrap();
        assert!(all.len() >= 20, "{}", all.len());
        for name in all.keys() {
            let vendor = vendor(name).unwrap().unwrap();
            let auth = vendor.values.get("auth").and_then(Item::as_map);
            let has_url = auth.is_some_and(|auth| auth.contains_key("auth_url"));
            // It was sold as private clouds.
            let is_elsewhere = vendor.url.is_some() || name == "bluebox";
            assert_ne!(has_url, is_elsewhere, "{name}");
        }
        assert!(vendor("nobody").unwrap().is_none());
        let gone = vendor("ibmcloud").unwrap().unwrap();
        assert_eq!(gone.status.as_deref(), Some("shutdown"));
    }
}
