//! The versions of the template formats, and what each of them supports.

use std::ops::Range;

use super::functions::{CONDITIONS, FUNCTIONS, Function};
use super::versions::{LIBERTY, NEWTON, OCATA, QUEENS, VERSIONS, date};

/// The format and version of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    /// HOT, by the index of its version in [`VERSIONS`].
    Hot(usize),
    /// `AWSTemplateFormatVersion: 2010-09-09`
    Aws,
    /// `HeatTemplateFormatVersion: 2012-12-12`
    Heat,
}

/// Where a function is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Context {
    Value,
    Condition,
}

/// The names that differ between HOT and CFN.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) parameters: &'static str,
    pub(super) resources: &'static str,
    pub(super) outputs: &'static str,
    pub(super) conditions: &'static str,
    pub(super) mappings: &'static str,
    pub(super) description: &'static str,
    pub(super) type_: &'static str,
    pub(super) default: &'static str,
    pub(super) properties: &'static str,
    pub(super) metadata: &'static str,
    pub(super) depends_on: &'static str,
    pub(super) deletion_policy: &'static str,
    pub(super) update_policy: &'static str,
    pub(super) external_id: &'static str,
    pub(super) condition: &'static str,
    pub(super) value: &'static str,
    /// In the order of [`Kind`].
    pub(super) types: [&'static str; 5],
    /// The function that refers to parameters.
    pub(super) get_param: &'static str,
    /// The parameters that Heat provides.
    pub(super) pseudo: [&'static str; 3],
}

const HOT: Words = Words {
    parameters: "parameters",
    resources: "resources",
    outputs: "outputs",
    conditions: "conditions",
    // HOT has none.
    mappings: "__undefined__",
    description: "description",
    type_: "type",
    default: "default",
    properties: "properties",
    metadata: "metadata",
    depends_on: "depends_on",
    deletion_policy: "deletion_policy",
    update_policy: "update_policy",
    external_id: "external_id",
    condition: "condition",
    value: "value",
    types: [
        "string",
        "number",
        "comma_delimited_list",
        "json",
        "boolean",
    ],
    get_param: "get_param",
    pseudo: ["OS::stack_name", "OS::stack_id", "OS::project_id"],
};

const CFN: Words = Words {
    parameters: "Parameters",
    resources: "Resources",
    outputs: "Outputs",
    conditions: "Conditions",
    mappings: "Mappings",
    description: "Description",
    type_: "Type",
    default: "Default",
    properties: "Properties",
    metadata: "Metadata",
    depends_on: "DependsOn",
    deletion_policy: "DeletionPolicy",
    update_policy: "UpdatePolicy",
    // CFN has none.
    external_id: "external_id",
    condition: "Condition",
    value: "Value",
    types: ["String", "Number", "CommaDelimitedList", "Json", "Boolean"],
    get_param: "Ref",
    pseudo: ["AWS::StackName", "AWS::StackId", "AWS::Region"],
};

/// The types of parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    String,
    Number,
    List,
    Json,
    Boolean,
}

