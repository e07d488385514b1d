//! The built-in packs: every rule says what it is, and has tests that fail and pass for templates and for plans.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rolecall::check::{Request, load_rules};
use serde_yaml::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("policies")
}

#[test]
fn every_rule_says_what_it_is() {
    let request = Request { builtin: true, ..Request::default() };
    let (program, diagnostics) = load_rules(&request);
    assert!(diagnostics.is_empty(), "{diagnostics:#?}");
    let mut wrong = Vec::new();
    let mut ids = BTreeSet::new();
    for rule in program.rules() {
        let (id, metadata) = (rule.id(), rule.metadata());
        let stem = Path::new(rule.file()).file_stem().unwrap().to_string_lossy().into_owned();
        let told = [
            (metadata.id.as_deref() == Some(&*stem), "an `@id` that is the file's name"),
            (metadata.title.is_some(), "`@title`"),
            (metadata.severity.is_some(), "`@severity`"),
            (metadata.description.is_some(), "`@description`"),
            (metadata.remediation.is_some(), "`@remediation`"),
            (rule.text().contains("<<"), "a message"),
        ];
        wrong.extend(told.iter().filter(|(told, _)| !told).map(|(_, what)| format!("{stem}: lacks {what}")));
        ids.insert(id.to_owned());
    }
    for rule in program.rules() {
        let gone = rule.metadata().supersedes.iter().filter(|id| !ids.contains(&***id));
        wrong.extend(gone.map(|id| format!("{}: supersedes `{id}`, which does not exist", rule.id())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether a case is about a plan, and what its rules should say.
fn read_case(case: &Value) -> (bool, Vec<String>) {
    let input = &case["input"];
    let is_plan = input.get("format_version").is_some()
        || input.as_str().is_some_and(|path| {
            let text = std::fs::read_to_string(root().join("iam").join(path))
                .or_else(|_| std::fs::read_to_string(root().join("ssm").join(path)));
            text.is_ok_and(|text| text.contains("\"format_version\""))
        });
    let rules = case["expectations"]["rules"].as_mapping();
    let statuses = rules.into_iter().flatten().filter_map(|(_, status)| status.as_str().map(str::to_owned));
    (is_plan, statuses.collect())
}

#[test]
fn every_rule_has_tests_that_fail_and_pass() {
    let mut wrong = Vec::new();
    let mut files = 0;
    for pack in ["iam", "ssm"] {
        for entry in std::fs::read_dir(root().join(pack)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|ending| ending != "guard") {
                continue;
            }
            files += 1;
            let tests = path.with_extension("test.yaml");
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let rule = std::fs::read_to_string(&path).unwrap();
            let Ok(text) = std::fs::read_to_string(&tests) else {
                wrong.push(format!("{name}: no tests"));
                continue;
            };
            let cases: Vec<Value> = serde_yaml::from_str(&text).unwrap();
            let read: Vec<_> = cases.iter().map(read_case).collect();
            // What only one of the two can declare says so by a tag.
            let only = |tag: &str| rule.contains(&format!("@tags(\"{tag}\")"));
            for (plan, input) in [(false, "CloudFormation"), (true, "Terraform")] {
                if only(if plan { "cloudformation" } else { "terraform" }) {
                    continue;
                }
                for wanted in ["FAIL", "PASS"] {
                    let is_it = |(is_plan, statuses): &(bool, Vec<String>)| {
                        *is_plan == plan && statuses.iter().any(|status| status == wanted)
                    };
                    if !read.iter().any(is_it) {
                        wrong.push(format!("{name}: no {wanted} case for {input}"));
                    }
                }
            }
        }
    }
    assert!(files > 10, "the rule files were found");
    wrong.sort();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_tests_of_the_rules_hold() {
    let done = Command::new(env!("CARGO_BIN_EXE_rolecall"))
        .args(["test", "policies"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_clear()
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{text}\n{}", String::from_utf8_lossy(&done.stderr));
    assert!(text.contains("cases as expected"), "{text}");
}
