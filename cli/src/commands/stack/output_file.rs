//! Files for the data of stacks. A file is written beside its place and renamed, so that a failure leaves the old file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use heatclient::heat::StackData;
use serde_json::Value;

use crate::exit::Failure;
use crate::render::ascii_json;

/// A file that can be written.
#[derive(Debug)]
pub(super) struct OutputFile {
    /// Its path as typed.
    path: PathBuf,
    place: Place,
}

#[derive(Debug)]
enum Place {
    /// A new file beside the target, which it replaces.
    Beside {
        file: File,
        temporary: Temporary,
        target: PathBuf,
    },
    /// A device, a pipe, or a file in a directory that takes no new file.
    Itself(File),
}

/// A file that is deleted unless it is kept.
#[derive(Debug)]
struct Temporary(Option<PathBuf>);

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Some(path) = self.0.take() {
            // It stays if it cannot be deleted.
            let _ = fs::remove_file(path);
        }
    }
}

impl OutputFile {
    /// Checks that the file can be written. Its content is not changed.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let place = place(path).map_err(|error| unwritable(path, &error))?;
        Ok(Self {
            path: path.to_owned(),
            place,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Stores the data beside the file. The file is not changed.
    pub(super) fn store(&mut self, data: &StackData) -> io::Result<()> {
        match &mut self.place {
            Place::Beside { file, .. } => {
                file.set_len(0)?;
                write(file, data)
            }
            // What is written there cannot be replaced later.
            Place::Itself(_) => Ok(()),
        }
    }

    /// Writes the data.
    pub(super) fn finish(mut self, data: &StackData) -> Result<(), Failure> {
        let written = self.store(data).and_then(|()| match &mut self.place {
            Place::Beside {
                temporary, target, ..
            } => {
                if let Some(path) = &temporary.0 {
                    fs::rename(path, target)?;
                }
                temporary.0 = None;
                Ok(())
            }
            Place::Itself(file) => {
                if file.metadata()?.is_file() {
                    file.set_len(0)?;
                }
                write(file, data)
            }
        });
        written.map_err(|error| unwritable(&self.path, &error))
    }
}

pub(super) fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::Message(format!("cannot write {}: {error}", path.display()))
}

/// Writes the data to a new file, in the working directory or else in the directory for temporary files.
pub(super) fn rescue(data: &StackData) -> io::Result<PathBuf> {
    let name = format!("abandoned-stack-{}-{}.json", data.id, std::process::id());
    // An id from a server must not choose the directory.
    let name = name.replace(['/', '\\'], "_");
    let here = create_new(Path::new(&name)).map(|file| (file, PathBuf::from(&name)));
    let (mut file, path) = here.or_else(|_| {
        let path = std::env::temp_dir().join(&name);
        create_new(&path).map(|file| (file, path))
    })?;
    write(&mut file, data)?;
    Ok(path)
}

fn place(path: &Path) -> io::Result<Place> {
    let is_file = match fs::metadata(path) {
        Ok(metadata) => {
            // Fails if the file must not be written, or is a directory.
            let file = OpenOptions::new().write(true).open(path)?;
            if !metadata.is_file() {
                return Ok(Place::Itself(file));
            }
            true
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            if fs::symlink_metadata(path).is_ok() {
                // A symbolic link to a file that does not exist.
                let mut options = OpenOptions::new();
                return Ok(Place::Itself(
                    options
                        .write(true)
                        .create(true)
                        .truncate(false)
                        .open(path)?,
                ));
            }
            false
        }
        Err(error) => return Err(error),
    };
    let target = match is_file {
        true => fs::canonicalize(path)?,
        false => path.to_owned(),
    };
    let mut name = target
        .file_name()
        .ok_or_else(|| io::Error::from(ErrorKind::NotFound))?
        .to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let temporary = target.with_file_name(name);
    let file = match create_new(&temporary) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::PermissionDenied && is_file => {
            return Ok(Place::Itself(OpenOptions::new().write(true).open(path)?));
        }
        Err(error) => return Err(error),
    };
    let temporary = Temporary(Some(temporary));
    if is_file {
        file.set_permissions(fs::metadata(&target)?.permissions())?;
    }
    Ok(Place::Beside {
        file,
        temporary,
        target,
    })
}

/// Creates a file that only its owner can read: the data contains secrets.
fn create_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn write(file: &mut File, data: &StackData) -> io::Result<()> {
    use std::io::Seek as _;
    let text = ascii_json(&Value::from(data));
    // A pipe has no positions, and is not written twice.
    let _ = file.rewind();
    file.write_all(text.as_bytes())?;
    if file.metadata()?.is_file() {
        file.sync_all()?;
    }
    Ok(())
}
