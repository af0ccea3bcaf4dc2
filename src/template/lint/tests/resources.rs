//! Resources and outputs.

use super::{AWS, HOT, OLD, Row};

pub(super) const ROWS: &[Row] = &[
    (
        HOT,
        "resources: {r: }\n",
        &["2:14 error wrong-shape: the resource `r` is null; expected a mapping"],
    ),
    (
        HOT,
        "resources: {r: {properties: {}}}\n",
        &["2:13 error missing-attribute: the resource `r` has no `type`; add it"],
    ),
    (
        HOT,
        "resources: {r: {type: }}\n",
        &["2:21 error wrong-shape: `type` is null; expected the name of a type"],
    ),
    (
        HOT,
        "resources: {a/b: {type: T}}\n",
        &["2:13 error invalid-name: the resource name `a/b` contains `/`, which is not allowed"],
    ),
    (
        HOT,
        "resources: {r: {type: T, propertys: {}}}\n",
        &[
            "2:26 error unknown-attribute: unknown attribute `propertys` of a resource; did you mean `properties`?",
        ],
    ),
    (
        HOT,
        "resources: {r: {type: T, properties: [a], metadata: }}\n",
        &[
            "2:38 error wrong-shape: `properties` is a list; expected a mapping",
            "2:51 error wrong-shape: `metadata` is null; expected a mapping",
        ],
    ),
    (
        HOT,
        "resources: {r: {type: T, depends_on: {a: b}}}\n",
        &[
            "2:38 error wrong-shape: `depends_on` is a mapping; expected the name of a resource or a list of names",
        ],
    ),
    (
        HOT,
        "resources: {r: {type: T, depends_on: [5]}}\n",
        &[
            "2:39 error wrong-shape: an item of `depends_on` is the number 5; expected the name of a resource",
        ],
    ),
    (
        HOT,
        "resources: {r: {type: T, deletion_policy: keep}}\n",
        &[
            "2:43 error invalid-deletion-policy: unknown deletion policy `keep`; expected one of Delete, Retain, Snapshot, delete, retain, snapshot",
        ],
    ),
    (
        HOT,
        "resources: {r: {type: T, deletion_policy: }}\n",
        &["2:41 error wrong-shape: `deletion_policy` is null; expected a string"],
    ),
    (
        HOT,
        "resources: {r: {type: T, description: 5}}\n",
        &["2:39 error wrong-shape: `description` is the number 5; expected a string"],
    ),
    (
        HOT,
        "resources: {r: {type: T}, s: {type: T, external_id: x, depends_on: r}}\n",
        &[
            "2:56 error external-dependency: a resource with `external_id` cannot depend on others; remove `depends_on`",
        ],
    ),
    (
        HOT,
        "resources: {r: {type: T, external_id: 5}}\n",
        &["2:39 error wrong-shape: `external_id` is the number 5; expected a string"],
    ),
    (
        HOT,
        "outputs: {o: x, p: {description: y}, q: {value: 1, vlaue: 2}}\n",
        &[
            "2:14 error wrong-shape: the output `o` is a string; expected a mapping",
            "2:17 error missing-attribute: the output `p` has no `value`; add it",
            "2:52 warning unknown-attribute: unknown attribute `vlaue` of an output; expected one of value, description, condition",
        ],
    ),
    (
        HOT,
        "parameters: {r: {type: string}}\nresources: {r: {type: T, properties: {a: {get_param: r}}}}\n",
        &["3:13 error name-clash: a parameter is also named `r`; rename one of them"],
    ),
    (
        OLD,
        "resources: {r: {type: T, condition: c, external_id: x, deletion_policy: retain}}\n",
        &[
            "2:26 error unknown-attribute: `condition` requires version 2016-10-14 or later; this template has version 2014-10-16",
            "2:40 error unknown-attribute: `external_id` requires version 2016-10-14 or later; this template has version 2014-10-16",
            "2:73 error invalid-deletion-policy: unknown deletion policy `retain`; expected one of Delete, Retain, Snapshot",
        ],
    ),
    (
        AWS,
        "Resources: {r: {Type: T, Foo: 1, DeletionPolicy: delete}}\n",
        &[
            "2:26 warning unknown-attribute: unknown attribute `Foo` of a resource; expected one of Type, Properties, Metadata, DependsOn, UpdatePolicy, DeletionPolicy, Description, Condition",
            "2:50 error invalid-deletion-policy: unknown deletion policy `delete`; expected one of Delete, Retain, Snapshot",
        ],
    ),
    (
        HOT,
        "resources: {r: {type: T, deletion_policy: {}}, s: {type: T, deletion_policy: {not: b}}, t: {type: T, deletion_policy: {get_param: OS::stack_name}}}\n",
        &[
            "2:43 error wrong-shape: `deletion_policy` is a mapping; expected a string",
            "2:78 error wrong-shape: `deletion_policy` is a mapping; expected a string",
        ],
    ),
];
