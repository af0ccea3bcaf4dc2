use serde_json::{Map, Value};

use super::object::{Object, object};

object! {
    /// The environment of a stack. [`Stacks::environment`](crate::heat::Stacks::environment) returns
    /// it, and [`NewStack::environment`](crate::heat::NewStack::environment) takes it.
    ///
    /// ```
    /// use heatclient::heat::{Environment, NewStack};
    /// use serde_json::json;
    ///
    /// let mut environment = Environment::default();
    /// environment.parameters.insert("size".to_owned(), json!(3));
    /// environment.resource_registry.insert("My::Server".to_owned(), json!("OS::Nova::Server"));
    /// let web = NewStack::new("web", json!({"heat_template_version": "2021-04-16"}))
    ///     .environment(&environment);
    /// ```
    pub struct Environment {
        /// Types and the types or templates that implement them, and `resources`: hooks and types of
        /// single resources.
        optional "resource_registry" => resource_registry: Map<String, Value>,
        /// Values of parameters. Heat shows those of hidden parameters as `******`.
        secret "parameters" => parameters: Map<String, Value>,
        /// Values of parameters that have no other value, in nested stacks too. Heat shows those of
        /// hidden parameters as `******`.
        secret "parameter_defaults" => parameter_defaults: Map<String, Value>,
        /// Where Heat sends events.
        optional "event_sinks" => event_sinks: Vec<Value>,
        /// The parameters that Heat stores encrypted.
        optional "encrypted_param_names" => encrypted_param_names: Vec<String>,
        /// How parameters of several environments are combined: `overwrite`, `merge` or
        /// `deep_merge`, by the parameter's name or for all others (`default`). Heat does not store
        /// it.
        optional "parameter_merge_strategies" => parameter_merge_strategies: Map<String, Value>,
    }
}

impl Default for Environment {
    fn default() -> Self {
        Self::empty()
    }
}

impl From<&Environment> for Value {
    fn from(environment: &Environment) -> Self {
        Self::Object(environment.raw())
    }
}

impl From<Environment> for Value {
    fn from(environment: Environment) -> Self {
        Self::from(&environment)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_environment_is_written_as_it_came() {
        for text in [
            r#"{"resource_registry":{"resources":{},"My::Child":"file:///child.yaml"},"parameters":{"p":"one","h":"******"},"parameter_defaults":{"x":1},"event_sinks":[{"type":"zaqar-queue","target":"q","ttl":1}],"encrypted_param_names":[]}"#,
            r#"{"resource_registry":null,"parameters":null,"event_sinks":null,"encrypted_param_names":["p"],"parameter_merge_strategies":{"default":"merge"},"zone":[{"b":1,"a":null}]}"#,
            "{}",
        ] {
            let environment: Environment = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&environment).unwrap(), text);
            assert_eq!(Value::from(environment).to_string(), text);
        }
        assert!(serde_json::from_str::<Environment>("[]").is_err());
    }

    #[test]
    fn an_environment_can_be_made_and_changed() {
        let mut environment = Environment::default();
        assert_eq!(Value::from(&environment), json!({}));
        environment.parameters.insert("a".to_owned(), json!([1]));
        environment.encrypted_param_names.push("a".to_owned());
        let expected = json!({"parameters": {"a": [1]}, "encrypted_param_names": ["a"]});
        assert_eq!(Value::from(&environment), expected);
    }
}
