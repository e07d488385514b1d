//! Plans and states, from the project's own configurations.
//!
//! A case is a folder below `tests/cases/ingest/terraform`: the configuration (`main.tf`), what Terraform made of it
//! (`plan.json` or `state.json`), and in `expected` what is read from that.

use std::fmt::Write as _;
use std::path::Path;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use rayon::prelude::*;
use rolecall::document::NodeId;
use rolecall::document::Tree;
use rolecall::ingest::{self, Options, Unit};
use rolecall::model::{Inventory, Link, Target};

use crate::golden;

#[test]
fn plans_are_read_as_expected() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/ingest/terraform");
    let mut cases: Vec<PathBuf> =
        std::fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() > 5, "no cases");
    let mut failures = Vec::new();
    for case in cases {
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(&case).unwrap().map(|entry| entry.unwrap().path()).collect();
        let is_plan = |name: &str| name.ends_with("json") && !name.ends_with(".tf.json");
        files.retain(|file| file.file_name().and_then(|name| name.to_str()).is_some_and(is_plan));
        files.sort();
        let mut out = String::new();
        for file in files {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            writeln!(out, "# {name}").unwrap();
            match ingest::read(&name, std::fs::read(&file).unwrap(), &Options::default()) {
                Ok(unit) => show(&unit, &mut out),
                Err(diagnostic) => writeln!(out, "{} {}", diagnostic.code.id(), diagnostic.message).unwrap(),
            }
        }
        golden::check(&case.join("expected"), &out, &mut failures);
        if case.join("expected-with-configuration").exists() {
            let options = Options { configuration: Some(case.clone()), ..Options::default() };
            let plan = std::fs::read(case.join("plan.json")).unwrap();
            let mut out = String::new();
            let unit = ingest::read("plan.json", plan, &options).unwrap();
            show(&unit, &mut out);
            places(&unit, &case, &mut out);
            golden::check(&case.join("expected-with-configuration"), &out, &mut failures);
        }
    }
    golden::report(&failures);
}

#[test]
fn sensitive_values_are_sensitive_wherever_they_stand() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/ingest/terraform/nulls");
    let bytes = std::fs::read(root.join("plan.json")).unwrap();
    assert!(bytes.windows(7).filter(|window| window == b"planted").count() > 5, "secrets were planted");
    let unit = ingest::read("plan.json", bytes, &Options::default()).unwrap();
    let mut conditions = unit.conditions;
    let facts = rolecall::facts::build(&Arc::new(unit.tree), &mut conditions, &unit.inventory);
    let mut secrets = 0;
    for node in (0..facts.tree.len()).map(NodeId::from_index) {
        let shown = facts.tree.display(node);
        assert!(!shown.contains("planted"), "{}: {shown}", facts.tree.pointer(node));
        secrets += usize::from(facts.tree.scalar(node).is_some_and(|text| text.contains("planted")));
    }
    assert!(secrets > 5, "the values are there to be compared");
}

/// Every way to print something of a plan or state; `FILE` is the input, `HCL` the folder of its configuration.
const OUTPUTS: &[&str] = &[
    "check --show info -f human -f json -f jsonl -f sarif -f concise -f junit -f github -f gitlab -f markdown -f html FILE",
    "check --show info --unknown fail --color always -f human FILE",
    "check --show info --hcl HCL FILE",
    "check --no-builtin --rules RULES -f human FILE",
    "model FILE",
    "model --hcl HCL FILE",
    "diff FILE",
    "diff --format markdown FILE",
    "diff --format json FILE",
    "generate role FILE --account 111122223333",
];

