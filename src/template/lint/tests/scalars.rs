//! Values that YAML 1.1 reads in an unexpected way.

use super::{AWS, HOT, Row};

pub(super) const ROWS: &[Row] = &[
    (
        HOT,
        "outputs: {o: {value: [0755, 08, 07, \"0755\", -010, 0]}}\n",
        &[
            "2:23 warning octal-number: `0755` is read as octal: Heat gets the number 493; quote it if you mean a string",
            "2:33 warning octal-number: `07` is read as octal: Heat gets the number 7; quote it if you mean a string",
            "2:45 warning octal-number: `-010` is read as octal: Heat gets the number -8; quote it if you mean a string",
        ],
    ),
    (
        HOT,
        "outputs: {o: {value: [12:30, 1:2:3.5, \"12:30\", 80:80, 10:20:30:40:50:55]}}\n",
        &[
            "2:23 warning sexagesimal-number: `12:30` is read in base 60: Heat gets the number 750; quote it if you mean a string",
            "2:30 warning sexagesimal-number: `1:2:3.5` is read in base 60: Heat gets the number 3723.5; quote it if you mean a string",
            "2:55 warning sexagesimal-number: `10:20:30:40:50:55` is read in base 60: Heat gets the number 8041827055; quote it if you mean a string",
        ],
    ),
    (
        HOT,
        "outputs: {o: {value: [1_000, \"1_000\", 1_0.5]}}\n",
        &[
            "2:23 warning underscored-number: `1_000` is read without the underscores: Heat gets the number 1000; quote it if you mean a string",
            "2:39 warning underscored-number: `1_0.5` is read without the underscores: Heat gets the number 10.5; quote it if you mean a string",
        ],
    ),
    (
        HOT,
        "outputs: {o: {value: [yes, Off, \"no\", true, y, N, False]}}\n",
        &[
            "2:23 note implicit-boolean: `yes` is read as the boolean true; quote it if you mean a string, else write true",
            "2:28 note implicit-boolean: `Off` is read as the boolean false; quote it if you mean a string, else write false",
        ],
    ),
    (
        HOT,
        "outputs: {o: {value: [1e3, 1.5E+3, 1.5e3, 0o17, \"1e3\", !!str 1e3, 1.0e+3, e3]}}\n",
        &[
            "2:23 warning number-as-text: `1e3` is a string in YAML 1.1, not a number; quote it if you mean a string, else write the number in full",
            "2:36 warning number-as-text: `1.5e3` is a string in YAML 1.1, not a number; quote it if you mean a string, else write the number in full",
            "2:43 warning number-as-text: `0o17` is a string in YAML 1.1, not a number; quote it if you mean a string, else write the number in full",
        ],
    ),
    (
        HOT,
        "outputs: {o: {value: [2013-05-23, 1.10, .5, 1., +12, 0x1F]}}\n",
        &[],
    ),
    (
        HOT,
        "outputs: {o: {value: {str_replace: {template: a, params: {b: yes, c: 1.10, d: 12, e: {x: 010}}}}}}\n",
        &[
            "2:62 warning rewritten-value: `yes` is a boolean, which Heat converts to the string `True`; quote it",
            "2:70 warning rewritten-value: `1.10` is not a string: Heat gets the number 1.1; quote it if you mean a string",
            "2:90 warning octal-number: `010` is read as octal: Heat gets the number 8; quote it if you mean a string",
        ],
    ),
    (
        HOT,
        "outputs: {o: {value: [&a 010, *a]}}\n",
        &[
            "2:26 warning octal-number: `010` is read as octal: Heat gets the number 8; quote it if you mean a string",
        ],
    ),
    (
        HOT,
        "outputs: {o: {value: {on: 1, No: 2, 010: 3, 1.10: 4, ~: 5, 12:30: 6, 1_0: 7, \"yes\": 8, 0x10: 9, 443: a}}}\n",
        &[
            "2:23 warning rewritten-key: the key `on` is read as `true`; quote it",
            "2:30 warning rewritten-key: the key `No` is read as `false`; quote it",
            "2:37 warning rewritten-key: the key `010` is read as `8`; quote it",
            "2:45 warning rewritten-key: the key `1.10` is read as `1.1`; quote it",
            "2:54 warning rewritten-key: the key `~` is read as `null`; quote it",
            "2:60 warning rewritten-key: the key `12:30` is read as `750`; quote it",
            "2:70 warning rewritten-key: the key `1_0` is read as `10`; quote it",
            "2:88 warning rewritten-key: the key `0x10` is read as `16`; quote it",
        ],
    ),
    (HOT, "outputs:\n  o:\n    value: |-\n      1e3\n", &[]),
    (
        HOT,
        "parameters: {a: {type: string, default: 0755}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:41 warning octal-number: `0755` is read as octal: Heat gets the number 493; quote it if you mean a string",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: string, default: yes}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:41 warning rewritten-value: `yes` is a boolean, which Heat converts to the string `True`; quote it",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: string, default: 1.10}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:41 warning rewritten-value: `1.10` is not a string: Heat gets the number 1.1; quote it if you mean a string",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: string, default: +49}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:41 warning rewritten-value: `+49` is not a string: Heat gets the number 49; quote it if you mean a string",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: string, default: 5}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[],
    ),
    (
        HOT,
        "parameters: {a: {type: string, default: 2021-04-16}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[],
    ),
    (
        HOT,
        "parameters: {a: {type: string, default: 1e3}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[],
    ),
    (
        HOT,
        "parameters: {a: {type: number, default: 010}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:41 warning octal-number: `010` is read as octal: Heat gets the number 8; quote it if you mean a string",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: number, default: 1_000}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[],
    ),
    (
        HOT,
        "parameters: {a: {type: boolean, default: yes, hidden: on}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[],
    ),
    (
        HOT,
        "parameters: {a: {type: comma_delimited_list, default: [1.10, no, a]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:56 warning rewritten-value: `1.10` is not a string: Heat gets the number 1.1; quote it if you mean a string",
            "2:62 warning rewritten-value: `no` is a boolean, which Heat converts to the string `False`; quote it",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: json, default: {a: 010, b: off, c: 1.10}}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:43 warning octal-number: `010` is read as octal: Heat gets the number 8; quote it if you mean a string",
            "2:51 note implicit-boolean: `off` is read as the boolean false; quote it if you mean a string, else write false",
        ],
    ),
    (
        HOT,
        "parameters: {a: {type: string, constraints: [{allowed_values: [on, off]}]}}\noutputs: {o: {value: {get_param: a}}}\n",
        &[
            "2:64 warning rewritten-value: `on` is a boolean, which Heat converts to the string `True`; quote it",
            "2:68 warning rewritten-value: `off` is a boolean, which Heat converts to the string `False`; quote it",
        ],
    ),
    (
        HOT,
        "resources: {r: {type: T, description: \"x\", condition: yes, properties: {port: 22:22, mode: 0644, on: 1}}}\n",
        &[
            "2:79 warning sexagesimal-number: `22:22` is read in base 60: Heat gets the number 1342; quote it if you mean a string",
            "2:92 warning octal-number: `0644` is read as octal: Heat gets the number 420; quote it if you mean a string",
            "2:98 warning rewritten-key: the key `on` is read as `true`; quote it",
        ],
    ),
    (
        AWS,
        "Parameters: {a: {Type: String, Default: 010, AllowedValues: [\"8\", yes], Description: 010}}\nMappings: {m: {a: {b: 010, no: c}}}\nOutputs: {o: {Value: {Ref: a}}}\n",
        &[
            "2:41 warning octal-number: `010` is read as octal: Heat gets the number 8; quote it if you mean a string",
            "2:67 warning rewritten-value: `yes` is a boolean, which Heat converts to the string `True`; quote it",
            "3:23 warning octal-number: `010` is read as octal: Heat gets the number 8; quote it if you mean a string",
            "3:28 warning rewritten-key: the key `no` is read as `false`; quote it",
        ],
    ),
];
