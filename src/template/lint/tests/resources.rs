//! Resources and outputs.

use super::{AWS, HOT, OLD, Row};

pub(super) const ROWS: &[Row] = &[
    (
        HOT,
        "resources: {r: }\n",
        &["2:14 error wrong-shape: the resource `r` is nothing; a mapping is needed"],
    ),
    (
        HOT,
        "resources: {r: {properties: {}}}\n",
        &["2:13 error missing-attribute: the resource `r` has no `type`; add it"],
    ),
    (
        HOT,
        "resources: {r: {type: }}\n",
        &["2:21 error wrong-shape: `type` is nothing; the name of a type is needed"],
    ),
    (
        HOT,
        "resources: {a/b: {type: T}}\n",
        &["2:13 error invalid-name: the name `a/b` has a `/`, which resources cannot have"],
    ),
    (
        HOT,
        "resources: {r: {type: T, propertys: {}}}\n",
        &[
            "2:26 error unknown-attribute: a resource has no `propertys`; did you mean `properties`?",
        ],
    ),
    (
        HOT,
        "resources: {r: {type: T, properties: [a], metadata: }}\n",
        &[
            "2:38 error wrong-shape: `properties` is a list; a mapping is needed",
            "2:51 error wrong-shape: `metadata` is nothing; a mapping is needed",
        ],
    ),
    (
        HOT,
        "resources: {r: {type: T, depends_on: {a: b}}}\n",
        &[
            "2:38 error wrong-shape: `depends_on` is a mapping; the name of a resource or a list of names is needed",
        ],
    ),
    (
        HOT,
        "resources: {r: {type: T, depends_on: [5]}}\n",
        &[
            "2:39 error wrong-shape: an item of `depends_on` is the number 5; the name of a resource is needed",
        ],
    ),
    (
        HOT,
        "resources: {r: {type: T, deletion_policy: keep}}\n",
        &[
            "2:43 error invalid-deletion-policy: there is no deletion policy `keep`; there are Delete, Retain, Snapshot, delete, retain, snapshot",
        ],
    ),
    (
        HOT,
        "resources: {r: {type: T, deletion_policy: }}\n",
        &["2:41 error wrong-shape: `deletion_policy` is nothing; a text is needed"],
    ),
    (
        HOT,
        "resources: {r: {type: T, description: 5}}\n",
        &["2:39 error wrong-shape: `description` is the number 5; a text is needed"],
    ),
    (
        HOT,
        "resources: {r: {type: T}, s: {type: T, external_id: x, depends_on: r}}\n",
        &[
            "2:56 error external-dependency: a resource with `external_id` cannot depend on others; take `depends_on` out",
        ],
    ),
    (
        HOT,
        "resources: {r: {type: T, external_id: 5}}\n",
        &["2:39 error wrong-shape: `external_id` is the number 5; a text is needed"],
    ),
    (
        HOT,
        "outputs: {o: x, p: {description: y}, q: {value: 1, vlaue: 2}}\n",
        &[
            "2:14 error wrong-shape: the output `o` is a text; a mapping is needed",
            "2:17 error missing-attribute: the output `p` has no `value`; add it",
            "2:52 warning unknown-attribute: an output has no `vlaue`; there are value, description, condition",
        ],
    ),
    (
        HOT,
        "parameters: {r: {type: string}}\nresources: {r: {type: T, properties: {a: {get_param: r}}}}\n",
        &["3:13 error name-clash: a parameter is called `r`, too; rename one of them"],
    ),
    (
        OLD,
        "resources: {r: {type: T, condition: c, external_id: x, deletion_policy: retain}}\n",
        &[
            "2:26 error unknown-attribute: `condition` is known from version 2016-10-14 on, and this is 2014-10-16",
            "2:40 error unknown-attribute: `external_id` is known from version 2016-10-14 on, and this is 2014-10-16",
            "2:73 error invalid-deletion-policy: there is no deletion policy `retain`; there are Delete, Retain, Snapshot",
        ],
    ),
    (
        AWS,
        "Resources: {r: {Type: T, Foo: 1, DeletionPolicy: delete}}\n",
        &[
            "2:26 warning unknown-attribute: a resource has no `Foo`; there are Type, Properties, Metadata, DependsOn, UpdatePolicy, DeletionPolicy, Description, Condition",
            "2:50 error invalid-deletion-policy: there is no deletion policy `delete`; there are Delete, Retain, Snapshot",
        ],
    ),
    (
        HOT,
        "resources: {r: {type: T, deletion_policy: {}}, s: {type: T, deletion_policy: {not: b}}, t: {type: T, deletion_policy: {get_param: OS::stack_name}}}\n",
        &[
            "2:43 error wrong-shape: `deletion_policy` is a mapping; a text is needed",
            "2:78 error wrong-shape: `deletion_policy` is a mapping; a text is needed",
        ],
    ),
];
