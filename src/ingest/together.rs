//! Several plans of one deployment: what one declares, another attaches to.
//!
//! The plans are read into one unit. What an ARN names is looked for in the plan of its account; names are compared only
//! between plans that are not known to be of different accounts.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::document::{Condition, FileId, NodeId, Source, Tree, json};
use crate::model::Inventory;

use super::assembly::Assembly;
use super::kind::{InputKind, detect};
use super::terraform::{self, Before};
use super::{Configuration, Options, Unit};

/// Scopes of one plan are told from those of another by their thousands.
const SCOPES: u32 = 1000;

/// A plan that is read with others.
#[derive(Debug)]
struct Part {
    name: Box<str>,
    root: NodeId,
    account: Option<String>,
}

/// Several plans, read as one unit.
#[derive(Debug)]
pub struct Together {
    /// The unit; its root is that of the first plan.
    pub unit: Unit,
    /// How many entities each plan declares, in the order of the inputs.
    pub entities: Vec<usize>,
}

/// Whether a text looks like a plan.
pub fn looks_like_plan(bytes: &[u8]) -> bool {
    let has = |what: &[u8]| memchr::memmem::find(bytes, what).is_some();
    let start = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    start == Some(&b'{') && has(b"\"format_version\"") && has(b"\"resource_changes\"")
}

/// Reads plans as one unit; the position of one that cannot be read with others, where there is one.
pub fn read_together(inputs: Vec<(Box<str>, Vec<u8>)>, options: &Options) -> Result<Together, usize> {
    let mut tree = Tree::new();
    let mut parts = Vec::with_capacity(inputs.len());
    for (position, (name, bytes)) in inputs.into_iter().enumerate() {
        let root = read(&mut tree, &name, bytes, options).ok_or(position)?;
        let account = terraform::account(&tree, root);
        parts.push(Part { name, root, account });
    }
    let mut assembly = Assembly::new(tree);
    let accounts: BTreeSet<&String> = parts.iter().filter_map(|part| part.account.as_ref()).collect();
    let several = accounts.len() > 1;
    let mut scopes: BTreeMap<&str, u32> = BTreeMap::new();
    let mut bases = Vec::with_capacity(parts.len());
    for (position, part) in (1u32..).zip(&parts) {
        // Plans of one account share their names, and so do all where no two accounts are known.
        let base = position.saturating_mul(SCOPES);
        let own = match &part.account {
            _ if !several => 0,
            Some(account) => *scopes.entry(account).or_insert(base),
            None => base,
        };
        bases.push((own, base));
    }
    if !several {
        scopes.extend(accounts.iter().map(|account| (account.as_str(), 0)));
    }
    assembly.accounts = scopes.iter().map(|(account, scope)| ((*account).to_owned(), *scope)).collect();
    let mut configurations = Vec::new();
    let mut said = Vec::new();
    for (part, bases) in parts.iter().zip(&bases) {
        assembly.bases = *bases;
        let configuration = options
            .configuration
            .as_deref()
            .and_then(|folder| Configuration::load(folder, &options.texts, &mut assembly.diagnostics));
        let configuration = configuration.map(std::sync::Arc::new);
        said.push(terraform::ingest_plan(&mut assembly, part.root, options, configuration.clone()));
        configurations.extend(configuration);
        for one in assembly.diagnostics.iter_mut().filter(|one| one.file.is_none()) {
            one.file = Some(part.name.clone());
        }
    }
    assembly.tie();
    let knows = said.iter().any(|before| !matches!(before, Before::Nothing));
    let before = knows.then(|| before(&mut assembly, &parts, &bases, options));
    let entities = parts.iter().map(|part| count(&assembly, part.root)).collect();
    let name = parts.first().map_or_else(Box::default, |part| part.name.clone());
    let root = parts.first().map_or(NodeId::from_index(0), |part| part.root);
    let diagnostics = std::mem::take(&mut assembly.diagnostics);
    Ok(Together {
        unit: Unit {
            name,
            kind: InputKind::TerraformPlan,
            tree: assembly.tree,
            root,
            conditions: assembly.conditions,
            condition_names: Vec::new(),
            inventory: assembly.inventory,
            before,
            unchanged: said.iter().all(|before| matches!(before, Before::Same)),
            configuration: configurations.into_iter().next(),
            diagnostics,
            premise: Condition::ALWAYS,
            exports: Vec::new(),
            imports: Vec::new(),
            nested: Vec::new(),
            parts: Vec::new(),
        },
        entities,
    })
}

/// What there was before all of the plans.
fn before(assembly: &mut Assembly, parts: &[Part], bases: &[(u32, u32)], options: &Options) -> Inventory {
    let mut earlier = assembly.beside();
    earlier.accounts.clone_from(&assembly.accounts);
    for (part, bases) in parts.iter().zip(bases) {
        earlier.bases = *bases;
        terraform::ingest_earlier(&mut earlier, part.root, options);
    }
    earlier.tie();
    let inventory = std::mem::take(&mut earlier.inventory);
    assembly.take_back(earlier);
    inventory
}

fn count(assembly: &Assembly, root: NodeId) -> usize {
    let file: Option<FileId> = assembly.tree.file_of(root);
    let entities = assembly.inventory.entities().iter();
    entities.filter(|entity| assembly.tree.file_of(entity.node) == file).count()
}

/// Reads one plan into a tree.
fn read(tree: &mut Tree, name: &str, bytes: Vec<u8>, options: &Options) -> Option<NodeId> {
    if bytes.len() > options.limits.bytes {
        return None;
    }
    let source = Source::decode(name, bytes).ok()?;
    let file = tree.add_source(std::sync::Arc::clone(&source));
    let text = source.text();
    let without: &[&str] = if options.facts_only { &["planned_values", "resource_drift"] } else { &[] };
    let (root, end) = json::read_without(tree, file, text, 0, options.limits, without).ok()?;
    let whole = text.get(end..)?.trim_matches([' ', '\n', '\r', '\t']).is_empty();
    (whole && detect(tree, root) == Ok(InputKind::TerraformPlan)).then_some(root)
}
