//! What was typed. Nothing here touches the world.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::check::{Date, Gate, Severity, Unknowns};
use crate::report::Format;

/// Check the IAM roles, instance profiles and Systems Manager documents of CloudFormation templates and Terraform plans
/// before they are deployed.
#[derive(Debug, Parser)]
#[command(name = "rolecall", version, arg_required_else_help = true, propagate_version = true)]
pub(super) struct Cli {
    /// When to use colour.
    #[arg(long, global = true, value_enum, default_value_t = ColourChoice::Auto)]
    pub(super) color: ColourChoice,

    /// How many threads to use; all processors by default.
    #[arg(long, global = true, value_name = "N")]
    pub(super) threads: Option<usize>,

    /// Facts about AWS to use in place of those that are built in: a folder with `catalog.bin` and `managed.bin`.
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) data: Option<PathBuf>,

    #[command(subcommand)]
    pub(super) command: Command,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ColourChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check templates, plans, states, documents and policies.
    Check(CheckArgs),
    /// Mend what can be mended in the text: templates, policies and documents, and with `--hcl` Terraform configurations.
    Fix(FixArgs),
    /// Say where a finding's value comes from: back through references and functions to the text.
    Explain(ExplainArgs),
    /// Print what rules can ask of an input.
    Model(ModelArgs),
    /// List and explain the built-in rules.
    #[command(subcommand)]
    Rules(RulesCommand),
    /// Do what cfn-guard does: its command line, its reports, its exit codes.
    #[command(disable_help_flag = true, disable_version_flag = true)]
    Guard {
        /// cfn-guard's own arguments.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENT")]
        arguments: Vec<std::ffi::OsString>,
    },
    /// Say which policies roles need for what the input has them do, and which they do not need.
    #[command(after_help = "Examples:
  rolecall advise template.yaml
  rolecall advise plan.json --prefer custom
  rolecall advise infra/ --format markdown >> \"$GITHUB_STEP_SUMMARY\"")]
    Advise(super::advise::AdviseArgs),
    /// Plan how roles leave a policy: what to attach and detach, in order, and what is lost and gained.
    #[command(after_help = "Examples:
  rolecall migrate template.yaml
  rolecall migrate plan.json --format json
  rolecall migrate infra/ --remove AmazonSSMFullAccess --add AmazonSSMManagedInstanceCore")]
    Migrate(super::migrate::MigrateArgs),
    /// Generate policies, roles and documents that allow what is needed, and nothing else.
    #[command(subcommand)]
    Generate(super::generate::GenerateCommand),
    /// Say what a change lets principals do that they could not do before: between two inputs, or a plan's before and
    /// after.
    Diff(DiffArgs),
    /// Say which facts about AWS are built in.
    Data,
    /// Run the tests of rule files.
    Test(TestArgs),
    /// Print completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// What decides how inputs are read.
#[derive(Debug, Default, Args)]
pub(super) struct InputArgs {
    /// Set a template parameter; repeatable.
    #[arg(short = 'P', long = "parameter", value_name = "KEY=VALUE", value_parser = key_value)]
    pub(super) parameter: Vec<(String, String)>,

    /// A file of template parameters, as the AWS CLI, `CodePipeline` or SAM (`samconfig.toml`) read it; repeatable, a
    /// later one wins.
    #[arg(short = 'p', long = "parameters", value_name = "FILE")]
    pub(super) parameters: Vec<PathBuf>,

    /// The change set that a template is deployed with, as `aws cloudformation describe-change-set` prints it.
    #[arg(long, value_name = "FILE")]
    pub(super) change_set: Option<PathBuf>,

    /// The Region of the deployment, such as `eu-west-1`.
    #[arg(long)]
    pub(super) region: Option<String>,

    /// The account of the deployment: twelve digits.
    #[arg(long)]
    pub(super) account: Option<String>,

    /// The day that dates are compared with, such as `2026-12-31`; by default, today.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(super) now: Option<Date>,

