//! The command line: flags to options, outcome to exit code. The only floor that writes.

mod advise;
mod args;
mod check;
mod data;
mod diff;
mod exit;
mod explain;
mod fix;
mod generate;
mod guard;
mod hold;
mod migrate;
mod model;
mod progress;
mod rules;
mod test;

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::document::{Code, Diagnostic, Limits};
use crate::ingest;
use crate::report::Look;

use args::{Cli, ColourChoice, Command, InputArgs};
pub use exit::Exit;

/// Threads read and resolve deeply nested inputs.
const STACK: usize = 32 << 20;

/// Runs the command line of the process.
pub fn main() -> ExitCode {
    let (stdout, mut stderr) = (io::stdout(), io::stderr());
    let utf8 = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .filter_map(std::env::var_os)
        .find(|value| !value.is_empty())
        .is_some_and(|value| value.to_string_lossy().to_ascii_lowercase().replace('-', "").contains("utf8"));
    let world = World {
        colour: stdout.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        unicode: stdout.is_terminal() && utf8,
        width: None,
        progress: stderr.is_terminal(),
    };
    let mut out = io::BufWriter::new(stdout);
    let exit = run(std::env::args_os(), &world, &mut out, &mut stderr);
    // A closed pipe is the reader's decision, not an error.
    let _ = out.flush();
    exit.into()
}

/// What the process is surrounded by.
#[derive(Clone, Copy, Debug)]
pub struct World {
    /// Standard output takes colour.
    pub colour: bool,
    /// Standard output takes more than ASCII for frames.
    pub unicode: bool,
    /// The width of the terminal, in columns.
    pub width: Option<usize>,
    /// Standard error is a terminal, on which progress can be shown.
    pub progress: bool,
}

/// Runs a command line.
pub fn run(
    arguments: impl IntoIterator<Item = OsString>,
    world: &World,
    out: &mut (dyn Write + Send),
    err: &mut (dyn Write + Send),
) -> Exit {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return usage(&error, out, err),
    };
    let colour = match cli.color {
        ColourChoice::Always => true,
        ColourChoice::Never => false,
        ColourChoice::Auto => world.colour,
    };
    let look = Look { colour, unicode: world.unicode, width: world.width, ..Look::default() };
    let pool =
        rayon::ThreadPoolBuilder::new().num_threads(cli.threads.unwrap_or(0)).stack_size(STACK).build();
    let mut work = || match &cli.command {
        Command::Model(args) => model::run(args, out, err),
        Command::Check(args) => check::run(args, look, world, out, err),
        Command::Explain(args) => explain::run(args, look, out, err),
        Command::Rules(command) => rules::run(command, out, err),
        Command::Guard { arguments } => guard::run(arguments, look, out, err).map(Exit::Peer),
        Command::Advise(args) => advise::run(args, out, err),
        Command::Migrate(args) => migrate::run(args, out, err),
        Command::Generate(command) => generate::run(command, out, err),
        Command::Fix(args) => fix::run(args, look, out, err),
        Command::Diff(args) => diff::run(args, out, err),
        Command::Data(args) => data::run(args, out, err),
        Command::Test(args) => test::run(args, look, out, err),
        Command::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "rolecall", &mut text);
            out.write_all(&text)?;
            Ok(Exit::Clean)
        }
    };
    let done = match pool {
        Ok(pool) => pool.install(work),
        Err(_) => work(),
    };
    match done {
        Ok(exit) => exit,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Clean,
        Err(error) => {
            let _ = writeln!(err, "error: cannot write the output: {error}");
            Exit::Unusable
        }
    }
}

fn usage(error: &clap::Error, out: &mut dyn Write, err: &mut dyn Write) -> Exit {
    let text = error.render();
    if error.use_stderr() {
        let _ = write!(err, "{text}");
        Exit::Unusable
    } else {
        let _ = write!(out, "{text}");
        Exit::Clean
    }
}

/// The options that flags mean.
fn options(args: &InputArgs) -> Result<ingest::Options, Box<Diagnostic>> {
    let mut parameters = std::collections::BTreeMap::new();
    for path in &args.parameters {
        let (name, bytes) = named(path)?;
        parameters.extend(ingest::read_parameters(&name, bytes, Limits::default())?);
    }
    parameters.extend(args.parameter.iter().cloned());
    let change_set = match &args.change_set {
        Some(path) => {
            let (name, bytes) = named(path)?;
            Some(ingest::read_change_set(&name, bytes, Limits::default())?)
        }
        None => None,
    };
    Ok(ingest::Options {
        parameters,
        change_set,
        region: args.region.clone(),
        account: args.account.clone(),
        partition: args.partition.clone(),
        today: args.now,
        closed_world: args.closed_world,
        configuration: args.hcl.clone(),
        ..ingest::Options::default()
    })
}

/// The name and the bytes of a file that a flag names.
fn named(path: &Path) -> Result<(String, Vec<u8>), Box<Diagnostic>> {
    let name = path.to_string_lossy().replace('\\', "/");
    match bytes(path) {
        Ok(bytes) => Ok((name, bytes)),
        Err(error) => {
            let message = format!("the file cannot be read: {error}");
            Err(Box::new(Diagnostic::new(Code::Flag, message).in_file(name)))
        }
    }
}

/// The bytes of a file, or of standard input for `-`.
fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    if path.as_os_str() == "-" {
        let mut all = Vec::new();
        io::Read::read_to_end(&mut io::stdin().lock(), &mut all)?;
        return Ok(all);
    }
    std::fs::read(path)
}
