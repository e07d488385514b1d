//! The `rolecall` command. Everything is in the library.

fn main() {}
