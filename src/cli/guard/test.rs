//! `test`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::document::{NodeId, Tree, View};
use crate::rules::Status;

use super::data::Data;
use super::files::{self, Order};
use super::judge::{self, RuleSet};
use super::junit::{self, Case, CaseOutcome, Suite};
use super::{Failure, Output, Streams, TestArgs};

const UNMET: u8 = 7;
const BROKEN: u8 = 1;

/// What became of a rule file's tests.
struct Tested {
    rules: String,
    outcome: Result<Vec<TestedCase>, String>,
}

/// What became of a test case.
struct TestedCase {
    name: String,
    passed: Vec<(String, Status)>,
    failed: Vec<(String, Status, Vec<Status>)>,
    skipped: Vec<String>,
}

pub(super) fn run(args: &TestArgs, streams: &mut Streams<'_>) -> Result<u8, Failure> {
    let structured = args.output_format != Output::SingleLineSummary;
    if structured && args.verbose {
        return Err(Failure::Abort("a structured output cannot be combined with `verbose`".to_owned()));
    }
    if args.output_format == Output::Sarif {
        return Err(Failure::Abort("tests have no SARIF report".to_owned()));
    }
    match (&args.dir, &args.rules_file, &args.test_data) {
        (Some(folder), ..) => {
            files::must_exist(folder)?;
            if structured { folder_structured(args, folder, streams) } else { folder_plain(folder, streams) }
        }
        (None, Some(rules), Some(tests)) => {
            files::must_exist(rules)?;
            files::must_exist(tests)?;
            let order = if args.last_modified { Order::LastModified } else { Order::Name };
            let endings = [".json", ".yaml", ".JSON", ".YAML", ".yml", ".jsn"];
            let tests: Vec<PathBuf> = files::walk(tests, order)
                .into_iter()
                .filter(|file| files::has_ending(file, &endings))
                .collect();
            single(args, rules, &tests, streams)
        }
        _ => Err(Failure::Abort("a rule file and its tests are needed, or a folder".to_owned())),
    }
}

/// Reads and compiles a rule file.
fn read(name: &str, text: &str) -> Result<RuleSet, String> {
    judge::parse(name, text).map(|file| RuleSet::new(&[file]))
}

/// One rule file.
fn single(
    args: &TestArgs,
    rules: &Path,
    tests: &[PathBuf],
    streams: &mut Streams<'_>,
) -> Result<u8, Failure> {
    let name = rules.to_string_lossy().into_owned();
    let text = files::read(rules)?;
    let file = read(&name, &text);
    if args.output_format == Output::SingleLineSummary {
        return match file {
            Ok(file) => plain(&file, tests, streams),
            Err(error) => {
                writeln!(streams.out, "Parse Error on ruleset file {error}")?;
                Ok(BROKEN)
            }
        };
    }
    let (tested, code) = match file {
        // The peer's code for a rule file that it cannot read here is 0; ours says that something is wrong.
        Err(error) => (Tested { rules: name, outcome: Err(error) }, BROKEN),
        Ok(file) => {
            let tested = structured(&file, name, tests, streams)?;
            let code = code_of(&tested);
            (tested, code)
        }
    };
    write_structured(args.output_format, &[tested], false, streams)?;
    Ok(code)
}

fn code_of(tested: &Tested) -> u8 {
    match &tested.outcome {
        Err(_) => BROKEN,
        Ok(cases) if cases.iter().any(|case| !case.failed.is_empty()) => UNMET,
        Ok(_) => 0,
    }
}

