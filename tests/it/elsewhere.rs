//! Lists of tests that stand beside the tests of their feature, by the defects of other tools that they show to be absent.

use std::collections::BTreeSet;
use std::path::Path;

/// A test that shows the better behaviour for a defect, beside the tests of the feature.
pub(crate) struct Elsewhere {
    defect: &'static str,
    file: &'static str,
    test: &'static str,
}

pub(crate) const fn elsewhere(
    defect: &'static str,
    file: &'static str,
    test: &'static str,
) -> Elsewhere {
    Elsewhere { defect, file, test }
}

/// The defects, of the `wanted` numbers after `prefix`, for which there is a test neither `here`, as `{function}NN_…`, nor
/// elsewhere.
pub(crate) fn missing(
    here: &str,
    function: &str,
    wanted: impl Iterator<Item = u32>,
    prefix: &str,
    elsewhere: &[Elsewhere],
) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let own = here.lines().filter_map(|line| {
        let name = line.strip_prefix("async ").unwrap_or(line);
        let number = name.strip_prefix("fn ")?.strip_prefix(function)?.get(..2)?;
        Some(format!("{prefix}{number}"))
    });
    let mut tested: BTreeSet<String> = own.collect();
    for Elsewhere { defect, file, test } in elsewhere {
        let path = root.join(file);
        let source =
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(
            has_test(&source, test),
            "{defect}: no test {test} in {file}"
        );
        tested.insert((*defect).to_owned());
    }
    let wanted = wanted.map(|number| format!("{prefix}{number:02}"));
    wanted.filter(|defect| !tested.contains(defect)).collect()
}

/// Whether a source has this test, or this case of the suite in a list of cases.
fn has_test(source: &str, test: &str) -> bool {
    let (mut before, mut is_test, mut is_case, mut is_listed) = ("", false, false, false);
    for line in source.lines().map(str::trim) {
        let name = line
            .split_once("fn ")
            .and_then(|(_, rest)| rest.split('(').next());
        if name == Some(test) {
            is_test |= before.starts_with("#[") && before.contains("test");
            is_case |= line.starts_with("pub(crate) async fn");
        }
        is_listed |= line == test;
        before = line;
    }
    is_test || is_case && is_listed
}
