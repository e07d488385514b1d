//! What is said of Systems Manager documents.

use std::fmt::Write as _;
use std::path::Path;

use rolecall::document::Limits;
use rolecall::document::Source;
use rolecall::document::Tree;
use rolecall::document::parse;
use rolecall::document::yaml;
use rolecall::ssm::Document;
use rolecall::ssm::context::{Context, Quote};
use rolecall::ssm::flow::{self, Flow, Verdict};
use rolecall::ssm::language::{Constraint, Language};
use rolecall::ssm::pattern::Engine;
use rolecall::ssm::problems::problems;
use rolecall::ssm::solver::{Meeting, Solver};
use serde_yaml::Value;

fn cases(name: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/ssm").join(name);
    serde_yaml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// A witness of a language in a context, `safe` or `unknown`; checked against the pattern where there is one.
fn verdict(language: &Language, danger: &str) -> String {
    text(Solver::shared().meet(language, danger))
}

fn text(meeting: Meeting) -> String {
    match meeting {
        Meeting::Never => "safe".to_owned(),
        Meeting::Unknown(_) => "unknown".to_owned(),
        Meeting::Witness(text) => text,
    }
}

#[test]
fn patterns_let_through_what_they_let_through() {
    let quotes = [
        ("unquoted", Context::Shell(Quote::None)),
        ("double", Context::Shell(Quote::Double)),
        ("single", Context::Shell(Quote::Single)),
    ];
    for case in cases("patterns.yaml") {
        let pattern = case["pattern"].as_str().unwrap();
        let engines: &[Engine] = &[Engine::Java];
        let language = Language { constraints: vec![Constraint::Pattern { text: pattern.into(), engines }] };
        for (key, context) in quotes {
            let expected = case[key].as_str().unwrap();
            let danger = context.danger();
            let strong = verdict(&language, danger.strong);
            let found = text(Solver::shared().escape(&language, &danger));
            if expected == "*" {
                assert!(!["safe", "unknown"].contains(&strong.as_str()), "`{pattern}` {key}: {strong}");
            } else {
                assert_eq!(found, expected, "`{pattern}` {key}");
            }
            if !["safe", "unknown"].contains(&strong.as_str()) {
                assert_ne!(
                    Solver::shared().holds(&language, &strong),
                    rolecall::document::Tri::No,
                    "`{pattern}` holds `{strong}`"
                );
            }
        }
        if let Some(expected) = case.get("weak") {
            let weak = quotes[0].1.danger().weak.unwrap();
            assert_eq!(verdict(&language, weak), expected.as_str().unwrap(), "`{pattern}` weak");
        }
    }
}

fn lines(value: &Value) -> Vec<String> {
    value.as_sequence().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect()
}

#[test]
fn documents_have_the_flows_and_problems_that_they_have() {
    let mut wrong = Vec::new();
    for case in cases("documents.yaml") {
        let name = case["name"].as_str().unwrap();
        let text = case["document"].as_str().unwrap();
        let mut tree = Tree::new();
        let file = tree.add_source(Source::from_text(name, text));
        let parsed = parse(&mut tree, file, text, yaml::Schema::Core, Limits::default()).unwrap();
        let document = Document::read(&tree, parsed.roots[0], None).unwrap();
        let flows: Vec<String> =
            flow::flows(&tree, &document, &|_| Vec::new()).iter().map(describe).collect();
        let mut problems: Vec<String> = problems(&tree, &document)
            .iter()
            .map(|problem| format!("{} {} {}", problem.topic.name(), problem.kind, problem.message))
            .collect();
        problems.sort();
        if flows != lines(&case["flows"]) {
            wrong.push(format!("{name}: flows\n  {}", flows.join("\n  ")));
        }
        if problems != lines(&case["problems"]) {
            wrong.push(format!("{name}: problems\n  {}", problems.join("\n  ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn describe(flow: &Flow) -> String {
    let witness = match &flow.verdict {
        Verdict::Unsafe { witness } => format!(" {witness}"),
        _ => String::new(),
    };
    format!(
        "{} {} -> {}, {}: {}{witness}{}",
        flow.source.trust.name(),
        flow.source.name,
        flow.class.name(),
        flow.context.name(),
        flow.verdict.name(),
        if flow.passthrough { " (passthrough)" } else { "" }
    )
}

#[test]
fn a_large_document_takes_no_time_worth_naming() {
    let mut text = String::from("schemaVersion: '2.2'\nparameters:\n");
    for index in 0..100 {
        writeln!(text, "  P{index}: {{type: String, allowedPattern: '^[a-z]{{{index},}}[A-Z.]+$'}}").unwrap();
    }
    text.push_str("mainSteps:\n");
    for step in 0..200 {
        writeln!(text, "- {{action: aws:runShellScript, name: s{step}, inputs: {{runCommand: [").unwrap();
        for index in 0..100 {
            writeln!(text, "    'echo \"{{{{ P{index} }}}}\"',").unwrap();
        }
        text.push_str("]}}\n");
    }
    let mut tree = Tree::new();
    let file = tree.add_source(Source::from_text("large", text.as_str()));
    let parsed = parse(&mut tree, file, &text, yaml::Schema::Core, Limits::default()).unwrap();
    let document = Document::read(&tree, parsed.roots[0], None).unwrap();
    let flows = flow::flows(&tree, &document, &|_| Vec::new());
    assert_eq!(flows.len(), 20_000);
    assert!(flows.iter().all(|flow| flow.verdict == Verdict::Safe));
}