/// Why a language does not have a function that another one has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Foreign {
    /// It was removed after this version.
    Removed(&'static str),
    /// It was added in this version.
    Later(&'static str),
    /// It belongs to the other format.
    Other(&'static str),
}

impl Language {
    /// The newest version of HOT.
    pub(super) const NEWEST: Self = Self::Hot(VERSIONS.len() - 1);

    /// The language of a version and its key.
    pub(super) fn find(key: &str, version: &str) -> Option<Self> {
        let named =
            |(date, release): &(&str, Option<&str>)| *date == version || *release == Some(version);
        match (key, version) {
            ("heat_template_version", _) => VERSIONS.iter().position(named).map(Self::Hot),
            ("AWSTemplateFormatVersion", "2010-09-09") => Some(Self::Aws),
            ("HeatTemplateFormatVersion", "2012-12-12") => Some(Self::Heat),
            _ => None,
        }
    }

    pub(super) fn is_hot(self) -> bool {
        matches!(self, Self::Hot(_))
    }

    /// Its name in messages.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Hot(version) => date(version),
            Self::Aws => "AWSTemplateFormatVersion 2010-09-09",
            Self::Heat => "HeatTemplateFormatVersion 2012-12-12",
        }
    }

    pub(super) fn words(self) -> &'static Words {
        match self {
            Self::Hot(_) => &HOT,
            Self::Aws | Self::Heat => &CFN,
        }
    }

    fn has(self, from: usize) -> bool {
        matches!(self, Self::Hot(version) if version >= from)
    }

    pub(super) fn has_conditions(self) -> bool {
        self == Self::Aws || self.has(NEWTON)
    }

    /// Whether `get_attr` without an attribute returns all attributes.
    pub(super) fn may_leave_out_attribute(self) -> bool {
        self.has(LIBERTY)
    }

    pub(super) fn has_modulo(self) -> bool {
        self.has(OCATA)
    }

    pub(super) fn sections(self) -> Vec<&'static str> {
        let mut known = match self {
            Self::Hot(_) => vec![
                "heat_template_version",
                "description",
                "parameter_groups",
                "parameters",
                "resources",
                "outputs",
                "__undefined__",
            ],
            Self::Aws | Self::Heat => vec![
                "AWSTemplateFormatVersion",
                "HeatTemplateFormatVersion",
                "Description",
                "Mappings",
                "Parameters",
                "Resources",
                "Outputs",
            ],
        };
        if self.has_conditions() {
            known.push(self.words().conditions);
        }
        known
    }

    pub(super) fn parameter_attributes(self) -> Vec<&'static str> {
        let mut known = match self {
            Self::Hot(_) => vec![
                "type",
                "label",
                "description",
                "default",
                "hidden",
                "constraints",
                "immutable",
                "schema",
            ],
            Self::Aws | Self::Heat => vec![
                "Type",
                "Default",
                "NoEcho",
                "AllowedValues",
                "AllowedPattern",
                "MaxLength",
                "MinLength",
                "MaxValue",
                "MinValue",
                "Description",
                "ConstraintDescription",
                "Label",
            ],
        };
        if self.has(QUEENS) {
            known.push("tags");
        }
        known
    }

    pub(super) fn resource_attributes(self) -> Vec<&'static str> {
        let words = self.words();
        let mut known = vec![
            words.type_,
            words.properties,
            words.metadata,
            words.depends_on,
            words.update_policy,
            words.deletion_policy,
            words.description,
        ];
        if self.has_conditions() {
            known.push(words.condition);
        }
        if self.has(NEWTON) {
            known.push(words.external_id);
        }
        known
    }

    pub(super) fn output_attributes(self) -> Vec<&'static str> {
        let words = self.words();
        let mut known = vec![words.value, words.description];
        if self.has_conditions() {
            known.push(words.condition);
        }
        known
    }

    pub(super) fn deletion_policies(self) -> &'static [&'static str] {
        const ALL: [&str; 6] = [
            "Delete", "Retain", "Snapshot", "delete", "retain", "snapshot",
        ];
        let [old @ .., _, _, _] = &ALL;
        if self.has(NEWTON) { &ALL } else { old }
    }

    /// The first version with a section or attribute that this version lacks.
    pub(super) fn since(self, attribute: &str) -> Option<&'static str> {
        let from = match attribute {
            "conditions" | "condition" | "external_id" => NEWTON,
            "modulo" => OCATA,
            "tags" => QUEENS,
            _ => return None,
        };
        let lacks = matches!(self, Self::Hot(version) if version < from);
        lacks.then(|| date(from))
    }

    /// The functions of this language.
    pub(super) fn functions(self, context: Context) -> impl Iterator<Item = &'static Function> {
        table(context)
            .iter()
            .filter(move |function| self.knows(function))
    }

    pub(super) fn function(self, context: Context, name: &str) -> Option<&'static Function> {
        self.functions(context).find(|known| known.name == name)
    }

    fn knows(self, function: &Function) -> bool {
        match self {
            Self::Hot(version) => function.hot.contains(&version),
            Self::Aws => function.aws,
            Self::Heat => function.heat,
        }
    }

    /// A function that this language does not have, and why.
    pub(super) fn foreign(self, name: &str) -> Option<(&'static Function, Foreign)> {
        let rows = || FUNCTIONS.iter().filter(|function| function.name == name);
        let Self::Hot(version) = self else {
            let function = rows().next()?;
            let format = if function.aws {
                "AWSTemplateFormatVersion"
            } else {
                "HOT"
            };
            return Some((function, Foreign::Other(format)));
        };
        let Range { start, end } = rows().fold(VERSIONS.len()..0, |range, function| {
            range.start.min(function.hot.start)..range.end.max(function.hot.end)
        });
        let function = rows().next()?;
        let foreign = if start >= end {
            Foreign::Other("CFN")
        } else if version < start {
            Foreign::Later(date(start))
        } else {
            Foreign::Removed(date(end - 1))
        };
        Some((function, foreign))
    }
}

fn table(context: Context) -> &'static [Function] {
    match context {
        Context::Value => FUNCTIONS,
        Context::Condition => CONDITIONS,
    }
}

impl Words {
    /// The kind of a parameter's type.
    pub(super) fn kind(&self, name: &str) -> Option<Kind> {
        const KINDS: [Kind; 5] = [
            Kind::String,
            Kind::Number,
            Kind::List,
            Kind::Json,
            Kind::Boolean,
        ];
        let names = self.types.iter().zip(KINDS);
        names
            .filter(|(known, _)| **known == name)
            .map(|(_, kind)| kind)
            .next()
    }
}
