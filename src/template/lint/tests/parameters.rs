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
            "2:14 error missing-attribute: the parameter `a` has no `type`; expected one of string, number, comma_delimited_list, json, boolean",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: strin}}\noutputs: {o: {value: {get_param: a}}}\n",
        &["2:24 error unknown-type: unknown parameter type `strin`; did you mean `string`?"],
    ),
    (
        HOT,
        "parameters: {a: {type: 5}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:24 error unknown-type: the parameter type is the number 5; expected one of string, number, comma_delimited_list, json, boolean",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: string, defualt: x}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:32 error unknown-attribute: unknown attribute `defualt` of a parameter; did you mean `default`?",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: string, tags: x}}\noutputs: {o: {value: {get_param: a}}}\n",
        &["2:38 error wrong-shape: `tags` is a string; expected a list"],
    ),
    (
        HOT,
        "parameters: {a: {type: string, default: }}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:32 warning null-default: the default of `a` is null, which Heat ignores; write '' for an empty string, or remove the default",
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
        &["2:41 error invalid-default: the default of `a` is an empty string; expected a number"],
    ),
    (
        HOT,
        "parameters: {a: {type: number, default: [1]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &["2:41 error invalid-default: the default of `a` is a list; expected a number"],
    ),
    (
        HOT,
        "parameters: {a: {type: number, default: \"1_0\"}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[],
    ),
    (
        HOT,
        "parameters: {a: {type: number, default: \"1__0\"}}\noutputs: {o: {value: {get_param: a}}}\n",
        &["2:41 error invalid-default: the default of `a` is `1__0`; expected a number"],
    ),
    (
        HOT,
        "parameters: {a: {type: boolean, default: maybe}}\noutputs: {o: {value: {get_param: a}}}\n",
        &["2:42 error invalid-default: the default of `a` is `maybe`; expected a boolean"],
    ),
    (
        HOT,
        "parameters: {a: {type: boolean, default: Off}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[],
    ),
    (
        HOT,
        "parameters: {a: {type: boolean, default: 2}}\noutputs: {o: {value: {get_param: a}}}\n",
        &["2:42 error invalid-default: the default of `a` is the number 2; expected a boolean"],
    ),
    (
        HOT,
        "parameters: {a: {type: json, default: \"{\"}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:39 error invalid-default: the default of `a` is `{`; expected a mapping, a list or a JSON string",
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
            "2:55 error invalid-default: the default of `a` is the number 5; expected a list or a comma-separated string",
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
        &["2:45 error wrong-shape: `constraints` is a mapping; expected a list"],
    ),
    (
        HOT,
        "parameters: {a: {type: string, constraints: [a]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &["2:46 error wrong-shape: a constraint is a string; expected a mapping"],
    ),
    (
        HOT,
        "parameters: {a: {type: string, constraints: [{lenght: {min: 1}}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &["2:47 error invalid-constraint: unknown constraint `lenght`; did you mean `length`?"],
    ),
    (
        HOT,
        "parameters: {a: {type: string, constraints: [{description: a}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:46 error invalid-constraint: the entry has no constraint; expected one of modulo, range, length, allowed_values, allowed_pattern, custom_constraint",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: string, constraints: [{length: {}}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:55 error invalid-constraint: `length` has neither a minimum nor a maximum; add one of them",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: string, constraints: [{length: {min: a}}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &["2:61 error invalid-constraint: `length.min` is `a`; expected a number"],
    ),
    (
        HOT,
        "parameters: {a: {type: string, constraints: [{length: {min: 1.0}}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &["2:55 error invalid-constraint: `length` needs whole numbers"],
    ),
    (
        HOT,
        "parameters: {a: {type: string, constraints: [{length: {least: 1}}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:56 error unknown-attribute: unknown attribute `least` of `length`; expected one of min, max",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: string, constraints: [{length: {min: 3, max: 1}}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:55 warning invalid-constraint: the minimum of `length` is 3, which is greater than the maximum 1",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: number, constraints: [{length: {min: 1}}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:47 error invalid-constraint: `length` does not apply to a parameter of type number; remove it",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: string, constraints: [{length: {min: 1}, allowed_pattern: \"[a-z]*\"}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:65 warning ignored-constraint: Heat checks only `length` and ignores `allowed_pattern` in the same entry; use an entry for each",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: string, constraints: [{allowed_values: a}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &["2:63 error wrong-shape: `allowed_values` is a string; expected a list"],
    ),
    (
        HOT,
        "parameters: {a: {type: string, constraints: [{allowed_pattern: 5}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &["2:64 error wrong-shape: `allowed_pattern` is the number 5; expected a string"],
    ),
    (
        HOT,
        "parameters: {a: {type: number, constraints: [{modulo: {step: 2}}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &["2:55 error invalid-constraint: `modulo` needs both step and offset"],
    ),
    (
        HOT,
        "parameters: {a: {type: number, constraints: [{modulo: {step: 2, offset: 2}}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &["2:55 error invalid-constraint: the offset of `modulo` must be smaller than its step"],
    ),
    (
        HOT,
        "parameters: {a: {type: number, default: 5, constraints: [{range: {min: 1, max: 4}}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:41 error invalid-default: the default is the number 5, which violates `range`: expected at most 4",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: string, default: abc, constraints: [{length: {max: 2}}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:41 error invalid-default: the default is `abc`, which violates `length`: the length is 3; expected at most 2",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: string, default: 5, constraints: [{length: {max: 2}}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:41 error invalid-default: the default is the number 5, which violates `length`: expected a string; quote it",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: string, default: c, constraints: [{allowed_values: [a, b]}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:41 error invalid-default: the default is `c`, which violates `allowed_values`: expected one of [`a`, `b`]",
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
            "2:55 error invalid-default: the default is `a,c`, which violates `allowed_values`: expected one of [`a`, `b`]",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: number, default: 5, constraints: [{modulo: {step: 2, offset: 0}}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:41 error invalid-default: the default is the number 5, which violates `modulo`: the remainder of division by 2 is 1; expected 0",
        ],
    ),
    (
        OLD,
        "parameters: {a: {type: number, tags: [a]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:32 error unknown-attribute: `tags` requires version 2018-03-02 or later; this template has version 2014-10-16",
        ],
    ),
    (
        "heat_template_version: newton\n",
        "parameters: {a: {type: number, constraints: [{modulo: {step: 2, offset: 0}}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:46 error invalid-constraint: `modulo` requires version 2017-02-24 or later; this template has version 2016-10-14",
        ],
    ),
    (
        AWS,
        "Parameters: {a: {Type: String, MinLenght: 1, MaxLength: x, AllowedValues: b}}\nOutputs: {o: {Value: {Ref: a}}}\n",
        &[
            "2:32 error unknown-attribute: unknown attribute `MinLenght` of a parameter; did you mean `MinLength`?",
            "2:57 error invalid-constraint: `MaxLength` is `x`; expected a number",
            "2:75 error wrong-shape: `AllowedValues` is a string; expected a list",
        ],
    ),
    (
        AWS,
        "Parameters: {a: {Type: Number, Default: 1, MinValue: 2, AllowedPattern: x}}\nOutputs: {o: {Value: {Ref: a}}}\n",
        &[
            "2:41 error invalid-default: the default is the number 1, which violates `MinValue`: expected at least 2",
            "2:57 error invalid-constraint: `AllowedPattern` does not apply to a parameter of type Number; remove it",
        ],
    ),
    (
        HOT,
        "parameters: {a: , b: string}\n",
        &[
            "2:14 warning unused-parameter: the parameter `a` is never used; use it with `get_param` or remove it",
            "2:15 error wrong-shape: the parameter `a` is null; expected a mapping",
            "2:19 warning unused-parameter: the parameter `b` is never used; use it with `get_param` or remove it",
            "2:22 error wrong-shape: the parameter `b` is a string; expected a mapping",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: string}}\noutputs: {o: {value: {get_param: a}}}\nparameter_groups: [{parameters: [a, ab]}, {label: x}, {parameters: [a]}, b]\n",
        &[
            "4:37 error undefined-parameter: the parameter `ab` is not declared; did you mean `a`?",
            "4:43 error invalid-parameter-group: the group has no `parameters`; add a list of parameter names",
            "4:69 error invalid-parameter-group: the parameter `a` is already in a group; remove it from one of them",
            "4:74 error wrong-shape: a parameter group is a string; expected a mapping",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: string, default: [x], constraints: [{allowed_pattern: x}]}, b: {type: number, default: 1, constraints: [{allowed_values: [[1]]}]}}\noutputs: {o: {value: [{get_param: a}, {get_param: b}]}}\n",
        &[
            "2:41 error invalid-default: the default is a list, which violates `allowed_pattern`: expected a string",
            "2:111 error invalid-default: the default is the number 1, which violates `allowed_values`: expected one of [a list]",
        ],
    ),
];
