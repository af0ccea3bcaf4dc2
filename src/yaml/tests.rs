use proptest::prelude::*;
use serde_json::{Value, json};

use super::{parse, to_string};

#[test]
fn scalars_mean_what_pyyaml_makes_of_them() {
    let cases = [
        ("yes", json!(true)),
        ("on", json!(true)),
        ("True", json!(true)),
        ("no", json!(false)),
        ("OFF", json!(false)),
        ("y", json!("y")),
        ("n", json!("n")),
        ("oN", json!("oN")),
        ("0755", json!(493)),
        ("0o17", json!("0o17")),
        ("08", json!("08")),
        ("0x1F", json!(31)),
        ("-0x_f", json!(-15)),
        ("0b101", json!(5)),
        ("0_", json!(0)),
        ("00", json!(0)),
        ("-0", json!(0)),
        ("12:30:45", json!(45045)),
        ("12:30", json!(750)),
        ("12:60", json!("12:60")),
        ("012:30", json!("012:30")),
        ("-1:30", json!(-90)),
        ("1_:30", json!(90)),
        ("190:20:30.15", json!(685230.15)),
        ("1_000", json!(1000)),
        ("+12", json!(12)),
        ("_1", json!("_1")),
        ("1e3", json!("1e3")),
        ("1.5e3", json!("1.5e3")),
        ("1.0e+3", json!(1000.0)),
        (".5", json!(0.5)),
        ("-.5", json!("-.5")),
        ("1.", json!(1.0)),
        ("1.e", json!("1.e")),
        ("1.2.3", json!("1.2.3")),
        ("685_230.15", json!(685230.15)),
        (".", json!(".")),
        ("._1", json!("._1")),
        ("18446744073709551615", json!(u64::MAX)),
        ("-9223372036854775808", json!(i64::MIN)),
        ("2013-05-23", json!("2013-05-23")),
        ("2013-05-23T10:00:00Z", json!("2013-05-23T10:00:00Z")),
        ("~", Value::Null),
        ("", Value::Null),
        ("# nothing", Value::Null),
        ("Null", Value::Null),
        ("nULL", json!("nULL")),
        ("'yes'", json!("yes")),
        ("\"12\"", json!("12")),
        ("!!str 5", json!("5")),
        ("!!str", json!("")),
        ("!!str ~", json!("~")),
        ("!!int '0755'", json!(493)),
        ("!!float 5", json!(5.0)),
        ("!!bool oN", json!(true)),
        ("!!null x", Value::Null),
        ("!!timestamp 2013-05-23", json!("2013-05-23")),
        ("! '5'", json!(5)),
        ("!<tag:yaml.org,2002:int> 5", json!(5)),
        ("!!binary aGVsbG8=", json!("hello")),
        ("!!binary 'aGVs\n  bG8='", json!("hello")),
    ];
    for (text, value) in cases {
        assert_eq!(parse(text).as_ref(), Ok(&value), "{text:?}");
    }
}

#[test]
fn collections() {
    let cases = [
        ("!!set {x, y, x}", json!(["x", "y"])),
        ("!!set {1, '1'}", json!([1, "1"])),
        ("!!omap [a: 1]", json!([["a", 1]])),
        ("!!pairs [a: 1, a: 2]", json!([["a", 1], ["a", 2]])),
        ("!!map {a: !!seq [1]}", json!({"a": [1]})),
        (
            "{1: a, ~: b, on: c, 1.5: d, 2013-05-23: e}",
            json!({"1": "a", "null": "b", "true": "c", "1.5": "d", "2013-05-23": "e"}),
        ),
        ("1.0e+20: a", json!({"1e+20": "a"})),
        ("{=: 5}", json!({"=": 5})),
        ("a: 1\nb: 2\na: 3", json!({"a": 3, "b": 2})),
        ("[? a]", json!([{"a": null}])),
        ("a: |\n  x\n  y", json!({"a": "x\ny"})),
        (
            "- &x {a: 1}\n- *x\n- &y 2\n- *y",
            json!([{"a": 1}, {"a": 1}, 2, 2]),
        ),
        ("- &k key\n- *k : v", json!(["key", {"key": "v"}])),
        ("%YAML 1.1\n---\na", json!("a")),
        ("\u{FEFF}a: 1", json!({"a": 1})),
    ];
    for (text, value) in cases {
        assert_eq!(parse(text).as_ref(), Ok(&value), "{text:?}");
    }
}