/// Rule files with their tests, by folder.
fn pairs(folder: &Path) -> Vec<(PathBuf, Vec<PathBuf>)> {
    let all = files::walk(folder, Order::Name);
    let mut by_folder: BTreeMap<PathBuf, Vec<(PathBuf, Vec<PathBuf>)>> = BTreeMap::new();
    let stem = |file: &Path| {
        let name = files::name(file);
        files::RULES.iter().find_map(|ending| name.strip_suffix(ending).map(str::to_owned))
    };
    for file in all.iter().filter(|file| stem(file).is_some()) {
        let parent = file.parent().unwrap_or(Path::new("")).to_owned();
        by_folder.entry(parent).or_default().push((file.clone(), Vec::new()));
    }
    for file in &all {
        let is_test = files::has_ending(file, &[".yaml", ".yml", ".json", ".jsn"]);
        let Some(parent) = file.parent().filter(|parent| is_test && parent.ends_with("tests")) else {
            continue;
        };
        let Some(candidates) = parent.parent().and_then(|folder| by_folder.get_mut(folder)) else { continue };
        let name = files::name(file);
        // The first rule file whose name starts the test's name, as the peer pairs them.
        let owner =
            candidates.iter_mut().find(|(rules, _)| stem(rules).is_some_and(|stem| name.starts_with(&stem)));
        if let Some((_, tests)) = owner {
            tests.push(file.clone());
        }
    }
    by_folder.into_values().flatten().collect()
}

fn folder_plain(folder: &Path, streams: &mut Streams<'_>) -> Result<u8, Failure> {
    let mut code = 0;
    for (rules, tests) in pairs(folder) {
        let shown = rules.display().to_string();
        if tests.is_empty() {
            writeln!(streams.out, "Guard File {shown} did not have any tests associated, skipping.\n---")?;
            continue;
        }
        writeln!(streams.out, "Testing Guard File {shown}")?;
        let stem = files::name(&rules);
        match read(&stem, &files::read(&rules)?) {
            Err(error) => {
                writeln!(streams.out, "Parse Error on ruleset file {error}")?;
                code = UNMET;
            }
            Ok(file) => {
                let own = plain(&file, &tests, streams)?;
                code = if code == 0 { own } else { code };
            }
        }
        writeln!(streams.out, "---")?;
    }
    Ok(code)
}

fn folder_structured(args: &TestArgs, folder: &Path, streams: &mut Streams<'_>) -> Result<u8, Failure> {
    let mut all = Vec::new();
    let mut code = 0;
    for (rules, tests) in pairs(folder) {
        if tests.is_empty() {
            continue;
        }
        let name = rules.to_string_lossy().into_owned();
        let text = files::read(&rules).map_err(|error| match error {
            Failure::Abort(message) => message,
            Failure::Write(error) => error.to_string(),
        });
        let tested = match text.and_then(|text| read(&files::name(&rules), &text)) {
            Ok(file) if file.is_empty() => continue,
            Ok(file) => structured(&file, name, &tests, streams)?,
            Err(error) => Tested { rules: name, outcome: Err(error) },
        };
        code = match (code, code_of(&tested)) {
            (BROKEN, _) | (_, BROKEN) => BROKEN,
            (0, own) => own,
            (known, _) => known,
        };
        all.push(tested);
    }
    write_structured(args.output_format, &all, true, streams)?;
    Ok(code)
}

/// The cases of a test file.
struct Spec {
    name: Option<String>,
    input: NodeId,
    expected: Vec<(String, Status)>,
}

fn specs(data: &Data) -> Result<Vec<Spec>, String> {
    let tree = &data.tree;
    let View::List(list) = tree.view(data.root) else {
        return Err("a test file is a list of cases".to_owned());
    };
    list.iter().map(|case| spec(tree, case)).collect()
}

fn spec(tree: &Tree, case: NodeId) -> Result<Spec, String> {
    let name = tree.get(case, "name").and_then(|name| tree.scalar(name)).map(str::to_owned);
    let input = tree.get(case, "input").ok_or("a case has no `input`")?;
    let rules = tree.at(case, &["expectations", "rules"]).and_then(|rules| tree.map(rules));
    let rules = rules.ok_or("a case has no `expectations.rules`")?;
    let mut expected = Vec::with_capacity(rules.len());
    for (_, rule, status) in rules.iter() {
        expected.push((rule.to_owned(), status_named(tree.scalar(status).unwrap_or(""))?));
    }
    Ok(Spec { name, input, expected })
}

