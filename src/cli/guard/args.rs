//! What was typed behind `rolecall guard`: the peer's own flags.

use std::path::PathBuf;

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};

use super::report::Shown;
use super::trace::Edition;

/// A path; nothing at all is a path at which there is nothing.
fn path() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().map(PathBuf::from)
}

/// The command line of cfn-guard 3.2: the same flags, exit codes and reports.
#[derive(Debug, Parser)]
#[command(name = "cfn-guard", version = concat!("3.2.1 (rolecall ", env!("CARGO_PKG_VERSION"), ")"))]
pub(super) struct Guard {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Evaluate rules against data files.
    Validate(Validate),
    /// Check that rules give the answers that test files expect.
    Test(Test),
    /// Print how a rule file is read.
    ParseTree(ParseTree),
    /// Write rules that a template keeps.
    Rulegen(Rulegen),
    /// Print completions for a shell.
    Completions(Completions),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum OutputFormat {
    SingleLineSummary,
    Json,
    Yaml,
    Junit,
    Sarif,
}

/// A release of Guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Compat {
    #[value(name = "3.1")]
    Guard31,
    #[value(name = "3.2")]
    Guard32,
}

impl Compat {
    pub(super) fn edition(self) -> Edition {
        match self {
            Self::Guard31 => Edition::Guard31,
            Self::Guard32 => Edition::Guard32,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Summary {
    All,
    Pass,
    Fail,
    Skip,
    None,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("required_flags").args(["rules", "payload"]).required(true))]
#[command(arg_required_else_help = true)]
#[expect(clippy::struct_excessive_bools, reason = "the peer's flags")]
pub(super) struct Validate {
    /// Rule files, or folders in which `.guard` and `.ruleset` files are found; repeatable.
    #[arg(short, long, num_args = 0.., conflicts_with = "payload", value_parser = path())]
    pub(super) rules: Vec<PathBuf>,

    /// Data files, or folders in which `.yaml`, `.yml`, `.json`, `.jsn` and `.template` files are found; repeatable.
    /// Standard input if absent.
    #[arg(short, long, num_args = 0.., conflicts_with = "payload", value_parser = path())]
    pub(super) data: Vec<PathBuf>,

    /// Files or folders whose content is merged with each data file; repeatable. No key may stand in two of them.
    #[arg(short, long, num_args = 0.., value_parser = path())]
    pub(super) input_params: Vec<PathBuf>,

    /// The type of the data files; every type is found without it.
    #[arg(id = "type", short, long, value_parser = ["CFNTemplate"])]
    pub(super) template_type: Option<String>,

    /// The format of the report.
    #[arg(short, long, value_enum, default_value_t = OutputFormat::SingleLineSummary)]
    pub(super) output_format: OutputFormat,

    /// Which rules the table before the report lists.
    #[arg(short = 'S', long, value_enum, default_values_t = vec![Summary::Fail], value_delimiter = ',')]
    pub(super) show_summary: Vec<Summary>,

    /// Take the files of a folder by name, which is the default.
    #[arg(short, long, conflicts_with = "last-modified")]
    pub(super) alphabetical: bool,

    /// Take the files of a folder by when they were last modified.
    #[arg(id = "last-modified", short = 'm', long = "last-modified", conflicts_with = "alphabetical")]
    pub(super) last_modified: bool,

    /// Print each step of the evaluation as a tree.
    #[arg(short, long)]
    pub(super) verbose: bool,

    /// Print each step of the evaluation as JSON.
    #[arg(id = "print-json", short = 'p', long = "print-json")]
    pub(super) print_json: bool,

    /// Read rules and data from standard input: `{"rules": ["…"], "data": ["…"]}`.
    #[arg(short = 'P', long)]
    pub(super) payload: bool,

    /// Print one document for a machine; needs `-o` and `-S none`.
    #[arg(short = 'z', long, conflicts_with_all = ["print-json", "verbose"])]
    pub(super) structured: bool,

    /// The release of Guard whose answers are given, as far as evaluation goes.
    #[arg(long, value_enum, value_name = "RELEASE", default_value_t = Compat::Guard32)]
    pub(super) guard_compat: Compat,
}

impl Validate {
    /// Which rules the table lists; `none` before anything else wins, as the peer has it.
    pub(super) fn shown(&self) -> Shown {
        let mut shown = Shown::default();
        for one in &self.show_summary {
            match one {
                Summary::All => shown = Shown { pass: true, fail: true, skip: true },
                Summary::Pass => shown.pass = true,
                Summary::Fail => shown.fail = true,
                Summary::Skip => shown.skip = true,
                Summary::None => shown = Shown::default(),
            }
        }
        shown
    }
}

#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(super) struct Test {
    /// A rule file.
    #[arg(short, id = "rules-file", long = "rules-file", value_parser = path())]
    pub(super) rules: Option<PathBuf>,

    /// A test file, or a folder of them.
    #[arg(short, id = "test-data", long = "test-data", value_parser = path())]
    pub(super) tests: Option<PathBuf>,

    /// A folder with rule files, each with its test files in the folder `tests` beside it.
    #[arg(short, id = "dir", long = "dir", value_parser = path())]
    pub(super) dir: Option<PathBuf>,

    /// Take the files of a folder by name.
    #[arg(short, long, conflicts_with = "last-modified")]
    pub(super) alphabetical: bool,

    /// Take the files of a folder by when they were last modified.
    #[arg(id = "last-modified", short = 'm', long = "last-modified", conflicts_with = "alphabetical")]
    pub(super) last_modified: bool,

    /// Print each step of the evaluation as a tree.
    #[arg(short, long)]
    pub(super) verbose: bool,

    /// The format of the report.
    #[arg(short, long, value_enum, default_value_t = OutputFormat::SingleLineSummary)]
    pub(super) output_format: OutputFormat,

    /// The release of Guard whose answers are given, as far as evaluation goes.
    #[arg(long, value_enum, value_name = "RELEASE", default_value_t = Compat::Guard32)]
    pub(super) guard_compat: Compat,
}

#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(super) struct ParseTree {
    /// A rule file; standard input if absent.
    #[arg(short, long, value_parser = path())]
    pub(super) rules: Option<PathBuf>,

    /// The file to write to.
    #[arg(short, long, value_parser = path())]
    pub(super) output: Option<PathBuf>,

    /// Print JSON.
    #[arg(short = 'p', long)]
    pub(super) print_json: bool,

    /// Print YAML, which is the default.
    #[arg(short = 'y', long)]
    pub(super) print_yaml: bool,
}

#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(super) struct Rulegen {
    /// The file to write to.
    #[arg(short, long, value_parser = path())]
    pub(super) output: Option<PathBuf>,

    /// A CloudFormation template.
    #[arg(short, long, value_parser = path())]
    pub(super) template: PathBuf,
}

#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(super) struct Completions {
    /// The shell.
    #[arg(short, long, value_enum)]
    pub(super) shell: Shell,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Shell {
    Bash,
    Zsh,
    Fish,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        Guard::command().debug_assert();
    }
}
