//! JUnit's XML, which every pipeline can show: a test suite an input, a test case a rule that has something to say.

use std::io::{self, Write};

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::check::{Finding, FindingStatus, Input, Run};
use crate::document::Level;

use super::{message, shown};

/// Writes the report.
pub(super) fn render(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    let mut report = Report::new("rolecall");
    for input in &run.inputs {
        report.add_test_suite(suite(run, input));
    }
    let inputs = |file: Option<&str>| run.inputs.iter().any(|input| Some(&*input.path) == file);
    let mut others = TestSuite::new("rolecall");
    for one in run.diagnostics.iter().filter(|one| one.level == Level::Error && !inputs(one.file.as_deref()))
    {
        others.add_test_case(broken(one.code.id(), &one.message));
    }
    if others.tests > 0 {
        report.add_test_suite(others);
    }
    let text = report.to_string().map_err(io::Error::other)?;
    writeln!(out, "{}", text.trim_end())
}

fn suite(run: &Run, input: &Input) -> TestSuite {
    let mut suite = TestSuite::new(&*input.path);
    let of_input = |file: Option<&str>| file == Some(&*input.path);
    for one in run.diagnostics.iter().filter(|one| one.level == Level::Error && of_input(one.file.as_deref()))
    {
        suite.add_test_case(broken(one.code.id(), &one.message));
    }
    for finding in run.findings.iter().filter(|finding| of_input(Some(finding.file()))) {
        suite.add_test_case(case(finding));
    }
    if suite.tests == 0 {
        suite.add_test_case(TestCase::new("all rules", TestCaseStatus::success()));
    }
    suite
}

fn case(finding: &Finding) -> TestCase {
    let status = match finding.status {
        FindingStatus::Fail => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(message(finding)).set_type(finding.severity.as_str());
            let place = finding.place.as_ref().map(shown).unwrap_or_default();
            status.set_description(format!("{place}\n{}\n{}", finding.evidence, finding.remediation));
            status
        }
        FindingStatus::Unknown => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(message(finding));
            status
        }
    };
    let mut case = TestCase::new(format!("{} {}", finding.rule, finding.entity), status);
    case.set_classname(&*finding.rule);
    case
}

fn broken(code: &str, text: &str) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_message(text).set_type(code);
    TestCase::new(code, status)
}
