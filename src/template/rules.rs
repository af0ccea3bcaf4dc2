//! The rules for templates and environments.

/// How severe a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Severity {
    /// It works as written. There may be a better way.
    Note,
    /// It works, but perhaps not as intended.
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

/// A rule for templates and environments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Rule {
    /// Its name, as [`Problem::rule`](super::Problem::rule) has it.
    pub id: &'static str,
    /// Its usual severity. A problem is less severe where Heat is more lenient.
    pub severity: Severity,
    /// Its description, in one or two sentences.
    pub about: &'static str,
}

macro_rules! rules {
    ($($name:ident = $id:literal, $severity:ident, $about:literal;)+) => {
        $(pub(super) const $name: Rule =
            Rule { id: $id, severity: Severity::$severity, about: $about };)+

        /// All rules that [`Packer::pack`](super::Packer::pack) and [`Packer::lint`](super::Packer::lint) check.
        pub const RULES: &[Rule] = &[$($name),+];
    };
}

rules! {
    UNREADABLE = "unreadable", Error,
        "A document cannot be read, or the policy does not allow it.";
    NOT_UTF8 = "not-utf8", Error,
        "A template or an environment is not UTF-8.";
    SYNTAX = "syntax", Error,
        "The document is neither YAML 1.1 nor JSON.";
    NOT_A_TEMPLATE = "not-a-template", Error,
        "The document is not a template.";
    NOT_AN_ENVIRONMENT = "not-an-environment", Error,
        "The document is not an environment.";
    INVALID_REFERENCE = "invalid-reference", Error,
        "A reference is invalid, or the policy does not allow it.";
    REFERENCE_CYCLE = "reference-cycle", Error,
        "A template is nested in itself.";
    MERGE_CONFLICT = "merge-conflict", Error,
        "Several environments give a parameter values that cannot be merged.";
    UNDECLARED_PARAMETER = "undeclared-parameter", Warning,
        "An environment sets a parameter that the template does not declare.";
    DUPLICATE_KEY = "duplicate-key", Warning,
        "A key occurs twice in one mapping. The last value is used.";
    WRONG_SHAPE = "wrong-shape", Error,
        "A value has the wrong type; a mapping, a list or a string is expected.";

    UNKNOWN_VERSION = "unknown-version", Error,
        "The version of the template is missing, ambiguous, or one that Heat does not know.";
    UNKNOWN_SECTION = "unknown-section", Error,
        "Heat does not know the section, or not in this version.";
    NULL_SECTION = "null-section", Error,
        "A section is null.";

    UNKNOWN_ATTRIBUTE = "unknown-attribute", Error,
        "A parameter, resource or output has an attribute that Heat does not know.";
    MISSING_ATTRIBUTE = "missing-attribute", Error,
        "A parameter, resource or output lacks a required attribute.";
    INVALID_NAME = "invalid-name", Error,
        "Heat does not allow the name.";
    NAME_CLASH = "name-clash", Error,
        "A parameter and a resource have the same name.";
    INVALID_DELETION_POLICY = "invalid-deletion-policy", Error,
        "Heat does not know the deletion policy.";
    EXTERNAL_DEPENDENCY = "external-dependency", Error,
        "A resource with an external_id depends on others.";

    UNKNOWN_TYPE = "unknown-type", Error,
        "Heat does not know the type of a parameter.";
    INVALID_DEFAULT = "invalid-default", Error,
        "The default does not match the parameter's type or violates a constraint. Patterns and custom constraints are not checked.";
    INVALID_VALUE = "invalid-value", Error,
        "A value in an environment does not match the parameter's type or violates a constraint. Patterns and custom constraints are not checked.";
    NULL_DEFAULT = "null-default", Warning,
        "Heat ignores a default of null. The parameter is required.";
    INVALID_CONSTRAINT = "invalid-constraint", Error,
        "A constraint is malformed, or does not apply to the parameter's type.";
    IGNORED_CONSTRAINT = "ignored-constraint", Warning,
        "Heat checks only one of several constraints in one entry.";
    INVALID_GROUP = "invalid-parameter-group", Error,
        "A parameter group is malformed.";

    UNKNOWN_FUNCTION = "unknown-function", Warning,
        "A function is misspelt, or unknown in this version of the template.";
    REMOVED_FUNCTION = "removed-function", Error,
        "A function was removed before this version of the template.";
    MISPLACED_FUNCTION = "misplaced-function", Error,
        "A function cannot be used in a condition.";
    INVALID_ARGUMENTS = "invalid-arguments", Error,
        "The arguments of a function have the wrong form.";
    INVALID_CONDITION = "invalid-condition", Error,
        "A condition is neither a boolean nor a function that returns one.";

    UNDEFINED_PARAMETER = "undefined-parameter", Error,
        "A parameter is used or set, but not declared.";
    UNDEFINED_RESOURCE = "undefined-resource", Error,
        "A reference names a resource that does not exist.";
    UNDEFINED_CONDITION = "undefined-condition", Error,
        "A condition is used, but not defined.";
    UNDEFINED_MAPPING = "undefined-mapping", Error,
        "A mapping is used, but not defined.";
    DEPENDENCY_CYCLE = "dependency-cycle", Error,
        "Resources or conditions depend on each other in a cycle.";
    UNUSED_PARAMETER = "unused-parameter", Warning,
        "A parameter is declared and never used.";
    UNUSED_CONDITION = "unused-condition", Warning,
        "A condition is defined and never used.";

    OCTAL_NUMBER = "octal-number", Warning,
        "YAML 1.1 reads a number with a leading zero as octal.";
    SEXAGESIMAL_NUMBER = "sexagesimal-number", Warning,
        "YAML 1.1 reads digits with colons as a number in base 60.";
    UNDERSCORED_NUMBER = "underscored-number", Warning,
        "YAML 1.1 ignores the underscores in a number.";
    IMPLICIT_BOOLEAN = "implicit-boolean", Note,
        "YAML 1.1 reads yes, no, on and off as booleans.";
    REWRITTEN_VALUE = "rewritten-value", Warning,
        "Heat needs a string, but gets a number or boolean that is written differently.";
    NUMBER_AS_TEXT = "number-as-text", Warning,
        "A value looks like a number, but is a string in YAML 1.1.";
    REWRITTEN_KEY = "rewritten-key", Warning,
        "A key is not a string and is written differently as one.";

    INVALID_REGISTRY = "invalid-registry", Error,
        "The resource registry maps a name to neither a type nor a file.";
    UNKNOWN_HOOK = "unknown-hook", Error,
        "Heat does not know the hook.";
    UNKNOWN_RESTRICTION = "unknown-restricted-action", Error,
        "Heat cannot restrict the action.";
    UNKNOWN_STRATEGY = "unknown-merge-strategy", Warning,
        "Heat does not know the merge strategy.";
    INVALID_EVENT_SINK = "invalid-event-sink", Error,
        "An event sink is malformed.";

    DEPRECATED = "deprecated", Note,
        "Later versions do not have the function.";
    TOO_MANY_PROBLEMS = "too-many-problems", Note,
        "The document has more problems of one rule than are listed. The severity is that of the worst of them.";
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
