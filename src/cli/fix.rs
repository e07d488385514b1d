//! `rolecall fix`: what can be mended in the text, as a patch or in place.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use crate::catalog::nearest;
use crate::check::{Severity, bytes, load_rules};
use crate::document::{Code, Diagnostic};
use crate::fix::{self, Note, Outcome, Wish};
use crate::report::{self, Look};
use crate::rules;

use super::args::FixArgs;
use super::{Exit, check};

/// Runs the command.
pub(super) fn run(args: &FixArgs, look: Look, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<Exit> {
    let mut request = match check::request(&args.check) {
        Ok(request) => request,
        Err(diagnostic) => {
            report::diagnostics(&[*diagnostic], Look::default(), err)?;
            return Ok(Exit::Unusable);
        }
    };
    let threshold = args.check.fail_on.or(request.config.fail_on).unwrap_or(Severity::Medium);
    let unknowns = args.check.unknown.or(request.config.unknown).unwrap_or_default();
    let gate = args.check.gate.or(request.config.gate).unwrap_or_default();
    if request.paths.iter().any(|path| path.as_os_str() == "-") {
        if args.write {
            let made = Diagnostic::new(Code::Flag, "standard input cannot be written");
            let made = made.help("name the file, or leave `--write` out and apply the patch");
            report::diagnostics(&[made], Look::default(), err)?;
            return Ok(Exit::Unusable);
        }
        let texts = [(Box::from("<stdin>"), bytes(None)?)];
        request.options.texts = Arc::new(texts.into_iter().collect());
    }
    let wish = Wish { unsafe_fixes: args.unsafe_fixes, rules: args.rule.clone() };
    let rules = load_rules(&request);
    for name in &wish.rules {
        let known =
            rules.0.rules().iter().any(|rule| rule.id().eq_ignore_ascii_case(name) || rule.name() == name);
        if !known {
            let made = Diagnostic::new(Code::Flag, format!("there is no rule `{name}`"));
            let near = nearest(name, rules.0.rules().iter().map(rules::Rule::id));
            let help = near.map_or_else(
                || "`rolecall rules list` lists the rules".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            report::diagnostics(&[made.help(help)], Look::default(), err)?;
            return Ok(Exit::Unusable);
        }
    }
    let outcome = fix::fix_with(request, &rules, &wish);
    report::diagnostics(&outcome.run.diagnostics, look, err)?;
    let mut exit = Exit::from(outcome.run.outcome(threshold, unknowns, gate));
    if args.write {
        exit = exit.max(write(&outcome, err)?);
        outcome.applied.iter().try_for_each(|note| line(note, "fixed", out))?;
    } else {
        outcome
            .files
            .iter()
            .try_for_each(|file| write!(out, "{}", fix::unified(&file.name, &file.before, &file.after)))?;
        if !outcome.files.is_empty() {
            exit = exit.max(Exit::Findings);
        }
    }
    outcome.withdrawn.iter().try_for_each(|note| line(note, "taken back", err))?;
    outcome.unfixable.iter().try_for_each(|note| line(note, "not fixed", err))?;
    writeln!(err, "{}", closing(&outcome, args.write))?;
    Ok(exit)
}

fn line(note: &Note, what: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}: {what}: {} ({} in `{}`)", note.place, note.message, note.rule, note.entity)
}

/// Writes the files that change.
fn write(outcome: &Outcome, err: &mut dyn Write) -> io::Result<Exit> {
    let mut exit = Exit::Clean;
    for file in &outcome.files {
        if let Err(error) = std::fs::write(Path::new(&*file.name), &file.bytes) {
            let message = format!("the file cannot be written: {error}");
            let made = Diagnostic::new(Code::Unreadable, message).in_file(&*file.name);
            report::diagnostics(&[made], Look::default(), err)?;
            exit = Exit::Incomplete;
        }
    }
    Ok(exit)
}

/// `3 findings fixed in 2 files; 1 more with --unsafe-fixes; 4 findings left`
fn closing(outcome: &Outcome, written: bool) -> String {
    let counted = |count: usize, what: &str| {
        if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
    };
    let done = if written { "fixed" } else { "would be fixed" };
    let mut out = match outcome.applied.len() {
        0 => "nothing to fix".to_owned(),
        count => {
            format!("{} {done} in {}", counted(count, "finding"), counted(outcome.files.len(), "file"))
        }
    };
    if outcome.held_back > 0 {
        out.push_str(&format!("; {} more with `--unsafe-fixes`", outcome.held_back));
    }
    if !outcome.withdrawn.is_empty() {
        out.push_str(&format!(
            "; {} taken back",
            counted(outcome.withdrawn.len(), "fix").replace("fixs", "fixes")
        ));
    }
    let left = outcome.run.count(crate::check::FindingStatus::Fail);
    out.push_str(&format!("; {} left", counted(left, "finding")));
    out
}
