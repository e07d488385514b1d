//! `rolecall guard …`: the peer's own command line, so that it can stand in for `cfn-guard` 3.2.

mod console;
mod data;
mod files;
mod judge;
mod junit;
mod parse_tree;
mod report;
mod rulegen;
mod sarif;
mod test;
mod validate;

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::exit::Exit;

/// The commands of `cfn-guard`, with its flags, reports and exit codes.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(super) struct GuardArgs {
    #[command(subcommand)]
    command: GuardCommand,
}

#[derive(Debug, Subcommand)]
enum GuardCommand {
    /// Evaluate rules on data files.
    Validate(ValidateArgs),
    /// Test rules against expectations.
    Test(TestArgs),
    /// Print the parse tree of a rule file.
    ParseTree(ParseTreeArgs),
    /// Generate rules from a CloudFormation template.
    Rulegen(RulegenArgs),
    /// Print a completion script.
    Completions {
        /// The shell.
        #[arg(short, long, value_enum)]
        shell: CompletionShell,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum CompletionShell {
    Bash,
    Zsh,
    Fish,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Output {
    #[default]
    SingleLineSummary,
    Json,
    Yaml,
    Junit,
    Sarif,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Summary {
    All,
    Pass,
    Fail,
    Skip,
    None,
}

#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
#[command(group = clap::ArgGroup::new("what").args(["rules", "payload"]).required(true))]
#[expect(clippy::struct_excessive_bools, reason = "the peer's flags")]
struct ValidateArgs {
    /// Rule files, or folders that are searched for `.guard` and `.ruleset` files.
    #[arg(short, long, num_args = 0.., conflicts_with = "payload")]
    rules: Vec<PathBuf>,
    /// Data files or folders: `.yaml`, `.yml`, `.json`, `.jsn`, `.template`; standard input if absent.
    #[arg(short, long, num_args = 0.., conflicts_with = "payload")]
    data: Vec<PathBuf>,
    /// Files whose top-level keys are added to each data file.
    #[arg(short, long, num_args = 0..)]
    input_params: Vec<PathBuf>,
    /// Accepted and ignored.
    #[arg(short = 't', long = "type", value_parser = ["CFNTemplate"])]
    template_type: Option<String>,
    /// The form of the report.
    #[arg(short, long, value_enum, default_value_t)]
    output_format: Output,
    /// Which rules the summary table shows.
    #[arg(short = 'S', long, value_enum, value_delimiter = ',', default_values_t = [Summary::Fail])]
    show_summary: Vec<Summary>,
    /// Take the files of a folder by name.
    #[arg(short, long, conflicts_with = "last_modified")]
    alphabetical: bool,
    /// Take the files of a folder by the time of their last change.
    #[arg(short = 'm', long)]
    last_modified: bool,
    /// Print the evaluation.
    #[arg(short, long)]
    verbose: bool,
    /// Print the evaluation as JSON.
    #[arg(short, long)]
    print_json: bool,
    /// Read rules and data from standard input, as JSON: `{"rules": […], "data": […]}`.
    #[arg(short = 'P', long)]
    payload: bool,
    /// Write one document that programs can read.
    #[arg(short = 'z', long, conflicts_with_all = ["print_json", "verbose"])]
    structured: bool,
}

#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
struct TestArgs {
    /// A rule file.
    #[arg(short, long, conflicts_with = "dir")]
    rules_file: Option<PathBuf>,
    /// A test file, or a folder of them.
    #[arg(short, long, conflicts_with = "dir")]
    test_data: Option<PathBuf>,
    /// A folder of rule files, each with its tests in a folder `tests` beside it.
    #[arg(short, long)]
    dir: Option<PathBuf>,
    /// Take the files of a folder by name.
    #[arg(short, long, conflicts_with = "last_modified")]
    alphabetical: bool,
    /// Take the files of a folder by the time of their last change.
    #[arg(short = 'm', long)]
    last_modified: bool,
    /// Print the evaluation.
    #[arg(short, long)]
    verbose: bool,
    /// The form of the report.
    #[arg(short, long, value_enum, default_value_t)]
    output_format: Output,
}

#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
struct ParseTreeArgs {
    /// The rule file; standard input if absent.
    #[arg(short, long)]
    rules: Option<PathBuf>,
    /// Where to write; standard output if absent.
    #[arg(short, long)]
    output: Option<PathBuf>,
    /// As JSON.
    #[arg(short = 'p', long, conflicts_with = "print_yaml")]
    print_json: bool,
    /// As YAML.
    #[arg(short = 'y', long)]
    print_yaml: bool,
}

#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
struct RulegenArgs {
    /// The template.
    #[arg(short, long)]
    template: PathBuf,
    /// Where to write; standard output if absent.
    #[arg(short, long)]
    output: Option<PathBuf>,
}

/// What ends a command: a message for standard error, and the exit code.
#[derive(Debug)]
enum Failure {
    /// Nothing can be said: the peer's code 255.
    Abort(String),
    /// The output cannot be written.
    Write(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

/// Where a command writes.
struct Streams<'w> {
    out: &'w mut dyn Write,
    err: &'w mut dyn Write,
}

/// Runs one of the peer's commands.
pub(super) fn run(
    args: &GuardArgs,
    out: &mut (dyn Write + Send),
    err: &mut (dyn Write + Send),
) -> io::Result<Exit> {
    let mut streams = Streams { out, err };
    let done = match &args.command {
        GuardCommand::Validate(args) => validate::run(args, &mut streams),
        GuardCommand::Test(args) => test::run(args, &mut streams),
        GuardCommand::ParseTree(args) => parse_tree::run(args, &mut streams),
        GuardCommand::Rulegen(args) => rulegen::run(args, &mut streams),
        GuardCommand::Completions { shell } => completions(*shell, &mut streams),
    };
    match done {
        Ok(code) => Ok(Exit::Peer(code)),
        Err(Failure::Abort(message)) => {
            writeln!(streams.err, "Error occurred {message}")?;
            Ok(Exit::Peer(255))
        }
        Err(Failure::Write(error)) => Err(error),
    }
}

/// Completions for `cfn-guard`, which an alias makes of this.
fn completions(shell: CompletionShell, streams: &mut Streams<'_>) -> Result<u8, Failure> {
    #[derive(clap::Parser)]
    struct Peer {
        #[command(subcommand)]
        _command: GuardCommand,
    }
    let shell = match shell {
        CompletionShell::Bash => clap_complete::Shell::Bash,
        CompletionShell::Zsh => clap_complete::Shell::Zsh,
        CompletionShell::Fish => clap_complete::Shell::Fish,
    };
    let mut text = Vec::new();
    let mut command = <Peer as clap::CommandFactory>::command();
    clap_complete::generate(shell, &mut command, "cfn-guard", &mut text);
    streams.out.write_all(&text)?;
    Ok(0)
}
