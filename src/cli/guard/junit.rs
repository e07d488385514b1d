//! The peer's JUnit report.

use std::fmt::Write as _;

/// A test case.
pub(super) struct Case {
    pub(super) id: Option<String>,
    pub(super) name: String,
    pub(super) outcome: CaseOutcome,
}

/// What became of it.
pub(super) enum CaseOutcome {
    Pass,
    Skip,
    Fail { name: Option<String>, text: String },
    Error(String),
}

/// The cases of a file.
pub(super) struct Suite {
    pub(super) name: String,
    pub(super) cases: Vec<Case>,
}

/// The whole report.
pub(super) fn report(title: &str, suites: &[Suite]) -> String {
    let failed =
        |cases: &[Case]| cases.iter().filter(|case| matches!(case.outcome, CaseOutcome::Fail { .. })).count();
    let broken =
        |cases: &[Case]| cases.iter().filter(|case| matches!(case.outcome, CaseOutcome::Error(_))).count();
    let tests: usize = suites.iter().map(|suite| suite.cases.len()).sum();
    let failures: usize = suites.iter().map(|suite| failed(&suite.cases)).sum();
    let errors: usize = suites.iter().map(|suite| broken(&suite.cases)).sum();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(
        out,
        "<testsuites name=\"{}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" time=\"0\">",
        escape(title)
    );
    for suite in suites {
        let (failures, errors) = (failed(&suite.cases), broken(&suite.cases));
        let name = escape(&suite.name);
        let _ = writeln!(
            out,
            "    <testsuite name=\"{name}\" errors=\"{errors}\" failures=\"{failures}\" time=\"0\">"
        );
        for case in &suite.cases {
            write_case(case, &mut out);
        }
        out.push_str("    </testsuite>\n");
    }
    out.push_str("</testsuites>");
    out
}

fn write_case(case: &Case, out: &mut String) {
    let id = case.id.as_ref().map_or_else(String::new, |id| format!("id=\"{}\" ", escape(id)));
    let head = format!("        <testcase {id}name=\"{}\" time=\"0\"", escape(&case.name));
    let _ = match &case.outcome {
        CaseOutcome::Pass => writeln!(out, "{head}/>"),
        CaseOutcome::Skip => writeln!(out, "{head} status=\"skip\"/>"),
        CaseOutcome::Fail { name, text } => {
            let name =
                name.as_ref().map_or_else(String::new, |name| format!(" message=\"{}\"", escape(name)));
            writeln!(
                out,
                "{head}>\n            <failure{name}>{}</failure>\n        </testcase>",
                escape(text)
            )
        }
        CaseOutcome::Error(text) => {
            writeln!(out, "{head}>\n            <error>{}</error>\n        </testcase>", escape(text))
        }
    };
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            other => out.push(other),
        }
    }
    out
}
