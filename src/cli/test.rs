//! `rolecall test`.

use std::io::{self, Write};

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use similar::{ChangeTag, TextDiff};

use crate::check::trial::{self, Case, Failure, Tested, Uncovered};
use crate::document::{Code, Diagnostic, Level};
use crate::report::{self, Look};

use super::Exit;
use super::args::{TestArgs, TestFormat};

/// Runs the command.
pub(super) fn run(args: &TestArgs, look: Look, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<Exit> {
    let (pairs, mut diagnostics) = trial::discover(&args.paths);
    let tested = trial::run(&pairs);
    let cases: usize = tested.iter().map(|one| one.cases.len()).sum();
    diagnostics.extend(tested.iter().flat_map(|one| one.diagnostics.iter().cloned()));
    if cases == 0 && !diagnostics.iter().any(|one| one.level == Level::Error) {
        let made = Diagnostic::new(Code::NoRules, "there are no tests");
        diagnostics.push(
            made.help("a test file is called `NAME.test.yaml`, and stands beside the rule file `NAME.guard`"),
        );
    }
    diagnostics
        .extend(tested.iter().flat_map(|one| &one.cases).flat_map(|case| case.diagnostics.iter().cloned()));
    report::diagnostics(&diagnostics, look, err)?;
    match args.format {
        TestFormat::Human => human(args, &tested, out)?,
        TestFormat::Junit => junit(&tested, out)?,
        TestFormat::Json => json(&tested, out)?,
    }
    let broken = diagnostics.iter().any(|one| one.level == Level::Error);
    let unmet = tested.iter().flat_map(|one| &one.cases).any(|case| case.failure.is_some());
    Ok(if broken {
        Exit::Unusable
    } else if unmet {
        Exit::Findings
    } else {
        Exit::Clean
    })
}

fn human(args: &TestArgs, tested: &[Tested], out: &mut dyn Write) -> io::Result<()> {
    let (mut met, mut all) = (0, 0);
    for one in tested {
        for case in &one.cases {
            all += 1;
            met += usize::from(case.is_met());
            if let Some(failure) = &case.failure {
                writeln!(out, "{}: {}", report::shown(&case.place), case.name)?;
                out.write_all(diff(failure).as_bytes())?;
            }
        }
        if args.coverage {
            for gap in &one.uncovered {
                writeln!(
                    out,
                    "{}: no test makes this clause of `{}` fail",
                    report::shown(&gap.place),
                    gap.rule
                )?;
            }
            for gap in &one.unmatched {
                let place = report::shown(&gap.place);
                writeln!(out, "{place}: in no test is there anything for this query of `{}`", gap.rule)?;
            }
        }
    }
    let clauses: usize = tested.iter().map(|one| one.clauses).sum();
    let gaps: usize = tested.iter().map(|one| one.uncovered.len()).sum();
    let broken = |one: &Tested| one.diagnostics.iter().any(|one| one.level == Level::Error);
    let untested = tested.iter().filter(|one| one.cases.is_empty() && !broken(one)).count();
    writeln!(
        out,
        "{met} of {all} cases as expected; tests make {} of {clauses} clauses fail",
        clauses - gaps
    )?;
    if untested > 0 {
        let files = if untested == 1 { "rule file has" } else { "rule files have" };
        writeln!(out, "{untested} {files} no tests")?;
    }
    Ok(())
}

/// Expected and actual lines against each other.
fn diff(failure: &Failure) -> String {
    let (expected, actual) = (failure.expected.join("\n"), failure.actual.join("\n"));
    let mut out = String::new();
    for change in TextDiff::from_lines(&expected, &actual).iter_all_changes() {
        let (mark, note) = match change.tag() {
            ChangeTag::Delete => ("-", "expected"),
            ChangeTag::Insert => ("+", "actual  "),
            ChangeTag::Equal => continue,
        };
        out.push_str(&format!("  {mark} {note} {}\n", change.value().trim_end()));
    }
    out
}

fn text(case: &Case) -> String {
    let problems: Vec<_> = case.diagnostics.iter().map(|one| one.message.clone()).collect();
    let failure = case.failure.as_ref().map(diff).unwrap_or_default();
    format!("{failure}{}", problems.join("\n"))
}

fn junit(tested: &[Tested], out: &mut dyn Write) -> io::Result<()> {
    let mut whole = Report::new("rolecall test");
    for one in tested {
        let mut suite = TestSuite::new(&*one.rules);
        for case in &one.cases {
            let mut status = if case.is_met() {
                TestCaseStatus::success()
            } else {
                let kind =
                    if case.failure.is_some() { NonSuccessKind::Failure } else { NonSuccessKind::Error };
                TestCaseStatus::non_success(kind)
            };
            if !case.is_met() {
                status.set_message("not as expected").set_description(text(case));
            }
            let mut made = TestCase::new(&*case.name, status);
            made.set_classname(case.place.source.name());
            suite.add_test_case(made);
        }
        // What kept cases from being run is no case, and still has to be seen.
        for error in one.diagnostics.iter().filter(|one| one.level == Level::Error) {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(&*error.message);
            let place = error.place.as_ref().map(|place| report::shown(place));
            let file = place.or_else(|| error.file.as_deref().map(str::to_owned));
            let file = file.unwrap_or_else(|| one.rules.to_string());
            suite.add_test_case(TestCase::new(file, status));
        }
        whole.add_test_suite(suite);
    }
    let text = whole.to_string().map_err(io::Error::other)?;
    out.write_all(text.as_bytes())
}

fn gap(gap: &Uncovered) -> serde_json::Value {
    let line = gap.place.source.lines().line(gap.place.start);
    serde_json::json!({ "rule": gap.rule, "file": gap.place.source.name(), "line": line })
}

fn json(tested: &[Tested], out: &mut dyn Write) -> io::Result<()> {
    let files: Vec<serde_json::Value> = tested
        .iter()
        .map(|one| {
            let cases: Vec<_> = one
                .cases
                .iter()
                .map(|case| {
                    let (expected, actual) = case
                        .failure
                        .as_ref()
                        .map_or((&[][..], &[][..]), |failure| (&failure.expected, &failure.actual));
                    serde_json::json!({
                        "name": case.name,
                        "file": case.place.source.name(),
                        "line": case.place.source.lines().line(case.place.start),
                        "met": case.is_met(),
                        "expected": expected,
                        "actual": actual,
                        "problems": case.diagnostics.iter().map(|one| &one.message).collect::<Vec<_>>(),
                    })
                })
                .collect();
            let gaps = |gaps: &[Uncovered]| -> Vec<_> { gaps.iter().map(gap).collect() };
            serde_json::json!({
                "rules": one.rules,
                "cases": cases,
                "problems": one.diagnostics.iter().map(|one| &one.message).collect::<Vec<_>>(),
                "clauses": one.clauses,
                "uncovered": gaps(&one.uncovered),
                "unmatched": gaps(&one.unmatched),
            })
        })
        .collect();
    serde_json::to_writer_pretty(&mut *out, &serde_json::json!({ "version": 1, "files": files }))?;
    writeln!(out)
}
