//! Values and texts that are easily misread.

use proptest::prelude::*;
use serde_json::Value;

#[rustfmt::skip]
const PARTS: &[&str] = &[
    "yes", "no", "on", "y", "true", "False", "null", "Null", "~", "=", "<<", "0x1", "0o7", "0b1", "010", "08", "1.", ".5", "-.5",
    "1:30", "1:", "1_0", "1e3", "1.0e+3", ".inf", "-.INF", ".NaN", "2013-05-23", "2013-05-23 10:00:00", "-", "?", ":", "- ", "? ",
    ": ", "---", "...", "--- ", "#", " #", "\n", "\n\n", "\n ", " \n", "\n---\n", "\n...\n", "\n#", " ", "  ", "\t", "\n\t", "'",
    "''", "\"", "\\", "%", "%YAML 1.1\n", "@", "`", "|", ">", "&a", "*a", "!", "!!str ", ",", "[", "]", "{", "}", "\r", "\r\n",
    "\u{85}", "\u{a0}", "\u{ad}", "\u{200b}", "\u{2028}", "\u{2029}", "\u{d7ff}", "\u{e000}", "\u{feff}", "\u{fffd}",
    "\u{fffe}", "\u{ffff}", "\u{10000}", "\u{10ffff}", "\0", "\u{7}", "\u{1b}", "\u{7f}", "\u{80}", "\u{9f}", "é", "日", "😀", "a",
    "b", "0", "_", ".", "+",
];

pub(super) fn text() -> impl Strategy<Value = String> {
    let parts = |length| {
        prop::collection::vec(prop::sample::select(PARTS), length).prop_map(|parts| parts.concat())
    };
    prop_oneof![
        8 => ".{0,12}",
        8 => any::<String>(),
        16 => parts(0..6),
        8 => "[-+.:_0-9eExb]{1,8}",
        2 => parts(20..80),
        1 => (parts(1..3), 100..3000_usize).prop_map(|(part, count)| part.repeat(count)),
    ]
}

fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        // Powers of ten and their nearest neighbours.
        (-30..30_i32, -2..3_i8).prop_map(|(power, more)| {
            Value::from(10_f64.powi(power) * (1.0 + f64::from(more) * f64::EPSILON))
        }),
        (-99..99_i16).prop_map(|whole| Value::from(f64::from(whole))),
    ]
}

pub(super) fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        3 => number(),
        6 => text().prop_map(Value::from),
    ];
    let tree = leaf.clone().prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((text(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    });
    let deep = (leaf, text(), 1..200_usize, any::<u8>()).prop_map(|(leaf, key, depth, pattern)| {
        (0..depth).fold(leaf, |inner, level| match pattern >> (level % 8) & 1 {
            0 => Value::from(vec![inner]),
            _ => Value::Object(
                [(key.chars().take(9).collect(), inner)]
                    .into_iter()
                    .collect(),
            ),
        })
    });
    prop_oneof![20 => tree, 1 => deep]
}
