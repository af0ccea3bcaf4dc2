//! Declarations of parameters.

use super::{AWS, HOT, OLD, Row};

pub(super) const ROWS: &[Row] = &[
    (
        HOT,
        "parameters: {a: {type: string}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[],
    ),
    (
        HOT,
        "parameters: {a: {default: x}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:14 error missing-attribute: the parameter `a` has no `type`; there are string, number, comma_delimited_list, json, boolean",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: strin}}\noutputs: {o: {value: {get_param: a}}}\n",
        &["2:24 error unknown-type: `strin` is no type of a parameter; did you mean `string`?"],
    ),
    (
        HOT,
        "parameters: {a: {type: 5}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:24 error unknown-type: the number 5 is no type of a parameter; there are string, number, comma_delimited_list, json, boolean",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: string, defualt: x}}\noutputs: {o: {value: {get_param: a}}}\n",
        &["2:32 error unknown-attribute: a parameter has no `defualt`; did you mean `default`?"],
    ),
    (
        HOT,
        "parameters: {a: {type: string, tags: x}}\noutputs: {o: {value: {get_param: a}}}\n",
        &["2:38 error wrong-shape: `tags` is a text; a list is needed"],
    ),
    (
        HOT,
        "parameters: {a: {type: string, default: }}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:32 warning null-default: the default of `a` is null, which Heat takes for none; write '' for an empty text, or leave the default out",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: number, default: 1e3}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[],
    ),
    (
        HOT,
        "parameters: {a: {type: number, default: \"\"}}\noutputs: {o: {value: {get_param: a}}}\n",
        &["2:41 error invalid-default: the default of `a` is an empty text; a number is needed"],
    ),
    (
        HOT,
        "parameters: {a: {type: number, default: [1]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &["2:41 error invalid-default: the default of `a` is a list; a number is needed"],
    ),
    (
        HOT,
        "parameters: {a: {type: number, default: \"1_0\"}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[],
    ),
    (
        HOT,
        "parameters: {a: {type: number, default: \"1__0\"}}\noutputs: {o: {value: {get_param: a}}}\n",
        &["2:41 error invalid-default: the default of `a` is `1__0`; a number is needed"],
    ),
    (
        HOT,
        "parameters: {a: {type: boolean, default: maybe}}\noutputs: {o: {value: {get_param: a}}}\n",
        &["2:42 error invalid-default: the default of `a` is `maybe`; a boolean is needed"],
    ),
    (
        HOT,
        "parameters: {a: {type: boolean, default: Off}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[],
    ),
    (
        HOT,
        "parameters: {a: {type: boolean, default: 2}}\noutputs: {o: {value: {get_param: a}}}\n",
        &["2:42 error invalid-default: the default of `a` is the number 2; a boolean is needed"],
    ),
    (
        HOT,
        "parameters: {a: {type: json, default: \"{\"}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:39 error invalid-default: the default of `a` is `{`; a mapping, a list or a text that is JSON is needed",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: json, default: {a: b}}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[],
    ),
    (
        HOT,
        "parameters: {a: {type: comma_delimited_list, default: 5}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:55 error invalid-default: the default of `a` is the number 5; a list or a text with commas is needed",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: comma_delimited_list, default: \"a,b\"}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[],
    ),
    (
        HOT,
        "parameters: {a: {type: string, constraints: {length: {min: 1}}}}\noutputs: {o: {value: {get_param: a}}}\n",
        &["2:45 error wrong-shape: `constraints` is a mapping; a list is needed"],
    ),
    (
        HOT,
        "parameters: {a: {type: string, constraints: [a]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &["2:46 error wrong-shape: a constraint is a text; a mapping is needed"],
    ),
    (
        HOT,
        "parameters: {a: {type: string, constraints: [{lenght: {min: 1}}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &["2:47 error invalid-constraint: there is no constraint `lenght`; did you mean `length`?"],
    ),
    (
        HOT,
        "parameters: {a: {type: string, constraints: [{description: a}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:46 error invalid-constraint: no constraint stands here; there are modulo, range, length, allowed_values, allowed_pattern, custom_constraint",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: string, constraints: [{length: {}}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &["2:55 error invalid-constraint: `length` has neither a least nor a greatest value"],
    ),
    (
        HOT,
        "parameters: {a: {type: string, constraints: [{length: {min: a}}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &["2:61 error invalid-constraint: `length.min` is `a`; a number is needed"],
    ),
    (
        HOT,
        "parameters: {a: {type: string, constraints: [{length: {min: 1.0}}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &["2:55 error invalid-constraint: `length` counts; whole numbers are needed"],
    ),
    (
        HOT,
        "parameters: {a: {type: string, constraints: [{length: {least: 1}}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &["2:56 error unknown-attribute: `length` has no `least`; there are min, max"],
    ),
    (
        HOT,
        "parameters: {a: {type: string, constraints: [{length: {min: 3, max: 1}}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:55 warning invalid-constraint: `length` is 3 at least and 1 at most, which nothing is",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: number, constraints: [{length: {min: 1}}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &["2:47 error invalid-constraint: `length` cannot constrain a parameter of type number"],
    ),
    (
        HOT,
        "parameters: {a: {type: string, constraints: [{length: {min: 1}, allowed_pattern: \"[a-z]*\"}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:65 warning ignored-constraint: Heat looks at `length` and not at `allowed_pattern`, as they stand in one entry; give each its own",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: string, constraints: [{allowed_values: a}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &["2:63 error wrong-shape: `allowed_values` is a text; a list is needed"],
    ),
    (
        HOT,
        "parameters: {a: {type: string, constraints: [{allowed_pattern: 5}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &["2:64 error wrong-shape: `allowed_pattern` is the number 5; a text is needed"],
    ),
    (
        HOT,
        "parameters: {a: {type: number, constraints: [{modulo: {step: 2}}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &["2:55 error invalid-constraint: `modulo` needs both step and offset"],
    ),
    (
        HOT,
        "parameters: {a: {type: number, constraints: [{modulo: {step: 2, offset: 2}}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:55 error invalid-constraint: `modulo` has an offset that is not smaller than its step",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: number, default: 5, constraints: [{range: {min: 1, max: 4}}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:41 error invalid-default: the default is the number 5, which breaks `range`: at most 4 is needed",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: string, default: abc, constraints: [{length: {max: 2}}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:41 error invalid-default: the default is `abc`, which breaks `length`: it has a length of 3, and at most 2 is needed",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: string, default: 5, constraints: [{length: {max: 2}}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:41 error invalid-default: the default is the number 5, which breaks `length`: a text is needed; quote it",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: string, default: c, constraints: [{allowed_values: [a, b]}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:41 error invalid-default: the default is `c`, which breaks `allowed_values`: there are [`a`, `b`]",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: string, default: \"5\", constraints: [{allowed_values: [5, 6]}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[],
    ),
    (
        HOT,
        "parameters: {a: {type: comma_delimited_list, default: \"a,c\", constraints: [{allowed_values: [a, b]}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:55 error invalid-default: the default is `a,c`, which breaks `allowed_values`: there are [`a`, `b`]",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: number, default: 5, constraints: [{modulo: {step: 2, offset: 0}}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:41 error invalid-default: the default is the number 5, which breaks `modulo`: 2 leaves a rest of 1, not 0",
        ],
    ),
    (
        OLD,
        "parameters: {a: {type: number, tags: [a]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:32 error unknown-attribute: `tags` is known from version 2018-03-02 on, and this is 2014-10-16",
        ],
    ),
    (
        "heat_template_version: newton\n",
        "parameters: {a: {type: number, constraints: [{modulo: {step: 2, offset: 0}}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:46 error invalid-constraint: `modulo` is known from version 2017-02-24 on; this is 2016-10-14",
        ],
    ),
    (
        AWS,
        "Parameters: {a: {Type: String, MinLenght: 1, MaxLength: x, AllowedValues: b}}\nOutputs: {o: {Value: {Ref: a}}}\n",
        &[
            "2:32 error unknown-attribute: a parameter has no `MinLenght`; did you mean `MinLength`?",
            "2:57 error invalid-constraint: `MaxLength` is `x`; a number is needed",
            "2:75 error wrong-shape: `AllowedValues` is a text; a list is needed",
        ],
    ),
    (
        AWS,
        "Parameters: {a: {Type: Number, Default: 1, MinValue: 2, AllowedPattern: x}}\nOutputs: {o: {Value: {Ref: a}}}\n",
        &[
            "2:41 error invalid-default: the default is the number 1, which breaks `MinValue`: at least 2 is needed",
            "2:57 error invalid-constraint: `AllowedPattern` cannot constrain a parameter of type Number",
        ],
    ),
    (
        HOT,
        "parameters: {a: , b: string}\n",
        &[
            "2:14 warning unused-parameter: the parameter `a` is never used; use it with `get_param` or take it out",
            "2:15 error wrong-shape: the parameter `a` is nothing; a mapping is needed",
            "2:19 warning unused-parameter: the parameter `b` is never used; use it with `get_param` or take it out",
            "2:22 error wrong-shape: the parameter `b` is a text; a mapping is needed",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: string}}\noutputs: {o: {value: {get_param: a}}}\nparameter_groups: [{parameters: [a, ab]}, {label: x}, {parameters: [a]}, b]\n",
        &[
            "4:37 error undefined-parameter: the parameter `ab` is not declared; did you mean `a`?",
            "4:43 error invalid-parameter-group: the group has no `parameters`; add the list of their names",
            "4:69 error invalid-parameter-group: the parameter `a` is in a group already; take it out of one",
            "4:74 error wrong-shape: a group of parameters is a text; a mapping is needed",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: string, default: [x], constraints: [{allowed_pattern: x}]}, b: {type: number, default: 1, constraints: [{allowed_values: [[1]]}]}}\noutputs: {o: {value: [{get_param: a}, {get_param: b}]}}\n",
        &[
            "2:41 error invalid-default: the default is a list, which breaks `allowed_pattern`: a text is needed",
            "2:111 error invalid-default: the default is the number 1, which breaks `allowed_values`: there are [a list]",
        ],
    ),
];
