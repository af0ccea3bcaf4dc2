//! `heat`: the command-line tool.
//!
//! From what was typed (`args`) to what it means (`cloud`, `resolve`), what is done (`commands`) and what is
//! shown (`output`).

mod args;
mod changes;
mod cloud;
mod commands;
mod exit;
mod log;
mod output;
mod printer;
mod remark;
mod resolve;
mod waiting;

use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = match args::Cli::read() {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    let verbose = cli.global.verbose || cli.global.is_debug();
    match commands::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(verbose),
    }
}
