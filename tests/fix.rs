//! Fixes: what each rule's fix does to each of the rule's failing templates, and the laws that hold for all.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;
use rolecall::check::{FindingStatus, Request, load_rules};
use rolecall::document::Diagnostic;
use rolecall::fix::{Outcome, Wish, fix_with};
use rolecall::rules::Program;

type Rules = (Program, Vec<Diagnostic>);

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rules() -> &'static Rules {
    static RULES: OnceLock<Rules> = OnceLock::new();
    RULES.get_or_init(|| load_rules(&Request { builtin: true, ..Request::default() }))
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
    let lines: Vec<String> = block.map(|line| format!("{}\n", line.get(4..).unwrap_or(""))).collect();
    lines.concat()
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
    let (remarked, count) = commented(text);
    let remarked = after(&mend(rules, rule, &remarked, parameters), &remarked);
    assert_eq!(remarked.matches("# kept ").count(), count, "comments: {}", why());
    said
}

#[test]
fn fixes_of_the_packs_keep_the_laws() {
    let rules = rules();
    let cases = cases(rules);
    let with_fix = rules.0.rules().iter().filter(|rule| !rule.fixes().is_empty());
    for rule in with_fix {
        let plan = plan_of(rule.file(), "json").is_file();
        let template = cases.iter().any(|case| case.rule == rule.id());
        assert!(template || plan, "{} has a fix and nothing to try it on", rule.id());
    }
    let said: Vec<String> = cases.par_iter().map(|case| laws(rules, case)).collect();
    let mut failures = Vec::new();
    crate::golden::check(&root().join("tests/cases/fix/packs.txt"), &said.concat(), &mut failures);
    crate::golden::report(&failures);
}

/// A file of the failing plan of a rule.
fn plan_of(rule: &str, ending: &str) -> PathBuf {
    let rule = root().join(rule);
    let stem = rule.file_stem().unwrap().to_string_lossy().into_owned();
    rule.with_file_name("plans").join(format!("{stem}.fail.{ending}"))
}

/// A folder of its own for what a test writes.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fix").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn mend_plan(rules: &Rules, rule: &str, plan: &Path, configuration: &Path) -> Outcome {
    let options = rolecall::ingest::Options {
        configuration: Some(configuration.to_owned()),
        ..rolecall::ingest::Options::default()
    };
    let request = Request { paths: vec![plan.to_owned()], builtin: true, options, ..Request::default() };
    fix_with(request, rules, &Wish { unsafe_fixes: true, rules: vec![rule.to_owned()] })
}

/// What the fixes of a rule do to the configuration of the rule's failing plan. The plan itself is as it was.
fn configuration(rules: &Rules, id: &str, file: &str) -> Option<String> {
    let (plan, written) = (plan_of(file, "json"), plan_of(file, "tf"));
    let text = std::fs::read_to_string(written).ok()?;
    let text = format!("# the first line\n{text}# the last line\n");
    let at = folder(id);
    std::fs::write(at.join("main.tf"), &text).unwrap();
    let outcome = mend_plan(rules, id, &plan, &at);
    let mut said = format!("{id}\n");
    for note in &outcome.applied {
        said.push_str(&format!("    {}\n", note.message));
    }
    for note in &outcome.withdrawn {
        said.push_str(&format!("    taken back: {}\n", note.message));
    }
    for note in &outcome.unfixable {
        said.push_str(&format!("    not fixed: {}\n", note.message));
    }
    for changed in &outcome.files {
        assert!(changed.name.ends_with("main.tf"), "{id}: {} changes", changed.name);
        assert!(
            changed.after.starts_with("# the first line\n") && changed.after.contains("\n# the last line\n")
        );
        for line in similar::TextDiff::from_lines(changed.before.as_str(), changed.after.as_str())
            .iter_all_changes()
            .filter(|change| change.tag() != similar::ChangeTag::Equal)
        {
            said.push_str(&format!("      {}{line}", line.tag()));
        }
        // The same with the other line endings.
        let windows = at.join("windows");
        std::fs::create_dir(&windows).unwrap();
        std::fs::write(windows.join("main.tf"), text.replace('\n', "\r\n")).unwrap();
        let other = mend_plan(rules, id, &plan, &windows);
        assert_eq!(other.files[0].after, changed.after.replace('\n', "\r\n"), "{id}");
    }
    Some(said)
}

#[test]
fn configurations_of_plans_are_mended() {
    let rules = rules();
    let with_fix: Vec<_> = rules.0.rules().iter().filter(|rule| !rule.fixes().is_empty()).collect();
    let said: Vec<String> =
        with_fix.par_iter().filter_map(|rule| configuration(rules, rule.id(), rule.file())).collect();
    let mut failures = Vec::new();
    crate::golden::check(&root().join("tests/cases/fix/configurations.txt"), &said.concat(), &mut failures);
    crate::golden::report(&failures);
}

