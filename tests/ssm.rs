//! What is said of Systems Manager documents.

use std::path::Path;

use rolecall::ssm::context::{Context, Quote};
use rolecall::ssm::language::{Constraint, Language};
use rolecall::ssm::pattern::Engine;
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
