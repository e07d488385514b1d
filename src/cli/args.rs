//! What was typed. Nothing here touches the world.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::check::{Severity, Unknowns};
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
    /// Print what rules can ask of an input.
    Model(ModelArgs),
    /// List and explain the built-in rules.
    #[command(subcommand)]
    Rules(RulesCommand),
}

/// What decides how inputs are read.
#[derive(Debug, Default, Args)]
pub(super) struct InputArgs {
    /// Set a template parameter; repeatable.
    #[arg(short = 'P', long = "parameter", value_name = "KEY=VALUE", value_parser = key_value)]
    pub(super) parameter: Vec<(String, String)>,

    /// The Region of the deployment, such as `eu-west-1`.
    #[arg(long)]
    pub(super) region: Option<String>,

    /// The account of the deployment: twelve digits.
    #[arg(long)]
    pub(super) account: Option<String>,

    /// The partition of the deployment, such as `aws-cn`.
    #[arg(long)]
    pub(super) partition: Option<String>,
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

    /// Write a report in this format, to a file if one is named: `human`, `json`, `sarif`; repeatable.
    #[arg(short, long, value_name = "FORMAT[=FILE]", value_parser = format_to)]
    pub(super) format: Vec<(Format, Option<PathBuf>)>,

    /// Fail on findings of this severity and above: `info`, `low`, `medium`, `high`, `critical`.
    #[arg(long, value_name = "SEVERITY", default_value = "medium", value_parser = severity)]
    pub(super) fail_on: Severity,

    /// What to make of checks that the input does not decide: `ignore`, `warn`, `fail`.
    #[arg(long, value_name = "WHAT", default_value = "warn", value_parser = unknowns)]
    pub(super) unknown: Unknowns,

    #[command(flatten)]
    pub(super) input: InputArgs,
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

#[derive(Debug, Subcommand)]
pub(super) enum RulesCommand {
    /// List the rules: id, severity, title.
    List,
    /// Explain one rule.
    Show {
        /// The rule's id or name.
        id: String,
    },
}

fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("expected `KEY=VALUE`".to_owned()),
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }
}
