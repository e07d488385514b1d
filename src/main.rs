//! The `rolecall` command. Everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    rolecall::cli::main()
}
