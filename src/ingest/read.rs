//! One input, from bytes to a unit.

use std::sync::Arc;

use crate::document::yaml::Schema;
use crate::document::{
    Code, Diagnostic, Location, NodeId, Source, SyntaxError, Tree, View, json, parse, strip_ansi,
};

use crate::model::Inventory;

use super::assembly::Assembly;
use super::cloudformation::{self, References};
use super::kind::{InputKind, NotAnInput, detect};
use super::{Configuration, Options, Unit, bare, lean, terraform};

/// Reads one input. A defect that leaves nothing to judge is the error; lesser ones are in the unit.
pub fn read(name: &str, bytes: Vec<u8>, options: &Options) -> Result<Unit, Box<Diagnostic>> {
    if bytes.len() > options.limits.bytes {
        let limit = crate::document::LimitError::Bytes(options.limits.bytes);
        return Err(Box::new(Diagnostic::new(Code::Limit, limit.to_string()).in_file(name)));
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return Err(Box::new(binary_plan(name)));
    }
    let mut source = Source::decode(name, bytes).map_err(|error| Diagnostic::encoding(name, &error))?;
    if source.text().trim().is_empty() {
        let made = Diagnostic::new(Code::Empty, "the file is empty").in_file(name);
        return Err(Box::new(made.help("check that the command that wrote it succeeded")));
    }
    let mut diagnostics = Vec::new();
    let plan = if options.facts_only { lean::plan(&mut source, options.limits) } else { None };
    let (tree, root) = match plan {
        Some(plan) => plan,
        None => document(&source, options, &mut diagnostics)?,
    };
    let kind = detect(&tree, root).map_err(|what| match what {
        NotAnInput::Other if looks_like_hcl(source.text()) => Box::new(hcl(&source)),
        what => Box::new(not_an_input(&source, &tree, root, what)),
    })?;
    Ok(build(name, Read { tree, root, kind, diagnostics }, options))
}

/// Resolves every reference of a template, whether an entity needs it or not, and says what they lead to. Other inputs
/// have none.
pub fn count_references(unit: Unit, options: &Options) -> References {
    if !matches!(unit.kind, InputKind::CloudFormation | InputKind::Sam) {
        return References::default();
    }
    let mut assembly = Assembly::new(unit.tree);
    cloudformation::count(&mut assembly, unit.root, options)
}

struct Read {
    tree: Tree,
    root: NodeId,
    kind: InputKind,
    diagnostics: Vec<Diagnostic>,
}

fn build(name: &str, read: Read, options: &Options) -> Unit {
    let Read { tree, root, kind, mut diagnostics } = read;
    report_duplicates(&tree, &mut diagnostics);
    let mut assembly = Assembly::new(tree);
    let mut condition_names = Vec::new();
    let mut earlier = terraform::Before::Nothing;
    let configuration = match kind {
        InputKind::TerraformPlan => options.configuration.as_deref(),
        _ => None,
    };
    let configuration = configuration
        .and_then(|folder| Configuration::load(folder, &options.texts, &mut diagnostics))
        .map(Arc::new);
    match kind {
        InputKind::CloudFormation | InputKind::Sam => {
            condition_names = cloudformation::ingest(&mut assembly, root, options);
        }
        InputKind::TerraformPlan => {
            earlier = terraform::ingest_plan(&mut assembly, root, options, configuration.clone());
        }
        InputKind::ChangeSet => {
            cloudformation::ingest_side(&mut assembly, root, cloudformation::Side::After, options);
        }
        InputKind::TerraformState => terraform::ingest_state(&mut assembly, root, options),
        InputKind::SsmDocument => bare::ingest_document(&mut assembly, root, name),
        InputKind::IamPolicy => bare::ingest_policy(&mut assembly, root, name),
        InputKind::AuthorizationDetails => bare::ingest_authorization(&mut assembly, root),
    }
    if !matches!(kind, InputKind::TerraformPlan | InputKind::TerraformState) {
        assembly.inventory.set_account(options.account.as_deref());
    }
    finish(&mut assembly, name, options, &mut diagnostics);
    let unchanged = matches!(earlier, terraform::Before::Same);
    let before = match kind {
        InputKind::ChangeSet => Some(before_change(&mut assembly, root, options)),
        _ => before(&mut assembly, earlier, options),
    };
    Unit {
        name: name.into(),
        kind,
        tree: assembly.tree,
        root,
        conditions: assembly.conditions,
        premise: assembly.premise,
        condition_names,
        inventory: assembly.inventory,
        before,
        unchanged,
        configuration,
        nested: assembly.nested,
        parts: Vec::new(),
        exports: assembly.exports,
        imports: assembly.imports,
        diagnostics,
    }
}

/// Ties what was declared, and takes what was found wrong.
pub(super) fn finish(
    assembly: &mut Assembly,
    name: &str,
    options: &Options,
    diagnostics: &mut Vec<Diagnostic>,
) {
    assembly.inventory.set_today(options.today);
    assembly.inventory.set_closed(options.closed_world);
    cloudformation::ingest_templates(assembly, options);
    assembly.tie();
    diagnostics.append(&mut assembly.diagnostics);
    // What is said of the input as a whole is said of its file.
    for one in diagnostics.iter_mut().filter(|one| one.file.is_none()) {
        one.file = Some(name.into());
    }
}