fn status_named(text: &str) -> Result<Status, String> {
    [Status::Pass, Status::Fail, Status::Skip]
        .into_iter()
        .find(|status| status.as_str() == text)
        .ok_or_else(|| format!("there is no status `{text}`; it is PASS, FAIL or SKIP"))
}

/// Evaluates one case.
fn case(
    file: &RuleSet,
    data: &mut Data,
    spec: &Spec,
    streams: &mut Streams<'_>,
) -> Result<TestedCase, Failure> {
    data.root = spec.input;
    let mut by_rule: Vec<(String, Vec<Status>)> = Vec::new();
    for verdict in file.judge_one(data)? {
        match by_rule.iter_mut().find(|(name, _)| *name == verdict.name) {
            Some((_, statuses)) => statuses.push(verdict.status),
            None => by_rule.push((verdict.name, vec![verdict.status])),
        }
    }
    let mut out = TestedCase {
        name: spec.name.clone().unwrap_or_default(),
        passed: Vec::new(),
        failed: Vec::new(),
        skipped: Vec::new(),
    };
    for (rule, _) in &spec.expected {
        if !by_rule.iter().any(|(name, _)| name == rule) {
            writeln!(streams.err, "there is no rule `{rule}`, for which a test expects something")?;
        }
    }
    for (rule, statuses) in by_rule {
        let Some((_, expected)) = spec.expected.iter().find(|(name, _)| *name == rule) else {
            out.skipped.push(rule);
            continue;
        };
        let expected = *expected;
        let met = match expected {
            Status::Skip => statuses.iter().all(|status| *status == Status::Skip),
            other => statuses.contains(&other),
        };
        if met { out.passed.push((rule, expected)) } else { out.failed.push((rule, expected, statuses)) }
    }
    Ok(out)
}

fn load(path: &Path) -> Result<(Data, Vec<Spec>), String> {
    let text = files::read(path).map_err(|error| match error {
        Failure::Abort(message) => message,
        Failure::Write(error) => error.to_string(),
    })?;
    let named = |error: String| format!("Unable to process data in file {}, Error {error},", path.display());
    let data = Data::read_test(&path.to_string_lossy(), &text).map_err(named)?;
    let specs = specs(&data).map_err(named)?;
    Ok((data, specs))
}

fn structured(
    file: &RuleSet,
    name: String,
    tests: &[PathBuf],
    streams: &mut Streams<'_>,
) -> Result<Tested, Failure> {
    let mut cases = Vec::new();
    for path in tests {
        match load(path) {
            Ok((mut data, specs)) => {
                for spec in specs {
                    cases.push(case(file, &mut data, &spec, streams)?);
                }
            }
            Err(error) => return Ok(Tested { rules: name, outcome: Err(error) }),
        }
    }
    Ok(Tested { rules: name, outcome: Ok(cases) })
}

