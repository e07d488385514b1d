//! `rolecall migrate`: from a policy that roles are to lose to what they need instead.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use crate::advise::{Options, Style, migrate};
use crate::catalog;
use crate::check;
use crate::document::{Code, Diagnostic};
use crate::fix;
use crate::report::{self, Look};

use super::advise::{FormatArg, PreferArg, place};
use super::args::InputArgs;
use super::{Exit, options};

#[derive(Debug, Args)]
pub(super) struct MigrateArgs {
    /// Templates, plans or folders; `-` for standard input.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// The policy that roles are to lose, by its name or ARN; repeatable.
    #[arg(long, value_name = "POLICY", default_value = "AmazonEC2RoleforSSM", value_delimiter = ',')]
    remove: Vec<String>,

    /// The policy that they get instead, by its name or ARN; repeatable. By default, what each role needs is worked out.
    #[arg(long, value_name = "POLICY", value_delimiter = ',', value_parser = managed)]
    add: Vec<String>,

    /// How the plan is written.
    #[arg(short, long, value_enum, default_value_t)]
    format: FormatArg,

    /// What is preferred where both would do.
    #[arg(long, value_enum, default_value_t)]
    prefer: PreferArg,

    /// How many managed policies a role can have.
    #[arg(long, value_name = "N", default_value_t = 10)]
    quota: usize,

    /// Write the change of the templates as a patch, instead of the plan.
    #[arg(long, conflicts_with = "format")]
    patch: bool,

    /// Write a CloudFormation template that has AWS Config look for the policy, and a runbook replace it on roles, instead
    /// of the plan.
    #[arg(long, conflicts_with_all = ["format", "patch"])]
    emit_config: bool,

    #[command(flatten)]
    input: InputArgs,
}

/// A policy that AWS manages and that can be attached; `auto` is none.
fn managed(text: &str) -> Result<String, String> {
    if text == "auto" {
        return Ok(String::new());
    }
    let name = text.rsplit('/').next().unwrap_or(text);
    let known = catalog::embedded().managed_policy(name);
    let Some(policy) = known else {
        let all = catalog::embedded().managed_policies().map(catalog::Managed::name);
        let near = catalog::nearest(name, all).map(|near| format!("; did you mean `{near}`?"));
        return Err(format!("there is no AWS managed policy of this name{}", near.unwrap_or_default()));
    };
    if text.starts_with("arn:") && !text.ends_with(&format!(":policy{}{name}", policy.path())) {
        return Err(format!("its ARN is `{}`", policy.arn("aws")));
    }
    match policy.status() {
        catalog::Status::Active => Ok(name.to_owned()),
        _ => Err("it cannot be attached".to_owned()),
    }
}

/// Runs the command.
pub(super) fn run(args: &MigrateArgs, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<Exit> {
    let options = match options(&args.input) {
        Ok(options) => options,
        Err(diagnostic) => {
            report::diagnostics(&[*diagnostic], Look::default(), err)?;
            return Ok(Exit::Unusable);
        }
    };
    let add: Vec<String> = args.add.iter().filter(|name| !name.is_empty()).cloned().collect();
    if let Some(both) =
        add.iter().find(|name| args.remove.iter().any(|one| one.rsplit('/').next() == Some(name)))
    {
        let message = format!("`{both}` is both to be added and to be removed");
        report::diagnostics(&[Diagnostic::new(Code::Flag, message)], Look::default(), err)?;
        return Ok(Exit::Unusable);
    }
    let request = migrate::Request {
        remove: args.remove.clone(),
        add: (!add.is_empty()).then_some(add),
        options: Options { prefer: args.prefer.into(), quota: args.quota },
    };
    let visited = check::visit(&args.paths, &[], &options, |mut unit| {
        let plan = migrate::migrate(&mut unit, &request);
        migrate::Migrated { input: unit.name.to_string(), style: Style::of(unit.kind), plan }
    });
    report::diagnostics(&visited.diagnostics, Look::default(), err)?;
    let exit = Exit::from(visited.outcome);
    if exit == Exit::Unusable {
        return Ok(exit);
    }
    if args.emit_config {
        return match migrate::watch(&request.remove, request.add.as_deref(), &visited.made, args.quota) {
            Ok(text) => {
                out.write_all(text.as_bytes())?;
                Ok(exit)
            }
            Err(why) => {
                report::diagnostics(&[Diagnostic::new(Code::Flag, why)], Look::default(), err)?;
                Ok(Exit::Unusable)
            }
        };
    }
    if args.patch {
        return Ok(exit.max(patch(&visited.made, out, err)?));
    }
    migrate::render(&visited.made, args.format.into(), args.quota, &place(&args.input), out)?;
    Ok(exit)
}

/// Writes the change of the texts; what cannot be changed there is said.
fn patch(all: &[migrate::Migrated], out: &mut dyn Write, err: &mut dyn Write) -> io::Result<Exit> {
    let mut exit = Exit::Clean;
    for migrated in all {
        for file in &migrated.plan.patched {
            write!(out, "{}", fix::unified(&file.name, &file.before, &file.after))?;
        }
        for obstacle in &migrated.plan.obstacles {
            let made = Diagnostic::new(Code::NotEvaluated, obstacle.clone()).in_file(migrated.input.as_str());
            report::diagnostics(&[made], Look::default(), err)?;
            exit = Exit::Incomplete;
        }
    }
    Ok(exit)
}
