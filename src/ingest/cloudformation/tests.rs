//! Functions, as a table in `tests/cases/ingest/functions.yaml`, and whole templates, as cases in
//! `tests/cases/ingest/inventory`: `NAME.yaml`, or a folder with `main.yaml`, and what it declares in `NAME.expected`.

use std::fmt::Write as _;

use super::*;
use crate::document::yaml::Schema;
use crate::document::{Conditions, Limits, Source, Tree, Tri, View, parse};
use crate::ingest::Unit;
use crate::model::{Change, EntityId, Inventory, Target};

/// The value as the table writes it.
fn shown(tree: &Tree, conditions: &Conditions, node: NodeId) -> String {
    match tree.view(node) {
        _ if tree.is_sensitive(node) => tree.display(node),
        View::Unknown(unknown) => format!("({}: {})", unknown.reason.phrase(), unknown.blocker),
        View::List(list) => {
            let all: Vec<_> = list.iter().map(|element| shown(tree, conditions, element)).collect();
            format!("[{}]", all.join(", "))
        }
        View::Map(map) => {
            let all: Vec<_> = map
                .iter()
                .map(|(_, key, value)| format!("{key}: {}", shown(tree, conditions, value)))
                .collect();
            format!("{{{}}}", all.join(", "))
        }
        View::Choice(alternatives) => {
            let all: Vec<_> = alternatives
                .iter()
                .map(|one| {
                    let when = conditions.example(one.condition);
                    let when: Vec<_> =
                        when.iter().map(|(question, answer)| format!("{question} = {answer}")).collect();
                    let value =
                        one.value.map_or("(absent)".to_owned(), |value| shown(tree, conditions, value));
                    format!("{value} when {}", when.join(" and "))
                })
                .collect();
            all.join(" | ")
        }
        _ => tree.display(node),
    }
}

