//! Fixes: what each rule's fix does to each of the rule's failing templates, and the laws that hold for all.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use rolecall::check::{FindingStatus, Request, load_rules};
use rolecall::document::Diagnostic;
use rolecall::fix::{Outcome, Wish, fix_with};
use rolecall::rules::Program;

type Rules = (Program, Vec<Diagnostic>);

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rules() -> Rules {
    load_rules(&Request { builtin: true, ..Request::default() })
}

/// A template that a rule's test says the rule fails on.
struct Case {
    rule: String,
    name: String,
    text: String,
    parameters: BTreeMap<String, String>,
}

/// The templates written out in the test files beside the rules, each as it stands there.
fn cases(rules: &Rules) -> Vec<Case> {
    let mut out = Vec::new();
    for rule in rules.0.rules().iter().filter(|rule| !rule.fixes().is_empty()) {
        let path: PathBuf = root().join(rule.file()).with_extension("test.yaml");
        let text =
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let typed: Vec<serde_yaml::Value> = serde_yaml::from_str(&text).unwrap();
        for (written, case) in text.split("\n- ").zip(typed) {
            let fails = case["expectations"]["rules"][rule.name()] == "FAIL";
            if !fails || !case["input"].is_mapping() || case["input"].get("Resources").is_none() {
                continue;
            }
            let parameters = case["parameters"].as_mapping().into_iter().flatten();
            out.push(Case {
                rule: rule.id().to_owned(),
                name: case["name"].as_str().unwrap_or("").to_owned(),
                text: block(written),
                parameters: parameters.map(|(key, value)| (scalar(key), scalar(value))).collect(),
            });
        }
    }
    out
}

fn scalar(value: &serde_yaml::Value) -> String {
    serde_yaml::to_string(value).unwrap().trim().to_owned()
}

/// The block under `input:` of a case.
fn block(case: &str) -> String {
    let lines = case.lines().skip_while(|line| line.trim_start_matches("- ").trim() != "input:").skip(1);
    let block = lines.take_while(|line| line.starts_with("    ") || line.trim().is_empty());
    block.map(|line| format!("{}\n", line.get(4..).unwrap_or(""))).collect()
}

fn mend(rules: &Rules, rule: &str, text: &str, parameters: &BTreeMap<String, String>) -> Outcome {
    let texts = [(Box::from("template.yaml"), text.as_bytes().to_vec())].into_iter().collect();
    let options = rolecall::ingest::Options {
        texts: Arc::new(texts),
        parameters: parameters.clone(),
        ..rolecall::ingest::Options::default()
    };
    let request =
        Request { paths: vec!["template.yaml".into()], builtin: true, options, ..Request::default() };
    let asked = if rule.is_empty() { Vec::new() } else { vec![rule.to_owned()] };
    fix_with(request, rules, &Wish { unsafe_fixes: true, rules: asked })
}

fn after(outcome: &Outcome, before: &str) -> String {
    outcome.files.first().map_or_else(|| before.to_owned(), |file| file.after.clone())
}

/// The same template with a comment above each of its sections.
fn commented(text: &str) -> (String, usize) {
    let mut count = 0;
    let mut out = String::new();
    for line in text.lines() {
        if line.starts_with(|c: char| c.is_ascii_uppercase()) {
            count += 1;
            out.push_str(&format!("# kept {count}\n"));
        }
        out.push_str(line);
        out.push('\n');
    }
    (out, count)
}

/// Holds the laws for one template; what was done is the result.
fn laws(rules: &Rules, case: &Case) -> String {
    let Case { rule, name, text, parameters } = case;
    let first = mend(rules, rule, text, parameters);
    let mended = after(&first, text);
    let why = || format!("{rule}, {name}:\n{mended}");
    let notes = |outcome: &Outcome| {
        let fixed = outcome.applied.iter().map(|note| format!("    {}\n", note.message));
        let taken = outcome.withdrawn.iter().map(|note| format!("    taken back: {}\n", note.message));
        let not = outcome.unfixable.iter().map(|note| format!("    not fixed: {}\n", note.message));
        fixed.chain(taken).chain(not).collect::<String>()
    };
    let left =
        first.run.findings.iter().filter(|one| *one.rule == **rule && one.status == FindingStatus::Fail);
    let said = format!("{rule} {name}\n{}    {} left\n", notes(&first), left.count());
    let again = mend(rules, rule, &mended, parameters);
    assert!(again.files.is_empty() && again.applied.is_empty(), "not idempotent: {}", why());
    let windows = text.replace('\n', "\r\n");
    let other = after(&mend(rules, rule, &windows, parameters), &windows);
    assert_eq!(other, mended.replace('\n', "\r\n"), "line endings: {}", why());
    let (noted, count) = commented(text);
    let noted = after(&mend(rules, rule, &noted, parameters), &noted);
    assert_eq!(noted.matches("# kept ").count(), count, "comments: {}", why());
    said
}

#[test]
fn fixes_of_the_packs_keep_the_laws() {
    let rules = rules();
    let cases = cases(&rules);
    let with_fix = rules.0.rules().iter().filter(|rule| !rule.fixes().is_empty());
    for rule in with_fix {
        assert!(cases.iter().any(|case| case.rule == rule.id()), "{} has a fix and no template", rule.id());
    }
    let said: Vec<String> = cases.par_iter().map(|case| laws(&rules, case)).collect();
    let mut failures = Vec::new();
    crate::golden::check(&root().join("tests/cases/fix/packs.txt"), &said.concat(), &mut failures);
    crate::golden::report(&failures);
}
