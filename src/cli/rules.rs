//! `rolecall rules`: what the rules are, and why.

use std::io::{self, Write};
use std::path::PathBuf;

use crate::catalog::nearest;
use crate::check::{self, Request, RuleInfo};
use crate::report::{self, Look};
use crate::rules::Rule;

use super::Exit;
use super::args::RulesCommand;

/// Runs the command.
pub(super) fn run(command: &RulesCommand, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<Exit> {
    let (RulesCommand::List { rules } | RulesCommand::Show { rules, .. }) = command;
    let (program, infos, exit) = load(rules, err)?;
    match command {
        RulesCommand::List { .. } => {
            let widest = infos.iter().map(|rule| rule.id.chars().count()).max().unwrap_or(0);
            for rule in &infos {
                writeln!(out, "{:widest$}  {:8}  {}", rule.id, rule.severity.as_str(), rule.title)?;
            }
            Ok(exit)
        }
        RulesCommand::Show { id, .. } => {
            let found = infos
                .iter()
                .zip(program.rules())
                .find(|(info, _)| info.id.eq_ignore_ascii_case(id) || *info.name == **id);
            if let Some((info, rule)) = found {
                page(info, rule, out)?;
                return Ok(exit);
            }
            writeln!(err, "error: there is no rule `{id}`")?;
            if let Some(near) = nearest(id, infos.iter().map(|info| &*info.id)) {
                writeln!(err, "help: did you mean `{near}`?")?;
            }
            writeln!(err, "help: `rolecall rules list` lists the rules")?;
            Ok(Exit::Unusable)
        }
    }
}

fn load(rules: &[PathBuf], err: &mut dyn Write) -> io::Result<(crate::rules::Program, Vec<RuleInfo>, Exit)> {
    let request = Request { rules: rules.to_vec(), builtin: true, ..Request::default() };
    let (program, diagnostics) = check::load_rules(&request);
    report::diagnostics(&diagnostics, Look::default(), err)?;
    let wrong = diagnostics.iter().any(|one| one.level == crate::document::Level::Error);
    let infos = check::info(&program, &request.config);
    Ok((program, infos, if wrong { Exit::Unusable } else { Exit::Clean }))
}

/// The page of a rule.
fn page(info: &RuleInfo, rule: &Rule, out: &mut dyn Write) -> io::Result<()> {
    let text = rule.text();
    writeln!(out, "{} {}\n\nseverity: {}\nname: {}", info.id, info.title, info.severity.as_str(), info.name)?;
    if !info.description.is_empty() {
        writeln!(out, "\nWhy\n  {}", info.description)?;
    }
    if !info.remediation.is_empty() {
        writeln!(out, "\nHow to fix\n  {}", info.remediation)?;
    }
    if !rule.fixes().is_empty() {
        writeln!(out, "\nWhat `rolecall fix` does")?;
        let mut said: Vec<String> = Vec::new();
        for (safe, kind) in rule.fixes() {
            let line = format!("{} ({})", kind.phrase(), if safe { "safe" } else { "with `--unsafe-fixes`" });
            if !said.contains(&line) {
                writeln!(out, "  {line}")?;
                said.push(line);
            }
        }
    }
    if !info.maps.is_empty() {
        writeln!(out, "\nKnown elsewhere as")?;
        info.maps.iter().try_for_each(|peer| writeln!(out, "  {peer}"))?;
    }
    writeln!(out, "\nRule")?;
    text.trim_end().lines().try_for_each(|line| writeln!(out, "  {line}"))
}