#[test]
fn functions_resolve_as_the_table_says() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/ingest/functions.yaml");
    let text = std::fs::read_to_string(path).unwrap();
    let mut tree = Tree::new();
    let file = tree.add_source(Source::from_text("functions.yaml", text.as_str()));
    let root = parse(&mut tree, file, &text, Schema::CloudFormation, Limits::default()).unwrap().roots[0];
    let mut assembly = Assembly::new(tree);
    let options = Options::default();
    let mut stack = Stack::open(&mut assembly, root, &options, State::default(), Shared::default());
    let pairs: Vec<_> =
        assembly.tree.list(assembly.tree.get(root, "Expect").unwrap()).unwrap().iter().collect();
    let mut wrong = Vec::new();
    for pair in &pairs {
        let pair = assembly.tree.list(*pair).unwrap();
        let (expression, expected) = (pair.get(0).unwrap(), pair.get(1).unwrap());
        let expected = assembly.tree.scalar(expected).unwrap().to_owned();
        let value = stack.resolver(&mut assembly).resolve(expression);
        let found =
            value.map_or("(absent)".to_owned(), |value| shown(&assembly.tree, &assembly.conditions, value));
        if found != expected {
            let line = assembly.tree.place(expression).unwrap().span;
            wrong.push(format!("{}\n  expected {expected}\n  found    {found}", line.slice(&text)));
        }
    }
    assert!(pairs.len() > 60 && wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// The inventory as cases write it: each entity with its fields, and what it is linked to.
pub(super) fn inventory(unit: &Unit, of: &Inventory) -> String {
    let (tree, conditions) = (&unit.tree, &unit.conditions);
    let mut out = String::new();
    let name = |id: EntityId| {
        let entity = of.entity(id).unwrap();
        let resource = of.resource(entity.resource).unwrap();
        if entity.get("outside").is_some() {
            return format!(
                "outside {} {}",
                entity.kind.name(),
                shown(tree, conditions, entity.get("name").unwrap())
            );
        }
        format!("{} {}", entity.kind.name(), resource.id)
    };
    for (index, entity) in (0u32..).zip(of.entities()) {
        let id = EntityId(index);
        let resource = of.resource(entity.resource).unwrap();
        let alias = resource.alias.as_deref().map_or_else(String::new, |alias| format!(" ({alias})"));
        let change = if resource.change == Change::Declared { "" } else { resource.change.as_str() };
        let blank = if change.is_empty() { "" } else { " " };
        writeln!(out, "{}{alias}{blank}{change}{}", name(id), when(conditions, resource.under, entity.under))
            .unwrap();
        for (field, value) in entity.fields() {
            writeln!(out, "  {field}: {}", shown(tree, conditions, *value)).unwrap();
        }
        for link in of.links().iter().filter(|link| link.from == id) {
            let to = match link.to {
                Target::Entity(to, Tri::Yes) => name(to),
                Target::Entity(to, _) => format!("maybe {}", name(to)),
                Target::Outside => format!("outside {}", shown(tree, conditions, link.value)),
                Target::Unknown => format!("unknown {}", shown(tree, conditions, link.value)),
            };
            let relation = format!("{:?}", link.relation).to_lowercase();
            let under = when(conditions, link.under, Condition::ALWAYS);
            writeln!(out, "  {relation} -> {to}{under}").unwrap();
        }
    }
    out
}

fn when(conditions: &Conditions, first: Condition, second: Condition) -> String {
    let all: Vec<_> = [first, second]
        .into_iter()
        .flat_map(|condition| conditions.example(condition))
        .map(|(question, answer)| format!("{question} = {answer}"))
        .collect();
    if all.is_empty() { String::new() } else { format!(" when {}", all.join(" and ")) }
}

/// What the first lines of a case say: `# region: eu-west-1`.
fn options_of(path: &std::path::Path, text: &str) -> Options {
    let mut options = Options::default();
    for line in text.lines().map_while(|line| line.strip_prefix("# ")) {
        let Some((key, value)) = line.split_once(": ") else { continue };
        let value = value.trim().to_owned();
        match key {
            "region" => options.region = Some(value),
            "account" => options.account = Some(value),
            "partition" => options.partition = Some(value),
            "parameters" => {
                for pair in value.split(' ') {
                    let (name, value) = pair.split_once('=').unwrap();
                    options.parameters.insert(name.to_owned(), value.to_owned());
                }
            }
            _ => {}
        }
    }
    let beside = |name: &str| Some(path.with_file_name(name)).filter(|path| path.exists());
    let in_folder = path.file_stem().is_some_and(|stem| stem == "main");
    if let Some(set) = beside("change-set.json").filter(|_| in_folder) {
        let bytes = std::fs::read(set).unwrap();
        options.change_set = Some(crate::ingest::read_change_set("c", bytes, Limits::default()).unwrap());
    }
    if let Some(file) = beside("parameters.json").filter(|_| in_folder) {
        let bytes = std::fs::read(file).unwrap();
        options.parameters.extend(crate::ingest::read_parameters("p", bytes, Limits::default()).unwrap());
    }
    options
}

#[test]
fn templates_declare_what_the_cases_say() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/ingest/inventory");
    let mut cases: Vec<_> = std::fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|path| path.is_dir() || path.extension().is_some_and(|ending| ending != "expected"));
    cases.sort();
    assert!(cases.len() > 20, "the cases were found");
    let mut failures = Vec::new();
    for case in cases {
        let path = if case.is_dir() {
            let inside = std::fs::read_dir(&case).unwrap().map(|entry| entry.unwrap().path());
            inside.filter(|path| path.file_stem().is_some_and(|stem| stem == "main")).min().unwrap()
        } else {
            case.clone()
        };
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().to_string_lossy().into_owned();
        let options = options_of(&path, &text);
        let mut found = match crate::ingest::read(&name, text.into_bytes(), &options) {
            Ok(mut unit) => {
                let older = path.with_file_name("before.yaml");
                if case.is_dir() && older.exists() {
                    let bytes = std::fs::read(older).unwrap();
                    crate::ingest::add_baseline(&mut unit, "before.yaml", bytes, &options).unwrap();
                }
                let mut out = String::new();
                for diagnostic in &unit.diagnostics {
                    let place = diagnostic.place.as_ref().map_or_else(String::new, |place| {
                        format!(" at {place:?}").replace("tests/cases/ingest/inventory/", "")
                    });
                    writeln!(out, "{} {}{place}", diagnostic.code.id(), diagnostic.message).unwrap();
                }
                out.push_str(&inventory(&unit, &unit.inventory));
                if let Some(before) = &unit.before {
                    writeln!(out, "--- before").unwrap();
                    out.push_str(&inventory(&unit, before));
                }
                out
            }
            Err(diagnostic) => format!("{} {}\n", diagnostic.code.id(), diagnostic.message),
        };
        if found.is_empty() {
            found = "nothing\n".to_owned();
        }
        let expected = case.with_extension("expected");
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&expected, &found).unwrap();
        }
        if std::fs::read_to_string(&expected).unwrap_or_default() != found {
            failures.push(format!("{}:\n{found}", case.display()));
        }
    }
    assert!(
        failures.is_empty(),
        "{} differ (UPDATE_GOLDEN=1 writes them):\n{}",
        failures.len(),
        failures.join("\n")
    );
}

