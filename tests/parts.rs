//! What is found does not depend on how many entities are judged at a time.

use std::path::{Path, PathBuf};

use rolecall::check::{Request, check_with, load_rules};
use rolecall::report::{self, Format, Look};
use serde_json::Value;

/// Lines that can be asked of each entity alone, and lines that cannot, or only behind a condition over all.
const RULES: &str = "
let bounded = %roles[ boundary exists ]
let automation = %ssm_documents[ document_kind == 'Automation' ]
rule lone_variable { %bounded empty <<a role has a boundary>> }
rule gated {
    when %bounded empty {
        %roles[ outside not exists ] { boundary exists <<no role has a boundary>> }
        %roles.purposes[*] != 'instance' <<nodes have a role>>
    }
}
rule two_kinds { when %bounded !empty { %roles { name exists } %policies { size < 10 } } }
rule some_of_all { some %roles.name == 'nobody' <<no role is called nobody>> }
rule between { %policies.id !in %roles.id <<{value} is a role>> %policies.size < 100 <<{size} is long>> }
rule lone { %automation !empty <<there is no automation>> }
rule through_let {
    let open = %policies[ statements[ effect == 'Allow' ] !empty ]
    %open { statements[*].actions[*] != /\\*/ <<`{value}` in {id}>> }
}
rule alternatives { %roles { attached !exists or inline !exists <<both>> } or %users empty }
rule selection { %roles.attached[ aws_status == 'active' ] empty <<attached>> }
rule unknown { %nodes[ has_profile == true ].roles[ attached_count == 0 ] empty }
rule refers { gated <<gated does not hold>> }
rule called { %roles { is_named(this) } }
rule is_named(role) { %role.name exists <<the role has no name>> }
rule documented when %automation !empty { %ssm_documents { description exists <<what is it for?>> } }
";

const LOOK: Look = Look { colour: false, unicode: false, width: None, show: rolecall::check::Severity::Info };

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut entries: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|end| end == "json" || end == "yaml") {
            out.push(path);
        }
    }
}

