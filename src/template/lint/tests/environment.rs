//! Environments.

use super::Row;

pub(super) const ROWS: &[Row] = &[
    ("", "", &[]),
    (
        "",
        "parameters: {a: 1}\nresource_registry: {A::B: c.yaml, D::E: , resources: {r: {A::B: d.yaml, hooks: [pre-create, post-delete], restricted_actions: update}}}\n",
        &[],
    ),
    (
        "",
        "[a]\n",
        &["1:1 error wrong-shape: the environment is a list; expected a mapping"],
    ),
    (
        "",
        "paramaters: {}\n",
        &["1:1 error unknown-section: unknown section `paramaters`; did you mean `parameters`?"],
    ),
    (
        "",
        "parameters:\nparameter_defaults: [a]\n",
        &[
            "1:1 warning null-section: `parameters` is null; it is left out here, but python-heatclient sends it, and Heat rejects it; add values or remove it",
            "2:21 error wrong-shape: `parameter_defaults` is a list; expected a mapping",
        ],
    ),
    (
        "",
        "resource_registry: a\n",
        &["1:20 error wrong-shape: `resource_registry` is a string; expected a mapping"],
    ),
    (
        "",
        "resource_registry: {A: 5, B: true, C: [a], base_url: 1}\n",
        &[
            "1:24 error invalid-registry: `A` is the number 5; expected the name of a type or a file",
            "1:30 error invalid-registry: `B` is true; expected the name of a type or a file",
            "1:39 error invalid-registry: `C` is a list; expected the name of a type or a file",
            "1:54 error invalid-registry: `base_url` is the number 1; expected the name of a type or a file",
        ],
    ),
    (
        "",
        "resource_registry: {resources: }\n",
        &["1:21 error invalid-registry: `resources` is null; expected a mapping of resources"],
    ),
    (
        "",
        "resource_registry: {resources: [a]}\n",
        &["1:32 error invalid-registry: `resources` is a list; expected a mapping of resources"],
    ),
    (
        "",
        "resource_registry: {resources: {r: {hooks: pre-creat, s: {hooks: [5, post-create]}}}}\n",
        &[
            "1:44 error unknown-hook: unknown hook `pre-creat`; did you mean `pre-create`?",
            "1:67 error unknown-hook: the hook is the number 5; expected one of pre-create, pre-update, pre-delete, post-create, post-update, post-delete",
        ],
    ),
    (
        "",
        "resource_registry: {resources: {r: {restricted_actions: [update, delete]}}}\n",
        &[
            "1:66 error unknown-restricted-action: unknown restricted action `delete`; expected one of update, replace",
        ],
    ),
    (
        "",
        "event_sinks: {a: b}\n",
        &["1:14 error wrong-shape: `event_sinks` is a mapping; expected a list"],
    ),
    (
        "",
        "event_sinks: [a, {target: b}, {type: zaqar-queue, target: c}]\n",
        &[
            "1:15 error wrong-shape: an event sink is a string; expected a mapping",
            "1:18 error invalid-event-sink: the event sink has no `type`; add `type: zaqar-queue`",
        ],
    ),
    (
        "",
        "parameter_merge_strategies: {a: merge, b: append, default: deep_merge}\n",
        &[
            "1:43 warning unknown-merge-strategy: unknown merge strategy `append` of `b`, so Heat uses the default; expected one of overwrite, merge, deep_merge",
        ],
    ),
    (
        "",
        "parameter_merge_strategies: merge\n",
        &[
            "1:29 warning unknown-merge-strategy: `parameter_merge_strategies` is a string; expected a mapping",
        ],
    ),
    (
        "",
        "parameters: {a: 0755, b: yes, c: 12:30, d: [1_0], on: 1, e: 1.10}\nparameter_defaults: {a: {b: 1e3}}\n",
        &[
            "1:17 warning octal-number: `0755` is read as octal: Heat gets the number 493; quote it if you mean a string",
            "1:26 note implicit-boolean: `yes` is read as the boolean true; quote it if you mean a string, else write true",
            "1:34 warning sexagesimal-number: `12:30` is read in base 60: Heat gets the number 750; quote it if you mean a string",
            "1:45 warning underscored-number: `1_0` is read without the underscores: Heat gets the number 10; quote it if you mean a string",
            "1:51 warning rewritten-key: the key `on` is read as `true`; quote it",
            "2:29 warning number-as-text: `1e3` is a string in YAML 1.1, not a number; quote it if you mean a string, else write the number in full",
        ],
    ),
    (
        "",
        "parameters: {a: 1}\nparameters: {a: 2}\n",
        &[
            "2:1 warning duplicate-key: duplicate key `parameters`; this replaces the value at line 1, column 1; remove one of them",
        ],
    ),
    (
        "",
        "encrypted_param_names: [a]\nresource_registry: {yes: A::B}\n",
        &["2:21 warning rewritten-key: the key `yes` is read as `true`; quote it"],
    ),
    (
        "",
        "event_sinks: [{type: zaqar-queue}, {type: nope}, {type: 5}]\n",
        &[
            "1:43 warning invalid-event-sink: the type of the event sink is `nope`, which needs a plugin in Heat; the built-in type is `zaqar-queue`",
            "1:57 warning invalid-event-sink: the type of the event sink is the number 5, which needs a plugin in Heat; the built-in type is `zaqar-queue`",
        ],
    ),
];
