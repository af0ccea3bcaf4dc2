//! `heat`: the command-line tool.
//!
//! From what was typed (`args`) to what it means (`resolve`), what is done (`commands`) and what is
//! shown (`output`).

mod args;
mod changes;
mod commands;
mod exit;
mod log;
mod options;
mod printer;
mod remark;
mod render;
mod resolve;
mod sort;
mod waiting;

use std::process::ExitCode;

fn main() -> ExitCode {
    let (global, command) = match args::Cli::read() {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    let verbose = global.verbose || global.is_debug();
    match commands::run(&global, command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(verbose),
    }
}
