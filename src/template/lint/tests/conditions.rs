//! What Heat does not look at, as conditions say so.

use super::{AWS, HOT, Row};

pub(super) const ROWS: &[Row] = &[
    // What is not evaluated may be anything.
    (
        HOT,
        "conditions: {a: true, b: {or: [a, [x], {c: d}, e]}}\nresources: {r: {type: T, condition: b}}\n",
        &[
            "2:35 warning invalid-condition: the condition is a list; its name, a boolean or a function is needed",
            "2:40 warning invalid-condition: the condition is `c`, which is no function of conditions; its name, a boolean or a function is needed",
            "2:48 warning undefined-condition: there is no condition `e`; add it, or take the reference out",
        ],
    ),
    (
        HOT,
        "conditions: {a: false, b: {or: [a, [x]]}, c: {and: [{not: a}, 5]}}\nresources: {r: {type: T, condition: b}, s: {type: T, condition: c}}\n",
        &[
            "2:36 error invalid-condition: the condition is a list; its name, a boolean or a function is needed",
            "2:63 error invalid-condition: the condition is the number 5; its name, a boolean or a function is needed",
        ],
    ),
    // Functions are resolved before any of the conditions is looked at.
    (
        HOT,
        "conditions: {b: {or: [true, {equals: [{get_param: p}, 1]}, {not: [x]}]}}\nresources: {r: {type: T, condition: b}}\n",
        &[
            "2:51 error undefined-parameter: there is no parameter `p`; declare it, or take the reference out",
            "2:66 error invalid-condition: the condition is a list; its name, a boolean or a function is needed",
        ],
    ),
    // Functions are made of conditions that nothing needs, too.
    (
        HOT,
        "conditions: {a: {and: [true, [x]]}, b: {not: }, c: {and: [true, [{get_attr: [r, x]}]]}, d: {equals: [1]}}\n",
        &[
            "2:14 warning unused-condition: the condition `a` is never used; use it or take it out",
            "2:30 warning invalid-condition: the condition is a list; its name, a boolean or a function is needed",
            "2:37 warning unused-condition: the condition `b` is never used; use it or take it out",
            "2:41 error invalid-arguments: `not` has nothing; it needs a value",
            "2:44 warning invalid-condition: the condition is nothing; its name, a boolean or a function is needed",
            "2:49 warning unused-condition: the condition `c` is never used; use it or take it out",
            "2:65 warning invalid-condition: the condition is a list; its name, a boolean or a function is needed",
            "2:67 error misplaced-function: `get_attr` cannot be used in a condition",
            "2:89 warning unused-condition: the condition `d` is never used; use it or take it out",
            "2:93 error invalid-arguments: `equals` has a list of 1; it needs a list of 2",
        ],
    ),
    (
        HOT,
        "conditions: {c: {or: [true, c]}}\nresources: {r: {type: T, condition: c}}\n",
        &[
            "2:29 warning dependency-cycle: conditions are defined by each other: c -> c; take one of the references out",
        ],
    ),
    // Branches.
    (
        HOT,
        "conditions: {a: true}\nresources: {r: {type: T, properties: {x: {if: [a, 1, {get_file: 5}]}, y: {if: [a, 1, {get_attr: []}]}, z: {if: [a, {get_attr: []}, 1]}}}}\n",
        &[
            "3:65 warning invalid-arguments: the argument of `get_file` is the number 5; a text is needed",
            "3:87 warning invalid-arguments: `get_attr` has a list of 0; it needs a list of 1 or more",
            "3:117 error invalid-arguments: `get_attr` has a list of 0; it needs a list of 1 or more",
        ],
    ),
    (
        AWS,
        "Parameters: {P: {Type: String, Default: a}}\nConditions: {C: {Fn::Equals: [{Ref: P}, a]}, D: {Fn::Or: [C, 0]}, E: {Fn::And: [D, {Fn::Not: [C]}, 0]}, F: {Fn::Not: [0]}}\nResources: {R: {Type: T, Condition: D, Properties: {x: {Fn::If: [E, {Fn::Select: [0]}, {Fn::Select: [1]}]}}}}\n",
        &[
            "3:62 warning invalid-condition: the condition is the number 0; its name, a boolean or a function is needed",
            "3:100 warning invalid-condition: the condition is the number 0; its name, a boolean or a function is needed",
            "3:105 warning unused-condition: the condition `F` is never used; use it or take it out",
            "3:119 warning invalid-condition: the condition is the number 0; its name, a boolean or a function is needed",
            "4:70 warning invalid-arguments: `Fn::Select` has a list of 1; it needs a list of 2",
            "4:89 error invalid-arguments: `Fn::Select` has a list of 1; it needs a list of 2",
        ],
    ),
    // Outputs.
    (
        HOT,
        "conditions: {a: false}\noutputs: {o: {value: {get_attr: []}, condition: a}, p: {value: {get_attr: []}, condition: {not: a}}}\n",
        &[
            "3:23 warning invalid-arguments: `get_attr` has a list of 0; it needs a list of 1 or more",
            "3:65 error invalid-arguments: `get_attr` has a list of 0; it needs a list of 1 or more",
        ],
    ),
    // Resources that are not there: functions are made of what they have, and which branches to take is
    // decided.
    (
        HOT,
        "resources: {r: {type: T, condition: false, depends_on: n, properties: {a: {get_attr: []}, b: {get_param: n}, c: {if: [z, 1, 2]}}}}\n",
        &[
            "2:56 warning undefined-resource: there is no resource `n`; add it, or take the reference out",
            "2:76 error invalid-arguments: `get_attr` has a list of 0; it needs a list of 1 or more",
            "2:106 warning undefined-parameter: there is no parameter `n`; declare it, or take the reference out",
            "2:119 error undefined-condition: there is no condition `z`; add it, or take the reference out",
        ],
    ),
    (
        HOT,
        "conditions: {a: false}\nresources: {r: {type: T, condition: a}, s: {type: T, depends_on: r, properties: {x: {get_resource: r}, y: {if: [a, {get_resource: r}, 1]}}}}\noutputs: {o: {value: [{get_resource: r}, {get_attr: [r, x]}]}}\n",
        &[
            "3:100 error undefined-resource: the resource `r` is not there, as its condition is false; refer to it under the same condition",
            "4:54 error undefined-resource: the resource `r` is not there, as its condition is false; refer to it under the same condition",
        ],
    ),
    // Circles.
    (
        HOT,
        "parameters: {p: {type: string, default: x}}\nconditions: {c: {equals: [{get_param: p}, x]}}\nresources: {a: {type: T, properties: {v: {if: [c, {get_resource: b}, x]}}}, b: {type: T, properties: {v: {if: [c, {get_resource: a}, x]}}}}\n",
        &[
            "4:66 error dependency-cycle: resources depend on each other: a -> b -> a; take one of the references out",
        ],
    ),
    (
        HOT,
        "parameters: {p: {type: string, default: x}}\nconditions: {c: {equals: [{get_param: p}, x]}}\nresources: {a: {type: T, properties: {v: {if: [c, {get_resource: b}, x]}}}, b: {type: T, properties: {v: {if: [c, x, {get_resource: a}]}}}}\n",
        &[],
    ),
    (
        HOT,
        "parameters: {p: {type: string}}\nconditions: {c: {equals: [{get_param: p}, x]}}\nresources: {a: {type: T, properties: {v: {if: [c, {get_resource: a}, x]}}}}\n",
        &[
            "4:66 warning dependency-cycle: resources depend on each other unless conditions keep them apart: a -> a; take one of the references out",
        ],
    ),
    (
        HOT,
        "resources: {a: {type: T, properties: {v: {if: [true, {list_join: [{get_resource: a}, [x]]}, x]}}}}\n",
        &[
            "2:82 error dependency-cycle: resources depend on each other: a -> a; take one of the references out",
        ],
    ),
    // What is not known may be either.
    (
        HOT,
        "parameters: {p: {type: string}}\nconditions: {c: {equals: [{get_param: p}, x]}}\noutputs: {o: {value: {if: [c, {get_attr: []}, {get_attr: []}]}}}\n",
        &[
            "4:32 error invalid-arguments: `get_attr` has a list of 0; it needs a list of 1 or more",
            "4:48 error invalid-arguments: `get_attr` has a list of 0; it needs a list of 1 or more",
        ],
    ),
    // Values as Python compares them: each of these is false.
    (
        HOT,
        "parameters: {b: {type: boolean, default: 'off'}, l: {type: comma_delimited_list, default: 'a'}, n: {type: number, default: '1.0'}}\nconditions: {a: {get_param: b}, c: {equals: [{get_param: l}, a]}, d: {equals: [[1], {get_param: n}]}, e: {equals: [null, '']}, f: {not: {equals: [{get_param: n}, true]}}, g: {equals: [{get_param: b}, 'False']}}\noutputs:\n  a: {value: {if: [a, {get_attr: []}, 1]}}\n  c: {value: {if: [c, {get_attr: []}, 1]}}\n  d: {value: {if: [d, {get_attr: []}, 1]}}\n  e: {value: {if: [e, {get_attr: []}, 1]}}\n  f: {value: {if: [f, {get_attr: []}, 1]}}\n  g: {value: {if: [g, {get_attr: []}, 1]}}\n",
        &[
            "5:24 warning invalid-arguments: `get_attr` has a list of 0; it needs a list of 1 or more",
            "6:24 warning invalid-arguments: `get_attr` has a list of 0; it needs a list of 1 or more",
            "7:24 warning invalid-arguments: `get_attr` has a list of 0; it needs a list of 1 or more",
            "8:24 warning invalid-arguments: `get_attr` has a list of 0; it needs a list of 1 or more",
            "9:24 warning invalid-arguments: `get_attr` has a list of 0; it needs a list of 1 or more",
            "10:24 warning invalid-arguments: `get_attr` has a list of 0; it needs a list of 1 or more",
        ],
    ),
    // Each of these is true but the last, which nobody can tell.
    (
        HOT,
        "parameters: {l: {type: comma_delimited_list, default: 'a,b'}, m: {type: comma_delimited_list, default: [a, b]}, e: {type: comma_delimited_list, default: ''}}\nconditions: {a: {equals: [{get_param: l}, {get_param: [m]}]}, b: {equals: [[a, 1], [a, true]]}, c: {equals: [{get_param: e}, []]}, d: {equals: [{a: b}, {a: b}]}}\noutputs:\n  a: {value: {if: [a, 1, {get_attr: []}]}}\n  b: {value: {if: [b, 1, {get_attr: []}]}}\n  c: {value: {if: [c, 1, {get_attr: []}]}}\n  d: {value: {if: [d, 1, {get_attr: []}]}}\n",
        &[
            "5:27 warning invalid-arguments: `get_attr` has a list of 0; it needs a list of 1 or more",
            "6:27 warning invalid-arguments: `get_attr` has a list of 0; it needs a list of 1 or more",
            "7:27 warning invalid-arguments: `get_attr` has a list of 0; it needs a list of 1 or more",
            "8:27 error invalid-arguments: `get_attr` has a list of 0; it needs a list of 1 or more",
        ],
    ),
    // A guard that nobody can tell is a guard.
    (
        HOT,
        "parameters: {p: {type: boolean}}\nconditions: {c: {get_param: p}}\nresources: {r: {type: T, condition: false}}\noutputs: {o: {value: {if: [c, {get_attr: [r, x]}, 1]}}}\n",
        &[],
    ),
];
