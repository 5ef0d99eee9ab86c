//! The program: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    coldload::sandbox::init();
    coldload::cli::main(std::env::args_os())
}