    /// The partition of the deployment, such as `aws-cn`.
    #[arg(long)]
    pub(super) partition: Option<String>,

    /// Take the input for all there is: a document that is not shared, that something of the input runs, and that no
    /// other principal of the input may start, has the parameters that it is given there and no others.
    #[arg(long)]
    pub(super) closed_world: bool,

    /// The folder with the configuration that a Terraform plan was made from. Values that are known only after apply are
    /// looked for there, and findings say where in it they are to be mended.
    #[arg(long, value_name = "DIR")]
    pub(super) hcl: Option<PathBuf>,
}

/// How a difference is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum DiffFormat {
    /// For people.
    #[default]
    Human,
    /// For programs.
    Json,
    /// For the comment of a pull request.
    Markdown,
}

#[derive(Debug, Args)]
pub(super) struct DiffArgs {
    /// A template, plan, state or policy; a plan alone is compared with what there was before.
    #[arg(value_name = "OLD")]
    pub(super) old: PathBuf,

    /// What it is compared with.
    #[arg(value_name = "NEW")]
    pub(super) new: Option<PathBuf>,

    /// How the difference is written. Exit code 1 means that something may do more.
    #[arg(short, long, value_enum, default_value_t)]
    pub(super) format: DiffFormat,

    #[command(flatten)]
    pub(super) input: InputArgs,
}
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// Files, folders, or `-` for standard input.
    #[arg(required = true, value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,

    /// Rule files or folders of your own, beside the built-in packs; repeatable.
    #[arg(short, long, value_name = "PATH")]
    pub(super) rules: Vec<PathBuf>,

    /// Leave the built-in packs out.
    #[arg(long)]
    pub(super) no_builtin: bool,

    /// Use only these built-in packs.
    #[arg(long, value_name = "PACK", value_delimiter = ',')]
    pub(super) pack: Vec<String>,

    /// Write a report in this format, to a file if one is named; repeatable. The formats are `human`, `concise`,
    /// `json`, `jsonl`, `sarif`, `junit`, `github`, `gitlab`, `markdown` and `html`.
    #[arg(short, long, value_name = "FORMAT[=FILE]", value_parser = format_to)]
    pub(super) format: Vec<(Format, Option<PathBuf>)>,

    /// End with exit code 1 on findings of this severity and above: `info`, `low`, `medium` (the default), `high`,
    /// `critical`.
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    pub(super) fail_on: Option<Severity>,

    /// What to make of checks that the input does not decide: `ignore` them, `warn` of them (the default), or `fail`.
    #[arg(long, value_name = "WHAT", value_parser = unknowns)]
    pub(super) unknown: Option<Unknowns>,

    /// Which findings count for the exit code: `all` (the default), or those that are `new` by what a plan says of the
    /// state before it.
    #[arg(long, value_name = "WHICH", value_parser = gate)]
    pub(super) gate: Option<Gate>,

    /// Accept the findings of an earlier run, as `--format json=FILE` wrote them.
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,

    /// The template as it is deployed now: findings are then new, existing or fixed.
    #[arg(long, value_name = "FILE")]
    pub(super) baseline_template: Option<PathBuf>,

    /// List findings of this severity and above in reports for people; by default `low`. Reports for machines have all.
    #[arg(long, value_name = "SEVERITY", default_value = "low", value_parser = severity)]
    pub(super) show: Severity,

    /// The configuration file; by default `rolecall.yaml` in the working folder or the nearest one above it.
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,

    #[command(flatten)]
    pub(super) input: InputArgs,
}

#[derive(Debug, Args)]
pub(super) struct FixArgs {
    /// Write the files. Without it, what would change is printed as a patch.
    #[arg(long, conflicts_with = "diff")]
    pub(super) write: bool,

    /// Print what would change as a patch, and write nothing (the default).
    #[arg(long)]
    pub(super) diff: bool,

    /// Also make fixes that change what is allowed or done, and that want to be looked at.
    #[arg(long)]
    pub(super) unsafe_fixes: bool,

