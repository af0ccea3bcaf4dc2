//! Hooks: where Heat pauses until somebody lets it go on.

use serde_json::{Map, Value};

use crate::exit::Failure;

/// Hooks of one kind on resources, which are named by their ways from the root stack: `group/0/server`.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Hooks<'a> {
    pub(super) kind: &'static str,
    pub(super) resources: &'a [String],
}

impl<'a> Hooks<'a> {
    pub(super) fn new(kind: &'static str, resources: &'a [String]) -> Self {
        Self { kind, resources }
    }

    /// Adds the hooks to those that the environment has.
    pub(super) fn put_into(self, environment: Option<Value>) -> Result<Option<Value>, Failure> {
        if self.resources.is_empty() {
            return Ok(environment);
        }
        let mut environment = environment.unwrap_or_default();
        for resource in self.resources {
            self.put(&mut environment, resource).ok_or_else(|| {
                Failure::Message(format!(
                    "--{} {resource}: the environment has no mapping where the hook belongs",
                    self.kind
                ))
            })?;
        }
        Ok(Some(environment))
    }

    fn put(self, environment: &mut Value, resource: &str) -> Option<()> {
        let way = resource.split('/').filter(|name| !name.is_empty());
        let mut place = environment;
        for key in ["resource_registry", "resources"].into_iter().chain(way) {
            place = entry(place, key)?;
        }
        match entry(place, "hooks")? {
            Value::Array(kinds) if kinds.iter().any(|kind| kind == self.kind) => {}
            Value::Array(kinds) => kinds.push(self.kind.into()),
            none @ Value::Null => *none = self.kind.into(),
            one if *one == self.kind => {}
            one => *one = Value::Array(vec![one.take(), self.kind.into()]),
        }
        Some(())
    }
}

/// The value of a key, which is put in where there is none.
fn entry<'a>(place: &'a mut Value, key: &str) -> Option<&'a mut Value> {
    if place.is_null() {
        *place = Map::new().into();
    }
    Some(place.as_object_mut()?.entry(key).or_insert(Value::Null))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn put(environment: Option<Value>, resources: &[&str]) -> Result<Option<Value>, String> {
        let resources: Vec<String> = resources.iter().map(|name| (*name).to_owned()).collect();
        let hooks = Hooks::new("pre-create", &resources);
        hooks.put_into(environment).map_err(|e| e.to_string())
    }

    #[test]
    fn hooks_join_what_there_is() {
        assert_eq!(put(None, &[]), Ok(None));
        assert_eq!(
            put(None, &["a", "/group//0*/b/", "a"]).unwrap().unwrap(),
            json!({"resource_registry": {"resources": {
                "a": {"hooks": "pre-create"},
                "group": {"0*": {"b": {"hooks": "pre-create"}}},
            }}})
        );
        let environment = json!({
            "parameters": {"p": 1},
            "resource_registry": {
                "A::B": "C::D",
                "resources": {"a": {"hooks": "pre-delete"}, "b": {"hooks": ["x"], "E::F": "C::D"}, "c": null},
            },
        });
        assert_eq!(
            put(Some(environment), &["a", "b", "b", "c"])
                .unwrap()
                .unwrap(),
            json!({
                "parameters": {"p": 1},
                "resource_registry": {
                    "A::B": "C::D",
                    "resources": {
                        "a": {"hooks": ["pre-delete", "pre-create"]},
                        "b": {"hooks": ["x", "pre-create"], "E::F": "C::D"},
                        "c": {"hooks": "pre-create"},
                    },
                },
            })
        );
    }

    #[test]
    fn an_environment_without_room_for_them_is_told() {
        assert_eq!(
            put(Some(json!({"resource_registry": ["x"]})), &["a/b"]).unwrap_err(),
            "--pre-create a/b: the environment has no mapping where the hook belongs"
        );
    }
}
