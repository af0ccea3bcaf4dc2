//! The roles of documents, what references need of them, and their top-level keys.

/// The role of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Role {
    /// The template of the stack.
    Template,
    /// An environment.
    Environment,
    /// The type of a resource.
    Nested,
    /// A file with any content.
    File,
}

/// What a reference needs of its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Need {
    /// Nothing but its content.
    Nothing,
    /// Readable YAML. Heat checks that it is a template when it is used.
    Document,
    /// A template.
    Template,
}

/// A mapping with one of these keys is a template.
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
