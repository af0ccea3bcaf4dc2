//! What Heat skips because of conditions.

use super::{AWS, HOT, Row};

pub(super) const ROWS: &[Row] = &[
    // What is not evaluated may have any content.
    (
        HOT,
        "conditions: {a: true, b: {or: [a, [x], {c: d}, e]}}\nresources: {r: {type: T, condition: b}}\n",
        &[
            "2:35 warning invalid-condition: the condition is a list; expected the name of a condition, a boolean or a function",
            "2:40 warning invalid-condition: the condition is `c`, which is not a condition function; expected the name of a condition, a boolean or a function",
            "2:48 warning undefined-condition: there is no condition `e`; add it or remove the reference",
        ],
    ),
    (
        HOT,
        "conditions: {a: false, b: {or: [a, [x]]}, c: {and: [{not: a}, 5]}}\nresources: {r: {type: T, condition: b}, s: {type: T, condition: c}}\n",
        &[
            "2:36 error invalid-condition: the condition is a list; expected the name of a condition, a boolean or a function",
            "2:63 error invalid-condition: the condition is the number 5; expected the name of a condition, a boolean or a function",
        ],
    ),
    // Functions are resolved before the conditions are evaluated.
    (
        HOT,
        "conditions: {b: {or: [true, {equals: [{get_param: p}, 1]}, {not: [x]}]}}\nresources: {r: {type: T, condition: b}}\n",
        &[
            "2:51 error undefined-parameter: there is no parameter `p`; declare it or remove the reference",
            "2:66 error invalid-condition: the condition is a list; expected the name of a condition, a boolean or a function",
        ],
    ),
    // The functions of unused conditions are parsed too.
    (
        HOT,
        "conditions: {a: {and: [true, [x]]}, b: {not: }, c: {and: [true, [{get_attr: [r, x]}]]}, d: {equals: [1]}}\n",
        &[
            "2:14 warning unused-condition: the condition `a` is never used; use it or remove it",
            "2:30 warning invalid-condition: the condition is a list; expected the name of a condition, a boolean or a function",
            "2:37 warning unused-condition: the condition `b` is never used; use it or remove it",
            "2:41 error invalid-arguments: the argument of `not` is null; expected a value",
            "2:44 warning invalid-condition: the condition is null; expected the name of a condition, a boolean or a function",
            "2:49 warning unused-condition: the condition `c` is never used; use it or remove it",
            "2:65 warning invalid-condition: the condition is a list; expected the name of a condition, a boolean or a function",
            "2:67 error misplaced-function: `get_attr` cannot be used in a condition",
            "2:89 warning unused-condition: the condition `d` is never used; use it or remove it",
            "2:93 error invalid-arguments: the argument of `equals` is a list of length 1; expected a list of 2 items",
        ],
    ),
    (
        HOT,
        "conditions: {c: {or: [true, c]}}\nresources: {r: {type: T, condition: c}}\n",
        &[
            "2:29 warning dependency-cycle: conditions depend on each other: c -> c; remove one of the references",
        ],
    ),
    // Branches.
    (
        HOT,
        "conditions: {a: true}\nresources: {r: {type: T, properties: {x: {if: [a, 1, {get_file: 5}]}, y: {if: [a, 1, {get_attr: []}]}, z: {if: [a, {get_attr: []}, 1]}}}}\n",
        &[
            "3:65 warning invalid-arguments: the argument of `get_file` is the number 5; expected a string",
            "3:87 warning invalid-arguments: the argument of `get_attr` is a list of length 0; expected a list of 1 or more items",
            "3:117 error invalid-arguments: the argument of `get_attr` is a list of length 0; expected a list of 1 or more items",
        ],
    ),
    (
        AWS,
        "Parameters: {P: {Type: String, Default: a}}\nConditions: {C: {Fn::Equals: [{Ref: P}, a]}, D: {Fn::Or: [C, 0]}, E: {Fn::And: [D, {Fn::Not: [C]}, 0]}, F: {Fn::Not: [0]}}\nResources: {R: {Type: T, Condition: D, Properties: {x: {Fn::If: [E, {Fn::Select: [0]}, {Fn::Select: [1]}]}}}}\n",
        &[
            "3:62 warning invalid-condition: the condition is the number 0; expected the name of a condition, a boolean or a function",
            "3:100 warning invalid-condition: the condition is the number 0; expected the name of a condition, a boolean or a function",
            "3:105 warning unused-condition: the condition `F` is never used; use it or remove it",
            "3:119 warning invalid-condition: the condition is the number 0; expected the name of a condition, a boolean or a function",
            "4:70 warning invalid-arguments: the argument of `Fn::Select` is a list of length 1; expected a list of 2 items",
            "4:89 error invalid-arguments: the argument of `Fn::Select` is a list of length 1; expected a list of 2 items",
        ],
    ),
    // Outputs.
    (
        HOT,
        "conditions: {a: false}\noutputs: {o: {value: {get_attr: []}, condition: a}, p: {value: {get_attr: []}, condition: {not: a}}}\n",
        &[
            "3:23 warning invalid-arguments: the argument of `get_attr` is a list of length 0; expected a list of 1 or more items",
            "3:65 error invalid-arguments: the argument of `get_attr` is a list of length 0; expected a list of 1 or more items",
        ],
    ),
    // Absent resources: their functions are parsed, which selects the branches of `if`.
    (
        HOT,
        "resources: {r: {type: T, condition: false, depends_on: n, properties: {a: {get_attr: []}, b: {get_param: n}, c: {if: [z, 1, 2]}}}}\n",
        &[
            "2:56 warning undefined-resource: there is no resource `n`; add it or remove the reference",
            "2:76 error invalid-arguments: the argument of `get_attr` is a list of length 0; expected a list of 1 or more items",
            "2:106 warning undefined-parameter: there is no parameter `n`; declare it or remove the reference",
            "2:119 error undefined-condition: there is no condition `z`; add it or remove the reference",
        ],
    ),
    (
        HOT,
        "conditions: {a: false}\nresources: {r: {type: T, condition: a}, s: {type: T, depends_on: r, properties: {x: {get_resource: r}, y: {if: [a, {get_resource: r}, 1]}}}}\noutputs: {o: {value: [{get_resource: r}, {get_attr: [r, x]}]}}\n",
        &[
            "3:100 error undefined-resource: the resource `r` does not exist, because its condition is false; refer to it under the same condition",
            "4:54 error undefined-resource: the resource `r` does not exist, because its condition is false; refer to it under the same condition",
        ],
    ),
    // Cycles.
    (
        HOT,
        "parameters: {p: {type: string, default: x}}\nconditions: {c: {equals: [{get_param: p}, x]}}\nresources: {a: {type: T, properties: {v: {if: [c, {get_resource: b}, x]}}}, b: {type: T, properties: {v: {if: [c, {get_resource: a}, x]}}}}\n",
        &[
            "4:66 error dependency-cycle: resources depend on each other: a -> b -> a; remove one of the references",
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
            "4:66 warning dependency-cycle: resources depend on each other unless conditions prevent it: a -> a; remove one of the references",
        ],
    ),
    (
        HOT,
        "resources: {a: {type: T, properties: {v: {if: [true, {list_join: [{get_resource: a}, [x]]}, x]}}}}\n",
        &[
            "2:82 error dependency-cycle: resources depend on each other: a -> a; remove one of the references",
        ],
    ),
    // An unknown value may be true or false.
    (
        HOT,
        "parameters: {p: {type: string}}\nconditions: {c: {equals: [{get_param: p}, x]}}\noutputs: {o: {value: {if: [c, {get_attr: []}, {get_attr: []}]}}}\n",
        &[
            "4:32 error invalid-arguments: the argument of `get_attr` is a list of length 0; expected a list of 1 or more items",
            "4:48 error invalid-arguments: the argument of `get_attr` is a list of length 0; expected a list of 1 or more items",
        ],
    ),
    // Values as Python compares them: each of these is false.
    (
        HOT,
        "parameters: {b: {type: boolean, default: 'off'}, l: {type: comma_delimited_list, default: 'a'}, n: {type: number, default: '1.0'}}\nconditions: {a: {get_param: b}, c: {equals: [{get_param: l}, a]}, d: {equals: [[1], {get_param: n}]}, e: {equals: [null, '']}, f: {not: {equals: [{get_param: n}, true]}}, g: {equals: [{get_param: b}, 'False']}}\noutputs:\n  a: {value: {if: [a, {get_attr: []}, 1]}}\n  c: {value: {if: [c, {get_attr: []}, 1]}}\n  d: {value: {if: [d, {get_attr: []}, 1]}}\n  e: {value: {if: [e, {get_attr: []}, 1]}}\n  f: {value: {if: [f, {get_attr: []}, 1]}}\n  g: {value: {if: [g, {get_attr: []}, 1]}}\n",
        &[
            "5:24 warning invalid-arguments: the argument of `get_attr` is a list of length 0; expected a list of 1 or more items",
            "6:24 warning invalid-arguments: the argument of `get_attr` is a list of length 0; expected a list of 1 or more items",
            "7:24 warning invalid-arguments: the argument of `get_attr` is a list of length 0; expected a list of 1 or more items",
            "8:24 warning invalid-arguments: the argument of `get_attr` is a list of length 0; expected a list of 1 or more items",
            "9:24 warning invalid-arguments: the argument of `get_attr` is a list of length 0; expected a list of 1 or more items",
            "10:24 warning invalid-arguments: the argument of `get_attr` is a list of length 0; expected a list of 1 or more items",
        ],
    ),
    // Each of these is true, except the last, which is not known.
    (
        HOT,
        "parameters: {l: {type: comma_delimited_list, default: 'a,b'}, m: {type: comma_delimited_list, default: [a, b]}, e: {type: comma_delimited_list, default: ''}}\nconditions: {a: {equals: [{get_param: l}, {get_param: [m]}]}, b: {equals: [[a, 1], [a, true]]}, c: {equals: [{get_param: e}, []]}, d: {equals: [{a: b}, {a: b}]}}\noutputs:\n  a: {value: {if: [a, 1, {get_attr: []}]}}\n  b: {value: {if: [b, 1, {get_attr: []}]}}\n  c: {value: {if: [c, 1, {get_attr: []}]}}\n  d: {value: {if: [d, 1, {get_attr: []}]}}\n",
        &[
            "5:27 warning invalid-arguments: the argument of `get_attr` is a list of length 0; expected a list of 1 or more items",
            "6:27 warning invalid-arguments: the argument of `get_attr` is a list of length 0; expected a list of 1 or more items",
            "7:27 warning invalid-arguments: the argument of `get_attr` is a list of length 0; expected a list of 1 or more items",
            "8:27 error invalid-arguments: the argument of `get_attr` is a list of length 0; expected a list of 1 or more items",
        ],
    ),
    // A guard with an unknown value counts as a guard.
    (
        HOT,
        "parameters: {p: {type: boolean}}\nconditions: {c: {get_param: p}}\nresources: {r: {type: T, condition: false}}\noutputs: {o: {value: {if: [c, {get_attr: [r, x]}, 1]}}}\n",
        &[],
    ),
];