    /// Fix only what this rule finds; repeatable.
    #[arg(long, value_name = "ID")]
    pub(super) rule: Vec<String>,

    /// What to check, as for `rolecall check`.
    #[command(flatten)]
    pub(super) check: CheckArgs,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// The finding's fingerprint or its first digits, or the id of its rule.
    #[arg(value_name = "FINDING")]
    pub(super) finding: String,

    /// What to check, as for `rolecall check`.
    #[command(flatten)]
    pub(super) check: CheckArgs,
}

#[derive(Debug, Args)]
pub(super) struct ModelArgs {
    /// A file, or `-` for standard input.
    #[arg(value_name = "PATH")]
    pub(super) path: PathBuf,

    /// Print only this variable, such as `roles`.
    #[arg(long, value_name = "NAME")]
    pub(super) only: Option<String>,

    #[command(flatten)]
    pub(super) input: InputArgs,
}

/// The form of a test report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum TestFormat {
    /// For people.
    #[default]
    Human,
    /// For programs.
    Json,
    /// For continuous integration.
    Junit,
}

#[derive(Debug, Args)]
pub(super) struct TestArgs {
    /// Rule files, or folders of rule files with their tests beside them.
    #[arg(required = true, value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,

    /// The form of the report.
    #[arg(short, long, value_enum, default_value_t)]
    pub(super) format: TestFormat,

    /// List the clauses that no test makes fail, and the queries for which no test has anything.
    #[arg(long)]
    pub(super) coverage: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum RulesCommand {
    /// List the rules: id, severity, title.
    List {
        /// Rule files or folders of your own, beside the built-in packs; repeatable.
        #[arg(short, long, value_name = "PATH")]
        rules: Vec<PathBuf>,
    },
    /// Explain one rule.
    Show {
        /// The rule's id or name.
        id: String,

        /// Rule files or folders of your own, beside the built-in packs; repeatable.
        #[arg(short, long, value_name = "PATH")]
        rules: Vec<PathBuf>,
    },
}

pub(super) fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("expected `KEY=VALUE`".to_owned()),
    }
}

/// The number of an account.
pub(super) fn account(text: &str) -> Result<String, String> {
    let digits = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { Ok(text.to_owned()) } else { Err("an account has twelve digits".to_owned()) }
}

fn format_to(text: &str) -> Result<(Format, Option<PathBuf>), String> {
    let (name, file) = match text.split_once('=') {
        Some((name, file)) => (name, Some(PathBuf::from(file))),
        None => (text, None),
    };
    let known =
        || Format::ALL.iter().map(|format| format!("`{}`", format.as_str())).collect::<Vec<_>>().join(", ");
    let format = Format::ALL.iter().copied().find(|format| format.as_str() == name);
    format.map(|format| (format, file)).ok_or_else(|| format!("expected one of {}", known()))
}

fn severity(text: &str) -> Result<Severity, String> {
    let known =
        || Severity::ALL.iter().map(|one| format!("`{}`", one.as_str())).collect::<Vec<_>>().join(", ");
    Severity::from_name(text).ok_or_else(|| format!("expected one of {}", known()))
}

fn unknowns(text: &str) -> Result<Unknowns, String> {
    match text {
        "ignore" => Ok(Unknowns::Ignore),
        "warn" => Ok(Unknowns::Warn),
        "fail" => Ok(Unknowns::Fail),
        _ => Err("expected one of `ignore`, `warn`, `fail`".to_owned()),
    }
}

fn gate(text: &str) -> Result<Gate, String> {
    match text {
        "all" => Ok(Gate::All),
        "new" => Ok(Gate::New),
        _ => Err("expected one of `all`, `new`".to_owned()),
    }
}

/// A day, as `YYYY-MM-DD`.
fn day(text: &str) -> Result<Date, String> {
    Date::parse(text).ok_or_else(|| "a day is written as `2026-12-31`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }
}
