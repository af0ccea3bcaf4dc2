//! Small texts that expand to large documents, and large texts that could take more than linear time.

use std::sync::mpsc;
use std::time::Duration;

use crate::time::HANG;
use crate::yaml::Document;

/// The least processor time of several readings, to reduce the effect of other load. `None` if the system does not
/// report it.
fn time(text: &str, rounds: usize) -> Option<Duration> {
    let once = |_| {
        let start = processor_time()?;
        let document = Document::parse(text);
        let time = processor_time()?.saturating_sub(start);
        drop(document);
        Some(time)
    };
    (0..rounds).map(once).min().flatten()
}

/// The processor time of this thread, without the time in which it waits for a processor.
fn processor_time() -> Option<Duration> {
    // The kernel updates the counter when a thread yields.
    std::thread::yield_now();
    let counts = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds = counts.split(' ').next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}

fn fits(text: String) -> String {
    assert!(text.len() <= 1024, "{} bytes", text.len());
    text
}

/// As many parts as fit into 1 KiB.
fn fill(part: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for position in 0.. {
        let next = part(position);
        if text.len() + next.len() > 1024 {
            break;
        }
        text += &next;
    }
    text
}

/// Each line repeats the previous one `times` times.
fn laughs(times: usize, first: &str, row: impl Fn(usize, Vec<String>) -> String) -> String {
    fill(|n| match n {
        0 => format!("a: &a0 {first}\n"),
        _ => row(n, vec![format!("*a{}", n - 1); times]),
    })
}

#[test]
fn a_small_bomb_ends_soon() {
    let x = "x".repeat(400);
    let bombs = [
        (
            "doubling",
            laughs(2, "[x]", |n, last| {
                format!("b{n}: &a{n} [{}]\n", last.join(", "))
            }),
        ),
        (
            "ninefold",
            laughs(9, "[x]", |n, last| {
                format!("b{n}: &a{n} [{}]\n", last.join(", "))
            }),
        ),
        (
            "text",
            laughs(20, &x, |n, last| {
                format!("b{n}: &a{n} [{}]\n", last.join(", "))
            }),
        ),
        (
            "chain",
            laughs(1, "[x]", |n, last| format!("b{n}: &a{n} [{}]\n", last[0])),
        ),
        (
            "mappings",
            laughs(2, "{k: v}", |n, last| {
                format!("b{n}: &a{n} {{p: {}, q: {}}}\n", last[0], last[1])
            }),
        ),
        (
            "merges",
            laughs(9, "{k: v}", |n, last| {
                format!("b{n}: &a{n} {{<<: [{}], k{n}: 1}}\n", last.join(","))
            }),
        ),
        (
            "merged lists",
            laughs(2, "{k: v}", |n, last| {
                format!("b{n}: &a{n} {{<<: {}, x{n}: {}}}\n", last[0], last[1])
            }),
        ),
        (
            "merge of many",
            fits(format!(
                "a: &a {{{}}}\nb: {{<<: [{}*a]}}\n",
                fill(|n| format!("{n}: 1,"))
                    .get(..498)
                    .unwrap_or_default()
                    .trim_end_matches(|c| c != ','),
                "*a,".repeat(160)
            )),
        ),
        (
            "sets",
            laughs(4, "[x]", |n, last| {
                format!("b{n}: &a{n} !!set {{? {} : }}\n", last.join(" , ? "))
            }),
        ),
        (
            "omaps",
            laughs(4, "{k: v}", |n, last| {
                format!("b{n}: &a{n} !!omap [{}]\n", last.join(", "))
            }),
        ),
        (
            "pairs",
            laughs(4, "x", |n, last| {
                format!("b{n}: &a{n} !!pairs [k: {}]\n", last.join(", k: "))
            }),
        ),
        (
            "keys",
            laughs(4, "x", |n, last| {
                format!("b{n}: &a{n} {{? {} : 1}}\n", last.join(" : 1, ? "))
            }),
        ),
        (
            "collections as keys",
            fill(|n| format!("? &a{n} [*a{}]\n: 1\n", n.max(1) - 1)),
        ),
        ("brackets", "[".repeat(1024)),
        ("braces", "{".repeat(1024)),
        ("braces with keys", fill(|_| "{a: ".to_owned())),
        (
            "pairs of brackets",
            format!("{}{}", "[".repeat(512), "]".repeat(512)),
        ),
        ("keys of flow", fill(|_| "[? ".to_owned())),
        ("dashes", fill(|_| "- ".to_owned())),
        ("question marks", fill(|_| "? ".to_owned())),
        ("colons", fill(|_| ": ".to_owned())),
        ("stairs", fill(|n| format!("{}a:\n", " ".repeat(n)))),
        ("anchors", fill(|n| format!("&{n} [ "))),
        (
            "anchors on dashes",
            fill(|n| format!("- &{n}\n{}", " ".repeat(n))),
        ),
        ("tabs", format!("a:{}b", "\t".repeat(1000))),
        ("quotes", format!("\"{}", "\\\"".repeat(511))),
        ("number", fits(format!("[{}]", "9".repeat(1000)))),
        ("base 60", fits(format!("1{}", ":59".repeat(341)))),
        ("tags", fill(|_| "!!set {? ".to_owned())),
        ("directives", fill(|n| format!("%TAG !{n}! x\n"))),
        ("documents", fill(|_| "---\n".to_owned())),
    ];
    for (name, bomb) in bombs {
        assert!(bomb.len() <= 1024, "{name}: {} bytes", bomb.len());
        let (sender, done) = mpsc::channel();
        std::thread::spawn(move || {
            drop(Document::parse(&bomb));
            let _ = sender.send(());
        });
        assert!(done.recv_timeout(HANG).is_ok(), "{name}");
    }
}

