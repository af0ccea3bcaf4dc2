//! References and dependencies.

use super::{AWS, HOT, Row};

pub(super) const ROWS: &[Row] = &[
    (
        HOT,
        "parameters: {size: {type: number}}\nresources: {r: {type: T, properties: {a: {get_param: size}, b: {get_param: sice}, c: {get_param: [other, 0]}}}}\n",
        &[
            "3:76 error undefined-parameter: there is no parameter `sice`; did you mean `size`?",
            "3:99 error undefined-parameter: there is no parameter `other`; declare it or remove the reference",
        ],
    ),
    (
        HOT,
        "resources: {r: {type: T, properties: {a: [{get_param: OS::stack_name}, {get_param: \"OS::stack_id\"}, {get_param: OS::project_id}, {get_param: OS::region}]}}}\n",
        &[
            "2:142 error undefined-parameter: there is no parameter `OS::region`; declare it or remove the reference",
        ],
    ),
    (
        HOT,
        "resources: {r: {type: T, properties: {a: {get_resource: web}, b: {get_attr: [wep, x]}}, metadata: {c: {get_param: d}}, depends_on: [net]}, web: {type: T}}\n",
        &[
            "2:78 error undefined-resource: there is no resource `wep`; did you mean `web`?",
            "2:115 error undefined-parameter: there is no parameter `d`; declare it or remove the reference",
            "2:133 error undefined-resource: there is no resource `net`; add it or remove the reference",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: string}}\nresources: {r: {type: T, properties: {b: {get_resource: a}, c: {get_param: r}, d: {get_param: a}}}}\n",
        &[
            "3:57 error undefined-resource: there is no resource `a`; it is a parameter",
            "3:76 error undefined-parameter: there is no parameter `r`; it is a resource",
        ],
    ),
    (
        HOT,
        "outputs: {o: {value: [{get_param: a}, {get_resource: b}, {get_attr: [c, d]}]}}\n",
        &[
            "2:35 warning undefined-parameter: there is no parameter `a`; declare it or remove the reference",
            "2:54 warning undefined-resource: there is no resource `b`; add it or remove the reference",
            "2:70 error undefined-resource: there is no resource `c`; add it or remove the reference",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: string}, b: {type: string}}\noutputs: {o: {value: {get_param: {get_param: b}}}}\n",
        &[],
    ),
    (
        HOT,
        "parameters: {a: {type: string}, b: {type: string}}\noutputs: {o: {value: {get_param: a, x: {get_param: [b, c]}}}}\n",
        &[
            "2:14 warning unused-parameter: the parameter `a` is never used; use it with `get_param` or remove it",
        ],
    ),
    (
        HOT,
        "conditions: {a: true, b: {not: a}, c: {and: [b, d]}, e: {equals: [{get_param: p}, 1]}}\nresources: {r: {type: T, condition: c}, s: {type: T, condition: x}}\n",
        &[
            "2:49 warning undefined-condition: there is no condition `d`; add it or remove the reference",
            "2:54 warning unused-condition: the condition `e` is never used; use it or remove it",
            "2:79 warning undefined-parameter: there is no parameter `p`; declare it or remove the reference",
            "3:65 error undefined-condition: there is no condition `x`; add it or remove the reference",
        ],
    ),
    (
        HOT,
        "conditions: {a: true}\noutputs: {o: {value: {if: [a, {get_resource: r}, {get_attr: [s, t]}]}}, p: {value: 1, condition: z}, q: {value: {if: [false, {get_attr: [n, m]}, 1]}}}\n",
        &[
            "3:46 warning undefined-resource: there is no resource `r`; add it or remove the reference",
            "3:62 warning undefined-resource: there is no resource `s`; add it or remove the reference",
            "3:98 error undefined-condition: there is no condition `z`; add it or remove the reference",
            "3:138 warning undefined-resource: there is no resource `n`; add it or remove the reference",
        ],
    ),
    (
        HOT,
        "resources: {r: {type: T, properties: {a: {get_resource: r}}}}\n",
        &[
            "2:57 error dependency-cycle: resources depend on each other: r -> r; remove one of the references",
        ],
    ),
    (
        HOT,
        "resources: {a: {type: T, depends_on: c}, b: {type: T, properties: {x: {get_attr: [a, y]}}}, c: {type: T, metadata: {x: {get_resource: b}}}}\n",
        &[
            "2:38 error dependency-cycle: resources depend on each other: a -> c -> b -> a; remove one of the references",
        ],
    ),
    (
        HOT,
        "resources: {a: {type: T, depends_on: b}, b: {type: T, depends_on: a}, c: {type: T, depends_on: [a, d]}, d: {type: T, depends_on: c}}\n",
        &[
            "2:38 error dependency-cycle: resources depend on each other: a -> b -> a; remove one of the references",
        ],
    ),
    (
        HOT,
        "conditions: {c: {equals: [1, 1]}}\nresources: {a: {type: T, properties: {x: {if: [c, {get_resource: b}, 1]}}}, b: {type: T, depends_on: a}}\n",
        &[
            "3:66 error dependency-cycle: resources depend on each other: a -> b -> a; remove one of the references",
        ],
    ),
    (
        HOT,
        "conditions: {c: {equals: [1, 1]}}\nresources: {a: {type: T, condition: c, depends_on: b}, b: {type: T, depends_on: a}}\n",
        &[
            "3:52 error dependency-cycle: resources depend on each other: a -> b -> a; remove one of the references",
        ],
    ),
    (
        HOT,
        "resources: {a: {type: T, external_id: x, properties: {p: {get_resource: b}}}, b: {type: T, depends_on: a}}\n",
        &[],
    ),
    (
        HOT,
        "resources: {a: {type: T, update_policy: {p: {get_resource: b}}}, b: {type: T, depends_on: a}}\n",
        &[],
    ),
    (
        HOT,
        "conditions: {a: {not: b}, b: {or: [a, true]}, c: {not: c}}\nresources: {r: {type: T, condition: a}}\n",
        &[
            "2:23 error dependency-cycle: conditions depend on each other: a -> b -> a; remove one of the references",
            "2:47 warning unused-condition: the condition `c` is never used; use it or remove it",
            "2:56 warning dependency-cycle: conditions depend on each other: c -> c; remove one of the references",
        ],
    ),
    (
        AWS,
        "Parameters: {p: {Type: String}}\nMappings: {m: {a: {b: c}}}\nResources: {r: {Type: T, DependsOn: s, Properties: {a: {Ref: p}, b: {Ref: AWS::Region}, c: {Ref: q}, d: {Fn::GetAtt: [t, u]}, e: {Fn::FindInMap: [m, a, b]}, f: {Fn::FindInMap: [n, a, b]}}}}\n",
        &[
            "4:37 error undefined-resource: there is no resource `s`; add it or remove the reference",
            "4:98 error undefined-resource: there is no parameter or resource `q`; add it or remove the reference",
            "4:119 error undefined-resource: there is no resource `t`; add it or remove the reference",
            "4:178 error undefined-mapping: there is no mapping `n`; add it or remove the reference",
        ],
    ),
    (
        AWS,
        "Conditions: {c: {Fn::Equals: [{Ref: p}, 1]}, d: {Fn::Not: [c]}}\nResources: {r: {Type: T, Condition: d}, s: {Type: T, Condition: e}}\nOutputs: {o: {Value: {Ref: x}}}\n",
        &[
            "2:37 error undefined-parameter: there is no parameter `p`; declare it or remove the reference",
            "3:65 error undefined-condition: there is no condition `e`; add it or remove the reference",
            "4:28 warning undefined-resource: there is no parameter or resource `x`; add it or remove the reference",
        ],
    ),
];
