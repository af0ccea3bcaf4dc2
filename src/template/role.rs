//! What a document is to be, what those that refer to it need of it, and the keys that stand at its top.

/// What a document is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Role {
    /// The template of the stack.
    Template,
    /// An environment.
    Environment,
    /// What a resource's type is.
    Nested,
    /// Whatever it may be.
    File,
}

/// What a referring document needs of the other one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Need {
    /// Nothing but its content.
    Nothing,
    /// Readable YAML; that it is a template is told by Heat when it is used.
    Document,
    /// A template.
    Template,
}

/// One of these keys makes a mapping a template.
pub(super) const VERSION_KEYS: [&str; 3] = [
    "heat_template_version",
    "HeatTemplateFormatVersion",
    "AWSTemplateFormatVersion",
];

/// The section of an environment that maps types.
pub(super) const REGISTRY: &str = "resource_registry";
/// The section of an environment that says how values are merged.
pub(super) const STRATEGIES: &str = "parameter_merge_strategies";

/// The sections of an environment.
pub(super) const SECTIONS: [&str; 6] = [
    "parameters",
    "parameter_defaults",
    REGISTRY,
    "encrypted_param_names",
    "event_sinks",
    STRATEGIES,
];