/// Four times the text takes about four times the processor time; the limit of seven allows for noise. In quadratic time it
/// would take sixteen times as long.
#[test]
fn the_time_is_linear() {
    let repeat = |part: &'static str| move |n: usize| part.repeat(n / part.len());
    let nested = |n: usize| {
        let part = |n| format!("&a{n} [");
        let parts: String = (0..200).map(part).collect();
        parts + &"x, ".repeat(n / 3) + &"]".repeat(200)
    };
    #[allow(clippy::type_complexity)]
    let kinds: Vec<(&str, Box<dyn Fn(usize) -> String>)> = vec![
        ("anchors around a large list", Box::new(nested)),
        (
            "anchors in each other",
            Box::new(|n| {
                let one =
                    (0..100).map(|m| format!("&N{m} [")).collect::<String>() + &"]".repeat(100);
                (0..n / one.len())
                    .map(|m| format!("- {}\n", one.replace('N', &format!("a{m}x"))))
                    .collect()
            }),
        ),
        ("dashes", Box::new(repeat("- "))),
        ("question marks", Box::new(repeat("? "))),
        ("colons", Box::new(repeat(": "))),
        ("brackets", Box::new(repeat("["))),
        ("braces", Box::new(repeat("{"))),
        ("braces with keys", Box::new(repeat("{a: "))),
        (
            "empty lists",
            Box::new(|n| format!("[{}]", "[], ".repeat(n / 4))),
        ),
        (
            "flow on one line",
            Box::new(|n| format!("[{}]", "a: b, ".repeat(n / 6))),
        ),
        (
            "flow of mappings",
            Box::new(|n| format!("[{}]", "{a: b}, ".repeat(n / 8))),
        ),
        (
            "flow keys",
            Box::new(|n| {
                format!(
                    "{{{}}}",
                    (0..n / 8).map(|n| format!("{n}: a, ")).collect::<String>()
                )
            }),
        ),
        (
            "flow without commas",
            Box::new(|n| format!("[{}", "a ".repeat(n / 2))),
        ),
        (
            "lines of flow",
            Box::new(|n| format!("[{}", "a,\n".repeat(n / 3))),
        ),
        (
            "block keys",
            Box::new(|n| (0..n / 8).map(|n| format!("{n}: a\n")).collect()),
        ),
        ("equal keys", Box::new(repeat("a: b\n"))),
        (
            "anchors",
            Box::new(|n| (0..n / 12).map(|n| format!("- &a{n} x\n")).collect()),
        ),
        (
            "aliases",
            Box::new(|n| "- &a x\n".to_owned() + &"- *a\n".repeat((n / 5).min(80_000))),
        ),
        ("a long plain scalar", Box::new(repeat("x"))),
        ("many words", Box::new(repeat("word "))),
        ("many lines", Box::new(repeat("word\n"))),
        ("blank lines", Box::new(repeat("\n"))),
        ("a long key", Box::new(|n| format!("{}: a", "k".repeat(n)))),
        (
            "an explicit long key",
            Box::new(|n| format!("? {}\n: a", "k".repeat(n))),
        ),
        (
            "long quoted keys",
            Box::new(|n| format!("\"{}\": a", "k".repeat(n))),
        ),
        ("quotes", Box::new(|n| format!("'{}'", "''".repeat(n / 2)))),
        (
            "escapes",
            Box::new(|n| format!("\"{}\"", "\\n".repeat(n / 2))),
        ),
        (
            "open quote",
            Box::new(|n| format!("a: '{}", "x\n ".repeat(n / 3))),
        ),
        (
            "lines in quotes",
            Box::new(|n| format!("\"{}\"", "x\n".repeat(n / 2))),
        ),
        ("tabs", Box::new(|n| format!("a:{}b", "\t".repeat(n)))),
        (
            "tabs between items",
            Box::new(|n| format!("a:\n{}", "-\t\ta\n".repeat(n / 5))),
        ),
        ("spaces", Box::new(|n| format!("a:{}b", " ".repeat(n)))),
        (
            "spaces and words",
            Box::new(|n| format!("[{}", " a,".repeat(n / 3))),
        ),
        (
            "long comments",
            Box::new(|n| format!("# {}\na: b", "c".repeat(n))),
        ),
        (
            "comments",
            Box::new(|n| format!("{}a: b", "# c\n".repeat(n / 4))),
        ),
        ("comments behind", Box::new(repeat("a: b # c\n"))),
        (
            "comments before a block",
            Box::new(|n| format!("a: {}|\n  x", "# c\n ".repeat(n / 5))),
        ),
        (
            "a literal block",
            Box::new(|n| format!("a: |\n{}", "  x\n".repeat(n / 4))),
        ),
        (
            "a folded block",
            Box::new(|n| format!("a: >\n{}", "  x\n".repeat(n / 4))),
        ),
        (
            "a block of blank lines",
            Box::new(|n| format!("a: |+\n{}", "\n".repeat(n))),
        ),
        ("blocks", Box::new(repeat("- |\n  x\n"))),
        (
            "blocks with anchors",
            Box::new(|n| (0..n / 14).map(|n| format!("- &a{n} |\n  x\n")).collect()),
        ),
        (
            "deep block",
            Box::new(|n| {
                (0..250)
                    .map(|m| format!("{}a:\n", " ".repeat(m)))
                    .collect::<String>()
                    + &format!("{}- x\n", " ".repeat(250)).repeat(n / 254)
            }),
        ),
        (
            "lists that are not indented",
            Box::new(|n| format!("a:\n{}", "- a:\n  - b\n".repeat(n / 11))),
        ),
        (
            "merges",
            Box::new(|n| {
                "- &a {x: 1, y: 2}\n".to_owned()
                    + &"- {<<: *a, z: 3}\n".repeat((n / 17).min(30_000))
            }),
        ),
        (
            "a large merge",
            Box::new(|n| {
                format!(
                    "- &a {{{}}}\n- <<: *a\n  b: c\n",
                    (0..n / 9).map(|n| format!("k{n}: 1, ")).collect::<String>()
                )
            }),
        ),
        (
            "a set",
            Box::new(|n| {
                "!!set\n".to_owned() + &(0..n / 8).map(|n| format!("? {n}\n")).collect::<String>()
            }),
        ),
        (
            "an omap",
            Box::new(|n| {
                "!!omap\n".to_owned()
                    + &(0..n / 8)
                        .map(|n| format!("- {n}: x\n"))
                        .collect::<String>()
            }),
        ),
        ("digits", Box::new(repeat("9"))),
        ("base 60", Box::new(|n| format!("1{}", ":59".repeat(n / 3)))),
        ("hexadecimal", Box::new(|n| format!("0x{}", "f".repeat(n)))),
        ("underscores", Box::new(|n| format!("1{}", "_".repeat(n)))),
        (
            "an integer in a tag",
            Box::new(|n| format!("!!int '{}'", "9".repeat(n))),
        ),
        (
            "base64",
            Box::new(|n| format!("!!binary {}", "YWFh".repeat(n / 4))),
        ),
        ("a tag", Box::new(|n| format!("!<{}> a", "x".repeat(n)))),
        ("tags", Box::new(repeat("- !!str a\n"))),
        ("unknown tags", Box::new(repeat("- !x a\n"))),
        (
            "directives",
            Box::new(|n| {
                (0..n / 12)
                    .map(|n| format!("%TAG !{n}! x\n"))
                    .collect::<String>()
                    + "---\na"
            }),
        ),
        ("documents", Box::new(repeat("---\na\n"))),
        ("returns", Box::new(repeat("a: b\r"))),
        ("characters beyond ASCII", Box::new(repeat("é: 日\n"))),
    ];
    let small = if cfg!(debug_assertions) {
        10_000
    } else {
        50_000
    };
    if processor_time().is_none() {
        eprintln!("skipped: the system does not report the processor time of a thread");
        return;
    }
    for (name, kind) in kinds {
        let (short, long) = (kind(small), kind(4 * small));
        let is_linear = |rounds| {
            // Shorter times do not matter and are hard to measure.
            let least = Duration::from_millis(2);
            let short = time(&short, rounds).unwrap_or_default();
            time(&long, rounds).unwrap_or_default() < 7 * short.max(least)
        };
        // A busy machine gets more attempts.
        let rounds = [1, 3, 10, 30];
        assert!(rounds.into_iter().any(is_linear), "{name}");
    }
}
