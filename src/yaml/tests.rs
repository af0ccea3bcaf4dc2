mod bombs;
mod events;
mod nasty;
mod peer;
mod table;

use proptest::prelude::*;
use serde_json::json;

use super::{Document, parse, to_string};

#[test]
fn faults_are_named_with_their_place() {
    let cases = [
        ("a: 1\nb: !Ref x", "line 2, column 4: unknown tag `!Ref`"),
        ("a: !!foo x", "line 1, column 4: unknown tag `!!foo`"),
        (
            "a: !!map x",
            "line 1, column 4: the tag `!!map` cannot be used for a scalar",
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
        ("a: b\n: c", "line 2, column 1: no key before this `:`"),
        ("? [a]\n: b", "line 1, column 3: a sequence cannot be a key"),
        ("{{a: b}: c}", "line 1, column 2: a mapping cannot be a key"),
        (
            "a\n---\nb",
            "line 2, column 1: a second document starts here; only one is allowed",
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
            "line 1, column 1: `!!binary` contains bytes that are not UTF-8",
        ),
        (
            "!!omap [1]",
            "line 1, column 9: expected a mapping with one key",
        ),
        (
            "&a [*a]",
            "line 1, column 5: the alias is inside the node that it repeats",
        ),
        (
            "a: b\nc\u{1}d: e",
            "line 2, column 2: the character U+0001 is not allowed; write it as an escape",
        ),
        (
            "%YAML 1.3\n---\na",
            "line 2, column 1: YAML 1.3 is not supported",
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
fn equal_is_what_holds_the_same_wherever_it_stands() {
    let root = |text| Document::parse(text).unwrap().root;
    assert_eq!(root("{a: [b], c: 1}"), root("\n  a:\n  - b\n  c: 1"));
    assert_ne!(root("{a: b}"), root("{a: c}"));
}

#[test]
fn a_key_of_a_pair_ends_behind_its_start() {
    let root = Document::parse("!!omap [a: &x 1, b: *x]").unwrap().root;
    let key = &root.as_sequence().unwrap()[1].as_sequence().unwrap()[0];
    assert_eq!((key.start.offset, key.end), (17, 17));
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
        (laughs, "the limit is"),
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

proptest! {
    #[test]
    fn what_is_emitted_is_read_back(value in nasty::value()) {
        let text = to_string(&value);
        prop_assert_eq!(parse(&text), Ok(value), "{}", text);
    }

    #[test]
    fn nothing_makes_the_reader_panic(text in nasty::text()) {
        let _ = parse(&text);
    }
}
