//! `heat`: the command-line tool.
fn main() {}
