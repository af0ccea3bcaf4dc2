//! Versions, sections and the document as a whole.

use super::{AWS, HOT, OLD, Row};

pub(super) const ROWS: &[Row] = &[
    ("", "", &["0:0 error wrong-shape: the template is empty"]),
    (
        "",
        "heat_template_version: 2021-04-17\n",
        &["1:24 error unknown-version: unknown version `2021-04-17`; did you mean `2021-04-16`?"],
    ),
    (
        "",
        "a: b: c\n",
        &[
            "1:5 error syntax: mapping values are not allowed in this context; check the indentation, or quote the value",
        ],
    ),
    (
        "",
        "heat_template_version: !x 1\na: !y 2\n",
        &[
            "1:24 error syntax: unknown tag `!x`",
            "2:4 error syntax: unknown tag `!y`",
        ],
    ),
    (
        "",
        "heat_template_version: 2011-01-01\n",
        &["1:24 error unknown-version: unknown version `2011-01-01`; did you mean `2013-05-23`?"],
    ),
    (
        "",
        "heat_template_version: walaby\n",
        &["1:24 error unknown-version: unknown version `walaby`; did you mean `wallaby`?"],
    ),
    (
        "",
        "heat_template_version: 5\n",
        &[
            "1:24 error unknown-version: `heat_template_version` is the number 5; expected a version as a string",
        ],
    ),
    (
        "",
        "a: 1\n",
        &[
            "1:1 error unknown-version: the version is missing; add `heat_template_version: 2021-04-16`",
        ],
    ),
    (
        "",
        "[a]\n",
        &["1:1 error wrong-shape: the template is a list; expected a mapping"],
    ),
    (
        "",
        "AWSTemplateFormatVersion: 2012-12-12\n",
        &["1:27 error unknown-version: unknown version `2012-12-12`; did you mean `2010-09-09`?"],
    ),
    (
        "",
        "HeatTemplateFormatVersion: 2012-12-12\nConditions: {c: true}\n",
        &[
            "2:1 error unknown-section: unknown section `Conditions`; expected one of AWSTemplateFormatVersion, HeatTemplateFormatVersion, Description, Mappings, Parameters, Resources, Outputs",
        ],
    ),
    (
        HOT,
        "AWSTemplateFormatVersion: 2010-09-09\n",
        &[
            "2:1 error unknown-version: `heat_template_version` and `AWSTemplateFormatVersion` exclude each other; remove one of them",
        ],
    ),
    (
        HOT,
        "paramters: {}\nfoo: 1\n",
        &[
            "2:1 error unknown-section: unknown section `paramters`; did you mean `parameters`?",
            "3:1 error unknown-section: unknown section `foo`; expected one of heat_template_version, description, parameter_groups, parameters, resources, outputs, conditions",
        ],
    ),
    (
        OLD,
        "conditions: {c: true}\n",
        &[
            "2:1 error unknown-section: the section `conditions` requires version 2016-10-14 or later; this template has version 2014-10-16",
        ],
    ),
    (
        AWS,
        "resources: {}\n",
        &["2:1 error unknown-section: unknown section `resources`; did you mean `Resources`?"],
    ),
    (
        HOT,
        "resources: [a]\nparameters: x\noutputs:\nconditions:\n",
        &[
            "2:12 error wrong-shape: `resources` is a list; expected a mapping",
            "3:13 error wrong-shape: `parameters` is a string; expected a mapping",
            "5:1 error null-section: `conditions` is null; add values or remove it",
        ],
    ),
    (HOT, "resources: []\nparameters: \"\"\n", &[]),
    (
        HOT,
        "description: a\ndescription: b\nresources: {r: {type: T}}\noutputs:\n  o: {value: 1}\n  o: {value: 2}\n",
        &[
            "3:1 warning duplicate-key: duplicate key `description`; this replaces the value at line 2, column 1; remove one of them",
            "7:3 warning duplicate-key: duplicate key `o`; this replaces the value at line 6, column 3; remove one of them",
        ],
    ),
    (
        "",
        "{\"heat_template_version\": \"2021-04-16\",\n \"resources\": {\"r\": {\"type\": \"T\", \"typ\": 1}}}\n",
        &[
            "2:35 error unknown-attribute: unknown attribute `typ` of a resource; did you mean `type`?",
        ],
    ),
];