/// Each folder is an input and what it becomes: all fixes, or without those that are not safe where it is called so.
#[test]
fn inputs_become_what_is_expected() {
    let mut failures = Vec::new();
    let mut count = 0;
    let mut folders: Vec<PathBuf> = std::fs::read_dir(root().join("tests/cases/fix"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    for case in folders {
        count += 1;
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let files = std::fs::read_dir(&case).unwrap().map(|entry| entry.unwrap().path());
        let input = files.filter(|path| path.file_stem().is_some_and(|stem| stem == "input")).min();
        let input = input.unwrap_or_else(|| panic!("{name}: no input"));
        let mend = |bytes: Vec<u8>| {
            let shown = format!("input.{}", input.extension().unwrap().to_string_lossy());
            let texts = [(Box::from(shown.as_str()), bytes)].into_iter().collect();
            let options =
                rolecall::ingest::Options { texts: Arc::new(texts), ..rolecall::ingest::Options::default() };
            let request = Request { paths: vec![shown.into()], builtin: true, options, ..Request::default() };
            let wish = Wish { unsafe_fixes: !name.starts_with("safe-"), rules: Vec::new() };
            fix_with(request, rules(), &wish)
        };
        let outcome = mend(std::fs::read(&input).unwrap());
        let [mended] = outcome.files.as_slice() else { panic!("{name}: {:?}", outcome.unfixable) };
        assert!(mend(mended.bytes.clone()).files.is_empty(), "{name}: mended twice");
        let expected =
            input.with_file_name(format!("expected.{}", input.extension().unwrap().to_string_lossy()));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&expected, &mended.bytes).unwrap();
        } else if std::fs::read(&expected).unwrap_or_default() != mended.bytes {
            failures.push(format!("{name}:\n{}", mended.after));
        }
        let notes = [
            ("", &outcome.applied),
            ("taken back: ", &outcome.withdrawn),
            ("not fixed: ", &outcome.unfixable),
        ];
        let lines = notes.iter().flat_map(|(what, all)| {
            all.iter().map(move |note| format!("{}: {what}{} ({})\n", note.place, note.message, note.rule))
        });
        crate::golden::check(&case.join("said.txt"), &lines.collect::<String>(), &mut failures);
    }
    assert!(count >= 8, "the cases were found");
    crate::golden::report(&failures);
}

/// Exit code, standard output, standard error.
fn run(arguments: &[&str]) -> (i32, String, String) {
    let done = std::process::Command::new(env!("CARGO_BIN_EXE_rolecall"))
        .args(arguments)
        .current_dir(root())
        .env_clear()
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (done.status.code().unwrap(), text(done.stdout), text(done.stderr))
}

#[test]
fn exit_codes_are_honest() {
    let at = folder("codes");
    let file = at.join("t.yaml");
    let path = file.to_str().unwrap();
    let template = |action: &str| {
        format!(
            "Resources:\n  P:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      PolicyDocument:\n        \
             Version: '2012-10-17'\n        Statement:\n        - Effect: Allow\n          Action: {action}\n          \
             Resource: arn:aws:ssm:eu-west-1:210987654321:parameter/app/*\n"
        )
    };
    std::fs::write(&file, template("SSM:getparameter")).unwrap();
    let rule = ["--rule", "IAM-GRM-26", path];
    assert_eq!(run(&[&["fix"], &rule[..]].concat()).0, 1, "there is something to fix");
    let (code, out, err) = run(&[&["fix", "--write"], &rule[..]].concat());
    assert_eq!((code, out.lines().count()), (0, 1), "{out}{err}");
    assert!(
        out.contains("fixed: replace `SSM:getparameter` by `ssm:GetParameter` (IAM-GRM-26 in `P`)"),
        "{out}"
    );
    assert_eq!(std::fs::read_to_string(&file).unwrap(), template("ssm:GetParameter"));
    assert_eq!(run(&[&["fix"], &rule[..]].concat()).0, 0, "nothing is left");
    std::fs::write(&file, template("ssm:GetParamete")).unwrap();
    let (code, out, err) = run(&["fix", path]);
    assert_eq!((code, &*out), (1, ""), "what is left counts: {err}");
    assert!(err.contains("1 more with `--unsafe-fixes`"), "{err}");
    assert_eq!(run(&["fix", "no-such-file"]).0, 3);
    assert_eq!(run(&["fix", "--write", "-"]).0, 2);
    assert_eq!(run(&["fix", "--write", "--diff", path]).0, 2);
    assert_eq!(run(&["fix", "--rule", "NO-SUCH-RULE", path]).0, 2);
}
