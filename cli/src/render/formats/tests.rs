use serde_json::json;

use super::*;

fn written(result: impl FnOnce(&mut Vec<u8>) -> Result<(), OutputError>) -> String {
    let mut out = Vec::new();
    result(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn list(list: &ListTable, options: &OutputOptions) -> String {
    written(|out| write_list(out, list, options))
}

fn record(record: &Record, options: &OutputOptions) -> String {
    written(|out| write_record(out, record, options).map(drop))
}

fn format(format: Format) -> OutputOptions {
    OutputOptions {
        format,
        ..OutputOptions::default()
    }
}

fn wide(max_width: usize) -> OutputOptions {
    OutputOptions {
        max_width: Some(max_width),
        ..OutputOptions::default()
    }
}

fn table<const N: usize>(columns: [&'static str; N], rows: Vec<[Cell; N]>) -> ListTable {
    ListTable {
        columns: columns.map(Cow::Borrowed).to_vec(),
        rows: rows.into_iter().map(Vec::from).collect(),
    }
}

fn stacks() -> ListTable {
    let links = || Cell::with_human(json!({"a": 1}), "a: 1\nb: 2");
    table(
        ["ID", "Stack Name", "Size", "Links"],
        vec![
            ["1".into(), "web — 日本".into(), 3.into(), links()],
            [
                "2".into(),
                None::<String>.into(),
                10.into(),
                Cell::with_human("x", "y"),
            ],
            [
                "3".into(),
                "quote \" back\\slash, comma\nline".into(),
                2.5.into(),
                Cell::default(),
            ],
            [
                true.into(),
                "".into(),
                Cell::default(),
                json!([1, "é"]).into(),
            ],
        ],
    )
}

fn stack() -> Record {
    let long = format!("{}{} end  two   spaces", "word ".repeat(20), "w".repeat(50));
    Record(vec![
        ("id".into(), "abc".into()),
        ("stack_name".into(), Cell::default()),
        ("long-Name x:y".into(), "$HOME `x` \"q\" \\ '".into()),
        ("description".into(), long.into()),
        ("n".into(), 5.into()),
        (
            "tab".into(),
            "a\tb\r\nc\rd\n  indented   line\n\nend".into(),
        ),
    ])
}

#[test]
fn a_table_of_many() {
    assert_eq!(
        list(&stacks(), &OutputOptions::default()),
        "\
+------+---------------------------+------+----------+
| ID   | Stack Name                | Size | Links    |
+------+---------------------------+------+----------+
| 1    | web — 日本                |    3 | a: 1     |
|      |                           |      | b: 2     |
| 2    | None                      |   10 | y        |
| 3    | quote \" back\\slash, comma |  2.5 | None     |
|      | line                      |      |          |
| True |                           | None | [1, \"é\"] |
+------+---------------------------+------+----------+
"
    );
}

#[test]
fn a_table_of_none() {
    let none = ListTable {
        rows: Vec::new(),
        ..stacks()
    };
    assert_eq!(list(&none, &OutputOptions::default()), "\n");
    let header = OutputOptions {
        print_empty: true,
        ..OutputOptions::default()
    };
    assert_eq!(
        list(&none, &header),
        "\
+----+------------+------+-------+
| ID | Stack Name | Size | Links |
+----+------------+------+-------+
+----+------------+------+-------+
"
    );
    assert_eq!(record(&Record::default(), &OutputOptions::default()), "\n");
}

#[test]
fn tables_are_narrowed_but_headers_stay_whole() {
    let rows = vec![[
        "x".repeat(30).into(),
        "the quick brown-fox jumps over the lazy dog, twice or thrice".into(),
        1.into(),
    ]];
    let stacks = table(["ID", "Stack Name", "Size"], rows);
    let narrow = "\
+----------+------------+------+
| ID       | Stack Name | Size |
+----------+------------+------+
| xxxxxxxx | the quick  |    1 |
| xxxxxxxx | brown-fox  |      |
| xxxxxxxx | jumps over |      |
| xxxxxx   | the lazy   |      |
|          | dog, twice |      |
|          | or thrice  |      |
+----------+------------+------+
";
    assert_eq!(list(&stacks, &wide(20)), narrow);
    let fit = OutputOptions {
        fit_width: true,
        terminal_width: Some(20),
        ..OutputOptions::default()
    };
    assert_eq!(list(&stacks, &fit), narrow);
    let free = list(
        &stacks,
        &OutputOptions {
            fit_width: false,
            ..fit
        },
    );
    assert_eq!(free.lines().count(), 5);
    for width in [40, 50, 60] {
        assert_eq!(
            list(&stacks, &wide(width)).lines().next().unwrap().len(),
            width
        );
    }
    assert_eq!(list(&stacks, &wide(200)), free);
    assert_eq!(list(&stacks, &wide(0)), free);
}

#[test]
fn a_table_of_one() {
    assert_eq!(
        record(&stack(), &wide(40)),
        "\
+---------------+----------------------+
| Field         | Value                |
+---------------+----------------------+
| id            | abc                  |
| stack_name    | None                 |
| long-Name x:y | $HOME `x` \"q\" \\ '    |
| description   | word word word word  |
|               | word word word word  |
|               | word word word word  |
|               | word word word word  |
|               | word word word word  |
|               | wwwwwwwwwwwwwwwwwwww |
|               | wwwwwwwwwwwwwwwwwwww |
|               | wwwwwwwwww end  two  |
|               | spaces               |
| n             | 5                    |
| tab           | a       b            |
|               | c d                  |
|               |   indented   line    |
|               |                      |
|               | end                  |
+---------------+----------------------+
"
    );
    let legacy = OutputOptions {
        labels: ["Property", "Value"],
        ..OutputOptions::default()
    };
    assert_eq!(
        record(&Record(vec![("id".into(), "1".into())]), &legacy),
        "\
+----------+-------+
| Property | Value |
+----------+-------+
| id       | 1     |
+----------+-------+
"
    );
}

#[test]
fn wrapped_lines_keep_their_indentation() {
    let text = "{\n    \"key\": \"one two three\"\n}";
    assert_eq!(
        record(&Record(vec![("a".into(), text.into())]), &wide(20)),
        "\
+-------+------------------+
| Field | Value            |
+-------+------------------+
| a     | {                |
|       |     \"key\": \"one  |
|       | two three\"       |
|       | }                |
+-------+------------------+
"
    );
}

#[test]
fn a_table_holds_a_line_of_any_length() {
    let long = "x".repeat(200_000);
    let one = Record(vec![("a".into(), long.as_str().into())]);
    for options in [OutputOptions::default(), wide(100)] {
        let text = record(&one, &options);
        assert_eq!(text.matches('x').count(), long.len());
        let width = text.lines().next().map(str::len);
        assert!(text.lines().all(|line| Some(line.len()) == width));
    }
}

#[test]
fn json_is_what_python_dumps() {
    let stacks = table(
        ["ID", "Links"],
        vec![
            [
                "日\u{1f600}".into(),
                Cell::with_human(json!({"a": [1, {}]}), "human"),
            ],
            ["\"\\\n\u{1}\u{7f}".into(), Cell::default()],
        ],
    );
    assert_eq!(
        list(&stacks, &format(Format::Json)),
        r#"[
  {
    "ID": "\u65e5\ud83d\ude00",
    "Links": {
      "a": [
        1,
        {}
      ]
    }
  },
  {
    "ID": "\"\\\n\u0001\u007f",
    "Links": null
  }
]
"#
    );
    let noindent = OutputOptions {
        noindent: true,
        ..format(Format::Json)
    };
    assert_eq!(
        record(
            &Record(vec![
                ("a".into(), json!([1, 2.5]).into()),
                ("b".into(), false.into())
            ]),
            &noindent
        ),
        "{\"a\": [1, 2.5], \"b\": false}\n"
    );
    assert_eq!(
        list(
            &ListTable {
                rows: Vec::new(),
                ..stacks
            },
            &format(Format::Json)
        ),
        "[]\n"
    );
    assert_eq!(record(&Record::default(), &format(Format::Json)), "{}\n");
}

#[test]
fn yaml() {
    let stacks = table(
        ["ID", "Links"],
        vec![["no".into(), Cell::with_human(json!(["é"]), "human")]],
    );
    assert_eq!(
        list(&stacks, &format(Format::Yaml)),
        "- ID: 'no'\n  Links:\n  - \"\\xE9\"\n"
    );
    let one = Record(vec![("b".into(), "x\ny\n".into()), ("a".into(), 1.into())]);
    assert_eq!(
        record(&one, &format(Format::Yaml)),
        "b: 'x\n\n  y\n\n  '\na: 1\n"
    );
    assert_eq!(record(&Record::default(), &format(Format::Yaml)), "");
}

#[test]
fn plain_values() {
    assert_eq!(
        list(&stacks(), &format(Format::Value)),
        "1 web — 日本 3 {\"a\": 1}\n2 None 10 x\n3 quote \" back\\slash, comma\nline 2.5 None\nTrue  None [1, \"é\"]\n"
    );
    let one = Record(vec![
        ("a".into(), "x y".into()),
        ("b".into(), json!({"c": null}).into()),
    ]);
    assert_eq!(record(&one, &format(Format::Value)), "x y\n{\"c\": null}\n");
}

#[test]
fn csv_in_every_quoting() {
    let cases = [
        (
            Quote::Nonnumeric,
            "\"ID\",\"Stack Name\",\"Size\",\"Links\"
\"1\",\"web — 日本\",3,\"{\"\"a\"\": 1}\"
\"2\",\"\",10,\"x\"
\"3\",\"quote \"\" back\\\\slash, comma\nline\",2.5,\"\"
True,\"\",\"\",\"[1, \"\"é\"\"]\"
",
        ),
        (
            Quote::All,
            "\"ID\",\"Stack Name\",\"Size\",\"Links\"
\"1\",\"web — 日本\",\"3\",\"{\"\"a\"\": 1}\"
\"2\",\"\",\"10\",\"x\"
\"3\",\"quote \"\" back\\\\slash, comma\nline\",\"2.5\",\"\"
\"True\",\"\",\"\",\"[1, \"\"é\"\"]\"
",
        ),
        (
            Quote::Minimal,
            "ID,Stack Name,Size,Links
1,web — 日本,3,\"{\"\"a\"\": 1}\"
2,,10,x
3,\"quote \"\" back\\\\slash, comma\nline\",2.5,
True,,,\"[1, \"\"é\"\"]\"
",
        ),
        (
            Quote::None,
            "ID,Stack Name,Size,Links
1,web — 日本,3,{\\\"a\\\": 1}
2,,10,x
3,quote \\\" back\\\\slash\\, comma\\\nline,2.5,
True,,,[1\\, \\\"é\\\"]
",
        ),
    ];
    for (quote, text) in cases {
        assert_eq!(
            list(
                &stacks(),
                &OutputOptions {
                    quote,
                    ..format(Format::Csv)
                }
            ),
            text,
            "{quote:?}"
        );
    }
    let one = table(["A"], vec![["".into()], ["a b".into()]]);
    let minimal = OutputOptions {
        quote: Quote::Minimal,
        ..format(Format::Csv)
    };
    assert_eq!(list(&one, &minimal), "A\n\"\"\na b\n");
}

#[test]
fn shell_variables_expand_nothing() {
    let options = OutputOptions {
        prefix: Some("os_".into()),
        columns: vec!["ID".into(), "long-name_x:y".into()],
        ..format(Format::Shell)
    };
    assert_eq!(
        record(&stack(), &options),
        "os_id=\"abc\"\nos_long_name_x_y=\"\\$HOME \\`x\\` \\\"q\\\" \\\\ '\"\n"
    );
    let one = Record(vec![("a;b$(c)".into(), Cell::default())]);
    assert_eq!(record(&one, &format(Format::Shell)), "a_b__c_=\"None\"\n");
}

#[test]
fn columns_are_chosen_in_the_order_of_the_command() {
    let asked = |names: &[&str]| OutputOptions {
        columns: names.iter().map(|name| (*name).to_owned()).collect(),
        ..format(Format::Value)
    };
    assert_eq!(
        list(&stacks(), &asked(&["size", "nothing", " id"])),
        "1 3\n2 10\n3 2.5\nTrue None\n"
    );
    assert_eq!(
        list(&table(["A B"], vec![[1.into()]]), &asked(&["a_b"])),
        "1\n"
    );
    assert_eq!(record(&stack(), &asked(&["N", "Stack Name"])), "None\n5\n");

    let mut out = Vec::new();
    let error = write_list(&mut out, &stacks(), &asked(&["x", "y"])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "No recognized column names in ['x', 'y']. Recognized columns are ['ID', 'Stack Name', 'Size', 'Links']."
    );
    assert!(write_record(&mut out, &stack(), &asked(&["x"])).is_err());
    assert!(out.is_empty());
}

#[test]
fn rows_are_sorted_and_equal_ones_keep_their_order() {
    let rows = [
        ("b", json!(10)),
        ("a", json!(null)),
        ("B", json!(9)),
        ("a", json!(9)),
        ("c", json!("x")),
    ];
    let stacks = table(
        ["Name", "My Size"],
        rows.map(|(name, size)| [name.into(), size.into()]).to_vec(),
    );
    let sorted = |columns: &[&str], sort_descending| {
        let options = OutputOptions {
            sort_columns: columns.iter().map(|name| (*name).to_owned()).collect(),
            sort_descending,
            ..format(Format::Value)
        };
        list(&stacks, &options).replace('\n', ";")
    };
    assert_eq!(sorted(&[], false), "b 10;a None;B 9;a 9;c x;");
    assert_eq!(sorted(&["nothing"], true), "b 10;a None;B 9;a 9;c x;");
    assert_eq!(sorted(&["my_size"], false), "B 9;a 9;b 10;c x;a None;");
    assert_eq!(sorted(&["My Size"], true), "a None;c x;b 10;B 9;a 9;");
    assert_eq!(
        sorted(&["name", "my size"], false),
        "B 9;a 9;a None;b 10;c x;"
    );
    assert_eq!(sorted(&["name", "zzz"], true), "c x;b 10;a None;a 9;B 9;");
}

#[test]
fn a_list_is_sorted_by_columns_that_are_not_shown() {
    let stacks = table(
        ["Name", "Size"],
        vec![["a".into(), 2.into()], ["b".into(), 1.into()]],
    );
    let options = OutputOptions {
        columns: vec!["name".into()],
        sort_columns: vec!["size".into()],
        ..format(Format::Value)
    };
    assert_eq!(list(&stacks, &options), "b\na\n");
}

#[test]
fn only_values_for_programs_hold_control_characters() {
    const RAW: &str = "x\u{1b}[2J\u{9b}\u{7f}\u{202e}";
    const SHOWN: &str = r"x\u001b[2J\u009b\u007f\u202e";
    let one = Record(vec![(RAW.into(), Cell::with_human(RAW, RAW))]);
    let many = table(["A"], vec![[RAW.into()], [json!({ RAW: RAW }).into()]]);
    for terminal in [false, true] {
        for (kind, is_raw) in [
            (Format::Table, false),
            (Format::Json, false),
            (Format::Yaml, false),
            (Format::Value, true),
            (Format::Csv, true),
            (Format::Shell, true),
        ] {
            let options = OutputOptions {
                terminal,
                ..format(kind)
            };
            let texts = [
                (kind != Format::Csv).then(|| record(&one, &options)),
                (kind != Format::Shell).then(|| list(&many, &options)),
            ];
            for text in texts.into_iter().flatten() {
                let raw = is_raw && !terminal;
                assert_eq!(text.contains(RAW), raw, "{kind:?}: {text}");
                let escaped = text.chars().any(visible::needs_escape);
                assert_eq!(escaped, raw, "{kind:?}: {text:?}");
            }
        }
    }
    assert_eq!(
        record(
            &Record(vec![("a".into(), RAW.into())]),
            &OutputOptions::default()
        ),
        format!(
            "\
+-------+------------------------------+
| Field | Value                        |
+-------+------------------------------+
| a     | {SHOWN} |
+-------+------------------------------+
"
        )
    );
}

#[test]
fn escaped_documents_mean_the_same() {
    let text = "a\u{1b}\u{9b}\u{7f}\u{85}\u{202e}\u{2028}\\u001b\\\u{7f} \u{e9}\nb";
    let value = json!({ text: [text, {"é": text}] });
    let mut out = Vec::new();
    json::write(&mut out, &value).unwrap();
    let yaml = heatclient::yaml::dump(&value);
    let documents = [
        String::from_utf8(out).unwrap(),
        json::document(&value, true),
        json::text(&value),
        json::line(&value),
    ];
    for document in &documents {
        assert_eq!(serde_json::from_str::<Value>(document).unwrap(), value);
    }
    assert_eq!(heatclient::yaml::parse(&yaml).unwrap(), value);
    for document in documents.iter().chain([&yaml]) {
        assert!(!document.chars().any(visible::needs_escape), "{document:?}");
    }
}

#[test]
fn some_formats_are_for_lists_or_records_only() {
    let mut out = Vec::new();
    assert!(matches!(
        write_list(&mut out, &stacks(), &format(Format::Shell)),
        Err(OutputError::ListAsShell)
    ));
    assert!(matches!(
        write_record(&mut out, &stack(), &format(Format::Csv)),
        Err(OutputError::RecordAsCsv)
    ));
}
