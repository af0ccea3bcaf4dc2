//! `heat`: the command-line tool.

#[allow(dead_code, unused_imports)]
mod output;

fn main() {}
