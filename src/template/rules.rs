//! What can be wrong with templates and environments.

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Severity {
    /// It works, and means what it says; there may be a better way.
    Note,
    /// It works, but may not mean what it says.
    Warning,
    /// It does not work.
    Error,
}

impl Severity {
    /// Its name, which is also SARIF's: `note`, `warning`, `error`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One thing that can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Rule {
    /// Its name, as [`Problem::rule`](super::Problem::rule) has it.
    pub id: &'static str,
    /// How bad it is as a rule. Where Heat is more lenient, a problem is less severe.
    pub severity: Severity,
    /// What it is: a sentence.
    pub about: &'static str,
}

macro_rules! rules {
    ($($name:ident = $id:literal, $severity:ident, $about:literal;)+) => {
        $(pub(super) const $name: Rule =
            Rule { id: $id, severity: Severity::$severity, about: $about };)+

        /// All that [`Packer::pack`](super::Packer::pack) and [`Packer::lint`](super::Packer::lint) look for.
        pub const RULES: &[Rule] = &[$($name),+];
    };
}

rules! {
    UNREADABLE = "unreadable", Error,
        "A document cannot be read, or may not be.";
    NOT_UTF8 = "not-utf8", Error,
        "A template or an environment is not UTF-8.";
    SYNTAX = "syntax", Error,
        "The document is neither YAML 1.1 nor JSON.";
    NOT_A_TEMPLATE = "not-a-template", Error,
        "A template is expected, and something else stands there.";
    NOT_AN_ENVIRONMENT = "not-an-environment", Error,
        "An environment is expected, and something else stands there.";
    INVALID_REFERENCE = "invalid-reference", Error,
        "A reference leads nowhere, or to where it must not.";
    REFERENCE_CYCLE = "reference-cycle", Error,
        "A template is nested in itself.";
    MERGE_CONFLICT = "merge-conflict", Error,
        "Several environments give a parameter values that cannot be merged.";
    UNDECLARED_PARAMETER = "undeclared-parameter", Warning,
        "An environment sets a parameter that the template does not declare.";
    DUPLICATE_KEY = "duplicate-key", Warning,
        "A key stands twice in one mapping, and only the last one counts.";
    WRONG_SHAPE = "wrong-shape", Error,
        "A mapping, a list or a text is expected, and something else stands there.";

    UNKNOWN_VERSION = "unknown-version", Error,
        "The version of the template is missing, ambiguous, or one that Heat does not know.";
    UNKNOWN_SECTION = "unknown-section", Error,
        "Heat knows no section of this name, or none in this version.";
    NULL_SECTION = "null-section", Error,
        "The section is there, but null.";

    UNKNOWN_ATTRIBUTE = "unknown-attribute", Error,
        "A parameter, resource or output has an attribute that Heat does not know.";
    MISSING_ATTRIBUTE = "missing-attribute", Error,
        "A parameter, resource or output lacks an attribute that it must have.";
    INVALID_NAME = "invalid-name", Error,
        "Heat does not take this name.";
    NAME_CLASH = "name-clash", Error,
        "A parameter and a resource have the same name.";
    INVALID_DELETION_POLICY = "invalid-deletion-policy", Error,
        "Heat knows no such deletion policy.";
    EXTERNAL_DEPENDENCY = "external-dependency", Error,
        "A resource with an external_id depends on others.";

    UNKNOWN_TYPE = "unknown-type", Error,
        "Parameters cannot have this type.";
    INVALID_DEFAULT = "invalid-default", Error,
        "The default is not of the parameter's type, or breaks a constraint that needs neither a regular expression nor a cloud.";
    INVALID_VALUE = "invalid-value", Error,
        "An environment gives a parameter a value that is not of its type, or breaks a constraint that needs neither a regular expression nor a cloud.";
    NULL_DEFAULT = "null-default", Warning,
        "A default of null is no default: the parameter must be given.";
    INVALID_CONSTRAINT = "invalid-constraint", Error,
        "A constraint is malformed, or unfit for the parameter's type.";
    IGNORED_CONSTRAINT = "ignored-constraint", Warning,
        "Of several constraints in one entry Heat looks at one.";
    INVALID_GROUP = "invalid-parameter-group", Error,
        "A group of parameters is malformed.";

    UNKNOWN_FUNCTION = "unknown-function", Warning,
        "A function is misspelt, or unknown in this version of the template.";
    REMOVED_FUNCTION = "removed-function", Error,
        "A function was removed before this version of the template.";
    MISPLACED_FUNCTION = "misplaced-function", Error,
        "A function cannot be used in a condition.";
    INVALID_ARGUMENTS = "invalid-arguments", Error,
        "The arguments of a function have the wrong form.";
    INVALID_CONDITION = "invalid-condition", Error,
        "A condition is neither a boolean nor a function that gives one.";

    UNDEFINED_PARAMETER = "undefined-parameter", Error,
        "A parameter is used or set that is not declared.";
    UNDEFINED_RESOURCE = "undefined-resource", Error,
        "A resource is referred to that is not there.";
    UNDEFINED_CONDITION = "undefined-condition", Error,
        "A condition is used that is not defined.";
    UNDEFINED_MAPPING = "undefined-mapping", Error,
        "A mapping is used that is not there.";
    DEPENDENCY_CYCLE = "dependency-cycle", Error,
        "Resources or conditions depend on each other in a circle.";
    UNUSED_PARAMETER = "unused-parameter", Warning,
        "A parameter is declared and never used.";
    UNUSED_CONDITION = "unused-condition", Warning,
        "A condition is defined and never used.";

    OCTAL_NUMBER = "octal-number", Warning,
        "YAML 1.1 reads a number with a leading zero to base eight.";
    SEXAGESIMAL_NUMBER = "sexagesimal-number", Warning,
        "YAML 1.1 reads digits with colons as a number to base sixty.";
    UNDERSCORED_NUMBER = "underscored-number", Warning,
        "YAML 1.1 leaves the underscores of a number out.";
    IMPLICIT_BOOLEAN = "implicit-boolean", Note,
        "YAML 1.1 reads yes, no, on and off as booleans.";
    REWRITTEN_VALUE = "rewritten-value", Warning,
        "Where Heat needs a text it gets the number or boolean rewritten.";
    NUMBER_AS_TEXT = "number-as-text", Warning,
        "What looks like a number is a text in YAML 1.1.";
    REWRITTEN_KEY = "rewritten-key", Warning,
        "A key that is no text becomes another text.";

    INVALID_REGISTRY = "invalid-registry", Error,
        "The resource registry maps to what is no type and no file.";
    UNKNOWN_HOOK = "unknown-hook", Error,
        "Heat knows no such hook.";
    UNKNOWN_RESTRICTION = "unknown-restricted-action", Error,
        "Heat cannot restrict such an action.";
    UNKNOWN_STRATEGY = "unknown-merge-strategy", Warning,
        "Heat knows no such merge strategy.";
    INVALID_EVENT_SINK = "invalid-event-sink", Error,
        "An event sink is malformed.";

    DEPRECATED = "deprecated", Note,
        "It works, and there is a better way.";
    TOO_MANY_PROBLEMS = "too-many-problems", Note,
        "There are more problems of one rule in the document than are listed; as severe as the worst of them.";
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_unique_and_in_kebab_case() {
        let ids: HashSet<_> = RULES.iter().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), RULES.len());
        for rule in RULES {
            let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(rule.id.chars().all(fits), "{}", rule.id);
            assert!(rule.about.ends_with('.'), "{}", rule.id);
        }
    }
}