/// What there was before a plan, on the same tree.
fn before(assembly: &mut Assembly, what: terraform::Before, options: &Options) -> Option<Inventory> {
    match what {
        terraform::Before::Nothing => None,
        terraform::Before::Same => Some(assembly.inventory.clone()),
        terraform::Before::Empty => Some(Inventory::default()),
        terraform::Before::Other(plan) => {
            let mut earlier = assembly.beside();
            terraform::ingest_before(&mut earlier, &plan, options);
            drop(plan);
            earlier.tie();
            let inventory = std::mem::take(&mut earlier.inventory);
            assembly.take_back(earlier);
            Some(inventory)
        }
    }
}

/// What a change set says was there before it.
fn before_change(assembly: &mut Assembly, root: NodeId, options: &Options) -> Inventory {
    let mut before = assembly.beside();
    cloudformation::ingest_side(&mut before, root, cloudformation::Side::Before, options);
    before.tie();
    let inventory = std::mem::take(&mut before.inventory);
    assembly.take_back(before);
    inventory
}

/// The main document of a source, in JSON or YAML.
fn document(
    source: &Arc<Source>,
    options: &Options,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<(Tree, NodeId), Box<Diagnostic>> {
    let mut tree = Tree::new();
    let file = tree.add_source(Arc::clone(source));
    let text = source.text();
    let error = match parse(&mut tree, file, text, Schema::CloudFormation, options.limits) {
        Ok(parsed) => match parsed.roots.as_slice() {
            [] => {
                let made = Diagnostic::new(Code::Empty, "the file holds nothing but comments")
                    .in_file(source.name());
                return Err(Box::new(made.help("check that it is the file that you mean")));
            }
            [root] if !is_log_line(&tree, *root) => return Ok((tree, *root)),
            roots => match main_document(&tree, roots) {
                Some(root) => return Ok((tree, root)),
                None => SyntaxError::new(0, "none of the documents in the file can be checked"),
            },
        },
        Err(error) => error,
    };
    if is_plan_log(text) {
        return Err(Box::new(plan_log(source)));
    }
    if let Some(found) = plan_in_text(source, options, diagnostics) {
        return Ok(found);
    }
    if looks_like_hcl(text) {
        return Err(Box::new(hcl(source)));
    }
    Err(Box::new(no_document(source, error)))
}

/// What is wrong with a text that is no document.
fn no_document(source: &Arc<Source>, error: SyntaxError) -> Diagnostic {
    let text = source.text();
    let start = text.trim_start();
    if ["{%", "{{", "{#"].iter().any(|mark| start.starts_with(mark)) {
        return Diagnostic::new(Code::UnknownKind, "this is a template of another tool")
            .at(Location::at(Arc::clone(source), text.len() - start.len()))
            .help("render it, and check what comes of it");
    }
    let code = if start.starts_with(['{', '[']) { Code::Json } else { Code::Yaml };
    let conflict =
        text.find("<<<<<<< ").filter(|&at| at == 0 || text.get(..at).is_some_and(|t| t.ends_with('\n')));
    match conflict {
        Some(at) => Diagnostic::new(code, "the file has marks of a merge conflict")
            .at(Location::at(Arc::clone(source), at))
            .help("settle the conflict, and take the marks out"),
        None => Diagnostic::syntax(code, source, error),
    }
}

/// Of several YAML documents, the one that can be checked.
pub(super) fn main_document(tree: &Tree, roots: &[NodeId]) -> Option<NodeId> {
    let known = roots.iter().copied().find(|&root| detect(tree, root).is_ok());
    known.or_else(|| roots.first().copied().filter(|&root| !is_log_line(tree, root)))
}

fn is_log_line(tree: &Tree, root: NodeId) -> bool {
    tree.get(root, "@level").is_some() && tree.get(root, "@message").is_some()
}

/// Terraform's `-json` output: one object a line, each with a level and a message.
fn is_plan_log(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty()).take(3).peekable();
    lines.peek().is_some() && lines.all(|line| line.contains("\"@level\"") && line.contains("\"@message\""))
}

/// A plan's JSON with other text around it, as when the output of several commands went into one file.
fn plan_in_text(
    source: &Arc<Source>,
    options: &Options,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(Tree, NodeId)> {
    let text = source.text();
    if !text.contains("\"format_version\"") {
        return None;
    }
    let clean = strip_ansi(text);
    let source = if clean.len() == text.len() {
        Arc::clone(source)
    } else {
        Source::from_text(source.name(), &*clean)
    };
    let text = source.text();
    for start in starts_of_objects(text) {
        let mut tree = Tree::new();
        let file = tree.add_source(Arc::clone(&source));
        let Ok((root, _)) = json::read(&mut tree, file, text, start, options.limits) else { continue };
        if matches!(detect(&tree, root), Ok(InputKind::TerraformPlan | InputKind::TerraformState)) {
            let made = Diagnostic::new(Code::TextAround, "text around the JSON was skipped");
            diagnostics.push(made.at(Location::at(Arc::clone(&source), start)));
            return Some((tree, root));
        }
    }
    None
}

/// Braces at the start of a line, and the one before the first `format_version`.
fn starts_of_objects(text: &str) -> impl Iterator<Item = usize> + '_ {
    let before_version = text.find("\"format_version\"").and_then(|at| text.get(..at)?.rfind('{'));
    let lines = text
        .match_indices('{')
        .map(|(at, _)| at)
        .filter(|&at| at == 0 || text.as_bytes().get(at - 1).is_some_and(|byte| *byte == b'\n'));
    before_version.into_iter().chain(lines.take(64))
}

