//! Functions and conditions.

use super::{AWS, HOT, OLD, Row};

pub(super) const ROWS: &[Row] = &[
    (
        HOT,
        "outputs: {o: {value: {get_parm: a}}}\n",
        &[
            "2:23 warning unknown-function: unknown function `get_parm`, which Heat treats as plain data; did you mean `get_param`?",
        ],
    ),
    (
        HOT,
        "outputs: {o: {value: {get-param: a}}}\n",
        &[
            "2:23 warning unknown-function: unknown function `get-param`, which Heat treats as plain data; did you mean `get_param`?",
        ],
    ),
    (
        HOT,
        "outputs: {o: {value: {getParam: a}}}\n",
        &[
            "2:23 warning unknown-function: unknown function `getParam`, which Heat treats as plain data; did you mean `get_param`?",
        ],
    ),
    (
        HOT,
        "outputs: {o: {value: {get_attribute: [a, b]}}}\n",
        &[
            "2:23 warning unknown-function: unknown function `get_attribute`, which Heat treats as plain data; did you mean `get_attr`?",
        ],
    ),
    (
        HOT,
        "outputs: {o: {value: {get_parma: a}}}\n",
        &[
            "2:23 warning unknown-function: unknown function `get_parma`, which Heat treats as plain data; did you mean `get_param`?",
        ],
    ),
    (HOT, "outputs: {o: {value: {getter: a}}}\n", &[]),
    (HOT, "outputs: {o: {value: {listing: a}}}\n", &[]),
    (HOT, "outputs: {o: {value: {filters: [a, b]}}}\n", &[]),
    (HOT, "outputs: {o: {value: {get_parm: a, b: c}}}\n", &[]),
    (
        HOT,
        "outputs: {o: {value: {Ref: a}}}\n",
        &[
            "2:23 error removed-function: `Ref` was removed after version 2013-05-23; this template has version 2021-04-16; use `get_param` or `get_resource`",
        ],
    ),
    (
        HOT,
        "outputs: {o: {value: {Fn::Join: [\"\", [a]]}}}\n",
        &[
            "2:23 error removed-function: `Fn::Join` was removed after version 2013-05-23; this template has version 2021-04-16; use `list_join`",
        ],
    ),
    (
        HOT,
        "outputs: {o: {value: {Fn::GetAtt: [a, b]}}}\n",
        &[
            "2:23 warning unknown-function: `Fn::GetAtt` is a function of CFN; Heat treats it as plain data here",
        ],
    ),
    (
        HOT,
        "outputs: {o: {value: {Fn::Sub: a}}}\n",
        &[
            "2:23 warning unknown-function: unknown function `Fn::Sub`, which Heat treats as plain data",
        ],
    ),
    (
        HOT,
        "outputs: {o: {value: {Fn::FindInMp: a}}}\n",
        &[
            "2:23 warning unknown-function: unknown function `Fn::FindInMp`, which Heat treats as plain data",
        ],
    ),
    (
        HOT,
        "outputs: {o: {value: {list_join: a}}}\n",
        &["2:23 error invalid-arguments: `list_join` expects a list of 2 or more items"],
    ),
    (
        HOT,
        "outputs: {o: {value: {list_join: [a]}}}\n",
        &[
            "2:23 error invalid-arguments: the argument of `list_join` is a list of length 1; expected a list of 2 or more items",
        ],
    ),
    (
        HOT,
        "outputs: {o: {value: {list_join: [5, [a]]}}}\n",
        &[
            "2:35 warning invalid-arguments: the delimiter of `list_join` is the number 5; expected a string",
        ],
    ),
    (
        HOT,
        "outputs: {o: {value: {list_join: [\"\", a]}}}\n",
        &[
            "2:39 warning invalid-arguments: a joined value of `list_join` is a string; expected a list",
        ],
    ),
    (
        HOT,
        "outputs: {o: {value: {list_join: [\"\", [a, 5]]}}}\n",
        &[
            "2:43 warning invalid-arguments: an item of `list_join` is the number 5; expected a quoted string",
        ],
    ),
    (
        HOT,
        "outputs: {o: {value: {str_replace: {template: a}}}}\n",
        &["2:23 error invalid-arguments: `str_replace` expects a mapping with template and params"],
    ),
    (
        HOT,
        "outputs: {o: {value: {str_replace: [a]}}}\n",
        &[
            "2:23 error invalid-arguments: the argument of `str_replace` is a list; expected a mapping with template and params",
        ],
    ),
    (
        HOT,
        "outputs: {o: {value: {str_replace: {template: 5, params: {}}}}}\n",
        &[
            "2:47 warning invalid-arguments: `template` of `str_replace` is the number 5; expected a string",
        ],
    ),
    (
        HOT,
        "outputs: {o: {value: {str_replace: {template: a, params: []}}}}\n",
        &["2:58 error invalid-arguments: `params` of `str_replace` is a list; expected a mapping"],
    ),
    (
        HOT,
        "outputs: {o: {value: {repeat: {template: a, for_each: {b: c}}}}}\n",
        &[
            "2:59 warning invalid-arguments: an item of `for_each` of `repeat` is a string; expected a list",
        ],
    ),
    (
        HOT,
        "outputs: {o: {value: {yaql: {data: a}}}}\n",
        &[
            "2:23 error invalid-arguments: `yaql` expects a mapping with expression, and optionally data",
        ],
    ),
    (
        HOT,
        "outputs: {o: {value: {make_url: {hots: a}}}}\n",
        &[
            "2:23 error invalid-arguments: `make_url` expects a mapping with only the keys scheme, username, password, host, port, path, query, fragment",
        ],
    ),
    (
        HOT,
        "outputs: {o: {value: {resource_facade: x}}}\n",
        &[
            "2:23 error invalid-arguments: `resource_facade` expects one of metadata, deletion_policy, update_policy",
        ],
    ),
    (
        HOT,
        "outputs: {o: {value: {map_merge: a}}}\n",
        &[
            "2:34 warning invalid-arguments: the argument of `map_merge` is a string; expected a list",
        ],
    ),
    (
        HOT,
        "outputs: {o: {value: {str_split: a}}}\n",
        &[
            "2:34 error invalid-arguments: the argument of `str_split` is a string; expected a list of a delimiter and a string",
        ],
    ),
    (
        HOT,
        "outputs: {o: {value: {get_file: 5}}}\n",
        &[
            "2:33 warning invalid-arguments: the argument of `get_file` is the number 5; expected a string",
        ],
    ),
    (
        HOT,
        "outputs: {o: {value: {get_attr: a}}}\n",
        &["2:23 error invalid-arguments: `get_attr` expects a list of 1 or more items"],
    ),
    (HOT, "outputs: {o: {value: {if: [true, 1]}}}\n", &[]),
    (
        HOT,
        "outputs: {o: {value: {if: [true]}}}\n",
        &[
            "2:23 error invalid-arguments: the argument of `if` is a list of length 1; expected a list of 2 to 3 items",
        ],
    ),
    (
        HOT,
        "outputs: {o: {value: {get_param: }}}\n",
        &[
            "2:23 warning invalid-arguments: the argument of `get_param` is null; expected the name of a parameter",
        ],
    ),
    (
        HOT,
        "outputs: {o: {value: {get_param: []}}}\n",
        &[
            "2:23 warning invalid-arguments: the argument of `get_param` is an empty list; expected the name of a parameter",
        ],
    ),
    (
        OLD,
        "outputs: {o: {value: {str_split: [a, b]}}}\n",
        &[
            "2:23 warning unknown-function: `str_split` requires version 2015-10-15 or later; in version 2014-10-16 Heat treats it as plain data",
        ],
    ),
    (
        OLD,
        "outputs: {o: {value: {if: [a, b, c]}}}\n",
        &[
            "2:23 warning unknown-function: `if` requires version 2016-10-14 or later; in version 2014-10-16 Heat treats it as plain data",
        ],
    ),
    (OLD, "outputs: {o: {value: {if: x}}}\n", &[]),
    (OLD, "outputs: {o: {value: {digest: x}}}\n", &[]),
    (
        OLD,
        "outputs: {o: {value: {Ref: a}}}\n",
        &[
            "2:23 error removed-function: `Ref` was removed after version 2013-05-23; this template has version 2014-10-16; use `get_param` or `get_resource`",
        ],
    ),
    (
        OLD,
        "outputs: {o: {value: {get_attr: [r]}}}\n",
        &[
            "2:23 error invalid-arguments: the argument of `get_attr` is a list of length 1; expected a list of 2 or more items",
            "2:34 error undefined-resource: there is no resource `r`; add it or remove the reference",
        ],
    ),
    (
        OLD,
        "outputs: {o: {value: {Fn::Select: [0, [a]]}}}\n",
        &[
            "2:23 note deprecated: later versions do not have `Fn::Select`; use a path in `get_attr` or `get_param`",
        ],
    ),
    (
        "heat_template_version: 2013-05-23\n",
        "resources: {r: {type: T, properties: {a: {Ref: r2}}}, r2: {type: T}}\n",
        &[
            "2:43 note deprecated: later versions do not have `Ref`; use `get_param` or `get_resource`",
        ],
    ),
    (
        AWS,
        "Resources: {r: {Type: T, Properties: {a: {get_param: b}, c: {Fn::Jion: [x, []]}, d: {Fn::Join: x}}}}\n",
        &[
            "2:43 warning unknown-function: `get_param` is a function of HOT; Heat treats it as plain data here",
            "2:62 warning unknown-function: unknown function `Fn::Jion`, which Heat treats as plain data; did you mean `Fn::Join`?",
            "2:86 error invalid-arguments: `Fn::Join` expects a list of 2 items",
        ],
    ),
    (
        "HeatTemplateFormatVersion: 2012-12-12\n",
        "Outputs: {o: {Value: {Fn::If: [true, 1, 2]}}}\n",
        &[
            "2:23 warning unknown-function: `Fn::If` is a function of AWSTemplateFormatVersion; Heat treats it as plain data here",
        ],
    ),
    (
        HOT,
        "conditions: {a: x, b: 5, c: {not: {str_replace: {template: a, params: {}}}}, d: {foo: 1}, e: {and: [true]}, f: {get_attr: [a, b]}}\n",
        &[
            "2:14 warning unused-condition: the condition `a` is never used; use it or remove it",
            "2:17 error invalid-condition: the condition `a` is a string; expected a boolean or one of get_param, equals, not, and, or, yaql, contains",
            "2:20 warning unused-condition: the condition `b` is never used; use it or remove it",
            "2:23 error invalid-condition: the condition `b` is the number 5; expected a boolean or one of get_param, equals, not, and, or, yaql, contains",
            "2:26 warning unused-condition: the condition `c` is never used; use it or remove it",
            "2:36 error misplaced-function: `str_replace` cannot be used in a condition",
            "2:78 warning unused-condition: the condition `d` is never used; use it or remove it",
            "2:81 error invalid-condition: the condition `d` is `foo`, which is not a condition function; expected a boolean or one of get_param, equals, not, and, or, yaql, contains",
            "2:91 warning unused-condition: the condition `e` is never used; use it or remove it",
            "2:95 error invalid-arguments: the argument of `and` is a list of length 1; expected a list of 2 or more items",
            "2:109 warning unused-condition: the condition `f` is never used; use it or remove it",
            "2:113 error misplaced-function: `get_attr` cannot be used in a condition",
        ],
    ),
    (
        HOT,
        "resources: {r: {type: T, condition: 5}, s: {type: T, condition: {equals: [1, 2]}}, t: {type: T, condition: {not: [a]}}}\n",
        &[
            "2:37 error invalid-condition: the condition is the number 5; expected the name of a condition, a boolean or a function",
            "2:114 error invalid-condition: the condition is a list; expected the name of a condition, a boolean or a function",
        ],
    ),
    (
        HOT,
        "outputs: {o: {value: {str_split: {get_param: OS::stack_name}}}}\n",
        &[],
    ),
    (
        HOT,
        "outputs: {a: {value: {str_split: {a: b}}}, b: {value: {str_split: [a]}}}\n",
        &[
            "2:34 error invalid-arguments: the argument of `str_split` is a mapping; expected a list of a delimiter and a string",
            "2:67 warning invalid-arguments: the argument of `str_split` is a list; expected a list of a delimiter and a string",
        ],
    ),
    (
        HOT,
        "outputs: {o: {value: {repeat: {template: a, for_each: a}}}}\n",
        &["2:55 error invalid-arguments: `for_each` of `repeat` is a string; expected a mapping"],
    ),
    (
        HOT,
        "resources: {r: {type: T}}\noutputs: {a: {value: {get_attr: [2.5, x]}}, b: {value: {get_attr: [-1]}}, c: {value: {get_attr: [true, x]}}, d: {value: {get_attr: [[r], x]}}, e: {value: {get_attr: [{r: x}, x]}}}\n",
        &[
            "3:34 error invalid-arguments: the first argument of `get_attr` is the number 2.5; expected the name of a resource",
            "3:68 error invalid-arguments: the first argument of `get_attr` is the number -1; expected the name of a resource",
            "3:98 error invalid-arguments: the first argument of `get_attr` is true; expected the name of a resource",
            "3:133 error invalid-arguments: the first argument of `get_attr` is a list; expected the name of a resource",
            "3:167 error invalid-arguments: the first argument of `get_attr` is a mapping; expected the name of a resource",
        ],
    ),
    (
        HOT,
        "resources: {r: {type: T}}\noutputs: {a: {value: {get_attr: [r, null]}}, b: {value: {get_attr: [r, 1]}}, c: {value: {get_attr: [r, [x]]}}}\n",
        &[
            "3:72 error invalid-arguments: the second argument of `get_attr` is the number 1; expected a string",
            "3:104 error invalid-arguments: the second argument of `get_attr` is a list; expected a string",
        ],
    ),
    (
        OLD,
        "resources: {r: {type: T}}\noutputs: {a: {value: {get_attr: [r, null]}}}\n",
        &[
            "3:37 error invalid-arguments: the second argument of `get_attr` is null; expected a string",
        ],
    ),
    (
        HOT,
        "resources: {r: {type: T}}\noutputs: {a: {value: {get_attr: [r, {get_param: nope}]}}, b: {value: {get_attr: [r, x, {get_param: nope}]}}}\n",
        &[
            "3:49 error undefined-parameter: there is no parameter `nope`; declare it or remove the reference",
            "3:100 warning undefined-parameter: there is no parameter `nope`; declare it or remove the reference",
        ],
    ),
    (
        HOT,
        "outputs: {a: {value: {make_url: {host: [a]}}}, b: {value: {make_url: {path: null}}}, c: {value: {make_url: {port: [80]}}}, d: {value: {make_url: {port: 0}}}, e: {value: {make_url: {port: null}}}, f: {value: {make_url: {query: a}}}}\n",
        &[
            "2:40 error invalid-arguments: `host` of `make_url` is a list; expected a string",
            "2:77 error invalid-arguments: `path` of `make_url` is null; expected a string",
            "2:115 error invalid-arguments: `port` of `make_url` is a list; expected a number from 1 to 65535",
            "2:153 error invalid-arguments: `port` of `make_url` is the number 0; expected a number from 1 to 65535",
            "2:188 error invalid-arguments: `port` of `make_url` is null; expected a number from 1 to 65535",
            "2:227 error invalid-arguments: `query` of `make_url` is a string; expected a mapping",
        ],
    ),
    (
        HOT,
        "outputs: {a: {value: {make_url: {port: '80', host: {get_param: OS::stack_name}, query: {}, fragment: 5}}}, b: {value: {make_url: {port: 80.5}}}, c: {value: {make_url: {port: true}}}}\n",
        &[],
    ),
    (
        AWS,
        "Parameters: {P: {Type: String}}\nOutputs: {a: {Value: {Ref: [P]}}, b: {Value: {Ref: {Ref: P}}}, c: {Value: {Ref: 5}}}\n",
        &[
            "3:23 error invalid-arguments: the argument of `Ref` is a list; expected a name",
            "3:47 error invalid-arguments: the argument of `Ref` is a mapping; expected a name",
            "3:81 warning invalid-arguments: the argument of `Ref` is the number 5; expected a name",
        ],
    ),
    (
        AWS,
        "Outputs: {a: {Value: {Fn::Replace: [a, b]}}, b: {Value: {Fn::MemberListToMap: [Name, {Ref: AWS::StackName}, []]}}, c: {Value: {Fn::MemberListToMap: [1, Value, []]}}}\n",
        &[
            "2:37 error invalid-arguments: `params` of `Fn::Replace` is a string; expected a mapping",
            "2:86 error invalid-arguments: a name of `Fn::MemberListToMap` is a mapping; expected a string",
            "2:150 error invalid-arguments: a name of `Fn::MemberListToMap` is the number 1; expected a string",
        ],
    ),
];
