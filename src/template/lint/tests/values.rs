//! Environments checked against the stack's template.

use super::{Packer, Source, lint, shown};

const PLAIN: &str = "heat_template_version: 2021-04-16
parameters:
  s: {type: string, default: a, constraints: [{length: {max: 3}}, {allowed_pattern: a}]}
  n: {type: number, default: 1, constraints: [{range: {min: 1, max: 5}}]}
  b: {type: boolean, default: true}
  l: {type: comma_delimited_list, default: [a]}
  j: {type: json, default: {}}
outputs: {o: {value: [{get_param: s}, {get_param: n}, {get_param: b}, {get_param: l}, {get_param: j}]}}
";
const CONDITIONAL: &str = "heat_template_version: 2021-04-16
parameters: {p: {type: string, default: a}, q: {type: boolean}}
conditions: {c: {equals: [{get_param: p}, a]}, d: {get_param: q}}
outputs: {o: {value: {get_attr: []}, condition: c}, p: {value: {get_attr: []}, condition: d}}
";
const TAKEN: &str = "4:23 error invalid-arguments: the argument of `get_attr` is a list of length 0; expected a list of 1 or more items";
const LEFT: &str = "4:23 warning invalid-arguments: the argument of `get_attr` is a list of length 0; expected a list of 1 or more items";
const UNKNOWN: &str = "4:65 error invalid-arguments: the argument of `get_attr` is a list of length 0; expected a list of 1 or more items";

const MERGED: &str = "parameters: {p: b}\nparameter_merge_strategies: {p: merge}\n";

/// A template, its environments, and what is found in all of them.
pub(super) type Row = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

pub(super) const ROWS: &[Row] = &[
    (
        PLAIN,
        &["parameters: {n: '3', b: 1, l: 'a,b', j: '{}', s: null}\nparameter_defaults: {zz: 1}\n"],
        &[],
    ),
    (
        PLAIN,
        &["parameters: {n: abc, b: maybe, l: {a: 1}, j: '{bad'}\n"],
        &[
            "1:17 error invalid-value: the value of `n` is `abc`; expected a number",
            "1:25 error invalid-value: the value of `b` is `maybe`; expected a boolean",
            "1:35 error invalid-value: the value of `l` is a mapping; expected a list or a comma-separated string",
            "1:46 error invalid-value: the value of `j` is `{bad`; expected a mapping, a list or a JSON string",
        ],
    ),
    (
        PLAIN,
        &["parameters: {n: [1], b: 2, l: 5}\n"],
        &[
            "1:17 error invalid-value: the value of `n` is a list; expected a number",
            "1:25 error invalid-value: the value of `b` is the number 2; expected a boolean",
            "1:31 error invalid-value: the value of `l` is the number 5; expected a list or a comma-separated string",
        ],
    ),
    (
        PLAIN,
        &["parameters: {n: 9, s: aaaa}\n"],
        &[
            "1:17 error invalid-value: the value is the number 9, which violates `range`: expected at most 5",
            "1:23 error invalid-value: the value is `aaaa`, which violates `length`: the length is 4; expected at most 3",
        ],
    ),
    // Defaults are used without other values.
    (
        PLAIN,
        &["parameter_defaults: {n: x, b: x}\nparameters: {b: true}\n"],
        &[
            "1:25 error invalid-value: the value of `n` is `x`; expected a number",
            "1:31 warning invalid-value: the value of `b` is `x`; expected a boolean",
        ],
    ),
    // Heat gets the last value.
    (
        PLAIN,
        &["parameters: {n: x}\n", "parameters: {n: y}\n"],
        &[
            "1:17 warning invalid-value: the value of `n` is `x`; expected a number",
            "1:17 error invalid-value: the value of `n` is `y`; expected a number",
        ],
    ),
    (
        PLAIN,
        &["parameters: {m: 1}\n", "parameters: {zz: 1}\n"],
        &[
            "1:14 error undefined-parameter: the template has no parameter `m`; remove it",
            "1:14 warning undeclared-parameter: the template has no parameter `zz`; it is left out, because Heat ignores it",
        ],
    ),
    // The values decide conditions.
    (CONDITIONAL, &[], &[TAKEN, UNKNOWN]),
    (CONDITIONAL, &["parameters: {p: b}\n"], &[LEFT, UNKNOWN]),
    (
        CONDITIONAL,
        &["parameter_defaults: {p: b}\n", "parameters: {p: }\n"],
        &[LEFT, UNKNOWN],
    ),
    (
        CONDITIONAL,
        &["parameters: {p: b}\n", "parameters: {p: a}\n"],
        &[TAKEN, UNKNOWN],
    ),
    (
        CONDITIONAL,
        &[
            "parameters: {p: b}\n",
            "parameter_merge_strategies: {p: merge}\n",
        ],
        &[LEFT, UNKNOWN],
    ),
    // The result of merged values is not known.
    (CONDITIONAL, &[MERGED, MERGED], &[TAKEN, UNKNOWN]),
];

#[test]
fn values_are_held_against_their_types() {
    for (template, environments, expected) in ROWS {
        assert_eq!(
            found(Packer::new(), template, environments),
            *expected,
            "{environments:?}"
        );
    }
}

#[test]
fn what_is_set_besides_wins() {
    let packer = Packer::new().parameter("n", 1).parameter("p", "b");
    let found = found(packer, PLAIN, &["parameters: {n: x}\n"]);
    assert_eq!(
        found,
        ["1:17 warning invalid-value: the value of `n` is `x`; expected a number"]
    );
    let packer = Packer::new().parameter("p", "b");
    assert_eq!(self::found(packer, CONDITIONAL, &[]), [TAKEN, UNKNOWN]);
}

fn found(packer: Packer, template: &str, environments: &[&str]) -> Vec<String> {
    let mut packer = packer.template(Source::text(template).named("a.yaml"));
    for (number, text) in environments.iter().enumerate() {
        packer = packer.environment(Source::text(*text).named(format!("e{number}.yaml")));
    }
    lint(packer).iter().map(shown).collect()
}
