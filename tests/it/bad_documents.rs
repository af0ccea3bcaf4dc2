//! Errors in templates, environments and referenced files are reported with the position, the source
//! line and the chain of references.
//!
//! `bad_documents.txt` holds the cases, in the form that `check_cases` reads.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt::Write as _;

use heatclient::template::Packer;
use heatclient::template::{Policy, RULES, Source};
use heatclient_test_support::cases::{check_cases, pack, told};
use heatclient_test_support::directory::Directory;

const CASES: &str = include_str!("bad_documents.txt");

#[tokio::test]
async fn each_document_is_told_of_as_it_is_broken() {
    let seen = RefCell::new(HashSet::new());
    let cases = check_cases(CASES, "bad_documents.txt", |result| {
        let problems = match result {
            Ok(package) => package.warnings(),
            Err(error) => error.problems(),
        };
        let rules = problems.iter().map(|problem| problem.rule);
        seen.borrow_mut().extend(rules);
        told(result)
    })
    .await;
    assert!(cases >= 80, "{cases}");

    let seen = seen.into_inner();
    for rule in [
        "duplicate-key",
        "invalid-reference",
        "invalid-registry",
        "merge-conflict",
        "not-a-template",
        "not-an-environment",
        "reference-cycle",
        "syntax",
        "undeclared-parameter",
        "unknown-merge-strategy",
        "unknown-section",
        "unreadable",
        "wrong-shape",
    ] {
        assert!(seen.contains(rule), "{rule}");
    }
    for rule in seen {
        assert!(RULES.iter().any(|known| known.id == rule), "{rule}");
    }
}

