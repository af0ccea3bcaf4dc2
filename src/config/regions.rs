//! The regions of a cloud, and their own values.

use crate::config::source::{Found, Source};
use crate::config::tree::{Item, Map, Value};
use crate::error::Result;
use crate::suggest::listed;

/// A region of a cloud.
#[derive(Debug)]
pub(super) struct Region {
    pub(super) name: Item,
    pub(super) values: Map,
}

impl Region {
    fn text(&self) -> &str {
        self.name.scalar().unwrap_or_default()
    }
}

/// The regions that a cloud has: its own, or else those of its profile.
///
/// # Errors
/// A region is not a name or a mapping of `name` and `values`.
pub(super) fn known_regions(cloud: &Map, profile: &Map) -> Result<Vec<Region>> {
    for members in [cloud, profile] {
        let is_set = |item: &&Item| !matches!(item.value, Value::Null);
        if let Some(item) = members.get("regions").filter(is_set) {
            return match &item.value {
                Value::List(items) => items.iter().map(region).collect(),
                other => Err(item
                    .at
                    .error(format_args!("regions must be a list, not {}", other.kind()))),
            };
        }
        if let Some(item) = members.get("region_name").filter(is_set) {
            return match &item.value {
                // The older forms of a list.
                Value::List(items) => items.iter().map(region).collect(),
                _ => Ok(names(item)),
            };
        }
    }
    Ok(Vec::new())
}

/// The regions of a text: names, separated by commas.
fn names(item: &Item) -> Vec<Region> {
    let names = item.scalar().unwrap_or_default().split(',');
    let regions = names.filter(|name| !name.is_empty()).map(|name| Region {
        name: Item {
            value: Value::Text(name.into()),
            at: item.at.clone(),
        },
        values: Map::new(),
    });
    regions.collect()
}

fn region(item: &Item) -> Result<Region> {
    if item.scalar().is_some() {
        return Ok(Region {
            name: item.clone(),
            values: Map::new(),
        });
    }
    let members = item.mapping("a region")?;
    if let Some((key, other)) = members
        .iter()
        .find(|(key, _)| *key != "name" && *key != "values")
    {
        return Err(other.at.error(format_args!(
            "unknown key {key:?} of a region; expected name and values"
        )));
    }
    match members.get("name") {
        Some(name) if name.scalar().is_some() => Ok(Region {
            name: name.clone(),
            values: match members.get("values") {
                Some(values) => values.mapping("the values of a region")?,
                None => Map::new(),
            },
        }),
        _ => Err(item.at.error("a region must have a name")),
    }
}

/// The region that is wanted, or else the first one. A cloud without regions takes any.
///
/// # Errors
/// The cloud has no such region.
pub(super) fn pick(
    regions: Vec<Region>,
    wanted: Option<&Found>,
    what: &str,
) -> Result<Option<Region>> {
    let Some(wanted) = wanted else {
        return Ok(regions.into_iter().next());
    };
    let names = listed(regions.iter().map(Region::text));
    let Some(place) = regions.first().map(|region| region.name.at.clone()) else {
        return Ok(None);
    };
    let mut regions = regions.into_iter();
    match regions.find(|region| region.text() == wanted.text()) {
        Some(region) => Ok(Some(region)),
        None => {
            let source = match &wanted.source {
                Source::Explicit => String::new(),
                other => format!(" ({other})"),
            };
            Err(place.error(format_args!(
                "{what} has no region {:?}{source}; it has {names}",
                wanted.text()
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use super::*;
    use crate::config::search::members;

    fn picked(cloud: &str, profile: &str, wanted: Option<&str>) -> Result<String, String> {
        let read = |text| members(text, &Arc::from(Path::new("f")), &mut Vec::new()).unwrap();
        let wanted = wanted.map(|name| Found::new(name, Source::Explicit));
        let regions = known_regions(&read(cloud), &read(profile));
        let region = regions.and_then(|regions| pick(regions, wanted.as_ref(), "cloud \"a\""));
        let shown = |region: Region| {
            let values = Value::Map(region.values).to_json(false);
            format!("{} {values}", region.name.scalar().unwrap())
        };
        let region = region.map_err(|error| error.to_string())?;
        Ok(region.map_or_else(String::new, shown))
    }

    #[test]
    fn the_wanted_region_or_the_first_one_is_used() {
        let all = "regions: [R1, {name: R2, values: {x: 1}}, {name: R3}]";
        for (cloud, profile, wanted, expected) in [
            (all, "{}", None, "R1 {}"),
            (all, "{}", Some("R2"), "R2 {\"x\":\"1\"}"),
            (all, "regions: [P1]", Some("R3"), "R3 {}"),
            ("region_name: R1", "regions: [P1]", None, "R1 {}"),
            ("region_name: 'R1,R2'", "{}", Some("R2"), "R2 {}"),
            ("region_name: [R1, R2]", "{}", Some("R2"), "R2 {}"),
            ("{}", "regions: [P1, P2]", Some("P2"), "P2 {}"),
            ("{}", "region_name: P1", None, "P1 {}"),
            ("regions: ~", "{}", Some("any"), ""),
            ("{}", "{}", Some("any"), ""),
            ("{}", "{}", None, ""),
        ] {
            assert_eq!(picked(cloud, profile, wanted).unwrap(), expected, "{cloud}");
        }
    }

    #[test]
    fn bad_regions_are_told() {
        for (cloud, message) in [
            (
                "regions: [r1, R2]",
                "f:1: cloud \"a\" has no region \"R1\"; it has r1, R2",
            ),
            ("regions: R1", "f:1: regions must be a list, not a string"),
            (
                "regions: [[R1]]",
                "f:1: a region must be a mapping, not a list",
            ),
            ("regions: [{values: {}}]", "f:1: a region must have a name"),
            (
                "regions:\n- name: R1\n  value: {}\n",
                "f:3: unknown key \"value\" of a region; expected name and values",
            ),
        ] {
            assert_eq!(picked(cloud, "{}", Some("R1")).unwrap_err(), message);
        }
    }
}
