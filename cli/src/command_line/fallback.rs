//! Commands of other services, when the program was called as `openstack`.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::environment::is_enabled;
use crate::exit::Failure;

/// If set, commands of other services are run by the next `openstack` on the search path.
const VARIABLE: &str = "HEAT_OPENSTACK_FALLBACK";

/// The nouns that belong to Heat's plugin of `openstack` alone.
const OURS: [&str; 3] = ["stack", "orchestration", "software"];

/// Whether these words begin a command of another service.
pub(super) fn is_foreign(words: &[String]) -> bool {
    words
        .first()
        .is_some_and(|word| !OURS.contains(&word.as_str()))
}

/// Whether the user wants other commands to be run.
pub(super) fn is_wanted() -> bool {
    is_enabled(VARIABLE)
}

/// Runs the command line with the next `openstack`, if the user asked for that. Otherwise prints an error.
pub(super) fn run(words: &[String]) -> ExitCode {
    let command = words
        .iter()
        .take(2)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(" ");
    let advice = if !is_wanted() {
        format!("set {VARIABLE}=1 to run other commands with the next openstack on PATH")
    } else {
        match next() {
            Some(path) => return execute(&path),
            None => "there is no other openstack on PATH to run it".to_owned(),
        }
    };
    let message = format!("'{command}' is not a command of Heat; {advice}");
    Failure::Usage(message).report(false)
}

/// The first `openstack` on the search path that is not this program.
fn next() -> Option<PathBuf> {
    let own = std::env::current_exe()
        .ok()
        .and_then(|path| identity(&path));
    let path = std::env::var_os("PATH")?;
    let name = format!("openstack{}", std::env::consts::EXE_SUFFIX);
    let mut candidates = std::env::split_paths(&path).map(|folder| folder.join(&name));
    candidates.find(|candidate| is_program(candidate) && identity(candidate) != own)
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = std::fs::metadata(path);
    metadata.is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}

/// Equal for all names of a file.
#[cfg(unix)]
fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    let file = std::fs::metadata(path).ok()?;
    Some((file.dev(), file.ino()))
}

#[cfg(not(unix))]
fn identity(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok()
}

/// Runs a program with the arguments of this one. The variable is removed: the program may be a copy of this one.
fn execute(path: &Path) -> ExitCode {
    let mut command = Command::new(path);
    command
        .args(std::env::args_os().skip(1))
        .env_remove(VARIABLE);
    let error = replace(&mut command);
    let error = match error {
        Ok(code) => return code,
        Err(error) => error,
    };
    Failure::Message(format!("cannot run {}: {error}", path.display())).report(false)
}

/// Replaces this process. Returns only if that fails.
#[cfg(unix)]
fn replace(command: &mut Command) -> Result<ExitCode, std::io::Error> {
    use std::os::unix::process::CommandExt as _;
    Err(command.exec())
}

#[cfg(not(unix))]
fn replace(command: &mut Command) -> Result<ExitCode, std::io::Error> {
    let code = command.status()?.code();
    Ok(code
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(1)
        .into())
}