/// Documents that the case file cannot contain: invalid UTF-8, and documents over a limit.
fn oddities() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    const VERSION: &str = "heat_template_version: 2021-04-16\n";
    let template = |text: &str| format!("{VERSION}{text}").into_bytes();
    let bytes = |rest: &[u8]| [VERSION.as_bytes(), rest].concat();
    let (open, close) = ("[".repeat(300), "]".repeat(300));
    let mut laughs = "a0: &a0 [x, x]\n".to_owned();
    for n in 1..30 {
        let before = n - 1;
        let _ = writeln!(
            laughs,
            "a{n}: &a{n} [*a{before}, *a{before}, *a{before}, *a{before}]"
        );
    }
    vec![
        ("not UTF-8", bytes(b"a: \xff\xfe\n"), "web.yaml, line 2, column 4: invalid UTF-8; save the file as UTF-8
    2 | a: 
      |    ^"),
        ("half of a character", bytes(b"a: \xe2\x82"), "web.yaml, line 2, column 4: invalid UTF-8; save the file as UTF-8
    2 | a: 
      |    ^"),
        ("UTF-16", b"\xff\xfeh\0e\0a\0t\0".to_vec(), "web.yaml, line 1, column 1: invalid UTF-8; save the file as UTF-8
    1 | 
      | ^"),
        ("a program", b"\x7fELF\x02\x01\x01\0\0\0".to_vec(), "web.yaml, line 1, column 1: the character U+007F is not allowed; write it as an escape
    1 |  ELF      
      | ^"),
        ("a control character", template("name: \"a\u{7}b\"\n"), r#"web.yaml, line 2, column 9: the character U+0007 is not allowed; write it as an escape
    2 | name: "a b"
      |         ^"#),
        ("a NUL", template("name: a\0b\n"), "web.yaml, line 2, column 8: the character U+0000 is not allowed; write it as an escape
    2 | name: a b
      |        ^"),
        ("nested too deep", template(&format!("a: {open}{close}\n")), "web.yaml, line 2, column 259: the document is nested deeper than 255 levels
    2 | [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]
      |                                                                                 ^"),
        ("JSON nested too deep", format!("{{\"a\": {open}{close}}}").into_bytes(), "web.yaml, line 1, column 262: the document is nested deeper than 255 levels
    1 | [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]
      |                                                                                 ^"),
        ("a billion laughs", template(&laughs), "web.yaml, line 9, column 10: the aliases up to here repeat 31845 nodes; the limit is 20950
    9 | a7: &a7 [*a6, *a6, *a6, *a6]
      |          ^"),
        ("too long", template(&" ".repeat(16 << 20)), "web.yaml: cannot be read: it is longer than 16 MiB"),
        ("a line of a megabyte", template(&format!("a: {{b: {}, c: !Ref d}}", "x".repeat(1 << 20))), "web.yaml, line 2, column 1048589: unknown tag `!Ref`
    2 | xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx, c: !Ref d}
      |                                                                                 ^"),
        ("lines that end as on other systems", b"heat_template_version: 1\r\na: !Ref b\r\nc: !Sub d\r".to_vec(), "web.yaml, line 2, column 4: unknown tag `!Ref`
    2 | a: !Ref b
      |    ^
web.yaml, line 3, column 4: unknown tag `!Sub`
    3 | c: !Sub d
      |    ^"),
        ("a mark at the beginning", "\u{feff}heat_template_version: 1\na: !Ref b\n".as_bytes().to_vec(), "web.yaml, line 2, column 4: unknown tag `!Ref`
    2 | a: !Ref b
      |    ^"),
    ]
}

#[tokio::test]
async fn bytes_that_are_no_documents_are_told_of() {
    let directory = Directory::new("oddities");
    let mut wrong = Vec::new();
    for (what, bytes, says) in oddities() {
        let path = directory.write("web.yaml", bytes);
        let told = directory.hide(&told(&pack(&[path]).await));
        if told != says {
            wrong.push(format!("{what}:\n{told}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Errors of the request, not of a document.
#[tokio::test]
async fn wrong_requests_are_told_of() {
    let directory = Directory::new("requests");
    let web = directory.write("web.yaml", "heat_template_version: 2021-04-16\n");
    directory.write("sub/a.sh", "true\n");
    directory.write(
        "lacks.yaml",
        "heat_template_version: 2021-04-16\na: {get_file: b.sh}\n",
    );
    let new = || Packer::new().template(web.as_path());
    let text = || Source::text("heat_template_version: 2021-04-16\na: {get_file: a.sh}\n");
    let rows: Vec<(&str, Packer, &str)> = vec![
        ("no such template", Packer::new().template(directory.0.join("none.yaml")), "none.yaml: cannot be read: No such file or directory"),
        ("no such environment", new().environment(directory.0.join("none.yaml")), "none.yaml: cannot be read: No such file or directory"),
        ("a directory", Packer::new().template(directory.0.as_path()), "DIR: cannot be read: it is a directory"),
        ("no name", Packer::new().template(""), "the empty path: cannot be read: No such file or directory"),
        ("a name with a line break", Packer::new().template(directory.0.join("a\nb.yaml")), "a b.yaml: cannot be read: No such file or directory"),
        ("a file without an end", Packer::new().template("/dev/zero"), "/dev/zero: cannot be read: it is longer than 16 MiB"),
        ("a scheme that is not read", Packer::new().template("ftp://user:5ecret@example.org/web.yaml?5ecret"), "ftp://…@example.org/web.yaml?… cannot be read: the scheme ftp is not supported; expected a path, http or https"),
        ("a URL with a password", new().environment("https://user:5ecret@example.org/env.yaml"), "https://…@example.org/env.yaml cannot be read: the URL has a user name or a password, which are not sent; remove them"),
        ("a URL that is none", Packer::new().template(Source::url("http://[::1")), "http://[::1 cannot be read: invalid URL: invalid IPv6 address"),
        ("a text beside what is no URL", Packer::new().template(text().beside("ftp://example.org")), "the text cannot be read: the scheme ftp is not supported; expected a path, http or https"),
        ("a text beside a directory that lacks a file", Packer::new().template(text().beside(directory.0.display().to_string())), "the text, line 2, column 15: cannot read a.sh: No such file or directory
    2 | a: {get_file: a.sh}
      |               ^"),
        ("a text with a name", Packer::new().template(Source::text("a: 1").named("standard input")), "standard input, line 1, column 1: Template format version not found; expected one of the keys heat_template_version, HeatTemplateFormatVersion, AWSTemplateFormatVersion
    1 | a: 1
      | ^"),
        ("a value that is no template", Packer::new().template(Source::from(serde_json::json!([1]))), "the value, line 1, column 1: the template is a list; expected a mapping with one of the keys heat_template_version, HeatTemplateFormatVersion, AWSTemplateFormatVersion
    1 | [1]
      | ^"),
        ("a file that is too long", Packer::new().template(directory.0.join("lacks.yaml")).policy(Policy::default().file_limit(10)), "lacks.yaml: cannot be read: it is longer than 10 bytes"),
        ("files that are too long together", new().environment(web.as_path()).policy(Policy::default().total_limit(40)), "web.yaml: cannot be read: all files together have more than 40 bytes"),
        ("a server though none is to be asked", Packer::new().template("https://example.org/web.yaml").policy(Policy::default().remote(false)), "https://example.org/web.yaml is on a server; reading from servers is disabled"),
        ("a text as an environment in a container", new().environment(Source::text("{}")).files_container("files"), "the text is not in the files container; name it by its path in the container"),
        ("hooks beside a container", new().environment("env.yaml").hook("a", heatclient::template::Hook::PreCreate).files_container("files"), "hooks cannot be combined with environments in a files container, because Heat reads only those; add the hooks to one of them"),
        ("a parameter that is no JSON", new().parameter("p", std::collections::BTreeMap::from([(vec![1], 2)])), r#"the value of parameter "p" cannot be written as JSON"#),
    ];
    let mut wrong = Vec::new();
    for (what, packer, says) in rows {
        let result = packer.pack().await;
        let told = directory.hide(&told(&result));
        let debug = format!("{:?}", result.err());
        assert!(!debug.contains("5ecret"), "{what}: {debug}");
        if told != says {
            wrong.push(format!("{what}:\n{told}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
