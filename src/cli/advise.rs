//! `rolecall advise`: which policies roles need, and why.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::advise::{self, Advised, Format, Options, Prefer, Style};
use crate::check;
use crate::document::{Code, Diagnostic};
use crate::report::{self, Look};
use crate::ssm::statement::Place;

use super::args::InputArgs;
use super::{Exit, options};

/// How advice is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum FormatArg {
    /// For people.
    #[default]
    Human,
    /// For programs.
    Json,
    /// For the comment of a pull request.
    Markdown,
}

impl From<FormatArg> for Format {
    fn from(format: FormatArg) -> Self {
        match format {
            FormatArg::Human => Self::Human,
            FormatArg::Json => Self::Json,
            FormatArg::Markdown => Self::Markdown,
        }
    }
}

/// What is preferred where both would do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum PreferArg {
    /// Policies that AWS manages.
    #[default]
    Managed,
    /// Statements that allow what is needed and nothing else.
    Custom,
}

impl From<PreferArg> for Prefer {
    fn from(prefer: PreferArg) -> Self {
        match prefer {
            PreferArg::Managed => Self::Managed,
            PreferArg::Custom => Self::Custom,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct AdviseArgs {
    /// Templates, plans or folders; `-` for standard input.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// How the advice is written.
    #[arg(short, long, value_enum, default_value_t)]
    format: FormatArg,

    /// What is preferred where both would do.
    #[arg(long, value_enum, default_value_t)]
    prefer: PreferArg,

    /// How many managed policies a role can have.
    #[arg(long, value_name = "N", default_value_t = 10)]
    quota: usize,

    #[command(flatten)]
    input: InputArgs,
}

/// Runs the command.
pub(super) fn run(args: &AdviseArgs, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<Exit> {
    let options = match options(&args.input) {
        Ok(options) => options,
        Err(diagnostic) => {
            report::diagnostics(&[*diagnostic], Look::default(), err)?;
            return Ok(Exit::Unusable);
        }
    };
    let wanted = Options { prefer: args.prefer.into(), quota: args.quota };
    let visited = check::visit(&args.paths, &[], &options, |mut unit| Advised {
        input: unit.name.to_string(),
        style: Style::of(unit.kind),
        roles: advise::advise(&mut unit, &wanted),
    });
    report::diagnostics(&visited.diagnostics, Look::default(), err)?;
    let exit = Exit::from(visited.outcome);
    if exit == Exit::Unusable {
        return Ok(exit);
    }
    let place = place(&args.input);
    advise::render(&visited.made, args.format.into(), args.quota, &place, out)?;
    if visited.made.iter().all(|one| one.roles.is_empty()) && exit == Exit::Clean {
        let message = "the input declares no role of nodes or automations, so there is nothing to advise";
        report::diagnostics(&[Diagnostic::new(Code::Unresolved, message)], Look::default(), err)?;
    }
    Ok(exit)
}

/// What is known of where the input is deployed.
pub(super) fn place(args: &InputArgs) -> Place {
    Place { partition: args.partition.clone(), region: args.region.clone(), account: args.account.clone() }
}