fn plain(file: &RuleSet, tests: &[PathBuf], streams: &mut Streams<'_>) -> Result<u8, Failure> {
    let mut code = 0;
    let mut number = 1;
    for path in tests {
        let (mut data, specs) = match load(path) {
            Ok(loaded) => loaded,
            Err(error) => {
                writeln!(streams.out, "Error processing {error}")?;
                code = BROKEN;
                continue;
            }
        };
        for spec in specs {
            writeln!(streams.out, "Test Case #{number}")?;
            if let Some(name) = &spec.name {
                writeln!(streams.out, "Name: {name}")?;
            }
            let tested = case(file, &mut data, &spec, streams)?;
            for rule in &tested.skipped {
                writeln!(streams.out, "  No Test expectation was set for Rule {rule}")?;
            }
            if !tested.failed.is_empty() {
                code = UNMET;
                writeln!(streams.out, "  FAIL Rules:")?;
                for (rule, expected, evaluated) in &tested.failed {
                    let evaluated: Vec<_> = evaluated.iter().map(|status| status.as_str()).collect();
                    let (expected, evaluated) = (expected.as_str(), evaluated.join(", "));
                    writeln!(streams.out, "    {rule}: Expected = {expected}, Evaluated = [{evaluated}]")?;
                }
            }
            if !tested.passed.is_empty() {
                writeln!(streams.out, "  PASS Rules:")?;
                for (rule, expected) in &tested.passed {
                    writeln!(streams.out, "    {rule}: Expected = {}", expected.as_str())?;
                }
            }
            writeln!(streams.out)?;
            number += 1;
        }
    }
    Ok(code)
}

fn write_structured(
    output: Output,
    tested: &[Tested],
    many: bool,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    if output == Output::Junit {
        let suites: Vec<Suite> = tested.iter().map(suite).collect();
        write!(streams.out, "{}", junit::report("cfn-guard test report", &suites))?;
        return Ok(());
    }
    let all: Vec<Value> = tested.iter().map(value).collect();
    let value = if many { Value::Array(all) } else { all.into_iter().next().unwrap_or(Value::Null) };
    let text = match output {
        Output::Yaml => serde_yaml::to_string(&value).map_err(|error| Failure::Abort(error.to_string()))?,
        _ => serde_json::to_string_pretty(&value).map_err(|error| Failure::Abort(error.to_string()))?,
    };
    Ok(streams.out.write_all(text.as_bytes())?)
}

fn value(tested: &Tested) -> Value {
    let cases = match &tested.outcome {
        Ok(cases) => cases,
        Err(error) => return json!({ "rule_file": tested.rules, "error": error }),
    };
    let cases: Vec<Value> = cases
        .iter()
        .map(|case| {
            let passed: Vec<Value> = case
                .passed
                .iter()
                .map(|(name, status)| json!({ "name": name, "evaluated": status.as_str() }))
                .collect();
            let failed: Vec<Value> = case
                .failed
                .iter()
                .map(|(name, expected, evaluated)| {
                    let evaluated: Vec<_> = evaluated.iter().map(|status| status.as_str()).collect();
                    json!({ "name": name, "expected": expected.as_str(), "evaluated": evaluated })
                })
                .collect();
            let skipped: Vec<Value> = case.skipped.iter().map(|name| json!({ "name": name })).collect();
            json!({
                "name": case.name,
                "passed_rules": passed,
                "failed_rules": failed,
                "skipped_rules": skipped,
            })
        })
        .collect();
    json!({ "rule_file": tested.rules, "test_cases": cases })
}

fn suite(tested: &Tested) -> Suite {
    let cases = match &tested.outcome {
        Err(error) => {
            vec![Case { id: None, name: tested.rules.clone(), outcome: CaseOutcome::Error(error.clone()) }]
        }
        Ok(cases) => cases.iter().flat_map(junit_cases).collect(),
    };
    Suite { name: tested.rules.clone(), cases }
}

fn junit_cases(case: &TestedCase) -> Vec<Case> {
    let id = Some(case.name.clone());
    let passed = case.passed.iter().map(|(rule, _)| Case {
        id: id.clone(),
        name: rule.clone(),
        outcome: CaseOutcome::Pass,
    });
    let failed = case.failed.iter().map(|(rule, expected, evaluated)| {
        let evaluated: Vec<_> = evaluated.iter().map(|status| status.as_str()).collect();
        let text = format!("Expected = {}, Evaluated = [{}]", expected.as_str(), evaluated.join(", "));
        Case { id: id.clone(), name: rule.clone(), outcome: CaseOutcome::Fail { name: None, text } }
    });
    passed.chain(failed).collect()
}
