//! `rolecall explain`.

use std::io::{self, Write};

use crate::check::{self, Finding, Origin, Request, Run};
use crate::report::{self, Format, Look};

use super::Exit;
use super::args::ExplainArgs;

/// Runs the command.
pub(super) fn run(
    args: &ExplainArgs,
    look: Look,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<Exit> {
    let request = match super::check::request(&args.check) {
        Ok(request) => Request { explain: true, ..request },
        Err(diagnostic) => {
            report::diagnostics(&[*diagnostic], Look::default(), err)?;
            return Ok(Exit::Unusable);
        }
    };
    let run = check::check(&request, &());
    report::diagnostics(&run.diagnostics, Look::default(), err)?;
    let wanted = |finding: &Box<Finding>| {
        finding.fingerprint.to_string().starts_with(&args.finding)
            || finding.rule.eq_ignore_ascii_case(&args.finding)
    };
    let (found, others): (Vec<_>, Vec<_>) = run.findings.into_iter().partition(wanted);
    if found.is_empty() {
        writeln!(err, "error: there is no finding `{}` among {}", args.finding, others.len())?;
        writeln!(err, "help: `--format json` shows the fingerprints")?;
        return Ok(Exit::Unusable);
    }
    for finding in found {
        let origin = finding.details.origin.clone();
        let one = Run { findings: vec![finding], rules: run.rules.clone(), ..Run::default() };
        report::render_findings(&one, Format::Human, look, out)?;
        writeln!(out, "where the value comes from:")?;
        origin.iter().try_for_each(|step| line(step, out))?;
        writeln!(out)?;
    }
    Ok(Exit::Clean)
}

/// `    t.yaml:9:11  Fn::Sub  arn:…`
fn line(step: &Origin, out: &mut dyn Write) -> io::Result<()> {
    let indent = "  ".repeat(step.depth + 1);
    let place = step.place.as_ref().map(report::shown).unwrap_or_default();
    let by = step.by.map(|by| format!("`{by}` gives ")).unwrap_or_default();
    let value = if step.value.is_empty() { "(sensitive or empty)" } else { &step.value };
    writeln!(out, "{indent}{place}  {by}{value}")
}