pub(super) fn report_duplicates(tree: &Tree, diagnostics: &mut Vec<Diagnostic>) {
    for duplicate in tree.duplicates() {
        let key = tree.scalar(duplicate.again).unwrap_or("");
        let mut made =
            Diagnostic::new(Code::DuplicateKey, format!("the key `{key}` stands twice in one map"));
        if let Some(again) = tree.location(duplicate.again) {
            made = made.at(again);
        }
        if let Some(first) = tree.location(duplicate.first) {
            made = made.related(first, "it stands here first");
        }
        diagnostics.push(made.help("only the last one is used: remove one of them"));
    }
}

fn binary_plan(name: &str) -> Diagnostic {
    Diagnostic::new(Code::BinaryPlan, "this is a binary plan file")
        .in_file(name)
        .help(format!("run `terraform show -json {name} > plan.json` and check `plan.json`"))
}

fn plan_log(source: &Source) -> Diagnostic {
    Diagnostic::new(Code::PlanLog, "this is the log of a Terraform command, not a plan")
        .in_file(source.name())
        .help("run `terraform plan -out tf.plan`, then `terraform show -json tf.plan > plan.json`, and check `plan.json`")
}

fn hcl(source: &Source) -> Diagnostic {
    Diagnostic::new(Code::UnknownKind, "this is Terraform source, not a plan")
        .in_file(source.name())
        .help("run `terraform plan -out tf.plan`, then `terraform show -json tf.plan > plan.json`, and check `plan.json`")
}

fn looks_like_hcl(text: &str) -> bool {
    let opens_block = |line: &str| {
        let line = line.trim_end();
        let word = line.split([' ', '"']).next().unwrap_or("");
        matches!(
            word,
            "resource" | "data" | "module" | "variable" | "provider" | "output" | "locals" | "terraform"
        ) && line.ends_with('{')
    };
    text.lines().any(opens_block)
}

fn not_an_input(source: &Arc<Source>, tree: &Tree, root: NodeId, what: NotAnInput) -> Diagnostic {
    let name = source.name();
    let (code, message, help) = match what {
        NotAnInput::RawState => (
            Code::RawState,
            "this is a raw state file, whose format is private to Terraform",
            format!("run `terraform show -json {name} > state.json` and check `state.json`"),
        ),
        NotAnInput::ParameterFile => (
            Code::UnknownKind,
            "this is a file of parameter values, not a template",
            format!("check the template and give the values with `--parameters {name}`"),
        ),
        NotAnInput::ChangeSet => (
            Code::UnknownKind,
            "this is a change set, which does not hold the template",
            "check the template that the change set was made from, or describe the change set with \
             `--include-property-values`"
                .to_owned(),
        ),
        NotAnInput::CdkAssembly => (
            Code::UnknownKind,
            "this file of a CDK assembly holds no template",
            "check the folder that it is in: its manifest says which stacks it holds".to_owned(),
        ),
        NotAnInput::StackPolicy => (
            Code::UnknownKind,
            "this is a stack policy, which grants nothing in IAM",
            "check the template of the stack".to_owned(),
        ),
        NotAnInput::NoResources => (
            Code::UnknownKind,
            "this looks like a CloudFormation template, but nothing in its `Resources` has a type",
            "a resource is a map with a `Type` such as `AWS::IAM::Role`".to_owned(),
        ),
        NotAnInput::Other => (
            Code::UnknownKind,
            "the content is no CloudFormation template, Terraform plan or state, SSM document, IAM policy or account \
             authorization details",
            "see `rolecall check --help` for what can be checked".to_owned(),
        ),
    };
    let mut made = Diagnostic::new(code, message).in_file(name).help(help);
    // The first key is what a person looks at to see what the file is.
    let first = match tree.view(root) {
        View::Map(map) if what == NotAnInput::NoResources => map.entry("Resources").map(|(key, _)| key),
        View::Map(map) => map.iter().next().map(|(key, _, _)| key),
        _ => Some(root),
    };
    for twice in tree.duplicates().iter().filter(|twice| tree.string(twice.again) == Some("Resources")) {
        if let Some(place) = tree.location(twice.first) {
            made = made.related(place, "`Resources` stands here as well, and the last one counts");
        }
    }
    if let Some(place) = first.and_then(|node| tree.place(node)) {
        made = made.at(Location::new(Arc::clone(source), place.span));
    }
    made
}