#[test]
fn parts_give_what_the_whole_gives() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut paths, mut real) = (Vec::new(), Vec::new());
    files(&root.join("tests/cases/ingest"), &mut paths);
    files(&root.join("policies/iam/plans"), &mut paths);
    files(&root.join("policies/ssm/plans"), &mut paths);
    for folder in ["tfplan", "tfstate", "cfn"] {
        files(&root.join("../shared/corpus").join(folder), &mut real);
    }
    // Without optimisation, a sample has to do.
    let (own, others) = if cfg!(debug_assertions) { (9, 100) } else { (1, 1) };
    let paths: Vec<PathBuf> =
        paths.into_iter().step_by(own).chain(real.into_iter().step_by(others)).collect();
    assert!(paths.len() > 50, "there are inputs");
    let folder = std::env::temp_dir().join(format!("rolecall-parts-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("own.guard"), RULES).unwrap();
    let options = rolecall::ingest::Options { facts_only: true, ..Default::default() };
    let request =
        Request { paths, rules: vec![folder.clone()], builtin: true, options, ..Request::default() };
    let rules = load_rules(&request);
    let report = |at_a_time| {
        let own = own_request(&request);
        let options = rolecall::ingest::Options { at_a_time, ..own.options.clone() };
        let run =
            check_with(&Request { at_a_time, paths: request.paths.clone(), options, ..own }, &rules, &());
        let mut out = Vec::new();
        report::render(&run, Format::Json, LOOK, &mut out).unwrap();
        (run.findings.len(), String::from_utf8(out).unwrap())
    };
    let (count, whole) = report(usize::MAX);
    assert!(count > 500, "{count}");
    for at_a_time in [1, 4] {
        let (_, parts) = report(at_a_time);
        let difference = whole.lines().zip(parts.lines()).position(|(left, right)| left != right);
        let around = difference.map(|at| {
            let part =
                |text: &str| text.lines().skip(at.saturating_sub(12)).take(20).collect::<Vec<_>>().join("\n");
            format!("{}\n---\n{}", part(&whole), part(&parts))
        });
        assert!(whole == parts, "{at_a_time} at a time: {}", around.unwrap_or_default());
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

/// So many times a plan is repeated: entities of which there are few are not held against each other.
const TIMES: usize = 24;

#[test]
fn entities_that_are_alike_are_judged_as_each_alone() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    files(&root.join("policies/iam/plans"), &mut paths);
    files(&root.join("policies/ssm/plans"), &mut paths);
    let folder = std::env::temp_dir().join(format!("rolecall-alike-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let rules = load_rules(&Request { builtin: true, ..Request::default() });
    let (mut plans, mut found) = (0, 0);
    for path in paths.into_iter().step_by(if cfg!(debug_assertions) { 67 } else { 1 }) {
        let text = std::fs::read_to_string(&path).unwrap();
        let Some(many) = repeated(&serde_json::from_str(&text).unwrap()) else { continue };
        let file = folder.join("plan.json");
        std::fs::write(&file, many.to_string()).unwrap();
        let report = |at_a_time| {
            let options = rolecall::ingest::Options { facts_only: true, at_a_time, ..Default::default() };
            let request = Request {
                paths: vec![file.clone()],
                builtin: true,
                options,
                at_a_time,
                ..Request::default()
            };
            let run = check_with(&request, &rules, &());
            let mut out = Vec::new();
            report::render(&run, Format::Json, LOOK, &mut out).unwrap();
            (run.findings.len(), String::from_utf8(out).unwrap())
        };
        let (count, whole) = report(usize::MAX);
        assert!(whole == report(64).1, "{}", path.display());
        plans += 1;
        found += count;
    }
    assert!(plans > 5 && found > 5 * TIMES, "{plans} plans, {found} findings");
    std::fs::remove_dir_all(&folder).unwrap();
}

/// A plan that makes everything so many times, under other names. Nothing where it has modules.
fn repeated(plan: &Value) -> Option<Value> {
    let changes = plan["resource_changes"].as_array()?;
    if plan["configuration"]["root_module"].get("module_calls").is_some() {
        return None;
    }
    let addresses: Vec<&str> = changes.iter().filter_map(|one| one["address"].as_str()).collect();
    let names: Vec<&str> = changes.iter().filter_map(|one| one["change"]["after"]["name"].as_str()).collect();
    let renamed = |value: &Value, time: usize| {
        let mut value = value.clone();
        rename(&mut value, &|text| {
            let address = addresses.iter().find(|address| {
                text.strip_prefix(**address)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
            });
            match address {
                Some(address) => format!("{address}_{time}{}", &text[address.len()..]),
                None if names.contains(&text) => format!("{text}-{time}"),
                None => text.to_owned(),
            }
        });
        if let Some(name) = value.get("name").and_then(Value::as_str).map(str::to_owned) {
            let name = name.strip_suffix(&format!("-{time}")).unwrap_or(&name).to_owned();
            value["name"] = format!("{name}_{time}").into();
        }
        value
    };
    let all = |list: &Value| -> Value {
        let list = list.as_array().cloned().unwrap_or_default();
        (0..TIMES).flat_map(|time| list.iter().map(|one| renamed(one, time)).collect::<Vec<_>>()).collect()
    };
    let mut out = plan.clone();
    out["resource_changes"] = all(&plan["resource_changes"]);
    out["configuration"]["root_module"]["resources"] =
        all(&plan["configuration"]["root_module"]["resources"]);
    Some(out)
}

fn rename(value: &mut Value, name: &impl Fn(&str) -> String) {
    match value {
        Value::String(text) => *text = name(text),
        Value::Array(list) => list.iter_mut().for_each(|one| rename(one, name)),
        Value::Object(map) => map.values_mut().for_each(|one| rename(one, name)),
        _ => {}
    }
}

fn own_request(request: &Request) -> Request {
    Request {
        rules: request.rules.clone(),
        builtin: request.builtin,
        options: request.options.clone(),
        ..Request::default()
    }
}