#[test]
fn merge_keys_come_first_and_own_keys_win() {
    let text = "\
x: &x {a: 1, b: 2}
y: &y {b: 3, c: 4}
one: {d: 5, <<: *x, a: 6}
list: {<<: [*x, *y]}
twice: {<<: *x, <<: *y}
quoted: {'<<': *x}
";
    let value = parse(text).unwrap();
    let found = |name: &str| value[name].to_string();
    assert_eq!(found("one"), r#"{"a":6,"b":2,"d":5}"#);
    assert_eq!(found("list"), r#"{"b":2,"c":4,"a":1}"#);
    assert_eq!(found("twice"), r#"{"a":1,"b":3,"c":4}"#);
    assert_eq!(found("quoted"), r#"{"<<":{"a":1,"b":2}}"#);
}

#[test]
fn faults_are_named_with_their_place() {
    let cases = [
        ("a: 1\nb: !Ref x", "line 2, column 4: unknown tag `!Ref`"),
        ("a: !!foo x", "line 1, column 4: unknown tag `!!foo`"),
        (
            "a: !!map x",
            "line 1, column 4: `!!map` cannot stand before a scalar",
        ),
        (
            "a: =",
            "line 1, column 4: a plain `=` has no value; quote it",
        ),
        (
            "a: <<",
            "line 1, column 4: `<<` is a merge key and cannot be a value",
        ),
        (
            "<<: 1",
            "line 1, column 5: `<<` needs a mapping or a list of mappings",
        ),
        ("? [a]\n: b", "line 1, column 3: a sequence cannot be a key"),
        ("{{a: b}: c}", "line 1, column 2: a mapping cannot be a key"),
        (
            "a\n---\nb",
            "line 2, column 1: a second document starts here, but one is expected",
        ),
        (
            "a: .inf",
            "line 1, column 4: JSON cannot hold the number `.inf`; quote it to send it as text",
        ),
        (
            "- -.INF",
            "line 1, column 3: JSON cannot hold the number `-.INF`; quote it to send it as text",
        ),
        (
            "- .NaN",
            "line 1, column 3: JSON cannot hold the number `.NaN`; quote it to send it as text",
        ),
        (
            "- 1.0e+999",
            "line 1, column 3: JSON cannot hold the number `1.0e+999`; quote it to send it as text",
        ),
        (
            "- 18446744073709551616",
            "line 1, column 3: the integer `18446744073709551616` does not fit into 64 bits; quote it to send it as text",
        ),
        ("- 0b_", "line 1, column 3: `0b_` is not an integer"),
        ("!!int 1.5", "line 1, column 1: `1.5` is not an integer"),
        ("!!bool y", "line 1, column 1: `y` is not a boolean"),
        (
            "!!binary YWI",
            "line 1, column 1: `!!binary` is not valid base64",
        ),
        (
            "!!binary /w==",
            "line 1, column 1: `!!binary` holds bytes that are not UTF-8",
        ),
        (
            "!!omap [1]",
            "line 1, column 9: a mapping with one key is expected here",
        ),
        (
            "&a [*a]",
            "line 1, column 5: the alias stands inside the node that it repeats",
        ),
        (
            "a: b\nc\u{1}d: e",
            "line 2, column 2: the character U+0001 is not allowed; write it as an escape",
        ),
        (
            "%YAML 1.3\n---\na",
            "line 2, column 1: YAML 1.3 is not known",
        ),
    ];
    for (text, message) in cases {
        assert_eq!(parse(text).unwrap_err().to_string(), message, "{text:?}");
    }
    let digits = "9".repeat(1000);
    let message = parse(&digits).unwrap_err().to_string();
    assert!(message.len() < 200, "{message}");
    let message = parse("!!bool |\n a\n b\n").unwrap_err().to_string();
    assert_eq!(message, r"line 1, column 1: `a\nb\n` is not a boolean");
    for text in [
        "a: b: c",
        "a:\n\t- b",
        "[a",
        "*b",
        "a: 'x",
        "...\n...\nx: ]",
    ] {
        let error = parse(text).unwrap_err();
        assert!(
            error.mark().line >= 1 && error.mark().column >= 1 && !error.message().is_empty(),
            "{text:?}"
        );
    }
}

#[test]
fn limits_hold() {
    let mut laughs = "a0: &a0 [lol]\n".to_owned();
    for level in 1..20 {
        let last = level - 1;
        let row = vec![format!("*a{last}"); 9].join(", ");
        laughs.push_str(&format!("a{level}: &a{level} [{row}]\n"));
    }
    let long = format!(
        "a: &a {}\nb: [{}]",
        "x".repeat(1 << 20),
        ["*a"; 100].join(", ")
    );
    let deep = format!("{}{}", "[".repeat(300), "]".repeat(300));
    let half = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let stacked = format!("- &a {half}\n- {}*a{}", "[".repeat(100), "]".repeat(100));
    let cases = [
        (laughs, "more than any document needs"),
        (long, "16 MiB"),
        (stacked, "nested deeper"),
    ];
    for (text, message) in cases {
        let error = parse(&text).unwrap_err();
        assert!(error.message().contains(message), "{error}");
    }
    assert!(parse(&deep).is_err());
    assert!(parse(&half).is_ok());
}

#[test]
fn emits_what_pyyaml_emits() {
    let value = json!({
        "text": "plain", "empty": "", "no": "no", "mode": "0644", "time": "12:30", "big": "1_000", "tilde": "~",
        "null": null, "date": "2013-05-23", "e": "1e3", "dash": "- a", "colon": "a: b", "end": "a:", "hash": "a #b",
        "mid": "a#b:c", "quote": "it's", "lead": " a", "star": "*a", "marker": "---", "tab": "a\tb", "accent": "é – 日本",
        "emoji": "🎵", "bell": "\u{7}", "next": "\u{85}", "bom": "\u{FEFF}",
        "list": [1, 2.5, 1e20, true, [], {}, [1, [2]], {"a": 1, "b": {"c": []}}],
        "script": "#!/bin/sh\n\n  ls\n", "strip": "a\nb", "keep": "a\n\n", "led": " a\nb\n", "break": "\n", "trail": "a \nb",
        "nested": [{"x": "a\nb\n", "y": ["c\nd"]}],
    });
    let text = "\
text: plain
empty: ''
'no': 'no'
mode: '0644'
time: '12:30'
big: '1_000'
tilde: '~'
'null': null
date: '2013-05-23'
e: '1e3'
dash: '- a'
colon: 'a: b'
end: 'a:'
hash: 'a #b'
mid: a#b:c
quote: it's
lead: ' a'
star: '*a'
marker: '---'
tab: \"a\\tb\"
accent: é – 日本
emoji: 🎵
bell: \"\\x07\"
next: \"\\x85\"
bom: \"\\uFEFF\"
list:
- 1
- 2.5
- 1.0e+20
- true
- []
- {}
- - 1
  - - 2
- a: 1
  b:
    c: []
script: |
  #!/bin/sh

    ls
strip: |-
  a
  b
keep: |+
  a

led: |2
   a
  b
break: |2+

trail: \"a \\nb\"
nested:
- x: |
    a
    b
  y:
  - |-
    c
    d
";
    assert_eq!(to_string(&value), text);
    assert_eq!(parse(text), Ok(value));
    assert_eq!(to_string(&json!([])), "[]\n");
    assert_eq!(to_string(&json!("a\nb")), "|-\n  a\n  b\n");
}

#[test]
fn a_long_key_is_written_so_that_it_can_be_found() {
    let value = json!([{"k".repeat(2000): {"a": [1]}, "x": 1}]);
    assert_eq!(parse(&to_string(&value)), Ok(value));
}

fn text() -> impl Strategy<Value = String> {
    let tricky = prop::sample::select(vec![
        "yes",
        "0x1",
        "0o7",
        "1.",
        "1:30",
        "1:",
        "=",
        "<<",
        "~",
        "null",
        "-",
        "?",
        ":",
        "- ",
        "---",
        "...",
        "#",
        " #",
        ": ",
        "\n",
        "\n\n",
        " ",
        "\t",
        "'",
        "\"",
        "\\",
        "%",
        "@",
        "|",
        ">",
        "&a",
        "*a",
        "!",
        ",",
        "[",
        "]",
        "{",
        "}",
        "\r",
        "\u{85}",
        "\u{2028}",
        "\u{FEFF}",
        "\u{FFFF}",
        "é",
        "日",
        "2013-05-23",
        "a",
        "b",
        "0",
        "1e3",
        "_",
        ".",
    ]);
    prop_oneof![
        ".{0,12}",
        any::<String>(),
        prop::collection::vec(tricky, 0..6).prop_map(|parts| parts.concat()),
        "[-+.:_0-9eExb]{1,8}",
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((text(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_emitted_is_read_back(value in value()) {
        let text = to_string(&value);
        prop_assert_eq!(parse(&text), Ok(value), "{}", text);
    }

    #[test]
    fn nothing_makes_the_reader_panic(text in text()) {
        let _ = parse(&text);
    }
}
