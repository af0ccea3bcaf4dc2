//! Files of cases: documents and the expected messages.
//!
//! A case is `=== title`, then documents as `~~~ name`, and after `~~~ says` the messages. `web.*` is the
//! template, `env*` are the environments, and they refer to the others. With HEAT_TEST_WRITE=DIRECTORY the test
//! writes the file there, with the actual messages.

use std::fmt::Write as _;
use std::path::PathBuf;

use heatclient::template::Severity;
use heatclient::template::{Package, Packer};
use heatclient::{Error, ErrorKind};

use crate::directory::Directory;

const LONGEST: usize = 480;

struct Case<'a> {
    what: &'a str,
    documents: Vec<(&'a str, &'a str)>,
    says: &'a str,
}

fn cases(text: &str) -> Vec<Case<'_>> {
    let cases = text.split("=== ").skip(1).map(|text| {
        let (what, rest) = text.split_once('\n').unwrap();
        let parts = rest.split("~~~ ").skip(1);
        let mut documents: Vec<_> = parts.map(|part| part.split_once('\n').unwrap()).collect();
        let (last, says) = documents.pop().unwrap();
        assert_eq!(last, "says", "{what}");
        let says = says.trim_end();
        Case {
            what,
            documents,
            says,
        }
    });
    cases.collect()
}

/// Packs the documents of each case and compares the messages. Returns the number of cases.
pub async fn check_cases(
    text: &str,
    name: &str,
    tell: impl Fn(&Result<Package, Error>) -> String,
) -> usize {
    let mut now = text.split("=== ").next().unwrap().to_owned();
    let mut wrong = Vec::new();
    let cases = cases(text);
    for case in &cases {
        let directory = Directory::new(name);
        let written = |(name, content): &(&str, &str)| directory.write(name, content);
        let paths: Vec<_> = case.documents.iter().map(written).collect();
        let says = directory.hide(&tell(&pack(&paths).await));
        let _ = writeln!(now, "=== {}", case.what);
        for (name, content) in &case.documents {
            let _ = write!(now, "~~~ {name}\n{content}");
        }
        let _ = writeln!(now, "~~~ says\n{says}\n");
        if says != case.says {
            wrong.push(format!("{}:\n{says}", case.what));
        }
    }
    if let Some(directory) = std::env::var_os("HEAT_TEST_WRITE") {
        let path = PathBuf::from(directory).join(name);
        std::fs::write(path, now.trim_end().to_owned() + "\n").unwrap();
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    cases.len()
}

/// The messages about the documents in a directory.
pub fn told(result: &Result<Package, Error>) -> String {
    let problems = match result {
        Ok(package) => package.warnings(),
        Err(error) if error.problems().is_empty() => return error.to_string(),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Template);
            error.problems()
        }
    };
    let mut told = String::new();
    for problem in problems {
        let line = problem.to_string();
        assert!(!line.contains(char::is_control), "not one line: {line:?}");
        assert!(problem.message.chars().count() <= LONGEST, "{line}");
        assert_eq!(
            problem.severity == Severity::Error,
            result.is_err(),
            "{line}"
        );
        let warning = if result.is_ok() { "warning: " } else { "" };
        let _ = writeln!(told, "{warning}{}", problem.report());
    }
    told.trim_end().to_owned()
}

/// Packs these documents. The name of each determines its role.
pub async fn pack(documents: &[PathBuf]) -> Result<Package, Error> {
    let mut packer = Packer::new();
    for path in documents {
        let name = path.file_name().unwrap().to_str().unwrap();
        if name.starts_with("web.") {
            packer = packer.template(path.as_path());
        } else if name.starts_with("env") {
            packer = packer.environment(path.as_path());
        }
    }
    packer.pack().await
}