/// Sixty independent conditions, and twenty-six stacks that are given all of them, each with a role whose policies,
/// names and texts depend on all: what grows with the number of combinations never ends.
#[test]
fn independent_conditions_do_not_multiply() {
    const CONDITIONS: usize = 60;
    const STACKS: usize = 26;
    let folder = std::env::temp_dir().join(format!("rolecall-conditions-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let each = |make: &dyn Fn(usize) -> String| (0..CONDITIONS).map(make).collect::<String>();
    let parameters = each(&|i| format!("  P{i}: {{Type: String, AllowedValues: [a, b, c]}}\n"));
    let conditions = each(&|i| format!("  C{i}: !Equals [!Ref P{i}, a]\n"));
    let any = each(&|i| if i == 0 { "!Condition C0".to_owned() } else { format!(", !Condition C{i}") });
    let policies =
        each(&|i| format!("        - !If [C{i}, 'arn:aws:iam::aws:policy/P{i}', !Ref AWS::NoValue]\n"));
    let parts = each(&|i| format!("!If [C{i}, x{i}, y{i}], "));
    let head = format!(
        "Parameters:\n{parameters}Conditions:\n{conditions}  Half: !Or [{}]\n  Other: !And [{}]\n",
        &any[..any.match_indices(',').nth(9).unwrap().0],
        &any[..any.match_indices(',').nth(9).unwrap().0]
    );
    let role = format!(
        "  Role:\n    Type: AWS::IAM::Role\n    Condition: Half\n    Properties:\n      RoleName: !Join ['-', [{parts}z]]\n      \
         AssumeRolePolicyDocument: {{Statement: []}}\n      ManagedPolicyArns:\n{policies}"
    );
    std::fs::write(
        folder.join("child.yaml"),
        format!("{head}Resources:\n{role}Outputs: {{Name: {{Value: !Ref Role}}}}\n"),
    )
    .unwrap();
    let passed = each(&|i| format!("        P{i}: !If [C{i}, a, !Ref P{i}]\n"));
    let stacks: String = (0..STACKS)
        .map(|i| {
            format!(
                "  Stack{i}:\n    Type: AWS::CloudFormation::Stack\n    Condition: C{i}\n    Properties:\n      \
                 TemplateURL: child.yaml\n      Parameters:\n{passed}  Profile{i}:\n    Type: AWS::IAM::InstanceProfile\n    \
                 Properties: {{Roles: [!GetAtt Stack{i}.Outputs.Name]}}\n"
            )
        })
        .collect();
    let main = format!("{head}Resources:\n{role}{stacks}");
    let name = folder.join("main.yaml").to_string_lossy().into_owned();
    let started = std::time::Instant::now();
    let unit = crate::ingest::read(&name, main.into_bytes(), &Options::default()).unwrap();
    let taken = started.elapsed();
    std::fs::remove_dir_all(&folder).unwrap();
    let roles = unit.inventory.of_kind(crate::model::Kind::Role).len();
    let attached =
        unit.inventory.links().iter().filter(|link| link.relation == crate::model::Relation::Attached);
    assert_eq!(roles, STACKS + 1);
    assert_eq!(attached.count(), (STACKS + 1) * CONDITIONS);
    // Without optimisation, and on a busy machine, everything takes longer.
    let limit = if cfg!(debug_assertions) { 6.0 } else { 1.0 };
    assert!(taken.as_secs_f64() < limit, "it took {taken:?}");
}

/// The way back from a value to what was written, as `explain` shows it.
#[test]
fn values_say_where_they_come_from() {
    let text = "Parameters:\n  Env: {Type: String, Default: prod}\nMappings:\n  M: {prod: {Name: AdministratorAccess}}\n\
                Conditions:\n  C: !Equals [!Ref 'AWS::Region', eu-west-1]\nResources:\n  R:\n    Type: AWS::IAM::Role\n    Properties:\n      \
                ManagedPolicyArns:\n        - !Sub ['arn:aws:iam::aws:policy/${P}', {P: !FindInMap [M, !Ref Env, Name]}]\n        \
                - !If [C, !Join ['', ['arn:aws:iam::aws:policy/', !Ref Env]], x]\n";
    let unit = crate::ingest::read("t.yaml", text.as_bytes().to_vec(), &Options::default()).unwrap();
    let mut out = String::new();
    for link in unit.inventory.links() {
        for origin in crate::document::origins(&unit.tree, link.value) {
            let line = unit.tree.place(origin.node).map_or(0, |place| {
                let source = unit.tree.source(place.span.file).unwrap();
                source.lines().position(source.text(), place.span.start).line
            });
            let indent = "  ".repeat(origin.depth);
            let by = origin.by.unwrap_or("written");
            writeln!(out, "{indent}{} by {by}, line {line}", unit.tree.display(origin.node)).unwrap();
        }
    }
    let expected = "\
arn:aws:iam::aws:policy/AdministratorAccess by Fn::Sub, line 12
  arn:aws:iam::aws:policy/${P} by written, line 12
  AdministratorAccess by Fn::FindInMap, line 12
    AdministratorAccess by written, line 4
    prod by Ref, line 12
      prod by written, line 2
      {Type: String, Default: prod} by written, line 2
arn:aws:iam::aws:policy/prod by Fn::Join, line 13
  prod by Ref, line 13
    prod by written, line 2
    {Type: String, Default: prod} by written, line 2
x by written, line 13
";
    assert_eq!(out, expected);
}

/// Names made of names double with each step.
#[test]
fn texts_that_double_become_holes() {
    let mut text =
        String::from("Resources:\n  R0: {Type: AWS::IAM::User, Properties: {UserName: xxxxxxxxxx}}\n");
    for i in 1..60 {
        let before = i - 1;
        writeln!(
            text,
            "  R{i}: {{Type: AWS::IAM::User, Properties: {{UserName: !Sub '${{R{before}}}${{R{before}}}'}}}}"
        )
        .unwrap();
    }
    let unit = crate::ingest::read("t.yaml", text.into_bytes(), &Options::default()).unwrap();
    let names: Vec<_> = unit.inventory.entities().iter().filter_map(|entity| entity.get("name")).collect();
    assert_eq!(names.len(), 60);
    assert!(names.iter().all(|&name| unit.tree.display(name).len() < 2_000_000));
    assert_eq!(unit.tree.string(names[3]).unwrap().len(), 80);
}