#[test]
fn no_output_shows_a_secret() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/ingest/terraform/secrets");
    let rules = root.join("raw.guard");
    let mut commands: Vec<String> = Vec::new();
    for file in ["plan.json", "state.json", "cut.json", "broken.json"] {
        for line in OUTPUTS {
            commands.push(line.replace("FILE", file));
        }
    }
    let printed = |arguments: &str| {
        let arguments = arguments.replace("HCL", ".").replace("RULES", &rules.to_string_lossy());
        let done = Command::new(env!("CARGO_BIN_EXE_rolecall"))
            .args(arguments.split(' '))
            .current_dir(&root)
            .env_clear()
            .stdin(Stdio::null())
            .output()
            .unwrap();
        [done.stdout, done.stderr].concat()
    };
    let found = printed("check -f json plan.json state.json");
    let mut found = serde_json::Deserializer::from_slice(&found).into_iter::<serde_json::Value>();
    let found = found.next().unwrap().unwrap();
    let mut rules: Vec<&str> =
        found["findings"].as_array().unwrap().iter().map(|one| one["rule"].as_str().unwrap()).collect();
    rules.sort_unstable();
    rules.dedup();
    assert!(rules.len() > 15, "too little is found to be shown: {rules:?}");
    commands.extend(rules.iter().map(|rule| format!("explain {rule} plan.json state.json")));
    let shown: usize = commands
        .par_iter()
        .map(|command| {
            let text = String::from_utf8(printed(command)).unwrap();
            let secret = text.to_ascii_lowercase().find("planted");
            assert!(secret.is_none(), "{command}: {}", &text[secret.unwrap_or(0).saturating_sub(200)..]);
            text.len()
        })
        .sum();
    assert!(shown > 100_000, "only {shown} bytes were printed");
}

/// Where in the configuration the fields of entities are made.
fn places(unit: &Unit, case: &Path, out: &mut String) {
    out.push_str("\n## places\n");
    let configuration = unit.configuration.as_ref().unwrap();
    for entity in unit.inventory.entities() {
        let resource = unit.inventory.resource(entity.resource).unwrap();
        for (name, value) in entity.fields() {
            let statements = unit.tree.get(*value, "Statement").and_then(|node| unit.tree.list(node));
            let last = statements.and_then(|list| list.iter().next_back());
            let action = last.and_then(|statement| unit.tree.get(statement, "Action"));
            let node = action.unwrap_or(*value);
            let Some(place) = configuration.locate(&unit.tree, node, &resource.id) else {
                writeln!(out, "{} {name}: nowhere", resource.id).unwrap();
                continue;
            };
            let text = place.source.text();
            let line = text[..place.start as usize].matches('\n').count() + 1;
            let shown = text[place.start as usize..place.end as usize].lines().next().unwrap_or("");
            let file = Path::new(place.source.name()).strip_prefix(case).unwrap().display();
            writeln!(out, "{} {name}: {file}:{line} {shown}", resource.id).unwrap();
        }
    }
}

fn show(unit: &Unit, out: &mut String) {
    for diagnostic in &unit.diagnostics {
        writeln!(out, "{} {}", diagnostic.code.id(), diagnostic.message).unwrap();
    }
    inventory(&unit.tree, &unit.inventory, out);
    if let Some(before) = &unit.before {
        out.push_str("\n## before\n");
        inventory(&unit.tree, before, out);
    }
}

fn inventory(tree: &Tree, inventory: &Inventory, out: &mut String) {
    for (position, entity) in inventory.entities().iter().enumerate() {
        let resource = inventory.resource(entity.resource).unwrap();
        write!(out, "\n{} {} ({})", entity.kind.name(), resource.id, resource.change.as_str()).unwrap();
        if let Some(previous) = inventory.previous_id(entity.resource) {
            write!(out, " was {previous}").unwrap();
        }
        out.push('\n');
        for (name, value) in entity.fields() {
            writeln!(out, "  {name}: {}", tree.display(*value)).unwrap();
        }
        for link in inventory.links().iter().filter(|link| link.from.index() == position) {
            let by = inventory.resource(link.resource).unwrap();
            let by = if by.id == resource.id { String::new() } else { format!(" by {}", by.id) };
            writeln!(out, "  -> {:?} {}{by}", link.relation, target(tree, inventory, link)).unwrap();
        }
    }
}

fn target(tree: &Tree, inventory: &Inventory, link: &Link) -> String {
    let when = if link.under.is_always() { "" } else { " perhaps" };
    match link.to {
        Target::Entity(to, sure) => {
            let entity = inventory.entity(to).unwrap();
            let resource = inventory.resource(entity.resource).unwrap();
            let sure = if sure == rolecall::document::Tri::Yes { "" } else { " maybe" };
            format!("{} {}{sure}{when}", entity.kind.name(), resource.id)
        }
        Target::Outside => format!("outside {}{when}", tree.display(link.value)),
        Target::Unknown => format!("unknown {}{when}", unknown(tree, link)),
    }
}

fn unknown(tree: &Tree, link: &Link) -> String {
    match tree.view(link.value) {
        rolecall::document::View::Unknown(unknown) => unknown.blocker.to_string(),
        _ => tree.display(link.value),
    }
}
