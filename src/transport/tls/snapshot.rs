//! The state of files on the disk, to notice changes.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;

use crate::clock;

/// Times of files have steps of up to two seconds (FAT). A file that is younger may change without a trace.
const STEP: Duration = Duration::from_secs(2);

/// The state of files and directories: sizes, times and identities.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Snapshot {
    stamps: Vec<(PathBuf, Option<Stamp>)>,
    is_settled: bool,
    is_rereadable: bool,
}

/// The state of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    /// Device, inode, and the time of the last change of its data, name or owner.
    #[cfg(unix)]
    identity: (u64, u64, i64, i64),
}

impl Snapshot {
    /// Looks at files, and at directories with the files in them. Links are followed.
    pub(super) fn take(paths: &[PathBuf]) -> Self {
        let mut snapshot = Self {
            stamps: Vec::new(),
            is_settled: true,
            is_rereadable: true,
        };
        for path in paths {
            let is_directory = snapshot.add(path).is_some_and(|found| found.is_dir());
            if is_directory && let Ok(entries) = fs::read_dir(path) {
                let entries = entries.filter_map(|entry| Some(entry.ok()?.path()));
                let mut entries: Vec<_> = entries.collect();
                entries.sort_unstable();
                for entry in &entries {
                    snapshot.add(entry);
                }
            }
        }
        snapshot
    }

    fn add(&mut self, path: &Path) -> Option<Metadata> {
        let found = fs::metadata(path).ok();
        if let Some(found) = &found {
            self.is_settled &= is_old(found);
            self.is_rereadable &= found.is_file() || found.is_dir();
        }
        let stamp = found.as_ref().map(Stamp::of);
        self.stamps.push((path.to_owned(), stamp));
        found
    }

    /// Whether an equal snapshot later means that nothing has changed. Not so if a file was written just now.
    pub(super) fn is_settled(&self) -> bool {
        self.is_settled
    }

    /// Whether all can be read again. A pipe cannot.
    pub(super) fn is_rereadable(&self) -> bool {
        self.is_rereadable
    }
}

impl Stamp {
    fn of(found: &Metadata) -> Self {
        #[cfg(unix)]
        use std::os::unix::fs::MetadataExt as _;

        Self {
            length: found.len(),
            modified: found.modified().ok(),
            #[cfg(unix)]
            identity: (found.dev(), found.ino(), found.ctime(), found.ctime_nsec()),
        }
    }
}

/// Whether a file was modified some time ago.
fn is_old(found: &Metadata) -> bool {
    let modified = found.modified().ok();
    let modified = modified.and_then(|time| Timestamp::try_from(time).ok());
    modified.is_some_and(|time| {
        Duration::try_from(clock::wall().duration_since(time)).is_ok_and(|age| age > STEP)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_is_noticed() {
        let dir = std::env::temp_dir().join(format!("heat-snapshot-{}", std::process::id()));
        let inner = dir.join("cas");
        fs::create_dir_all(&inner).unwrap();
        let [file, in_dir, other] = [dir.join("a"), inner.join("b"), dir.join("c")];
        fs::write(&file, "one").unwrap();
        fs::write(&in_dir, "one").unwrap();
        let paths = [file.clone(), inner.clone(), dir.join("missing")];
        let take = || Snapshot::take(&paths);
        let mut last = take();
        assert_eq!(take(), last);
        assert!(!last.is_settled() && last.is_rereadable());
        // Times may not advance between two steps of the test, so each one changes something else, too.
        let steps: [(&str, &dyn Fn()); 6] = [
            ("longer", &|| fs::write(&file, "longer").unwrap()),
            ("replaced", &|| {
                fs::write(&other, "longer").unwrap();
                fs::rename(&other, &file).unwrap();
            }),
            ("removed", &|| fs::remove_file(&file).unwrap()),
            ("within a directory", &|| {
                fs::write(&in_dir, "longer").unwrap();
            }),
            ("more in a directory", &|| {
                fs::write(inner.join("d"), "").unwrap();
            }),
            ("appears", &|| fs::write(&paths[2], "").unwrap()),
        ];
        for (what, change) in steps {
            change();
            let now = take();
            assert_ne!(now, last, "{what}");
            last = now;
        }
        let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        for path in [&in_dir, &inner.join("d"), &inner, &paths[2]] {
            fs::File::open(path).unwrap().set_modified(old).unwrap();
        }
        assert!(take().is_settled());
        fs::remove_dir_all(dir).unwrap();
    }
}
