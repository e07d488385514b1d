//! `rolecall guard`: the command line of cfn-guard 3.2, for pipelines and tools that call it.
//!
//! Flags, input, exit codes and reports are the peer's, byte for byte where a program could notice. Where the peer crashes
//! or leaves something out without a word, this says what is wrong and gives all other answers.

mod agree;
mod args;
mod exit;
mod fault;
mod imports;
mod input;
mod ordered;
mod parse_tree;
mod report;
mod rulegen;
mod spec;
mod test;
mod trace;
mod validate;
mod value;

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use clap::{CommandFactory, Parser};

use crate::report::Look;

use args::{Command, Guard, Shell};
use fault::Fault;
use validate::Streams;

/// Runs a command line, without the names of the program; the answer is an exit code.
pub(super) fn run(
    arguments: &[OsString],
    look: Look,
    out: &mut (dyn Write + Send),
    err: &mut (dyn Write + Send),
) -> io::Result<u8> {
    let words = std::iter::once(OsString::from("cfn-guard")).chain(arguments.iter().cloned());
    let guard = match Guard::try_parse_from(words) {
        Ok(guard) => guard,
        Err(error) if error.use_stderr() => {
            write!(err, "{}", error.render())?;
            return Ok(exit::USAGE);
        }
        Err(error) => {
            write!(out, "{}", error.render())?;
            return Ok(0);
        }
    };
    let mut streams = Streams { out, err, look };
    match command(&guard.command, &mut streams) {
        Ok(code) => Ok(code),
        Err(Fault::Output(error)) => Err(error),
        Err(fault) => {
            // What was reported before the run stopped comes first.
            streams.out.flush()?;
            writeln!(streams.err, "Error occurred {fault}")?;
            if let Fault::At(_, diagnostic) = &fault {
                crate::report::diagnostics(std::slice::from_ref(&**diagnostic), look, streams.err)?;
            }
            Ok(exit::ABORTED)
        }
    }
}

fn command(command: &Command, to: &mut Streams<'_>) -> Result<u8, Fault> {
    match command {
        Command::Validate(args) => validate::run(args, to),
        Command::Test(args) => test::run(args, to),
        Command::ParseTree(args) => into(args.output.as_deref(), to, |to| parse_tree::run(args, to)),
        Command::Rulegen(args) => into(args.output.as_deref(), to, |to| rulegen::run(args, to)),
        Command::Completions(args) => {
            let mut text = Vec::new();
            let (mut command, name) = (Guard::command(), "cfn-guard");
            let shell = match args.shell {
                Shell::Bash => clap_complete::Shell::Bash,
                Shell::Zsh => clap_complete::Shell::Zsh,
                Shell::Fish => clap_complete::Shell::Fish,
            };
            clap_complete::generate(shell, &mut command, name, &mut text);
            to.out.write_all(&text)?;
            Ok(0)
        }
    }
}

/// Runs a command whose output goes to a file, if one was named.
fn into(
    path: Option<&Path>,
    to: &mut Streams<'_>,
    work: impl FnOnce(&mut Streams<'_>) -> Result<u8, Fault>,
) -> Result<u8, Fault> {
    let Some(path) = path else { return work(to) };
    let file = match File::create(path) {
        Ok(file) => file,
        Err(error) => {
            writeln!(to.err, "Error: cannot write `{}`: {error}", path.display())?;
            return Ok(exit::TEST_ERROR);
        }
    };
    let mut out = BufWriter::new(file);
    let mut streams = Streams { out: &mut out, err: to.err, look: to.look };
    let code = work(&mut streams)?;
    out.flush()?;
    Ok(code)
}
