//! The built-in rules, on their own tests and on whatever labelled inputs are at hand.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use rolecall::document::Source;
use rolecall::facts;
use rolecall::ingest::{self, Options};
use rolecall::rules::{self, Dialect, Input, Program, Status, Worlds};
use serde_yaml::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files with this ending below `policies`, in order.
fn policies(ending: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for pack in std::fs::read_dir(root().join("policies")).unwrap() {
        let Ok(entries) = std::fs::read_dir(pack.unwrap().path()) else { continue };
        files.extend(entries.map(|entry| entry.unwrap().path()));
    }
    files.retain(|path| path.to_string_lossy().ends_with(ending));
    files.sort();
    files
}

static BUILT_IN: LazyLock<Program> = LazyLock::new(|| {
    let read = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).unwrap();
        let source = Source::from_text(path.display().to_string(), text);
        rules::parse(&source).unwrap_or_else(|error| panic!("{}: {error:?}", path.display()))
    };
    let files: Vec<_> = policies(".guard").iter().map(read).collect();
    let (program, diagnostics) = Program::compile(&files);
    assert!(diagnostics.is_empty(), "{diagnostics:#?}");
    program
});

/// The answer of each built-in rule that `wanted` takes by its id, by id and name.
fn answers(
    name: &str,
    bytes: Vec<u8>,
    options: &Options,
    wanted: &dyn Fn(&str) -> bool,
) -> BTreeMap<(String, String), String> {
    let mut unit = match ingest::read(name, bytes, options) {
        Ok(unit) => unit,
        Err(error) => panic!("{name}: {}", error.message),
    };
    let tree = Arc::new(std::mem::take(&mut unit.tree));
    let facts = facts::build(&tree, &mut unit.conditions, &unit.inventory);
    let worlds = Worlds::new(unit.conditions);
    let tree = Arc::clone(&facts.tree);
    let input = Input {
        tree: &tree,
        document: Some(unit.root),
        dialect: Dialect::Validate,
        facts: Some(&facts),
        worlds: &worlds,
    };
    let program = &*BUILT_IN;
    let ids: Vec<_> =
        program.ids().filter(|id| program.rule(*id).is_some_and(|rule| wanted(rule.id()))).collect();
    let all = rules::evaluate(program, &input, &ids);
    all.into_iter()
        .map(|answer| {
            let rule = program.rule(answer.rule).unwrap();
            let status = match answer.status {
                Status::Pass => "PASS",
                Status::Fail => "FAIL",
                Status::Skip => "SKIP",
                Status::Unknown => "UNKNOWN",
            };
            ((rule.id().to_owned(), rule.name().to_owned()), status.to_owned())
        })
        .collect()
}

#[test]
fn rules_pass_their_own_tests() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for file in policies(".test.yaml") {
        let id = file.file_name().unwrap().to_string_lossy().replace(".test.yaml", "");
        let cases: Vec<Value> = serde_yaml::from_str(&std::fs::read_to_string(&file).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        for case in cases {
            let title = case["name"].as_str().unwrap();
            let (name, bytes) = match &case["input"] {
                Value::String(path) => {
                    let path = file.parent().unwrap().join(path);
                    (
                        path.display().to_string(),
                        std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display())),
                    )
                }
                inline => (format!("{id} {title}"), serde_yaml::to_string(inline).unwrap().into_bytes()),
            };
            let account = case["account"].as_str().map(str::to_owned);
            let options = Options { account, ..Options::default() };
            let found = answers(&name, bytes, &options, &|own| own == id);
            for (rule, expected) in case["expectations"]["rules"].as_mapping().unwrap() {
                let rule = rule.as_str().unwrap();
                let status =
                    found.iter().find(|((_, name), _)| name == rule).map_or("MISSING", |(_, status)| status);
                count += 1;
                if status != expected.as_str().unwrap() {
                    wrong.push(format!(
                        "{id} `{title}`: {rule} is {status}, not {}",
                        expected.as_str().unwrap()
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 0);
}

/// Inputs that are labelled elsewhere, where they are at hand: a failing and a passing one for each rule.
#[test]
fn labelled_inputs_get_their_labels() {
    let shared = root().join("../shared/rules");
    let Ok(text) = std::fs::read_to_string(shared.join("rules.json")) else { return };
    let rows: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    let mut wrong = Vec::new();
    let mut count = 0;
    for row in rows {
        let id = row["id"].as_str().unwrap();
        if !BUILT_IN.rules().iter().any(|rule| rule.id() == id) {
            continue;
        }
        for (label, bad) in [("fail", true), ("pass", false)] {
            let mut inputs = Vec::new();
            if let Some(snippet) = row[format!("cfn_{label}")].as_str().filter(|text| text.contains("Type:"))
            {
                inputs.push((format!("{id} cfn {label}"), template(snippet).into_bytes()));
            }
            if let Ok(bytes) = std::fs::read(shared.join(format!("tfplan/{id}/{label}.plan.json"))) {
                inputs.push((format!("{id} tf {label}"), bytes));
            }
            for (name, bytes) in inputs {
                count += 1;
                let found = answers(&name, bytes, &Options::default(), &|own| own == id);
                let fails = found.values().any(|status| status == "FAIL");
                if fails != bad {
                    wrong.push(format!("{name}: {:?}", found.values().collect::<Vec<_>>()));
                }
            }
        }
    }
    println!("{count} labelled inputs");
    assert!(wrong.is_empty(), "{} of {count}\n{}", wrong.len(), wrong.join("\n"));
}

/// A template around resources, unless the text is one.
fn template(snippet: &str) -> String {
    if snippet.lines().any(|line| line.starts_with("Resources:")) {
        return snippet.to_owned();
    }
    let parameters = if snippet.contains("NoEchoToken") {
        "Parameters:\n  NoEchoToken: {Type: String, NoEcho: true}\n"
    } else {
        ""
    };
    let indented: Vec<String> = snippet.lines().map(|line| format!("  {line}")).collect();
    format!("{parameters}Resources:\n{}\n", indented.join("\n"))
}
