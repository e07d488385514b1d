//! Test files: which there are, which rule file each belongs to, and what they say.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::document::{Kind, Limits, NodeId, Source, Tree, View, parse, yaml};

use crate::rules::Scalar;

use super::fault::Fault;
use super::input::{self, Order};

/// A rule file with its test files.
#[derive(Debug)]
pub(super) struct Pair {
    /// The rule file's name without its ending.
    pub(super) prefix: String,
    pub(super) rules: PathBuf,
    pub(super) tests: Vec<PathBuf>,
}

/// What one test file says.
#[derive(Debug)]
pub(super) struct Specs {
    pub(super) tree: Tree,
    pub(super) all: Vec<Spec>,
}

/// A case.
#[derive(Debug)]
pub(super) struct Spec {
    pub(super) name: Option<String>,
    pub(super) input: NodeId,
    pub(super) expectations: BTreeMap<String, String>,
}

/// Test files at a path.
pub(super) fn files(path: &Path, order: Order) -> Vec<PathBuf> {
    let endings = &[".json", ".yaml", ".JSON", ".YAML", ".yml", ".jsn"];
    input::walk(path, order, false).into_iter().filter(|file| input::ends_with(file, endings)).collect()
}

/// The rule files of a folder, by folder and name, with the files in the folder `tests` beside them whose names start like
/// theirs. As in the peer, a test file belongs to the first rule file that it could belong to.
pub(super) fn pairs(folder: &Path) -> Vec<Pair> {
    let mut folders: BTreeMap<String, Vec<Pair>> = BTreeMap::new();
    let mut others = Vec::new();
    for file in input::walk(folder, Order::Name, true) {
        let name = input::file_name(&file);
        match input::RULES.iter().find_map(|ending| name.strip_suffix(ending)) {
            Some(prefix) => {
                let parent = file.parent().map(|parent| parent.display().to_string()).unwrap_or_default();
                let prefix = prefix.to_owned();
                folders.entry(parent).or_default().push(Pair { prefix, rules: file, tests: Vec::new() });
            }
            None => others.push(file),
        }
    }
    for file in others.into_iter().filter(|file| input::ends_with(file, &[".yaml", ".yml", ".json", ".jsn"]))
    {
        let Some(tests) = file.parent().filter(|parent| parent.ends_with("tests")) else { continue };
        let beside = tests.parent().map(|beside| beside.display().to_string()).unwrap_or_default();
        let name = input::file_name(&file);
        let candidates = folders.get_mut(&beside).into_iter().flatten();
        if let Some(pair) = candidates.into_iter().find(|pair| name.starts_with(&pair.prefix)) {
            pair.tests.push(file);
        }
    }
    folders.into_values().flatten().collect()
}

/// Reads a test file. What is wrong with it ends in a comma in the peer's text, and in nothing in its structured reports.
pub(super) fn read(path: &Path, end: &str) -> Result<Specs, Fault> {
    let text = input::text(path)?;
    let source = Source::from_text(path.display().to_string(), text);
    let mut tree = Tree::new();
    let file = tree.add_source(Arc::clone(&source));
    let bad = |what: String| {
        Fault::parse(&format!("Unable to process data in file {}, Error {what}{end}", path.display()))
    };
    let parsed = parse(&mut tree, file, source.text(), yaml::Schema::Core, Limits::default());
    let parsed = parsed.map_err(|error| {
        let at = source.lines().position(source.text(), u32::try_from(error.offset).unwrap_or(0));
        bad(format!("{} at line {} column {}", error.message, at.line, at.column))
    })?;
    let place = |tree: &Tree, node: NodeId| {
        let start = tree.place(node).map_or(0, |place| place.span.start);
        let at = source.lines().position(source.text(), start);
        format!("at line {} column {}", at.line, at.column)
    };
    if let Some(twice) = tree.duplicates().first() {
        let key = tree.scalar(twice.again).unwrap_or("");
        return Err(bad(format!("duplicate entry with key \"{key}\" {}", place(&tree, twice.again))));
    }
    if let Some(again) = parsed.roots.get(1) {
        return Err(bad(format!("more than one document in a test file {}", place(&tree, *again))));
    }
    // A file without a value holds no tests.
    let written = |root: &NodeId| {
        let place = tree.place(*root);
        tree.kind(*root) != Kind::Null || place.is_some_and(|place| place.span.start < place.span.end)
    };
    let Some(root) = parsed.roots.first().copied().filter(written) else {
        return Ok(Specs { tree, all: Vec::new() });
    };
    let Some(list) = tree.list(root) else {
        return Err(bad(format!("expected a list of test cases {}", place(&tree, root))));
    };
    let all = list
        .iter()
        .map(|case| spec(&tree, case).map_err(|what| bad(format!("{what} {}", place(&tree, case)))));
    let all = all.collect::<Result<Vec<_>, _>>()?;
    if let Some((node, what)) = all.iter().find_map(|spec| refused(&tree, spec.input)) {
        return Err(bad(format!("{what} {}", place(&tree, node))));
    }
    Ok(Specs { tree, all })
}

/// A scalar that the reader of tests refuses, and why.
fn refused(tree: &Tree, root: NodeId) -> Option<(NodeId, String)> {
    let mut left = vec![root];
    while let Some(node) = left.pop() {
        match tree.view(node) {
            View::List(list) => left.extend(list.iter()),
            View::Map(map) => left.extend(map.iter().map(|(_, _, value)| value)),
            View::String(text) | View::Number(text) => {
                let is_plain = tree.is_plain(node) || tree.kind(node) == Kind::Number;
                if Scalar::read(text, tree.tag(node), is_plain).is_none() {
                    let what = match tree.tag(node) {
                        Some(tag) => format!("`{text}` is no value for the tag `!{tag}`"),
                        None => format!("`{text}` does not fit into 64 bits"),
                    };
                    return Some((node, what));
                }
            }
            _ => {}
        }
    }
    None
}

fn spec(tree: &Tree, case: NodeId) -> Result<Spec, String> {
    let field = |name: &str| tree.get(case, name);
    let name = match field("name") {
        None => None,
        Some(node) if tree.kind(node) == Kind::Null => None,
        Some(node) => Some(written(tree, node).ok_or("`name` is no string")?),
    };
    let input = field("input").ok_or("missing field `input`")?;
    let expectations = field("expectations").ok_or("missing field `expectations`")?;
    let rules = tree.get(expectations, "rules").ok_or("missing field `rules`")?;
    let Some(rules) = tree.map(rules) else { return Err("`rules` is no map".to_owned()) };
    let mut out = BTreeMap::new();
    for (_, rule, status) in rules.iter() {
        let status =
            written(tree, status).ok_or_else(|| format!("the expectation of `{rule}` is no string"))?;
        out.insert(rule.to_owned(), status);
    }
    Ok(Spec { name, input, expectations: out })
}

/// A scalar where a text belongs: what is not in quotes is a text as well.
fn written(tree: &Tree, node: NodeId) -> Option<String> {
    match tree.view(node) {
        View::String(text) => Some(text.to_owned()),
        _ if !tree.is_plain(node) || tree.tag(node).is_some() => None,
        _ => {
            let place = tree.place(node)?;
            Some(place.span.slice(tree.source(place.span.file)?.text()).to_owned())
        }
    }
}
