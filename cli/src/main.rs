//! `heat`: the command-line tool.
//!
//! `command_line` parses the arguments, `cloud` resolves the cloud, `commands` runs the command and `render` prints
//! its answer.

mod changes;
mod cloud;
mod command_line;
mod commands;
mod documents;
mod environment;
mod exit;
#[cfg(unix)]
mod hidden;
mod invocation;
mod log;
mod options;
mod pipe;
mod progress;
mod questions;
mod remark;
mod render;
mod signals;
mod sort;
mod trace;
mod waiting;

use std::process::ExitCode;

use heatclient::clock;

use remark::say;

fn main() -> ExitCode {
    let (global, work) = match command_line::read() {
        Ok(read) => read,
        Err(code) => return code,
    };
    let start = clock::now();
    let result = log::start(&global).and_then(|()| work(&global));
    if global.timing {
        say(&format!("took {:.3} s", start.elapsed().as_secs_f64()));
    }
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(global.is_verbose()),
    }
}
