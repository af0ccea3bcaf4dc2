use heatclient::clock;
use unicode_width::UnicodeWidthStr as _;

use super::*;
use crate::progress::screen::fitted;

fn progress(status: &str, resources: &[(&str, &str, &str)]) -> WaitProgress {
    let mut progress = WaitProgress::default();
    progress.status = StackStatus::from(status);
    for (path, status, reason) in resources {
        let mut resource = ResourceProgress::default();
        resource.path = (*path).to_owned();
        resource.resource_type = "OS::Heat::TestResource".to_owned();
        resource.status = StackStatus::from(*status);
        resource.status_reason = (*reason).to_owned();
        // An unchanged resource has the action of an earlier request.
        resource.is_changed = !status.starts_with("CHECK") && *status != "INIT_COMPLETE";
        progress.resources.push(resource);
    }
    progress
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

fn shown(entries: &[Entry], now: Instant, columns: usize, rows: usize) -> Vec<String> {
    let lines = lines(entries.iter(), now, Size { columns, rows });
    lines.iter().map(|line| fitted(line, columns - 1)).collect()
}

#[test]
fn changes_that_ended_are_lines() {
    let start = clock::now();
    let mut entry = Entry::new("web", "UPDATE requested", start);
    let mut update = |at: u64, status: &str, resources: &[(&str, &str, &str)]| {
        entry.update(&progress(status, resources), start + seconds(at))
    };
    let quick = ("quick", "UPDATE_COMPLETE", "state changed");
    let group = ("group", "UPDATE_IN_PROGRESS", "state changed");
    let inner = ("group.0", "CREATE_IN_PROGRESS", "");
    let same = ("same", "CHECK_COMPLETE", "");
    assert_eq!(
        update(1, "UPDATE_IN_PROGRESS", &[quick, group, inner, same]),
        ["0:01 [web.quick]: UPDATE_COMPLETE"]
    );
    assert!(update(2, "UPDATE_IN_PROGRESS", &[quick, group, inner, same]).is_empty());
    let failed = ("group.0", "CREATE_FAILED", "no\nhost");
    assert_eq!(
        update(61, "UPDATE_IN_PROGRESS", &[quick, group, failed, same]),
        ["1:01 [web.group.0]: CREATE_FAILED  no\nhost"]
    );
    // Not named: what is inside of something that is gone, what was never created, what was deleted before.
    let never = ("never", "INIT_COMPLETE", "");
    let gone = ("gone", "DELETE_COMPLETE", "");
    let all = [quick, group, failed, same, never, gone];
    assert_eq!(
        update(62, "UPDATE_IN_PROGRESS", &all),
        ["1:02 [web.gone]: DELETE_COMPLETE"]
    );
    assert_eq!(
        update(3601, "ROLLBACK_IN_PROGRESS", &[quick, same]),
        [
            "1:00:01 [web.group]: DELETE_COMPLETE",
            "1:00:01 [web]: ROLLBACK_IN_PROGRESS"
        ]
    );
    assert_eq!(
        update(3602, "ROLLBACK_COMPLETE", &[quick, same]),
        ["1:00:02 [web]: ROLLBACK_COMPLETE"]
    );
}

#[test]
fn very_many_changes_are_counted() {
    let start = clock::now();
    let mut entry = Entry::new("web", "CREATE requested", start);
    let names: Vec<String> = (0..60).map(|number| format!("r{number}")).collect();
    let resources: Vec<_> = names
        .iter()
        .map(|name| (name.as_str(), "CREATE_COMPLETE", ""))
        .collect();
    let changes = entry.update(&progress("CREATE_IN_PROGRESS", &resources), start);
    assert_eq!(changes.len(), MAX_CHANGES + 1);
    assert_eq!(changes.last().unwrap(), "… and 10 more changes");
}

#[test]
fn lines_fit_every_terminal() {
    let start = clock::now();
    let mut entry = Entry::new("web", "CREATE requested", start);
    assert_eq!(
        shown(std::slice::from_ref(&entry), start, 80, 24),
        ["0:00 web: CREATE requested"]
    );
    let mut resources = vec![
        ("one", "CREATE_COMPLETE", ""),
        ("bad", "CREATE_FAILED", "no host"),
        ("later", "INIT_COMPLETE", ""),
        ("same", "CHECK_COMPLETE", ""),
    ];
    resources.extend((0..3).map(|_| ("group.0.disk", "CREATE_IN_PROGRESS", "")));
    entry.update(
        &progress("CREATE_IN_PROGRESS", &resources),
        start + seconds(1),
    );
    let entries = [entry];
    let now = start + seconds(4);
    assert_eq!(
        shown(&entries, now, 200, 24)[..3],
        [
            "0:04 web: CREATE_IN_PROGRESS",
            "  7 resources: 1 failed, 3 in progress, 1 complete, 1 unchanged, 1 not started",
            "  0:03 group.0.disk  OS::Heat::TestResource",
        ]
    );
    assert_eq!(
        shown(&entries, now, 40, 6),
        [
            "0:04 web: CREATE_IN_PROGRESS",
            "  7 resources: 1 failed, 3 in progress,",
            "  1 complete, 1 unchanged,",
            "  1 not started",
            "  … and 3 more",
        ]
    );
    for columns in [2, 10, 40, 80, 200] {
        for rows in [1, 2, 3, 5, 24] {
            let lines = shown(&entries, now, columns, rows);
            assert!((1..rows.max(2)).contains(&lines.len()), "{columns} {rows}");
            let widest = lines.iter().map(|line| line.width()).max().unwrap();
            assert!(widest < columns, "{columns} {rows}: {lines:?}");
        }
    }
}

#[test]
fn several_stacks_share_the_terminal() {
    let start = clock::now();
    let entry = |number: usize| Entry::new(&format!("s{number}"), "DELETE requested", start);
    let entries: Vec<Entry> = (0..4).map(entry).collect();
    let all = shown(&entries, start, 80, 24);
    assert_eq!(all.len(), 4);
    let few = shown(&entries, start, 80, 4);
    assert_eq!(
        few,
        [
            "0:00 s0: DELETE requested",
            "0:00 s1: DELETE requested",
            "… and 2 more"
        ]
    );
}
